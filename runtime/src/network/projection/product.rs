//! Weights times values, all of the same moment.

use super::slices::{SLICE, Slices};
use super::weights::{Fitted, Sparse};
use crate::instructions::prefetch;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::task::{self, Task};
use crate::units::BLOCK;

/// Weights laid out for the product with a vector of values.
pub enum Product<T> {
    Dense(Dense<T>),
    Sparse(Sliced<T>),
}

impl<T: Real> Product<T> {
    pub(crate) fn new([targets, sources]: [usize; 2], weights: &Fitted) -> Self {
        match weights {
            Fitted::Dense(values) => Self::Dense(Dense::new(targets, sources, values)),
            Fitted::Sparse(sparse) => Self::Sparse(Sliced::new(sparse)),
        }
    }

    /// Target, source and weight of each connection.
    pub(crate) fn connections(&self, [targets, sources]: [usize; 2]) -> Vec<(usize, usize, T)> {
        match self {
            Self::Dense(dense) => {
                let row = |target| (0..sources).map(move |source| (target, source));
                let pairs = (0..targets).flat_map(row);
                pairs.map(|(to, from)| (to, from, dense.weight(to, from))).collect()
            }
            Self::Sparse(sliced) => sliced.connections(),
        }
    }

    /// Adds, for each target, the sum over sources in their order, so that the result does not
    /// depend on the width of vectors.
    pub(crate) fn add(&self, arithmetic: Arithmetic, from: &[T], into: &mut [T]) {
        T::add_product(arithmetic, self, from, into);
    }
}

/// What [`Product::add`] does, by way of [`Real`], by which it is compiled with this crate.
pub(crate) fn add_product<T: Real>(
    arithmetic: Arithmetic,
    product: &Product<T>,
    from: &[T],
    into: &mut [T],
) {
    match product {
        Product::Dense(dense) => task::run(arithmetic, Dot { dense, from, into }),
        Product::Sparse(sliced) => task::run(arithmetic, Gather { sliced, from, into }),
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
    into: &'a mut [T],
}

impl<T: Real> Task for Dot<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { dense, from, into } = self;
        for (block, sums) in into.chunks_mut(BLOCK).enumerate() {
            let mut total = [T::default(); BLOCK];
            let weights = &dense.weights[block * dense.sources..][..dense.sources];
            for (weights, value) in weights.iter().zip(from) {
                let value = Lane::<T, A>::new(*value);
                for (total, weight) in total.iter_mut().zip(weights) {
                    *total = value.mul_add(Lane::new(*weight), Lane::new(*total)).value;
                }
            }
            for (sum, total) in sums.iter_mut().zip(&total) {
                *sum += *total;
            }
        }
    }
}

/// Connections in slices.
pub struct Sliced<T> {
    slices: Slices,
    /// Below 2³¹, signed: gathers with places of 32 bits take them so.
    sources: Vec<i32>,
    weights: Vec<T>,
    /// Behind the largest source.
    needs: usize,
}

impl<T: Real> Sliced<T> {
    fn new(sparse: &Sparse) -> Self {
        let (slices, order) = Slices::new(sparse);
        Self {
            slices,
            // What is out of range of these is not below `needs` either, and `fit` refuses it.
            sources: order
                .iter()
                .map(|place| i32::try_from(sparse.sources[*place]).unwrap_or(i32::MAX))
                .collect(),
            weights: order.iter().map(|place| T::from_f64(sparse.weights[*place])).collect(),
            needs: sparse.sources.iter().max().map_or(0, |source| *source as usize + 1),
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
                    (
                        *target as usize,
                        self.sources[place].cast_unsigned() as usize,
                        self.weights[place],
                    )
                };
                all.extend(of_lane(slice, lane).map(connection));
            }
        }
        all
    }
}

/// How far ahead connections are asked for: some pages, which processors do not cross by themselves.
/// Gathers fill all of their window, so that without it they wait for memory.
const AHEAD: usize = 768;

struct Gather<'a, T> {
    sliced: &'a Sliced<T>,
    from: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Task for Gather<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { sliced: Sliced { slices, sources, weights, needs }, from, into } = self;
        assert!(from.len() >= *needs, "values of all sources are there");
        for slice in 0..slices.count() {
            let mut total = [T::default(); SLICE];
            let common = slices.side_by_side(slice);
            let sources_of = sources[common.clone()].as_chunks::<SLICE>().0;
            let weights_of = weights[common].as_chunks::<SLICE>().0;
            for (sources, weights) in sources_of.iter().zip(weights_of) {
                prefetch(sources, AHEAD);
                for line in (0..SLICE).step_by(64 / size_of::<T>()) {
                    prefetch(weights, AHEAD + line);
                }
                for lane in 0..SLICE {
                    // SAFETY: every source is at least 0 and below `needs`, which is not above the
                    // length.
                    let value = unsafe { *from.get_unchecked(sources[lane] as isize as usize) };
                    let weight = Lane::<T, A>::new(weights[lane]);
                    total[lane] = weight.mul_add(Lane::new(value), Lane::new(total[lane])).value;
                }
            }
            for (lane, target) in slices.targets(slice).iter().enumerate() {
                let mut sum = Lane::<T, A>::new(total[lane]);
                for place in slices.rest(slice, lane) {
                    let value = Lane::new(from[sources[place].cast_unsigned() as usize]);
                    sum = Lane::new(weights[place]).mul_add(value, sum);
                }
                into[*target as usize] += sum.value;
            }
        }
    }
}
