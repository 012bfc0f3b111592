//! Pixels: pictures decoded to red, green and blue as Pillow decodes them, and hashed.

mod bmp;
mod gif;
mod hash;
mod jpeg;
mod png;
mod resize;
mod webp;

use super::header::{self, Kind};
use crate::error::{Cause, MediaError};
use crate::source::Source;

pub use hash::{Hash, Method};

/// Pillow refuses larger pictures, too.
const MOST_PIXELS: u64 = 178_956_970;
/// Pixels for which memory is taken whatever a file's length.
const FREE_PIXELS: u64 = 1 << 24;
/// Beyond, no coding of a real picture has more of them for a byte.
const MOST_PIXELS_OF_BYTE: u64 = 4096;

/// A picture, row by row, three bytes a pixel.
struct Pixels {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// The hash of a picture as it is shown, by one of imagededup's methods.
///
/// A picture that is cut off is hashed with what it has, as Pillow does when told to be lenient.
///
/// # Errors
/// When the file cannot be read, is no picture of a kind whose pixels are known here (PNG, JPEG, GIF, BMP, WebP), or is
/// damaged.
pub fn hash(path: &str, method: Method) -> Result<Hash, MediaError> {
    let source = &mut Source::open(path)?;
    let read = |source: &mut Source<'_>| -> Result<Hash, Cause> {
        let header = header::read(source)?;
        source.seek(0)?;
        let pixels = decode(header.kind, &source.vector(source.len())?)?;
        Ok(method.of(&pixels.turned(header.orientation.unwrap_or(1))))
    };
    read(source).map_err(|cause| cause.about(path))
}

/// The hash of a picture in memory as it is stored, whatever its EXIF data say; `name` is what errors call it.
///
/// # Errors
/// As for [`hash`].
pub fn hash_of_bytes(bytes: &[u8], name: &str, method: Method) -> Result<Hash, MediaError> {
    decode(header::kind(bytes), bytes).map(|pixels| method.of(&pixels)).map_err(|cause| cause.about(name))
}

fn decode(kind: Kind, bytes: &[u8]) -> Result<Pixels, Cause> {
    let pixels = match kind {
        Kind::Bmp => bmp::decode(bytes),
        Kind::Gif => gif::decode(bytes),
        Kind::Jpeg => jpeg::decode(bytes),
        Kind::Png => png::decode(bytes),
        Kind::WebP => webp::decode(bytes),
        Kind::Tiff => Err("the pixels of a TIFF are not read here".into()),
        Kind::Other => Err("it is no picture of a kind whose pixels are read here (png, jpeg, gif, bmp, webp)".into()),
    }?;
    if pixels.rgb.is_empty() || pixels.rgb.len() != pixels.width * pixels.height * 3 {
        return Err(Cause::cut_off());
    }
    Ok(pixels)
}

/// What a picture of so many bytes says of its size, before memory is taken for it.
fn claim(width: u64, height: u64, bytes: usize) -> Result<(), Cause> {
    let likely = (bytes as u64).saturating_mul(MOST_PIXELS_OF_BYTE).max(FREE_PIXELS);
    match width.checked_mul(height) {
        Some(0) => Err("it has no pixels".into()),
        Some(pixels) if pixels <= MOST_PIXELS && pixels > likely => Err("it is far too short for its size".into()),
        Some(pixels) if pixels <= MOST_PIXELS => Ok(()),
        _ => Err(format!("it has {width} x {height} pixels, more than the {MOST_PIXELS} that are read").into()),
    }
}

impl Pixels {
    /// Upright, if it is stored in one of the other seven ways that EXIF knows.
    fn turned(self, orientation: u8) -> Self {
        let (w, h) = (self.width, self.height);
        let source = |x: usize, y: usize| match orientation {
            2 => (w - 1 - x, y),
            3 => (w - 1 - x, h - 1 - y),
            4 => (x, h - 1 - y),
            5 => (y, x),
            6 => (y, h - 1 - x),
            7 => (w - 1 - y, h - 1 - x),
            _ => (w - 1 - y, x),
        };
        let (width, height) = match orientation {
            2..=4 => (w, h),
            5..=8 => (h, w),
            _ => return self,
        };
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..height {
            for x in 0..width {
                let (x, y) = source(x, y);
                let at = (y * w + x) * 3;
                rgb.extend_from_slice(self.rgb.get(at..at + 3).unwrap_or(&[0; 3]));
            }
        }
        Self { width, height, rgb }
    }
}

/// Inks as Pillow mixes them.
fn from_cmyk([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let light = i32::from(255 - black);
    [cyan, magenta, yellow].map(|ink| {
        let product = i32::from(ink) * light + 128;
        (light - (((product >> 8) + product) >> 8)).clamp(0, 255) as u8
    })
}

/// The colours of a palette; where it is too short, Pillow has grey ones.
fn palette(rgb: impl Iterator<Item = [u8; 3]>) -> [[u8; 3]; 256] {
    let mut palette = std::array::from_fn(|index| [index as u8; 3]);
    palette.iter_mut().zip(rgb).for_each(|(slot, color)| *slot = color);
    palette
}
