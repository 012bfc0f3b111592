//! The bytes of a model, in memory or in a mapped file.

use std::fs::File;
use std::io;

use memmap2::Mmap;

#[derive(Debug)]
pub(super) enum Storage {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl Storage {
    /// Maps a file that is open for reading.
    #[expect(unsafe_code, reason = "a map of a file is only as constant as the file")]
    pub(super) fn map(file: &File) -> io::Result<Self> {
        // SAFETY: model files are complete when they get their name and are replaced by renaming, which leaves a mapped one
        // as it was; nothing here writes into one. The bytes are read as plain integers with checked indices, so that even
        // a file changed from outside gives wrong numbers, not undefined references.
        unsafe { Mmap::map(file) }.map(Self::Mapped)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Storage::Owned(bytes) => bytes,
            Storage::Mapped(map) => map,
        }
    }
}
