//! `negative_delay`: a look into the future.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::Model;
use crate::model::eval::Constants;
use crate::span::SpanRange;

/// # What it means
/// The delay is negative where parameters have their defaults: the value would lie in the future.
///
/// # Example
/// ```text
/// dx/dt = -x + x(t + 4);      // `x(t - 4)`
/// ```
#[derive(Clone, Debug)]
pub struct NegativeDelay {
    span: SpanRange,
    text: String,
    value: f64,
    unit: String,
}

impl NegativeDelay {
    /// Code of this rule.
    pub const CODE: Code = Code("negative_delay");
}

/// Checks every delay of a model whose units are converted.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let defaults = Constants::at_defaults(model);
    for delay in model.delays.values() {
        // NaN is no time either.
        let is_wrong = |value: &f64| *value < 0.0 || value.is_nan();
        if let Some(value) = defaults.value(&delay.delay).ok().filter(is_wrong) {
            let unit = match model.time_unit.to_string() {
                one if one == "1" => String::new(),
                unit => format!(" {unit}"),
            };
            let (span, text) = (delay.delay.span, delay.text.clone());
            diags.push(NegativeDelay { span, text, value, unit });
        }
    }
}

impl From<NegativeDelay> for Diagnostic {
    fn from(NegativeDelay { span, text, value, unit }: NegativeDelay) -> Self {
        let message = format!("`{text}` lies in the future: its delay is {value}{unit}");
        Self::new(NegativeDelay::CODE, span, message)
            .help("the past of x is `x(t - d)`, `d` not below 0")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_delay_is_marked() {
        expect(
            "model M {
                param tau: ms = 10 where tau > 0;
                param d: s = 0.005;
                param late: ms = -3;
                state x: mV = 0;
                tau dx/dt = -x + x(t + d) + x(t - late) + x(t - d) + x(t - (2 ms - d));
                                       ^ negative_delay: `x(t + d)` lies in the future: its delay is -5 ms
                                                  ^^^^ negative_delay: `x(t - late)` lies in the future: its delay is -3 ms
                                                                            ^^^^^^^^ negative_delay: `x(t - (2 ms - d))` lies in the future: its delay is -3 ms
            }",
        );
    }

    #[test]
    fn a_delay_is_a_time() {
        expect(
            "model M {
                param tau: ms = 10 where tau > 0;
                state x: mV = 0;
                tau dx/dt = -x + x(t - 4) + x(t - 3 mV) + x(t);
                                       ^ dimension_mismatch: `4` is a pure number, expected ms; note: time is counted in s, ms, min, …; help: write its unit: `4 ms`
                                                  ^^^^ dimension_mismatch: `3 mV` is in mV, expected ms
            }",
        );
    }
}
