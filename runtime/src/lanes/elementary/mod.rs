//! Elementary functions as straight lines of arithmetic and choices, without tables, branches and
//! calls, so that the compiler makes vectors of the loop around them.
//!
//! Without fused products ([`Rounding::FUSED`]) they are made of operations that IEEE 754 defines to
//! the last bit: the same bits on every machine. [`Functions`](super::Functions) has their errors.

mod error;
mod exponential;
mod float;
mod logarithm;
mod power;
#[cfg(test)]
mod tests;
mod trigonometric;

pub(super) use error::{erf, erfc};
pub(super) use exponential::{cosh, exp, expm1, sigmoid, sinh, tanh};
pub(super) use float::Float;
pub(super) use logarithm::{log, log1p, softplus};
pub(super) use power::pow;
pub(super) use trigonometric::{NEAR, acos, asin, atan, cos, sin, tan};

use super::{Lane, Real, Rounding};

/// A function in double precision, for any precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn widened<T: Real, A: Rounding, const N: usize>(
    arguments: [Lane<T, A>; N],
    function: impl Fn([Lane<f64, A>; N]) -> Lane<f64, A>,
) -> Lane<T, A> {
    let result = function(arguments.map(|x| x.with(x.value.to_f64())));
    result.with(T::from_f64(result.value))
}
