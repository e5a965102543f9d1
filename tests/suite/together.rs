//! Members of a sweep that run side by side come to the same bits as those that run alone.

use rate_model::couplings::Kuramoto;
use rate_model::prelude::*;

rate_model! {
    model Noisy {
        param tau = 10 where tau > 0;   param σ = 0.5;
        param slow = 50 where slow > 0;
        input I = 1;                    state x = 0.3;
        noise ξ: white;                 noise η: ou(slow);
        output y = tanh(x);
        tau dx/dt = -x + relu(I + η) + σ*ξ;
    }
    model Echo {
        param d = 1.25;                 param a = 0.7;
        input I;                        state u = 0.5;
        du/dt = -a*u(t - d) + 0.1*I;
    }
    model Two {
        input I;                        state (x, y) = (0.3, 0.9);
        output q = x + I;
        dx/dt = -x + 0.1*I;             dy/dt = -0.2*y;
    }
    model Phase {
        param ω = 1;                    input pull;
        state θ = 0;
        dθ/dt = ω + pull;
    }
}

/// Numbers that two runs of a sweep must have in common.
fn bits(results: &rate_model::SweepResults) -> Vec<u64> {
    results.values.iter().map(|value| value.to_bits()).collect()
}

/// Runs members alone and side by side.
fn assert_same<T, K>(
    sweep: &Sweep,
    build: impl Fn(&SweepPoint) -> Result<(Simulation<T>, K), Error> + Sync,
    read: impl Fn(&Simulation<T>, &K) -> Result<Vec<f64>, Error> + Sync,
) where
    T: rate_model::lanes::Real,
{
    let sweep = sweep.clone().quiet();
    let alone = |point: &SweepPoint| {
        let (mut simulation, key) = build(point)?;
        simulation.run(steps(70))?;
        read(&simulation, &key)
    };
    let alone = sweep.run(alone).unwrap();
    let together = sweep.simulate(&build, steps(70), &read).unwrap();
    assert_eq!(bits(&alone), bits(&together));
    let points = |results: &rate_model::SweepResults| {
        results
            .failures
            .iter()
            .map(|one| (one.point.index, one.message.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(points(&alone), points(&together));
    let mut distinct = bits(&alone);
    distinct.sort_unstable();
    distinct.dedup();
    assert!(distinct.len() > alone.values.len() / 3, "members differ");
}

fn noisy<T: rate_model::lanes::Real>(
    point: &SweepPoint,
    units: usize,
    integrator: Integrator,
) -> Result<(Simulation<T>, PopulationId<Noisy>), Error> {
    let mut network = Network::<T>::with_precision();
    let population = Population::<Noisy>::new("cells", units)
        .set(Noisy::tau, point.get("tau"))
        .init(Noisy::x, Values::from_fn(|unit| 0.1 * unit as f64));
    let cells = network.add(population)?;
    let strength = point.get("tau") / 10.0;
    network.stimulate(cells, Noisy::I, Stimulus::function(move |t| strength * (0.3 * t).sin()))?;
    network.stimulate(cells, Noisy::I, Stimulus::window(1.0, 3.0, strength).on([0]))?;
    network.stimulate(cells, Noisy::I, strength)?;
    let options =
        Options { seed: point.seed(), integrator, noise_substeps: 2, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options)?;
    simulation.measure(Moments::new(cells, Noisy::y).after(2.0))?;
    simulation.monitor(Monitor::new(cells, Noisy::x).every(10).units([units - 1]))?;
    Ok((simulation, cells))
}

fn read_noisy<T: rate_model::lanes::Real>(
    simulation: &Simulation<T>,
    cells: &PopulationId<Noisy>,
) -> Result<Vec<f64>, Error> {
    let moments = simulation.moments(*cells, Noisy::y)?;
    let trace = simulation.trace(*cells, Noisy::x)?;
    assert_eq!(trace.values.nrows(), 8);
    let last = simulation.values(*cells, Noisy::y)?[0].to_f64();
    assert_eq!(simulation.step(), 70);
    Ok(vec![
        moments.mean[0],
        moments.variance.iter().sum(),
        trace.values.iter().map(|value| value.to_f64()).sum(),
        last,
    ])
}

fn points() -> Sweep {
    Sweep::new(["mean", "variance", "trace", "last"])
        .axis("tau", linspace(5.0, 20.0, 4))
        .seeds(0..3)
}

#[test]
fn noise_and_stimuli_are_those_of_each_member() {
    for units in [1, 3, 63, 65] {
        assert_same(&points(), |point| noisy::<f64>(point, units, Integrator::Euler), read_noisy);
    }
    let heun = |point: &SweepPoint| noisy::<f32>(point, 5, Integrator::StochasticHeun);
    assert_same(&points(), heun, read_noisy);
    // Draws numbers of its own: members run alone.
    assert_same(&points(), |point| noisy::<f64>(point, 2, Integrator::Sra1), read_noisy);
}

type Ends = (PopulationId<Echo>, PopulationId<Phase>);

/// Two populations with projections of all kinds.
fn network(point: &SweepPoint, n: usize, has_one_matrix: bool) -> Result<(Network, Ends), Error> {
    let g = if has_one_matrix { 1.0 } else { point.get("g") };
    let mut network = Network::new();
    let spread = |unit: usize| (unit as f64 * 0.7).sin();
    let echo = Population::<Echo>::new("echo", n)
        .init(Echo::u, Values::from_fn(spread))
        .set(Echo::d, point.get("d"))
        .history_fn(Echo::u, move |t, unit| g * (t + unit as f64).cos());
    let echo = network.add(echo)?;
    let phases = Population::<Phase>::new("phases", 4)
        .set(Phase::ω, Values::from_fn(move |unit| 1.0 + 0.1 * unit as f64 * g))
        .init(Phase::θ, point.get("g"));
    let phases = network.add(phases)?;
    let weight = move |to: usize, from: usize| g * ((to * 5 + from * 3) % 7) as f64 / n as f64;
    network.project(echo, Echo::u, echo, Echo::I, Weights::from_fn(weight))?;
    let some = (0..n)
        .flat_map(|to| (0..n).filter(move |from| (to + from) % 3 == 0).map(move |from| (to, from)));
    let some = Weights::sparse(some.map(|(to, from)| (to, from, -weight(to, from))));
    network.connect(Projection::new(echo, Echo::u, echo, Echo::I, some).named("few"))?;
    let speed = point.get("d");
    let delays = Delays::from_fn(1.0, move |to, from| (1 + (to + 2 * from) % 9) as f64 / speed);
    let late = Projection::new(echo, Echo::u, phases, Phase::pull, Weights::from_fn(weight));
    network.connect(late.delays(delays))?;
    let all_late = Projection::new(phases, Phase::θ, echo, Echo::I, 0.01 * g).delay(2.5);
    network.connect(all_late)?;
    let again =
        Projection::new(echo, Echo::u, echo, Echo::I, Weights::from_fn(weight)).named("again");
    network.connect(again.delay(0.85))?;
    let kuramoto = Coupled::<Kuramoto>::new().set(Kuramoto::K, 0.3);
    let pull = Projection::new(phases, Phase::θ, phases, Phase::pull, g)
        .coupling(kuramoto)
        .against(phases, Phase::θ)
        .delay(0.35);
    network.connect(pull)?;
    Ok((network, (echo, phases)))
}

fn read_states(simulation: &Simulation, (echo, phases): &Ends) -> Result<Vec<f64>, Error> {
    let u = simulation.values(*echo, Echo::u)?;
    let θ = simulation.values(*phases, Phase::θ)?;
    Ok(vec![u.iter().sum(), θ.iter().sum()])
}

fn couplings() -> Sweep {
    Sweep::new(["u", "θ"]).points(
        &["g", "d"],
        (0..12).map(|index| vec![0.5 + 0.05 * f64::from(index), 1.0 + 0.21 * f64::from(index)]),
    )
}

#[test]
fn connections_are_those_of_each_member() {
    for (n, has_one_matrix, integrator, interpolation) in [
        (1, false, Integrator::Euler, Interpolation::Linear),
        (9, false, Integrator::RungeKutta4, Interpolation::CubicHermite),
        (9, false, Integrator::Automatic, Interpolation::Linear),
        // Units that fill blocks: members run alone.
        (70, false, Integrator::Euler, Interpolation::Linear),
        // Matrices so large that members run side by side, each with its own or all with one.
        (300, false, Integrator::Euler, Interpolation::Linear),
        (300, true, Integrator::Heun, Interpolation::Linear),
    ] {
        let build = |point: &SweepPoint| {
            let (network, ends) = network(point, n, has_one_matrix)?;
            let options = Options { integrator, interpolation, ..Options::default() };
            Ok((Simulation::with_options(network, 0.1, options)?, ends))
        };
        assert_same(&couplings(), build, read_states);
    }
}

/// A population with three lists of so many connections that members may have them in common, one of them of weights
/// that may differ; and one with a delay.
fn listed<T: rate_model::lanes::Real>(
    point: &SweepPoint,
    n: usize,
    own: f64,
) -> Result<(Simulation<T>, PopulationId<Noisy>), Error> {
    let mut network = Network::<T>::with_precision();
    let population = Population::<Noisy>::new("cells", n)
        .init(Noisy::x, Values::from_fn(|unit| (unit as f64 * 0.7).sin()));
    let cells = network.add(population)?;
    network.stimulate(cells, Noisy::I, point.get("g"))?;
    let list = |shift: usize, weight: f64| {
        let source = move |place: usize| (place / 40 * 7 + place % 40 * 31 + shift) % n;
        let of = move |place: usize| weight * ((place * 13 % 17) as f64 - 8.0) / 100.0;
        Weights::sparse((0..40 * n).map(move |place| (place / 40, source(place), of(place))))
    };
    network.project(cells, Noisy::x, cells, Noisy::I, list(0, 1.0))?;
    let own = 1.0 + own * point.get("g");
    network
        .connect(Projection::new(cells, Noisy::y, cells, Noisy::I, list(5, own)).named("second"))?;
    let third = Projection::new(cells, Noisy::x, cells, Noisy::I, list(9, 0.5)).named("third");
    network.connect(third)?;
    let ring = Weights::sparse((0..n).map(move |unit| (unit, (unit + 1) % n, 0.5)));
    let late = Projection::new(cells, Noisy::x, cells, Noisy::I, ring);
    network.connect(late.named("late").delay(0.4))?;
    Ok((Simulation::new(network, 0.1)?, cells))
}

fn read_cells<T: rate_model::lanes::Real>(
    simulation: &Simulation<T>,
    cells: &PopulationId<Noisy>,
) -> Result<Vec<f64>, Error> {
    let x = simulation.values(*cells, Noisy::x)?.iter();
    let x = x.zip(1..).map(|(x, place)| x.to_f64() * f64::from(place));
    Ok(vec![x.sum()])
}

#[test]
fn lists_of_connections_serve_all_members() {
    for members in [2, 3, 4, 7, 17] {
        let sweep = Sweep::new(["x"]).axis("g", linspace(0.5, 1.5, members)).threads(1);
        assert_same(&sweep, |point| listed::<f32>(point, 110, 0.0), read_cells);
        assert_same(&sweep, |point| listed::<f64>(point, 103, 0.0), read_cells);
    }
    // One list is that of each member; and one of them fails.
    let sweep = Sweep::new(["x"]).axis("g", linspace(0.5, 1.5, 9)).threads(1);
    assert_same(&sweep, |point| listed::<f64>(point, 103, 1.0), read_cells);
    let fails = |point: &SweepPoint| {
        assert!(point.index != 3, "not this one");
        listed::<f64>(point, 103, 0.0)
    };
    assert_same(&sweep, fails, read_cells);
}

#[test]
fn delivery_is_that_of_each_member() {
    let build = |point: &SweepPoint| {
        let (network, ends) = network(point, 5, false)?;
        let options = Options {
            delivery: Delivery::Frozen,
            arithmetic: Arithmetic::Reproducible,
            ..Options::default()
        };
        Ok((Simulation::with_options(network, 0.1, options)?, ends))
    };
    assert_same(&couplings(), build, read_states);
}

#[test]
fn members_that_differ_or_fail_do_not_disturb_others() {
    rate_model! {
        model Growing { param a = 1; state x = 1; dx/dt = a*x*x; }
    }
    let sweep = Sweep::new(["x"]).axis("a", linspace(-20.0, 12.0, 40));
    let build = |point: &SweepPoint| {
        let a = point.get("a");
        assert!(!(a > 10.0 && a < 11.0), "not this one");
        let mut network = Network::new();
        // Not all have the same size.
        let units = if point.index.is_multiple_of(3) { 2 } else { 1 };
        let growing = network.add(Population::<Growing>::new("p", units).set(Growing::a, a))?;
        let options = Options { check_stability: false, ..Options::default() };
        Ok((Simulation::with_options(network, 0.01, options)?, growing))
    };
    let read = |simulation: &Simulation, growing: &PopulationId<Growing>| {
        Ok(vec![simulation.values(*growing, Growing::x)?[0]])
    };
    let results = sweep.clone().quiet().simulate(build, steps(70), read).unwrap();
    let problems: Vec<_> = results.failures.iter().map(|one| one.message.as_str()).collect();
    assert!(problems.iter().any(|problem| problem.contains("not this one")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("is inf")), "{problems:?}");
    assert!(results.failures.len() < 20, "the others go on");
    assert_same(&sweep, build, read);
}

#[test]
fn what_comes_out_can_be_saved_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |point: f64| folder.path().join(format!("{point}.npz"));
    let build = |point: &SweepPoint| {
        let (network, ends) = network(point, 3, false)?;
        Ok((Simulation::new(network, 0.1)?, (point.get("g"), ends)))
    };
    let sweep = couplings().quiet();
    let save = |simulation: &Simulation, (g, _): &(f64, Ends)| {
        simulation.save(path(*g))?;
        Ok(vec![0.0, 0.0])
    };
    let results = sweep.simulate(build, steps(70), save).unwrap();
    assert!(results.failures.is_empty(), "{:?}", results.failures);
    let went_on = |point: &SweepPoint| {
        let (mut simulation, (g, ends)) = build(point)?;
        simulation.load(path(g))?;
        simulation.run(steps(50))?;
        read_states(&simulation, &ends)
    };
    let at_once = |point: &SweepPoint| {
        let (mut simulation, (_, ends)) = build(point)?;
        simulation.run(steps(120))?;
        read_states(&simulation, &ends)
    };
    let [went_on, at_once] =
        [sweep.run(went_on).unwrap(), sweep.run(at_once).unwrap()].map(|results| bits(&results));
    assert_eq!(went_on, at_once);
}

/// A member whose weights are all 0 remembers less than others: what it has delayed is its own all the same.
#[test]
fn members_may_have_nothing_to_remember() {
    let build = |point: &SweepPoint| {
        let (mut network, g) = (Network::new(), point.get("g"));
        let p = network.add(Population::<Two>::new("p", 3).init(Two::x, [0.1, 0.2, 0.3]))?;
        let far = Projection::new(p, Two::y, p, Two::I, Weights::from_fn(move |_, _| g));
        let steps = |to: usize, from: usize| (1 + to + from) as f64;
        network.connect(far.delays(Delays::from_fn(0.1, steps)))?;
        network.connect(Projection::new(p, Two::x, p, Two::I, 0.2).delay(0.1))?;
        let options = Options { progress: false, ..Options::default() };
        Ok((Simulation::<f64>::with_options(network, 0.1, options)?, p))
    };
    let sweep = Sweep::new(["q"]).axis("g", [0.0, 0.1, 0.2, 0.0, 0.3, 0.4]);
    assert_same(&sweep, build, |simulation, p| Ok(vec![simulation.values(*p, Two::q)?[1]]));
}
