//! Uses of a model with errors in it add no errors of rustc's.

use rate_model::prelude::*;

rate_model! {
    /// A misspelt name.
    pub model Broken {
        const θ = 0.5;
        param tau: ms = 20;
        param (b, σ) = (0.3, 0.02);
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν: Hz = 0;
        let drive = β*relu(I);
        output doubled = 2*ν;
        tau dν/dt = -nu + drive;
    }
}

rate_model! {
    /// A syntax error.
    pub model Unreadable {
        param tau: ms = 20
        param (b, σ) = (0.3, 0.02);
        input I;
        state x = 0;
        tau dx/dt = -x + + I;
    }
}

/// A state of the broken model, recorded.
fn run() -> Result<Recording<f64>, Error> {
    let mut network = Network::new();
    let broken = Population::<Broken>::new("broken", 3).set(Broken::tau, 1.0).init(Broken::nu, 0.1);
    let broken = network.add(broken.set(Broken::β, 1.0).set(Broken::beta, 1.0))?;
    let unreadable = Population::<Unreadable>::new("unreadable", 3).set(Unreadable::tau, 1.0);
    let unreadable = network.add(unreadable.set(Unreadable::b, 1.0).set(Unreadable::sigma, 1.0))?;
    network.stimulate(broken, Broken::I, 300.0)?;
    network.stimulate(unreadable, Unreadable::I, 300.0)?;
    network.project(unreadable, Unreadable::x, broken, Broken::I, ndarray::arr2(&[[1.0; 3]; 3]))?;
    network.project(broken, Broken::doubled, broken, Broken::I, ndarray::arr2(&[[1.0; 3]; 3]))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(broken, Broken::ν)?;
    simulation.monitor(Monitor::new(broken, Broken::drive).every(10))?;
    simulation.run(ms(1.0))?;
    simulation.set(broken, Broken::σ, 0.1)?;
    println!("{:?} {}", Broken::tau, Broken::INFO.name);
    Ok(simulation.recording())
}

fn main() {
    run().unwrap();
}
