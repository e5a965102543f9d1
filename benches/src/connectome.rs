//! The connectome of W5 and W6: synthetic, and written to a file so that all sides read one.

use std::io::Write;
use std::path::Path;

use ndarray::Array2;

use crate::error::Error;
use crate::numbers::{normal, uniform};

/// Conduction speed in m/s, which is mm/ms.
pub(crate) const SPEED: f64 = 10.0;

/// The step in ms.
pub(crate) const DT: f64 = 0.1;

/// Weights and lengths between nodes, [target, source].
pub(crate) struct Connectome {
    /// Symmetric log-normal numbers (of N(0, 1)), each row divided by its sum; 0 on the diagonal.
    pub(crate) weights: Array2<f64>,
    /// Symmetric, between 10 and 150 mm; 0 on the diagonal.
    pub(crate) lengths: Array2<f64>,
}

impl Connectome {
    /// The one with so many nodes.
    pub(crate) fn new(nodes: usize) -> Self {
        let pair =
            |(target, source): (usize, usize)| (target * nodes + source, source * nodes + target);
        let mut weights = Array2::from_shape_fn((nodes, nodes), |at| {
            let (there, back) = pair(at);
            f64::midpoint(normal(10, there).exp(), normal(10, back).exp())
        });
        weights.diag_mut().fill(0.0);
        for mut row in weights.rows_mut() {
            let sum = row.sum();
            if sum > 0.0 {
                row /= sum;
            }
        }
        let mut lengths = Array2::from_shape_fn((nodes, nodes), |at| {
            let (there, back) = pair(at);
            10.0 + 140.0 * uniform(11, there.min(back))
        });
        lengths.diag_mut().fill(0.0);
        Self { weights, lengths }
    }

    /// Delays in whole steps, row by row.
    fn steps(&self) -> impl Iterator<Item = i32> + '_ {
        #[allow(clippy::cast_possible_truncation, reason = "at most 150")]
        self.lengths.iter().map(|length| (length / SPEED / DT).round_ties_even() as i32)
    }

    /// Writes number of nodes (8 bytes), weights, lengths (doubles) and delays in steps (4 bytes each),
    /// row by row, lowest byte first.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let mut bytes = (self.weights.nrows() as u64).to_le_bytes().to_vec();
        bytes
            .extend(self.weights.iter().chain(&self.lengths).flat_map(|value| value.to_le_bytes()));
        bytes.extend(self.steps().flat_map(i32::to_le_bytes));
        let mut file = std::fs::File::create(path).map_err(Error::file(path))?;
        file.write_all(&bytes).map_err(Error::file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_normalised_and_tracts_lead_both_ways() {
        let connectome = Connectome::new(80);
        for (row, weights) in connectome.weights.rows().into_iter().enumerate() {
            assert!((weights.sum() - 1.0).abs() < 1e-14);
            assert_eq!(weights[row], 0.0);
        }
        assert_eq!(connectome.lengths, connectome.lengths.t());
        let delays: Vec<i32> = connectome.steps().filter(|steps| *steps > 0).collect();
        assert!(delays.iter().all(|steps| (10..=150).contains(steps)));
        assert_eq!(delays.len(), 80 * 79);
    }
}
