//! Who watches a recipe at work.

use sandbox_dataset::Reject;

/// How far a recipe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes on disk that were read.
    pub bytes_read: u64,
    /// Bytes on disk in all.
    pub bytes_total: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Which of the recipe's passes this is, from 1 on; the numbers above are of this pass alone.
    pub pass: u32,
    /// How many passes there are.
    pub passes: u32,
}

/// Who watches a recipe at work. All methods do nothing by default; they are called on worker threads.
pub trait Observer: Sync {
    /// A few times a second at most.
    fn progress(&self, _progress: Progress) {}

    /// For every row that is set aside.
    fn rejected(&self, _reject: &Reject) {}

    /// For what is worth a look and stops nothing.
    fn warning(&self, _message: &str) {}

    /// Asked again and again: whether to stop.
    fn stop(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Observer for () {}
