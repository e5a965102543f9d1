//! A connectome: regions, the weights of their connections, and where they lie.

use ndarray::{Array, Array1, Array2, Axis, Dimension};

use super::ConnectivityError;

/// Regions and how they are connected: weights, and, where they are known, lengths of tracts, centres,
/// areas and the like.
///
/// Rows are targets and columns sources, everywhere: `weights[[i, j]]` is the weight from region j to
/// region i, as in The Virtual Brain (its `simulator/coupling.py`: "connection strength from node j to
/// node k", rows being k). Files that hold them the other way round, as those of the Brain Connectivity
/// Toolbox, are put right by [`transposed`](Self::transposed).
///
/// ```
/// use rate_model::connectivity::{Connectome, Normalisation};
/// use rate_model::ndarray::arr2;
///
/// let weights = arr2(&[[1.0, 4.0], [2.0, 0.0]]);
/// let connectome = Connectome::new(["V1", "V2"], weights)?
///     .with_lengths(arr2(&[[0.0, 30.0], [30.0, 0.0]]))?
///     .without_self_connections()
///     .normalised(Normalisation::Maximum)?;
/// assert_eq!(connectome.weights(), arr2(&[[0.0, 1.0], [0.5, 0.0]]));
/// assert_eq!(connectome.delays(3.0)?, arr2(&[[0.0, 10.0], [10.0, 0.0]])); // ms
/// # Ok::<(), rate_model::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Connectome {
    labels: Vec<String>,
    weights: Array2<f64>,
    lengths: Option<Array2<f64>>,
    centres: Option<Array2<f64>>,
    areas: Option<Array1<f64>>,
    orientations: Option<Array2<f64>>,
    cortical: Option<Vec<bool>>,
    right: Option<Vec<bool>>,
}

/// By what weights are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Normalisation {
    /// All by the largest absolute weight (The Virtual Brain's `scaled_weights("tract")`).
    Maximum,
    /// All by the largest in-strength, Σ over sources of the absolute weight. Where no weight is negative
    /// that is The Virtual Brain's `scaled_weights("region")`.
    LargestInStrength,
    /// The weights to each region by its own in-strength, so that it becomes 1; a region that receives
    /// nothing stays as it is.
    InStrength,
}

/// Finite numbers.
const FINITE: &str = "finite number";
/// Finite numbers that are not negative.
const NOT_NEGATIVE: &str = "finite number that is not negative";

impl Connectome {
    /// Regions with these names and weights, [target, source].
    ///
    /// # Errors
    /// Weights that are not square, have no rows or are not finite; a number of labels that is not that
    /// of the regions; two labels that are the same.
    pub fn new<S: Into<String>>(
        labels: impl IntoIterator<Item = S>,
        weights: Array2<f64>,
    ) -> Result<Self, ConnectivityError> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        let regions = weights.nrows();
        if weights.is_empty() {
            return Err(ConnectivityError::Empty { what: "weights" });
        }
        check_shape("weights", weights.shape(), &[regions, regions])?;
        check_values("weights", &weights, f64::is_finite, FINITE)?;
        check_labels(&labels, regions)?;
        Ok(Self {
            labels,
            weights,
            lengths: None,
            centres: None,
            areas: None,
            orientations: None,
            cortical: None,
            right: None,
        })
    }

    /// The same with names `region_000`, `region_001` and so on.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn unlabelled(weights: Array2<f64>) -> Result<Self, ConnectivityError> {
        Self::new(default_labels(weights.nrows()), weights)
    }

    /// Names the regions.
    ///
    /// # Errors
    /// A number of labels that is not that of the regions; two labels that are the same.
    pub fn with_labels<S: Into<String>>(
        mut self,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self, ConnectivityError> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        check_labels(&labels, self.len())?;
        self.labels = labels;
        Ok(self)
    }

    /// Sets the lengths of tracts in mm, [target, source].
    ///
    /// # Errors
    /// Lengths of another shape than the weights, negative or not finite.
    pub fn with_lengths(mut self, lengths: Array2<f64>) -> Result<Self, ConnectivityError> {
        check_shape("tract lengths", lengths.shape(), self.weights.shape())?;
        check_values("tract lengths", &lengths, is_not_negative, NOT_NEGATIVE)?;
        self.lengths = Some(lengths);
        Ok(self)
    }

    /// Sets the lengths of tracts to the straight distances between centres.
    ///
    /// # Errors
    /// [`ConnectivityError::NoCentres`] when there are none.
    pub fn with_distances(self) -> Result<Self, ConnectivityError> {
        let centres = self.centres.as_ref().ok_or(ConnectivityError::NoCentres)?;
        let distance = |(i, j)| {
            let apart = &centres.row(i) - &centres.row(j);
            apart.dot(&apart).sqrt()
        };
        let lengths = Array2::from_shape_fn(self.weights.dim(), distance);
        self.with_lengths(lengths)
    }

    /// Sets where the regions lie: [region, 3] in mm.
    ///
    /// # Errors
    /// Another shape; numbers that are not finite.
    pub fn with_centres(mut self, centres: Array2<f64>) -> Result<Self, ConnectivityError> {
        check_shape("centres", centres.shape(), &[self.len(), 3])?;
        check_values("centres", &centres, f64::is_finite, FINITE)?;
        self.centres = Some(centres);
        Ok(self)
    }

    /// Sets the areas of the regions in mm².
    ///
    /// # Errors
    /// Another number of areas than regions; negative ones, or not finite.
    pub fn with_areas(mut self, areas: Array1<f64>) -> Result<Self, ConnectivityError> {
        check_shape("areas", areas.shape(), &[self.len()])?;
        check_values("areas", &areas, is_not_negative, NOT_NEGATIVE)?;
        self.areas = Some(areas);
        Ok(self)
    }

    /// Sets the mean directions normal to the regions' surfaces: [region, 3].
    ///
    /// # Errors
    /// Another shape; numbers that are not finite.
    pub fn with_orientations(mut self, directions: Array2<f64>) -> Result<Self, ConnectivityError> {
        check_shape("orientations", directions.shape(), &[self.len(), 3])?;
        check_values("orientations", &directions, f64::is_finite, FINITE)?;
        self.orientations = Some(directions);
        Ok(self)
    }

    /// Sets which regions are of the cortex.
    ///
    /// # Errors
    /// Another number of values than regions.
    pub fn with_cortical(mut self, cortical: Vec<bool>) -> Result<Self, ConnectivityError> {
        check_shape("cortical", &[cortical.len()], &[self.len()])?;
        self.cortical = Some(cortical);
        Ok(self)
    }

    /// Sets which regions lie in the right hemisphere.
    ///
    /// # Errors
    /// Another number of values than regions.
    pub fn with_right_hemisphere(mut self, right: Vec<bool>) -> Result<Self, ConnectivityError> {
        check_shape("hemispheres", &[right.len()], &[self.len()])?;
        self.right = Some(right);
        Ok(self)
    }

    /// How many regions there are.
    #[allow(clippy::len_without_is_empty, reason = "there is at least one region")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The names of the regions.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The weights, [target, source].
    pub fn weights(&self) -> &Array2<f64> {
        &self.weights
    }

    /// The lengths of tracts in mm, [target, source].
    pub fn lengths(&self) -> Option<&Array2<f64>> {
        self.lengths.as_ref()
    }

    /// Where the regions lie: [region, 3] in mm.
    pub fn centres(&self) -> Option<&Array2<f64>> {
        self.centres.as_ref()
    }

    /// The areas of the regions in mm².
    pub fn areas(&self) -> Option<&Array1<f64>> {
        self.areas.as_ref()
    }

    /// The mean directions normal to the regions' surfaces: [region, 3].
    pub fn orientations(&self) -> Option<&Array2<f64>> {
        self.orientations.as_ref()
    }

    /// Which regions are of the cortex.
    pub fn cortical(&self) -> Option<&[bool]> {
        self.cortical.as_deref()
    }

    /// Which regions lie in the right hemisphere.
    pub fn right_hemisphere(&self) -> Option<&[bool]> {
        self.right.as_deref()
    }

    /// The number of a region.
    ///
    /// # Errors
    /// [`ConnectivityError::NoRegion`] when none has this name.
    pub fn region(&self, label: &str) -> Result<usize, ConnectivityError> {
        let place = self.labels.iter().position(|other| other == label);
        place.ok_or_else(|| self.no_region(format!("`{label}`")))
    }

    /// Σ over sources of the weights, of each target.
    pub fn in_strengths(&self) -> Array1<f64> {
        self.weights.sum_axis(Axis(1))
    }

    /// How long what a region sends takes to another, in ms, [target, source]: the length of the tract over
    /// the speed of conduction in mm/ms (which is m/s).
    ///
    /// # Errors
    /// A speed that is not positive and finite; [`ConnectivityError::NoLengths`].
    pub fn delays(&self, speed: f64) -> Result<Array2<f64>, ConnectivityError> {
        if !(speed > 0.0 && speed.is_finite()) {
            let (what, wants) = ("the speed of conduction", "a positive, finite one in mm/ms");
            return Err(ConnectivityError::Parameter { what, value: speed, wants });
        }
        let lengths = self.lengths.as_ref().ok_or(ConnectivityError::NoLengths)?;
        Ok(lengths / speed)
    }

    /// Divides the weights.
    ///
    /// # Errors
    /// [`ConnectivityError::NoWeights`] when all are 0.
    pub fn normalised(mut self, by: Normalisation) -> Result<Self, ConnectivityError> {
        let sizes = self.weights.mapv(f64::abs);
        let strengths = sizes.sum_axis(Axis(1));
        let largest = |of: &mut dyn Iterator<Item = &f64>| of.copied().fold(0.0, f64::max);
        if largest(&mut sizes.iter()) == 0.0 {
            return Err(ConnectivityError::NoWeights);
        }
        match by {
            Normalisation::Maximum => self.weights /= largest(&mut sizes.iter()),
            Normalisation::LargestInStrength => self.weights /= largest(&mut strengths.iter()),
            Normalisation::InStrength => {
                for (mut row, strength) in self.weights.rows_mut().into_iter().zip(strengths) {
                    if strength > 0.0 {
                        row /= strength;
                    }
                }
            }
        }
        Ok(self)
    }

    /// Sets the weight from each region to itself to 0.
    pub fn without_self_connections(mut self) -> Self {
        self.weights.diag_mut().fill(0.0);
        self
    }

    /// Replaces each weight w by ln(1 + w): counts of streamlines span orders of magnitude, and 0 stays 0.
    ///
    /// # Errors
    /// [`ConnectivityError::Value`] when a weight is negative.
    pub fn log_scaled(mut self) -> Result<Self, ConnectivityError> {
        check_values("weights", &self.weights, is_not_negative, NOT_NEGATIVE)?;
        self.weights.mapv_inplace(libm::log1p);
        Ok(self)
    }

    /// Exchanges targets and sources, in weights and lengths.
    pub fn transposed(mut self) -> Self {
        self.weights = self.weights.reversed_axes();
        self.lengths = self.lengths.map(Array2::reversed_axes);
        self
    }

    /// These regions only, in this order.
    ///
    /// # Errors
    /// A region that is not there, or twice; no regions.
    pub fn subset(&self, regions: &[usize]) -> Result<Self, ConnectivityError> {
        if regions.is_empty() {
            return Err(ConnectivityError::Empty { what: "the regions chosen" });
        }
        let mut seen = vec![false; self.len()];
        for region in regions {
            let seen = seen.get_mut(*region).ok_or_else(|| self.no_region(region.to_string()))?;
            if std::mem::replace(seen, true) {
                return Err(ConnectivityError::ChosenTwice { region: *region });
            }
        }
        let square =
            |matrix: &Array2<f64>| matrix.select(Axis(0), regions).select(Axis(1), regions);
        let rows = |matrix: &Array2<f64>| matrix.select(Axis(0), regions);
        let flags = |flags: &Vec<bool>| regions.iter().map(|region| flags[*region]).collect();
        Ok(Self {
            labels: regions.iter().map(|region| self.labels[*region].clone()).collect(),
            weights: square(&self.weights),
            lengths: self.lengths.as_ref().map(square),
            centres: self.centres.as_ref().map(rows),
            areas: self.areas.as_ref().map(|areas| areas.select(Axis(0), regions)),
            orientations: self.orientations.as_ref().map(rows),
            cortical: self.cortical.as_ref().map(flags),
            right: self.right.as_ref().map(flags),
        })
    }

    fn no_region(&self, region: String) -> ConnectivityError {
        let last = self.len() - 1;
        let names = format!("`{}` (0) to `{}` ({last})", self.labels[0], self.labels[last]);
        ConnectivityError::NoRegion { region, regions: self.len(), names }
    }
}

/// Names for regions that have none.
pub(super) fn default_labels(regions: usize) -> Vec<String> {
    (0..regions).map(|region| format!("region_{region:03}")).collect()
}

fn is_not_negative(value: f64) -> bool {
    value >= 0.0 && value.is_finite()
}

fn check_labels(labels: &[String], regions: usize) -> Result<(), ConnectivityError> {
    check_shape("labels", &[labels.len()], &[regions])?;
    let mut sorted: Vec<&String> = labels.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(ConnectivityError::SameLabel { label: pair[0].clone() }),
    }
}

fn check_shape(
    what: &'static str,
    found: &[usize],
    expected: &[usize],
) -> Result<(), ConnectivityError> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (found.to_vec(), expected.to_vec());
    Err(ConnectivityError::Shape { what, found, expected })
}

fn check_values<D: Dimension>(
    what: &'static str,
    values: &Array<f64, D>,
    is_right: impl Fn(f64) -> bool,
    wants: &'static str,
) -> Result<(), ConnectivityError> {
    match values.view().into_dyn().indexed_iter().find(|(_, value)| !is_right(**value)) {
        None => Ok(()),
        Some((place, value)) => {
            let place = place.slice().to_vec();
            Err(ConnectivityError::Value { what, place, value: *value, wants })
        }
    }
}
