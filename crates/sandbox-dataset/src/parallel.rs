//! Several threads at work on the chunks of one reader, their results in the order of the rows.

use std::panic;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::error::DatasetError;
use crate::reader::{Chunk, Reader};

/// How a pass over the rows ended when nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// At the end of the last file.
    Completed,
    /// Because `stop` said so; what was handed to the sink is a beginning of the whole without gaps.
    Stopped,
}

/// Calls `work` with every chunk on `threads` threads and `sink` with each result in the order of the chunks.
///
/// A thread takes the next chunk, works on it without a lock, waits for its turn and calls `sink`; so no more chunks
/// than threads are in memory, and the results do not depend on the number of threads. `new_worker` makes what a thread
/// keeps from chunk to chunk (buffers, compiled patterns). `stop` is asked before a chunk is taken. One thread means the
/// caller's own, none is spawned.
///
/// # Errors
/// The first error in the order of the chunks, from the reader, `work` or `sink`; nothing after it reaches the sink.
///
/// # Panics
/// Only when `new_worker`, `work` or `sink` does: its panic goes on in the caller after all threads ended.
pub fn for_each_chunk<W, T, E>(
    reader: &mut Reader,
    threads: usize,
    stop: &(dyn Fn() -> bool + Sync),
    new_worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &Chunk) -> Result<T, E> + Sync,
    mut sink: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<Ended, E>
where
    E: From<DatasetError> + Send,
{
    if threads <= 1 {
        let mut worker = new_worker();
        loop {
            if stop() {
                return Ok(Ended::Stopped);
            }
            let Some(chunk) = reader.next_chunk()? else { return Ok(Ended::Completed) };
            sink(work(&mut worker, &chunk)?)?;
            reader.recycle(chunk);
        }
    }
    let intake = Mutex::new(Intake { reader, taken: 0, closed: false, stopped: false });
    let exit = Exit { turn: Mutex::new(Turn { next: 0, sink, error: None, broken: false }), changed: Condvar::new() };
    thread::scope(|scope| {
        let run = || {
            let _guard = Guard(&exit);
            let mut worker = new_worker();
            let mut used = None;
            while let Some((ticket, chunk)) = take(&intake, stop, used.take()) {
                let result = match chunk {
                    Ok(chunk) => {
                        let result = work(&mut worker, &chunk);
                        used = Some(chunk);
                        result
                    }
                    Err(error) => Err(error.into()),
                };
                if !exit.hand_over(ticket, result) {
                    lock(&intake).closed = true;
                    return;
                }
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        for handle in handles {
            if let Err(payload) = handle.join() {
                lock(&intake).closed = true;
                panic::resume_unwind(payload);
            }
        }
    });
    let turn = exit.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    let stopped = intake.into_inner().unwrap_or_else(PoisonError::into_inner).stopped;
    match turn.error {
        Some(error) => Err(error),
        None if stopped => Ok(Ended::Stopped),
        None => Ok(Ended::Completed),
    }
}

/// Where chunks come from.
struct Intake<'r> {
    reader: &'r mut Reader,
    taken: u64,
    closed: bool,
    stopped: bool,
}

/// The next chunk with its place in the order; `None` when there is none to take.
fn take(intake: &Mutex<Intake<'_>>, stop: &dyn Fn() -> bool, used: Option<Chunk>) -> Option<(u64, Result<Chunk, DatasetError>)> {
    let mut intake = lock(intake);
    if let Some(chunk) = used {
        intake.reader.recycle(chunk);
    }
    if intake.closed {
        return None;
    }
    if stop() {
        (intake.closed, intake.stopped) = (true, true);
        return None;
    }
    let chunk = intake.reader.next_chunk().transpose();
    intake.closed = !matches!(chunk, Some(Ok(_)));
    let ticket = intake.taken;
    intake.taken += 1;
    chunk.map(|chunk| (ticket, chunk))
}

/// Where results go, one after the other.
struct Exit<S, E> {
    turn: Mutex<Turn<S, E>>,
    changed: Condvar,
}

struct Turn<S, E> {
    next: u64,
    sink: S,
    error: Option<E>,
    /// A thread panicked: nobody waits for it.
    broken: bool,
}

impl<S, E> Exit<S, E> {
    /// Waits for the turn of `ticket` and gives the result to the sink; `false` when the pass is over by an error.
    fn hand_over<T>(&self, ticket: u64, result: Result<T, E>) -> bool
    where
        S: FnMut(T) -> Result<(), E>,
    {
        let mut turn = lock(&self.turn);
        while turn.next != ticket && turn.error.is_none() && !turn.broken {
            turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        if turn.error.is_some() || turn.broken {
            return false;
        }
        match result.and_then(|result| (turn.sink)(result)) {
            Ok(()) => turn.next += 1,
            Err(error) => turn.error = Some(error),
        }
        self.changed.notify_all();
        turn.error.is_none()
    }
}

/// Wakes the others when its thread panics.
struct Guard<'e, S, E>(&'e Exit<S, E>);

impl<S, E> Drop for Guard<'_, S, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.turn).broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// A lock whose holder panicked still guards valid data: every change under it is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
