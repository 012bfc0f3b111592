//! WAV: RIFF chunks, their big-endian and 64-bit forms.

use super::{Length, frames};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

const PCM: u16 = 1;
const MS_ADPCM: u16 = 2;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const IMA_ADPCM: u16 = 0x11;
const GSM_610: u16 = 0x31;
const EXTENSIBLE: u16 = 0xfffe;

struct Format {
    tag: u16,
    channels: u64,
    rate: u32,
    block: u64,
    bits: u64,
    /// Samples of a block, of formats that pack samples in blocks.
    in_block: u64,
}

/// `RIFF`, `RIFX` and `RF64`.
pub(super) fn riff(source: &mut Source<'_>) -> Result<Length, Cause> {
    let kind: [u8; 4] = source.array()?;
    let is_big = &kind == b"RIFX";
    let mut long_size = None;
    let mut format = None;
    source.seek(12)?;
    while source.left() >= 8 {
        let [k0, k1, k2, k3, s0, s1, s2, s3] = source.array()?;
        let size = [s0, s1, s2, s3];
        let size = u64::from(if is_big { u32::from_be_bytes(size) } else { u32::from_le_bytes(size) });
        match &[k0, k1, k2, k3] {
            b"ds64" => {
                let content = source.up_to(size.min(24))?;
                let mut fields = Fields(&content);
                fields.skip(8)?;
                long_size = Some(u64::from_le_bytes(fields.array()?));
                source.skip(size - content.len() as u64)?;
            }
            b"fmt " => {
                let content = source.up_to(size.min(64))?;
                format = Some(read_format(&content, is_big)?);
                source.skip(size + size % 2 - content.len() as u64)?;
            }
            b"data" => {
                let size = long_size.filter(|_| size == u64::from(u32::MAX)).unwrap_or(size);
                // A program that was stopped left 0; one that could not go back left the largest number.
                let bytes = if size == 0 { source.left() } else { size.min(source.left()) };
                return length(&format.ok_or("its samples come before their format")?, bytes);
            }
            _ => source.skip(size + size % 2)?,
        }
    }
    Err("it has no samples".into())
}

/// Sony's Wave64: identifiers of 16 bytes, sizes that count them.
pub(super) fn wave64(source: &mut Source<'_>) -> Result<Length, Cause> {
    let mut format = None;
    source.seek(40)?;
    while source.left() >= 24 {
        let kind: [u8; 16] = source.array()?;
        let size = u64::from_le_bytes(source.array()?).checked_sub(24).ok_or("a chunk is shorter than its own head")?;
        match &kind[..4] {
            b"fmt " => {
                let content = source.up_to(size.min(64))?;
                format = Some(read_format(&content, false)?);
                source.skip(size.checked_next_multiple_of(8).ok_or_else(Cause::cut_off)?.saturating_sub(content.len() as u64))?;
            }
            b"data" => return length(&format.ok_or("its samples come before their format")?, size.min(source.left())),
            _ => source.skip(size.checked_next_multiple_of(8).ok_or_else(Cause::cut_off)?)?,
        }
    }
    Err("it has no samples".into())
}

fn read_format(content: &[u8], is_big: bool) -> Result<Format, Cause> {
    let mut fields = Fields(content);
    let mut next16 = || if is_big { fields.be16() } else { fields.le16() };
    let (mut tag, channels) = (next16()?, u64::from(next16()?));
    let (first, second) = (u32::from(next16()?), u32::from(next16()?));
    let rate = if is_big { first << 16 | second } else { second << 16 | first };
    let (_, _, block, bits) = (next16()?, next16()?, u64::from(next16()?), u64::from(next16()?));
    // The extension: its size, then samples of a block (or bits that count, channels and the real format).
    let in_block = next16().and_then(|_| next16()).map_or(0, u64::from);
    if tag == EXTENSIBLE {
        let (_, _) = (next16()?, next16()?);
        tag = next16()?;
    }
    Ok(Format { tag, channels, rate, block, bits, in_block })
}

fn length(format: &Format, bytes: u64) -> Result<Length, Cause> {
    let Format { channels, rate, block, bits, .. } = *format;
    let samples = match format.tag {
        PCM | FLOAT | A_LAW | MU_LAW => {
            let by_bits = channels * bits.div_ceil(8);
            // Padded samples, such as 24 bits in 4 bytes, show in the size of a block.
            frames(bytes, if block >= by_bits && channels > 0 && block % channels == 0 { block } else { by_bits })?
        }
        IMA_ADPCM | MS_ADPCM => {
            let by_size = match format.tag {
                IMA_ADPCM => block.checked_sub(4 * channels).and_then(|data| Some((data * 8).checked_div(4 * channels)? + 1)),
                _ => block.checked_sub(7 * channels).and_then(|data| Some((data * 2).checked_div(channels)? + 2)),
            };
            let in_block = Some(format.in_block).filter(|samples| *samples > 0).or(by_size).unwrap_or(0);
            let blocks = frames(bytes + block.saturating_sub(1), block)?;
            blocks * in_block
        }
        GSM_610 => bytes.div_ceil(65) * 320,
        tag => return Err(format!("its samples are in a format that is not known here ({tag:#06x})").into()),
    };
    Ok(Length { samples, rate })
}
