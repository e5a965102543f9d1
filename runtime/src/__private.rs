//! What generated code names, and nothing else does. Not part of the public interface.

pub use core::marker::Copy;
pub use core::primitive::f64;

pub use rate_model_macros::rate_model_in;

pub use crate::lanes::Lanes;
pub use crate::model::{
    Auxiliary, Bound, Input, Limit, ModelInfo, Output, Param, Point, RateModel, State, Symbol,
    TimeBase,
};
