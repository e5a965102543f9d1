//! Projections between populations, against double loops written by hand.

use ndarray::Array2;
use rate_model::lanes::Real;
use rate_model::prelude::*;

/// Targets and sources of projections: around the block of 64 units, and not square.
const SIZES: [(usize, usize); 9] =
    [(0, 3), (3, 0), (1, 1), (1, 65), (65, 1), (64, 64), (63, 129), (128, 2), (130, 63)];

rate_model! {
    /// Two inputs; an output that is not a state, and one that shows what arrived.
    model Linear {
        param tau = 10 where tau > 0;
        param gain = 0.5;
        input I;
        input J = 0.25;
        state x = 1;
        tau dx/dt = -x + I + 0.5*J;
        output squared = gain*x^2;
        let received = I;
        let received_too = J;
    }

    /// Another model with two states.
    model Cubic {
        input drive;
        state u = 0.5;
        state w = 0.1;
        du/dt = u - u^3 - w + drive;
        dw/dt = 0.1*(u - w);
    }

    /// Time in milliseconds, rate in hertz.
    model Quick {
        param tau: ms = 5 where tau > 0;
        input I: pA;
        state r: Hz = 4;
        tau dr/dt = -r + 2 Hz/(1 pA)*I;
    }

    /// Time in seconds, current in nanoampere.
    model Slow {
        time t: s;
        param tau: s = 0.1 where tau > 0;
        input rate: kHz;
        state a: nA = 0.002;
        tau da/dt = -a + 3 nA/(1 kHz)*rate;
    }
}

const REPRODUCIBLE: Options =
    Options { arithmetic: Arithmetic::Reproducible, progress: false, ..Options::DEFAULT };

/// Weights without any symmetry, of either sign.
fn weights(targets: usize, sources: usize) -> Array2<f64> {
    let weight = |(i, j)| (1.3 * i as f64 + 0.7 * j as f64).sin() / sources as f64;
    Array2::from_shape_fn((targets, sources), weight)
}

/// Values without any symmetry.
fn ramp(units: usize) -> Vec<f64> {
    (0..units).map(|unit| (0.37 * unit as f64).cos()).collect()
}

/// Σ weight × source for each target, in the order of the sources.
fn product(weights: &Array2<f64>, sources: &[f64]) -> Vec<f64> {
    let sum = |row: usize| {
        let mut sum = 0.0;
        for (column, value) in sources.iter().enumerate() {
            sum += weights[[row, column]] * value;
        }
        sum
    };
    (0..weights.nrows()).map(sum).collect()
}

fn added(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn linear(name: &str, units: usize) -> Population<Linear> {
    Population::new(name, units).init(Linear::x, ramp(units))
}

fn simulate<T: Real>(network: Network<T>) -> Simulation<T> {
    Simulation::with_options(network, 0.1, REPRODUCIBLE).unwrap()
}

/// What arrives at `I`, seen through the auxiliary that shows it.
fn received<T: Real>(network: Network<T>, at: PopulationId<Linear>) -> Vec<T> {
    let mut simulation = simulate(network);
    simulation.record(at, Linear::received).unwrap();
    simulation.run(steps(0)).unwrap();
    simulation.values(at, Linear::received).unwrap().to_vec()
}

/// Every target receives the weighted sum of all sources: same bits as the double loop.
#[test]
fn targets_receive_weighted_sums() {
    for (targets, sources) in SIZES {
        let mut network = Network::new();
        let from = network.add(linear("from", sources)).unwrap();
        let to = network.add(linear("to", targets)).unwrap();
        let matrix = weights(targets, sources);
        network.project(from, Linear::x, to, Linear::I, &matrix).unwrap();
        assert_eq!(
            received(network, to),
            product(&matrix, &ramp(sources)),
            "{targets} from {sources}"
        );
    }
}

/// In single precision: weights and states rounded to `f32`, products and sums in `f32`.
#[test]
#[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is what is tested")]
fn single_precision_sums_in_single_precision() {
    for (targets, sources) in SIZES {
        let mut network = Network::<f32>::with_precision();
        let from = network.add(linear("from", sources)).unwrap();
        let to = network.add(linear("to", targets)).unwrap();
        let matrix = weights(targets, sources);
        network.project(from, Linear::x, to, Linear::I, &matrix).unwrap();
        let by_hand = |row: usize| {
            let mut sum = 0.0_f32;
            for (column, value) in ramp(sources).into_iter().enumerate() {
                sum += matrix[[row, column]] as f32 * value as f32;
            }
            sum
        };
        let expected: Vec<f32> = (0..targets).map(by_hand).collect();
        assert_eq!(received(network, to), expected, "{targets} from {sources}");
    }
}

/// Stimuli come first, then projections in the order in which they were made; nothing is lost of
/// what goes to another input.
#[test]
fn everything_sent_to_one_input_adds_up() {
    let (units, others) = (67, 5);
    let mut network = Network::new();
    let here = network.add(linear("here", units)).unwrap();
    let there = network.add(linear("there", others)).unwrap();
    let (own, far, again) = (weights(units, units), weights(units, others), weights(units, units));
    network.project(here, Linear::x, here, Linear::I, &own).unwrap();
    network.stimulate(here, Linear::I, 0.125).unwrap();
    network.project(there, Linear::squared, here, Linear::I, &far).unwrap();
    network.project(here, Linear::squared, here, Linear::J, &again).unwrap();
    network.stimulate(here, Linear::I, ramp(units)).unwrap();

    let square = |units: usize| ramp(units).iter().map(|x| 0.5 * (x * x)).collect::<Vec<_>>();
    let stimuli = added(&vec![0.125; units], &ramp(units));
    let near = added(&stimuli, &product(&own, &ramp(units)));
    let expected = added(&near, &product(&far, &square(others)));

    let mut simulation = simulate(network);
    simulation.record(here, Linear::received).unwrap();
    simulation.record(here, Linear::received_too).unwrap();
    simulation.record(there, Linear::received_too).unwrap();
    simulation.run(steps(0)).unwrap();
    assert_eq!(simulation.values(here, Linear::received).unwrap(), expected);
    // The default of `J` counts only where nothing is connected.
    let again = product(&again, &square(units));
    assert_eq!(simulation.values(here, Linear::received_too).unwrap(), again);
    assert_eq!(simulation.values(there, Linear::received_too).unwrap(), [0.25; 5]);
}

/// Two populations of different models, each projecting to itself and to the other, one of them
/// through an output: the same bits as a loop that computes all inputs before any state moves,
/// whichever population was added first.
#[test]
fn coupled_populations_follow_a_double_loop() {
    let (n, m, dt) = (65, 66, 0.1);
    let (nn, nm, mn, mm) = (weights(n, n), weights(n, m), weights(m, n), weights(m, m));
    let mut x = ramp(n);
    let (mut u, mut w) = (vec![0.5; m], vec![0.1; m]);
    for _ in 0..40 {
        let squared: Vec<f64> = x.iter().map(|x| 0.5 * (x * x)).collect();
        let i = added(&product(&nn, &x), &product(&nm, &u));
        let drive = added(&product(&mn, &squared), &product(&mm, &w));
        for (x, i) in x.iter_mut().zip(&i) {
            *x += (-*x + i + 0.5 * 0.25) / 10.0 * dt;
        }
        for ((u, w), drive) in u.iter_mut().zip(&mut w).zip(&drive) {
            let du = *u - *u * *u * *u - *w + drive;
            let dw = 0.1 * (*u - *w);
            *u += du * dt;
            *w += dw * dt;
        }
    }
    for linear_first in [true, false] {
        let mut network = Network::new();
        let (lines, cubes) = if linear_first {
            let lines = network.add(linear("lines", n)).unwrap();
            (lines, network.add(Population::<Cubic>::new("cubes", m)).unwrap())
        } else {
            let cubes = network.add(Population::<Cubic>::new("cubes", m)).unwrap();
            (network.add(linear("lines", n)).unwrap(), cubes)
        };
        network.project(lines, Linear::x, lines, Linear::I, &nn).unwrap();
        network.project(cubes, Cubic::u, lines, Linear::I, &nm).unwrap();
        network.project(lines, Linear::squared, cubes, Cubic::drive, &mn).unwrap();
        network.project(cubes, Cubic::w, cubes, Cubic::drive, &mm).unwrap();
        let mut simulation = simulate(network);
        simulation.run(steps(40)).unwrap();
        assert_eq!(simulation.values(lines, Linear::x).unwrap(), x);
        assert_eq!(simulation.values(cubes, Cubic::u).unwrap(), u);
        assert_eq!(simulation.values(cubes, Cubic::w).unwrap(), w);
    }
}

/// A projected output shows the states and parameters of the present step, also after a parameter
/// was changed between runs.
#[test]
fn projected_outputs_are_up_to_date() {
    let mut network = Network::new();
    let from = network.add(linear("from", 3)).unwrap();
    let to = network.add(linear("to", 2)).unwrap();
    let matrix = weights(2, 3);
    network.project(from, Linear::squared, to, Linear::I, &matrix).unwrap();
    let mut simulation = simulate(network);
    simulation.record(to, Linear::received).unwrap();
    for gain in [0.5, -2.0] {
        simulation.set(from, Linear::gain, gain).unwrap();
        simulation.run(steps(2)).unwrap();
        let x = simulation.values(from, Linear::x).unwrap();
        let squared: Vec<f64> = x.iter().map(|x| gain * (x * x)).collect();
        let found = simulation.values(to, Linear::received).unwrap();
        assert_eq!(found, product(&matrix, &squared));
    }
}

/// One model counts time in ms, the other in s; weights are in the target's unit per source unit.
/// Both follow one loop with everything in ms, Hz and pA. 500 steps of contracting dynamics with
/// conversions rounded once each.
#[test]
fn models_with_different_time_units_share_a_network() {
    let (to_slow, to_quick) = (0.001, -100.0); // kHz/Hz, pA/nA
    for dt in [ms(0.2), s(0.0002), us(200.0)] {
        let mut network = Network::new();
        let quick = network.add(Population::<Quick>::new("quick", 1)).unwrap();
        let slow = network.add(Population::<Slow>::new("slow", 1)).unwrap();
        let weight = |weight| Array2::from_elem((1, 1), weight);
        network.project(quick, Quick::r, slow, Slow::rate, weight(to_slow)).unwrap();
        network.project(slow, Slow::a, quick, Quick::I, weight(to_quick)).unwrap();
        let mut simulation = Simulation::with_options(network, dt, REPRODUCIBLE).unwrap();
        simulation.record(slow, Slow::a).unwrap();
        simulation.run(ms(100.0)).unwrap();

        let (mut r, mut a) = (4.0, 2.0); // Hz, pA
        for _ in 0..500 {
            let dr = (-r + 2.0 * to_quick * a / 1000.0) / 5.0;
            let da = (-a + 3.0 * r) / 100.0; // 3 nA/kHz is 3 pA/Hz
            (r, a) = (r + 0.2 * dr, a + 0.2 * da);
        }
        let found = [
            simulation.values(quick, Quick::r).unwrap()[0],
            simulation.values(slow, Slow::a).unwrap()[0] * 1000.0,
        ];
        for (found, expected) in found.into_iter().zip([r, a]) {
            assert!((found - expected).abs() < 1e-13, "{found} {expected} with dt = {dt}");
        }
        let trace = &simulation.recording().traces[0];
        assert_eq!((trace.time_unit.as_str(), trace.unit.as_str()), ("s", "nA"));
        assert!((trace.time[500] - 0.1).abs() < 1e-16);
    }
}

/// Units of a population with two axes are numbered in row-major order.
#[test]
fn populations_with_two_axes_are_numbered_row_by_row() {
    let grid = Array2::from_shape_fn((2, 3), |(row, column)| 10.0 * row as f64 + column as f64);
    let flat = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0];
    let mut network = Network::new();
    let population = Population::new("grid", [2, 3]).init(Linear::x, &grid);
    let from = network.add(population).unwrap();
    let to = network.add(linear("to", 4)).unwrap();
    let matrix = weights(4, 6);
    network.project(from, Linear::x, to, Linear::I, &matrix).unwrap();
    let mut simulation = simulate(network);
    simulation.record(to, Linear::received).unwrap();
    assert_eq!(simulation.values(from, Linear::x).unwrap(), flat);
    simulation.run(steps(0)).unwrap();
    assert_eq!(simulation.values(to, Linear::received).unwrap(), product(&matrix, &flat));
}

/// Weights may be any view of a matrix, here a transposed one.
#[test]
fn transposed_weights_are_read_by_row_and_column() {
    let matrix = weights(3, 5);
    let mut network = Network::new();
    let from = network.add(linear("from", 3)).unwrap();
    let to = network.add(linear("to", 5)).unwrap();
    network.project(from, Linear::x, to, Linear::I, &matrix.t()).unwrap();
    let expected = product(&matrix.t().to_owned(), &ramp(3));
    assert_eq!(received(network, to), expected);
}

/// Columns of a recording bear the labels of their units, or name and index.
#[test]
fn labels_of_units_reach_the_recording() {
    let mut network = Network::new();
    let named = network.add(linear("named", 3).labels(["V1", "V2", "MT"])).unwrap();
    let counted = network.add(linear("counted", 2)).unwrap();
    let mut simulation = simulate(network);
    simulation.monitor(Monitor::new(named, Linear::x).units([2, 0])).unwrap();
    simulation.record(counted, Linear::squared).unwrap();
    let labels = simulation.recording().traces.into_iter().map(|trace| trace.labels);
    assert_eq!(labels.collect::<Vec<_>>(), [["MT", "V1"], ["squared[0]", "squared[1]"]]);
}
