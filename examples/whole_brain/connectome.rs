//! The connectome, and what oscillates at its regions.

use std::f64::consts::{PI, TAU};
use std::path::PathBuf;

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rate_model::connectivity::{
    Connections, ConnectivityError, Connectome, Normalisation, Places, Profile,
};

/// Regions of each hemisphere.
const HALF: usize = 34;

/// Makes a connectome by rule and writes it to `out/connectivity.zip`.
///
/// Regions lie evenly on two spheres of the size of hemispheres. Weights fall off exponentially with
/// distance, and those to the other side are weaker; mirror regions are joined. Tracts are straight.
pub(crate) fn write_synthetic() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let centres = Array2::from_shape_fn((2 * HALF, 3), |(region, axis)| place(region)[axis]);
    let places = Places::at(&centres)?;
    let rule = Profile::Exponential { peak: 1.0, length: 20.0 };
    let weights = Connections::from_fn(2 * HALF, 2 * HALF, |target, source| {
        let crosses = (target < HALF) != (source < HALF);
        let weight = if target == source {
            0.0
        } else if target.abs_diff(source) == HALF {
            0.5
        } else {
            rule.at(places.distance(target, source)) * if crosses { 0.3 } else { 1.0 }
        };
        if weight < 0.02 { 0.0 } else { weight }
    })?;
    let labels = (0..2 * HALF)
        .map(|region| format!("{}{:02}", if region < HALF { 'r' } else { 'l' }, region % HALF));
    let right = (0..2 * HALF).map(|region| region < HALF).collect();
    let connectome = Connectome::new(labels, weights.to_dense()?)?
        .with_centres(centres)?
        .with_distances()?
        .with_right_hemisphere(right)?;
    std::fs::create_dir_all("out")?;
    let path = PathBuf::from("out/connectivity.zip");
    connectome.write_tvb(&path)?;
    Ok(path)
}

/// Where a region lies, in mm: points of a spiral that cover a sphere evenly (R. Swinbank and R. J. Purser,
/// Q. J. R. Meteorol. Soc. 132:1769, 2006).
fn place(region: usize) -> [f64; 3] {
    const RADIUS: f64 = 40.0;
    let golden = PI * (3.0 - 5.0_f64.sqrt());
    let place = (region % HALF) as f64;
    let height = 1.0 - (2.0 * place + 1.0) / HALF as f64;
    let (around, across) = (golden * place, (1.0 - height * height).sqrt());
    let side = if region < HALF { 1.0 } else { -1.0 };
    [
        side * (45.0 + RADIUS * across * around.cos()),
        RADIUS * across * around.sin(),
        RADIUS * height,
    ]
}

/// Without weights from a region to itself; regions receive 1 each, all in all.
pub(crate) fn prepare(connectome: &Connectome) -> Result<Connectome, ConnectivityError> {
    connectome.clone().without_self_connections().normalised(Normalisation::InStrength)
}

/// The mean length of the tracts that there are, in mm.
pub(crate) fn mean_length(connectome: &Connectome) -> f64 {
    let Some(lengths) = connectome.lengths() else { return 0.0 };
    let tracts = lengths.iter().zip(connectome.weights()).filter(|(_, weight)| **weight != 0.0);
    let (sum, count) =
        tracts.fold((0.0, 0.0), |(sum, count), (length, _)| (sum + length, count + 1.0));
    sum / count
}

/// Natural frequencies in rad/ms, normally distributed with this mean and deviation in Hz, and phases at
/// t = 0, evenly distributed. The same at each call.
pub(crate) fn oscillators(regions: usize, [mean, deviation]: [f64; 2]) -> (Vec<f64>, Vec<f64>) {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(2011);
    let mut uniform = || random.random_range(f64::EPSILON..1.0);
    let frequencies = (0..regions).map(|_| {
        // Box and Muller's normal numbers.
        let normal = (-2.0 * uniform().ln()).sqrt() * (TAU * uniform()).cos();
        (mean + deviation * normal) * TAU / 1000.0
    });
    let frequencies = frequencies.collect();
    (frequencies, (0..regions).map(|_| TAU * uniform()).collect())
}
