//! Strings out of their JSON form.

use std::borrow::Cow;

use memchr::memchr;

/// The text of a JSON string that was checked, given without its quotes.
pub(crate) fn unescape(json: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', json.as_bytes()) else { return Cow::Borrowed(json) };
    let mut text = String::with_capacity(json.len());
    text.push_str(&json[..first]);
    let mut rest = &json[first..];
    while let Some(escape) = rest.strip_prefix('\\') {
        let after = match escape.as_bytes().first() {
            Some(b'u') => {
                let (character, length) = unicode(escape);
                text.push(character);
                &escape[length..]
            }
            Some(&byte) => {
                text.push(match byte {
                    b'b' => '\u{8}',
                    b'f' => '\u{c}',
                    b'n' => '\n',
                    b'r' => '\r',
                    b't' => '\t',
                    other => char::from(other),
                });
                &escape[1..]
            }
            None => break,
        };
        let run = memchr(b'\\', after.as_bytes()).unwrap_or(after.len());
        text.push_str(&after[..run]);
        rest = &after[run..];
    }
    Cow::Owned(text)
}

/// The character of `u0041` or `ud83d\ude00`, and how many bytes it takes.
fn unicode(escape: &str) -> (char, usize) {
    let unit = |at: usize| escape.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xfffd);
    let high = unit(1);
    if (0xd800..0xdc00).contains(&high) {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (unit(7).wrapping_sub(0xdc00) & 0x3ff);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}
