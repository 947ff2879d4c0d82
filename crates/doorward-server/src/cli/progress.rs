//! Progress bars for what takes over a second, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on standard error that shows itself once it is worth it; never in a pipe.
pub(super) struct Progress {
    bar: ProgressBar,
    shown: bool,
}

impl Progress {
    pub(super) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_message(what);
        Self { bar, shown: false }
    }

    /// `done` of `total`; no total where it is not known.
    pub(super) fn report(&mut self, done: u64, total: Option<u64>) {
        if !self.shown && self.bar.elapsed() >= PATIENCE {
            self.shown = true;
            let template =
                if total.is_some() { "{msg} {wide_bar} {percent}%" } else { "{msg} {spinner} {pos}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
