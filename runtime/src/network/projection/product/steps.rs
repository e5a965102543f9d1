//! Weights times the values of several steps: each weight is read once for all of them.
//!
//! Values of a source at successive steps stand side by side, as in a history; sums stand in blocks of targets, in
//! which each step has its row.

use super::{Dense, Product};
use crate::crew::Hands;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::{BLOCK, Tile};

/// Room for the sums of targets at so many steps.
pub(crate) fn room(targets: usize, steps: usize) -> usize {
    targets.next_multiple_of(BLOCK) * steps
}

/// Computes, for each target and step, the sum over sources in their order: what [`Product::add`] adds with the
/// values of that step. `into` holds zeros. To be called through [`Real`], by which it is compiled with this
/// crate.
pub(crate) fn add_steps<T: Real>(
    (arithmetic, hands): (Arithmetic, Hands),
    product: &Product<T>,
    steps: usize,
    from: &[T],
    into: &mut [T],
) {
    match product {
        Product::Dense(dense) => {
            // About four products at a time.
            let cost = (dense.sources * steps) as f64 / 50.0;
            hands.each_part(into, BLOCK * steps, cost / steps as f64, |first, into| {
                let first = first / steps / BLOCK;
                task::run(arithmetic, DenseSteps { dense, steps, from, first, into });
            });
        }
        Product::Sparse(windows) => windows.add_steps((arithmetic, hands), (steps, from, into)),
        Product::Beside { shape: [targets, sources], .. }
        | Product::Common { shape: [targets, sources], .. } => {
            let ends = from.chunks_exact(sources * steps);
            let ends = ends.zip(into.chunks_exact_mut(room(*targets, steps)));
            for (member, (from, into)) in ends.enumerate() {
                add_steps((arithmetic, hands), product.of(member), steps, from, into);
            }
        }
    }
}

impl<T> Product<T> {
    /// That of one of the networks that stand side by side.
    fn of(&self, member: usize) -> &Self {
        match self {
            Self::Beside { parts, .. } => &parts[member],
            Self::Common { one, .. } => one,
            Self::Dense(_) | Self::Sparse(_) => self,
        }
    }
}

/// How many bytes of the weights of a block of targets serve all steps before the next are read, so that they
/// stay in the nearest cache with the sums.
const NEAREST: usize = 16 << 10;

struct DenseSteps<'a, T> {
    dense: &'a Dense<T>,
    steps: usize,
    from: &'a [T],
    /// The number of the first block of targets.
    first: usize,
    into: &'a mut [T],
}

impl<T: Real> Task for DenseSteps<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { dense, steps, from, first, into } = self;
        let at_once = NEAREST / size_of::<Tile<T>>();
        for (block, totals) in (first..).zip(into.chunks_exact_mut(BLOCK * steps)) {
            let weights = &dense.weights[block * dense.sources..][..dense.sources];
            let totals = totals.as_chunks_mut::<BLOCK>().0;
            for (weights, from) in weights.chunks(at_once).zip(from.chunks(at_once * steps)) {
                add_sources::<T, A>(weights, from, totals);
            }
        }
    }
}

/// Adds some sources to the sums of a block of targets at all steps.
#[inline(always)]
fn add_sources<T: Real, A: Rounding>(weights: &[Tile<T>], from: &[T], totals: &mut [[T; BLOCK]]) {
    let steps = totals.len();
    let mut step = 0;
    while step < steps {
        // As many sums as fit into the registers of AVX-512.
        let many = if size_of::<T>() == 4 { 4 } else { 2 };
        let (from, totals) = (&from[step..], &mut totals[step..]);
        step += match (steps - step).min(many) {
            4 => add_some::<T, A, 4>(weights, from, steps, totals),
            2 | 3 => add_some::<T, A, 2>(weights, from, steps, totals),
            _ => add_some::<T, A, 1>(weights, from, steps, totals),
        };
    }
}

/// The same for the first `N` of so many steps; how many it did.
#[inline(always)]
fn add_some<T: Real, A: Rounding, const N: usize>(
    weights: &[Tile<T>],
    from: &[T],
    steps: usize,
    totals: &mut [[T; BLOCK]],
) -> usize {
    let mut sums: [[T; BLOCK]; N] = std::array::from_fn(|step| totals[step]);
    for (weights, values) in weights.iter().zip(from.chunks(steps)) {
        for (sums, value) in sums.iter_mut().zip(&values[..N]) {
            let value = Lane::<T, A>::new(*value);
            for (sum, weight) in sums.iter_mut().zip(weights.iter()) {
                *sum = value.mul_add(Lane::new(*weight), Lane::new(*sum)).value;
            }
        }
    }
    totals[..N].copy_from_slice(&sums);
    N
}
