//! Steps with exponentials, and with white noise: one number of each unit after the other, in double
//! precision.

use std::sync::Arc;

use super::Network;
use super::population::Built;
use super::stages::{Pace, Stages, evaluate};
use super::work::{Work, has_additive_noise};
use crate::integrate::{Propagator, Scheme, SingleStage, apply, phi1, phi2};
use crate::lanes::Real;
use crate::noise::Purpose;
use crate::units::Column;

/// Which evaluations of the model a stage makes.
#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Where the slopes go.
    slopes: Option<usize>,
    /// Where the factors of noise go.
    factors: Option<usize>,
    along: bool,
    jacobian: bool,
}

impl<T: Real> Network<T> {
    /// A step of any method that is no table of coefficients, before it is bounded.
    pub(super) fn step_with_noise(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) {
        for (work, population) in stages.works.iter_mut().zip(&self.populations) {
            for (draws, normals) in &mut work.normals {
                let units = &population.units;
                draws.fill(pace.step, Purpose::Second, units.len, normals, units.hands);
            }
            for (noise, numbers) in work.fed.drain(..) {
                if let Some((_, normals)) = work.normals.get_mut(noise) {
                    normals.as_mut_slice(population.units.len).copy_from_slice(&numbers);
                }
            }
            debug_assert_eq!(work.begun.len(), population.info.states.len());
        }
        let first = Wanted { slopes: Some(0), factors: Some(0), ..Wanted::default() };
        match stages.scheme {
            Scheme::Stages(_) => {}
            Scheme::Single(stage) => {
                let jacobian = stage == SingleStage::ExponentialEuler;
                let along = stage == SingleStage::Milstein;
                self.look(pace, stages, 0.0, Wanted { along, jacobian, ..first });
                self.each(pace, stages, |population, work, dt| single(stage, population, work, dt));
            }
            Scheme::EtdRungeKutta2 => {
                self.look(
                    pace,
                    stages,
                    0.0,
                    Wanted { jacobian: true, slopes: Some(0), ..Wanted::default() },
                );
                self.each(pace, stages, |population, work, dt| {
                    population.note_slopes(pace.step, &work.slopes[0]);
                    etd_first(population, work, dt);
                });
                self.arrive(pace, stages, 1.0);
                self.look(pace, stages, 1.0, Wanted { slopes: Some(1), ..Wanted::default() });
                self.each(pace, stages, |population, work, dt| etd_second(population, work, dt));
            }
            Scheme::ExponentialRosenbrock => {
                self.look(pace, stages, 0.0, Wanted { jacobian: true, ..first });
                self.each(pace, stages, rosenbrock);
            }
            Scheme::EulerHeun => self.euler_heun(pace, stages, first),
            Scheme::StochasticHeun => self.stochastic_heun(pace, stages),
            Scheme::Sra1 => self.sra1(pace, stages, first),
            Scheme::Sriw1 => self.sriw1(pace, stages, first),
        }
    }

    /// Evaluates the model at the present states.
    fn look(&mut self, pace: Pace<'_>, stages: &mut Stages<T>, part: f64, wanted: Wanted) {
        for (index, population) in self.populations.iter_mut().enumerate() {
            let (work, times) = (&mut stages.works[index], pace.times(index, part));
            let kernels = &population.kernels;
            let (jacobian, along) = (kernels.slope_by_state, kernels.along);
            let (slope, diffusion) = ((kernels.slope)(pace.arithmetic), kernels.diffusion);
            if let Some(place) = wanted.slopes {
                evaluate(population, slope, &mut work.slopes[place], times);
            }
            if wanted.jacobian {
                evaluate(population, jacobian, &mut work.jacobian, times);
            }
            if population.info.diffusion.is_empty() {
                continue;
            }
            if let Some(place) = wanted.factors {
                evaluate(population, diffusion, &mut work.factors[place], times);
            }
            if wanted.along {
                evaluate(population, along, &mut work.along, times);
            }
        }
    }

    /// Does something with each population and its step.
    fn each(
        &mut self,
        pace: Pace<'_>,
        stages: &mut Stages<T>,
        mut act: impl FnMut(&mut Built<T>, &mut Work<T>, f64),
    ) {
        let pairs = self.populations.iter_mut().zip(&mut stages.works).zip(pace.clocks);
        pairs.for_each(|((population, work), clock)| act(population, work, clock.dt()));
    }

    /// x + f dt + ½ (g(x) + g(x + g(x) ΔW)) ΔW, with the drift in the sense of Stratonovich.
    fn euler_heun(&mut self, pace: Pace<'_>, stages: &mut Stages<T>, first: Wanted) {
        self.look(pace, stages, 0.0, Wanted { along: true, ..first });
        self.each(pace, stages, |population, work, dt| {
            to_stratonovich(population, work, 0);
            work.combine(dt, &[], &mut population.units.states);
            let first = |place| if place == 0 { dt.sqrt() } else { 0.0 };
            kick(population, work, |place, draw| first(place) * draw.xi);
        });
        self.look(pace, stages, 0.0, Wanted { factors: Some(1), ..Wanted::default() });
        self.each(pace, stages, |population, work, dt| {
            work.combine(dt, &[1.0], &mut population.units.states);
            kick(population, work, |_, draw| 0.5 * dt.sqrt() * draw.xi);
        });
    }

    /// W. Rümelin, SIAM J. Numer. Anal. 19:604, 1982, with the drift in the sense of Stratonovich.
    fn stochastic_heun(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) {
        for stage in 0..2 {
            let wanted =
                Wanted { slopes: Some(stage), factors: Some(stage), along: true, jacobian: false };
            self.look(pace, stages, if stage == 0 { 0.0 } else { 1.0 }, wanted);
            self.each(pace, stages, |population, work, dt| {
                to_stratonovich(population, work, stage);
                let (slopes, noise): (&[f64], &[f64]) =
                    if stage == 0 { (&[1.0], &[1.0]) } else { (&[0.5, 0.5], &[0.5, 0.5]) };
                work.combine(dt, slopes, &mut population.units.states);
                kick(population, work, |place, draw| {
                    noise.get(place).map_or(0.0, |weight| weight * dt.sqrt() * draw.xi)
                });
            });
            if stage == 0 {
                self.arrive(pace, stages, 1.0);
            }
        }
    }

    /// A. Rößler, SIAM J. Numer. Anal. 48:922, 2010, table 6.3.
    fn sra1(&mut self, pace: Pace<'_>, stages: &mut Stages<T>, first: Wanted) {
        self.look(pace, stages, 0.0, first);
        self.drift_stage(pace, stages);
        self.each(pace, stages, |population, work, dt| {
            work.combine(dt, &[1.0 / 3.0, 2.0 / 3.0], &mut population.units.states);
            kick(population, work, |_, draw| dt.sqrt() * draw.xi);
        });
    }

    /// The second stage of the drift that SRA1 and SRIW1 share: x + ¾ dt k + 3/2 Σ g I(1,0)/dt.
    fn drift_stage(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) {
        self.each(pace, stages, |population, work, dt| {
            work.combine(dt, &[0.75], &mut population.units.states);
            kick(
                population,
                work,
                |place, draw| {
                    if place == 0 { 1.5 * draw.first_integral(dt) } else { 0.0 }
                },
            );
        });
        self.arrive(pace, stages, 0.75);
        self.look(pace, stages, 0.75, Wanted { slopes: Some(1), ..Wanted::default() });
    }

    /// A. Rößler, SIAM J. Numer. Anal. 48:922, 2010, table 6.2.
    fn sriw1(&mut self, pace: Pace<'_>, stages: &mut Stages<T>, first: Wanted) {
        /// For each stage of the factors: its time, the weight of the drift, and those of the factors
        /// before it.
        const STAGES: [(f64, f64, &[f64]); 3] =
            [(0.25, 0.25, &[0.5]), (1.0, 1.0, &[-1.0]), (0.25, 0.25, &[-5.0, 3.0, 0.5])];
        self.look(pace, stages, 0.0, first);
        self.drift_stage(pace, stages);
        for (stage, (part, drift, weights)) in STAGES.into_iter().enumerate() {
            self.each(pace, stages, |population, work, dt| {
                work.combine(dt, &[drift], &mut population.units.states);
                kick(population, work, |place, _| {
                    weights.get(place).map_or(0.0, |weight| weight * dt.sqrt())
                });
            });
            self.arrive(pace, stages, part);
            let wanted = Wanted { factors: Some(stage + 1), ..Wanted::default() };
            self.look(pace, stages, part, wanted);
        }
        self.each(pace, stages, |population, work, dt| {
            work.combine(dt, &[1.0 / 3.0, 2.0 / 3.0], &mut population.units.states);
            kick(population, work, |place, draw| draw.sriw1(place, dt));
        });
    }
}

/// The normal numbers of one noise, unit and step.
#[derive(Clone, Copy)]
struct Draw {
    /// The one that formulas are given: ΔW = √dt ξ.
    xi: f64,
    /// Another one, where there is one.
    zeta: f64,
}

impl Draw {
    /// I(1,0)/dt: the mean of the path over the step, from its beginning.
    fn first_integral(self, dt: f64) -> f64 {
        0.5 * dt.sqrt() * (self.xi + self.zeta / 3.0_f64.sqrt())
    }

    /// The weight of the factors of a stage of SRIW1.
    fn sriw1(self, stage: usize, dt: f64) -> f64 {
        /// For each stage those of I(1), I(1,1)/√dt, I(1,0)/dt and I(1,1,1)/dt.
        const WEIGHTS: [[f64; 4]; 4] = [
            [-1.0, -1.0, 2.0, -2.0],
            [4.0 / 3.0, 4.0 / 3.0, -4.0 / 3.0, 5.0 / 3.0],
            [2.0 / 3.0, -1.0 / 3.0, -2.0 / 3.0, -2.0 / 3.0],
            [0.0, 0.0, 0.0, 1.0],
        ];
        let (root, xi) = (dt.sqrt(), self.xi);
        let integrals = [
            root * xi,
            0.5 * root * (xi * xi - 1.0),
            self.first_integral(dt),
            root * (xi * xi * xi - 3.0 * xi) / 6.0,
        ];
        WEIGHTS[stage].iter().zip(integrals).map(|(weight, integral)| weight * integral).sum()
    }
}

/// Adds to the states what noise does: for each factor the sum over its stages, weighted.
fn kick<T: Real>(population: &mut Built<T>, work: &Work<T>, weight: impl Fn(usize, Draw) -> f64) {
    let (info, len) = (population.info, population.units.len);
    for (entry, [state, noise]) in info.diffusion.iter().enumerate() {
        for unit in 0..len {
            let xi = population.units.inputs[info.inputs.len() + noise].get(unit).to_f64();
            let zeta =
                work.normals.get(*noise).map_or(0.0, |(_, normals)| normals.get(unit).to_f64());
            let draw = Draw { xi, zeta };
            let of_stage = |(place, factors): (usize, &Vec<Column<T>>)| {
                weight_or_zero(weight(place, draw), factors[entry].get(unit).to_f64())
            };
            let sum: f64 = work.factors.iter().enumerate().map(of_stage).sum();
            population.units.states[*state].as_mut_slice(len)[unit] += T::from_f64(sum);
        }
    }
}

/// A product, 0 where the weight is: stages to come may hold anything.
fn weight_or_zero(weight: f64, factor: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { weight * factor }
}

/// Takes ½ (g·∇)g from the drift of a stage: from Itô's sense to Stratonovich's.
fn to_stratonovich<T: Real>(population: &Built<T>, work: &mut Work<T>, stage: usize) {
    let len = population.units.len;
    for ([state, _], along) in population.info.diffusion.iter().zip(&work.along) {
        let slopes = work.slopes[stage][*state].as_mut_slice(len);
        for (slope, along) in slopes.iter_mut().zip(along.as_slice(len)) {
            *slope += T::from_f64(-0.5 * along.to_f64());
        }
    }
}

/// How the slope of a state changes with it, for each unit; 0 where that is not finite.
fn own_rate<T: Real>(population: &Built<T>, work: &Work<T>, state: usize, unit: usize) -> f64 {
    let place = population.info.jacobian.iter().position(|entry| *entry == [state, state]);
    let rate = place
        .map_or(0.0, |place| work.jacobian.get(place).map_or(0.0, |one| one.get(unit).to_f64()));
    if rate.is_finite() { rate } else { 0.0 }
}

/// Euler and Maruyama's step, the exponential one, or Milstein's.
fn single<T: Real>(stage: SingleStage, population: &mut Built<T>, work: &mut Work<T>, dt: f64) {
    let (info, len) = (population.info, population.units.len);
    for state in 0..info.states.len() {
        for unit in 0..len {
            let rate = own_rate(population, work, state, unit);
            let step = dt * phi1(dt * rate) * work.slopes[0][state].get(unit).to_f64();
            let next = work.begun[state].get(unit).to_f64() + step;
            population.units.states[state].as_mut_slice(len)[unit] = T::from_f64(next);
        }
    }
    for (entry, [state, noise]) in info.diffusion.iter().enumerate() {
        let gathers =
            stage == SingleStage::ExponentialEuler && info.equations[*state].has_exact_noise();
        for unit in 0..len {
            let xi = population.units.inputs[info.inputs.len() + noise].get(unit).to_f64();
            let rate = if gathers { own_rate(population, work, *state, unit) } else { 0.0 };
            let factor = work.factors[0][entry].get(unit).to_f64();
            let mut sum = factor * (dt * phi1(2.0 * dt * rate)).sqrt() * xi;
            if stage == SingleStage::Milstein {
                sum += 0.5 * dt * work.along[entry].get(unit).to_f64() * (xi * xi - 1.0);
            }
            population.units.states[*state].as_mut_slice(len)[unit] += T::from_f64(sum);
        }
    }
}

/// a = x + dt φ₁(dt λ) f(x).
fn etd_first<T: Real>(population: &mut Built<T>, work: &mut Work<T>, dt: f64) {
    single(SingleStage::Euler, population, work, dt);
}

/// a + dt φ₂(dt λ) (f(a) - f(x) - λ(a - x)).
fn etd_second<T: Real>(population: &mut Built<T>, work: &mut Work<T>, dt: f64) {
    let len = population.units.len;
    for state in 0..population.info.states.len() {
        for unit in 0..len {
            let rate = own_rate(population, work, state, unit);
            let of = |column: &Column<T>| column.get(unit).to_f64();
            let (x, a) = (of(&work.begun[state]), of(&population.units.states[state]));
            let [first, second] = [0, 1].map(|stage| of(&work.slopes[stage][state]));
            let beyond = second - first - rate * (a - x);
            let next = a + dt * phi2(dt * rate) * beyond;
            population.units.states[state].as_mut_slice(len)[unit] = T::from_f64(next);
        }
    }
}

/// x + dt φ₁(dt J) f(x), and noise that gathers as the linear part lets it.
fn rosenbrock<T: Real>(population: &mut Built<T>, work: &mut Work<T>, dt: f64) {
    let (info, len) = (population.info, population.units.len);
    let (n, is_additive) = (info.states.len(), has_additive_noise(info));
    let (mut matrix, mut covariance) = (Vec::new(), Vec::new());
    let (mut slope, mut normals) = (vec![0.0; n], vec![0.0; n]);
    for unit in 0..len {
        work.matrix(info, unit, &mut matrix);
        gather_covariance(population, work, unit, is_additive, &mut covariance);
        if !work.propagators[unit].is_of(dt, &matrix, &covariance) {
            // Units that are alike share one.
            let before = unit.checked_sub(1).map(|before| &work.propagators[before]);
            let shared = before.filter(|before| before.is_of(dt, &matrix, &covariance));
            work.propagators[unit] = match shared {
                Some(before) => Arc::clone(before),
                None => Arc::new(Propagator::new(n, dt, &matrix, &covariance)),
            };
        }
        for (slope, column) in slope.iter_mut().zip(&work.slopes[0]) {
            *slope = column.get(unit).to_f64();
        }
        for (normal, (_, values)) in normals.iter_mut().zip(&work.normals) {
            *normal = values.get(unit).to_f64();
        }
        let propagator = &work.propagators[unit];
        for state in 0..n {
            let step = apply(n, &propagator.length, &slope, state)
                + apply(n, &propagator.noise, &normals, state);
            let next = work.begun[state].get(unit).to_f64() + step;
            population.units.states[state].as_mut_slice(len)[unit] = T::from_f64(next);
        }
    }
    if !is_additive {
        kick(population, work, |_, draw| dt.sqrt() * draw.xi);
    }
}

/// Σ g gᵀ over the noises of a unit, row by row; 0 where its law is not the linear one.
fn gather_covariance<T: Real>(
    population: &Built<T>,
    work: &Work<T>,
    unit: usize,
    is_additive: bool,
    into: &mut Vec<f64>,
) {
    let info = population.info;
    let n = info.states.len();
    into.clear();
    into.resize(n * n, 0.0);
    if !is_additive {
        return;
    }
    for ([row, noise], left) in info.diffusion.iter().zip(&work.factors[0]) {
        for ([column, other], right) in info.diffusion.iter().zip(&work.factors[0]) {
            if noise == other {
                into[row * n + column] += left.get(unit).to_f64() * right.get(unit).to_f64();
            }
        }
    }
}
