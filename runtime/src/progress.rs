//! The progress bar: drawn on a terminal, nowhere else.

#[cfg(feature = "progress")]
use crate::part::Part;

/// Steps between two updates.
#[cfg(feature = "progress")]
const STRIDE: u64 = 256;

/// A bar that counts steps.
pub(crate) struct Progress {
    #[cfg(feature = "progress")]
    bar: Option<indicatif::ProgressBar>,
}

#[cfg(feature = "progress")]
impl Progress {
    pub(crate) fn new(steps: u64, wanted: bool) -> Self {
        Self::of(steps, wanted, "steps")
    }

    /// A bar that counts something else.
    pub(crate) fn of(steps: u64, wanted: bool, what: &str) -> Self {
        let bar = (wanted && !Part::is_here()).then(|| {
            // Standard error, if it is a terminal; files and pipes get nothing.
            let bar = indicatif::ProgressBar::new(steps);
            let template =
                format!("{{elapsed_precise}} {{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left");
            match indicatif::ProgressStyle::with_template(&template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar }
    }

    pub(crate) fn tick(&self, done: u64) {
        if let Some(bar) = self.bar.as_ref().filter(|_| done.is_multiple_of(STRIDE)) {
            bar.set_position(done);
        }
    }

    /// So many are done.
    pub(crate) fn set(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(not(feature = "progress"))]
impl Progress {
    pub(crate) fn new(_: u64, _: bool) -> Self {
        Self {}
    }

    pub(crate) fn of(_: u64, _: bool, _: &str) -> Self {
        Self {}
    }

    #[allow(clippy::unused_self, reason = "the same interface as with the feature")]
    pub(crate) fn set(&self, _: u64) {}

    #[allow(clippy::unused_self, reason = "the same interface as with the feature")]
    pub(crate) fn tick(&self, _: u64) {}

    #[allow(clippy::unused_self, reason = "the same interface as with the feature")]
    pub(crate) fn finish(self) {}
}
