//! `not_a_state`: an equation for something that is not integrated.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;
use crate::syntax::ast::Kind;

/// # What it means
/// Only states have equations. Inputs come from outside, parameters stay, auxiliaries follow from
/// their expression.
///
/// # Example
/// ```text
/// input I;
/// dI/dt = -I;
/// ```
#[derive(Clone, Debug)]
pub struct NotAState {
    /// The name on the left, as written with its `d`.
    pub name: Name,
    /// What it is declared as.
    pub kind: Kind,
    /// The unit it is declared in.
    pub unit: Option<String>,
}

impl NotAState {
    /// Code of this rule.
    pub const CODE: Code = Code("not_a_state");
}

impl From<NotAState> for Diagnostic {
    fn from(NotAState { name, kind, unit }: NotAState) -> Self {
        let message =
            format!("`{name}` is {}, not a state: only states have equations", kind.article());
        let unit = unit.map_or_else(String::new, |unit| format!(": {unit}"));
        let help = format!("declare it as `state {name}{unit} = …;`, or remove the equation");
        Self::new(NotAState::CODE, name.span(), message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_derivative_is_marked() {
        expect(
            "model M {
                input I_e;
                param tau = 1;
                tau dI_e/dt = -I_e;
                    ^^^^ not_a_state: `I_e` is an input, not a state
            }",
        );
    }
}
