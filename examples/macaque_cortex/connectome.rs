//! Connectivity and hierarchy of the areas: read from files, or made by rule.

use std::path::Path;

use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};

use crate::Message;

/// Areas, how they are connected and where they stand.
#[derive(Debug)]
pub(crate) struct Connectome {
    /// Names.
    pub(crate) areas: Vec<String>,
    /// Fraction of labelled neurons, [target, source].
    pub(crate) fln: Array2<f64>,
    /// Position in the hierarchy, from 0 to 1.
    pub(crate) hierarchy: Array1<f64>,
}

impl Connectome {
    /// Reads `fln.csv` and `hierarchy.csv` of a folder. Hierarchical positions are divided by the
    /// largest.
    pub(crate) fn read(folder: &Path) -> Result<Self, Message> {
        let (fln_path, hierarchy_path) = (folder.join("fln.csv"), folder.join("hierarchy.csv"));
        let fln = Table::read(&fln_path)?;
        let hierarchy = Table::read(&hierarchy_path)?;
        if fln.rows != fln.columns {
            let (rows, columns, path) = (fln.rows.len(), fln.columns.len(), fln_path.display());
            return Err(format!(
                "{path} has {rows} rows and {columns} columns of areas: it must be square, with \
                 the same areas in the same order (row = target, column = source)"
            ));
        }
        if hierarchy.rows != fln.rows {
            return Err(format!(
                "{} must list the {} areas of fln.csv in the same order, one a row",
                hierarchy_path.display(),
                fln.rows.len()
            ));
        }
        let negative = fln.values.iter().chain(&hierarchy.values).find(|value| **value < 0.0);
        if let Some(value) = negative {
            return Err(format!("{} holds {value}: give numbers not below 0", folder.display()));
        }
        let positions = hierarchy.values.column(0).to_owned();
        let largest = positions.iter().copied().fold(0.0, f64::max);
        if largest == 0.0 {
            return Err(format!("{}: all positions are 0", hierarchy_path.display()));
        }
        Ok(Self { areas: fln.rows, fln: fln.values, hierarchy: positions / largest })
    }

    /// A cortex by the exponential distance rule: the number of neurons that project over a
    /// distance d falls as exp(-λ d) with λ = 0.19/mm (Ercsey-Ravasz et al., Neuron 80:184, 2013).
    ///
    /// As in the published data, 91 areas send and the 29 of them that were injected receive: the
    /// fractions are of all 91, the matrix is that of the 29. Areas lie at random places (fixed
    /// seed) on a sphere with the 25 mm radius of a macaque hemisphere; the hierarchy runs from its
    /// back to its front.
    pub(crate) fn synthetic() -> Self {
        const SENDING: usize = 91;
        const RECEIVING: usize = 29;
        let places = places_on_sphere(SENDING);
        // Every third area or so, the ends of the hierarchy among them.
        let injected: Vec<usize> =
            (0..RECEIVING).map(|area| area * (SENDING - 1) / (RECEIVING - 1)).collect();
        let fln = Array2::from_shape_fn((RECEIVING, RECEIVING), |(target, source)| {
            let target = injected[target];
            let all: f64 = (0..SENDING).map(|other| projection(&places, target, other)).sum();
            projection(&places, target, injected[source]) / all
        });
        let (back, front) = (places[0][0], places[SENDING - 1][0]);
        let position = |area: &usize| (places[*area][0] - back) / (front - back);
        Self {
            areas: (1..=RECEIVING).map(|number| format!("A{number:02}")).collect(),
            fln,
            hierarchy: injected.iter().map(position).collect(),
        }
    }

    /// The place of an area; by default the one at the bottom of the hierarchy.
    pub(crate) fn find(&self, name: Option<&str>) -> Result<usize, Message> {
        let Some(name) = name else {
            let positions = self.hierarchy.iter().enumerate();
            let lowest = positions.min_by(|a, b| a.1.total_cmp(b.1));
            return lowest.map(|(area, _)| area).ok_or_else(|| "there are no areas".to_owned());
        };
        self.areas.iter().position(|area| area == name).ok_or_else(|| {
            format!("there is no area `{name}`: the areas are {}", self.areas.join(", "))
        })
    }
}

/// Random places on a sphere, in mm, from its back to its front.
fn places_on_sphere(count: usize) -> Vec<[f64; 3]> {
    const RADIUS: f64 = 25.0;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(2015);
    let mut place = || {
        // Archimedes: on a sphere, each coordinate is uniform.
        let x: f64 = random.random_range(-1.0..1.0);
        let angle = random.random_range(0.0..std::f64::consts::TAU);
        let rest = (1.0 - x * x).sqrt();
        [x, rest * angle.cos(), rest * angle.sin()].map(|coordinate| RADIUS * coordinate)
    };
    let mut places: Vec<_> = (0..count).map(|_| place()).collect();
    places.sort_by(|a, b| a[0].total_cmp(&b[0]));
    places
}

/// The exponential distance rule between two places; no area projects to itself.
fn projection(places: &[[f64; 3]], target: usize, source: usize) -> f64 {
    const LAMBDA: f64 = 0.19;
    if target == source {
        return 0.0;
    }
    let along = |axis: usize| (places[target][axis] - places[source][axis]).powi(2);
    (-LAMBDA * (along(0) + along(1) + along(2)).sqrt()).exp()
}

/// A table of numbers with names for rows and columns.
struct Table {
    rows: Vec<String>,
    columns: Vec<String>,
    values: Array2<f64>,
}

impl Table {
    fn read(path: &Path) -> Result<Self, Message> {
        let at = path.display();
        let help = "--connectome wants a folder that holds fln.csv and hierarchy.csv";
        let mut reader = csv::Reader::from_path(path)
            .map_err(|error| format!("cannot read {at}: {error}; {help}"))?;
        let header = reader.headers().map_err(|error| format!("cannot read {at}: {error}"))?;
        let columns: Vec<String> = header.iter().skip(1).map(str::to_owned).collect();
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| format!("cannot read {at}: {error}"))?;
            let name = record.get(0).unwrap_or_default();
            rows.push(name.to_owned());
            for field in record.iter().skip(1) {
                match field.trim().parse::<f64>() {
                    Ok(value) if value.is_finite() => values.push(value),
                    _ => return Err(format!("{at}: `{field}` in row `{name}` is not a number")),
                }
            }
        }
        let values = Array2::from_shape_vec((rows.len(), columns.len()), values);
        let values = values.map_err(|_| format!("{at}: the rows differ in length"))?;
        if values.is_empty() {
            return Err(format!("{at} holds no numbers"));
        }
        Ok(Self { rows, columns, values })
    }
}
