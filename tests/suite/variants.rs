//! Models based on others: in one call, across calls and modules, in functions.

use rate_model::model::{Input, State};
use rate_model::prelude::*;

mod base {
    use rate_model::prelude::*;

    rate_model! {
        /// Leaks.
        pub(super) model Leak {
            param tau: ms = 20 where tau > 0;
            param gain: Hz/pA = 2;
            input I: pA;
            state r: Hz = 0 where r >= 0;
            tau dr/dt = -r + gain*relu(I);
        }
    }
}

use base::Leak;

rate_model! {
    /// Another time constant, another transfer function, feedback.
    model Recurrent: Leak {
        param tau: ms = 10 where tau > 0;
        param w: pA/Hz = 0.25;
        param gain: Hz/pA = 1;
        tau dr/dt = -r + gain*relu(I + w*r);
        output doubled = 2*r;
    }

    model Slow: Recurrent {
        param tau: ms = 100 where tau > 0;
    }

    /// The input becomes a parameter, and `gain` goes.
    model Alone: base::Leak {
        param I: pA = 3;
        remove gain;
        tau dr/dt = -r + (1 Hz/pA)*relu(I);
    }
}

rate_model! {
    /// Based on one that is itself based on one elsewhere.
    model Slowest: Slow { param tau: s = 1 where tau > 0; }
}

fn names<M: RateModel>() -> Vec<&'static str> {
    let info = M::INFO;
    let lists = [info.params, info.inputs, info.states, info.auxiliaries];
    lists.into_iter().flatten().map(|symbol| symbol.name).collect()
}

#[test]
fn a_variant_has_what_its_base_has_but_for_what_it_changes() {
    assert_eq!(names::<Leak>(), ["tau", "gain", "I", "r"]);
    assert_eq!(names::<Recurrent>(), ["tau", "w", "gain", "I", "r", "doubled"]);
    assert_eq!(names::<Slow>(), ["w", "gain", "tau", "I", "r", "doubled"]);
    assert_eq!(names::<Alone>(), ["tau", "I", "r"]);
    assert_eq!(Slowest::tau.symbol().unit, "s");
    assert_eq!(Slow::tau.symbol().default, 100.0);
    assert_eq!(Recurrent::INFO.bounds[0].text, "tau > 0");
}

/// r → gain*I/(1 - gain*w) for the recurrent ones.
#[test]
fn equations_are_those_of_the_variant() {
    fn after_a_while<M: RateModel>(r: State<M>, input: Option<Input<M>>) -> f64 {
        let mut network = Network::new();
        let p = network.add(Population::<M>::new("p", 1)).unwrap();
        if let Some(input) = input {
            network.stimulate(p, input, 3.0).unwrap();
        }
        let options = Options { progress: false, ..Options::default() };
        let mut simulation = Simulation::with_options(network, ms(0.5), options).unwrap();
        simulation.run(ms(2000.0)).unwrap();
        simulation.values(p, r).unwrap()[0]
    }
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-3, "{found}");
    close(after_a_while(Leak::r, Some(Leak::I)), 6.0);
    close(after_a_while(Recurrent::r, Some(Recurrent::I)), 4.0);
    close(after_a_while(Slow::r, Some(Slow::I)), 4.0);
    close(after_a_while(Alone::r, None), 3.0);
    // 2 s are 1.5 of its time constants: τ/(1 - gain w).
    close(after_a_while(Slowest::r, Some(Slowest::I)), 4.0 * (1.0 - (-1.5_f64).exp()));
}

#[test]
fn models_in_functions_can_be_bases() {
    rate_model! { model Inner { state x = 1; dx/dt = -x; } }
    rate_model! { model Outer: Inner { state y = 2; dy/dt = x - y; } }
    assert_eq!(names::<Outer>(), ["x", "y"]);
}
