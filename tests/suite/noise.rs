//! Noise against its laws: moments with five standard errors, for fixed seeds.

use rate_model::prelude::*;

rate_model! {
    /// dx = -x/τ dt + σ√(2/τ) dW: stationary variance σ².
    model Brownian {
        param τ: ms = 10 where τ > 0;
        param σ: mV = 2;
        noise ξ: white;
        state x: mV = 0;
        τ dx/dt = -x + σ*sqrt(2*τ)*ξ;
    }

    /// The same in seconds.
    model BrownianInSeconds {
        time t: s;
        param τ: s = 0.01 where τ > 0;
        param σ: mV = 2;
        noise ξ: white;
        state x: mV = 0;
        τ dx/dt = -x + σ*sqrt(2*τ)*ξ;
    }

    model Coloured {
        param τ: ms = 5;
        noise η: ou(τ);
        output seen = η;
        state x = 0;
        (1 ms)*dx/dt = -x + η;
    }

    model Ito { noise ξ: white; state x = 1; dx/dt = 0.5*x*ξ; }
    model Stratonovich { noise ξ: white(stratonovich); state x = 1; dx/dt = 0.5*x*ξ; }

    /// The Feller diffusion in the sense of Stratonovich: its drift is that of Itô and 1/4.
    model Feller {
        noise ξ: white(stratonovich);
        state x = 0.05 where x >= 0;
        dx/dt = -x + sqrt(x)*ξ;
    }

    model PerStep {
        #[allow(dt_dependent_noise)]
        noise n: per_step;
        output seen = n;
        state x = 0;
        dx/dt = -x + n;
    }

    /// Geometric Brownian motion, and the Brownian motion that drives it.
    model Geometric {
        param (μ, σ) = (0.5, 0.8);
        noise ξ: white;
        state x = 1;
        state w = 0;
        dx/dt = μ*x + σ*x*ξ;
        dw/dt = ξ;
    }

    /// One noise drives two states.
    model Shared {
        noise (ξ, ζ): white;
        state (x, y, z) = (0, 0, 0);
        dx/dt = ξ;
        dy/dt = 2*ξ + z - z;
        dz/dt = ζ + 0*x + 0*y;
    }
}

const N: usize = 8_000;

fn simulation<M: RateModel>(dt: impl Into<Time>, seed: u64) -> (Simulation, PopulationId<M>) {
    let mut network = Network::new();
    let id = network.add(Population::<M>::new("p", N)).unwrap();
    // Noise alone is looked at, at any step.
    let options = Options { seed, progress: false, check_stability: false, ..Options::default() };
    (Simulation::with_options(network, dt, options).unwrap(), id)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// The stationary variance of Euler–Maruyama for dx = -x/τ dt + σ√(2/τ) dW is σ²/(1 - dt/2τ).
#[test]
fn white_noise_is_scaled_with_the_root_of_the_step() {
    let error = 5.0 * (2.0 / N as f64).sqrt();
    for dt in [0.1, 0.5, 2.0] {
        let (mut simulation, p) = simulation::<Brownian>(ms(dt), 1);
        simulation.run(ms(60.0)).unwrap();
        let expected = 4.0 / (1.0 - dt / 20.0);
        let found = variance(simulation.values(p, Brownian::x).unwrap());
        assert!((found / expected - 1.0).abs() < error, "dt {dt}: {found}, not {expected}");
    }
}

#[test]
fn units_of_time_make_no_difference() {
    let (mut a, p) = simulation::<Brownian>(ms(0.5), 3);
    let (mut b, q) = simulation::<BrownianInSeconds>(ms(0.5), 3);
    a.run(ms(20.0)).unwrap();
    b.run(ms(20.0)).unwrap();
    let (a, b) = (a.values(p, Brownian::x).unwrap(), b.values(q, BrownianInSeconds::x).unwrap());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12), "{:?} {:?}", &a[..3], &b[..3]);
}

#[test]
fn coloured_noise_has_its_exact_law_for_any_step() {
    for dt in [0.1, 1.0, 10.0] {
        let (mut simulation, p) = simulation::<Coloured>(ms(dt), 5);
        let start: Vec<f64> = simulation.values(p, Coloured::seen).unwrap().to_vec();
        simulation.run(ms(10.0)).unwrap();
        let end = simulation.values(p, Coloured::seen).unwrap();
        let n = N as f64;
        for values in [&start[..], end] {
            assert!(mean(values).abs() < 5.0 / n.sqrt(), "{}", mean(values));
            assert!((variance(values) - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        }
        let products: Vec<f64> = start.iter().zip(end).map(|(a, b)| a * b).collect();
        let expected = (-2.0_f64).exp();
        let error = 5.0 * ((1.0 + expected * expected) / n).sqrt();
        assert!((mean(&products) - expected).abs() < error, "dt {dt}: {}", mean(&products));
    }
}

/// For dx = a x dW, ln x has the mean -a²t/2 in the sense of Itô, 0 in that of Stratonovich.
#[test]
fn the_two_senses_differ_where_noise_is_multiplicative() {
    let mean_log = |values: &[f64]| mean(&values.iter().map(|x| x.ln()).collect::<Vec<_>>());
    let (mut ito, p) = simulation::<Ito>(0.001, 7);
    let (mut stratonovich, q) = simulation::<Stratonovich>(0.001, 7);
    ito.run(1.0).unwrap();
    stratonovich.run(1.0).unwrap();
    // The standard error is a√t/√N; the bias of the step is smaller than 2e-4.
    let error = 5.0 * 0.5 / (N as f64).sqrt() + 2e-4;
    let found = mean_log(ito.values(p, Ito::x).unwrap());
    assert!((found + 0.125).abs() < error, "{found}");
    let found = mean_log(stratonovich.values(q, Stratonovich::x).unwrap());
    assert!(found.abs() < error, "{found}");
}

/// The stationary mean of dx = (1/4 - x) dt + √x dW is 1/4, its variance 1/8.
#[test]
fn roots_that_reach_0_stay_finite() {
    let (mut simulation, p) = simulation::<Feller>(0.01, 3);
    simulation.run(8.0).unwrap();
    let x = simulation.values(p, Feller::x).unwrap();
    // Clipping at 0 adds a bias of the order of the step.
    assert!((mean(x) - 0.25).abs() < 5.0 * (0.125 / N as f64).sqrt() + 0.02, "{}", mean(x));
}

#[test]
fn populations_have_noise_of_their_own() {
    let mut network = Network::new();
    let ids: Vec<_> = (0..3)
        .map(|i| network.add(Population::<Brownian>::new(format!("p{i}"), 500)).unwrap())
        .collect();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(1.0), options).unwrap();
    simulation.run(ms(30.0)).unwrap();
    let [a, b, c] = [0, 1, 2].map(|i| simulation.values(ids[i], Brownian::x).unwrap());
    for (one, other) in [(a, b), (a, c), (b, c)] {
        let products: Vec<f64> = one.iter().zip(other).map(|(x, y)| x * y).collect();
        assert!(mean(&products).abs() < 5.0 * 4.3 / 500.0_f64.sqrt(), "{}", mean(&products));
    }
}

#[test]
fn noise_per_step_is_a_number_a_step() {
    let (mut simulation, p) = simulation::<PerStep>(0.5, 11);
    simulation.record(p, PerStep::seen).unwrap();
    simulation.record(p, PerStep::x).unwrap();
    simulation.run(steps(3)).unwrap();
    let (seen, x) =
        (simulation.trace(p, PerStep::seen).unwrap(), simulation.trace(p, PerStep::x).unwrap());
    for unit in 0..5 {
        let mut expected = 0.0_f64;
        for step in 0..3 {
            expected += 0.5 * (seen.values[[step, unit]] - expected);
            assert!((x.values[[step + 1, unit]] - expected).abs() < 1e-15);
        }
    }
    assert!((variance(seen.values.row(1).as_slice().unwrap()) - 1.0).abs() < 0.05);
}

#[test]
fn a_noise_is_one_noise_wherever_it_stands() {
    let (mut simulation, p) = simulation::<Shared>(0.1, 13);
    simulation.run(1.0).unwrap();
    let x = simulation.values(p, Shared::x).unwrap();
    let y = simulation.values(p, Shared::y).unwrap();
    let z = simulation.values(p, Shared::z).unwrap();
    assert!(x.iter().zip(y).all(|(x, y)| (2.0 * x - y).abs() < 1e-12));
    let products: Vec<f64> = x.iter().zip(z).map(|(x, z)| x * z).collect();
    assert!(mean(&products).abs() < 5.0 / (N as f64).sqrt());
}

#[test]
fn numbers_depend_on_the_seed_and_the_step_only() {
    let run = |seed: u64, parts: &[u64], record: bool| {
        let (mut simulation, p) = simulation::<Brownian>(ms(0.1), seed);
        if record {
            simulation.record(p, Brownian::x).unwrap();
        }
        for part in parts {
            simulation.run(steps(*part)).unwrap();
        }
        simulation.values(p, Brownian::x).unwrap().to_vec()
    };
    let reference = run(1, &[30], false);
    assert_eq!(reference, run(1, &[7, 23], true));
    assert_ne!(reference, run(2, &[30], false));
}

#[test]
fn reset_begins_again() {
    let (mut simulation, p) = simulation::<Coloured>(ms(0.1), 17);
    simulation.run(steps(20)).unwrap();
    let first = simulation.values(p, Coloured::x).unwrap().to_vec();
    simulation.reset();
    simulation.run(steps(20)).unwrap();
    assert_eq!(first, simulation.values(p, Coloured::x).unwrap());
}

#[test]
fn a_correlation_time_is_positive() {
    let mut network = Network::new();
    network.add(Population::<Coloured>::new("p", 2).set(Coloured::τ, [5.0, 0.0])).unwrap();
    let error = Simulation::new(network, ms(0.1)).unwrap_err();
    assert!(matches!(error, Error::CorrelationTime { value: 0.0, .. }), "{error}");
}

/// x and w at t = 1 for 1024/k steps made of k finer ones.
fn geometric(integrator: Integrator, substeps: u32) -> [Vec<f64>; 2] {
    let mut network = Network::new();
    let p = network.add(Population::<Geometric>::new("p", 500)).unwrap();
    let noise_substeps = substeps;
    let options = Options { integrator, noise_substeps, progress: false, ..Options::default() };
    let dt = f64::from(substeps) / 1024.0;
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.run(1.0).unwrap();
    [Geometric::x, Geometric::w].map(|state| simulation.values(p, state).unwrap().to_vec())
}

/// Runs with different steps see one Brownian path, on which the error of Euler and Maruyama goes with
/// √dt and that of Milstein with dt. The exact solution: x = exp((μ - σ²/2) t + σ w).
#[test]
fn steps_made_of_finer_ones_see_the_same_path() {
    for (integrator, order) in [(Integrator::Euler, 0.5), (Integrator::Milstein, 1.0)] {
        let [_, finest] = geometric(integrator, 1);
        let error = |substeps| {
            let [x, w] = geometric(integrator, substeps);
            assert!(w.iter().zip(&finest).all(|(w, finest)| (w - finest).abs() < 1e-12));
            let exact = |w: &f64| (0.5 - 0.32 + 0.8 * w).exp();
            mean(&x.iter().zip(&w).map(|(x, w)| (x - exact(w)).powi(2)).collect::<Vec<_>>()).sqrt()
        };
        let found = (error(64) / error(4)).log2() / 4.0;
        assert!((found - order).abs() < 0.1, "{integrator:?}: order {found}");
    }
}

#[test]
fn coloured_noise_goes_by_finer_steps() {
    let run = |dt: f64, noise_substeps: u32| {
        let mut network = Network::new();
        let p = network.add(Population::<Coloured>::new("p", 70)).unwrap();
        let options = Options { noise_substeps, progress: false, ..Options::default() };
        let mut simulation = Simulation::with_options(network, ms(dt), options).unwrap();
        simulation.record(p, Coloured::seen).unwrap();
        simulation.run(ms(8.0)).unwrap();
        let trace = simulation.trace(p, Coloured::seen).unwrap();
        trace.values.row(trace.values.nrows() - 1).to_vec()
    };
    assert_eq!(run(1.0, 4), run(0.25, 1));
}

#[test]
fn single_precision_has_the_same_laws() {
    let mut network = Network::<f32>::with_precision();
    let p = network.add(Population::<Brownian>::new("p", N)).unwrap();
    let q = network.add(Population::<Coloured>::new("q", N)).unwrap();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.5), options).unwrap();
    simulation.record(q, Coloured::seen).unwrap();
    simulation.run(ms(60.0)).unwrap();
    let wide = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    let error = 5.0 * (2.0 / N as f64).sqrt();
    let found = variance(&wide(simulation.values(p, Brownian::x).unwrap()));
    assert!((found * (1.0 - 0.5 / 20.0) / 4.0 - 1.0).abs() < error, "{found}");
    let found = variance(&wide(simulation.values(q, Coloured::seen).unwrap()));
    assert!((found - 1.0).abs() < error, "{found}");
}

/// A correlation time that changes between two runs counts from the next step on.
#[test]
fn changed_correlation_times_count() {
    let (mut simulation, p) = simulation::<Coloured>(ms(1.0), 5);
    simulation.record(p, Coloured::seen).unwrap();
    simulation.run(ms(2.0)).unwrap();
    simulation.set(p, Coloured::τ, 1e9).unwrap();
    simulation.run(ms(5.0)).unwrap();
    let values = &simulation.trace(p, Coloured::seen).unwrap().values;
    let change = |from: usize, to: usize| {
        let pairs = values.row(from).to_vec().into_iter().zip(values.row(to).to_vec());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    assert!(change(0, 2) > 0.5);
    assert!(change(2, 7) < 1e-3, "{}", change(2, 7));
}

#[test]
fn noise_is_made_of_at_least_one_step() {
    let options = Options { noise_substeps: 0, ..Options::default() };
    let error = Simulation::<f64>::with_options(Network::new(), ms(0.1), options).unwrap_err();
    assert!(matches!(error, Error::NoiseSubsteps), "{error}");
}
