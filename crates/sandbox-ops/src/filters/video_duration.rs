//! `video_duration_filter`: the duration of videos.

use std::borrow::Cow;

use sandbox_media::video::{self, Video};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::media::{ANY_OR_ALL, AnyOrAll, each};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range, UNLIMITED};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "video_duration_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose videos have a duration in range",
    doc: "The statistic `video_duration` holds the seconds of the first stream of every video; where the container says nothing of single streams (MKV, WebM), those of the whole. Known are MP4, MOV, MKV, WebM and AVI. The backend decides about digits: `ffmpeg` has six behind the point, `av` all.",
    parameters: &[
        Parameter {
            name: "min_duration",
            kind: "number or null",
            default: "0",
            doc: "Shortest duration kept, in seconds; null: not tested.",
        },
        Parameter {
            name: "max_duration",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Longest duration kept; null: not tested.",
        },
        ANY_OR_ALL,
        Parameter {
            name: "video_backend",
            kind: "`ffmpeg` or `av`",
            default: "\"ffmpeg\"",
            doc: "Whose digits durations have; neither program is needed.",
        },
    ],
    example: "- video_duration_filter:\n    max_duration: 1.2\n\n[0.8 s] -> video_duration [0.8], kept\n[1.5 s] -> video_duration [1.5], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "video_duration";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_duration: Option<Number>,
    max_duration: Option<Number>,
    any_or_all: AnyOrAll,
    video_backend: Backend,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Backend {
    Ffmpeg,
    Av,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_duration: Some(Number::Integer(0)), max_duration: UNLIMITED, any_or_all: AnyOrAll::Any, video_backend: Backend::Ffmpeg }
    }
}

/// Keeps rows by the duration of videos; see [`ENTRY`].
pub struct VideoDurationFilter {
    common: Common,
    field: String,
    any_or_all: AnyOrAll,
    range: Range,
    video_backend: Backend,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_duration, arguments.own.max_duration);
    let field = arguments.common.video_key.clone().unwrap_or_else(|| "videos".to_owned());
    Ok(Operator::Filter(Box::new(VideoDurationFilter {
        field,
        any_or_all: arguments.own.any_or_all,
        range,
        video_backend: arguments.own.video_backend,
        common: arguments.common,
    })))
}

impl Filter for VideoDurationFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let seconds = match self.video_backend {
            Backend::Ffmpeg => Video::seconds_as_printed,
            Backend::Av => Video::seconds,
        };
        let durations = each(row, &self.field, |path| video::video(path).map(|video| seconds(&video)))?;
        Ok(StatValue::List(durations.into_iter().map(StatValue::Float).collect()).into())
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
        let row = json!({"videos": [asset("v1.mp4")]});
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_duration": 1.5}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"video_duration\", List([Float(1.5)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"min_duration": 1.6, "video_backend": "av"}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_duration": 1.5}), &json!({"videos": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"videos": ["no.mp4"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.mp4`: "), "{error}");
    }
}
