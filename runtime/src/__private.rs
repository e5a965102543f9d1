//! What generated code names, and nothing else does. Not part of the public interface.

pub use core::marker::Copy;
pub use core::option::Option;
pub use core::primitive::f64;

pub use rate_model_macros::{rate_model_in, rate_model_variant_in};

pub use crate::lanes::{Lanes, Slope};
pub use crate::model::{
    Auxiliary, Bound, Coupling, DelayInfo, Equation, Form, Input, Law, Limit, ModelInfo, Noise,
    NoiseInfo, Output, Param, Place, Point, RateModel, Response, Roles, State, Symbol, TimeBase,
    Variation, White,
};
