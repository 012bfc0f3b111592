//! The `moof` box: the samples of one fragment.

use super::inside;
use super::movie::{Defaults, Movie};
use super::samples::Sample;
use crate::error::Cause;
use crate::fields::Fields;

pub(super) struct Fragment {
    pub runs: Vec<Run>,
}

/// The samples of a track that lie together.
pub(super) struct Run {
    pub track: u32,
    /// When the first is due, if the fragment says so here.
    pub base: Option<u64>,
    samples: Samples,
}

enum Samples {
    /// Each is described.
    Each(Vec<Sample>),
    /// Nothing is said about single ones, so that their number is only a claim: so many, all like the first.
    Alike(Sample, u32),
}

impl Run {
    /// In units of the track.
    pub fn duration(&self) -> u64 {
        match &self.samples {
            Samples::Each(samples) => samples.iter().map(|sample| u64::from(sample.duration)).sum(),
            Samples::Alike(first, count) => u64::from(first.duration) * u64::from(*count),
        }
    }

    /// The samples in order, with times from `time` on.
    pub fn samples(&self, time: u64) -> impl Iterator<Item = Sample> {
        let (each, alike) = match &self.samples {
            Samples::Each(samples) => (samples.as_slice(), None),
            // Samples of no bytes give nothing, however many.
            Samples::Alike(first, count) => ([].as_slice(), Some((*first, *count)).filter(|(first, _)| first.size > 0)),
        };
        let alike = alike.into_iter().flat_map(|(first, count)| {
            (0..u64::from(count)).map(move |index| Sample { at: first.at.saturating_add(index * u64::from(first.size)), ..first })
        });
        let mut due = time;
        each.iter().copied().chain(alike).map(move |sample| {
            let time = due;
            due = due.saturating_add(u64::from(sample.duration));
            Sample { time, ..sample }
        })
    }
}

impl Fragment {
    /// Reads the content of a `moof` box that starts at `start` in the file.
    pub fn read(moof: &[u8], start: u64, movie: &Movie) -> Result<Self, Cause> {
        let mut runs = Vec::new();
        // Without a place of its own, the first track's data are counted from the fragment, the others' from the end of the one before.
        let mut end = start;
        for (_, content) in inside(moof).filter(|(kind, _)| kind == b"traf") {
            let mut track = TrackFragment { base: end, ..TrackFragment::default() };
            let mut time = None;
            for (kind, content) in inside(content) {
                match &kind {
                    b"tfhd" => track.read(content, start, movie)?,
                    b"tfdt" => {
                        let mut fields = Fields(content);
                        let long = fields.u8()? == 1;
                        fields.skip(3)?;
                        time = Some(if long { fields.be64()? } else { u64::from(fields.be32()?) });
                    }
                    b"trun" => {
                        let samples = track.run(content, &mut end)?;
                        runs.push(Run { track: track.defaults.track, base: time.take(), samples });
                    }
                    _ => {}
                }
            }
        }
        Ok(Self { runs })
    }
}

#[derive(Default)]
struct TrackFragment {
    base: u64,
    defaults: Defaults,
}

impl TrackFragment {
    fn read(&mut self, tfhd: &[u8], start: u64, movie: &Movie) -> Result<(), Cause> {
        let mut fields = Fields(tfhd);
        let flags = fields.be32()?;
        let track = fields.be32()?;
        let defaults = movie.defaults.iter().find(|defaults| defaults.track == track).copied();
        self.defaults = Defaults { track, ..defaults.unwrap_or_default() };
        if flags & 0x1 != 0 {
            self.base = fields.be64()?;
        } else if flags & 0x2_0000 != 0 {
            self.base = start;
        }
        if flags & 0x2 != 0 {
            fields.skip(4)?;
        }
        if flags & 0x8 != 0 {
            self.defaults.duration = fields.be32()?;
        }
        if flags & 0x10 != 0 {
            self.defaults.size = fields.be32()?;
        }
        Ok(())
    }

    fn run(&self, trun: &[u8], end: &mut u64) -> Result<Samples, Cause> {
        let mut fields = Fields(trun);
        let flags = fields.be32()?;
        let count = fields.be32()?;
        let mut at = *end;
        if flags & 0x1 != 0 {
            at = self.base.saturating_add_signed(i64::from(fields.be32()?.cast_signed()));
        }
        if flags & 0x4 != 0 {
            fields.skip(4)?;
        }
        let Defaults { size, duration, .. } = self.defaults;
        if flags & 0xf00 == 0 {
            *end = at.saturating_add(u64::from(size) * u64::from(count));
            return Ok(Samples::Alike(Sample { at, size, time: 0, duration }, count));
        }
        let mut samples = Vec::new();
        for _ in 0..count {
            let mut field = |flag: u32, default: u32| if flags & flag != 0 { fields.be32() } else { Ok(default) };
            let duration = field(0x100, self.defaults.duration)?;
            let size = field(0x200, self.defaults.size)?;
            field(0x400, 0)?;
            field(0x800, 0)?;
            samples.push(Sample { at, size, time: 0, duration });
            at = at.saturating_add(u64::from(size));
        }
        *end = at;
        Ok(Samples::Each(samples))
    }
}
