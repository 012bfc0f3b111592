//! Progress bars of tqdm: `Epoch 1:  45%|████▌     | 450/1000 [00:12<00:15, 36.50it/s, loss=0.5]`, `450it [00:12, 36.50it/s]`.

use std::borrow::Cow;

use super::{BarValue, Pairs, Raw, pairs};
use crate::number;

/// Reads a bar: what stands behind it as pairs, the bar's own values that are asked for, and always `done` and `total`, by which
/// steps are found. Gives the title.
pub(super) fn read<'t>(text: &'t str, values: &[BarValue], pairs: &mut Pairs<'t>) -> Option<&'t str> {
    let (title, counts, times) = parts(text)?;
    let (done, total) = match counts.split_once('/') {
        Some((done, total)) => (done.trim(), Some(total.trim())),
        None => (counts, None),
    };
    let (done_number, total_number) = (count(done), total.and_then(count));
    let done_number = done_number?;
    let mut parts = times.splitn(3, ", ");
    let (clock, second, third) = (parts.next()?, parts.next(), parts.next());
    // The clock of a bar is digits and colons; anything else in brackets is not a bar's.
    if !clock.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b'<' | b'?')) || !clock.contains(':') {
        return None;
    }
    let rate = second.and_then(per_second);
    for value in values {
        let number = match value {
            BarValue::Done => Some(done_number.0),
            BarValue::Total => total_number.map(|total| total.0),
            BarValue::ProgressRatio => total_number.filter(|total| total.0 > 0.0).map(|total| done_number.0 / total.0),
            BarValue::PerSecond => rate,
        };
        if let Some(number) = number {
            pairs.push((Cow::Borrowed(value.name()), Raw::Number(number)));
        }
    }
    if let Some(behind) = third {
        pairs::read(behind, "=", ", ", pairs);
    }
    if pairs.is_empty() {
        return None;
    }
    // A count such as `1.20k` is rounded: no step can be told from it.
    let exact = |(number, is_exact): (f64, bool)| is_exact.then_some(number);
    if let Some(done) = exact(done_number) {
        pairs.push((Cow::Borrowed("bar.done"), Raw::Number(done)));
    }
    if let Some(total) = total_number.and_then(exact) {
        pairs.push((Cow::Borrowed("bar.total"), Raw::Number(total)));
    }
    Some(title)
}

impl BarValue {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Total => "total",
            Self::ProgressRatio => "progress_ratio",
            Self::PerSecond => "per_second",
        }
    }
}

/// Title, counts, and what stands in the brackets.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let (title, behind) = match text.find("%|") {
        Some(at) => {
            let before = text.get(..at)?;
            let title = before.trim_end_matches(|c: char| c.is_ascii_digit());
            // The bar itself ends at the next line: `|███  | 3/10 [`.
            let (_, behind) = text.get(at + 2..)?.split_once('|')?;
            (title, behind)
        }
        None => {
            let at = text.find("it [")?;
            let before = text.get(..at)?;
            let begin = before
                .rfind(|c: char| !(c.is_ascii_digit() || c == '.' || "kMGTPEZY".contains(c)))
                .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8));
            (text.get(..begin)?, text.get(begin..)?)
        }
    };
    let (counts, brackets) = behind.split_once('[')?;
    let mut depth = 0_usize;
    let end = brackets.find(|c| match c {
        '[' => {
            depth += 1;
            false
        }
        ']' if depth == 0 => true,
        ']' => {
            depth -= 1;
            false
        }
        _ => false,
    })?;
    let counts = counts.trim().trim_end_matches("it").trim_end();
    Some((title.trim().trim_end_matches(':').trim_end(), counts, brackets.get(..end)?))
}

/// A count, and whether it is exact: `450`, `1.20k` (rounded), `3.4MB`.
fn count(text: &str) -> Option<(f64, bool)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number = number::parse(digits)?;
    let powers = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    match powers.iter().position(|power| unit.starts_with(power)) {
        Some(power) => Some((number * 1000_f64.powi(i32::try_from(power).unwrap_or(0) + 1), false)),
        None => Some((number, !digits.contains('.'))),
    }
}

/// `36.50it/s` and `1.5s/it` as pieces a second.
fn per_second(text: &str) -> Option<f64> {
    let (number, unit) = text.split_at(text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len()));
    let number = number::parse(number)?;
    match unit.split_once('/')? {
        ("s", _) => (number > 0.0).then(|| 1.0 / number),
        (unit, "s") => count(&format!("1{unit}")).map(|(factor, _)| number * factor),
        _ => None,
    }
}

/// A title as the beginning of a name: words without those that count (`Epoch 3/10` is `Epoch`).
pub(super) fn title(text: &str) -> String {
    let counts = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || b"/:#.()[]".contains(&byte));
    let words: Vec<&str> = text.split_whitespace().filter(|word| !counts(word)).take(8).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut pairs = Pairs::new();
        let title = read(text, &[BarValue::ProgressRatio, BarValue::PerSecond], &mut pairs);
        let pairs: Vec<String> = pairs.iter().map(|(name, raw)| format!("{name}={raw:?}")).collect();
        assert_eq!(title.map(|title| format!("{title} | {}", pairs.join(" "))).unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn bars_of_every_kind() {
        check(
            "Epoch 1:  50%|█████     | 5/10 [00:12<00:15, 2.50it/s, loss=0.5, v_num=3]",
            r#"Epoch 1 | progress_ratio=Number(0.5) per_second=Number(2.5) loss=Bare("0.5") v_num=Bare("3") bar.done=Number(5.0) bar.total=Number(10.0)"#,
        );
        check("450it [00:12, 4.00s/it]", " | per_second=Number(0.25) bar.done=Number(450.0)");
        check("x: 3it [00:12, ?it/s, a=1]", r#"x | a=Bare("1") bar.done=Number(3.0)"#);
        check(
            "model.bin: 50%|###  | 1.50k/3.00kB [00:01<00:01, 1.50kB/s]",
            "model.bin | progress_ratio=Number(0.5) per_second=Number(1500.0)",
        );
        for text in
            ["", "100%| sure", "50%|##| 1/2 (no brackets)", "50%|##| x/2 [00:01<00:01, 1it/s]", "exit [now]", "50%|##| 1/2 [loss, 3]"]
        {
            check(text, "");
        }
    }
}
