//! `audio_size_filter`: the size of audio files.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::{ANY_OR_ALL, AnyOrAll, bytes_in_words, each, file_size};
use crate::operator::{Filter, Kind, Operator};
use crate::range::Range;
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "audio_size_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose audio files have a size in range",
    doc: "The statistic `audio_sizes` holds the bytes of every file. Bounds are texts such as `20`, `20 KB` or `1500 MiB`; every thousand is 1024. Only digits and letters of them count: `1.5 KB` is 15 KB.",
    parameters: &[
        Parameter { name: "min_size", kind: "text", default: "\"0\"", doc: "Smallest size kept." },
        Parameter { name: "max_size", kind: "text", default: "\"1TB\"", doc: "Largest size kept." },
        ANY_OR_ALL,
    ],
    example: "- audio_size_filter:\n    max_size: 20 KB\n\n[8044 bytes] -> audio_sizes [8044], kept\n[40044 bytes] -> audio_sizes [40044], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "audio_sizes";

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

/// Keeps rows by the size of audio files; see [`ENTRY`].
pub struct AudioSizeFilter {
    common: Common,
    field: String,
    any_or_all: AnyOrAll,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let bound = |name: &str, text: &str| bytes_in_words(text).map_err(|wrong| BuildError::parameter(name, format!("`{name}`: {wrong}")));
    let (min, max) = (bound("min_size", &arguments.own.min_size)?, bound("max_size", &arguments.own.max_size)?);
    let range = arguments.range(Some(min), Some(max));
    let field = arguments.common.audio_key.clone().unwrap_or_else(|| "audios".to_owned());
    Ok(Operator::Filter(Box::new(AudioSizeFilter { field, any_or_all: arguments.own.any_or_all, range, common: arguments.common })))
}

impl Filter for AudioSizeFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let sizes = each(row, &self.field, file_size)?;
        Ok(StatValue::List(sizes.into_iter().map(|size| StatValue::Integer(i64::try_from(size).unwrap_or(i64::MAX))).collect()).into())
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
        let row = json!({"audios": [asset("tone1.wav")]});
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_size": "20 KB"}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"audio_sizes\", List([Integer(8044)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"max_size": "100"}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_size": "20 KB"}), &json!({"audios": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"audios": ["no.wav"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.wav`: "), "{error}");
    }

    #[test]
    fn sizes_that_are_none_are_told() {
        let Err(error) = build(&json!({"min_size": "10 Bytes"})) else { panic!() };
        assert_eq!(error.path.to_string(), "min_size");
        assert!(error.to_string().contains("got `10 Bytes`"), "{error}");
    }
}
