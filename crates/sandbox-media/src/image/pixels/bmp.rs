//! BMP: palettes, true colour, bit fields and run lengths.

use super::{Pixels, claim, palette};
use crate::error::Cause;
use crate::fields::Fields;

const RGB: u32 = 0;
const RLE8: u32 = 1;
const RLE4: u32 = 2;
const BIT_FIELDS: u32 = 3;
const ALPHA_BIT_FIELDS: u32 = 6;

struct Header {
    width: usize,
    height: usize,
    is_from_top: bool,
    bits: usize,
    compression: u32,
    masks: [u32; 3],
}

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Cause> {
    let mut fields = Fields(bytes);
    fields.skip(10)?;
    let start = usize::try_from(fields.le32()?).unwrap_or(usize::MAX);
    let size = fields.le32()?;
    let mut body = Fields(fields.take(usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(4))?);
    let mut header = Header { width: 0, height: 0, is_from_top: false, bits: 0, compression: RGB, masks: [0x7c00, 0x3e0, 0x1f] };
    let mut used = 0;
    let entry = if size == 12 {
        (header.width, header.height) = (usize::from(body.le16()?), usize::from(body.le16()?));
        body.skip(2)?;
        header.bits = usize::from(body.le16()?);
        3
    } else {
        let (width, height) = (body.le32()?, body.le32()?.cast_signed());
        body.skip(2)?;
        header.bits = usize::from(body.le16()?);
        header.compression = body.le32().unwrap_or(RGB);
        let _ = body.skip(12);
        used = usize::try_from(body.le32().unwrap_or(0)).unwrap_or(0);
        let _ = body.skip(4);
        (header.width, header.height) = (width as usize, height.unsigned_abs() as usize);
        header.is_from_top = height < 0;
        4
    };
    if header.bits == 24 || header.bits == 32 {
        header.masks = [0xff_0000, 0xff00, 0xff];
    }
    if matches!(header.compression, BIT_FIELDS | ALPHA_BIT_FIELDS) {
        // In the header from its second version on, behind it before.
        let from = if body.0.len() >= 12 { &mut body } else { &mut fields };
        header.masks = [from.le32()?, from.le32()?, from.le32()?];
    }
    claim(header.width as u64, header.height as u64, bytes.len())?;
    let colors = if header.bits <= 8 {
        let count = if used == 0 { 1 << header.bits } else { used.min(256) };
        let entries = fields.0.chunks_exact(entry).take(count).map(|entry| [entry[2], entry[1], entry[0]]);
        palette(entries)
    } else {
        palette(std::iter::empty())
    };
    let data = bytes.get(start..).unwrap_or_default();
    let rows = match (header.compression, header.bits) {
        (RLE8, 8) | (RLE4, 4) => {
            run_lengths(&header, data).chunks(header.width).flat_map(|row| row.iter().map(|index| colors[usize::from(*index)])).collect()
        }
        (RGB | BIT_FIELDS | ALPHA_BIT_FIELDS, 1 | 4 | 8 | 16 | 24 | 32) => plain(&header, data, &colors),
        _ => return Err("it is coded in a way that is not known here".into()),
    };
    let rows: Vec<[u8; 3]> = rows;
    let lines = rows.chunks(header.width.max(1));
    let rgb =
        if header.is_from_top { lines.flatten().flatten().copied().collect() } else { lines.rev().flatten().flatten().copied().collect() };
    Ok(Pixels { width: header.width, height: header.height, rgb })
}

/// The pixels in the order of the file; what is cut off is black.
fn plain(header: &Header, data: &[u8], colors: &[[u8; 3]; 256]) -> Vec<[u8; 3]> {
    let Header { width, height, bits, .. } = *header;
    let stride = (width * bits).div_ceil(32) * 4;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let row = data.get(y * stride..).unwrap_or_default();
        for x in 0..width {
            let pixel = if bits <= 8 {
                let byte = row.get(x * bits / 8).copied().unwrap_or(0);
                let shift = 8 - bits - x * bits % 8;
                colors[usize::from(byte >> shift & (0xff_u16 >> (8 - bits)) as u8)]
            } else {
                let width = bits / 8;
                let bytes = row.get(x * width..(x + 1) * width).unwrap_or_default();
                let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
                header.masks.map(|mask| part(value, mask))
            };
            pixels.push(pixel);
        }
    }
    pixels
}

/// The bits under a mask, stretched to a byte.
fn part(value: u32, mask: u32) -> u8 {
    let shift = mask.trailing_zeros().min(31);
    let most = u64::from(mask >> shift);
    (u64::from(value & mask) >> shift).saturating_mul(255).checked_div(most).unwrap_or(0) as u8
}

/// Indices in the order of the file.
fn run_lengths(header: &Header, data: &[u8]) -> Vec<u8> {
    let Header { width, height, bits, .. } = *header;
    let mut indices = vec![0; width * height];
    let mut fields = Fields(data);
    let (mut x, mut y) = (0, 0);
    let mut put = |x: usize, y: usize, index: u8| {
        if x < width
            && let Some(slot) = indices.get_mut(y * width + x)
        {
            *slot = index;
        }
    };
    while let Ok([count, value]) = fields.array() {
        match (count, value) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => break,
            (0, 2) => {
                let Ok([right, up]) = fields.array() else { break };
                (x, y) = (x + usize::from(right), y + usize::from(up));
            }
            (0, count) => {
                let bytes = (usize::from(count) * bits).div_ceil(8);
                let Ok(run) = fields.take(bytes) else { break };
                let _ = fields.skip(bytes % 2);
                for place in 0..usize::from(count) {
                    let byte = run.get(place * bits / 8).copied().unwrap_or(0);
                    put(x, y, if bits == 8 { byte } else { byte >> (4 - place % 2 * 4) & 15 });
                    x += 1;
                }
            }
            (count, value) => {
                for place in 0..usize::from(count) {
                    put(x, y, if bits == 8 { value } else { value >> (4 - place % 2 * 4) & 15 });
                    x += 1;
                }
            }
        }
        if y >= height {
            break;
        }
    }
    indices
}
