//! FLAC: the number of samples stands in the header; a stream that was piped must be counted.

use super::Length;
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

/// A frame's head has at most this many bytes.
const HEAD: usize = 16;

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    source.seek(4)?;
    let mut header = None;
    loop {
        let [kind, s0, s1, s2] = source.array()?;
        let size = u64::from(u32::from_be_bytes([0, s0, s1, s2]));
        if kind & 0x7f == 0 {
            header = Some(stream_info(&source.vector(size)?)?);
        } else {
            source.skip(size)?;
        }
        if kind & 0x80 != 0 {
            break;
        }
    }
    let header = header.ok_or("it has no header of the stream")?;
    let counted = last_frame(source, &header)?;
    match (header.length.samples, counted) {
        (0, counted) => Ok(Length { samples: counted, rate: header.length.rate }),
        (claimed, counted) if counted < claimed => Err(Cause::cut_off()),
        _ => Ok(header.length),
    }
}

pub(super) struct StreamInfo {
    pub length: Length,
    block: u64,
}

pub(super) fn stream_info(content: &[u8]) -> Result<StreamInfo, Cause> {
    let mut fields = Fields(content);
    fields.skip(2)?;
    let block = u64::from(fields.be16()?);
    fields.skip(6)?;
    let packed = fields.be64()?;
    let rate = u32::try_from(packed >> 44).unwrap_or(0);
    Ok(StreamInfo { length: Length { samples: packed & 0xf_ffff_ffff, rate }, block })
}

/// The end of the last frame, found from the end of the file backwards.
fn last_frame(source: &mut Source<'_>, header: &StreamInfo) -> Result<u64, Cause> {
    const PIECE: u64 = 1 << 16;
    let start = source.position();
    let mut end = source.len();
    while end > start {
        let from = end.saturating_sub(PIECE).max(start);
        source.seek(from)?;
        // Heads that begin in this piece may end in the next.
        let bytes = source.up_to(end - from + HEAD as u64)?;
        let begins = usize::try_from(end - from).unwrap_or(bytes.len());
        for at in (0..begins).rev() {
            if let Some(samples) = bytes.get(at..).and_then(|bytes| frame_end(bytes, header)) {
                return Ok(samples);
            }
        }
        end = from;
    }
    Ok(0)
}

/// The number of the first sample after a frame, if a frame's head begins here: its check sum must fit.
fn frame_end(bytes: &[u8], header: &StreamInfo) -> Option<u64> {
    let mut fields = Fields(bytes);
    let [sync, flags, sizes, _] = fields.array().ok()?;
    if sync != 0xff || flags & 0xfe != 0xf8 {
        return None;
    }
    let is_variable = flags & 1 == 1;
    let first = fields.u8().ok()?;
    let more = first.leading_ones();
    if more == 1 || more > 7 {
        return None;
    }
    let mut number = u64::from(first) & (0x7f_u64 >> more);
    for _ in 1..more {
        number = number << 6 | u64::from(fields.u8().ok()? & 0x3f);
    }
    let size = match sizes >> 4 {
        1 => 192,
        code @ 2..=5 => 576 << (code - 2),
        6 => u64::from(fields.u8().ok()?) + 1,
        7 => u64::from(fields.be16().ok()?) + 1,
        code @ 8..=15 => 256 << (code - 8),
        _ => return None,
    };
    match sizes & 15 {
        12 => fields.skip(1).ok()?,
        13 | 14 => fields.skip(2).ok()?,
        15 => return None,
        _ => {}
    }
    let head = bytes.get(..bytes.len() - fields.0.len())?;
    if check_sum(head) != fields.u8().ok()? {
        return None;
    }
    Some(if is_variable { number + size } else { number * header.block + size })
}

/// CRC-8 with the polynomial 7.
fn check_sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ byte, |sum: u8, _| if sum & 0x80 != 0 { sum << 1 ^ 7 } else { sum << 1 }))
}
