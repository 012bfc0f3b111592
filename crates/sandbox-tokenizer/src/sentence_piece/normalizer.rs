//! The text as a model wants it: characters replaced, spaces tidied and made visible.

use super::charsmap::Charsmap;
use super::file::File;

/// How a model wants texts.
#[derive(Debug)]
pub(super) struct Normalizer {
    charsmap: Option<Charsmap>,
    /// Stand as they are, longest first.
    user_defined: Vec<String>,
    space_before: bool,
    space_behind: bool,
    tidy: bool,
    space: &'static str,
}

impl Normalizer {
    pub fn new(file: &File<'_>, mut user_defined: Vec<String>) -> Result<Self, String> {
        user_defined.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        Ok(Self {
            charsmap: Charsmap::read(file.charsmap)?,
            user_defined,
            space_before: file.add_dummy_prefix && !file.space_behind,
            space_behind: file.add_dummy_prefix && file.space_behind,
            tidy: file.remove_extra_whitespaces,
            space: if file.escape_whitespaces { "\u{2581}" } else { " " },
        })
    }

    /// Makes `normalized` the text as the model wants it.
    pub fn normalize(&self, text: &str, normalized: &mut String) {
        normalized.clear();
        let mut rest = text;
        while self.tidy && !rest.is_empty() {
            let (part, length) = self.first(rest);
            if part != " " {
                break;
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        if rest.is_empty() {
            return;
        }
        if self.space_before {
            normalized.push_str(self.space);
        }
        let mut after_space = self.tidy;
        while !rest.is_empty() {
            let (mut part, length) = self.first(rest);
            if after_space {
                part = part.trim_start_matches(' ');
            }
            if !part.is_empty() {
                for (number, between) in part.split(' ').enumerate() {
                    if number > 0 {
                        normalized.push_str(self.space);
                    }
                    normalized.push_str(between);
                }
                after_space = self.tidy && part.ends_with(' ');
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        if self.tidy {
            normalized.truncate(normalized.trim_end_matches(self.space).len());
        }
        if self.space_behind {
            normalized.push_str(self.space);
        }
    }

    /// What the text begins with after replacement, and how long that was before, at least one character.
    fn first<'t>(&'t self, text: &'t str) -> (&'t str, usize) {
        if let Some(piece) = self.user_defined.iter().find(|piece| text.starts_with(piece.as_str())) {
            return (piece, piece.len());
        }
        if let Some(replaced) = self.charsmap.as_ref().and_then(|charsmap| charsmap.longest(text)) {
            return replaced;
        }
        let length = text.chars().next().map_or(1, char::len_utf8);
        (text.get(..length).unwrap_or_default(), length)
    }
}
