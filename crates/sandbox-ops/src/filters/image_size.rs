//! `image_size_filter`: the size of image files.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::images::Images;
use crate::media::{ANY_OR_ALL, AnyOrAll, bytes_in_words};
use crate::operator::{Filter, Kind, Operator};
use crate::range::Range;
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "image_size_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose image files have a size in range",
    doc: "The statistic `image_sizes` holds the bytes of every file, or of what rows bring along in the field `image_bytes`: a list of as many base64 texts. Bounds are texts such as `20`, `20 KB` or `1500 MiB`; every thousand is 1024. Only digits and letters of them count: `1.5 KB` is 15 KB.",
    parameters: &[
        Parameter { name: "min_size", kind: "text", default: "\"0\"", doc: "Smallest size kept." },
        Parameter { name: "max_size", kind: "text", default: "\"1TB\"", doc: "Largest size kept." },
        ANY_OR_ALL,
    ],
    example: "- image_size_filter:\n    max_size: 20 KB\n\n[175 bytes] -> image_sizes [175.0], kept\n[40044 bytes] -> image_sizes [40044.0], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "image_sizes";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_size: String,
    max_size: String,
    any_or_all: AnyOrAll,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_size: "0".to_owned(), max_size: "1TB".to_owned(), any_or_all: AnyOrAll::Any }
    }
}

/// Keeps rows by the size of image files; see [`ENTRY`].
pub struct ImageSizeFilter {
    common: Common,
    images: Images,
    any_or_all: AnyOrAll,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let bound = |name: &str, text: &str| bytes_in_words(text).map_err(|wrong| BuildError::parameter(name, format!("`{name}`: {wrong}")));
    let (min, max) = (bound("min_size", &arguments.own.min_size)?, bound("max_size", &arguments.own.max_size)?);
    let range = arguments.range(Some(min), Some(max));
    let images = Images::of(&arguments.common);
    Ok(Operator::Filter(Box::new(ImageSizeFilter { images, any_or_all: arguments.own.any_or_all, range, common: arguments.common })))
}

impl Filter for ImageSizeFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let sizes = self.images.file_sizes(row)?;
        Ok(StatValue::List(sizes.into_iter().map(|size| StatValue::Float(size as f64)).collect()).into())
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
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_size": "20 KB"}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"image_sizes\", List([Float(175.0)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"max_size": "100"}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_size": "20 KB"}), &json!({"images": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"images": ["no.png"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.png`: "), "{error}");
    }

    #[test]
    fn sizes_that_are_none_are_told() {
        let Err(error) = build(&json!({"min_size": "10 Bytes"})) else { panic!() };
        assert_eq!(error.path.to_string(), "min_size");
        assert!(error.to_string().contains("got `10 Bytes`"), "{error}");
    }
}
