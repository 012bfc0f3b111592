//! One pass over a JSON text: is it one, and where do an object's members stand.

use std::ops::Range;

use super::error::{RowError, kind};

/// The deepest nesting that serde_json takes.
const DEEPEST: u32 = 127;

/// Where a member of an object stands in its JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    key_start: u32,
    /// The upper bit tells whether the key has escapes.
    key_length: u32,
    value_start: u32,
    value_end: u32,
}

const ESCAPED: u32 = 1 << 31;

impl Member {
    /// The key with its quotes.
    pub(crate) fn key(&self) -> Range<usize> {
        let start = self.key_start as usize;
        start..start + (self.key_length & !ESCAPED) as usize
    }

    pub(crate) fn escaped(&self) -> bool {
        self.key_length & ESCAPED != 0
    }

    pub(crate) fn value(&self) -> Range<usize> {
        self.value_start as usize..self.value_end as usize
    }
}

/// Checks a row and notes the members of its object.
pub(super) fn parse<'a>(bytes: &'a [u8], members: &mut Vec<Member>) -> Result<&'a str, RowError> {
    members.clear();
    if bytes.len() >= ESCAPED as usize {
        return Err(RowError::TooLong);
    }
    let json = std::str::from_utf8(bytes).map_err(|error| RowError::Utf8 { at: error.valid_up_to() + 1 })?;
    let mut scanner = Scanner::new(json);
    scanner.space();
    let is_object = scanner.peek() == Some(b'{');
    let start = scanner.at;
    let result = if is_object { scanner.object(1, &mut |member| members.push(member)) } else { scanner.value(0) };
    result.and_then(|()| scanner.end()).map_err(|flaw| flaw.on(json))?;
    if is_object { Ok(json) } else { Err(RowError::NotAnObject { kind: kind(&json[start..]) }) }
}

/// The length of the line that `text` begins with, its line feed included, when all of it is one object that [`parse`] takes.
pub(super) fn line(text: &str) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    if scanner.peek() != Some(b'{') {
        return None;
    }
    scanner.object(1, &mut |_| {}).ok()?;
    let ends = scanner.peek() == Some(b'\n') && !scanner.line_feed && scanner.at < ESCAPED as usize;
    ends.then_some(scanner.at + 1)
}

/// What is wrong, and at which byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flaw {
    at: usize,
    problem: &'static str,
    runs_on: bool,
}

impl Flaw {
    #[cold]
    pub(crate) fn on(self, json: &str) -> RowError {
        let before = &json.as_bytes()[..self.at.min(json.len())];
        // A character is counted by its first byte.
        let column = 1 + before.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        RowError::Syntax { problem: self.problem, column, runs_on: self.runs_on }
    }
}

type Scanned = Result<(), Flaw>;

/// A place in a JSON text.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether white space had a line feed.
    line_feed: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(json: &'a str) -> Self {
        Self { bytes: json.as_bytes(), at: 0, line_feed: false }
    }

    /// Over an object at this place, in whose depth `depth` counts from 1.
    #[inline]
    pub(crate) fn object(&mut self, depth: u32, found: &mut impl FnMut(Member)) -> Scanned {
        self.deeper(depth)?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let key_start = self.at;
            if self.peek() != Some(b'"') {
                return self.flaw("expected `\"`");
            }
            let escaped = self.string()?;
            let key_length = (self.at - key_start) as u32 | if escaped { ESCAPED } else { 0 };
            self.space();
            if self.peek() != Some(b':') {
                return self.flaw("expected `:`");
            }
            self.at += 1;
            self.space();
            let value_start = self.at as u32;
            self.value(depth)?;
            found(Member { key_start: key_start as u32, key_length, value_start, value_end: self.at as u32 });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.flaw("expected `,` or `}`"),
            }
            self.space();
        }
    }

    /// Over a list at this place.
    pub(crate) fn list(&mut self, depth: u32, found: &mut impl FnMut(Range<usize>)) -> Scanned {
        self.deeper(depth)?;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let start = self.at;
            self.value(depth)?;
            found(start..self.at);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.flaw("expected `,` or `]`"),
            }
            self.space();
        }
    }

    /// Over any value at this place, within `depth` others.
    fn value(&mut self, depth: u32) -> Scanned {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.object(depth + 1, &mut |_| {}),
            Some(b'[') => self.list(depth + 1, &mut |_| {}),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", "expected a value"),
            Some(b'f') => self.word("false", "expected a value"),
            Some(b'n') => self.word("null", "expected a value"),
            _ => self.flaw("expected a value"),
        }
    }

    /// Over a string at this place; whether it has escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, Flaw> {
        let mut escaped = false;
        self.at += 1;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.flaw("control character in a string").map(|()| false),
                None => return self.flaw("expected the end of a string").map(|()| false),
            }
        }
    }

    fn escape(&mut self) -> Scanned {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => match self.unit()? {
                0xd800..0xdc00 => {
                    let high = self.at;
                    self.at += 6;
                    if self.bytes.get(self.at..self.at + 2) == Some(b"\\u") && (0xdc00..0xe000).contains(&self.unit()?) {
                        self.at += 6;
                        return Ok(());
                    }
                    self.at = high;
                    self.flaw("half a surrogate pair in a string")
                }
                0xdc00..0xe000 => self.flaw("half a surrogate pair in a string"),
                _ => {
                    self.at += 6;
                    Ok(())
                }
            },
            Some(_) => self.flaw("unknown escape in a string"),
            None => {
                self.at += 1;
                self.flaw("expected the end of a string")
            }
        }
    }

    /// The number of the `\u0000` at this place.
    fn unit(&self) -> Result<u32, Flaw> {
        let digits = self.bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
        let number = digits.iter().try_fold(0, |number, &digit| Some(number * 16 + char::from(digit).to_digit(16)?));
        match number {
            Some(number) if digits.len() == 4 => Ok(number),
            _ => self.flaw("expected four hexadecimal digits").map(|()| 0),
        }
    }

    fn number(&mut self) -> Scanned {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.flaw("expected a digit"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        // Only such numbers can be too large.
        if exponent || self.at - start > 300 {
            let number = std::str::from_utf8(&self.bytes[start..self.at]).ok().and_then(|number| number.parse::<f64>().ok());
            if !number.is_some_and(f64::is_finite) {
                self.at = start;
                return self.flaw("number out of range");
            }
        }
        Ok(())
    }

    fn some_digits(&mut self) -> Scanned {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.flaw("expected a digit");
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, problem: &'static str) -> Scanned {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(Flaw { at: self.at, problem, runs_on: word.as_bytes().starts_with(rest) })
    }

    fn end(&mut self) -> Scanned {
        self.space();
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(Flaw { at: self.at, problem: "expected the end of the row", runs_on: true })
    }

    fn deeper(&mut self, depth: u32) -> Scanned {
        if depth > DEEPEST {
            return self.flaw("nested too deep");
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\n' | b'\t' | b'\r')) = self.peek() {
            self.line_feed |= byte == b'\n';
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    fn flaw(&self, problem: &'static str) -> Scanned {
        Err(Flaw { at: self.at, problem, runs_on: self.at >= self.bytes.len() })
    }
}

/// How many bytes stand in a string as they are: up to the first quote, backslash or control character.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const WIDTH: usize = 16;
    let mut at = 0;
    let (blocks, tail) = bytes.as_chunks::<WIDTH>();
    for block in blocks {
        if let Some(hit) = special_in(block) {
            return at + hit;
        }
        at += WIDTH;
    }
    at + tail.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\').unwrap_or(tail.len())
}

/// The first quote, backslash or control character.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "half the time of 8 bytes at a time without these instructions")]
#[inline]
fn special_in(block: &[u8; 16]) -> Option<usize> {
    // SAFETY: SSE2 is part of every processor of this kind.
    unsafe { special_by_sse2(block) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn special_by_sse2(block: &[u8; 16]) -> Option<usize> {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_max_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8};
    let bits = u128::from_le_bytes(*block);
    // Both halves are read at once.
    let bytes = _mm_set_epi64x((bits >> 64) as i64, bits as i64);
    let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
    let backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
    let controls = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1f)), _mm_set1_epi8(0x1f));
    let hits = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls));
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// The first quote, backslash or control character.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn special_in(block: &[u8; 16]) -> Option<usize> {
    const ONES: u128 = u128::MAX / 255;
    const TOPS: u128 = ONES * 128;
    let word = u128::from_le_bytes(*block);
    let quote = word ^ (ONES * b'"' as u128);
    let backslash = word ^ (ONES * b'\\' as u128);
    // The lowest byte whose top bit is set is the first hit; bits above it may be wrong.
    let hits = (quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES) | word.wrapping_sub(ONES * 0x20)) & !word & TOPS;
    (hits != 0).then(|| (hits.trailing_zeros() / 8) as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plain_length;

    proptest! {
        #[test]
        fn plain_bytes_end_where_the_first_special_one_stands(
            plain in prop::collection::vec(prop_oneof![0x20..0x22_u8, 0x23..0x5c_u8, 0x5d..=255_u8], 0..70),
            special in prop_oneof![0..0x20_u8, Just(b'"'), Just(b'\\')],
            behind in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assert_eq!(plain_length(&plain), plain.len());
            let bytes: Vec<u8> = plain.iter().copied().chain([special]).chain(behind).collect();
            prop_assert_eq!(plain_length(&bytes), plain.len());
        }
    }
}
