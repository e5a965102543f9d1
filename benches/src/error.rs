//! What can go wrong.

use std::path::PathBuf;
use std::process::Command;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}; see --help")]
    Arguments(String),
    #[error(transparent)]
    Model(#[from] rate_model::Error),
    #[error("a member of the sweep failed: {0}")]
    Member(String),
    #[error("{workload} cannot be compared with {peer}: {reason}")]
    NoPeer { workload: &'static str, peer: String, reason: &'static str },
    #[error(
        "`{variable}` names no Python: make one with `python3 -m venv DIR && DIR/bin/pip install \
         {packages}` and set {variable}=DIR/bin/python"
    )]
    Python { variable: &'static str, packages: &'static str },
    #[error("{command} did not work: {problem}")]
    Command { command: String, problem: String },
    #[error("{peer} ended or said what was not asked for: {said}")]
    Peer { peer: String, said: String },
    #[error(
        "{workload} by {peer} is something else: {what} is {theirs:e}, ours {ours:e}, and they may differ by {tolerance:e}"
    )]
    Differs {
        workload: &'static str,
        peer: String,
        what: &'static str,
        ours: f64,
        theirs: f64,
        tolerance: f64,
    },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("cannot draw {}: {problem}", path.display())]
    Plot { path: PathBuf, problem: String },
}

impl Error {
    /// A problem with a file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}

/// Runs a command that must succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Error> {
    let shown = format!("{command:?}");
    let wrong = |problem: String| Error::Command { command: shown.clone(), problem };
    let status = command.status().map_err(|error| wrong(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(wrong(status.to_string())) }
}
