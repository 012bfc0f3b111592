//! Matroska and WebM: elements of EBML, in the order in which they stand in the file.

mod block;
mod element;

use self::block::{Block, Unpack};
use self::element::{Element, children, element, float, unsigned};
use super::{MOST_STREAMS, Sink, Stream, Video};
use crate::error::Cause;
use crate::source::Source;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const CONTENT_ENCODINGS: u32 = 0x6d80;
const CLUSTER: u32 = 0x1f43_b675;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;

const TYPE_VIDEO: u64 = 1;
/// Headers are held in memory; attached fonts and pictures are not among them.
const MOST_HEADER: u64 = 1 << 26;
/// A single block of video that is longer is damage.
const MOST_BLOCK: u64 = 1 << 30;

#[derive(Default)]
struct Header {
    /// Nanoseconds of a unit of time.
    scale: u64,
    /// In such units.
    duration: Option<f64>,
    videos: Vec<Track>,
}

struct Track {
    number: u64,
    width: u32,
    height: u32,
    unpack: Result<Unpack, Cause>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Video, Cause> {
    let header = walk(source, None)?;
    let stream = header.videos.first().map(|track| Stream { width: track.width, height: track.height, duration: None });
    // As FFmpeg computes it: cut to whole millionths of a second.
    let duration = header.duration.map(|duration| (duration * header.scale as f64 * 1000.0 / 1e6) as i64);
    Ok(Video { stream, duration: duration.filter(|duration| *duration > 0) })
}

pub(super) fn packets(source: &mut Source<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
    walk(source, Some(sink)).map(drop)
}

/// Reads the headers and, with a sink, the blocks of all video tracks.
fn walk(source: &mut Source<'_>, mut sink: Option<&mut Sink<'_>>) -> Result<Header, Cause> {
    let mut header = Header { scale: 1_000_000, ..Header::default() };
    let mut has_tracks = false;
    // Segments, clusters and groups are gone into, so that those of unknown length need nothing more.
    while let Some(Element { id, size }) = element(source) {
        match (id, size) {
            (CLUSTER, _) if sink.is_none() && has_tracks => break,
            (SEGMENT | CLUSTER | BLOCK_GROUP, _) => {}
            (INFO, Some(size)) => info(&body(source, size)?, &mut header),
            (TRACKS, Some(size)) => {
                has_tracks = true;
                let content = body(source, size)?;
                header.videos.extend(children(&content).filter(|(id, _)| *id == TRACK_ENTRY).filter_map(|(_, entry)| track(entry)));
                if header.videos.len() > MOST_STREAMS {
                    return Err("it has too many tracks".into());
                }
            }
            (SIMPLE_BLOCK | BLOCK, Some(size)) if sink.is_some() => {
                if size > MOST_BLOCK {
                    return Err("a block is too long".into());
                }
                if size > source.left() {
                    break;
                }
                let bytes = source.vector(size)?;
                if let (Some(sink), Some(block)) = (&mut sink, Block::read(&bytes))
                    && let Some(track) = header.videos.iter().find(|track| track.number == block.track)
                {
                    let unpack = track.unpack.as_ref().map_err(|cause| Cause::from(cause.to_string()))?;
                    for frame in block.frames()? {
                        unpack.hand_on(frame, sink)?;
                    }
                }
            }
            (_, Some(size)) => source.skip(size.min(source.left()))?,
            (_, None) => return Err("an element of unknown length stands where none may".into()),
        }
    }
    if !has_tracks {
        return Err("it has no list of tracks".into());
    }
    Ok(header)
}

fn body(source: &mut Source<'_>, size: u64) -> Result<Vec<u8>, Cause> {
    if size > MOST_HEADER {
        return Err("one of its headers is too long".into());
    }
    source.vector(size)
}

fn info(content: &[u8], header: &mut Header) {
    for (id, value) in children(content) {
        match id {
            TIMESTAMP_SCALE => header.scale = unsigned(value),
            DURATION => header.duration = float(value),
            _ => {}
        }
    }
}

fn track(entry: &[u8]) -> Option<Track> {
    let mut track = Track { number: 0, width: 0, height: 0, unpack: Ok(Unpack::default()) };
    let (mut kind, mut codec): (u64, &[u8]) = (0, b"");
    for (id, value) in children(entry) {
        match id {
            TRACK_NUMBER => track.number = unsigned(value),
            TRACK_TYPE => kind = unsigned(value),
            CODEC_ID => codec = value,
            CONTENT_ENCODINGS => track.unpack = Unpack::read(value),
            VIDEO => {
                for (id, value) in children(value) {
                    match id {
                        PIXEL_WIDTH => track.width = u32::try_from(unsigned(value)).ok()?,
                        PIXEL_HEIGHT => track.height = u32::try_from(unsigned(value)).ok()?,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if let Ok(unpack) = &mut track.unpack {
        unpack.is_pro_res = codec == b"V_PRORES";
    }
    (kind == TYPE_VIDEO).then_some(track)
}
