//! Colours and movements of the cursor, taken out of a line.

use std::borrow::Cow;

use memchr::memchr;

/// The line without escape sequences: CSI (`ESC [ ... letter`), OSC (`ESC ] ... BEL`), and the short ones.
pub(crate) fn stripped(line: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(0x1b, line) else { return Cow::Borrowed(line) };
    let (head, mut rest) = line.split_at(first);
    let mut out = Vec::with_capacity(line.len());
    out.extend_from_slice(head);
    while let Some((_, after)) = rest.split_first() {
        rest = match after.split_first() {
            Some((b'[', inner)) => behind(inner, inner.iter().position(|byte| (0x40..=0x7e).contains(byte))),
            // Ends with BEL, or with ESC and a backslash, which the next round takes.
            Some((b']', inner)) => match inner.iter().position(|byte| matches!(byte, 0x07 | 0x1b)) {
                Some(at) if inner.get(at) == Some(&0x1b) => inner.get(at..).unwrap_or_default(),
                end => behind(inner, end),
            },
            // Intermediate bytes and one final byte, such as `ESC ( B`.
            Some(_) => behind(after, after.iter().position(|byte| !(0x20..=0x2f).contains(byte))),
            None => &[],
        };
        let next = memchr(0x1b, rest).unwrap_or(rest.len());
        let (text, escape) = rest.split_at(next);
        out.extend_from_slice(text);
        rest = escape;
    }
    Cow::Owned(out)
}

fn behind(bytes: &[u8], at: Option<usize>) -> &[u8] {
    at.and_then(|at| bytes.get(at + 1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_go_and_text_stays() {
        let check = |line: &str, expected: &str| assert_eq!(String::from_utf8_lossy(&stripped(line.as_bytes())), expected);
        check("plain", "plain");
        check("\x1b[36m(Trainer pid=1)\x1b[0m loss \x1b[1;31m0.5\x1b[0m", "(Trainer pid=1) loss 0.5");
        check("\x1b[A\x1b[2K10%|", "10%|");
        check("\x1b]0;title\x07text\x1b]8;;x\x1b\\link", "textlink");
        check("\x1b(Bx\x1b", "x");
        check("a\x1b[12;", "a");
        check("a\x1bMb", "ab");
    }
}
