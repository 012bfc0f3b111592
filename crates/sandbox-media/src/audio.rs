//! Sounds: how many samples decoding them gives, without decoding them.
//!
//! Known are WAV (RIFF, RIFX, RF64, Wave64), AIFF, AU, CAF, FLAC, Ogg (Vorbis, Opus, FLAC) and MPEG audio (MP3 and layers I
//! and II). The numbers are those of libsndfile.

mod aiff;
mod au;
mod caf;
mod flac;
mod mpeg;
mod ogg;
mod wav;

use crate::error::{Cause, MediaError};
use crate::source::Source;

/// The length of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Samples of one channel.
    pub samples: u64,
    /// Samples a second, never 0.
    pub rate: u32,
}

impl Length {
    /// The duration.
    pub fn seconds(self) -> f64 {
        self.samples as f64 / f64::from(self.rate)
    }
}

/// The length of a sound file.
///
/// ```
/// # let folder = std::env::temp_dir().join("sandbox-media-length");
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("a.au");
/// std::fs::write(&path, b".snd\0\0\0\x18\0\0\0\x04\0\0\0\x03\0\0\x1f\x40\0\0\0\x01abcd")?;
/// let length = sandbox_media::audio::length(path.to_str().unwrap())?;
/// assert_eq!((length.samples, length.rate), (2, 8000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be read, is of another kind, or is damaged where its length stands.
pub fn length(path: &str) -> Result<Length, MediaError> {
    read(&mut Source::open(path)?).map_err(|cause| cause.about(path))
}

/// The same of bytes in memory; `name` is what errors call them.
///
/// # Errors
/// As for [`length`].
pub fn length_of_bytes(bytes: &[u8], name: &str) -> Result<Length, MediaError> {
    read(&mut Source::bytes(bytes)).map_err(|cause| cause.about(name))
}

fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    let start = source.up_to(16)?;
    source.seek(0)?;
    let kind = |at: usize| start.get(at..at + 4).unwrap_or_default();
    let length = match (kind(0), kind(8)) {
        (b"RIFF" | b"RIFX" | b"RF64", b"WAVE") => wav::riff(source),
        (b"riff", _) => wav::wave64(source),
        (b"FORM", b"AIFF" | b"AIFC") => aiff::read(source),
        (b".snd" | b"dns.", _) => au::read(source),
        (b"caff", _) => caf::read(source),
        (b"fLaC", _) => flac::read(source),
        (b"OggS", _) => ogg::read(source),
        _ if start.is_empty() => Err("it is empty".into()),
        _ => mpeg::read(source),
    }?;
    if length.rate == 0 {
        return Err("it has no sample rate".into());
    }
    Ok(length)
}

/// Frames of `width` bytes in as many bytes.
fn frames(bytes: u64, width: u64) -> Result<u64, Cause> {
    bytes.checked_div(width).ok_or_else(|| Cause::from("its samples have no width"))
}
