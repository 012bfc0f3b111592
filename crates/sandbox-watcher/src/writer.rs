//! The thread that brings the journal into the database.
//!
//! It takes what has come together since the last time, five times a second or as fast as there is work, and commits it at once. Nobody waits for
//! it: when the database is locked or the disk full, it tries again, and the journal grows meanwhile.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::apply::Applier;
use crate::identity::Identity;
use crate::journal::{Journal, Place, left, records};
use crate::store::{complete, journals, prepare};

/// How often there is a commit while points come.
const PERIOD: Duration = Duration::from_millis(200);
/// How long to leave a database alone that has refused.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a sign of life is left when there is nothing else.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A run this long can wait for the disk at its end.
const LONG: Duration = Duration::from_secs(10);
/// Bytes of the journal in one transaction.
const BATCH: usize = 4 << 20;

/// What others know of the thread, and ask of it.
#[derive(Debug, Default)]
pub(crate) struct Control {
    state: Mutex<State>,
    wake: Condvar,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    applied: Place,
    /// Somebody waits for what is in the journal.
    hurry: bool,
    closing: Option<Instant>,
    ended: bool,
    trouble: Option<String>,
}

/// What the thread works with.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) journal: Arc<Journal>,
    pub(crate) control: Arc<Control>,
    pub(crate) id: String,
    pub(crate) identity: Identity,
}

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until what stands before `place` is in the store; false when that takes too long.
    pub(crate) fn flush(&self, place: Place, limit: Duration) -> bool {
        let mut state = self.state();
        state.hurry = true;
        self.wake.notify_all();
        let waits = |state: &mut State| state.applied < place && !state.ended;
        let (state, _) = self.done.wait_timeout_while(state, limit, waits).unwrap_or_else(PoisonError::into_inner);
        state.applied >= place
    }

    /// Asks the thread to end, and waits for that, but not longer than `limit`.
    pub(crate) fn close(&self, limit: Duration) -> bool {
        let mut state = self.state();
        state.closing = Some(Instant::now() + limit);
        self.wake.notify_all();
        let (state, _) = self.done.wait_timeout_while(state, limit, |state| !state.ended).unwrap_or_else(PoisonError::into_inner);
        state.ended
    }

    /// What the database has refused last, when it still does.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.state().trouble.clone()
    }

    /// Sleeps until somebody asks for something; what is told is whether to end, at the latest when.
    fn sleep(&self, time: Duration) -> Option<Instant> {
        let asleep = |state: &mut State| !state.hurry && state.closing.is_none();
        let (mut state, _) = self.wake.wait_timeout_while(self.state(), time, asleep).unwrap_or_else(PoisonError::into_inner);
        state.hurry = false;
        state.closing
    }
}

impl Writer {
    /// The thread's work, until it is asked to end.
    pub(crate) fn run(mut self) {
        let control = self.control.clone();
        let all_applied = self.work();
        self.journal.close(all_applied);
        // The connection first: who waits may want to remove the file.
        drop(self);
        control.state().ended = true;
        control.done.notify_all();
    }

    /// True when all of the journal is in the store.
    fn work(&mut self) -> bool {
        let began = Instant::now();
        let Some(mut applier) = self.begin() else { return false };
        recover(&mut self.connection, &self.path);
        let mut buffer = Vec::new();
        let mut heartbeat = Instant::now();
        let mut told = BTreeMap::new();
        loop {
            match self.batch(&mut applier, &mut buffer) {
                Ok(true) => {
                    heartbeat = Instant::now();
                    self.note(None, applier.applied);
                    self.journal.release(applier.applied);
                    // Full batches go on at once, so that a burst does not pile up.
                    if buffer.len() * 2 > BATCH || applier.applied.segment < self.journal.end().segment {
                        continue;
                    }
                }
                Ok(false) => {
                    let dropped = self.journal.dropped();
                    if dropped != told && applier.dropped(&self.connection, &serde_json::to_string(&dropped).unwrap_or_default()).is_ok() {
                        told = dropped;
                    }
                    if heartbeat.elapsed() >= HEARTBEAT && applier.heartbeat(&self.connection).is_ok() {
                        heartbeat = Instant::now();
                    }
                }
                Err(trouble) => {
                    self.note(Some(trouble), applier.applied);
                    match self.control.sleep(PAUSE) {
                        Some(deadline) if Instant::now() >= deadline => return false,
                        Some(_) => std::thread::sleep(PAUSE),
                        None => {}
                    }
                    continue;
                }
            }
            if let Some(deadline) = self.control.sleep(PERIOD) {
                if self.is_done(&applier) {
                    let has_ended = applier.end(&mut self.connection, "aborted", false).is_ok();
                    // A short run does not wait for the disk; one of the next does it.
                    if began.elapsed() > LONG {
                        complete(&self.connection);
                    }
                    return has_ended;
                }
                if Instant::now() >= deadline {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Enters this writer into the store, however long that takes.
    fn begin(&mut self) -> Option<Applier> {
        loop {
            let prepared = prepare(&mut self.connection, &self.path).map_err(|error| error.to_string());
            let begun =
                prepared.and_then(|()| Applier::new(&self.connection, &self.id, Some(&self.identity)).map_err(|error| error.to_string()));
            match begun {
                Ok(applier) => return Some(applier),
                Err(error) => self.note(Some(error), Place::default()),
            }
            match self.control.sleep(PAUSE) {
                Some(deadline) if Instant::now() >= deadline => return None,
                Some(_) => std::thread::sleep(PAUSE),
                None => {}
            }
        }
    }

    fn batch(&mut self, applier: &mut Applier, buffer: &mut Vec<u8>) -> Result<bool, String> {
        let Some(place) = self.journal.read(applier.applied, BATCH, buffer).map_err(|error| error.to_string())? else { return Ok(false) };
        applier.apply(&mut self.connection, records(buffer, place.segment), place).map_err(|error| error.to_string())?;
        Ok(true)
    }

    fn is_done(&self, applier: &Applier) -> bool {
        self.journal.waiting() == 0 && applier.applied >= self.journal.end()
    }

    fn note(&self, trouble: Option<String>, applied: Place) {
        let mut state = self.control.state();
        (state.trouble, state.applied) = (trouble, applied);
        self.control.done.notify_all();
    }
}

/// Brings into the store what processes that are gone have left in their journals. What cannot be brought in now is there the next time.
/// Gives the number of journals.
pub(crate) fn recover(connection: &mut Connection, path: &std::path::Path) -> usize {
    let mut recovered = 0;
    for left in left::all(&journals(path)).unwrap_or_default() {
        let Ok(mut applier) = Applier::new(connection, &left.writer, None) else { continue };
        let from = applier.applied;
        let failed = |error| crate::WatchError::database("write", path)(error);
        let applied = left.read(from, |records, place| applier.apply(connection, records.iter().copied(), place).map_err(failed));
        if applied.is_ok() && applier.end(connection, "crashed", true).is_ok() && left.remove().is_ok() {
            recovered += 1;
        }
    }
    recovered
}
