//! Time derivatives.

use super::Lanes;

/// A time derivative, as a quotient: most equations say what τ dx/dt is.
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

    /// What `from` comes to when it changes at this rate for some time.
    #[inline(always)]
    pub fn after(self, time: L, from: L) -> L {
        L::after(self, time, from)
    }
}
