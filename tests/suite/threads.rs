//! Any number of threads gives the same bits.

use rate_model::prelude::*;

rate_model! {
    model Noisy {
        param tau = 10 where tau > 0;   param σ = 0.5;
        param slow = 50 where slow > 0;
        input I = 1;                    state x = 0 where x >= 0;
        noise ξ: white;                 noise η: ou(slow);
        output y = tanh(x);
        tau dx/dt = -x + relu(I + η) + σ*ξ;
    }
}

/// What a run of some steps ends with.
fn bits<T: rate_model::lanes::Real>(
    threads: Threads,
    integrator: Integrator,
    arithmetic: Arithmetic,
    count: u64,
    build: impl Fn(&mut Network<T>) -> PopulationId<Noisy>,
) -> Vec<u64> {
    let mut network = Network::<T>::with_precision();
    let population = build(&mut network);
    let options =
        Options { threads, integrator, arithmetic, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.run(steps(count)).unwrap();
    let states = simulation.values(population, Noisy::x).unwrap();
    let outputs = simulation.values(population, Noisy::y).unwrap();
    states.iter().chain(outputs).map(|value| value.to_f64().to_bits()).collect()
}

fn assert_same<T: rate_model::lanes::Real>(
    integrator: Integrator,
    arithmetic: Arithmetic,
    count: u64,
    build: impl Fn(&mut Network<T>) -> PopulationId<Noisy>,
) {
    let run = |threads| bits(Threads::Exactly(threads), integrator, arithmetic, count, &build);
    let alone = run(1);
    assert!(alone.iter().any(|bits| *bits != alone[0]), "units differ");
    for threads in [2, 5] {
        assert!(run(threads) == alone, "{integrator}, {arithmetic:?}, {threads} threads");
    }
}

/// So many units that each thread has something to do, and the last block is not full.
const MANY: usize = 200_001;

#[test]
fn uncoupled_units_are_shared() {
    let spread = |network: &mut Network<f64>| {
        let inputs = Values::from_fn(|unit| unit as f64 / MANY as f64);
        let population = network.add(Population::<Noisy>::new("p", MANY)).unwrap();
        network.stimulate(population, Noisy::I, inputs).unwrap();
        population
    };
    assert_same(Integrator::Euler, Arithmetic::Fast, 2, spread);
    assert_same(Integrator::StochasticHeun, Arithmetic::Reproducible, 1, spread);
}

#[test]
fn many_steps_at_once_are_shared() {
    rate_model! {
        model White {
            param σ = 0.5;      state x = 0;
            noise ξ: white;     5*dx/dt = -x + σ*ξ;
        }
    }
    let run = |threads| {
        let mut network = Network::<f32>::with_precision();
        let population = network.add(Population::<White>::new("p", 1500)).unwrap();
        let options = Options { threads: Threads::Exactly(threads), ..Options::default() };
        let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
        simulation.run(steps(200)).unwrap();
        let values = simulation.values(population, White::x).unwrap();
        values.iter().map(|value| value.to_bits()).collect::<Vec<_>>()
    };
    let alone = run(1);
    assert!(run(2) == alone && run(7) == alone);
}

#[test]
fn sums_are_shared() {
    let n = 700;
    let weight = move |target: usize, source: usize| {
        0.01 * ((target * 7 + source * 13) % 29) as f64 / n as f64 * 29.0
    };
    let dense = |network: &mut Network<f64>| {
        let inputs = Values::from_fn(|unit| unit as f64);
        let population =
            network.add(Population::<Noisy>::new("p", n).init(Noisy::x, inputs)).unwrap();
        let weights = Weights::from_fn(weight);
        network.project(population, Noisy::x, population, Noisy::I, weights).unwrap();
        population
    };
    assert_same(Integrator::Euler, Arithmetic::Fast, 4, dense);
    let sparse = |network: &mut Network<f32>| {
        let inputs = Values::from_fn(|unit| unit as f64);
        let population =
            network.add(Population::<Noisy>::new("p", n).init(Noisy::x, inputs)).unwrap();
        let pairs = (0..n).flat_map(|target| (0..n).map(move |source| (target, source)));
        let some = pairs.filter(|(target, source)| (target + source) % 3 > 0);
        let weights = Weights::sparse(some.map(|(to, from)| (to, from, weight(to, from))));
        network.project(population, Noisy::x, population, Noisy::I, weights).unwrap();
        population
    };
    assert_same(Integrator::Euler, Arithmetic::Fast, 4, sparse);
    let delayed = |network: &mut Network<f64>| {
        let inputs = Values::from_fn(|unit| unit as f64);
        let population =
            network.add(Population::<Noisy>::new("p", n).init(Noisy::x, inputs)).unwrap();
        let delays =
            Delays::from_fn(1.0, |target, source| ((target + 3 * source) % 40) as f64 / 8.0);
        let weights = Weights::from_fn(weight);
        let projection = Projection::new(population, Noisy::x, population, Noisy::I, weights);
        network.connect(projection.delays(delays)).unwrap();
        population
    };
    assert_same(Integrator::Euler, Arithmetic::Fast, 40, delayed);
    for is_dense in [true, false] {
        let late = |network: &mut Network<f32>| {
            let inputs = Values::from_fn(|unit| unit as f64);
            let population =
                network.add(Population::<Noisy>::new("p", n).init(Noisy::x, inputs)).unwrap();
            let pairs = (0..n).flat_map(|target| (0..n).map(move |source| (target, source)));
            let all = pairs.map(|(to, from)| (to, from, weight(to, from)));
            let weights = if is_dense { Weights::from_fn(weight) } else { Weights::sparse(all) };
            let projection = Projection::new(population, Noisy::x, population, Noisy::I, weights);
            network.connect(projection.delay(1.6)).unwrap();
            population
        };
        assert_same(Integrator::Euler, Arithmetic::Fast, 40, late);
    }
}

#[test]
fn no_threads_are_refused_and_too_many() {
    for (count, said) in [(0, ""), (usize::MAX, ", at most 4096")] {
        let mut network = Network::new();
        network.add(Population::<Noisy>::new("p", 1)).unwrap();
        let options = Options { threads: Threads::Exactly(count), ..Options::default() };
        let error = Simulation::with_options(network, 0.1, options).unwrap_err();
        let expected = format!(
            "a simulation cannot have {count} threads{said}: give 1 or more, or `Threads::Automatic`"
        );
        assert_eq!(error.to_string(), expected);
    }
}
