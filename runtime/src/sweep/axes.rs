//! What a sweep varies.

use super::SEED;
use crate::draw::{below, uniforms};
use crate::error::Error;

/// The points of a sweep: axes that are crossed with each other. An axis has one coordinate, or
/// several that vary together.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The names of its coordinates.
    pub names: Vec<String>,
    /// Its points, each with a value for every coordinate.
    pub points: Vec<Vec<f64>>,
}

/// Larger seeds are not all different numbers of double precision.
const SEEDS: f64 = (1_u64 << 53) as f64;

impl Axis {
    pub(super) fn list(names: &[&str], points: Vec<Vec<f64>>) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect(), points }
    }

    /// Points drawn independently from the uniform law on a box.
    pub(super) fn random(ranges: &[(&str, f64, f64)], count: usize, seed: u64) -> Self {
        Self::in_box(ranges, count, |index, coordinate| {
            uniforms(seed, coordinate as u64, index as u64)[0]
        })
    }

    /// A Latin hypercube: each coordinate has one point in each of `count` equal parts of its range,
    /// at a random place within it (M. D. `McKay` and others, Technometrics 21:239, 1979).
    pub(super) fn latin_hypercube(ranges: &[(&str, f64, f64)], count: usize, seed: u64) -> Self {
        let orders: Vec<Vec<usize>> =
            (0..ranges.len()).map(|coordinate| shuffled(count, seed, coordinate as u64)).collect();
        Self::in_box(ranges, count, |index, coordinate| {
            let [_, within] = uniforms(seed, coordinate as u64, index as u64);
            (orders[coordinate][index] as f64 + within) / count as f64
        })
    }

    /// Points of a box, given as parts of the way from one end of each range to the other.
    fn in_box(
        ranges: &[(&str, f64, f64)],
        count: usize,
        part: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let point = |index: usize| {
            let ranges = ranges.iter().enumerate();
            let value = |(coordinate, (_, low, high)): (usize, &(&str, f64, f64))| {
                low + (high - low) * part(index, coordinate)
            };
            ranges.map(value).collect()
        };
        let names = ranges.iter().map(|(name, ..)| (*name).to_owned()).collect();
        Self { names, points: (0..count).map(point).collect() }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let axis = self.names.join(", ");
        if self.points.is_empty() {
            return Err(Error::SweepAxis { axis, problem: "it has no points".to_owned() });
        }
        for point in &self.points {
            if point.len() != self.names.len() {
                let problem =
                    format!("a point has {} values for {} names", point.len(), self.names.len());
                return Err(Error::SweepAxis { axis, problem });
            }
            if let Some(value) = point.iter().find(|value| !value.is_finite()) {
                return Err(Error::SweepAxis {
                    axis,
                    problem: format!("it has the value {value}"),
                });
            }
            let is_seed = |seed: f64| (0.0..SEEDS).contains(&seed) && seed.fract() == 0.0;
            let mut named = self.names.iter().zip(point);
            if let Some((_, seed)) = named.find(|(name, seed)| *name == SEED && !is_seed(**seed)) {
                let problem = format!("{seed} is no seed: these are whole numbers below 2^53");
                return Err(Error::SweepAxis { axis, problem });
            }
        }
        Ok(())
    }
}

/// The numbers below `count` in random order (R. A. Fisher and F. Yates; R. Durstenfeld, Commun. ACM
/// 7:420, 1964).
fn shuffled(count: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let [chance, _] = uniforms(seed, stream, last as u64);
        order.swap(last, below(chance, last + 1));
    }
    order
}

/// `count` numbers from one to another, both included, at equal distances.
///
/// ```
/// assert_eq!(rate_model::linspace(0.0, 1.0, 5), [0.0, 0.25, 0.5, 0.75, 1.0]);
/// assert_eq!(rate_model::linspace(2.0, 3.0, 1), [2.0]);
/// ```
pub fn linspace(from: f64, to: f64, count: usize) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    let part = |index: usize| index as f64 / last;
    // The last is `to`, also where the difference was rounded.
    let value =
        |index: usize| if part(index) == 1.0 { to } else { from + (to - from) * part(index) };
    (0..count).map(value).collect()
}
