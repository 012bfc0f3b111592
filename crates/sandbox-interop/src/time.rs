//! Moments as texts.

/// `2026-11-23T05:40:55.000123Z` of microseconds since 1970.
pub(crate) fn text(micros: i64) -> String {
    let compact = sandbox_watcher::compact_time(micros);
    let part = |from: usize, to: usize| compact.get(compact.len().saturating_sub(from)..compact.len() - to).unwrap_or_default();
    let year = compact.get(..compact.len().saturating_sub(11)).unwrap_or_default();
    let fraction = micros.rem_euclid(1_000_000);
    format!("{year}-{}-{}T{}:{}:{}.{fraction:06}Z", part(11, 9), part(9, 7), part(6, 4), part(4, 2), part(2, 0))
}

/// Microseconds since 1970 of such a text (`T` may be a blank, the zone `+08:00`; none is UTC), or of a number of seconds since 1970.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    let number = |range: std::ops::Range<usize>, least: i64, most: i64| {
        let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i64>().ok().filter(|number| (least..=most).contains(number))
    };
    let is = |at: usize, wanted: &[u8]| text.as_bytes().get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"T t") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let days = days(number(0..4, 1, 9999)?, number(5..7, 1, 12)?, number(8..10, 1, 31)?);
    let clock = number(11..13, 0, 23)? * 3600 + number(14..16, 0, 59)? * 60 + number(17..19, 0, 60)?;
    let rest = text.get(19..)?;
    let (micros, zone) = match rest.strip_prefix(['.', ',']) {
        Some(behind) => {
            let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            let (digits, zone) = behind.split_at(end);
            let six = digits.get(..6).unwrap_or(digits);
            (six.parse::<i64>().ok()? * 10_i64.pow(6 - six.len() as u32), zone)
        }
        None => (0, rest),
    };
    let offset = match zone.trim_start() {
        "" | "Z" | "z" | "UTC" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_at_checked(2)?;
            let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
            let two = |digits: &str| digits.parse::<i64>().ok().filter(|_| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()));
            sign * (two(hours)? * 3600 + two(minutes)? * 60)
        }
    };
    Some((days * 86_400 + clock - offset) * 1_000_000 + micros)
}

/// Microseconds of seconds since 1970, to the nearest.
pub(crate) fn of_seconds(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    // Beyond this a moment is none that anybody meant.
    (micros.abs() < 1e18).then_some(micros as i64)
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read() {
        assert_eq!(text(1_709_210_096_000_123), "2024-02-29T12:34:56.000123Z");
        let read = [
            ("2024-02-29T12:34:56.000123Z", 1_709_210_096_000_123),
            ("2024-02-29 20:34:56,5+08:00", 1_709_210_096_500_000),
            ("2024-02-29 12:34:56", 1_709_210_096_000_000),
            ("1709210096.25", 1_709_210_096_250_000),
            ("-1", -1_000_000),
        ];
        for (text, micros) in read {
            assert_eq!(parse(text), Some(micros), "{text}");
        }
        for text in ["", "nan", "1e300", "2024-13-01T00:00:00Z", "2024-02-29T12:34:5éZ", "yesterday", "12:30"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_read_back(micros in -50_000_000_000_000_000i64..200_000_000_000_000_000) {
            prop_assert_eq!(parse(&text(micros)), Some(micros));
        }
    }
}
