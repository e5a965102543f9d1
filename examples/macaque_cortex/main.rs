//! A pulse of input to the primary visual cortex of the macaque, and what becomes of it in the 28
//! other areas: the large-scale model of Chaudhuri et al. (Neuron 88:419, 2015), whose areas differ
//! only in the strength of excitation along the hierarchy, and in consequence in how slow they are.
//!
//! ```text
//! cargo run --release --example macaque_cortex -- [--connectome DIR] [--out DIR]
//!     [--stimulate AREA] [--amplitude HZ] [--eta X] [--dt MS] [--duration MS]
//!     [--integrator NAME] [--precision f64|f32]
//! ```
//!
//! `DIR` holds `fln.csv` (fraction of labelled neurons, row = target area, column = source area)
//! and `hierarchy.csv` (position of each area). Without it a synthetic cortex is used. Writes
//! `rates.csv` and `rates.svg` into the folder given with `--out`.

mod arguments;
mod connectome;
mod cortex;
mod report;

use std::process::ExitCode;

use arguments::{Arguments, Precision};
use connectome::Connectome;
use rate_model::lanes::Real;
use rate_model::steps;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// What went wrong, in one line.
type Message = String;

fn run() -> Result<(), Message> {
    let Some(arguments) = Arguments::from_command_line()? else {
        println!("{}", arguments::USAGE);
        return Ok(());
    };
    let connectome = match &arguments.connectome {
        Some(folder) => Connectome::read(folder)?,
        None => Connectome::synthetic(),
    };
    match arguments.precision {
        Precision::F64 => simulate::<f64>(&arguments, &connectome),
        Precision::F32 => simulate::<f32>(&arguments, &connectome),
    }
}

fn simulate<T: Real>(arguments: &Arguments, connectome: &Connectome) -> Result<(), Message> {
    let mut simulation = cortex::build::<T>(arguments, connectome)?;
    let linearised = simulation.linearise().map_err(|error| error.to_string())?;
    report::make_folder(&arguments.out)?;
    simulation.run(steps(arguments.steps()?)).map_err(|error| error.to_string())?;
    let trace = simulation.recording().traces.swap_remove(0);
    report::write(&trace, &arguments.out)?;
    report::print_peaks(&trace, cortex::background());
    report::print_time_constants(&linearised);
    println!("written: {0}/rates.csv, {0}/rates.svg", arguments.out.display());
    Ok(())
}
