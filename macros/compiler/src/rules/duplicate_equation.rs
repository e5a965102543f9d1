//! `duplicate_equation`: a state that obeys two equations.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Every state needs exactly one equation.
///
/// # Example
/// ```text
/// dx/dt = -x;
/// dx/dt = x;
/// ```
#[derive(Clone, Debug)]
pub struct DuplicateEquation(
    /// The state, in the second equation.
    pub Name,
);

impl DuplicateEquation {
    /// Code of this rule.
    pub const CODE: Code = Code("duplicate_equation");
}

impl From<DuplicateEquation> for Diagnostic {
    fn from(DuplicateEquation(state): DuplicateEquation) -> Self {
        let message = format!("state `{state}` has two equations");
        Self::new(DuplicateEquation::CODE, state.span(), message)
            .help("keep one of them; add the right-hand sides if both were meant")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_second_is_marked() {
        expect(
            "model M {
                state x = 0;
                dx/dt = -x;
                2*dx/dt = x;
                  ^^ duplicate_equation: state `x` has two equations
            }",
        );
    }
}
