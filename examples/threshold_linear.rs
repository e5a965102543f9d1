//! The model of the README: an excitatory and an inhibitory population with threshold-linear
//! response. Both relax to gain × current with their own time constants; a negative current
//! silences, it does not invert.
//!
//! `cargo run --release --example threshold_linear` prints the rates and draws
//! `out/threshold_linear.svg`.

use rate_model::prelude::*;

rate_model! {
    /// Threshold-linear excitatory/inhibitory pair (Chaudhuri et al., Neuron 88:419, 2015).
    pub model ThresholdLinear {
        /// Time constant of the excitatory population.
        param tau_e: ms = 20 where tau_e > 0;
        /// Time constant of the inhibitory population.
        param tau_i: ms = 10 where tau_i > 0;
        param β_e: Hz/pA = 0.066;
        param β_i: Hz/pA = 0.351;
        input I_e: pA;
        input I_i: pA;
        state ν_e: Hz = 0 where ν_e >= 0;
        state ν_i: Hz = 0 where ν_i >= 0;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e);
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut network = Network::new();
    let pair = network.add(Population::<ThresholdLinear>::new("pair", 1))?;
    let (on, off) = (ms(50.0), ms(200.0));
    network.stimulate(pair, ThresholdLinear::I_e, Stimulus::window(on, off, 300.0))?;
    network.stimulate(pair, ThresholdLinear::I_i, Stimulus::window(on, off, 40.0))?;
    network.stimulate(pair, ThresholdLinear::I_i, Stimulus::window(ms(120.0), off, -90.0))?;

    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(pair, ThresholdLinear::ν_e)?;
    simulation.record(pair, ThresholdLinear::ν_i)?;
    simulation.run(ms(300.0))?;

    let recording = simulation.recording();
    println!("t (ms)  ν_e (Hz)  ν_i (Hz)");
    let [e, i] = [0, 1].map(|trace| &recording.traces[trace]);
    for row in (0..e.time.len()).step_by(250) {
        println!("{:6}  {:8.4}  {:8.4}", e.time[row], e.values[[row, 0]], i.values[[row, 0]]);
    }
    std::fs::create_dir_all("out")?;
    recording.plot("out/threshold_linear.svg")?;
    println!("drawn in out/threshold_linear.svg");
    Ok(())
}
