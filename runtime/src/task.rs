//! Loops that are generic over how operations are rounded, run as the options ask, with the widest
//! vectors there are.

use std::marker::PhantomData;

use crate::instructions::{InstructionSet, Job};
use crate::integrate::Arithmetic;
use crate::lanes::{AsWritten, Fast, FastFused, Precise, PreciseFused, Rounding};

/// A loop over many numbers.
pub(crate) trait Task {
    /// Must be `#[inline(always)]`, as must be all that it calls in the loop.
    fn run<A: Rounding>(self);
}

/// Runs a task.
pub(crate) fn run(arithmetic: Arithmetic, task: impl Task) {
    let set = InstructionSet::best();
    match (arithmetic, set.has_fma()) {
        (Arithmetic::Reproducible, _) => set.run(Rounded::<_, AsWritten>::new(task)),
        (Arithmetic::Fast, true) => set.run(Rounded::<_, FastFused>::new(task)),
        (Arithmetic::Fast, false) => set.run(Rounded::<_, Fast>::new(task)),
        (Arithmetic::Precise, true) => set.run(Rounded::<_, PreciseFused>::new(task)),
        (Arithmetic::Precise, false) => set.run(Rounded::<_, Precise>::new(task)),
    }
}

/// A task, rounded as `A` says.
struct Rounded<K, A> {
    task: K,
    rounding: PhantomData<A>,
}

impl<K, A> Rounded<K, A> {
    fn new(task: K) -> Self {
        Self { task, rounding: PhantomData }
    }
}

impl<K: Task, A: Rounding> Job for Rounded<K, A> {
    #[inline(always)]
    fn run(self) {
        self.task.run::<A>();
    }
}
