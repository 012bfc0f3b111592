//! MP4 and QuickTime: boxes, sample tables and fragments (ISO/IEC 14496-12).

mod fragment;
mod movie;
mod samples;

use std::collections::HashMap;

use self::fragment::{Fragment, Run};
use self::movie::{Movie, Track};
use self::samples::{Sample, Samples};
use super::{Stream, Ticks, Video};
use crate::error::Cause;
use crate::fields::Fields;
use crate::source::Source;

/// The name of a box.
type Kind = [u8; 4];

/// What looks at a box of the file.
type Visit<'a> = dyn FnMut(&mut Source<'_>, Kind, u64, u64) -> Result<(), Cause> + 'a;

/// Tables of samples are held in memory: more of them than this belong to no video.
const MOST_HEADER: u64 = 1 << 30;

pub(super) fn read(source: &mut Source<'_>) -> Result<Video, Cause> {
    let mut movie = None;
    let mut ends: HashMap<u32, u64> = HashMap::new();
    boxes(source, &mut |source, kind, at, length| {
        match &kind {
            b"moov" if movie.is_none() => movie = Some(Movie::read(&header(source, length)?)?),
            b"moof" => {
                let Some(movie) = &movie else { return Ok(()) };
                let fragment = header(source, length)?;
                for run in Fragment::read(&fragment, at, movie)?.runs {
                    let end = ends.entry(run.track).or_default();
                    *end = run.base.unwrap_or(*end).saturating_add(run.duration());
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    let movie = movie.ok_or("it has no `moov` box: it was not written to its end")?;
    let duration = |track: &Track| {
        let end = ends.get(&track.id).copied().unwrap_or(0);
        Some(track.duration(movie.timescale).max(end)).filter(|count| *count > 0 && track.timescale > 0)
    };
    let ticks = |track: &Track| duration(track).map(|count| Ticks { count, numerator: 1, denominator: track.timescale });
    let first = movie.tracks.iter().find(|track| track.is_video());
    let stream = first.map(|track| Stream { width: track.size.0, height: track.size.1, duration: ticks(track) });
    let longest = movie.tracks.iter().filter_map(ticks).map(|ticks| (ticks.seconds() * 1e6) as i64).max();
    let whole = (movie.duration > 0 && movie.timescale > 0).then(|| (movie.duration as f64 / f64::from(movie.timescale) * 1e6) as i64);
    Ok(Video { stream, duration: whole.or(longest) })
}

pub(super) fn packets(source: &mut Source<'_>, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
    let mut movie = None;
    let mut runs: Vec<Run> = Vec::new();
    // The sample tables may point at the same bytes again and again.
    let mut allowed = source.len().saturating_mul(4);
    boxes(source, &mut |source, kind, at, length| {
        match &kind {
            b"moov" if movie.is_none() => movie = Some(Movie::read(&header(source, length)?)?),
            b"moof" => {
                let Some(movie) = &movie else { return Ok(()) };
                let fragment = header(source, length)?;
                runs.extend(Fragment::read(&fragment, at, movie)?.runs);
            }
            _ => {}
        }
        Ok(())
    })?;
    let movie = movie.ok_or("it has no `moov` box: it was not written to its end")?;
    let videos = movie.tracks.iter().filter(|track| track.is_video());
    let mut queues: Vec<Queue<'_>> = videos.map(|track| Queue::new(track, &runs)).collect();
    while let Some(next) = first(&queues) {
        let Some(sample) = queues.get_mut(next).and_then(Queue::next) else { break };
        hand_on(source, &sample, &mut allowed, sink)?;
    }
    Ok(())
}

/// The samples of one track, the next one known.
struct Queue<'a> {
    timescale: u32,
    head: Option<Sample>,
    rest: Box<dyn Iterator<Item = Sample> + 'a>,
}

impl<'a> Queue<'a> {
    fn new(track: &'a Track, runs: &'a [Run]) -> Self {
        let mut end = 0;
        let of_runs = runs.iter().filter(|run| run.track == track.id).flat_map(move |run| {
            let time = run.base.unwrap_or(end);
            end = time.saturating_add(run.duration());
            run.samples(time)
        });
        let mut rest = Box::new(Samples::new(&track.tables).chain(of_runs));
        Self { timescale: track.timescale.max(1), head: rest.next(), rest }
    }

    fn next(&mut self) -> Option<Sample> {
        std::mem::replace(&mut self.head, self.rest.next())
    }
}

/// The stream whose next packet comes first: by place in the file, unless the other is more than a second earlier.
fn first(queues: &[Queue<'_>]) -> Option<usize> {
    const SECOND: i128 = 1_000_000;
    let mut best: Option<(usize, i128, u64)> = None;
    for (index, queue) in queues.iter().enumerate() {
        let Some(sample) = queue.head else { continue };
        let time = i128::from(sample.time) * SECOND / i128::from(queue.timescale);
        let earlier = best.is_none_or(|(_, best_time, best_at)| {
            let apart = (best_time - time).abs();
            if apart <= SECOND { sample.at < best_at } else { time < best_time }
        });
        if earlier {
            best = Some((index, time, sample.at));
        }
    }
    best.map(|(index, ..)| index)
}

fn hand_on(source: &mut Source<'_>, sample: &Sample, allowed: &mut u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
    let size = u64::from(sample.size);
    *allowed = allowed.checked_sub(size).ok_or("its sample tables name the same bytes again and again")?;
    if sample.at >= source.len() {
        return Ok(());
    }
    source.seek(sample.at)?;
    source.hand_on(size, sink)
}

/// Goes through the boxes of the file; `each` gets a box's kind, start and the length of its content, at its content.
fn boxes(source: &mut Source<'_>, each: &mut Visit<'_>) -> Result<(), Cause> {
    loop {
        let start = source.position();
        if source.left() < 8 {
            return Ok(());
        }
        let [s0, s1, s2, s3, k0, k1, k2, k3] = source.array()?;
        let (size, kind) = (u64::from(u32::from_be_bytes([s0, s1, s2, s3])), [k0, k1, k2, k3]);
        let (size, head) = match size {
            0 => (source.len() - start, 8),
            1 => (u64::from_be_bytes(source.array()?), 16),
            size => (size, 8),
        };
        let content = size.checked_sub(head).ok_or_else(|| format!("its box at byte {start} is shorter than its own head"))?;
        each(source, kind, start, content)?;
        match start.checked_add(size) {
            Some(end) if end < source.len() => source.seek(end)?,
            _ => return Ok(()),
        }
    }
}

fn header(source: &mut Source<'_>, length: u64) -> Result<Vec<u8>, Cause> {
    if length > MOST_HEADER {
        return Err("its tables of samples are too large".into());
    }
    source.vector(length)
}

/// The boxes inside a box, as far as they are whole.
fn inside(content: &[u8]) -> impl Iterator<Item = (Kind, &[u8])> {
    let mut fields = Fields(content);
    std::iter::from_fn(move || {
        let (size, kind) = (fields.be32().ok()?, fields.array().ok()?);
        let length = match size {
            0 => fields.0.len(),
            1 => usize::try_from(fields.be64().ok()?.checked_sub(16)?).ok()?,
            size => usize::try_from(size.checked_sub(8)?).ok()?,
        };
        Some((kind, fields.take(length).ok()?))
    })
}

fn find<'a>(content: &'a [u8], kind: &Kind) -> Option<&'a [u8]> {
    inside(content).find(|(found, _)| found == kind).map(|(_, content)| content)
}
