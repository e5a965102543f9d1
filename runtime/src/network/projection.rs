//! Projections: weights from the units of one population to those of another.

use ndarray::{ArrayBase, Data, Ix2};

use crate::lanes::Real;
use crate::model::Place;
use crate::units::BLOCK;

/// A dense weight matrix as a user gives it: row = target, column = source. Each weight is in units
/// of the target input per unit of the source.
#[derive(Clone, Debug)]
pub struct Weights {
    pub(super) shape: [usize; 2],
    pub(super) values: Vec<f64>,
}

impl<S: Data<Elem = f64>> From<&ArrayBase<S, Ix2>> for Weights {
    fn from(matrix: &ArrayBase<S, Ix2>) -> Self {
        let (rows, columns) = matrix.dim();
        Self { shape: [rows, columns], values: matrix.iter().copied().collect() }
    }
}

impl From<ndarray::Array2<f64>> for Weights {
    fn from(matrix: ndarray::Array2<f64>) -> Self {
        (&matrix).into()
    }
}

/// Weights laid out for the product: for each block of targets, one block of weights per source.
pub(crate) struct Projection<T> {
    /// Sending population and what it sends.
    pub(crate) source: (usize, Place),
    /// Receiving population and its input.
    pub(crate) target: (usize, usize),
    weights: Vec<[T; BLOCK]>,
    sources: usize,
    targets: usize,
}

impl<T: Real> Projection<T> {
    pub(super) fn new(source: (usize, Place), target: (usize, usize), matrix: &Weights) -> Self {
        let [targets, sources] = matrix.shape;
        let blocks = targets.div_ceil(BLOCK);
        let mut weights = vec![[T::default(); BLOCK]; blocks * sources];
        for row in 0..targets {
            for column in 0..sources {
                let weight = T::from_f64(matrix.values[row * sources + column]);
                weights[row / BLOCK * sources + column][row % BLOCK] = weight;
            }
        }
        Self { source, target, weights, sources, targets }
    }

    /// Adds what it delivers: for each target the sum over sources in their order, so that the
    /// result does not depend on the width of vectors.
    pub(crate) fn deliver(&self, from: &[T], into: &mut [T]) {
        for (block, sums) in into.chunks_mut(BLOCK).enumerate() {
            let mut total = [T::default(); BLOCK];
            let weights = &self.weights[block * self.sources..][..self.sources];
            for (weights, value) in weights.iter().zip(from) {
                for (total, weight) in total.iter_mut().zip(weights) {
                    *total += *weight * *value;
                }
            }
            for (sum, total) in sums.iter_mut().zip(&total) {
                *sum += *total;
            }
        }
    }

    /// The weight from a source to a target.
    pub(crate) fn weight(&self, target: usize, source: usize) -> T {
        self.weights[target / BLOCK * self.sources + source][target % BLOCK]
    }

    pub(crate) fn sources(&self) -> usize {
        self.sources
    }

    pub(crate) fn targets(&self) -> usize {
        self.targets
    }
}
