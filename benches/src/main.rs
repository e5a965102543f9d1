//! How fast the project is: `cargo run --release -p rate-model-bench -- W1 --n 100000`. The README of
//! the package explains the workloads and holds the figures.

mod arguments;
mod connectome;
mod error;
mod harness;
mod models;
mod numbers;
mod peer;
mod plot;
mod report;
mod workloads;

use std::process::ExitCode;

use arguments::{Arguments, USAGE};
use error::Error;
use workloads::Workload;

fn main() -> ExitCode {
    match Arguments::from_command_line()
        .and_then(|arguments| arguments.as_ref().map_or_else(help, run))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "stands for a run")]
fn help() -> Result<(), Error> {
    println!("{USAGE}");
    Ok(())
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    if let Some(isa) = arguments.isa {
        isa.limit()?;
    }
    match arguments.workload {
        Workload::Curves => workloads::curves::run(arguments),
        Workload::Compile => workloads::compile::run(arguments),
        _ => harness::run(arguments),
    }
}
