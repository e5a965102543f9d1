//! What is computed for several steps at once.

use crate::network::Moment;
use crate::units::few;

/// For each moment within a step that was asked for, what was computed of so many steps.
pub(crate) struct Aheads<S> {
    block: usize,
    all: Vec<Ahead<S>>,
}

struct Ahead<S> {
    /// The moment, in steps from the beginning of a step.
    part: f64,
    /// The first step that it is for.
    first: Option<u64>,
    sums: S,
}

/// How many moments within a step are remembered: as many as any method has stages.
const MOMENTS: usize = 8;

impl<S: Default> Aheads<S> {
    pub(crate) fn new(block: usize) -> Self {
        Self { block, all: Vec::new() }
    }

    /// How many steps are computed at once.
    pub(crate) fn block(&self) -> usize {
        self.block
    }

    /// Forgets what was computed.
    pub(crate) fn forget(&mut self) {
        self.all.iter_mut().for_each(|ahead| ahead.first = None);
    }

    /// At how many steps from this one on what arrives at their beginnings is known, or can be.
    pub(crate) fn known(&self, step: u64) -> u64 {
        let block = self.block as u64;
        let first = self.all.iter().find(|ahead| ahead.part == 0.0).and_then(|one| one.first);
        let left = |first: u64| (first + block).checked_sub(step).filter(|_| first <= step);
        first.and_then(left).filter(|left| *left > 0).unwrap_or(block)
    }

    /// What is known of a moment, and how many steps it was computed before; `compute` does if it was not.
    pub(crate) fn at(&mut self, at: Moment, compute: impl FnOnce(&mut S)) -> (&S, usize) {
        let index = self.all.iter().position(|ahead| ahead.part == at.part);
        let index = index.unwrap_or_else(|| {
            // Moments that are not foreseen come once each.
            if self.all.len() == MOMENTS {
                self.all.remove(0);
            }
            self.all.push(Ahead { part: at.part, first: None, sums: S::default() });
            self.all.len() - 1
        });
        let ahead = &mut self.all[index];
        let ago = |first: u64| at.step.checked_sub(first).filter(|ago| *ago < self.block as u64);
        let ago = ahead.first.and_then(ago).unwrap_or_else(|| {
            ahead.first = Some(at.step);
            compute(&mut ahead.sums);
            0
        });
        (&ahead.sums, few(ago))
    }
}
