//! One number for all units of a population, or one for each.

use ndarray::{Array, ArrayBase, Data, Dimension};

use crate::error::Error;
use crate::init::{Draw, Init};

/// Values given to a population: a number, an array of its shape or flat, or a function of the
/// unit's index.
///
/// ```
/// use rate_model::Values;
/// let shared: Values = 20.0.into();
/// let each: Values = vec![10.0, 20.0].into();
/// let ramp = Values::from_fn(|unit| unit as f64);
/// # let _ = (shared, each, ramp);
/// ```
pub struct Values(Kind);

enum Kind {
    Shared(f64),
    PerUnit { shape: Vec<usize>, values: Vec<f64> },
    Function(Box<dyn Fn(usize) -> f64>),
    Init(Init),
}

/// Why values do not fit a population.
pub(crate) enum Misfit {
    /// They have this shape.
    Shape(Vec<usize>),
    /// The initializer cannot be used.
    Init(String),
}

impl Values {
    /// A value computed from the index of each unit, in row-major order.
    pub fn from_fn(value: impl Fn(usize) -> f64 + 'static) -> Self {
        Self(Kind::Function(Box::new(value)))
    }

    /// The only number, if there is no more than one: 7, `[7]`.
    pub(crate) fn single(&self) -> Option<f64> {
        match &self.0 {
            Kind::Shared(value) => Some(*value),
            Kind::PerUnit { shape, values } if matches!(shape[..], [] | [1]) => {
                values.first().copied()
            }
            Kind::Init(init) => init.shared(),
            Kind::PerUnit { .. } | Kind::Function(_) => None,
        }
    }

    /// The initializer, if it is one.
    pub(crate) fn as_init(&self) -> Option<&Init> {
        if let Kind::Init(init) = &self.0 { Some(init) } else { None }
    }

    /// The values of a population of the given shape.
    ///
    /// # Errors
    /// Values whose shape is neither that of the population nor flat; wrong initializers.
    pub(crate) fn resolve(
        &self,
        dims: &[usize],
        len: usize,
        draw: Draw,
    ) -> Result<Resolved, Misfit> {
        match &self.0 {
            Kind::Shared(value) => Ok(Resolved::Shared(*value)),
            Kind::PerUnit { shape, values } if shape == dims || shape[..] == [len] => {
                Ok(Resolved::PerUnit(values.clone()))
            }
            Kind::PerUnit { shape, .. } => Err(Misfit::Shape(shape.clone())),
            Kind::Function(function) => Ok(Resolved::PerUnit((0..len).map(function).collect())),
            Kind::Init(init) => match init.shared() {
                Some(value) => Ok(Resolved::Shared(value)),
                None => init.values(dims, draw).map(Resolved::PerUnit).map_err(Misfit::Init),
            },
        }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Shared(value) => write!(f, "{value}"),
            Kind::PerUnit { shape, .. } => write!(f, "values of shape {shape:?}"),
            Kind::Function(_) => f.write_str("a function of the unit"),
            Kind::Init(init) => init.fmt(f),
        }
    }
}

impl Misfit {
    /// What a user is told who gave them to a population.
    pub(crate) fn into_error(self, population: String, what: String, dims: &[usize]) -> Error {
        match self {
            Self::Shape(found) => Error::Shape { population, what, found, expected: dims.to_vec() },
            Self::Init(problem) => Error::Initializer { population, what, problem },
        }
    }
}

/// Values known to fit a population.
#[derive(Clone, Debug)]
pub(crate) enum Resolved {
    Shared(f64),
    PerUnit(Vec<f64>),
}

impl Resolved {
    pub(crate) fn get(&self, unit: usize) -> f64 {
        match self {
            Self::Shared(value) => *value,
            Self::PerUnit(values) => values[unit],
        }
    }

    /// The values to look at to have seen them all, with a unit each is for.
    pub(crate) fn distinct(&self) -> &[f64] {
        match self {
            Self::Shared(value) => std::slice::from_ref(value),
            Self::PerUnit(values) => values,
        }
    }
}

impl From<Resolved> for Values {
    fn from(values: Resolved) -> Self {
        match values {
            Resolved::Shared(value) => value.into(),
            Resolved::PerUnit(values) => values.into(),
        }
    }
}

impl From<Init> for Values {
    fn from(init: Init) -> Self {
        Self(Kind::Init(init))
    }
}

impl From<f64> for Values {
    fn from(value: f64) -> Self {
        Self(Kind::Shared(value))
    }
}

impl From<Vec<f64>> for Values {
    fn from(values: Vec<f64>) -> Self {
        Self(Kind::PerUnit { shape: vec![values.len()], values })
    }
}

impl From<&[f64]> for Values {
    fn from(values: &[f64]) -> Self {
        values.to_vec().into()
    }
}

impl<const N: usize> From<[f64; N]> for Values {
    fn from(values: [f64; N]) -> Self {
        values.to_vec().into()
    }
}

impl From<i32> for Values {
    fn from(value: i32) -> Self {
        f64::from(value).into()
    }
}

impl From<Vec<i32>> for Values {
    fn from(values: Vec<i32>) -> Self {
        values.into_iter().map(f64::from).collect::<Vec<_>>().into()
    }
}

impl<const N: usize> From<[i32; N]> for Values {
    fn from(values: [i32; N]) -> Self {
        values.map(f64::from).into()
    }
}

impl<D: Dimension> From<Array<f64, D>> for Values {
    fn from(array: Array<f64, D>) -> Self {
        (&array).into()
    }
}

impl<S: Data<Elem = f64>, D: Dimension> From<&ArrayBase<S, D>> for Values {
    fn from(array: &ArrayBase<S, D>) -> Self {
        let (shape, values) = (array.shape().to_vec(), array.iter().copied().collect());
        Self(Kind::PerUnit { shape, values })
    }
}
