//! A pool whose bytes can be read at any place, again and again.
//!
//! | input | how |
//! | --- | --- |
//! | `.jsonl`, small | held in memory, 32 MiB for all inputs of a job together |
//! | `.jsonl`, larger | read at the place that is asked for, from the file itself |
//! | `.json`, `.gz`, `.zst` | unpacked once: into memory when small, else into a nameless temporary file beside the outputs |

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{MmapMut, MmapOptions};
use sandbox_dataset::{ReadOptions, Reader, Reject};

use crate::error::PoolError;
use crate::observer::Work;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// An open pool: lines, one row each.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: Arc<Path>,
    content: Content,
    /// Where the first line begins: behind a byte order mark.
    pub(crate) start: u64,
    pub(crate) length: u64,
    /// At which line of the file each row stood, when it was unpacked.
    lines: Option<Vec<u64>>,
    /// What could not even be framed as rows.
    pub(crate) rejects: Vec<Reject>,
}

#[derive(Debug)]
enum Content {
    Memory(Vec<u8>),
    /// A whole file, read into memory of its own: the system gives that out at once and not page by page.
    Read(MmapMut),
    File(File),
}

impl Source {
    /// Opens a pool. What must be unpacked to disk goes into `folder`.
    pub(crate) fn open(path: &Path, folder: &Path, work: &Work<'_>) -> Result<Self, PoolError> {
        let name = path.to_string_lossy().to_lowercase();
        let metadata = fs::metadata(path).map_err(PoolError::read(path))?;
        if !name.ends_with(".jsonl") || !metadata.is_file() {
            return Self::unpack(path, folder, work);
        }
        let file = File::open(path).map_err(PoolError::read(path))?;
        let (content, length) = if metadata.len() > 0 && take_room(&work.room, metadata.len()) {
            read_whole(&file, metadata.len() as usize).map_err(PoolError::read(path))?
        } else {
            (Content::File(file), metadata.len())
        };
        let mut source = Self { path: path.into(), content, start: 0, length, lines: None, rejects: Vec::new() };
        let mut head = [0; MARK.len()];
        if length >= head.len() as u64 {
            source.read_at(0, &mut head)?;
            source.start = if head == MARK { head.len() as u64 } else { 0 };
        }
        Ok(source)
    }

    fn unpack(path: &Path, folder: &Path, work: &Work<'_>) -> Result<Self, PoolError> {
        let mut reader = Reader::open(&[path.to_owned()], ReadOptions::default())?;
        let (mut lines, mut rejects, mut spill) = (Vec::new(), Vec::new(), Spill::new(folder, work));
        while let Some(chunk) = reader.next_chunk()? {
            work.go_on()?;
            for row in chunk.rows() {
                spill.push(row.bytes)?;
                spill.push(b"\n")?;
                lines.push(row.line);
            }
            rejects.extend_from_slice(chunk.rejects());
            reader.recycle(chunk);
        }
        let mut source = spill.finish(path)?;
        (source.lines, source.rejects) = (Some(lines), rejects);
        Ok(source)
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.memory().is_some()
    }

    /// All bytes, if they are held in memory.
    pub(crate) fn memory(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Memory(bytes) => Some(bytes),
            Content::Read(bytes) => bytes.get(..self.length as usize),
            Content::File(_) => None,
        }
    }

    /// Fills `bytes` with what stands at `offset`.
    pub(crate) fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), PoolError> {
        if let Content::File(file) = &self.content {
            return file.read_exact_at(bytes, offset).map_err(PoolError::read(&self.path));
        }
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let from = self.memory().and_then(|all| all.get(start..)?.get(..bytes.len()));
        let cut = || PoolError::read(&self.path)(std::io::ErrorKind::UnexpectedEof.into());
        bytes.copy_from_slice(from.ok_or_else(cut)?);
        Ok(())
    }

    /// The line of the file at which the row in line `number` (from 1) of the source stands.
    pub(crate) fn line(&self, number: u64) -> u64 {
        let unpacked = self.lines.as_ref().and_then(|lines| lines.get(usize::try_from(number).ok()?.checked_sub(1)?));
        unpacked.copied().unwrap_or(number)
    }
}

/// Reads a file that is so long, or what there is of it by now.
fn read_whole(mut file: &File, length: usize) -> io::Result<(Content, u64)> {
    let mut bytes = MmapOptions::new().len(length).populate().map_anon()?;
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((Content::Read(bytes), filled as u64))
}

/// Whether so many bytes may still be held; they are taken from the room.
fn take_room(room: &AtomicU64, bytes: u64) -> bool {
    room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
}

impl Source {
    /// Ends the reading and gives its memory back to the room.
    pub(crate) fn close(self, work: &Work<'_>) {
        let held = match self.content {
            Content::Memory(bytes) => bytes.capacity(),
            Content::Read(bytes) => bytes.len(),
            Content::File(_) => 0,
        };
        work.room.fetch_add(held as u64, Ordering::Relaxed);
    }
}

/// Bytes in the making: in memory, and in a nameless temporary file when they are too many.
pub(crate) struct Spill<'w> {
    folder: &'w Path,
    work: &'w Work<'w>,
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    length: u64,
}

/// How much the room shrinks at a time.
const STEP: usize = 1 << 20;

impl<'w> Spill<'w> {
    pub(crate) fn new(folder: &'w Path, work: &'w Work<'_>) -> Self {
        Self { folder, work, memory: Vec::new(), file: None, length: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), PoolError> {
        self.length += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            return file.write_all(bytes).map_err(PoolError::write(self.folder));
        }
        let needed = self.memory.len() + bytes.len();
        if needed > self.memory.capacity() {
            let more = (needed - self.memory.capacity()).max(STEP);
            if !take_room(&self.work.room, more as u64) {
                let mut file = BufWriter::with_capacity(STEP, tempfile::tempfile_in(self.folder).map_err(PoolError::write(self.folder))?);
                file.write_all(&self.memory).and_then(|()| file.write_all(bytes)).map_err(PoolError::write(self.folder))?;
                self.file = Some(file);
                let _ = self.work.room.fetch_add(std::mem::take(&mut self.memory).capacity() as u64, Ordering::Relaxed);
                return Ok(());
            }
            self.memory.reserve_exact(more.max(bytes.len()));
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    /// What was pushed, as a source that is called `path`.
    pub(crate) fn finish(self, path: &Path) -> Result<Source, PoolError> {
        let content = match self.file {
            None => Content::Memory(self.memory),
            Some(file) => Content::File(file.into_inner().map_err(|error| PoolError::write(self.folder)(error.into_error()))?),
        };
        Ok(Source { path: path.into(), content, start: 0, length: self.length, lines: None, rejects: Vec::new() })
    }
}
