//! What BrainPy's generators of inputs make, by stimuli (`golden/brainpy/inputs.csv`).

use std::f64::consts::TAU;

use rate_model::prelude::*;

use crate::golden::lines;

rate_model! {
    /// Steps and frequencies are in milliseconds there.
    model Listening { time t: ms; input I; output heard = I; state x = 0; (1 ms)*dx/dt = 0*x; }
}

/// A sine is read at the beginning of a step; so much of it is past then.
fn turns(t: f64, hertz: f64) -> f64 {
    hertz * t / 1000.0
}

/// The stimuli, which add up, for a row of the file.
fn stimuli(generator: &str) -> Vec<Stimulus> {
    let window = |from: f64, until: f64, value: f64| Stimulus::window(ms(from), ms(until), value);
    let sine = |bias: f64| vec![Stimulus::function(move |t| (TAU * turns(t, 100.0)).sin() + bias)];
    match generator {
        "section_input([0,1,-2],[1,2,1])" => vec![window(1.0, 3.0, 1.0), window(3.0, 4.0, -2.0)],
        "constant_input([(0,1),(1.5,2)])" => vec![window(1.0, 3.0, 1.5)],
        "spike_input([.5,1.2],.3,2,dur=3)" => {
            vec![window(0.5, 0.8, 2.0), window(1.2, 1.5, 2.0)]
        }
        // BrainPy is at the end one step before the ramp ends.
        "ramp_input(0,1,3,t_start=.5,t_end=2.5)" => {
            let is_inside = |t: f64| (0.45..2.45).contains(&t);
            vec![Stimulus::function(move |t| if is_inside(t) { (t - 0.5) / 1.9 } else { 0.0 })]
        }
        "sinusoidal_input(1,100Hz,3ms)" => sine(0.0),
        "sinusoidal_input(1,100Hz,3ms,bias)" => sine(1.0),
        "square_input(1,500Hz,3ms)" => {
            let is_up = |t: f64| (turns(t, 500.0) + 1e-9).fract() < 0.5;
            vec![Stimulus::function(move |t| if is_up(t) { 1.0 } else { -1.0 })]
        }
        other => panic!("{other} is not done"),
    }
}

#[test]
fn inputs_are_brainpys() {
    let rows = lines("inputs.csv");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let (generator, values) = row.split_once(';').unwrap();
        let values: Vec<f64> = values.split(' ').map(|value| value.parse().unwrap()).collect();
        let mut network = Network::new();
        let p = network.add(Population::<Listening>::new("p", 1)).unwrap();
        for stimulus in stimuli(generator) {
            network.stimulate(p, Listening::I, stimulus).unwrap();
        }
        let mut simulation = Simulation::new(network, ms(0.1)).unwrap();
        simulation.record(p, Listening::heard).unwrap();
        simulation.run(steps(values.len() as u64)).unwrap();
        let heard = simulation.trace(p, Listening::heard).unwrap().values;
        for (step, expected) in values.iter().enumerate() {
            let found = heard[[step, 0]];
            assert!((found - expected).abs() < 1e-13, "{generator}, {step}: {found} {expected}");
        }
    }
}
