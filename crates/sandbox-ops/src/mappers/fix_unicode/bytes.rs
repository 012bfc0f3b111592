//! Bytes that may be UTF-8 after all: what was lost in them, and how they are decoded.
//!
//! The rules are those of ftfy 6.3.1 (Robyn Speer, Apache-2.0).

use std::sync::LazyLock;

use regex::bytes::Regex;

/// UTF-8 in which a byte A0 has become a space. Only where that gives characters people write.
static SPACED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let later = r"[\x80-\x84\x86-\x9f\xa1-\xbf]";
    let any = r"[\x80-\xbf]";
    let sequences = [
        r"[\xc2\xc3\xc5\xce\xd0\xd9] ".to_owned(),
        format!(r"[\xe2\xe3] {later}"),
        format!(r"[\xe0-\xe3]{later} "),
        format!(r"\xf0 {any}{any}"),
        format!(r"\xf0{any} {any}"),
        format!(r"\xf0{any}{any} "),
    ];
    Regex::new(&format!("(?-u:{})", sequences.join("|"))).ok()
});

/// UTF-8 in which bytes have become 1A, or one of them a question mark.
static LOSSY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let sequences = [
        r"[\xc2-\xdf]\x1a",
        r"[\xc2-\xc3]\?",
        r"\xed[\xa0-\xaf][\x1a?]\xed[\xb0-\xbf][\x1a?\x80-\xbf]",
        r"\xed[\xa0-\xaf][\x1a?\x80-\xbf]\xed[\xb0-\xbf][\x1a?]",
        r"[\xe0-\xef][\x1a?][\x1a\x80-\xbf]",
        r"[\xe0-\xef][\x1a\x80-\xbf][\x1a?]",
        r"[\xf0-\xf4][\x1a?][\x1a\x80-\xbf][\x1a\x80-\xbf]",
        r"[\xf0-\xf4][\x1a\x80-\xbf][\x1a?][\x1a\x80-\xbf]",
        r"[\xf0-\xf4][\x1a\x80-\xbf][\x1a\x80-\xbf][\x1a?]",
        r"\x1a",
    ];
    Regex::new(&format!("(?-u:{})", sequences.join("|"))).ok()
});

/// Puts byte A0 back where a space has taken its place.
pub(super) fn restore_spaces(bytes: Vec<u8>) -> Vec<u8> {
    let Some(spaced) = SPACED.as_ref().filter(|spaced| spaced.is_match(&bytes)) else { return bytes };
    let bytes = restore_words(&bytes);
    let restored = spaced.replace_all(&bytes, |found: &regex::bytes::Captures<'_>| -> Vec<u8> {
        found[0].iter().map(|byte| if *byte == b' ' { 0xa0 } else { *byte }).collect()
    });
    restored.into_owned()
}

/// `C3 20` is the word "à" when no other space follows and it does not begin a Portuguese or Italian word.
fn restore_words(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (position, byte) in bytes.iter().enumerate() {
        out.push(*byte);
        if *byte == 0xc3
            && let Some(rest) = bytes[position + 1..].strip_prefix(b" ")
            && ![&b" "[..], b"quele", b"quela", b"quilo", b"s "].iter().any(|word| rest.starts_with(word))
        {
            out.push(0xa0);
        }
    }
    out
}

/// Puts U+FFFD where some bytes of a sequence are lost.
pub(super) fn replace_lossy(bytes: Vec<u8>) -> Vec<u8> {
    match LOSSY.as_ref() {
        Some(lossy) if lossy.is_match(&bytes) => lossy.replace_all(&bytes, "\u{fffd}".as_bytes()).into_owned(),
        _ => bytes,
    }
}

/// The text of bytes in UTF-8 or in what Java and old databases write: surrogates in three bytes each, U+0000 in two.
pub(super) fn decode(bytes: Vec<u8>) -> Option<String> {
    if !bytes.iter().any(|byte| matches!(byte, 0xed | 0xc0)) {
        return String::from_utf8(bytes).ok();
    }
    let mut out = String::new();
    let mut rest = bytes.as_slice();
    while let Some(start) = (0..rest.len()).find(|start| is_special(&rest[*start..])) {
        out.push_str(std::str::from_utf8(&rest[..start]).ok()?);
        let (character, length) = special(&rest[start..])?;
        out.push(character);
        rest = &rest[start + length..];
    }
    out.push_str(std::str::from_utf8(rest).ok()?);
    Some(out)
}

/// Whether a place is to be read otherwise than as UTF-8. In the original the end of the bytes may stand for any of them,
/// and a last line feed for the end.
fn is_special(bytes: &[u8]) -> bool {
    let end = |bytes: &[u8]| matches!(bytes, [] | [b'\n']);
    match bytes {
        [0xc0, 0x80, ..] => true,
        [0xc0, rest @ ..] => end(rest),
        [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => true,
        [0xed, 0xa0..=0xbf, rest @ ..] | [0xed, rest @ ..] => end(rest),
        _ => false,
    }
}

fn special(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [0xc0, _, ..] => Some(('\0', 2)),
        [0xed, a @ 0xa0..=0xaf, b @ 0x80..=0xbf, 0xed, c @ 0xb0..=0xbf, d, rest @ ..]
            if matches!(d, 0x80..=0xbf) || (*d == b'\n' && rest.is_empty()) =>
        {
            let [a, b, c, d] = [a & 0xf, b & 0x3f, c & 0xf, d & 0x3f].map(u32::from);
            char::from_u32((a << 16) + (b << 10) + (c << 6) + d + 0x1_0000).map(|character| (character, 6))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Results recorded from ftfy's codec `utf-8-variants`.
    #[test]
    fn variants_are_decoded() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b"a\xc0\x80b", Some("a\0b")),
            (b"\xed\xa0\xbd\xed\xb8\x8d!", Some("\u{1f60d}!")),
            (b"\xed\x95\x9c", Some("\u{d55c}")),
            (b"\xed\xa0\xbd", None),
            (b"\xc0", None),
            (b"\xc0\n", Some("\0")),
            (b"\xed\xa0\xbd\xed\xb8\n", Some("\u{1f60a}")),
            (b"\xed\xb0\x80\xed\xa0\x80", None),
            (b"\xed\x95\x9c\xff", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(decode(bytes.to_vec()).as_deref(), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn bytes_are_put_back() {
        assert_eq!(restore_spaces(b"voil\xc3 le \xc3  x \xc3 quele".to_vec()), b"voil\xc3\xa0 le \xc3\xa0 x \xc3\xa0quele");
        assert_eq!(restore_spaces(b"\xe3 \x81 \xe4 \x81".to_vec()), b"\xe3\xa0\x81 \xe4 \x81");
        assert_eq!(
            replace_lossy(b"\xe2\x80\x1a \x1a \xc3? \xc4?".to_vec()),
            "\u{fffd} \u{fffd} \u{fffd} ".bytes().chain(*b"\xc4?").collect::<Vec<_>>()
        );
    }
}
