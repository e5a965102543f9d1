//! What `use rate_model::prelude::*` brings: the macro, and everything needed to run a model.

pub use crate::crew::Threads;
pub use crate::error::Error;
pub use crate::integrate::{Arithmetic, Bounds, Delivery, Integrator, Interpolation, Tolerance};
pub use crate::model::RateModel;
pub use crate::moments::Moments;
pub use crate::monitor::Monitor;
pub use crate::network::{
    Coupled, Delays, Network, Population, PopulationId, Projection, Stimulus, Weights,
};
pub use crate::rate_model;
pub use crate::recording::{Recording, Trace};
pub use crate::simulation::{Options, Simulation};
pub use crate::sweep::{Sweep, SweepPoint, linspace};
pub use crate::time::{Time, min, ms, s, steps, us};
pub use crate::values::Values;
