//! Numbers as programs print them.

use std::borrow::Cow;

/// Reads a number: sign, digits (also `1_000`), fraction, exponent, `nan`, `inf`, `Infinity`; nothing before or after it.
///
/// ```
/// use sandbox_ingest::number::parse;
/// assert_eq!(parse("1e-05"), Some(1e-5));
/// assert_eq!(parse("-inf"), Some(f64::NEG_INFINITY));
/// assert_eq!(parse("1_000.5"), Some(1000.5));
/// assert_eq!([parse("0.5abc"), parse("1,234"), parse("0x10"), parse("")], [None; 4]);
/// ```
pub fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.as_bytes().first()? {
        b'0'..=b'9' | b'.' => {}
        // The words that Rust knows besides numbers are those that Python and C print.
        _ if ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) => return text.parse().ok(),
        _ => return None,
    }
    if !unsigned.contains('_') {
        return text.parse().ok();
    }
    let bytes = unsigned.as_bytes();
    let stands_between_digits = |at: usize| {
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    };
    let sound = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| stands_between_digits(at));
    sound.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// As [`parse`], also for a number that stands in the printed form of an object: `np.float64(0.5)`, `tensor(0.5, device='cuda:0')`.
pub fn parse_wrapped(text: &str) -> Option<f64> {
    if let Some(number) = parse(text) {
        return Some(number);
    }
    let (name, rest) = text.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    is_wrapper(name).then(|| parse(inner.split(',').next()?.trim())).flatten()
}

/// Whether calls of this name are the printed form of one number.
pub(crate) fn is_wrapper(name: &str) -> bool {
    let plain = name.rsplit('.').next().unwrap_or(name);
    matches!(plain, "tensor" | "array" | "Array" | "Decimal")
        || ["float", "int", "uint", "bfloat"]
            .iter()
            .any(|kind| plain.strip_prefix(kind).is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit())))
}

/// A number with commas between groups of three digits: `1,234.5`.
pub fn parse_thousands(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = unsigned.split(['.', 'e', 'E']).next().unwrap_or(unsigned);
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut count = 0;
    let sound = groups.inspect(|_| count += 1).all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    let plain: Cow<'_, str> = if count == 0 { text.into() } else { text.replacen(',', "", count).into() };
    (sound && (count == 0 || (1..=3).contains(&first.len()))).then(|| parse(&plain)).flatten()
}

/// `45%` as 0.45; without a percent sign the same.
pub fn parse_percent(text: &str) -> Option<f64> {
    parse(text.strip_suffix('%').unwrap_or(text).trim_end()).map(|number| number / 100.0)
}

/// Seconds of `12:34`, `1:02:03.5`, `1 day, 2:03:04`, `3d 20h 10m 53s`, or of a plain number.
pub fn parse_duration(text: &str) -> Option<f64> {
    if let Some(seconds) = parse(text) {
        return Some(seconds);
    }
    let (days, clock) = match text.split_once(" day") {
        Some((days, rest)) => (parse(days)?, rest.trim_start_matches(['s', ',', ' '])),
        None => (0.0, text),
    };
    let days = days * 86_400.0;
    if clock.is_empty() {
        return Some(days);
    }
    if clock.contains(':') {
        let mut parts = clock.split(':').map(|part| part.bytes().next().filter(u8::is_ascii_digit).and_then(|_| parse(part)));
        let seconds = parts.try_fold(0.0, |sum, part| Some(sum * 60.0 + part?))?;
        return (clock.matches(':').count() <= 2).then_some(days + seconds);
    }
    let mut sum = days;
    for part in clock.split_whitespace() {
        let unit = match part.as_bytes().last()? {
            b'd' => 86_400.0,
            b'h' => 3600.0,
            b'm' => 60.0,
            b's' => 1.0,
            _ => return None,
        };
        sum += unit * parse(part.get(..part.len() - 1)?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_programs_print_them() {
        let cases = [
            ("0.5", 0.5),
            ("-0.5", -0.5),
            ("+3", 3.0),
            ("1e-05", 1e-5),
            ("1E+3", 1000.0),
            ("2.5531e-06", 2.5531e-6),
            (".5", 0.5),
            ("5.", 5.0),
            ("1_000_000", 1e6),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
        ];
        for (text, number) in cases {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        assert!(parse("nan").is_some_and(f64::is_nan) && parse("NaN").is_some_and(f64::is_nan));
        for text in ["", "-", ".", "e5", "1e", "1__0", "_1", "1_", "1_.5", "0x10", "1,234", "1 2", "0.5it", "infinite", "--1", "１"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_in_the_printed_form_of_objects() {
        assert_eq!(parse_wrapped("np.float64(1e-06)"), Some(1e-6));
        assert_eq!(parse_wrapped("numpy.int64(-3)"), Some(-3.0));
        assert_eq!(parse_wrapped("tensor(0.5, device='cuda:0')"), Some(0.5));
        assert_eq!([parse_wrapped("float(1)"), parse_wrapped("tensor([1, 2])"), parse_wrapped("tensor(1")], [None; 3]);
    }

    #[test]
    fn thousands_percentages_durations() {
        assert_eq!(parse_thousands("-1,234,567.5"), Some(-1_234_567.5));
        assert_eq!(parse_thousands("12"), Some(12.0));
        assert_eq!([parse_thousands("1,23"), parse_thousands("1234,567"), parse_thousands(",123"), parse_thousands("1,2345")], [None; 4]);
        assert_eq!(parse_percent("45%"), Some(0.45));
        let cases = [
            ("00:12", 12.0),
            ("1:02:03.5", 3723.5),
            ("1 day, 2:03:04", 93_784.0),
            ("6 days", 518_400.0),
            ("1h 6m 30s", 3990.0),
            ("7", 7.0),
        ];
        for (text, seconds) in cases {
            assert_eq!(parse_duration(text), Some(seconds), "{text}");
        }
        assert_eq!([parse_duration("1:2:3:4"), parse_duration("a:b"), parse_duration("5x"), parse_duration("?")], [None; 4]);
    }
}
