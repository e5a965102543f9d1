//! Steps that are exact: of linear equations, by themselves and together, without noise and with noise that is
//! added, for any dt.

use rate_model::model::State;
use rate_model::prelude::*;

rate_model! {
    /// A damped oscillator that is pushed.
    model Oscillator {
        param (k, c) = (4, 0.6);
        input u;
        state (x, v) = (1, 0);
        dx/dt = v;
        dv/dt = -k*x - c*v + u;
    }

    /// The same, with white noise for the push.
    model Kicked {
        param (k, c, σ) = (4, 0.6, 1.2);
        noise ξ: white;
        state (x, v) = (0, 0);
        dx/dt = v;
        dv/dt = -k*x - c*v + σ*ξ;
    }

    /// The integral of white noise, and the noise beside it.
    model Chain { noise ξ: white; state (u, w) = (0, 0); du/dt = w; dw/dt = ξ; }

    model Relaxing {
        param tau = 2 where tau > 0;  param σ = 0.7;
        noise ξ: white;
        state x = 0;
        tau dx/dt = -x + σ*ξ;
    }

    /// A wandering state: the limit of no decay.
    model Wandering { param a = 0; noise ξ: white; state x = 0; dx/dt = a*x + ξ; }

    model Growing { noise ξ: white; state x = 1; dx/dt = -x + 0.5*x*ξ; }

    /// x' = -1000 (x - y) with y' = -y², far from linear and stiff.
    model StiffTail { state (x, y) = (0, 1); dx/dt = -1000*(x - y); dy/dt = -y^2; }
}

fn options(integrator: Integrator) -> Options {
    Options { integrator, progress: false, seed: 3, ..Options::default() }
}

/// x and v of the oscillator a time after a state, towards the equilibrium u/k.
fn oscillator([k, c, u]: [f64; 3], [x, v]: [f64; 2], t: f64) -> [f64; 2] {
    let (decay, from) = (0.5 * c, x - u / k);
    let frequency = (k - decay * decay).sqrt();
    let (sin, cos) = (frequency * t).sin_cos();
    let sine = (v + decay * from) / frequency;
    let shrunk = (-decay * t).exp();
    let x = shrunk * (from * cos + sine * sin);
    let v = shrunk
        * ((sine * frequency - decay * from) * cos - (from * frequency + decay * sine) * sin);
    [x + u / k, v]
}

/// Units that differ, a step of any length, and a parameter that changes on the way.
#[test]
fn coupled_linear_equations_have_no_error() {
    for dt in [1e-3, 0.5, 20.0, 1e4] {
        let ks = [4.0, 9.0, 0.25];
        let mut network = Network::new();
        let population = Population::<Oscillator>::new("p", 3).set(Oscillator::k, ks);
        let p = network.add(population).unwrap();
        network.stimulate(p, Oscillator::u, 3.0).unwrap();
        let how = options(Integrator::ExponentialRosenbrock);
        let mut simulation = Simulation::with_options(network, dt, how).unwrap();
        let mut expected = ks.map(|k| oscillator([k, 0.6, 3.0], [1.0, 0.0], 3.0 * dt));
        simulation.run(steps(3)).unwrap();
        simulation.set(p, Oscillator::c, 0.1).unwrap();
        simulation.run(steps(2)).unwrap();
        for (k, state) in ks.into_iter().zip(&mut expected) {
            *state = oscillator([k, 0.1, 3.0], *state, 2.0 * dt);
        }
        let found = [Oscillator::x, Oscillator::v];
        let found = found.map(|state| simulation.values(p, state).unwrap().to_vec());
        for unit in 0..3 {
            for (found, expected) in found.iter().zip(expected[unit]) {
                let deviation = (found[unit] - expected).abs();
                assert!(deviation < 2e-12, "dt {dt}, unit {unit}: {} {expected}", found[unit]);
            }
        }
    }
}

#[test]
fn single_precision_is_as_exact_as_it_can_be() {
    let mut network = Network::<f32>::with_precision();
    let p = network.add(Population::<Oscillator>::new("p", 1)).unwrap();
    let how = options(Integrator::ExponentialRosenbrock);
    let mut simulation = Simulation::with_options(network, 0.5, how).unwrap();
    simulation.run(steps(4)).unwrap();
    let expected = oscillator([4.0, 0.6, 0.0], [1.0, 0.0], 2.0)[0];
    let found = f64::from(simulation.values(p, Oscillator::x).unwrap()[0]);
    assert!((found - expected).abs() < 1e-6, "{found} {expected}");
}

/// A thousand time constants in a step; behind the fast state follows the slow one, y = 1/(1 + t).
#[test]
fn exponential_methods_are_stable_for_any_step() {
    for (integrator, bound) in [
        (Integrator::ExponentialRosenbrock, 3e-3),
        (Integrator::EtdRungeKutta2, 2e-2),
        (Integrator::Ros34Pw2, 3e-4),
    ] {
        let mut network = Network::new();
        let p = network.add(Population::<StiffTail>::new("p", 1)).unwrap();
        let mut simulation = Simulation::with_options(network, 0.1, options(integrator)).unwrap();
        simulation.run(4.0).unwrap();
        let [x, y] = [StiffTail::x, StiffTail::y].map(|s| simulation.values(p, s).unwrap()[0]);
        assert!((y - 0.2).abs() < bound, "{integrator}: y {y}");
        assert!((x - 0.2).abs() < bound + 1e-4, "{integrator}: x {x}");
    }
}

const MANY: usize = 10_000;

/// States of many units after each of two stretches of time.
fn twice<M: RateModel>(
    state: State<M>,
    integrator: Integrator,
    dt: f64,
    [first, second]: [f64; 2],
) -> [Vec<f64>; 2] {
    let mut network = Network::new();
    let p = network.add(Population::<M>::new("p", MANY)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options(integrator)).unwrap();
    [first, second].map(|span| {
        simulation.run(span).unwrap();
        simulation.values(p, state).unwrap().to_vec()
    })
}

fn covariance(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means = [mean(one), mean(other)];
    let products = one.iter().zip(other).map(|(a, b)| (a - means[0]) * (b - means[1]));
    products.sum::<f64>() / one.len() as f64
}

/// Variance σ²/(2τ), autocovariance e^{-s/τ} of it after s = 2: for steps of a twentieth of the time constant to
/// one of it. Standard errors of the two: v √(2/n) and v √((1 + ρ²)/n).
#[test]
fn the_law_of_a_linear_equation_does_not_depend_on_the_step() {
    let (variance, rho) = (0.7_f64.powi(2) / 4.0, (-1.0_f64).exp());
    for integrator in [Integrator::ExponentialEuler, Integrator::ExponentialRosenbrock] {
        for dt in [0.5, 1.0, 2.0] {
            let [first, second] = twice(Relaxing::x, integrator, dt, [20.0, 2.0]);
            let n = MANY as f64;
            for sample in [&first, &second] {
                let mean = sample.iter().sum::<f64>() / n;
                assert!(mean.abs() < 5.0 * (variance / n).sqrt(), "{integrator} {dt}: {mean}");
                let found = covariance(sample, sample);
                let error = 5.0 * variance * (2.0 / n).sqrt();
                assert!((found - variance).abs() < error, "{integrator} {dt}: {found}");
            }
            let found = covariance(&first, &second);
            let error = 5.0 * variance * ((1.0 + rho * rho) / n).sqrt();
            assert!((found - rho * variance).abs() < error, "{integrator} {dt}: {found}");
        }
    }
    // Euler's variance is too large by dt/(2τ - dt) of it: a third at dt = 1.
    let [euler, _] = twice(Relaxing::x, Integrator::Euler, 1.0, [20.0, 1.0]);
    assert!((covariance(&euler, &euler) / variance - 4.0 / 3.0).abs() < 0.1);
}

#[test]
fn without_decay_noise_adds_up() {
    for integrator in [Integrator::ExponentialEuler, Integrator::ExponentialRosenbrock] {
        let [x, _] = twice(Wandering::x, integrator, 1.5, [3.0, 1.5]);
        let found = covariance(&x, &x);
        assert!(
            (found - 3.0).abs() < 5.0 * 3.0 * (2.0 / MANY as f64).sqrt(),
            "{integrator} {found}"
        );
    }
}

/// Var v = σ²/2c, Var x = Var v/k, and no correlation, for steps around the time constants.
#[test]
fn the_law_of_coupled_equations_does_not_depend_on_the_step() {
    for dt in [0.1, 0.8, 4.0] {
        let mut network = Network::new();
        let p = network.add(Population::<Kicked>::new("p", MANY)).unwrap();
        let how = options(Integrator::ExponentialRosenbrock);
        let mut simulation = Simulation::with_options(network, dt, how).unwrap();
        simulation.run(16.0).unwrap();
        let states = [Kicked::x, Kicked::v];
        let [x, v] = states.map(|state| simulation.values(p, state).unwrap().to_vec());
        let of_v = 1.2_f64.powi(2) / 1.2;
        let of_x = of_v / 4.0;
        let relative = 5.0 * (2.0 / MANY as f64).sqrt();
        let (found_x, found_v) = (covariance(&x, &x), covariance(&v, &v));
        assert!((found_x / of_x - 1.0).abs() < relative, "{dt}: {found_x}, not {of_x}");
        assert!((found_v / of_v - 1.0).abs() < relative, "{dt}: {found_v}, not {of_v}");
        let found = covariance(&x, &v) / (of_x * of_v).sqrt();
        assert!(found.abs() < 5.0 / (MANY as f64).sqrt(), "{dt}: {found}");
    }
}

/// Over one step h: Var u = h³/3, Cov(u, w) = h²/2, Var w = h.
#[test]
fn one_step_has_the_covariance_of_the_integrals() {
    let h = 0.7_f64;
    let mut network = Network::new();
    let p = network.add(Population::<Chain>::new("p", MANY)).unwrap();
    let how = options(Integrator::ExponentialRosenbrock);
    let mut simulation = Simulation::with_options(network, h, how).unwrap();
    simulation.run(steps(1)).unwrap();
    let [u, w] = [Chain::u, Chain::w].map(|state| simulation.values(p, state).unwrap().to_vec());
    let n = MANY as f64;
    let [of_u, of_both, of_w] = [h.powi(3) / 3.0, h * h / 2.0, h];
    assert!((covariance(&u, &u) / of_u - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    assert!((covariance(&w, &w) / of_w - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    let error = 5.0 * ((of_u * of_w + of_both * of_both) / n).sqrt();
    assert!((covariance(&u, &w) - of_both).abs() < error);
}

/// Factors that depend on states stay those of Euler and Maruyama, on the same numbers.
#[test]
fn multiplied_noise_stays_euler_maruyamas() {
    let end = |integrator| twice(Growing::x, integrator, 0.25, [1.0, 0.25])[1].clone();
    let pairs = end(Integrator::ExponentialEuler).into_iter();
    for (one, other) in pairs.zip(end(Integrator::ExponentialRosenbrock)) {
        assert!((one - other).abs() < 1e-13, "{one} {other}");
    }
}
