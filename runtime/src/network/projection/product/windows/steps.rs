//! The values of several steps at once.

use super::super::room;
use super::Windows;
use crate::crew::Hands;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::{BLOCK, Column};

impl<T: Real> Windows<T> {
    /// What [`Windows::add`] does, at several steps; see [`add_steps`](super::super::add_steps).
    pub(in super::super) fn add_steps(
        &self,
        (arithmetic, hands): (Arithmetic, Hands),
        (steps, from, into): (usize, &[T], &mut [T]),
    ) {
        assert_eq!(into.len(), room(self.all, steps), "there is a sum for each target");
        // About two nanoseconds for a vector of a connection.
        let vectors = (steps * size_of::<T>()).div_ceil(64);
        let cost = (2 * vectors * self.len()) as f64 / into.len().max(1) as f64;
        hands.each_part(into, self.block * steps, cost, |first, into| {
            let first = first / steps / self.block;
            task::run(arithmetic, SparseSteps { windows: self, steps, from, first, into });
        });
    }
}

struct SparseSteps<'a, T> {
    windows: &'a Windows<T>,
    steps: usize,
    from: &'a [T],
    /// The number of the first block of targets.
    first: usize,
    into: &'a mut [T],
}

/// How many targets are summed up side by side: as many chains of sums.
const SIDE_BY_SIDE: usize = 4;

impl<T: Real> Task for SparseSteps<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { windows, steps, from, first, into } = self;
        let room = windows.block * steps;
        // Steps of a target side by side.
        let mut sums = Column::per_unit(room.min(into.len()), |_| T::default());
        let sums = sums.as_mut_slice(room.min(into.len()));
        for (block, into) in (first..).zip(into.chunks_mut(room)) {
            windows.add_block_steps::<A>(block, steps, from, sums);
            let blocks = into.chunks_exact_mut(BLOCK * steps).zip(sums.chunks_exact(BLOCK * steps));
            for (rows, sums) in blocks {
                for (lane, sums) in sums.chunks_exact(steps).enumerate() {
                    let rows = rows.chunks_exact_mut(BLOCK);
                    rows.zip(sums).for_each(|(row, sum)| row[lane] = *sum);
                }
            }
        }
    }
}

impl<T: Real> Windows<T> {
    /// Computes the sums of a block at so many steps, which stand side by side for each target, as do values for each
    /// source.
    #[inline(always)]
    pub(super) fn add_block_steps<A: Rounding>(
        &self,
        block: usize,
        steps: usize,
        from: &[T],
        sums: &mut [T],
    ) {
        assert!(from.len() >= self.needs * steps, "values of all sources are there");
        sums.fill(T::default());
        for window in 0..self.count {
            let from = &from[window * self.window * steps..];
            self.add_patch_steps::<A>(block * self.count + window, steps, from, sums);
        }
    }

    #[inline(always)]
    fn add_patch_steps<A: Rounding>(&self, patch: usize, steps: usize, from: &[T], sums: &mut [T]) {
        let mut step = 0;
        while step < steps {
            let whole = if size_of::<T>() == 4 { 16 } else { 8 };
            let at = (step, steps);
            step += match (steps - step).min(whole) {
                16 => self.add_some::<A, 16>(patch, at, from, sums),
                8.. => self.add_some::<A, 8>(patch, at, from, sums),
                4.. => self.add_some::<A, 4>(patch, at, from, sums),
                2.. => self.add_some::<A, 2>(patch, at, from, sums),
                _ => self.add_some::<A, 1>(patch, at, from, sums),
            };
        }
    }

    /// Adds what a patch sends at `N` steps from one on, of so many; how many these are.
    #[inline(always)]
    fn add_some<A: Rounding, const N: usize>(
        &self,
        patch: usize,
        (step, steps): (usize, usize),
        from: &[T],
        sums: &mut [T],
    ) -> usize {
        let place = |unit: u16| usize::from(unit) * steps + step;
        let add = |source: u16, weight: T, total: &mut [T; N]| {
            let weight = Lane::<T, A>::new(weight);
            // SAFETY: there are values of all sources of the window at all steps, of which `N` are left.
            let values = unsafe { from.get_unchecked(place(source)..).get_unchecked(..N) };
            for (total, value) in total.iter_mut().zip(values) {
                *total = weight.mul_add(Lane::new(*value), Lane::new(*total)).value;
            }
        };
        let (begin, end) = (self.patches[patch], self.patches[patch + 1]);
        for slice in begin.slices..end.slices {
            let (sources, weights) = self.groups(slice);
            if sources.is_empty() {
                continue;
            }
            for (first, targets) in
                (0..).step_by(SIDE_BY_SIDE).zip(self.targets[slice].chunks_exact(SIDE_BY_SIDE))
            {
                let mut totals: [[T; N]; SIDE_BY_SIDE] = std::array::from_fn(|lane| {
                    std::array::from_fn(|index| sums[place(targets[lane])..][..N][index])
                });
                for (sources, weights) in sources.iter().zip(weights) {
                    for (lane, total) in (first..).zip(&mut totals) {
                        add(sources[lane], weights[lane], total);
                    }
                }
                for (target, total) in targets.iter().zip(&totals) {
                    sums[place(*target)..][..N].copy_from_slice(total);
                }
            }
        }
        for rest in &self.rests[begin.rest..end.rest] {
            let sums = &mut sums[place(rest.target)..][..N];
            let mut total: [T; N] = std::array::from_fn(|index| sums[index]);
            add(rest.source, rest.weight, &mut total);
            sums.copy_from_slice(&total);
        }
        N
    }
}
