//! Where a data set is cut, and what the parts are called.

use std::fmt;

use sandbox_document::KeyPath;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::component::{Flaw, key};

/// A share of the rows: a number, or a fraction as text such as `1/3`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl Ratio {
    /// The row at which to cut: `floor(n * r + 0.5)`.
    pub(super) fn of(self, rows: usize) -> usize {
        ((rows as f64 * self.0 + 0.5).floor() as usize).min(rows)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64().map(Self).ok_or_else(|| wrong(&number.to_string())),
            Value::String(text) => fraction(&text).map(Self).ok_or_else(|| wrong(&format!("`{text}`"))),
            other => Err(wrong(&format!("`{other}`"))),
        }
    }
}

/// A list of ratios, or one that stands for a list of itself.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Ratio>, D::Error> {
    struct Written;

    impl<'de> Visitor<'de> for Written {
        type Value = Vec<Ratio>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a number or a fraction such as 1/3, or a list of them")
        }

        // Through the list's own access, so that a message names the place in it.
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            fraction(text).map(|ratio| vec![Ratio(ratio)]).ok_or_else(|| wrong(&format!("`{text}`")))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
            Ok(vec![Ratio(number)])
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(vec![Ratio(number as f64)])
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(vec![Ratio(number as f64)])
        }
    }

    deserializer.deserialize_any(Written)
}

fn wrong<E: Error>(told: &str) -> E {
    E::custom(format_args!("expected a number or a fraction such as 1/3, not {told}"))
}

/// `1/3`, `0.5` or `1e-1` as a number.
fn fraction(text: &str) -> Option<f64> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    match text.split_once('/') {
        Some((above, below)) => Some(number(above)? / number(below).filter(|below| *below != 0.0)?),
        None => number(text),
    }
}

/// `[1/3, 2/3]`
pub(super) fn thirds() -> Vec<Ratio> {
    vec![Ratio(1.0 / 3.0), Ratio(2.0 / 3.0)]
}

pub(super) fn flaws(ratios: &[Ratio]) -> Vec<Flaw> {
    let at = |index: usize| key("split_ratios").index(index);
    let outside = ratios.iter().enumerate().filter(|(_, ratio)| !(ratio.0 > 0.0 && ratio.0 < 1.0));
    let mut flaws: Vec<Flaw> = outside
        .map(|(index, ratio)| {
            let message = format!("`{}` is {}: a ratio is above 0 and below 1", at(index), ratio.0);
            Flaw::new(at(index), message, "each ratio is a place to cut, for example [1/3, 2/3] for three equal parts")
        })
        .collect();
    if flaws.is_empty()
        && let Some(index) = (1..ratios.len()).find(|index| ratios[*index] <= ratios[index - 1])
    {
        let message = format!("`split_ratios` must rise: {} follows {}", ratios[index].0, ratios[index - 1].0);
        flaws.push(Flaw::new(at(index), message, "each ratio is a place to cut, counted from the first row"));
    }
    flaws
}

/// What the parts of a cut are called in the names of their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PartNames {
    /// `0`, `1`, ...
    #[default]
    Index,
    /// By the shares between which they lie: `q0-33`, `q33-67`, ...
    Quantiles,
    /// By these names.
    Given(Vec<String>),
}

impl<'de> Deserialize<'de> for PartNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected `index`, `quantiles` or a list of names")]
        enum Written {
            Word(Word),
            Names(Vec<String>),
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Index,
            Quantiles,
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(Word::Index) => Self::Index,
            Written::Word(Word::Quantiles) => Self::Quantiles,
            Written::Names(names) => Self::Given(names),
        })
    }
}

impl PartNames {
    pub(super) fn flaws(&self, parts: usize) -> Vec<Flaw> {
        let mut flaws = self.flaws_of_names();
        if let Self::Given(names) = self
            && names.len() != parts
        {
            let message = format!("`part_names` has {} names for {parts} parts", names.len());
            flaws.push(
                Flaw::new(key("part_names"), message, "one name per part: one more than there are `split_ratios`")
                    .depends_on("split_ratios"),
            );
        }
        flaws
    }

    /// What is wrong with the names whatever the number of parts.
    pub(super) fn flaws_of_names(&self) -> Vec<Flaw> {
        let Self::Given(names) = self else { return Vec::new() };
        let at = |index: usize| -> KeyPath { key("part_names").index(index) };
        let mut flaws = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() || name.contains(['/', '\0']) {
                let message = format!("`{}` is `{name}`: it cannot be a part of a file's name", at(index));
                flaws.push(Flaw::new(at(index), message, "use letters, digits, `-` and `_`"));
            } else if names[..index].contains(name) {
                flaws.push(Flaw::new(at(index), format!("`{}` is `{name}` again", at(index)), "every part needs a name of its own"));
            }
        }
        flaws
    }

    /// The names of all parts. Beyond the given names, parts are numbered.
    pub(super) fn all(&self, points: &[usize], rows: usize, ratios: &[Ratio], split_num: Option<u64>) -> Vec<String> {
        let parts = points.len() + 1;
        match self {
            Self::Index => (0..parts).map(|part| part.to_string()).collect(),
            Self::Given(names) => (0..parts).map(|part| names.get(part).cloned().unwrap_or_else(|| part.to_string())).collect(),
            Self::Quantiles => {
                let inner: Vec<f64> = match split_num {
                    Some(_) => points.iter().map(|point| *point as f64 / rows.max(1) as f64).collect(),
                    None => ratios.iter().map(|ratio| ratio.0).collect(),
                };
                quantiles(&inner)
            }
        }
    }
}

/// Names by percents, with as few digits as keep all bounds apart.
fn quantiles(inner: &[f64]) -> Vec<String> {
    let bounds: Vec<f64> = std::iter::once(0.0).chain(inner.iter().copied()).chain([1.0]).collect();
    let written = |digits: usize| -> Vec<String> { bounds.iter().map(|bound| percent(*bound, digits)).collect() };
    let apart = |names: &Vec<String>| names.windows(2).all(|pair| pair[0] != pair[1]);
    let names = (0..6).map(written).find(apart).unwrap_or_else(|| written(6));
    names.windows(2).map(|pair| format!("q{}-{}", pair[0], pair[1])).collect()
}

fn percent(share: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", share * 100.0);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read_as_numbers() {
        let ratios: Vec<Ratio> = serde_json::from_str(r#"[0.25, "1/3", " 2 / 4 ", "0.75"]"#).unwrap();
        assert_eq!(ratios, [Ratio(0.25), Ratio(1.0 / 3.0), Ratio(0.5), Ratio(0.75)]);
        for (text, told) in [("\"half\"", "`half`"), ("\"1/0\"", "`1/0`"), ("null", "`null`"), ("true", "`true`")] {
            let error = serde_json::from_str::<Ratio>(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("expected a number or a fraction such as 1/3, not {told}")), "{error}");
        }
    }

    #[test]
    fn cuts_are_rounded_half_up() {
        assert_eq!([2, 3, 5, 240].map(|rows| Ratio(0.5).of(rows)), [1, 2, 3, 120]);
        assert_eq!(Ratio(1.0 / 3.0).of(7473), 2491);
    }

    #[test]
    fn quantile_names_have_as_few_digits_as_they_need() {
        assert_eq!(quantiles(&[1.0 / 3.0, 2.0 / 3.0]), ["q0-33", "q33-67", "q67-100"]);
        assert_eq!(quantiles(&[0.5, 0.502]), ["q0-50", "q50-50.2", "q50.2-100"]);
        assert_eq!(quantiles(&[]), ["q0-100"]);
    }
}
