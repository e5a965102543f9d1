//! Projections with delays, few connections and coupling functions, against loops written by hand.

use std::collections::BTreeSet;

use ndarray::{Array2, arr2};
use rate_model::couplings::{Diffusive, HyperbolicTangent, Kuramoto, PreSigmoidal, Sigmoidal};
use rate_model::lanes::Real;
use rate_model::prelude::*;

rate_model! {
    model Node {
        param (a, w) = (-0.3, 0.7);
        input (I, J);
        state (x, y) = (0.1, 0);
        output both = x + 2*y;
        output passed = x + 0.1*I;
        dx/dt = a*x - w*y + I + J;
        dy/dt = a*y + w*x;
    }

    /// The same with the delay in its own equation.
    model Echo {
        param d = 1;
        param g = 0.5;
        state (x, y) = (1, 0);
        dx/dt = -0.1*x - y + g*x(t - d);
        dy/dt = x - 0.2*y;
    }
    model Plain {
        input I;
        state (x, y) = (1, 0);
        dx/dt = -0.1*x - y + I;
        dy/dt = x - 0.2*y;
    }

    model Rate {
        param tau: ms = 10 where tau > 0;
        input I: Hz;
        state r: Hz = 1;
        tau dr/dt = -r + I;
    }
    /// In units, with a helper and both ends.
    coupling Shunting {
        param gain = 2 where gain > 0;
        param half: Hz = 3;
        const one: Hz = 1 Hz;
        source r_j: Hz;
        target r_i: Hz;
        fn squashed(x) = x/(half + abs(x));
        let mixed: Hz = r_j - 0.5*r_i;
        each s: Hz = one*squashed(mixed);
        total c: Hz = gain*sum(s)/(1 + abs(r_i)/one);
    }
}

fn quiet() -> Options {
    Options { progress: false, ..Options::default() }
}

/// Numbers that look random and are the same everywhere.
fn number(seed: usize) -> f64 {
    let bits = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1_u64 << 53) as f64
}

fn matrix(n: usize, m: usize, seed: usize, value: impl Fn(f64) -> f64) -> Array2<f64> {
    Array2::from_shape_fn((n, m), |(i, j)| value(number(seed * 1_000_003 + i * 1009 + j)))
}

/// A fifth of the weights is 0.
fn weights(n: usize, seed: usize) -> Array2<f64> {
    matrix(n, n, seed, |u| if u < 0.2 { 0.0 } else { (u - 0.5) / n as f64 })
}

/// x at `steps` before the present, of which `past` is the last; before 0, `earlier`.
fn read(past: &[Vec<f64>], unit: usize, steps: f64, earlier: f64) -> f64 {
    let at = |back: f64| {
        let step = (past.len() - 1) as f64 - back;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "steps are few")]
        if step < 0.0 { earlier } else { past[step as usize][unit] }
    };
    let whole = (steps + 1e-9).floor();
    let part = steps - whole;
    if part < 1e-9 { at(whole) } else { at(whole) + part * (at(whole + 1.0) - at(whole)) }
}

/// The trajectory of x of nodes that receive `arrive(past of x, target)`, by Euler's method.
fn by_hand(
    n: usize,
    steps: usize,
    dt: f64,
    initial: impl Fn(usize) -> f64,
    arrive: impl Fn(&[Vec<f64>], usize) -> f64,
) -> Vec<Vec<f64>> {
    let mut xs = vec![(0..n).map(initial).collect::<Vec<f64>>()];
    let mut y = vec![0.0; n];
    for _ in 0..steps {
        let x = xs.last().unwrap().clone();
        let next =
            (0..n).map(|i| x[i] + dt * (-0.3 * x[i] - 0.7 * y[i] + arrive(&xs, i))).collect();
        y = (0..n).map(|i| y[i] + dt * (-0.3 * y[i] + 0.7 * x[i])).collect();
        xs.push(next);
    }
    xs
}

fn start(unit: usize) -> f64 {
    0.5 + number(unit)
}

fn nodes(n: usize) -> Population<Node> {
    Population::<Node>::new("nodes", n).init(Node::x, Values::from_fn(start))
}

/// The same trajectory, simulated.
fn simulated(
    n: usize,
    steps: u64,
    dt: f64,
    options: Options,
    connect: impl Fn(&mut Network, PopulationId<Node>),
) -> Array2<f64> {
    let mut network = Network::new();
    let p = network.add(nodes(n)).unwrap();
    connect(&mut network, p);
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.record(p, Node::x).unwrap();
    // In pieces, which must not matter.
    for piece in [1, 7, steps - 8] {
        simulation.run(rate_model::steps(piece)).unwrap();
    }
    simulation.trace(p, Node::x).unwrap().values
}

#[track_caller]
fn agree(found: &Array2<f64>, expected: &[Vec<f64>]) {
    assert_eq!(found.nrows(), expected.len());
    for (step, row) in expected.iter().enumerate() {
        for (unit, value) in row.iter().enumerate() {
            let found = found[[step, unit]];
            let near = (found - value).abs() <= 1e-12 * value.abs().max(1.0);
            assert!(near, "step {step}, unit {unit}: {found}, not {value}");
        }
    }
}

#[test]
fn every_connection_has_its_own_delay() {
    let dt = 0.1;
    // Delays that are computed 32, 16 and 8 steps ahead, and not ahead at all; on steps and between.
    for (n, least, spread) in [(1, 40.0, 0.0), (3, 35.0, 60.0), (17, 10.0, 40.0), (70, 0.0, 30.0)] {
        for fractional in [false, true] {
            let w = weights(n, 1);
            let d = matrix(n, n, 2, |u| {
                let steps = least + spread * u;
                dt * if fractional { steps } else { steps.round() }
            });
            let expected = by_hand(n, 150, dt, start, |past, i| {
                (0..n).map(|j| w[[i, j]] * read(past, j, d[[i, j]] / dt, start(j))).sum()
            });
            for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
                let options = Options { arithmetic, ..quiet() };
                let found = simulated(n, 150, dt, options, |network, p| {
                    let tracts = Projection::new(p, Node::x, p, Node::I, &w);
                    network.connect(tracts.delays(Delays::matrix(1.0, &d))).unwrap();
                });
                agree(&found, &expected);
            }
        }
    }
}

#[test]
fn one_delay_for_all_and_none_are_what_they_say() {
    let dt = 0.1;
    let delays = [0.0, 0.1, 0.04, 0.2, 0.35, 0.4, 0.8, 1.3, 2.57, 3.2, 4.01];
    for (n, delay) in [1, 21, 70].into_iter().flat_map(|n| delays.map(|delay| (n, delay))) {
        let w = weights(n, 3);
        let expected = by_hand(n, 100, dt, start, |past, i| {
            (0..n).map(|j| w[[i, j]] * read(past, j, delay / dt, start(j))).sum()
        });
        let list = || w.indexed_iter().map(|((i, j), w)| (i, j, *w));
        for sparse in [false, true] {
            let found = simulated(n, 100, dt, quiet(), |network, p| {
                let w = if sparse { Weights::sparse(list()) } else { (&w).into() };
                network.connect(Projection::new(p, Node::x, p, Node::I, w).delay(delay)).unwrap();
            });
            agree(&found, &expected);
        }
    }
}

/// The states of targets after some steps, as bits.
fn late<T: Real>(
    [targets, sources]: [usize; 2],
    options: Options,
    is_dense: bool,
    delays: impl Into<Delays>,
) -> Vec<u64> {
    let start = |unit: usize| number(unit) - 0.5;
    let mut network = Network::<T>::with_precision();
    let from = Population::<Node>::new("from", sources).init(Node::x, Values::from_fn(start));
    let from = network.add(from).unwrap();
    let to = network.add(Population::<Node>::new("to", targets)).unwrap();
    let weight = |i: usize, j: usize| number(i * 1009 + j) - 0.3;
    let weights = if is_dense {
        Weights::from_fn(weight)
    } else {
        // Rows of different length.
        let pairs = (0..targets).flat_map(|i| (0..sources).map(move |j| (i, j)));
        let some = pairs.filter(|(i, j)| (i * i + j) % 5 < 2 + i % 3);
        Weights::sparse(some.map(|(i, j)| (i, j, weight(i, j))))
    };
    network.connect(Projection::new(from, Node::x, to, Node::J, weights).delays(delays)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    for piece in [5, 62] {
        simulation.run(steps(piece)).unwrap();
    }
    let states = simulation.values(to, Node::x).unwrap();
    states.iter().map(|state| state.to_f64().to_bits()).collect()
}

/// What was computed ahead is forgotten with the past that it was computed from.
#[test]
fn a_checkpoint_brings_its_own_past() {
    let build = |start: f64| {
        let mut network = Network::new();
        let p = network.add(Population::<Node>::new("p", 3).init(Node::x, start)).unwrap();
        network.connect(Projection::new(p, Node::x, p, Node::I, 0.2).delay(1.6)).unwrap();
        (Simulation::with_options(network, 0.1, quiet()).unwrap(), p)
    };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("checkpoint.npz");
    let ((mut first, p), (mut second, q)) = (build(1.0), build(-2.0));
    first.run(steps(20)).unwrap();
    first.save(&file).unwrap();
    // What arrives from step 16 to step 31 is computed at once.
    second.run(steps(18)).unwrap();
    second.load(&file).unwrap();
    first.run(steps(8)).unwrap();
    second.run(steps(8)).unwrap();
    let [first, second] = [(first, p), (second, q)]
        .map(|(simulation, p)| simulation.values(p, Node::x).unwrap().to_vec());
    assert_eq!(first, second);
}

/// One delay for all, for which several steps are computed at once, is the same delay of each, which is another
/// way through the code.
#[test]
fn one_delay_is_that_of_each_connection() {
    let check = |shape, delay: f64, options, is_dense| {
        let each = || Delays::from_fn(1.0, move |_, _| delay);
        let found = late::<f64>(shape, options, is_dense, delay);
        let what = format!("{shape:?}, {delay}, {is_dense}, {options:?}");
        assert!(found == late::<f64>(shape, options, is_dense, each()), "{what}");
        assert_eq!(found.len(), shape[0]);
        let found = late::<f32>(shape, options, is_dense, delay);
        assert!(found == late::<f32>(shape, options, is_dense, each()), "{what}");
    };
    for is_dense in [true, false] {
        for [targets, sources] in
            [[0, 3], [3, 0], [1, 1], [15, 7], [16, 64], [17, 33], [63, 65], [64, 3], [65, 2]]
        {
            for steps in [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33] {
                check([targets, sources], 0.1 * f64::from(steps), quiet(), is_dense);
            }
        }
        for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible, Arithmetic::Precise] {
            check([130, 300], 1.7, Options { arithmetic, ..quiet() }, is_dense);
        }
        // Between steps, only as written.
        let arithmetic = Arithmetic::Reproducible;
        check([17, 5], 0.93, Options { arithmetic, ..quiet() }, is_dense);
        for interpolation in [Interpolation::Linear, Interpolation::CubicHermite] {
            let integrator = Integrator::RungeKutta4;
            let options = Options { integrator, interpolation, arithmetic, ..quiet() };
            check([18, 5], 1.23, options, is_dense);
        }
    }
}

#[test]
fn few_connections_are_the_matrix_with_zeros_elsewhere() {
    // Rows of very different length, an empty one, and pairs that are connected twice.
    for n in [1, 15, 16, 17, 48, 65] {
        let mut w = Array2::zeros((n, n));
        let mut list = Vec::new();
        for k in 0..n * 4 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let pick = |seed: usize, power: f64| (number(seed).powf(power) * n as f64) as usize;
            let (i, j, value) = (pick(k, 2.0), pick(k + 777, 1.0), number(k + 99) - 0.5);
            list.push((i, j, value));
            w[[i, j]] += value;
        }
        let run = |w: &dyn Fn() -> Weights| {
            simulated(n, 30, 0.05, quiet(), |network, p| {
                network.project(p, Node::both, p, Node::I, w()).unwrap();
            })
        };
        let (dense, sparse) = (run(&|| (&w).into()), run(&|| Weights::sparse(list.clone())));
        let rows: Vec<Vec<f64>> = dense.rows().into_iter().map(|row| row.to_vec()).collect();
        agree(&sparse, &rows);
    }
}

#[test]
fn a_delay_on_the_way_is_one_in_the_equation() {
    for integrator in
        ["euler", "exponential-euler", "midpoint", "heun", "ralston", "ssp-rk3", "rk4"]
    {
        for delay in [0.03, 0.05, 0.1, 0.55, 1.0, 1.23] {
            let options = Options { integrator: integrator.parse().unwrap(), ..quiet() };
            let mut network = Network::new();
            let echo = Population::<Echo>::new("echo", 1).set(Echo::d, delay);
            let echo = network.add(echo).unwrap();
            let plain = network.add(Population::<Plain>::new("plain", 1)).unwrap();
            let back = Projection::new(plain, Plain::x, plain, Plain::I, 0.5).delay(delay);
            network.connect(back).unwrap();
            // The same once more, connection by connection, which is another way through the code.
            let each = network.add(Population::<Plain>::new("each", 1)).unwrap();
            let back = Projection::new(each, Plain::x, each, Plain::I, 0.5)
                .delays(Delays::from_fn(1.0, move |_, _| delay));
            network.connect(back).unwrap();
            let mut simulation = Simulation::with_options(network, 0.05, options).unwrap();
            simulation.run(5.0).unwrap();
            let expected = simulation.values(echo, Echo::x).unwrap()[0];
            for found in [
                simulation.values(plain, Plain::x).unwrap()[0],
                simulation.values(each, Plain::x).unwrap()[0],
            ] {
                let near = (found - expected).abs() < 1e-12;
                assert!(near, "{integrator}, {delay}: {found} {expected}");
            }
        }
    }
}

#[test]
fn frozen_delays_are_rounded_to_steps() {
    let (n, dt) = (9, 0.1);
    let w = weights(n, 5);
    let d = matrix(n, n, 6, |u| 3.0 * u);
    let rounded = d.mapv(|d| (d / dt).round() * dt);
    let run = |d: &Array2<f64>, delivery| {
        simulated(n, 90, dt, Options { delivery, ..quiet() }, |network, p| {
            let tracts = Projection::new(p, Node::x, p, Node::I, &w);
            network.connect(tracts.delays(Delays::matrix(1.0, d))).unwrap();
        })
    };
    assert_eq!(run(&d, Delivery::Frozen), run(&rounded, Delivery::PerStage));
    assert_ne!(run(&d, Delivery::Frozen), run(&d, Delivery::PerStage));
}

#[test]
fn the_past_of_what_is_sent_can_be_told() {
    let (dt, delay) = (0.1, 0.73);
    let mut network = Network::new();
    let p = network.add(nodes(2).history_fn(Node::x, |t, unit| t.sin() + unit as f64)).unwrap();
    let w = arr2(&[[0.0, 0.4], [-0.3, 0.1]]);
    let tracts = Projection::new(p, Node::x, p, Node::I, &w);
    network.connect(tracts.delays(Delays::from_fn(1.0, move |_, _| delay))).unwrap();
    let mut simulation = Simulation::with_options(network, dt, quiet()).unwrap();
    simulation.run(dt).unwrap();
    let x = simulation.values(p, Node::x).unwrap();
    for unit in 0..2 {
        let past = |j: usize| {
            let (newer, older) = ((-0.7_f64).sin(), (-0.8_f64).sin());
            newer + 0.3 * (older - newer) + j as f64
        };
        let arrives = w[[unit, 0]] * past(0) + w[[unit, 1]] * past(1);
        let expected = start(unit) + dt * (-0.3 * start(unit) + arrives);
        assert!((x[unit] - expected).abs() < 1e-12, "{} {expected}", x[unit]);
    }
}

#[test]
fn outputs_that_pass_inputs_on_can_be_sent_late() {
    // passed(n) = x(n) + 0.1 I(n), and I(n) = w passed(n - 3).
    let (dt, w) = (0.1, 0.6);
    let mut network = Network::new();
    let p = network.add(nodes(1)).unwrap();
    network.connect(Projection::new(p, Node::passed, p, Node::I, w).delay(0.3)).unwrap();
    let mut simulation = Simulation::with_options(network, dt, quiet()).unwrap();
    simulation.record(p, Node::passed).unwrap();
    simulation.run(4.0).unwrap();
    let found = simulation.trace(p, Node::passed).unwrap().values;
    // Before t = 0 it was what it would have been at t = 0, had its own past been 0.
    let (mut x, mut y, mut passed) = (start(0), 0.0, Vec::<f64>::new());
    for step in 0..40_usize {
        let input = w * step.checked_sub(3).map_or(start(0), |step| passed[step]);
        passed.push(x + 0.1 * input);
        assert!((found[[step, 0]] - passed[step]).abs() < 1e-12, "step {step}");
        let next = x + dt * (-0.3 * x - 0.7 * y + input);
        (x, y) = (next, y + dt * (-0.3 * y + 0.7 * x));
    }
}

/// A coupling function as a hand-written loop has it: `each(x_j, x_i)`, `total(sum, x_i)`.
type ByHand = (fn(f64, f64) -> f64, fn(f64, f64) -> f64);

#[test]
fn coupling_functions_are_their_formulas() {
    let dt = 0.05;
    for n in [2, 19, 33] {
        let w = weights(n, 8) * n as f64;
        // On steps: between them, what a function makes of values is interpolated, not the values.
        let d = matrix(n, n, 9, |u| dt * (40.0 * u).round());
        let cases: [(&str, ByHand); 5] = [
            ("kuramoto", (|a, b| (a - b).sin(), |s, _| 0.4 * s)),
            ("diffusive", (|a, b| a - b, |s, _| 0.1 * s)),
            ("sigmoidal", (|a, _| a, |s, _| -1.0 + 2.0 / (1.0 + (-(s - 0.2) / 1.5_f64).exp()))),
            ("pre", (|a, _| 0.005 / (1.0 + (0.56 * (6.0 - a)).exp()), |s, _| 3.0 * s)),
            ("tanh", (|a, _| 1.0 + ((a - 0.1) / 0.8).tanh(), |s, _| s)),
        ];
        for (name, (each, total)) in cases {
            for delay in ["none", "one", "each"] {
                let steps = |i: usize, j: usize| match delay {
                    "none" => 0.0,
                    "one" => 0.6 / dt,
                    _ => d[[i, j]] / dt,
                };
                let expected = by_hand(n, 60, dt, start, |past, i| {
                    let own = past.last().unwrap()[i];
                    let sent = |j| each(read(past, j, steps(i, j), start(j)), own);
                    total((0..n).map(|j| w[[i, j]] * sent(j)).sum(), own)
                });
                let found = simulated(n, 60, dt, quiet(), |network, p| {
                    let plain = Projection::new(p, Node::x, p, Node::I, &w);
                    let plain = match delay {
                        "none" => plain,
                        "one" => plain.delay(0.6),
                        _ => plain.delays(Delays::matrix(1.0, &d)),
                    };
                    match name {
                        "kuramoto" => network.connect(
                            plain
                                .coupling(Coupled::<Kuramoto>::new().set(Kuramoto::K, 0.4))
                                .against(p, Node::x),
                        ),
                        "diffusive" => network.connect(
                            plain
                                .coupling(Coupled::<Diffusive>::new().set(Diffusive::a, 0.1))
                                .against(p, Node::x),
                        ),
                        "sigmoidal" => {
                            let coupled = Coupled::<Sigmoidal>::new()
                                .set(Sigmoidal::m, 0.2)
                                .set(Sigmoidal::σ, 1.5);
                            network.connect(plain.coupling(coupled))
                        }
                        "pre" => network
                            .connect(plain.coupling(
                                Coupled::<PreSigmoidal>::new().set(PreSigmoidal::a, 3.0),
                            )),
                        _ => {
                            let coupled = Coupled::<HyperbolicTangent>::new()
                                .set(HyperbolicTangent::m, 0.1)
                                .set(HyperbolicTangent::σ, 0.8);
                            network.connect(plain.coupling(coupled))
                        }
                    }
                    .unwrap();
                });
                agree(&found, &expected);
            }
        }
    }
}

#[test]
fn angles_may_be_large() {
    for (pairs, far) in [(5, 1e3), (40, 3e9)] {
        let mut network = Network::new();
        let angle = move |unit: usize| far * number(unit + 50);
        let p = Population::<Node>::new("p", pairs).init(Node::x, Values::from_fn(angle));
        let p = network.add(p).unwrap();
        let wired = Projection::new(p, Node::x, p, Node::I, 0.01);
        let coupled = Coupled::<Kuramoto>::new();
        network.connect(wired.coupling(coupled).against(p, Node::x)).unwrap();
        let mut simulation = Simulation::with_options(network, 0.1, quiet()).unwrap();
        simulation.run(0.1).unwrap();
        for (i, found) in simulation.values(p, Node::x).unwrap().iter().enumerate() {
            let sum: f64 = (0..pairs).map(|j| 0.01 * (angle(j) - angle(i)).sin()).sum();
            let expected = angle(i) + 0.1 * (-0.3 * angle(i) + sum);
            assert!((found - expected).abs() < 1e-12 * far, "{i}: {found} {expected}");
        }
    }
}

#[test]
fn couplings_of_ones_own_have_units() {
    let mut network = Network::new();
    let p = Population::<Rate>::new("p", 3).init(Rate::r, [1.0, -2.0, 4.0]);
    let p = network.add(p).unwrap();
    let w = arr2(&[[0.0, 1.0, 0.5], [0.2, 0.0, -1.0], [1.0, 0.0, 0.3]]);
    let coupled = Coupled::<Shunting>::new().set(Shunting::gain, 1.5);
    let projection = Projection::new(p, Rate::r, p, Rate::I, &w).coupling(coupled);
    network.connect(projection.against(p, Rate::r)).unwrap();
    let mut simulation = Simulation::with_options(network, ms(0.5), quiet()).unwrap();
    simulation.run(ms(0.5)).unwrap();
    let r = [1.0_f64, -2.0, 4.0];
    for (i, found) in simulation.values(p, Rate::r).unwrap().iter().enumerate() {
        let each = |j: usize| {
            let mixed = r[j] - 0.5 * r[i];
            mixed / (3.0 + mixed.abs())
        };
        let sum: f64 = (0..3).map(|j| w[[i, j]] * each(j)).sum();
        let expected = r[i] + 0.05 * (-r[i] + 1.5 * sum / (1.0 + r[i].abs()));
        assert!((found - expected).abs() < 1e-12, "unit {i}: {found} {expected}");
    }
}

#[test]
fn single_precision_and_instruction_sets_agree() {
    let (n, dt) = (40, 0.1);
    let w = weights(n, 11);
    let d = matrix(n, n, 12, |u| 5.0 * u);
    let run = |arithmetic| {
        let mut network = Network::<f32>::with_precision();
        let p = network.add(nodes(n)).unwrap();
        let tracts = Projection::new(p, Node::x, p, Node::I, &w);
        network.connect(tracts.delays(Delays::matrix(1.0, &d))).unwrap();
        let options = Options { arithmetic, ..quiet() };
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        simulation.run(10.0).unwrap();
        simulation.values(p, Node::x).unwrap().to_vec()
    };
    let expected = by_hand(n, 100, dt, start, |past, i| {
        (0..n).map(|j| w[[i, j]] * read(past, j, d[[i, j]] / dt, start(j))).sum()
    });
    for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
        for (found, expected) in run(arithmetic).iter().zip(&expected[100]) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

/// Connects something.
type Wire<'a> = dyn Fn(&mut Network, PopulationId<Node>) -> Result<(), Error> + 'a;

#[test]
#[allow(clippy::too_many_lines, reason = "a list of cases with their messages")]
fn wrong_wiring_does_not_build() {
    let fails = |wire: &Wire<'_>| {
        let mut network = Network::new();
        let p = network.add(nodes(2)).unwrap();
        match wire(&mut network, p) {
            Err(error) => error.to_string(),
            Ok(()) => match Simulation::with_options(network, 0.1, quiet()) {
                Err(error) => error.to_string(),
                Ok(_) => panic!("it builds"),
            },
        }
    };
    let plain = |p, w: Weights| Projection::new(p, Node::x, p, Node::I, w);
    let cases: Vec<(String, &str)> = vec![
        (
            fails(&|network, p| {
                network.connect(plain(p, 1.0.into()))?;
                network.connect(plain(p, 2.0.into()))
            }),
            "`x` of `nodes` is projected to input `I` of `nodes` twice: if that is meant, name one of \
             them with `Projection::named`",
        ),
        (
            fails(&|network, p| network.connect(plain(p, Weights::sparse([(0, 2, 1.0)])))),
            "there is no connection from unit 2 of `nodes` to unit 0 of `nodes`: they have 2 and 2 \
             units, counted from 0; connections are given as (target, source, weight)",
        ),
        (
            fails(&|network, p| network.connect(plain(p, Weights::sparse([(1, 0, f64::NAN)])))),
            "the weight from unit 0 of `nodes` to unit 1 of `nodes` is NaN: give a finite number",
        ),
        (
            fails(&|network, p| {
                network.connect(plain(p, 1.0.into()).delays(Delays::matrix(1.0, &arr2(&[[1.0]]))))
            }),
            "delays from `nodes` to `nodes` have shape [1, 1], expected [2, 2] (row = target, column \
             = source)",
        ),
        (
            fails(&|network, p| {
                let d = arr2(&[[1.0, -2.0], [1.0, 1.0]]);
                network.connect(plain(p, 1.0.into()).delays(Delays::matrix(1.0, &d)))
            }),
            "the projection from `nodes` to `nodes` is delayed by -2: that is from unit 1 to unit 0; \
             a delay is finite and not negative",
        ),
        (
            fails(&|network, p| network.connect(plain(p, 1.0.into()).delay(f64::INFINITY))),
            "the projection from `nodes` to `nodes` is delayed by inf: a delay is finite and not \
             negative",
        ),
        (
            fails(&|network, p| network.connect(plain(p, 1.0.into()).delay(1e14))),
            "the projection from `nodes` to `nodes` is delayed by 100000000000000: that many steps do \
             not fit into memory",
        ),
        (
            fails(&|network, p| network.connect(plain(p, 1.0.into()).delay(ms(1.0)))),
            "1 ms and dt = 0.1 cannot be compared: give both with a unit, as in `ms(1.0)`, or both \
             without",
        ),
        (
            fails(&|network, p| {
                let lengths = arr2(&[[1.0, 2.0], [1.0, 1.0]]);
                network.connect(plain(p, 1.0.into()).delays(Delays::tracts(&lengths, 0.0)))
            }),
            "the conduction speed from `nodes` to `nodes` is 0 m/s: give a positive, finite one",
        ),
        (
            fails(&|network, p| {
                network.connect(Projection::new(p, Node::passed, p, Node::I, 1.0).delay(0.05))
            }),
            "output `passed` of `nodes` depends on an input, so a projection of it without delay has \
             no order of evaluation: project a state, or an output made of states and parameters",
        ),
        (
            fails(&|network, p| {
                network.connect(plain(p, 1.0.into()).coupling(Coupled::<Kuramoto>::new()))
            }),
            "coupling `Kuramoto` from `nodes` to `nodes` reads `θ_i` of its target: say which state or \
             output of `nodes` that is with `Projection::against`",
        ),
        (
            fails(&|network, p| {
                let coupled = Coupled::<Sigmoidal>::new().set(Sigmoidal::σ, -1.0);
                network.connect(plain(p, 1.0.into()).coupling(coupled))
            }),
            "parameter `σ` of coupling `Sigmoidal` is -1, but it wants `σ > 0`",
        ),
        (
            fails(&|network, p| {
                let coupled = Coupled::<Shunting>::new();
                network.connect(plain(p, 1.0.into()).coupling(coupled).against(p, Node::x))
            }),
            "coupling `Shunting` from `nodes` to `nodes`: `r_j` is Hz, but it is connected to a pure \
             number: declare both alike",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    // Twice on purpose.
    let mut network = Network::new();
    let p = network.add(nodes(2)).unwrap();
    network.connect(plain(p, 1.0.into())).unwrap();
    network.connect(plain(p, 2.0.into()).delay(0.5).named("slow")).unwrap();
}

rate_model! {
    /// Shows what it is given.
    model Shown {
        input I;
        state x = 0;
        output y = I;
        dx/dt = -x;
    }
}

fn sums_of_a_matrix<T: Real>(targets: usize, rounded: fn(f64) -> f64) {
    let weight = |at: (usize, usize)| ((31 * at.0 + 17 * at.1) % 101) as f64 / 7.0 - 5.0;
    let value = |unit: usize| 0.3 + unit as f64 / 3.0;
    let mut network = Network::<T>::with_precision();
    let from = Population::<Shown>::new("from", 5).init(Shown::x, Values::from_fn(value));
    let from = network.add(from).unwrap();
    let to = network.add(Population::<Shown>::new("to", targets)).unwrap();
    let weights = Array2::from_shape_fn((targets, 5), weight);
    network.project(from, Shown::x, to, Shown::I, weights).unwrap();
    let arithmetic = Arithmetic::Reproducible;
    let options = Options { arithmetic, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.run(steps(0)).unwrap();
    let found = simulation.values(to, Shown::y).unwrap();
    for (target, found) in found.iter().enumerate() {
        let products =
            (0..5).map(|unit| rounded(rounded(weight((target, unit))) * rounded(value(unit))));
        let expected = products.fold(0.0, |sum, product| rounded(sum + product));
        assert_eq!(found.to_f64(), expected, "{targets} {target}");
    }
    assert_eq!(found.len(), targets);
}

#[test]
#[allow(clippy::cast_possible_truncation, reason = "rounding is meant")]
fn a_matrix_of_any_size_is_its_sums_in_order() {
    for targets in [0, 1, 63, 64, 65, 127, 128, 129, 191, 255, 256, 257, 320, 511, 577] {
        sums_of_a_matrix::<f64>(targets, |x| x);
        sums_of_a_matrix::<f32>(targets, |x| f64::from(x as f32));
    }
}

/// What arrives from some of so many sources, at once and late, which is another way through the code.
fn sums_of_connections<T: Real>(
    [targets, sources]: [usize; 2],
    delay: Option<f64>,
    rounded: fn(f64) -> f64,
) {
    // Some are given twice.
    let weights = |target: usize, source: usize| {
        let weight = ((31 * target + 17 * source) % 101) as f64 - 50.3;
        let again = (target + source).is_multiple_of(5).then_some(weight / 3.0);
        std::iter::once(weight).chain(again).map(move |weight| (source, weight))
    };
    let value = |unit: usize| 0.3 + unit as f64 / 3.0;
    // Rows of different length, some of none, one of many; the last source is among those of the first target.
    let row = |target: usize| {
        let count = if target == 3 { 700 } else { (7 * target + 20) % 41 };
        let some = (0..count).map(|k| (7919 * target + 10_007 * k + sources - 1) % sources);
        some.collect::<BTreeSet<_>>()
    };
    let mut network = Network::<T>::with_precision();
    let from = Population::<Shown>::new("from", sources).init(Shown::x, Values::from_fn(value));
    let from = network.add(from).unwrap();
    let to = network.add(Population::<Shown>::new("to", targets)).unwrap();
    // In another order than they are summed up.
    let of = |target: usize| row(target).into_iter().rev().flat_map(move |j| weights(target, j));
    let given = (0..targets).flat_map(|i| of(i).map(move |(j, weight)| (i, j, weight)));
    let given = Weights::sparse(given.collect::<Vec<_>>());
    let projection = Projection::new(from, Shown::x, to, Shown::I, given);
    network
        .connect(if let Some(delay) = delay { projection.delay(delay) } else { projection })
        .unwrap();
    let arithmetic = Arithmetic::Reproducible;
    let options = Options { arithmetic, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.run(steps(0)).unwrap();
    let found = simulation.values(to, Shown::y).unwrap();
    for (target, found) in found.iter().enumerate() {
        let all = row(target).into_iter().flat_map(|source| weights(target, source));
        let products =
            all.map(|(source, weight)| rounded(rounded(weight) * rounded(value(source))));
        let expected = products.fold(0.0, |sum, product| rounded(sum + product));
        assert_eq!(found.to_f64(), expected, "{sources} to {target} of {targets}");
    }
}

/// Sources come in windows, targets in blocks, and in these in slices.
#[test]
#[allow(clippy::cast_possible_truncation, reason = "rounding is meant")]
fn few_connections_from_any_number_of_sources_are_their_sums_in_order() {
    let of_sources = [1, 40, 8191, 8192, 8193, 65_535, 65_536, 65_537, 140_000];
    let of_targets = [0, 1, 15, 16, 17, 63, 64, 65, 2048, 2100];
    let sizes = of_sources.map(|sources| [70, sources]);
    for size in sizes.into_iter().chain(of_targets.map(|targets| [targets, 1000])) {
        for delay in [None, Some(1.6)] {
            sums_of_connections::<f64>(size, delay, |x| x);
            sums_of_connections::<f32>(size, delay, |x| f64::from(x as f32));
        }
    }
}

rate_model! {
    model Leaky {
        input I;
        state x = 0;
        2*dx/dt = -x + I;
    }
}

/// So many connections that their past does not fit into the nearest cache at once.
#[test]
fn many_delayed_connections_are_a_loop_over_all() {
    const UNITS: usize = 150;
    let weight = |i: usize, j: usize| ((13 * i + 7 * j) % 29) as f64 * 1e-3 - 0.01;
    let delay = |i: usize, j: usize| 1 + (31 * i + 17 * j) % 120;
    let start = |unit: usize| (unit % 11) as f64 - 5.0;
    let mut network = Network::new();
    let units = Population::<Leaky>::new("units", UNITS).init(Leaky::x, Values::from_fn(start));
    let units = network.add(units).unwrap();
    let weights = Array2::from_shape_fn((UNITS, UNITS), |(i, j)| weight(i, j));
    let delays = Array2::from_shape_fn((UNITS, UNITS), |(i, j)| 0.1 * delay(i, j) as f64);
    let tracts = Projection::new(units, Leaky::x, units, Leaky::I, weights);
    network.connect(tracts.delays(Delays::matrix(1.0, &delays))).unwrap();
    let mut simulation = Simulation::new(network, 0.1).unwrap();
    simulation.run(steps(230)).unwrap();

    let mut past: Vec<Vec<f64>> = vec![(0..UNITS).map(start).collect()];
    for step in 0..230_usize {
        let next = (0..UNITS).map(|i| {
            let late = |j: usize| past[step.saturating_sub(delay(i, j))][j];
            let input: f64 = (0..UNITS).map(|j| weight(i, j) * late(j)).sum();
            past[step][i] + 0.1 * (input - past[step][i]) / 2.0
        });
        past.push(next.collect());
    }
    for (found, expected) in simulation.values(units, Leaky::x).unwrap().iter().zip(&past[230]) {
        assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
    }
}
