//! As much of HTTP/1.1 as measuring needs: messages with `content-length`, one after the other over a connection.

use std::io::{self, BufRead, Read};
use std::net::TcpStream;

/// More than any message here has.
const LONGEST: usize = 1 << 20;

/// The next message with its head; `None` when the other side has closed the connection.
///
/// # Errors
/// A connection that is cut within a message; a message without `content-length`.
pub(super) fn message(reader: &mut io::BufReader<TcpStream>, bytes: &mut Vec<u8>) -> io::Result<Option<()>> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    bytes.clear();
    let mut length = None;
    loop {
        let start = bytes.len();
        if reader.read_until(b'\n', bytes)? == 0 {
            return if start == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        let line = bytes.get(start..).unwrap_or_default().trim_ascii_end();
        if line.is_empty() {
            break;
        }
        if bytes.len() > LONGEST {
            return Err(wrong("a head without an end"));
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"content-length") {
            let value =
                value.get(1..).and_then(|value| std::str::from_utf8(value).ok()).and_then(|value| value.trim().parse::<usize>().ok());
            length = value.filter(|length| *length <= LONGEST);
        }
    }
    let (head, length) = (bytes.len(), length.ok_or_else(|| wrong("a message without `content-length`"))?);
    bytes.resize(head + length, 0);
    reader.read_exact(bytes.get_mut(head..).unwrap_or_default())?;
    Ok(Some(()))
}
