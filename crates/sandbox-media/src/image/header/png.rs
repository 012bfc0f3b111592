//! PNG: the header's chunk, and EXIF data wherever they stand.

use super::Size;
use crate::error::Cause;
use crate::image::exif;
use crate::source::Source;

/// EXIF data are small.
const MOST_EXIF: u64 = 1 << 20;

pub(super) fn read(source: &mut Source<'_>) -> Result<(Size, Option<u8>), Cause> {
    source.seek(8)?;
    let head: [u8; 8] = source.array()?;
    if !head.ends_with(b"IHDR") {
        return Err("its first chunk is not its header".into());
    }
    let size = Size { width: u32::from_be_bytes(source.array()?), height: u32::from_be_bytes(source.array()?) };
    Ok((size, orientation(source).unwrap_or(None)))
}

fn orientation(source: &mut Source<'_>) -> Result<Option<u8>, Cause> {
    source.seek(33)?;
    loop {
        let [l0, l1, l2, l3, kind @ ..]: [u8; 8] = source.array()?;
        let length = u64::from(u32::from_be_bytes([l0, l1, l2, l3]));
        match &kind {
            b"eXIf" if length <= MOST_EXIF => return source.vector(length).map(|data| exif::orientation(&data)),
            b"IEND" => return Ok(None),
            _ => source.skip(length + 4)?,
        }
    }
}
