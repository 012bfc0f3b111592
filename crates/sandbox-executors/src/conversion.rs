//! Datasets from one form into another: `GeneralDataExecutorHook`.
//!
//! | module | `type` | what it makes of `BASE.jsonl` |
//! | --- | --- | --- |
//! | [`coco_caption`] | `coco_caption_to_dj_conversion` | `BASE_dj_fmt.jsonl` |
//! | [`coco_meta`] | `coco_caption_meta_generation` | `BASE_meta.json` |
//! | [`easyanimate`] | `dj_to_easyanimate_video_dataset_conversion` | `BASE_ea_fmt.json` |
//!
//! Each is a function from a [`Conversion`] to a [`Converted`], and a component. Rows keep their own bytes; a row without
//! what is needed is set aside in `BASE_..._rejected.jsonl` beside the output, with its place and the reason. A file under its
//! final name is complete.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (input, export) = (folder.path().join("clips.jsonl"), folder.path().join("out"));
//! use sandbox_executors::conversion::{Conversion, easyanimate};
//! std::fs::write(&input, "{\"videos\": [\"v.mp4\"], \"text\": \"<__dj__video> a clip\"}\n")?;
//! let converted = easyanimate::convert(&Conversion::new(&[input.display().to_string()], &export))?;
//! assert_eq!(converted.files[0].output, export.join("clips_ea_fmt.json"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod coco_caption;
pub mod coco_meta;
mod component;
pub mod easyanimate;
mod error;
mod inputs;
mod relative;
mod rows;

use std::path::{Path, PathBuf};

use sandbox_recipe::Observer;
use serde::Serialize;

pub use error::ConversionError;
pub use relative::relative_path;

/// What is converted, and where to.
#[derive(Clone, Copy)]
pub struct Conversion<'c> {
    /// Files, folders or patterns: JSON lines or JSON arrays, packed or not.
    pub dataset_paths: &'c [String],
    /// The folder of the outputs; made when missing.
    pub export_path: &'c Path,
    /// How many threads work.
    pub threads: usize,
    /// Who watches.
    pub observer: &'c dyn Observer,
}

impl<'c> Conversion<'c> {
    /// On one thread, and nobody watches.
    ///
    /// ```
    /// let paths = ["data/coco.jsonl".to_owned()];
    /// let conversion = sandbox_executors::conversion::Conversion::new(&paths, "out/dj".as_ref());
    /// assert_eq!(conversion.threads, 1);
    /// ```
    pub fn new(dataset_paths: &'c [String], export_path: &'c Path) -> Self {
        Self { dataset_paths, export_path, threads: 1, observer: &() }
    }
}

/// What was written, in the order of the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Converted {
    /// One for each file that was read.
    pub files: Vec<ConvertedFile>,
    /// Inputs at which nothing stands.
    pub missing: Vec<String>,
}

/// One file and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConvertedFile {
    /// The file that was read.
    pub input: PathBuf,
    /// The file that was written.
    pub output: PathBuf,
    /// Rows that were read.
    pub rows_in: u64,
    /// Rows that were converted (of a meta file: that it counts).
    pub rows_out: u64,
    /// Rows that the form has no place for, such as those without videos.
    pub left_out: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Where those stand.
    pub rejected_path: Option<PathBuf>,
}
