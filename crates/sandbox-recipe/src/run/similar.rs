//! Which rows are alike.

use std::io;
use std::path::PathBuf;

use sandbox_ops::deduplicators::cluster::{BandIndex, ExactIndex, HammingIndex, Spill};
use sandbox_ops::{Fingerprint, Likeness};

/// How much memory the search may take, and where it goes on when that is not enough.
pub(super) struct Settings {
    pub(super) memory: Option<u64>,
    pub(super) folder: PathBuf,
}

/// The fingerprints of all rows, and which of them are alike.
pub(super) enum Clusters {
    Equal(ExactIndex),
    Bands(BandIndex),
    Near(HammingIndex),
}

impl Clusters {
    /// Without rows.
    ///
    /// # Errors
    /// When hashes are to be looked up by blocks that are no more than the bits that may differ.
    pub(super) fn new(likeness: Likeness, settings: Settings) -> io::Result<Self> {
        let limit = settings.memory.and_then(|memory| usize::try_from(memory).ok()).unwrap_or(usize::MAX);
        let spill = Spill { limit, folder: settings.folder };
        Ok(match likeness {
            Likeness::Equal => Self::Equal(ExactIndex::new(spill)),
            Likeness::Bands(_) => Self::Bands(BandIndex::new(spill)),
            Likeness::Near { distance, blocks } => Self::Near(HammingIndex::new(distance, blocks, spill)?),
        })
    }

    /// The next row. A fingerprint of another form than the likeness compares is like no other.
    pub(super) fn push(&mut self, fingerprint: &Fingerprint, rank: Option<i64>) -> io::Result<()> {
        match (self, fingerprint) {
            (Self::Equal(index), Fingerprint::Exact(digest)) => index.push(Some(*digest)),
            (Self::Equal(index), _) => index.push(None),
            (Self::Bands(index), Fingerprint::Bands(bands)) => index.push(Some(bands), rank),
            (Self::Bands(index), _) => index.push(None, rank),
            (Self::Near(index), Fingerprint::Near(hash)) => index.push(Some(*hash)),
            (Self::Near(index), _) => index.push(None),
        }
    }

    /// The rows that are like another one that is kept: (row, the one that is kept).
    pub(super) fn finish(self) -> io::Result<Vec<(u64, u64)>> {
        let keep = match self {
            Self::Equal(index) => index.finish(),
            Self::Bands(index) => index.finish(),
            Self::Near(index) => index.finish(),
        }?;
        Ok(keep.duplicates().iter().map(|(row, root)| (u64::from(*row), u64::from(*root))).collect())
    }
}
