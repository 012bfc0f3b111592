//! Words, spaces and punctuation.
//!
//! [`tokens`] cuts a text without losing a byte: joined, the tokens are the text. A token is
//!
//! - a *word*: letters, digits and `_`, and an apostrophe between two of them (`don't`);
//! - a single character of a script written without spaces (ideographs, kana, Hangul is spaced and makes words);
//! - a run of one and the same other character: `.`, `...`, `====`;
//! - a run of white space.
//!
//! One space before a token that is not white space belongs to that token (` the`, ` (`), so that the order of a word model is
//! spent on words; the rest of a run of white space is a token of its own. Tokens end at the latest after [`MAX_BYTES`].

/// The longest token in bytes; longer words and runs are cut at a character's end.
pub const MAX_BYTES: usize = 64;

/// The tokens of a text.
///
/// ```
/// use sandbox_lm::ngram::tokens;
/// let tokens: Vec<&str> = tokens("I don't  know...\n").collect();
/// assert_eq!(tokens, ["I", " don't", " ", " know", "...", "\n"]);
/// ```
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

/// An iterator over the tokens of a text; see [`tokens`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    rest: &'a str,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Space,
    Word,
    Alone,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => Kind::Word,
        ' ' | '\n' | '\t' | '\r' => Kind::Space,
        '\0'..='\x7f' => {
            if character.is_whitespace() {
                Kind::Space
            } else {
                Kind::Other
            }
        }
        // Radicals to Yi, compatibility ideographs, the planes of ideographs.
        '\u{2E80}'..='\u{2FFF}' | '\u{3005}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Kind::Alone,
        _ if character.is_alphanumeric() => Kind::Word,
        _ if character.is_whitespace() => Kind::Space,
        _ => Kind::Other,
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let length = token_length(self.rest)?;
        let (token, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(token)
    }
}

/// The length of the first token; `None` at the end.
fn token_length(text: &str) -> Option<usize> {
    let mut characters = text.chars();
    let mut first = characters.next()?;
    let mut length = first.len_utf8();
    if first == ' '
        && let Some(second) = characters.clone().next().filter(|second| kind(*second) != Kind::Space)
    {
        characters.next();
        first = second;
        length += second.len_utf8();
    }
    let run = kind(first);
    if run == Kind::Alone {
        return Some(length);
    }
    while let Some(next) = characters.next() {
        let goes_on = match (run, kind(next)) {
            (Kind::Word, Kind::Word) => true,
            (Kind::Word, _) if matches!(next, '\'' | '’') => characters.clone().next().is_some_and(|after| kind(after) == Kind::Word),
            // The last space of a run belongs to the word behind it.
            (Kind::Space, Kind::Space) => next != ' ' || characters.clone().next().is_none_or(|after| kind(after) == Kind::Space),
            (Kind::Other, Kind::Other) => next == first,
            _ => false,
        };
        if !goes_on || length + next.len_utf8() > MAX_BYTES {
            break;
        }
        length += next.len_utf8();
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(tokens(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn examples() {
        check("", &[]);
        check("The cat, (a 3rd) sat.", &["The", " cat", ",", " (", "a", " 3rd", ")", " sat", "."]);
        check("  two  ", &[" ", " two", "  "]);
        check("a\n\n b \n", &["a", "\n\n", " b", " \n"]);
        check("'tis Ann’s o'", &["'", "tis", " Ann’s", " o", "'"]);
        check(" === -=-", &[" ===", " -", "=", "-"]);
        check("学び方 한국 é_1", &["学", "び", "方", " 한국", " é_1"]);
        check(&"é".repeat(40), &[&"é".repeat(32), &"é".repeat(8)]);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(text in "[ab '\\n.,é学 ]{0,40}|\\PC{0,80}") {
            prop_assert_eq!(tokens(&text).collect::<String>(), text.clone());
            prop_assert!(tokens(&text).all(|token| !token.is_empty() && token.len() <= MAX_BYTES));
        }
    }
}
