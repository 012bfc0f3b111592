//! Videos: duration, size, and the packets of their video streams.
//!
//! Known are MP4 and QuickTime (fragmented too), Matroska and WebM, and AVI. Nothing is decoded.

mod avi;
mod matroska;
mod mp4;

use crate::error::{Cause, MediaError};
use crate::source::Source;

/// What the containers say about a video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Video {
    /// The first video stream; none in a file of sound alone.
    pub stream: Option<Stream>,
    /// The duration of the whole, in millionths of a second.
    pub duration: Option<i64>,
}

/// What is known about a video stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Columns of pixels, without any rotation.
    pub width: u32,
    /// Rows of pixels, without any rotation.
    pub height: u32,
    /// How long it is, where the container says so of single streams.
    pub duration: Option<Ticks>,
}

/// A time as a fraction of a second: `count * numerator / denominator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// Units of time.
    pub count: u64,
    /// Numerator of one unit in seconds.
    pub numerator: u32,
    /// Denominator of one unit in seconds, never 0.
    pub denominator: u32,
}

impl Ticks {
    /// The exact fraction, rounded once, as PyAV gives it.
    pub fn seconds(self) -> f64 {
        let (numerator, denominator) = (u128::from(self.count) * u128::from(self.numerator), u128::from(self.denominator));
        let divisor = greatest_common_divisor(numerator, denominator).max(1);
        // Exact below 2^53 on both sides, which only files of many thousand years exceed.
        (numerator / divisor) as f64 / (denominator / divisor) as f64
    }

    /// In millionths of a second, as ffprobe prints it.
    fn printed(self) -> f64 {
        let unit = f64::from(self.numerator) / f64::from(self.denominator);
        six_digits(self.count as f64 * unit)
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn six_digits(seconds: f64) -> f64 {
    format!("{seconds:.6}").parse().unwrap_or(seconds)
}

impl Video {
    /// Seconds as ffprobe reports them: those of the stream, else those of the container, else 0; six digits.
    pub fn seconds_as_printed(&self) -> f64 {
        self.stream.and_then(|stream| stream.duration).map_or_else(|| self.container_seconds(), Ticks::printed)
    }

    /// Seconds of the stream as an exact fraction, else those of the container, else 0.
    pub fn seconds(&self) -> f64 {
        self.stream.and_then(|stream| stream.duration).map_or_else(|| self.container_seconds(), Ticks::seconds)
    }

    fn container_seconds(&self) -> f64 {
        self.duration.map_or(0.0, |duration| six_digits(duration as f64 / 1e6))
    }
}

/// Streams of one file; FFmpeg stops there, too.
const MOST_STREAMS: usize = 1000;

/// What is given the bytes of packets.
type Sink<'a> = dyn FnMut(&[u8]) + 'a;

enum Container {
    Mp4,
    Matroska,
    Avi,
}

fn container(source: &mut Source<'_>) -> Result<Container, Cause> {
    let start = source.up_to(12)?;
    source.seek(0)?;
    let known: [&[u8]; 9] = [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot", b"moof"];
    if start.is_empty() {
        return Err("it is empty".into());
    }
    if start.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return Ok(Container::Matroska);
    }
    if start.starts_with(b"RIFF") && start.get(8..12).is_some_and(|kind| kind == b"AVI " || kind == b"AVIX") {
        return Ok(Container::Avi);
    }
    if start.get(4..8).is_some_and(|kind| known.contains(&kind)) {
        return Ok(Container::Mp4);
    }
    Err("it is no video of a known kind (mp4, mov, mkv, webm, avi)".into())
}

/// What a video file says about itself.
///
/// # Errors
/// When the file cannot be read, is of another kind, or is damaged where these facts stand.
pub fn video(path: &str) -> Result<Video, MediaError> {
    read(&mut Source::open(path)?).map_err(|cause| cause.about(path))
}

/// The same of bytes in memory; `name` is what errors call them.
///
/// # Errors
/// As for [`video`].
pub fn video_of_bytes(bytes: &[u8], name: &str) -> Result<Video, MediaError> {
    read(&mut Source::bytes(bytes)).map_err(|cause| cause.about(name))
}

fn read(source: &mut Source<'_>) -> Result<Video, Cause> {
    match container(source)? {
        Container::Mp4 => mp4::read(source),
        Container::Matroska => matroska::read(source),
        Container::Avi => avi::read(source),
    }
}

/// Hands on the bytes of all packets of all video streams, in the order in which they stand in the file.
///
/// The pieces are not the packets: only their sequence is the same. A file that is cut off gives the packets it has.
///
/// # Errors
/// When the file cannot be read, is of another kind, or is damaged where the packets are described.
pub fn packets(path: &str, sink: &mut dyn FnMut(&[u8])) -> Result<(), MediaError> {
    read_packets(&mut Source::open(path)?, sink).map_err(|cause| cause.about(path))
}

/// The same of bytes in memory; `name` is what errors call them.
///
/// # Errors
/// As for [`packets`].
pub fn packets_of_bytes(bytes: &[u8], name: &str, sink: &mut dyn FnMut(&[u8])) -> Result<(), MediaError> {
    read_packets(&mut Source::bytes(bytes), sink).map_err(|cause| cause.about(name))
}

fn read_packets(source: &mut Source<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
    match container(source)? {
        Container::Mp4 => mp4::packets(source, sink),
        Container::Matroska => matroska::packets(source, sink),
        Container::Avi => avi::packets(source, sink),
    }
}
