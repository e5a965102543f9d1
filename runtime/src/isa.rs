//! The choice of instruction set, made when the program runs.
//!
//! What profits from wide vectors is a [`Task`]: code that is inlined into a function with
//! `#[target_feature]` for each instruction set, so that the compiler makes vectors of that width of
//! its loops.

use crate::integrate::Arithmetic;
use crate::lanes::{AsWritten, Rounding};

/// Loops over many numbers.
pub(crate) trait Task {
    /// Must be `#[inline(always)]`, as must be all that it calls.
    fn run<A: Rounding>(self);
}

/// Runs a task with the best instructions there are.
pub(crate) fn run(arithmetic: Arithmetic, task: impl Task) {
    match arithmetic {
        Arithmetic::Reproducible => widest::<AsWritten, AsWritten>(task),
        Arithmetic::Fast => fast(task),
    }
}

#[cfg(target_arch = "x86_64")]
fn fast(task: impl Task) {
    widest::<crate::lanes::FastFused, crate::lanes::Fast>(task);
}

#[cfg(target_arch = "aarch64")]
fn fast(task: impl Task) {
    // Every 64-bit ARM processor has vectors and FMA.
    task.run::<crate::lanes::FastFused>();
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn fast(task: impl Task) {
    task.run::<crate::lanes::Fast>();
}

/// With rounding `A` where vectors are wide and products can be fused, `B` elsewhere.
#[cfg(target_arch = "x86_64")]
fn widest<A: Rounding, B: Rounding>(task: impl Task) {
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
    fn avx512<A: Rounding>(task: impl Task) {
        task.run::<A>();
    }
    #[target_feature(enable = "avx2,fma")]
    fn avx2<A: Rounding>(task: impl Task) {
        task.run::<A>();
    }
    use std::arch::is_x86_feature_detected as has;
    if !(has!("avx2") && has!("fma")) {
        task.run::<B>();
    } else if has!("avx512f") && has!("avx512dq") && has!("avx512bw") && has!("avx512vl") {
        // SAFETY: the processor was just found to have what `avx512` needs.
        unsafe { avx512::<A>(task) }
    } else {
        // SAFETY: the processor was just found to have what `avx2` needs.
        unsafe { avx2::<A>(task) }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn widest<A: Rounding, B: Rounding>(task: impl Task) {
    task.run::<B>();
}
