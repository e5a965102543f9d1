//! Cubic values between steps: orders against solutions in closed form, and the ways through the code
//! against each other.

use std::f64::consts::FRAC_PI_2;

use rate_model::prelude::*;
use rate_model::report::{Reading, SlopesBy};

rate_model! {
    /// x' = -x(t - π/2), which cos t solves.
    model Echo { param d = 1.5707963267948966; state x = 1; dx/dt = -x(t - d); }
    model EchoOfOutput {
        param d = 1.5707963267948966;
        state x = 1;
        output y = 2*x;
        dx/dt = -0.5*y(t - d);
    }
    model Plain { input u; state x = 1; output y = 2*x; dx/dt = u; }
    /// Not linear, so that nothing is exact by accident.
    model Loop {
        param (d, g) = (1, 0.5);
        state (x, y) = (1, 0);
        dx/dt = -0.1*x - y + g*tanh(x(t - d));
        dy/dt = x - 0.2*y;
    }
    model Opened {
        param (g, zero) = (0.5, 0);
        input I;
        state (x, y) = (1, 0);
        dx/dt = -0.1*x - y + g*tanh(I);
        dy/dt = x - 0.2*y + zero*I;
    }
    model Gated { param (d, g) = (1, 0); state x = 1; dx/dt = -0.3*x - g*x(t - d); }
    model Coloured { param d = 1; noise η: ou(0.5); state x = 0; dx/dt = -x(t - d) + η; }
    /// What depends on both ends, and does nothing with one of them.
    coupling Pairwise { source x_j; target x_i; each e = x_j + 0*x_i; total c = sum(e); }
    /// What is remembered is not the state itself.
    coupling Squared { source x_j; each e = 2*x_j; total c = 0.5*sum(e); }
}

fn options(integrator: Integrator, interpolation: Interpolation) -> Options {
    Options { integrator, interpolation, progress: false, ..Options::default() }
}

const CUBIC: Interpolation = Interpolation::CubicHermite;

/// The ways in which x' = -x(t - π/2) can be put together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Equation,
    OutputOfEquation,
    Product,
    FewProducts,
    EachConnection,
    Output,
    Pairs,
    Through,
}

use Way::{
    EachConnection, Equation, FewProducts, Output, OutputOfEquation, Pairs, Product, Through,
};

const WAYS: [Way; 8] =
    [Equation, OutputOfEquation, Product, FewProducts, EachConnection, Output, Pairs, Through];

/// Reads x of a simulation.
type Read = Box<dyn Fn(&Simulation) -> f64>;

/// A network in which unit 1 of a population, or the only one, is cos t.
fn build(way: Way, d: f64, dt: f64, options: Options) -> (Simulation, Read) {
    let mut network = Network::new();
    let past = |t: f64, _: usize| t.cos();
    if way == Equation {
        let echo = Population::<Echo>::new("p", 1).set(Echo::d, d).history_fn(Echo::x, past);
        let p = network.add(echo).unwrap();
        let simulation = Simulation::with_options(network, dt, options).unwrap();
        return (simulation, Box::new(move |one| one.values(p, Echo::x).unwrap()[0]));
    }
    if way == OutputOfEquation {
        let echo = Population::<EchoOfOutput>::new("p", 1).set(EchoOfOutput::d, d);
        let echo = echo.history_fn(EchoOfOutput::y, |t, _| 2.0 * t.cos());
        let p = network.add(echo).unwrap();
        let simulation = Simulation::with_options(network, dt, options).unwrap();
        return (simulation, Box::new(move |one| one.values(p, EchoOfOutput::x).unwrap()[0]));
    }
    let p = Population::<Plain>::new("p", 2);
    let p = match way {
        Output => p.history_fn(Plain::y, |t, _| 2.0 * t.cos()),
        _ => p.history_fn(Plain::x, past),
    };
    let p = network.add(p).unwrap();
    let dense = || ndarray::arr2(&[[0.0, -1.0], [-1.0, 0.0]]);
    let few = || Weights::sparse([(0, 1, -1.0), (1, 0, -1.0)]);
    let from = |weights: Weights| Projection::new(p, Plain::x, p, Plain::u, weights);
    let each = Delays::from_fn(1.0, move |_, _| d);
    match way {
        Product => network.connect(from(dense().into()).delay(d)),
        FewProducts => network.connect(from(few()).delay(d)),
        Output => {
            let halved = dense().mapv(|weight| 0.5 * weight);
            network.connect(Projection::new(p, Plain::y, p, Plain::u, halved).delays(each))
        }
        Pairs => {
            let pairs = from(dense().into()).delays(each).coupling(Coupled::<Pairwise>::new());
            network.connect(pairs.against(p, Plain::x))
        }
        Through => network.connect(from(few()).delays(each).coupling(Coupled::<Squared>::new())),
        _ => network.connect(from(few()).delays(each)),
    }
    .unwrap();
    let simulation = Simulation::with_options(network, dt, options).unwrap();
    (simulation, Box::new(move |one| one.values(p, Plain::x).unwrap()[1]))
}

/// The worst error at four times, so that it is not small by chance at one of them.
fn error(way: Way, dt: f64, options: Options) -> f64 {
    let (mut simulation, value) = build(way, FRAC_PI_2, dt, options);
    let mut worst = 0.0_f64;
    for time in [1.5, 3.0, 4.5, 6.0_f64] {
        simulation.run(1.5).unwrap();
        worst = worst.max((value(&simulation) - time.cos()).abs());
    }
    worst
}

fn order(way: Way, options: Options) -> f64 {
    // π/2 is 52.36 and 209.44 steps: a third of a step and more remains.
    (error(way, 0.03, options) / error(way, 0.0075, options)).log2() / 2.0
}

#[test]
fn delays_between_steps_keep_order_4() {
    for way in WAYS {
        for integrator in
            [Integrator::RungeKutta4, Integrator::RungeKutta4Rule38, Integrator::DormandPrince5]
        {
            let cubic = order(way, options(integrator, CUBIC));
            assert!(cubic > 3.7, "{way:?}, {integrator}: {cubic}");
        }
        let linear = order(way, options(Integrator::RungeKutta4, Interpolation::Linear));
        assert!((1.7..2.3).contains(&linear), "{way:?}, linear: {linear}");
        let gain = error(way, 0.03, options(Integrator::RungeKutta4, Interpolation::Linear))
            / error(way, 0.03, options(Integrator::RungeKutta4, CUBIC));
        assert!(gain > 100.0, "{way:?}: {gain}");
    }
    for (integrator, expected) in [
        (Integrator::Euler, 1.0),
        (Integrator::Heun, 2.0),
        (Integrator::EtdRungeKutta2, 2.0),
        (Integrator::SspRungeKutta3, 3.0),
        (Integrator::BogackiShampine3, 3.0),
        (Integrator::Ros34Pw2, 3.0),
    ] {
        for way in [Equation, EachConnection] {
            let found = order(way, options(integrator, CUBIC));
            assert!(found > expected - 0.2, "{way:?}, {integrator}: {found}");
        }
    }
}

/// By the method of steps: polynomials of degree n on the n-th interval, whose slope jumps at t = 0.
#[test]
fn a_past_that_ends_in_a_corner_keeps_order_4_where_delays_are_whole_steps() {
    let exact = |t: f64| 1.0 - t + (t - 1.0).powi(2) / 2.0 - (t - 2.0).powi(3) / 6.0;
    let error = |dt: f64, interpolation| {
        let mut network = Network::new();
        let p = network.add(Population::<Echo>::new("p", 1).set(Echo::d, 1.0)).unwrap();
        let options = options(Integrator::RungeKutta4, interpolation);
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        simulation.run(3.0).unwrap();
        (simulation.values(p, Echo::x).unwrap()[0] - exact(3.0)).abs()
    };
    // Cubics are the solution itself, lines are not.
    assert!(error(0.1, CUBIC) < 1e-14, "{}", error(0.1, CUBIC));
    assert!(error(0.1, Interpolation::Linear) > 1e-6);
}

/// Delays around all blocks of steps that are summed ahead, on steps and between, and within a step.
#[test]
fn all_ways_to_a_past_value_agree() {
    for integrator in
        [Integrator::Euler, Integrator::Heun, Integrator::RungeKutta4, Integrator::EtdRungeKutta2]
    {
        for delay in [0.03, 0.05, 0.085, 0.1, 0.41, 0.55, 0.83, 1.23, 1.62, 1.7] {
            let options = options(integrator, CUBIC);
            let mut network = Network::new();
            let inner = Population::<Loop>::new("inner", 1).set(Loop::d, delay);
            let inner = network.add(inner.history_fn(Loop::x, |t, _| (2.0 * t).cos())).unwrap();
            let mut add = |name: &str| {
                let opened = Population::<Opened>::new(name, 1);
                network.add(opened.history_fn(Opened::x, |t, _| (2.0 * t).cos())).unwrap()
            };
            let [one, each, pair] = ["one", "each", "pair"].map(&mut add);
            let back = |p| Projection::new(p, Opened::x, p, Opened::I, 1.0);
            let delays = || Delays::from_fn(1.0, move |_, _| delay);
            network.connect(back(one).delay(delay)).unwrap();
            network.connect(back(each).delays(delays())).unwrap();
            let pairs = back(pair).delays(delays()).coupling(Coupled::<Pairwise>::new());
            network.connect(pairs.against(pair, Opened::x)).unwrap();
            let mut simulation = Simulation::with_options(network, 0.05, options).unwrap();
            simulation.run(5.0).unwrap();
            let expected = simulation.values(inner, Loop::x).unwrap()[0];
            for way in [one, each, pair] {
                let found = simulation.values(way, Opened::x).unwrap()[0];
                let near = (found - expected).abs() < 1e-12;
                assert!(near, "{integrator}, {delay}, {way:?}: {found}, not {expected}");
            }
        }
    }
}

#[test]
fn runs_in_pieces_and_from_checkpoints_are_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    for way in WAYS {
        for (integrator, d) in [
            (Integrator::RungeKutta4, FRAC_PI_2),
            (Integrator::Euler, 0.33),
            (Integrator::Heun, 0.02),
        ] {
            if way == OutputOfEquation && d < 0.03 {
                continue;
            }
            let options = options(integrator, CUBIC);
            let (mut whole, value) = build(way, d, 0.03, options);
            whole.run(steps(200)).unwrap();
            let (mut parts, part_value) = build(way, d, 0.03, options);
            parts.run(steps(10)).unwrap();
            parts.reset();
            // So early that both slopes at t = 0 are remembered.
            for piece in [1, 7] {
                parts.run(steps(piece)).unwrap();
            }
            let path = directory.path().join("run.npz");
            parts.save(&path).unwrap();
            parts.run(steps(192)).unwrap();
            let (mut later, later_value) = build(way, d, 0.03, options);
            later.load(&path).unwrap();
            later.run(steps(192)).unwrap();
            let expected = value(&whole).to_bits();
            assert_eq!(part_value(&parts).to_bits(), expected, "{way:?}, {integrator}");
            assert_eq!(later_value(&later).to_bits(), expected, "{way:?}, {integrator}");
            // What has no slopes is another simulation.
            let (mut linear, _) =
                build(way, d, 0.03, Options { interpolation: Interpolation::Linear, ..options });
            let error = linear.load(&path).unwrap_err().to_string();
            assert!(error.contains("interpolation"), "{error}");
        }
    }
}

/// A longer delay in a run that remembers all of it: slopes are remembered with the values.
#[test]
fn a_memory_that_grows_keeps_its_slopes() {
    let run = |first: f64| {
        let mut network = Network::new();
        let gated = Population::<Gated>::new("p", 1).set(Gated::d, first);
        let p = network.add(gated.history_fn(Gated::x, |t, _| t.cos())).unwrap();
        let options = options(Integrator::RungeKutta4, CUBIC);
        let mut simulation = Simulation::with_options(network, 0.03, options).unwrap();
        // Two steps, as long as the shorter delay, so that nothing is forgotten; nor is it read.
        simulation.run(steps(2)).unwrap();
        simulation.set(p, Gated::d, FRAC_PI_2).unwrap();
        simulation.set(p, Gated::g, 1.0).unwrap();
        simulation.run(steps(98)).unwrap();
        simulation.values(p, Gated::x).unwrap()[0]
    };
    let (expected, found) = (run(FRAC_PI_2), run(0.05));
    assert_eq!(found.to_bits(), expected.to_bits(), "{found}, not {expected}");
}

#[test]
fn the_report_says_what_is_cubic() {
    for (way, by) in [
        (Equation, SlopesBy::Equations),
        (Product, SlopesBy::Equations),
        (EachConnection, SlopesBy::Equations),
        (Pairs, SlopesBy::Equations),
        (OutputOfEquation, SlopesBy::Differences),
        (Output, SlopesBy::Differences),
        (Through, SlopesBy::Differences),
    ] {
        let reading = |integrator, interpolation| {
            let (simulation, _) = build(way, FRAC_PI_2, 0.03, options(integrator, interpolation));
            let report = simulation.report();
            match report.projections.first() {
                Some(projection) => projection.delays.unwrap().reading,
                None => report.populations[0].past[0].delays.reading,
            }
        };
        assert_eq!(reading(Integrator::RungeKutta4, CUBIC), Reading::Cubic(by), "{way:?}");
        assert_eq!(reading(Integrator::Euler, CUBIC), Reading::Cubic(SlopesBy::Differences));
        assert_eq!(reading(Integrator::RungeKutta4, Interpolation::Linear), Reading::Linear);
    }
    let mut network = Network::new();
    network.add(Population::<Coloured>::new("p", 1)).unwrap();
    let options = options(Integrator::Heun, CUBIC);
    let report = Simulation::with_options(network, 0.3, options).unwrap().report();
    assert_eq!(report.populations[0].past[0].delays.reading, Reading::Linear);
}

#[test]
fn single_precision_is_as_accurate_as_it_can_be() {
    let mut network = Network::<f32>::with_precision();
    let echo = Population::<Echo>::new("p", 70).history_fn(Echo::x, |t, _| t.cos());
    let p = network.add(echo).unwrap();
    let options = options(Integrator::RungeKutta4, CUBIC);
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.run(3.0).unwrap();
    for x in simulation.values(p, Echo::x).unwrap() {
        assert!((f64::from(*x) - 3.0_f64.cos()).abs() < 2e-5, "{x}");
    }
}
