//! Methods for white noise of strong order above that of Euler and Maruyama, on the paths that they draw.

use rate_model::model::State;
use rate_model::prelude::*;

rate_model! {
    /// Geometric Brownian motion, and the path that drives it.
    model Geometric {
        param (a, b) = (0.3, 0.8);
        noise ξ: white;
        state (x, w) = (1, 0);
        dx/dt = a*x + b*x*ξ;
        dw/dt = ξ + 0*x;
    }

    /// The same in the sense of Stratonovich.
    model GeometricStratonovich {
        param (a, b) = (0.3, 0.8);
        noise ξ: white(stratonovich);
        state (x, w) = (1, 0);
        dx/dt = a*x + b*x*ξ;
        dw/dt = ξ + 0*x;
    }

    /// Two of them, each with its noise.
    model Diagonal {
        noise ξ: white; noise ζ: white;
        state (x, y, w) = (1, 1, 0);
        dx/dt = 0.3*x + 0.8*x*ξ;
        dy/dt = -0.2*y + 0.5*y*ζ;
        dw/dt = ξ;
    }

    /// A double well with noise that is added, the path that drives it, and the integral of this.
    model DoubleWell {
        noise ξ: white;
        state (x, w, u) = (0.5, 0, 0);
        dx/dt = 2*x - x^3 + 0.8*ξ;
        dw/dt = ξ;
        du/dt = w;
    }

    /// Factors that depend on another state, of two noises.
    model Crossed {
        noise ξ: white; noise ζ: white;
        state (x, y) = (1, 1);
        dx/dt = y*ξ;
        dy/dt = x*ζ;
    }
    model Logistic { state x = 0.1; dx/dt = x*(1 - x); }
}

fn options(integrator: Integrator) -> Options {
    Options { integrator, progress: false, seed: 5, ..Options::default() }
}

/// The mean distance at t = 1 from the solution on the same path.
fn strong_error<M: RateModel>(
    [x, w]: [State<M>; 2],
    exact: fn(f64) -> f64,
    integrator: Integrator,
    dt: f64,
) -> f64 {
    let mut network = Network::new();
    let p = network.add(Population::<M>::new("p", 1000)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options(integrator)).unwrap();
    simulation.run(1.0).unwrap();
    let (x, w) = (simulation.values(p, x).unwrap(), simulation.values(p, w).unwrap());
    x.iter().zip(w).map(|(x, w)| (x - exact(*w)).abs()).sum::<f64>() / x.len() as f64
}

/// The standard error of the observed order is 0.04 for 1000 paths.
#[test]
fn multiplied_noise_has_the_strong_order_of_the_method() {
    let ito = |w: f64| (0.3 - 0.32 + 0.8 * w).exp();
    let stratonovich = |w: f64| (0.3 + 0.8 * w).exp();
    for (integrator, order) in [(Integrator::StochasticHeun, 1.0), (Integrator::Sriw1, 1.5)] {
        let steps = [0.05, 0.0125];
        let errors = [
            steps.map(|dt| strong_error([Geometric::x, Geometric::w], ito, integrator, dt)),
            steps.map(|dt| {
                let states = [GeometricStratonovich::x, GeometricStratonovich::w];
                strong_error(states, stratonovich, integrator, dt)
            }),
            steps.map(|dt| strong_error([Diagonal::x, Diagonal::w], ito, integrator, dt)),
        ];
        for (case, [coarse, fine]) in errors.into_iter().enumerate() {
            let observed = (coarse / fine).log2() / 2.0;
            assert!((observed - order).abs() < 0.2, "{integrator}, case {case}: {observed}");
        }
    }
}

/// A generator for the test alone (G. Marsaglia, J. Stat. Softw. 8(14), 2003), and normal numbers of it.
struct Normals(u64);

impl Normals {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}

const FINE: usize = 64;

/// Increments of a path over the parts of a step of which the whole increment and the integral are given: any path,
/// moved along what the two see of it.
fn bridge(normals: &mut Normals, dt: f64, [increment, integral]: [f64; 2]) -> [f64; FINE] {
    let part = dt / FINE as f64;
    let mut path: [f64; FINE] = std::array::from_fn(|_| part.sqrt() * normals.next());
    // How long each counts in the integral.
    let left = |place: usize| dt - (place as f64 + 0.5) * part;
    let missing = [
        increment - path.iter().sum::<f64>(),
        integral - path.iter().enumerate().map(|(k, step)| left(k) * step).sum::<f64>(),
    ];
    let sums = [0, 1, 2].map(|power| (0..FINE).map(|k| left(k).powi(power)).sum::<f64>());
    let determinant = sums[0] * sums[2] - sums[1] * sums[1];
    let constant = (sums[2] * missing[0] - sums[1] * missing[1]) / determinant;
    let slope = (sums[0] * missing[1] - sums[1] * missing[0]) / determinant;
    for (k, step) in path.iter_mut().enumerate() {
        *step += constant + slope * left(k);
    }
    path
}

/// The mean distance at t = 1 from a solution in steps 64 times finer, on a path that goes on with the same
/// increments and integrals.
fn error_in_double_well(integrator: Integrator, dt: f64) -> f64 {
    const UNITS: usize = 400;
    let mut network = Network::new();
    let p = network.add(Population::<DoubleWell>::new("p", UNITS)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options(integrator)).unwrap();
    let states = [DoubleWell::x, DoubleWell::w, DoubleWell::u];
    let drift = |x: f64| 2.0 * x - x * x * x;
    let (mut fine, mut normals) = (vec![0.5; UNITS], Normals(88_172_645_463_325_252));
    let read =
        |simulation: &Simulation| states.map(|state| simulation.values(p, state).unwrap().to_vec());
    let mut before = read(&simulation);
    while (simulation.step() as f64 + 0.5) * dt < 1.0 {
        simulation.run(steps(1)).unwrap();
        let after = read(&simulation);
        for (unit, x) in fine.iter_mut().enumerate() {
            let increment = after[1][unit] - before[1][unit];
            let integral = after[2][unit] - before[2][unit] - dt * before[1][unit];
            let part = dt / FINE as f64;
            for step in bridge(&mut normals, dt, [increment, integral]) {
                let slope = drift(*x);
                let end = *x + part * slope + 0.8 * step;
                *x += 0.5 * part * (slope + drift(end)) + 0.8 * step;
            }
        }
        before = after;
    }
    before[0].iter().zip(&fine).map(|(x, fine)| (x - fine).abs()).sum::<f64>() / UNITS as f64
}

#[test]
fn added_noise_has_the_strong_order_of_the_method() {
    for integrator in [Integrator::Sra1, Integrator::Sriw1] {
        let [coarse, fine] = [0.05, 0.0125].map(|dt| error_in_double_well(integrator, dt));
        let observed = (coarse / fine).log2() / 2.0;
        assert!((observed - 1.5).abs() < 0.25, "{integrator}: {observed}");
        assert!(fine < 5e-4, "{integrator}: {fine}");
    }
}

/// ∫W dt over a step, which the method draws beside ΔW: variance h³/3, covariance with it h²/2.
#[test]
fn the_second_number_makes_the_integral_of_the_path() {
    let (n, h) = (20_000, 0.5_f64);
    for integrator in [Integrator::Sra1, Integrator::Sriw1] {
        let mut network = Network::new();
        let p = network.add(Population::<DoubleWell>::new("p", n)).unwrap();
        let mut simulation = Simulation::with_options(network, h, options(integrator)).unwrap();
        simulation.run(steps(1)).unwrap();
        let [u, w] = [DoubleWell::u, DoubleWell::w].map(|s| simulation.values(p, s).unwrap());
        let n = n as f64;
        let mean = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
        let [of_u, of_both] = [h.powi(3) / 3.0, h * h / 2.0];
        assert!((mean(u, u) / of_u - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        let error = 5.0 * ((of_u * h + of_both * of_both) / n).sqrt();
        assert!((mean(u, w) - of_both).abs() < error);
    }
}

/// The integral of the path, too, is the one that finer steps see.
#[test]
fn coarse_steps_can_have_the_path_of_finer_ones() {
    for integrator in [Integrator::Sra1, Integrator::Sriw1] {
        let [fine, coarse] = [(0.05, 1), (0.4, 8)].map(|(dt, noise_substeps)| {
            let mut network = Network::new();
            let p = network.add(Population::<DoubleWell>::new("p", 65)).unwrap();
            let options = Options { noise_substeps, ..options(integrator) };
            let mut simulation = Simulation::with_options(network, dt, options).unwrap();
            simulation.run(2.0).unwrap();
            [DoubleWell::w, DoubleWell::u].map(|s| simulation.values(p, s).unwrap().to_vec())
        });
        for (fine, coarse) in fine.concat().iter().zip(coarse.concat()) {
            assert!((fine - coarse).abs() < 1e-13, "{integrator}: {fine} {coarse}");
        }
    }
}

/// The drift of all three is a method of order 2.
#[test]
fn without_noise_the_order_is_2() {
    for integrator in [Integrator::StochasticHeun, Integrator::Sra1, Integrator::Sriw1] {
        let [coarse, fine] = [0.2, 0.05].map(|dt| {
            let mut network = Network::new();
            let p = network.add(Population::<Logistic>::new("p", 1)).unwrap();
            let mut simulation =
                Simulation::with_options(network, dt, options(integrator)).unwrap();
            simulation.run(2.0).unwrap();
            let exact = 1.0 / (1.0 + 9.0 * (-2.0_f64).exp());
            (simulation.values(p, Logistic::x).unwrap()[0] - exact).abs()
        });
        let observed = (coarse / fine).log2() / 2.0;
        assert!((observed - 2.0).abs() < 0.15, "{integrator}: {observed}");
    }
}

#[test]
fn noise_that_a_method_has_no_meaning_for_is_refused() {
    fn refusal<M: RateModel>(integrator: Integrator) -> Option<String> {
        let mut network = Network::new();
        network.add(Population::<M>::new("p", 1)).unwrap();
        match Simulation::with_options(network, 0.1, options(integrator)) {
            Err(error @ Error::NoiseNeedsOtherMethod { .. }) => Some(error.to_string()),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        }
    }
    assert!(refusal::<Geometric>(Integrator::Sra1).unwrap().contains("depend on no state"));
    assert!(refusal::<Crossed>(Integrator::Sriw1).unwrap().contains("one noise only"));
    assert!(refusal::<Geometric>(Integrator::EtdRungeKutta2).unwrap().contains("without it"));
    assert_eq!(refusal::<DoubleWell>(Integrator::Sra1), None);
    assert_eq!(refusal::<Geometric>(Integrator::Sriw1), None);
    assert_eq!(refusal::<Diagonal>(Integrator::Sriw1), None);
    assert_eq!(refusal::<Crossed>(Integrator::StochasticHeun), None);
}
