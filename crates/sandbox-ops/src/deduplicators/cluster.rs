//! Which rows of a whole data set are kept, from their fingerprints.
//!
//! An index is fed every row once, in order, and says at the end which rows to [`Keep`]. Rows that are alike, directly or
//! through others, are one group, of which one row is kept: the first, or that of the smallest key.
//!
//! | index | rows are alike when | memory per row |
//! | --- | --- | --- |
//! | [`BandIndex`] | they have a band in common | 12 bytes per band up to a limit, then sorted runs on disk; 4 bytes |
//! | [`HammingIndex`] | their 64-bit hashes differ in few bits | 12 bytes up to a limit, then sorted runs on disk; 12 bytes, and 8 for each that is dropped |
//! | [`ExactSet`] | their digests are equal; answers at once | about 28 bytes |
//! | [`ExactIndex`] | their digests are equal | 20 bytes up to a limit, then sorted runs on disk |
//!
//! ```
//! use sandbox_ops::deduplicators::cluster::{BandIndex, Spill};
//!
//! let mut index = BandIndex::new(Spill::default());
//! for bands in [Some([1, 2]), Some([3, 4]), None, Some([5, 2]), Some([5, 4])] {
//!     index.push(bands.as_ref().map(<[_; 2]>::as_slice), None)?;
//! }
//! let keep = index.finish()?;
//! assert_eq!(keep.iter().collect::<Vec<_>>(), [true, false, true, false, false]);
//! assert_eq!(keep.root(4), 0);
//! # Ok::<(), std::io::Error>(())
//! ```

mod bands;
mod exact;
mod hamming;
mod keep;
mod runs;
mod sorter;
mod union;

pub use bands::BandIndex;
pub use exact::{ExactIndex, ExactSet};
pub use hamming::HammingIndex;
pub use keep::Keep;
pub use sorter::Spill;

/// The most rows: their numbers have 32 bits.
fn too_many_rows() -> std::io::Error {
    std::io::Error::other(format!("there are more than {} rows to compare", u32::MAX))
}
