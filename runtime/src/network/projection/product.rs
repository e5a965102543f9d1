//! Weights times values, all of the same moment.

mod steps;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use super::slices::{SLICE, Slices};
use super::weights::{Fitted, Sparse};
use crate::crew::{self, Hands};
use crate::instructions::prefetch;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::BLOCK;
pub(crate) use steps::{add_steps, room};

/// Weights laid out for the product with a vector of values.
pub enum Product<T> {
    Dense(Dense<T>),
    Sparse(Sliced<T>),
    /// Those of several networks side by side, each with units of its own.
    Beside {
        parts: Vec<Arc<Product<T>>>,
        shape: [usize; 2],
    },
    /// The same, when all have the same weights.
    Common {
        dense: Arc<Product<T>>,
        shape: [usize; 2],
    },
}

/// Networks side by side have their connections in one list, unless there are so many of each.
const FEW: usize = 4096;

impl<T: Real> Product<T> {
    pub(crate) fn new([targets, sources]: [usize; 2], weights: &Fitted) -> Self {
        match weights {
            Fitted::Dense(values) => Self::Dense(Dense::new(targets, sources, values)),
            Fitted::Sparse(sparse) => Self::Sparse(Sliced::new(sparse)),
        }
    }

    /// The products of several networks, of one shape, side by side.
    pub(crate) fn beside(parts: Vec<Arc<Self>>, shape: [usize; 2]) -> Self {
        let count = |part: &Self| match part {
            Self::Dense(dense) => dense.weights.len() * BLOCK,
            Self::Sparse(sliced) => sliced.weights.len(),
            Self::Beside { .. } | Self::Common { .. } => usize::MAX,
        };
        if parts.iter().all(|part| count(part) <= FEW) {
            let all = parts.iter().map(|part| Sparse::of(shape[0], &part.connections(shape)));
            let all = Sparse::beside(&all.collect::<Vec<_>>(), shape[1]);
            return Self::Sparse(Sliced::new(&all));
        }
        let is_common = |part: &Arc<Self>| match (&**part, &*parts[0]) {
            (Self::Dense(one), Self::Dense(first)) => one.weights == first.weights,
            _ => false,
        };
        if parts.iter().all(is_common) {
            return Self::Common { dense: Arc::clone(&parts[0]), shape };
        }
        Self::Beside { parts, shape }
    }

    /// Target, source and weight of each connection; of networks side by side those of the first.
    pub(crate) fn connections(&self, [targets, sources]: [usize; 2]) -> Vec<(usize, usize, T)> {
        match self {
            Self::Beside { parts, shape } => parts[0].connections(*shape),
            Self::Common { dense, shape } => dense.connections(*shape),
            Self::Dense(dense) => {
                let row = |target| (0..sources).map(move |source| (target, source));
                let pairs = (0..targets).flat_map(row);
                pairs.map(|(to, from)| (to, from, dense.weight(to, from))).collect()
            }
            Self::Sparse(sliced) => sliced.connections(),
        }
    }

    /// How many weights are not 0; of networks side by side those of the first.
    pub(crate) fn count(&self, [targets, sources]: [usize; 2]) -> usize {
        let is_there = |weight: T| weight != T::default();
        match self {
            Self::Dense(dense) => {
                let row = |target| {
                    (0..sources).filter(move |source| is_there(dense.weight(target, *source)))
                };
                (0..targets).map(|target| row(target).count()).sum()
            }
            Self::Beside { parts, shape } => parts[0].count(*shape),
            Self::Common { dense, shape } => dense.count(*shape),
            Self::Sparse(sliced) => {
                sliced.weights.iter().filter(|weight| is_there(**weight)).count()
            }
        }
    }

    /// How many of so many targets have weights of their own: those of each network, where several stand side
    /// by side.
    pub(crate) fn targets_each(&self, targets: usize) -> usize {
        match self {
            Self::Beside { shape, .. } | Self::Common { shape, .. } => shape[0],
            Self::Dense(_) | Self::Sparse(_) => targets,
        }
    }

    /// How many bytes the matrix has, if it is one.
    pub(crate) fn matrix(&self) -> usize {
        match self {
            Self::Dense(dense) => size_of_val(&dense.weights[..]),
            Self::Common { dense, .. } => dense.matrix(),
            Self::Sparse(_) | Self::Beside { .. } => 0,
        }
    }

    /// For how many steps at most it is computed at once: where values are read from all over memory, those of a
    /// source fill a line of the cache.
    pub(crate) fn steps_at_once(&self) -> usize {
        match self {
            Self::Dense(_) | Self::Common { .. } => usize::MAX,
            Self::Sparse(_) => 64 / size_of::<T>(),
            Self::Beside { parts, .. } => parts[0].steps_at_once(),
        }
    }

    /// Adds, for each target, the sum over sources in their order, so that the result does not
    /// depend on the width of vectors.
    pub(crate) fn add(&self, how: (Arithmetic, Hands), from: &[T], into: &mut [T]) {
        T::add_product(how, self, from, into);
    }
}

/// What [`Product::add`] does, by way of [`Real`], by which it is compiled with this crate.
pub(crate) fn add_product<T: Real>(
    (arithmetic, hands): (Arithmetic, Hands),
    product: &Product<T>,
    from: &[T],
    into: &mut [T],
) {
    match product {
        Product::Dense(dense) => {
            // At what is read of memory, some 20 bytes a nanosecond.
            let cost = (dense.sources * size_of::<[T; BLOCK]>()) as f64 / 20.0;
            hands.each_part(into, BLOCK, cost / BLOCK as f64, |first, into| {
                task::run(arithmetic, Dot { dense, from, first: first / BLOCK, into });
            });
        }
        Product::Sparse(sliced) => sliced.add((arithmetic, hands), from, into),
        Product::Beside { parts, shape: [targets, sources] } => {
            let ends = from.chunks_exact(*sources).zip(into.chunks_exact_mut(*targets));
            for (part, (from, into)) in parts.iter().zip(ends) {
                part.add((arithmetic, hands), from, into);
            }
        }
        Product::Common { dense, shape } => {
            if let Product::Dense(dense) = &**dense {
                task::run(arithmetic, DotAll { dense, shape: *shape, from, into });
            }
        }
    }
}

/// For each block of targets one block of weights per source.
pub struct Dense<T> {
    weights: Vec<[T; BLOCK]>,
    sources: usize,
}

impl<T: Real> Dense<T> {
    /// Lays out a matrix that is given row by row.
    fn new(targets: usize, sources: usize, matrix: &[f64]) -> Self {
        let blocks = targets.div_ceil(BLOCK);
        let mut weights = vec![[T::default(); BLOCK]; blocks * sources];
        for row in 0..targets {
            for column in 0..sources {
                let weight = T::from_f64(matrix[row * sources + column]);
                weights[row / BLOCK * sources + column][row % BLOCK] = weight;
            }
        }
        Self { weights, sources }
    }

    /// The weight from a source to a target.
    pub(crate) fn weight(&self, target: usize, source: usize) -> T {
        self.weights[target / BLOCK * self.sources + source][target % BLOCK]
    }
}

struct Dot<'a, T> {
    dense: &'a Dense<T>,
    from: &'a [T],
    /// The number of the first block of targets.
    first: usize,
    into: &'a mut [T],
}

impl<T: Real> Task for Dot<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        // Whoever reads in several places at once is given more of memory: as many as have their sums in the
        // registers of AVX-512.
        if size_of::<T>() == 4 { self.add::<A, 4>() } else { self.add::<A, 2>() }
    }
}

impl<T: Real> Dot<'_, T> {
    /// Adds up `N` blocks of targets at once, and what is left one by one.
    #[inline(always)]
    fn add<A: Rounding, const N: usize>(self) {
        let Self { dense, from, first, into } = self;
        let (many, rest) = into.split_at_mut(into.len() / (N * BLOCK) * (N * BLOCK));
        let first_of_rest = first + many.len() / BLOCK;
        for (block, sums) in (first..).step_by(N).zip(many.chunks_exact_mut(N * BLOCK)) {
            dense.add_blocks::<A, N>(block, from, sums);
        }
        for (block, sums) in (first_of_rest..).zip(rest.chunks_mut(BLOCK)) {
            dense.add_blocks::<A, 1>(block, from, sums);
        }
    }
}

/// Matrices of more bytes come from memory: others would only be slowed by being asked for.
const NEAR: usize = 8 << 20;

/// How far ahead weights are asked for: two pages or four, for processors do not look beyond one.
const WEIGHTS_AHEAD: usize = 2048;

impl<T: Real> Dense<T> {
    /// Adds the sums of `N` blocks of targets; the last may have fewer.
    #[inline(always)]
    fn add_blocks<A: Rounding, const N: usize>(&self, block: usize, from: &[T], sums: &mut [T]) {
        let weights: [&[[T; BLOCK]]; N] = std::array::from_fn(|index| {
            &self.weights[(block + index) * self.sources..][..self.sources]
        });
        let is_far = size_of_val(&self.weights[..]) > NEAR;
        let mut totals = [[T::default(); BLOCK]; N];
        for (source, value) in from[..self.sources].iter().enumerate() {
            let value = Lane::<T, A>::new(*value);
            if is_far {
                for weights in weights {
                    prefetch(&weights[source], WEIGHTS_AHEAD);
                }
            }
            for (total, weights) in totals.iter_mut().zip(weights) {
                for (total, weight) in total.iter_mut().zip(&weights[source]) {
                    *total = value.mul_add(Lane::new(*weight), Lane::new(*total)).value;
                }
            }
        }
        for (sum, total) in sums.iter_mut().zip(totals.as_flattened()) {
            *sum += *total;
        }
    }
}

/// One matrix times the values of several networks side by side: a block of weights that was read serves
/// several of them, and those that come next while it is near.
struct DotAll<'a, T> {
    dense: &'a Dense<T>,
    shape: [usize; 2],
    from: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Task for DotAll<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { dense, shape: [targets, sources], from, into } = self;
        let members = from.len() / sources;
        for first in (0..targets).step_by(BLOCK) {
            let block = &dense.weights[first / BLOCK * sources..][..sources];
            let mut member = 0;
            while member < members {
                // As many sums as fit into the registers of AVX-512.
                let at_once = if size_of::<T>() == 4 { 4 } else { 2 };
                let mut add = |count: usize, totals: &[[T; BLOCK]]| {
                    for (member, total) in (member..).zip(&totals[..count]) {
                        let sums = &mut into[member * targets..][..targets][first..];
                        for (sum, total) in sums.iter_mut().zip(total) {
                            *sum += *total;
                        }
                    }
                };
                let rest = &from[member * sources..];
                let count = at_once.min(members - member);
                match count {
                    4 => add(4, &dot::<T, A, 4>(block, rest)),
                    2 | 3 => add(2, &dot::<T, A, 2>(block, rest)),
                    _ => add(1, &dot::<T, A, 1>(block, rest)),
                }
                member += if count == 3 { 2 } else { count };
            }
        }
    }
}

/// The sums of a block of targets in `N` networks.
#[inline(always)]
fn dot<T: Real, A: Rounding, const N: usize>(
    weights: &[[T; BLOCK]],
    from: &[T],
) -> [[T; BLOCK]; N] {
    let sources = weights.len();
    let values: [&[T]; N] = std::array::from_fn(|member| &from[member * sources..][..sources]);
    let mut totals = [[T::default(); BLOCK]; N];
    for (source, weights) in weights.iter().enumerate() {
        for (total, values) in totals.iter_mut().zip(values) {
            let value = Lane::<T, A>::new(values[source]);
            for (total, weight) in total.iter_mut().zip(weights) {
                *total = value.mul_add(Lane::new(*weight), Lane::new(*total)).value;
            }
        }
    }
    totals
}

/// Connections in slices.
pub struct Sliced<T> {
    slices: Slices,
    sources: Sources,
    weights: Vec<T>,
    /// Behind the largest source.
    needs: usize,
}

/// The source of each connection, in as few bytes as are enough: all of them are read from memory at each step.
enum Sources {
    Short(Vec<u16>),
    /// Below 2³¹, signed: gathers with places of 32 bits take them so.
    Long(Vec<i32>),
}

/// The number of a source.
trait Source: Copy + Into<i32> + Sync {
    #[inline(always)]
    fn index(self) -> usize {
        (self.into() as isize).cast_unsigned()
    }
}

impl Source for u16 {}
impl Source for i32 {}

impl Sources {
    fn new(numbers: impl Iterator<Item = u32> + Clone) -> Self {
        match numbers.clone().map(u16::try_from).collect() {
            Ok(short) => Self::Short(short),
            // `fit` refuses larger ones.
            Err(_) => {
                Self::Long(numbers.map(|one| i32::try_from(one).unwrap_or(i32::MAX)).collect())
            }
        }
    }

    fn index(&self, place: usize) -> usize {
        match self {
            Self::Short(sources) => sources[place].index(),
            Self::Long(sources) => sources[place].index(),
        }
    }
}

impl<T: Real> Sliced<T> {
    fn new(sparse: &Sparse) -> Self {
        let (slices, order) = Slices::new(sparse);
        Self {
            slices,
            sources: Sources::new(order.iter().map(|place| sparse.sources[*place])),
            weights: order.iter().map(|place| T::from_f64(sparse.weights[*place])).collect(),
            needs: sparse.sources.iter().max().map_or(0, |source| *source as usize + 1),
        }
    }

    /// Adds the sums of all targets.
    fn add(&self, how: (Arithmetic, Hands), from: &[T], into: &mut [T]) {
        match &self.sources {
            Sources::Short(sources) => self.add_from(how, sources, from, into),
            Sources::Long(sources) => self.add_from(how, sources, from, into),
        }
    }

    fn add_from<S: Source>(
        &self,
        (arithmetic, hands): (Arithmetic, Hands),
        sources: &[S],
        from: &[T],
        into: &mut [T],
    ) {
        let count = self.slices.count();
        // About half a nanosecond a connection.
        let cost = self.weights.len() as f64 / 2.0 / count.max(1) as f64;
        let into = &Scattered(Cell::from_mut(into).as_slice_of_cells());
        let gather = |slices: Range<usize>| {
            task::run(arithmetic, Gather { sliced: self, sources, slices, from, into });
        };
        match hands.share(count, cost, 1) {
            Some(ranges) => crew::each(ranges, gather),
            None => gather(0..count),
        }
    }

    fn connections(&self) -> Vec<(usize, usize, T)> {
        let slices = &self.slices;
        let of_lane = |slice: usize, lane: usize| {
            let side_by_side = slices.side_by_side(slice).skip(lane).step_by(SLICE);
            side_by_side.chain(slices.rest(slice, lane))
        };
        let mut all = Vec::new();
        for slice in 0..slices.count() {
            for (lane, target) in slices.targets(slice).iter().enumerate() {
                let connection = |place: usize| {
                    (*target as usize, self.sources.index(place), self.weights[place])
                };
                all.extend(of_lane(slice, lane).map(connection));
            }
        }
        all
    }
}

/// How far ahead connections are asked for: most of a page, for processors do not look beyond one by
/// themselves. Gathers fill all of their window, so that without it they wait for memory.
const AHEAD: usize = 768;

/// Sums that several threads add to: those of one are among those of others.
struct Scattered<'a, T>(&'a [Cell<T>]);

// SAFETY: whoever calls `add` sees to it that no two threads use the same sum.
unsafe impl<T: Send> Sync for Scattered<'_, T> {}

impl<T: Real> Scattered<'_, T> {
    /// Adds to one of the sums.
    ///
    /// # Safety
    /// No other thread uses that one at the same time.
    #[inline(always)]
    unsafe fn add(&self, target: u32, sum: T) {
        let place = &self.0[target as usize];
        let mut total = place.get();
        total += sum;
        place.set(total);
    }
}

struct Gather<'a, T, S> {
    sliced: &'a Sliced<T>,
    sources: &'a [S],
    /// Which slices: no others have their targets.
    slices: Range<usize>,
    from: &'a [T],
    into: &'a Scattered<'a, T>,
}

impl<T: Real, S: Source> Task for Gather<'_, T, S> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        assert!(self.from.len() >= self.sliced.needs, "values of all sources are there");
        // As with matrices, two places at once are read faster than one.
        let Range { start: first, end } = self.slices;
        let half = (end - first) / 2;
        for slice in first..first + half {
            self.add::<A, 2>([slice, slice + half]);
        }
        for slice in first + 2 * half..end {
            self.add::<A, 1>([slice]);
        }
    }
}

impl<T: Real, S: Source> Gather<'_, T, S> {
    /// Adds up some slices at once.
    #[inline(always)]
    fn add<A: Rounding, const N: usize>(&self, at: [usize; N]) {
        let Self { sliced: Sliced { slices, weights, .. }, sources, from, into, .. } = *self;
        let side_by_side = at.map(|slice| {
            let common = slices.side_by_side(slice);
            let sources = sources[common.clone()].as_chunks::<SLICE>().0;
            (sources, weights[common].as_chunks::<SLICE>().0)
        });
        let mut totals = [[T::default(); SLICE]; N];
        let shortest = side_by_side.iter().map(|(sources, _)| sources.len()).min().unwrap_or(0);
        let together =
            side_by_side.map(|(sources, weights)| (&sources[..shortest], &weights[..shortest]));
        for group in 0..shortest {
            for ((sources, weights), total) in together.iter().zip(&mut totals) {
                // SAFETY: all sources are below `needs`, which was found not to be above the length.
                unsafe { add_group::<T, A, S>(&sources[group], &weights[group], from, total) };
            }
        }
        for ((slice, (sources, weights)), mut total) in at.iter().zip(side_by_side).zip(totals) {
            for (sources, weights) in sources.iter().zip(weights).skip(shortest) {
                // SAFETY: as above.
                unsafe { add_group::<T, A, S>(sources, weights, from, &mut total) };
            }
            for (lane, target) in slices.targets(*slice).iter().enumerate() {
                let mut sum = Lane::<T, A>::new(total[lane]);
                for place in slices.rest(*slice, lane) {
                    let value = Lane::new(from[self.sources[place].index()]);
                    sum = Lane::new(self.sliced.weights[place]).mul_add(value, sum);
                }
                // SAFETY: each target is in one slice, and each slice is given to one thread.
                unsafe { into.add(*target, sum.value) };
            }
        }
    }
}

/// Adds one connection of each target of a slice.
///
/// # Safety
/// There is a value of each source.
#[inline(always)]
unsafe fn add_group<T: Real, A: Rounding, S: Source>(
    sources: &[S; SLICE],
    weights: &[T; SLICE],
    from: &[T],
    total: &mut [T; SLICE],
) {
    prefetch(sources, AHEAD);
    prefetch(weights, AHEAD);
    // First, or numbers of 16 bits would be taken to where they are used one by one.
    let sources: [i32; SLICE] = sources.map(Into::into);
    for lane in 0..SLICE {
        // SAFETY: the caller's.
        let value = unsafe { *from.get_unchecked(sources[lane].index()) };
        let weight = Lane::<T, A>::new(weights[lane]);
        total[lane] = weight.mul_add(Lane::new(value), Lane::new(total[lane])).value;
    }
}
