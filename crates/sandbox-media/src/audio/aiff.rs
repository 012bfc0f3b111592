//! AIFF and AIFF-C: IFF chunks.

use super::{Length, frames};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    let (mut format, mut bytes) = (None, None);
    source.seek(12)?;
    while source.left() >= 8 && (format.is_none() || bytes.is_none()) {
        let kind: [u8; 4] = source.array()?;
        let size = u64::from(u32::from_be_bytes(source.array()?));
        let end = source.position() + size + size % 2;
        match &kind {
            b"COMM" => format = Some(read_format(&source.up_to(size.min(64))?)?),
            b"SSND" => {
                let offset = u64::from(u32::from_be_bytes(source.array()?));
                source.skip(4)?;
                bytes = Some(size.saturating_sub(8).min(source.left()).saturating_sub(offset));
            }
            _ => {}
        }
        source.seek(end.min(source.len()))?;
    }
    let (width, in_block, rate) = format.ok_or("it has no `COMM` chunk")?;
    // A sound of no samples need not have a chunk for them.
    Ok(Length { samples: frames(bytes.unwrap_or(0), width)? * in_block, rate })
}

/// Bytes of a frame, samples in it, and the rate.
fn read_format(content: &[u8]) -> Result<(u64, u64, u32), Cause> {
    let mut fields = Fields(content);
    let channels = u64::from(fields.be16()?);
    fields.skip(4)?;
    let bits = u64::from(fields.be16()?);
    let rate = extended(fields.array()?).ok_or("its sample rate is out of range")?;
    let (width, in_block) = match fields.array::<4>().as_ref() {
        Ok(b"ima4") => (34 * channels, 64),
        Ok(b"ulaw" | b"alaw" | b"ULAW" | b"ALAW") => (channels, 1),
        Ok(b"GSM ") => (33, 160),
        Ok(b"fl32" | b"FL32") => (4 * channels, 1),
        Ok(b"fl64" | b"FL64") => (8 * channels, 1),
        Err(_) | Ok(b"NONE" | b"sowt" | b"twos" | b"in24" | b"in32" | b"42ni" | b"23ni" | b"raw ") => (channels * bits.div_ceil(8), 1),
        Ok(kind) => return Err(format!("its samples are in a format that is not known here ({})", kind.escape_ascii()).into()),
    };
    Ok((width, in_block, rate))
}

/// A float of 80 bits as a whole number, cut.
fn extended(bytes: [u8; 10]) -> Option<u32> {
    let [e0, e1, mantissa @ ..] = bytes;
    let exponent = u32::from(u16::from_be_bytes([e0, e1]));
    let shift = 63_u32.checked_sub(exponent.checked_sub(16383)?)?;
    u32::try_from(u64::from_be_bytes(mantissa) >> shift).ok()
}
