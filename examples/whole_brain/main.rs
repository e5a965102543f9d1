//! Synchrony of a brain: phase oscillators of about 60 Hz at the regions of a connectome, coupled with the
//! delays of their tracts (J. Cabral, E. Hugues, O. Sporns and G. Deco, Neuroimage 57:130, 2011).
//!
//! `cargo run --release --example whole_brain` makes a synthetic connectome, writes it to
//! `out/connectivity.zip` in the format of The Virtual Brain and reads it back;
//! `… -- connectivity_76.zip` takes another. It prints, for each mean delay and strength of coupling, the
//! synchrony (the mean of the order parameter R), the metastability (its standard deviation) and the mean
//! frequency, and draws them in `out/whole_brain.svg`.
//!
//! What the publication reports is seen: without delays synchrony sets in at the critical strength of
//! Kuramoto's theory, and fluctuates most there; mean delays of a third of the period and more prevent it;
//! oscillators that pull each other with short delays are slower than each is alone (E. Niebur, H. G.
//! Schuster and D. M. Kammen, Phys. Rev. Lett. 67:2753, 1991).

mod connectome;
mod picture;

use rate_model::connectivity::Connectome;
use rate_model::prelude::*;

rate_model! {
    /// A region that oscillates.
    pub model Region {
        /// Natural frequency.
        param ω: rad/ms = 0.377;
        input pull: rad/ms;
        state θ: rad = 0;
        dθ/dt = ω + pull;
    }

    /// K Σ w sin(θ_j - θ_i), with the delayed phase of the source.
    pub coupling Pull {
        param K: rad/s = 1;
        source θ_j: rad;
        target θ_i: rad;
        each s = sin(θ_j - θ_i);
        total pull: rad/ms = K*sum(s);
    }
}

/// Mean and standard deviation of natural frequencies, in Hz.
const FREQUENCY: [f64; 2] = [60.0, 2.0];
/// Mean delays in ms: a period is 16.7 ms.
const DELAYS: [f64; 4] = [0.0, 2.0, 5.0, 10.0];
/// Strengths of coupling in rad/s.
const STRENGTHS: [f64; 11] = [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0, 60.0];
/// What is left out before anything is measured, in s.
const SETTLING: f64 = 1.0;
/// How long is measured, in s.
const MEASURED: f64 = 5.0;

/// What one run comes to.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// Mean of the order parameter R = |Σ exp(iθ)|/n.
    synchrony: f64,
    /// Standard deviation of R over time.
    metastability: f64,
    /// Mean frequency in Hz.
    frequency: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = match std::env::args().nth(1) {
        Some(path) => path.into(),
        None => connectome::write_synthetic()?,
    };
    let brain = connectome::prepare(&Connectome::read_tvb(&path)?)?;
    let spread = std::f64::consts::TAU * FREQUENCY[1];
    let critical = spread * (8.0 / std::f64::consts::PI).sqrt();
    println!("{} regions of {}", brain.len(), path.display());
    println!("all-to-all, without delays, synchrony would set in at K = {critical:.1} rad/s");
    let mut curves = Vec::new();
    for delay in DELAYS {
        println!("\nmean delay {delay} ms\nK (rad/s)  synchrony  metastability  frequency (Hz)");
        let mut curve = Vec::new();
        for strength in STRENGTHS {
            let Outcome { synchrony, metastability, frequency } = run(&brain, delay, strength)?;
            println!("{strength:9}  {synchrony:9.3}  {metastability:13.3}  {frequency:14.2}");
            curve.push([synchrony, metastability, frequency]);
        }
        curves.push((format!("{delay} ms"), curve));
    }
    picture::draw("out/whole_brain.svg", &STRENGTHS, &curves)?;
    println!("\ndrawn in out/whole_brain.svg");
    Ok(())
}

/// Runs the brain with tracts as slow as makes this mean delay in ms.
fn run(brain: &Connectome, delay: f64, strength: f64) -> Result<Outcome, Error> {
    let (natural, phases) = connectome::oscillators(brain.len(), FREQUENCY);
    let mut population = Population::<Region>::new("brain", brain.len())
        .labels(brain.labels().iter().cloned())
        .set(Region::ω, natural.clone())
        .init(Region::θ, phases.clone());
    if delay > 0.0 {
        // Before t = 0 each oscillated by itself.
        let phase = move |t, region: usize| phases[region] + natural[region] * t;
        population = population.history_fn(Region::θ, phase);
    }
    let mut network = Network::new();
    let brain_id = network.add(population)?;
    let coupling = Coupled::<Pull>::new().set(Pull::K, strength);
    let mut tracts = Projection::new(brain_id, Region::θ, brain_id, Region::pull, brain.weights())
        .coupling(coupling)
        .against(brain_id, Region::θ);
    if delay > 0.0 {
        let speed = connectome::mean_length(brain) / delay;
        tracts = tracts.delays(Delays::matrix(ms(1.0), &brain.delays(speed)?));
    }
    network.connect(tracts)?;

    let options = Options { integrator: Integrator::Heun, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.5), options)?;
    simulation.monitor(Monitor::new(brain_id, Region::θ).every(4))?;
    simulation.run(s(SETTLING + MEASURED))?;
    Ok(measure(&simulation.trace(brain_id, Region::θ)?))
}

/// Synchrony, metastability and frequency of recorded phases.
fn measure(phases: &Trace<f64>) -> Outcome {
    let is_measured = |row: &usize| phases.time[*row] >= 1000.0 * SETTLING;
    let rows: Vec<usize> = (0..phases.time.len()).filter(is_measured).collect();
    let order = |row: &usize| {
        let row = phases.values.row(*row);
        let sum = |part: fn(f64) -> f64| row.iter().copied().map(part).sum::<f64>();
        sum(f64::cos).hypot(sum(f64::sin)) / row.len() as f64
    };
    let (order, samples) = (rows.iter().map(order).collect::<Vec<_>>(), rows.len() as f64);
    let synchrony = order.iter().sum::<f64>() / samples;
    let square = order.iter().map(|order| (order - synchrony).powi(2)).sum::<f64>() / samples;
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    let turned = &phases.values.row(last) - &phases.values.row(first);
    let turns = turned.sum() / turned.len() as f64 / std::f64::consts::TAU;
    let seconds = (phases.time[last] - phases.time[first]) / 1000.0;
    Outcome { synchrony, metastability: square.sqrt(), frequency: turns / seconds }
}
