//! W1 and W2: threshold-linear pairs that know nothing of each other, with a constant input each;
//! without noise and with.

use std::ops::Range;

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::parts::{Parts, sum_of};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::{Noisy, ThresholdLinear};
use crate::numbers::uniform;

/// Currents between -5 and 15 pA.
fn currents(stream: u64, units: Range<usize>) -> Vec<f64> {
    units.map(|unit| 20.0 * uniform(stream, unit) - 5.0).collect()
}

pub(super) fn pairs<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use ThresholdLinear as M;
    let parts = Parts::<T>::new(request, |units, options| {
        let mut network = Network::with_precision();
        let pairs = network.add(Population::<M>::new("pairs", units.len()))?;
        network.stimulate(pairs, M::I_e, currents(0, units.clone()))?;
        network.stimulate(pairs, M::I_i, currents(1, units))?;
        let simulation = Simulation::with_options(network, ms(0.1), options)?;
        Ok((simulation, sum_of(pairs, [M::ν_e, M::ν_i])))
    })?;
    Ok(Box::new(parts))
}

pub(super) fn noisy<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    use Noisy as M;
    let parts = Parts::<T>::new(request, |units, options| {
        let mut network = Network::with_precision();
        let mut population = Population::<M>::new("pairs", units.len());
        if !request.noise {
            population = population.set(M::σ, 0.0);
        }
        let pairs = network.add(population)?;
        network.stimulate(pairs, M::I_e, currents(0, units.clone()))?;
        network.stimulate(pairs, M::I_i, currents(1, units))?;
        let simulation = Simulation::with_options(network, ms(0.1), options)?;
        Ok((simulation, sum_of(pairs, [M::ν_e, M::ν_i])))
    })?;
    Ok(Box::new(parts))
}
