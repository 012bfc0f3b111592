//! A file of the journal, mapped into memory.
//!
//! Writing into it is storing into memory: no call to the system, nothing that a slow disk could hold up. The pages belong to the file, not to the
//! process, so a process that is killed leaves everything that it has stored. Room on the disk is taken and every page is touched
//! when the segment is made, by a thread that nobody waits for.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::{MmapMut, MmapOptions};
use rustix::fs::{FallocateFlags, fallocate};

use super::frame;

const PAGE: usize = 4096;

/// One file.
#[derive(Debug)]
pub(super) struct Segment {
    /// Its number once it is in use, from 1.
    pub(super) number: u64,
    /// Where the next record goes.
    pub(super) end: usize,
    pub(super) file: Arc<File>,
    map: MmapMut,
    path: PathBuf,
}

impl Segment {
    /// Makes a file of `size` bytes with its room on the disk.
    #[expect(unsafe_code, reason = "storing into a mapped file is what survives a kill and does not wait for a disk")]
    pub(super) fn create(path: &Path, size: usize) -> io::Result<Self> {
        let file = File::options().create_new(true).read(true).write(true).open(path)?;
        let made = take_room(&file, size).and_then(|()| {
            // SAFETY: the file was made just now under a name of this process, in a folder that only its user may enter and that this
            // process holds a lock on: nobody else writes to it or shortens it. Its room is taken, so that storing cannot fail for
            // want of space. It is read through `read_at`, never through a second map.
            unsafe { MmapOptions::new().len(size).map_mut(&file) }
        });
        match made {
            Ok(mut map) => {
                map.iter_mut().step_by(PAGE).for_each(|byte| *byte = 0);
                Ok(Self { number: 0, end: frame::HEAD, file: Arc::new(file), map, path: path.to_owned() })
            }
            Err(error) => {
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// Begins to use the file as segment `number`.
    pub(super) fn begin(&mut self, number: u64) {
        self.number = number;
        self.end = frame::HEAD;
        frame::write_head(&mut self.map, number);
    }

    /// Appends a record; false when it does not fit.
    pub(super) fn append(&mut self, record: &[u8]) -> bool {
        match frame::write(&mut self.map, self.end, record, self.number) {
            Some(end) => {
                self.end = end;
                true
            }
            None => false,
        }
    }

    /// Bytes in all.
    pub(super) fn size(&self) -> usize {
        self.map.len()
    }

    /// Says that nothing in it counts any more, so that it can be used again.
    pub(super) fn empty(&mut self) {
        self.begin(0);
    }

    /// Removes the file.
    pub(super) fn remove(self) {
        // A file that stays is applied again at the next opening, which changes nothing.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes room on the disk, so that storing into the map cannot fail later.
fn take_room(file: &File, size: usize) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, size as u64) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP) => {
            let zeros = vec![0; 1 << 16];
            let mut left = size;
            let mut file = file;
            while left > 0 {
                let part = left.min(zeros.len());
                file.write_all(zeros.get(..part).unwrap_or_default())?;
                left -= part;
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
