//! W5: a whole brain. Wilson–Cowan nodes, all coupled to all over tracts with delays, additive noise.

use rate_model::lanes::Real;
use rate_model::model::Param;
use rate_model::prelude::*;

use super::one::options;
use crate::arguments::Clock;
use crate::connectome::{Connectome, DT, SPEED};
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request, seconds};
use crate::models::Node as M;

/// Steps between two looks: far longer than anything in the network lasts.
pub(super) const EVERY: u64 = 1000;

/// A brain with some values of parameters.
pub(super) fn simulation<T: Real>(
    connectome: &Connectome,
    request: &Request,
    params: &[(Param<M>, f64)],
    seed: u64,
) -> Result<(Simulation<T>, PopulationId<M>), rate_model::Error> {
    let n = connectome.weights.nrows();
    let initial =
        |period: usize| (0..n).map(move |node| 0.05 * (node % period) as f64 / period as f64);
    let mut population = Population::<M>::new("nodes", n)
        .init(M::E, initial(7).collect::<Vec<_>>())
        .init(M::I, initial(5).collect::<Vec<_>>());
    if !request.noise {
        population = population.set(M::σ, 0.0);
    }
    for (param, value) in params {
        population = population.set(*param, *value);
    }
    let mut network = Network::with_precision();
    let nodes = network.add(population)?;
    let tracts = Projection::new(nodes, M::E, nodes, M::c, connectome.weights.clone());
    network.connect(tracts.delays(Delays::tracts(&connectome.lengths, SPEED)))?;
    // Frozen delivery rounds delays to whole steps, as the peers do.
    let delivery = if request.interpolate { Delivery::PerStage } else { Delivery::Frozen };
    let options = Options { delivery, ..options(request, seed) };
    let mut simulation = Simulation::with_options(network, ms(DT), options)?;
    simulation.monitor(Monitor::new(nodes, M::E).every(EVERY))?;
    Ok((simulation, nodes))
}

/// At each look after t = 0, the mean over nodes.
pub(super) fn means<T: Real>(
    simulation: &Simulation<T>,
    nodes: PopulationId<M>,
) -> Result<Vec<f64>, rate_model::Error> {
    let trace = simulation.trace(nodes, M::E)?;
    let mean = |row: ndarray::ArrayView1<'_, T>| {
        row.iter().map(|value| value.to_f64()).sum::<f64>() / row.len() as f64
    };
    Ok(trace.values.rows().into_iter().skip(1).map(mean).collect())
}

struct Brain<T> {
    simulation: Simulation<T>,
    nodes: PopulationId<M>,
    steps: u64,
    clock: Clock,
}

pub(super) fn prepare<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    let (simulation, nodes) = simulation::<T>(&Connectome::new(request.n), request, &[], 0)?;
    Ok(Box::new(Brain { simulation, nodes, steps: request.steps, clock: request.clock }))
}

impl<T: Real> Prepared for Brain<T> {
    fn run(&mut self) -> Result<Outcome, Error> {
        self.simulation.reset();
        let (seconds, result) = seconds(self.clock, || self.simulation.run(steps(self.steps)));
        result?;
        let moments = Moments::of(&means(&self.simulation, self.nodes)?);
        Ok(Outcome { seconds, moments })
    }
}
