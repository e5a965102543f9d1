//! The order of each method: how the error shrinks when the step is halved, against solutions known in
//! closed form; with coupling, stimuli and delays, at each stage and frozen.

use rate_model::prelude::*;

rate_model! {
    /// x' = x(1 - x).
    model Logistic { state x = 0.1; dx/dt = x*(1 - x); }

    /// x' = -x + u(t), for u = sin t.
    model Driven { input u; state x = 0; dx/dt = -x + u; }

    /// Half of an oscillator: x' = u.
    model Half { input u; state x = 0; dx/dt = u; }

    /// x' = -x(t - d), before t = 0 the value 1.
    model Delayed { param d = 1; state x = 1; dx/dt = -x(t - d); }

    /// x' = -y(t - d), where y = 2x is an output.
    model DelayedOutput { param d = 1; state x = 1; output y = 2*x; dx/dt = -y(t - d); }

    model Clipped { state x = 0.5 where x >= 0.2; dx/dt = -x; }
    model Noisy { noise ξ: white; state x = 0; dx/dt = -x + ξ; }
    model Coloured { noise η: ou(5); output n = η; state x = 0; dx/dt = -x + η; }
}

const METHODS: [(Integrator, f64); 10] = [
    (Integrator::Euler, 1.0),
    (Integrator::Midpoint, 2.0),
    (Integrator::Heun, 2.0),
    (Integrator::Ralston, 2.0),
    (Integrator::SspRungeKutta3, 3.0),
    (Integrator::RungeKutta4, 4.0),
    (Integrator::RungeKutta4Rule38, 4.0),
    (Integrator::BogackiShampine3, 3.0),
    (Integrator::Ros34Pw2, 3.0),
    (Integrator::EtdRungeKutta2, 2.0),
];

fn options(integrator: Integrator, delivery: Delivery) -> Options {
    Options { integrator, delivery, progress: false, ..Options::default() }
}

/// Checks that an error shrinks as fast as it should when the step is halved twice.
#[track_caller]
fn assert_order(what: &str, expected: f64, dt: f64, error: impl Fn(f64) -> f64) {
    let errors = [dt, dt / 2.0, dt / 4.0].map(error);
    let orders = [(errors[0] / errors[1]).log2(), (errors[1] / errors[2]).log2()];
    // The asymptotic order shows up to terms of the next order in the step.
    assert!(
        (orders[1] - expected).abs() < 0.15 && (orders[0] - expected).abs() < 0.4,
        "{what}: orders {orders:?} for {expected}, errors {errors:?}"
    );
}

fn end<M: RateModel>(
    mut network: Network,
    id: PopulationId<M>,
    state: rate_model::model::State<M>,
    (dt, duration, options): (f64, f64, Options),
) -> f64 {
    let mut simulation =
        Simulation::with_options(std::mem::take(&mut network), dt, options).unwrap();
    simulation.run(duration).unwrap();
    simulation.values(id, state).unwrap()[0]
}

#[test]
fn every_method_has_its_order() {
    let other = [(Integrator::DormandPrince5, 5.0), (Integrator::ExponentialRosenbrock, 2.0)];
    for (integrator, order) in METHODS.into_iter().chain(other) {
        assert_order(&format!("{integrator:?}"), order, 0.2, |dt| {
            let mut network = Network::new();
            let p = network.add(Population::<Logistic>::new("p", 1)).unwrap();
            let how = (dt, 2.0, options(integrator, Delivery::PerStage));
            let exact = 1.0 / (1.0 + 9.0 * (-2.0_f64).exp());
            (end(network, p, Logistic::x, how) - exact).abs()
        });
    }
}

/// x = (sin t - cos t + e^-t)/2.
#[test]
fn stimuli_are_taken_at_the_time_of_each_stage() {
    let error = |integrator, delivery, dt| {
        let mut network = Network::new();
        let p = network.add(Population::<Driven>::new("p", 1)).unwrap();
        network.stimulate(p, Driven::u, Stimulus::function(|t: f64| t.sin())).unwrap();
        let exact = 0.5 * (3.0_f64.sin() - 3.0_f64.cos() + (-3.0_f64).exp());
        (end(network, p, Driven::x, (dt, 3.0, options(integrator, delivery))) - exact).abs()
    };
    for (integrator, order) in METHODS {
        let name = format!("{integrator:?}");
        assert_order(&name, order, 0.1, |dt| error(integrator, Delivery::PerStage, dt));
        assert_order(&name, 1.0, 0.025, |dt| error(integrator, Delivery::Frozen, dt));
    }
}

/// x' = y, y' = -x, in two populations: x = cos t.
#[test]
fn coupling_keeps_the_order() {
    let error = |integrator, delivery, dt| {
        let mut network = Network::new();
        let x = network.add(Population::<Half>::new("x", 1).init(Half::x, 1.0)).unwrap();
        let y = network.add(Population::<Half>::new("y", 1)).unwrap();
        network.project(y, Half::x, x, Half::u, ndarray::arr2(&[[1.0]])).unwrap();
        network.project(x, Half::x, y, Half::u, ndarray::arr2(&[[-1.0]])).unwrap();
        (end(network, x, Half::x, (dt, 2.0, options(integrator, delivery))) - 2.0_f64.cos()).abs()
    };
    for (integrator, order) in METHODS {
        let name = format!("{integrator:?}");
        assert_order(&name, order, 0.1, |dt| error(integrator, Delivery::PerStage, dt));
        assert_order(&name, 1.0, 0.0125, |dt| error(integrator, Delivery::Frozen, dt));
    }
}

/// By the method of steps: polynomials of degree n on the n-th interval.
fn steps_solution(rate: f64, d: f64, t: f64) -> f64 {
    let mut sum = 1.0;
    let mut factorial = 1.0;
    for n in 1..400 {
        let n = f64::from(n);
        let since = t - (n - 1.0) * d;
        if since <= 0.0 {
            break;
        }
        factorial *= n;
        sum += (-rate * since).powf(n) / factorial;
    }
    sum
}

fn delayed_error(integrator: Integrator, delivery: Delivery, d: f64, dt: f64) -> f64 {
    let mut network = Network::new();
    let p = network.add(Population::<Delayed>::new("p", 1).set(Delayed::d, d)).unwrap();
    let how = (dt, 3.0, options(integrator, delivery));
    (end(network, p, Delayed::x, how) - steps_solution(1.0, d, 3.0)).abs()
}

#[test]
fn delays_that_are_no_multiple_of_the_step_keep_order_2() {
    for (integrator, order) in METHODS {
        let name = format!("{integrator:?}");
        for d in [1.0, 0.77] {
            let error = |dt| delayed_error(integrator, Delivery::PerStage, d, dt);
            let (coarse, fine) = (error(0.03), error(0.0075));
            // Past values are interpolated linearly. The part of a step that a delay leaves changes
            // with the step, and the error with it.
            let observed = (coarse / fine).log2() / 2.0;
            let expected = f64::min(order, 2.0) - 0.45;
            assert!(observed > expected, "{name}, d {d}: order {observed}, {coarse} {fine}");
        }
        // Held over the step, the past is that of its beginning: order 1.
        let error = |dt| delayed_error(integrator, Delivery::Frozen, 1.0, dt);
        let observed = (error(0.03) / error(0.0075)).log2() / 2.0;
        assert!((observed - 1.0).abs() < 0.2, "{name}, frozen: order {observed}");
    }
}

/// A delay shorter than the step is read between the beginning of the step and the stage.
#[test]
fn delays_shorter_than_a_step_are_resolved() {
    for (integrator, _) in METHODS.into_iter().filter(|(_, order)| *order > 1.0) {
        for dt in [0.1, 0.05, 0.025] {
            let error = delayed_error(integrator, Delivery::PerStage, 0.02, dt);
            assert!(error < 0.1 * dt * dt, "{integrator:?}, dt {dt}: {error}");
        }
    }
}

#[test]
fn past_outputs_are_read_at_each_stage() {
    let error = |integrator, dt| {
        let mut network = Network::new();
        let p = network.add(Population::<DelayedOutput>::new("p", 1)).unwrap();
        let how = (dt, 3.0, options(integrator, Delivery::PerStage));
        (end(network, p, DelayedOutput::x, how) - steps_solution(2.0, 1.0, 3.0)).abs()
    };
    for integrator in [Integrator::Heun, Integrator::RungeKutta4] {
        let observed = (error(integrator, 0.03) / error(integrator, 0.0075)).log2() / 2.0;
        assert!(observed > 1.6, "{integrator:?}: {observed}");
    }
}

/// One step of each method by hand, in the precision of the machine.
#[test]
fn one_step_is_that_of_the_textbook() {
    let f = |x: f64| x * (1.0 - x);
    let (x, h) = (0.1, 0.25);
    let k1 = f(x);
    let by_hand = |integrator| match integrator {
        Integrator::Midpoint => x + h * f(x + h / 2.0 * k1),
        Integrator::Heun => x + h / 2.0 * (k1 + f(x + h * k1)),
        Integrator::Ralston => x + h / 4.0 * (k1 + 3.0 * f(x + 2.0 / 3.0 * h * k1)),
        Integrator::SspRungeKutta3 => {
            let u1 = x + h * k1;
            let u2 = 0.75 * x + 0.25 * (u1 + h * f(u1));
            x / 3.0 + 2.0 / 3.0 * (u2 + h * f(u2))
        }
        Integrator::RungeKutta4 => {
            let k2 = f(x + h / 2.0 * k1);
            let k3 = f(x + h / 2.0 * k2);
            let k4 = f(x + h * k3);
            x + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        }
        Integrator::RungeKutta4Rule38 => {
            let k2 = f(x + h / 3.0 * k1);
            let k3 = f(x + h * (k2 - k1 / 3.0));
            let k4 = f(x + h * (k1 - k2 + k3));
            x + h / 8.0 * (k1 + 3.0 * k2 + 3.0 * k3 + k4)
        }
        Integrator::BogackiShampine3 => {
            let k2 = f(x + h / 2.0 * k1);
            let k3 = f(x + 0.75 * h * k2);
            x + h / 9.0 * (2.0 * k1 + 3.0 * k2 + 4.0 * k3)
        }
        Integrator::EtdRungeKutta2 => {
            let (slope, z) = (1.0 - 2.0 * x, h * (1.0 - 2.0 * x));
            let a = x + z.exp_m1() / slope * k1;
            let beyond = |y: f64| f(y) - slope * y;
            a + (z.exp_m1() - z) / (h * slope * slope) * (beyond(a) - beyond(x))
        }
        Integrator::ExponentialRosenbrock => {
            let slope = 1.0 - 2.0 * x;
            x + (h * slope).exp_m1() / slope * k1
        }
        Integrator::Euler => x + h * k1,
        other => panic!("{other} is not done by hand"),
    };
    let other = [(Integrator::ExponentialRosenbrock, 2.0)];
    let is_by_hand = |(integrator, _): &(Integrator, f64)| *integrator != Integrator::Ros34Pw2;
    for (integrator, _) in METHODS.into_iter().chain(other).filter(is_by_hand) {
        for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
            let mut network = Network::new();
            // Sizes around a block.
            let p = network.add(Population::<Logistic>::new("p", 65)).unwrap();
            let options = Options { arithmetic, ..options(integrator, Delivery::PerStage) };
            let mut simulation = Simulation::with_options(network, h, options).unwrap();
            simulation.run(steps(1)).unwrap();
            for found in simulation.values(p, Logistic::x).unwrap() {
                assert!((found - by_hand(integrator)).abs() < 1e-16, "{integrator:?}");
            }
        }
    }
}

#[test]
fn states_are_clipped_after_the_step() {
    let mut network = Network::new();
    let p = network.add(Population::<Clipped>::new("p", 1)).unwrap();
    let how = (0.1, 5.0, options(Integrator::RungeKutta4, Delivery::PerStage));
    assert_eq!(end(network, p, Clipped::x, how), 0.2);
}

#[test]
fn white_noise_is_refused_and_other_noise_held() {
    let mut network = Network::new();
    network.add(Population::<Noisy>::new("p", 1)).unwrap();
    let options = options(Integrator::Heun, Delivery::PerStage);
    let error = Simulation::with_options(network, 0.1, options).unwrap_err();
    assert!(matches!(error, Error::NoiseNeedsOtherMethod { noise: "ξ", .. }), "{error}");

    let mut network = Network::new();
    let p = network.add(Population::<Coloured>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.record(p, Coloured::n).unwrap();
    simulation.record(p, Coloured::x).unwrap();
    simulation.run(steps(50)).unwrap();
    let trace = |quantity| simulation.trace(p, quantity).unwrap().values.column(0).to_vec();
    let (n, x) =
        (simulation.trace(p, Coloured::n).unwrap().values.column(0).to_vec(), trace(Coloured::x));
    for step in 0..50 {
        let k1 = n[step] - x[step];
        let k2 = n[step] - (x[step] + 0.1 * k1);
        assert!((x[step + 1] - (x[step] + 0.05 * (k1 + k2))).abs() < 1e-15);
    }
    assert_eq!(simulation.options().delivery, Delivery::PerStage);
}

#[test]
fn methods_have_names() {
    for integrator in Integrator::ALL {
        assert_eq!(integrator.to_string().parse::<Integrator>().unwrap(), integrator);
    }
    let error = "rk5".parse::<Integrator>().unwrap_err().to_string();
    assert!(error.contains("no method `rk5`") && error.contains("rk4"), "{error}");
}

rate_model! {
    /// Geometric Brownian motion, and the path that drives it.
    model Geometric {
        param (a, b) = (0.3, 0.8);
        noise ξ: white;
        state x = 1;
        state w = 0;
        dx/dt = a*x + b*x*ξ;
        dw/dt = ξ + 0*x;
    }

    /// The same in the sense of Stratonovich.
    model GeometricStratonovich {
        param (a, b) = (0.3, 0.8);
        noise ξ: white(stratonovich);
        state x = 1;
        state w = 0;
        dx/dt = a*x + b*x*ξ;
        dw/dt = ξ + 0*x;
    }

    /// One noise in two states, each with the other's factor: x = cosh w, y = sinh w, which commute.
    model Hyperbolic {
        noise ξ: white(stratonovich);
        state (x, y, w) = (1, 0, 0);
        dx/dt = y*ξ;
        dy/dt = x*ξ;
        dw/dt = ξ + 0*x;
    }
}

/// The mean distance from the solution on the same path, which the simulation makes beside it.
fn strong_error<M: RateModel>(
    [x, w]: [rate_model::model::State<M>; 2],
    exact: fn(f64) -> f64,
    integrator: Integrator,
    dt: f64,
) -> f64 {
    let mut network = Network::new();
    let p = network.add(Population::<M>::new("p", 2000)).unwrap();
    let options = Options { seed: 5, ..options(integrator, Delivery::PerStage) };
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.run(1.0).unwrap();
    let (x, w) = (simulation.values(p, x).unwrap(), simulation.values(p, w).unwrap());
    x.iter().zip(w).map(|(x, w)| (x - exact(*w)).abs()).sum::<f64>() / x.len() as f64
}

/// Strong orders, within what 2000 paths tell: the standard error of the observed order is 0.03.
#[test]
fn stochastic_methods_have_their_strong_order() {
    let ito = |w: f64| (0.3 - 0.32 + 0.8 * w).exp();
    let stratonovich = |w: f64| (0.3 + 0.8 * w).exp();
    for (integrator, order) in
        [(Integrator::Euler, 0.5), (Integrator::ExponentialEuler, 0.5), (Integrator::Milstein, 1.0)]
    {
        let orders = [
            [0.02, 0.005].map(|dt| {
                let states = [Geometric::x, Geometric::w];
                strong_error(states, ito, integrator, dt)
            }),
            [0.02, 0.005].map(|dt| {
                let states = [GeometricStratonovich::x, GeometricStratonovich::w];
                strong_error(states, stratonovich, integrator, dt)
            }),
            [0.02, 0.005]
                .map(|dt| strong_error([Hyperbolic::x, Hyperbolic::w], f64::cosh, integrator, dt)),
        ];
        for (case, [coarse, fine]) in orders.into_iter().enumerate() {
            let observed = (coarse / fine).log2() / 2.0;
            assert!((observed - order).abs() < 0.15, "{integrator:?}, case {case}: {observed}");
        }
    }
}

/// Without white noise, and with noise that is only added, Milstein's method is Euler's.
#[test]
fn milsteins_method_is_eulers_where_noise_is_added() {
    fn end<M: RateModel>(x: rate_model::model::State<M>, integrator: Integrator) -> Vec<f64> {
        let mut network = Network::new();
        let p = network.add(Population::<M>::new("p", 65)).unwrap();
        let options = options(integrator, Delivery::PerStage);
        let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
        simulation.run(5.0).unwrap();
        simulation.values(p, x).unwrap().to_vec()
    }
    assert_eq!(end(Noisy::x, Integrator::Milstein), end(Noisy::x, Integrator::Euler));
    assert_eq!(end(Logistic::x, Integrator::Milstein), end(Logistic::x, Integrator::Euler));
}
