//! Sun's AU, in either byte order.

use super::{Length, frames};
use crate::error::Cause;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    let is_little = &source.array::<4>()? == b"dns.";
    let mut number = || source.array().map(|bytes| if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) });
    let (start, size, encoding, rate, channels) = (number()?, number()?, number()?, number()?, u64::from(number()?));
    let width = match encoding {
        1 | 2 | 27 => 1,
        3 => 2,
        4 => 3,
        5 | 6 => 4,
        7 => 8,
        _ => return Err(format!("its samples are in a format that is not known here ({encoding})").into()),
    };
    let there = source.len().saturating_sub(u64::from(start));
    let bytes = if size == u32::MAX { there } else { there.min(u64::from(size)) };
    Ok(Length { samples: frames(bytes, width * channels)?, rate })
}
