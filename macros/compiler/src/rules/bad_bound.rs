//! `bad_bound`: a `where` that bounds nothing, or leaves nothing.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::eval::Constants;
use crate::model::{Bound, Expr, ExprKind, Model, Symbol};
use crate::name::Name;
use crate::span::SpanRange;
use crate::syntax::ast::{self, Kind};

/// # What it means
/// `where` compares the declared parameter or state with constants or with one parameter, by
/// `<`, `<=`, `>` or `>=`, joined by `&&` or chained; the interval must not be empty.
///
/// # Example
/// ```text
/// state r = 0 where 1 <= r <= 0;
/// ```
#[derive(Clone, Debug)]
pub struct BadBound {
    span: SpanRange,
    message: String,
    help: String,
}

impl BadBound {
    /// Code of this rule.
    pub const CODE: Code = Code("bad_bound");

    /// A `where` on something that is neither a parameter nor a state.
    pub fn not_bounded(name: &Name, kind: Kind, condition: &ast::Expr) -> Self {
        let message =
            format!("`{name}` is {}: only parameters and states have bounds", kind.article());
        let help = format!("to limit its value write `clip({name}, low, high)` where it is used");
        Self { span: condition.span, message, help }
    }

    /// Not a comparison of the declared name.
    pub fn not_a_comparison(name: &Name, condition: &ast::Expr) -> Self {
        let message = format!("this does not bound `{name}`");
        let help = format!("write `{name} > 0`, `0 <= {name} <= 1` or `{name} > 0 && {name} < 10`");
        Self { span: condition.span, message, help }
    }
}

/// Checks that limits are constants or one parameter.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let constants = Constants::of(model);
    for (name, bounds) in bounds(model) {
        for bound in bounds {
            if constants.value(&bound.limit).is_err() && parameter(&bound.limit).is_none() {
                diags.push(BadBound {
                    span: bound.limit.span,
                    message: format!("`{name}` is bounded by neither a constant nor a parameter"),
                    help: "bound it by a number, a `const` or the name of a `param`".to_owned(),
                });
            }
        }
    }
}

/// Checks that constant limits leave an interval; they must be in the bounded symbol's unit.
pub fn check_interval(model: &Model, diags: &mut Diagnostics) {
    let constants = Constants::of(model);
    for (name, bounds) in bounds(model) {
        let limits = |lower: bool| {
            let side = bounds.iter().filter(move |bound| bound.is_lower() == lower);
            side.filter_map(|bound| Some((bound, constants.value(&bound.limit).ok()?)))
        };
        for (low, lowest) in limits(true) {
            for (high, highest) in limits(false) {
                if lowest > highest || lowest == highest && (is_strict(low) || is_strict(high)) {
                    diags.push(BadBound {
                        span: high.limit.span,
                        message: format!(
                            "no value of `{name}` satisfies `{}` and `{}`",
                            low.text, high.text
                        ),
                        help: "exchange the two limits".to_owned(),
                    });
                }
            }
        }
    }
}

/// Whether the limit itself is left out.
fn is_strict(bound: &Bound) -> bool {
    matches!(bound.op, ast::BinaryOp::Lt | ast::BinaryOp::Gt)
}

/// Whether constant limits leave no value.
pub fn is_empty(constants: &Constants, bounds: &[Bound]) -> bool {
    let value = |bound: &Bound| Some((constants.value(&bound.limit).ok()?, is_strict(bound)));
    let lower = bounds.iter().filter(|bound| bound.is_lower()).filter_map(value);
    let upper: Vec<_> = bounds.iter().filter(|bound| !bound.is_lower()).filter_map(value).collect();
    lower.into_iter().any(|(low, is_open)| {
        upper
            .iter()
            .any(|(high, is_open_above)| low > *high || low == *high && (is_open || *is_open_above))
    })
}

fn bounds(model: &Model) -> impl Iterator<Item = (&Name, &Vec<Bound>)> {
    let params = model.params.values().map(|param| (&param.declared.name, &param.bounds));
    let states = model.states.values().map(|state| (&state.declared.name, &state.bounds));
    params.chain(states)
}

/// The parameter that a limit is, if it is one.
fn parameter(limit: &Expr) -> Option<Symbol> {
    match limit.kind {
        ExprKind::Symbol(symbol @ Symbol::Param(_)) => Some(symbol),
        _ => None,
    }
}

impl From<BadBound> for Diagnostic {
    fn from(BadBound { span, message, help }: BadBound) -> Self {
        Self::new(BadBound::CODE, span, message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn what_bounds_nothing_is_marked() {
        expect(
            "model M {
                param tau = 1 where 1 > 0;
                                    ^^^^^ bad_bound: this does not bound `tau`
                param b = 1 where b != 0;
                                  ^^^^^^ bad_bound: this does not bound `b`
                input I where I > 0;
                              ^^^^^ bad_bound: `I` is an input: only parameters and states have bounds
                state x = 1;
                dx/dt = I;
            }",
        );
        expect(
            "model M {
                param b = 1;
                state x = 1 where x < 2*b;
                                      ^^^ bad_bound: `x` is bounded by neither a constant nor a parameter
                dx/dt = 0;
            }",
        );
    }

    #[test]
    fn an_empty_interval_is_marked() {
        expect(
            "model M {
                state y: s = 0 where 1 <= y <= 2 ms;
                                               ^^^^ bad_bound: no value of `y` satisfies `y >= 1` and `y <= 2 ms`
                dy/dt = 0;
            }",
        );
    }
}
