//! `missing_default`: a declaration without its value.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;
use crate::syntax::ast::Kind;

/// # What it means
/// Parameters need a default, states an initial value, constants and auxiliaries their expression.
/// A missing number would otherwise be a silent NaN or 0.
///
/// # Example
/// ```text
/// param tau: ms;
/// ```
#[derive(Clone, Debug)]
pub struct MissingDefault {
    /// The name.
    pub name: Name,
    /// What it is declared as.
    pub kind: Kind,
    /// `: ms`, or nothing.
    pub unit: String,
    /// ` where tau > 0`, or nothing.
    pub condition: String,
}

impl MissingDefault {
    /// Code of this rule.
    pub const CODE: Code = Code("missing_default");
}

impl From<MissingDefault> for Diagnostic {
    fn from(MissingDefault { name, kind, unit, condition }: MissingDefault) -> Self {
        let what = match kind {
            Kind::Param => "default value",
            Kind::State => "initial value",
            _ => "value",
        };
        let message = format!("{} `{name}` has no {what}", kind.keyword());
        let help = format!("write `{} {name}{unit} = …{condition};`", kind.keyword());
        Self::new(MissingDefault::CODE, name.span(), message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_name_is_marked() {
        expect(
            "model M {
                param tau;
                      ^^^ missing_default: param `tau` has no default value
                state x;
                      ^ missing_default: state `x` has no initial value
                let y;
                    ^ missing_default: let `y` has no value
                input I;
                tau dx/dt = -x + y + I;
            }",
        );
    }
}
