//! The C reference, compiled by the system's gcc.

use std::path::Path;
use std::process::Command;

use rate_model::Instructions;

use super::sources;
use crate::arguments::Precision;
use crate::error::{Error, succeed};
use crate::harness::Request;
use crate::workloads::Workload;

/// As fast as gcc makes it, with vectors of libmvec for elementary functions.
const FLAGS: [&str; 5] =
    ["-std=gnu11", "-O3", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp"];

/// The source of the reference for a workload.
pub(super) fn reference(workload: Workload) -> &'static str {
    match workload.spec().name {
        "W1" | "W2" => "threshold_linear.c",
        "W3" => "dense.c",
        "W4" => "sparse.c",
        "W5" => "brain.c",
        "W6" => "brains.c",
        _ => "wilson_cowan.c",
    }
}

/// What gcc calls some instructions.
fn march(isa: Option<Instructions>) -> &'static str {
    match isa {
        Some(Instructions::Avx512) => "x86-64-v4",
        Some(Instructions::Avx2) => "x86-64-v3",
        Some(_) if cfg!(target_arch = "x86_64") => "x86-64",
        // Elsewhere there is nothing to choose.
        _ => "native",
    }
}

/// Compiles a source; the command that runs it.
pub(super) fn command(source: &str, request: &Request, folder: &Path) -> Result<Command, Error> {
    let real = match request.precision {
        Precision::F32 => "float",
        Precision::F64 => "double",
    };
    let program = folder.join(format!("{}_{real}", source.trim_end_matches(".c")));
    let mut gcc = Command::new("gcc");
    gcc.args(FLAGS)
        .arg(format!("-march={}", march(request.isa)))
        .arg(format!("-DREAL={real}"))
        .arg(sources().join(source));
    succeed(gcc.arg("-o").arg(&program).arg("-lm"))?;
    let mut command = Command::new(program);
    command.env("OMP_NUM_THREADS", request.threads.to_string());
    Ok(command)
}
