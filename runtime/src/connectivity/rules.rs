//! Rules that make connections and their weights.

use std::collections::BTreeSet;

use super::connections::check_weight;
use super::{Connections, ConnectivityError, Places, Profile};
use crate::draw;
use crate::units::fits_into_memory;

/// Whether a rule may connect a unit to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfConnections {
    /// It may.
    With,
    /// It may not: sources and targets are the units of one population.
    Without,
}

/// What random numbers of rules are for, apart from all that noise has.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Skips = 0x434F_4E00,
    Choices,
    Distances,
    NormalWeights,
    UniformWeights,
}

impl Connections {
    /// Each unit to the one of the same number.
    ///
    /// # Errors
    /// [`ConnectivityError::TooMany`], for this and other rules: more than fit into memory.
    pub fn one_to_one(units: usize) -> Result<Self, ConnectivityError> {
        Self::from_rows(units, units, |target, row| {
            row.push((target, 1.0));
            Ok(())
        })
    }

    /// All sources to all targets.
    ///
    /// # Errors
    /// [`ConnectivityError::NotWithin`], for this and other rules: no self-connections, but other sources
    /// than targets.
    pub fn all_to_all(
        targets: usize,
        sources: usize,
        selves: SelfConnections,
    ) -> Result<Self, ConnectivityError> {
        let candidates = Candidates::new(targets, sources, selves)?;
        if !fits_into_memory::<f64>(targets, sources) {
            return Err(ConnectivityError::TooMany { targets, sources });
        }
        Self::from_rows(targets, sources, |target, row| {
            row.extend((0..candidates.count).map(|place| (candidates.unit(target, place), 1.0)));
            Ok(())
        })
    }

    /// Each pair with the same probability, independently of all others.
    ///
    /// The work is in proportion to the connections made: what is drawn is how many pairs to pass over
    /// (V. Batagelj and U. Brandes, Phys. Rev. E 71:036113, 2005).
    ///
    /// # Errors
    /// A probability that is not between 0 and 1.
    pub fn with_probability(
        targets: usize,
        sources: usize,
        probability: f64,
        selves: SelfConnections,
        seed: u64,
    ) -> Result<Self, ConnectivityError> {
        if !(0.0..=1.0).contains(&probability) {
            let (what, wants) = ("the probability of a connection", "one from 0 to 1");
            return Err(ConnectivityError::Parameter { what, value: probability, wants });
        }
        let candidates = Candidates::new(targets, sources, selves)?;
        let miss = libm::log1p(-probability);
        Self::from_rows(targets, sources, |target, row| {
            let mut place = 0;
            for draw in 0.. {
                if probability == 0.0 {
                    break;
                }
                let [chance, _] = uniforms(seed, Purpose::Skips, target, draw);
                let skip = (libm::log(chance) / miss).floor();
                let left = candidates.count - place;
                if skip >= left as f64 {
                    break;
                }
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number from 0 to the number of candidates"
                )]
                let skip = skip as usize;
                row.push((candidates.unit(target, place + skip), 1.0));
                place += skip + 1;
            }
            Ok(())
        })
    }

    /// The same number of different sources for each target, every choice of them being as probable as any
    /// other (R. W. Floyd, in J. Bentley, Commun. ACM 30:754, 1987).
    ///
    /// # Errors
    /// More connections to a target than there are sources.
    pub fn with_in_degree(
        targets: usize,
        sources: usize,
        degree: usize,
        selves: SelfConnections,
        seed: u64,
    ) -> Result<Self, ConnectivityError> {
        let candidates = Candidates::new(targets, sources, selves)?;
        let count = candidates.count;
        if degree > count {
            return Err(ConnectivityError::InDegree { degree, candidates: count });
        }
        Self::from_rows(targets, sources, |target, row| {
            let mut chosen = BTreeSet::new();
            for last in count - degree..count {
                let [chance, _] = uniforms(seed, Purpose::Choices, target, last);
                let place = draw::below(chance, last + 1);
                if !chosen.insert(place) {
                    chosen.insert(last);
                }
            }
            row.extend(chosen.into_iter().map(|place| (candidates.unit(target, place), 1.0)));
            Ok(())
        })
    }

    /// Weights by the distance of units, each unit to itself at distance 0. What is 0 is left out.
    ///
    /// # Errors
    /// A profile with a length that is not positive or a value that is not finite.
    pub fn by_distance(places: &Places, profile: Profile) -> Result<Self, ConnectivityError> {
        let profile = profile.check()?;
        Self::from_fn(places.len(), places.len(), |target, source| {
            profile.at(places.distance(target, source))
        })
    }

    /// Connections of weight 1 with a probability by the distance of units, independently of each other.
    ///
    /// # Errors
    /// A profile with a length that is not positive, or values that are not probabilities.
    pub fn with_probability_by_distance(
        places: &Places,
        profile: Profile,
        selves: SelfConnections,
        seed: u64,
    ) -> Result<Self, ConnectivityError> {
        let (profile, units) = (profile.check()?, places.len());
        Self::from_rows(units, units, |target, row| {
            for source in 0..units {
                if target == source && selves == SelfConnections::Without {
                    continue;
                }
                let probability = profile.at(places.distance(target, source));
                if !(0.0..=1.0).contains(&probability) {
                    let (what, wants) =
                        ("the probability of a connection", "a profile from 0 to 1");
                    return Err(ConnectivityError::Parameter { what, value: probability, wants });
                }
                let [chance, _] = uniforms(seed, Purpose::Distances, target, source);
                if chance < probability {
                    row.push((source, 1.0));
                }
            }
            Ok(())
        })
    }

    /// A weight computed from target and source. What is 0 is left out.
    ///
    /// # Errors
    /// A weight that is not finite; more than fit into memory.
    pub fn from_fn(
        targets: usize,
        sources: usize,
        weight: impl Fn(usize, usize) -> f64,
    ) -> Result<Self, ConnectivityError> {
        Self::from_rows(targets, sources, |target, row| {
            for source in 0..sources {
                let weight = weight(target, source);
                check_weight(target, source, weight)?;
                if weight != 0.0 {
                    row.push((source, weight));
                }
            }
            Ok(())
        })
    }

    /// Independent normal weights.
    ///
    /// # Errors
    /// A mean that is not finite, a deviation that is negative or not finite.
    pub fn with_normal_weights(
        self,
        mean: f64,
        deviation: f64,
        seed: u64,
    ) -> Result<Self, ConnectivityError> {
        if !(deviation >= 0.0 && deviation.is_finite()) {
            let (what, wants) =
                ("the deviation of weights", "a finite number that is not negative");
            return Err(ConnectivityError::Parameter { what, value: deviation, wants });
        }
        self.with_weights(|target, source, _| {
            let [normal, _] =
                draw::normals(seed, Purpose::NormalWeights as u64, pair(target, source));
            mean + deviation * normal
        })
    }

    /// Independent weights, uniform between two numbers.
    ///
    /// # Errors
    /// Numbers that are not finite, or the wrong way round.
    pub fn with_uniform_weights(
        self,
        low: f64,
        high: f64,
        seed: u64,
    ) -> Result<Self, ConnectivityError> {
        let width = high - low;
        if !(width >= 0.0 && width.is_finite()) {
            let (what, wants) = ("the range of weights", "a lower and a higher finite number");
            return Err(ConnectivityError::Parameter { what, value: width, wants });
        }
        self.with_weights(|target, source, _| {
            let [part, _] = uniforms(seed, Purpose::UniformWeights, target, source);
            low + width * part
        })
    }
}

/// The sources that a target can have.
#[derive(Clone, Copy, Debug)]
struct Candidates {
    count: usize,
    selves: SelfConnections,
}

impl Candidates {
    fn new(
        targets: usize,
        sources: usize,
        selves: SelfConnections,
    ) -> Result<Self, ConnectivityError> {
        match selves {
            SelfConnections::With => Ok(Self { count: sources, selves }),
            SelfConnections::Without if targets == sources => {
                Ok(Self { count: sources.saturating_sub(1), selves })
            }
            SelfConnections::Without => Err(ConnectivityError::NotWithin { targets, sources }),
        }
    }

    /// The unit at a place among the candidates of a target.
    fn unit(self, target: usize, place: usize) -> usize {
        let passes_itself = self.selves == SelfConnections::Without && place >= target;
        place + usize::from(passes_itself)
    }
}

/// One index of two counts.
fn pair(one: usize, other: usize) -> u64 {
    (one as u64) << 32 | other as u64
}

/// Two numbers between 0 and 1 for two counts.
fn uniforms(seed: u64, purpose: Purpose, one: usize, other: usize) -> [f64; 2] {
    draw::uniforms(seed, purpose as u64, pair(one, other))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::SelfConnections::{With, Without};
    use ndarray::Array2;

    use super::*;

    fn pairs(connections: &Connections) -> Vec<(usize, usize)> {
        connections.iter().map(|(target, source, _)| (target, source)).collect()
    }

    /// Whether a count of `trials` of probability `p` is within five standard errors.
    fn is_binomial(count: usize, trials: usize, p: f64) -> bool {
        let (trials, count) = (trials as f64, count as f64);
        (count - trials * p).abs() < 5.0 * (trials * p * (1.0 - p)).sqrt()
    }

    #[test]
    fn rules_without_chance_give_what_they_say() {
        assert_eq!(pairs(&Connections::one_to_one(3).unwrap()), [(0, 0), (1, 1), (2, 2)]);
        let all = Connections::all_to_all(2, 3, With).unwrap();
        assert_eq!(all.to_dense().unwrap(), Array2::<f64>::ones((2, 3)));
        let others = Connections::all_to_all(3, 3, Without).unwrap();
        assert_eq!(pairs(&others), [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
        assert!(Connections::all_to_all(0, 0, Without).unwrap().is_empty());
        let list = Connections::new(3, 4, [(2, 3, 0.5), (0, 1, -1.0), (2, 0, 2.0)]).unwrap();
        let in_order = [(0, 1, -1.0), (2, 0, 2.0), (2, 3, 0.5)];
        assert_eq!(list.iter().collect::<Vec<_>>(), in_order);
        assert_eq!(list.in_degrees(), [1, 0, 2]);
        assert_eq!(list.out_degrees(), [1, 1, 0, 1]);
        let strong: Vec<f64> = list.with_in_strength(5.0).iter().map(|one| one.2).collect();
        assert_eq!(strong, [-5.0, 4.0, 1.0]);
    }

    #[test]
    fn a_probability_is_that_of_each_pair() {
        let (targets, sources, p) = (400, 300, 0.07);
        let random = Connections::with_probability(targets, sources, p, With, 11).unwrap();
        assert!(is_binomial(random.len(), targets * sources, p), "{}", random.len());
        // Both ends of rows are like the rest.
        let of_source = random.out_degrees();
        for source in [0, 1, sources / 2, sources - 1] {
            assert!(is_binomial(of_source[source], targets, p), "{source}: {}", of_source[source]);
        }
        // In-degrees scatter as independent pairs do: Σ (k - n p)² / (n p (1 - p)) has the mean of as many
        // squares of normal numbers, and nearly their variance, 2 each.
        let (mean, variance) = (sources as f64 * p, sources as f64 * p * (1.0 - p));
        let scatter = random.in_degrees().into_iter().map(|degree| {
            let apart = degree as f64 - mean;
            apart * apart / variance
        });
        let excess = scatter.sum::<f64>() - targets as f64;
        assert!(excess.abs() < 5.0 * (2.0 * targets as f64).sqrt(), "{excess}");
        // Neighbours in a row are as independent as any: both are there with p².
        let dense = random.to_dense().unwrap();
        let next_to_each_other = |(target, source): (usize, usize)| {
            dense[[target, source]] * dense[[target, source + 1]] != 0.0
        };
        let places =
            (0..targets).flat_map(|target| (1..sources).map(move |source| (target, source - 1)));
        let both = places.filter(|place| next_to_each_other(*place)).count();
        assert!(is_binomial(both, targets * (sources - 1), p * p), "{both}");

        let others = Connections::with_probability(300, 300, p, Without, 11).unwrap();
        assert!(others.iter().all(|(target, source, _)| target != source));
        assert!(is_binomial(others.len(), 300 * 299, p), "{}", others.len());
        let all = Connections::with_probability(5, 5, 1.0, Without, 1).unwrap();
        assert_eq!(all, Connections::all_to_all(5, 5, Without).unwrap());
        assert!(Connections::with_probability(5, 5, 0.0, With, 1).unwrap().is_empty());
        assert!(Connections::with_probability(5, 5, 1e-300, With, 1).unwrap().is_empty());
    }

    #[test]
    fn an_in_degree_is_that_of_each_target_and_its_choice_is_even() {
        let random = Connections::with_in_degree(500, 200, 30, With, 5).unwrap();
        assert!(random.in_degrees().into_iter().all(|degree| degree == 30));
        for source in [0, 100, 199] {
            let count = random.out_degrees()[source];
            assert!(is_binomial(count, 500, 30.0 / 200.0), "{source}: {count}");
        }
        let others = Connections::with_in_degree(100, 100, 99, Without, 5).unwrap();
        assert_eq!(others, Connections::all_to_all(100, 100, Without).unwrap());

        // All ten choices of 2 of 5 are equally probable.
        let targets = 20_000;
        let small = Connections::with_in_degree(targets, 5, 2, With, 3).unwrap();
        let sources: Vec<usize> = small.iter().map(|one| one.1).collect();
        let mut counts: HashMap<&[usize], usize> = HashMap::new();
        for choice in sources.chunks(2) {
            *counts.entry(choice).or_default() += 1;
        }
        assert_eq!(counts.len(), 10);
        assert!(counts.values().all(|count| is_binomial(*count, targets, 0.1)), "{counts:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_connections_to_a_target() {
        type Rule = fn(usize, u64) -> Connections;
        let rules: [Rule; 2] = [
            |targets, seed| Connections::with_probability(targets, 50, 0.3, With, seed).unwrap(),
            |targets, seed| Connections::with_in_degree(targets, 50, 15, With, seed).unwrap(),
        ];
        for rule in rules {
            let (few, many) = (rule(7, 1), rule(70, 1));
            assert_eq!(pairs(&few)[..], pairs(&many)[..few.len()]);
            assert_ne!(rule(7, 1), rule(7, 2));
            assert_ne!(rule(7, 1), rule(7, 1 << 40));
            let row = |target| few.iter().filter(move |one| one.0 == target).map(|one| one.1);
            assert!(row(0).ne(row(1)));
        }
    }

    #[test]
    fn weights_have_the_law_asked_for() {
        let all = Connections::all_to_all(200, 250, With).unwrap();
        let n = all.len() as f64;
        let moments = |connections: &Connections| {
            let mean = connections.iter().map(|one| one.2).sum::<f64>() / n;
            let square = connections.iter().map(|one| (one.2 - mean).powi(2)).sum::<f64>() / n;
            (mean, square)
        };
        let normal = all.clone().with_normal_weights(2.0, 0.5, 1).unwrap();
        let (mean, square) = moments(&normal);
        assert!((mean - 2.0).abs() < 5.0 * 0.5 / n.sqrt(), "{mean}");
        assert!((square - 0.25).abs() < 5.0 * 0.25 * (2.0 / n).sqrt(), "{square}");
        // Variance of a uniform number: w²/12; of the square of its distance from the mean: w⁴/180.
        let uniform = all.clone().with_uniform_weights(-1.0, 3.0, 1).unwrap();
        let (mean, square) = moments(&uniform);
        assert!((mean - 1.0).abs() < 5.0 * (16.0 / 12.0 / n).sqrt(), "{mean}");
        assert!((square - 16.0 / 12.0).abs() < 5.0 * (256.0 / 180.0 / n).sqrt(), "{square}");
        assert!(uniform.iter().all(|one| (-1.0..=3.0).contains(&one.2)));
        let indices =
            all.with_weights(|target, source, old| old + (target + source) as f64).unwrap();
        assert_eq!(indices.iter().nth(251), Some((1, 1, 3.0)));
    }

    #[test]
    fn weights_and_probabilities_fall_with_distance() {
        let ring = Places::ring(5, 2.0).unwrap();
        let profile = Profile::Gaussian { peak: 3.0, sigma: 2.0 };
        let dense = Connections::by_distance(&ring, profile).unwrap().to_dense().unwrap();
        let [one, two] = [(-0.5_f64).exp(), (-2.0_f64).exp()].map(|part| 3.0 * part);
        for (source, expected) in [3.0, one, two, two, one].into_iter().enumerate() {
            assert!((dense[[0, source]] - expected).abs() < 1e-15);
        }
        let torus = Places::torus(3, 4, 1.0).unwrap();
        assert_eq!(
            (torus.distance(0, 8), torus.distance(0, 3), torus.distance(0, 2)),
            (1.0, 1.0, 2.0)
        );
        let grid = Places::grid(3, 4, 1.0).unwrap();
        assert_eq!((grid.distance(0, 8), grid.distance(0, 3)), (2.0, 3.0));
        assert_eq!(grid.distance(0, 11), 13.0_f64.sqrt());
        let points = Places::at(&ndarray::array![[0.0, 0.0, 0.0], [2.0, 3.0, 6.0]]).unwrap();
        assert_eq!(points.distances().unwrap(), ndarray::array![[0.0, 7.0], [7.0, 0.0]]);
        let hat = Profile::DifferenceOfGaussians {
            excitation: 2.0,
            sigma_e: 1.0,
            inhibition: 0.5,
            sigma_i: 3.0,
        };
        let expected = 2.0 * (-2.0_f64).exp() - 0.5 * (-2.0_f64 / 9.0).exp();
        assert!((hat.at(2.0) - expected).abs() < 1e-15);

        let line = Places::line(400, 1.0).unwrap();
        let profile = Profile::Exponential { peak: 0.8, length: 4.0 };
        let near = Connections::with_probability_by_distance(&line, profile, Without, 2).unwrap();
        for distance in [1_usize, 3, 8] {
            let count = near.iter().filter(|one| one.0.abs_diff(one.1) == distance).count();
            let p = 0.8 * (-(distance as f64) / 4.0).exp();
            assert!(is_binomial(count, 2 * (400 - distance), p), "{distance}: {count}");
        }
        assert!(near.iter().all(|one| one.0 != one.1));
    }

    #[test]
    fn what_no_rule_can_make_is_an_error() {
        let message =
            |result: Result<Connections, ConnectivityError>| result.unwrap_err().to_string();
        assert_eq!(
            message(Connections::with_probability(3, 3, 1.5, With, 0)),
            "the probability of a connection is 1.5: give one from 0 to 1"
        );
        assert_eq!(
            message(Connections::with_in_degree(3, 3, 3, Without, 0)),
            "each target is to get 3 connections, but there are 2 sources: give at most that many"
        );
        assert_eq!(
            message(Connections::all_to_all(2, 3, Without)),
            "3 sources and 2 targets are different units: only connections within a population can be \
             without self-connections"
        );
        assert_eq!(
            message(Connections::new(2, 2, [(0, 2, 1.0)])),
            "the connection from source 2 to target 0 is outside of 2 sources and 2 targets: units are \
             counted from 0"
        );
        assert_eq!(
            message(Connections::new(2, 2, [(0, 1, 1.0), (0, 1, 2.0)])),
            "the connection from source 1 to target 0 is given twice: add up the weights"
        );
        assert_eq!(
            message(Connections::new(2, 2, [(0, 1, f64::NAN)])),
            "weights at [0, 1] are NaN: give a finite number"
        );
        let huge = Connections::all_to_all(1 << 31, 1 << 31, With);
        assert!(matches!(huge, Err(ConnectivityError::TooMany { .. })));
        assert!(matches!(Connections::one_to_one(1 << 40), Err(ConnectivityError::TooMany { .. })));
        let one = || Connections::one_to_one(2).unwrap();
        assert!(
            message(one().with_normal_weights(0.0, -1.0, 0))
                .starts_with("the deviation of weights")
        );
        assert!(
            message(one().with_normal_weights(f64::NAN, 1.0, 0)).starts_with("weights at [0, 0]")
        );
        assert!(
            message(one().with_uniform_weights(1.0, 0.0, 0))
                .starts_with("the range of weights is -1")
        );
        let ring = Places::ring(4, 1.0).unwrap();
        let flat = Profile::Gaussian { peak: 1.0, sigma: 0.0 };
        assert_eq!(
            message(Connections::by_distance(&ring, flat)),
            "sigma is 0: give a positive, finite length"
        );
        let certain = Profile::Exponential { peak: 2.0, length: 1.0 };
        assert_eq!(
            message(Connections::with_probability_by_distance(&ring, certain, With, 0)),
            "the probability of a connection is 2: give a profile from 0 to 1"
        );
        assert!(matches!(Places::ring(4, 0.0), Err(ConnectivityError::Parameter { .. })));
        let four = Array2::<f64>::zeros((2, 4));
        assert!(matches!(Places::at(&four), Err(ConnectivityError::Shape { .. })));
    }
}
