//! Work for several threads: in order, or from a queue.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crate::error::PoolError;
use crate::observer::{Work, lock};

/// Calls `make` with every number below `count` on the work's threads, and `sink` with the results in order.
///
/// A thread takes a number, makes its result, and waits for its turn: no more results than threads are in memory.
///
/// # Errors
/// The first error in order, from `make` or `sink`; or that the caller wants to stop.
pub(crate) fn in_order<W, T: Send>(
    count: u64,
    work: &Work<'_>,
    new_worker: impl Fn() -> W + Sync,
    make: impl Fn(&mut W, u64) -> Result<T, PoolError> + Sync,
    mut sink: impl FnMut(T) -> Result<(), PoolError> + Send,
) -> Result<(), PoolError> {
    let threads = u64::min(work.threads as u64, count);
    if threads <= 1 {
        let mut worker = new_worker();
        return (0..count).try_for_each(|number| {
            work.go_on()?;
            sink(make(&mut worker, number)?)
        });
    }
    let next = AtomicU64::new(0);
    let turn = Mutex::new(Turn { next: 0, sink, ended: None });
    let changed = Condvar::new();
    let run = || {
        let guard = Guard { turn: &turn, changed: &changed };
        let mut worker = new_worker();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            let result = work.go_on().and_then(|()| make(&mut worker, number));
            let mut turn = lock(&turn);
            while turn.next != number && turn.ended.is_none() {
                turn = changed.wait(turn).unwrap_or_else(PoisonError::into_inner);
            }
            if turn.ended.is_some() {
                break;
            }
            match result.and_then(|result| (turn.sink)(result)) {
                Ok(()) => turn.next += 1,
                Err(error) => turn.ended = Some(Some(error)),
            }
            changed.notify_all();
        }
        drop(guard);
    };
    // A panic of one thread goes on in the caller when all have ended.
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(run);
        }
    });
    let turn = turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    turn.ended.flatten().map_or(Ok(()), Err)
}

struct Turn<S> {
    next: u64,
    sink: S,
    /// Set when it is over early; without an error when a thread panicked.
    ended: Option<Option<PoolError>>,
}

/// Ends the others when its thread panics.
struct Guard<'t, S> {
    turn: &'t Mutex<Turn<S>>,
    changed: &'t Condvar,
}

impl<S> Drop for Guard<'_, S> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.turn).ended.get_or_insert(None);
            self.changed.notify_all();
        }
    }
}

/// Hands what `producer` sends to the work's threads, each thing to one of them. At most `waiting` things wait.
///
/// The producer runs on the caller's thread; its `send` says whether it is worth going on.
///
/// # Errors
/// The producer's error, or the first of the consumers; or that the caller wants to stop.
pub(crate) fn queue<T: Send>(
    work: &Work<'_>,
    waiting: usize,
    producer: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<(), PoolError>,
    consumer: impl Fn(T) -> Result<(), PoolError> + Sync,
) -> Result<(), PoolError> {
    let (sender, receiver) = sync_channel(waiting);
    let receiver = Mutex::new(receiver);
    let (failed, first) = (AtomicBool::new(false), Mutex::new(None));
    let consume = || {
        // Behind a failure, what comes is dropped, so that the producer never waits in vain.
        while let Some(thing) = receive(&receiver) {
            if failed.load(Ordering::Relaxed) {
                continue;
            }
            if let Err(error) = work.go_on().and_then(|()| consumer(thing)) {
                failed.store(true, Ordering::Relaxed);
                lock(&first).get_or_insert(error);
            }
        }
    };
    let produced = thread::scope(|scope| {
        for _ in 0..work.threads {
            scope.spawn(consume);
        }
        let produced = producer(&mut |thing| sender.send(thing).is_ok() && !failed.load(Ordering::Relaxed));
        drop(sender);
        produced
    });
    produced?;
    first.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

fn receive<T>(receiver: &Mutex<Receiver<T>>) -> Option<T> {
    lock(receiver).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Running;

    #[test]
    fn results_come_in_order_and_the_first_error_wins() {
        let running = Running { threads: 4, observer: &() };
        let work = Work::new(&running);
        let mut seen = Vec::new();
        in_order(
            100,
            &work,
            || (),
            |(), number| Ok(number),
            |number| {
                seen.push(number);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        let fails = |(): &mut (), number: u64| if number >= 7 { Err(PoolError::Missing(vec![number.to_string()])) } else { Ok(()) };
        let error = in_order(100, &work, || (), fails, |()| Ok(())).unwrap_err();
        assert!(matches!(error, PoolError::Missing(names) if names == ["7"]));
    }

    #[test]
    fn a_failing_consumer_does_not_hang_the_producer() {
        let running = Running { threads: 2, observer: &() };
        let work = Work::new(&running);
        let send_all = |send: &mut dyn FnMut(u32) -> bool| {
            (0..1000).for_each(|number| {
                send(number);
            });
            Ok(())
        };
        assert!(matches!(queue(&work, 1, send_all, |_| Err(PoolError::Stopped)), Err(PoolError::Stopped)));
    }
}
