//! W1 and W2: threshold-linear pairs that know nothing of each other, with a constant input each;
//! without noise and with.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::one::{One, options, sum_of};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::{Noisy, ThresholdLinear};
use crate::numbers::uniform;

/// Currents between -5 and 15 pA.
fn currents(stream: u64, units: usize) -> Vec<f64> {
    (0..units).map(|unit| 20.0 * uniform(stream, unit) - 5.0).collect()
}

pub(super) fn pairs<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use ThresholdLinear as M;
    let mut network = Network::<T>::with_precision();
    let pairs = network.add(Population::<M>::new("pairs", request.n))?;
    network.stimulate(pairs, M::I_e, currents(0, request.n))?;
    network.stimulate(pairs, M::I_i, currents(1, request.n))?;
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok(One::new(request, simulation, sum_of(pairs, [M::ν_e, M::ν_i])))
}

pub(super) fn noisy<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use Noisy as M;
    let mut network = Network::<T>::with_precision();
    let mut population = Population::<M>::new("pairs", request.n);
    if !request.noise {
        population = population.set(M::σ, 0.0);
    }
    let pairs = network.add(population)?;
    network.stimulate(pairs, M::I_e, currents(0, request.n))?;
    network.stimulate(pairs, M::I_i, currents(1, request.n))?;
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok(One::new(request, simulation, sum_of(pairs, [M::ν_e, M::ν_i])))
}
