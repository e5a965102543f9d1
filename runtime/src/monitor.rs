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
}

impl<M: RateModel> Monitor<M> {
    /// Records a state, auxiliary or output.
    pub fn new(population: PopulationId<M>, quantity: impl Observable<M>) -> Self {
        Self { population, place: quantity.place(), units: None, every: 1 }
    }

    /// Only the given units, in this order.
    pub fn units(self, units: impl IntoIterator<Item = usize>) -> Self {
        Self { units: Some(units.into_iter().collect()), ..self }
    }

    /// Only every n-th step, from step 0.
    pub fn every(self, n: u64) -> Self {
        Self { every: n, ..self }
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
        Ok(Recorder {
            population: index,
            place: self.place,
            units,
            every: self.every,
            last: None,
            times: Vec::new(),
            values: Vec::new(),
        })
    }
}

/// A monitor at work.
pub(crate) struct Recorder<T> {
    pub(crate) population: usize,
    pub(crate) place: Place,
    units: Vec<usize>,
    every: u64,
    /// The step of the last row.
    last: Option<u64>,
    times: Vec<f64>,
    values: Vec<T>,
}

impl<T: Real> Recorder<T> {
    pub(crate) fn is_due(&self, step: u64) -> bool {
        step.is_multiple_of(self.every)
    }

    /// Adds a row. A row of the same step is replaced: the one at the end of a run shows states and
    /// parameters that may have been changed before the next run begins there.
    pub(crate) fn record(&mut self, step: u64, time: f64, all: &[T]) {
        if self.last == Some(step) {
            self.times.pop();
            self.values.truncate(self.values.len() - self.units.len());
        }
        self.last = Some(step);
        self.times.push(time);
        self.values.extend(self.units.iter().map(|unit| all[*unit]));
    }

    pub(crate) fn clear(&mut self) {
        self.last = None;
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
