//! Windows of consecutive tokens in a text where they lie in order.

/// Cuts the windows out of a text as its tokens are found; remembers as many starts as a window has tokens.
pub struct Windows<'t> {
    text: &'t [u8],
    length: usize,
    /// Where the last tokens start: a ring once it has `length` of them.
    starts: Vec<usize>,
    oldest: usize,
}

impl<'t> Windows<'t> {
    /// Windows of `length` tokens (at least 1) of a text.
    pub fn new(text: &'t [u8], length: usize) -> Self {
        Self { text, length: length.max(1), starts: Vec::new(), oldest: 0 }
    }

    /// The next token, from `start` to `end`; calls `each` with the window that it completes.
    #[inline]
    pub fn push(&mut self, start: usize, end: usize, each: &mut impl FnMut(&'t [u8])) {
        if self.starts.len() < self.length {
            self.starts.push(start);
            if self.starts.len() < self.length {
                return;
            }
        } else if let Some(oldest) = self.starts.get_mut(self.oldest) {
            *oldest = start;
            self.oldest = if self.oldest + 1 == self.length { 0 } else { self.oldest + 1 };
        }
        if let Some(window) = self.starts.get(self.oldest).and_then(|first| self.text.get(*first..end)) {
            each(window);
        }
    }
}
