//! Inner steps that adapt to a tolerance and go beyond the steps of the simulation, where nothing from
//! outside changes: values on the grid are read from the dense output of the method.

use super::adapt::{SHORTEST, Worst};
use super::stages::{Pace, Stages, evaluate};
use super::stimulus::Drive;
use super::work::Work;
use super::{Network, Port};
use crate::error::Error;
use crate::integrate::{Bounds, Delivery, Tableau};
use crate::lanes::Real;
use crate::simulation::Options;

/// What inner steps that span others have come to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spans {
    /// The last inner step that was accepted, if the next goes on from it.
    ahead: Option<Span>,
    /// Whether the slope at its end is that of its last stage.
    knows_slope: bool,
}

/// An inner step: from where to where, in steps and parts of steps.
#[derive(Clone, Copy, Debug)]
struct Span {
    begin: (u64, f64),
    length: f64,
    end: (u64, f64),
}

impl Span {
    /// Where it is at a step, from 0 to 1.
    fn part_at(&self, step: u64) -> f64 {
        // Never before its beginning, for there inner steps go on only where a step needs it.
        let whole = step.saturating_sub(self.begin.0) as f64;
        (whole - self.begin.1) / self.length
    }
}

/// How many numbers a span is kept as, before those of the units.
const KEPT: usize = 6;

impl Spans {
    /// As numbers, with those of the units that it is read from.
    pub(super) fn keep<T: Real>(&self, works: &[Work<T>], units: &[usize]) -> Vec<f64> {
        let Some(Span { begin, length, end }) = self.ahead else { return Vec::new() };
        let knows_slope = f64::from(self.knows_slope);
        let mut kept = vec![begin.0 as f64, begin.1, length, end.0 as f64, end.1, knows_slope];
        for (work, len) in works.iter().zip(units) {
            let columns = work.from.iter().chain(&work.end).chain(work.slopes.iter().flatten());
            kept.extend(columns.flat_map(|one| one.as_slice(*len)).map(|value| value.to_f64()));
        }
        kept
    }

    /// Goes on from what was kept; from nothing where it does not fit.
    pub(super) fn restore<T: Real>(kept: &[f64], works: &mut [Work<T>], units: &[usize]) -> Self {
        let Some(([first, part, length, last, behind, knows_slope], mut rest)) =
            kept.split_first_chunk::<KEPT>()
        else {
            return Self::default();
        };
        for (work, len) in works.iter_mut().zip(units) {
            let from = work.from.iter_mut().chain(&mut work.end);
            for column in from.chain(work.slopes.iter_mut().flatten()) {
                let Some((values, others)) = rest.split_at_checked(*len) else {
                    return Self::default();
                };
                let pairs = column.as_mut_slice(*len).iter_mut().zip(values);
                pairs.for_each(|(into, value)| *into = T::from_f64(*value));
                rest = others;
            }
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        let [begin, end] = [(*first as u64, *part), (*last as u64, *behind)];
        let ahead = Some(Span { begin, length: *length, end });
        Self { ahead, knows_slope: *knows_slope != 0.0 }
    }
}

impl<T: Real> Network<T> {
    /// Why inner steps must end with each step of the simulation, if they must.
    pub(crate) fn why_on_grid(
        &self,
        tableau: Option<&Tableau>,
        options: &Options,
    ) -> Option<&'static str> {
        let is_still = |drive: &Drive| drive.changes_at_edges();
        let has_memory = |port: &Port<T>| {
            port.projections.iter().any(|place| self.projections[*place].is_delayed())
        };
        let ports = || self.ports.iter().flatten();
        if tableau.is_none_or(|tableau| tableau.dense.is_none()) {
            Some("the method says nothing of what lies within its steps")
        } else if options.delivery == Delivery::Frozen {
            Some("what is given is held over each step")
        } else if options.bounds == Bounds::Reflect {
            Some("states are reflected at the end of each step")
        } else if self.populations.iter().any(|one| !one.info.noises.is_empty()) {
            Some("noise is held over each step")
        } else if self.populations.iter().any(|one| !one.past.is_empty()) || ports().any(has_memory)
        {
            Some("past values are remembered at each step")
        } else if ports().any(|port| !port.drives.iter().all(is_still)) {
            Some("a stimulus is a function of time or a table, which each step looks at")
        } else {
            None
        }
    }

    /// The next step, after one, at which a stimulus changes.
    fn next_edge(&self, step: u64) -> u64 {
        let drives = self.ports.iter().flatten().flat_map(|port| &port.drives);
        drives.map(|drive| drive.next_edge(step)).min().unwrap_or(u64::MAX)
    }

    /// Makes a step, as far as inner ones that were made before do not reach its end already.
    pub(super) fn adapt_ahead(
        &mut self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &mut Stages<T>,
    ) -> Result<(), Error> {
        let target = pace.step + 1;
        loop {
            let spans = stages.spans.get_or_insert_default();
            match spans.ahead {
                Some(span) if span.end.0 >= target => break,
                _ => self.span(pace, tableau, stages)?,
            }
        }
        self.read_dense(pace, tableau, stages);
        Ok(())
    }

    /// Makes one inner step that is accurate enough.
    fn span(
        &mut self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &mut Stages<T>,
    ) -> Result<(), Error> {
        let order = tableau.embedded.as_ref().map_or(0, |embedded| embedded.order);
        let (step, part) = self.begin_span(pace, tableau, stages);
        let (target, edge) = (pace.step + 1, self.next_edge(step));
        let pace_of_span = Pace { step, ..pace };
        // Where a bound is met, inner steps go no further than the step does.
        let mut last = edge;
        loop {
            let rest = (last - step) as f64 - part;
            let Some(control) = &stages.control else { return Ok(()) };
            let (length, within) = (control.propose(rest), (target - step) as f64 - part);
            let is_beyond = length > within;
            self.run_stages(pace_of_span, tableau, stages, ([part, length], 1));
            let worst = self.worst_error(pace_of_span, tableau, stages, length);
            let is_clipped = worst.error <= 1.0 && self.clip(pace_of_span, stages);
            let Some(control) = &mut stages.control else { return Ok(()) };
            if is_clipped && is_beyond {
                control.shorten(within);
                last = target;
            } else if control.judge(length, worst.error, order) {
                let end = if length == rest { (last, 0.0) } else { split(step, part + length) };
                let ahead = Some(Span { begin: (step, part), length, end });
                let knows_slope = !is_clipped && end != (edge, 0.0);
                stages.spans = Some(Spans { ahead, knows_slope });
                for (work, population) in stages.works.iter_mut().zip(&self.populations) {
                    work.end_span(&population.units);
                }
                return Ok(());
            } else if control.length() < SHORTEST {
                return Err(self.give_up_ahead(pace_of_span, stages, part, worst));
            }
            for (work, population) in stages.works.iter().zip(&mut self.populations) {
                work.take_back(&mut population.units);
            }
        }
    }

    /// Goes to where the last inner step ended, or else begins with the present states; the slopes
    /// there are those of the first stage then.
    fn begin_span(
        &mut self,
        pace: Pace<'_>,
        tableau: &Tableau,
        stages: &mut Stages<T>,
    ) -> (u64, f64) {
        let Spans { ahead, knows_slope } = stages.spans.unwrap_or_default();
        let last = tableau.b.len() - 1;
        for (work, population) in stages.works.iter_mut().zip(&mut self.populations) {
            if ahead.is_some() {
                work.go_on(&mut population.units);
                // The last stage is at the end of the step, with its states.
                work.slopes.swap(0, last);
            } else {
                work.begin_inner(&population.units);
            }
        }
        let (step, part) = ahead.map_or((pace.step, 0.0), |span| span.end);
        let pace = Pace { step, ..pace };
        if ahead.is_none() || !knows_slope {
            if ahead.is_some() {
                self.arrive(pace, stages, part);
            }
            self.evaluate_slopes(pace, stages, 0, part);
        }
        if stages.control.as_ref().is_some_and(|control| control.length() == 0.0) {
            let order = tableau.embedded.as_ref().map_or(0, |embedded| embedded.order + 1);
            let length = self.first_length(pace, stages, (part, order));
            stages.control.iter_mut().for_each(|control| control.set_length(length));
        }
        (step, part)
    }

    /// The slopes at the present states and inputs.
    fn evaluate_slopes(&mut self, pace: Pace<'_>, stages: &mut Stages<T>, stage: usize, part: f64) {
        for (index, population) in self.populations.iter_mut().enumerate() {
            let slope = (population.kernels.slope)(pace.arithmetic);
            let into = &mut stages.works[index].slopes[stage];
            evaluate(population, slope, into, pace.times(index, part));
        }
        stages.control.iter_mut().for_each(|control| control.evaluations += 1);
    }

    /// The length of the first inner step, in steps (E. Hairer, S. P. Nørsett and G. Wanner, Solving
    /// Ordinary Differential Equations I, 2nd edition, Springer 1993, section II.4). As there, but the
    /// shortest of those that each state would have alone, none taken for smaller than what is tolerated,
    /// with time counted in what it takes to change by as much as it is, so that no unit matters.
    fn first_length(
        &mut self,
        pace: Pace<'_>,
        stages: &mut Stages<T>,
        (part, order): (f64, u8),
    ) -> f64 {
        let unit = |size: f64, slope: f64| size / slope.abs();
        let first = self.shortest(pace, stages, |size, slope, _| 0.01 * unit(size, slope));
        let Some(length) = first else {
            // At rest there is nothing to be told.
            return 1.0;
        };
        self.move_states(pace, stages, &[1.0], length);
        self.arrive(pace, stages, part + length);
        self.evaluate_slopes(pace, stages, 1, part + length);
        for (work, population) in stages.works.iter().zip(&mut self.populations) {
            work.take_back(&mut population.units);
        }
        let second = self.shortest(pace, stages, |size, slope, next| {
            let unit = unit(size, slope);
            let bend = (next - slope).abs() / length * unit * unit;
            unit * (0.01 / size.max(bend)).powf(1.0 / f64::from(order))
        });
        second.unwrap_or(length).min(100.0 * length)
    }

    /// The shortest of what each state wants, if any wants anything: made of its size, at least 1, and the
    /// slopes of the first two stages, per step, all in tolerances.
    fn shortest(
        &self,
        pace: Pace<'_>,
        stages: &Stages<T>,
        of: impl Fn(f64, f64, f64) -> f64,
    ) -> Option<f64> {
        let control = stages.control.as_ref()?;
        let mut shortest = f64::INFINITY;
        for (index, work) in stages.works.iter().enumerate() {
            let dt = pace.clocks[index].dt();
            for (state, from) in work.from.iter().enumerate() {
                for unit in 0..self.populations[index].units.len {
                    let x = from.get(unit).to_f64().abs();
                    let scale = control.scale(x);
                    let slope = |stage: usize| dt * work.slopes[stage][state].get(unit).to_f64();
                    let wanted = of((x / scale).max(1.0), slope(0) / scale, slope(1) / scale);
                    // What is at rest, or not finite, wants nothing.
                    if wanted > 0.0 && wanted.is_finite() {
                        shortest = shortest.min(wanted);
                    }
                }
            }
        }
        shortest.is_finite().then_some(shortest)
    }

    /// Clips states into their intervals; whether that changed any.
    fn clip(&mut self, pace: Pace<'_>, stages: &mut Stages<T>) -> bool {
        for (work, population) in stages.works.iter_mut().zip(&self.populations) {
            work.end_span(&population.units);
        }
        self.bound(pace, stages);
        let changes = |(work, population): (&Work<T>, &super::population::Built<T>)| {
            let len = population.units.len;
            let pairs = population.units.states.iter().zip(&work.end);
            pairs.into_iter().any(|(state, free)| state.as_slice(len) != free.as_slice(len))
        };
        stages.works.iter().zip(&self.populations).any(changes)
    }

    /// Sets the states to those at the end of the step, which lies within the last inner one.
    fn read_dense(&mut self, pace: Pace<'_>, tableau: &Tableau, stages: &mut Stages<T>) {
        let Some(span) = stages.spans.and_then(|spans| spans.ahead) else { return };
        let target = pace.step + 1;
        if span.end == (target, 0.0) {
            for (work, population) in stages.works.iter().zip(&mut self.populations) {
                work.show_end(&mut population.units);
            }
            return;
        }
        let weights = tableau.weights_at(span.part_at(target));
        self.move_states(pace, stages, &weights, span.length);
        self.bound(pace, stages);
    }

    /// Back to the beginning of the step; what is ahead is forgotten.
    fn give_up_ahead(
        &mut self,
        pace: Pace<'_>,
        stages: &mut Stages<T>,
        part: f64,
        worst: Worst,
    ) -> Error {
        stages.forget_ahead();
        self.give_up(pace, stages, part, worst)
    }
}

/// A place after a step as whole steps and a part of one.
fn split(step: u64, part: f64) -> (u64, f64) {
    let whole = part.floor();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and `as` saturates"
    )]
    let count = whole as u64;
    (step.saturating_add(count), part - whole)
}
