//! A run that is interrupted, saved and taken up again in a simulation built anew is the same run.

use std::fs;

use ndarray::{Array2, arr2};
use rate_model::prelude::*;

rate_model! {
    /// Everything that has a memory.
    model Restless {
        param tau: ms = 8 where tau > 0;
        param d: ms = 3;
        param σ: Hz = 0.3;
        input I: Hz;
        noise ξ: white;
        noise η: ou(tau);
        state r: Hz = 1;
        state q: Hz = 0;
        output sent: Hz = r + 0.1*I;
        tau dr/dt = -r + 0.5*tanh(q(t - d)/(1 Hz))*(1 Hz) + I + 0.2*η*(1 Hz) + σ*sqrt(tau)*ξ;
        tau dq/dt = -q + r(t - (d + 0.13 ms));
    }
    model Phase {
        param ω: 1/ms = 0.3;
        input pull: 1/ms;
        state θ = 0;
        dθ/dt = ω + pull;
    }
    coupling Pull {
        source θ_j;
        target θ_i;
        each s = sin(θ_j - θ_i);
        total pull: 1/ms = 0.05/(1 ms)*sum(s);
    }
    model Calm {
        input I;
        state x = 1;
        dx/dt = -x + I;
    }
}

struct Built<T> {
    simulation: Simulation<T>,
    units: PopulationId<Restless>,
    phases: PopulationId<Phase>,
}

fn build<T: rate_model::lanes::Real>(options: Options) -> Result<Built<T>, Error> {
    let mut network = Network::<T>::with_precision();
    let units = Population::<Restless>::new("units", 5).set(Restless::d, [1.0, 2.0, 3.5, 0.7, 3.0]);
    let units = network.add(units)?;
    let phases = Population::<Phase>::new("phases", 3).init(Phase::θ, [0.0, 1.0, 2.5]);
    let phases = network.add(phases)?;
    let lengths = Array2::from_shape_fn((5, 5), |(i, j)| ((i + 2 * j) % 7) as f64 * 5.3);
    let tracts = Projection::new(units, Restless::r, units, Restless::I, 0.1);
    network.connect(tracts.delays(Delays::tracts(&lengths, 9.0)))?;
    let late = Projection::new(units, Restless::sent, units, Restless::I, 0.03);
    network.connect(late.delay(ms(2.0)))?;
    let ring = arr2(&[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    let ring = Projection::new(phases, Phase::θ, phases, Phase::pull, ring);
    network
        .connect(ring.delay(ms(1.2)).coupling(Coupled::<Pull>::new()).against(phases, Phase::θ))?;
    network.stimulate(units, Restless::I, Stimulus::function(|t| (0.1 * t).sin()))?;
    let simulation = Simulation::with_options(network, ms(0.1), options)?;
    Ok(Built { simulation, units, phases })
}

fn state<T: rate_model::lanes::Real>(built: &Built<T>) -> Vec<f64> {
    let numbers = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
    let of = |quantity| numbers(built.simulation.values(built.units, quantity).unwrap());
    let phases = numbers(built.simulation.values(built.phases, Phase::θ).unwrap());
    [of(Restless::r), of(Restless::q), phases].concat()
}

fn quiet() -> Options {
    Options { progress: false, seed: 11, ..Options::default() }
}

fn goes_on<T: rate_model::lanes::Real>(options: Options, suffix: &str) {
    let directory = tempfile::tempdir().unwrap();
    // Before anything happened, within a block that is computed ahead, and far from the start.
    for first in [0, 1, 13, 150] {
        let path = directory.path().join(format!("{first}.{suffix}"));
        let mut whole = build::<T>(options).unwrap();
        whole.simulation.run(steps(first)).unwrap();
        whole.simulation.set(whole.units, Restless::tau, 9.0).unwrap();
        whole.simulation.set(whole.units, Restless::d, [4.0, 2.0, 3.5, 0.7, 3.0]).unwrap_or(());
        whole.simulation.save(&path).unwrap();
        whole.simulation.run(steps(77)).unwrap();

        let mut part = build::<T>(options).unwrap();
        // Where it was before does not matter.
        part.simulation.run(steps(200)).unwrap();
        part.simulation.load(&path).unwrap();
        assert_eq!(part.simulation.step(), first);
        part.simulation.run(steps(77)).unwrap();
        assert_eq!(state(&whole), state(&part), "{first} {options:?}");
        assert_ne!(state(&whole), state(&build::<T>(options).unwrap()));
    }
}

#[test]
fn nothing_is_lost() {
    for integrator in [Integrator::Euler, Integrator::ExponentialEuler, Integrator::Milstein] {
        for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
            goes_on::<f64>(Options { integrator, arithmetic, ..quiet() }, "npz");
        }
    }
    goes_on::<f64>(Options { delivery: Delivery::Frozen, ..quiet() }, "safetensors");
    goes_on::<f64>(Options { seed: 12, ..quiet() }, "h5");
    goes_on::<f32>(quiet(), "npz");
}

#[test]
fn another_simulation_does_not_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.npz");
    let mut built = build::<f64>(quiet()).unwrap();
    built.simulation.run(ms(5.0)).unwrap();
    built.simulation.save(&path).unwrap();
    let refused = |simulation: &mut Simulation| {
        let before = format!("{simulation:?}");
        let error = simulation.load(&path).unwrap_err();
        assert_eq!(before, format!("{simulation:?}"));
        assert!(matches!(error, Error::OtherSimulation { .. }), "{error}");
        error.to_string()
    };
    let mut other = build::<f64>(Options { seed: 12, ..quiet() }).unwrap();
    let message = refused(&mut other.simulation);
    assert!(message.contains("seed is 11 there and 12 here; nothing was changed"), "{message}");
    let mut other = build::<f64>(Options { noise_substeps: 2, ..quiet() }).unwrap();
    let message = refused(&mut other.simulation);
    assert!(message.contains("noise_substeps is 1 there and 2 here"), "{message}");
    let mut network = Network::new();
    network.add(Population::<Calm>::new("units", 5)).unwrap();
    let mut other = Simulation::with_options(network, ms(0.1), quiet());
    // A model without units wants a bare number.
    assert!(other.is_err());
    let mut network = Network::new();
    network.add(Population::<Phase>::new("units", 5)).unwrap();
    other = Simulation::with_options(network, ms(0.1), quiet());
    let message = refused(other.as_mut().unwrap());
    assert!(message.contains("units of Restless ("), "{message}");

    // A file that is cut is refused as a whole.
    let bytes = fs::read(&path).unwrap();
    for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        let before = state(&built);
        assert!(matches!(built.simulation.load(&path), Err(Error::File(_))));
        assert_eq!(before, state(&built));
    }
    assert!(matches!(built.simulation.save(directory.path().join("run.pkl")), Err(Error::File(_))));
}

rate_model! {
    /// Parameters that depend on each other.
    model Range {
        param lo = 0;
        param hi = 1 where hi > lo;
        param (a, b) = (2, 1);
        state x = 0.5;
        dx/dt = -x(t - (a - b)) + lo + hi;
    }
}

fn range(units: usize) -> (Simulation, PopulationId<Range>) {
    let mut network = Network::new();
    let p = network.add(Population::<Range>::new("p", units)).unwrap();
    (Simulation::with_options(network, 0.1, quiet()).unwrap(), p)
}

/// Parameters are taken over all at once: on the way from one set to the other there is none that makes no sense. And
/// those that were given unit by unit are so again, or no longer.
#[test]
fn parameters_are_those_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.npz");
    let goes_on = |change: &dyn Fn(&mut Simulation, PopulationId<Range>)| {
        let (mut one, p) = range(3);
        change(&mut one, p);
        one.run(3.0).unwrap();
        one.save(&path).unwrap();
        one.run(3.0).unwrap();
        for is_changed in [false, true] {
            let (mut other, q) = range(3);
            if is_changed {
                other.set(q, Range::hi, vec![3.0, 4.0, 5.0]).unwrap();
                other.set(q, Range::a, 9.0).unwrap();
            }
            other.load(&path).unwrap();
            other.run(3.0).unwrap();
            assert_eq!(one.values(p, Range::x).unwrap(), other.values(q, Range::x).unwrap());
        }
    };
    goes_on(&|simulation, p| {
        simulation.set(p, Range::hi, 10.0).unwrap();
        simulation.set(p, Range::lo, 5.0).unwrap();
    });
    goes_on(&|simulation, p| {
        simulation.set(p, Range::b, 0.2).unwrap();
        simulation.set(p, Range::a, 0.9).unwrap();
    });
    goes_on(&|simulation, p| simulation.set(p, Range::hi, vec![1.0, 2.0, 3.0]).unwrap());
}

#[test]
fn trained_parameters_are_loaded_all_at_once() {
    use rate_model::group::{Group, Strictness};
    let group = || Group::<Range>::builder(1, 0.1).train(Range::lo).train(Range::hi);
    let saved = group().set(Range::lo, 5.0).set(Range::hi, 10.0).build().unwrap().state_dict();
    let mut other = group().build().unwrap();
    other.load_state_dict(saved.clone(), Strictness::Strict).unwrap();
    assert_eq!(other.state_dict(), saved);
}
