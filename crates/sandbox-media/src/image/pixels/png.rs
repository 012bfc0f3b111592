//! PNG.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, Limits};

use super::{Pixels, claim, palette};
use crate::error::Cause;

/// What compression of headers may unpack to.
const MOST_MEMORY: usize = 1 << 30;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Cause> {
    let failed = |error: png::DecodingError| Cause::from(error.to_string());
    let mut options = DecodeOptions::default();
    // A picture with a slip in it is still one, as for Pillow when it is told to be lenient.
    options.set_ignore_checksums(true);
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    decoder.set_limits(Limits { bytes: MOST_MEMORY });
    decoder.set_transformations(png::Transformations::IDENTITY);
    let info = decoder.read_header_info().map_err(failed)?;
    let (width, height) = (info.width as usize, info.height as usize);
    claim(u64::from(info.width), u64::from(info.height), bytes.len())?;
    let mut reader = decoder.read_info().map_err(failed)?;
    let info = reader.info();
    let (color, depth, is_interlaced) = (info.color_type, info.bit_depth, info.interlaced);
    let colors = palette(info.palette.as_deref().unwrap_or_default().as_chunks::<3>().0.iter().copied());
    let bits = color.samples() * depth as usize;
    let stride = (width * bits).div_ceil(8);
    let mut raw = vec![0; stride * height];
    let mut row = 0;
    // The rows up to where it is cut off; the rest stays at zero.
    while let Ok(Some(next)) = reader.next_interlaced_row() {
        if let (true, png::InterlaceInfo::Adam7(pass)) = (is_interlaced, next.interlace()) {
            png::expand_interlaced_row(&mut raw, stride, next.data(), pass, bits as u8);
        } else if let Some(target) = raw.get_mut(row * stride..(row + 1) * stride) {
            let data = next.data();
            let count = data.len().min(stride);
            target[..count].copy_from_slice(&data[..count]);
            row += 1;
        }
    }
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in raw.chunks(stride.max(1)) {
        match (color, depth) {
            (ColorType::Indexed, depth) => rgb.extend(values(row, depth, width).flat_map(|index| colors[usize::from(index)])),
            (ColorType::Grayscale, BitDepth::Sixteen) => {
                // Pillow keeps the 16 bits and cuts them at 255 when it makes bytes of them.
                let values = row.as_chunks::<2>().0.iter().map(|[high, low]| if *high == 0 { *low } else { 255 });
                rgb.extend(values.flat_map(|value| [value; 3]));
            }
            (ColorType::Grayscale, depth) => {
                let factor = match depth {
                    BitDepth::One => 255,
                    BitDepth::Two => 85,
                    BitDepth::Four => 17,
                    _ => 1,
                };
                rgb.extend(values(row, depth, width).flat_map(|value| [value * factor; 3]));
            }
            (color, depth) => {
                let step = if depth == BitDepth::Sixteen { 2 } else { 1 };
                let samples = color.samples();
                for pixel in row.chunks_exact(samples * step) {
                    let sample = |index: usize| pixel.get(index * step).copied().unwrap_or(0);
                    rgb.extend(if samples >= 3 { [sample(0), sample(1), sample(2)] } else { [sample(0); 3] });
                }
            }
        }
    }
    Ok(Pixels { width, height, rgb })
}

/// The samples of a row with one sample a pixel.
fn values(row: &[u8], depth: BitDepth, width: usize) -> impl Iterator<Item = u8> {
    let bits = (depth as usize).min(8);
    let each = 8 / bits;
    let mask = (0xff_u16 >> (8 - bits)) as u8;
    row.iter().flat_map(move |byte| (0..each).map(move |place| byte >> (8 - bits * (place + 1)) & mask)).take(width)
}
