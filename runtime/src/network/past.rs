//! What populations remember: past values that equations read, `x(t - d)`, and that delayed
//! projections send.

use std::sync::Arc;

use super::history::{History, Lag};
use super::projection::Through;
use super::slopes::{Memory, STENCIL, Slopes};
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
    /// Whether values between steps are cubic.
    is_cubic: bool,
}

/// One thing that is remembered.
#[derive(Clone, Debug)]
struct Remembered<T> {
    place: Place,
    /// What a coupling function makes of it before it is sent.
    through: Option<Through<T>>,
    history: History<T>,
    /// Where values between steps are cubic.
    slopes: Option<Box<Slopes<T>>>,
    /// How many steps projections need.
    sent: usize,
    /// The values at t = 0; of an output, what it would be if its past had been 0.
    origin: Vec<T>,
}

/// How far apart, in steps, what was told of the past is looked at for its slope: central differences of
/// order 4 (B. Fornberg, Math. Comp. 51:699, 1988, table 1) stay within half a step, so that nothing is
/// asked for after t = 0.
const APART: f64 = 0.25;

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
        let (history, origin) = (History::default(), Vec::new());
        Self { place, through, history, slopes: None, sent: 0, origin }
    }

    fn is_output(&self) -> bool {
        matches!(self.place, Place::Auxiliary(_))
    }

    /// Fills in all units at a number of steps before t = 0.
    fn earlier(&self, told: Option<&Earlier<T>>, clock: Clock, steps: f64, column: &mut [T]) {
        match told {
            None => column.copy_from_slice(&self.origin),
            Some(Earlier::Constant(values)) => column.copy_from_slice(values),
            Some(Earlier::Function(value)) => {
                let t = -steps * clock.dt();
                for (unit, column) in column.iter_mut().enumerate() {
                    *column = T::from_f64(value(t, unit));
                }
            }
        }
        self.send(column);
    }

    /// Fills in the slopes of all units at a number of steps before t = 0, per step.
    fn earlier_slopes(&self, told: Option<&Earlier<T>>, clock: Clock, steps: f64, into: &mut [T]) {
        into.fill(T::default());
        if !matches!(told, Some(Earlier::Function(_))) {
            return;
        }
        let mut column = vec![T::default(); into.len()];
        for (places, weight) in [(-2.0, 1.0), (-1.0, -8.0), (1.0, 8.0), (2.0, -1.0)] {
            self.earlier(told, clock, steps - places * APART, &mut column);
            let weight = T::from_f64(weight / (12.0 * APART));
            into.iter_mut().zip(&column).for_each(|(slope, value)| *slope += weight * *value);
        }
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
        let (sources, told, reads) = (Vec::new(), Vec::new(), Vec::new());
        let mut past = Self { sources, told, reads, is_cubic: false };
        for delay in delays {
            let source = past.source(delay.source, None);
            past.reads.push(Read { source, steps: Vec::new() });
        }
        past
    }

    /// Sets whether values between steps are cubic. To be called before delays are planned.
    pub(crate) fn set_cubic(&mut self, is_cubic: bool) {
        self.is_cubic = is_cubic;
    }

    /// Whether values between steps are cubic.
    pub(crate) fn is_cubic(&self) -> bool {
        self.is_cubic
    }

    /// Whether what is remembered is a state as it is.
    pub(crate) fn is_state(&self, source: usize) -> bool {
        let one = &self.sources[source];
        one.through.is_none() && !one.is_output()
    }

    /// Sets the slopes of states at the newest step, per step, to what equations say.
    pub(crate) fn set_slopes(&mut self, step: u64, slopes: &[Column<T>], dt: f64) {
        let dt = T::from_f64(dt);
        for one in self.sources.iter_mut().filter(|one| one.through.is_none()) {
            if let (Place::State(state), Some(known)) = (one.place, &mut one.slopes)
                && one.history.capacity() > 0
            {
                known.set(step, |unit| dt * slopes[state].get(unit));
            }
        }
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

    /// Whether the same is remembered, and the same was told of the same sources, in the same way.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let places = |past: &Self| past.told.iter().map(|(place, _)| *place).collect::<Vec<_>>();
        let kinds = self.told.iter().zip(&other.told).all(|((_, one), (_, other))| {
            std::mem::discriminant(one) == std::mem::discriminant(other)
        });
        let remembered = |past: &Self| {
            past.sources.iter().map(|one| (one.place, one.through.is_some())).collect::<Vec<_>>()
        };
        places(self) == places(other) && kinds && remembered(self) == remembered(other)
    }

    /// The memories of populations that are like each other, with so many units each, side by side.
    pub(crate) fn beside(members: &[&Self], delays: &[DelayInfo], units: usize) -> Self {
        let mut all = Self::new(delays);
        let told = |source: usize| members.iter().map(move |past| past.told[source].clone());
        let count = members.first().map_or(0, |past| past.told.len());
        for source in 0..count {
            let (mut constants, mut functions) = (Vec::new(), Vec::<Function>::new());
            let mut place = None;
            for (of, earlier) in told(source) {
                place = Some(of);
                match earlier {
                    Earlier::Constant(values) => constants.extend(values),
                    Earlier::Function(function) => functions.push(function),
                }
            }
            let earlier = if functions.is_empty() {
                Earlier::Constant(constants)
            } else {
                Earlier::Function(Arc::new(move |t, unit| functions[unit / units](t, unit % units)))
            };
            if let Some(place) = place {
                all.set_earlier(place, earlier);
            }
        }
        all
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
        // Projections find past values by numbers of 32 bits.
        let size =
            History::<T>::size(units, one.sent).filter(|size| u32::try_from(*size).is_ok())?;
        fits_into_memory::<T>(size, rows(self.is_cubic)).then_some(source)
    }

    pub(crate) fn memory(&self, source: usize) -> Memory<'_, T> {
        let one = &self.sources[source];
        Memory { values: &one.history, slopes: one.slopes.as_deref() }
    }

    /// The source of a past value of the equations.
    pub(crate) fn source_of(&self, read: usize) -> usize {
        self.reads[read].source
    }

    /// How many steps of a source are kept.
    pub(crate) fn steps_kept(&self, source: usize) -> usize {
        self.sources[source].history.capacity()
    }

    /// How many bytes are kept of so many units.
    pub(crate) fn size(&self, units: usize) -> usize {
        let steps = self.sources.iter().map(|one| one.sent.max(one.history.capacity()));
        let numbers = steps.filter_map(|steps| History::<T>::size(units, steps)).sum::<usize>();
        numbers * rows(self.is_cubic) * size_of::<T>()
    }

    /// Whether there is nothing to remember.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The states that are remembered, in the order of [`Past::push_many`]; none if anything else is, or
    /// if equations read it.
    pub(crate) fn states(&self) -> Option<Vec<usize>> {
        let state = |one: &Remembered<T>| match one.place {
            Place::State(state) if one.through.is_none() && one.slopes.is_none() => Some(state),
            _ => None,
        };
        if self.reads.is_empty() { self.sources.iter().map(state).collect() } else { None }
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
            history.begin(units.len, |steps, column| {
                one.earlier(told, clock, steps as f64, column);
            });
            one.history = history;
            let mut slopes = one.slopes.take();
            if let Some(slopes) = &mut slopes {
                slopes.begin(units.len, |steps, column| {
                    one.earlier_slopes(told, clock, steps as f64, column);
                });
            }
            one.slopes = slopes;
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
                let reach = reach_of(one, value / clock.dt(), units.len, rows(self.is_cubic))
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
            let least = if self.is_cubic { STENCIL } else { 0 };
            let capacity = if reach == 0 { 0 } else { least.max(reach + 1) };
            let mut history = std::mem::take(&mut one.history);
            let told = self.told.iter().find(|(place, _)| *place == one.place);
            let told = told.map(|(_, earlier)| earlier);
            history.extend(capacity, |steps, column| {
                one.earlier(told, clock, steps as f64, column);
            });
            one.history = history;
            if self.is_cubic {
                let mut slopes = one.slopes.take().unwrap_or_default();
                slopes.extend(capacity, |steps, column| {
                    one.earlier_slopes(told, clock, steps as f64, column);
                });
                one.slopes = Some(slopes);
            }
        }
        Ok(())
    }

    /// Fills the columns of all past values for the step that begins now, states being present.
    pub(crate) fn fill(&self, delays: &[DelayInfo], units: &mut Units<T>, first: usize, step: u64) {
        for (index, (delay, read)) in delays.iter().zip(&self.reads).enumerate() {
            let Memory { values: history, slopes } = self.memory(read.source);
            let mut column = std::mem::take(&mut units.inputs[first + index]);
            let present = units.values(delay.source);
            let values = column.as_mut_slice(units.len).iter_mut().zip(&read.steps).enumerate();
            match slopes {
                None => values.for_each(|(unit, (value, steps))| {
                    *value = history.at(unit, step, Lag::new::<T>(*steps), present[unit]);
                }),
                Some(slopes) => values.for_each(|(unit, (value, steps))| {
                    let at = (step, Lag::new::<T>(*steps));
                    *value = slopes.at(history, unit, at, present[unit]);
                }),
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
            let Memory { values: history, slopes } = self.memory(read.source);
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
                    _ => {
                        let lag = Lag::new::<T>(ago.max(0.0));
                        match slopes {
                            None => history.at(unit, step, lag, T::default()),
                            Some(slopes) => slopes.at(history, unit, (step, lag), T::default()),
                        }
                    }
                };
            }
            units.inputs[first + index] = column;
        }
    }

    /// Forgets everything; `restore` must follow.
    pub(crate) fn forget(&mut self) {
        for one in &mut self.sources {
            one.history.rewind();
            one.slopes.iter_mut().for_each(|slopes| slopes.rewind());
        }
    }

    /// What is remembered of each source, by name: the values at t = 0, and those of the last steps, unit
    /// by unit, with their slopes where there are any.
    pub(crate) fn keep(&self) -> Vec<(String, Vec<T>)> {
        let mut kept = Vec::new();
        for (source, one) in self.sources.iter().enumerate() {
            kept.push((format!("past.{source}.origin"), one.origin.clone()));
            kept.push((format!("past.{source}"), one.history.keep()));
            if let Some(slopes) = &one.slopes {
                let names = ["before", "after"].map(|side| format!("past.{source}.slope {side}"));
                kept.extend(names.into_iter().zip(slopes.keep()));
            }
        }
        kept
    }

    /// Takes over what was kept at a step; `of` gives it by name.
    pub(crate) fn restore(
        &mut self,
        step: u64,
        units: usize,
        of: impl Fn(&str) -> Vec<T>,
    ) -> Result<(), String> {
        for (source, one) in self.sources.iter_mut().enumerate() {
            let values = of(&format!("past.{source}"));
            let is_whole = values.len().is_multiple_of(units);
            if values.len() < one.history.capacity() * units || !is_whole {
                return Err("a memory that is too short".to_owned());
            }
            let origin = of(&format!("past.{source}.origin"));
            if origin.len() != units {
                return Err("a memory that does not begin with all units".to_owned());
            }
            one.origin = origin;
            one.history.restore(step, &values, units);
            if let Some(slopes) = &mut one.slopes {
                let kept =
                    ["before", "after"].map(|side| of(&format!("past.{source}.slope {side}")));
                if kept.iter().any(|slopes| slopes.len() != values.len()) {
                    return Err("a memory whose slopes are not those of its values".to_owned());
                }
                slopes.restore(step, [&kept[0], &kept[1]], units);
            }
        }
        Ok(())
    }

    /// The present, at a step, becomes the newest of the past.
    pub(crate) fn push(&mut self, step: u64, units: &Units<T>) {
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
            if let Some(slopes) = one.slopes.as_mut().filter(|_| one.history.capacity() > 0) {
                slopes.push(&one.history, step, units.len);
            }
        }
    }
}

impl<T: Real> Past<T> {
    /// Undoes [`Past::push`].
    pub(crate) fn forget_newest(&mut self) {
        for one in &mut self.sources {
            one.history.forget_newest();
            if let Some(slopes) = one.slopes.as_mut().filter(|_| one.history.capacity() > 0) {
                slopes.forget_newest();
            }
        }
    }

    /// What was the present at successive steps becomes the newest of the past: for each source of
    /// [`Past::states`] as many columns as there were steps.
    pub(crate) fn push_many(&mut self, columns: &[Column<T>], steps: usize, units: usize) {
        for (one, columns) in self.sources.iter_mut().zip(columns.chunks_exact(steps)) {
            let columns: Vec<&[T]> = columns.iter().map(|column| column.as_slice(units)).collect();
            one.history.push_many(&columns);
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

/// How many numbers are kept of each step.
fn rows(is_cubic: bool) -> usize {
    if is_cubic { 3 } else { 1 }
}

/// How many steps have to be remembered for a delay of an equation.
fn reach_of<T: Real>(
    one: &Remembered<T>,
    steps: f64,
    units: usize,
    rows: usize,
) -> Result<usize, Problem> {
    if steps.is_nan() || steps < 0.0 {
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
        if !size.is_some_and(|size| fits_into_memory::<T>(size, rows)) {
            return Err(Problem::Memory);
        }
        if one.history.is_cut() {
            return Err(Problem::Forgotten);
        }
    }
    Ok(reach)
}
