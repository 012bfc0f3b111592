//! MPEG audio, layers I to III: frames are counted; what an encoder put around the sound is taken off.

use super::Length;
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

/// Samples that every decoder of layer III is late by.
const DECODER_DELAY: u64 = 529;
/// Frames that must follow a first one that does not stand at the start.
const FOLLOWERS: u32 = 3;
/// How far the first frame is looked for.
const MOST_JUNK: u64 = 1 << 20;

/// A frame's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    /// What does not change within a stream: version, layer, rate.
    kind: (u8, u8, u32),
    bytes: u64,
    samples: u64,
    is_mono: bool,
}

/// The `Xing` or `Info` tag that stands where a first frame would be.
struct Tag {
    frames: Option<u64>,
    /// Samples before and after the sound, if the encoder says so.
    around: Option<(u64, u64)>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    skip_id3(source)?;
    let first = first_frame(source)?;
    let (_, _, rate) = first.kind;
    let start = source.position();
    let tag = tag(&source.up_to(first.bytes)?, &first);
    source.seek(if tag.is_some() { (start + first.bytes).min(source.len()) } else { start })?;
    let count = count_frames(source, &first)?;
    let all = count * first.samples;
    let samples = match tag {
        Some(Tag { frames, around: Some((before, after)) }) => {
            let before = before + DECODER_DELAY;
            let whole = frames.unwrap_or(count) * first.samples;
            let end = whole.saturating_sub(after.saturating_sub(DECODER_DELAY));
            all.min(end).saturating_sub(before)
        }
        _ => all,
    };
    Ok(Length { samples, rate })
}

fn skip_id3(source: &mut Source<'_>) -> Result<(), Cause> {
    while source.left() > 10 {
        let start = source.position();
        let [i, d, three, _, _, flags, s0, s1, s2, s3] = source.array()?;
        if [i, d, three] != *b"ID3" {
            return source.seek(start);
        }
        let size = [s0, s1, s2, s3].into_iter().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
        let footer = if flags & 0x10 != 0 { 10 } else { 0 };
        source.skip((size + footer).min(source.left()))?;
    }
    Ok(())
}

/// Goes to the first head that others of its kind follow; at the start, fewer will do.
fn first_frame(source: &mut Source<'_>) -> Result<Frame, Cause> {
    let start = source.position();
    let window = source.up_to(MOST_JUNK)?;
    for (at, bytes) in window.windows(4).enumerate() {
        let (Some(frame), at) = (head(bytes), start + at as u64) else { continue };
        let (mut next, mut followers) = (at + frame.bytes, 0);
        while followers < FOLLOWERS && next + 4 <= source.len() {
            source.seek(next)?;
            match head(&source.array::<4>()?).filter(|head| head.kind == frame.kind) {
                Some(head) => next += head.bytes,
                None => break,
            }
            followers += 1;
        }
        let ends_here = next <= source.len() && next + 4 > source.len();
        if followers == FOLLOWERS || at == start && (followers > 0 || ends_here) {
            source.seek(at)?;
            return Ok(frame);
        }
    }
    Err("it is no sound of a known kind (wav, aiff, au, caf, flac, ogg, mp3)".into())
}

fn count_frames(source: &mut Source<'_>, first: &Frame) -> Result<u64, Cause> {
    let mut count = 0;
    let mut bytes = [0; 4];
    let mut filled = 0;
    while source.left() >= 4 - filled as u64 {
        source.read(bytes.get_mut(filled..).unwrap_or_default())?;
        match head(&bytes).filter(|frame| frame.kind == first.kind) {
            // The last one counts only if it is whole.
            Some(frame) if frame.bytes - 4 <= source.left() => {
                count += 1;
                source.skip(frame.bytes - 4)?;
                filled = 0;
            }
            Some(_) => break,
            None => {
                bytes.rotate_left(1);
                filled = 3;
            }
        }
    }
    Ok(count)
}

fn head(bytes: &[u8]) -> Option<Frame> {
    let &[sync, b1, b2, b3] = bytes else { return None };
    if sync != 0xff || b1 & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = (b1 >> 3 & 3, 4 - (b1 >> 1 & 3));
    let is_one = version == 3;
    if version == 1 || layer == 4 {
        return None;
    }
    const RATES: [u32; 3] = [44_100, 48_000, 32_000];
    let rate = RATES.get(usize::from(b2 >> 2 & 3))? >> [2, 0, 1, 0][usize::from(version)];
    #[rustfmt::skip]
    const BIT_RATES: [[u16; 16]; 5] = [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0],
        [0, 32, 48, 56,  64,  80,  96, 112, 128, 160, 192, 224, 256, 320, 384, 0],
        [0, 32, 40, 48,  56,  64,  80,  96, 112, 128, 160, 192, 224, 256, 320, 0],
        [0, 32, 48, 56,  64,  80,  96, 112, 128, 144, 160, 176, 192, 224, 256, 0],
        [0,  8, 16, 24,  32,  40,  48,  56,  64,  80,  96, 112, 128, 144, 160, 0],
    ];
    let row = match (is_one, layer) {
        (true, layer) => usize::from(layer - 1),
        (false, 1) => 3,
        (false, _) => 4,
    };
    let bit_rate = u64::from(*BIT_RATES.get(row)?.get(usize::from(b2 >> 4))?) * 1000;
    if bit_rate == 0 {
        return None;
    }
    let padding = u64::from(b2 >> 1 & 1);
    let samples = match (layer, is_one) {
        (1, _) => 384,
        (2, _) | (_, true) => 1152,
        (_, false) => 576,
    };
    let bytes =
        if layer == 1 { (12 * bit_rate / u64::from(rate) + padding) * 4 } else { samples / 8 * bit_rate / u64::from(rate) + padding };
    (bytes >= 8).then_some(Frame { kind: (version, layer, rate), bytes, samples, is_mono: b3 >> 6 == 3 })
}

fn tag(frame: &[u8], head: &Frame) -> Option<Tag> {
    let (version, layer, _) = head.kind;
    if layer != 3 {
        return None;
    }
    if frame.get(36..40) == Some(b"VBRI") {
        return Some(Tag { frames: None, around: None });
    }
    let side = match (version == 3, head.is_mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let mut fields = Fields(frame.get(4 + side..)?);
    if !matches!(&fields.array().ok()?, b"Xing" | b"Info") {
        return None;
    }
    let mut tag = Tag { frames: None, around: None };
    let mut read = || {
        let flags = fields.be32()?;
        if flags & 1 != 0 {
            tag.frames = Some(u64::from(fields.be32()?)).filter(|frames| *frames > 0);
        }
        fields.skip(if flags & 2 != 0 { 4 } else { 0 })?;
        fields.skip(if flags & 4 != 0 { 100 } else { 0 })?;
        fields.skip(if flags & 8 != 0 { 4 } else { 0 })?;
        let encoder: [u8; 9] = fields.array()?;
        fields.skip(12)?;
        let [d0, d1, d2] = fields.array()?;
        if encoder[0] != 0 {
            tag.around = Some((u64::from(d0) << 4 | u64::from(d1 >> 4), u64::from(d1 & 15) << 8 | u64::from(d2)));
        }
        Ok::<_, Cause>(())
    };
    // A tag without these facts is a tag all the same.
    let _ = read();
    Some(tag)
}
