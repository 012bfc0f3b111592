//! Rows through a program of the user's: JSON lines in, one answer a line out.
//!
//! Each worker has a stretch of the rows and one process at a time. Rows are fed while answers come in, so that a full
//! pipe holds both sides back and nothing waits in memory. When a process ends too early, hangs or answers nonsense, its
//! answers so far stand; what it left open is tried again in small batches in fresh processes, until the row at which it
//! fails is found alone. That row is set aside.

use std::io::Write;
use std::thread;

use sandbox_dataset::{Edits, Row, write_row};
use sandbox_ops::External;
use sandbox_ops::external::Answer;
use sandbox_process::{Ended, LineProcess};
use serde_json::Value;

use super::chunk::STATS;
use super::luggage::{Luggage, Packed};
use super::spool::{RowsByNumber, Spool, SpoolWriter};
use crate::error::RecipeError;

/// Rows at the beginning that may fail one after the other before the program itself is to blame.
const PATIENCE: u64 = 20;

/// What a program made of the rows.
#[derive(Default)]
pub(super) struct Through {
    /// The rows that go on.
    pub(super) changed: u64,
    pub(super) dropped: u64,
    /// Rows at which it failed, with the reason.
    pub(super) failed: Vec<(Luggage, Vec<u8>, String)>,
}

/// Takes all rows of a spool through a program.
pub(super) fn through(
    external: &External,
    name: &str,
    spool: &Spool,
    part: impl Fn(usize) -> Result<SpoolWriter, RecipeError>,
    mut out: SpoolWriter,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<(Spool, Through), RecipeError> {
    let workers = external.workers.min(usize::try_from(spool.rows).unwrap_or(usize::MAX)).max(1) as u64;
    let stretch = |worker: u64| (spool.rows * worker / workers)..(spool.rows * (worker + 1) / workers);
    let mut all = Through::default();
    let writers = (0..workers as usize).map(part).collect::<Result<Vec<_>, _>>()?;
    let parts = thread::scope(|scope| {
        let work = |(worker, writer)| scope.spawn(move || Stretch::new(external, name, spool, writer, stop)?.go(stretch(worker)));
        let handles: Vec<_> = (0..workers).zip(writers).map(work).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect::<Vec<_>>()
    });
    for part in parts {
        let (rows, through) = part?;
        let mut source = rows.rows_by_number()?;
        for row in 0..rows.rows {
            out.push(source.get(row)?)?;
        }
        all.changed += through.changed;
        all.dropped += through.dropped;
        all.failed.extend(through.failed);
    }
    Ok((out.finish()?, all))
}

/// One worker's rows.
struct Stretch<'s> {
    external: &'s External,
    name: &'s str,
    rows: RowsByNumber<'s>,
    writer: SpoolWriter,
    through: Through,
    answered: u64,
    stop: &'s (dyn Fn() -> bool + Sync),
}

impl<'s> Stretch<'s> {
    fn new(
        external: &'s External,
        name: &'s str,
        spool: &'s Spool,
        writer: SpoolWriter,
        stop: &'s (dyn Fn() -> bool + Sync),
    ) -> Result<Self, RecipeError> {
        Ok(Self { external, name, rows: spool.rows_by_number()?, writer, through: Through::default(), answered: 0, stop })
    }

    fn go(mut self, rows: std::ops::Range<u64>) -> Result<(Spool, Through), RecipeError> {
        let most = self.external.batch_size.map_or(u64::MAX, |rows| rows as u64);
        let mut size = most;
        let mut next = rows.start;
        while next < rows.end {
            if (self.stop)() {
                return Err(RecipeError::Stopped);
            }
            let batch = next..next.saturating_add(size).min(rows.end);
            let is_alone = batch.end - batch.start == 1;
            let (answered, trouble) = self.batch(batch.clone())?;
            next += answered;
            self.answered += answered;
            match trouble {
                None => size = size.saturating_mul(2).min(most),
                Some(reason) if is_alone => {
                    if self.answered == 0 && self.through.failed.len() as u64 + 1 >= PATIENCE.min(rows.end - rows.start) {
                        return Err(RecipeError::External { name: self.name.to_owned(), command: self.external.command.join(" "), reason });
                    }
                    let line = self.rows.get(next)?;
                    let (row, luggage) = Luggage::split(line.strip_suffix(b"\n").unwrap_or(line));
                    self.through.failed.push((luggage, row.to_vec(), reason));
                    next += 1;
                    size = size.saturating_mul(2).min(most);
                }
                // Whether answers were lost on their way nobody knows: what is open goes again, in small batches.
                Some(_) => size = 1,
            }
        }
        Ok((self.writer.finish()?, self.through))
    }

    /// Some rows through one process: how many were answered, and why not all.
    fn batch(&mut self, rows: std::ops::Range<u64>) -> Result<(u64, Option<String>), RecipeError> {
        let unable =
            |reason: String| RecipeError::External { name: self.name.to_owned(), command: self.external.command.join(" "), reason };
        let mut process = LineProcess::start(&self.external.command, self.external.folder.as_deref()).map_err(unable)?;
        let mut feeder = process.feeder();
        let spool = self.rows.spool;
        let range = rows.clone();
        let mut answered = 0;
        let trouble = thread::scope(|scope| {
            let feeding = scope.spawn(move || -> Result<(), RecipeError> {
                let mut source = spool.rows_by_number()?;
                let mut line = Vec::new();
                for row in range {
                    let stored = source.get(row)?;
                    let (bytes, _) = Luggage::split(stored.strip_suffix(b"\n").unwrap_or(stored));
                    line.clear();
                    line.extend_from_slice(bytes);
                    line.push(b'\n');
                    // A process that ends early is noticed where its answers are missed.
                    if feeder.as_mut().is_none_or(|feeder| feeder.write_all(&line).is_err()) {
                        break;
                    }
                }
                drop(feeder);
                Ok(())
            });
            let mut trouble = None;
            while answered < rows.end - rows.start {
                match process.answer(self.external.time_limit, self.stop) {
                    Ok(line) => {
                        if let Err(reason) = self.take(rows.start + answered, &line)? {
                            trouble = Some(reason);
                            break;
                        }
                        answered += 1;
                    }
                    Err(Ended::Stopped) => {
                        process.kill();
                        return Err(RecipeError::Stopped);
                    }
                    Err(Ended::Silent) => {
                        trouble = Some(format!("the program gave no answer within {} s", self.external.time_limit.as_secs_f64()));
                        break;
                    }
                    Err(Ended::Closed) => {
                        trouble = Some(process.why_it_ended());
                        break;
                    }
                }
            }
            if trouble.is_some() {
                process.kill();
            }
            feeding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            // Answers beyond the rows mean that the ones before may belong to other rows.
            Ok(if trouble.is_some() {
                (trouble, false)
            } else {
                let more = process.finish();
                let is_more = more.is_some();
                (more, is_more)
            })
        })?;
        let (trouble, is_fatal) = trouble;
        if let (true, Some(reason)) = (is_fatal, &trouble) {
            return Err(RecipeError::External {
                name: self.name.to_owned(),
                command: self.external.command.join(" "),
                reason: reason.clone(),
            });
        }
        Ok((answered, trouble))
    }

    /// Writes what becomes of a row; the inner error is why the answer cannot be used.
    fn take(&mut self, row: u64, answer: &str) -> Result<Result<(), String>, RecipeError> {
        let parsed = match self.external.answers.read(answer) {
            Ok(parsed) => parsed,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let line = self.rows.get(row)?;
        match parsed {
            Answer::Row => {
                let (old, mut luggage) = Luggage::split(line.strip_suffix(b"\n").unwrap_or(line));
                let new = answer.trim();
                let is_same = serde_json::from_str::<Value>(new).ok() == serde_json::from_slice::<Value>(old).ok();
                if is_same {
                    self.writer.push(line)?;
                    return Ok(Ok(()));
                }
                self.through.changed += 1;
                luggage.stats.iter_mut().for_each(|Packed(_, from, _)| *from = None);
                luggage.all_changed = true;
                let mut bytes = new.as_bytes().to_vec();
                luggage.write(&mut bytes);
                self.writer.push(&bytes)?;
            }
            Answer::Verdict(false, _) => self.through.dropped += 1,
            Answer::Verdict(true, stats) if stats.is_empty() => self.writer.push(line)?,
            Answer::Verdict(true, stats) => {
                let (old, luggage) = Luggage::split(line.strip_suffix(b"\n").unwrap_or(line));
                let Ok(parsed) = Row::parse(old) else { return Ok(Err("the row is no longer one".to_owned())) };
                let mut all = parsed.value(STATS).and_then(|value| value.as_object().cloned()).unwrap_or_default();
                all.extend(stats);
                let (mut edits, mut bytes) = (Edits::new(), Vec::new());
                if let Err(error) = edits.set_value(STATS, &all).and_then(|()| write_row(&parsed, &edits, &mut bytes)) {
                    return Ok(Err(error.to_string()));
                }
                luggage.write(&mut bytes);
                self.writer.push(&bytes)?;
            }
        }
        Ok(Ok(()))
    }
}
