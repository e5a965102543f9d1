//! Trajectories of BrainPy's other rate models and of its integrators, replayed (`golden/brainpy`).

use ndarray::Array1;
use rate_model::group::{Group, GroupBuilder};
use rate_model::lanes::Real;
use rate_model::model::{Input, State};
use rate_model::prelude::*;

use crate::golden::{Table, numbers};

rate_model! {
    /// FitzHugh–Nagumo.
    model Fhn {
        param (alpha, beta, gamma, delta, epsilon) = (3, 4, -1.5, 0, 0.5);
        param tau = 20 where tau > 0;
        input (input_x, input_y);
        state (x, y) = (0, 0);
        dx/dt = -alpha*x^3 + beta*x^2 + gamma*x - y + input_x;
        tau dy/dt = x - delta - epsilon*y + input_y*tau;
    }

    /// Mean field of quadratic integrate-and-fire neurons: x the potential, y the rate.
    model Qif {
        param (eta, Delta, J) = (-5, 1, 15);
        param tau = 1 where tau > 0;
        input (input_x, input_y);
        state (x, y) = (0, 0);
        tau dx/dt = x^2 + eta + input_x + J*y*tau - (pi*y*tau)^2;
        tau dy/dt = Delta/(pi*tau) + 2*x*y + input_y;
    }

    /// FitzHugh–Nagumo with delayed feedback.
    model FeedbackFhn {
        param (a, b, mu, v0) = (0.7, 0.8, 1.6886, -1);
        param delay = 10;
        param tau = 12.5 where tau > 0;
        input (input_x, input_y);
        state (x, y) = (0, 0);
        dx/dt = x - x^3/3 - y + input_x + mu*(x(t - delay) - v0);
        tau dy/dt = x + a - b*y + input_y;
    }

    model StuartLandau {
        param (a, w) = (0.25, 0.2);
        input (input_x, input_y);
        state (x, y) = (0, 0);
        dx/dt = (a - x^2 - y^2)*x - w*y + input_x;
        dy/dt = (a - x^2 - y^2)*y + w*x + input_y;
    }

    model WilsonCowan {
        param (E_tau, I_tau) = (1, 1) where E_tau > 0 && I_tau > 0;
        param (E_a, E_theta, I_a, I_theta) = (1.2, 2.8, 1, 4);
        param (wEE, wIE, wEI, wII, r) = (12, 4, 13, 11, 1);
        input (input_x, input_y);
        state (x, y) = (0, 0);
        fn F(z, slope, threshold) = sigmoid(slope*(z - threshold)) - sigmoid(-slope*threshold);
        E_tau dx/dt = -x + (1 - r*x)*F(wEE*x - wIE*y + input_x, E_a, E_theta);
        I_tau dy/dt = -y + (1 - r*y)*F(wEI*x - wII*y + input_y, I_a, I_theta);
    }

    /// The two problems of the files `ode_*`.
    model Equations {
        state x = 1.5;
        state v = 0.2;
        state w = -0.1;
        dx/dt = -2*x^3 + sin(t);
        dv/dt = v - v^3/3 - w + 0.5;
        dw/dt = (v + 0.7 - 0.8*w)/12.5;
    }
}

/// What a replay needs to know of a model.
trait Rates: RateModel {
    const INPUTS: [Input<Self>; 2];
    const STATES: [State<Self>; 2];

    fn population() -> Population<Self> {
        Population::new("p", 3)
    }

    fn with_past(group: GroupBuilder<Self>) -> GroupBuilder<Self> {
        group
    }
}

macro_rules! rates {
    ($($model:ident)*) => {$(
        impl Rates for $model {
            const INPUTS: [Input<Self>; 2] = [Self::input_x, Self::input_y];
            const STATES: [State<Self>; 2] = [Self::x, Self::y];
        }
    )*};
}

rates!(Fhn Qif StuartLandau WilsonCowan);

impl Rates for FeedbackFhn {
    const INPUTS: [Input<Self>; 2] = [Self::input_x, Self::input_y];
    const STATES: [State<Self>; 2] = [Self::x, Self::y];

    /// In BrainPy, the past begins with 0.
    fn population() -> Population<Self> {
        Population::new("p", 3).history(Self::x, 0.0)
    }

    fn with_past(group: GroupBuilder<Self>) -> GroupBuilder<Self> {
        group.history(Self::x, 0.0)
    }
}

/// Runs a file and gives the largest deviation, relative to the larger of 1 and the value.
fn replay<M: Rates, T: Real>(file: &str, integrator: Integrator) -> f64 {
    replay_of::<M, T>(M::population(), file, integrator)
}

fn replay_of<M: Rates, T: Real>(
    mut population: Population<M>,
    file: &str,
    integrator: Integrator,
) -> f64 {
    let table = Table::read(file);
    let header = |key: &str| table.header[key].as_str();
    for (state, key) in M::STATES.into_iter().zip(["x0", "y0"]) {
        population = population.init(state, numbers(header(key)));
    }
    let mut network = Network::<T>::with_precision();
    let p = network.add(population).unwrap();
    let dt = numbers(header("dt"))[0];
    for (input, column) in M::INPUTS.into_iter().zip(["inp_x", "inp_y"]) {
        // Row k holds what led to the states after k steps.
        let samples = Array1::from(table.column(column)[1..].to_vec());
        network.stimulate(p, input, Stimulus::table(dt, &samples)).unwrap();
    }
    let options = Options { integrator, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    for state in M::STATES {
        simulation.record(p, state).unwrap();
    }
    simulation.run(steps(table.rows.len() as u64 - 1)).unwrap();
    let mut worst: f64 = 0.0;
    for (trace, name) in simulation.recording().traces.iter().zip(["x", "y"]) {
        for (row, found) in table.rows.iter().zip(trace.values.rows()) {
            for (expected, found) in table.units(row, name).iter().zip(found) {
                worst = worst.max((found.to_f64() - expected).abs() / expected.abs().max(1.0));
            }
        }
    }
    worst
}

/// The same by a group, updated by hand.
fn replay_by_hand<M: Rates, T: Real>(file: &str, integrator: Integrator) -> f64 {
    let table = Table::read(file);
    let header = |key: &str| table.header[key].as_str();
    let mut group = M::with_past(Group::<M>::builder(3, numbers(header("dt"))[0]));
    for (state, key) in M::STATES.into_iter().zip(["x0", "y0"]) {
        group = group.init(state, numbers(header(key)));
    }
    let mut group = group.integrator(integrator).build_in::<T>().unwrap();
    let inputs = ["inp_x", "inp_y"].map(|column| table.column(column));
    let mut worst: f64 = 0.0;
    for (step, row) in table.rows.iter().enumerate() {
        if step > 0 {
            group.update([0, 1].map(|input| (M::INPUTS[input], inputs[input][step]))).unwrap();
            group.clear_input();
        }
        for (state, name) in M::STATES.into_iter().zip(["x", "y"]) {
            for (expected, found) in table.units(row, name).iter().zip(group.state(state)) {
                worst = worst.max((found.to_f64() - expected).abs() / expected.abs().max(1.0));
            }
        }
    }
    worst
}

fn replay_all<M: Rates>(name: &str) {
    for (kind, integrator) in [
        ("default", Integrator::ExponentialEuler),
        ("euler", Integrator::Euler),
        ("heun2", Integrator::Heun),
        ("rk4", Integrator::RungeKutta4),
    ] {
        let worst = replay::<M, f64>(&format!("rate_{name}_{kind}.csv"), integrator);
        assert!(worst < 1e-12, "{name} {kind}: {worst:e}");
        let worst = replay_by_hand::<M, f64>(&format!("rate_{name}_{kind}.csv"), integrator);
        assert!(worst < 1e-12, "{name} {kind}, by hand: {worst:e}");
    }
}

#[test]
fn fitzhugh_nagumo_is_brainpys() {
    replay_all::<Fhn>("FHN");
    let worst = replay::<Fhn, f32>("rate_FHN_default_f32.csv", Integrator::ExponentialEuler);
    assert!(worst < 2e-5, "{worst:e}");
}

#[test]
fn delayed_feedback_is_brainpys() {
    for (kind, integrator) in
        [("default", Integrator::ExponentialEuler), ("euler", Integrator::Euler)]
    {
        let file = format!("rate_FeedbackFHN_{kind}.csv");
        let worst = replay::<FeedbackFhn, f64>(&file, integrator);
        assert!(worst < 1e-12, "{kind}: {worst:e}");
        let worst = replay_by_hand::<FeedbackFhn, f64>(&file, integrator);
        assert!(worst < 1e-12, "{kind}, by hand: {worst:e}");
    }
    let population = FeedbackFhn::population().set(FeedbackFhn::delay, 0.0);
    let file = "rate_FeedbackFHN_delay0.csv";
    let worst = replay_of::<FeedbackFhn, f64>(population, file, Integrator::ExponentialEuler);
    assert!(worst < 1e-12, "delay 0: {worst:e}");
}

#[test]
fn quadratic_integrate_and_fire_is_brainpys() {
    replay_all::<Qif>("QIF");
}

#[test]
fn stuart_landau_is_brainpys() {
    replay_all::<StuartLandau>("StuartLandauOscillator");
}

#[test]
fn wilson_cowan_is_brainpys() {
    replay_all::<WilsonCowan>("WilsonCowanModel");
    let file = "rate_WilsonCowanModel_default_f32.csv";
    let worst = replay::<WilsonCowan, f32>(file, Integrator::ExponentialEuler);
    assert!(worst < 2e-5, "{worst:e}");
}

#[test]
fn integrators_are_brainpys() {
    for (kind, integrator) in [
        ("euler", Integrator::Euler),
        ("exp_euler", Integrator::ExponentialEuler),
        ("midpoint", Integrator::Midpoint),
        ("heun2", Integrator::Heun),
        ("rk4", Integrator::RungeKutta4),
        ("rk4_38rule", Integrator::RungeKutta4Rule38),
        ("bs", Integrator::BogackiShampine3),
        ("rkdp", Integrator::DormandPrince5),
    ] {
        let table = Table::read(&format!("ode_{kind}.csv"));
        let dt = numbers(&table.header["dt"])[0];
        let mut network = Network::new();
        let p = network.add(Population::<Equations>::new("p", 1)).unwrap();
        let options = Options { integrator, progress: false, ..Options::default() };
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        for row in &table.rows {
            simulation.run(steps(1)).unwrap();
            let states = [Equations::x, Equations::v, Equations::w];
            for (state, expected) in states.into_iter().zip(&row[1..]) {
                let found = simulation.values(p, state).unwrap()[0];
                let step = row[0];
                let deviation = (found - expected).abs();
                assert!(deviation < 1e-13, "{kind}, {state:?}, step {step}: {found}, {expected}");
            }
        }
    }
}
