//! The journal: where a record is safe before `watch` returns.
//!
//! ```text
//!  caller ──► segment (mapped file, room taken) ──► writer thread reads it ──► database
//!     │                ▲ next, spare
//!     │              keeper thread: makes segments, uses old ones again
//!     └──► waiting records (memory, bounded) ──► keeper, when a segment is there again
//!               └──► dropped, counted
//! ```
//!
//! A process has one journal in a folder of its own, locked while it lives. Callers append under one short lock and never touch the
//! disk. When no segment is ready the caller waits for one, three milliseconds at most; when that is in vain, because the disk is slow, stuck or
//! full, records wait in memory up to a limit; beyond it they are dropped and counted. So the caller's time has a bound, and what is in
//! a segment is in the hands of the system: a kill does not take it. Only what still waits in memory at that moment is lost, which takes a
//! disk that has stopped, or a single value larger than a segment.

mod frame;
pub(crate) mod left;
pub(crate) mod record;
mod segment;

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use sandbox_fs::FolderLock;

use crate::error::WatchError;
use segment::Segment;

/// The first segments are small: short runs are many, and a small file is there soon.
const FIRST: usize = 1 << 20;
/// What is used of the first one before another is made: a short run never needs it.
const WARM: usize = 64 << 10;
/// All others.
const SIZE: usize = 4 << 20;
/// Segments that lie ready, and where they are used up quickly.
const SPARES: usize = 2;
const MORE_SPARES: usize = 8;
/// How long a caller may wait for a segment that is being made. After it has waited in vain, nobody does until there is one again.
const WAIT: Duration = Duration::from_millis(3);
/// Segments that may wait for the database.
const MOST_SEGMENTS: usize = 64;
/// Bytes of records that may wait in memory.
const MOST_WAITING: usize = 64 << 20;
/// Bytes that the keeper moves while callers wait.
const SHARE: usize = 64 << 10;
/// How often to try again where another process looks at the new folder.
const TRIES: u64 = 5;
/// How long the keeper leaves a disk alone that has refused.
const PAUSE: Duration = Duration::from_millis(200);

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    keeper: Mutex<Option<JoinHandle<()>>>,
    folder: PathBuf,
    _lock: FolderLock,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    /// There is a segment again.
    ready: Condvar,
    folder: PathBuf,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Segment>,
    spares: VecDeque<Segment>,
    /// Full ones, the oldest first.
    full: VecDeque<Segment>,
    /// Applied ones, for the keeper.
    applied: Vec<Segment>,
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
    dropped: BTreeMap<String, u64>,
    /// Why the keeper has no segment, in words.
    trouble: Option<String>,
    /// The keeper leaves the disk alone for a while.
    is_resting: bool,
    /// Somebody has waited for it in vain.
    is_late: bool,
    /// Segments are used up quickly.
    is_fast: bool,
    last_number: u64,
    last_file: u64,
    closing: bool,
}

/// A place in the journal: the segment's number and the byte in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    pub(crate) byte: u64,
}

impl Journal {
    /// Begins a journal in `folder`, which is made.
    pub(crate) fn create(folder: &Path) -> Result<Self, WatchError> {
        // Another process that looks for journals left behind may take the new folder for one, for a moment.
        let mut tries = 0;
        loop {
            match Self::try_create(folder) {
                Err(WatchError::Fs(_) | WatchError::Io { .. }) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(tries));
                }
                result => return result,
            }
        }
    }

    fn try_create(folder: &Path) -> Result<Self, WatchError> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(WatchError::io("make the folder", folder))?;
        let lock = FolderLock::take(folder)?;
        let shared = Arc::new(Shared { state: Mutex::default(), wake: Condvar::new(), ready: Condvar::new(), folder: folder.to_owned() });
        let first = folder.join("1.segment");
        // What an earlier try has left.
        let _ = fs::remove_file(&first);
        let mut segment = Segment::create(&first, FIRST).map_err(WatchError::io("make", &first))?;
        segment.begin(1);
        {
            let mut state = shared.state();
            (state.last_number, state.last_file, state.current) = (1, 1, Some(segment));
        }
        let keeper = {
            let shared = shared.clone();
            std::thread::Builder::new().name("watch-journal".to_owned()).spawn(move || shared.keep())
        };
        let keeper = keeper.map_err(WatchError::io("start a thread for", folder))?;
        Ok(Self { shared, keeper: Mutex::new(Some(keeper)), folder: folder.to_owned(), _lock: lock })
    }

    /// Appends a record. It is safe when this returns, unless no segment is ready: then it waits in memory, or is dropped and counted.
    pub(crate) fn append(&self, record: &[u8]) {
        let mut state = self.shared.state();
        if state.waiting.is_empty() && state.append(record) {
            if !state.is_resting && state.missing().is_some() {
                self.shared.wake.notify_one();
            }
            return;
        }
        let is_worth_it = state.waiting.is_empty() && record.len() < SIZE / 2 && state.full.len() < MOST_SEGMENTS;
        if is_worth_it && !state.is_late && state.trouble.is_none() {
            state.is_fast = true;
            self.shared.wake.notify_one();
            let none = |state: &mut State| state.spares.is_empty() && state.waiting.is_empty() && state.trouble.is_none();
            (state, _) = self.shared.ready.wait_timeout_while(state, WAIT, none).unwrap_or_else(PoisonError::into_inner);
            if state.waiting.is_empty() && state.append(record) {
                self.shared.wake.notify_one();
                return;
            }
            state.is_late = true;
        }
        if state.waiting_bytes + record.len() > MOST_WAITING {
            let why = state.trouble.clone().unwrap_or_else(|| "the store could not keep up".to_owned());
            *state.dropped.entry(why).or_default() += 1;
            return;
        }
        state.waiting_bytes += record.len();
        state.waiting.push_back(record.to_vec());
        if !state.is_resting && state.missing().is_some() {
            self.shared.wake.notify_one();
        }
    }

    /// Counts something that was not even tried.
    pub(crate) fn drop_one(&self, why: &str) {
        let mut state = self.shared.state();
        match state.dropped.get_mut(why) {
            Some(count) => *count += 1,
            None => drop(state.dropped.insert(why.to_owned(), 1)),
        }
    }

    /// How many records were dropped, by reason.
    pub(crate) fn dropped(&self) -> BTreeMap<String, u64> {
        self.shared.state().dropped.clone()
    }

    /// Bytes of records that wait in memory.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.state().waiting_bytes
    }

    /// Where the journal ends now; what is appended later stands behind it. Waiting records are not counted.
    pub(crate) fn end(&self) -> Place {
        let state = self.shared.state();
        // In an empty journal nothing stands before the end, not even a head.
        let current = state.current.as_ref().filter(|segment| segment.number > 1 || segment.end > frame::HEAD);
        current.map_or(Place::default(), |segment| Place { segment: segment.number, byte: segment.end as u64 })
    }

    /// Reads whole records behind `from` into `buffer`, about `limit` bytes at most, all of one segment; gives the segment's number and the place after
    /// the last one. Nothing when there is nothing new.
    pub(crate) fn read(&self, from: Place, limit: usize, buffer: &mut Vec<u8>) -> std::io::Result<Option<Place>> {
        let Some((file, number, start, end)) = self.next(from) else { return Ok(None) };
        let length = usize::try_from(end - start).unwrap_or(usize::MAX).min(limit);
        buffer.resize(length, 0);
        file.read_exact_at(buffer, start)?;
        let mut at = 0;
        while let Some((_, next)) = frame::read(buffer, at, number) {
            at = next;
        }
        if at == 0 && start + (length as u64) < end {
            // One record larger than the limit.
            return self.read(from, limit.saturating_mul(2), buffer);
        }
        buffer.truncate(at);
        Ok(Some(Place { segment: number, byte: start + at as u64 }))
    }

    fn next(&self, from: Place) -> Option<(Arc<File>, u64, u64, u64)> {
        let state = self.shared.state();
        let mut segments = state.full.iter().chain(&state.current);
        segments.find_map(|segment| {
            let start = match segment.number.cmp(&from.segment) {
                std::cmp::Ordering::Less => return None,
                std::cmp::Ordering::Equal => from.byte,
                std::cmp::Ordering::Greater => frame::HEAD as u64,
            };
            (start < segment.end as u64).then(|| (segment.file.clone(), segment.number, start, segment.end as u64))
        })
    }

    /// Gives up what stands before `place`.
    pub(crate) fn release(&self, place: Place) {
        let mut state = self.shared.state();
        while state
            .full
            .front()
            .is_some_and(|segment| segment.number < place.segment || (segment.number == place.segment && segment.end as u64 <= place.byte))
        {
            let segment = state.full.pop_front();
            state.applied.extend(segment);
        }
        if !state.applied.is_empty() {
            self.shared.wake.notify_one();
        }
    }

    /// Ends the journal. Its folder is removed when `all_applied`, else it is left for the next opening of the store.
    pub(crate) fn close(&self, all_applied: bool) {
        self.stop();
        if all_applied && self.waiting() == 0 {
            // What stays is looked at again at the next opening.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    fn stop(&self) {
        self.shared.state().closing = true;
        self.shared.wake.notify_all();
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic in it has nobody to be told to; the records are in their files.
        let _ = keeper.map(JoinHandle::join);
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop();
    }
}

impl State {
    /// Takes a segment that is ready to be used.
    fn add(&mut self, segment: Segment) {
        (self.trouble, self.is_late) = (None, false);
        self.spares.push_back(segment);
    }

    /// Into the current segment, or the next.
    fn append(&mut self, record: &[u8]) -> bool {
        if self.current.as_mut().is_some_and(|segment| segment.append(record)) {
            return true;
        }
        let needed = record.len() + frame::HEAD + frame::FRAME;
        let Some(at) = self.spares.iter().position(|spare| spare.size() >= needed) else { return false };
        let Some(mut next) = self.spares.remove(at) else { return false };
        self.last_number += 1;
        next.begin(self.last_number);
        let fits = next.append(record);
        self.is_fast |= self.spares.is_empty();
        self.full.extend(self.current.replace(next));
        fits
    }

    /// The size of a segment that is missing.
    fn missing(&self) -> Option<usize> {
        if self.full.len() >= MOST_SEGMENTS {
            return None;
        }
        let needed = self.waiting.front().map_or(0, |record| record.len() + frame::HEAD + frame::FRAME);
        if needed > SIZE && !self.spares.iter().any(|spare| spare.size() >= needed) {
            return Some(needed);
        }
        let is_warm = self.last_number > 1 || self.current.as_ref().is_none_or(|segment| segment.end > WARM) || needed > 0;
        let spares = if self.is_fast { MORE_SPARES } else { SPARES };
        let size = if self.last_file < SPARES as u64 && needed < FIRST { FIRST } else { SIZE };
        (is_warm && self.spares.len() < spares).then_some(size)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in a state is ever half done where a panic could happen.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keeper: makes segments, moves what waits into them, uses applied ones again.
    fn keep(&self) {
        let mut state = self.state();
        loop {
            if let Some(mut segment) = state.applied.pop() {
                if segment.size() == SIZE && state.spares.len() < MORE_SPARES && !state.closing {
                    segment.empty();
                    state.add(segment);
                    self.ready.notify_all();
                } else {
                    drop(state);
                    segment.remove();
                    state = self.state();
                }
                continue;
            }
            if self.move_waiting(&mut state) {
                // Callers first.
                drop(state);
                std::thread::yield_now();
                state = self.state();
                continue;
            }
            if state.closing {
                if state.waiting.is_empty() || state.trouble.is_some() {
                    return;
                }
            } else if state.missing().is_none() {
                if state.full.len() >= MOST_SEGMENTS {
                    state.trouble = Some("the database could not keep up".to_owned());
                }
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let Some(size) = state.missing() else { return };
            state.last_file += 1;
            let path = self.folder.join(format!("{}.segment", state.last_file));
            drop(state);
            let made = Segment::create(&path, size);
            state = self.state();
            match made {
                Ok(segment) => {
                    state.add(segment);
                    self.ready.notify_all();
                }
                Err(error) => {
                    state.trouble = Some(error.to_string());
                    self.ready.notify_all();
                    if state.closing {
                        return;
                    }
                    state.is_resting = true;
                    (state, _) = self.wake.wait_timeout(state, PAUSE).unwrap_or_else(PoisonError::into_inner);
                    state.is_resting = false;
                }
            }
        }
    }

    /// Moves a share of what waits; true when there may be more.
    fn move_waiting(&self, state: &mut State) -> bool {
        let mut moved = 0;
        while moved < SHARE {
            let Some(record) = state.waiting.pop_front() else { return false };
            if !state.append(&record) {
                state.waiting.push_front(record);
                return false;
            }
            state.waiting_bytes -= record.len();
            moved += record.len();
        }
        true
    }
}

/// The records in what [`Journal::read`] has read, `from` the segment's number on.
pub(crate) fn records(buffer: &[u8], segment: u64) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (record, next) = frame::read(buffer, at, segment)?;
        at = next;
        Some(record)
    })
}
