//! Ogg: the last page of a stream says how many samples there are.

use super::{Length, flac};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

/// What a granule position counts.
enum Codec {
    /// Samples.
    Plain(u32),
    /// Samples at 48 kHz, the first of which are not heard; the rate that is asked for.
    Opus { skipped: u64, rate: u32 },
}

struct Page {
    is_first: bool,
    serial: u32,
    granule: u64,
    /// Its content, of first pages only.
    content: Vec<u8>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Length, Cause> {
    let mut stream: Option<(u32, Codec)> = None;
    let (mut last, mut heads_over) = (0, false);
    while let Some(page) = page(source)? {
        match &stream {
            // Streams side by side all begin before any goes on; one that begins later is a further piece, not heard here.
            _ if page.is_first && heads_over => break,
            None if page.is_first => stream = codec(&page.content)?.map(|codec| (page.serial, codec)),
            _ if page.is_first => {}
            Some((serial, _)) => {
                heads_over = true;
                if *serial == page.serial && page.granule != u64::MAX {
                    last = page.granule;
                }
            }
            None => heads_over = true,
        }
    }
    if last == 0 && source.left() > 0 {
        return Err(Cause::cut_off());
    }
    let (_, codec) = stream.ok_or("it has no sound of a known kind (Vorbis, Opus, FLAC)")?;
    Ok(match codec {
        Codec::Plain(rate) => Length { samples: last, rate },
        Codec::Opus { skipped, rate } => Length { samples: last.saturating_sub(skipped) / u64::from(48_000 / rate), rate },
    })
}

/// The next page; none at the end, or where pages end.
fn page(source: &mut Source<'_>) -> Result<Option<Page>, Cause> {
    if source.left() < 27 {
        return Ok(None);
    }
    let head: [u8; 27] = source.array()?;
    let mut fields = Fields(&head);
    if &fields.array::<4>()? != b"OggS" {
        return Ok(None);
    }
    fields.skip(1)?;
    let flags = fields.u8()?;
    let granule = u64::from_le_bytes(fields.array()?);
    let serial = fields.le32()?;
    fields.skip(8)?;
    let segments = source.up_to(u64::from(fields.u8()?))?;
    let size: u64 = segments.iter().map(|segment| u64::from(*segment)).sum();
    // A page that is cut off has no samples to give.
    if size > source.left() {
        return Ok(None);
    }
    let is_first = flags & 2 != 0;
    let content = if is_first {
        source.vector(size)?
    } else {
        source.skip(size)?;
        Vec::new()
    };
    Ok(Some(Page { is_first, serial, granule, content }))
}

fn codec(packet: &[u8]) -> Result<Option<Codec>, Cause> {
    let mut fields = Fields(packet);
    if packet.starts_with(b"\x01vorbis") {
        fields.skip(12)?;
        return Ok(Some(Codec::Plain(fields.le32()?)));
    }
    if packet.starts_with(b"OpusHead") {
        fields.skip(10)?;
        let (skipped, rate) = (u64::from(fields.le16()?), fields.le32()?);
        let rate = if [8_000, 12_000, 16_000, 24_000].contains(&rate) { rate } else { 48_000 };
        return Ok(Some(Codec::Opus { skipped, rate }));
    }
    if packet.starts_with(b"\x7fFLAC") {
        fields.skip(17)?;
        return Ok(Some(Codec::Plain(flac::stream_info(fields.0)?.length.rate)));
    }
    Ok(None)
}
