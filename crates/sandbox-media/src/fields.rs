//! Numbers one after the other in a slice.

use crate::error::Cause;

/// What is left of a slice that is read from its start.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, bytes: usize) -> Result<&'a [u8], Cause> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or_else(Cause::cut_off)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn skip(&mut self, bytes: usize) -> Result<(), Cause> {
        self.take(bytes).map(drop)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Cause> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(Cause::cut_off)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn u8(&mut self) -> Result<u8, Cause> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn be16(&mut self) -> Result<u16, Cause> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn be32(&mut self) -> Result<u32, Cause> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn be64(&mut self) -> Result<u64, Cause> {
        self.array().map(u64::from_be_bytes)
    }

    pub fn le16(&mut self) -> Result<u16, Cause> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn le32(&mut self) -> Result<u32, Cause> {
        self.array().map(u32::from_le_bytes)
    }
}
