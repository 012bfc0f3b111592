//! Several threads at work on the chunks of one reader, their results in the order of the rows.

use std::collections::BTreeMap;
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
/// A thread takes the next chunk and works on it without a lock. A result whose turn has not come is left for the thread that is at
/// the sink, which takes on what is due before it goes back to work; so a slow sink keeps one thread and not all. At most twice as
/// many chunks as threads are in memory, and the results do not depend on the number of threads. `new_worker` makes what a thread
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
    T: Send,
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
    let queue = Queue { next: 0, waiting: BTreeMap::new(), is_served: false, error: None, broken: false };
    let exit = Exit { queue: Mutex::new(queue), changed: Condvar::new(), sink: Mutex::new(sink), room: threads };
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
    let queue = exit.queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    let stopped = intake.into_inner().unwrap_or_else(PoisonError::into_inner).stopped;
    match queue.error {
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
struct Exit<T, S, E> {
    queue: Mutex<Queue<T, E>>,
    changed: Condvar,
    /// Locked by the one thread that serves the queue.
    sink: Mutex<S>,
    /// How many results may wait.
    room: usize,
}

struct Queue<T, E> {
    /// Whose turn it is.
    next: u64,
    /// Results by their tickets.
    waiting: BTreeMap<u64, Result<T, E>>,
    /// A thread is at the sink.
    is_served: bool,
    error: Option<E>,
    /// A thread panicked: nobody waits for it.
    broken: bool,
}

impl<T, S, E> Exit<T, S, E>
where
    S: FnMut(T) -> Result<(), E>,
{
    /// Leaves the result in the queue, and serves the queue when nobody else does; `false` when the pass is over by an error.
    fn hand_over(&self, ticket: u64, result: Result<T, E>) -> bool {
        let mut queue = lock(&self.queue);
        // The result whose turn it is always has room: whoever waits here waits for that one.
        while queue.waiting.len() >= self.room && queue.next != ticket && queue.is_open() {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting.insert(ticket, result);
        if !queue.is_served && queue.is_open() {
            queue = self.serve(queue);
        }
        queue.is_open()
    }

    /// Gives the sink what is due, in order, until the next result is still being worked on.
    fn serve<'q>(&'q self, mut queue: MutexGuard<'q, Queue<T, E>>) -> MutexGuard<'q, Queue<T, E>> {
        queue.is_served = true;
        let mut sink = lock(&self.sink);
        while queue.is_open() {
            let next = queue.next;
            let Some(result) = queue.waiting.remove(&next) else { break };
            drop(queue);
            let ended = result.and_then(&mut *sink);
            queue = lock(&self.queue);
            match ended {
                Ok(()) => queue.next += 1,
                Err(error) => queue.error = Some(error),
            }
            self.changed.notify_all();
        }
        queue.is_served = false;
        queue
    }
}

impl<T, E> Queue<T, E> {
    /// Whether results are still taken.
    fn is_open(&self) -> bool {
        self.error.is_none() && !self.broken
    }
}

/// Wakes the others when its thread panics.
struct Guard<'e, T, S, E>(&'e Exit<T, S, E>);

impl<T, S, E> Drop for Guard<'_, T, S, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.queue).broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// A lock whose holder panicked still guards valid data: every change under it is a single assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
