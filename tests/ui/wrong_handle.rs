//! Handles of another model, of another kind, and misspelt: rustc's own errors, at the handle.

use rate_model::prelude::*;

rate_model! {
    model Rate {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν: Hz = 0;
        tau dν/dt = I - ν;
    }

    model Other {
        param tau: ms = 20 where tau > 0;
        state x = 0;
        tau dx/dt = -x;
    }
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let rate = network.add(Population::<Rate>::new("rate", 1).set(Other::tau, 10.0))?;
    let _ = Population::<Rate>::new("misspelt", 1).set(Rate::tua, 10.0);
    let _ = Population::<Rate>::new("kind", 1).set(Rate::ν, 10.0);
    network.stimulate(rate, Other::x, 1.0)?;
    network.project(rate, Rate::tau, rate, Rate::I, ndarray::arr2(&[[1.0]]))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(rate, Other::x)?;
    simulation.record(rate, Rate::tau)?;
    Ok(())
}
