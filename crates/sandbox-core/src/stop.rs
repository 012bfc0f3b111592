//! The wish to stop, seen by everyone who works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Set once, by Ctrl-C or by a caller; cheap to clone and to look at in a row loop.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: AtomicBool,
    woken: Notify,
}

impl StopFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everyone to stop.
    pub fn set(&self) {
        self.0.set.store(true, Ordering::Release);
        self.0.woken.notify_waiters();
    }

    /// Whether to stop.
    pub fn is_set(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
    }

    /// Waits until the flag is set, for a `select!` beside a child process or a request.
    pub async fn wait(&self) {
        let mut woken = std::pin::pin!(self.0.woken.notified());
        // Registered before the look at the flag, so that a `set` between the two is not missed.
        woken.as_mut().enable();
        if !self.is_set() {
            woken.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken() {
        let stop = StopFlag::new();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.wait().await }
        });
        tokio::task::yield_now().await;
        stop.set();
        waiting.await.unwrap();
        stop.wait().await;
    }
}
