//! The `moov` box: tracks, their sizes and durations.

use super::samples::Tables;
use super::{Kind, find, inside};
use crate::error::Cause;
use crate::fields::Fields;
use crate::video::MOST_STREAMS;

#[derive(Debug, Default)]
pub(super) struct Movie {
    pub timescale: u32,
    /// In units of `timescale`.
    pub duration: u64,
    pub tracks: Vec<Track>,
    pub defaults: Vec<Defaults>,
}

#[derive(Debug, Default)]
pub(super) struct Track {
    pub id: u32,
    handler: Kind,
    pub timescale: u32,
    media_duration: u64,
    /// Duration in units of the movie, and where in the media it starts, of each edit.
    edits: Vec<(u64, i64)>,
    pub size: (u32, u32),
    pub tables: Tables,
}

/// What `trex` says of the samples of a track's fragments.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defaults {
    pub track: u32,
    pub duration: u32,
    pub size: u32,
}

impl Movie {
    pub fn read(moov: &[u8]) -> Result<Self, Cause> {
        let mut movie = Self::default();
        for (kind, content) in inside(moov) {
            match &kind {
                b"mvhd" => (movie.timescale, movie.duration) = timing(content)?,
                b"trak" => movie.tracks.push(Track::read(content)?),
                b"mvex" => {
                    let trex = inside(content).filter(|(kind, _)| kind == b"trex");
                    movie.defaults = trex.take(MOST_STREAMS).filter_map(|(_, content)| defaults(content).ok()).collect();
                }
                b"cmov" => return Err("its `moov` box is compressed".into()),
                _ => {}
            }
        }
        if movie.tracks.len() > MOST_STREAMS {
            return Err("it has too many tracks".into());
        }
        if movie.tracks.is_empty() {
            return Err("it has no track".into());
        }
        Ok(movie)
    }
}

impl Track {
    fn read(trak: &[u8]) -> Result<Self, Cause> {
        let mut track = Self::default();
        let mut shown = (0, 0);
        if let Some(content) = find(trak, b"tkhd") {
            let mut fields = Fields(content);
            let version = fields.u8()?;
            fields.skip(if version == 1 { 19 } else { 11 })?;
            track.id = fields.be32()?;
            fields.skip(if version == 1 { 12 } else { 8 })?;
            fields.skip(52)?;
            shown = (fields.be32()? >> 16, fields.be32()? >> 16);
        }
        if let Some(content) = find(trak, b"edts").and_then(|edts| find(edts, b"elst")) {
            track.edits = edits(content)?;
        }
        let Some(media) = find(trak, b"mdia") else { return Ok(track) };
        if let Some(content) = find(media, b"mdhd") {
            (track.timescale, track.media_duration) = timing(content)?;
        }
        if let Some(content) = find(media, b"hdlr") {
            let mut fields = Fields(content);
            fields.skip(8)?;
            track.handler = fields.array()?;
        }
        if let Some(tables) = find(media, b"minf").and_then(|information| find(information, b"stbl")) {
            if track.is_video() {
                track.size = find(tables, b"stsd").and_then(|content| size(content).ok()).unwrap_or_default();
                if track.size.0 == 0 || track.size.1 == 0 {
                    track.size = shown;
                }
            }
            track.tables = Tables::read(tables)?;
        }
        Ok(track)
    }

    pub fn is_video(&self) -> bool {
        &self.handler == b"vide"
    }

    /// In units of the track: that of its header, shortened by its samples and by its edits.
    pub fn duration(&self, movie_timescale: u32) -> u64 {
        let of_samples = self.tables.duration();
        let whole = if of_samples > 0 && self.media_duration > 0 { self.media_duration.min(of_samples) } else { self.media_duration };
        self.edited(movie_timescale).map_or(whole, |edited| whole.min(edited))
    }

    /// The edits that show something, added.
    fn edited(&self, movie_timescale: u32) -> Option<u64> {
        let mut shown = self.edits.iter().filter(|(_, start)| *start >= 0).peekable();
        shown.peek()?;
        let (scale, movie_scale) = (u128::from(self.timescale), u128::from(movie_timescale));
        shown.try_fold(0_u64, |sum, (length, _)| {
            // Of no length means to the end, as in fragmented files.
            let length = Some(u128::from(*length) * scale).filter(|length| *length > 0)?;
            sum.checked_add(u64::try_from((length + movie_scale / 2).checked_div(movie_scale)?).ok()?)
        })
    }
}

/// Timescale and duration of `mvhd` and `mdhd`, which begin alike.
fn timing(content: &[u8]) -> Result<(u32, u64), Cause> {
    let mut fields = Fields(content);
    if fields.u8()? == 1 {
        fields.skip(19)?;
        Ok((fields.be32()?, fields.be64().map(|duration| if duration == u64::MAX { 0 } else { duration })?))
    } else {
        fields.skip(11)?;
        Ok((fields.be32()?, fields.be32().map(|duration| if duration == u32::MAX { 0 } else { u64::from(duration) })?))
    }
}

fn edits(content: &[u8]) -> Result<Vec<(u64, i64)>, Cause> {
    let mut fields = Fields(content);
    let long = fields.u8()? == 1;
    fields.skip(7)?;
    let mut edits = Vec::new();
    while !fields.is_empty() {
        let edit = if long {
            (fields.be64()?, fields.be64()?.cast_signed())
        } else {
            (u64::from(fields.be32()?), i64::from(fields.be32()?.cast_signed()))
        };
        fields.skip(4)?;
        edits.push(edit);
    }
    Ok(edits)
}

/// Width and height of the first sample entry.
fn size(stsd: &[u8]) -> Result<(u32, u32), Cause> {
    let mut fields = Fields(stsd);
    fields.skip(8)?;
    // Size, format, reserved, data reference; then version, revision, vendor and two qualities.
    fields.skip(16 + 16)?;
    Ok((u32::from(fields.be16()?), u32::from(fields.be16()?)))
}

fn defaults(trex: &[u8]) -> Result<Defaults, Cause> {
    let mut fields = Fields(trex);
    fields.skip(4)?;
    let track = fields.be32()?;
    fields.skip(4)?;
    Ok(Defaults { track, duration: fields.be32()?, size: fields.be32()? })
}
