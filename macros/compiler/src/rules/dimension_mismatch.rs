//! `dimension_mismatch`: terms that measure different things.

use crate::diag::{Code, Diagnostic};
use crate::span::SpanRange;
use crate::unit::Unit;

/// # What it means
/// A term cannot be added to, compared with or assigned to something of another dimension. Units
/// of one dimension but another size (ms and s, Hz and 1/ms) are converted, never refused.
///
/// # Example
/// ```text
/// input I: pA;
/// state ν: Hz = 0;
/// tau dν/dt = -ν + I;     // Hz + pA
/// ```
#[derive(Clone, Debug)]
pub struct DimensionMismatch {
    /// The term.
    pub span: SpanRange,
    /// The term in words.
    pub term: String,
    /// What it is in.
    pub found: Unit,
    /// What it would have to be in, and why.
    pub expected: Expectation,
}

/// A unit that an expression is measured against, and where that comes from.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The unit.
    pub unit: Unit,
    reason: String,
    /// The left side of an equation, when that is what is compared with.
    left_side: Option<String>,
}

impl Expectation {
    /// The unit in which a symbol is declared.
    pub fn declared(unit: Unit, name: &str) -> Self {
        let reason = format!("`{name}` is declared in {}", spelled(&unit));
        Self { unit, reason, left_side: None }
    }

    /// The unit of the left side of an equation.
    pub fn left_side(unit: Unit, left: &str) -> Self {
        let reason = format!("the left side, `{left}`, is in {}", spelled(&unit));
        Self { unit, reason, left_side: Some(left.to_owned()) }
    }

    /// The unit of what it is added to or compared with.
    pub fn others(unit: Unit) -> Self {
        let reason = format!("what it is added to or compared with is in {}", spelled(&unit));
        Self { unit, reason, left_side: None }
    }
}

impl Expectation {
    /// The same expectation in another unit of its dimension.
    #[must_use]
    pub fn in_unit(&self, unit: Unit) -> Self {
        Self { unit, ..self.clone() }
    }
}

/// A unit in words.
pub(crate) fn spelled(unit: &Unit) -> String {
    match unit.to_string() {
        text if text == "1" => "no unit (a pure number)".to_owned(),
        text => text,
    }
}

impl DimensionMismatch {
    /// Code of this rule.
    pub const CODE: Code = Code("dimension_mismatch");

    fn help(&self) -> String {
        let missing = self.expected.unit.over(&self.found);
        let is_number = self.term.trim_matches('`').parse::<f64>().is_ok();
        if is_number && self.found.is_dimensionless() {
            let number = self.term.trim_matches('`');
            return format!("write its unit: `{number} {}`", self.expected.unit);
        }
        let second = Unit::from_symbol("s").unwrap_or_else(Unit::one);
        match &self.expected.left_side {
            Some(left) if missing.times(&second).is_dimensionless() => format!(
                "put a time constant on the left, `tau {left} = …`, or multiply by a rate in \
                 {missing}"
            ),
            _ => format!("it lacks a factor in {}", spelled(&missing)),
        }
    }
}

impl From<DimensionMismatch> for Diagnostic {
    fn from(found: DimensionMismatch) -> Self {
        let expected = spelled(&found.expected.unit);
        let message =
            format!("{} is in {}, expected {expected}", found.term, spelled(&found.found));
        let help = found.help();
        Self::new(DimensionMismatch::CODE, found.span, message)
            .note(found.expected.reason)
            .help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_wrong_term_is_marked() {
        expect(
            "model M {
                param tau: ms = 20;
                param β: Hz/pA = 0.066;
                input I: pA;
                state ν: Hz = 0;
                tau dν/dt = -ν + β*relu(I) + I;
                                             ^ dimension_mismatch: `I` is in pA, expected Hz; note: the left side, `tau dν/dt`, is in Hz; help: it lacks a factor in Hz/pA
            }",
        );
    }

    #[test]
    fn a_forgotten_time_constant_is_named() {
        expect(
            "model M {
                input I: Hz;
                state ν: Hz = 0;
                dν/dt = -ν + I;
                        ^^^^^^ dimension_mismatch: this term is in Hz, expected Hz/ms; note: the left side, `dν/dt`, is in Hz/ms; help: put a time constant on the left, `tau dν/dt = …`
            }",
        );
    }

    #[test]
    fn values_bounds_and_branches_are_checked() {
        expect(
            "model M {
                param tau: ms = 20 mV;
                                ^^^^^ dimension_mismatch: `20 mV` is in mV, expected ms; note: `tau` is declared in ms
                param a: mV = 3 where a > 2 ms;
                                          ^^^^ dimension_mismatch: `2 ms` is in ms, expected mV
                state v: mV = 0;
                let w: mV = if v > 5 { a } else { tau };
                                   ^ dimension_mismatch: `5` is in no unit (a pure number), expected mV; note: what it is added to or compared with is in mV; help: write its unit: `5 mV`
                                                  ^^^ dimension_mismatch: `tau` is in ms, expected mV
                tau dv/dt = -v + max(a, 7) + v^2/a;
                                        ^ dimension_mismatch: `7` is in no unit (a pure number), expected mV
            }",
        );
    }

    #[test]
    fn the_majority_decides_where_nothing_is_expected() {
        expect(
            "model M {
                param a: mV = 1;
                param b: ms = 1;
                state v: mV = 0;
                dv/dt = (v + a + b)*exp(-t/b)/b;
                                 ^ dimension_mismatch: `b` is in ms, expected mV
            }",
        );
    }

    #[test]
    fn one_dimension_in_two_units_is_fine() {
        expect(
            "model M {
                param tau: s = 0.02 where tau > 1 ms;
                param r: kHz = 0.01;
                input I: Hz;
                state ν: Hz = 0 where 0 <= ν <= 100;
                let p = r*tau;
                tau dν/dt = -ν + I + r + p/(1 ms) + 0;
            }",
        );
        expect("model M { param tau = 20; state x = 0; tau dx/dt = -x + 5; }");
    }
}
