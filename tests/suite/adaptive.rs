//! Steps that adapt to a tolerance, and the method for stiff equations.

use rate_model::prelude::*;
use rate_model::{Delays, Projection};

rate_model! {
    model Logistic { state x = 0.1; dx/dt = x*(1 - x); }
    /// x' = -x + u.
    model Driven { input u; state x = 0; dx/dt = -x + u; }
    /// Half of an oscillator.
    model Half { input u; state x = 0; dx/dt = u; }
    /// x' = x², which is 1/(1 - t).
    model Explosion { state x = 1; dx/dt = x^2; }
    /// Relaxation oscillations.
    model VanDerPol {
        param mu = 1000;
        state (x, v) = (2, 0);
        dx/dt = v;
        dv/dt = mu*(1 - x^2)*v - x;
    }
    /// Fast and slow reactions (Robertson, in Numerical Analysis: An Introduction, 1966).
    model Robertson {
        state (a, b, c) = (1, 0, 0);
        da/dt = -0.04*a + 1e4*b*c;
        db/dt = 0.04*a - 1e4*b*c - 3e7*b^2;
        dc/dt = 3e7*b^2;
    }
    /// x' = -x(t - d), before t = 0 the value 1.
    model Delayed { param d = 1; state x = 1; dx/dt = -x(t - d); }
    model Floored { state x = 1 where x >= 0.3; dx/dt = -x; }
    model Noisy { noise ξ: white; state x = 0; dx/dt = -x + ξ; }
    model Coloured { noise η: ou(0.5); state x = 0; dx/dt = -x + η; }
}

const PAIRS: [Integrator; 3] =
    [Integrator::BogackiShampine3, Integrator::DormandPrince5, Integrator::Ros34Pw2];

fn options(integrator: Integrator, tolerance: f64) -> Options {
    let tolerance = Tolerance { relative: tolerance, absolute: tolerance };
    Options { integrator, tolerance: Some(tolerance), progress: false, ..Options::default() }
}

fn run<M: RateModel>(
    state: rate_model::model::State<M>,
    dt: f64,
    duration: f64,
    options: Options,
) -> (f64, rate_model::Outcome) {
    let mut network = Network::new();
    let p = network.add(Population::<M>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    let outcome = simulation.run(duration).unwrap();
    (simulation.values(p, state).unwrap()[0], outcome)
}

/// The error follows the tolerance, the number of inner steps its root.
#[test]
fn the_error_is_what_is_tolerated() {
    let exact = 1.0 / (1.0 + 9.0 * (-8.0_f64).exp());
    for integrator in PAIRS {
        let mut earlier = 0;
        for tolerance in [1e-3, 1e-5, 1e-7, 1e-9] {
            let (x, outcome) = run(Logistic::x, 2.0, 8.0, options(integrator, tolerance));
            let error = (x - exact).abs();
            assert!(error < 10.0 * tolerance, "{integrator}, {tolerance}: {error}");
            assert_eq!(outcome.steps, 4);
            assert!(
                outcome.accepted >= 4 && outcome.accepted > earlier,
                "{integrator} {outcome:?}"
            );
            earlier = outcome.accepted;
        }
        assert!(earlier < if integrator == Integrator::DormandPrince5 { 100 } else { 3000 });
    }
    // Without a tolerance steps are what they are told to be.
    let fixed = Options { tolerance: None, ..options(Integrator::DormandPrince5, 1.0) };
    let (_, outcome) = run(Logistic::x, 2.0, 8.0, fixed);
    assert_eq!((outcome.accepted, outcome.rejected), (0, 0));
}

/// What is coarse is the grid, not the solution on it: a stimulus that jumps, one that moves between the points, and
/// populations that drive each other.
#[test]
fn inputs_are_those_of_the_inner_steps() {
    for integrator in PAIRS {
        let (tolerance, dt) = (1e-7, 0.5);
        let mut network = Network::new();
        let p = network.add(Population::<Driven>::new("p", 1)).unwrap();
        network.stimulate(p, Driven::u, Stimulus::function(|t: f64| (3.0 * t).sin())).unwrap();
        network.stimulate(p, Driven::u, Stimulus::window(1.0, 2.0, 5.0)).unwrap();
        let x = network.add(Population::<Half>::new("x", 1).init(Half::x, 1.0)).unwrap();
        let y = network.add(Population::<Half>::new("y", 1)).unwrap();
        network.project(y, Half::x, x, Half::u, ndarray::arr2(&[[1.0]])).unwrap();
        network.project(x, Half::x, y, Half::u, ndarray::arr2(&[[-1.0]])).unwrap();
        let mut simulation =
            Simulation::with_options(network, dt, options(integrator, tolerance)).unwrap();
        simulation.run(3.0).unwrap();
        let t = 3.0_f64;
        let moving = ((3.0 * t).sin() - 3.0 * (3.0 * t).cos() + 3.0 * (-t).exp()) / 10.0;
        let jumped = 5.0 * (1.0 - (-1.0_f64).exp()) * (-1.0_f64).exp();
        let found = simulation.values(p, Driven::x).unwrap()[0];
        assert!((found - moving - jumped).abs() < 30.0 * tolerance, "{integrator}: {found}");
        let found = simulation.values(x, Half::x).unwrap()[0];
        assert!((found - t.cos()).abs() < 30.0 * tolerance, "{integrator}: {found}");
    }
}

/// One unit among many at rest is as accurate as alone.
#[test]
fn quiet_units_hide_no_error() {
    let end = |len: usize| {
        let mut network = Network::new();
        let initial = (0..len).map(|unit| if unit == 0 { 0.1 } else { 1.0 });
        let population = Population::<Logistic>::new("p", len);
        let initial = ndarray::Array1::from_iter(initial);
        let p = network.add(population.init(Logistic::x, initial)).unwrap();
        let how = options(Integrator::DormandPrince5, 1e-6);
        let mut simulation = Simulation::with_options(network, 1.0, how).unwrap();
        simulation.run(5.0).unwrap();
        simulation.values(p, Logistic::x).unwrap()[0]
    };
    assert_eq!(end(1), end(200));
}

#[test]
fn a_solution_that_explodes_is_an_error() {
    let mut network = Network::new();
    let p = network.add(Population::<Explosion>::new("p", 1).labels(["only"])).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-8);
    let mut simulation = Simulation::with_options(network, 0.3, how).unwrap();
    for _ in 0..2 {
        // The second time from where the first one left it.
        let error = simulation.run(steps(9)).unwrap_err();
        let Error::StepTooSmall { population, state: "x", unit, time, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((population.as_str(), unit.as_str()), ("p", "only"));
        assert!((time - 1.0).abs() < 1e-4, "{time}");
        assert_eq!(simulation.step(), 3);
        let x = simulation.values(p, Explosion::x).unwrap()[0];
        assert!((x - 10.0).abs() < 1e-5, "{x}");
    }
    simulation.reset();
    simulation.run(0.6).unwrap();
    assert!((simulation.values(p, Explosion::x).unwrap()[0] - 2.5).abs() < 1e-6);
}

#[test]
fn what_cannot_adapt_is_refused() {
    let build = |options: Options| {
        let mut network = Network::new();
        network.add(Population::<Noisy>::new("p", 1)).unwrap();
        Simulation::with_options(network, 0.1, options).unwrap_err()
    };
    let error = build(options(Integrator::RungeKutta4, 1e-6));
    assert!(matches!(error, Error::CannotAdapt { integrator: Integrator::RungeKutta4 }), "{error}");
    let error = build(options(Integrator::DormandPrince5, 1e-6));
    assert!(matches!(error, Error::NoiseNeedsOtherMethod { noise: "ξ", .. }), "{error}");
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = build(options(Integrator::DormandPrince5, wrong));
        assert!(matches!(error, Error::Tolerance { .. }), "{error}");
    }
}

/// Noise with a correlation time is held over the steps of the grid, whatever lies between: by hand, exactly.
#[test]
fn other_noise_is_held_over_the_grid() {
    let mut network = Network::new();
    let p = network.add(Population::<Coloured>::new("p", 3)).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-10);
    let mut adaptive = Simulation::with_options(network, 0.25, how).unwrap();
    let mut network = Network::new();
    let q = network.add(Population::<Coloured>::new("p", 3)).unwrap();
    let how = Options { integrator: Integrator::ExponentialEuler, progress: false, ..how };
    let how = Options { tolerance: None, ..how };
    let mut exact = Simulation::with_options(network, 0.25, how).unwrap();
    for _ in 0..20 {
        adaptive.run(steps(1)).unwrap();
        exact.run(steps(1)).unwrap();
        let pairs = adaptive.values(p, Coloured::x).unwrap().iter();
        for (found, expected) in pairs.zip(exact.values(q, Coloured::x).unwrap()) {
            assert!((found - expected).abs() < 1e-8);
        }
    }
}

/// 1 - t, then 1 - t + (t - 1)²/2, a straight line and a parabola, whose past is linear between the points of the
/// grid up to its square.
#[test]
fn past_values_are_read_at_inner_steps() {
    for (d, grid_error) in [(1.0, 2e-5), (0.004, 2e-5)] {
        let mut network = Network::new();
        let p = network.add(Population::<Delayed>::new("p", 1).set(Delayed::d, d)).unwrap();
        let how = options(Integrator::DormandPrince5, 1e-9);
        let mut simulation = Simulation::with_options(network, 0.01, how).unwrap();
        simulation.run(2.0).unwrap();
        // By the method of steps.
        let mut expected = 1.0;
        for n in 1..300 {
            let since = 2.0 - f64::from(n - 1) * d;
            if since > 0.0 {
                expected += (1..=n).map(|k| -since / f64::from(k)).product::<f64>();
            }
        }
        let found = simulation.values(p, Delayed::x).unwrap()[0];
        assert!((found - expected).abs() < grid_error, "{d}: {found}, not {expected}");
    }
}

/// Four oscillators in a ring, far enough apart that much is known ahead.
fn ring(dt: f64, options: Options) -> (Simulation, PopulationId<Driven>) {
    let mut network = Network::new();
    let start = [1.0, -0.5, 0.25, 2.0];
    let p = network.add(Population::<Driven>::new("p", 4).init(Driven::x, start)).unwrap();
    let weights =
        ndarray::Array2::from_shape_fn((4, 4), |(i, j)| if (i + 1) % 4 == j { -1.5 } else { 0.0 });
    let delays = ndarray::Array2::from_shape_fn((4, 4), |(i, _)| 0.75 + 0.25 * i as f64);
    let projection = Projection::new(p, Driven::x, p, Driven::u, weights);
    network.connect(projection.delays(Delays::matrix(1.0, &delays))).unwrap();
    (Simulation::with_options(network, dt, options).unwrap(), p)
}

/// Against the classical method, which sees the past in the same way on the same grid, and itself in half of its
/// time.
#[test]
fn projections_with_delays_are_read_at_inner_steps() {
    let values = |(simulation, p): &(Simulation, PopulationId<Driven>)| {
        simulation.values(*p, Driven::x).unwrap().to_vec()
    };
    let fixed = Options { tolerance: None, ..options(Integrator::RungeKutta4, 1.0) };
    for integrator in PAIRS {
        let (mut adaptive, mut fine) = (ring(0.01, options(integrator, 1e-6)), ring(0.01, fixed));
        adaptive.0.run(6.0).unwrap();
        fine.0.run(6.0).unwrap();
        for (found, expected) in values(&adaptive).iter().zip(values(&fine)) {
            assert!((found - expected).abs() < 1e-5, "{integrator}: {found} {expected}");
        }
    }
}

#[test]
fn a_run_that_was_saved_goes_on_with_the_same_inner_steps() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring.npz");
    let how = options(Integrator::DormandPrince5, 1e-7);
    let (mut whole, p) = ring(0.25, how);
    whole.run(2.0).unwrap();
    whole.save(&path).unwrap();
    let first = whole.run(3.0).unwrap();
    let (mut later, q) = ring(0.25, how);
    later.load(&path).unwrap();
    let second = later.run(3.0).unwrap();
    assert_eq!((first.accepted, first.rejected), (second.accepted, second.rejected));
    assert_eq!(whole.values(p, Driven::x).unwrap(), later.values(q, Driven::x).unwrap());
    // Another tolerance is another simulation.
    let (mut other, _) = ring(0.25, options(Integrator::DormandPrince5, 1e-6));
    let error = other.load(&path).unwrap_err();
    assert!(error.to_string().contains("tolerance"), "{error}");
}

#[test]
fn states_stay_in_their_intervals_between_inner_steps() {
    for bounds in [Bounds::Clip, Bounds::Reflect] {
        let how = Options { bounds, ..options(Integrator::DormandPrince5, 1e-6) };
        let (x, _) = run(Floored::x, 5.0, 5.0, how);
        assert!((0.3..0.5).contains(&x), "{bounds:?}: {x}");
    }
}

/// Of the test set for initial value problems (F. Mazzia and C. Magherini, University of Bari, problem VDPOL): x at
/// t = 2 in units of mu. In the plane the flow is so stiff that explicit methods would take 10^6 steps.
#[test]
fn van_der_pols_oscillator_is_that_of_the_test_set() {
    let how = options(Integrator::Ros34Pw2, 1e-7);
    let (x, outcome) = run(VanDerPol::x, 10.0, 2000.0, how);
    assert!((x - 1.706_167_732_170_483).abs() < 2e-5, "{x}, {outcome:?}");
    assert!(outcome.accepted < 20_000, "{outcome:?}");
}

/// Of the same test set (problem ROBER), at t = 40: what Hairer and Wanner II, section IV.10, call easy.
#[test]
fn robertsons_reactions_keep_their_mass() {
    let how = Options {
        tolerance: Some(Tolerance { relative: 1e-6, absolute: 1e-12 }),
        ..options(Integrator::Ros34Pw2, 1.0)
    };
    let mut network = Network::new();
    let p = network.add(Population::<Robertson>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 10.0, how).unwrap();
    let outcome = simulation.run(40.0).unwrap();
    let states = [Robertson::a, Robertson::b, Robertson::c];
    let [a, b, c] = states.map(|state| simulation.values(p, state).unwrap()[0]);
    assert!((a - 0.715_827_068_7).abs() < 1e-5, "{a}");
    assert!((b / 9.185_534_765e-6 - 1.0).abs() < 1e-4, "{b}");
    assert!((a + b + c - 1.0).abs() < 1e-10);
    assert!(outcome.accepted < 1000, "{outcome:?}");
}

rate_model! {
    /// x' = p x², and what x was.
    model Remembered {
        param p = 1;
        state x = 1;
        output before = x(t - 1);
        dx/dt = p*x^2;
    }
}

/// A step that failed leaves nothing in the past.
#[test]
fn a_step_that_failed_is_not_remembered() {
    let after = |fails: bool| {
        let mut network = Network::new();
        let p = network.add(Population::<Remembered>::new("p", 1)).unwrap();
        let how = options(Integrator::DormandPrince5, 1e-9);
        let mut simulation = Simulation::with_options(network, 0.25, how).unwrap();
        if fails {
            assert!(matches!(simulation.run(5.0), Err(Error::StepTooSmall { .. })));
            assert_eq!(simulation.step(), 3);
        } else {
            simulation.run(0.75).unwrap();
        }
        simulation.set(p, Remembered::p, 0.0).unwrap();
        simulation.set_state(p, Remembered::x, 0.25).unwrap();
        simulation.record(p, Remembered::before).unwrap();
        simulation.run(2.0).unwrap();
        simulation.trace(p, Remembered::before).unwrap().values
    };
    assert_eq!(after(true), after(false));
}
