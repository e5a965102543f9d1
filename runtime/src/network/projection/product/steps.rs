//! Weights times the values of several steps: each weight is read once for all of them.
//!
//! Values of a source at successive steps stand side by side, as in a history; sums stand in blocks of targets, in
//! which each step has its row.

use super::{Dense, Product, Sliced, Source, Sources};
use crate::crew::Hands;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::network::projection::slices::SLICE;
use crate::task::{self, Task};
use crate::units::BLOCK;

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
        Product::Sparse(sliced) => sliced.add_steps((arithmetic, hands), (steps, from, into)),
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
            Self::Common { dense, .. } => dense,
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
        let at_once = NEAREST / size_of::<[T; BLOCK]>();
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
fn add_sources<T: Real, A: Rounding>(
    weights: &[[T; BLOCK]],
    from: &[T],
    totals: &mut [[T; BLOCK]],
) {
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
    weights: &[[T; BLOCK]],
    from: &[T],
    steps: usize,
    totals: &mut [[T; BLOCK]],
) -> usize {
    let mut sums: [[T; BLOCK]; N] = std::array::from_fn(|step| totals[step]);
    for (weights, values) in weights.iter().zip(from.chunks(steps)) {
        for (sums, value) in sums.iter_mut().zip(&values[..N]) {
            let value = Lane::<T, A>::new(*value);
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = value.mul_add(Lane::new(*weight), Lane::new(*sum)).value;
            }
        }
    }
    totals[..N].copy_from_slice(&sums);
    N
}

impl<T: Real> Sliced<T> {
    fn add_steps(&self, how: (Arithmetic, Hands), job: (usize, &[T], &mut [T])) {
        match &self.sources {
            Sources::Short(sources) => self.add_steps_from(how, sources, job),
            Sources::Long(sources) => self.add_steps_from(how, sources, job),
        }
    }

    fn add_steps_from<S: Source>(
        &self,
        (arithmetic, hands): (Arithmetic, Hands),
        sources: &[S],
        (steps, from, into): (usize, &[T], &mut [T]),
    ) {
        let targets = &self.slices.targets;
        // In the order of slices, so that those of threads are apart.
        let mut sums = vec![T::default(); targets.len() * steps];
        // About two nanoseconds for a vector of a connection.
        let vectors = (steps * size_of::<T>()).div_ceil(64);
        let cost = (2 * vectors * self.weights.len()) as f64 / sums.len().max(1) as f64;
        hands.each_part(&mut sums, SLICE * steps, cost, |first, sums| {
            let first = first / steps / SLICE;
            task::run(arithmetic, SparseSteps { sliced: self, sources, steps, from, first, sums });
        });
        for (target, sums) in targets.iter().zip(sums.chunks_exact(steps)) {
            let (block, lane) = (*target as usize / BLOCK, *target as usize % BLOCK);
            let rows = into[block * BLOCK * steps..].chunks_exact_mut(BLOCK);
            rows.zip(sums).for_each(|(row, sum)| row[lane] = *sum);
        }
    }
}

struct SparseSteps<'a, T, S> {
    sliced: &'a Sliced<T>,
    sources: &'a [S],
    steps: usize,
    from: &'a [T],
    /// The number of the first slice.
    first: usize,
    /// For each target of the slices.
    sums: &'a mut [T],
}

/// How many targets are summed up side by side: as many chains of sums.
const SIDE_BY_SIDE: usize = 4;

impl<T: Real, S: Source> Task for SparseSteps<'_, T, S> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { sliced, sources, steps, from, first, sums } = self;
        assert!(from.len() >= sliced.needs * steps, "values of all sources are there");
        for (slice, sums) in (first..).zip(sums.chunks_mut(SLICE * steps)) {
            let lanes = sums.chunks_mut(SIDE_BY_SIDE * steps);
            for (lane, sums) in (0..SLICE).step_by(SIDE_BY_SIDE).zip(lanes) {
                let mut step = 0;
                while step < steps {
                    let at = At { slice, lane, step, steps };
                    let whole = if size_of::<T>() == 4 { 16 } else { 8 };
                    // SAFETY: all sources are below `needs`, and so many steps are left.
                    step += unsafe {
                        match (steps - step).min(whole) {
                            16 => sliced.add_some::<A, S, 16>(at, sources, from, sums),
                            8.. => sliced.add_some::<A, S, 8>(at, sources, from, sums),
                            4.. => sliced.add_some::<A, S, 4>(at, sources, from, sums),
                            2.. => sliced.add_some::<A, S, 2>(at, sources, from, sums),
                            _ => sliced.add_some::<A, S, 1>(at, sources, from, sums),
                        }
                    };
                }
            }
        }
    }
}

/// Some targets of a slice from one on, and some steps from one on, of so many.
#[derive(Clone, Copy)]
struct At {
    slice: usize,
    lane: usize,
    step: usize,
    steps: usize,
}

impl<T: Real> Sliced<T> {
    /// Adds up some targets at `N` steps; how many these are.
    ///
    /// # Safety
    /// There are values of all sources at so many steps.
    #[inline(always)]
    unsafe fn add_some<A: Rounding, S: Source, const N: usize>(
        &self,
        At { slice, lane, step, steps }: At,
        sources: &[S],
        from: &[T],
        sums: &mut [T],
    ) -> usize {
        let Self { slices, weights, .. } = self;
        let add = |place: usize, total: &mut [T; N]| {
            let source = sources[place].index();
            let weight = Lane::<T, A>::new(weights[place]);
            // SAFETY: the caller's.
            let values = unsafe { from.as_ptr().add(source * steps + step) };
            for (index, total) in total.iter_mut().enumerate() {
                // SAFETY: the caller's.
                let value = Lane::new(unsafe { *values.add(index) });
                *total = weight.mul_add(value, Lane::new(*total)).value;
            }
        };
        let mut totals = [[T::default(); N]; SIDE_BY_SIDE];
        for group in slices.side_by_side(slice).step_by(SLICE) {
            for (lane, total) in (lane..).zip(&mut totals) {
                add(group + lane, total);
            }
        }
        for ((lane, total), sums) in (lane..).zip(&mut totals).zip(sums.chunks_exact_mut(steps)) {
            for place in slices.rest(slice, lane) {
                add(place, total);
            }
            sums[step..][..N].copy_from_slice(total);
        }
        N
    }
}
