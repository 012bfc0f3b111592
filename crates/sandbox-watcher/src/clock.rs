//! Two clocks: a steady one for order and durations, and the time of day, which people set.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Microseconds by which the clocks may part before the time of day counts as set anew.
const SLACK: i64 = 2_000;

/// The clocks of one writer.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Instant,
    offset: i64,
}

/// A moment by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Microseconds since the writer began.
    pub(crate) mono: u64,
    /// Microseconds since 1970.
    pub(crate) time: i64,
}

impl Clock {
    /// Clocks that count from `began`, so that all clocks of a writer agree.
    pub(crate) fn since(began: Instant) -> Self {
        let mut clock = Self { began, offset: i64::MIN };
        clock.now();
        clock
    }

    /// This moment. The difference of the clocks stays the same from call to call unless somebody sets the time of day.
    pub(crate) fn now(&mut self) -> Moment {
        let mono = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let offset = wall().saturating_sub(mono as i64);
        if self.offset.abs_diff(offset) > SLACK as u64 {
            self.offset = offset;
        }
        Moment { mono, time: (mono as i64).saturating_add(self.offset) }
    }
}

/// Microseconds since 1970 by the clock of the machine.
pub(crate) fn wall() -> i64 {
    let signed = |micros: u128| i64::try_from(micros).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => signed(since.as_micros()),
        Err(before) => -signed(before.duration().as_micros()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_go_together_and_a_jump_is_seen() {
        let mut clock = Clock::since(Instant::now());
        let (first, second) = (clock.now(), clock.now());
        assert!(second.mono >= first.mono);
        assert_eq!(second.time - first.time, (second.mono - first.mono) as i64);
        // As if the time of day had been an hour less until now.
        clock.offset -= 3_600_000_000;
        assert!((clock.now().time - wall()).abs() < 1_000_000);
    }
}
