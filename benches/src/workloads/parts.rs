//! Simulations that know nothing of each other, one a thread.

use std::ops::Range;

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::wide;
use crate::arguments::Clock;
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request, seconds};

/// What is looked at after a run: one number for each unit.
type Look<T> = Box<dyn Fn(&Simulation<T>) -> Result<Vec<f64>, Error>>;

/// All simulations, and how many steps they make.
pub(crate) struct Parts<T> {
    simulations: Vec<Simulation<T>>,
    looks: Vec<Look<T>>,
    steps: u64,
    clock: Clock,
}

impl<T: Real> Parts<T> {
    /// For each thread a part of the units, set up by `part`.
    pub(crate) fn new(
        request: &Request,
        part: impl Fn(Range<usize>, Options) -> Result<(Simulation<T>, Look<T>), Error>,
    ) -> Result<Self, Error> {
        let (n, threads) = (request.n, request.threads.min(request.n));
        // Whole blocks to each.
        let border =
            |thread: usize| if thread == threads { n } else { n * thread / threads / 64 * 64 };
        let (mut simulations, mut looks) = (Vec::new(), Vec::new());
        for thread in 0..threads {
            let units = border(thread)..border(thread + 1);
            if units.is_empty() {
                continue;
            }
            let (simulation, look) = part(units, options(thread as u64))?;
            simulations.push(simulation);
            looks.push(look);
        }
        Ok(Self { simulations, looks, steps: request.steps, clock: request.clock })
    }
}

/// How all workloads run.
pub(super) fn options(seed: u64) -> Options {
    Options { seed, progress: false, ..Options::default() }
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

impl<T: Real> Prepared for Parts<T> {
    fn run(&mut self) -> Result<Outcome, Error> {
        self.simulations.iter_mut().for_each(Simulation::reset);
        let (simulations, count) = (&mut self.simulations, steps(self.steps));
        let (seconds, result) = seconds(self.clock, || match &mut simulations[..] {
            [alone] => alone.run(count).map(drop),
            all => std::thread::scope(|scope| {
                let start = |one: &'_ mut Simulation<T>| one.run(count).map(drop);
                let threads: Vec<_> =
                    all.iter_mut().map(|one| scope.spawn(move || start(one))).collect();
                threads.into_iter().try_for_each(|thread| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
            }),
        });
        result?;
        let mut values = Vec::new();
        for (simulation, look) in self.simulations.iter().zip(&self.looks) {
            values.extend(look(simulation)?);
        }
        Ok(Outcome { seconds, moments: Moments::of(&values) })
    }
}
