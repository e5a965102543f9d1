//! The two models, and what is known of them without the library: a step in ten lines of scalar code.

use rate_model::group::{Group, GroupBuilder};
use rate_model::model::{Input, Noise, Param, State};
use rate_model::prelude::*;

rate_model! {
    /// BrainPy's model, with its names, in its numbers.
    pub(super) model ThresholdLinear {
        param tau_e = 0.02 where tau_e > 0;   param tau_i = 0.01 where tau_i > 0;
        param beta_e = 0.066;                 param beta_i = 0.351;
        param noise_e = 0;                    param noise_i = 0;
        input Ie;                             input Ii;
        noise xi_e: white;                    noise xi_i: white;
        state e = 0 where e >= 0;             state i = 0 where i >= 0;
        tau_e de/dt = -e + beta_e*relu(Ie) + noise_e*xi_e;
        tau_i di/dt = -i + beta_i*relu(Ii) + noise_i*xi_i;
    }

    /// Two equations that depend on each other, with a sigmoid and nothing that is clipped.
    pub(super) model WilsonCowan {
        param tau_x = 1 where tau_x > 0;      param tau_y = 2 where tau_y > 0;
        param w_x = 12;                       param w_y = 13;
        param noise_x = 0;                    param noise_y = 0;
        input Ix;                             input Iy;
        noise xi_x: white;                    noise xi_y: white;
        state x = 0.1;                        state y = 0.2;
        tau_x dx/dt = -x + (1 - x)*sigmoid(w_x*x - 4*y + Ix) + noise_x*xi_x;
        tau_y dy/dt = -y + (1 - y)*sigmoid(w_y*x - 11*y + Iy) + noise_y*xi_y;
    }
}

/// The numbers of one unit, in pairs: the excitatory half of the model, the inhibitory half.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) tau: [f64; 2],
    pub(super) gain: [f64; 2],
    pub(super) sigma: [f64; 2],
}

/// A model that the rows are tested on. All lists are pairs as in [`Unit`].
pub(super) trait Subject: RateModel {
    const TAU: [Param<Self>; 2];
    const GAIN: [Param<Self>; 2];
    const SIGMA: [Param<Self>; 2];
    const NOISE: [Noise<Self>; 2];
    const INPUT: [Input<Self>; 2];
    const STATE: [State<Self>; 2];
    /// Names of states, then of inputs.
    const KEYS: [&str; 4];
    /// A step that is short for the time constants.
    const DT: f64;
    /// What the model says of itself.
    const DEFAULT: Unit;
    /// Initial values that the model says.
    const START: [f64; 2];

    /// One step by hand: states `x`, inputs `u`, normal numbers `z`.
    fn step(unit: Unit, x: [f64; 2], u: [f64; 2], z: [f64; 2]) -> [f64; 2];

    fn builder(size: usize) -> GroupBuilder<Self> {
        Group::<Self>::builder(size, Self::DT)
    }

    /// `beta_e`, a parameter by its group of two and its place there.
    fn param(kind: Kind, half: usize) -> Param<Self> {
        match kind {
            Kind::Tau => Self::TAU[half],
            Kind::Gain => Self::GAIN[half],
            Kind::Sigma => Self::SIGMA[half],
        }
    }
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Tau,
    Gain,
    Sigma,
}

impl Unit {
    pub(super) fn set(&mut self, kind: Kind, half: usize, value: f64) {
        match kind {
            Kind::Tau => self.tau[half] = value,
            Kind::Gain => self.gain[half] = value,
            Kind::Sigma => self.sigma[half] = value,
        }
    }
}

impl Subject for ThresholdLinear {
    const TAU: [Param<Self>; 2] = [Self::tau_e, Self::tau_i];
    const GAIN: [Param<Self>; 2] = [Self::beta_e, Self::beta_i];
    const SIGMA: [Param<Self>; 2] = [Self::noise_e, Self::noise_i];
    const NOISE: [Noise<Self>; 2] = [Self::xi_e, Self::xi_i];
    const INPUT: [Input<Self>; 2] = [Self::Ie, Self::Ii];
    const STATE: [State<Self>; 2] = [Self::e, Self::i];
    const KEYS: [&str; 4] = ["e", "i", "Ie", "Ii"];
    const DT: f64 = 1e-3;
    const DEFAULT: Unit = Unit { tau: [0.02, 0.01], gain: [0.066, 0.351], sigma: [0.0; 2] };
    const START: [f64; 2] = [0.0; 2];

    fn step(unit: Unit, x: [f64; 2], u: [f64; 2], z: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|half| {
            let (tau, beta, sigma) = (unit.tau[half], unit.gain[half], unit.sigma[half]);
            let slope = (-x[half] + beta * u[half].max(0.0)) / tau;
            (x[half] + Self::DT * slope + sigma / tau * Self::DT.sqrt() * z[half]).max(0.0)
        })
    }
}

impl Subject for WilsonCowan {
    const TAU: [Param<Self>; 2] = [Self::tau_x, Self::tau_y];
    const GAIN: [Param<Self>; 2] = [Self::w_x, Self::w_y];
    const SIGMA: [Param<Self>; 2] = [Self::noise_x, Self::noise_y];
    const NOISE: [Noise<Self>; 2] = [Self::xi_x, Self::xi_y];
    const INPUT: [Input<Self>; 2] = [Self::Ix, Self::Iy];
    const STATE: [State<Self>; 2] = [Self::x, Self::y];
    const KEYS: [&str; 4] = ["x", "y", "Ix", "Iy"];
    const DT: f64 = 0.05;
    const DEFAULT: Unit = Unit { tau: [1.0, 2.0], gain: [12.0, 13.0], sigma: [0.0; 2] };
    const START: [f64; 2] = [0.1, 0.2];

    fn step(unit: Unit, x: [f64; 2], u: [f64; 2], z: [f64; 2]) -> [f64; 2] {
        let inhibition = [4.0, 11.0];
        [0, 1].map(|half| {
            let total = unit.gain[half] * x[0] - inhibition[half] * x[1] + u[half];
            let rate = 1.0 / (1.0 + (-total).exp());
            let slope = (-x[half] + (1.0 - x[half]) * rate) / unit.tau[half];
            let kick = unit.sigma[half] / unit.tau[half] * Self::DT.sqrt() * z[half];
            x[half] + Self::DT * slope + kick
        })
    }
}

/// Equal but for rounding.
#[track_caller]
pub(super) fn assert_near(found: f64, expected: f64) {
    let bound = 1e-12 * expected.abs().max(1.0);
    assert!((found - expected).abs() <= bound, "found {found}, expected {expected}");
}

/// The states of a unit, members counted.
pub(super) fn states<M: Subject>(group: &Group<M>, unit: usize) -> [f64; 2] {
    M::STATE.map(|state| group.state(state)[unit])
}

/// Holds five steps with noise that is fed in against the scalar code; `unit` says the parameters of
/// each, `inputs` what each is given.
#[track_caller]
pub(super) fn assert_follows<M: Subject>(
    group: &mut Group<M>,
    unit: impl Fn(usize) -> Unit,
    inputs: impl Fn(usize) -> [f64; 2],
) {
    let count = group.state(M::STATE[0]).len();
    for step in 0..5 {
        let normal = |one: usize, half: usize| ((7 * one + 3 * half + step) % 5) as f64 - 2.0;
        for (half, noise) in M::NOISE.into_iter().enumerate() {
            let normals: Vec<f64> = (0..count).map(|one| normal(one, half)).collect();
            group.feed(noise, normals).unwrap();
        }
        let before: Vec<[f64; 2]> = (0..count).map(|one| states(group, one)).collect();
        let given = [0, 1].map(|half| {
            let values: Vec<f64> = (0..count).map(|one| inputs(one)[half]).collect();
            (M::INPUT[half], values)
        });
        group.update(given).unwrap();
        group.clear_input();
        for (one, x) in before.into_iter().enumerate() {
            let z = [0, 1].map(|half| normal(one, half));
            let expected = M::step(unit(one % group.num()), x, inputs(one), z);
            for (found, expected) in states(group, one).into_iter().zip(expected) {
                assert_near(found, expected);
            }
        }
    }
}

/// What each unit is given in tests that are about something else.
pub(super) fn some(unit: usize) -> [f64; 2] {
    [2.0 - 0.5 * unit as f64, 1.0 + unit as f64]
}
