//! `missing_equation`: a state that obeys nothing.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Every state needs exactly one equation.
///
/// # Example
/// ```text
/// state x = 0;
/// state y = 0;
/// dx/dt = -x;         // and `y`?
/// ```
#[derive(Clone, Debug)]
pub struct MissingEquation {
    /// The state.
    pub state: Name,
    /// What time is called.
    pub time: String,
}

impl MissingEquation {
    /// Code of this rule.
    pub const CODE: Code = Code("missing_equation");
}

impl From<MissingEquation> for Diagnostic {
    fn from(MissingEquation { state, time }: MissingEquation) -> Self {
        let message = format!("state `{state}` has no equation");
        let help = format!("add `d{state}/d{time} = …;`, or declare it as `param` or `input`");
        Self::new(MissingEquation::CODE, state.span(), message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_state_is_marked() {
        expect(
            "model M {
                state x = 0;
                state ν_e = 0;
                      ^^^ missing_equation: state `ν_e` has no equation; help: add `dν_e/dt = …;`
                dx/dt = -x;
            }",
        );
    }
}
