//! JPEG: segments up to the frame's header.

use super::Size;
use crate::error::Cause;
use crate::image::exif;
use crate::source::Source;

pub(super) fn read(source: &mut Source<'_>) -> Result<(Size, Option<u8>), Cause> {
    let (mut exif, mut xmp, mut size) = (None, None, None);
    source.seek(2)?;
    while let Some(marker) = marker(source) {
        match marker {
            // What stands alone.
            0x01 | 0xd0..=0xd8 => continue,
            // The picture, or the end: all that is said about it has been said.
            0xd9 | 0xda => break,
            _ => {}
        }
        let Ok(length) = source.array() else { break };
        let length = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        let after = source.position() + length;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if size.is_none() => {
                let [_, h0, h1, w0, w1] = source.array()?;
                size = Some(Size { width: u32::from(u16::from_be_bytes([w0, w1])), height: u32::from(u16::from_be_bytes([h0, h1])) });
            }
            0xe1 => {
                let content = source.up_to(length)?;
                if content.starts_with(b"Exif\0\0") {
                    exif = exif.or_else(|| exif::orientation(&content));
                } else if content.starts_with(b"http://ns.adobe.com/xap/1.0/\0") {
                    xmp = xmp.or_else(|| exif::orientation_of_xmp(&content));
                }
            }
            _ => {}
        }
        if source.seek(after).is_err() {
            break;
        }
    }
    Ok((size.ok_or_else(Cause::cut_off)?, exif.or(xmp)))
}

/// The next marker, behind whatever stands before it.
fn marker(source: &mut Source<'_>) -> Option<u8> {
    loop {
        let [mut byte] = source.array().ok()?;
        if byte != 0xff {
            continue;
        }
        while byte == 0xff {
            [byte] = source.array().ok()?;
        }
        if byte != 0 {
            return Some(byte);
        }
    }
}
