//! Numbers as people read them.

/// `1,234,567`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `1,234 rows`
pub fn rows(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "row" } else { "rows" })
}

/// `0.03 s`, `4.2 s`, `3 min 20 s`, `2 h 5 min`
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..=9 if seconds < 9.95 => {
            if seconds < 0.995 {
                format!("{seconds:.2} s")
            } else {
                format!("{seconds:.1} s")
            }
        }
        0..=119 => format!("{whole} s"),
        120..=7199 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Four significant digits: `0.1278`, `72.91`, `496.5`, `1,644`, `1.000e-5`.
pub fn figure(number: f64) -> String {
    let magnitude = number.abs();
    match magnitude {
        _ if !number.is_finite() => "–".to_owned(),
        _ if number == 0.0 => "0".to_owned(),
        1e4.. => format!("{}{}", if number < 0.0 { "-" } else { "" }, count(magnitude.round() as u64)),
        1000.0.. => format!("{number:.0}"),
        100.0.. => format!("{number:.1}"),
        10.0.. => format!("{number:.2}"),
        1.0.. => format!("{number:.3}"),
        _ if magnitude < 1e-3 => format!("{number:.3e}"),
        _ => format!("{number:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.034, 4.25, 61.0, 200.0, 7500.0].map(duration), ["0.03 s", "4.2 s", "61 s", "3 min 20 s", "2 h 5 min"]);
        assert_eq!(
            [0.127_826, 72.906_38, 496.48, 1644.0, 12_345.6, -0.05, 1e-5].map(figure),
            ["0.1278", "72.91", "496.5", "1644", "12,346", "-0.0500", "1.000e-5"]
        );
    }
}
