//! What a sweep came to.

use ndarray::{ArrayD, IxDyn};

use super::{Axis, SweepPoint};

/// The results of a sweep: an array with an axis for each axis of the sweep, and one for the outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepResults {
    /// The axes, in the order in which they were given, with their points.
    pub axes: Vec<Axis>,
    /// The names of the outputs, which are the last axis.
    pub outputs: Vec<String>,
    /// The results; NaN of members that failed.
    pub values: ArrayD<f64>,
    /// Members that failed, in the order of their indices.
    pub failures: Vec<Failure>,
    /// Which members have results.
    pub(super) is_done: Vec<bool>,
}

/// A member that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Where it was.
    pub point: SweepPoint,
    /// What went wrong.
    pub message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "member {}", self.point.index)?;
        for (place, (name, value)) in self.point.coordinates.iter().enumerate() {
            write!(f, "{}{name} = {value}", if place == 0 { " at " } else { ", " })?;
        }
        write!(f, ": {}", self.message)
    }
}

impl SweepResults {
    pub(super) fn empty(axes: &[Axis], outputs: &[String]) -> Self {
        let mut shape: Vec<usize> = axes.iter().map(|axis| axis.points.len()).collect();
        let count = shape.iter().product();
        shape.push(outputs.len());
        Self {
            axes: axes.to_vec(),
            outputs: outputs.to_vec(),
            values: ArrayD::from_elem(IxDyn(&shape), f64::NAN),
            failures: Vec::new(),
            is_done: vec![false; count],
        }
    }

    pub(super) fn count(&self) -> usize {
        self.is_done.len()
    }

    pub(super) fn put(&mut self, point: SweepPoint, result: Result<Vec<f64>, String>) {
        match result {
            Ok(values) => {
                let first = point.index * self.outputs.len();
                let all = self.values.as_slice_mut().unwrap_or_default();
                for (own, value) in all.iter_mut().skip(first).zip(values) {
                    *own = value;
                }
                self.is_done[point.index] = true;
            }
            Err(message) => {
                let place = self.failures.partition_point(|one| one.point.index < point.index);
                self.failures.insert(place, Failure { point, message });
            }
        }
    }

    /// The values of one output, with an axis for each axis of the sweep; `None` when there is no such
    /// output.
    pub fn output(&self, name: &str) -> Option<ArrayD<f64>> {
        let place = self.outputs.iter().position(|output| output == name)?;
        let last = ndarray::Axis(self.values.ndim() - 1);
        Some(self.values.index_axis(last, place).to_owned())
    }
}
