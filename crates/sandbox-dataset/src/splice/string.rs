//! Strings to their JSON form.

use crate::row::plain_length;

/// Appends a text as a JSON string, quotes included. Only what must be is escaped, as serde_json does it; anything that is not ASCII stays as it is.
///
/// ```
/// let mut out = Vec::new();
/// sandbox_dataset::write_json_string("über \"1\"\n\u{1}", &mut out);
/// assert_eq!(out, "\"über \\\"1\\\"\\n\\u0001\"".as_bytes());
/// ```
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, after) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = after.split_first() else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
        }
        rest = after;
    }
    out.push(b'"');
}
