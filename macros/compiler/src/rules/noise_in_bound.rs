//! `noise_in_bound`: a limit that jumps.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// A `where` compares with constants or a parameter; noise can neither be a limit nor have one.
///
/// # Example
/// ```text
/// noise ξ: white;
/// state r = 0 where r >= ξ;
/// ```
#[derive(Clone, Debug)]
pub struct NoiseInBound {
    /// The noise, where it stands in the condition.
    pub noise: Name,
}

impl NoiseInBound {
    /// Code of this rule.
    pub const CODE: Code = Code("noise_in_bound");
}

impl From<NoiseInBound> for Diagnostic {
    fn from(NoiseInBound { noise }: NoiseInBound) -> Self {
        let message = format!("`{noise}` is a noise: it can neither be a limit nor have one");
        Self::new(NoiseInBound::CODE, noise.span(), message).help(format!(
            "bound by a number, a `const` or a `param`; to limit a value write \
             `clip({noise}, low, high)` where it is used"
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_noise_is_marked() {
        expect(
            "model M {
                noise ξ: white;
                noise η: ou(5) where η > 0;
                                     ^ noise_in_bound: `η` is a noise
                state x = 0 where 0 <= x <= 2*ξ;
                                              ^ noise_in_bound: `ξ` is a noise
                state y = 0 where ξ < 1;
                                  ^ noise_in_bound: `ξ` is a noise
                dx/dt = y + ξ + η;
                dy/dt = -x;
            }",
        );
    }
}
