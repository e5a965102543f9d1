//! W4: half as many threshold-linear pairs as there are units; each unit has 50 excitatory and 50
//! inhibitory inputs from units drawn at random.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::members;
use super::one::{delayed, options};
use crate::error::Error;
use crate::harness::{Prepared, Request};
use crate::models::ThresholdLinear as M;
use crate::numbers::uniform;

/// Inputs of each unit from each kind.
const INPUTS: usize = 50;

pub(super) fn prepare<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    members::prepare::<T>(request, build)
}

fn build<T: Real>(
    request: &Request,
    strength: f64,
) -> Result<(Simulation<T>, PopulationId<M>), rate_model::Error> {
    let n = request.n.div_ceil(2);
    let mut network = Network::<T>::with_precision();
    let pairs = network.add(Population::<M>::new("pairs", n))?;
    network.stimulate(pairs, M::I_e, 10.0 * strength)?;
    network.stimulate(pairs, M::I_i, 5.0 * strength)?;
    let ends = [
        (M::ν_e, M::I_e, 0.02),
        (M::ν_i, M::I_e, -0.02),
        (M::ν_e, M::I_i, 0.02),
        (M::ν_i, M::I_i, -0.02),
    ];
    for (kind, (from, to, weight)) in (0..).zip(ends) {
        let connections = (0..n * INPUTS).map(|place| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n")]
            let source = (uniform(30 + kind, place) * n as f64) as usize;
            (place / INPUTS, source, weight * uniform(40 + kind, place))
        });
        let weights = Weights::sparse(connections);
        network.connect(delayed(Projection::new(pairs, from, pairs, to, weights), request))?;
    }
    let simulation = Simulation::with_options(network, ms(0.1), options(request, 0))?;
    Ok((simulation, pairs))
}
