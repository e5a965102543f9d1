//! BrainPy's integrators of stochastic equations on the normal numbers that it drew, and its delays read
//! at any time (`golden/brainpy/sde_*`, `ou_*`, `delay_*`).

use rate_model::group::{Group, GroupError};
use rate_model::model::{Noise, State};
use rate_model::prelude::*;

use crate::golden::{Table, numbers};

rate_model! {
    model Ito { noise ξ: white; state x = 1; dx/dt = -x + 0.5 + 0.3*x*ξ; }
    model Stratonovich { noise ξ: white(stratonovich); state x = 1; dx/dt = -x + 0.5 + 0.3*x*ξ; }

    /// BrainPy's `OUProcess`, of which noise is added.
    model Ou {
        param (mean, sigma) = (0, 1);
        param tau = 10 where tau > 0;
        noise ξ: white;
        state x = mean;
        dx/dt = (mean - x)/tau + sigma*ξ;
    }

    /// A state that is set by hand, each unit read as long ago as it likes.
    model Remembering {
        param q = 0;
        state x = 0;
        output read = x(t - q);
        dx/dt = 0;
    }
    model Reading { input I; output read = I; state x = 0; dx/dt = 0*x; }

    /// Factors that are not linear, where methods differ that are the same where they are.
    model Curved { noise ξ: white(stratonovich); state x = 0.4; dx/dt = -x^3 + (0.5 + x^2)*ξ; }
    model CurvedIto { noise ξ: white; state x = 0.4; dx/dt = -x^3 + (0.5 + x^2)*ξ; }
}

/// A step for each row, on the numbers that stand there.
fn replay<M: RateModel>(file: &str, (x, ξ): (State<M>, Noise<M>), integrator: Integrator) {
    let table = Table::read(file);
    let dt = numbers(&table.header["dt"])[0];
    let mut group = Group::<M>::builder(1, dt).integrator(integrator).build().unwrap();
    for row in &table.rows {
        group.feed(ξ, row[1]).unwrap();
        group.step().unwrap();
        let (found, expected) = (group.state(x)[0], row[2]);
        assert!((found - expected).abs() < 1e-13, "{file}, step {}: {found}", row[0]);
    }
}

#[test]
fn stochastic_integrators_are_brainpys() {
    let ito = (Ito::x, Ito::ξ);
    replay("sde_euler_Ito.csv", ito, Integrator::Euler);
    replay("sde_milstein_Ito.csv", ito, Integrator::Milstein);
    let stratonovich = (Stratonovich::x, Stratonovich::ξ);
    replay("sde_milstein_Stratonovich.csv", stratonovich, Integrator::Milstein);
    // BrainPy's name for the method of Euler and Heun.
    replay("sde_heun_Stratonovich.csv", stratonovich, Integrator::EulerHeun);
}

/// The formulas of BrainPy's documentation written out, for factors that are not linear, and Rößler's as in his
/// table, on numbers that are fed.
#[test]
fn stochastic_steps_are_those_of_the_formulas() {
    let f = |x: f64| -x.powi(3);
    let g = |x: f64| 0.5 + x * x;
    let slope = |x: f64| 2.0 * x;
    let (x, dt) = (0.4_f64, 0.1_f64);
    for (xi, zeta) in [(0.7, -1.2), (-1.9, 0.3)] {
        let (root, dw) = (dt.sqrt(), dt.sqrt() * xi);
        let euler = x + f(x) * dt + g(x) * dw;
        let half = 0.5 * g(x) * slope(x);
        let euler_heun = x + f(x) * dt + 0.5 * (g(x) + g(x + g(x) * dw)) * dw;
        let heun = {
            let bar = x + f(x) * dt + g(x) * dw;
            x + 0.5 * (f(x) + f(bar)) * dt + 0.5 * (g(x) + g(bar)) * dw
        };
        // I(1), I(1,1)/√dt, I(1,0)/dt and I(1,1,1)/dt.
        let integrals = [
            dw,
            0.5 * root * (xi * xi - 1.0),
            0.5 * root * (xi + zeta / 3.0_f64.sqrt()),
            root * (xi.powi(3) - 3.0 * xi) / 6.0,
        ];
        let sriw1 = {
            let k = [f(x), f(x + 0.75 * dt * f(x) + 1.5 * g(x) * integrals[2])];
            let mut h = [g(x); 4];
            h[1] = g(x + 0.25 * dt * k[0] + 0.5 * root * h[0]);
            h[2] = g(x + dt * k[0] - root * h[0]);
            h[3] = g(x + 0.25 * dt * k[0] + root * (-5.0 * h[0] + 3.0 * h[1] + 0.5 * h[2]));
            let [a, b, c, d] = integrals;
            x + dt * (k[0] + 2.0 * k[1]) / 3.0
                + (-a - b + 2.0 * c - 2.0 * d) * h[0]
                + (4.0 * a + 4.0 * b - 4.0 * c + 5.0 * d) / 3.0 * h[1]
                + (2.0 * a - b - 2.0 * c - 2.0 * d) / 3.0 * h[2]
                + d * h[3]
        };
        let step = |integrator: Integrator, is_ito: bool| {
            fn one<M: RateModel>(
                (x, noise): (State<M>, Noise<M>),
                integrator: Integrator,
                (dt, xi, zeta): (f64, f64, f64),
            ) -> f64 {
                // In the middle of a block: one unit is fed, the others as well.
                let mut group = Group::<M>::builder(65, dt).integrator(integrator).build().unwrap();
                let fed: Vec<f64> = (0..65).map(|unit| if unit == 64 { xi } else { 0.1 }).collect();
                group.feed(noise, &fed[..]).unwrap();
                if integrator == Integrator::Sriw1 {
                    group.feed_second(noise, zeta).unwrap();
                }
                group.step().unwrap();
                group.state(x)[64]
            }
            let how = (dt, xi, zeta);
            if is_ito {
                one((CurvedIto::x, CurvedIto::ξ), integrator, how)
            } else {
                one((Curved::x, Curved::ξ), integrator, how)
            }
        };
        for (integrator, ito, stratonovich) in [
            (Integrator::Euler, Some(euler), Some(euler + half * dt)),
            (
                Integrator::Milstein,
                Some(euler + half * (dw * dw - dt)),
                Some(euler + half * dw * dw),
            ),
            (Integrator::EulerHeun, Some(euler_heun - half * dt), Some(euler_heun)),
            (Integrator::StochasticHeun, None, Some(heun)),
            (Integrator::Sriw1, Some(sriw1), None),
        ] {
            for (expected, is_ito) in [(ito, true), (stratonovich, false)] {
                let Some(expected) = expected else { continue };
                let found = step(integrator, is_ito);
                assert!((found - expected).abs() < 1e-14, "{integrator}: {found}, {expected}");
            }
        }
    }
}

/// What is fed counts for one step, and is asked for only where it is drawn.
#[test]
fn second_numbers_are_fed_where_there_are_any() {
    let build = |integrator| Group::<Ito>::builder(1, 0.1).integrator(integrator).build().unwrap();
    let mut group = build(Integrator::Milstein);
    let error = group.feed_second(Ito::ξ, 0.5).unwrap_err();
    let is_it = |error: &Error| {
        matches!(error, Error::Group(group)
            if matches!(**group, GroupError::NoSecondNumber { noise: "ξ", .. }))
    };
    assert!(is_it(&error), "{error}");
    let mut group = build(Integrator::Sriw1);
    assert!(group.feed_second(Ito::ξ, f64::NAN).is_err());
    assert!(group.feed_second(Ito::ξ, [1.0, 2.0]).is_err());
    group.feed_second(Ito::ξ, 5.0).unwrap();
    group.step().unwrap();
    let first = group.state(Ito::x)[0];
    let mut drawn = build(Integrator::Sriw1);
    drawn.step().unwrap();
    assert!((first - drawn.state(Ito::x)[0]).abs() > 1e-4);
    // Both draw the next one.
    drawn.set_state(Ito::x, first).unwrap();
    group.step().unwrap();
    drawn.step().unwrap();
    assert_eq!(group.state(Ito::x), drawn.state(Ito::x));
    // What was fed for a step that was not made is forgotten.
    group.feed_second(Ito::ξ, 5.0).unwrap();
    group.reset(None).unwrap();
    group.step().unwrap();
    drawn.reset(None).unwrap();
    drawn.step().unwrap();
    assert_eq!(group.state(Ito::x), drawn.state(Ito::x));
}

/// BrainPy's exponential Euler adds noise as Euler's does, σ √dt; here it has its exact law, with
/// σ √((1 - e^(-2 dt/τ)) τ/2). That factor is all that is between them.
#[test]
fn ornstein_uhlenbeck_processes_are_brainpys() {
    for (method, integrator) in
        [("euler", Integrator::Euler), ("exp_euler", Integrator::ExponentialEuler)]
    {
        let table = Table::read(&format!("ou_01_replay_{method}.csv"));
        let of = |key: &str| numbers(&table.header[key]);
        let [dt, sigma, tau] = ["dt", "sigma", "tau"].map(|key| of(key)[0]);
        let scale = match integrator {
            Integrator::Euler => 1.0,
            _ => (dt / (-(-2.0 * dt / tau).exp_m1() * tau / 2.0)).sqrt(),
        };
        let mut group = Group::<Ou>::builder(of("mean").len(), dt)
            .set(Ou::mean, of("mean"))
            .set(Ou::sigma, sigma)
            .set(Ou::tau, tau)
            .integrator(integrator)
            .build()
            .unwrap();
        assert_eq!(group.state(Ou::x), of("mean"));
        for row in &table.rows {
            let normals: Vec<f64> = table.units(row, "z").into_iter().map(|z| scale * z).collect();
            group.feed(Ou::ξ, normals).unwrap();
            group.step().unwrap();
            for (found, expected) in group.state(Ou::x).iter().zip(table.units(row, "x")) {
                assert!((found - expected).abs() < 1e-13, "{method}, {}: {found}", row[0]);
            }
        }
    }
}

/// What was before t = 0 in BrainPy's files, and what was put in at each step after.
fn before(t: f64, variable: usize) -> f64 {
    [t, 10.0 + t][variable]
}

fn pushed(step: u64, variable: usize) -> f64 {
    [(0.3 * step as f64).sin(), 10.0 + 0.5 * step as f64][variable]
}

/// The rows of a file by step: for each how long ago, and both variables then.
fn by_step(file: &str) -> Vec<Vec<[f64; 3]>> {
    let table = Table::read(file);
    let of_step = table.rows.chunk_by(|one, other| one[0] == other[0]);
    let row = |row: &Vec<f64>| {
        let values = table.units(row, "v");
        [row[2], values[0], values[1]]
    };
    of_step.map(|rows| rows.iter().map(row).collect()).collect()
}

/// `x(t - q)`, as between steps so before t = 0.
#[test]
fn past_values_are_those_of_brainpys_time_delay() {
    let rows = by_step("delay_TimeDelay_linear_interp.csv");
    let lags: Vec<f64> = rows[0].iter().flat_map(|[q, ..]| [*q, *q]).collect();
    let units = lags.len();
    let values = |step| Values::from_fn(move |unit| pushed(step, unit % 2));
    let population = Population::<Remembering>::new("p", units)
        .set(Remembering::q, lags)
        .init(Remembering::x, Values::from_fn(|unit| before(0.0, unit % 2)))
        .history_fn(Remembering::x, |t, unit| before(t, unit % 2));
    let mut network = Network::new();
    let p = network.add(population).unwrap();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    for (step, rows) in (0..).zip(&rows) {
        if step > 0 {
            simulation.run(steps(1)).unwrap();
            simulation.set_state(p, Remembering::x, values(step)).unwrap();
        }
        let read = simulation.values(p, Remembering::read).unwrap();
        for ([q, ..], (pair, expected)) in rows.iter().zip(read.chunks(2).zip(rows)) {
            for (found, expected) in pair.iter().zip(&expected[1..]) {
                assert!((found - expected).abs() < 1e-12, "step {step}, {q} ago: {found}");
            }
        }
    }
}

/// Projections whose delays are rounded to steps, halves to even numbers. Before t = 0 BrainPy rounds
/// nothing where it is told a function: there a step's difference is left.
#[test]
fn rounded_delays_are_those_of_brainpys_time_delay() {
    let rows = by_step("delay_TimeDelay_round.csv");
    let lags: Vec<f64> = rows[0].iter().map(|[q, ..]| *q).collect();
    let mut network = Network::new();
    let source = Population::<Remembering>::new("source", 2)
        .init(Remembering::x, Values::from_fn(|unit| before(0.0, unit)))
        .history_fn(Remembering::x, before);
    let source = network.add(source).unwrap();
    let target = network.add(Population::<Reading>::new("target", 2 * lags.len())).unwrap();
    let own = Weights::from_fn(|to, from| if to % 2 == from { 1.0 } else { 0.0 });
    let delays = lags.clone();
    let delays = Delays::from_fn(1.0, move |to, _| delays[to / 2]);
    let projection = Projection::new(source, Remembering::x, target, Reading::I, own);
    network.connect(projection.delays(delays)).unwrap();
    let options = Options { delivery: Delivery::Frozen, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    for (step, rows) in (0_u64..).zip(&rows) {
        if step > 0 {
            simulation.run(steps(1)).unwrap();
            let values = Values::from_fn(move |unit| pushed(step, unit));
            simulation.set_state(source, Remembering::x, values).unwrap();
        }
        let read = simulation.values(target, Reading::read).unwrap();
        for (pair, [q, expected @ ..]) in read.chunks(2).zip(rows) {
            let is_before = *q > 0.1 * step as f64 + 1e-9;
            let tolerance = if is_before { 0.05 + 1e-9 } else { 1e-12 };
            for (found, expected) in pair.iter().zip(expected) {
                let distance = (found - expected).abs();
                assert!(distance < tolerance, "step {step}, {q} ago: {found} {expected}");
            }
        }
    }
}
