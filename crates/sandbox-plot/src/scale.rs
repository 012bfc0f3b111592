//! Axes: which part of the numbers is shown, where the ticks are, how numbers are written.

/// A linear map from values to positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Scale {
    /// The position of `value`, at the nearer end when it is outside.
    pub(crate) fn at(&self, value: f64) -> f64 {
        // Halves, so that the distance of the ends of the world is no infinity.
        let span = self.high / 2.0 - self.low / 2.0;
        let part = if span > 0.0 { (value / 2.0 - self.low / 2.0) / span } else { 0.5 };
        self.from + (self.to - self.from) * part.clamp(0.0, 1.0)
    }
}

/// About `count` round numbers between `low` and `high`, both finite.
pub(crate) fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = high / 2.0 - low / 2.0;
    if span <= 0.0 || count == 0 {
        return vec![low];
    }
    let raw = span / count as f64 * 2.0;
    let size = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * size).into_iter().find(|step| *step >= raw * 0.999).unwrap_or(raw);
    let first = (low / step).ceil();
    // Where neighbours cannot be told apart any more, the ends are all that can be said.
    if !step.is_normal() || !first.is_finite() || first.abs() > 1e15 {
        return vec![low, high];
    }
    let all = (0..=count * 3).map(|index| (first + index as f64) * step);
    let ticks: Vec<f64> = all.take_while(|tick| *tick <= high).map(|tick| if tick == 0.0 { 0.0 } else { tick }).collect();
    if ticks.is_empty() { vec![low, high] } else { ticks }
}

/// A number in at most five significant digits, with an exponent where it would be long: `0.7918`, `3,300`, `1.2e-7`.
pub fn short(value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        let text = format!("{value:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits)).replace('-', "−");
    }
    let whole = if size < 1.0 { 0 } else { size.log10().floor() as usize + 1 };
    let decimals = if size >= 1.0 { 5_usize.saturating_sub(whole) } else { 5.min(4 + leading_zeros(size)) };
    let text = trimmed(&format!("{value:.decimals$}")).to_owned();
    let (head, tail) = text.split_once('.').map_or((text.as_str(), None), |(head, tail)| (head, Some(tail)));
    let digits = head.trim_start_matches('-');
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if head.starts_with('-') && value != 0.0 { "−" } else { "" };
    tail.map_or(format!("{sign}{grouped}"), |tail| format!("{sign}{grouped}.{tail}"))
}

fn leading_zeros(size: f64) -> usize {
    if size == 0.0 { 0 } else { (-size.log10().floor() - 1.0).max(0.0) as usize }
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (3300.0, "3,300"),
            (1_234_567.0, "1,234,567"),
            (0.791_76, "0.7918"),
            (-0.05, "−0.05"),
            (0.000_123_4, "0.00012"),
            (1.234_5e-7, "1.235e−7"),
            (1e300, "1e300"),
            (432.855_7, "432.86"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "−∞"),
        ];
        cases.iter().for_each(|(value, text)| assert_eq!(short(*value), *text));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 1.0, 5), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(ticks(-3.0, 7.0, 5), [-2.0, 0.0, 2.0, 4.0, 6.0]);
        for (low, high) in [(1e-300, 2e-300), (-1e300, 1e300), (f64::MIN, f64::MAX), (1.0, 1.0 + f64::EPSILON), (5e-324, 1e-323)] {
            let ticks = ticks(low, high, 6);
            assert!(!ticks.is_empty() && ticks.len() < 20 && ticks.iter().all(|tick| (low..=high).contains(tick)), "{ticks:?}");
        }
    }

    #[test]
    fn a_scale_keeps_to_its_ends() {
        let scale = Scale { low: f64::MIN, high: f64::MAX, from: 10.0, to: 20.0 };
        assert_eq!([f64::MIN, 0.0, f64::MAX].map(|value| scale.at(value)), [10.0, 15.0, 20.0]);
        assert_eq!(Scale { low: 3.0, high: 3.0, from: 0.0, to: 8.0 }.at(3.0), 4.0);
    }
}
