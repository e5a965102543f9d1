//! The instruction sets of x86-64, chosen when the program runs.
//!
//! Loops are written once, as a [`Job`] that is inlined into functions with `#[target_feature]`, so that
//! the compiler makes vectors of that width of each copy. Elsewhere there is one copy: every 64-bit
//! ARM processor has vectors and FMA.

use std::fmt;
#[cfg(target_arch = "x86_64")]
use std::mem::MaybeUninit;
use std::sync::OnceLock;

use crate::error::Error;
use crate::integrate::Arithmetic;
#[cfg(target_arch = "x86_64")]
use crate::units::Tile;

/// What vectors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstructionSet {
    /// What every processor of its kind has.
    Baseline,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, DQ, BW and VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// What loops run in, once one did.
static IN_USE: OnceLock<InstructionSet> = OnceLock::new();

/// What vectors the inner loops of this process are made of: the widest that the processor has.
///
/// Asking for narrower ones shows how fast and how exact a simulation is on another machine:
///
/// ```standalone_crate
/// use rate_model::Instructions;
///
/// # fn main() -> Result<(), rate_model::Error> {
/// Instructions::Baseline.limit()?;
/// assert_eq!(Instructions::in_use(), Instructions::Baseline);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instructions {
    /// What every processor of its kind has. With these, an x86-64 computes one number after the other.
    Baseline,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, DQ, BW and VL.
    Avx512,
}

impl Instructions {
    /// Those of this process.
    pub fn in_use() -> Self {
        InstructionSet::best().into()
    }

    /// Has all simulations of this process use these.
    ///
    /// # Errors
    /// [`Error::Instructions`] if the processor lacks them, or others are in use already: this must be called
    /// before a simulation is made.
    pub fn limit(self) -> Result<(), Error> {
        let wrong = |problem| Error::Instructions { asked: self, problem };
        let set = InstructionSet::available().find(|set| Self::from(*set) == self);
        let set = set.ok_or_else(|| wrong("this processor does not have them"))?;
        let is_used = *IN_USE.get_or_init(|| set) == set;
        let late = "others are in use already: ask before a simulation is made";
        if is_used { Ok(()) } else { Err(wrong(late)) }
    }

    /// What they are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "AVX2 and FMA",
            Self::Avx512 => "AVX-512",
        }
    }
}

impl From<InstructionSet> for Instructions {
    fn from(set: InstructionSet) -> Self {
        match set {
            InstructionSet::Baseline => Self::Baseline,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Self::Avx2,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Self::Avx512,
        }
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A loop. Its `run` must be `#[inline(always)]`, and all that it calls in the loop.
pub(crate) trait Job {
    fn run(self);
}

/// Asks for the memory that lies so many elements on from some, as much as these take, so that it is near
/// when a loop comes to it: for loops that look ahead less far themselves. It comes into the `FIRST` cache, or
/// only into the second: what is on its way to the first takes one of few places there until it comes. It may
/// lie outside of what can be read.
#[inline(always)]
pub(crate) fn prefetch<const FIRST: bool, T>(here: &[T], ahead: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        for line in (0..here.len()).step_by(64 / size_of::<T>()) {
            let there = here.as_ptr().wrapping_add(ahead + line).cast();
            // SAFETY: it has no effect that can be seen, whatever the address.
            unsafe {
                if FIRST {
                    _mm_prefetch::<_MM_HINT_T0>(there);
                } else {
                    _mm_prefetch::<_MM_HINT_T1>(there);
                }
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (here, ahead);
}

impl InstructionSet {
    /// All, the widest last.
    #[cfg(target_arch = "x86_64")]
    const ALL: &[Self] = &[Self::Baseline, Self::Avx2, Self::Avx512];
    #[cfg(not(target_arch = "x86_64"))]
    const ALL: &[Self] = &[Self::Baseline];

    /// Those that this processor has, the widest last.
    pub(crate) fn available() -> impl DoubleEndedIterator<Item = Self> {
        Self::ALL.iter().copied().filter(|set| set.is_here())
    }

    /// The widest that this processor has, unless [`Instructions::limit`] asked for others. Asked for in every
    /// pass, and found out once.
    #[inline]
    pub(crate) fn best() -> Self {
        *IN_USE.get_or_init(|| Self::available().next_back().unwrap_or(Self::Baseline))
    }

    /// The standard library asks the processor once and remembers.
    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        match self {
            Self::Baseline => true,
            Self::Avx2 => has!("avx2") && has!("fma"),
            Self::Avx512 => {
                let fma = has!("avx2") && has!("fma");
                fma && has!("avx512f") && has!("avx512dq") && has!("avx512bw") && has!("avx512vl")
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    fn is_here(self) -> bool {
        true
    }

    /// Whether values in many places are better loaded one by one, in AVX2 and FMA, which there are then, than
    /// gathered. Only AVX-512 has gathers to speak of, and AMD's processors make of one as many operations as of all
    /// of its loads and more: of 16 numbers in the nearest cache, a Zen 5 takes 0.30 ns a number to gather and
    /// 0.17 to load them.
    pub(crate) fn picks(arithmetic: Arithmetic) -> bool {
        #[cfg(not(target_arch = "x86_64"))]
        let _ = arithmetic;
        match Self::best() {
            Self::Baseline => false,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => true,
            // Loops in other arithmetic are not compiled for it.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => arithmetic != Arithmetic::Fast || Self::is_amd(),
        }
    }

    /// Whether the processor is one of AMD's, which differ in what is fast.
    pub(crate) fn is_amd() -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::__cpuid;
            static ANSWER: OnceLock<bool> = OnceLock::new();
            // "AuthenticAMD" and "HygonGenuine": the first letters stand in EBX.
            *ANSWER.get_or_init(|| [*b"Auth", *b"Hygo"].contains(&__cpuid(0).ebx.to_le_bytes()))
        }
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Whether products can be fused with sums by one instruction.
    pub(crate) fn has_fma(self) -> bool {
        self != Self::Baseline || cfg!(any(target_arch = "aarch64", target_feature = "fma"))
    }

    /// Runs the copy of a loop for these instructions, which must be available.
    #[inline]
    pub(crate) fn run<J: Job>(self, job: J) {
        debug_assert!(self.is_here());
        match self {
            Self::Baseline => job.run(),
            // SAFETY: values of this kind come from `available`, which asked the processor.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { in_avx2(job) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { in_avx512(job) },
        }
    }

    /// Runs the copy of a loop for AVX2, which must be available: it is where AVX-512 is.
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[inline]
    pub(crate) fn avx2<J: Job>(job: J) {
        debug_assert!(Self::Avx2.is_here());
        // SAFETY: who calls this has found it in `best`.
        unsafe { in_avx2(job) }
    }

    /// Runs the copy of a loop for AVX-512, which must be available.
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[inline]
    pub(crate) fn avx512<J: Job>(job: J) {
        debug_assert!(Self::Avx512.is_here());
        // SAFETY: who calls this has found it in `best`.
        unsafe { in_avx512(job) }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
fn in_avx512<J: Job>(job: J) {
    align_frame();
    job.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn in_avx2<J: Job>(job: J) {
    align_frame();
    job.run();
}

/// Has the compiler begin the frame of the function at a line of the cache: without anything on it that asks for
/// that, it leaves vectors for which registers do not suffice across two lines, where they take twice the time.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn align_frame() {
    std::hint::black_box(&MaybeUninit::<Tile<u8>>::uninit());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_in_use_stay() {
        let used = Instructions::in_use();
        used.limit().unwrap();
        for set in InstructionSet::available().map(Instructions::from) {
            let refused = set.limit().map_err(|error| error.to_string());
            let late = format!(
                "simulations cannot use the instructions {set}: others are in use already: ask before a simulation is made"
            );
            assert_eq!(refused, if set == used { Ok(()) } else { Err(late) });
        }
    }
}
