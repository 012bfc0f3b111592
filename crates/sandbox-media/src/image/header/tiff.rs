//! TIFF: the first directory.

use super::Size;
use crate::error::Cause;
use crate::image::exif::{ORIENTATION, Order};
use crate::source::Source;

const WIDTH: u16 = 0x100;
const HEIGHT: u16 = 0x101;

pub(super) fn read(source: &mut Source<'_>) -> Result<(Size, Option<u8>), Cause> {
    let head: [u8; 8] = source.array()?;
    let (order, at) = Order::of(&head).and_then(|order| Some((order, order.u32(&head[4..])?))).ok_or_else(Cause::cut_off)?;
    source.seek(u64::from(at))?;
    // As many entries as a directory can have, of 12 bytes each.
    let directory = source.up_to(2 + 12 * u64::from(u16::MAX))?;
    let (mut width, mut height, mut orientation) = (None, None, None);
    for entry in order.entries(&directory, 0).ok_or_else(Cause::cut_off)? {
        match entry.tag {
            WIDTH => width = entry.number(),
            HEIGHT => height = entry.number(),
            ORIENTATION => orientation = entry.number().and_then(|value| u8::try_from(value).ok()).filter(|value| (1..=8).contains(value)),
            _ => {}
        }
    }
    let (Some(width), Some(height)) = (width, height) else { return Err("its first directory has no size".into()) };
    Ok((Size { width, height }, orientation))
}
