//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use rate_model::Instructions;

use crate::error::Error;
use crate::peer::Kind;
use crate::workloads::Workload;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
How fast rate_model is

  rate-model-bench WORKLOAD [options]

  W1       threshold-linear pairs, uncoupled        W5     a brain of 80 regions, delays, noise
  W2       the same with white noise                W6     256 such brains, coupled differently
  W3       2000 pairs, four dense matrices          W7     Wilson-Cowan units, uncoupled
  W4       100,000 units, 100 inputs each           W7-OU  the same with noise on each input
  C1       from an edited model to its first step   S1     cost against size, as curves

  --n N            how many pairs, units, regions or brains [as above; 100000 for W1, W2 and W7]
  --dtype TYPE     f32 or f64 [f32]
  --threads N      threads [1]
  --runs N         how often it is timed, after one run to warm up [7]
  --steps N        steps of a run, where fewer are to do [as the workload says]
  --no-noise       W2, W5, W6, W7-OU with noise of size 0
  --delay N        W3, W4 with one delay of so many steps for all connections
  --members N      W3, W4 as a sweep of so many networks with the same weights; the time of one of them [1]
  --interpolate    W5, W6 with delays that are not rounded to steps
  --clock CLOCK    cpu or wall [cpu for one thread, wall for more]
  --isa SET        baseline, avx2 or avx512, here and for C [the best that there is]
  --peer PEER      in alternation with c, numba, brainpy, neurolib, brian2 or tvb;
                   or with read, which reads the weights of W3 and W4 and does nothing else
  --json           one JSON object per result
  --out FOLDER     of S1: where the curves are drawn [docs]";

/// The number type to run in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Precision {
    F32,
    F64,
}

impl Precision {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}

/// What time is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Clock {
    /// That the process was at work: what others do on the machine counts less.
    Cpu,
    /// That passed.
    Wall,
}

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) workload: Workload,
    pub(crate) n: Option<usize>,
    pub(crate) precision: Precision,
    pub(crate) threads: usize,
    pub(crate) runs: usize,
    pub(crate) steps: Option<u64>,
    pub(crate) noise: bool,
    pub(crate) delay: Option<u64>,
    pub(crate) members: usize,
    pub(crate) interpolate: bool,
    pub(crate) clock: Option<Clock>,
    pub(crate) isa: Option<Instructions>,
    pub(crate) peer: Option<Kind>,
    pub(crate) json: bool,
    pub(crate) out: PathBuf,
}

impl Arguments {
    /// A workload as it stands in the usage.
    pub(crate) fn new(workload: Workload) -> Self {
        Self {
            workload,
            n: None,
            precision: Precision::F32,
            threads: 1,
            runs: 7,
            steps: None,
            noise: true,
            delay: None,
            members: 1,
            interpolate: false,
            clock: None,
            isa: None,
            peer: None,
            json: false,
            out: "docs".into(),
        }
    }

    /// Reads the command line; `None` when help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Error> {
        let mut parser = lexopt::Parser::from_env();
        let wrong = |error: lexopt::Error| Error::Arguments(error.to_string());
        let workload = match parser.next().map_err(wrong)? {
            None | Some(Long("help") | Short('h')) => return Ok(None),
            Some(Value(name)) => {
                let name = name.to_string_lossy();
                let unknown = || Error::Arguments(format!("there is no workload `{name}`"));
                Workload::named(&name).ok_or_else(unknown)?
            }
            Some(other) => return Err(wrong(other.unexpected())),
        };
        let mut arguments = Self::new(workload);
        while let Some(argument) = parser.next().map_err(wrong)? {
            let name = match argument {
                Long("help") | Short('h') => return Ok(None),
                Long("json") => {
                    arguments.json = true;
                    continue;
                }
                Long("no-noise") => {
                    arguments.noise = false;
                    continue;
                }
                Long("interpolate") => {
                    arguments.interpolate = true;
                    continue;
                }
                Long(name) => name.to_owned(),
                other => return Err(wrong(other.unexpected())),
            };
            let value = parser.value().and_then(ValueExt::string).map_err(wrong)?;
            arguments.set(&name, &value)?;
        }
        Ok(Some(arguments))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let one_of =
            |choices: &str| Error::Arguments(format!("--{name} is {choices}, not `{value}`"));
        let count = || match value.parse::<u64>() {
            Ok(count) if count > 0 => Ok(count),
            _ => Err(one_of("a whole number above 0")),
        };
        let size = || {
            count().and_then(|count| {
                usize::try_from(count).map_err(|_| one_of("a number that fits into memory"))
            })
        };
        match name {
            "n" => self.n = Some(size()?),
            "threads" => self.threads = size()?,
            "runs" => self.runs = size()?,
            "steps" => self.steps = Some(count()?),
            "members" => self.members = size()?,
            "delay" => self.delay = Some(count()?),
            "dtype" => {
                self.precision = match value {
                    "f32" => Precision::F32,
                    "f64" => Precision::F64,
                    _ => return Err(one_of("f32 or f64")),
                }
            }
            "clock" => {
                self.clock = match value {
                    "cpu" => Some(Clock::Cpu),
                    "wall" => Some(Clock::Wall),
                    _ => return Err(one_of("cpu or wall")),
                }
            }
            "isa" => {
                self.isa = match value {
                    "baseline" => Some(Instructions::Baseline),
                    "avx2" => Some(Instructions::Avx2),
                    "avx512" => Some(Instructions::Avx512),
                    _ => return Err(one_of("baseline, avx2 or avx512")),
                }
            }
            "peer" => {
                self.peer = Some(Kind::named(value).ok_or_else(|| one_of(&Kind::names()))?);
            }
            "out" => self.out = value.into(),
            _ => return Err(Error::Arguments(format!("there is no option --{name}"))),
        }
        Ok(())
    }

    /// Time of the process, unless threads share the work.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.unwrap_or(if self.threads == 1 { Clock::Cpu } else { Clock::Wall })
    }
}
