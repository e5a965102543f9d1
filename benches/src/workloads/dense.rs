//! W3: threshold-linear pairs, all coupled to all by four matrices: from excitatory and inhibitory
//! rates to excitatory and inhibitory inputs.

use ndarray::Array2;
use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::members;
use super::one::{delayed, options};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::ThresholdLinear as M;
use crate::numbers::uniform;

pub(super) fn prepare<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    members::prepare::<T>(request, build)
}

/// Weights below 0.001 pA/Hz for 2000 pairs; for others, so that sums stay of the same size.
fn build<T: Real>(
    request: &Request,
    strength: f64,
) -> Result<(Simulation<T>, PopulationId<M>), rate_model::Error> {
    let n = request.n;
    let mut network = Network::<T>::with_precision();
    let pairs = network.add(Population::<M>::new("pairs", n))?;
    network.stimulate(pairs, M::I_e, 10.0 * strength)?;
    network.stimulate(pairs, M::I_i, 5.0 * strength)?;
    let ends = [
        (M::ν_e, M::I_e, 1.0),
        (M::ν_i, M::I_e, -1.0),
        (M::ν_e, M::I_i, 1.0),
        (M::ν_i, M::I_i, -1.0),
    ];
    for (stream, (from, to, sign)) in (20..).zip(ends) {
        let weights = Array2::from_shape_fn((n, n), |(target, source)| {
            sign * 2.0 / n as f64 * uniform(stream, target * n + source)
        });
        network.connect(delayed(Projection::new(pairs, from, pairs, to, weights), request))?;
    }
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok((simulation, pairs))
}
