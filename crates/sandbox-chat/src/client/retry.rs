//! How long to wait before asking again.

use std::time::{Duration, Instant};

use super::error::AskError;

/// The longest wait of our own, and the longest that a server may ask for.
const MOST: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(300));

/// A random time up to `first * 2^attempt`, after what the server asks for.
pub(super) fn pause(first: Duration, attempt: u32, asked: Option<Duration>) -> Duration {
    let most = first.saturating_mul(2_u32.saturating_pow(attempt.min(20))).min(MOST.0);
    let part = getrandom::u64().map_or(1.0, |bits| (bits >> 11) as f64 / (1_u64 << 53) as f64);
    asked.unwrap_or_default().min(MOST.1) + most.mul_f64(part)
}

/// `Retry-After` in seconds.
pub(super) fn after(text: &str) -> Option<Duration> {
    text.trim().parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// Sleeps, and wakes up when it is to stop.
pub(super) fn sleep(time: Duration, stop: &dyn Fn() -> bool) -> Result<(), AskError> {
    let start = Instant::now();
    while let Some(left) = time.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        if stop() {
            return Err(AskError::Interrupted);
        }
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_respect_the_server() {
        let first = Duration::from_millis(100);
        for attempt in 0..40 {
            let most = first.saturating_mul(2_u32.saturating_pow(attempt.min(20))).min(MOST.0);
            assert!(pause(first, attempt, None) <= most);
            let asked = pause(first, attempt, Some(Duration::from_secs(2)));
            assert!(asked >= Duration::from_secs(2) && asked <= most + Duration::from_secs(2));
        }
        assert!(pause(first, 0, Some(Duration::MAX)) <= MOST.1 + first);
        assert_eq!(after("-1"), None);
        assert_eq!(after(" 1.5 "), Some(Duration::from_millis(1500)));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }

    #[test]
    fn who_is_stopped_does_not_sleep_on() {
        assert_eq!(sleep(Duration::from_secs(600), &|| true), Err(AskError::Interrupted));
    }
}
