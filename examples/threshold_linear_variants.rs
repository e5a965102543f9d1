//! The threshold-linear model and eight models based on it: each is written as what it adds to the
//! published one or replaces in it, and checked as a whole.
//!
//! `cargo run --release --example threshold_linear_variants` prints what a second of input does to
//! each of them and draws `out/threshold_linear_variants.svg`; with the name of a model behind `--`
//! it prints what the compiler knows of that model.

use rate_model::model::{Input, State};
use rate_model::prelude::*;
use rate_model::recording::Recording;

rate_model! {
    /// Threshold-linear excitatory/inhibitory pair (Chaudhuri et al., Neuron 88:419, 2015).
    pub model ThresholdLinear {
        param tau_e: ms = 20 where tau_e > 0;
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

    /// Coupled within the area, with the local weights of the same publication.
    pub model Recurrent: ThresholdLinear {
        param (w_ee, w_ei): pA/Hz = (24.3, 19.7);
        param (w_ie, w_ii): pA/Hz = (12.2, 12.5);
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e + w_ee*ν_e - w_ei*ν_i);
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i + w_ie*ν_e - w_ii*ν_i);
    }

    /// Tires: a slow current that follows the rate is subtracted from the input.
    pub model Adapting: ThresholdLinear {
        param tau_a: ms = 150 where tau_a > 0;
        /// Strength of adaptation.
        param b: pA/Hz = 20;
        state a: pA = 0;
        tau_a da/dt = -a + b*ν_e;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e - a);
    }

    /// White noise of the given standard deviation on both rates, were they not kept positive.
    pub model Noisy: ThresholdLinear {
        param σ: Hz = 2;
        noise (ξ_e, ξ_i): white;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e) + σ*sqrt(2*tau_e)*ξ_e;
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i) + σ*sqrt(2*tau_i)*ξ_i;
    }

    /// A fluctuating current, in front of the threshold: Ornstein–Uhlenbeck noise.
    pub model Fluctuating: ThresholdLinear {
        /// Correlation time and standard deviation of the current.
        param τ_η: ms = 5 where τ_η > 0;
        param σ: pA = 100;
        noise η: ou(τ_η);
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e + σ*η);
    }

    /// Inhibits itself by way of a loop that takes time: it rings.
    pub model Delayed: ThresholdLinear {
        param d: ms = 40 where d >= 0;
        param w: pA/Hz = 25;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e - w*ν_e(t - d));
    }

    /// A third input multiplies the slope of the response (gain fields; Salinas and Sejnowski, The
    /// Neuroscientist 7:430, 2001).
    pub model Gain: ThresholdLinear {
        /// Relative change of the slope; half as steep again where nothing is connected.
        input g = 0.5;
        let slope: Hz/pA = β_e*relu(1 + g);
        tau_e dν_e/dt = -ν_e + slope*relu(I_e);
    }

    /// Cannot fire faster than its refractory time allows.
    pub model Saturating: ThresholdLinear {
        param ν_max: Hz = 15 where ν_max > 0;
        fn saturated(ν) = ν_max*tanh(ν/ν_max);
        tau_e dν_e/dt = -ν_e + saturated(β_e*relu(I_e));
    }

    /// Based on one of the above: without inhibitory population, and slower to tire.
    pub model Alone: Adapting {
        remove tau_i, β_i, I_i, ν_i;
        param tau_a: s = 0.4 where tau_a > 0;
    }
}

/// A second with 300 pA between 100 and 600 ms; what is recorded of the excitatory rate.
fn respond<M: RateModel>(rate: State<M>, current: Input<M>) -> Result<Recording<f64>, Error> {
    let mut network = Network::new();
    let area = network.add(Population::<M>::new(M::INFO.name, 1))?;
    network.stimulate(area, current, Stimulus::window(ms(100.0), ms(600.0), 300.0))?;
    let mut simulation = Simulation::new(network, ms(0.1))?;
    simulation.record(area, rate)?;
    simulation.run(ms(1000.0))?;
    Ok(simulation.recording())
}

/// Calls a macro with every model: what to do, and the list.
macro_rules! for_each_variant {
    ($do:ident) => {
        $do!(
            ThresholdLinear,
            Recurrent,
            Adapting,
            Noisy,
            Fluctuating,
            Delayed,
            Gain,
            Saturating,
            Alone
        )
    };
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(wanted) = std::env::args().nth(1) {
        macro_rules! explanation {
            ($($model:ident),*) => {
                match wanted.as_str() {
                    $(stringify!($model) => $model::explain(),)*
                    _ => return Err(format!("there is no model `{wanted}` here").into()),
                }
            };
        }
        print!("{}", for_each_variant!(explanation));
        return Ok(());
    }
    macro_rules! responses {
        ($($model:ident),*) => { [$(respond($model::ν_e, $model::I_e)?),*] };
    }
    println!("{:16} {:>12} {:>12} {:>12}", "ν_e (Hz)", "largest", "at 600 ms", "at 1000 ms");
    let mut all = Recording { traces: Vec::new() };
    for recording in for_each_variant!(responses) {
        let trace = &recording.traces[0];
        let rates = trace.values.column(0);
        let largest = rates.iter().copied().fold(0.0, f64::max);
        let (end, last) = (rates[6000], rates[10_000]);
        println!("{:16} {largest:12.3} {end:12.3} {last:12.3}", trace.population);
        all.traces.extend(recording.traces);
    }
    std::fs::create_dir_all("out")?;
    all.plot("out/threshold_linear_variants.svg")?;
    println!("drawn in out/threshold_linear_variants.svg");
    Ok(())
}
