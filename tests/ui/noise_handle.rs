//! Noise has no handle that could be recorded, set, or sent.

use rate_model::prelude::*;

rate_model! {
    model Diffusing {
        param tau: ms = 20 where tau > 0;
        const θ = 0.5;
        input I: Hz;
        noise ξ: white;
        noise η: ou(5 ms);
        state ν: Hz = 0;
        fn response(x) = θ*relu(x);
        tau dν/dt = response(I) - ν + (1 Hz)*sqrt(tau)*ξ + (1 Hz)*η;
    }
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let one = network.add(Population::<Diffusing>::new("one", 1).set(Diffusing::θ, 1.0))?;
    network.project(one, Diffusing::η, one, Diffusing::I, ndarray::arr2(&[[1.0]]))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(one, Diffusing::xi)?;
    simulation.record(one, Diffusing::η)?;
    simulation.record(one, Diffusing::response)?;
    Ok(())
}
