//! Integrators: methods as formulas on one unit, one loop that carries them over a population, and
//! the choice of instruction set.

mod choose;
mod dense;
mod dispatch;
mod method;
mod phi;
mod scheme;
mod tableau;

use crate::error::Error;
pub(crate) use choose::{Choice, choose};
pub(crate) use dense::{Factors, Propagator, apply};
pub(crate) use dispatch::{Feed, Kernels, Run, RunSteps, Steps};
pub(crate) use phi::{phi1, phi2};
pub(crate) use scheme::{Scheme, SingleStage};
pub(crate) use tableau::Tableau;

/// A method of integration.
///
/// White noise needs a method that has a meaning for it: Euler, exponential Euler, Milstein,
/// exponential Rosenbrock, Euler–Heun, stochastic Heun, SRA1 or SRIW1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integrator {
    /// Forward Euler, order 1: x ← x + dt f(x).
    #[default]
    Euler,
    /// Exponential Euler with the diagonal of the Jacobian, order 1, exact for an equation that is
    /// linear in its own state with coefficients that stay over a step, and stable for any dt
    /// there: x ← x + dt φ₁(dt ∂f/∂x) f(x). Where ∂f/∂x is not finite, the step is Euler's.
    ///
    /// White noise that is added to such an equation gathers by its exact law, so that mean, variance
    /// and autocovariance do not depend on dt: g √((e^{2λdt} - 1)/(2λ)) N(0, 1) for λ = ∂f/∂x (D. T.
    /// Gillespie, Phys. Rev. E 54:2084, 1996). Of one noise in several equations, each has its exact
    /// law, but the correlation of them is 1 over each step, which is right for equal λ only; see
    /// [`Integrator::ExponentialRosenbrock`]. All other white noise is Euler and Maruyama's, g √dt N(0, 1).
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
    /// The 3/8 rule of Kutta, order 4, four stages.
    RungeKutta4Rule38,
    /// The pair of Bogacki and Shampine of orders 3 and 2, four stages. With
    /// [`Options::tolerance`](crate::Options::tolerance) it adapts its steps, else they are dt and
    /// the method of order 3.
    ///
    /// Source: P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2(4):321, 1989.
    BogackiShampine3,
    /// The pair of Dormand and Prince of orders 5 and 4, seven stages. With
    /// [`Options::tolerance`](crate::Options::tolerance) it adapts its steps, else they are dt and
    /// the method of order 5.
    ///
    /// Source: J. R. Dormand and P. J. Prince, J. Comput. Appl. Math. 6:19, 1980.
    DormandPrince5,
    /// A method for stiff equations: the Rosenbrock W-method ROS34PW2, order 3 with an embedded method
    /// of order 2, four stages, L-stable. It solves linear equations with the Jacobian of each unit;
    /// as its order needs no exact Jacobian, that survives coupling, which is explicit: what is stiff
    /// must be so within a unit. With [`Options::tolerance`](crate::Options::tolerance) it adapts its
    /// steps.
    ///
    /// Source: J. Rang and L. Angermann, New Rosenbrock W-methods of order 3 for partial differential
    /// algebraic equations of index 1, BIT Numer. Math. 45:761, 2005.
    Ros34Pw2,
    /// The exponential Runge–Kutta method of order 2, two stages, with the diagonal of the Jacobian at
    /// the beginning of the step for the linear part: a = x + dt φ₁ f(x), then a + dt φ₂ (N(a) - N(x)),
    /// where N is what f has beyond the linear part. As stable as exponential Euler.
    ///
    /// Source: S. M. Cox and P. C. Matthews, Exponential time differencing for stiff systems, J.
    /// Comput. Phys. 176:430, 2002, equation 22 (ETD2RK).
    EtdRungeKutta2,
    /// The exponential Rosenbrock–Euler method, with the whole Jacobian J of a unit: x ← x + dt φ₁(dt J)
    /// f(x). Order 2 where nothing changes from outside (order 1 in inputs and coupling, which are
    /// held), exact for linear equations for any dt, coupled or not. Where an entry of the Jacobian is
    /// not finite, it counts as 0.
    ///
    /// White noise of factors that depend on no state gathers by the exact law of the linear equation,
    /// ∫ e^{sJ} g gᵀ e^{sJᵀ} ds (C. F. Van Loan, IEEE Trans. Automat. Contr. 23:395, 1978); for other
    /// equations this is the local linearisation of T. Ozaki, Stat. Sinica 2:113, 1992. It is drawn for
    /// the states, not for the noises: `noise_substeps` makes no common path of it. With other factors,
    /// in any equation of the model, it is Euler and Maruyama's.
    ///
    /// Source: M. Hochbruck and A. Ostermann, Exponential integrators, Acta Numerica 19:209, 2010,
    /// section 2.4.
    ExponentialRosenbrock,
    /// The method of Euler and Heun for white noise in the sense of Stratonovich: the drift of Euler's
    /// method, and the factors of noise as the mean of those at x and at x + g ΔW, both at the beginning
    /// of the step. Strong order 1 where noises commute (see [`Integrator::Milstein`], whose derivatives it
    /// does without), order 1 where there is none. Noise declared in the sense of Itô is right, too: the
    /// drift is converted by ½ (g·∇)g. BrainPy's `heun`.
    ///
    /// Source: H. Gilsing and T. Shardlow, `SDELab`: a package for solving stochastic differential equations
    /// in MATLAB, J. Comput. Appl. Math. 205:1002, 2007, section 3.
    EulerHeun,
    /// Heun's method for white noise in the sense of Stratonovich, strong order 1 where noises
    /// commute (see [`Integrator::Milstein`]) and order 2 where there is none. Noise declared in the
    /// sense of Itô is right, too: the drift is converted by ½ (g·∇)g.
    ///
    /// Source: W. Rümelin, SIAM J. Numer. Anal. 19:604, 1982.
    StochasticHeun,
    /// Rößler's method SRA1 for white noise whose factors depend neither on states nor on time: strong
    /// order 1.5, and order 2 without noise. Two stages.
    ///
    /// Source: A. Rößler, Runge–Kutta methods for the strong approximation of solutions of stochastic
    /// differential equations, SIAM J. Numer. Anal. 48:922, 2010, table 6.3.
    Sra1,
    /// Rößler's method SRIW1 for white noise in the sense of Itô, where a model has one noise only, or
    /// each of its noises drives one state and depends on no other: strong order 1.5, and order 2
    /// without noise. Two stages of the drift, four of the factors.
    ///
    /// Source: as for SRA1, table 6.2.
    Sriw1,
    /// One of the others, chosen when a simulation is built, from what the compiler found about all
    /// equations of a network; [`Simulation::explain_method`](crate::Simulation::explain_method) says
    /// which and why.
    Automatic,
}

impl Integrator {
    /// Every method and its name.
    const NAMES: [(Self, &'static str); 19] = [
        (Self::Euler, "euler"),
        (Self::ExponentialEuler, "exponential-euler"),
        (Self::Milstein, "milstein"),
        (Self::Midpoint, "midpoint"),
        (Self::Heun, "heun"),
        (Self::Ralston, "ralston"),
        (Self::SspRungeKutta3, "ssp-rk3"),
        (Self::RungeKutta4, "rk4"),
        (Self::RungeKutta4Rule38, "rk4-38"),
        (Self::BogackiShampine3, "bogacki-shampine"),
        (Self::DormandPrince5, "dormand-prince"),
        (Self::Ros34Pw2, "ros34pw2"),
        (Self::EtdRungeKutta2, "etd-rk2"),
        (Self::ExponentialRosenbrock, "exponential-rosenbrock"),
        (Self::EulerHeun, "euler-heun"),
        (Self::StochasticHeun, "stochastic-heun"),
        (Self::Sra1, "sra1"),
        (Self::Sriw1, "sriw1"),
        (Self::Automatic, "automatic"),
    ];

    /// Every method, in the order of its declaration.
    pub const ALL: [Self; Self::NAMES.len()] = {
        let mut all = [Self::Euler; Self::NAMES.len()];
        let mut place = 0;
        while place < all.len() {
            all[place] = Self::NAMES[place].0;
            place += 1;
        }
        all
    };
}

impl std::fmt::Display for Integrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = Self::NAMES.iter().find(|(method, _)| method == self);
        f.pad(row.map_or("", |(_, name)| name))
    }
}

impl std::str::FromStr for Integrator {
    type Err = Error;

    /// The method of a name: `euler`, `exponential-euler`, `milstein`, `midpoint`, `heun`, `ralston`,
    /// `ssp-rk3`, `rk4`, `rk4-38`, `bogacki-shampine`, `dormand-prince`, `ros34pw2`, `etd-rk2`,
    /// `exponential-rosenbrock`, `euler-heun`, `stochastic-heun`, `sra1`, `sriw1`, `automatic`.
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
    /// linearly, which limits the order to 2, unless [`Interpolation::CubicHermite`] is asked for.
    #[default]
    PerStage,
    /// Once a step, and held over it, as other simulators do: order 1 in what is coupled.
    Frozen,
}

/// How past values that lie between steps are computed, of equations, `x(t - d)`, and of projections with
/// delays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// On a line between the values at both steps: order 2.
    #[default]
    Linear,
    /// On Hermite's cubic through the values and slopes at both steps: order 4, for delays that are not
    /// shorter than a step and a past that is smooth. Methods with stages (but not those for white noise)
    /// know the slopes of states from their equations. The slopes of outputs, of what a coupling function
    /// makes of what is sent, and of states with other methods are differences of the last four steps,
    /// which are of order 3, so that values are of order 4 all the same, with errors several times
    /// larger. What was told of the past as a function is differentiated by differences, too.
    ///
    /// Where a slope jumps, the order is lost for a while: solutions of equations with delays have such
    /// breaking points at t = 0 and, ever weaker, whole delays later, and so have those under stimuli that
    /// jump. That at t = 0 does no harm where slopes come from equations, for each step has a slope on
    /// either side there, nor do later ones that fall on steps.
    ///
    /// Populations with noise have no slopes: what is read of them stays linear. Thrice as much is
    /// remembered as for lines. [`Simulation::report`](crate::Simulation::report) says which of all that
    /// came to pass.
    ///
    /// Source: E. Hairer, S. P. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd
    /// edition, Springer 1993, sections II.6 and II.17.
    CubicHermite,
}

impl Interpolation {
    /// Whether the past of a model is cubic between steps.
    pub(crate) fn is_cubic_for(self, info: &crate::model::ModelInfo) -> bool {
        self == Self::CubicHermite && info.noises.is_empty()
    }
}

/// What happens to a state that leaves the interval of its `where` after a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bounds {
    /// It is set to the nearest end. With noise the process then stays at the bound too long, by what
    /// shrinks as √dt only.
    #[default]
    Clip,
    /// It is mirrored at that end, and clipped if that leads beyond the other one: reflected noise,
    /// as of a particle at a wall, whose bias shrinks as dt (M. Bossy, E. Gobet and D. Talay, J. Appl.
    /// Probab. 41:877, 2004).
    Reflect,
}

/// How accurate each inner step of a method with an embedded one shall be: the estimated error of
/// every state of every unit is at most `absolute + relative × |state|`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// As a part of the state.
    pub relative: f64,
    /// In the unit of each state.
    pub absolute: f64,
}

/// How the operations of formulas are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// Products are fused with sums where the processor can, divisions by what stays are products
    /// with reciprocals (what stands before dx/dt divides the step), and elementary functions are the
    /// project's own, made for vectors and good to 3 units in the last place:
    /// [`Functions`](crate::lanes::Functions) lists them. Deterministic on one machine.
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
