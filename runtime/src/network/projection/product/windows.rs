//! Few connections, in an order in which values and sums stay in near caches.
//!
//! Sources are taken some at a time, a window, for some targets, a block. What a window sends to a block is a patch.
//! In a patch, targets that have about as many connections are summed up side by side.

#[cfg(target_arch = "x86_64")]
mod picks;
mod steps;

use std::ops::Range;

use super::super::slices::SLICE;
use super::super::weights::Sparse;
use crate::crew::Hands;
use crate::instructions::{InstructionSet, prefetch};
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::{BLOCK, Tile};
#[cfg(target_arch = "x86_64")]
pub(crate) use picks::{f32::add_picked as add_picked_f32, f64::add_picked as add_picked_f64};

/// Connections in patches, block by block, and in each window by window.
pub struct Windows<T> {
    /// How many sources a window has.
    window: usize,
    /// How many windows there are.
    count: usize,
    /// How many targets a block has: a multiple of [`BLOCK`].
    block: usize,
    /// Where the parts of each patch begin, and the ends of the last.
    patches: Vec<Patch>,
    /// For each slice of targets: where its connections begin; and the end of the last.
    starts: Vec<usize>,
    /// The targets of slices, counted from the first of the block.
    targets: Vec<[u16; SLICE]>,
    /// Slice by slice the first connections of its targets, then the second, and so on: sources, counted from the
    /// first of the window.
    sources: Vec<[u16; SLICE]>,
    weights: Vec<Tile<T, SLICE>>,
    /// What is left: some of those of slices whose targets do not have the same number, and those of targets too
    /// few for a slice.
    rests: Vec<Rest<T>>,
    /// How many targets there are.
    all: usize,
    /// Behind the largest source.
    needs: usize,
}

/// Where the parts of a patch begin.
#[derive(Clone, Copy, Default)]
struct Patch {
    /// Slices no two of which have a target in common.
    slices: usize,
    /// Slices of what these leave.
    others: usize,
    rest: usize,
}

/// A connection: target and source as in slices.
#[derive(Clone, Copy)]
struct Rest<T> {
    target: u16,
    source: u16,
    weight: T,
}

/// Numbers within windows and blocks have 16 bits.
const LARGEST: usize = 1 << 16;

/// How many connections a target should have in a window, for its sum is read and written in each.
const FOR_A_SUM: usize = 8;

/// How many connections a patch should have: with each, the values of another window come to the nearest cache.
const FOR_A_PATCH: usize = 1 << 16;

/// How many blocks there should be, for threads to share.
const BLOCKS: usize = 32;

/// Source, counted from the first of a window, and weight.
fn connection<T: Real>(sparse: &Sparse, base: usize, place: usize) -> (u16, T) {
    let source = u16::try_from(sparse.sources[place] as usize - base).unwrap_or(u16::MAX);
    (source, T::from_f64(sparse.weights[place]))
}

impl<T: Real> Windows<T> {
    pub(super) fn new(sparse: &Sparse) -> Self {
        let (targets, connections) = (sparse.targets().max(1), sparse.sources.len());
        let needs = sparse.sources.iter().max().map_or(0, |source| *source as usize + 1);
        // In single precision, values of a window fill most of the nearest cache. In double precision memory is
        // slower than the second cache in any case.
        let least = if size_of::<T>() == 4 { 8192 } else { LARGEST };
        let enough = FOR_A_SUM.saturating_mul(targets).saturating_mul(needs);
        let enough = enough.div_ceil(connections.max(1));
        // Windows of one size, of this or less.
        let least_count = needs.div_ceil(least.max(enough).min(LARGEST)).max(1);
        let window = needs.div_ceil(least_count).max(1);
        let of_target = connections.saturating_mul(window) / targets / needs.max(1);
        let block = FOR_A_PATCH.div_ceil(of_target.max(1)).min(targets.div_ceil(BLOCKS));
        let mut windows = Self {
            window,
            count: needs.div_ceil(window),
            block: (block / BLOCK * BLOCK).clamp(BLOCK, LARGEST),
            patches: vec![Patch::default()],
            starts: vec![0],
            targets: Vec::new(),
            sources: Vec::new(),
            weights: Vec::new(),
            rests: Vec::new(),
            all: sparse.targets(),
            needs,
        };
        windows.lay_out(sparse);
        windows
    }

    fn lay_out(&mut self, sparse: &Sparse) {
        for first in (0..self.all).step_by(self.block) {
            // For each window, the places of the connections of each target that has some.
            let mut patches = vec![Vec::new(); self.count];
            for (lane, target) in (0..=u16::MAX).zip(first..self.all.min(first + self.block)) {
                let mut row = sparse.row(target);
                assert!(
                    sparse.sources[row.clone()].is_sorted(),
                    "rows are in the order of sources"
                );
                while !row.is_empty() {
                    let window = sparse.sources[row.start] as usize / self.window;
                    let end = (window + 1) * self.window;
                    let is_here = |source: &u32| (*source as usize) < end;
                    let here = sparse.sources[row.clone()].partition_point(is_here);
                    patches[window].push((lane, row.start..row.start + here));
                    row.start += here;
                }
            }
            for (window, parts) in patches.into_iter().enumerate() {
                self.push_patch(sparse, window * self.window, parts);
            }
        }
    }

    /// Adds a patch: the places of the connections of each of its targets.
    fn push_patch(&mut self, sparse: &Sparse, base: usize, mut parts: Vec<(u16, Range<usize>)>) {
        self.push_slices(sparse, base, &mut parts);
        let others = self.targets.len();
        while self.push_slices(sparse, base, &mut parts) > 0 {}
        // Not target by target, so that none waits for the sum before.
        for index in 0..parts.first().map_or(0, |(_, row)| row.len()) {
            let there = parts.iter().take_while(|(_, row)| index < row.len());
            self.rests.extend(there.map(|(target, row)| {
                let (source, weight) = connection(sparse, base, row.start + index);
                Rest { target: *target, source, weight }
            }));
        }
        if let Some(patch) = self.patches.last_mut() {
            patch.others = others;
        }
        let (slices, rest) = (self.targets.len(), self.rests.len());
        self.patches.push(Patch { slices, others: slices, rest });
    }

    /// Takes what all targets of a slice have in common, for each slice that there is; how many these are.
    fn push_slices(
        &mut self,
        sparse: &Sparse,
        base: usize,
        parts: &mut Vec<(u16, Range<usize>)>,
    ) -> usize {
        parts.retain(|(_, row)| !row.is_empty());
        // A stable sort: targets with as many connections keep their order, which is best for memory.
        parts.sort_by_key(|(_, row)| std::cmp::Reverse(row.len()));
        let slices = parts.as_chunks_mut::<SLICE>().0;
        let count = slices.len();
        // Two that follow each other have about as many connections each: they come half of all apart.
        for slice in (0..count).step_by(2).chain((1..count).step_by(2)) {
            let slice = &mut slices[slice];
            self.targets.push(slice.each_ref().map(|(target, _)| *target));
            for _ in 0..slice[SLICE - 1].1.len() {
                let places = slice.each_ref().map(|(_, row)| row.start);
                self.sources.push(places.map(|place| connection::<T>(sparse, base, place).0));
                self.weights.push(Tile::new(places.map(|place| connection(sparse, base, place).1)));
                for (_, row) in &mut *slice {
                    row.start += 1;
                }
            }
            self.starts.push(self.sources.len());
        }
        count
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len() * SLICE + self.rests.len()
    }

    pub(super) fn weights(&self) -> impl Iterator<Item = T> + '_ {
        let rests = self.rests.iter().map(|rest| rest.weight);
        self.weights.iter().flat_map(|group| **group).chain(rests)
    }

    /// Target, source and weight of each connection, those of a target in their order.
    pub(super) fn connections(&self) -> Vec<(usize, usize, T)> {
        let mut all = Vec::with_capacity(self.len());
        for (index, ends) in self.patches.windows(2).enumerate() {
            let first_target = index / self.count * self.block;
            let first_source = index % self.count * self.window;
            let mut add = |target: u16, source: u16, weight: T| {
                all.push((first_target + target as usize, first_source + source as usize, weight));
            };
            for slice in ends[0].slices..ends[1].slices {
                let (sources, weights) = self.groups(slice);
                for (sources, weights) in sources.iter().zip(weights) {
                    for lane in 0..SLICE {
                        add(self.targets[slice][lane], sources[lane], weights[lane]);
                    }
                }
            }
            for rest in &self.rests[ends[0].rest..ends[1].rest] {
                add(rest.target, rest.source, rest.weight);
            }
        }
        all
    }

    /// Adds the sums of all targets.
    pub(super) fn add(&self, (arithmetic, hands): (Arithmetic, Hands), from: &[T], into: &mut [T]) {
        assert_eq!(into.len(), self.all, "there is a sum for each target");
        // About half a nanosecond a connection.
        let cost = self.len() as f64 / 2.0 / into.len().max(1) as f64;
        let picks = InstructionSet::picks(arithmetic);
        hands.each_part(into, self.block, cost, |first, into| {
            let first = first / self.block;
            task::run(arithmetic, Gather { windows: self, from, first, into, picks });
        });
    }
}

/// How many connections ahead are asked for: half a page of sources, one or two of weights, for processors do not look
/// beyond a page by themselves. Values come from all over a window, so that without it they wait for memory.
const AHEAD: usize = 1024;

struct Gather<'a, T> {
    windows: &'a Windows<T>,
    from: &'a [T],
    /// The number of the first block of targets.
    first: usize,
    into: &'a mut [T],
    /// Whether values are loaded one by one. The processor must have AVX2 and FMA then.
    picks: bool,
}

/// Slices of a patch, the values of its window, and the sums of its block. Who adds them must have AVX2 and FMA, a
/// value of each source and a sum of each target.
#[cfg(target_arch = "x86_64")]
pub struct Picked<'a, T> {
    windows: &'a Windows<T>,
    slices: Range<usize>,
    from: &'a [T],
    sums: &'a mut [T],
}

impl<T: Real> Task for Gather<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { windows, from, first, into, picks } = self;
        assert!(from.len() >= windows.needs, "values of all sources are there");
        let mut sums = vec![T::default(); windows.block.min(into.len())];
        for (block, into) in (first..).zip(into.chunks_mut(windows.block)) {
            assert_eq!(into.len(), windows.block.min(windows.all - block * windows.block));
            sums.fill(T::default());
            for window in 0..windows.count {
                let from = &from[window * windows.window..];
                windows.add_patch::<A>(block * windows.count + window, picks, from, &mut sums);
            }
            into.iter_mut().zip(&sums).for_each(|(into, sum)| *into += *sum);
        }
    }
}

impl<T: Real> Windows<T> {
    /// Sources and weights of a slice.
    #[inline(always)]
    fn groups(&self, slice: usize) -> (&[[u16; SLICE]], &[Tile<T, SLICE>]) {
        let range = self.starts[slice]..self.starts[slice + 1];
        (&self.sources[range.clone()], &self.weights[range])
    }

    /// Adds what a window, whose values `from` begins with, sends to a block.
    #[inline(always)]
    fn add_patch<A: Rounding>(&self, patch: usize, picks: bool, from: &[T], sums: &mut [T]) {
        let (begin, end) = (self.patches[patch], self.patches[patch + 1]);
        if picks {
            self.pick_slices::<A>(begin.slices..end.slices, from, sums);
        } else {
            self.gather_slices::<A>(begin.slices..end.slices, begin.others, from, sums);
        }
        for rest in &self.rests[begin.rest..end.rest] {
            let sum = &mut sums[rest.target as usize];
            let value = Lane::<T, A>::new(from[rest.source as usize]);
            *sum = Lane::new(rest.weight).mul_add(value, Lane::new(*sum)).value;
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn pick_slices<A: Rounding>(&self, slices: Range<usize>, from: &[T], sums: &mut [T]) {
        // SAFETY: the processor has the instructions, as `picks` said; targets are those of the block, for each of
        // which there is a sum, and there are values of all sources of the window, since these are below `needs`.
        unsafe { T::add_picked(A::FUSED, Picked { windows: self, slices, from, sums }) };
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn pick_slices<A: Rounding>(&self, _slices: Range<usize>, _from: &[T], _sums: &mut [T]) {
        unreachable!("no such processor picks");
    }

    /// Adds slices; before `others`, no two have a target in common.
    #[inline(always)]
    fn gather_slices<A: Rounding>(
        &self,
        slices: Range<usize>,
        others: usize,
        from: &[T],
        sums: &mut [T],
    ) {
        // As with matrices, two places at once are read faster than one.
        let half = (others - slices.start).div_ceil(2);
        for slice in slices.start..others - half {
            self.add_slices::<A, 2>([slice, slice + half], from, sums);
        }
        if (others - slices.start) % 2 == 1 {
            self.add_slices::<A, 1>([slices.start + half - 1], from, sums);
        }
        for slice in others..slices.end {
            self.add_slices::<A, 1>([slice], from, sums);
        }
    }

    /// Adds some slices at once.
    #[inline(always)]
    fn add_slices<A: Rounding, const N: usize>(
        &self,
        slices: [usize; N],
        from: &[T],
        sums: &mut [T],
    ) {
        let connections = slices.map(|slice| self.groups(slice));
        let targets = slices.map(|slice| &self.targets[slice]);
        // A loop, for a mapped array becomes a call.
        let mut totals = [[T::default(); SLICE]; N];
        for (total, targets) in totals.iter_mut().zip(targets) {
            for (total, target) in total.iter_mut().zip(targets) {
                // SAFETY: targets are those of the block, for each of which there is a sum.
                *total = unsafe { *sums.get_unchecked(*target as usize) };
            }
        }
        let shortest = connections.iter().map(|(sources, _)| sources.len()).min().unwrap_or(0);
        let together =
            connections.map(|(sources, weights)| (&sources[..shortest], &weights[..shortest]));
        for group in 0..shortest {
            for ((sources, weights), total) in together.iter().zip(&mut totals) {
                // SAFETY: there are values of all sources of the window, since these are below `needs`.
                unsafe {
                    add_group::<T, A>(&sources[group], &weights[group], from, total);
                };
            }
        }
        for (((sources, weights), total), targets) in
            connections.iter().zip(&mut totals).zip(targets)
        {
            for (sources, weights) in sources.iter().zip(*weights).skip(shortest) {
                // SAFETY: there are values, as above.
                unsafe { add_group::<T, A>(sources, weights, from, total) };
            }
            for (target, total) in targets.iter().zip(total) {
                // SAFETY: as above.
                unsafe { *sums.get_unchecked_mut(*target as usize) = *total };
            }
        }
    }
}

/// Asks for the connections that come some time after these.
#[inline(always)]
fn ask_ahead<T>(sources: &[u16; SLICE], weights: &Tile<T, SLICE>) {
    prefetch(sources, AHEAD);
    prefetch(&weights[..], AHEAD);
}

/// Adds one connection of each target of a slice.
///
/// # Safety
/// There is a value of each source.
#[inline(always)]
unsafe fn add_group<T: Real, A: Rounding>(
    sources: &[u16; SLICE],
    weights: &Tile<T, SLICE>,
    from: &[T],
    total: &mut [T; SLICE],
) {
    ask_ahead(sources, weights);
    // First, or numbers of 16 bits would be taken to where they are used one by one.
    let sources: [i32; SLICE] = sources.map(Into::into);
    for lane in 0..SLICE {
        // SAFETY: the caller's.
        let value = unsafe { *from.get_unchecked((sources[lane] as isize).cast_unsigned()) };
        let weight = Lane::<T, A>::new(weights[lane]);
        total[lane] = weight.mul_add(Lane::new(value), Lane::new(total[lane])).value;
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::lanes::{AsWritten, FastFused};

    /// Fractions of the golden ratio, which are spread evenly.
    fn number(place: usize) -> f64 {
        (place as f64 * 0.618_033_988_749_894_9).fract()
    }

    /// Values that are loaded one by one, or gathered.
    fn sums<T: Real, A: Rounding>(windows: &Windows<T>, from: &[T], picks: bool) -> Vec<T> {
        let mut into = vec![T::default(); windows.all];
        Gather { windows, from, first: 0, into: &mut into, picks }.run::<A>();
        // What threads do, to whom it does not matter what others have.
        let mut apart = vec![T::default(); windows.all];
        for (first, into) in apart.chunks_mut(windows.block).enumerate() {
            Gather { windows, from, first, into, picks }.run::<A>();
        }
        assert!(apart == into, "{} targets", windows.all);
        into
    }

    fn ways_agree<T: Real>(targets: usize, sources: usize) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let part = |place: usize, of: usize| (number(place) * of as f64) as usize;
        let connection = |place: usize| {
            let end = (part(place, targets), part(place * place, sources));
            (end.0, end.1, T::from_f64(number(place + 7) - 0.5))
        };
        let connections: Vec<_> = (0..20 * targets).map(connection).collect();
        let windows = Windows::<T>::new(&Sparse::of(targets, &connections));
        let from: Vec<T> = (0..sources).map(|source| T::from_f64(number(3 * source))).collect();
        let ways = |picks| {
            let fused = sums::<T, FastFused>(&windows, &from, picks);
            [fused, sums::<T, AsWritten>(&windows, &from, picks)]
        };
        assert!(ways(true) == ways(false), "{targets} {sources}");
        assert!(targets == 1 || ways(true)[0] != ways(true)[1], "{targets} {sources}");
    }

    #[test]
    fn values_that_are_loaded_one_by_one_are_those_that_are_gathered() {
        use std::arch::is_x86_feature_detected as has;
        if !(has!("avx2") && has!("fma")) {
            eprintln!("skipped: this processor has no AVX2");
            return;
        }
        for (targets, sources) in
            [(1, 1), (15, 9), (16, 100), (17, 100), (2100, 30_000), (130, 70_000)]
        {
            ways_agree::<f32>(targets, sources);
            ways_agree::<f64>(targets, sources);
        }
    }
}
