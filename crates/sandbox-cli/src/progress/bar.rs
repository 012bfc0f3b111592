//! A progress bar on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Far;

/// One job's bar.
pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(head: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style("      {spinner} {elapsed} {msg}"));
        bar.println(head);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    pub(super) fn progress(&self, far: &Far<'_>, elapsed: Duration) {
        if let Some(total) = far.total.filter(|total| *total > 0 && self.bar.length() != Some(*total)) {
            self.bar.set_length(total);
            self.bar.set_style(style("      [{bar:30}] {msg}"));
        }
        self.bar.set_position(far.done);
        self.bar.set_message(far.words(elapsed));
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

pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
