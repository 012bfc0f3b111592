//! How a manipulation talks to whoever started it.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sandbox_dataset::Reject;

use crate::error::PoolError;

/// Hears what happens, and may ask to stop. `()` hears nothing. Methods are called from several threads.
pub trait Observer: Sync {
    /// How far the work is, in bytes read and written; told about ten times a second.
    fn progress(&self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// A row was set aside.
    fn rejected(&self, reject: &Reject) {
        let _ = reject;
    }

    /// Something worth a look; the work goes on.
    fn warning(&self, message: &str) {
        let _ = message;
    }

    /// Something worth knowing.
    fn note(&self, message: &str) {
        let _ = message;
    }

    /// Whether to stop; asked again and again.
    fn stop(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// How a manipulation runs.
#[derive(Clone, Copy)]
pub struct Running<'o> {
    /// How many threads it may use.
    pub threads: usize,
    /// Who hears what happens.
    pub observer: &'o dyn Observer,
}

impl Default for Running<'_> {
    /// All threads of the machine, and nobody listens.
    fn default() -> Self {
        Self { threads: std::thread::available_parallelism().map_or(1, NonZero::get), observer: &() }
    }
}

/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);
/// Bytes of inputs that may be held in memory instead of being read again from their files.
const HELD: u64 = 32 << 20;

/// One manipulation at work: what its parts share.
pub(crate) struct Work<'o> {
    pub(crate) threads: usize,
    pub(crate) observer: &'o dyn Observer,
    done: AtomicU64,
    total: AtomicU64,
    told: Mutex<Instant>,
    /// Bytes that may still be held in memory.
    pub(crate) room: AtomicU64,
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl<'o> Work<'o> {
    pub(crate) fn new(running: &Running<'o>) -> Self {
        Self {
            threads: running.threads.max(1),
            observer: running.observer,
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            told: Mutex::new(Instant::now()),
            room: AtomicU64::new(HELD),
            buffers: Mutex::default(),
        }
    }

    /// Ends the work when the caller wants that.
    pub(crate) fn go_on(&self) -> Result<(), PoolError> {
        if self.observer.stop() { Err(PoolError::Stopped) } else { Ok(()) }
    }

    /// So many bytes more are to be read or written.
    pub(crate) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes were read or written.
    pub(crate) fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let Ok(mut told) = self.told.try_lock() else { return };
        if told.elapsed() >= BEAT {
            *told = Instant::now();
            self.observer.progress(done, self.total.load(Ordering::Relaxed).max(done));
        }
    }

    /// A buffer that was used before, or a new one. Its content is arbitrary.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        lock(&self.buffers).pop().unwrap_or_default()
    }

    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        let mut buffers = lock(&self.buffers);
        if buffer.capacity() > 0 && buffers.len() < 16 {
            buffers.push(buffer);
        }
    }
}

/// A lock whose holder panicked still guards valid data: every change under it is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
