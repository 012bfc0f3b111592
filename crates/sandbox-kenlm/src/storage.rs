//! The bytes of a model, in memory or in a mapped file.

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

#[derive(Debug)]
pub(crate) enum Storage {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl Storage {
    /// Maps a file that is open for reading: published models have several GB, of which a run looks at a part.
    #[expect(unsafe_code, reason = "a map of a file is only as constant as the file")]
    pub fn map(file: &File) -> io::Result<Self> {
        // SAFETY: models are put in place once and only read; nothing here writes into one. The bytes are read as plain
        // integers with checked indices, so that even a file changed from outside gives wrong numbers, not undefined
        // references.
        unsafe { Mmap::map(file) }.map(Self::Mapped)
    }
}

impl Deref for Storage {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}
