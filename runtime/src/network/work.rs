//! What a method with stages keeps of one population.

use std::sync::Arc;

use super::population::Built;
use crate::integrate::{Factors, Propagator, Scheme, SingleStage, apply};
use crate::lanes::Real;
use crate::model::{ModelInfo, White};
use crate::noise::{Draws, Place, Stream};
use crate::units::{Column, Units};

/// States, slopes and what else a step is put together of; one number per unit each.
pub(super) struct Work<T> {
    /// States at the beginning of the step.
    pub(super) begun: Vec<Column<T>>,
    /// States at the beginning of an inner step, where there are any.
    pub(super) from: Vec<Column<T>>,
    /// States at the end of the last inner step, where these go beyond the steps of the simulation.
    pub(super) end: Vec<Column<T>>,
    /// For each stage the time derivatives of the states.
    pub(super) slopes: Vec<Vec<Column<T>>>,
    /// The entries of the Jacobian.
    pub(super) jacobian: Vec<Column<T>>,
    /// For each stage of the noise the factors.
    pub(super) factors: Vec<Vec<Column<T>>>,
    /// How the factors change along their own noise.
    pub(super) along: Vec<Column<T>>,
    /// Normal numbers beside those that formulas are given, and where they come from.
    pub(super) normals: Vec<(Draws<T>, Column<T>)>,
    /// For noises by their place: what the next step takes for these numbers.
    pub(super) fed: Vec<(usize, Vec<T>)>,
    /// For each unit what its linear equations are solved with.
    solvers: Vec<Factors>,
    /// For each unit what its linear part does in a step.
    pub(super) propagators: Vec<Arc<Propagator>>,
}

/// Which random numbers there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) seed: u64,
    /// How many finer steps the number of a step is the sum of.
    pub(crate) substeps: u32,
}

/// How much of each a scheme needs.
struct Needs {
    slopes: usize,
    factors: usize,
    along: bool,
    normals: usize,
    jacobian: Use,
}

/// What the Jacobian is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Nothing,
    Entries,
    Solvers,
    Propagators,
}

impl Needs {
    fn of(scheme: Scheme, info: &ModelInfo) -> Self {
        let none = Self { slopes: 1, factors: 0, along: false, normals: 0, jacobian: Use::Nothing };
        let if_so = |is_so: bool, use_of: Use| if is_so { use_of } else { Use::Nothing };
        let noises = info.noises.len();
        match scheme {
            Scheme::Stages(tableau) => {
                let implicit = tableau.implicit.is_some();
                Self { slopes: tableau.b.len(), jacobian: if_so(implicit, Use::Solvers), ..none }
            }
            Scheme::Single(stage) => Self {
                factors: 1,
                jacobian: if_so(stage == SingleStage::ExponentialEuler, Use::Entries),
                along: stage == SingleStage::Milstein,
                ..none
            },
            Scheme::EtdRungeKutta2 => Self { slopes: 2, jacobian: Use::Entries, ..none },
            Scheme::ExponentialRosenbrock => Self {
                factors: 1,
                jacobian: Use::Propagators,
                normals: if has_additive_noise(info) { info.states.len() } else { 0 },
                ..none
            },
            Scheme::EulerHeun => Self { factors: 2, along: true, ..none },
            Scheme::StochasticHeun => Self { slopes: 2, factors: 2, along: true, ..none },
            Scheme::Sra1 => Self { slopes: 2, factors: 1, normals: noises, ..none },
            Scheme::Sriw1 => Self { slopes: 2, factors: 4, normals: noises, ..none },
        }
    }
}

/// Whether there is white noise, and none of its factors depends on states or time.
pub(super) fn has_additive_noise(info: &ModelInfo) -> bool {
    let is_additive = |white| matches!(white, White::None | White::Additive);
    !info.diffusion.is_empty() && info.equations.iter().all(|one| is_additive(one.white))
}

/// How many numbers per unit a scheme needs.
pub(super) fn numbers_per_unit(scheme: Scheme, info: &ModelInfo) -> usize {
    let needs = Needs::of(scheme, info);
    let (states, if_so) = (info.states.len(), usize::from);
    let matrix = states.saturating_mul(states);
    states * (3 + needs.slopes)
        + info.diffusion.len() * (needs.factors + if_so(needs.along))
        + info.jacobian.len() * if_so(needs.jacobian != Use::Nothing)
        + needs.normals
        // Matrices are in double precision, and a propagator is four of them.
        + match needs.jacobian {
            Use::Nothing | Use::Entries => 0,
            Use::Solvers => matrix.saturating_mul(2),
            Use::Propagators => matrix.saturating_mul(8),
        }
}

impl<T: Real> Work<T> {
    pub(super) fn new(
        scheme: Scheme,
        is_adaptive: bool,
        (numbers, index): (Numbers, usize),
        population: &Built<T>,
    ) -> Self {
        let (info, len) = (population.info, population.units.len);
        let needs = Needs::of(scheme, info);
        let columns = |count: usize| -> Vec<Column<T>> {
            (0..count).map(|_| Column::per_unit(len, |_| T::default())).collect()
        };
        let states = || columns(info.states.len());
        // By state, where `Network::check_scheme` has refused what is mixed.
        let by_state = matches!(scheme, Scheme::ExponentialRosenbrock);
        let mixed = |noise: u32| {
            if by_state { None } else { population.mixed(noise as usize) }
        };
        let stream = |noise| {
            let Numbers { seed, substeps } = numbers;
            let place = Place { seed, population: index, noise, member: 0 };
            let draws = Draws::new(Stream::new(place, substeps), mixed(noise));
            (draws, Column::per_unit(len, |_| T::default()))
        };
        Self {
            begun: states(),
            from: if is_adaptive { states() } else { Vec::new() },
            end: Vec::new(),
            slopes: (0..needs.slopes).map(|_| states()).collect(),
            jacobian: columns(if needs.jacobian == Use::Nothing { 0 } else { info.jacobian.len() }),
            factors: (0..needs.factors).map(|_| columns(info.diffusion.len())).collect(),
            along: columns(if needs.along { info.diffusion.len() } else { 0 }),
            normals: (0..).take(needs.normals).map(stream).collect(),
            fed: Vec::new(),
            solvers: vec![Factors::default(); if needs.jacobian == Use::Solvers { len } else { 0 }],
            propagators: vec![
                Arc::default();
                if needs.jacobian == Use::Propagators { len } else { 0 }
            ],
        }
    }

    /// Takes over the states at the beginning of a step.
    /// Inner steps begin with it, too, unless they go beyond.
    pub(super) fn begin(&mut self, units: &Units<T>, goes_beyond: bool) {
        for (begun, state) in self.begun.iter_mut().zip(&units.states) {
            begun.copy_from(state);
        }
        if !goes_beyond {
            self.begin_inner(units);
        }
    }

    /// Takes over the states at the beginning of an inner step.
    pub(super) fn begin_inner(&mut self, units: &Units<T>) {
        for (from, state) in self.from.iter_mut().zip(&units.states) {
            from.copy_from(state);
        }
    }

    /// Makes room for the states at the end of inner steps.
    pub(super) fn make_ends(&mut self) {
        self.end.clone_from(&self.from);
    }

    /// The present states are those at the end of an inner step.
    pub(super) fn end_span(&mut self, units: &Units<T>) {
        for (end, state) in self.end.iter_mut().zip(&units.states) {
            end.copy_from(state);
        }
    }

    /// Shows the states at the end of an inner step.
    pub(super) fn show_end(&self, units: &mut Units<T>) {
        for (state, end) in units.states.iter_mut().zip(&self.end) {
            state.copy_from(end);
        }
    }

    /// An inner step begins where the last one ended.
    pub(super) fn go_on(&mut self, units: &mut Units<T>) {
        self.show_end(units);
        self.begin_inner(units);
    }

    /// Takes an inner step back.
    pub(super) fn take_back(&self, units: &mut Units<T>) {
        for (state, from) in units.states.iter_mut().zip(&self.from) {
            state.copy_from(from);
        }
    }

    /// The states that the step under way began with.
    pub(super) fn base(&self) -> &[Column<T>] {
        if self.from.is_empty() { &self.begun } else { &self.from }
    }

    /// The states at the beginning and `dt` times the weighted sum of the slopes.
    pub(super) fn combine(&self, dt: f64, weights: &[f64], into: &mut [Column<T>]) {
        for (state, (base, into)) in self.base().iter().zip(into).enumerate() {
            let terms = weights.iter().zip(&self.slopes).filter(|(weight, _)| **weight != 0.0);
            let terms: Vec<(T, &Column<T>)> =
                terms.map(|(weight, slopes)| (T::from_f64(weight * dt), &slopes[state])).collect();
            base.plus(&terms, into);
        }
    }

    /// The Jacobian of a unit by its own states, row by row. What is not finite counts as 0.
    pub(super) fn matrix(&self, info: &ModelInfo, unit: usize, into: &mut Vec<f64>) {
        let n = info.states.len();
        into.clear();
        into.resize(n * n, 0.0);
        for ([row, column], entries) in info.jacobian.iter().zip(&self.jacobian) {
            let entry = entries.get(unit).to_f64();
            if *row < n && *column < n && entry.is_finite() {
                into[row * n + column] = entry;
            }
        }
    }

    /// For each unit I - factor × Jacobian.
    pub(super) fn factorise(&mut self, population: &Built<T>, factor: f64) {
        let (n, mut matrix) = (population.info.states.len(), Vec::new());
        for unit in 0..population.units.len {
            self.matrix(population.info, unit, &mut matrix);
            self.solvers[unit].of_identity_minus(n, factor, &matrix);
        }
    }

    /// Makes the slope of a stage of a linearly implicit method of that of the model.
    pub(super) fn solve(&mut self, population: &Built<T>, stage: usize, weights: &[f64], dt: f64) {
        let n = population.info.states.len();
        let (mut matrix, mut earlier, mut slope) = (Vec::new(), vec![0.0; n], vec![0.0; n]);
        for unit in 0..population.units.len {
            self.matrix(population.info, unit, &mut matrix);
            for (state, sum) in earlier.iter_mut().enumerate() {
                let of_stage = |(weight, slopes): (&f64, &Vec<Column<T>>)| {
                    weight * slopes[state].get(unit).to_f64()
                };
                *sum = dt * weights.iter().zip(&self.slopes).map(of_stage).sum::<f64>();
            }
            for (state, slope) in slope.iter_mut().enumerate() {
                let own = self.slopes[stage][state].get(unit).to_f64();
                *slope = own + apply(n, &matrix, &earlier, state);
            }
            self.solvers[unit].solve(n, &mut slope);
            for (column, slope) in self.slopes[stage].iter_mut().zip(&slope) {
                column.as_mut_slice(population.units.len)[unit] = T::from_f64(*slope);
            }
        }
    }
}
