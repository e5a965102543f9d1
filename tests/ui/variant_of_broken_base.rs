//! What is wrong with a base is said once; what is based on it, here and elsewhere, adds nothing.

use rate_model::prelude::*;

rate_model! {
    /// A semicolon is missing.
    pub model Unreadable {
        param tau: ms = 20 where tau > 0
        param b = 0.3;
        input I: Hz;
        state ν: Hz = 0;
        tau dν/dt = -ν + I;
    }

    pub model Adapting: Unreadable {
        state a: Hz = 0;
        tau dν/dt = -ν + relu(I - a);
        tau da/dt = b*ν - a;
    }

    /// Can be read, but a name is wrong.
    pub model Misspelt {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν: Hz = 0;
        tua dν/dt = -ν + I;
    }

    model Faster: Misspelt { param tau: ms = 10 where tau > 0; }
}

rate_model! {
    model Slow: Unreadable { param tau: ms = 200 where tau > 0; }

    model Slower: Slow { param tau: s = 2 where tau > 0; }

    model Slowest: Misspelt { param tau: s = 20 where tau > 0; }

    /// The wrong equation is replaced: nothing is wrong with this one.
    model Mended: Misspelt { tau dν/dt = -ν + I; }
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let a = network.add(Population::<Adapting>::new("a", 1).set(Adapting::b, 1.0))?;
    let s = network.add(Population::<Slow>::new("s", 1).set(Slow::tau, 10.0))?;
    let f = network.add(Population::<Faster>::new("f", 1).set(Faster::tau, 10.0))?;
    let m = network.add(Population::<Mended>::new("m", 1).set(Mended::tau, 10.0))?;
    network.project(a, Adapting::a, m, Mended::I, ndarray::arr2(&[[1.0]]))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(s, Slow::ν)?;
    simulation.record(f, Faster::ν)?;
    Ok(())
}
