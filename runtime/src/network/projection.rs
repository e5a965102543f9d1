//! Projections: weights from the units of one population to those of another.

use ndarray::{ArrayBase, Data, Ix2};

use crate::lanes::Real;
use crate::model::Place;
use crate::units::BLOCK;

/// Weights of a projection as a user gives them: a matrix with a row per target and a column per
/// source, or a rule that makes one. Each weight is in units of the target input per unit of the
/// source.
///
/// ```
/// use rate_model::{Weights, ndarray::arr2};
/// let matrix: Weights = arr2(&[[0.0, 0.5], [0.5, 0.0]]).into();
/// let literal: Weights = [[0.0, 0.5], [0.5, 0.0]].into();
/// let all_to_all: Weights = 0.1.into();
/// let one_to_one = Weights::from_fn(|target, source| if target == source { 1.0 } else { 0.0 });
/// # let _ = (matrix, literal, all_to_all, one_to_one);
/// ```
pub struct Weights(Kind);

enum Kind {
    Matrix { shape: [usize; 2], values: Vec<f64> },
    Rule(Box<dyn Fn(usize, usize) -> f64>),
}

impl Weights {
    /// A weight computed from the indices of target and source.
    pub fn from_fn(weight: impl Fn(usize, usize) -> f64 + 'static) -> Self {
        Self(Kind::Rule(Box::new(weight)))
    }

    /// The weights between populations of the given sizes, row by row.
    ///
    /// # Errors
    /// The shape of the matrix, when it is another.
    pub(super) fn resolve(self, targets: usize, sources: usize) -> Result<Vec<f64>, [usize; 2]> {
        match self.0 {
            Kind::Matrix { shape, values } if shape == [targets, sources] => Ok(values),
            Kind::Matrix { shape, .. } => Err(shape),
            Kind::Rule(weight) => {
                let row = |target| (0..sources).map(move |source| (target, source));
                let places = (0..targets).flat_map(row);
                Ok(places.map(|(target, source)| weight(target, source)).collect())
            }
        }
    }
}

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Matrix { shape, .. } => write!(f, "weights of shape {shape:?}"),
            Kind::Rule(_) => f.write_str("weights by a rule"),
        }
    }
}

/// The same weight between all pairs.
impl From<f64> for Weights {
    fn from(weight: f64) -> Self {
        Self::from_fn(move |_, _| weight)
    }
}

impl<const N: usize, const M: usize> From<[[f64; M]; N]> for Weights {
    fn from(rows: [[f64; M]; N]) -> Self {
        Self(Kind::Matrix { shape: [N, M], values: rows.into_iter().flatten().collect() })
    }
}

impl<S: Data<Elem = f64>> From<&ArrayBase<S, Ix2>> for Weights {
    fn from(matrix: &ArrayBase<S, Ix2>) -> Self {
        let (rows, columns) = matrix.dim();
        Self(Kind::Matrix { shape: [rows, columns], values: matrix.iter().copied().collect() })
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
    /// Lays out `matrix`, [targets, sources] row by row.
    pub(super) fn new(
        source: (usize, Place),
        target: (usize, usize),
        [targets, sources]: [usize; 2],
        matrix: &[f64],
    ) -> Self {
        let blocks = targets.div_ceil(BLOCK);
        let mut weights = vec![[T::default(); BLOCK]; blocks * sources];
        for row in 0..targets {
            for column in 0..sources {
                let weight = T::from_f64(matrix[row * sources + column]);
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
