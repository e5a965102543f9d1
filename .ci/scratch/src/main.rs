//! A user's crate: depends on the runtime under another name, builds on the models of another
//! crate, and gets no warning.

use neuro::prelude::*;
use zoo::Leaky;

rate_model! {
    /// Only Greek letters that look Latin: rustc would warn of them.
    pub model Greek {
        param τ: ms = 20 where τ > 0;
        input ι: Hz;
        state ν: Hz = 0;
        τ dν/dt = -ν + relu(ι);
    }

    model Latin {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state rate: Hz = 0;
        tau drate/dt = -rate + relu(I);
    }

    model Faster: Leaky { param τ: ms = 5 where τ > 0; }
    model Livelier: zoo::Tiring { param τ_a: s = 1 where τ_a > 0; output twice = 2*a; }
}

fn main() -> Result<(), Error> {
    let mut network = Network::new();
    let greek = network.add(Population::<Greek>::new("greek", 3))?;
    let latin = network.add(Population::<Latin>::new("latin", 3))?;
    network.stimulate(greek, Greek::ι, 10.0)?;
    network.stimulate(latin, Latin::I, 10.0)?;
    let faster = network.add(Population::<Faster>::new("faster", 3))?;
    network.stimulate(faster, Faster::I, 10.0)?;
    network.add(Population::<Livelier>::new("livelier", 1).set(Livelier::tau_a, 2.0))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.run(ms(100.0))?;
    let rates = simulation.values(greek, Greek::nu)?;
    assert_eq!(rates, simulation.values(latin, Latin::rate)?);
    let faster = simulation.values(faster, Faster::ν)?;
    assert!(faster.iter().zip(rates).all(|(faster, slower)| faster > slower));
    println!("{rates:?} {faster:?}");
    Ok(())
}
