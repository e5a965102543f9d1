//! Peers in Python, run by one that has them.

use std::process::Command;

use super::{Kind, sources};
use crate::error::Error;

/// Where to find that Python.
const VARIABLE: &str = "RATE_MODEL_PEER_PYTHON";

/// The command that runs a peer.
pub(super) fn command(kind: Kind) -> Result<Command, Error> {
    let packages = match kind {
        Kind::BrainPy => "'brainpy[cpu]==2.9.0'",
        Kind::Neurolib => "neurolib",
        Kind::Brian2 => "brian2 cython setuptools",
        Kind::Tvb => "tvb-library tvb-data",
        Kind::Numba | Kind::C | Kind::Read => "numba numpy",
    };
    let python = std::env::var_os(VARIABLE).filter(|python| !python.is_empty());
    let python = python.ok_or(Error::Python { variable: VARIABLE, packages })?;
    let mut command = Command::new(python);
    command.arg("-u").arg(sources().join(format!("{}_peer.py", kind.name())));
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"] {
        command.env(variable, "1");
    }
    Ok(command)
}
