//! Weights times values, all of the same moment.

mod steps;
mod windows;

use std::sync::Arc;

use super::weights::{Fitted, Sparse};
use crate::crew::Hands;
use crate::instructions::{InstructionSet, prefetch};
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::{BLOCK, Tile};
pub(crate) use steps::{add_steps, room};
use windows::Windows;
#[cfg(target_arch = "x86_64")]
pub(crate) use windows::{Picked, add_picked_f32, add_picked_f64};

/// Weights laid out for the product with a vector of values.
pub enum Product<T> {
    Dense(Dense<T>),
    Sparse(Windows<T>),
    /// Those of several networks side by side, each with units of its own.
    Beside {
        parts: Vec<Arc<Product<T>>>,
        shape: [usize; 2],
    },
    /// The same, when all have the same weights: a matrix, or a list.
    Common {
        one: Arc<Product<T>>,
        shape: [usize; 2],
    },
}

/// How many bytes weights have that serve several networks better than one, and others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) matrices: usize,
    pub(crate) lists: usize,
    pub(crate) others: usize,
}

impl Size {
    pub(crate) fn total(self) -> usize {
        self.matrices + self.lists + self.others
    }
}

impl std::iter::Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), |all, one| Self {
            matrices: all.matrices + one.matrices,
            lists: all.lists + one.lists,
            others: all.others + one.others,
        })
    }
}

/// Networks side by side have their connections in one list, unless there are so many of each.
const FEW: usize = 4096;

/// Fewer networks have their sums of lists computed one after the other: reading connections once for all of them
/// would take longer.
pub(crate) const FEW_MEMBERS: usize = 4;

impl<T: Real> Product<T> {
    pub(crate) fn new([targets, sources]: [usize; 2], weights: &Fitted) -> Self {
        match weights {
            Fitted::Dense(values) => Self::Dense(Dense::new(targets, sources, values)),
            Fitted::Sparse(sparse) => Self::Sparse(Windows::new(sparse)),
        }
    }

    /// The products of several networks, of one shape, side by side.
    pub(crate) fn beside(parts: Vec<Arc<Self>>, shape: [usize; 2]) -> Self {
        let count = |part: &Self| match part {
            Self::Dense(dense) => dense.weights.len() * BLOCK,
            Self::Sparse(windows) => windows.len(),
            Self::Beside { .. } | Self::Common { .. } => usize::MAX,
        };
        if parts.iter().all(|part| count(part) <= FEW) {
            let all = parts.iter().map(|part| Sparse::of(shape[0], &part.connections(shape)));
            let all = Sparse::beside(&all.collect::<Vec<_>>(), shape[1]);
            return Self::Sparse(Windows::new(&all));
        }
        let is_common = match &*parts[0] {
            Self::Dense(_) => true,
            Self::Sparse(_) => parts.len() >= FEW_MEMBERS,
            Self::Beside { .. } | Self::Common { .. } => false,
        };
        if is_common && parts.iter().all(|part| part.is_same(&parts[0])) {
            return Self::Common { one: Arc::clone(&parts[0]), shape };
        }
        Self::Beside { parts, shape }
    }

    /// Whether another, of the same shape, has the same weights, of one network each.
    pub(crate) fn is_same(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other)
            || match (&**self, &**other) {
                (Self::Dense(one), Self::Dense(other)) => one.weights == other.weights,
                (Self::Sparse(one), Self::Sparse(other)) => one == other,
                _ => false,
            }
    }

    /// Target, source and weight of each connection; of networks side by side those of the first.
    pub(crate) fn connections(&self, [targets, sources]: [usize; 2]) -> Vec<(usize, usize, T)> {
        match self {
            Self::Beside { parts, shape } => parts[0].connections(*shape),
            Self::Common { one, shape } => one.connections(*shape),
            Self::Dense(dense) => {
                let row = |target| (0..sources).map(move |source| (target, source));
                let pairs = (0..targets).flat_map(row);
                pairs.map(|(to, from)| (to, from, dense.weight(to, from))).collect()
            }
            Self::Sparse(windows) => windows.connections(),
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
            Self::Common { one, shape } => one.count(*shape),
            Self::Sparse(windows) => windows.weights().filter(|weight| is_there(*weight)).count(),
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

    /// How many bytes there are of the weights of one network.
    pub(crate) fn size(&self) -> Size {
        match self {
            Self::Dense(dense) => {
                Size { matrices: size_of_val(&dense.weights[..]), ..Size::default() }
            }
            // Such become one list.
            Self::Sparse(windows) if windows.len() <= FEW => {
                Size { others: windows.size(), ..Size::default() }
            }
            Self::Sparse(windows) => Size { lists: windows.size(), ..Size::default() },
            Self::Common { one: part, .. } => part.size(),
            Self::Beside { parts, .. } => parts[0].size(),
        }
    }

    /// For how many steps at most it is computed at once: where values are read from all over memory, those of a
    /// source fill a line of the cache.
    pub(crate) fn steps_at_once(&self) -> usize {
        match self {
            Self::Dense(_) => usize::MAX,
            Self::Sparse(_) => 64 / size_of::<T>(),
            Self::Common { one: part, .. } => part.steps_at_once(),
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
        Product::Sparse(windows) => windows.add((arithmetic, hands), from, into),
        Product::Common { one, shape } => match &**one {
            Product::Dense(dense) => {
                task::run(arithmetic, DotAll { dense, shape: *shape, from, into });
            }
            Product::Sparse(windows) => windows.add_all(arithmetic, (*shape, from, into)),
            other => {
                for (from, into) in from.chunks_exact(shape[1]).zip(into.chunks_exact_mut(shape[0]))
                {
                    other.add((arithmetic, hands), from, into);
                }
            }
        },
        Product::Beside { parts, shape: [targets, sources] } => {
            let ends = from.chunks_exact(*sources).zip(into.chunks_exact_mut(*targets));
            for (part, (from, into)) in parts.iter().zip(ends) {
                part.add((arithmetic, hands), from, into);
            }
        }
    }
}

/// For each block of targets one block of weights per source.
pub struct Dense<T> {
    weights: Vec<Tile<T>>,
    sources: usize,
}

impl<T: Real> Dense<T> {
    /// Lays out a matrix that is given row by row.
    fn new(targets: usize, sources: usize, matrix: &[f64]) -> Self {
        let blocks = targets.div_ceil(BLOCK);
        let mut weights = vec![Tile::of(T::default()); blocks * sources];
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
        let weights: [&[Tile<T>]; N] = std::array::from_fn(|index| {
            &self.weights[(block + index) * self.sources..][..self.sources]
        });
        // AMD's processors read up to a tenth faster without (f64 on two threads, as much slower).
        let asks = !InstructionSet::is_amd();
        let is_far = asks && size_of_val(&self.weights[..]) > NEAR;
        let mut totals = [[T::default(); BLOCK]; N];
        for (source, value) in from[..self.sources].iter().enumerate() {
            let value = Lane::<T, A>::new(*value);
            if is_far {
                for weights in weights {
                    prefetch::<false, _>(&weights[source][..], WEIGHTS_AHEAD);
                }
            }
            for (total, weights) in totals.iter_mut().zip(weights) {
                for (total, weight) in total.iter_mut().zip(weights[source].iter()) {
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
fn dot<T: Real, A: Rounding, const N: usize>(weights: &[Tile<T>], from: &[T]) -> [[T; BLOCK]; N] {
    let sources = weights.len();
    let values: [&[T]; N] = std::array::from_fn(|member| &from[member * sources..][..sources]);
    let mut totals = [[T::default(); BLOCK]; N];
    for (source, weights) in weights.iter().enumerate() {
        for (total, values) in totals.iter_mut().zip(values) {
            let value = Lane::<T, A>::new(values[source]);
            for (total, weight) in total.iter_mut().zip(weights.iter()) {
                *total = value.mul_add(Lane::new(*weight), Lane::new(*total)).value;
            }
        }
    }
    totals
}
