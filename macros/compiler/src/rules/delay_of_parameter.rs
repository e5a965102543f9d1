//! `delay_of_parameter`: the past of something that has none.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;
use crate::syntax::ast::Kind;

/// # What it means
/// `x(t - d)` is the past value of a state or of an output: these are remembered. Parameters,
/// inputs and noise are not, nor are auxiliaries, unless they are declared as `output`.
///
/// # Example
/// ```text
/// input I;
/// tau dr/dt = -r + I(t - d);      // let the projection that sends `I` be late
/// ```
#[derive(Clone, Debug)]
pub struct DelayOfParameter {
    /// What the past of is asked for.
    pub name: Name,
    /// What it is declared as; time and `pi` are not.
    pub kind: Option<Kind>,
}

impl DelayOfParameter {
    /// Code of this rule.
    pub const CODE: Code = Code("delay_of_parameter");
}

impl From<DelayOfParameter> for Diagnostic {
    fn from(DelayOfParameter { name, kind }: DelayOfParameter) -> Self {
        let article = kind.map_or("a constant", Kind::article);
        let message = format!("`{name}` is {article}: only states and outputs have a past");
        let diagnostic = Self::new(DelayOfParameter::CODE, name.span(), message);
        diagnostic.help(match kind {
            Some(Kind::Let) => format!("declare it as an output: `output {name} = …;`"),
            Some(Kind::Input) => {
                "delay the projection that sends it, or write the past of the state it comes from"
                    .to_owned()
            }
            _ => format!("leave out the delay: write `{name}`, or `{name}*(…)` for a product"),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn only_states_and_outputs_have_a_past() {
        expect(
            "model M {
                param (w, d) = (1, 2);
                input I;
                state x = 0;
                let y = w*x + d;
                output z = 2*x;
                dx/dt = -x + x(t - d) + z(t - d - 1) + w(t - d) + I(t - 2) + y(t - d);
                                                       ^ delay_of_parameter: `w` is a parameter: only states and outputs have a past; help: leave out
                                                                  ^ delay_of_parameter: `I` is an input
                                                                             ^ delay_of_parameter: `y` is an auxiliary: only states and outputs have a past; help: declare it as an output
            }",
        );
    }
}
