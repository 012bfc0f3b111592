//! Where output goes: lines as they come, the last bytes kept.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// Lines longer than this are handed on in pieces, so that a program that writes no line end costs no memory.
pub(crate) const LONGEST_LINE: usize = 64 << 10;

/// Which of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line of output, or a piece of a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it was written.
    pub source: Source,
    /// Its bytes as they came, the line end included: all lines together are the whole output.
    pub bytes: &'a [u8],
}

impl Line<'_> {
    /// The text without its line end; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(self.bytes);
        String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes)).into_owned()
    }
}

/// Called with every line, from one thread at a time; a slow one slows the program down.
pub type LineSink = Arc<dyn Fn(Line<'_>) + Send + Sync>;

/// What happens to the output.
#[derive(Clone, Default)]
pub enum Output {
    /// Only its last bytes are kept.
    #[default]
    Keep,
    /// Each line goes to the callback, and the last bytes are kept.
    Lines(LineSink),
    /// It goes where ours goes, untouched; nothing is kept.
    Inherit,
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Keep => "Keep",
            Self::Lines(_) => "Lines(..)",
            Self::Inherit => "Inherit",
        })
    }
}

/// The last bytes of both streams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    /// Of standard output.
    pub stdout: Last,
    /// Of standard error.
    pub stderr: Last,
}

impl Tail {
    pub(crate) fn new(limit: usize) -> Self {
        Self { stdout: Last::new(limit), stderr: Last::new(limit) }
    }

    pub(crate) fn of(&mut self, source: Source) -> &mut Last {
        match source {
            Source::Stdout => &mut self.stdout,
            Source::Stderr => &mut self.stderr,
        }
    }
}

/// The last bytes of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    bytes: VecDeque<u8>,
    limit: usize,
    dropped: u64,
}

impl Last {
    fn new(limit: usize) -> Self {
        Self { bytes: VecDeque::new(), limit, dropped: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let bytes = if bytes.len() > self.limit {
            let (early, late) = bytes.split_at(bytes.len() - self.limit);
            self.dropped += early.len() as u64;
            late
        } else {
            bytes
        };
        let over = (self.bytes.len() + bytes.len()).saturating_sub(self.limit);
        self.bytes.drain(..over);
        self.dropped += over as u64;
        self.bytes.extend(bytes);
    }

    /// The bytes that are kept.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.iter().copied().collect()
    }

    /// How many bytes before them are gone.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The bytes as text, with replacements for what is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept() {
        let mut last = Last::new(4);
        last.push(b"ab");
        last.push(b"cde");
        assert_eq!((last.bytes().as_slice(), last.dropped()), (b"bcde".as_slice(), 1));
        last.push(b"0123456789");
        assert_eq!((last.bytes().as_slice(), last.dropped()), (b"6789".as_slice(), 11));
    }

    #[test]
    fn a_line_keeps_its_bytes_and_its_text_has_no_end() {
        let line = Line { source: Source::Stdout, bytes: b"a\xffb\r\n" };
        assert_eq!(line.text(), "a\u{fffd}b");
    }
}
