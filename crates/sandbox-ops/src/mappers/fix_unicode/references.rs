//! Named and numbered character references that are not part of a page, as ftfy 6.3.1 decodes them.

use std::borrow::Cow;
use std::sync::LazyLock;

use hashbrown::HashMap;
use memchr::memchr_iter;

use crate::html::{entities, number, unescape};

/// The most letters and digits between `&` or `&#` and the semicolon.
const LONGEST: usize = 24;

/// Names in capitals that stand for the same in capitals, where HTML has no other meaning for them: `EACUTE;` is É.
static CAPITALS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let lower = entities().filter(|(name, _)| name.ends_with(';') && !name.bytes().any(|byte| byte.is_ascii_uppercase()));
    let capitals = lower.map(|(name, value)| (format!("&{}", name.to_ascii_uppercase()), value.to_uppercase()));
    capitals.filter(|(name, _)| unescape(name) == name.as_str()).collect()
});

/// The text with its references decoded, those with a semicolon alone.
pub(super) fn decode_references(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for start in memchr_iter(b'&', text.as_bytes()) {
        let rest = &text[start..];
        let body = rest[1..].strip_prefix('#').unwrap_or(&rest[1..]);
        let count = body.bytes().take_while(u8::is_ascii_alphanumeric).take(LONGEST).count();
        if count == 0 || body.as_bytes().get(count) != Some(&b';') {
            continue;
        }
        let length = rest.len() - body.len() + count + 1;
        if let Some(value) = decode(&rest[..length]) {
            out.push_str(&text[copied..start]);
            out.push_str(&value);
            copied = start + length;
        }
    }
    if copied == 0 {
        return text;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What one reference stands for; none if it stays.
fn decode(reference: &str) -> Option<Cow<'static, str>> {
    if let Some(numbered) = reference.strip_prefix("&#") {
        let (character, length) = number(numbered)?;
        let is_whole = length == numbered.len() && character != Some(';');
        return is_whole.then(|| character.map_or(Cow::Borrowed(""), |character| Cow::Owned(character.to_string())));
    }
    let named = crate::html::entity(&reference[1..]).map(Cow::Borrowed);
    named.or_else(|| CAPITALS.get(reference).map(|value| Cow::Borrowed(value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_ftfy() {
        // As many as ftfy's table has.
        assert_eq!(entities().filter(|(name, _)| name.ends_with(';')).count() + CAPITALS.len(), 3501);
        for (text, expected) in [
            ("P&EACUTE;REZ BUNDESSTRA&SZLIG;E &ntilde;&nTILDE;", "PÉREZ BUNDESSTRASSE ñ&nTILDE;"),
            ("this&not that &amp &amp;lt;", "this&not that &amp &lt;"),
            ("&#59;&#65;&#x41;&#12ab;&#1;&&#;", "&#59;AA&#12ab;&&#;"),
            ("&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegral;"),
        ] {
            assert_eq!(decode_references(Cow::Borrowed(text)), expected);
        }
    }
}
