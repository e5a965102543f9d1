//! Populations of the wrong model, and of what is no model: rustc's own errors.

use rate_model::prelude::*;

rate_model! {
    model Rate {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν: Hz = 0;
        tau dν/dt = I - ν;
    }

    model Adapting: Rate {
        state a: Hz = 0;
        tau dν/dt = relu(I - a) - ν;
        (100 ms) da/dt = ν - a;
    }
}

struct NoModel;

/// Wants populations of one model.
fn connect(network: &mut Network, rate: PopulationId<Rate>) -> Result<(), Error> {
    network.stimulate(rate, Rate::I, 5.0)?;
    Ok(())
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let rate = network.add(Population::<Rate>::new("rate", 1))?;
    let adapting = network.add(Population::<Adapting>::new("adapting", 1))?;
    let _ = network.add(Population::<NoModel>::new("none", 1))?;
    let _ = network.add(Population::<Rates>::new("misspelt", 1))?;
    connect(&mut network, adapting)?;
    network.stimulate(adapting, Rate::I, 5.0)?;
    network.project(rate, Adapting::a, adapting, Rate::I, ndarray::arr2(&[[1.0]]))?;
    Ok(())
}
