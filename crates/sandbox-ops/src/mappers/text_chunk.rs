//! `text_chunk_mapper`: texts cut into several rows.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sandbox_tokenizer::{Places, Tokenizer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Splitter};
use crate::pattern::Finder;
use crate::registry::{Entry, Parameter};
use crate::unicode::strip;

mod measure;

use measure::Measure;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "text_chunk_mapper",
    kind: Kind::Mapper,
    summary: "Cut texts into several rows, at a pattern, at a length, or both",
    doc: "With a pattern alone the text is cut at its matches, which become rows themselves; blank pieces are dropped. With a \
          length alone pieces of that length start every `max_len - overlap_len`. With both a piece ends at the last match within \
          `max_len`, which is dropped, or, if there is none, at `max_len`, and the next one starts `overlap_len` before. All other \
          fields are repeated; a text without pieces takes its row away.",
    parameters: &[
        Parameter {
            name: "max_len",
            kind: "whole number from 1 on, or null",
            default: "null",
            doc: "The longest piece, in characters or tokens.",
        },
        Parameter {
            name: "split_pattern",
            kind: "regular expression or null",
            default: "\"\\\\n\\\\n\"",
            doc: "Where to cut; the syntax is that of Python's `re`.",
        },
        Parameter {
            name: "overlap_len",
            kind: "whole number",
            default: "0",
            doc: "What pieces have in common with the one before, in characters or tokens; less than `max_len`.",
        },
        Parameter {
            name: "tokenizer",
            kind: "text or null",
            default: "null",
            doc: "Count tokens of this Hugging Face model instead of characters: the folder of its `tokenizer.json`, or its name.",
        },
        Parameter { name: "trust_remote_code", kind: "true or false", default: "false", doc: "Without effect: no code of others is run." },
    ],
    example: "- text_chunk_mapper:\n    max_len: 4\n    overlap_len: 2\n    split_pattern: null\n\nabcdefgh -> abcd, cdef, efgh, gh",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    max_len: Option<NonZeroUsize>,
    split_pattern: Option<String>,
    overlap_len: usize,
    tokenizer: Option<String>,
    trust_remote_code: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { max_len: None, split_pattern: Some(r"\n\n".to_owned()), overlap_len: 0, tokenizer: None, trust_remote_code: false }
    }
}

/// Cuts texts into several rows; see [`ENTRY`].
pub struct TextChunkMapper {
    common: Common,
    cut: Cut,
}

enum Cut {
    /// At the matches of a pattern, which is the first group.
    Matches(Finder),
    Length(Measure),
    Both(Measure, Finder),
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let Parameters { max_len, split_pattern, overlap_len, tokenizer, .. } = own;
    let finder = |pattern: &str| Finder::new("split_pattern", pattern);
    let cut = match (max_len, split_pattern) {
        (None, None) => {
            let error = BuildError::parameter("max_len", "`max_len`, `split_pattern`: both are null, so that nothing says where to cut");
            return Err(error.hint("give one of them"));
        }
        (None, Some(pattern)) => {
            finder(&pattern)?;
            Cut::Matches(finder(&format!("({pattern})"))?)
        }
        (Some(max_len), pattern) => {
            if overlap_len >= max_len.get() {
                let message = format!("`overlap_len`: expected less than `max_len`, which is {max_len}, got {overlap_len}");
                return Err(BuildError::parameter("overlap_len", message));
            }
            let tokenizer = tokenizer.as_deref().map(model).transpose()?;
            let measure = Measure { longest: max_len.get(), step: max_len.get() - overlap_len, tokenizer };
            match pattern {
                None => Cut::Length(measure),
                Some(pattern) => Cut::Both(measure, finder(&pattern)?),
            }
        }
    };
    Ok(Operator::Splitter(Box::new(TextChunkMapper { common, cut })))
}

fn model(name: &str) -> Result<Arc<Tokenizer>, BuildError> {
    let found = Places::of_environment().hugging_face(name).and_then(|path| Tokenizer::shared(&path));
    found.map_err(|error| {
        let hint = "a folder with a `tokenizer.json` of Hugging Face is needed; names of tiktoken and DashScope models are not known here";
        BuildError::parameter("tokenizer", error.to_string()).hint(hint)
    })
}

impl Splitter for TextChunkMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn split<'t>(&self, text: &'t str) -> Result<Vec<Cow<'t, str>>, OpError> {
        match &self.cut {
            Cut::Matches(finder) => at_matches(text, finder),
            Cut::Length(measure) => measure.windows(text),
            Cut::Both(measure, finder) => measure.at_matches(text, finder),
        }
    }
}

/// The pieces between matches, and the matches and their groups.
fn at_matches<'t>(text: &'t str, finder: &Finder) -> Result<Vec<Cow<'t, str>>, OpError> {
    let mut pieces = Vec::new();
    let mut add = |piece: &'t str| {
        if !strip(piece).is_empty() {
            pieces.push(Cow::Borrowed(piece));
        }
    };
    let mut copied = 0;
    finder.each(text, |captures| {
        let Some(whole) = captures.get(0) else { return };
        add(&text[copied..whole.start()]);
        captures.iter().skip(1).flatten().for_each(|group| add(group.as_str()));
        copied = whole.end();
    })?;
    add(&text[copied..]);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;

    fn split(arguments: Value, text: &str) -> Vec<String> {
        let Operator::Splitter(splitter) = build(&arguments).unwrap() else { panic!() };
        splitter.split(text).unwrap().into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        for (arguments, parameter) in [
            (json!({"split_pattern": null}), "max_len"),
            (json!({"max_len": 3, "overlap_len": 3}), "overlap_len"),
            (json!({"split_pattern": "("}), "split_pattern"),
            (json!({"split_pattern": ")("}), "split_pattern"),
            (json!({"max_len": 3, "tokenizer": "gpt-4o"}), "tokenizer"),
            (json!({"max_len": 0}), "max_len"),
        ] {
            assert_eq!(build(&arguments).unwrap_err().path.to_string(), parameter);
        }
    }

    #[test]
    fn example() {
        assert_eq!(split(json!({"max_len": 4, "overlap_len": 2, "split_pattern": null}), "abcdefgh"), ["abcd", "cdef", "efgh", "gh"]);
    }

    /// Results recorded from the original's way with Python's `re`.
    #[test]
    fn as_in_python() {
        assert_eq!(split(json!({}), "a\n\n \n\nb\n\n"), ["a", "b"]);
        assert_eq!(split(json!({"split_pattern": "[.!]|(;)"}), "a.b;c!"), ["a", ".", "b", ";", ";", "c", "!"]);
        assert_eq!(split(json!({"split_pattern": r"\s"}), "a\u{1c}b"), ["a", "b"]);
        assert_eq!(split(json!({"split_pattern": "x*"}), "axb"), ["a", "x", "b"]);
        assert!(split(json!({}), " \n").is_empty());
        let both = json!({"max_len": 5, "split_pattern": "[ ]", "overlap_len": 1});
        assert_eq!(split(both.clone(), "aa bb ccccccccc d"), ["aa", "bb", "ccccc", "ccccc", "c d"]);
        assert_eq!(split(both.clone(), "éé éé"), ["éé éé"]);
        assert_eq!(split(both, ""), [""]);
        assert_eq!(split(json!({"max_len": 2, "split_pattern": null}), ""), [""]);
    }

    #[test]
    fn many_pieces_need_no_stack() {
        assert_eq!(split(json!({"max_len": 1}), &"ab".repeat(100_000)).len(), 200_000);
    }

    #[test]
    fn a_pattern_that_never_gets_on_is_an_error() {
        let Operator::Splitter(splitter) = build(&json!({"max_len": 2, "split_pattern": "^"})).unwrap() else { panic!() };
        assert!(splitter.split("abc").is_err());
    }
}
