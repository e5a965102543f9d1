//! States that leave their intervals, clipped and reflected; steps that are too long for an equation.

use rate_model::prelude::*;
use rate_model::{StepSize, Warning};

rate_model! {
    /// A walk between a wall and a ceiling, driven from outside.
    model Walled { input u; state x = 0.5 where 0 <= x && x <= 1; dx/dt = u - 0.5*x; }

    /// Ornstein–Uhlenbeck noise with a wall at its mean.
    model Wall { noise ξ: white; state x = 0.5 where x >= 0; dx/dt = -x + ξ; }

    /// The same with a factor that is 1 but is not seen to be.
    model WallMultiplied {
        noise ξ: white; state (x, one) = (0.5, 1);
        dx/dt = -x + one*ξ;
        done/dt = 0*x;
    }
}

fn options(integrator: Integrator, bounds: Bounds) -> Options {
    Options { integrator, bounds, progress: false, seed: 11, ..Options::default() }
}

/// Every method that reflects is, without noise and with a slope that stays over the step, the loop of three
/// lines.
#[test]
fn reflection_mirrors_at_the_wall_and_clips_beyond_the_other() {
    let (dt, inputs) = (0.5, [-3.0, 1.0, 3.5, -0.25, 9.0, -30.0, 0.75, 0.5]);
    for (bounds, reflects) in [(Bounds::Clip, false), (Bounds::Reflect, true)] {
        for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
            let mut network = Network::new();
            let p = network.add(Population::<Walled>::new("p", 65)).unwrap();
            let table = ndarray::Array1::from(inputs.to_vec());
            network.stimulate(p, Walled::u, Stimulus::table(dt, &table)).unwrap();
            let options = Options { arithmetic, ..options(Integrator::Euler, bounds) };
            let mut simulation = Simulation::with_options(network, dt, options).unwrap();
            let mut x = 0.5_f64;
            for u in inputs {
                let free = x + dt * (u - 0.5 * x);
                let clipped = free.clamp(0.0, 1.0);
                x = if reflects { (2.0 * clipped - free).clamp(0.0, 1.0) } else { clipped };
                simulation.run(steps(1)).unwrap();
                for found in simulation.values(p, Walled::x).unwrap() {
                    assert!((found - x).abs() < 1e-15, "{bounds:?}: {found}, not {x}");
                }
            }
        }
    }
}

/// Mean and mean square of many walkers after a time in which they forget their beginning.
fn moments(integrator: Integrator, bounds: Bounds, dt: f64) -> [f64; 2] {
    let mut network = Network::new();
    let p = network.add(Population::<Wall>::new("p", 8000)).unwrap();
    let options = options(integrator, bounds);
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.run(4.0).unwrap();
    let x = simulation.values(p, Wall::x).unwrap();
    let mean = |f: fn(f64) -> f64| x.iter().map(|x| f(*x)).sum::<f64>() / x.len() as f64;
    [mean(|x| x), mean(|x| x * x)]
}

/// The reflected process is |x| of the free one, of variance 1/2: mean 1/√π, mean square 1/2. Five standard
/// errors of 8000 walkers: 0.0238 and 0.0395.
#[test]
fn reflected_noise_has_the_law_of_a_particle_at_a_wall() {
    let exact = 1.0 / std::f64::consts::PI.sqrt();
    for (integrator, dt, bias) in [
        // The free step is exact, so its mirror image is.
        (Integrator::ExponentialEuler, 0.5, 0.0),
        (Integrator::ExponentialRosenbrock, 1.0, 0.0),
        // Of Euler's, the free variance is too large by dt/4.
        (Integrator::Euler, 0.04, 0.012),
        (Integrator::Sra1, 0.04, 0.012),
    ] {
        let [mean, square] = moments(integrator, Bounds::Reflect, dt);
        assert!((mean - exact).abs() < 0.0238 + bias, "{integrator}: {mean}, not {exact}");
        assert!((square - 0.5).abs() < 0.0395 + 2.0 * bias, "{integrator}: {square}");
    }
    // Clipped ones stay at the wall: a bias of order √dt.
    let [mean, _] = moments(Integrator::Euler, Bounds::Clip, 0.04);
    assert!((0.03..0.09).contains(&(exact - mean)), "{mean}");
}

/// Taken apart to reflect it, a step without walls is what it is in one piece.
#[test]
fn reflecting_changes_nothing_where_there_is_no_wall() {
    fn end(integrator: Integrator, bounds: Bounds) -> Vec<f64> {
        let mut network = Network::new();
        let p = network.add(Population::<WallMultiplied>::new("p", 65)).unwrap();
        let options =
            Options { arithmetic: Arithmetic::Reproducible, ..options(integrator, bounds) };
        let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
        simulation.run(3.0).unwrap();
        simulation.values(p, WallMultiplied::x).unwrap().to_vec()
    }
    for integrator in [Integrator::Euler, Integrator::ExponentialEuler, Integrator::Milstein] {
        let pairs = end(integrator, Bounds::Clip);
        let pairs = pairs.into_iter().zip(end(integrator, Bounds::Reflect));
        for (whole, apart) in pairs {
            assert!((whole - apart).abs() < 1e-14, "{integrator}: {whole} {apart}");
        }
    }
}

rate_model! {
    model Leak { param tau: ms = 20 where tau > 0; state x: Hz = 1; tau dx/dt = -x; }
    /// Its time constant moves with another state.
    model Shunted { state (x, g) = (1, 30); dx/dt = -g*x; dg/dt = -g; }
    /// Each has the rate 3 or -1 by itself; together both have -1.
    model Turning { state (x, y) = (1, 0); dx/dt = -3*x - 2*y; dy/dt = 2*x + y; }
}

fn build(dt: f64, integrator: Integrator, tau: &[f64]) -> Result<Simulation, Error> {
    let mut network = Network::new();
    let population = Population::<Leak>::new("p", tau.len()).labels(["a", "b", "c"]);
    network.add(population.set(Leak::tau, tau)).unwrap();
    let options = Options { integrator, ..Options::default() };
    Simulation::with_options(network, ms(dt), options)
}

#[test]
fn a_step_beyond_the_limit_of_stability_is_refused() {
    let error = build(50.0, Integrator::Euler, &[30.0, 20.0, 25.0]).unwrap_err();
    let Error::Unstable(step) = &error else { panic!("{error}") };
    let StepSize { population, state, unit, dt, time_constant, limit, .. } = &**step;
    assert_eq!((population.as_str(), *state, unit.as_deref()), ("p", "x", Some("b")));
    assert_eq!((*dt, *time_constant, *limit), (50.0, 20.0, 2.0));
    let text = error.to_string();
    for part in ["dt = 50 ms", "20 ms for unit b", "40 ms, at most", "check_stability: false"] {
        assert!(text.contains(part), "{text}");
    }
    // The limit of each method.
    for (integrator, limit) in [
        (Integrator::Euler, 40.0),
        (Integrator::Heun, 40.0),
        (Integrator::BogackiShampine3, 50.2),
        (Integrator::RungeKutta4, 55.7),
        (Integrator::DormandPrince5, 66.1),
    ] {
        assert!(build(0.999 * limit, integrator, &[20.0; 3]).is_ok(), "{integrator}");
        assert!(build(1.003 * limit, integrator, &[20.0; 3]).is_err(), "{integrator}");
    }
    for integrator in [
        Integrator::ExponentialEuler,
        Integrator::ExponentialRosenbrock,
        Integrator::EtdRungeKutta2,
        Integrator::Ros34Pw2,
    ] {
        let mut simulation = build(1e6, integrator, &[20.0; 3]).unwrap();
        assert_eq!(simulation.warnings(), []);
        simulation.run(steps(3)).unwrap();
    }
}

#[test]
fn a_step_near_the_limit_is_warned_of() {
    assert_eq!(build(20.0, Integrator::Euler, &[20.0; 3]).unwrap().warnings(), []);
    let simulation = build(30.0, Integrator::Euler, &[20.0; 3]).unwrap();
    let [Warning::Overshoots(step)] = simulation.warnings() else { panic!() };
    assert_eq!((step.unit.as_ref(), step.limit), (None, 2.0));
    let text = simulation.warnings()[0].to_string();
    assert!(text.contains("30 ms is 1.500 time constants of `x`"), "{text}");
    // Heun's step never changes the sign.
    assert_eq!(build(30.0, Integrator::Heun, &[20.0; 3]).unwrap().warnings(), []);
}

/// What depends on states, or on other equations of a linear system, is not refused.
#[test]
fn a_limit_that_is_not_certain_is_a_warning() {
    let options = Options { check_finite: false, progress: false, ..Options::default() };
    let mut network = Network::new();
    network.add(Population::<Shunted>::new("p", 1)).unwrap();
    let simulation = Simulation::with_options(network, 0.1, options).unwrap();
    let [Warning::Unstable(step)] = simulation.warnings() else { panic!() };
    assert_eq!((step.state, step.time_constant), ("x", 1.0 / 30.0));

    let mut network = Network::new();
    let p = network.add(Population::<Turning>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 1.0, options).unwrap();
    assert!(matches!(simulation.warnings(), [Warning::Unstable(_)]));
    // Rightly: I + dt J = [[-2, -2], [2, 2]] is nilpotent.
    simulation.run(steps(2)).unwrap();
    assert_eq!(simulation.values(p, Turning::x).unwrap(), [0.0]);
}

#[test]
fn the_check_can_be_switched_off() {
    let mut network = Network::new();
    network.add(Population::<Leak>::new("p", 1)).unwrap();
    let options = Options { check_stability: false, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(50.0), options).unwrap();
    assert!(matches!(simulation.warnings(), [Warning::Unstable(_)]));
    simulation.run(steps(3)).unwrap();
}
