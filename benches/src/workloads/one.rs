//! A workload that is one simulation.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::wide;
use crate::arguments::Clock;
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request, seconds};

/// What is looked at after a run: one number for each unit.
type Look<T> = Box<dyn Fn(&Simulation<T>) -> Result<Vec<f64>, rate_model::Error>>;

/// A simulation, and how many steps it makes.
pub(crate) struct One<T> {
    simulation: Simulation<T>,
    look: Look<T>,
    steps: u64,
    clock: Clock,
}

impl<T: Real> One<T> {
    pub(crate) fn new(request: &Request, simulation: Simulation<T>, look: Look<T>) -> Box<Self> {
        Box::new(Self { simulation, look, steps: request.steps, clock: request.clock })
    }
}

/// How all workloads run.
pub(super) fn options(request: &Request, seed: u64) -> Options {
    let threads = Threads::Exactly(request.threads);
    Options { seed, threads, progress: false, ..Options::default() }
}

/// With the delay that was asked for, if one was.
pub(super) fn delayed(projection: Projection, request: &Request) -> Projection {
    match request.delay {
        Some(steps) => projection.delay(ms(0.1 * steps as f64)),
        None => projection,
    }
}

/// Looks at the sum of two states.
pub(super) fn sum_of<T: Real, M: RateModel>(
    population: PopulationId<M>,
    states: [rate_model::model::State<M>; 2],
) -> Look<T> {
    Box::new(move |simulation| {
        let [first, second] = states;
        let first = wide(simulation.values(population, first)?);
        let second = wide(simulation.values(population, second)?);
        Ok(first.iter().zip(second).map(|(first, second)| first + second).collect())
    })
}

impl<T: Real> Prepared for One<T> {
    fn run(&mut self) -> Result<Outcome, Error> {
        self.simulation.reset();
        let (simulation, count) = (&mut self.simulation, steps(self.steps));
        let (seconds, result) = seconds(self.clock, || simulation.run(count));
        result?;
        let moments = Moments::of(&(self.look)(simulation)?);
        Ok(Outcome { seconds, moments })
    }
}
