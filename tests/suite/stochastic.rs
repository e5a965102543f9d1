//! Methods for white noise of strong order above that of Euler and Maruyama, on the paths that they draw.

use rate_model::group::Group;
use rate_model::model::{Noise, State};
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
    for (integrator, order) in
        [(Integrator::EulerHeun, 1.0), (Integrator::StochasticHeun, 1.0), (Integrator::Sriw1, 1.5)]
    {
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
    // So many that the order, 1.69 at these steps, has a standard error of about 0.03.
    const UNITS: usize = 1600;
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

rate_model! {
    /// Linear with added noise: the mean goes with e^{-t}, the variance to 0.32.
    model Relaxing { noise ξ: white; state x = 1; dx/dt = -x + 0.8*ξ; }
}

/// Places and weights of the Gauss–Hermite rule for a normal number, exact for polynomials up to degree 9.
fn hermite() -> [(f64, f64); 5] {
    let root = 10.0_f64.sqrt();
    let [near, far] = [(5.0 - root).sqrt(), (5.0 + root).sqrt()];
    let [inner, outer] = [(7.0 + 2.0 * root) / 60.0, (7.0 - 2.0 * root) / 60.0];
    [(0.0, 8.0 / 15.0), (near, inner), (-near, inner), (far, outer), (-far, outer)]
}

/// The first two moments after one step from a state, over all numbers that could be drawn: a step is
/// a polynomial of degree 3 in them at most, so that the rule leaves no error.
fn moments<M: RateModel>(
    (x, ξ): (State<M>, Noise<M>),
    integrator: Integrator,
    dt: f64,
    from: f64,
) -> [f64; 2] {
    let rule = hermite();
    let pairs = rule.iter().flat_map(|one| rule.iter().map(move |other| (*one, *other)));
    let pairs: Vec<_> = pairs.collect();
    let builder = Group::<M>::builder(pairs.len(), dt).integrator(integrator).init(x, from);
    let mut group = builder.check_stability(false).build().unwrap();
    group.feed(ξ, pairs.iter().map(|((xi, _), _)| *xi).collect::<Vec<_>>()).unwrap();
    if matches!(integrator, Integrator::Sra1 | Integrator::Sriw1) {
        let second = pairs.iter().map(|(_, (zeta, _))| *zeta);
        group.feed_second(ξ, second.collect::<Vec<_>>()).unwrap();
    }
    group.step().unwrap();
    let weights = pairs.iter().map(|((_, one), (_, other))| one * other);
    let mut sums = [0.0; 2];
    for (x, weight) in group.state(x).iter().zip(weights) {
        sums[0] += weight * x;
        sums[1] += weight * x * x;
    }
    sums
}

/// The orders in which the errors of two moments at t = 1 shrink.
fn weak_orders(errors: impl Fn(f64) -> [f64; 2]) -> [f64; 2] {
    let [coarse, fine] = [errors(1.0 / 32.0), errors(1.0 / 128.0)];
    [0, 1].map(|moment| (coarse[moment] / fine[moment]).abs().log2() / 2.0)
}

/// Steps of geometric Brownian motion are factors, independent of each other, so that moments after n
/// steps are powers of those after one: E x = e^{at}, E x² = e^{(2a + b²)t}, in the sense of Stratonovich with a + b²/2
/// for a. No sampling is needed.
#[test]
fn multiplied_noise_has_the_weak_order_of_the_method() {
    fn errors<M: RateModel>(
        model: (State<M>, Noise<M>),
        integrator: Integrator,
        (a, b): (f64, f64),
        dt: f64,
    ) -> [f64; 2] {
        let [first, second] = moments(model, integrator, dt, 1.0);
        let exact = [a.exp(), (2.0 * a + b * b).exp()];
        [first.powf(1.0 / dt) - exact[0], second.powf(1.0 / dt) - exact[1]]
    }
    let (a, b) = (0.3_f64, 0.8_f64);
    let ito = (Geometric::x, Geometric::ξ);
    let stratonovich = (GeometricStratonovich::x, GeometricStratonovich::ξ);
    for (integrator, order) in [
        (Integrator::Euler, 1.0),
        (Integrator::ExponentialEuler, 1.0),
        (Integrator::Milstein, 1.0),
        (Integrator::EulerHeun, 1.0),
        (Integrator::StochasticHeun, 1.0),
        (Integrator::Sriw1, 2.0),
    ] {
        let found = [
            weak_orders(|dt| errors(ito, integrator, (a, b), dt)),
            weak_orders(|dt| errors(stratonovich, integrator, (a + b * b / 2.0, b), dt)),
        ];
        for (case, [first, second]) in found.into_iter().enumerate() {
            // Of an exponential step the mean is exact.
            let is_first =
                integrator == Integrator::ExponentialEuler || (first - order).abs() < 0.1;
            let is_right = is_first && (second - order).abs() < 0.1;
            assert!(is_right, "{integrator}, case {case}: {first}, {second}");
        }
    }
    let [mean, _] = errors(ito, Integrator::ExponentialEuler, (a, b), 0.25);
    assert!(mean.abs() < 1e-13, "{mean:e}");
}

/// Of a linear equation with added noise the mean is multiplied by a factor in each step, and the variance by
/// its square, with what the noise adds.
#[test]
fn added_noise_has_the_weak_order_of_the_method() {
    let errors = |integrator: Integrator, dt: f64| {
        let model = (Relaxing::x, Relaxing::ξ);
        let [factor, _] = moments(model, integrator, dt, 1.0);
        let [rest, added] = moments(model, integrator, dt, 0.0);
        assert!(rest.abs() < 1e-15, "{integrator}: {rest}");
        let (mut mean, mut variance) = (1.0, 0.0);
        let mut t = 0.0;
        while t < 1.0 - dt / 2.0 {
            (mean, variance) = (factor * mean, factor * factor * variance + added);
            t += dt;
        }
        [mean - (-1.0_f64).exp(), variance - 0.32 * (1.0 - (-2.0_f64).exp())]
    };
    for (integrator, order) in [
        (Integrator::Euler, 1.0),
        (Integrator::Milstein, 1.0),
        (Integrator::EulerHeun, 1.0),
        (Integrator::StochasticHeun, 2.0),
        (Integrator::Sra1, 2.0),
        (Integrator::Sriw1, 2.0),
    ] {
        let found = weak_orders(|dt| errors(integrator, dt));
        for found in found {
            assert!((found - order).abs() < 0.1, "{integrator}: {found}");
        }
    }
    // The exact step has both moments for any dt.
    for dt in [1.0 / 128.0, 0.25, 1.0] {
        for error in errors(Integrator::ExponentialEuler, dt) {
            assert!(error.abs() < 1e-13, "{dt}: {error:e}");
        }
    }
}
