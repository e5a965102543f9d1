//! Delays as users give them, and in steps.

use ndarray::{ArrayBase, Data, Ix2};

use super::weights::Sparse;
use crate::error::Error;
use crate::time::{Time, ms};

/// Delays of a projection: one for all connections, or one for each.
///
/// ```
/// use rate_model::{Delays, ms, ndarray::arr2};
/// let all_alike: Delays = ms(10.0).into();
/// // A row per target and a column per source, in milliseconds.
/// let each = Delays::matrix(ms(1.0), &arr2(&[[0.0, 4.2], [8.5, 0.0]]));
/// // Lengths of tracts in mm, and a conduction speed of 6 m/s, which is 6 mm/ms.
/// let tracts = Delays::tracts(&arr2(&[[0.0, 25.0], [51.0, 0.0]]), 6.0);
/// let ring = Delays::from_fn(ms(1.0), |target, source| 0.1 * target.abs_diff(source) as f64);
/// # let _ = (all_alike, each, tracts, ring);
/// ```
pub struct Delays(Kind);

enum Kind {
    All(Time),
    Matrix { unit: Time, shape: [usize; 2], values: Vec<f64> },
    Tracts { speed: f64, shape: [usize; 2], lengths: Vec<f64> },
    Rule { unit: Time, value: Box<dyn Fn(usize, usize) -> f64> },
}

impl Delays {
    /// A delay for each pair, [targets, sources], counted in `unit`. Where there is no connection
    /// (a weight of 0, or none), it does not matter.
    pub fn matrix<S: Data<Elem = f64>>(unit: impl Into<Time>, delays: &ArrayBase<S, Ix2>) -> Self {
        let (rows, columns) = delays.dim();
        let values = delays.iter().copied().collect();
        Self(Kind::Matrix { unit: unit.into(), shape: [rows, columns], values })
    }

    /// Lengths of the connections in mm, [targets, sources], over a conduction speed in m/s (which
    /// is mm/ms).
    pub fn tracts<S: Data<Elem = f64>>(lengths: &ArrayBase<S, Ix2>, speed: f64) -> Self {
        let (rows, columns) = lengths.dim();
        let lengths = lengths.iter().copied().collect();
        Self(Kind::Tracts { speed, shape: [rows, columns], lengths })
    }

    /// A delay computed from the indices of target and source, counted in `unit`.
    pub fn from_fn(unit: impl Into<Time>, delay: impl Fn(usize, usize) -> f64 + 'static) -> Self {
        Self(Kind::Rule { unit: unit.into(), value: Box::new(delay) })
    }

    /// Whether all connections have the same.
    pub(crate) fn is_uniform(&self) -> bool {
        matches!(self.0, Kind::All(_))
    }

    /// The delays of connections between populations of the given sizes.
    pub(crate) fn fit(
        self,
        [targets, sources]: [usize; 2],
        connections: &Sparse,
    ) -> Result<Late, Unfit> {
        let each = |delay: &dyn Fn(usize, usize) -> f64| {
            let places = connections.connections();
            places.map(|(target, source, _)| delay(target, source)).collect::<Vec<_>>()
        };
        let matrix = |unit: Time, shape: [usize; 2], value: &dyn Fn(usize) -> f64| {
            if shape != [targets, sources] {
                return Err(Unfit::Shape(shape));
            }
            Ok(Late { unit, values: each(&|target, source| value(target * sources + source)) })
        };
        let late = match self.0 {
            Kind::All(time) => {
                let value = time.value();
                if !(value >= 0.0 && value.is_finite()) {
                    return Err(Unfit::All(time));
                }
                return Ok(Late { unit: time.with_value(1.0), values: vec![value] });
            }
            Kind::Matrix { unit, shape, values } => matrix(unit, shape, &|place| values[place])?,
            Kind::Tracts { speed, shape, lengths } => {
                if !(speed > 0.0 && speed.is_finite()) {
                    return Err(Unfit::Speed(speed));
                }
                matrix(ms(1.0), shape, &|place| lengths[place] / speed)?
            }
            Kind::Rule { unit, value } => Late { unit, values: each(&value) },
        };
        let wrong = |(_, _, place): &(usize, usize, usize)| {
            !(late.values[*place] >= 0.0 && late.values[*place].is_finite())
        };
        match connections.connections().find(wrong) {
            None => Ok(late),
            Some((target, source, place)) => Err(Unfit::Connection {
                target,
                source,
                delay: late.unit.with_value(late.values[place] * late.unit.value()),
            }),
        }
    }
}

impl<T: Into<Time>> From<T> for Delays {
    fn from(delay: T) -> Self {
        Self(Kind::All(delay.into()))
    }
}

impl std::fmt::Debug for Delays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::All(time) => write!(f, "{time}"),
            Kind::Matrix { shape, .. } => write!(f, "delays of shape {shape:?}"),
            Kind::Tracts { shape, speed, .. } => {
                write!(f, "lengths of shape {shape:?} at {speed} m/s")
            }
            Kind::Rule { .. } => f.write_str("delays by a rule"),
        }
    }
}

/// Why delays do not fit.
pub(crate) enum Unfit {
    /// A matrix of another shape.
    Shape([usize; 2]),
    /// A speed that is not positive.
    Speed(f64),
    /// A delay of all connections that is negative or not finite.
    All(Time),
    /// A delay of one connection that is.
    Connection { target: usize, source: usize, delay: Time },
}

/// Delays that fit two populations: one for all connections, or one for each.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    unit: Time,
    values: Vec<f64>,
}

impl Late {
    /// Whether there is one delay, of however many connections.
    pub(crate) fn is_one(&self) -> bool {
        self.values.len() == 1
    }

    /// Whether others can stand beside these in one list; if one delay stands for all, it must be the
    /// same.
    pub(crate) fn is_like(&self, other: &Self, is_uniform: bool) -> bool {
        let is_uniform = is_uniform && (self.is_one() || other.is_one());
        self.unit == other.unit && (!is_uniform || self.values == other.values)
    }

    /// All delays of several projections.
    pub(crate) fn beside<'a>(mut parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = parts.next().cloned().unwrap_or(Self { unit: ms(1.0), values: Vec::new() });
        parts.for_each(|part| all.values.extend(&part.values));
        all
    }

    /// All delays, and their unit.
    pub(crate) fn values(&self) -> (&[f64], Time) {
        (&self.values, self.unit)
    }

    /// All delays in steps.
    pub(crate) fn steps(&self, dt: Time) -> Result<Vec<f64>, Error> {
        let mixed = Error::MixedTime { duration: self.unit, dt };
        let unit = self.unit.in_base_of(dt).ok_or(mixed)?;
        Ok(self.values.iter().map(|value| value * unit / dt.value()).collect())
    }
}
