//! Pictures: their size, and the hashes by which equal pictures are found.
//!
//! Sizes come from headers alone, as Pillow has them. Hashes need the pixels: of PNG, JPEG, GIF, BMP and WebP.

mod exif;
mod header;
#[cfg(feature = "pixels")]
mod pixels;

pub use header::Size;

#[cfg(feature = "pixels")]
pub use pixels::{Hash, Method, hash, hash_of_bytes};

use crate::error::MediaError;
use crate::source::Source;

/// The size of a picture as it is shown: where its EXIF data say that it lies on its side, width and height change places.
///
/// ```
/// # let folder = std::env::temp_dir().join("sandbox-media-size");
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("a.gif");
/// std::fs::write(&path, b"GIF89a\x40\x01\xc8\0\0\0\0;")?;
/// let size = sandbox_media::image::size(path.to_str().unwrap())?;
/// assert_eq!((size.width, size.height), (320, 200));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be read, is no picture of a known kind, or ends before its size.
pub fn size(path: &str) -> Result<Size, MediaError> {
    let source = &mut Source::open(path)?;
    header::read(source).map(|header| header.shown()).map_err(|cause| cause.about(path))
}

/// The size of a picture in memory as it is stored, whatever its EXIF data say; `name` is what errors call it.
///
/// # Errors
/// As for [`size`].
pub fn size_of_bytes(bytes: &[u8], name: &str) -> Result<Size, MediaError> {
    header::read(&mut Source::bytes(bytes)).map(|header| header.stored()).map_err(|cause| cause.about(name))
}
