//! `state_in_factor`: a derivative multiplied by something that varies with the state.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::span::SpanRange;

/// # What it means
/// What stands before `dx/dt` may depend on parameters and time only. (A state there would make
/// the equation implicit; an input could make it singular at any step.)
///
/// # Example
/// ```text
/// x dx/dt = -1;       // dx/dt = -1/x
/// ```
#[derive(Clone, Debug)]
pub struct StateInFactor {
    span: SpanRange,
    name: String,
    article: &'static str,
    is_noise: bool,
}

impl StateInFactor {
    /// Code of this rule.
    pub const CODE: Code = Code("state_in_factor");
}

/// Checks every equation.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let factors = model.states.values().filter_map(|state| state.equation.factor.as_ref());
    for factor in factors {
        let varying = model.parameters_only(factor).err();
        if let Some((symbol, span)) = varying.filter(|(symbol, _)| *symbol != Symbol::Time) {
            let name = model.symbol_name(symbol).to_owned();
            let is_noise = matches!(symbol, Symbol::Noise(_));
            diags.push(StateInFactor { span, name, article: model.article(symbol), is_noise });
        }
    }
}

impl From<StateInFactor> for Diagnostic {
    fn from(StateInFactor { span, name, article, is_noise }: StateInFactor) -> Self {
        let message = format!("`{name}` is {article}: it cannot multiply the derivative");
        Self::new(StateInFactor::CODE, span, message).help(if is_noise {
            "noise is added on the right: `… + σ*ξ`"
        } else {
            "leave out the whole factor and divide the right-hand side by it instead"
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_varying_name_is_marked() {
        expect(
            "model M {
                param tau = 1;
                input I;
                state x = 1;
                state y = 1;
                (tau + x) dx/dt = -1;
                       ^ state_in_factor: `x` is a state: it cannot multiply the derivative
                I dy/dt = -1;
                ^ state_in_factor: `I` is an input
            }",
        );
    }
}
