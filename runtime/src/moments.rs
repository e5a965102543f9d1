//! Mean, variance and covariance over time, without keeping the values.

use ndarray::{Array1, Array2};

use crate::error::Error;
use crate::lanes::Real;
use crate::model::{Observable, Place, RateModel};
use crate::monitor::next_multiple;
use crate::network::PopulationId;
use crate::network::population::Built;
use crate::time::Time;

/// Which statistics to take: by default mean and variance of each unit, over all steps.
///
/// They are updated step by step in double precision, in memory that does not grow with time (B. P.
/// Welford, Technometrics 4:419, 1962; for covariances, T. F. Chan and others,
/// Am. Stat. 37:242, 1983).
///
/// ```
/// # use rate_model::prelude::*;
/// # rate_model! { model Clock { state x = 0; dx/dt = 1; } }
/// # let mut network = Network::new();
/// # let clock = network.add(Population::<Clock>::new("clock", 1))?;
/// # let mut simulation = Simulation::new(network, 1.0)?;
/// simulation.measure(Moments::new(clock, Clock::x).after(2.0))?;
/// simulation.run(6.0)?;
/// let moments = simulation.moments(clock, Clock::x)?; // of 2, 3, 4, 5
/// assert_eq!((moments.count, moments.mean[0], moments.variance[0]), (4, 3.5, 5.0 / 3.0));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Simulation::measure`"]
pub struct Moments<M> {
    population: PopulationId<M>,
    place: Place,
    every: u64,
    after: Option<Time>,
    has_covariance: bool,
}

impl<M: RateModel> Moments<M> {
    /// Of a state, auxiliary or output.
    pub fn new(population: PopulationId<M>, quantity: impl Observable<M>) -> Self {
        let (place, every, after, has_covariance) = (quantity.place(), 1, None, false);
        Self { population, place, every, after, has_covariance }
    }

    /// Only every n-th step, from step 0.
    pub fn every(self, n: u64) -> Self {
        Self { every: n, ..self }
    }

    /// Only from this time on, so that what comes from the initial values does not count.
    pub fn after(self, time: impl Into<Time>) -> Self {
        Self { after: Some(time.into()), ..self }
    }

    /// Also the covariances between units, a matrix.
    pub fn covariance(self) -> Self {
        Self { has_covariance: true, ..self }
    }

    pub(crate) fn population(&self) -> PopulationId<M> {
        self.population
    }

    pub(crate) fn build<T: Real>(
        self,
        index: usize,
        population: &Built<T>,
        dt: Time,
    ) -> Result<Measure, Error> {
        if self.every == 0 {
            return Err(Error::Every { every: 0 });
        }
        let first = match self.after {
            Some(time) => time.first_step(dt)?,
            None => 0,
        };
        let units = population.units.len;
        if self.has_covariance && !crate::units::fits_into_memory::<f64>(units, units) {
            return Err(Error::CovarianceTooLarge { population: population.name.clone(), units });
        }
        let products = if self.has_covariance { units * units } else { 0 };
        Ok(Measure {
            population: index,
            place: self.place,
            offset: 0,
            every: self.every,
            first,
            last: None,
            count: 0,
            mean: vec![0.0; units],
            squares: vec![0.0; units],
            products: vec![0.0; products],
            apart: vec![0.0; units],
            newest: Vec::new(),
            is_pending: false,
        })
    }
}

/// What statistics came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// How many steps they are of.
    pub count: u64,
    /// The mean of each unit, in the unit of the quantity; NaN of no steps.
    pub mean: Array1<f64>,
    /// The variance of each unit (with n - 1), in the square of that unit; NaN of less than two steps.
    pub variance: Array1<f64>,
    /// The covariances, if they were asked for. Shape [units, units].
    pub covariance: Option<Array2<f64>>,
}

/// Statistics at work. The newest values are added when the next step comes, because until then they
/// may be replaced: states and parameters can be changed between runs.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) population: usize,
    pub(crate) place: Place,
    /// Where its units begin among those of networks side by side; else 0.
    pub(crate) offset: usize,
    every: u64,
    first: u64,
    last: Option<u64>,
    count: u64,
    mean: Vec<f64>,
    squares: Vec<f64>,
    products: Vec<f64>,
    apart: Vec<f64>,
    newest: Vec<f64>,
    /// Whether the newest values are still to be added.
    is_pending: bool,
}

impl Measure {
    /// Whether another takes the same statistics of the same quantity at the same steps, and both could be
    /// taken in one: unit by unit.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let what = |one: &Self| (one.population, one.place, one.every, one.first);
        let is_new = |one: &Self| one.last.is_none() && one.products.is_empty();
        is_new(self) && is_new(other) && what(self) == what(other)
    }

    /// Of how many units.
    pub(crate) fn units(&self) -> usize {
        self.mean.len()
    }

    /// Statistics of populations side by side in one.
    pub(crate) fn beside(parts: &[&Self]) -> Self {
        let units = parts.iter().map(|part| part.mean.len()).sum();
        let zeros = || vec![0.0; units];
        let (mean, squares, apart) = (zeros(), zeros(), zeros());
        Self { mean, squares, apart, products: Vec::new(), newest: Vec::new(), ..*parts[0] }
    }

    /// What belongs to each of so many populations side by side.
    pub(crate) fn divide(&self, count: usize) -> impl Iterator<Item = Self> + '_ {
        let units = self.mean.len() / count;
        (0..count).map(move |part| {
            let of = |values: &[f64]| {
                values.iter().skip(part * units).take(units).copied().collect::<Vec<_>>()
            };
            let (mean, squares) = (of(&self.mean), of(&self.squares));
            let (apart, newest) = (of(&self.apart), of(&self.newest));
            Self { mean, squares, apart, newest, products: Vec::new(), ..*self }
        })
    }

    pub(crate) fn is_due(&self, step: u64) -> bool {
        step >= self.first && step.is_multiple_of(self.every)
    }

    /// The first step after the given one that counts.
    pub(crate) fn next_due(&self, step: u64) -> u64 {
        let next = next_multiple(step, self.every);
        if next >= self.first {
            return next;
        }
        // Beyond all steps there is none.
        self.first.checked_next_multiple_of(self.every).unwrap_or(u64::MAX)
    }

    pub(crate) fn add<T: Real>(&mut self, step: u64, values: &[T]) {
        if self.last != Some(step) {
            self.settle();
        }
        (self.last, self.is_pending) = (Some(step), true);
        let own = &values[self.offset..][..self.mean.len()];
        self.newest.clear();
        self.newest.extend(own.iter().map(|value| value.to_f64()));
    }

    /// Adds the newest values to the sums.
    fn settle(&mut self) {
        if !std::mem::take(&mut self.is_pending) {
            return;
        }
        self.count += 1;
        let n = self.count as f64;
        let units = self.mean.len();
        for unit in 0..units {
            let apart = self.newest[unit] - self.mean[unit];
            self.mean[unit] += apart / n;
            self.squares[unit] += apart * (self.newest[unit] - self.mean[unit]);
            self.apart[unit] = apart;
        }
        for (row, values) in self.products.chunks_exact_mut(units.max(1)).enumerate() {
            let factor = self.apart[row] * (n - 1.0) / n;
            for (product, apart) in values.iter_mut().zip(&self.apart) {
                *product += factor * apart;
            }
        }
    }

    /// Of all steps before the present one.
    pub(crate) fn statistics(&self, present: u64) -> Statistics {
        if self.is_pending && self.last.is_some_and(|last| last < present) {
            let mut settled = self.clone();
            settled.settle();
            return settled.statistics(present);
        }
        let n = self.count as f64;
        let freedom = if self.count > 1 { n - 1.0 } else { f64::NAN };
        let units = self.mean.len();
        let mean = self.mean.iter().map(|mean| if self.count > 0 { *mean } else { f64::NAN });
        let covariance = (!self.products.is_empty()).then(|| {
            Array2::from_shape_fn((units, units), |(i, j)| self.products[i * units + j] / freedom)
        });
        Statistics {
            count: self.count,
            mean: mean.collect(),
            variance: self.squares.iter().map(|squares| squares / freedom).collect(),
            covariance,
        }
    }

    pub(crate) fn clear(&mut self) {
        (self.last, self.count, self.is_pending) = (None, 0, false);
        for sums in [&mut self.mean, &mut self.squares, &mut self.products] {
            sums.fill(0.0);
        }
    }
}
