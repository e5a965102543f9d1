//! Steps that take more than one pass over the units: methods with stages, with matrices, and with steps
//! that adapt.

use super::population::Built;
use super::{Moment, Network};
use crate::error::Error;
use crate::integrate::{Arithmetic, Bounds, Delivery, Run, Scheme, Tableau};
use crate::lanes::Real;
use crate::network::adapt::Control;
use crate::network::spans::Spans;
use crate::network::work::{Numbers, Work};
use crate::time::Clock;

/// What such a method keeps while it makes a step.
pub(crate) struct Stages<T> {
    pub(super) scheme: Scheme,
    pub(super) delivery: Delivery,
    bounds: Bounds,
    /// For each population.
    pub(super) works: Vec<Work<T>>,
    /// Of steps that adapt.
    pub(crate) control: Option<Control>,
    /// Of those that go beyond the steps of the simulation.
    pub(super) spans: Option<Spans>,
}

impl<T: Real> Stages<T> {
    pub(crate) fn new(
        scheme: Scheme,
        (delivery, bounds): (Delivery, Bounds),
        control: Option<Control>,
        numbers: Numbers,
        populations: &[Built<T>],
    ) -> Self {
        let is_adaptive = control.is_some();
        let work =
            |(index, population)| Work::new(scheme, is_adaptive, (numbers, index), population);
        let works = populations.iter().enumerate().map(work).collect();
        let spans = None;
        Self { scheme, delivery, bounds, works, control, spans }
    }

    /// Lets inner steps go beyond those of the simulation, or stop at each.
    pub(crate) fn go_beyond(&mut self, goes_beyond: bool) {
        if self.spans.is_some() == goes_beyond {
            return;
        }
        self.spans = goes_beyond.then(Spans::default);
        self.works.iter_mut().filter(|_| goes_beyond).for_each(Work::make_ends);
        self.control.iter_mut().for_each(|control| control.go_beyond(goes_beyond));
    }

    /// The coefficients of the method, if it has any.
    pub(crate) fn tableau(&self) -> Option<&'static Tableau> {
        match self.scheme {
            Scheme::Stages(tableau) => Some(tableau),
            _ => None,
        }
    }

    /// Forgets inner steps that were made ahead, because states or parameters have changed.
    pub(crate) fn forget_ahead(&mut self) {
        self.spans = self.spans.map(|_| Spans::default());
    }

    /// Whether it draws random numbers of its own.
    pub(crate) fn draws(&self) -> bool {
        self.works.iter().any(|work| !work.normals.is_empty())
    }

    /// Back to t = 0.
    pub(crate) fn reset(&mut self) {
        self.forget_ahead();
        self.works.iter_mut().for_each(|work| work.fed.clear());
        if let Some(control) = &mut self.control {
            control.reset();
        }
    }

    /// Whether the method draws a second number for each noise and unit.
    pub(crate) fn draws_twice(&self) -> bool {
        matches!(self.scheme, Scheme::Sra1 | Scheme::Sriw1)
    }

    /// The next step takes these numbers for the second ones of a noise of the first population.
    pub(crate) fn feed_second(&mut self, noise: usize, numbers: Vec<T>) {
        if let Some(work) = self.works.first_mut() {
            work.fed.push((noise, numbers));
        }
    }

    /// What inner steps go on with, if there are any: of populations with so many units.
    pub(crate) fn keep(&self, units: &[usize]) -> Option<Vec<f64>> {
        let mut kept = self.control.as_ref().map(Control::keep)?;
        kept.extend(self.spans.iter().flat_map(|spans| spans.keep(&self.works, units)));
        Some(kept)
    }

    /// Goes on with what was kept.
    pub(crate) fn restore(&mut self, kept: &[f64], units: &[usize]) {
        self.reset();
        let (of_control, of_spans) = kept.split_at_checked(Control::KEPT).unwrap_or_default();
        self.control.iter_mut().for_each(|control| control.restore(of_control));
        if self.spans.is_some() {
            self.spans = Some(Spans::restore(of_spans, &mut self.works, units));
        }
    }
}

/// Which step it is, and how formulas are computed.
#[derive(Clone, Copy)]
pub(super) struct Pace<'a> {
    pub(super) step: u64,
    pub(super) clocks: &'a [Clock],
    pub(super) arithmetic: Arithmetic,
}

impl Pace<'_> {
    /// A moment within the step and the length of the step, in a population's own time.
    pub(super) fn times<T: Real>(self, index: usize, part: f64) -> [T; 2] {
        let clock = self.clocks[index];
        let at = Moment { step: self.step, part };
        [T::from_f64(at.time(clock)), T::from_f64(clock.dt())]
    }
}

impl<T: Real> Network<T> {
    /// Advances all populations by one step, from what `deliver` computed.
    ///
    /// # Errors
    /// Of steps that adapt: [`Error::StepTooSmall`]. The states are those at the beginning then.
    pub(crate) fn advance_by_stages(
        &mut self,
        step: u64,
        clocks: &[Clock],
        stages: &mut Stages<T>,
        arithmetic: Arithmetic,
    ) -> Result<(), Error> {
        self.remember(step, clocks, arithmetic);
        let advanced = self.try_by_stages(Pace { step, clocks, arithmetic }, stages);
        if advanced.is_err() {
            // It may be tried again, from other states.
            self.populations.iter_mut().for_each(|population| population.past.forget_newest());
        }
        advanced
    }

    fn try_by_stages(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) -> Result<(), Error> {
        let goes_beyond = stages.spans.is_some();
        for (work, population) in stages.works.iter_mut().zip(&self.populations) {
            work.begin(&population.units, goes_beyond);
        }
        match (stages.scheme, stages.control.is_some()) {
            (Scheme::Stages(tableau), true) if stages.spans.is_some() => {
                self.adapt_ahead(pace, tableau, stages)?;
            }
            (Scheme::Stages(tableau), true) => self.adapt(pace, tableau, stages)?,
            (Scheme::Stages(tableau), false) => {
                self.run_stages(pace, tableau, stages, ([0.0, 1.0], 0));
                self.bound(pace, stages);
            }
            _ => {
                self.step_with_noise(pace, stages);
                self.bound(pace, stages);
            }
        }
        for population in &mut self.populations {
            population.advance_noise(pace.step);
        }
        Ok(())
    }

    /// What populations are given at a moment within the step, from their present states.
    pub(super) fn arrive(&mut self, pace: Pace<'_>, stages: &Stages<T>, part: f64) {
        if stages.delivery == Delivery::Frozen {
            return;
        }
        for (population, work) in self.populations.iter_mut().zip(&stages.works) {
            population.fill_past_within((pace.step, part), &work.begun);
        }
        self.deliver_given(Moment { step: pace.step, part }, pace.clocks, pace.arithmetic);
    }

    /// The step of a table of coefficients over a `length` of the step from a `part` of it on, where
    /// what populations are given is present. The slopes of stages before the `first` are known.
    pub(super) fn run_stages(
        &mut self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &mut Stages<T>,
        ([part, length], first): ([f64; 2], usize),
    ) {
        if let Some(control) = &mut stages.control {
            control.evaluations += (tableau.b.len() - first) as u64;
        }
        for (stage, (weights, c)) in tableau.a.iter().zip(tableau.c).enumerate().skip(first) {
            let at = part + c * length;
            if stage > 0 {
                self.move_states(pace, stages, weights, length);
                self.arrive(pace, stages, at);
            }
            for (index, population) in self.populations.iter_mut().enumerate() {
                let (work, times) = (&mut stages.works[index], pace.times(index, at));
                let slope = (population.kernels.slope)(pace.arithmetic);
                evaluate(population, slope, &mut work.slopes[stage], times);
                if at == 0.0 {
                    population.note_slopes(pace.step, &work.slopes[stage]);
                }
                let Some(implicit) = &tableau.implicit else { continue };
                let dt = length * pace.clocks[index].dt();
                if stage == 0 {
                    let by_state = population.kernels.slope_by_state;
                    evaluate(population, by_state, &mut work.jacobian, times);
                    work.factorise(population, implicit.diagonal * dt);
                }
                work.solve(population, stage, implicit.below[stage], dt);
            }
        }
        self.move_states(pace, stages, tableau.b, length);
    }

    /// Sets the states to those at the beginning and the weighted sum of the slopes.
    pub(super) fn move_states(
        &mut self,
        pace: Pace<'_>,
        stages: &Stages<T>,
        weights: &[f64],
        length: f64,
    ) {
        for (index, (population, work)) in
            self.populations.iter_mut().zip(&stages.works).enumerate()
        {
            let dt = length * pace.clocks[index].dt();
            work.combine(dt, weights, &mut population.units.states);
        }
    }

    /// Keeps states in their intervals.
    pub(super) fn bound(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) {
        for (index, population) in self.populations.iter_mut().enumerate() {
            let bound = population.kernels.bound;
            let [t, dt] = pace.times(index, 0.0);
            let units = &mut population.units;
            match stages.bounds {
                Bounds::Clip => bound(units, t, dt),
                Bounds::Reflect => {
                    // At a wall b, x becomes 2b - x.
                    let free = &mut stages.works[index].slopes[0];
                    for (free, state) in free.iter_mut().zip(&units.states) {
                        free.copy_from(state);
                    }
                    bound(units, t, dt);
                    for (free, state) in free.iter().zip(&mut units.states) {
                        let pairs = state.as_mut_slice(units.len).iter_mut();
                        for (state, free) in pairs.zip(free.as_slice(units.len)) {
                            *state = *state + (*state - *free);
                        }
                    }
                    bound(units, t, dt);
                }
            }
        }
    }
}

/// Runs a pass, and puts into `into` what it computes.
pub(super) fn evaluate<T: Real>(
    population: &mut Built<T>,
    run: Run<T>,
    into: &mut Vec<crate::units::Column<T>>,
    [t, dt]: [T; 2],
) {
    population.units.slopes = std::mem::take(into);
    run(&mut population.units, t, dt);
    *into = std::mem::take(&mut population.units.slopes);
}
