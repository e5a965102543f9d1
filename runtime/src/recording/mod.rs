//! What a simulation recorded, and the files it can be written to.
//!
//! A [`Trace`] is one recorded quantity of one population over time, a [`Recording`] all traces of a run.
//! Both are plain data: the fields are public, so a recording can be cut, joined or made by hand before
//! it is written.
//!
//! | File | Method | Feature |
//! |------|--------|---------|
//! | CSV, for any table program | `Trace::to_csv`, `Recording::to_csv` | `csv` |
//! | NPZ, for NumPy | `Recording::to_npz` | `npz` |
//! | SVG or PNG, a figure | `Trace::plot`, `Recording::plot` | `plot` |
//!
//! A file appears under its name only once it is complete, and replaces a file of that name. Every
//! method that writes returns a [`WriteError`]; none panics, whatever the values are.

#[cfg(feature = "csv")]
mod csv;
mod error;
#[cfg(any(
    feature = "csv",
    feature = "npz",
    feature = "plot",
    feature = "states",
    feature = "tvb"
))]
mod file;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "plot")]
mod plot;

use std::fmt::{Debug, Display, LowerExp};

use ndarray::{Array1, Array2};

pub use error::WriteError;
#[cfg(any(feature = "states", feature = "tvb"))]
pub(crate) use file::replace_file;
#[cfg(feature = "plot")]
pub use plot::PlotOptions;

/// A number a [`Trace`] can hold: `f32` or `f64`.
///
/// The trait is sealed, so that the file formats can rely on the two types NumPy, too, calls floats.
pub trait Sample:
    sealed::Sealed + Copy + Debug + Display + LowerExp + Into<f64> + Send + Sync + 'static
{
}

impl Sample for f32 {}
impl Sample for f64 {}

mod sealed {
    /// The part of [`Sample`](super::Sample) that other crates can neither see nor implement.
    #[cfg(feature = "npz")]
    pub trait Sealed: ndarray_npy::WritableElement {}
    /// The part of [`Sample`](super::Sample) that other crates can neither see nor implement.
    #[cfg(not(feature = "npz"))]
    pub trait Sealed {}

    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// One recorded quantity of one population: a table with a row per sample and a column per unit.
///
/// `time` must have as many elements as `values` has rows, and `labels` as many as it has columns;
/// whatever writes a trace returns [`WriteError::Shape`] otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace<T> {
    /// The population's name, such as `cortex`.
    pub population: String,
    /// The quantity in the modeller's spelling, which may be Greek, such as `ν_e`.
    pub quantity: String,
    /// The quantity in ASCII, such as `nu_e`; the names in NPZ files are made of it.
    pub quantity_ascii: String,
    /// The unit of `values`, such as `Hz`; empty for a quantity without dimension.
    pub unit: String,
    /// The time of each sample, in `time_unit`. Shape `[n_samples]`.
    pub time: Array1<f64>,
    /// The unit of `time`, such as `ms`; empty for a model without units.
    pub time_unit: String,
    /// The name of each recorded unit, such as an area or `ν_e[0]`. Length `n_units`.
    pub labels: Vec<String>,
    /// The recorded values, in `unit`. Shape `[n_samples, n_units]`.
    pub values: Array2<T>,
}

#[cfg(any(feature = "csv", feature = "npz", feature = "plot"))]
impl<T> Trace<T> {
    /// The name of the trace in messages, as in `cortex.ν_e`.
    fn name(&self) -> String {
        format!("{}.{}", self.population, self.quantity)
    }

    /// Checks that `time` and `labels` fit `values`.
    fn check_shape(&self) -> Result<(), WriteError> {
        let (rows, columns) = self.values.dim();
        if self.time.len() == rows && self.labels.len() == columns {
            return Ok(());
        }
        Err(WriteError::Shape {
            trace: self.name(),
            rows,
            columns,
            times: self.time.len(),
            labels: self.labels.len(),
        })
    }
}

/// All traces of a run, in the order in which they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording<T> {
    /// The recorded traces. They may have different time axes and numbers of units.
    pub traces: Vec<Trace<T>>,
}

#[cfg(any(feature = "csv", feature = "npz", feature = "plot"))]
impl<T> Recording<T> {
    /// Checks that there is something to write, and that each trace's parts fit each other.
    fn check(&self) -> Result<(), WriteError> {
        if self.traces.is_empty() {
            return Err(WriteError::Empty);
        }
        self.traces.iter().try_for_each(Trace::check_shape)
    }
}

/// `name (unit)`, or `name` alone for a quantity without dimension.
#[cfg(any(feature = "csv", feature = "plot"))]
fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

#[cfg(all(test, any(feature = "csv", feature = "npz", feature = "plot")))]
pub(crate) mod tests {
    use ndarray::array;

    use super::*;

    /// Two samples of two areas of a cortex.
    pub(crate) fn cortex() -> Trace<f64> {
        Trace {
            population: "cortex".into(),
            quantity: "ν_e".into(),
            quantity_ascii: "nu_e".into(),
            unit: "Hz".into(),
            time: array![0.0, 0.1],
            time_unit: "ms".into(),
            labels: vec!["V1".into(), "V2".into()],
            values: array![[1.0, 2.5], [0.1, -3.0]],
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_named() {
        let mut trace = cortex();
        trace.labels.pop();
        let error = trace.check_shape().unwrap_err().to_string();
        assert_eq!(
            error,
            "trace `cortex.ν_e` has values of shape [2, 2], but times: 2, labels: 1; give one time for each \
             row of `values` and one label for each column"
        );
    }

    #[test]
    fn a_recording_without_traces_is_an_error() {
        let error = Recording::<f32>::default().check().unwrap_err();
        assert!(matches!(error, WriteError::Empty));
    }
}
