//! Integrators: methods as formulas on one unit, one loop that carries them over a population, and
//! the choice of instruction set.

mod dispatch;
mod method;

pub(crate) use dispatch::{Kernels, Run};

/// A method of integration with a fixed step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integrator {
    /// Forward Euler, order 1: x ← x + dt f(x).
    #[default]
    Euler,
    /// Exponential Euler with the diagonal of the Jacobian, order 1, exact for an equation that is
    /// linear in its own state with coefficients that stay over a step, and stable for any dt
    /// there: x ← x + dt exprel(dt ∂f/∂x) f(x). Where ∂f/∂x is not finite, the step is Euler's.
    ///
    /// Source: D. A. Pope, An exponential method of numerical integration of ordinary differential
    /// equations, Commun. ACM 6(8):491, 1963, with the diagonal of the Jacobian for the matrix.
    ExponentialEuler,
}

/// How the operations of formulas are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// Products are fused with sums where the processor can, divisions by what stays are products
    /// with reciprocals. Deterministic on one machine.
    #[default]
    Fast,
    /// Every operation is rounded as written in the model (constants are folded in double
    /// precision, whole-number powers are products); elementary functions come from one portable
    /// library. The same bits on every machine.
    Reproducible,
}
