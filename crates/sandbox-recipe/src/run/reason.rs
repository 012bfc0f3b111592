//! Why a filter dropped a row, in words for the report.

use sandbox_ops::{Kind, Likeness, Operator, StatValue};
use serde_json::Value;

use crate::config::Step;

/// The words for the two sides of a filter's range.
pub(super) struct Reasons {
    min: Option<f64>,
    words: [String; 3],
}

/// Index into the words of [`Reasons`].
pub(super) type Reason = u8;

impl Reasons {
    /// The bounds that the recipe gives, or the operator's defaults.
    pub(super) fn of(step: &Step) -> Self {
        let only = |words: &str| Self { min: None, words: [words.to_owned(), words.to_owned(), words.to_owned()] };
        match step.operator.kind() {
            Kind::Filter => {}
            Kind::Deduplicator if is_near(&step.operator) => return only("near duplicates"),
            Kind::Deduplicator => return only("seen before"),
            Kind::Selector => return only("not chosen"),
            Kind::Grouper => return only("part of a group"),
            Kind::Mapper => return only("nothing left"),
        }
        let parameters = step.entry.map_or(&[] as &[_], |entry| entry.parameters);
        let bound = |part: &str| {
            let parameter = parameters.iter().find(|parameter| parameter.name.starts_with(part))?;
            let given = step.arguments.get(parameter.name).cloned();
            let value = given.or_else(|| serde_json::from_str(parameter.default).ok())?;
            Some((parameter.name, value))
        };
        let side = |word: &str, found: Option<(&str, Value)>| match found {
            Some((name, value)) => format!("{word} {name} {}", shown(&value)),
            None => word.to_owned(),
        };
        let (min, max) = (bound("min"), bound("max"));
        let bounds = parameters.iter().filter(|parameter| parameter.name.starts_with("min") || parameter.name.starts_with("max"));
        match bounds.count() {
            0 => return only("not what is kept"),
            1 | 2 => {}
            _ => return only("out of range"),
        }
        let lowest = min.as_ref().and_then(|(_, value)| value.as_f64());
        if step.arguments.get("reversed_range") == Some(&Value::Bool(true)) {
            let inside = format!("{} and {}", side("inside", min), side("", max).trim_start());
            return Self { min: None, words: [inside.clone(), inside, "not in range".to_owned()] };
        }
        Self { min: lowest, words: [side("below", min), side("above", max), "not in range".to_owned()] }
    }

    /// Which side a dropped value is on.
    pub(super) fn reason(&self, values: &[StatValue]) -> Reason {
        let number = match values.last() {
            Some(StatValue::Integer(number)) => *number as f64,
            Some(StatValue::Float(number)) => *number,
            _ => f64::NAN,
        };
        if number.is_nan() { 2 } else { u8::from(self.min.is_none_or(|min| number > min)) }
    }

    /// The words.
    pub(super) fn words(&self, reason: Reason) -> &str {
        self.words.get(usize::from(reason)).map_or("", String::as_str)
    }
}

/// Whether an operator drops rows that are like others without being their equals.
pub(super) fn is_near(operator: &Operator) -> bool {
    matches!(operator, Operator::Deduplicator(deduplicator) if deduplicator.likeness() != Likeness::Equal)
}

/// The words for rows like others, with the first of them: `near duplicate of line 3`.
pub(super) fn near(rows: u64, example: &(String, String)) -> String {
    let (row, kept) = example;
    if rows == 1 { format!("near duplicate of {kept}") } else { format!("near duplicates, the first {row} of {kept}") }
}

/// A bound with as many digits as people want to read.
fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            if number.abs() >= 100.0 { format!("{number:.1}") } else { format!("{}", (number * 1e4).round() / 1e4) }
        }
        other => other.to_string(),
    }
}
