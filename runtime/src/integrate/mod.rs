//! Integrators: methods as formulas on one unit, one loop that carries them over a population, and
//! the choice of instruction set.

mod dispatch;
mod method;
mod tableau;

use crate::error::Error;
pub(crate) use dispatch::{Kernels, Run};
pub(crate) use tableau::Tableau;

/// A method of integration with a fixed step.
///
/// White noise needs one of the methods with one stage, which then are those of Euler and Maruyama.
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
    /// Milstein's method for white noise, strong order 1: Euler–Maruyama and, for each noise with
    /// factors g, ½ (g·∇)g ((ΔW)² - dt), the derivatives by the compiler. The order holds where the
    /// noises of a unit commute, as they do where there is one, where each drives one state and
    /// depends on it alone, and where factors do not depend on states, where it is that of Euler and
    /// Maruyama; else it is ½, for want of Lévy's areas. Without white noise it is Euler's.
    ///
    /// Source: G. N. Milstein, Theory Probab. Appl. 19:557, 1975.
    Milstein,
    /// The explicit midpoint method, order 2, two stages.
    ///
    /// Source of this and all following: J. C. Butcher, Numerical Methods for Ordinary Differential
    /// Equations, 3rd edition, Wiley 2016, section 23, unless another one is given.
    Midpoint,
    /// Heun's method (the explicit trapezoidal rule), order 2, two stages.
    Heun,
    /// Ralston's method, order 2, two stages, with the smallest bound of the local error (A. Ralston,
    /// Math. Comp. 16:431, 1962).
    Ralston,
    /// The strong-stability-preserving method of order 3, three stages (C.-W. Shu and S. Osher, J.
    /// Comput. Phys. 77:439, 1988).
    SspRungeKutta3,
    /// The classical Runge–Kutta method, order 4, four stages.
    RungeKutta4,
}

impl Integrator {
    /// Every method and its name.
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Euler, "euler"),
        (Self::ExponentialEuler, "exponential-euler"),
        (Self::Milstein, "milstein"),
        (Self::Midpoint, "midpoint"),
        (Self::Heun, "heun"),
        (Self::Ralston, "ralston"),
        (Self::SspRungeKutta3, "ssp-rk3"),
        (Self::RungeKutta4, "rk4"),
    ];
}

impl std::fmt::Display for Integrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = Self::NAMES.iter().find(|(method, _)| method == self);
        f.pad(row.map_or("", |(_, name)| name))
    }
}

impl std::str::FromStr for Integrator {
    type Err = Error;

    /// The method of a name: `euler`, `exponential-euler`, `milstein`, `midpoint`, `heun`, `ralston`, `ssp-rk3`,
    /// `rk4`.
    ///
    /// # Errors
    /// [`Error::UnknownIntegrator`].
    fn from_str(name: &str) -> Result<Self, Error> {
        let row = Self::NAMES.iter().find(|(_, known)| *known == name);
        row.map(|(method, _)| *method).ok_or_else(|| Error::UnknownIntegrator {
            name: name.to_owned(),
            known: Self::NAMES.map(|(_, name)| name).join(", "),
        })
    }
}

/// When what a population is given from outside (projections, stimuli, past values) is computed by
/// methods with stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// At each stage, from the states of that stage: the order of the method survives coupling.
    /// Windows and tables of stimuli count as constant over a step; past values are interpolated
    /// linearly, which limits the order to 2.
    #[default]
    PerStage,
    /// Once a step, and held over it, as other simulators do: order 1 in what is coupled.
    Frozen,
}

/// How the operations of formulas are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// Products are fused with sums where the processor can, divisions by what stays are products
    /// with reciprocals, and elementary functions are the project's own, made for vectors and good to
    /// 3 units in the last place: [`Functions`](crate::lanes::Functions) lists them. Deterministic on
    /// one machine.
    #[default]
    Fast,
    /// As [`Arithmetic::Fast`], but with the elementary functions of the standard library: mostly
    /// good to 1 unit in the last place, and several times slower.
    Precise,
    /// Every operation is rounded as written in the model (constants are folded in double
    /// precision, whole-number powers are products), elementary functions are those of
    /// [`Arithmetic::Fast`] made of separately rounded operations. The same bits on every machine.
    Reproducible,
}
