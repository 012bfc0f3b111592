//! A progress bar on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// One job's bar.
pub(super) struct Bar {
    bar: ProgressBar,
    started: Instant,
}

impl Bar {
    pub(super) fn new(head: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style("      {spinner} {elapsed} {msg}"));
        bar.println(head);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, started: Instant::now() }
    }

    pub(super) fn progress(&self, done: u64, total: Option<u64>, unit: &str, rows: Option<u64>) {
        if let Some(total) = total.filter(|total| *total > 0 && self.bar.length() != Some(*total)) {
            self.bar.set_length(total);
            self.bar.set_style(style("      [{bar:30}] {msg}"));
        }
        self.bar.set_position(done);
        self.bar.set_message(super::progress_words(done, total, unit, rows, self.started.elapsed()));
    }

    pub(super) fn above(&self, text: &str) {
        self.bar.println(text);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
