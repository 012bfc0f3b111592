//! `image_aspect_ratio_filter`: the ratio of width to height of images.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::images::Images;
use crate::media::{ANY_OR_ALL, AnyOrAll};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "image_aspect_ratio_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose images have a ratio of width to height in range",
    doc: "The statistic `aspect_ratios` holds width by height of every image, as it is shown: its EXIF orientation is heeded. Images that rows bring along in the field `image_bytes`, as a list of base64 texts, are taken as they are stored.",
    parameters: &[
        Parameter { name: "min_ratio", kind: "number or null", default: "0.333", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "3.0", doc: "Largest ratio kept; null: not tested." },
        ANY_OR_ALL,
    ],
    example: "- image_aspect_ratio_filter:\n    max_ratio: 2\n\n[64 x 48] -> aspect_ratios [1.3333333333333333], kept\n[90 x 30] -> aspect_ratios [3.0], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "aspect_ratios";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
    any_or_all: AnyOrAll,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_ratio: Some(Number::Float(0.333)), max_ratio: Some(Number::Float(3.0)), any_or_all: AnyOrAll::Any }
    }
}

/// Keeps rows by the ratio of width to height of images; see [`ENTRY`].
pub struct ImageAspectRatioFilter {
    common: Common,
    images: Images,
    any_or_all: AnyOrAll,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_ratio, arguments.own.max_ratio);
    let images = Images::of(&arguments.common);
    Ok(Operator::Filter(Box::new(ImageAspectRatioFilter { images, any_or_all: arguments.own.any_or_all, range, common: arguments.common })))
}

impl Filter for ImageAspectRatioFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let ratios = self.images.sizes(row)?.into_iter().map(|size| f64::from(size.width) / f64::from(size.height));
        Ok(StatValue::List(ratios.map(StatValue::Float).collect()).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        self.any_or_all.keep_numbers(KEY, only(values), &self.range)
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
        let row = json!({"images": [asset("a.png")]});
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_ratio": 2}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"aspect_ratios\", List([Float(1.3333333333333333)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"max_ratio": 1}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_ratio": 2}), &json!({"images": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"images": ["no.png"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.png`: "), "{error}");
    }
}
