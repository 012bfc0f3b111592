//! Rows on disk: byte-preserving, lazily read, in parallel and in order.
//!
//! A data set is one or more files of JSON objects: JSON lines, a JSON array, or objects one after the other, each also
//! compressed with gzip or Zstandard. A row is a slice of the input. Its fields are found without building values, a
//! change is spliced in between the bytes that stay, and a row that nothing changes is copied as it stands. Memory is
//! bounded by the size of a chunk times the number of threads, whatever the size of the files. A row that is not what it
//! should be is set aside with `path:line: reason`; it never ends the run.
//!
//! Tables (`.csv`, `.tsv`), columns (`.parquet`), texts and source files are read as well: what they hold becomes JSON rows,
//! so that all work on rows is the same. Rows are written as JSON lines, as a JSON array or as `.parquet`, to one file or
//! to several of about one size. `-` is standard input and output.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl.zst"));
//! use sandbox_dataset::{DatasetError, Edits, Reader, RejectLog, Row, RowWriter, for_each_chunk, resolve, write_row};
//!
//! std::fs::write(&input, "{\"text\": \"a  tale\", \"n\": 1.50}\n{\"text\": 7}\n")?;
//! let files = resolve(&[input.display().to_string()], &[])?;
//! let mut reader = Reader::open(&files, Default::default())?;
//! let mut writer = RowWriter::create(&output, Default::default())?;
//! let mut rejected = RejectLog::create(&folder.path().join("rejected.jsonl"));
//!
//! for_each_chunk(
//!     &mut reader,
//!     2,
//!     &|| false, // nobody asks to stop
//!     Edits::new, // one per thread
//!     |edits, chunk| {
//!         let (mut out, mut count, mut rejects) = (Vec::new(), 0, chunk.rejects().to_vec());
//!         for raw in chunk.rows() {
//!             let done = Row::parse(raw.bytes).and_then(|row| {
//!                 let text = row.text("text")?.unwrap_or_default();
//!                 edits.clear();
//!                 edits.set_text("text", &text.replace("  ", " "));
//!                 write_row(&row, edits, &mut out)
//!             });
//!             match done {
//!                 Ok(()) => (count, _) = (count + 1, out.push(b'\n')),
//!                 Err(error) => rejects.push(chunk.reject(&raw, &error)),
//!             }
//!         }
//!         Ok::<_, DatasetError>((out, count, rejects))
//!     },
//!     |(out, count, rejects)| {
//!         rejects.iter().try_for_each(|reject| rejected.push(reject))?;
//!         writer.write_rows(&out, count)
//!     },
//! )?;
//! assert_eq!(rejected.finish()?, 1); // in.jsonl:2: field `text` is a number
//! assert_eq!(writer.finish()?.rows, 1);
//!
//! let mut reader = Reader::open(&[output], Default::default())?;
//! let chunk = reader.next_chunk()?.unwrap();
//! let rows: Vec<_> = chunk.rows().map(|row| row.bytes).collect();
//! assert_eq!(rows, [b"{\"text\": \"a tale\", \"n\": 1.50}"]); // `1.50` is still `1.50`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`source`] | paths, folders and patterns to a list of files |
//! | [`reader`] | files to chunks of rows, in bounded memory |
//! | [`parallel`] | chunks worked on by several threads, results in order |
//! | [`mixture`](mod@mixture) | several data sets as one, in parts by weight |
//! | [`row`] | the fields of a row, found lazily |
//! | [`splice`] | changes written into a row's bytes |
//! | [`writer`] | rows to files that are complete or absent, or to standard output |
//! | [`reject`] | rows set aside, with place and reason |
//! | [`texts`] | the texts of one field, for language models |
//! | [`permutation`](mod@permutation) | NumPy's seeded permutations |

mod columns;
pub mod error;
pub mod format;
pub mod mixture;
pub mod parallel;
pub mod permutation;
pub mod reader;
pub mod reject;
pub mod row;
pub mod source;
pub mod splice;
pub mod texts;
pub mod writer;

pub use error::DatasetError;
pub use format::{Compression, InputFormat, OutputFormat};
pub use mixture::{Mixture, MixturePart, MixturePlan, PlannedPart};
pub use parallel::{Ended, for_each_chunk};
pub use permutation::{Generator, permutation};
pub use reader::{Chunk, Progress, ProgressHandle, RawRow, ReadOptions, Reader};
pub use reject::{Reject, RejectLog};
pub use row::{Field, Row, RowError, RowParser, row_line};
pub use source::{Resolved, resolve, resolve_all};
pub use splice::{Edits, write_json_string, write_row};
pub use texts::Texts;
pub use writer::{MixedTypes, RowWriter, ShardWriter, WriteOptions, Written};
