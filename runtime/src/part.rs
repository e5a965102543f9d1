//! What runs as a part of something larger: a member of a sweep.

use std::cell::Cell;

thread_local! {
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// As long as it lives, simulations that this thread makes and runs are parts of something that draws a
/// progress bar and uses all threads: they have no bar, and one thread unless they ask for more.
pub(crate) struct Part {
    before: bool,
}

impl Part {
    pub(crate) fn new() -> Self {
        Self { before: IS_HERE.replace(true) }
    }

    /// Whether there is one on this thread.
    pub(crate) fn is_here() -> bool {
        IS_HERE.get()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        IS_HERE.set(self.before);
    }
}
