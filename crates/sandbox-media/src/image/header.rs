//! Headers of pictures, of every kind that Pillow users are likely to have.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

use std::io::Cursor;

use crate::error::Cause;
use crate::source::Source;

/// Columns and rows of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// The kinds that are known by name; all others are [`Other`](Self::Other).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bmp,
    Gif,
    Jpeg,
    Png,
    Tiff,
    WebP,
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub kind: Kind,
    pub size: Size,
    /// From 1, which is upright, to 8.
    pub orientation: Option<u8>,
}

impl Header {
    /// Whether width and height change places when the picture is shown.
    fn lies(&self) -> bool {
        self.orientation.is_some_and(|orientation| orientation >= 5)
    }

    pub fn shown(&self) -> Size {
        let Size { width, height } = self.size;
        if self.lies() { Size { width: height, height: width } } else { self.size }
    }

    pub fn stored(&self) -> Size {
        // Pillow turns a TIFF while it loads it, and has said the turned size before.
        if self.kind == Kind::Tiff { self.shown() } else { self.size }
    }
}

pub(super) fn kind(start: &[u8]) -> Kind {
    match start {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Kind::Png,
        [0xff, 0xd8, 0xff, ..] => Kind::Jpeg,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Kind::Gif,
        [b'B', b'M', ..] => Kind::Bmp,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Kind::WebP,
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => Kind::Tiff,
        _ => Kind::Other,
    }
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Header, Cause> {
    let start = source.up_to(16)?;
    source.seek(0)?;
    if start.is_empty() {
        return Err("it is empty".into());
    }
    let kind = kind(&start);
    let (size, orientation) = match kind {
        Kind::Bmp => (bmp::read(source)?, None),
        Kind::Gif => (gif::read(source)?, None),
        Kind::Jpeg => jpeg::read(source)?,
        Kind::Png => png::read(source)?,
        Kind::Tiff => tiff::read(source)?,
        Kind::WebP => webp::read(source)?,
        Kind::Other => (other(source)?, None),
    };
    if size.width == 0 || size.height == 0 {
        return Err("it has no pixels".into());
    }
    Ok(Header { kind, size, orientation })
}

/// AVIF, HEIF, ICO, PNM, PSD, QOI, DDS and the like, by their first bytes.
fn other(source: &mut Source<'_>) -> Result<Size, Cause> {
    const ENOUGH: u64 = 1 << 20;
    let unknown = || Cause::from("it is no picture of a known kind");
    let start = source.up_to(ENOUGH)?;
    let size = imagesize::reader_size(Cursor::new(start)).map_err(|_| unknown())?;
    let narrow = |length: usize| u32::try_from(length).map_err(|_| unknown());
    Ok(Size { width: narrow(size.width)?, height: narrow(size.height)? })
}
