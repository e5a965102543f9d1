//! Handles that a variant has no more, or of another kind than in its base: rustc's own errors.

use rate_model::prelude::*;

rate_model! {
    model ThresholdLinear {
        param tau: ms = 20 where tau > 0;
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν: Hz = 0 where ν >= 0;
        tau dν/dt = -ν + β*relu(I);
    }

    /// The input is a parameter, the gain is gone.
    model Alone: ThresholdLinear {
        remove β;
        param I: pA = 3;
        tau dν/dt = -ν + (1 Hz/pA)*relu(I);
    }
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let alone = network.add(Population::<Alone>::new("alone", 1).set(Alone::β, 1.0))?;
    network.stimulate(alone, Alone::I, 3.0)?;
    network.stimulate(alone, ThresholdLinear::I, 3.0)?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(alone, ThresholdLinear::ν)?;
    Ok(())
}
