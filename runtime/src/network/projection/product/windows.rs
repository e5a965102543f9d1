//! Few connections, in an order in which values and sums stay in near caches.
//!
//! Sources are taken some at a time, a window, for some targets, a block. What a window sends to a block is a patch.
//! In a patch, targets that have about as many connections are summed up side by side.

mod members;
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
#[derive(PartialEq)]
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
    /// Where their sums are when a slice begins: see [`Patch`].
    places: Vec<[u16; SLICE]>,
    /// Slice by slice the first connections of its targets, then the second, and so on: sources, counted from the
    /// first of the window.
    sources: Vec<[u16; SLICE]>,
    weights: Vec<Tile<T, SLICE>>,
    /// What is left: some of those of slices whose targets do not have the same number, and those of targets too
    /// few for a slice.
    rests: Vec<Rest<T>>,
    /// Where the sum of each target is behind the last patch of its block.
    ends: Vec<u16>,
    /// How many targets there are.
    all: usize,
    /// Behind the largest source.
    needs: usize,
}

/// Where the parts of a patch begin.
///
/// The sums of a block stand in the order of the slices that were the last to move them, so that these can write them
/// side by side.
#[derive(Clone, Copy, Default, PartialEq)]
struct Patch {
    /// Slices that move sums, each target's once: they find them where the patch before has left them. A patch of few
    /// connections has none.
    slices: usize,
    /// Slices that add to sums where they are: what the others leave.
    others: usize,
    rest: usize,
}

/// A connection: target and source as in slices.
#[derive(Clone, Copy, PartialEq)]
struct Rest<T> {
    target: u16,
    /// Where its sum is.
    place: u16,
    source: u16,
    weight: T,
}

/// Numbers within windows and blocks have 16 bits.
const LARGEST: usize = 1 << 16;

/// How many connections a target should have in a window, for its sum is read and written in each.
const FOR_A_SUM: usize = 8;

/// How many connections a target should have in a patch, for moving all sums to be faster than taking those that
/// change from where they are, and back.
const FOR_A_MOVE: usize = 2;

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
            places: Vec::new(),
            ends: Vec::new(),
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
            let targets = first..self.all.min(first + self.block);
            let mut places: Vec<u16> =
                (0..=u16::MAX).take(targets.len().next_multiple_of(SLICE)).collect();
            for (lane, target) in (0..=u16::MAX).zip(targets.clone()) {
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
                self.push_patch(sparse, window * self.window, parts, &mut places);
            }
            self.ends.extend(&places[..targets.len()]);
        }
    }

    /// Adds a patch: which connections each of its targets has, and where the sum of each target of the block is.
    fn push_patch(
        &mut self,
        sparse: &Sparse,
        base: usize,
        mut parts: Vec<(u16, Range<usize>)>,
        places: &mut [u16],
    ) {
        let count: usize = parts.iter().map(|(_, row)| row.len()).sum();
        if count >= FOR_A_MOVE * places.len() {
            // Those without connections too: all sums are moved.
            let mut without = vec![true; places.len()];
            for (target, _) in &parts {
                without[*target as usize] = false;
            }
            let without = (0..=u16::MAX).zip(without).filter(|(_, without)| *without);
            parts.extend(without.map(|(target, _)| (target, 0..0)));
            let first = self.targets.len();
            self.push_slices(sparse, base, &mut parts, places);
            for (place, target) in (0..=u16::MAX).zip(self.targets[first..].as_flattened()) {
                places[*target as usize] = place;
            }
        }
        let others = self.targets.len();
        parts.retain(|(_, row)| !row.is_empty());
        while self.push_slices(sparse, base, &mut parts, places) > 0 {
            parts.retain(|(_, row)| !row.is_empty());
        }
        // Not target by target, so that none waits for the sum before.
        for index in 0..parts.first().map_or(0, |(_, row)| row.len()) {
            let there = parts.iter().take_while(|(_, row)| index < row.len());
            self.rests.extend(there.map(|(target, row)| {
                let (source, weight) = connection(sparse, base, row.start + index);
                Rest { target: *target, place: places[*target as usize], source, weight }
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
        parts: &mut [(u16, Range<usize>)],
        places: &[u16],
    ) -> usize {
        // A stable sort: targets with as many connections keep their order, which is best for memory.
        parts.sort_by_key(|(_, row)| std::cmp::Reverse(row.len()));
        let slices = parts.as_chunks_mut::<SLICE>().0;
        let count = slices.len();
        // Two that follow each other have about as many connections each: they come half of all apart.
        for slice in (0..count).step_by(2).chain((1..count).step_by(2)) {
            let slice = &mut slices[slice];
            let targets = slice.each_ref().map(|(target, _)| *target);
            self.targets.push(targets);
            self.places.push(targets.map(|target| places[target as usize]));
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

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        let of_slices = size_of_val(&self.targets[..]) + size_of_val(&self.places[..]);
        let of_connections = size_of_val(&self.sources[..]) + size_of_val(&self.weights[..]);
        of_slices + of_connections + size_of_val(&self.rests[..]) + size_of_val(&self.ends[..])
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

/// The same where values are loaded one by one, which leaves room for connections on their way to the first cache.
const AHEAD_OF_PICKS: usize = 1536;

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
/// value of each source and a sum at each place.
#[cfg(target_arch = "x86_64")]
pub struct Picked<'a, T> {
    windows: &'a Windows<T>,
    slices: Range<usize>,
    from: &'a [T],
    /// Sums before they are moved, or nothing: they stay.
    before: &'a [T],
    sums: &'a mut [T],
}

impl<T: Real> Task for Gather<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { windows, from, first, into, picks } = self;
        assert!(from.len() >= windows.needs, "values of all sources are there");
        let room = windows.block.min(into.len()).next_multiple_of(SLICE);
        let (mut sums, mut moved) = (vec![T::default(); room], vec![T::default(); room]);
        for (block, into) in (first..).zip(into.chunks_mut(windows.block)) {
            let targets = windows.block * block;
            assert_eq!(into.len(), windows.block.min(windows.all - targets));
            sums.fill(T::default());
            for window in 0..windows.count {
                let patch = block * windows.count + window;
                let from = &from[window * windows.window..];
                windows.add_patch::<A>((patch, picks), from, &mut sums, &mut moved);
            }
            for (into, place) in into.iter_mut().zip(&windows.ends[targets..]) {
                *into += sums[*place as usize];
            }
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

    /// Adds what a window, whose values `from` begins with, sends to a block. `moved` has room for the sums.
    #[inline(always)]
    fn add_patch<A: Rounding>(
        &self,
        (patch, picks): (usize, bool),
        from: &[T],
        sums: &mut Vec<T>,
        moved: &mut Vec<T>,
    ) {
        let (begin, end) = (self.patches[patch], self.patches[patch + 1]);
        let (first, others) = (begin.slices..begin.others, begin.others..end.slices);
        let rests = begin.rest..end.rest.min(begin.rest + RESTS_AHEAD);
        prefetch::<true, _>(&self.rests[rests], 0);
        if !first.is_empty() {
            if picks {
                self.pick_slices::<A>(first, from, (sums, moved));
            } else {
                self.gather_slices::<A>(first, from, (sums, moved));
            }
            std::mem::swap(sums, moved);
        }
        if picks {
            self.pick_slices::<A>(others, from, (&[], sums));
        } else {
            for slice in others {
                self.add_slices::<A, 1, false>(([slice], slice), from, (&[], sums));
            }
        }
        for rest in &self.rests[begin.rest..end.rest] {
            let sum = &mut sums[rest.place as usize];
            let value = Lane::<T, A>::new(from[rest.source as usize]);
            *sum = Lane::new(rest.weight).mul_add(value, Lane::new(*sum)).value;
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn pick_slices<A: Rounding>(
        &self,
        slices: Range<usize>,
        from: &[T],
        (before, sums): (&[T], &mut [T]),
    ) {
        // SAFETY: the processor has the instructions, as `picks` said; places are those of sums, and there are values
        // of all sources of the window, since these are below `needs`.
        unsafe { T::add_picked(A::FUSED, Picked { windows: self, slices, from, before, sums }) };
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn pick_slices<A: Rounding>(&self, _: Range<usize>, _: &[T], _: (&[T], &mut [T])) {
        unreachable!("no such processor picks");
    }

    /// Adds slices that move sums.
    #[inline(always)]
    fn gather_slices<A: Rounding>(
        &self,
        slices: Range<usize>,
        from: &[T],
        (before, sums): (&[T], &mut [T]),
    ) {
        // As with matrices, two places at once are read faster than one.
        let half = slices.len().div_ceil(2);
        let first = slices.start;
        for slice in first..slices.end - half {
            self.add_slices::<A, 2, true>(([slice, slice + half], first), from, (before, sums));
        }
        if slices.len() % 2 == 1 {
            self.add_slices::<A, 1, true>(([first + half - 1], first), from, (before, sums));
        }
    }

    /// Adds some slices at once, of those from a first on.
    #[inline(always)]
    fn add_slices<A: Rounding, const N: usize, const MOVES: bool>(
        &self,
        (slices, first): ([usize; N], usize),
        from: &[T],
        (before, sums): (&[T], &mut [T]),
    ) {
        let connections = slices.map(|slice| self.groups(slice));
        let places = slices.map(|slice| &self.places[slice]);
        // A loop, for a mapped array becomes a call.
        let mut totals = [[T::default(); SLICE]; N];
        for (total, places) in totals.iter_mut().zip(places) {
            let before = if MOVES { before } else { &*sums };
            for (total, place) in total.iter_mut().zip(places) {
                // SAFETY: places are those of sums.
                *total = unsafe { *before.get_unchecked(*place as usize) };
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
        let slices = connections.iter().zip(&mut totals).zip(places).zip(slices);
        for ((((sources, weights), total), places), slice) in slices {
            for (sources, weights) in sources.iter().zip(*weights).skip(shortest) {
                // SAFETY: there are values, as above.
                unsafe { add_group::<T, A>(sources, weights, from, total) };
            }
            if MOVES {
                sums[SLICE * (slice - first)..][..SLICE].copy_from_slice(total);
            } else {
                for (place, total) in places.iter().zip(total) {
                    // SAFETY: as above.
                    unsafe { *sums.get_unchecked_mut(*place as usize) = *total };
                }
            }
        }
    }
}

/// Of how many connections that are left over in a patch memory is asked when it begins; mostly there are fewer.
const RESTS_AHEAD: usize = 64;

/// How many slices ahead their places are asked for.
#[cfg(target_arch = "x86_64")]
const SLICES_AHEAD: usize = 32;

/// Asks for the places of a slice that comes some time after this.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ask_for_places(places: &[u16; SLICE]) {
    prefetch::<true, _>(places, SLICES_AHEAD * SLICE);
}

/// Asks for the connections that come some time after these.
#[inline(always)]
fn ask_ahead<const PICKS: bool, T>(sources: &[u16; SLICE], weights: &Tile<T, SLICE>) {
    let ahead = if PICKS { AHEAD_OF_PICKS } else { AHEAD };
    prefetch::<PICKS, _>(sources, ahead);
    prefetch::<PICKS, _>(&weights[..], ahead);
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
    ask_ahead::<false, _>(sources, weights);
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

    /// Target by target, source by source.
    fn plain<T: Real, A: Rounding>(
        targets: usize,
        from: &[T],
        mut connections: Vec<(usize, usize, T)>,
    ) -> Vec<T> {
        connections.sort_by_key(|(_, source, _)| *source);
        let mut sums = vec![T::default(); targets];
        for (target, source, weight) in connections {
            let sum = Lane::<T, A>::new(sums[target]);
            sums[target] = Lane::new(weight).mul_add(Lane::new(from[source]), sum).value;
        }
        sums
    }

    /// With so many connections of a target, in the mean. Targets differ: the first have most.
    fn ways_agree<T: Real>(targets: usize, sources: usize, each: usize) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let part = |part: f64, of: usize| (part * of as f64) as usize;
        let connection = |place: usize| {
            let target = part(number(place).powi(2), targets);
            (target, part(number(place * place), sources), T::from_f64(number(place + 7) - 0.5))
        };
        let connections: Vec<_> = (0..each * targets).map(connection).collect();
        let windows = Windows::<T>::new(&Sparse::of(targets, &connections));
        let from: Vec<T> = (0..sources).map(|source| T::from_f64(number(3 * source))).collect();
        let ways = |picks| {
            let fused = sums::<T, FastFused>(&windows, &from, picks);
            [fused, sums::<T, AsWritten>(&windows, &from, picks)]
        };
        let fused = plain::<T, FastFused>(targets, &from, connections.clone());
        let plain = [fused, plain::<T, AsWritten>(targets, &from, connections)];
        assert!(ways(false) == plain, "gathered: {targets} {sources}");
        assert!(ways(true) == plain, "one by one: {targets} {sources}");
        assert!(targets == 1 || plain[0] != plain[1], "{targets} {sources}");
        members_agree(&windows, &from);
    }

    /// Networks side by side: each has the values of the one before, moved by one place.
    fn members_agree<T: Real>(windows: &Windows<T>, from: &[T]) {
        for members in [1, 3, 4, 16, 17] {
            let (mut all, mut apart) = (Vec::new(), Vec::new());
            for member in 0..members {
                let mut from = from.to_vec();
                let count = from.len();
                from.rotate_left(member % count);
                apart.extend(sums::<T, AsWritten>(windows, &from, false));
                all.extend(from);
            }
            let mut into = vec![T::default(); apart.len()];
            let shape = [windows.all, from.len()];
            windows.add_all(Arithmetic::Reproducible, (shape, &all, &mut into));
            assert!(into == apart, "{members} members, {shape:?}");
        }
    }

    #[test]
    fn sums_are_those_of_one_connection_after_the_other() {
        use std::arch::is_x86_feature_detected as has;
        if !(has!("avx2") && has!("fma")) {
            eprintln!("skipped: this processor has no AVX2");
            return;
        }
        // Slices and parts of them, blocks, windows; patches that move sums and patches that do not.
        for (targets, sources, each) in [
            (1, 1, 20),
            (15, 9, 20),
            (16, 100, 20),
            (17, 100, 20),
            (63, 300, 40),
            (64, 300, 40),
            (65, 300, 40),
            (2100, 30_000, 20),
            (2100, 30_000, 2),
            (130, 70_000, 20),
            (40, 200_000, 4000),
        ] {
            ways_agree::<f32>(targets, sources, each);
            ways_agree::<f64>(targets, sources, each);
        }
    }
}
