//! Reading from a file whose own statements of length are not believed.

use std::io::{ErrorKind, Read};

/// Bytes to come, of which it is known how many they are.
pub(crate) struct Source<R> {
    bytes: R,
    left: u64,
}

/// What ends the reading: the words of [`Error::Broken`](crate::Error::Broken).
pub(crate) type Result<T> = std::result::Result<T, String>;

/// How much is read at once.
const CHUNK: usize = 1 << 16;

impl<R: Read> Source<R> {
    pub fn new(bytes: R, length: u64) -> Self {
        Self { bytes, left: length }
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<()> {
        self.bytes.read_exact(into).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
            _ => error.to_string(),
        })?;
        self.left = self.left.saturating_sub(into.len() as u64);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn f64(&mut self) -> Result<f64> {
        self.array().map(f64::from_le_bytes)
    }

    pub fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A flag: one byte, 0 or 1.
    pub fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(format!("expected a flag, got {other}")),
        }
    }

    /// A count of things of which each takes at least so many bytes of what is left.
    pub fn count(&self, count: i64, bytes_each: u64) -> Result<usize> {
        let fits = u64::try_from(count).ok().filter(|count| count.checked_mul(bytes_each).is_some_and(|bytes| bytes <= self.left));
        fits.and_then(|count| usize::try_from(count).ok()).ok_or_else(|| format!("it ends too early for a count of {count}"))
    }

    pub fn bytes(&mut self, count: i64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.count(count, 1)?];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub fn floats(&mut self, count: i64) -> Result<Vec<f32>> {
        let mut left = self.count(count, 4)?;
        let mut floats = Vec::with_capacity(left);
        let mut chunk = [0; CHUNK];
        while left > 0 {
            let now = left.min(CHUNK / 4);
            let part = chunk.get_mut(..now * 4).unwrap_or_default();
            self.fill(part)?;
            floats.extend(part.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            left -= now;
        }
        Ok(floats)
    }
}
