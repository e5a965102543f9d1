//! W7 and W7-OU: Wilson–Cowan units that know nothing of each other, with constant inputs, and with
//! noise on each.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::one::{One, options, sum_of};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::{Driven, WilsonCowan};
use crate::numbers::uniform;

/// Numbers between 0 and a limit.
fn below(limit: f64, stream: u64, units: usize) -> Vec<f64> {
    (0..units).map(|unit| limit * uniform(stream, unit)).collect()
}

pub(super) fn plain<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use WilsonCowan as M;
    let mut network = Network::<T>::with_precision();
    let population = Population::<M>::new("units", request.n)
        .init(M::x, below(0.05, 2, request.n))
        .init(M::y, below(0.05, 3, request.n));
    let population = network.add(population)?;
    network.stimulate(population, M::P, below(2.0, 0, request.n))?;
    network.stimulate(population, M::Q, below(1.0, 1, request.n))?;
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok(One::new(request, simulation, sum_of(population, [M::x, M::y])))
}

pub(super) fn driven<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use Driven as M;
    let mut network = Network::<T>::with_precision();
    let mut population = Population::<M>::new("units", request.n)
        .init(M::x, below(0.05, 2, request.n))
        .init(M::y, below(0.05, 3, request.n));
    if !request.noise {
        population = population.set(M::σ, 0.0);
    }
    let population = network.add(population)?;
    network.stimulate(population, M::P, below(2.0, 0, request.n))?;
    network.stimulate(population, M::Q, below(1.0, 1, request.n))?;
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok(One::new(request, simulation, sum_of(population, [M::x, M::y])))
}
