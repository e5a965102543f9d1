//! Where nothing outside has to see the units, a block of them takes many steps at once: the same bits
//! as step by step.

use rate_model::lanes::Real;
use rate_model::prelude::*;

rate_model! {
    model Noisy {
        time t;
        param tau = 5 where tau > 0;
        param (σ, κ) = (0.3, 0.1);
        param τ_η = 3 where τ_η > 0;
        input I = 0.5;
        noise ξ: white;
        noise ζ: white;
        noise η: ou(τ_η);
        noise χ: ou(7);
        state x = 1 where x >= -0.2;
        state y = 0;
        output sum = x + y;
        tau dx/dt = -x + tanh(I + y + 0.2*η) + σ*ξ;
        tau dy/dt = -y + cos(0.3*t) + 0.1*χ + κ*x*ζ;
    }
    /// Sines of angles that vectors leave out.
    model Turning {
        param ω = 1;
        state θ = 3e6;
        dθ/dt = ω*(1 + 0.5*sin(θ));
    }
}

/// The states after 1234 steps in pieces, step by step if asked to.
fn run<T: Real>(units: usize, options: Options, is_seen: bool) -> Vec<f64> {
    let mut network = Network::<T>::with_precision();
    let noisy = Population::<Noisy>::new("noisy", units)
        .set(Noisy::tau, Values::from_fn(|unit| 5.0 + unit as f64))
        .set(Noisy::τ_η, Values::from_fn(|unit| 3.0 + unit as f64));
    let noisy = network.add(noisy).unwrap();
    let turning = Population::<Turning>::new("turning", units)
        .set(Turning::ω, Values::from_fn(|unit| unit as f64));
    let turning = network.add(turning).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    if is_seen {
        simulation.record(noisy, Noisy::sum).unwrap();
    } else {
        // What is recorded now and then must not matter either.
        simulation.monitor(Monitor::new(noisy, Noisy::x).every(100)).unwrap();
        simulation.measure(Moments::new(noisy, Noisy::y).every(70).after(3.0)).unwrap();
    }
    for piece in [1, 0, 233, 1000] {
        simulation.run(steps(piece)).unwrap();
    }
    let numbers = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
    let mut all = numbers(simulation.values(noisy, Noisy::x).unwrap());
    all.extend(numbers(simulation.values(noisy, Noisy::y).unwrap()));
    all.extend(numbers(simulation.values(turning, Turning::θ).unwrap()));
    if !is_seen {
        let found = simulation.trace(noisy, Noisy::x).unwrap();
        assert_eq!(
            found.time.to_vec(),
            (0..=12).map(|row| 10.0 * f64::from(row)).collect::<Vec<_>>()
        );
        assert_eq!(simulation.moments(noisy, Noisy::y).unwrap().count, 17);
    }
    all
}

#[test]
fn many_steps_at_once_are_the_same_steps() {
    let integrators = [Integrator::Euler, Integrator::ExponentialEuler, Integrator::Milstein];
    for units in [0, 1, 63, 64, 65, 130] {
        for integrator in integrators {
            for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
                let options =
                    Options { integrator, arithmetic, progress: false, ..Options::default() };
                let at_once = run::<f64>(units, options, false);
                assert_eq!(at_once, run::<f64>(units, options, true), "{units} {options:?}");
                assert_eq!(at_once.len(), 3 * units);
            }
        }
        let options = Options { seed: 3, progress: false, ..Options::default() };
        assert_eq!(run::<f32>(units, options, false), run::<f32>(units, options, true));
    }
}
