//! Loops that are generic over how operations are rounded, run as the options ask.
//!
//! Every copy of a loop costs compile time in the crates of users, so that there are only those that
//! pay: for [`Arithmetic::Fast`] one for AVX-512 and one for AVX2 with FMA, for
//! [`Arithmetic::Reproducible`] one for AVX2. Processors that have neither compute one number after the
//! other, as written in both; so does [`Arithmetic::Precise`], which calls the standard library for each
//! number. Builds without optimisation, which have no vectors, have one copy of each. (What is not made of
//! vectors is the same in fast and reproducible arithmetic, yet compiled for each: as one function for both
//! it had the compiler keep less in registers in the others, and W1 took half as long again.)

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
use std::marker::PhantomData;

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
use crate::instructions::Job;
use crate::instructions::{InstructionSet, Instructions};
use crate::integrate::Arithmetic;
#[cfg(not(any(debug_assertions, target_arch = "aarch64")))]
use crate::lanes::Single;
use crate::lanes::{AsWritten, FastFused, Precise, Rounding};

/// A loop over many numbers.
pub(crate) trait Task {
    /// Must be `#[inline(always)]`, as must be all that it calls in the loop.
    fn run<A: Rounding>(self);
}

/// Runs a task.
pub(crate) fn run(arithmetic: Arithmetic, task: impl Task) {
    match arithmetic {
        Arithmetic::Fast => fast(task),
        Arithmetic::Reproducible => reproducible(task),
        Arithmetic::Precise => precise(task),
    }
}

/// The instructions of the copy that runs.
pub(crate) fn instructions(arithmetic: Arithmetic) -> &'static str {
    #[cfg(debug_assertions)]
    let set: Option<InstructionSet> = None;
    #[cfg(not(debug_assertions))]
    let set = match (arithmetic, InstructionSet::best()) {
        (Arithmetic::Precise, _) => None,
        #[cfg(target_arch = "x86_64")]
        (Arithmetic::Reproducible, InstructionSet::Avx512) => Some(InstructionSet::Avx2),
        (_, best) => Some(best),
    };
    match set {
        Some(set) => Instructions::from(set).name(),
        None if arithmetic == Arithmetic::Precise => "one number at a time",
        None => "one number at a time, built without optimisation",
    }
}

/// Runs a task in fast arithmetic.
#[cfg(debug_assertions)]
pub(crate) fn fast(task: impl Task) {
    task.run::<FastFused>();
}

/// Runs a task in fast arithmetic.
#[cfg(not(debug_assertions))]
pub(crate) fn fast(task: impl Task) {
    match InstructionSet::best() {
        // Every 64-bit ARM processor has FMA.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Baseline => task.run::<FastFused>(),
        #[cfg(not(target_arch = "aarch64"))]
        InstructionSet::Baseline => task.run::<Single<AsWritten>>(),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => InstructionSet::avx2(Rounded::<_, FastFused>::new(task)),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => InstructionSet::avx512(Rounded::<_, FastFused>::new(task)),
    }
}

/// Runs a task in reproducible arithmetic.
#[cfg(debug_assertions)]
pub(crate) fn reproducible(task: impl Task) {
    task.run::<AsWritten>();
}

/// Runs a task in reproducible arithmetic.
#[cfg(not(debug_assertions))]
pub(crate) fn reproducible(task: impl Task) {
    match InstructionSet::best() {
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Baseline => task.run::<AsWritten>(),
        #[cfg(not(target_arch = "aarch64"))]
        InstructionSet::Baseline => task.run::<Single<AsWritten>>(),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 | InstructionSet::Avx512 => {
            InstructionSet::avx2(Rounded::<_, AsWritten>::new(task));
        }
    }
}

/// Runs a task with the functions of the standard library.
pub(crate) fn precise(task: impl Task) {
    task.run::<Precise>();
}

/// A task, rounded as `A` says.
#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
struct Rounded<K, A> {
    task: K,
    rounding: PhantomData<A>,
}

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
impl<K, A> Rounded<K, A> {
    fn new(task: K) -> Self {
        Self { task, rounding: PhantomData }
    }
}

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
impl<K: Task, A: Rounding> Job for Rounded<K, A> {
    #[inline(always)]
    fn run(self) {
        self.task.run::<A>();
    }
}
