//! One model in several units gives the same numbers, but for rounding: the compiler inserts the
//! factors. And slopes stay finite where what is steep does not move.

use rate_model::prelude::*;

rate_model! {
    /// Rates in Hz, time in ms.
    model Usual {
        param (tau_e, tau_i): ms = (20, 10) where tau_e > 0 && tau_i > 0;
        param (w_ee, w_ei, w_ie, w_ii) = (1.2, 1, 1.5, 0.5);
        param (r_max, θ, k): Hz = (80, 12, 4);
        param d: ms = 3;
        param tau_a: ms = 150 where tau_a > 0;
        input P: Hz = 20;
        fn response(r) = r_max*sigmoid((r - θ)/k);
        state (e, i, a): Hz = (5, 3, 0);
        tau_e de/dt = -e + response(w_ee*e - w_ei*i(t - d) + P - a);
        tau_i di/dt = -i + response(w_ie*e - w_ii*i);
        da/dt = (0.3*e - a)/tau_a;
    }

    /// The same with rates in kHz and time in s, and constants in whatever unit came to hand.
    model Unusual {
        time t: s;
        param tau_e: s = 0.02 where tau_e > 0;
        param tau_i: us = 10_000 where tau_i > 0;
        param (w_ee, w_ei, w_ie, w_ii) = (1.2, 1, 1.5, 0.5);
        param r_max: kHz = 0.08;
        param θ: Hz = 12;
        param k: 1/ms = 0.004;
        param d: s = 0.003;
        param tau_a: min = 0.0025 where tau_a > 0;
        input P: kHz = 0.02;
        fn response(r) = r_max*sigmoid((r - θ)/k);
        state e: kHz = 0.005;
        state i: Hz = 3;
        state a: 1/s = 0;
        tau_e de/dt = -e + response(w_ee*e - w_ei*i(t - d) + P - a);
        tau_i di/dt = -i + response(w_ie*e - w_ii*i);
        da/dt = (0.3*e - a)/tau_a;
    }

    /// Steep where it starts.
    model Steep {
        param (w, n) = (0.5, 0.8);
        input I = -1;
        noise ξ: white;
        state x = 0 where 0 <= x <= 1;
        state r = 0;
        state q = 0;
        state a = -1;
        dx/dt = -x + 0.1*sqrt(x)*ξ;
        dr/dt = -r + sqrt(relu(w*r + I))/pi;
        dq/dt = -q + relu(w*q + I)^n;
        da/dt = -a + sqrt(2*relu(a)/w) + sqrt(1 - min(1, 1 + relu(a))) + (relu(a - w)/n)^0.5
            + log1p(sqrt(-relu(a) + 2*relu(a))) + sqrt(clip(a, 0, 1));
    }
}

fn run(integrator: Integrator) -> [Vec<f64>; 2] {
    let options = Options { integrator, progress: false, ..Options::default() };
    let mut network = Network::new();
    let usual = network.add(Population::<Usual>::new("usual", 1)).unwrap();
    let unusual = network.add(Population::<Unusual>::new("unusual", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
    simulation.run(ms(400.0)).unwrap();
    let value = |quantity| simulation.values(usual, quantity).unwrap()[0];
    let other = |quantity| simulation.values(unusual, quantity).unwrap()[0];
    [
        vec![value(Usual::e), value(Usual::i), value(Usual::a)],
        vec![1e3 * other(Unusual::e), other(Unusual::i), other(Unusual::a)],
    ]
}

#[test]
fn the_unit_makes_no_difference() {
    for integrator in [Integrator::Euler, Integrator::ExponentialEuler] {
        let [usual, unusual] = run(integrator);
        for (one, other) in usual.iter().zip(&unusual) {
            // 4000 steps, each rounded a few times.
            assert!((one - other).abs() < 1e-11 * one.abs(), "{usual:?} {unusual:?}");
        }
        assert!(usual[0] > 1.0 && usual[0] < 79.0, "{usual:?}");
    }
}

#[test]
fn slopes_are_0_where_nothing_moves() {
    let mut network = Network::new();
    network.add(Population::<Steep>::new("steep", 1)).unwrap();
    let simulation = Simulation::new(network, 0.1).unwrap();
    let jacobian = simulation.linearise().unwrap().jacobian;
    assert_eq!(jacobian, -ndarray::Array2::<f64>::eye(4));
    assert!(Steep::explain().contains("linear in x, with coefficients that stay over a step"));
}
