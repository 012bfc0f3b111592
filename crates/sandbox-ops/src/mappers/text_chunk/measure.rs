//! Pieces of at most so many characters or tokens.

use std::borrow::Cow;
use std::sync::Arc;

use sandbox_tokenizer::Tokenizer;

use crate::error::OpError;
use crate::pattern::Finder;

/// How long pieces are, in characters, or in tokens if there is a tokenizer.
pub(super) struct Measure {
    /// The most.
    pub longest: usize,
    /// Where the next piece starts, from the start of one.
    pub step: usize,
    pub tokenizer: Option<Arc<Tokenizer>>,
}

/// Where the character of a number begins, or the end of the text.
fn offset(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(position, _)| position)
}

fn tokens(error: &sandbox_tokenizer::Error) -> OpError {
    OpError::Tokens(error.to_string())
}

impl Measure {
    /// Pieces of the greatest length, one step apart.
    pub fn windows<'t>(&self, text: &'t str) -> Result<Vec<Cow<'t, str>>, OpError> {
        let Some(tokenizer) = &self.tokenizer else { return Ok(self.windows_of_characters(text)) };
        let ids = tokenizer.encode(text).map_err(|error| tokens(&error))?;
        if ids.len() <= self.longest {
            return Ok(vec![Cow::Borrowed(text)]);
        }
        let starts = (0..ids.len()).step_by(self.step);
        let window = |start: usize| tokenizer.decode(&ids[start..ids.len().min(start.saturating_add(self.longest))]);
        starts.map(|start| window(start).map(Cow::Owned).map_err(|error| tokens(&error))).collect()
    }

    fn windows_of_characters<'t>(&self, text: &'t str) -> Vec<Cow<'t, str>> {
        if offset(text, self.longest) == text.len() {
            return vec![Cow::Borrowed(text)];
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            pieces.push(Cow::Borrowed(&rest[..offset(rest, self.longest)]));
            rest = &rest[offset(rest, self.step)..];
        }
        pieces
    }

    /// Pieces that end at the last match of a pattern within the greatest length.
    pub fn at_matches<'t>(&self, text: &'t str, finder: &Finder) -> Result<Vec<Cow<'t, str>>, OpError> {
        let mut pieces = Vec::new();
        let mut rest = Cow::Borrowed(text);
        loop {
            let Some((piece, next)) = self.cut(&rest, finder)? else {
                pieces.push(rest);
                return Ok(pieces);
            };
            pieces.push(match &piece {
                Part::Range(end) => slice(&rest, 0, *end),
                Part::Text(piece) => Cow::Owned(piece.clone()),
            });
            rest = match next {
                Part::Range(start) => slice(&rest, start, rest.len()),
                Part::Text(text) => Cow::Owned(text),
            };
        }
    }

    /// The first piece and what comes after it; none if the text is short enough.
    fn cut(&self, text: &str, finder: &Finder) -> Result<Option<(Part, Part)>, OpError> {
        let (prefix, rest) = match &self.tokenizer {
            None => {
                let end = offset(text, self.longest);
                if end == text.len() {
                    return Ok(None);
                }
                (Cow::Borrowed(&text[..end]), Part::Range(offset(text, self.step)))
            }
            Some(tokenizer) => {
                let ids = tokenizer.encode(text).map_err(|error| tokens(&error))?;
                if ids.len() <= self.longest {
                    return Ok(None);
                }
                let decode = |ids: &[u32]| tokenizer.decode(ids).map_err(|error| tokens(&error));
                (Cow::Owned(decode(&ids[..self.longest])?), Part::Text(decode(&ids[self.step..])?))
            }
        };
        let mut last = None;
        finder.each(&prefix, |captures| last = captures.get(0).map(|found| found.range()).or(last.take()))?;
        let stuck = || finder.failed("pieces would never get any further in this text".to_owned());
        let Some(found) = last else {
            let is_stuck = matches!(&rest, Part::Text(rest) if rest.len() >= text.len());
            let piece = if self.tokenizer.is_some() { Part::Text(prefix.into_owned()) } else { Part::Range(prefix.len()) };
            return if is_stuck { Err(stuck()) } else { Ok(Some((piece, rest))) };
        };
        // The match was found in the tokens' text; its place is taken in the text itself, by characters.
        let place = |end: usize| match self.tokenizer {
            Some(_) => offset(text, prefix[..end].chars().count()),
            None => end,
        };
        if found.end == 0 {
            return Err(stuck());
        }
        Ok(Some((Part::Range(place(found.start)), Part::Range(place(found.end)))))
    }
}

/// A part of a text: up to or from a place, or a text of its own.
enum Part {
    Range(usize),
    Text(String),
}

fn slice<'t>(text: &Cow<'t, str>, start: usize, end: usize) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
    }
}
