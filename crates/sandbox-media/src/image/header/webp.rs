//! WebP: lossy, lossless, or with a canvas.

use super::Size;
use crate::error::Cause;
use crate::image::exif;
use crate::source::Source;

const MOST_EXIF: u64 = 1 << 20;

pub(super) fn read(source: &mut Source<'_>) -> Result<(Size, Option<u8>), Cause> {
    source.seek(12)?;
    let kind: [u8; 4] = source.array()?;
    let length = u64::from(u32::from_le_bytes(source.array()?));
    match &kind {
        b"VP8 " => {
            let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = source.array()? else {
                return Err("its picture does not begin as one".into());
            };
            let part = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Ok((Size { width: part(w0, w1), height: part(h0, h1) }, None))
        }
        b"VP8L" => {
            let [0x2f, b0, b1, b2, b3] = source.array()? else { return Err("its picture does not begin as one".into()) };
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            Ok((Size { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 }, None))
        }
        b"VP8X" => {
            let [_, _, _, _, w0, w1, w2, h0, h1, h2] = source.array()?;
            let size = Size { width: u32::from_le_bytes([w0, w1, w2, 0]) + 1, height: u32::from_le_bytes([h0, h1, h2, 0]) + 1 };
            source.skip((length + length % 2).saturating_sub(10).min(source.left()))?;
            Ok((size, orientation(source).unwrap_or(None)))
        }
        _ => Err("its first chunk is no picture".into()),
    }
}

fn orientation(source: &mut Source<'_>) -> Result<Option<u8>, Cause> {
    let mut xmp = None;
    while source.left() >= 8 {
        let kind: [u8; 4] = source.array()?;
        let length = u64::from(u32::from_le_bytes(source.array()?));
        match &kind {
            b"EXIF" if length <= MOST_EXIF => {
                let content = source.vector(length)?;
                if let Some(orientation) = exif::orientation(&content) {
                    return Ok(Some(orientation));
                }
                source.skip(length % 2)?;
            }
            b"XMP " if length <= MOST_EXIF => {
                xmp = exif::orientation_of_xmp(&source.vector(length)?);
                source.skip(length % 2)?;
            }
            _ => source.skip((length + length % 2).min(source.left()))?,
        }
    }
    Ok(xmp)
}
