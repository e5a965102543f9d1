//! Past values that equations read: `x(t - d)`.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Error;
use crate::lanes::Real;
use crate::model::{DelayInfo, Place};
use crate::time::Clock;
use crate::units::{Column, Units, fits_into_memory};

/// What a population remembers: for each past value that its equations read, the source.
#[derive(Clone, Debug)]
pub(crate) struct Past<T> {
    /// Sources, each remembered once, newest step first, without the present.
    histories: Vec<(Place, History<T>)>,
}

/// The values of one source at the steps before the present one.
#[derive(Clone, Debug)]
struct History<T> {
    steps: VecDeque<Vec<T>>,
    /// What it was before t = 0.
    earlier: Earlier<T>,
    /// Of an output, what it would be at t = 0 if its past had been 0.
    first: Vec<T>,
    /// The length of a step, in the model's unit of time.
    dt: f64,
    /// How many steps are kept.
    capacity: usize,
    /// Whether older ones were forgotten.
    is_cut: bool,
}

/// A value at a time before 0, for each unit.
pub(crate) type Function = Arc<dyn Fn(f64, usize) -> f64 + Send + Sync>;

/// What a source was before t = 0.
#[derive(Clone)]
pub(crate) enum Earlier<T> {
    /// A state what it is at t = 0, an output what it would be there if its past had been 0.
    Same,
    /// The same at all times.
    Constant(Vec<T>),
    /// A function of time.
    Function(Function),
}

impl<T> std::fmt::Debug for Earlier<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Same => "the same",
            Self::Constant(_) => "a constant",
            Self::Function(_) => "a function",
        })
    }
}

/// How far back a value lies: whole steps, and the part of a step beyond.
#[derive(Clone, Copy)]
struct Lag {
    whole: usize,
    part: f64,
}

impl Lag {
    /// A delay in steps. A delay that misses a whole number of steps by no more than rounding is
    /// one.
    fn new<T>(steps: f64) -> Self {
        // What a delay loses in the precision that it is kept in.
        let rounding = if size_of::<T>() < size_of::<f64>() { 1e-6 } else { 1e-9 };
        let nearest = steps.round();
        let is_whole = (steps - nearest).abs() <= rounding * steps.max(1.0);
        let whole = if is_whole { nearest } else { steps.floor() };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "delays are checked to be positive and to fit into memory"
        )]
        let count = whole as usize;
        Self { whole: count, part: if is_whole { 0.0 } else { steps - whole } }
    }

    /// How many steps before the present one are needed.
    fn reach(self) -> usize {
        self.whole + usize::from(self.part > 0.0)
    }
}

impl<T: Real> Past<T> {
    /// Nothing remembered yet.
    pub(crate) fn new(delays: &[DelayInfo]) -> Self {
        let mut histories: Vec<(Place, History<T>)> = Vec::new();
        for delay in delays {
            if histories.iter().all(|(place, _)| *place != delay.source) {
                let (steps, first) = (VecDeque::new(), Vec::new());
                let (earlier, dt) = (Earlier::Same, 0.0);
                let history = History { steps, earlier, first, dt, capacity: 0, is_cut: false };
                histories.push((delay.source, history));
            }
        }
        Self { histories }
    }

    /// Sets what a source was before t = 0; whether any equation reads its past.
    pub(crate) fn set_earlier(&mut self, source: Place, earlier: Earlier<T>) -> bool {
        let history = self.histories.iter_mut().find(|(place, _)| *place == source);
        history.map(|(_, history)| history.earlier = earlier).is_some()
    }

    /// Forgets everything since t = 0.
    pub(crate) fn reset(&mut self) {
        for (_, history) in &mut self.histories {
            history.steps.clear();
            history.first.clear();
            history.is_cut = false;
        }
    }

    /// Outputs have the values that they have now before t = 0.
    pub(crate) fn begin(&mut self, units: &Units<T>) {
        for (place, history) in &mut self.histories {
            if let Place::Auxiliary(output) = place {
                history.first = units.auxiliaries[*output].as_slice(units.len).to_vec();
            }
        }
    }

    /// Whether outputs have to be computed at every step.
    pub(crate) fn needs_outputs(&self) -> bool {
        self.histories.iter().any(|(place, _)| matches!(place, Place::Auxiliary(_)))
    }

    /// Checks the delays against the step, and makes room for the longest of each source.
    ///
    /// On error nothing is changed.
    pub(crate) fn plan(
        &mut self,
        population: &str,
        delays: &'static [DelayInfo],
        units: &Units<T>,
        clock: Clock,
        unit: &'static str,
    ) -> Result<(), Error> {
        let mut reaches = vec![0; self.histories.len()];
        for delay in delays {
            let column = &units.derived[delay.time];
            let count = column.distinct(units.len);
            let wrong = |value, problem| Error::Delay {
                population: population.to_owned(),
                delay: delay.text,
                value,
                unit: suffix(unit),
                problem,
            };
            let place = self.histories.iter().position(|(place, _)| *place == delay.source);
            let place = place.unwrap_or_default();
            for one in 0..count {
                let value = column.get(one).to_f64();
                let steps = value / clock.dt();
                if !(steps >= 0.0 && steps.is_finite()) {
                    return Err(wrong(value, "a delay cannot be negative".to_owned()));
                }
                let is_output = matches!(delay.source, Place::Auxiliary(_));
                if is_output && Lag::new::<T>(steps).whole < 1 {
                    let problem = format!(
                        "the past of an output begins one step, {}{}, ago",
                        clock.dt(),
                        suffix(unit)
                    );
                    return Err(wrong(value, problem));
                }
                // Longer ones do not fit into any memory, and not into `Lag` either.
                let reach = if steps > 1e12 { usize::MAX } else { Lag::new::<T>(steps).reach() };
                let is_longest = reach > reaches[place].max(self.histories[place].1.capacity);
                if is_longest && !fits_into_memory::<T>(units.len, reach) {
                    let problem = "that many steps do not fit into memory".to_owned();
                    return Err(wrong(value, problem));
                }
                if self.histories[place].1.is_cut && reach > self.histories[place].1.capacity {
                    let problem = "what lies longer ago was forgotten: call `reset`, or begin \
                                   with the longest delay"
                        .to_owned();
                    return Err(wrong(value, problem));
                }
                reaches[place] = reaches[place].max(reach);
            }
        }
        for ((_, history), reach) in self.histories.iter_mut().zip(reaches) {
            // What is remembered already stays: the delay may be set back. Stages within a step
            // look back one step further.
            let capacity = if reach == 0 { 0 } else { reach + 1 };
            history.capacity = history.capacity.max(capacity);
            history.dt = clock.dt();
        }
        Ok(())
    }

    /// Fills the columns of all past values for the step that begins now, states being present.
    /// Before t = 0 is what was set, or else states have their initial values, and outputs those that
    /// `begin` was given.
    pub(crate) fn fill(
        &self,
        delays: &[DelayInfo],
        units: &mut Units<T>,
        first: usize,
        clock: Clock,
    ) {
        for (index, delay) in delays.iter().enumerate() {
            let Some((_, history)) =
                self.histories.iter().find(|(place, _)| *place == delay.source)
            else {
                continue;
            };
            let mut column = std::mem::take(&mut units.inputs[first + index]);
            let lags = &units.derived[delay.time];
            let present = match delay.source {
                Place::State(state) => units.states[state].as_slice(units.len),
                Place::Auxiliary(output) => units.auxiliaries[output].as_slice(units.len),
            };
            let shared = lags.is_shared().then(|| Lag::new::<T>(lags.get(0).to_f64() / clock.dt()));
            for (unit, value) in column.as_mut_slice(units.len).iter_mut().enumerate() {
                let lag =
                    shared.unwrap_or_else(|| Lag::new::<T>(lags.get(unit).to_f64() / clock.dt()));
                *value = history.at(lag, unit, present);
            }
            units.inputs[first + index] = column;
        }
    }

    /// Fills the columns of all past values for a stage at `part` of a step, the states being those
    /// of the stage. The beginning of the step is the newest of the past, `begun` its states.
    pub(crate) fn fill_within(
        &self,
        delays: &[DelayInfo],
        units: &mut Units<T>,
        first: usize,
        clock: Clock,
        part: f64,
        begun: &[Column<T>],
    ) {
        for (index, delay) in delays.iter().enumerate() {
            let history = self.histories.iter().find(|(place, _)| *place == delay.source);
            let Some((_, history)) = history else { continue };
            let mut column = std::mem::take(&mut units.inputs[first + index]);
            for (unit, value) in column.as_mut_slice(units.len).iter_mut().enumerate() {
                let ago = units.derived[delay.time].get(unit).to_f64() / clock.dt() - part;
                *value = match delay.source {
                    // Later than the beginning of the step: between there and the stage.
                    Place::State(state) if ago < 0.0 => {
                        let (from, to) = (begun[state].get(unit), units.states[state].get(unit));
                        from + T::from_f64(-ago / part) * (to - from)
                    }
                    _ => history.since(Lag::new::<T>(ago.max(0.0)), unit, || match delay.source {
                        Place::State(state) => begun[state].get(unit),
                        Place::Auxiliary(output) => units.auxiliaries[output].get(unit),
                    }),
                };
            }
            units.inputs[first + index] = column;
        }
    }

    /// The present becomes the newest of the past.
    pub(crate) fn push(&mut self, units: &Units<T>) {
        for (place, history) in &mut self.histories {
            history.push(match place {
                Place::State(state) => units.states[*state].as_slice(units.len),
                Place::Auxiliary(output) => units.auxiliaries[*output].as_slice(units.len),
            });
        }
    }
}

/// A unit behind a number.
fn suffix(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

impl<T: Real> History<T> {
    /// Linear between steps.
    fn at(&self, lag: Lag, unit: usize, present: &[T]) -> T {
        let newer = self.step(lag.whole, unit, present);
        if lag.part == 0.0 {
            return newer;
        }
        let older = self.step(lag.whole + 1, unit, present);
        newer + T::from_f64(lag.part) * (older - newer)
    }

    /// The same counted from the newest of the past, or else from `now`.
    fn since(&self, lag: Lag, unit: usize, now: impl Fn() -> T) -> T {
        let step = |ago: usize| match self.steps.get(ago) {
            Some(step) => step[unit],
            None => self.before(ago, unit, &now),
        };
        let newer = step(lag.whole);
        if lag.part == 0.0 {
            return newer;
        }
        newer + T::from_f64(lag.part) * (step(lag.whole + 1) - newer)
    }

    fn step(&self, ago: usize, unit: usize, present: &[T]) -> T {
        match ago.checked_sub(1) {
            None => present[unit],
            Some(place) => match self.steps.get(place) {
                Some(step) => step[unit],
                None => self.before(place, unit, || present[unit]),
            },
        }
    }

    /// The value before t = 0 at a place behind those that are remembered, the last of which is at
    /// t = 0.
    fn before(&self, place: usize, unit: usize, now: impl Fn() -> T) -> T {
        match &self.earlier {
            Earlier::Constant(values) => values[unit],
            Earlier::Function(value) => {
                let steps = (place + 1 - self.steps.len()) as f64;
                T::from_f64(value(-steps * self.dt, unit))
            }
            Earlier::Same => {
                let first = Some(&self.first).filter(|first| !first.is_empty());
                let first = first.or_else(|| self.steps.back());
                first.map_or_else(now, |first| first[unit])
            }
        }
    }

    fn push(&mut self, present: &[T]) {
        if self.capacity == 0 {
            self.is_cut = true;
            return;
        }
        let mut newest = if self.steps.len() == self.capacity {
            self.is_cut = true;
            self.steps.pop_back().unwrap_or_default()
        } else {
            Vec::with_capacity(present.len())
        };
        newest.clear();
        newest.extend_from_slice(present);
        self.steps.push_front(newest);
    }
}
