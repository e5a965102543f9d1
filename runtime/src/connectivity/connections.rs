//! Lists of connections.

use ndarray::Array2;

use super::ConnectivityError;
use crate::units::fits_into_memory;

/// Which units are connected, and how strongly: for each target its sources in their order, with weights.
///
/// Rules make connections of weight 1; [`scaled`](Self::scaled), [`with_weights`](Self::with_weights) and
/// others change that. What is random is a function of the seed, the rule and the units: the connections of
/// one target do not depend on how many other targets there are.
///
/// ```
/// use rate_model::connectivity::{Connections, Places, Profile, SelfConnections};
///
/// // 20 random inputs to each of 1000 units, of normal weights.
/// let random = Connections::with_in_degree(1000, 1000, 20, SelfConnections::Without, 7)?
///     .with_normal_weights(0.5, 0.1, 8)?;
/// assert_eq!(random.len(), 20_000);
///
/// // A ring of 100 units, excitation surrounded by inhibition.
/// let hat = Profile::DifferenceOfGaussians {
///     excitation: 1.0, sigma_e: 3.0, inhibition: 0.5, sigma_i: 9.0,
/// };
/// let ring = Connections::by_distance(&Places::ring(100, 1.0)?, hat)?.scaled(0.1);
/// # let _ = ring;
/// # Ok::<(), rate_model::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Connections {
    targets: usize,
    sources: usize,
    /// Where the connections of each target begin, and where the last ones end.
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    weights: Vec<f64>,
}

impl Connections {
    /// The connections (target, source, weight), in any order.
    ///
    /// # Errors
    /// Units that are not there; a connection given twice; a weight that is not finite; more than fit into
    /// memory.
    pub fn new(
        targets: usize,
        sources: usize,
        connections: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Result<Self, ConnectivityError> {
        let mut all: Vec<(usize, usize, f64)> = connections.into_iter().collect();
        for (target, source, weight) in all.iter().copied() {
            if target >= targets || source >= sources {
                let source_unit = source;
                return Err(ConnectivityError::Outside { target, source_unit, targets, sources });
            }
            check_weight(target, source, weight)?;
        }
        all.sort_unstable_by_key(|(target, source, _)| (*target, *source));
        if let Some(pair) =
            all.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1))
        {
            let (target, source_unit, _) = pair[0];
            return Err(ConnectivityError::Twice { target, source_unit });
        }
        let mut all = all.into_iter().peekable();
        Self::from_rows(targets, sources, |target, row| {
            while let Some((_, source, weight)) = all.next_if(|next| next.0 == target) {
                row.push((source, weight));
            }
            Ok(())
        })
    }

    /// Lets `fill` write the connections of each target, sources in their order.
    pub(super) fn from_rows(
        targets: usize,
        sources: usize,
        mut fill: impl FnMut(usize, &mut Vec<(usize, f64)>) -> Result<(), ConnectivityError>,
    ) -> Result<Self, ConnectivityError> {
        let too_many = || ConnectivityError::TooMany { targets, sources };
        let (mut row_starts, mut columns, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let most = u32::MAX as usize;
        let rows = targets.checked_add(1).filter(|_| targets.max(sources) <= most);
        row_starts.try_reserve_exact(rows.ok_or_else(too_many)?).map_err(|_| too_many())?;
        row_starts.push(0);
        let mut row = Vec::new();
        for target in 0..targets {
            row.clear();
            fill(target, &mut row)?;
            columns.try_reserve(row.len()).map_err(|_| too_many())?;
            weights.try_reserve(row.len()).map_err(|_| too_many())?;
            for (source, weight) in row.iter().copied() {
                columns.push(u32::try_from(source).map_err(|_| too_many())?);
                weights.push(weight);
            }
            row_starts.push(columns.len());
        }
        Ok(Self { targets, sources, row_starts, columns, weights })
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// How many targets and sources there are, connected or not.
    pub fn shape(&self) -> [usize; 2] {
        [self.targets, self.sources]
    }

    /// The connections (target, source, weight), by target, then by source.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        (0..self.targets).flat_map(move |target| {
            let row = self.row_starts[target]..self.row_starts[target + 1];
            row.map(move |place| (target, self.columns[place] as usize, self.weights[place]))
        })
    }

    /// How many connections each target has.
    pub fn in_degrees(&self) -> Vec<usize> {
        self.row_starts.windows(2).map(|ends| ends[1] - ends[0]).collect()
    }

    /// How many connections each source has.
    pub fn out_degrees(&self) -> Vec<usize> {
        let mut degrees = vec![0; self.sources];
        for source in &self.columns {
            degrees[*source as usize] += 1;
        }
        degrees
    }

    /// All weights times a factor.
    pub fn scaled(mut self, factor: f64) -> Self {
        for weight in &mut self.weights {
            *weight *= factor;
        }
        self
    }

    /// Weights computed from target, source and the weight so far.
    ///
    /// # Errors
    /// A weight that is not finite.
    pub fn with_weights(
        mut self,
        weight: impl Fn(usize, usize, f64) -> f64,
    ) -> Result<Self, ConnectivityError> {
        let weights: Vec<f64> =
            self.iter().map(|(target, source, old)| weight(target, source, old)).collect();
        for ((target, source, _), weight) in self.iter().zip(&weights) {
            check_weight(target, source, *weight)?;
        }
        self.weights = weights;
        Ok(self)
    }

    /// The weights to each target divided by Σ of their absolute values and times `strength`. A target of
    /// which all weights are 0 stays as it is.
    pub fn with_in_strength(mut self, strength: f64) -> Self {
        for ends in self.row_starts.windows(2) {
            let row = &mut self.weights[ends[0]..ends[1]];
            let sum: f64 = row.iter().map(|weight| weight.abs()).sum();
            if sum > 0.0 {
                for weight in row {
                    *weight *= strength / sum;
                }
            }
        }
        self
    }

    /// The same as a matrix, [target, source].
    ///
    /// # Errors
    /// [`ConnectivityError::TooMany`] when it does not fit into memory.
    pub fn to_dense(&self) -> Result<Array2<f64>, ConnectivityError> {
        let (targets, sources) = (self.targets, self.sources);
        if !fits_into_memory::<f64>(targets, sources) {
            return Err(ConnectivityError::TooMany { targets, sources });
        }
        let mut dense = Array2::zeros((targets, sources));
        for (target, source, weight) in self.iter() {
            dense[[target, source]] = weight;
        }
        Ok(dense)
    }
}

pub(super) fn check_weight(
    target: usize,
    source: usize,
    value: f64,
) -> Result<(), ConnectivityError> {
    if value.is_finite() {
        return Ok(());
    }
    let (what, place, wants) = ("weights", vec![target, source], "finite number");
    Err(ConnectivityError::Value { what, place, value, wants })
}
