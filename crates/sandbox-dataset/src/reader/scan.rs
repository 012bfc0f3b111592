//! Finding the end of a JSON value without checking it.

use memchr::memchr3;

/// What stands between the values of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    /// `,`, until a `]` that was not opened.
    Commas,
    /// Nothing or white space.
    Space,
}

/// How deep within a value the scan is.
#[derive(Debug, Default)]
pub(super) struct Scan {
    openers: Vec<u8>,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Goes on over `bytes`; the offset behind the value when it ends in them. The value's first byte is `bytes[0]` of the first call after [`restart`](Self::restart).
    ///
    /// A broken value ends somewhere too, if it can where its neighbours are not drawn in: a string ends with its line, and a closing bracket
    /// closes all that were opened within its pair.
    pub(super) fn advance(&mut self, bytes: &[u8], first: bool, between: Between) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                at += memchr3(b'"', b'\\', b'\n', &bytes[at..])?;
                match bytes[at] {
                    b'\\' => self.escaped = true,
                    _ => self.in_string = false,
                }
                at += 1;
                continue;
            }
            let open = !self.openers.is_empty();
            match bytes[at] {
                b'"' => self.in_string = true,
                byte @ (b'{' | b'[') => self.openers.push(byte),
                byte @ (b'}' | b']') => {
                    let opener = if byte == b'}' { b'{' } else { b'[' };
                    match self.openers.iter().rposition(|&known| known == opener) {
                        Some(depth) => {
                            self.openers.truncate(depth);
                            if depth == 0 && between == Between::Space {
                                return Some(at + 1);
                            }
                        }
                        None if byte == b']' && between == Between::Commas => return Some(at),
                        None => {}
                    }
                }
                b',' if !open && between == Between::Commas => return Some(at),
                b' ' | b'\t' | b'\r' | b'\n' if !open && between == Between::Space && !(first && at == 0) => return Some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Before the next value.
    pub(super) fn restart(&mut self) {
        self.openers.clear();
        (self.in_string, self.escaped) = (false, false);
    }
}

/// Writes a value that spans lines on one line; `false` when a line ends within a string, so that there is no such form.
///
/// White space goes, but for one space where it is all that keeps two words apart (`1 2`): a broken value stays broken.
pub(super) fn compact(value: &[u8], out: &mut Vec<u8>) -> bool {
    let is_word = |byte: Option<u8>| byte.is_some_and(|byte| !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"'));
    let mut last = None;
    let mut spaced = false;
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                spaced = true;
                rest = after;
                continue;
            }
            b'"' => {
                let Some(length) = string_length(after) else { return false };
                out.extend_from_slice(&rest[..length + 1]);
                rest = &after[length..];
            }
            _ => {
                if spaced && is_word(last) && is_word(Some(byte)) {
                    out.push(b' ');
                }
                out.push(byte);
                rest = after;
            }
        }
        (last, spaced) = (Some(byte), false);
    }
    true
}

/// The bytes of a string behind its first quote, with the last one; all when it has none; `None` when its line ends first.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(step) = memchr3(b'"', b'\\', b'\n', bytes.get(at..)?) {
        at += step + 1;
        match bytes[at - 1] {
            b'"' => return Some(at),
            b'\\' if bytes.get(at) != Some(&b'\n') => at = (at + 1).min(bytes.len()),
            _ => return None,
        }
    }
    Some(bytes.len())
}
