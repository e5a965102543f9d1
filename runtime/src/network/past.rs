//! What populations remember: past values that equations read, `x(t - d)`, and that delayed
//! projections send.

use std::sync::Arc;

use super::history::{History, Lag};
use super::projection::Through;
use crate::error::{Error, with_space};
use crate::lanes::Real;
use crate::model::{DelayInfo, Place};
use crate::time::Clock;
use crate::units::{Column, Units, fits_into_memory};

/// What a population remembers. What equations and projections read of one source is kept once.
#[derive(Clone, Debug)]
pub(crate) struct Past<T> {
    sources: Vec<Remembered<T>>,
    /// What was told of sources before t = 0.
    told: Vec<(Place, Earlier<T>)>,
    /// How each past value of the equations is read.
    reads: Vec<Read>,
}

/// One thing that is remembered.
#[derive(Clone, Debug)]
struct Remembered<T> {
    place: Place,
    /// What a coupling function makes of it before it is sent.
    through: Option<Through<T>>,
    history: History<T>,
    /// How many steps projections need.
    sent: usize,
    /// The values at t = 0; of an output, what it would be if its past had been 0.
    origin: Vec<T>,
}

/// A past value of an equation: of what, and how many steps ago for each unit.
#[derive(Clone, Debug)]
struct Read {
    source: usize,
    steps: Vec<f64>,
}

/// A value at a time before 0, for each unit.
pub(crate) type Function = Arc<dyn Fn(f64, usize) -> f64 + Send + Sync>;

/// What a source was before t = 0, if not the same as then.
#[derive(Clone)]
pub(crate) enum Earlier<T> {
    /// The same at all times.
    Constant(Vec<T>),
    /// A function of time.
    Function(Function),
}

impl<T> std::fmt::Debug for Earlier<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Constant(_) => "a constant",
            Self::Function(_) => "a function",
        })
    }
}

impl<T: Real> Remembered<T> {
    fn new(place: Place, through: Option<Through<T>>) -> Self {
        Self { place, through, history: History::default(), sent: 0, origin: Vec::new() }
    }

    fn is_output(&self) -> bool {
        matches!(self.place, Place::Auxiliary(_))
    }

    /// Fills in all units at a number of steps before t = 0.
    fn earlier(&self, told: Option<&Earlier<T>>, clock: Clock, steps: usize, column: &mut [T]) {
        match told {
            None => column.copy_from_slice(&self.origin),
            Some(Earlier::Constant(values)) => column.copy_from_slice(values),
            Some(Earlier::Function(value)) => {
                let t = -(steps as f64) * clock.dt();
                for (unit, column) in column.iter_mut().enumerate() {
                    *column = T::from_f64(value(t, unit));
                }
            }
        }
        self.send(column);
    }

    /// What is remembered of values.
    fn send(&self, values: &mut [T]) {
        if let Some(through) = &self.through {
            through.apply(values);
        }
    }
}

impl<T: Real> Past<T> {
    /// Nothing remembered yet.
    pub(crate) fn new(delays: &[DelayInfo]) -> Self {
        let mut past = Self { sources: Vec::new(), told: Vec::new(), reads: Vec::new() };
        for delay in delays {
            let source = past.source(delay.source, None);
            past.reads.push(Read { source, steps: Vec::new() });
        }
        past
    }

    /// The place of something to be remembered among the sources.
    fn source(&mut self, place: Place, through: Option<Through<T>>) -> usize {
        let is_it =
            |one: &Remembered<T>| one.place == place && one.through.is_none() && through.is_none();
        self.sources.iter().position(is_it).unwrap_or_else(|| {
            self.sources.push(Remembered::new(place, through));
            self.sources.len() - 1
        })
    }

    /// Sets what a source was before t = 0.
    pub(crate) fn set_earlier(&mut self, source: Place, earlier: Earlier<T>) {
        self.told.retain(|(place, _)| *place != source);
        self.told.push((source, earlier));
    }

    /// The first source whose past was told and is read by nothing.
    pub(crate) fn told_in_vain(&self) -> Option<Place> {
        let is_read = |place: Place| self.sources.iter().any(|one| one.place == place);
        self.told.iter().map(|(place, _)| *place).find(|place| !is_read(*place))
    }

    /// A projection needs so many steps of something; which source that is. `None` when they do not
    /// fit into memory.
    pub(crate) fn demand(
        &mut self,
        place: Place,
        through: Option<Through<T>>,
        steps: usize,
        units: usize,
    ) -> Option<usize> {
        let source = self.source(place, through);
        let one = &mut self.sources[source];
        one.sent = one.sent.max(steps);
        let size = History::<T>::size(units, one.sent)?;
        fits_into_memory::<T>(size, 1).then_some(source)
    }

    pub(crate) fn history(&self, source: usize) -> &History<T> {
        &self.sources[source].history
    }

    /// How many steps of a source are kept.
    pub(crate) fn steps_kept(&self, source: usize) -> usize {
        self.sources[source].history.capacity()
    }

    /// How many steps are kept of what a past value of the equations is read from.
    pub(crate) fn steps_kept_for(&self, read: usize) -> usize {
        self.steps_kept(self.reads[read].source)
    }

    /// Whether there is nothing to remember.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Whether outputs have to be computed at every step.
    pub(crate) fn needs_outputs(&self) -> bool {
        self.sources.iter().any(Remembered::is_output)
    }

    /// Forgets everything since t = 0, and fills in what was before: what was told, or else what
    /// sources are now.
    pub(crate) fn begin(&mut self, units: &Units<T>, clock: Clock) {
        for one in &mut self.sources {
            one.origin.clear();
            one.origin.extend_from_slice(units.values(one.place));
            let mut history = std::mem::take(&mut one.history);
            let told = self.told.iter().find(|(place, _)| *place == one.place);
            let told = told.map(|(_, earlier)| earlier);
            history.begin(units.len, |steps, column| one.earlier(told, clock, steps, column));
            one.history = history;
        }
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
        let mut reaches: Vec<usize> = self.sources.iter().map(|one| one.sent).collect();
        let mut planned = Vec::new();
        for (delay, read) in delays.iter().zip(&self.reads) {
            let one = &self.sources[read.source];
            let column = &units.derived[delay.time];
            for place in 0..column.distinct(units.len) {
                let value = column.get(place).to_f64();
                let wrong = |problem| Error::Delay {
                    population: population.to_owned(),
                    delay: delay.text,
                    value,
                    unit: with_space(unit),
                    problem,
                };
                let reach = reach_of(one, value / clock.dt(), units.len)
                    .map_err(|problem| wrong(problem.text(clock.dt(), unit)))?;
                reaches[read.source] = reaches[read.source].max(reach);
            }
            planned.push((0..units.len).map(|u| column.get(u).to_f64() / clock.dt()).collect());
        }
        for (read, steps) in self.reads.iter_mut().zip(planned) {
            read.steps = steps;
        }
        for (one, reach) in self.sources.iter_mut().zip(reaches) {
            // Stages within a step look back one step further.
            let capacity = if reach == 0 { 0 } else { reach + 1 };
            let mut history = std::mem::take(&mut one.history);
            let told = self.told.iter().find(|(place, _)| *place == one.place);
            let told = told.map(|(_, earlier)| earlier);
            history.extend(capacity, |steps, column| one.earlier(told, clock, steps, column));
            one.history = history;
        }
        Ok(())
    }

    /// Fills the columns of all past values for the step that begins now, states being present.
    pub(crate) fn fill(&self, delays: &[DelayInfo], units: &mut Units<T>, first: usize, step: u64) {
        for (index, (delay, read)) in delays.iter().zip(&self.reads).enumerate() {
            let history = &self.sources[read.source].history;
            let mut column = std::mem::take(&mut units.inputs[first + index]);
            let present = units.values(delay.source);
            let values = column.as_mut_slice(units.len).iter_mut().zip(&read.steps).enumerate();
            for (unit, (value, steps)) in values {
                *value = history.at(unit, step, Lag::new::<T>(*steps), present[unit]);
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
        (step, part): (u64, f64),
        begun: &[Column<T>],
    ) {
        for (index, (delay, read)) in delays.iter().zip(&self.reads).enumerate() {
            let history = &self.sources[read.source].history;
            let mut column = std::mem::take(&mut units.inputs[first + index]);
            let values = column.as_mut_slice(units.len).iter_mut().zip(&read.steps).enumerate();
            for (unit, (value, steps)) in values {
                let ago = steps - part;
                *value = match delay.source {
                    // Later than the beginning of the step: between there and the stage.
                    Place::State(state) if ago < 0.0 => {
                        let (from, to) = (begun[state].get(unit), units.states[state].get(unit));
                        from + T::from_f64(-ago / part) * (to - from)
                    }
                    _ => history.at(unit, step, Lag::new::<T>(ago.max(0.0)), T::default()),
                };
            }
            units.inputs[first + index] = column;
        }
    }

    /// How many sources are remembered.
    #[cfg(feature = "states")]
    pub(crate) fn count(&self) -> usize {
        self.sources.len()
    }

    /// Forgets everything; `restore` must follow.
    #[cfg(feature = "states")]
    pub(crate) fn forget(&mut self) {
        self.sources.iter_mut().for_each(|one| one.history.rewind());
    }

    /// What is remembered of each source: the values at t = 0, and those of the last steps, unit by
    /// unit.
    #[cfg(feature = "states")]
    pub(crate) fn keep(&self) -> Vec<[Vec<T>; 2]> {
        self.sources.iter().map(|one| [one.origin.clone(), one.history.keep()]).collect()
    }

    /// Takes over what was kept of a source at a step.
    #[cfg(feature = "states")]
    pub(crate) fn restore(
        &mut self,
        source: usize,
        step: u64,
        origin: Vec<T>,
        values: &[T],
        units: usize,
    ) -> Result<(), String> {
        let one = &mut self.sources[source];
        if values.len() < one.history.capacity() * units || !values.len().is_multiple_of(units) {
            return Err("a memory that is too short".to_owned());
        }
        one.origin = origin;
        one.history.restore(step, values, units);
        Ok(())
    }

    /// The present becomes the newest of the past.
    pub(crate) fn push(&mut self, units: &Units<T>) {
        let mut sent = Vec::new();
        for one in &mut self.sources {
            let present = units.values(one.place);
            if one.through.is_none() {
                one.history.push(present);
            } else {
                sent.clear();
                sent.extend_from_slice(present);
                one.send(&mut sent);
                one.history.push(&sent);
            }
        }
    }
}

/// Why a delay cannot be had.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Problem {
    Negative,
    OutputTooNew,
    Memory,
    Forgotten,
}

impl Problem {
    pub(crate) fn text(self, dt: f64, unit: &str) -> String {
        match self {
            Self::Negative => "a delay cannot be negative".to_owned(),
            Self::OutputTooNew => {
                format!("the past of an output begins one step, {dt}{}, ago", with_space(unit))
            }
            Self::Memory => "that many steps do not fit into memory".to_owned(),
            Self::Forgotten => "what lies longer ago was forgotten: call `reset`, or begin \
                                with the longest delay"
                .to_owned(),
        }
    }
}

/// How many steps have to be remembered for a delay of an equation.
fn reach_of<T: Real>(one: &Remembered<T>, steps: f64, units: usize) -> Result<usize, Problem> {
    if !(steps >= 0.0 && steps.is_finite()) {
        return Err(Problem::Negative);
    }
    // Longer ones do not fit into any memory, and not into `Lag` either.
    if steps > 1e12 {
        return Err(Problem::Memory);
    }
    let lag = Lag::new::<T>(steps);
    if one.is_output() && lag.whole < 1 {
        return Err(Problem::OutputTooNew);
    }
    let (reach, capacity) = (lag.reach(), one.history.capacity());
    if reach > capacity {
        let size = History::<T>::size(units, reach);
        if !size.is_some_and(|size| fits_into_memory::<T>(size, 1)) {
            return Err(Problem::Memory);
        }
        if one.history.is_cut() {
            return Err(Problem::Forgotten);
        }
    }
    Ok(reach)
}
