//! Bytes in chunks of any size to lines and the states of lines.

use memchr::memchr2;

/// The longest line, or state of a line, that is read: 1 MiB. Of a longer one nothing is kept.
pub const LONGEST: usize = 1 << 20;

/// A part of a log that ends with a line feed or a carriage return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'b> {
    /// Text: one state of a line.
    State(&'b [u8]),
    /// A state that was too long.
    TooLong,
    /// The line is over.
    End,
}

/// Cuts bytes into parts; the same whatever the chunks are.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    kept: Vec<u8>,
    is_too_long: bool,
    has_text: bool,
}

impl Lines {
    pub(crate) fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Part<'_>)) {
        while let Some(at) = memchr2(b'\n', b'\r', bytes) {
            let (text, rest) = bytes.split_at(at);
            let (end, behind) = rest.split_first().map_or((b'\n', rest), |(end, behind)| (*end, behind));
            self.state(text, take);
            if end == b'\n' {
                take(Part::End);
                self.has_text = false;
            } else {
                self.has_text = true;
            }
            bytes = behind;
        }
        self.keep(bytes);
    }

    /// What is left when nothing more comes.
    pub(crate) fn finish(&mut self, take: &mut impl FnMut(Part<'_>)) {
        let is_open = self.has_text || self.is_too_long || !self.kept.is_empty();
        self.state(&[], take);
        if std::mem::take(&mut self.has_text) || is_open {
            take(Part::End);
        }
    }

    fn state(&mut self, text: &[u8], take: &mut impl FnMut(Part<'_>)) {
        if self.is_too_long || self.kept.len() + text.len() > LONGEST {
            take(Part::TooLong);
        } else if self.kept.is_empty() {
            take(Part::State(text));
        } else {
            self.kept.extend_from_slice(text);
            take(Part::State(&self.kept));
        }
        self.kept.clear();
        self.is_too_long = false;
    }

    fn keep(&mut self, text: &[u8]) {
        if self.is_too_long {
            return;
        }
        if self.kept.len() + text.len() > LONGEST {
            self.is_too_long = true;
            self.kept = Vec::new();
        } else {
            self.kept.extend_from_slice(text);
        }
    }
}
