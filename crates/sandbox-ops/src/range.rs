//! The range test of all numeric filters, with integers and floats compared exactly.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A number as recipes and statistics have it: whole or floating, compared by value without rounding either.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number.
    Integer(i128),
    /// A floating number; infinities are bounds that nothing exceeds, NaN is in no range.
    Float(f64),
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (*self, *other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Integer(a), Self::Float(b)) => integer_with_float(a, b),
            (Self::Float(a), Self::Integer(b)) => integer_with_float(b, a).map(Ordering::reverse),
        }
    }
}

fn integer_with_float(integer: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // The cast cuts the fraction off and stops at the ends of i128, which no statistic reaches.
    let whole = float.trunc();
    Some(integer.cmp(&(whole as i128)).then_with(|| whole.partial_cmp(&float).unwrap_or(Ordering::Equal)))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Integer(value) => match i64::try_from(value) {
                Ok(value) => serializer.serialize_i64(value),
                Err(_) => serializer.serialize_f64(value as f64),
            },
            Self::Float(value) => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Integer(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number::Integer(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number::Float(value))
            }

            // JSON has no word for these and YAML's words reach us as text.
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Number, E> {
                match value.to_ascii_lowercase().trim_start_matches('+') {
                    ".inf" | "inf" | "infinity" => Ok(Number::Float(f64::INFINITY)),
                    "-.inf" | "-inf" | "-infinity" => Ok(Number::Float(f64::NEG_INFINITY)),
                    ".nan" | "nan" => Ok(Number::Float(f64::NAN)),
                    _ => Err(E::invalid_type(de::Unexpected::Str(value), &self)),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The largest value of the original's integers, its word for "no upper bound": 2^63 - 1.
pub const UNLIMITED: Option<Number> = Some(Number::Integer(i64::MAX as i128));

/// From when to when a statistic is in range, and whether in or out is kept.
///
/// ```
/// use sandbox_ops::range::{Number, Range};
///
/// let range = Range { min: Some(Number::Integer(10)), max: Some(Number::Float(20.5)), ..Range::default() };
/// assert!(range.keep(Number::Integer(10)) && !range.keep(Number::Integer(21)));
/// // Reversed, the original keeps what is outside and, with closed bounds, the bounds themselves.
/// let outside = Range { reversed: true, ..range };
/// assert!(outside.keep(Number::Integer(10)) && outside.keep(Number::Integer(21)) && !outside.keep(Number::Integer(11)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower bound; none is not tested.
    pub min: Option<Number>,
    /// The upper bound; none is not tested.
    pub max: Option<Number>,
    /// Whether the lower bound itself is kept.
    pub min_closed: bool,
    /// Whether the upper bound itself is kept.
    pub max_closed: bool,
    /// Keep what is outside.
    pub reversed: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self { min: None, max: None, min_closed: true, max_closed: true, reversed: false }
    }
}

impl Range {
    /// Whether a value is kept.
    ///
    /// Reversed, the original inverts both closed flags, tests, and negates: so the flags say in both modes whether a
    /// bound itself is kept. A value that is NaN is in no range, so only a reversed one keeps it.
    pub fn keep(&self, value: impl Into<Number>) -> bool {
        let value = value.into();
        let above = |min: Number| if self.min_closed != self.reversed { value >= min } else { value > min };
        let below = |max: Number| if self.max_closed != self.reversed { value <= max } else { value < max };
        (self.min.is_none_or(above) && self.max.is_none_or(below)) != self.reversed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: Option<Number>, max: Option<Number>) -> Range {
        Range { min, max, ..Range::default() }
    }

    #[test]
    fn integers_near_the_end_of_f64_compare_exactly() {
        let just_below = Number::Integer((1 << 53) + 1);
        assert!(Number::Float(9_007_199_254_740_992.0) < just_below);
        assert!(range(None, UNLIMITED).keep(i64::MAX));
        // 2^63 as a float is larger than 2^63 - 1.
        assert!(!range(None, UNLIMITED).keep(9_223_372_036_854_775_808.0));
        assert!(range(Some(Number::Float(-126.64)), None).keep(-126));
        assert!(!range(Some(Number::Float(-126.64)), None).keep(-127));
        assert!(!range(Some(Number::Float(10.5)), None).keep(10) && range(Some(Number::Float(10.5)), None).keep(11));
    }

    #[test]
    fn flags_decide_about_the_bounds_in_both_modes() {
        let base = range(Some(Number::Integer(1)), Some(Number::Integer(3)));
        for (min_closed, max_closed) in [(true, true), (false, true), (true, false), (false, false)] {
            for reversed in [false, true] {
                let range = Range { min_closed, max_closed, reversed, ..base };
                assert_eq!([0, 1, 2, 3, 4].map(|value| range.keep(value)), [reversed, min_closed, !reversed, max_closed, reversed]);
            }
        }
    }

    #[test]
    fn absent_bounds_and_nan() {
        assert!(range(None, None).keep(f64::NEG_INFINITY));
        assert!(!Range { reversed: true, ..range(None, None) }.keep(1));
        assert!(!range(UNLIMITED, None).keep(f64::NAN));
        assert!(Range { reversed: true, ..range(Some(Number::Integer(0)), None) }.keep(f64::NAN));
    }

    #[test]
    fn words_of_yaml() {
        let read = |text: &str| serde_json::from_str::<Number>(text);
        assert_eq!(read("\".inf\"").unwrap(), Number::Float(f64::INFINITY));
        assert_eq!(read("\"-.Inf\"").unwrap(), Number::Float(f64::NEG_INFINITY));
        assert_eq!(read("9223372036854775807").unwrap(), Number::Integer(i128::from(i64::MAX)));
        assert!(read("\"ten\"").unwrap_err().to_string().contains("expected a number"));
    }
}
