//! Monitors: what to record, of which units, how often.

use ndarray::{Array1, Array2};

use crate::error::Error;
use crate::lanes::Real;
use crate::model::{Observable, Place, RateModel};
use crate::network::PopulationId;
use crate::network::population::Built;
use crate::recording::Trace;

/// What to record: by default all units, at every step.
///
/// ```
/// # use rate_model::prelude::*;
/// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
/// # let mut network = Network::new();
/// # let cortex = network.add(Population::<Leak>::new("cortex", 5))?;
/// # let mut simulation = Simulation::new(network, ms(0.1))?;
/// simulation.monitor(Monitor::new(cortex, Leak::x).units([0, 3]).every(10))?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Simulation::monitor`"]
pub struct Monitor<M> {
    pub(crate) population: PopulationId<M>,
    place: Place,
    units: Option<Vec<usize>>,
    every: u64,
    is_mean: bool,
}

impl<M: RateModel> Monitor<M> {
    /// Records a state, auxiliary or output.
    pub fn new(population: PopulationId<M>, quantity: impl Observable<M>) -> Self {
        Self { population, place: quantity.place(), units: None, every: 1, is_mean: false }
    }

    /// Only the given units, in this order.
    pub fn units(self, units: impl IntoIterator<Item = usize>) -> Self {
        Self { units: Some(units.into_iter().collect()), ..self }
    }

    /// Only every n-th step, from step 0.
    pub fn every(self, n: u64) -> Self {
        Self { every: n, ..self }
    }

    /// The mean of every n steps: those from step 0 to n - 1, from n to 2n - 1, and so on. The time of
    /// each row is the middle of its steps. A window that is not full is not shown.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # rate_model! { model Clock { state x = 0; dx/dt = 1; } }
    /// # let mut network = Network::new();
    /// # let clock = network.add(Population::<Clock>::new("clock", 1))?;
    /// # let mut simulation = Simulation::new(network, 1.0)?;
    /// simulation.monitor(Monitor::new(clock, Clock::x).mean_of(4))?;
    /// simulation.run(9.0)?;
    /// let trace = simulation.trace(clock, Clock::x)?;
    /// assert_eq!(trace.values.column(0).to_vec(), [1.5, 5.5]); // of 0, 1, 2, 3 and of 4, 5, 6, 7
    /// assert_eq!(trace.time.to_vec(), [1.5, 5.5]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn mean_of(self, n: u64) -> Self {
        Self { every: n, is_mean: true, ..self }
    }

    pub(crate) fn build<T: Real>(
        self,
        index: usize,
        population: &Built<T>,
    ) -> Result<Recorder<T>, Error> {
        let len = population.units.len;
        let units = self.units.unwrap_or_else(|| (0..len).collect());
        if let Some(unit) = units.iter().copied().find(|unit| *unit >= len) {
            let population = population.name.clone();
            return Err(Error::NoSuchUnit { population, unit, units: len });
        }
        if self.every == 0 {
            return Err(Error::Every { every: 0 });
        }
        let window = self.is_mean.then(|| Window::new(units.len()));
        Ok(Recorder {
            population: index,
            place: self.place,
            offset: 0,
            units,
            every: self.every,
            window,
            last: None,
            times: Vec::new(),
            values: Vec::new(),
        })
    }
}

/// Steps that a mean is being taken of.
struct Window {
    sums: Vec<f64>,
    /// What the last step added, which may be replaced.
    newest: Vec<f64>,
    /// Time of the first step.
    begin: f64,
}

impl Window {
    fn new(units: usize) -> Self {
        Self { sums: vec![0.0; units], newest: vec![0.0; units], begin: 0.0 }
    }
}

/// The first multiple of `every` behind a step.
pub(crate) fn next_multiple(step: u64, every: u64) -> u64 {
    (step / every + 1).saturating_mul(every)
}

/// A monitor at work.
pub(crate) struct Recorder<T> {
    pub(crate) population: usize,
    pub(crate) place: Place,
    /// Where its units begin among those of networks side by side; else 0.
    pub(crate) offset: usize,
    units: Vec<usize>,
    every: u64,
    /// For means: the window that is under way.
    window: Option<Window>,
    /// The last step that was looked at.
    last: Option<u64>,
    times: Vec<f64>,
    values: Vec<T>,
}

impl<T: Real> Recorder<T> {
    pub(crate) fn is_due(&self, step: u64) -> bool {
        self.window.is_some() || step.is_multiple_of(self.every)
    }

    /// The first step after the given one that it looks at.
    pub(crate) fn next_due(&self, step: u64) -> u64 {
        if self.window.is_some() { step + 1 } else { next_multiple(step, self.every) }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.times.len()
    }

    /// Adds a row. A row of the same step is replaced: the one at the end of a run shows states and
    /// parameters that may have been changed before the next run begins there.
    pub(crate) fn record(&mut self, step: u64, time: f64, all: &[T]) {
        if self.window.is_some() {
            self.add(step, time, all);
            return;
        }
        if self.last == Some(step) {
            if self.times.is_empty() {
                // It was written to disk already.
                return;
            }
            self.times.pop();
            self.values.truncate(self.values.len() - self.units.len());
        }
        self.last = Some(step);
        self.times.push(time);
        self.values.extend(self.units.iter().map(|unit| all[*unit]));
    }

    /// Adds a step to a window, and the row of the window before when that is over.
    fn add(&mut self, step: u64, time: f64, all: &[T]) {
        let Some(window) = &mut self.window else { return };
        let is_again = self.last == Some(step);
        if !is_again {
            for (sum, newest) in window.sums.iter_mut().zip(&window.newest) {
                *sum += newest;
            }
            // The last step may have been replaced until now.
            if step.is_multiple_of(self.every) {
                if self.last.is_some() {
                    let n = self.every as f64;
                    // Steps are as long as each other: the middle of n is (n - 1)/2 from the first.
                    let length = (time - window.begin) / n;
                    self.times.push(window.begin + 0.5 * (n - 1.0) * length);
                    self.values.extend(window.sums.iter().map(|sum| T::from_f64(sum / n)));
                }
                window.sums.fill(0.0);
                window.begin = time;
            }
        }
        for (newest, unit) in window.newest.iter_mut().zip(&self.units) {
            *newest = all[*unit].to_f64();
        }
        self.last = Some(step);
    }

    pub(crate) fn clear(&mut self) {
        self.last = None;
        self.clear_rows();
        if let Some(window) = &mut self.window {
            *window = Window::new(self.units.len());
        }
    }

    /// Forgets rows that are kept elsewhere.
    pub(crate) fn clear_rows(&mut self) {
        self.times.clear();
        self.values.clear();
    }

    /// What was recorded so far.
    pub(crate) fn trace(&self, population: &Built<T>) -> Trace<T> {
        let symbol = self.place.symbol(population.info);
        let labels = self.units.iter().map(|unit| population.column_label(symbol.name, *unit));
        let shape = (self.times.len(), self.units.len());
        Trace {
            population: population.name.clone(),
            quantity: symbol.name.to_owned(),
            quantity_ascii: symbol.ascii.to_owned(),
            unit: symbol.unit.to_owned(),
            time: Array1::from(self.times.clone()),
            time_unit: population.info.time.symbol().to_owned(),
            labels: labels.collect(),
            values: Array2::from_shape_vec(shape, self.values.clone())
                .expect("each row has one value per recorded unit"),
        }
    }
}
