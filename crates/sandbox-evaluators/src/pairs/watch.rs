//! Who watches a comparison.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::CompareError;

/// Who watches a comparison. All methods do nothing by default; `()` is nobody.
///
/// ```
/// use sandbox_evaluators::pairs::Observer;
/// struct Patience(std::time::Instant);
/// impl Observer for Patience {
///     fn stop(&self) -> bool {
///         self.0.elapsed().as_secs() > 60
///     }
/// }
/// ```
pub trait Observer {
    /// How many bytes on disk were read, of how many; a few times a second at most.
    fn progress(&self, _bytes_read: u64, _bytes_total: u64) {}

    /// Asked again and again: whether to stop.
    fn stop(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Observer for () {}

/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);
/// After how many rows somebody looks up.
const ROWS: u64 = 1024;

/// Looks up from the rows now and then.
pub(super) struct Watch<'o> {
    observer: &'o dyn Observer,
    /// Bytes of the pairs before this one.
    before: u64,
    total: u64,
    told: Instant,
}

impl<'o> Watch<'o> {
    pub(super) fn new(observer: &'o dyn Observer, files: &[[Vec<PathBuf>; 2]]) -> Self {
        let size = |files: &Vec<PathBuf>| files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum::<u64>();
        let total = files.iter().map(|[left, right]| if left == right { size(left) } else { size(left) + size(right) }).sum();
        Self { observer, before: 0, total, told: Instant::now() }
    }

    pub(super) fn look(&mut self, rows: u64, bytes: impl FnOnce() -> u64) -> Result<(), CompareError> {
        if !rows.is_multiple_of(ROWS) {
            return Ok(());
        }
        if self.observer.stop() {
            return Err(CompareError::Stopped);
        }
        if self.told.elapsed() >= BEAT {
            self.told = Instant::now();
            self.observer.progress(self.before + bytes(), self.total);
        }
        Ok(())
    }

    /// One pair is done.
    pub(super) fn done(&mut self, bytes: u64) {
        self.before += bytes;
        self.observer.progress(self.before, self.total);
    }
}
