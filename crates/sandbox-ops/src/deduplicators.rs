//! The deduplicators, one file each, and how rows that are alike are found from their fingerprints.

pub mod cluster;
pub mod document;
#[cfg(feature = "media")]
pub mod image;
pub mod minhash;
pub mod shingles;
pub mod simhash;
#[cfg(feature = "media")]
pub mod video;
