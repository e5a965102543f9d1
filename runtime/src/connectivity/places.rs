//! Where units lie, and what a weight is at a distance.

use ndarray::{Array2, ArrayView2};

use super::ConnectivityError;
use crate::units::fits_into_memory;

/// Where the units of a population lie, and so how far apart they are. Units are counted as in a population
/// of this shape, the last index first.
///
/// ```
/// use rate_model::connectivity::Places;
/// let ring = Places::ring(100, 0.5)?;
/// assert_eq!(ring.distance(0, 99), 0.5);
/// let torus = Places::torus(4, 6, 1.0)?;
/// assert_eq!(torus.distance(0, 5), 1.0); // (0, 0) and (0, 5)
/// # Ok::<(), rate_model::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    points: Vec<[f64; 3]>,
    /// Along each axis the length after which space repeats; infinite where it does not.
    periods: [f64; 3],
}

impl Places {
    /// On a line, `spacing` apart.
    ///
    /// # Errors
    /// A spacing that is not positive and finite; more units than fit into memory.
    pub fn line(units: usize, spacing: f64) -> Result<Self, ConnectivityError> {
        Self::grid(1, units, spacing)
    }

    /// On a ring, `spacing` apart along it. Distances are the shorter way around.
    ///
    /// # Errors
    /// As [`line`](Self::line).
    pub fn ring(units: usize, spacing: f64) -> Result<Self, ConnectivityError> {
        Self::lattice([1, units], spacing, [f64::INFINITY, units as f64 * spacing])
    }

    /// On a grid of rows and columns, `spacing` apart, as a population of the shape [rows, columns].
    ///
    /// # Errors
    /// As [`line`](Self::line).
    pub fn grid(rows: usize, columns: usize, spacing: f64) -> Result<Self, ConnectivityError> {
        Self::lattice([rows, columns], spacing, [f64::INFINITY; 2])
    }

    /// The same with edges joined to the opposite ones. Distances are the shortest.
    ///
    /// # Errors
    /// As [`line`](Self::line).
    pub fn torus(rows: usize, columns: usize, spacing: f64) -> Result<Self, ConnectivityError> {
        let periods = [rows, columns].map(|units| units as f64 * spacing);
        Self::lattice([rows, columns], spacing, periods)
    }

    /// At points, such as the centres of a connectome: one to three coordinates each, [unit, coordinate].
    ///
    /// # Errors
    /// Another number of coordinates; coordinates that are not finite.
    pub fn at<'a>(points: impl Into<ArrayView2<'a, f64>>) -> Result<Self, ConnectivityError> {
        let points = points.into();
        if !(1..=3).contains(&points.ncols()) {
            let (what, found) = ("points", points.shape().to_vec());
            return Err(ConnectivityError::Shape {
                what,
                found,
                expected: vec![points.nrows(), 3],
            });
        }
        if let Some(((unit, axis), value)) = points.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let (what, place, wants) = ("points", vec![unit, axis], "finite number");
            return Err(ConnectivityError::Value { what, place, value: *value, wants });
        }
        let point = |unit| {
            let mut point = [0.0; 3];
            for (to, from) in point.iter_mut().zip(points.row(unit)) {
                *to = *from;
            }
            point
        };
        let points = (0..points.nrows()).map(point).collect();
        Ok(Self { points, periods: [f64::INFINITY; 3] })
    }

    fn lattice(
        [rows, columns]: [usize; 2],
        spacing: f64,
        periods: [f64; 2],
    ) -> Result<Self, ConnectivityError> {
        if !(spacing > 0.0 && spacing.is_finite()) {
            let (what, wants) = ("the spacing of units", "a positive, finite one");
            return Err(ConnectivityError::Parameter { what, value: spacing, wants });
        }
        if !fits_into_memory::<[f64; 3]>(rows, columns) {
            return Err(ConnectivityError::TooMany { targets: rows, sources: columns });
        }
        let row = |row| (0..columns).map(move |column| [row as f64, column as f64]);
        let point = |[row, column]: [f64; 2]| [row * spacing, column * spacing, 0.0];
        let points = (0..rows).flat_map(row).map(point).collect();
        Ok(Self { points, periods: [periods[0], periods[1], f64::INFINITY] })
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// How far two units are apart.
    ///
    /// # Panics
    /// When there is no such unit, as the index of a slice.
    pub fn distance(&self, one: usize, other: usize) -> f64 {
        let along = |axis: usize| {
            let apart = (self.points[one][axis] - self.points[other][axis]).abs();
            apart.min(self.periods[axis] - apart)
        };
        let [x, y, z] = [0, 1, 2].map(along);
        if y == 0.0 && z == 0.0 { x } else { (x * x + y * y + z * z).sqrt() }
    }

    /// All distances, [unit, unit]; over a speed they are delays.
    ///
    /// # Errors
    /// [`ConnectivityError::TooMany`] when they do not fit into memory.
    pub fn distances(&self) -> Result<Array2<f64>, ConnectivityError> {
        let units = self.len();
        if !fits_into_memory::<f64>(units, units) {
            return Err(ConnectivityError::TooMany { targets: units, sources: units });
        }
        Ok(Array2::from_shape_fn((units, units), |(one, other)| self.distance(one, other)))
    }
}

/// What a weight, or the probability of a connection, is at a distance d. Lengths are in the unit of the
/// places.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Profile {
    /// `peak` exp(-d²/(2 `sigma`²)).
    Gaussian {
        /// The value at distance 0.
        peak: f64,
        /// The standard deviation.
        sigma: f64,
    },
    /// The difference of two Gaussians, excitation that is surrounded by inhibition where it is narrower:
    /// the "Mexican hat" (S. Amari, Biol. Cybern. 27:77, 1977).
    DifferenceOfGaussians {
        /// The value of the first at distance 0.
        excitation: f64,
        /// Its standard deviation.
        sigma_e: f64,
        /// The value of the second at distance 0, which is subtracted.
        inhibition: f64,
        /// Its standard deviation.
        sigma_i: f64,
    },
    /// `peak` exp(-d/`length`): the exponential distance rule of tracing studies (M. Ercsey-Ravasz et al.,
    /// Neuron 80:184, 2013, with a length of 1/0.19 mm in the macaque).
    Exponential {
        /// The value at distance 0.
        peak: f64,
        /// The distance over which it falls to 1/e.
        length: f64,
    },
}

impl Profile {
    /// The value at a distance.
    pub fn at(self, distance: f64) -> f64 {
        let gaussian = |peak: f64, sigma: f64| {
            let ratio = distance / sigma;
            peak * libm::exp(-0.5 * ratio * ratio)
        };
        match self {
            Self::Gaussian { peak, sigma } => gaussian(peak, sigma),
            Self::DifferenceOfGaussians { excitation, sigma_e, inhibition, sigma_i } => {
                gaussian(excitation, sigma_e) - gaussian(inhibition, sigma_i)
            }
            Self::Exponential { peak, length } => peak * libm::exp(-distance / length),
        }
    }

    /// Checks that values are finite and lengths positive.
    pub(super) fn check(self) -> Result<Self, ConnectivityError> {
        let (peaks, lengths): (Vec<_>, Vec<_>) = match self {
            Self::Gaussian { peak, sigma } => (vec![peak], vec![("sigma", sigma)]),
            Self::DifferenceOfGaussians { excitation, sigma_e, inhibition, sigma_i } => {
                (vec![excitation, inhibition], vec![("sigma_e", sigma_e), ("sigma_i", sigma_i)])
            }
            Self::Exponential { peak, length } => (vec![peak], vec![("length", length)]),
        };
        if let Some(value) = peaks.into_iter().find(|peak| !peak.is_finite()) {
            let (what, wants) = ("the value of a profile at distance 0", "a finite number");
            return Err(ConnectivityError::Parameter { what, value, wants });
        }
        let wrong = |(_, length): &(_, f64)| !(*length > 0.0 && length.is_finite());
        match lengths.into_iter().find(wrong) {
            None => Ok(self),
            Some((what, value)) => {
                let wants = "a positive, finite length";
                Err(ConnectivityError::Parameter { what, value, wants })
            }
        }
    }
}
