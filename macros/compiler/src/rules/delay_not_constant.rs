//! `delay_not_constant`: a delay that changes while the simulation runs.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::span::SpanRange;

/// # What it means
/// How long ago a past value is may depend on parameters and constants only: what is remembered is
/// decided before the simulation starts.
///
/// # Example
/// ```text
/// dx/dt = -x + x(t - y);      // `y` is a state
/// ```
#[derive(Clone, Debug)]
pub struct DelayNotConstant {
    span: SpanRange,
    name: String,
    article: &'static str,
}

impl DelayNotConstant {
    /// Code of this rule.
    pub const CODE: Code = Code("delay_not_constant");
}

/// Checks every delay.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    for delay in model.delays.values() {
        if let Err((symbol, span)) = model.parameters_only(&delay.delay) {
            let name = model.symbol_name(symbol).to_owned();
            let article = if symbol == Symbol::Time { "the time" } else { model.article(symbol) };
            diags.push(DelayNotConstant { span, name, article });
        }
    }
}

impl From<DelayNotConstant> for Diagnostic {
    fn from(DelayNotConstant { span, name, article }: DelayNotConstant) -> Self {
        let message = format!("a delay may depend on parameters only, but `{name}` is {article}");
        Self::new(DelayNotConstant::CODE, span, message)
            .help("write the delay with parameters and constants, as in `x(t - d)`")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn what_varies_is_marked() {
        expect(
            "model M {
                param d = 2;
                let twice = 2*d;
                input I;
                state x = 0;
                dx/dt = -x + x(t - twice) + x(t - x) + x(t - (d + I)) + x(t - t/2);
                                                  ^ delay_not_constant: a delay may depend on parameters only, but `x` is a state
                                                                  ^ delay_not_constant: a delay may depend on parameters only, but `I` is an input
                                                                              ^ delay_not_constant: a delay may depend on parameters only, but `t` is the time
            }",
        );
    }
}
