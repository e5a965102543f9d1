//! BrainPy's couplings with and without delays, replayed (`golden/brainpy/coupling_*`). Its matrices
//! have a row per source and a column per target, the other way round than here.

use ndarray::Array2;
use rate_model::couplings::Diffusive;
use rate_model::prelude::*;

use crate::golden::{Table, numbers};

rate_model! {
    /// FitzHugh–Nagumo with BrainPy's defaults.
    model Fhn {
        param (alpha, beta, gamma, delta, epsilon) = (3, 4, -1.5, 0, 0.5);
        param tau = 20 where tau > 0;
        input sent;
        state (x, y) = (0, 0);
        output received = sent;
        dx/dt = -alpha*x^3 + beta*x^2 + gamma*x - y + sent;
        tau dy/dt = x - delta - epsilon*y;
    }
}

/// A matrix of a file, turned round.
fn turned(json: &str) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_str(json).unwrap();
    Array2::from_shape_fn((rows[0].len(), rows.len()), |(to, from)| rows[from][to])
}

fn replay(file: &str) {
    let table = Table::read(file);
    let header = |key: &str| &table.header[key];
    let population = Population::<Fhn>::new("p", 4)
        .init(Fhn::x, numbers(header("x0")))
        .init(Fhn::y, numbers(header("y0")));
    // What was before t = 0 is told where it is read.
    let dt = numbers(header("dt"))[0];
    let delays = match &header("delay_steps")[..] {
        "null" => None,
        steps if steps.starts_with('[') => Some(Delays::matrix(dt, &turned(steps))),
        steps => Some(Delays::from(numbers(steps)[0] * dt)),
    };
    let population = match &delays {
        Some(_) => population.history(Fhn::x, numbers(header("initial_delay_data"))[0]),
        None => population,
    };
    let mut network = Network::new();
    let p = network.add(population).unwrap();
    let projection = Projection::new(p, Fhn::x, p, Fhn::sent, turned(header("conn_mat")));
    let projection = match delays {
        Some(delays) => projection.delays(delays),
        None => projection,
    };
    if file.contains("diff") {
        let diffusive = projection.coupling(Coupled::<Diffusive>::new());
        network.connect(diffusive.against(p, Fhn::x)).unwrap();
    } else {
        network.connect(projection).unwrap();
    }
    let options = Options {
        integrator: Integrator::ExponentialEuler,
        arithmetic: Arithmetic::Reproducible,
        progress: false,
        ..Options::default()
    };
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    for quantity in [Fhn::x, Fhn::y] {
        simulation.record(p, quantity).unwrap();
    }
    simulation.record(p, Fhn::received).unwrap();
    simulation.run(steps(table.rows.len() as u64 - 1)).unwrap();
    let near =
        |found: f64, expected: f64| (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    let traces = simulation.recording().traces;
    for (step, row) in table.rows.iter().enumerate() {
        for (trace, name) in traces.iter().zip(["x", "y"]) {
            for (unit, expected) in table.units(row, name).into_iter().enumerate() {
                let found = trace.values[[step, unit]];
                assert!(near(found, expected), "{file}, {name} at {step}: {found} {expected}");
            }
        }
        // The input that led to a row stands beside it; here it stands where the step begins.
        let Some(before) = step.checked_sub(1) else { continue };
        for (unit, expected) in table.units(row, "input_used").into_iter().enumerate() {
            let found = traces[2].values[[before, unit]];
            assert!(near(found, expected), "{file}, input at {step}: {found} {expected}");
        }
    }
}

#[test]
fn couplings_are_brainpys() {
    for file in ["diff_none", "diff_1", "diff_matrix", "addi_none", "addi_1"] {
        replay(&format!("coupling_{file}.csv"));
    }
}
