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
    /// Its value, if it is a literal.
    pub number: Option<f64>,
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
    /// `dX/dt`, when it is the whole left side of the equation that the term stands in.
    bare_derivative: Option<(String, Unit)>,
    /// The declared symbol, when its declaration is what is compared with.
    symbol: Option<String>,
}

impl Expectation {
    /// The unit in which a symbol is declared.
    pub fn declared(unit: Unit, name: &str) -> Self {
        let reason = format!("`{name}` is declared {}", in_unit(&unit));
        Self { unit, reason, bare_derivative: None, symbol: Some(name.to_owned()) }
    }

    /// The unit of the left side of an equation, whose factor, if there is one, is part of `left`.
    pub fn left_side(unit: Unit, left: &str, state: &Unit, has_factor: bool) -> Self {
        let reason = format!("the left side, `{left}`, is {}", in_unit(&unit));
        let bare_derivative = (!has_factor).then(|| (left.to_owned(), state.clone()));
        Self { unit, reason, bare_derivative, symbol: None }
    }

    /// The unit of what it is added to or compared with, given in words.
    pub fn others(unit: Unit, other: &str) -> Self {
        let reason = format!("{other} is {}", in_unit(&unit));
        Self { unit, reason, bare_derivative: None, symbol: None }
    }

    /// The unit of time.
    pub fn time(unit: Unit) -> Self {
        let reason = "time is counted in s, ms, min, …".to_owned();
        Self { unit, reason, bare_derivative: None, symbol: None }
    }

    /// The same expectation in another unit of its dimension.
    #[must_use]
    pub fn in_unit(&self, unit: Unit) -> Self {
        Self { unit, ..self.clone() }
    }
}

fn is_root_of_time(unit: &Unit) -> bool {
    let half = crate::unit::ratio::Ratio::new(1, 2);
    let root = half.and_then(|half| Some(Unit::from_symbol("s")?.power(half)));
    root.is_some_and(|root| root.dimension == unit.dimension)
}

/// "in mV", or "a pure number".
pub(crate) fn in_unit(unit: &Unit) -> String {
    match unit.to_string() {
        text if text == "1" => "a pure number".to_owned(),
        text => format!("in {text}"),
    }
}

impl DimensionMismatch {
    /// Code of this rule.
    pub const CODE: Code = Code("dimension_mismatch");

    fn help(&self) -> String {
        let expected = &self.expected.unit;
        match (self.number, &self.expected.bare_derivative) {
            (Some(number), _) if self.found.is_dimensionless() => {
                format!("write its unit: `{}`", expected.quantity(number))
            }
            (Some(number), _) if !expected.is_dimensionless() => {
                format!("write `{}`, if that is what was meant", expected.quantity(number))
            }
            (Some(_), _) if self.expected.symbol.is_some() => format!(
                "declare the unit: `{}: {}`",
                self.expected.symbol.as_deref().unwrap_or_default(),
                self.found
            ),
            (_, Some((left, state))) if self.found.dimension == state.dimension => format!(
                "put a time constant on the left, `tau {left} = …`, or multiply by a rate in {}",
                expected.over(&self.found)
            ),
            _ if expected.is_dimensionless() => format!("divide it by a scale in {}", self.found),
            _ if is_root_of_time(&expected.over(&self.found)) => format!(
                "it lacks a factor in {}: white noise, which is in 1/√time, takes the `sqrt` of a time constant",
                expected.over(&self.found)
            ),
            _ => match expected.over(&self.found).to_string() {
                factor if factor == "1" => "check both units".to_owned(),
                factor => format!("it lacks a factor in {factor}"),
            },
        }
    }
}

impl From<DimensionMismatch> for Diagnostic {
    fn from(found: DimensionMismatch) -> Self {
        let (is, expected) = (in_unit(&found.found), &found.expected.unit);
        let expected = match in_unit(expected) {
            text if expected.is_dimensionless() => text,
            _ => expected.to_string(),
        };
        let message = format!("{} is {is}, expected {expected}", found.term);
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
    fn a_unit_is_asked_for_where_it_belongs() {
        expect(
            "model M {
                param a = 20 ms;
                          ^^^^^ dimension_mismatch: `20 ms` is in ms, expected a pure number; note: `a` is declared a pure number; help: declare the unit: `a: ms`
                state x: mV = 0;
                (1 ms)*dx/dt = -x;
            }",
        );
    }

    #[test]
    fn what_is_advised_can_be_pasted() {
        for (unit, advice) in [
            ("mV", "5 mV"),
            ("Hz/pA", "5 Hz/pA"),
            ("1/ms", "5/(1 ms)"),
            ("uS/cm^2", "5 uS/cm^2"),
            ("mV*ms^(1/2)", "5 mV*ms^(1/2)"),
            ("1/(ms*pA^2)", "5/(1 ms)/(1 pA)^2"),
        ] {
            let source = |value: &str| {
                format!(
                    "model M {{ param tau: ms = 1 where tau > 0; param a: {unit} = 1;
                     state x = 0; let b: {unit} = a + {value}; tau dx/dt = -x + 0*(b/a); }}"
                )
            };
            let compile = |text: &str| crate::compile(text.parse().expect("it lexes")).diagnostics;
            let found = compile(&source("5"));
            assert_eq!(found[0].help, [format!("write its unit: `{advice}`")]);
            assert!(compile(&source(advice)).is_empty(), "{:?}", compile(&source(advice)));
        }
    }

    #[test]
    fn time_is_time() {
        expect(
            "model M {
                time t: mV;
                        ^^ dimension_mismatch: time is in mV, expected s; note: time is counted in s, ms, min
                state x = 0;
                dx/dt = 0;
            }",
        );
    }

    #[test]
    fn a_factor_on_the_left_is_not_asked_for_twice() {
        expect(
            "model M {
                param tau: ms = 20;
                state ν: Hz = 0;
                tau dν/dt = -ν + 2*exp(-ν/(10 Hz));
                                 ^^^^^^^^^^^^^^^^^ dimension_mismatch: `2*exp(-ν/(10 Hz))` is a pure number, expected Hz; note: the left side, `tau dν/dt`, is in Hz; help: it lacks a factor in Hz
            }",
        );
    }

    #[test]
    fn values_bounds_and_branches_are_checked() {
        expect(
            "model M {
                param tau: ms = 20 mV;
                                ^^^^^ dimension_mismatch: `20 mV` is in mV, expected ms; note: `tau` is declared in ms; help: write `20 ms`, if that is what was meant
                param a: mV = 3 where a > 2 ms;
                                          ^^^^ dimension_mismatch: `2 ms` is in ms, expected mV
                state v: mV = 0;
                let w: mV = if v > 5 { a } else { tau };
                                   ^ dimension_mismatch: `5` is a pure number, expected mV; note: `v` is in mV; help: write its unit: `5 mV`
                                                  ^^^ dimension_mismatch: `tau` is in ms, expected mV
                tau dv/dt = -v + max(a, 7) + v^2/a;
                                        ^ dimension_mismatch: `7` is a pure number, expected mV
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
                                 ^ dimension_mismatch: `b` is in ms, expected mV; note: `v` is in mV
            }",
        );
    }

    #[test]
    fn one_dimension_in_two_units_is_fine() {
        expect(
            "model M {
                param tau: s = 0.02 where tau > 0 && tau > 1 ms;
                param r: kHz = 0.01;
                input I: Hz;
                state ν: Hz = 0 where 0 <= ν <= 100;
                let p = r*tau;
                tau dν/dt = -ν + I + r + p/(1 ms) + 0;
            }",
        );
        expect("model M { param tau = 20 where tau > 0; state x = 0; tau dx/dt = -x + 5; }");
    }
}
