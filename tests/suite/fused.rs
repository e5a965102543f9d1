//! Where nothing outside has to see the units, a block of them takes many steps at once: the same bits
//! as step by step.

use ndarray::Array2;
use rate_model::lanes::Real;
use rate_model::prelude::*;

rate_model! {
    model Noisy {
        time t;
        param tau = 5 where tau > 0;
        param (σ, κ) = (0.3, 0.1);
        param τ_η = 3 where τ_η > 0;
        input I = 0.5;
        noise ξ: white;
        noise ζ: white;
        noise η: ou(τ_η);
        noise χ: ou(7);
        state x = 1 where x >= -0.2;
        state y = 0;
        output sum = x + y;
        tau dx/dt = -x + tanh(I + y + 0.2*η) + σ*ξ;
        tau dy/dt = -y + cos(0.3*t) + 0.1*χ + κ*x*ζ;
    }
    /// Sines of angles that vectors leave out.
    model Turning {
        param ω = 1;
        state θ = 3e6;
        dθ/dt = ω*(1 + 0.5*sin(θ));
    }
}

/// The states after some steps in pieces, step by step if asked to.
fn run<T: Real>(units: usize, options: Options, is_seen: bool) -> Vec<f64> {
    let mut network = Network::<T>::with_precision();
    let noisy = Population::<Noisy>::new("noisy", units)
        .set(Noisy::tau, Values::from_fn(|unit| 5.0 + unit as f64))
        .set(Noisy::τ_η, Values::from_fn(|unit| 3.0 + unit as f64));
    let noisy = network.add(noisy).unwrap();
    let turning = Population::<Turning>::new("turning", units)
        .set(Turning::ω, Values::from_fn(|unit| unit as f64));
    let turning = network.add(turning).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    if is_seen {
        simulation.record(noisy, Noisy::sum).unwrap();
    } else {
        // What is recorded now and then must not matter either.
        simulation.monitor(Monitor::new(noisy, Noisy::x).every(100)).unwrap();
        simulation.measure(Moments::new(noisy, Noisy::y).every(70).after(3.0)).unwrap();
    }
    // Once beyond the step at which all states are looked at.
    let last = if units == 65 { 1000 } else { 250 };
    for piece in [1, 0, 233, last] {
        simulation.run(steps(piece)).unwrap();
    }
    let numbers = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
    let mut all = numbers(simulation.values(noisy, Noisy::x).unwrap());
    all.extend(numbers(simulation.values(noisy, Noisy::y).unwrap()));
    all.extend(numbers(simulation.values(turning, Turning::θ).unwrap()));
    if !is_seen {
        let found = simulation.trace(noisy, Noisy::x).unwrap();
        assert_eq!(
            found.time.to_vec(),
            (0..=(234 + last) / 100).map(|row| 10.0 * row as f64).collect::<Vec<_>>()
        );
        assert_eq!(simulation.moments(noisy, Noisy::y).unwrap().count, (234 + last) / 70);
    }
    all
}

#[test]
fn many_steps_at_once_are_the_same_steps() {
    let integrators = [Integrator::Euler, Integrator::ExponentialEuler, Integrator::Milstein];
    for units in [0, 1, 63, 64, 65, 130] {
        for (index, integrator) in integrators.into_iter().enumerate() {
            // Every size, method and arithmetic; not all with all, which takes long.
            let arithmetics = [Arithmetic::Fast, Arithmetic::Reproducible];
            let arithmetic = arithmetics[(index + units) % 2];
            let options = Options { integrator, arithmetic, progress: false, ..Options::default() };
            let at_once = run::<f64>(units, options, false);
            assert_eq!(at_once, run::<f64>(units, options, true), "{units} {options:?}");
            assert_eq!(at_once.len(), 3 * units);
        }
        let options = Options { seed: 3, progress: false, ..Options::default() };
        assert_eq!(run::<f32>(units, options, false), run::<f32>(units, options, true));
    }
}

rate_model! {
    /// Two states that are sent, one of them noisy, and correlated noise.
    model Node {
        param (G, σ) = (0.4, 0.05);
        input c = 0.1;
        input d;
        noise ξ: white;
        noise η: ou(4);
        state E = 0.1 where 0 <= E <= 1;
        state I = 0;
        output difference = E - I + c;
        3*dE/dt = -E + (1 - E)*sigmoid(3*(2*E - I + G*c + 0.1*η) - 1) + σ*ξ;
        4*dI/dt = -I + tanh(E + d);
    }
}

/// Nodes that send their past to each other and to others; delays from 8 steps on are known ahead.
fn coupled<T: Real>(
    [units, others]: [usize; 2],
    shortest: f64,
    options: Options,
    is_seen: bool,
) -> Vec<f64> {
    let mut network = Network::<T>::with_precision();
    let [first, second] = [("first", units), ("second", others)]
        .map(|(name, len)| network.add(Population::<Node>::new(name, len)).unwrap());
    let connections = [
        (first, Node::E, first, Node::c, [units, units]),
        (first, Node::I, second, Node::c, [others, units]),
        (second, Node::E, first, Node::c, [units, others]),
        (second, Node::E, second, Node::d, [others, others]),
    ];
    for (seed, (from, source, to, input, shape)) in connections.into_iter().enumerate() {
        let mix = |(i, j): (usize, usize)| (37 * i + 101 * j + 13 * seed) % 97;
        let weights = Array2::from_shape_fn(shape, |at| 0.02 * (mix(at) as f64 - 30.0));
        let delays = Array2::from_shape_fn(shape, |at| shortest + 0.1 * (mix(at) % 61) as f64);
        let name = format!("tract {seed}");
        let tracts =
            Projection::new(from, source, to, input, weights).delays(Delays::matrix(1.0, &delays));
        network.connect(tracts.named(name)).unwrap();
    }
    let weights = Weights::from_fn(move |i, j| 0.1 * ((7 * i + 3 * j) % 5) as f64 / units as f64);
    let all_alike = Projection::new(first, Node::difference, second, Node::d, weights);
    network.connect(all_alike.delay(shortest + 0.4)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    if is_seen {
        simulation.record(first, Node::difference).unwrap();
    } else {
        simulation.monitor(Monitor::new(first, Node::difference).every(50)).unwrap();
        simulation.measure(Moments::new(second, Node::E).every(37).after(3.0)).unwrap();
    }
    for piece in [3, 0, 70, 100] {
        simulation.run(steps(piece)).unwrap();
        // In the middle of what is computed ahead: it stays what it is, or is computed again.
        let changed = simulation.values(first, Node::I).unwrap()[0].to_f64() + 0.1;
        simulation.set_state(first, Node::I, changed).unwrap();
        simulation.set(second, Node::G, 0.1 * (piece % 7) as f64).unwrap();
    }
    let all = [(first, Node::E), (first, Node::I), (second, Node::E), (second, Node::I)];
    let values = all.map(|(population, state)| {
        let values = simulation.values(population, state).unwrap();
        values.iter().map(|value| value.to_f64()).collect::<Vec<_>>()
    });
    let trace = simulation.trace(first, Node::difference).unwrap();
    let seen = trace.time.iter().zip(trace.values.rows()).filter(|(time, _)| **time % 5.0 == 0.0);
    let seen = seen.flat_map(|(_, row)| row.to_vec()).map(Real::to_f64);
    values.into_iter().flatten().chain(seen).collect()
}

#[test]
fn delayed_networks_go_as_far_ahead_as_what_arrives_is_known() {
    for sizes in [[1, 1], [2, 63], [64, 1], [65, 17], [80, 130]] {
        for shortest in [0.0, 0.8, 1.0, 3.2] {
            for arithmetic in [Arithmetic::Fast, Arithmetic::Reproducible] {
                let options = Options { arithmetic, progress: false, ..Options::default() };
                let at_once = coupled::<f64>(sizes, shortest, options, false);
                let expected = coupled::<f64>(sizes, shortest, options, true);
                assert!(at_once == expected, "{sizes:?} {shortest} {arithmetic:?}");
            }
        }
        let options = Options { seed: 3, progress: false, ..Options::default() };
        let at_once = coupled::<f32>(sizes, 0.85, options, false);
        assert!(at_once == coupled::<f32>(sizes, 0.85, options, true), "{sizes:?}");
    }
    // Enough units for threads to share them.
    let threads = [Threads::Exactly(1), Threads::Exactly(3)];
    let [one, three] = threads.map(|threads| {
        let options = Options { threads, progress: false, ..Options::default() };
        coupled::<f32>([700, 30], 1.6, options, false)
    });
    assert!(one == three);
}

rate_model! {
    model Shared {
        noise ξ: white;
        noise ζ: white;
        state x = 1;
        dx/dt = -x + 0.3*ξ + 0.1*ζ;
    }
}

#[test]
fn noise_that_units_share_is_drawn_ahead() {
    for units in [1, 63, 65] {
        let run = |is_seen: bool| {
            let mixing = Array2::from_shape_fn((units, 3), |(unit, source)| {
                0.1 * (unit % 7) as f64 + 0.2 * source as f64
            });
            let mut network = Network::new();
            let population = Population::<Shared>::new("p", units).mix(Shared::ξ, mixing);
            let population = network.add(population).unwrap();
            let mut simulation = Simulation::new(network, 0.1).unwrap();
            if is_seen {
                simulation.record(population, Shared::x).unwrap();
            }
            simulation.run(steps(123)).unwrap();
            simulation.values(population, Shared::x).unwrap().to_vec()
        };
        assert_eq!(run(false), run(true));
    }
}
