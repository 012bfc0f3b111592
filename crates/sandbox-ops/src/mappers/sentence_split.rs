//! `sentence_split_mapper`: one sentence a line.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr3_iter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};
use crate::unicode::{SPACE, classes};

mod breaks;
mod tables;
mod tokens;

use breaks::contains_break;
use tables::Language;
use tokens::{ends_word, is_space};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "sentence_split_mapper",
    kind: Kind::Mapper,
    summary: "Put every sentence on a line of its own",
    doc: "Sentences are those of the Punkt tokenizer of NLTK 3.9.1 with its tables of the language. White space between \
          sentences becomes one line feed, white space at the end is lost, line feeds within a sentence stay.",
    parameters: &[Parameter { name: "lang", kind: "en, fr, pt or es", default: "\"en\"", doc: "The language of the texts." }],
    example: "- sentence_split_mapper:\n    lang: en\n\nDr. Smith paid 5 dollars. He left. -> Dr. Smith paid 5 dollars.\\nHe left.",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lang: "en".to_owned() }
    }
}

/// Puts every sentence on a line of its own; see [`ENTRY`].
pub struct SentenceSplitMapper {
    common: Common,
    language: Language,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { lang }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let language = match lang.as_str() {
        "en" => Language::English,
        "fr" => Language::French,
        "pt" => Language::Portuguese,
        "es" => Language::Spanish,
        _ => {
            let error = BuildError::parameter("lang", format!("`lang`: there are no sentences of `{lang}`"));
            return Err(error.hint("one of en, fr, pt, es"));
        }
    };
    Ok(Operator::Mapper(Box::new(SentenceSplitMapper { common, language })))
}

impl Mapper for SentenceSplitMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut out = String::new();
        let mut is_first = true;
        for sentence in realigned(text, slices(text, self.language)) {
            if sentence.len() == text.len() {
                return Ok(Cow::Borrowed(text));
            }
            if !is_first {
                out.push('\n');
            }
            is_first = false;
            out.push_str(&text[sentence]);
        }
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }
}

/// A mark that may end a sentence.
struct Candidate {
    /// Where the mark stands, one byte.
    mark: usize,
    /// Where the word before it begins.
    word: usize,
    /// What follows the mark and decides: a mark, or white space and a word.
    after: Range<usize>,
    /// Where the next sentence begins, if there is one.
    next: usize,
}

/// The marks of a text that may end a sentence, each with the word before it and what follows.
fn candidates(text: &str) -> impl Iterator<Item = Candidate> {
    let mut marks = memchr3_iter(b'.', b'?', b'!', text.as_bytes());
    let mut last: Option<Candidate> = None;
    let (mut start, mut stop) = (0, 0);
    std::iter::from_fn(move || {
        for mark in marks.by_ref() {
            let Some((after, next)) = context(text, mark) else { continue };
            // White space at the very first place counts as none, as in the original.
            let space =
                text.as_bytes()[stop..mark].iter().rposition(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).filter(|space| *space > 0);
            let word = space.map_or(start, |space| stop + space + 1);
            let ready = last.take_if(|_| stop <= word);
            (start, stop) = (word, mark);
            last = Some(Candidate { mark, word, after, next });
            if ready.is_some() {
                return ready;
            }
        }
        last.take()
    })
}

/// What follows a mark, and where the next sentence would begin; none if the mark ends nothing.
fn context(text: &str, mark: usize) -> Option<(Range<usize>, usize)> {
    let rest = &text[mark + 1..];
    let first = rest.chars().next()?;
    if ends_word(first) {
        return Some((mark + 1..mark + 2, mark + 1));
    }
    if !is_space(first) {
        return None;
    }
    let word = rest.trim_start_matches(is_space);
    let length = word.find(is_space).unwrap_or(word.len());
    let start = text.len() - word.len();
    (length > 0).then_some((mark + 1..start + length, start))
}

/// The sentences before closing marks are put where they belong.
fn slices(text: &str, language: Language) -> impl Iterator<Item = Range<usize>> {
    let end = text.trim_end_matches(|character| classes().is(character, SPACE)).len();
    let mut start = 0;
    let mut candidates = candidates(text).map(Some).chain([None]);
    std::iter::from_fn(move || {
        loop {
            let Some(candidate) = candidates.next()? else { return Some(start..end.max(start)) };
            if contains_break(&text[candidate.word..candidate.after.end], language) {
                let sentence = start..candidate.mark + 1;
                start = candidate.next;
                return Some(sentence);
            }
        }
    })
}

/// The sentences, each with the closing quotes and brackets that follow its mark.
fn realigned(text: &str, slices: impl Iterator<Item = Range<usize>>) -> impl Iterator<Item = Range<usize>> {
    let mut slices = slices.peekable();
    let mut shift = 0;
    std::iter::from_fn(move || {
        loop {
            let slice = slices.next()?;
            let start = slice.start + shift;
            let Some(next) = slices.peek() else { return (start < slice.end).then_some(start..slice.end) };
            let (closing, with_space) = closing(&text[next.clone()]);
            shift = with_space;
            if closing > 0 {
                return Some(start..next.start + closing);
            }
            if start < slice.end {
                return Some(start..slice.end);
            }
        }
    })
}

/// How long the closing marks at the start of a sentence are, without and with the white space after them.
fn closing(sentence: &str) -> (usize, usize) {
    for (position, byte) in sentence.bytes().enumerate() {
        if !matches!(byte, b'"' | b'\'' | b')' | b']' | b'}') {
            break;
        }
        let end = position + 1;
        let rest = &sentence[end..];
        let after = rest.trim_start_matches(is_space);
        if rest.is_empty() || rest.starts_with("--") || after.len() < rest.len() {
            return (end, sentence.len() - after.len());
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        let error = build(&json!({"lang": "de"})).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint.as_deref()),
            ("`lang`: there are no sentences of `de`", Some("one of en, fr, pt, es"))
        );
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "Dr. Smith paid 5 dollars. He left."), "Dr. Smith paid 5 dollars.\nHe left.");
    }

    /// Results recorded from NLTK 3.9.1.
    #[test]
    fn as_in_nltk() {
        for (lang, text, expected) in [
            ("en", "  Leading. Trailing \n", "  Leading.\nTrailing"),
            (
                "en",
                "(Sent1.) Sent2. \"Quoted?\" she said. 'Why?' He did.) ] x",
                "(Sent1.)\nSent2.\n\"Quoted?\"\nshe said.\n'Why?'\nHe did.)\n] x",
            ),
            (
                "en",
                "J. Bach met Mr. X. on Jan. 5. It was St. Louis vs. the U.S. Government... But no! Why?! yes",
                "J. Bach met Mr. X. on Jan. 5.\nIt was St. Louis vs. the U.S. Government...\nBut no!\nWhy?!\nyes",
            ),
            (
                "en",
                "No. 5 is alive. no. five is not. e.g. this i.e. That. The end.--Next",
                "No.\n5 is alive.\nno.\nfive is not.\ne.g.\nthis i.e.\nThat.\nThe end.--Next",
            ),
            (
                "en",
                "He said 5. He left at 7 p.m. Monday. At 3 a.m. the bell rang.",
                "He said 5.\nHe left at 7 p.m. Monday.\nAt 3 a.m. the bell rang.",
            ),
            (
                "fr",
                "M. Dupont est parti. Il a vu Mme. Durand, etc. Les autres attendent.",
                "M. Dupont est parti.\nIl a vu Mme.\nDurand, etc.\nLes autres attendent.",
            ),
            ("pt", "O Sr. Silva chegou. Ele disse: não! E foi.", "O Sr. Silva chegou.\nEle disse: não!\nE foi."),
            (
                "es",
                "El Sr. García vive en EE.UU. desde 1990. ¿Por qué? No sé.",
                "El Sr. García vive en EE.UU. desde 1990.\n¿Por qué?\nNo sé.",
            ),
            ("en", ". . . a\u{1c}b.\u{3000}C!\u{2028}d", ".\n.\n.\na\u{1c}b.\u{3000}C!\nd"),
            ("en", " .x. Y", " .x.\nY"),
            ("en", "a.) \"\n b", "a.)\n\"\n b"),
        ] {
            assert_eq!(mapped(ENTRY.name, json!({"lang": lang}), text), expected);
        }
    }

    #[test]
    fn long_runs_take_no_time_to_speak_of() {
        for part in ["!", ". ", ".)", "?'", ". . .", "a,", "A. ", "-"] {
            let text = part.repeat(200_000);
            assert!(mapped(ENTRY.name, json!({}), &text).len() <= 2 * text.len());
        }
    }
}
