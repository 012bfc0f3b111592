//! AVI: RIFF chunks, also in the several parts of OpenDML.

use super::{Sink, Stream, Ticks, Video};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

#[derive(Default)]
struct Header {
    /// One for each stream, in order; none for what is no video.
    streams: Vec<Option<Stream>>,
    /// Microseconds a frame and frames, of the main header.
    main: Option<(u32, u32)>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Video, Cause> {
    let header = walk(source, None)?;
    let stream = header.streams.iter().flatten().next().copied();
    let lengths = header.streams.iter().flatten().filter_map(|stream| stream.duration);
    let longest = lengths.map(|ticks| (ticks.seconds() * 1e6) as i64).max();
    let by_main = header.main.map(|(micros, frames)| i64::from(micros).saturating_mul(i64::from(frames)));
    Ok(Video { stream, duration: longest.or(by_main) })
}

pub(super) fn packets(source: &mut Source<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
    walk(source, Some(sink)).map(drop)
}

/// Reads the headers and, with a sink, the frames after them.
fn walk(source: &mut Source<'_>, mut sink: Option<&mut Sink<'_>>) -> Result<Header, Cause> {
    let mut header = Header::default();
    while source.left() >= 8 {
        let [k0, k1, k2, k3, s0, s1, s2, s3] = source.array()?;
        let (kind, size) = ([k0, k1, k2, k3], u64::from(u32::from_le_bytes([s0, s1, s2, s3])));
        match &kind {
            // Lists are gone into, so that one loop sees all chunks; `rec ` and `AVIX` need nothing more.
            b"RIFF" | b"LIST" => {
                let list: [u8; 4] = source.array()?;
                match &list {
                    b"hdrl" | b"AVI " | b"AVIX" | b"rec " => {}
                    b"strl" => header.streams.push(stream(&source.up_to(size.saturating_sub(4).min(1 << 20))?)),
                    b"movi" if sink.is_none() => break,
                    b"movi" => {}
                    _ => skip(source, size.saturating_sub(4))?,
                }
                if &list == b"strl" && size > (1 << 20) {
                    return Err("a stream's header is too long".into());
                }
                if &list == b"strl" && size % 2 == 1 {
                    skip(source, 1)?;
                }
                continue;
            }
            b"avih" => {
                let bytes = source.up_to(size.min(20))?;
                let mut fields = Fields(&bytes);
                header.main = (|| Ok::<_, Cause>((fields.le32()?, fields.skip(12).and_then(|()| fields.le32())?)))().ok();
                skip(source, (size + size % 2).saturating_sub(20))?;
                continue;
            }
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', b'd', b'b' | b'c'] => {
                let number = usize::from((tens - b'0') * 10 + (ones - b'0'));
                if let (Some(sink), Some(Some(_))) = (&mut sink, header.streams.get(number)) {
                    source.hand_on(size, sink)?;
                    skip(source, size % 2)?;
                    continue;
                }
            }
            _ => {}
        }
        skip(source, size + size % 2)?;
    }
    if header.streams.is_empty() {
        return Err("it has no stream".into());
    }
    Ok(header)
}

/// Goes on, at most to the end: the last chunk of a file may be cut off.
fn skip(source: &mut Source<'_>, bytes: u64) -> Result<(), Cause> {
    source.skip(bytes.min(source.left()))
}

/// The chunks of one `strl` list, if they are those of a video.
fn stream(list: &[u8]) -> Option<Stream> {
    let mut fields = Fields(list);
    let (mut is_video, mut timing, mut size) = (false, None, None);
    while let (Ok(kind), Ok(length)) = (fields.array::<4>(), fields.le32()) {
        let length = usize::try_from(length).ok()?;
        let Ok(body) = fields.take(length.min(fields.0.len())) else { break };
        let _ = fields.skip(length % 2);
        let mut body = Fields(body);
        match &kind {
            b"strh" => {
                is_video = body.array::<4>().is_ok_and(|kind| &kind == b"vids");
                timing = (|| {
                    body.skip(16)?;
                    let (scale, rate) = (body.le32()?, body.le32()?);
                    body.skip(4)?;
                    Ok::<_, Cause>((scale, rate, body.le32()?))
                })()
                .ok();
            }
            b"strf" => {
                let dimensions = (|| {
                    body.skip(4)?;
                    Ok::<_, Cause>((body.le32()?, body.le32()?.cast_signed().unsigned_abs()))
                })();
                size = dimensions.ok();
            }
            _ => {}
        }
    }
    let (width, height) = size.filter(|_| is_video)?;
    let duration = timing.filter(|(scale, rate, length)| *scale > 0 && *rate > 0 && *length > 0);
    let ticks = |(scale, rate, length)| Ticks { count: u64::from(length), numerator: scale, denominator: rate };
    Some(Stream { width, height, duration: duration.map(ticks) })
}
