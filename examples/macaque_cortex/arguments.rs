//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use lexopt::prelude::*;
use rate_model::{Error, Integrator, ms};

use crate::Message;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
A pulse through the macaque cortex (Chaudhuri et al., Neuron 88:419, 2015)

  --connectome DIR     folder with fln.csv and hierarchy.csv [a synthetic cortex]
  --out DIR            where rates.csv and rates.svg go [out]
  --stimulate AREA     the area that gets the pulse [the lowest in the hierarchy]
  --amplitude HZ       strength of the pulse, in Hz [41.8646]
  --eta X              growth of excitation along the hierarchy [0.68]
  --dt MS              step, in ms [0.2]
  --duration MS        model time, in ms [2500]
  --integrator NAME    euler, exponential-euler, midpoint, heun, ralston, ssp-rk3, rk4 [euler]
  --precision TYPE     f64 or f32 [f64]";

/// The number type to run in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Precision {
    /// Double precision.
    F64,
    /// Single precision.
    F32,
}

/// What the user asked for.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) connectome: Option<PathBuf>,
    pub(crate) out: PathBuf,
    pub(crate) stimulate: Option<String>,
    pub(crate) amplitude: f64,
    pub(crate) eta: f64,
    pub(crate) dt: f64,
    pub(crate) duration: f64,
    pub(crate) integrator: Integrator,
    pub(crate) precision: Precision,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            connectome: None,
            out: "out".into(),
            stimulate: None,
            amplitude: 41.8646,
            eta: 0.68,
            dt: 0.2,
            duration: 2500.0,
            integrator: Integrator::Euler,
            precision: Precision::F64,
        }
    }
}

impl Arguments {
    /// Reads the command line; `None` when help was asked for.
    pub(crate) fn from_command_line() -> Result<Option<Self>, Message> {
        let mut arguments = Self::default();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            let name = match argument {
                Long("help") | Short('h') => return Ok(None),
                Long(name) => name.to_owned(),
                other => return Err(format!("{}; see --help", other.unexpected())),
            };
            let value = parser.value().map_err(|error| format!("{error}; see --help"))?;
            let value = value.string().map_err(|error| error.to_string())?;
            arguments.set(&name, &value)?;
        }
        if arguments.dt <= 0.0 {
            return Err(format!("--dt is {}: give a step above 0, in ms", arguments.dt));
        }
        if arguments.duration < 0.0 {
            return Err(format!(
                "--duration is {}: give a time not below 0, in ms",
                arguments.duration
            ));
        }
        Ok(Some(arguments))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Message> {
        let number = || match f64::from_str(value) {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("--{name} wants a number, not `{value}`")),
        };
        match name {
            "connectome" => self.connectome = Some(value.into()),
            "out" => self.out = value.into(),
            "stimulate" => self.stimulate = Some(value.to_owned()),
            "amplitude" => self.amplitude = number()?,
            "eta" => self.eta = number()?,
            "dt" => self.dt = number()?,
            "duration" => self.duration = number()?,
            "integrator" => {
                self.integrator = value.parse().map_err(|error: Error| error.to_string())?;
            }
            "precision" => {
                self.precision = match value {
                    "f64" => Precision::F64,
                    "f32" => Precision::F32,
                    _ => return Err(format!("--precision is f64 or f32, not `{value}`")),
                }
            }
            _ => return Err(format!("there is no option --{name}; see --help")),
        }
        Ok(())
    }

    /// The number of steps of the run: the nearest, when the duration is not a whole number of them.
    pub(crate) fn steps(&self) -> Result<u64, Message> {
        match ms(self.duration).steps(ms(self.dt)) {
            Err(Error::NotWholeSteps { .. }) => Ok(self.nearest_steps()),
            steps => steps.map_err(|error| error.to_string()),
        }
    }

    fn nearest_steps(&self) -> u64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
        let steps = (self.duration / self.dt).round() as u64;
        let (asked, done) = (self.duration, steps as f64 * self.dt);
        eprintln!(
            "note: {asked} ms is not a whole number of steps of {} ms: running {done} ms",
            self.dt
        );
        steps
    }
}
