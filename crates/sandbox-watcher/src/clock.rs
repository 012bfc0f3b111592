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

/// A moment, in microseconds since 1970, in UTC as `20261123-031503`.
pub fn compact_time(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}-{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day of a number of days since 1970: Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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

    #[test]
    fn moments_are_names() {
        assert_eq!(compact_time(0), "19700101-000000");
        assert_eq!(compact_time(1_709_210_096_000_000), "20240229-123456");
        assert_eq!(compact_time(-1), "19691231-235959");
    }
}
