//! `initial_outside_bound`: an initial value outside of its interval.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::Model;
use crate::model::eval::{self, Constants};
use crate::name::Name;
use crate::span::SpanRange;

/// # What it means
/// The initial value of a state, where parameters have their defaults, lies outside of the interval that
/// `where` gives: the first step would throw it back.
///
/// # Example
/// ```text
/// state S = 1.5 where 0 <= S <= 1;
/// ```
#[derive(Clone, Debug)]
pub struct InitialOutsideBound {
    name: Name,
    span: SpanRange,
    value: f64,
    unit: String,
    broken: String,
}

impl InitialOutsideBound {
    /// Code of this rule.
    pub const CODE: Code = Code("initial_outside_bound");
}

/// Checks every state of a model whose units are converted.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let defaults = Constants::at_defaults(model);
    for state in model.states.values() {
        let Ok(value) = defaults.value(&state.initial) else { continue };
        let broken = state.bounds.iter().find(|bound| {
            let limit = defaults.value(&bound.limit);
            limit.is_ok_and(|limit| !eval::compare(bound.op, value, limit))
        });
        if let Some(bound) = broken {
            let unit = state.declared.unit.to_string();
            let found = InitialOutsideBound {
                name: state.declared.name.clone(),
                span: state.initial.span,
                value,
                unit: if unit == "1" { String::new() } else { format!(" {unit}") },
                broken: bound.text.clone(),
            };
            diags.lint(&state.declared.levels, &model.levels, found);
        }
    }
}

impl From<InitialOutsideBound> for Diagnostic {
    fn from(found: InitialOutsideBound) -> Self {
        let InitialOutsideBound { name, span, value, unit, broken } = found;
        let message = format!("the initial value of `{name}`, {value}{unit}, breaks `{broken}`");
        Self::new(InitialOutsideBound::CODE, span, message).help("change the value or the interval")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_value_is_marked() {
        expect(
            "model M {
                param start: mV = 3;
                param tau: ms = 1 where tau > 0;
                state x: mV = start where x < 0.002 V;
                              ^^^^^ initial_outside_bound: the initial value of `x`, 3 mV, breaks `x < 0.002 V`
                state S = -0.5 where 0 <= S <= 1;
                          ^^^^ initial_outside_bound: the initial value of `S`, -0.5, breaks `S >= 0`
                state r = 0 where r >= 0;
                state q = 0 where q > 0;
                          ^ initial_outside_bound: the initial value of `q`, 0, breaks `q > 0`
                tau dx/dt = -x;
                tau dS/dt = -S;
                tau dr/dt = -r;
                tau dq/dt = -q;
            }",
        );
    }
}
