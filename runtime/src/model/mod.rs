//! What generated code implements, and what it says about itself.

mod handle;
mod info;

pub use handle::{Auxiliary, Input, Noise, Observable, Output, Param, Place, Source, State};
pub use info::{
    Bound, DelayInfo, Equation, Form, Law, Limit, ModelInfo, NoiseInfo, Relation, Symbol, TimeBase,
    White,
};

use crate::lanes::{Lanes, Slope};

/// A fixed-size array: what [`RateModel`]'s associated types are.
pub trait Array<V>: AsRef<[V]> + AsMut<[V]> + Copy {
    /// The number of elements.
    const LEN: usize;
    /// Makes each element from its index.
    fn from_fn(element: impl FnMut(usize) -> V) -> Self;
}

impl<V: Copy, const N: usize> Array<V> for [V; N] {
    const LEN: usize = N;
    #[inline(always)]
    fn from_fn(element: impl FnMut(usize) -> V) -> Self {
        std::array::from_fn(element)
    }
}

/// A model: its equations as functions generic over the vector type, and its symbols as data.
///
/// Implemented by [`rate_model!`](crate::rate_model); all indices follow the order of declaration.
/// Values are in the units declared, derivatives in units of the state per unit of time.
pub trait RateModel: Sized + 'static {
    /// Names, units, documentation, defaults and conditions.
    const INFO: &'static ModelInfo;

    /// One value for each parameter.
    type Params<V: Copy>: Array<V>;
    /// One value for each quantity that is computed when a parameter changes.
    type Derived<V: Copy>: Array<V>;
    /// One value for each input, then for each noise, then for each past value: what is given from
    /// outside and held over a step.
    type Inputs<V: Copy>: Array<V>;
    /// One value for each state.
    type States<V: Copy>: Array<V>;
    /// One value for each auxiliary and output.
    type Auxiliaries<V: Copy>: Array<V>;
    /// One value for each entry of [`ModelInfo::jacobian`].
    type Jacobian<V: Copy>: Array<V>;
    /// One value for each entry of [`ModelInfo::diffusion`].
    type Diffusion<V: Copy>: Array<V>;

    /// What the compiler found out about the model: the class of each equation and why, the
    /// derivatives, a table of the symbols, and the equations in LaTeX.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// rate_model! { model Leak { param tau = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// assert!(Leak::explain().contains("linear in x, with coefficients that stay over a step"));
    /// ```
    fn explain() -> &'static str {
        Self::INFO.explanation
    }

    /// What is computed when a parameter changes.
    fn derived<L: Lanes>(_: &Self::Params<L>) -> Self::Derived<L> {
        zeros()
    }

    /// Initial values of the states.
    fn initial<L: Lanes>(_: &Self::Params<L>) -> Self::States<L> {
        zeros()
    }

    /// States clipped into the intervals of their `where` clauses.
    #[inline(always)]
    fn bound<L: Lanes>(_: &Point<Self, L>, x: Self::States<L>) -> Self::States<L> {
        x
    }

    /// Time derivatives of the states.
    #[inline(always)]
    fn derivative<L: Lanes>(at: &Point<Self, L>) -> Self::States<L> {
        let slopes = Self::slopes(at);
        Array::from_fn(|state| slopes.as_ref()[state].value())
    }

    /// The same as quotients, as most equations have them.
    fn slopes<L: Lanes>(at: &Point<Self, L>) -> Self::States<Slope<L>>;

    /// For each state the partial derivative of its time derivative by itself.
    #[inline(always)]
    fn diagonal<L: Lanes>(_: &Point<Self, L>) -> Self::States<L> {
        zeros()
    }

    /// The partial derivatives listed in [`ModelInfo::jacobian`].
    #[inline(always)]
    fn jacobian<L: Lanes>(_: &Point<Self, L>) -> Self::Jacobian<L> {
        zeros()
    }

    /// The factors of white noises listed in [`ModelInfo::diffusion`].
    #[inline(always)]
    fn diffusion<L: Lanes>(_: &Point<Self, L>) -> Self::Diffusion<L> {
        zeros()
    }

    /// The tangent: how all that formulas give changes, to first order, when what they depend on
    /// changes by `by`. The product J v of the Jacobian with a vector.
    #[inline(always)]
    fn tangent<L: Lanes>(_: &Point<Self, L>, _by: &Variation<Self, L>) -> Response<Self, L> {
        Response { derivative: zeros(), auxiliaries: zeros(), diffusion: zeros() }
    }

    /// The adjoint: the gradient of the sum of all that formulas give, weighted by `by`. The product
    /// wᵀ J of the Jacobian with a vector.
    #[inline(always)]
    fn adjoint<L: Lanes>(_: &Point<Self, L>, _by: &Response<Self, L>) -> Variation<Self, L> {
        Variation { p: zeros(), u: zeros(), x: zeros() }
    }

    /// Auxiliaries and outputs.
    #[inline(always)]
    fn auxiliaries<L: Lanes>(_: &Point<Self, L>) -> Self::Auxiliaries<L> {
        zeros()
    }
}

/// A coupling function, made by `coupling Name { … }`: what each connection sends, and what units
/// receive of the weighted sum. Its formulas are those of a model without states.
pub trait Coupling: RateModel {
    /// Which inputs and outputs its parts are.
    const ROLES: Roles;
}

/// The places of the parts of a coupling function among its inputs and outputs.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// The input that is what a connection reads where it comes from.
    pub source: usize,
    /// The input that is what it reads where it goes to.
    pub target: Option<usize>,
    /// The input that is the weighted sum.
    pub sum: usize,
    /// The output that each connection sends.
    pub each: usize,
    /// The output that a unit receives.
    pub total: usize,
    /// Whether what connections send depends on where they go to.
    pub is_pairwise: bool,
}

impl Roles {
    /// Stands in for those of a coupling function that does not compile.
    #[doc(hidden)]
    pub const NONE: Self =
        Self { source: 0, target: None, sum: 0, each: 0, total: 0, is_pairwise: false };
}

/// A change of everything that formulas depend on but time: parameters, inputs (with noises and past
/// values) and states. Or a gradient by them.
pub struct Variation<M: RateModel, L: Copy> {
    /// Of parameters.
    pub p: M::Params<L>,
    /// Of inputs, noises and past values.
    pub u: M::Inputs<L>,
    /// Of states.
    pub x: M::States<L>,
}

/// A change of everything that formulas give. Or the weights of these in a sum whose gradient is
/// asked for.
pub struct Response<M: RateModel, L: Copy> {
    /// Of the time derivatives of the states.
    pub derivative: M::States<L>,
    /// Of auxiliaries and outputs.
    pub auxiliaries: M::Auxiliaries<L>,
    /// Of the factors of white noises.
    pub diffusion: M::Diffusion<L>,
}

/// For what a model does not have, and generated code does not mention.
#[inline(always)]
fn zeros<L: Lanes, A: Array<L>>() -> A {
    A::from_fn(|_| L::splat(0.0))
}

/// Where formulas are evaluated: everything they can depend on.
pub struct Point<M: RateModel, L: Copy> {
    /// Time, in the model's unit of time.
    pub t: L,
    /// Parameters.
    pub p: M::Params<L>,
    /// Derived parameters.
    pub q: M::Derived<L>,
    /// Inputs, noises (white ones as normal numbers) and past values.
    pub u: M::Inputs<L>,
    /// States.
    pub x: M::States<L>,
}
