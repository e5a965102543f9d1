//! The model of an area, and the network of all.

use rate_model::lanes::Real;
use rate_model::prelude::*;

use crate::Message;
use crate::arguments::Arguments;
use crate::connectome::Connectome;

rate_model! {
    /// One cortical area: an excitatory and an inhibitory population with threshold-linear
    /// response, whose excitatory inputs are the stronger the higher the area stands
    /// (Chaudhuri et al., Neuron 88:419, 2015).
    pub(crate) model CorticalArea {
        param tau_E: ms = 20 where tau_E > 0;
        param tau_I: ms = 10 where tau_I > 0;
        param β_E: Hz/pA = 0.066 where β_E > 0;
        param β_I: Hz/pA = 0.351 where β_I > 0;
        /// Local excitation of excitatory and inhibitory cells.
        param w_EE: pA/Hz = 24.3;   param w_IE: pA/Hz = 12.2;
        /// Local inhibition of excitatory and inhibitory cells.
        param w_EI: pA/Hz = 19.7;   param w_II: pA/Hz = 12.5;
        /// Long-range excitation of excitatory and inhibitory cells.
        param μ_EE: pA/Hz = 33.7;   param μ_IE: pA/Hz = 25.3;
        /// By how much excitation grows along the hierarchy.
        param η = 0.68;
        /// Position in the hierarchy, 0 at the bottom, 1 at the top.
        param h = 0 where 0 <= h <= 1;
        /// Background rates, kept up by the background currents B_E and B_I.
        param ν_E0: Hz = 10 where ν_E0 > 0;
        param ν_I0: Hz = 35 where ν_I0 > 0;
        /// What other areas send at background.
        param Q_0: Hz = 0;

        /// What other areas send: Σ_j FLN_ij ν_E,j.
        input Q: Hz;
        /// The stimulus, as the rate it would drive without any network.
        input S: Hz;

        let s = 1 + η*h;
        let B_E: pA = ν_E0/β_E - s*(w_EE*ν_E0 + μ_EE*Q_0) + w_EI*ν_I0;
        let B_I: pA = ν_I0/β_I - s*(w_IE*ν_E0 + μ_IE*Q_0) + w_II*ν_I0;
        let I_E: pA = s*(w_EE*ν_E + μ_EE*Q) - w_EI*ν_I + B_E + S/β_E;
        let I_I: pA = s*(w_IE*ν_E + μ_IE*Q) - w_II*ν_I + B_I;

        state ν_E: Hz = ν_E0;
        state ν_I: Hz = ν_I0;
        tau_E dν_E/dt = -ν_E + β_E*[I_E]_+;
        tau_I dν_I/dt = -ν_I + β_I*[I_I]_+;
    }
}

/// When the stimulus is on.
const PULSE: (Time, Time) = (ms(100.0), ms(350.0));

/// The excitatory rate, in Hz, at which all areas are at rest.
pub(crate) fn background() -> f64 {
    CorticalArea::ν_E0.symbol().default
}

/// The simulation of all areas, recording the excitatory rates.
pub(crate) fn build<T: Real>(
    arguments: &Arguments,
    connectome: &Connectome,
) -> Result<Simulation<T>, Message> {
    let stimulated = connectome.find(arguments.stimulate.as_deref())?;
    assemble(arguments, connectome, stimulated).map_err(|error| error.to_string())
}

fn assemble<T: Real>(
    arguments: &Arguments,
    connectome: &Connectome,
    stimulated: usize,
) -> Result<Simulation<T>, Error> {
    let areas = Population::<CorticalArea>::new("cortex", connectome.areas.len())
        .labels(&connectome.areas)
        .set(CorticalArea::η, arguments.eta)
        .set(CorticalArea::h, &connectome.hierarchy)
        .set(CorticalArea::Q_0, &connectome.fln.sum_axis(ndarray::Axis(1)) * background());
    let mut network = Network::<T>::with_precision();
    let cortex = network.add(areas)?;
    network.project(cortex, CorticalArea::ν_E, cortex, CorticalArea::Q, &connectome.fln)?;
    let pulse = Stimulus::window(PULSE.0, PULSE.1, arguments.amplitude).on([stimulated]);
    network.stimulate(cortex, CorticalArea::S, pulse)?;
    let options = Options { integrator: arguments.integrator, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(arguments.dt), options)?;
    simulation.record(cortex, CorticalArea::ν_E)?;
    Ok(simulation)
}
