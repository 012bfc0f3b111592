//! `audio_duration_filter`: the duration of audio files.

use std::borrow::Cow;

use sandbox_media::audio;
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
    name: "audio_duration_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose audio files have a duration in range",
    doc: "The statistic `audio_duration` holds the seconds of every file: its samples, as decoding gives them, by its sample rate. Known are WAV, AIFF, AU, CAF, FLAC, Ogg (Vorbis, Opus, FLAC) and MP3.",
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
    ],
    example: "- audio_duration_filter:\n    max_duration: 1\n\n[0.5 s] -> audio_duration [0.5], kept\n[1.25 s] -> audio_duration [1.25], dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "audio_duration";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_duration: Option<Number>,
    max_duration: Option<Number>,
    any_or_all: AnyOrAll,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_duration: Some(Number::Integer(0)), max_duration: UNLIMITED, any_or_all: AnyOrAll::Any }
    }
}

/// Keeps rows by the duration of audio files; see [`ENTRY`].
pub struct AudioDurationFilter {
    common: Common,
    field: String,
    any_or_all: AnyOrAll,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_duration, arguments.own.max_duration);
    let field = arguments.common.audio_key.clone().unwrap_or_else(|| "audios".to_owned());
    Ok(Operator::Filter(Box::new(AudioDurationFilter { field, any_or_all: arguments.own.any_or_all, range, common: arguments.common })))
}

impl Filter for AudioDurationFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let durations = each(row, &self.field, |path| audio::length(path).map(audio::Length::seconds))?;
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
        let row = json!({"audios": [asset("tone1.wav")]});
        let (stats, kept) = judge_row(ENTRY.name, json!({"max_duration": 1}), &row).unwrap();
        assert_eq!((format!("{:?}", stats), kept), ("[(\"audio_duration\", List([Float(0.5)]))]".to_owned(), true));
        assert!(!judge_row(ENTRY.name, json!({"min_duration": 1}), &row).unwrap().1);
        assert!(judge_row(ENTRY.name, json!({"max_duration": 1}), &json!({"audios": null})).unwrap().1);
        let error = judge_row(ENTRY.name, json!({}), &json!({"audios": ["no.wav"]})).unwrap_err();
        assert!(error.to_string().starts_with("Failed to read `no.wav`: "), "{error}");
    }
}
