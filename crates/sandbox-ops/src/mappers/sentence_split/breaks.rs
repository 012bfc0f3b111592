//! Whether a sentence ends in a few words: Punkt's two passes over their tokens (Kiss and Strunk, 2006).

use super::tables::{LOWER, Language, MIDDLE_UPPER, START_LOWER, Tables, UPPER};
use super::tokens::{NUMBER, Token, tokens};
use crate::unicode::lower::push_lower;

/// Whether some token ends a sentence and another one follows.
pub(super) fn contains_break(text: &str, language: Language) -> bool {
    let tables = language.tables();
    let mut tokens = tokens(text).map(|mut token| {
        let is_ellipsis = judge_alone(&mut token, tables);
        (token, is_ellipsis)
    });
    let Some(mut first) = tokens.next() else { return false };
    for second in tokens {
        let (mut token, is_ellipsis) = first;
        judge_pair(&mut token, is_ellipsis, &second.0, tables);
        if token.is_break {
            return true;
        }
        first = second;
    }
    false
}

/// The first pass: what a token is by itself. Returns whether it is an ellipsis.
fn judge_alone(token: &mut Token<'_>, tables: &Tables) -> bool {
    if matches!(token.text, "." | "?" | "!") {
        token.is_break = true;
    } else if token.is_ellipsis() {
        return true;
    } else if let Some(word) = token.text.strip_suffix('.').filter(|word| !word.ends_with('.')) {
        let mut form = String::new();
        push_lower(word, &mut form);
        let last = form.rsplit('-').next().unwrap_or_default();
        token.is_abbreviation = tables.abbreviations.contains(form.as_str()) || tables.abbreviations.contains(last);
        token.is_break = !token.is_abbreviation;
    }
    false
}

/// The second pass: what the next token says about one that ends with a period.
fn judge_pair(token: &mut Token<'_>, is_ellipsis: bool, next: &Token<'_>, tables: &Tables) {
    if !token.text.ends_with('.') {
        return;
    }
    let next_stem = next.stem_if_break();
    if tables.collocations.contains(&(token.stem(), next_stem)) {
        token.is_break = false;
        return;
    }
    let is_initial = token.is_initial();
    if (token.is_abbreviation || is_ellipsis) && !is_initial {
        let starts = begins_sentence(next, tables) == Some(true) || (next.starts_upper() && tables.starters.contains(next_stem));
        if starts {
            token.is_break = true;
            return;
        }
    }
    if is_initial || token.stem() == NUMBER {
        let begins = begins_sentence(next, tables);
        let is_name = begins.is_none() && is_initial && next.starts_upper() && tables.cases(next_stem) & LOWER == 0;
        if begins == Some(false) || is_name {
            token.is_break = false;
        }
    }
}

/// Whether a token is the first of a sentence, by its first letter and the cases in which the word was seen.
fn begins_sentence(token: &Token<'_>, tables: &Tables) -> Option<bool> {
    if matches!(token.text, ";" | ":" | "," | "." | "!" | "?") {
        return Some(false);
    }
    let cases = tables.cases(token.stem_if_break());
    if token.starts_upper() && cases & LOWER != 0 && cases & MIDDLE_UPPER == 0 {
        return Some(true);
    }
    if token.starts_lower() && (cases & UPPER != 0 || cases & START_LOWER == 0) {
        return Some(false);
    }
    None
}
