//! Small language models trained in-process.
//!
//! Is the cleaned data better than the raw? Train a small model on each and compare how well they predict text that neither
//! has seen: this crate counts n-grams at tens of megabytes per second, so that the answer costs seconds and no GPU, and
//! gives it in *bits per byte*, a unit that does not depend on how a model cuts text into symbols.
//!
//! ```
//! use sandbox_lm::{NgramModel, NgramSettings, NgramTrainer, Scorer, Summary, paired_difference};
//!
//! let train = |documents: &[&str]| -> Result<NgramModel, sandbox_lm::LmError> {
//!     let mut trainer = NgramTrainer::new(NgramSettings::default())?;
//!     documents.iter().for_each(|document| trainer.add(document));
//!     Ok(trainer.finish())
//! };
//! let raw = train(&["the cat sat on the mat", "xq zzv qqk wwx", "kkq vvz xxw qzq"])?;
//! let clean = train(&["the cat sat on the mat", "the dog sat on the cat", "a cat saw the dog"])?;
//!
//! // One file each, opened by memory map.
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("clean.ngram");
//! clean.save(&path)?;
//! let clean = NgramModel::open(&path)?;
//!
//! let held_out = ["the cat saw the mat", "a dog sat", "the dog saw a cat on the mat"];
//! let before: Vec<_> = held_out.iter().map(|text| raw.score("", text)).collect();
//! let after: Vec<_> = held_out.iter().map(|text| clean.score("", text)).collect();
//!
//! let summary = Summary::of(&after).ok_or("no held-out text")?;
//! assert!(summary.bits_per_byte < 8.0);
//! let verdict = paired_difference(&before, &after)?.ok_or("no held-out text")?;
//! assert!(verdict.difference < 0.0, "fewer bits per byte after cleaning");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`ngram`] | n-gram models: bytes by Witten-Bell, words by modified Kneser-Ney |
//! | [`score`] | what every model answers: nats, predictions, bytes |
//! | [`summary`] | bits per byte over documents with a 95 % interval, paired comparison |
//! | [`error`] | the crate's error |

pub mod error;
pub mod ngram;
pub mod score;
pub mod summary;

pub use error::LmError;
pub use ngram::{NgramModel, NgramSettings, NgramTrainer, Unit};
pub use score::{Score, Scorer};
pub use summary::{Interval, PairedDifference, Summary, paired_difference};
