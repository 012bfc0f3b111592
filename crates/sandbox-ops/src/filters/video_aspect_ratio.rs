//! `video_aspect_ratio_filter`: the ratio of width to height of videos.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::{ANY_OR_ALL, AnyOrAll, each, numbers, stream};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "video_aspect_ratio_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose videos have a ratio of width to height in range",
    doc: "The statistic `video_aspect_ratios` holds width by height of the first stream of every video. Bounds are exact fractions: `9/21`, `16:9` or `1.5`.",
    parameters: &[
        Parameter { name: "min_ratio", kind: "text", default: "\"9/21\"", doc: "Smallest ratio kept." },
        Parameter { name: "max_ratio", kind: "text", default: "\"21/9\"", doc: "Largest ratio kept." },
        ANY_OR_ALL,
    ],
    example: "- video_aspect_ratio_filter:\n    max_ratio: \"16:9\"\n\n[64 x 48] -> video_aspect_ratios [1.3333333333333333], kept\n[160 x 66] -> video_aspect_ratios [2.4242424242424243], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "video_aspect_ratios";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_ratio: Text,
    max_ratio: Text,
    any_or_all: AnyOrAll,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_ratio: Text("9/21".to_owned()), max_ratio: Text("21/9".to_owned()), any_or_all: AnyOrAll::Any }
    }
}

/// A ratio as recipes have it: mostly text, at times a number.
#[derive(Serialize)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a ratio such as `16:9`, `9/21` or `1.5`")
            }

            fn visit_str<E>(self, value: &str) -> Result<Text, E> {
                Ok(Text(value.to_owned()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Both are whole and small enough for a float to hold them exactly.
struct Fraction {
    numerator: f64,
    denominator: f64,
}

impl Fraction {
    fn read(text: &str) -> Option<Self> {
        const EXACT: u64 = 1 << 53;
        let whole = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number <= EXACT).map(|number| number as f64);
        let (numerator, denominator) = match (text.split_once([':', '/']), text.trim().split_once('.')) {
            (Some((numerator, denominator)), _) => (whole(numerator)?, whole(denominator)?),
            (None, Some((number, part))) => {
                let places = i32::try_from(part.len()).ok().filter(|places| (1..=15).contains(places))?;
                (whole(&format!("{number}{part}"))?, 10_f64.powi(places))
            }
            (None, None) => (whole(text)?, 1.0),
        };
        (denominator > 0.0).then_some(Self { numerator, denominator })
    }

    /// How a float compares with this fraction, without rounding either.
    fn compare(&self, value: f64) -> Option<Ordering> {
        // Division is rounded once, so only a float that equals it needs the exact remainder.
        let nearest = self.numerator / self.denominator;
        match value.partial_cmp(&nearest)? {
            Ordering::Equal => value.mul_add(self.denominator, -self.numerator).partial_cmp(&0.0),
            order => Some(order),
        }
    }
}

/// Keeps rows by the ratio of width to height of videos; see [`ENTRY`].
pub struct VideoAspectRatioFilter {
    common: Common,
    field: String,
    any_or_all: AnyOrAll,
    min: Fraction,
    max: Fraction,
    /// Its bounds are those above.
    flags: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let bound = |name: &str, text: &str| {
        let wrong = || BuildError::parameter(name, format!("`{name}`: expected a ratio such as `16:9`, `9/21` or `1.5`, got `{text}`"));
        Fraction::read(text).ok_or_else(wrong)
    };
    let (min, max) = (bound("min_ratio", &arguments.own.min_ratio.0)?, bound("max_ratio", &arguments.own.max_ratio.0)?);
    let flags = arguments.range(None, None);
    let field = arguments.common.video_key.clone().unwrap_or_else(|| "videos".to_owned());
    let any_or_all = arguments.own.any_or_all;
    Ok(Operator::Filter(Box::new(VideoAspectRatioFilter { field, any_or_all, min, max, flags, common: arguments.common })))
}

impl VideoAspectRatioFilter {
    /// As [`Range::keep`], with bounds that no float holds.
    fn is_kept(&self, ratio: f64) -> bool {
        let Range { min_closed, max_closed, reversed, .. } = self.flags;
        let above = match self.min.compare(ratio) {
            Some(Ordering::Equal) => min_closed != reversed,
            order => order == Some(Ordering::Greater),
        };
        let below = match self.max.compare(ratio) {
            Some(Ordering::Equal) => max_closed != reversed,
            order => order == Some(Ordering::Less),
        };
        (above && below) != reversed
    }
}

impl Filter for VideoAspectRatioFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let ratios = each(row, &self.field, |path| stream(path).map(|stream| f64::from(stream.width) / f64::from(stream.height)))?;
        Ok(StatValue::List(ratios.into_iter().map(StatValue::Float).collect()).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        let ratios = numbers(KEY, only(values))?;
        self.any_or_all.keep(ratios.iter().map(|ratio| {
            Ok(self.is_kept(match ratio {
                Number::Integer(ratio) => *ratio as f64,
                Number::Float(ratio) => *ratio,
            }))
        }))
    }

    fn reads_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{asset, check_parameters, judge_row};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let row = json!({"videos": [asset("v1.mp4")]});
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_ratio": "16:9"}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"video_aspect_ratios\", List([Float(1.3333333333333333)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"min_ratio": "4:3"}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_ratio": "16:9"}), &json!({"videos": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"videos": ["no.mp4"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.mp4`: "), "{error}");
    }

    #[test]
    fn fractions_are_exact() {
        let compare = |text: &str, value: f64| Fraction::read(text).unwrap().compare(value);
        // The float nearest to four thirds is less than it, that nearest to two thirds, too.
        assert_eq!(compare("4:3", 4.0 / 3.0), Some(Ordering::Less));
        assert_eq!(compare("7/5", 7.0 / 5.0), Some(Ordering::Less));
        assert_eq!(compare("0.1", 0.1), Some(Ordering::Greater));
        assert_eq!((compare("1.5", 1.5), compare("2/1", 2.0)), (Some(Ordering::Equal), Some(Ordering::Equal)));
        assert!(["", "1/0", "a", "1:2:3", "1.5/2"].iter().all(|text| Fraction::read(text).is_none()));
    }
}
