//! `image_shape_filter`: width and height of images.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::images::Images;
use crate::media::{ANY_OR_ALL, AnyOrAll, numbers};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range, UNLIMITED};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "image_shape_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose images have a width and height in range",
    doc: "The statistics `image_width` and `image_height` hold the size of every image, as it is shown: its EXIF orientation is heeded. Images that rows bring along in the field `image_bytes`, as a list of base64 texts, are taken as they are stored. An image is in range when both are; `reversed_range` is applied to each of the two.",
    parameters: &[
        Parameter { name: "min_width", kind: "number or null", default: "1", doc: "Smallest width kept, in pixels; null: not tested." },
        Parameter {
            name: "max_width",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest width kept; null: not tested.",
        },
        Parameter { name: "min_height", kind: "number or null", default: "1", doc: "Smallest height kept, in pixels; null: not tested." },
        Parameter {
            name: "max_height",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest height kept; null: not tested.",
        },
        ANY_OR_ALL,
    ],
    example: "- image_shape_filter:\n    min_width: 64\n\n[64 x 48] -> image_width [64], image_height [48], kept\n[30 x 120] -> image_width [30], image_height [120], dropped",
    stats: &[WIDTHS, HEIGHTS],
    build,
};

const WIDTHS: &str = "image_width";
const HEIGHTS: &str = "image_height";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_width: Option<Number>,
    max_width: Option<Number>,
    min_height: Option<Number>,
    max_height: Option<Number>,
    any_or_all: AnyOrAll,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            min_width: Some(Number::Integer(1)),
            max_width: UNLIMITED,
            min_height: Some(Number::Integer(1)),
            max_height: UNLIMITED,
            any_or_all: AnyOrAll::Any,
        }
    }
}

/// Keeps rows by width and height of images; see [`ENTRY`].
pub struct ImageShapeFilter {
    common: Common,
    images: Images,
    any_or_all: AnyOrAll,
    width: Range,
    height: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let width = arguments.range(arguments.own.min_width, arguments.own.max_width);
    let height = arguments.range(arguments.own.min_height, arguments.own.max_height);
    let images = Images::of(&arguments.common);
    Ok(Operator::Filter(Box::new(ImageShapeFilter {
        images,
        any_or_all: arguments.own.any_or_all,
        width,
        height,
        common: arguments.common,
    })))
}

impl Filter for ImageShapeFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![WIDTHS.into(), HEIGHTS.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let sizes = self.images.sizes(row)?;
        let (widths, heights): (Vec<_>, Vec<_>) =
            sizes.into_iter().map(|size| (StatValue::Integer(size.width.into()), StatValue::Integer(size.height.into()))).unzip();
        Ok(vec![StatValue::List(widths), StatValue::List(heights)].into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        let [widths, heights] = values else { return Ok(true) };
        let (widths, heights) = (numbers(WIDTHS, widths)?, numbers(HEIGHTS, heights)?);
        let keeps = |(width, height): (&Number, &Number)| Ok(self.width.keep(*width) && self.height.keep(*height));
        self.any_or_all.keep(widths.iter().zip(&heights).map(keeps))
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
        let (stats, kept) = judge_row(ENTRY.name, json!({"min_width": 64}), &row).unwrap();
        assert_eq!(
            (format!("{:?}", stats), kept),
            ("[(\"image_width\", List([Integer(64)])), (\"image_height\", List([Integer(48)]))]".to_owned(), true)
        );
        assert!(!judge_row(ENTRY.name, json!({"min_width": 64, "reversed_range": true, "min_closed_interval": false}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"min_width": 64}), &json!({"images": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"images": ["no.png"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.png`: "), "{error}");
    }

    #[test]
    fn each_dimension_is_reversed_alone() {
        let kept = |arguments: Value| judge_row(ENTRY.name, arguments, &json!({"images": [asset("a.png")]})).unwrap().1;
        let bounds = |width: u64, height: u64| json!({"min_width": width, "max_width": width + 10, "min_height": height, "max_height": height + 10, "reversed_range": true});
        // 64 x 48: outside of both ranges, and of one of them.
        assert!(kept(bounds(70, 30)));
        assert!(!kept(bounds(60, 30)) && !kept(bounds(70, 45)) && !kept(bounds(60, 45)));
    }

    #[test]
    fn any_or_all_is_one_of_two_words() {
        let Err(error) = build(&json!({"any_or_all": "some"})) else { panic!() };
        assert_eq!(error.path.to_string(), "any_or_all");
        assert!(build(&json!({"any_or_all": "ALL"})).is_err());
    }
}
