//! TensorBoard's event files.
//!
//! A file is a row of records, each with its length and two checksums; a record is an `Event` in protocol buffers with a wall time, a step
//! and values with their tags. Numbers out go into `simple_value`, which is a float32: what that cannot hold to the last digit is
//! counted in [`Exported::rounded`](crate::Exported::rounded). Texts and histograms go out as the plugins `text` and `histograms` read them.
//!
//! In come `simple_value` and scalar tensors of any type, old and new histograms, and texts; pictures, sounds, graphs and what else there is are
//! counted and left out. A file that ends in the middle of a record, as one of a killed program does, is read up to there.

mod crc;
mod event;
mod export;
mod import;
mod proto;
mod record;

pub use export::export;
pub use import::import;
