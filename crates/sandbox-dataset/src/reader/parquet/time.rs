//! Dates and times as ISO 8601 texts.

use std::io::Write;

/// How finely time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Millis,
    Micros,
    Nanos,
}

impl Unit {
    fn digits(self) -> usize {
        match self {
            Self::Millis => 3,
            Self::Micros => 6,
            Self::Nanos => 9,
        }
    }

    fn per_second(self) -> i128 {
        match self {
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
            Self::Nanos => 1_000_000_000,
        }
    }
}

/// Appends the date that is so many days after 1970-01-01.
pub(super) fn write_date(days: i128, out: &mut Vec<u8>) {
    let (year, month, day) = date(days);
    let _ = write!(out, "\"{year:04}-{month:02}-{day:02}\"");
}

/// Appends a time of the day.
pub(super) fn write_time(time: i64, unit: Unit, utc: bool, out: &mut Vec<u8>) {
    out.push(b'"');
    write_clock(time.into(), unit, out);
    out.extend_from_slice(if utc { b"Z\"" } else { b"\"" });
}

/// Appends a point in time, counted from 1970-01-01.
pub(super) fn write_timestamp(time: i128, unit: Unit, utc: bool, out: &mut Vec<u8>) {
    let per_day = unit.per_second() * 86_400;
    let (year, month, day) = date(time.div_euclid(per_day));
    let _ = write!(out, "\"{year:04}-{month:02}-{day:02}T");
    write_clock(time.rem_euclid(per_day), unit, out);
    out.extend_from_slice(if utc { b"Z\"" } else { b"\"" });
}

/// Hours, minutes, seconds, and of these parts if there are: three digits, six or nine.
fn write_clock(time: i128, unit: Unit, out: &mut Vec<u8>) {
    let (seconds, mut part) = (time.div_euclid(unit.per_second()), time.rem_euclid(unit.per_second()));
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if part == 0 {
        return;
    }
    let mut digits = unit.digits();
    while part % 1000 == 0 {
        (part, digits) = (part / 1000, digits - 3);
    }
    let _ = write!(out, ".{part:0digits$}");
}

/// Year, month and day by the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn date(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap().trim_matches('"').to_owned()
    }

    #[test]
    fn days_are_dates() {
        for (days, expect) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (-719_528, "0000-01-01"),
            (2_932_896, "9999-12-31"),
        ] {
            assert_eq!(text(|out| write_date(days, out)), expect);
        }
    }

    #[test]
    fn times_have_the_digits_they_need() {
        let told = |time: i128, unit, utc| text(|out| write_timestamp(time, unit, utc, out));
        assert_eq!(told(1_709_214_300_000, Unit::Millis, false), "2024-02-29T13:45:00");
        assert_eq!(told(1_709_214_300_250_000, Unit::Micros, true), "2024-02-29T13:45:00.250Z");
        assert_eq!(told(-1, Unit::Nanos, false), "1969-12-31T23:59:59.999999999");
        assert_eq!(told(-1_000, Unit::Nanos, false), "1969-12-31T23:59:59.999999");
        assert_eq!(text(|out| write_time(49_500_250, Unit::Millis, false, out)), "13:45:00.250");
        assert_eq!(told(i64::MIN.into(), Unit::Millis, false), "-292275055-05-16T16:47:04.192");
    }
}
