//! WebP: the first picture.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{MOST_PIXELS, Pixels, claim};
use crate::error::Cause;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Cause> {
    let failed = |error: image_webp::DecodingError| Cause::from(error.to_string());
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    claim(u64::from(width), u64::from(height), bytes.len())?;
    decoder.set_memory_limit(MOST_PIXELS as usize * 4);
    let mut samples = vec![0; decoder.output_buffer_size().ok_or("it is too large")?];
    if decoder.is_animated() {
        decoder.read_frame(&mut samples).map_err(failed)?;
    } else {
        decoder.read_image(&mut samples).map_err(failed)?;
    }
    let rgb = if decoder.has_alpha() { samples.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect() } else { samples };
    Ok(Pixels { width: width as usize, height: height as usize, rgb })
}
