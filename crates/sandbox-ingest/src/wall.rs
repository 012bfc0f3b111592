//! Times that lines carry.

/// Seconds since 1970 of `2026-11-22T01:32:34.502Z` or with an offset such as `+08:00` (a blank may stand for the `T`), or of a
/// plain number of seconds. A time without a zone could be anybody's: `None`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    if let Some(seconds) = crate::number::parse(text) {
        return seconds.is_finite().then_some(seconds);
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
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(behind) => {
            let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            let (digits, zone) = behind.split_at(end);
            (format!("0.{digits}").parse::<f64>().ok()?, zone)
        }
        None => (0.0, rest),
    };
    let offset = match zone.trim_start() {
        "Z" | "z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_at_checked(2)?;
            let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
            let two = |digits: &str| digits.parse::<i64>().ok().filter(|_| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()));
            sign * (two(hours)? * 3600 + two(minutes)? * 60)
        }
    };
    Some((days * 86_400 + clock - offset) as f64 + fraction)
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
    use super::*;

    #[test]
    fn times_with_a_zone() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(seconds("2026-11-22 01:32:34,500+08:00"), Some(1_795_282_354.5));
        assert_eq!(seconds("2000-02-29T23:59:60-0130"), Some(951_874_200.0));
        assert_eq!(seconds("1795282354.5"), Some(1_795_282_354.5));
        for text in ["2026-11-22 01:32:34", "2026-13-22T01:32:34Z", "2026-11-22T01:32:34+8", "12:30", "", "2026-11-22T01:32:3éZ"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
