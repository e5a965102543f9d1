//! Declare, check and simulate rate-based neural models.
//!
//! A model is written as in the paper; the compiler checks names, units and structure and points at
//! the wrong term; a population of units of the model is simulated by code made for it.
//!
//! ```
//! use rate_model::prelude::*;
//!
//! rate_model! {
//!     /// Threshold-linear excitatory/inhibitory pair (Chaudhuri et al., Neuron 2015).
//!     pub model ThresholdLinear {
//!         param tau_e: ms = 20 where tau_e > 0;   param β_e: Hz/pA = 0.066;
//!         param tau_i: ms = 10 where tau_i > 0;   param β_i: Hz/pA = 0.351;
//!         input I_e: pA;                          state ν_e: Hz = 0 where ν_e >= 0;
//!         input I_i: pA;                          state ν_i: Hz = 0 where ν_i >= 0;
//!         tau_e dν_e/dt = -ν_e + β_e*relu(I_e);
//!         tau_i dν_i/dt = -ν_i + β_i*relu(I_i);
//!     }
//! }
//!
//! let mut network = Network::new();
//! let pair = network.add(Population::<ThresholdLinear>::new("pair", 1))?;
//! network.stimulate(pair, ThresholdLinear::I_e, 300.0)?;
//! let mut simulation = Simulation::new(network, ms(0.1))?;
//! simulation.record(pair, ThresholdLinear::ν_e)?;
//! simulation.run(ms(200.0))?;
//! let rate = simulation.values(pair, ThresholdLinear::nu_e)?[0];
//! assert!((rate - 0.066 * 300.0).abs() < 1e-2);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Where things are
//!
//! * the language: [`rate_model!`], its errors and lints: [`codes`];
//! * what is simulated: [`Population`], [`Network`], [`Stimulus`], [`Weights`];
//! * who is connected with whom: [`connectivity`], connectomes from files and rules;
//! * how: [`Simulation`], [`Options`], [`Integrator`], [`Delivery`], [`Arithmetic`];
//! * by hand, with BrainPy's interface: [`group`], [`brainpy`]; files of named arrays: [`states`];
//! * what comes out: [`Monitor`], [`Moments`], [`Chunks`], [`recording`], [`Linearisation`].

// Without files, nothing asks for what goes into them.
#![cfg_attr(not(feature = "states"), allow(dead_code, unused_mut, reason = "only files need it"))]

#[doc(hidden)]
pub mod __private;
#[doc = include_str!("../docs/brainpy.md")]
pub mod brainpy {}
#[cfg(feature = "states")]
mod checkpoint;
mod chunks;
#[doc = include_str!("../docs/codes.md")]
pub mod codes {}
pub mod connectivity;
pub mod couplings;
mod crew;
mod draw;
mod error;
pub mod group;
mod init;
mod instructions;
mod integrate;
pub mod lanes;
mod loops;
mod mixing;
pub mod model;
mod moments;
mod monitor;
mod network;
mod noise;
mod normal;
mod part;
mod philox;
pub mod prelude;
mod progress;
pub mod recording;
pub mod report;
mod settle;
mod shape;
mod simulation;
mod stability;
pub mod states;
mod sweep;
mod task;
mod time;
mod turn;
mod units;
mod values;
mod warning;

/// Arrays go in and come out as those of this version of `ndarray`.
pub use ndarray;

pub use chunks::Chunks;
pub use crew::Threads;
pub use error::Error;
pub use init::{Fan, Init, Spread};
pub use instructions::Instructions;
pub use integrate::{Arithmetic, Bounds, Delivery, Integrator, Interpolation, Tolerance};
pub use mixing::{Mixing, MixingError};
pub use moments::{Moments, Statistics};
pub use monitor::Monitor;
pub use network::{
    Coordinate, Couple, Coupled, Delays, Linearisation, Network, Population, PopulationId,
    Projection, Stimulus, Sum, Weights,
};
pub use report::Report;
pub use shape::Shape;
pub use simulation::{Options, Outcome, Simulation, StopHandle};
pub use sweep::{Axis, Failure, Sweep, SweepPoint, SweepResults, linspace};
pub use time::{Span, Time, min, ms, s, steps, us};
pub use values::Values;
pub use warning::{ShortDelay, StepSize, Warning};

#[doc = include_str!("../docs/language.md")]
#[macro_export]
macro_rules! rate_model {
    ($($model:tt)*) => { $crate::__private::rate_model_in! { [$crate] $($model)* } };
}

/// The code of the README is tested like any other.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
