//! Noise correlated across units: the number of each unit is a weighted sum of independent ones.

use ndarray::{ArrayBase, Data, Ix2};

use crate::instructions::Job;
use crate::lanes::Real;
use crate::units::{BLOCK, Tile, fits_into_memory};

/// How the units of a population share a noise: given to
/// [`Population::mix`](crate::Population::mix) or [`GroupBuilder::mix`](crate::group::GroupBuilder::mix).
///
/// A matrix M of shape \[units, sources\] makes the numbers of the units M·z of independent standard
/// normal numbers z, one for each source: pure numbers, of covariance M·Mᵀ. Or that covariance is
/// given.
///
/// ```
/// use rate_model::prelude::*;
/// use rate_model::{Mixing, ndarray::arr2};
///
/// rate_model! {
///     model Area {
///         param tau: ms = 20 where tau > 0;  param σ: Hz = 2;
///         noise ξ: white;                    state r: Hz = 0;
///         tau dr/dt = -r + σ*sqrt(tau)*ξ;
///     }
/// }
/// // All of the noise of two areas is common to them; the third has its own.
/// let common = Population::<Area>::new("common", 3).mix(Area::ξ, [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
/// // Neighbours on a line are correlated by a half.
/// let correlation = arr2(&[[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]);
/// let areas = Population::<Area>::new("areas", 3).mix(Area::ξ, Mixing::covariance(&correlation));
/// let mut network = Network::new();
/// network.add(common)?;
/// network.add(areas)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Mixing(Kind);

#[derive(Clone)]
enum Kind {
    Matrix(Matrix),
    Covariance(Matrix),
}

/// Row by row.
#[derive(Clone)]
struct Matrix {
    shape: [usize; 2],
    values: Vec<f64>,
}

/// Why a noise cannot be mixed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MixingError {
    /// A matrix without a row for each unit, or without sources.
    #[error(
        "the matrix has shape {found:?}, expected [{units}, sources] (row = unit, column = source, at least one)"
    )]
    Shape {
        /// Its shape.
        found: [usize; 2],
        /// How many units there are.
        units: usize,
    },
    /// A covariance of another shape.
    #[error("the covariance has shape {found:?}, expected [{units}, {units}]")]
    CovarianceShape {
        /// Its shape.
        found: [usize; 2],
        /// How many units there are.
        units: usize,
    },
    /// An entry that is infinite or NaN.
    #[error("entry [{row}, {column}] is {value}: give a finite number")]
    NotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// A covariance that is not symmetric.
    #[error(
        "the covariance is not symmetric: entry [{row}, {column}] is {value}, and [{column}, {row}] is {mirrored}"
    )]
    NotSymmetric {
        /// The row of an entry.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry.
        value: f64,
        /// The one on the other side of the diagonal.
        mirrored: f64,
    },
    /// A matrix that is the covariance of nothing.
    #[error(
        "the matrix is the covariance of nothing: given the units before it, unit {unit} would have the variance {variance}; a covariance is positive semidefinite (rounded numbers can be repaired by adding a little to the diagonal)"
    )]
    NotPositive {
        /// A unit.
        unit: usize,
        /// What is left of its variance.
        variance: f64,
    },
    /// A noise that is multiplied with what moves, and has not the variance 1.
    #[error(
        "the noise is multiplied with what depends on states or time, so each unit must have the variance 1, and unit {unit} has {variance}: make its row one of length 1, and put the length, {}, into the equation", .variance.sqrt()
    )]
    Variance {
        /// The unit.
        unit: usize,
        /// Its variance: of M·Mᵀ the entry on the diagonal.
        variance: f64,
    },
    /// Ornstein–Uhlenbeck noise whose correlation time differs between units.
    #[error(
        "its correlation times differ, {first} for unit 0 and {other} for unit {unit}: units that share noise have one correlation time"
    )]
    CorrelationTimes {
        /// The correlation time of the first unit.
        first: f64,
        /// A unit with another one.
        unit: usize,
        /// Its correlation time.
        other: f64,
    },
    /// A matrix that does not fit into memory.
    #[error("{units} × {sources} weights do not fit into memory")]
    TooLarge {
        /// How many units there are.
        units: usize,
        /// How many sources.
        sources: usize,
    },
}

impl Mixing {
    /// Noise of a given covariance between units, of shape \[units, units\]; a matrix of correlations
    /// is one with ones on the diagonal. It may be singular, where units have noise in common.
    ///
    /// It is taken apart by Cholesky's factorisation with the largest pivot first (N. J. Higham, Analysis
    /// of the Cholesky decomposition of a semi-definite matrix, in: Reliable Numerical Computation, Oxford
    /// University Press 1990): as many sources as it has rank, to 15 digits of its largest entry.
    pub fn covariance<S: Data<Elem = f64>>(matrix: &ArrayBase<S, Ix2>) -> Self {
        Self(Kind::Covariance(matrix.into()))
    }

    /// The weights for so many units, again for each of some members. Units are named by their place.
    pub(crate) fn fit<T: Real>(
        &self,
        units: usize,
        members: usize,
    ) -> Result<Mixed<T>, MixingError> {
        let given = match &self.0 {
            Kind::Matrix(matrix) | Kind::Covariance(matrix) => matrix,
        };
        let (is_covariance, found) = (matches!(self.0, Kind::Covariance(_)), given.shape);
        if is_covariance && found != [units; 2] {
            return Err(MixingError::CovarianceShape { found, units });
        }
        if found[0] != units || found[1] == 0 && units > 0 {
            return Err(MixingError::Shape { found, units });
        }
        given.check_finite::<T>()?;
        let factor;
        let matrix = if is_covariance {
            given.check_symmetric()?;
            factor = given.factor()?;
            &factor
        } else {
            given
        };
        Mixed::new(matrix, members)
    }
}

impl Matrix {
    fn get(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.shape[1] + column]
    }

    /// In the precision that it is used in.
    fn check_finite<T: Real>(&self) -> Result<(), MixingError> {
        let is_wrong = |value: &f64| !T::from_f64(*value).is_finite();
        match self.values.iter().position(is_wrong) {
            None => Ok(()),
            Some(place) => {
                let (row, column) = (place / self.shape[1], place % self.shape[1]);
                Err(MixingError::NotFinite { row, column, value: self.values[place] })
            }
        }
    }

    fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |largest, value| value.abs().max(largest))
    }

    fn check_symmetric(&self) -> Result<(), MixingError> {
        let rounding = 1e-9 * self.largest();
        for row in 0..self.shape[0] {
            for column in 0..row {
                let (value, mirrored) = (self.get(row, column), self.get(column, row));
                if (value - mirrored).abs() > rounding {
                    return Err(MixingError::NotSymmetric { row, column, value, mirrored });
                }
            }
        }
        Ok(())
    }

    /// A matrix L with L·Lᵀ = this, symmetric one, and as many columns as it has rank.
    fn factor(&self) -> Result<Self, MixingError> {
        let (n, largest) = (self.shape[0], self.largest());
        let rounding = 1e-15 * n as f64 * largest;
        let mut rest = self.values.clone();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        while columns.len() < n.max(1) {
            let variance = |unit: &usize| rest[unit * n + unit];
            let pivot = (0..n).max_by(|a, b| variance(a).total_cmp(&variance(b)));
            let Some(pivot) = pivot.filter(|pivot| variance(pivot) > rounding) else { break };
            let root = variance(&pivot).sqrt();
            let column: Vec<f64> = (0..n).map(|row| rest[row * n + pivot] / root).collect();
            for row in 0..n {
                for other in 0..n {
                    rest[row * n + other] -= column[row] * column[other];
                }
            }
            // What is left there is rounding, and must not be a pivot again.
            (0..n).for_each(|other| rest[pivot * n + other] = 0.0);
            (0..n).for_each(|other| rest[other * n + pivot] = 0.0);
            columns.push(column);
        }
        // Of a covariance nothing is left.
        for unit in 0..n {
            let left = rest[unit * n..][..n].iter().fold(0.0, |left, x| x.abs().max(left));
            if left > 1e-9 * largest {
                let own = rest[unit * n + unit];
                let variance = if own < 0.0 { own } else { -left };
                return Err(MixingError::NotPositive { unit, variance });
            }
        }
        if columns.is_empty() {
            columns.push(vec![0.0; n]);
        }
        let sources = columns.len();
        let place = |place: usize| columns[place % sources][place / sources];
        Ok(Self { shape: [n, sources], values: (0..n * sources).map(place).collect() })
    }
}

/// A matrix that fits a population, for one member.
#[derive(Clone, Debug)]
pub(crate) struct Mixed<T> {
    units: usize,
    sources: usize,
    members: usize,
    /// For each block of units the columns of the matrix.
    columns: Vec<Tile<T>>,
    /// For each unit the variance of its numbers.
    variances: Vec<f64>,
}

impl<T: Real> Mixed<T> {
    fn new(matrix: &Matrix, members: usize) -> Result<Self, MixingError> {
        let [units, sources] = matrix.shape;
        let independent = members.saturating_mul(sources);
        if !(fits_into_memory::<T>(units, sources) && fits_into_memory::<T>(independent, 1)) {
            return Err(MixingError::TooLarge { units, sources });
        }
        let mut columns = vec![Tile::of(T::default()); units.div_ceil(BLOCK) * sources];
        for unit in 0..units {
            for source in 0..sources {
                let column = &mut columns[unit / BLOCK * sources + source];
                column[unit % BLOCK] = T::from_f64(matrix.get(unit, source));
            }
        }
        let variance =
            |unit| (0..sources).map(|source| matrix.get(unit, source).powi(2)).sum::<f64>();
        let variances = (0..units).map(variance).collect();
        Ok(Self { units, sources, members, columns, variances })
    }

    /// How many independent numbers it is given.
    pub(crate) fn independent(&self) -> usize {
        self.members * self.sources
    }

    /// An error unless all units have the variance 1, as what is made of squares of the numbers wants
    /// it.
    pub(crate) fn check_variances(&self) -> Result<(), MixingError> {
        let is_wrong = |variance: &f64| (variance - 1.0).abs() > 1e-6;
        match self.variances.iter().position(is_wrong) {
            None => Ok(()),
            Some(unit) => Err(MixingError::Variance { unit, variance: self.variances[unit] }),
        }
    }

    /// The numbers of the units, of independent ones: member by member, both.
    pub(crate) fn mix(&self, independent: &[T], into: &mut [T]) {
        T::mix(Mix { mixed: self, independent, into });
    }
}

/// Mixes noise. Sums are in the order of the sources, each operation rounded by itself: the same bits
/// for vectors of any width.
pub struct Mix<'a, T> {
    mixed: &'a Mixed<T>,
    independent: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Job for Mix<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { mixed: Mixed { units, sources, columns, .. }, independent, into } = self;
        if into.is_empty() {
            return;
        }
        let members = independent.chunks_exact(*sources).zip(into.chunks_exact_mut(*units));
        for (independent, into) in members {
            let blocks = into.chunks_mut(BLOCK).zip(columns.chunks_exact(*sources));
            for (into, columns) in blocks {
                let mut sum = Tile::of(T::default());
                for (column, number) in columns.iter().zip(independent) {
                    for lane in 0..BLOCK {
                        sum[lane] += column[lane] * *number;
                    }
                }
                into.copy_from_slice(&sum[..into.len()]);
            }
        }
    }
}

impl std::fmt::Debug for Mixing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Matrix(matrix) => write!(f, "a mixing matrix of shape {:?}", matrix.shape),
            Kind::Covariance(matrix) => write!(f, "a covariance of shape {:?}", matrix.shape),
        }
    }
}

impl<S: Data<Elem = f64>> From<&ArrayBase<S, Ix2>> for Matrix {
    fn from(matrix: &ArrayBase<S, Ix2>) -> Self {
        let (rows, columns) = matrix.dim();
        Self { shape: [rows, columns], values: matrix.iter().copied().collect() }
    }
}

impl<S: Data<Elem = f64>> From<&ArrayBase<S, Ix2>> for Mixing {
    fn from(matrix: &ArrayBase<S, Ix2>) -> Self {
        Self(Kind::Matrix(matrix.into()))
    }
}

impl From<ndarray::Array2<f64>> for Mixing {
    fn from(matrix: ndarray::Array2<f64>) -> Self {
        (&matrix).into()
    }
}

impl<const N: usize, const K: usize> From<[[f64; K]; N]> for Mixing {
    fn from(rows: [[f64; K]; N]) -> Self {
        let values = rows.into_iter().flatten().collect();
        Self(Kind::Matrix(Matrix { shape: [N, K], values }))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;
    use crate::instructions::InstructionSet;

    /// L·Lᵀ of what a covariance is taken apart into, and its rank.
    fn again(covariance: &Array2<f64>) -> Result<(Array2<f64>, usize), MixingError> {
        let matrix = Matrix::from(covariance);
        let factor = matrix.factor()?;
        let factor = Array2::from_shape_vec(factor.shape, factor.values).unwrap();
        Ok((factor.dot(&factor.t()), factor.ncols()))
    }

    #[test]
    fn covariances_are_taken_apart() {
        // As smooth as that, all but a few of 40 eigenvalues are below rounding.
        let smooth = Array2::from_shape_fn((40, 40), |(i, j)| {
            (-((i as f64 - j as f64) / 15.0).powi(2)).exp()
        });
        let rough = Array2::from_shape_fn((40, 40), |(i, j)| {
            3.0 * (-(i as f64 - j as f64).abs() / 4.0).exp()
        });
        let common = Array2::from_elem((5, 5), 0.25);
        for (covariance, ranks) in
            [(&smooth, 8..20), (&rough, 40..41), (&common, 1..2), (&Array2::zeros((3, 3)), 1..2)]
        {
            let (found, rank) = again(covariance).unwrap();
            let most = (&found - covariance).iter().fold(0.0, |most: f64, x| x.abs().max(most));
            assert!(most < 1e-13, "{most}");
            assert!(ranks.contains(&rank), "rank {rank}");
        }
    }

    #[test]
    fn what_is_no_covariance_is_refused() {
        for matrix in [
            arr2(&[[1.0, 2.0], [2.0, 1.0]]),
            arr2(&[[-1.0, 0.0], [0.0, 1.0]]),
            arr2(&[[0.0, 0.1], [0.1, 0.0]]),
        ] {
            let error = again(&matrix).unwrap_err();
            let is_right = |error: &_| matches!(error, MixingError::NotPositive { variance, .. } if *variance < 0.0);
            assert!(is_right(&error), "{error}");
        }
        let leaning = Mixing::covariance(&arr2(&[[1.0, 0.5], [0.4, 1.0]])).fit::<f64>(2, 1);
        let expected = MixingError::NotSymmetric { row: 1, column: 0, value: 0.4, mirrored: 0.5 };
        assert_eq!(leaning.unwrap_err(), expected);
    }

    /// The same bits on every instruction set, and those of a sum written out; for two members.
    #[test]
    fn numbers_are_mixed_in_order() {
        let (units, sources, members) = (70, 9, 2);
        let weight = |unit: usize, source: usize| ((7 * unit + 3 * source) % 11) as f64 / 7.3 - 0.4;
        let matrix = Array2::from_shape_fn((units, sources), |(i, j)| weight(i, j));
        let mixed = Mixing::from(&matrix).fit::<f64>(units, members).unwrap();
        let independent: Vec<f64> = (0..18).map(|i| (f64::from(i) * 1.7).sin()).collect();
        let expected: Vec<f64> = (0..units * members)
            .map(|place| {
                let (member, unit) = (place / units, place % units);
                let mut sum = 0.0;
                for source in 0..sources {
                    sum += weight(unit, source) * independent[member * sources + source];
                }
                sum
            })
            .collect();
        for set in InstructionSet::available() {
            let mut into = vec![0.0; units * members];
            set.run(Mix { mixed: &mixed, independent: &independent, into: &mut into });
            assert_eq!(into, expected, "{set:?}");
        }
    }
}
