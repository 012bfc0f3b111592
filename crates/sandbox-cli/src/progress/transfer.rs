//! How far an export or import is, once it takes more than a moment.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::printer::Printer;
use crate::render::number::count;

use super::BEAT;
use super::bar::style;

/// What is over sooner needs no telling.
const MOMENT: Duration = Duration::from_secs(1);

/// Tells how many values are through: a bar on a terminal, a line now and then elsewhere.
pub struct Transfer {
    printer: Printer,
    total: Option<u64>,
    began: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Transfer {
    /// Begins; `total` values are expected.
    pub fn new(total: Option<u64>, printer: Printer) -> Self {
        let now = Instant::now();
        Self { printer, total, began: now, told: now, bar: None }
    }

    /// `done` values are through.
    pub fn tell(&mut self, done: u64) {
        if self.began.elapsed() < MOMENT {
            return;
        }
        if self.printer.is_watched() {
            let (words, total) = (self.words(done), self.total);
            let bar = self.bar.get_or_insert_with(|| {
                let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
                bar.set_style(style(if total.is_some() { "  [{bar:30}] {msg}" } else { "  {spinner} {msg}" }));
                bar
            });
            bar.set_position(done);
            bar.set_message(words);
        } else if self.told.elapsed() >= BEAT {
            self.told = Instant::now();
            if !self.printer.json {
                self.printer.talk(format!("  {}", self.words(done)));
            }
        }
    }

    fn words(&self, done: u64) -> String {
        match self.total {
            Some(total) => format!("{} of {} values", count(done), count(total)),
            None => format!("{} values", count(done)),
        }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
