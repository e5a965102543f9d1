//! `dimension_of_function`: a quantity with a unit where only a pure number makes sense.

use super::dimension_mismatch::in_unit;
use crate::diag::{Code, Diagnostic};
use crate::span::SpanRange;
use crate::unit::Unit;

/// # What it means
/// `exp`, `tanh`, `sigmoid` and their like take and give pure numbers; so do exponents.
///
/// # Example
/// ```text
/// state V: mV = 0;
/// let m = 1/(1 + exp(-V));        // divide by a slope in mV
/// ```
#[derive(Clone, Debug)]
pub struct DimensionOfFunction {
    /// The argument.
    pub span: SpanRange,
    /// What it is the argument of.
    pub of: String,
    /// The argument in words.
    pub term: String,
    /// What it is in.
    pub found: Unit,
}

impl DimensionOfFunction {
    /// Code of this rule.
    pub const CODE: Code = Code("dimension_of_function");
}

impl From<DimensionOfFunction> for Diagnostic {
    fn from(DimensionOfFunction { span, of, term, found }: DimensionOfFunction) -> Self {
        let message = format!("{of} must be a pure number, but {term} is {}", in_unit(&found));
        let help = if of.starts_with("the base of a power") {
            format!("its unit would vary with the exponent: divide {term} by a scale in {found}")
        } else {
            format!("divide it by a scale in {found}")
        };
        Self::new(DimensionOfFunction::CODE, span, message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_argument_is_marked() {
        expect(
            "model M {
                param k: mV = 5;
                param n = 2.7;
                state V: mV = 0;
                let m = 1/(1 + exp(-V)) + 2^V + sigmoid(V/k);
                                   ^^ dimension_of_function: the argument of `exp` must be a pure number, but `-V` is in mV; help: divide it by a scale in mV
                                            ^ dimension_of_function: an exponent must be a pure number
                dV/dt = m*k/(1 ms) + V^n/(1 ms);
                                     ^ dimension_of_function: the base of a power whose exponent is no small fraction must be a pure number
            }",
        );
    }
}
