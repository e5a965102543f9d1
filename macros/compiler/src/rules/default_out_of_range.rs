//! `default_out_of_range`: a default that its own `where` refuses.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::eval::{self, Constants};
use crate::model::{Bound, Model};
use crate::name::Name;
use crate::span::SpanRange;

/// # What it means
/// The default value of a parameter must satisfy the parameter's own condition, given the defaults
/// of the others, and must be a finite number.
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
                let message = format!("the default of `{name}` is {what}");
                Self::new(DefaultOutOfRange::CODE, span, message).help("write another default")
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
                          ^^^ default_out_of_range: the default of `e` is infinite
                param fine = 5 where fine > c && fine > 0;
            }",
        );
    }
}
