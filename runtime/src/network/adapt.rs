//! Inner steps that adapt to a tolerance.
//!
//! These begin and end with each step of the simulation: there inputs change, monitors look, and what
//! is past is stored. A length that was good is kept across. For those that go beyond see `spans`.

use super::Network;
use super::stages::{Pace, Stages};
use crate::error::Error;
use crate::integrate::{Tableau, Tolerance};
use crate::lanes::Real;

/// Chooses the lengths of inner steps (PI control: K. Gustafsson, ACM Trans. Math. Softw. 17:533, 1991; E.
/// Hairer and G. Wanner, Solving Ordinary Differential Equations II, section IV.2).
#[derive(Clone, Debug)]
pub(crate) struct Control {
    tolerance: Tolerance,
    /// The next inner step, in steps.
    length: f64,
    /// The error of the last one that was accepted, in tolerances.
    last: f64,
    was_rejected: bool,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    /// How often the slopes of all populations were evaluated.
    pub(crate) evaluations: u64,
    /// Whether inner steps may be longer than those of the simulation.
    goes_beyond: bool,
}

/// Below this part of a step there is no progress: what is added is lost in rounding.
pub(super) const SHORTEST: f64 = 1e-9;

impl Control {
    pub(crate) fn new(tolerance: Tolerance) -> Self {
        Self {
            tolerance,
            length: 1.0,
            last: 1.0,
            was_rejected: false,
            accepted: 0,
            rejected: 0,
            evaluations: 0,
            goes_beyond: false,
        }
    }

    /// Back to the beginning; the counts stay.
    pub(super) fn reset(&mut self) {
        let Self { tolerance, accepted, rejected, evaluations, goes_beyond, .. } = *self;
        *self = Self { accepted, rejected, evaluations, ..Self::new(tolerance) };
        self.go_beyond(goes_beyond);
    }

    /// Whether inner steps may be longer than those of the simulation. If so, the first is found out.
    pub(super) fn go_beyond(&mut self, goes_beyond: bool) {
        self.goes_beyond = goes_beyond;
        self.length = if goes_beyond { 0.0 } else { 1.0 };
    }

    /// The length of the next inner step, in steps; 0 as long as nothing is known.
    pub(super) fn length(&self) -> f64 {
        self.length
    }

    pub(super) fn set_length(&mut self, length: f64) {
        self.length = length;
    }

    /// An inner step that was accurate met a bound beyond the step of the simulation.
    pub(super) fn shorten(&mut self, length: f64) {
        self.length = length;
        self.rejected += 1;
    }

    /// What is tolerated of a state of that size.
    pub(super) fn scale(&self, size: f64) -> f64 {
        let Tolerance { relative, absolute } = self.tolerance;
        let scale = absolute + relative * size;
        // Where only a part of the state is tolerated, a state that is 0 says nothing.
        if scale > 0.0 { scale } else { f64::INFINITY }
    }

    /// How many numbers the next inner step depends on.
    pub(super) const KEPT: usize = 3;

    /// What the next inner step depends on.
    pub(super) fn keep(&self) -> Vec<f64> {
        vec![self.length, self.last, f64::from(self.was_rejected)]
    }

    pub(super) fn restore(&mut self, kept: &[f64]) {
        if let [length, last, was_rejected] = *kept {
            (self.length, self.last, self.was_rejected) = (length, last, was_rejected != 0.0);
        }
    }

    /// The next inner step where so much is left to go: not beyond, and no splinter before it.
    pub(super) fn propose(&self, rest: f64) -> f64 {
        if 1.01 * self.length >= rest { rest } else { self.length }
    }

    /// Whether an inner step is good, and how long the next one is to be.
    pub(super) fn judge(&mut self, length: f64, error: f64, order: u8) -> bool {
        let exponent = 1.0 / f64::from(order + 1);
        let is_good = error <= 1.0;
        if is_good {
            let error = error.max(1e-6);
            let factor = 0.9 * error.powf(-0.7 * exponent) * self.last.powf(0.4 * exponent);
            let most = if self.was_rejected { 1.0 } else { 5.0 };
            let next = length * factor.clamp(0.2, most);
            // A step that was cut short at the end of the grid says nothing against a longer one.
            let is_cut = length < self.length;
            self.length = if is_cut { next.max(self.length) } else { next };
            if !self.goes_beyond {
                self.length = self.length.min(1.0);
            }
            self.last = error;
            self.accepted += 1;
        } else {
            let factor = if error.is_finite() { 0.9 * error.powf(-exponent) } else { 0.0 };
            self.length = length * factor.clamp(0.2, 1.0);
            self.rejected += 1;
        }
        self.was_rejected = !is_good;
        is_good
    }
}

/// The largest error of a step.
#[derive(Clone, Copy)]
pub(super) struct Worst {
    /// In tolerances.
    pub(super) error: f64,
    population: usize,
    state: usize,
    unit: usize,
}

impl<T: Real> Network<T> {
    /// Makes a step of as many inner ones as the tolerance wants.
    pub(super) fn adapt(
        &mut self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &mut Stages<T>,
    ) -> Result<(), Error> {
        let order = tableau.embedded.as_ref().map_or(0, |embedded| embedded.order);
        let (mut part, mut is_present) = (0.0, true);
        while part < 1.0 {
            if !is_present {
                self.arrive(pace, stages, part);
            }
            let Some(length) = stages.control.as_ref().map(|control| control.propose(1.0 - part))
            else {
                break;
            };
            self.run_stages(pace, tableau, stages, ([part, length], 0));
            is_present = false;
            let worst = self.worst_error(pace, tableau, stages, length);
            let Some(control) = &mut stages.control else { break };
            if control.judge(length, worst.error, order) {
                self.bound(pace, stages);
                part = if length >= 1.0 - part { 1.0 } else { part + length };
                for (work, population) in stages.works.iter_mut().zip(&self.populations) {
                    work.begin_inner(&population.units);
                }
                continue;
            }
            let next = control.length;
            for (work, population) in stages.works.iter().zip(&mut self.populations) {
                work.take_back(&mut population.units);
            }
            if next < SHORTEST {
                return Err(self.give_up(pace, stages, part, worst));
            }
        }
        Ok(())
    }

    /// The error that the embedded method sees: the largest over all states and units, so that one
    /// unit is as accurate among many as it is alone.
    pub(super) fn worst_error(
        &self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &Stages<T>,
        length: f64,
    ) -> Worst {
        let mut worst = Worst { error: 0.0, population: 0, state: 0, unit: 0 };
        let (Some(control), Some(embedded)) = (&stages.control, &tableau.embedded) else {
            return worst;
        };
        let Tolerance { relative, absolute } = control.tolerance;
        let weights: Vec<f64> =
            tableau.b.iter().zip(embedded.b).map(|(b, other)| b - other).collect();
        for (population, (built, work)) in self.populations.iter().zip(&stages.works).enumerate() {
            let dt = length * pace.clocks[population].dt();
            for (state, column) in built.units.states.iter().enumerate() {
                for unit in 0..built.units.len {
                    let of_stage = |(weight, slopes): (&f64, &Vec<crate::units::Column<T>>)| {
                        weight * slopes[state].get(unit).to_f64()
                    };
                    let error = dt * weights.iter().zip(&work.slopes).map(of_stage).sum::<f64>();
                    let size = |column: &crate::units::Column<T>| column.get(unit).to_f64().abs();
                    let size = size(column).max(size(&work.from[state]));
                    // 0/0, where nothing moves and nothing is tolerated, is no error.
                    let error =
                        if error == 0.0 { 0.0 } else { error.abs() / (absolute + relative * size) };
                    let next = column.get(unit).is_finite();
                    let error = if error.is_nan() || !next { f64::INFINITY } else { error };
                    if error > worst.error {
                        worst = Worst { error, population, state, unit };
                    }
                }
            }
        }
        worst
    }

    /// Back to the beginning of the step.
    pub(super) fn give_up(
        &mut self,
        pace: Pace<'_>,
        stages: &mut Stages<T>,
        part: f64,
        worst: Worst,
    ) -> Error {
        for (work, population) in stages.works.iter().zip(&mut self.populations) {
            for (state, begun) in population.units.states.iter_mut().zip(&work.begun) {
                state.copy_from(begun);
            }
        }
        stages.control.iter_mut().for_each(Control::reset);
        let population = &self.populations[worst.population];
        let clock = pace.clocks[worst.population];
        let symbol = population.info.time.symbol();
        Error::StepTooSmall {
            population: population.name.clone(),
            state: population.info.states[worst.state].name,
            unit: population.label(worst.unit),
            time: clock.at(pace.step) + part * clock.dt(),
            time_unit: if symbol.is_empty() { String::new() } else { format!(" {symbol}") },
        }
    }
}
