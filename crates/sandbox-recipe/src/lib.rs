//! Recipes: a list of operators over a dataset, parsed, run in one pass, analysed, refined.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let rows = folder.path().join("rows.jsonl");
//! # std::fs::write(&rows, "{\"text\": \"  a text that is long enough\"}\n{\"text\": \"short\"}\n")?;
//! use sandbox_recipe::{Recipe, RunSettings, analyze, process};
//! use serde_json::json;
//!
//! let recipe = json!({
//!     "dataset_path": rows,
//!     "export_path": folder.path().join("out/kept.jsonl"),
//!     "process": [{"whitespace_normalization_mapper": null}, {"text_length_filter": {"min_len": 10}}],
//! });
//! let recipe = Recipe::parse(&recipe, &|_| false).map_err(|findings| format!("{findings:?}"))?;
//! let report = process(&recipe, RunSettings::default())?;
//! assert_eq!((report.rows_in, report.rows_out), (2, 1));
//! assert_eq!(std::fs::read_to_string(report.export_path)?, "{\"text\": \"a text that is long enough\"}\n");
//! assert_eq!(report.operators[1].reasons, [("below min_len 10".to_owned(), 1)]);
//!
//! let analysis = analyze(&recipe, RunSettings::default())?.ok_or("nothing to analyse")?;
//! assert_eq!(analysis.overall.to_csv().lines().nth(1), Some("count,2.0"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`config`] | the recipe as it is written, checked; the table of its keys |
//! | [`run`] | one pass over the rows, threads at work, results in order |
//! | [`analyze`](mod@analyze) | statistics of all rows and the overall table |
//! | [`compare`](mod@compare) | two analyses side by side |
//! | [`ksigma`] | bounds refined to mean and standard deviations |
//! | [`report`] | what was done, in numbers |

pub mod analyze;
pub mod compare;
pub mod config;
mod error;
pub mod ksigma;
mod observe;
pub mod report;
pub mod run;

pub use analyze::{Analysis, Overall, analyze};
pub use compare::{Comparison, compare};
pub use config::{ExportType, Finding, Pictures, Recipe, Step};
pub use error::RecipeError;
pub use observe::{Observer, Progress};
pub use report::{AnalysisReport, OperatorReport, ProcessReport};
pub use run::{RunSettings, process};
