//! A changed copy of a text that is only made when something changes.

use std::borrow::Cow;
use std::ops::Range;

/// A text with places taken out or replaced, from its beginning to its end.
pub(super) struct Edits<'t> {
    text: &'t str,
    out: String,
    /// How far the text has been copied or left out.
    copied: usize,
    changed: bool,
}

impl<'t> Edits<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, out: String::new(), copied: 0, changed: false }
    }

    /// Puts `replacement` in the place of a range that begins where the last one ended, or later.
    pub fn put(&mut self, range: Range<usize>, replacement: &str) {
        if !self.changed {
            self.out.reserve(self.text.len());
        }
        self.out.push_str(&self.text[self.copied..range.start]);
        self.out.push_str(replacement);
        self.copied = range.end;
        self.changed = true;
    }

    /// Takes a range out; see [`put`](Self::put).
    pub fn take(&mut self, range: Range<usize>) {
        self.put(range, "");
    }

    /// The new text, borrowed when nothing has changed.
    pub fn done(mut self) -> Cow<'t, str> {
        if !self.changed {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(&self.text[self.copied..]);
        if self.out == self.text { Cow::Borrowed(self.text) } else { Cow::Owned(self.out) }
    }
}

/// A second step on the result of a first one.
pub(super) fn then<'t>(first: Cow<'t, str>, second: impl for<'s> FnOnce(&'s str) -> Cow<'s, str>) -> Cow<'t, str> {
    match first {
        Cow::Borrowed(text) => second(text),
        Cow::Owned(text) => match second(&text) {
            Cow::Borrowed(_) => Cow::Owned(text),
            Cow::Owned(changed) => Cow::Owned(changed),
        },
    }
}
