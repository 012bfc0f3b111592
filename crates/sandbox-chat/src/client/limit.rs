//! A token bucket.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So much a minute, evenly: at most a second's worth at once. Who takes more than there is goes into debt and waits for it.
pub(super) struct Bucket {
    per_second: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(super) fn per_minute(number: f64) -> Self {
        let per_second = number / 60.0;
        Self { per_second, state: Mutex::new((per_second.max(1.0), Instant::now())) }
    }

    /// Takes `number` and says how long to wait before they may be used.
    pub(super) fn take(&self, number: f64) -> Duration {
        self.take_at(number, Instant::now())
    }

    fn take_at(&self, number: f64, now: Instant) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = now.saturating_duration_since(state.1).as_secs_f64() * self.per_second;
        let left = (state.0 + grown).min(self.per_second.max(1.0)) - number;
        *state = (left, now.max(state.1));
        if left < 0.0 { Duration::try_from_secs_f64(-left / self.per_second).unwrap_or(Duration::MAX) } else { Duration::ZERO }
    }
}

/// What a question costs: a quarter of its bytes, and what its answer may have.
pub(super) fn tokens(body: &[u8]) -> f64 {
    let most = serde_json::from_slice::<serde_json::Value>(body).ok();
    let most = most.and_then(|body| body.get("max_tokens").or(body.get("max_completion_tokens"))?.as_f64());
    body.len() as f64 / 4.0 + most.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_its_rate_through_and_no_more() {
        let (bucket, start) = (Bucket::per_minute(120.0), Instant::now());
        assert_eq!(bucket.take_at(2.0, start), Duration::ZERO);
        let wait = bucket.take_at(1.0, start).as_secs_f64();
        assert!((wait - 0.5).abs() < 0.01, "{wait}");
        assert_eq!(bucket.take_at(1.0, start + Duration::from_secs(5)), Duration::ZERO);
        assert!(bucket.take_at(3.0, start + Duration::from_secs(5)) > Duration::from_millis(900));
    }

    #[test]
    fn the_answer_counts_too() {
        let body = br#"{"max_tokens": 100}"#;
        assert_eq!(tokens(body), 100.0 + body.len() as f64 / 4.0);
    }
}
