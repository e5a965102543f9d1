//! W3 and W4: one network, or several with the same weights and stronger inputs from one to the next, as a sweep.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use cpu_time::ProcessTime;
use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::one::{One, sum_of};
use crate::arguments::Clock;
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request};
use crate::models::ThresholdLinear as M;

/// Sets a network up, with inputs so much stronger than those of the first.
type Build<T> = fn(&Request, f64) -> Result<(Simulation<T>, PopulationId<M>), rate_model::Error>;

/// From one member to the next, inputs grow by this part.
const GROWTH: f64 = 0.01;

pub(super) fn prepare<T: Real>(
    request: &Request,
    build: Build<T>,
) -> Result<Box<dyn Prepared>, Error> {
    if request.members > 1 {
        return Ok(Box::new(Members { build, request: request.clone() }));
    }
    let (simulation, pairs) = build(request, 1.0)?;
    Ok(One::new(request, simulation, sum_of(pairs, [M::ν_e, M::ν_i])))
}

struct Members<T> {
    build: Build<T>,
    request: Request,
}

impl<T: Real> Prepared for Members<T> {
    /// The time of a member, in the mean, without that of setting members up; and what comes out of the first.
    fn run(&mut self) -> Result<Outcome, Error> {
        let Self { build, request } = self;
        let watch = Mutex::new(Watch { clock: request.clock, since: None, seconds: 0.0 });
        let lock = || watch.lock().unwrap_or_else(PoisonError::into_inner);
        let sweep = Sweep::new(["samples", "mean", "variance", "fourth"])
            .axis("strength", (0..request.members).map(|member| 1.0 + GROWTH * member as f64))
            .threads(1)
            .quiet();
        let build = |point: &SweepPoint| {
            let built = build(request, point.get("strength"));
            lock().start();
            built
        };
        let results = sweep.simulate(build, steps(request.steps), |simulation, pairs| {
            lock().stop();
            let moments = Moments::of(&sum_of(*pairs, [M::ν_e, M::ν_i])(simulation)?);
            lock().start();
            Ok(vec![moments.samples, moments.mean, moments.variance, moments.fourth])
        })?;
        if let Some(failure) = results.failures.first() {
            return Err(Error::Member(failure.to_string()));
        }
        let [samples, mean, variance, fourth] =
            [0, 1, 2, 3].map(|column| results.values[[0, column]]);
        let moments = Moments { samples, mean, variance, fourth };
        Ok(Outcome { seconds: lock().seconds / request.members as f64, moments })
    }
}

/// Runs from when a member was set up, or read, to when one is read.
struct Watch {
    clock: Clock,
    since: Option<(Instant, ProcessTime)>,
    seconds: f64,
}

impl Watch {
    fn start(&mut self) {
        self.since = Some((Instant::now(), ProcessTime::now()));
    }

    fn stop(&mut self) {
        if let Some((wall, process)) = self.since.take() {
            let passed = match self.clock {
                Clock::Wall => wall.elapsed(),
                Clock::Cpu => process.elapsed(),
            };
            self.seconds += passed.as_secs_f64();
        }
    }
}
