//! GIF: the first picture.

use gif::{ColorOutput, DecodeOptions};

use super::{Pixels, claim, palette};
use crate::error::Cause;
use crate::image::header;
use crate::source::Source;

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, Cause> {
    let size = header::read(&mut Source::bytes(bytes))?.size;
    claim(u64::from(size.width), u64::from(size.height), bytes.len())?;
    let (width, height) = (size.width as usize, size.height as usize);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    // The memory is ours, and it is asked about below.
    options.set_memory_limit(gif::MemoryLimit::Unlimited);
    let mut decoder = options.read_info(bytes).map_err(|error| Cause::from(error.to_string()))?;
    let (left, top, across, down, transparent, own) = {
        let frame = decoder.next_frame_info().map_err(|error| Cause::from(error.to_string()))?.ok_or("it has no picture")?;
        let place = |length: u16| usize::from(length);
        (place(frame.left), place(frame.top), place(frame.width), place(frame.height), frame.transparent, frame.palette.clone())
    };
    claim(across as u64, down as u64, bytes.len())?;
    let mut indices = vec![0; decoder.buffer_size()];
    // What is cut off keeps what it has.
    let _ = decoder.read_into_buffer(&mut indices);
    let colors = own.as_deref().or(decoder.global_palette()).unwrap_or_default();
    let colors = palette(colors.as_chunks::<3>().0.iter().copied());
    let ground = colors[usize::from(transparent.unwrap_or(0))];
    let mut rgb = ground.repeat(width * height);
    for (y, row) in indices.chunks(across.max(1)).take(down).enumerate() {
        let start = ((top + y) * width + left) * 3;
        if let Some(target) = rgb.get_mut(start..start + across * 3) {
            for (pixel, index) in target.as_chunks_mut::<3>().0.iter_mut().zip(row) {
                *pixel = colors[usize::from(*index)];
            }
        }
    }
    Ok(Pixels { width, height, rgb })
}
