//! W6: a sweep of brains as in W5 that differ in how strongly their nodes are coupled.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::brain;
use crate::connectome::Connectome;
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request, seconds};
use crate::models::Node as M;

/// Nodes of each brain.
const NODES: usize = 80;

/// From one brain to the next, G grows by this.
const GROWTH: f64 = 0.01;

struct Brains<T> {
    connectome: Connectome,
    request: Request,
    precision: std::marker::PhantomData<T>,
}

#[allow(clippy::unnecessary_wraps, reason = "like all workloads; brains are set up while it runs")]
pub(super) fn prepare<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    let (connectome, request) = (Connectome::new(NODES), request.clone());
    Ok(Box::new(Brains::<T> { connectome, request, precision: std::marker::PhantomData }))
}

impl<T: Real> Prepared for Brains<T> {
    fn run(&mut self) -> Result<Outcome, Error> {
        let Self { connectome, request, .. } = self;
        let looks = request.steps / brain::EVERY;
        let couplings = (0..request.n).map(|point| GROWTH * point as f64);
        let sweep = Sweep::new((1..=looks).map(|look| format!("mean {look}")))
            .axis("G", couplings)
            .threads(request.threads)
            .quiet();
        let build = |point: &SweepPoint| {
            let params = [(M::G, point.get("G"))];
            brain::simulation::<T>(connectome, request, &params, point.index as u64)
        };
        let (seconds, results) = seconds(request.clock, || {
            sweep.simulate(build, steps(request.steps), |simulation, nodes| {
                brain::means(simulation, *nodes)
            })
        });
        let results = results?;
        if let Some(failure) = results.failures.first() {
            return Err(Error::Member(failure.to_string()));
        }
        let means = results.values.mean_axis(ndarray::Axis(0)).unwrap_or_default();
        Ok(Outcome { seconds, moments: Moments::of(&means.iter().copied().collect::<Vec<_>>()) })
    }
}
