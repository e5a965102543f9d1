//! Time derivatives.

use super::Lanes;

/// A time derivative, as a quotient: most equations say what τ dx/dt is. In units of the state per unit of
/// time. [`Lanes::over`] and [`Lanes::slope`] make it, [`Lanes::after`] makes a step of it.
#[derive(Clone, Copy, Debug)]
pub struct Slope<L> {
    pub(super) value: L,
    pub(super) divisor: L,
    pub(super) reciprocal: L,
}

impl<L: Lanes> Slope<L> {
    /// The derivative.
    #[inline(always)]
    pub fn value(self) -> L {
        self.value.quotient(self.divisor, self.reciprocal)
    }
}
