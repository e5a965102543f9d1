//! What there is to say of a network before it runs.

use super::Network;
use super::history::Lag;
use super::population::Built;
use super::projection::Link;
use crate::integrate::{Delivery, Integrator, Scheme};
use crate::lanes::Real;
use crate::report::{
    DelayReport, Evaluation, NoiseReport, PastReport, PopulationReport, ProjectionReport, Reading,
    SlopesBy, StateReport,
};
use crate::simulation::Options;
use crate::time::{Clock, Time};
use crate::warning::{ShortDelay, Warning};

/// How delays are read, whatever they are.
#[derive(Clone, Copy)]
pub(crate) struct How {
    pub(crate) dt: Time,
    pub(crate) integrator: Integrator,
    pub(crate) delivery: Delivery,
    pub(crate) adapts: bool,
    /// Whether slopes at the beginning of steps come from equations.
    pub(crate) knows_slopes: bool,
}

impl How {
    pub(crate) fn of(dt: Time, integrator: Integrator, options: &Options) -> Self {
        let Options { delivery, tolerance, bounds, .. } = *options;
        let scheme = integrator.scheme(bounds);
        let knows_slopes = matches!(scheme, Some(Scheme::Stages(_) | Scheme::EtdRungeKutta2));
        Self { dt, integrator, delivery, adapts: tolerance.is_some(), knows_slopes }
    }

    /// Whether stages lie between steps and look for the past of that moment.
    fn has_stages(self) -> bool {
        Evaluation::of(self.integrator, self.delivery) == Evaluation::EachStage
    }

    /// Whether values that are linear within a step are less than the method could do with.
    fn wants_more_than_lines(self) -> bool {
        self.has_stages() && (self.adapts || self.integrator.order() > 2)
    }
}

impl<T: Real> Network<T> {
    /// What there is to say of all populations.
    pub(crate) fn describe_populations(&self, clocks: &[Clock], how: How) -> Vec<PopulationReport> {
        let pairs = self.populations.iter().zip(clocks);
        pairs.map(|(population, clock)| population.describe(*clock, how)).collect()
    }

    /// What there is to say of all projections.
    pub(crate) fn describe_projections(&self, how: How) -> Vec<ProjectionReport> {
        self.projections.iter().map(|link| link.describe(&self.populations, how)).collect()
    }

    /// Delays that the step does not resolve.
    pub(crate) fn short_delays(&self, clocks: &[Clock], how: How) -> Vec<Warning> {
        let links = self.projections.iter();
        let links = links.filter_map(|link| link.short_delays(&self.populations, how));
        let pairs = self.populations.iter().zip(clocks);
        let past = pairs.flat_map(|(population, clock)| population.short_delays(*clock, how));
        links.chain(past).collect()
    }
}

impl<T: Real> Built<T> {
    fn describe(&self, clock: Clock, how: How) -> PopulationReport {
        let states = self.info.states.iter().zip(self.info.equations);
        let state = |(symbol, equation): (&crate::model::Symbol, &crate::model::Equation)| {
            StateReport { name: symbol.name, unit: symbol.unit, equation: *equation }
        };
        let past = self.info.delays.iter().enumerate().map(|(read, delay)| {
            let values = self.delays_of(read);
            let is_whole = |value: &f64| Lag::new::<T>(value / clock.dt()).part == 0.0;
            let is_on_steps = values.iter().all(is_whole) && !how.has_stages();
            let source = self.past.source_of(read);
            let reading =
                if is_on_steps { Reading::OnSteps } else { self.reads_between(source, how) };
            let steps_kept = self.past.steps_kept(source);
            let [shortest, longest] =
                extremes(&values).map(|value| Time::new(value, self.info.time));
            let delays = DelayReport { shortest, longest, reading, steps_kept };
            PastReport { text: delay.text, delays }
        });
        let noises = self.info.noises.iter().enumerate().map(|(noise, info)| {
            let sources = self.mixed(noise).map(|mixed| mixed.independent());
            NoiseReport { name: info.symbol.name, law: info.law, sources }
        });
        PopulationReport {
            name: self.name.clone(),
            model: self.info.name,
            shape: self.dims.clone(),
            time_unit: self.info.time.symbol(),
            states: states.map(state).collect(),
            noises: noises.collect(),
            past: past.collect(),
        }
    }

    /// How values of a source between steps are read.
    fn reads_between(&self, source: usize, how: How) -> Reading {
        if !self.past.is_cubic() {
            return Reading::Linear;
        }
        let is_from_equations = self.past.is_state(source) && how.knows_slopes;
        Reading::Cubic(if is_from_equations { SlopesBy::Equations } else { SlopesBy::Differences })
    }

    /// The delays of a past value, in the model's unit of time: one for all units, or one for each.
    fn delays_of(&self, read: usize) -> Vec<f64> {
        let column = &self.units.derived[self.info.delays[read].time];
        (0..column.distinct(self.units.len)).map(|unit| column.get(unit).to_f64()).collect()
    }

    fn short_delays(&self, clock: Clock, how: How) -> Vec<Warning> {
        if !how.wants_more_than_lines() {
            return Vec::new();
        }
        let time = |value: f64| Time::new(value, self.info.time);
        let warning = |(read, delay): (usize, &crate::model::DelayInfo)| {
            let values = self.delays_of(read);
            let is_short =
                |value: &&f64| **value > 0.0 && Lag::new::<T>(**value / clock.dt()).whole < 1;
            let short: Vec<f64> = values.iter().filter(is_short).copied().collect();
            let shortest = short.iter().copied().reduce(f64::min)?;
            Some(Warning::DelayWithinStep(ShortDelay {
                of: format!("`{}` of population `{}`", delay.text, self.name),
                count: short.len(),
                shortest: time(shortest),
                longest: time(extremes(&short)[1]),
                dt: time(clock.dt()),
                integrator: how.integrator,
            }))
        };
        self.info.delays.iter().enumerate().filter_map(warning).collect()
    }
}

impl<T: Real> Link<T> {
    fn describe(&self, populations: &[Built<T>], how: How) -> ProjectionReport {
        let (from, place) = self.source;
        let (to, input) = self.target;
        let (sender, receiver) = (&populations[from], &populations[to]);
        ProjectionReport {
            name: self.name().map(str::to_owned),
            source_population: sender.name.clone(),
            quantity: place.symbol(sender.info).name,
            target: receiver.name.clone(),
            input: receiver.info.inputs[input].name,
            connections: self.count(),
            coupling: self.coupling_name(),
            delays: self.describe_delays(sender, how),
        }
    }

    fn describe_delays(&self, sender: &Built<T>, how: How) -> Option<DelayReport> {
        let (values, unit) = self.delays_as_given()?;
        let time = |value: f64| unit.with_value(value * unit.value());
        let [shortest, longest] = extremes(values).map(time);
        let steps_kept = self.memory().map_or(0, |memory| sender.past.steps_kept(memory));
        let lags = self.lags(how.dt);
        // What is lost is counted in steps, and told in the unit that delays were given in.
        let dt = how.dt.in_base_of(unit).unwrap_or(f64::NAN);
        let is_whole = lags.iter().all(|steps| Lag::new::<T>(*steps).part == 0.0);
        let reading = if how.delivery == Delivery::Frozen {
            let lost = lags.iter().map(|steps| (steps - steps.round_ties_even()).abs());
            let largest = unit.with_value(lost.fold(0.0, f64::max) * dt);
            let vanished = lags.iter().filter(|steps| vanishes(**steps)).count();
            if is_whole { Reading::OnSteps } else { Reading::Rounded { largest, vanished } }
        } else if is_whole && !how.has_stages() {
            Reading::OnSteps
        } else {
            // Without a memory all delays are 0.
            let between = |memory| sender.reads_between(memory, how);
            self.memory().map_or(Reading::OnSteps, between)
        };
        Some(DelayReport { shortest, longest, reading, steps_kept })
    }

    fn short_delays(&self, populations: &[Built<T>], how: How) -> Option<Warning> {
        let (values, unit) = self.delays_as_given()?;
        let is_frozen = how.delivery == Delivery::Frozen;
        let is_short = |steps: f64| {
            let is_within = steps > 0.0 && Lag::new::<T>(steps).whole < 1;
            if is_frozen { vanishes(steps) } else { is_within && how.wants_more_than_lines() }
        };
        let lags = self.lags(how.dt);
        let short = values.iter().zip(&lags).filter(|(_, steps)| is_short(**steps));
        let short: Vec<f64> = short.map(|(value, _)| *value * unit.value()).collect();
        let shortest = short.iter().copied().reduce(f64::min)?;
        let delay = ShortDelay {
            of: format!("the projection {}", self.ends(populations)),
            count: short.len(),
            shortest: unit.with_value(shortest),
            longest: unit.with_value(extremes(&short)[1]),
            dt: how.dt,
            integrator: how.integrator,
        };
        Some(if is_frozen {
            Warning::DelayVanishes(delay)
        } else {
            Warning::DelayWithinStep(delay)
        })
    }

    /// Its name if it has one, and its ends, for messages.
    fn ends(&self, populations: &[Built<T>]) -> String {
        let [from, to] = [self.source.0, self.target.0].map(|index| &populations[index].name);
        let name = self.name().map_or_else(String::new, |name| format!("`{name}` "));
        format!("{name}from `{from}` to `{to}`")
    }
}

/// Whether a delay that is not 0 becomes 0 when it is rounded.
fn vanishes(steps: f64) -> bool {
    steps > 0.0 && steps.round_ties_even() == 0.0
}

/// The smallest and the largest; 0 where there is none.
fn extremes(values: &[f64]) -> [f64; 2] {
    let smallest = values.iter().copied().reduce(f64::min);
    let largest = values.iter().copied().reduce(f64::max);
    [smallest.unwrap_or(0.0), largest.unwrap_or(0.0)]
}
