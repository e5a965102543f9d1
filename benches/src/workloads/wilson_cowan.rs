//! W7 and W7-OU: Wilson–Cowan units that know nothing of each other, with constant inputs, and with
//! noise on each.

use std::ops::Range;

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::parts::{Parts, sum_of};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::{Driven, WilsonCowan};
use crate::numbers::uniform;

/// Numbers between 0 and a limit.
fn below(limit: f64, stream: u64, units: &Range<usize>) -> Vec<f64> {
    units.clone().map(|unit| limit * uniform(stream, unit)).collect()
}

pub(super) fn plain<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use WilsonCowan as M;
    let parts = Parts::<T>::new(request, |units, options| {
        let mut network = Network::with_precision();
        let population = Population::<M>::new("units", units.len())
            .init(M::x, below(0.05, 2, &units))
            .init(M::y, below(0.05, 3, &units));
        let population = network.add(population)?;
        network.stimulate(population, M::P, below(2.0, 0, &units))?;
        network.stimulate(population, M::Q, below(1.0, 1, &units))?;
        let simulation = Simulation::with_options(network, ms(0.1), options)?;
        Ok((simulation, sum_of(population, [M::x, M::y])))
    })?;
    Ok(Box::new(parts))
}

pub(super) fn driven<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use Driven as M;
    let parts = Parts::<T>::new(request, |units, options| {
        let mut network = Network::with_precision();
        let mut population = Population::<M>::new("units", units.len())
            .init(M::x, below(0.05, 2, &units))
            .init(M::y, below(0.05, 3, &units));
        if !request.noise {
            population = population.set(M::σ, 0.0);
        }
        let population = network.add(population)?;
        network.stimulate(population, M::P, below(2.0, 0, &units))?;
        network.stimulate(population, M::Q, below(1.0, 1, &units))?;
        let simulation = Simulation::with_options(network, ms(0.1), options)?;
        Ok((simulation, sum_of(population, [M::x, M::y])))
    })?;
    Ok(Box::new(parts))
}
