//! Noise correlated across units: M·z for independent z, whatever method uses it.

use ndarray::{Array2, ArrayView2, arr2};
use rate_model::group::{Given, Group, Mode};
use rate_model::lanes::Real;
use rate_model::model::State;
use rate_model::prelude::*;
use rate_model::{Mixing, MixingError};

rate_model! {
    /// A Brownian motion, and its integral.
    model Walk {
        noise ξ: white;
        state (w, u) = (0, 0);
        dw/dt = ξ;
        du/dt = w;
    }

    /// dx = -x/τ dt + σ√(2/τ) dW: stationary covariance σ²·M·Mᵀ.
    model Leaky {
        param τ: ms = 10 where τ > 0;
        param σ: mV = 2;
        noise ξ: white;
        state x: mV = 0;
        τ dx/dt = -x + σ*sqrt(2*τ)*ξ;
    }

    /// Noise with a memory, noise per step, and white noise of its own for each unit.
    model Three {
        param τ = 5 where τ > 0;
        noise η: ou(τ);
        #[allow(dt_dependent_noise)]
        noise n: per_step;
        noise ξ: white;
        output (seen, stepped) = (η, n);
        state x = 0;
        dx/dt = -x + η + 0.1*n + 0.3*ξ;
    }

    /// Geometric Brownian motion, and the path that drives it.
    model Geometric {
        noise ξ: white;
        state (x, w) = (1, 0);
        dx/dt = 0.3*x + 0.8*x*ξ;
        dw/dt = ξ + 0*x;
    }

    /// Two equations that one noise drives: their exact law is drawn by state.
    model Pair {
        noise ξ: white;
        state (x, y) = (0, 0);
        dx/dt = -x + y + ξ;
        dy/dt = -2*y + ξ;
    }
}

/// Four units of three sources; the first has its noise in common with the second.
fn matrix() -> Array2<f64> {
    arr2(&[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.6, -0.8, 0.0], [0.5, 0.1, 2.0]])
}

const METHODS: [Integrator; 6] = [
    Integrator::Euler,
    Integrator::ExponentialEuler,
    Integrator::Milstein,
    Integrator::StochasticHeun,
    Integrator::Sra1,
    Integrator::Sriw1,
];

fn options(integrator: Integrator) -> Options {
    Options { integrator, seed: 3, progress: false, ..Options::default() }
}

/// All values of a state, a row per step.
fn trace<M: RateModel, T: Real>(
    population: Population<M>,
    state: State<M>,
    (dt, span): (f64, f64),
    options: Options,
) -> Array2<T> {
    let mut network = Network::<T>::with_precision();
    let p = network.add(population).unwrap();
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.record(p, state).unwrap();
    simulation.run(span).unwrap();
    simulation.trace(p, state).unwrap().values
}

/// Samples in rows against a covariance, within five standard errors: the root of
/// (cᵢᵢcⱼⱼ + cᵢⱼ²)/n.
#[track_caller]
fn assert_covariance(samples: &ArrayView2<'_, f64>, expected: &Array2<f64>, what: &str) {
    let n = samples.nrows() as f64;
    let found = samples.t().dot(samples) / n;
    for ((i, j), expected_one) in expected.indexed_iter() {
        let spread = expected[[i, i]] * expected[[j, j]] + expected_one * expected_one;
        let (distance, error) = ((found[[i, j]] - expected_one).abs(), 5.0 * (spread / n).sqrt());
        assert!(distance <= error, "{what}, [{i}, {j}]: {}, not {expected_one}", found[[i, j]]);
    }
}

/// The sources are the numbers that as many units have by themselves, so that everything can be
/// computed from a run of those.
#[test]
fn units_are_given_sums_of_what_sources_are() {
    fn check<T: Real>(tolerance: f64) {
        for integrator in METHODS {
            let span = (0.1, 2.0);
            for state in [Walk::w, Walk::u] {
                let mixed = Population::<Walk>::new("p", 4).mix(Walk::ξ, matrix());
                let found = trace::<_, T>(mixed, state, span, options(integrator));
                let plain = Population::<Walk>::new("p", 3);
                let sources = trace::<_, T>(plain, state, span, options(integrator));
                let sources = sources.mapv(Real::to_f64);
                let expected = sources.dot(&matrix().t());
                for (found, expected) in found.iter().zip(&expected) {
                    let distance = (found.to_f64() - expected).abs();
                    assert!(distance < tolerance, "{integrator}, {state:?}: {found} {expected}");
                }
            }
        }
    }
    check::<f64>(1e-13);
    check::<f32>(1e-5);
}

/// Mixing with the identity changes no bit, and nothing goes ahead of the others.
#[test]
fn the_identity_changes_nothing() {
    // SRA1 wants noise that is added.
    for integrator in METHODS.into_iter().filter(|method| *method != Integrator::Sra1) {
        let run = |identity: bool| {
            let mut population = Population::<Geometric>::new("p", 130);
            if identity {
                population = population.mix(Geometric::ξ, Array2::eye(130));
            }
            let mut network = Network::new();
            let p = network.add(population).unwrap();
            let mut simulation =
                Simulation::with_options(network, 0.01, options(integrator)).unwrap();
            simulation.run(1.0).unwrap();
            simulation.values(p, Geometric::x).unwrap().to_vec()
        };
        assert_eq!(run(true), run(false), "{integrator}");
    }
    let run = |identity: bool| {
        let mut population = Population::<Three>::new("p", 70);
        if identity {
            for noise in [Three::η, Three::n] {
                population = population.mix(noise, Array2::eye(70));
            }
        }
        let options = Options { noise_substeps: 3, ..options(Integrator::Euler) };
        trace::<_, f32>(population, Three::x, (0.1, 5.0), options)
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn white_noise_has_the_covariance_it_was_given() {
    let (dt, count) = (0.25, 20_000_usize);
    let by_matrix: Mixing = matrix().into();
    let covariance = matrix().dot(&matrix().t());
    for mixing in [by_matrix, Mixing::covariance(&covariance)] {
        let population = Population::<Walk>::new("p", 4).mix(Walk::ξ, mixing);
        let span = (dt, count as f64 * dt);
        let w = trace::<_, f64>(population, Walk::w, span, options(Integrator::Euler));
        let later = w.slice(ndarray::s![1.., ..]).to_owned();
        let steps = (later - w.slice(ndarray::s![..count, ..])) / dt.sqrt();
        assert_covariance(&steps.view(), &covariance, "white");
        // One step knows nothing of the next.
        let (now, next) =
            (steps.slice(ndarray::s![1.., ..]), steps.slice(ndarray::s![..count - 1, ..]));
        let across = now.t().dot(&next) / (count - 1) as f64;
        for ((i, j), value) in across.indexed_iter() {
            let spread = covariance[[i, i]] * covariance[[j, j]];
            assert!(value.abs() < 5.0 * (spread / count as f64).sqrt(), "[{i}, {j}]: {value}");
        }
    }
}

/// Members of a group: rows of independent samples, of three units.
fn samples(values: &[f64]) -> ArrayView2<'_, f64> {
    ArrayView2::from_shape((values.len() / 3, 3), values).unwrap()
}

const MEMBERS: usize = 10_000;

fn three_units() -> Array2<f64> {
    arr2(&[[1.0, 0.0], [0.6, 0.8], [-0.5, 1.5]])
}

/// Stationary from the beginning, with e^{-t/τ} of it left after t.
#[test]
fn coloured_noise_has_the_covariance_it_was_given() {
    let covariance = three_units().dot(&three_units().t());
    for (dt, steps) in [(0.5, 8), (4.0, 1)] {
        let mut group = Group::<Three>::builder(3, dt)
            .mix(Three::η, three_units())
            .mix(Three::n, three_units())
            .mode(Mode::Batching(MEMBERS))
            .seed(8)
            .check_stability(false)
            .build()
            .unwrap();
        let start = group.observe(Three::seen).to_vec();
        for _ in 0..steps {
            group.step().unwrap();
        }
        let end = group.observe(Three::seen).to_vec();
        let stepped = group.observe(Three::stepped).to_vec();
        for (what, values) in [("start", &start), ("end", &end), ("per step", &stepped)] {
            assert_covariance(&samples(values), &covariance, &format!("dt {dt}, {what}"));
        }
        // Of members that are neighbours nothing is common.
        let across = samples(&start[3..]).t().dot(&samples(&start[..start.len() - 3]));
        let left = (-4.0_f64 / 5.0).exp();
        let both = samples(&start).t().dot(&samples(&end)) / MEMBERS as f64;
        for ((i, j), one) in covariance.indexed_iter() {
            let variances = covariance[[i, i]] * covariance[[j, j]];
            let spread = variances + (left * one).powi(2);
            let error = 5.0 * (spread / MEMBERS as f64).sqrt();
            assert!((both[[i, j]] - left * one).abs() < error, "dt {dt}: {}", both[[i, j]]);
            let error = 5.0 * (variances / MEMBERS as f64).sqrt();
            assert!(across[[i, j]].abs() / (MEMBERS as f64) < error, "dt {dt}: {across}");
        }
    }
}

/// The exact law for any step: σ²·M·Mᵀ.
#[test]
fn linear_units_have_the_covariance_of_their_noise() {
    let expected = 4.0 * three_units().dot(&three_units().t());
    for (dt, steps) in [(0.5, 120), (25.0, 3)] {
        let mut group = Group::<Leaky>::builder(3, ms(dt))
            .mix(Leaky::ξ, three_units())
            .mode(Mode::Batching(MEMBERS))
            .integrator(Integrator::ExponentialEuler)
            .build()
            .unwrap();
        for _ in 0..steps {
            group.step().unwrap();
        }
        assert_covariance(&samples(group.state(Leaky::x)), &expected, &format!("dt {dt}"));
    }
}

/// A member alone has the numbers of the first of many, and they do not hear of each other.
#[test]
fn members_are_mixed_one_by_one() {
    let run = |members: usize| {
        let mut group = Group::<Three>::builder(3, 0.1)
            .mix(Three::η, three_units())
            .mix(Three::ξ, three_units())
            .mode(Mode::Batching(members))
            .build()
            .unwrap();
        for _ in 0..20 {
            group.step().unwrap();
        }
        group.state(Three::x).to_vec()
    };
    let (one, many) = (run(1), run(40));
    assert_eq!(one, many[..3]);
    assert_ne!(one, many[3..6]);
}

/// What was fed are the numbers of the units.
#[test]
fn fed_numbers_are_not_mixed() {
    let mut group = Group::<Walk>::builder(3, 0.25).mix(Walk::ξ, three_units()).build().unwrap();
    group.feed(Walk::ξ, Given::from([1.0, 2.0, 3.0])).unwrap();
    assert_eq!(group.step().unwrap(), [0.5, 1.0, 1.5]);
}

/// Where a path is at a time, and its integral, do not depend on how many steps lead there.
#[test]
fn steps_made_of_finer_ones_see_the_same_mixed_path() {
    let run = |dt: f64, noise_substeps: u32, state| {
        let population = Population::<Walk>::new("p", 4).mix(Walk::ξ, matrix());
        let options = Options { noise_substeps, ..options(Integrator::Sra1) };
        let trace = trace::<_, f64>(population, state, (dt, 2.0), options);
        trace.row(trace.nrows() - 1).to_owned()
    };
    for state in [Walk::w, Walk::u] {
        let finest = run(0.0625, 1, state);
        for substeps in [2, 8] {
            let coarse = run(0.0625 * f64::from(substeps), substeps, state);
            let distance = (&coarse - &finest).iter().fold(0.0, |most: f64, x| x.abs().max(most));
            assert!(distance < 1e-13, "{state:?}: {coarse} {finest}");
        }
    }
    let run = |dt: f64, noise_substeps: u32| {
        let mut network = Network::new();
        let population = Population::<Three>::new("p", 4).mix(Three::η, matrix());
        let p = network.add(population).unwrap();
        let options = Options { noise_substeps, ..options(Integrator::Euler) };
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        simulation.run(8.0).unwrap();
        simulation.values(p, Three::seen).unwrap().to_vec()
    };
    assert_eq!(run(1.0, 4), run(0.25, 1));
}

/// Each unit solves its equation on its own path, to the order of the method.
#[test]
fn orders_are_those_of_independent_noise() {
    let matrix = arr2(&[[1.0, 0.0], [0.6, 0.8], [-0.8, 0.6]]);
    let error = |integrator: Integrator, steps: u32| {
        let mut group = Group::<Geometric>::builder(3, 1.0 / f64::from(steps))
            .mix(Geometric::ξ, &matrix)
            .mode(Mode::Batching(400))
            .integrator(integrator)
            .build()
            .unwrap();
        for _ in 0..steps {
            group.step().unwrap();
        }
        let pairs = group.state(Geometric::x).iter().zip(group.state(Geometric::w));
        pairs.map(|(x, w)| (x - (0.3 - 0.32 + 0.8 * w).exp()).abs()).sum::<f64>()
    };
    for (integrator, order) in [
        (Integrator::Euler, 0.5),
        (Integrator::Milstein, 1.0),
        (Integrator::StochasticHeun, 1.0),
        (Integrator::Sriw1, 1.5),
    ] {
        let found = (error(integrator, 25) / error(integrator, 100)).log2() / 2.0;
        assert!((found - order).abs() < 0.2, "{integrator}: order {found}");
    }
}

#[test]
fn a_run_that_was_saved_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mixed.npz");
    let build = || {
        let mut network = Network::new();
        let mut population = Population::<Three>::new("p", 4);
        for noise in [Three::η, Three::n, Three::ξ] {
            population = population.mix(noise, matrix());
        }
        let p = network.add(population).unwrap();
        (Simulation::with_options(network, 0.1, options(Integrator::Sra1)).unwrap(), p)
    };
    let (mut whole, p) = build();
    whole.run(steps(50)).unwrap();
    let expected = whole.values(p, Three::x).unwrap().to_vec();
    let (mut first, _) = build();
    first.run(steps(17)).unwrap();
    first.save(&path).unwrap();
    let (mut second, p) = build();
    second.load(&path).unwrap();
    second.run(steps(33)).unwrap();
    assert_eq!(second.values(p, Three::x).unwrap(), expected);
    // And one that begins again.
    whole.reset();
    whole.run(steps(50)).unwrap();
    assert_eq!(second.values(p, Three::x).unwrap(), expected);
}

#[test]
fn one_pass_methods_that_reflect_mix_too() {
    let reflect = Options { bounds: Bounds::Reflect, ..options(Integrator::Euler) };
    let run = |options| {
        let population = Population::<Leaky>::new("p", 4).mix(Leaky::ξ, matrix());
        let mut network = Network::new();
        let p = network.add(population).unwrap();
        let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
        simulation.run(steps(30)).unwrap();
        simulation.values(p, Leaky::x).unwrap().to_vec()
    };
    let (reflected, clipped) = (run(reflect), run(options(Integrator::Euler)));
    assert!(reflected.iter().zip(&clipped).all(|(a, b)| (a - b).abs() < 1e-13));
}

/// What is wrong with a mixing is said when the population is added.
#[test]
fn mixings_that_make_no_sense_are_refused() {
    fn refused<M: RateModel, T: Real>(population: Population<M>) -> (MixingError, String) {
        let error = Network::<T>::with_precision().add(population).unwrap_err();
        let text = error.to_string();
        match error {
            Error::Mixing { population, problem, .. } => {
                assert_eq!(population, "areas");
                (*problem, text)
            }
            other => panic!("{other}"),
        }
    }
    let walk = |mixing: Mixing| {
        refused::<_, f64>(Population::<Walk>::new("areas", 3).mix(Walk::ξ, mixing))
    };

    let (problem, text) = walk(matrix().into());
    assert_eq!(problem, MixingError::Shape { found: [4, 3], units: 3 });
    assert!(text.starts_with("noise `ξ` of population `areas` cannot be mixed: the matrix has"));
    let (problem, _) = walk(Array2::zeros((3, 0)).into());
    assert_eq!(problem, MixingError::Shape { found: [3, 0], units: 3 });
    let (problem, _) = walk(Mixing::covariance(&Array2::eye(2)));
    assert_eq!(problem, MixingError::CovarianceShape { found: [2, 2], units: 3 });
    let (problem, _) = walk([[1.0, 0.0], [0.0, f64::INFINITY], [0.0, 0.0]].into());
    assert_eq!(problem, MixingError::NotFinite { row: 1, column: 1, value: f64::INFINITY });
    let negative = arr2(&[[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]]);
    let (problem, text) = walk(Mixing::covariance(&negative));
    assert!(matches!(problem, MixingError::NotPositive { .. }), "{text}");
    let leaning = arr2(&[[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let (problem, _) = walk(Mixing::covariance(&leaning));
    let expected = MixingError::NotSymmetric { row: 1, column: 0, value: 0.0, mirrored: 0.5 };
    assert_eq!(problem, expected);
    // Infinite in single precision only.
    let large = Population::<Walk>::new("areas", 1).mix(Walk::ξ, [[1e300]]);
    let (problem, _) = refused::<_, f32>(large);
    assert!(matches!(problem, MixingError::NotFinite { row: 0, column: 0, .. }));

    // Where noise is multiplied with a state, its variance is part of the method.
    let geometric = Population::<Geometric>::new("areas", 2).mix(Geometric::ξ, [[1.0], [2.0]]);
    let (problem, text) = refused::<_, f64>(geometric);
    assert_eq!(problem, MixingError::Variance { unit: 1, variance: 4.0 });
    assert!(text.contains("put the length, 2, into the equation"), "{text}");

    // Members of a group are mixed by the matrix for one.
    let group = Group::<Walk>::builder(3, 0.1).mix(Walk::ξ, Array2::eye(6));
    let error = group.mode(Mode::Batching(2)).build().unwrap_err();
    assert!(matches!(error, Error::Mixing { noise: "ξ", .. }), "{error}");
}

#[test]
fn units_that_share_coloured_noise_have_one_correlation_time() {
    let mut network = Network::new();
    let population = Population::<Three>::new("p", 2).mix(Three::η, [[1.0], [1.0]]);
    let p = network.add(population.set(Three::τ, [5.0, 5.0])).unwrap();
    let mut simulation = Simulation::new(network, 0.1).unwrap();
    let error = simulation.set(p, Three::τ, [5.0, 6.0]).unwrap_err();
    let problem = MixingError::CorrelationTimes { first: 5.0, unit: 1, other: 6.0 };
    assert!(
        matches!(&error, Error::Mixing { problem: found, .. } if **found == problem),
        "{error}"
    );
    // Nothing was changed.
    simulation.run(steps(3)).unwrap();
    simulation.set(p, Three::τ, 7.0).unwrap();
}

/// The law of a linear system of several states is drawn by state.
#[test]
fn methods_that_draw_by_state_are_refused_and_not_chosen() {
    let build = |integrator| {
        let mut network = Network::new();
        network.add(Population::<Pair>::new("p", 2).mix(Pair::ξ, [[1.0], [1.0]])).unwrap();
        Simulation::with_options(network, 0.1, options(integrator))
    };
    let error = build(Integrator::ExponentialRosenbrock).unwrap_err();
    assert!(matches!(error, Error::NoiseNeedsOtherMethod { noise: "ξ", .. }), "{error}");
    let mut chosen = build(Integrator::Automatic).unwrap();
    assert_eq!(chosen.integrator(), Integrator::Sra1);
    assert!(chosen.explain_method().contains("units share it"), "{}", chosen.explain_method());
    chosen.run(steps(3)).unwrap();
}
