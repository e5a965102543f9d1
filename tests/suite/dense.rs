//! Inner steps that go beyond those of the simulation: values between them, against solutions in closed form,
//! and what they cost.

use rate_model::prelude::*;
use rate_model::report::StepEnds;
use rate_model::{Delays, Outcome, Projection};

rate_model! {
    model Logistic { state x = 0.1; dx/dt = x*(1 - x); }
    /// x' = -x + u.
    model Driven { input u; state x = 0; dx/dt = -x + u; }
    /// Half of an oscillator.
    model Half { input u; state x = 0; dx/dt = u; }
    model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; }
    /// x' = x², which is 1/(1 - t).
    model Explosion { state x = 1; dx/dt = x^2; }
    /// y gathers what x leaves: x is e^-t, but not below 0.3.
    model Floored { state x = 1 where x >= 0.3; state y = 0; dx/dt = -x; dy/dt = x; }
    model Echo { param d = 1; state x = 1; dx/dt = -x(t - d); }
    model Coloured { noise η: ou(0.5); state x = 0; dx/dt = -x + η; }
}

const PAIRS: [Integrator; 2] = [Integrator::BogackiShampine3, Integrator::DormandPrince5];

fn options(integrator: Integrator, tolerance: f64) -> Options {
    let tolerance = Tolerance { relative: tolerance, absolute: tolerance };
    Options { integrator, tolerance: Some(tolerance), progress: false, ..Options::default() }
}

fn logistic(dt: f64, options: Options) -> (Simulation, PopulationId<Logistic>) {
    let mut network = Network::new();
    let p = network.add(Population::<Logistic>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.record(p, Logistic::x).unwrap();
    (simulation, p)
}

fn outcome(dt: f64, options: Options) -> Outcome {
    logistic(dt, options).0.run(16.0).unwrap()
}

/// As accurate on any grid, as many evaluations on any grid, as few as the method needs.
#[test]
fn a_finer_grid_costs_nothing() {
    for integrator in PAIRS {
        for tolerance in [1e-4, 1e-7] {
            let options = options(integrator, tolerance);
            let coarse = outcome(16.0, options);
            assert!(coarse.accepted > 3, "{integrator}: {coarse:?}");
            for dt in [2.0, 0.125, 0.007_812_5] {
                let (mut simulation, p) = logistic(dt, options);
                let fine = simulation.run(16.0).unwrap();
                assert_eq!(fine.steps as f64 * dt, 16.0);
                let costs = fine.evaluations.abs_diff(coarse.evaluations);
                assert!(costs <= 14, "{integrator}, {dt}: {fine:?}, not {coarse:?}");
                let trace = simulation.trace(p, Logistic::x).unwrap();
                for (t, x) in trace.time.iter().zip(trace.values.column(0)) {
                    let exact = 1.0 / (1.0 + 9.0 * (-t).exp());
                    let error = (x - exact).abs();
                    assert!(error < 10.0 * tolerance, "{integrator}, {dt}, at {t}: {error}");
                }
            }
            // The last slope of a step is the first of the next one.
            let stages = if integrator == Integrator::DormandPrince5 { 6 } else { 3 };
            let tries = coarse.accepted + coarse.rejected;
            assert_eq!(coarse.evaluations, tries * stages + 2, "{integrator}: {coarse:?}");
        }
    }
}

/// As the tolerance shrinks, so do errors between inner steps.
#[test]
fn values_between_inner_steps_follow_the_tolerance() {
    for integrator in PAIRS {
        let worst = |tolerance: f64| {
            let (mut simulation, p) = logistic(1.0 / 64.0, options(integrator, tolerance));
            simulation.run(8.0).unwrap();
            let trace = simulation.trace(p, Logistic::x).unwrap();
            let error = |(t, x): (&f64, &f64)| (x - 1.0 / (1.0 + 9.0 * (-t).exp())).abs();
            trace.time.iter().zip(trace.values.column(0)).map(error).fold(0.0, f64::max)
        };
        let errors = [1e-4, 1e-6, 1e-8, 1e-10].map(worst);
        for pair in errors.windows(2) {
            assert!(pair[1] < pair[0] / 5.0, "{integrator}: {errors:?}");
        }
        assert!(errors[3] < 1e-8, "{integrator}: {errors:?}");
    }
}

/// Populations that drive each other, and a window whose edges no inner step crosses.
#[test]
fn coupling_and_windows_are_those_of_the_inner_steps() {
    for integrator in PAIRS {
        let tolerance = 1e-7;
        let mut network = Network::new();
        let p = network.add(Population::<Driven>::new("p", 1)).unwrap();
        network.stimulate(p, Driven::u, Stimulus::window(1.0, 2.0, 5.0)).unwrap();
        let x = network.add(Population::<Half>::new("x", 1).init(Half::x, 1.0)).unwrap();
        let y = network.add(Population::<Half>::new("y", 1)).unwrap();
        network.project(y, Half::x, x, Half::u, ndarray::arr2(&[[1.0]])).unwrap();
        network.project(x, Half::x, y, Half::u, ndarray::arr2(&[[-1.0]])).unwrap();
        let mut simulation =
            Simulation::with_options(network, 0.03125, options(integrator, tolerance)).unwrap();
        simulation.record(p, Driven::x).unwrap();
        simulation.record(x, Half::x).unwrap();
        let found = simulation.run(8.0).unwrap();
        assert_eq!(simulation.report().inner.unwrap().ends, StepEnds::Beyond);
        if integrator == Integrator::DormandPrince5 {
            assert!(found.accepted < found.steps, "{found:?}");
        }
        let driven = |t: f64| match t {
            t if t <= 1.0 => 0.0,
            t if t <= 2.0 => 5.0 * (1.0 - (1.0 - t).exp()),
            t => 5.0 * (1.0 - (-1.0_f64).exp()) * (2.0 - t).exp(),
        };
        let recording = simulation.recording();
        let [of_p, of_x] = &recording.traces[..] else { panic!() };
        for (row, t) in of_p.time.iter().enumerate() {
            for (found, exact) in
                [(of_p.values[[row, 0]], driven(*t)), (of_x.values[[row, 0]], t.cos())]
            {
                let error = (found - exact).abs();
                assert!(error < 100.0 * tolerance, "{integrator}, at {t}: {error}");
            }
        }
    }
}

/// Nothing goes on below a bound, beyond the step in which it was met.
#[test]
fn bounds_are_met_on_the_grid() {
    let (dt, met) = (0.01, -(0.3_f64.ln()));
    let mut network = Network::new();
    let p = network.add(Population::<Floored>::new("p", 1)).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-6);
    let mut simulation = Simulation::with_options(network, dt, how).unwrap();
    simulation.record(p, Floored::x).unwrap();
    let outcome = simulation.run(3.0).unwrap();
    let trace = simulation.trace(p, Floored::x).unwrap();
    for (t, x) in trace.time.iter().zip(trace.values.column(0)) {
        assert!((x - f64::max((-t).exp(), 0.3)).abs() < 1e-5, "{x} at {t}");
    }
    // What is clipped at the end of each step was at most dt below.
    let exact = 0.7 + 0.3 * (3.0 - met);
    let y = simulation.values(p, Floored::y).unwrap()[0];
    assert!((y - exact).abs() < dt, "{y}, not {exact}");
    assert!(outcome.evaluations < 20 * outcome.steps, "{outcome:?}");
}

#[test]
fn runs_in_pieces_and_from_checkpoints_are_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    for integrator in PAIRS {
        let how = options(integrator, 1e-5);
        let bits = |(simulation, p): &(Simulation, PopulationId<Logistic>)| {
            simulation.values(*p, Logistic::x).unwrap()[0].to_bits()
        };
        let mut whole = logistic(0.125, how);
        let cost = whole.0.run(steps(60)).unwrap();
        let mut parts = logistic(0.125, how);
        parts.0.run(steps(9)).unwrap();
        parts.0.reset();
        for piece in [1, 2, 14] {
            parts.0.run(steps(piece)).unwrap();
        }
        let path = directory.path().join("run.npz");
        parts.0.save(&path).unwrap();
        let rest = parts.0.run(steps(43)).unwrap();
        let mut later = logistic(0.125, how);
        later.0.load(&path).unwrap();
        assert_eq!(later.0.run(steps(43)).unwrap(), rest);
        assert_eq!([bits(&parts), bits(&later)], [bits(&whole); 2], "{integrator}");
        assert!(cost.accepted < cost.steps, "{cost:?}");
    }
}

/// What was made ahead is forgotten when something changes.
#[test]
fn states_and_parameters_can_be_changed_between_runs() {
    let mut network = Network::new();
    let p = network.add(Population::<Leak>::new("p", 3)).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-8);
    let mut simulation = Simulation::with_options(network, ms(0.1), how).unwrap();
    simulation.run(ms(5.0)).unwrap();
    simulation.set_state(p, Leak::x, 2.0).unwrap();
    simulation.run(ms(5.0)).unwrap();
    let mut expected = 2.0 * (-0.25_f64).exp();
    assert!((simulation.values(p, Leak::x).unwrap()[2] - expected).abs() < 1e-6);
    simulation.set(p, Leak::tau, 10.0).unwrap();
    simulation.run(ms(5.0)).unwrap();
    expected *= (-0.5_f64).exp();
    assert!((simulation.values(p, Leak::x).unwrap()[0] - expected).abs() < 1e-6);
    assert!(simulation.report().inner.unwrap().accepted < 40);
}

#[test]
fn the_report_says_where_inner_steps_end() {
    let ends = |network: Network, options: Options| {
        let report = Simulation::with_options(network, 0.25, options).unwrap().report();
        let text = report.to_string();
        match report.inner.unwrap().ends {
            StepEnds::Beyond => {
                assert!(text.contains("may be longer than steps"), "{text}");
                ""
            }
            StepEnds::OnGrid(reason) => {
                assert!(text.contains(reason), "{text}");
                reason
            }
        }
    };
    let driven = |stimulus: Stimulus| {
        let mut network = Network::new();
        let p = network.add(Population::<Driven>::new("p", 2)).unwrap();
        network.stimulate(p, Driven::u, stimulus).unwrap();
        (network, p)
    };
    let pair = options(Integrator::DormandPrince5, 1e-6);
    assert_eq!(ends(driven(Stimulus::window(1.0, 2.0, 5.0)).0, pair), "");
    let ros = Options { integrator: Integrator::Ros34Pw2, ..pair };
    assert!(ends(driven(1.0.into()).0, ros).contains("lies within its steps"));
    let frozen = Options { delivery: Delivery::Frozen, ..pair };
    assert!(ends(driven(1.0.into()).0, frozen).contains("held over each step"));
    let reflected = Options { bounds: Bounds::Reflect, ..pair };
    assert!(ends(driven(1.0.into()).0, reflected).contains("reflected"));
    assert!(ends(driven(Stimulus::function(f64::sin)).0, pair).contains("function of time"));
    let (mut network, p) = driven(1.0.into());
    let back = Projection::new(p, Driven::x, p, Driven::u, 0.1);
    network.connect(back.delays(Delays::from_fn(1.0, |_, _| 0.5))).unwrap();
    assert!(ends(network, pair).contains("remembered at each step"));
    let mut network = Network::new();
    network.add(Population::<Echo>::new("p", 1)).unwrap();
    assert!(ends(network, pair).contains("remembered at each step"));
    let mut network = Network::new();
    network.add(Population::<Coloured>::new("p", 1)).unwrap();
    assert!(ends(network, pair).contains("noise"));
    let fixed = Options { tolerance: None, ..pair };
    let simulation = Simulation::with_options(driven(1.0.into()).0, 0.25, fixed).unwrap();
    assert_eq!(simulation.report().inner, None);
}

/// A failure leaves the states at the beginning of the step, as on the grid.
#[test]
fn a_solution_that_explodes_can_be_tried_again() {
    let mut network = Network::new();
    let p = network.add(Population::<Explosion>::new("p", 1)).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-8);
    let mut simulation = Simulation::with_options(network, 0.023_437_5, how).unwrap();
    for _ in 0..2 {
        let error = simulation.run(steps(90)).unwrap_err();
        let Error::StepTooSmall { time, .. } = error else { panic!("{error}") };
        assert!((time - 1.0).abs() < 1e-3, "{time}");
        assert_eq!(simulation.step(), 42);
        let x = simulation.values(p, Explosion::x).unwrap()[0];
        assert!((x / 64.0 - 1.0).abs() < 1e-4, "{x}");
    }
    simulation.reset();
    simulation.run(steps(32)).unwrap();
    assert!((simulation.values(p, Explosion::x).unwrap()[0] - 4.0).abs() < 1e-5);
}

#[test]
fn single_precision_goes_beyond_the_grid_too() {
    let mut network = Network::<f32>::with_precision();
    let p = network.add(Population::<Leak>::new("p", 70)).unwrap();
    let how = options(Integrator::DormandPrince5, 1e-5);
    let mut simulation = Simulation::with_options(network, ms(0.25), how).unwrap();
    let outcome = simulation.run(ms(50.0)).unwrap();
    assert!(outcome.accepted < 60, "{outcome:?}");
    for x in simulation.values(p, Leak::x).unwrap() {
        assert!((f64::from(*x) - (-2.5_f64).exp()).abs() < 1e-4, "{x}");
    }
}
