//! One step of one unit, by each method.

use crate::lanes::Lanes;
use crate::model::{Array, Point, RateModel};

/// A method of integration that needs one evaluation of the model per step.
pub(super) trait Method {
    /// Whether the square of a noise counts, too.
    const MILSTEIN: bool = false;
    /// Whether additive noise gathers as the equation's own exponential lets it.
    const EXPONENTIAL: bool = false;

    /// The states after a step of length `dt` from `at`, before they are bounded.
    fn step<M: RateModel, L: Lanes>(at: &Point<M, L>, dt: L) -> M::States<L>;
}

pub(super) struct Euler;

impl Method for Euler {
    #[inline(always)]
    fn step<M: RateModel, L: Lanes>(at: &Point<M, L>, dt: L) -> M::States<L> {
        let slopes = M::slopes(at);
        let (x, slopes) = (at.x.as_ref(), slopes.as_ref());
        Array::from_fn(|i| L::after(slopes[i], dt, x[i]))
    }
}

pub(super) struct Milstein;

impl Method for Milstein {
    const MILSTEIN: bool = true;

    #[inline(always)]
    fn step<M: RateModel, L: Lanes>(at: &Point<M, L>, dt: L) -> M::States<L> {
        Euler::step(at, dt)
    }
}

pub(super) struct ExponentialEuler;

impl Method for ExponentialEuler {
    const EXPONENTIAL: bool = true;

    #[inline(always)]
    fn step<M: RateModel, L: Lanes>(at: &Point<M, L>, dt: L) -> M::States<L> {
        let (slopes, diagonal) = (M::slopes(at), M::diagonal(at));
        let (x, slopes, diagonal) = (at.x.as_ref(), slopes.as_ref(), diagonal.as_ref());
        Array::from_fn(|i| {
            // A slope that is not finite says nothing about the step: it is Euler's then.
            let finite = diagonal[i].abs().less(L::splat(f64::INFINITY));
            let length = L::select(finite, dt * (dt * diagonal[i]).exprel(), dt);
            L::after(slopes[i], length, x[i])
        })
    }
}
