//! `default_out_of_range`: a default that its own `where` refuses.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::eval::{self, Constants};
use crate::model::{Bound, Expr, ExprKind, Law, Model};
use crate::name::Name;
use crate::span::SpanRange;

/// # What it means
/// The default value of a parameter must satisfy the parameter's own condition, given the defaults
/// of the others, and must be a finite number, as must constants, initial values and what is constant in
/// formulas. A correlation time must be positive.
///
/// # Example
/// ```text
/// param eta = 20 where -10 <= eta <= 10;
/// ```
#[derive(Clone, Debug)]
pub struct DefaultOutOfRange {
    name: Name,
    span: SpanRange,
    value: f64,
    unit: String,
    broken: Option<String>,
}

impl DefaultOutOfRange {
    /// Code of this rule.
    pub const CODE: Code = Code("default_out_of_range");
}

/// Checks every parameter.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let (constants, at_defaults) = (Constants::of(model), Constants::at_defaults(model));
    let constants_and_states = model
        .constants
        .values()
        .map(|constant| (&constant.declared, &constant.value))
        .chain(model.states.values().map(|state| (&state.declared, &state.initial)))
        .chain(model.inputs.values().filter_map(|i| Some((&i.declared, i.default.as_ref()?))));
    for (declared, expr) in constants_and_states {
        if let Some(value) = at_defaults.value(expr).ok().filter(|value| !value.is_finite()) {
            diags.push(DefaultOutOfRange {
                name: declared.name.clone(),
                span: expr.span,
                value,
                unit: declared.unit.to_string(),
                broken: None,
            });
        }
    }
    for param in model.params.values() {
        let Ok(value) = constants.value(&param.default) else { continue };
        let mut report = |broken: Option<String>| {
            diags.push(DefaultOutOfRange {
                name: param.declared.name.clone(),
                span: param.default.span,
                value,
                unit: param.declared.unit.to_string(),
                broken,
            });
        };
        if !value.is_finite() {
            report(None);
            continue;
        }
        // An empty interval refuses everything: that is what is wrong then.
        if super::bad_bound::is_empty(&constants, &param.bounds) {
            continue;
        }
        let broken = |bound: &&Bound| {
            let limit = at_defaults.value(&bound.limit).ok();
            limit.is_some_and(|limit| !eval::compare(bound.op, value, limit))
        };
        for bound in param.bounds.iter().filter(broken) {
            report(Some(bound.text.clone()));
        }
    }
}

/// Checks what is constant in formulas.
pub fn check_formulas(model: &Model, diags: &mut Diagnostics) {
    let constants = Constants::of(model);
    let equations = model.states.values().map(|state| &state.equation);
    let sides = equations.flat_map(|one| [Some(&one.right), one.factor.as_ref()]).flatten();
    let auxiliaries = model.auxiliaries.values().map(|auxiliary| &auxiliary.expr);
    let delays = model.delays.values().map(|delay| &delay.delay);
    for formula in sides.chain(auxiliaries).chain(delays) {
        check_formula(formula, &constants, diags);
    }
}

fn check_formula(expr: &Expr, constants: &Constants, diags: &mut Diagnostics) {
    match constants.value(expr) {
        Ok(value) if value.is_finite() => return,
        Ok(value) => {
            let what = if value.is_nan() { "not a number" } else { "infinite" };
            let found =
                Diagnostic::new(DefaultOutOfRange::CODE, expr.span, format!("this is {what}"));
            diags.push(found.help("write another value"));
            return;
        }
        Err(_) => {}
    }
    // Where constants decide, the other branch does not count.
    if let ExprKind::If(condition, then, otherwise) = &expr.kind
        && let Ok(holds) = constants.holds(condition)
    {
        return check_formula(if holds { then } else { otherwise }, constants, diags);
    }
    for child in expr.children() {
        check_formula(child, constants, diags);
    }
}

/// Checks that correlation times are positive where parameters have their defaults.
pub fn check_correlation_times(model: &Model, diags: &mut Diagnostics) {
    let defaults = Constants::at_defaults(model);
    for noise in model.noises.values() {
        let Law::Ou(time) = &noise.law else { continue };
        if defaults.value(time).is_ok_and(|value| value <= 0.0) {
            let name = &noise.declared.name;
            let message = format!("the correlation time of `{name}` is not positive");
            let help = "for noise without correlation write `white`";
            diags.push(Diagnostic::new(DefaultOutOfRange::CODE, time.span, message).help(help));
        }
    }
}

impl From<DefaultOutOfRange> for Diagnostic {
    fn from(found: DefaultOutOfRange) -> Self {
        let DefaultOutOfRange { name, span, value, unit, broken } = found;
        let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
        match broken {
            Some(bound) => {
                let message = format!("the default of `{name}`, {value}{unit}, breaks `{bound}`");
                Self::new(DefaultOutOfRange::CODE, span, message)
                    .help("change the default or the range")
            }
            None => {
                let what = if value.is_nan() { "not a number" } else { "infinite" };
                let message = format!("the value of `{name}` is {what}");
                Self::new(DefaultOutOfRange::CODE, span, message).help("write another value")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_value_is_marked() {
        expect(
            "model M {
                const most = 0.9;
                param tau: ms = -20 where tau > 0;
                                ^^^ default_out_of_range: the default of `tau`, -20 ms, breaks `tau > 0`
                param eta = 20 where -10 <= eta <= 10;
                            ^^ default_out_of_range: the default of `eta`, 20, breaks `eta <= 10`
                param a: s = 3000 ms where a < 2 && a >= 1;
                             ^^^^^^^ default_out_of_range: the default of `a`, 3 s, breaks `a < 2`
                param b = 1 where b < most;
                          ^ default_out_of_range: the default of `b`, 1, breaks `b < most`
                param c = 2;
                param d: 1 = 1 where d > c;
                             ^ default_out_of_range: the default of `d`, 1, breaks `d > c`
                param e = 1/0;
                          ^^^ default_out_of_range: the value of `e` is infinite
                const none = 0/0;
                             ^^^ default_out_of_range: the value of `none` is not a number
            }",
        );
        expect(
            "model M {
                param b = 1;
                noise n: ou(b - 3);
                            ^^^^^ default_out_of_range: the correlation time of `n` is not positive
                state x = 0;
                dx/dt = -x + n;
            }",
        );
        expect(
            "model M {
                param c = 2;
                #[allow(unused_parameter)]
                param fine = 5 where fine > c && fine > 0;
            }",
        );
    }

    #[test]
    fn what_is_constant_in_formulas_is_finite() {
        expect(
            "model M {
                const z = 0;
                let q = 1/0;
                        ^^^ default_out_of_range: this is infinite
                state x = 1;
                dx/dt = log(-1)*x + q + x(t - 1/0) + if z > 0 { log(z)*x } else { -x };
                        ^^^^^^^ default_out_of_range: this is not a number
                                              ^^^ default_out_of_range: this is infinite
            }",
        );
    }
}
