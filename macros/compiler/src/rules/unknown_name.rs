//! `unknown_name`: a name that is not declared in the model.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;
use crate::unit::Unit;

/// # What it means
/// An expression or the left side of an equation uses a name that no item declares.
///
/// # Example
/// ```text
/// state ν_e = 0;
/// dν_e/dt = -ν_e + Q;     // what is `Q`?
/// ```
#[derive(Clone, Debug)]
pub struct UnknownName {
    name: Name,
    did_you_mean: Option<String>,
    declarations: Vec<String>,
    /// Whether a value is wanted, not a state for an equation.
    is_value: bool,
    /// Whether it is a function of the model.
    is_function: bool,
    /// What time is called.
    time: Option<String>,
}

/// What noise is called in papers.
const NOISES: [&str; 9] = ["ξ", "xi", "ζ", "zeta", "η", "eta", "noise", "dW", "W"];

/// What other languages call something that is there under another name, or not needed.
const FOREIGN: [(&str, &str); 8] = [
    ("e", "write the exponential as `exp(x)`"),
    ("PI", "write `pi`"),
    ("Pi", "write `pi`"),
    ("π", "write `pi`"),
    ("inf", "there is no infinity: leave out a limit that is none"),
    ("infinity", "there is no infinity: leave out a limit that is none"),
    ("oo", "there is no infinity: leave out a limit that is none"),
    ("nan", "a model has no missing values"),
];

impl UnknownName {
    /// Code of this rule.
    pub const CODE: Code = Code("unknown_name");

    /// A name in an expression.
    ///
    /// `unit`: nothing in a model without units; else what the name must be in, if that is known.
    /// `is_fixed`: where it stands, only constants and parameters may.
    pub fn value(
        name: Name,
        did_you_mean: Option<String>,
        unit: Option<Option<Unit>>,
        is_fixed: bool,
    ) -> Self {
        let unit = match unit {
            None => String::new(),
            Some(None) => ": …".to_owned(),
            Some(Some(unit)) if unit.to_string() == "1" => String::new(),
            Some(Some(unit)) => format!(": {unit}"),
        };
        let mut declarations = vec![format!("param {name}{unit} = 1;")];
        if !is_fixed && NOISES.contains(&name.text.as_str()) {
            declarations.insert(0, format!("noise {name}: white;"));
        }
        if !is_fixed {
            declarations.push(format!("input {name}{unit};"));
        }
        Self { name, did_you_mean, declarations, is_value: true, is_function: false, time: None }
    }

    /// In a model that has a function of that name.
    pub fn of_function(self, is_function: bool) -> Self {
        Self { is_function, ..self }
    }

    /// In a model that calls time so.
    pub fn in_time(self, time: Option<String>) -> Self {
        Self { time, ..self }
    }

    /// What is meant, where it is no name that could be declared.
    fn meant(&self) -> Option<String> {
        let text = self.name.text.as_str();
        let time = self.time.as_deref().unwrap_or("t");
        if text == "t" && time != "t" {
            return Some(format!("time is called `{time}` here"));
        }
        if text == "dt" || text.strip_prefix('d') == Some(time) {
            return Some(
                "the step is not part of a model; noise needs no `sqrt(dt)`: see `noise ξ: white;`"
                    .to_owned(),
            );
        }
        FOREIGN.iter().find(|(foreign, _)| *foreign == text).map(|(_, help)| (*help).to_owned())
    }

    /// A name that a variant removes, though its base does not have it.
    pub fn removed(name: &Name, near: Option<String>, base: &Name) -> Diagnostic {
        let message = format!("`{base}` has no `{name}` to remove");
        let found = Diagnostic::new(Self::CODE, name.span(), message);
        match near {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("leave it out"),
        }
    }

    /// A name that the model removes from its base and yet uses.
    pub fn of_removed(name: &Name, removal: &Name) -> Diagnostic {
        let line = removal.span().start().line;
        let message = format!("`{name}` is used, but removed");
        Diagnostic::new(Self::CODE, name.span(), message)
            .note(format!("`remove {name}` stands in line {line}"))
            .help("replace or remove what uses it, too")
    }

    /// A model that another is based on.
    pub fn base(name: &Name, near: Option<&str>) -> Diagnostic {
        let message = format!("cannot find model `{name}`");
        let found = Diagnostic::new(Self::CODE, name.span(), message);
        match near {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("write it into the same file"),
        }
    }

    /// A name that has an equation.
    pub fn state(name: Name, did_you_mean: Option<String>, has_units: bool) -> Self {
        let unit = if has_units { ": …" } else { "" };
        let declarations = vec![format!("state {name}{unit} = 0;")];
        Self { name, did_you_mean, declarations, is_value: false, is_function: false, time: None }
    }
}

impl From<UnknownName> for Diagnostic {
    fn from(found: UnknownName) -> Self {
        let name = &found.name;
        let message = format!("cannot find `{name}` in this model");
        let diagnostic = Self::new(UnknownName::CODE, name.span(), message);
        if found.is_function || crate::builtins::find(&name.text).is_some() {
            return diagnostic.help(format!("`{name}` is a function: write `{name}(…)`"));
        }
        if let Some(meant) = found.meant().filter(|_| found.is_value) {
            return diagnostic.help(meant);
        }
        if found.is_value && Unit::from_symbol(&name.text).is_some() {
            let lines: Vec<_> = found.declarations.iter().map(|line| format!("`{line}`")).collect();
            return diagnostic.help(format!("declare it: {}", lines.join(" or "))).help(format!(
                "if the unit is meant, write it behind a number, `1 {name}`, in parentheses where \
                 it is one of several: `(1 Hz/{name})`"
            ));
        }
        if let Some(near) = found.did_you_mean {
            return diagnostic.help(format!("did you mean `{near}`?"));
        }
        let lines: Vec<_> = found.declarations.iter().map(|line| format!("`{line}`")).collect();
        diagnostic.help(format!("declare it: {}", lines.join(" or ")))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn every_unknown_name_is_found() {
        expect(
            "model M {
                param tau_e = 20 where tau_e > lowest;
                                               ^^^^^^ unknown_name: cannot find `lowest` in this model; help: declare it: `param lowest = 1;`
                state ν_e = x0;
                            ^^ unknown_name: cannot find `x0`
                tua_e dν_e/dt = -nu_e + Q + exp;
                ^^^^^ unknown_name: cannot find `tua_e` in this model; help: did you mean `tau_e`?
                                 ^^^^ unknown_name: cannot find `nu_e` in this model; help: did you mean `ν_e`?
                                        ^ unknown_name: cannot find `Q` in this model; help: declare it: `param Q = 1;` or `input Q;`
                                            ^^^ unknown_name: cannot find `exp` in this model; help: `exp` is a function: write `exp(…)`
            }",
        );
    }

    #[test]
    fn an_equation_needs_a_declared_state() {
        expect(
            "model M {
                state x: mV = 0;
                dx/dt = 0;
                dy/dt = 0;
                ^^ unknown_name: cannot find `y` in this model; help: declare it: `state y: … = 0;`
            }",
        );
    }

    #[test]
    fn the_lines_to_add_have_the_right_unit() {
        expect(
            "model M {
                param tau: ms = 20 where tau < slowest;
                                               ^^^^^^^ unknown_name: cannot find `slowest` in this model; help: declare it: `param slowest: ms = 1;`
                param w: mV/Hz = 1;
                state r: Hz = 0;
                let V: mV = w*r + [drive]_+;
                                   ^^^^^ unknown_name: cannot find `drive` in this model; help: declare it: `param drive: mV = 1;` or `input drive: mV;`
                tau dr/dt = -r + base + exp(dose) + V*gain;
                                 ^^^^ unknown_name: cannot find `base` in this model; help: declare it: `param base: Hz = 1;` or `input base: Hz;`
                                            ^^^^ unknown_name: cannot find `dose` in this model; help: declare it: `param dose = 1;` or `input dose;`
                                                      ^^^^ unknown_name: cannot find `gain` in this model; help: declare it: `param gain: … = 1;` or `input gain: …;`
            }",
        );
    }

    #[test]
    fn what_has_another_name_here_is_said() {
        expect(
            "model M {
                param (σ, τ) = (1, 2);
                state x = 0;
                dx/dt = -x*e^(-τ) + PI + σ*sqrt(dt)*ξ;
                           ^ unknown_name: cannot find `e` in this model; help: write the exponential as `exp(x)`
                                    ^^ unknown_name: cannot find `PI` in this model; help: write `pi`
                                                ^^ unknown_name: cannot find `dt` in this model; help: the step is not part of a model
                                                    ^ unknown_name: cannot find `ξ` in this model; help: declare it: `noise ξ: white;` or `param ξ = 1;` or `input ξ;`
            }",
        );
        expect(
            "model M {
                time s: ms;
                state x = 0;
                dx/ds = -x(t - 2 ms)/(3 ms);
                           ^ unknown_name: cannot find `t` in this model; help: time is called `s` here
            }",
        );
    }

    #[test]
    fn time_and_pi_are_known() {
        expect("model M { state x = pi; dx/dt = sin(t); }");
        expect(
            "model M {
                time s: s;
                state x = 0;
                dx/ds = t/(1 s);
                        ^ unknown_name: cannot find `t` in this model
            }",
        );
    }
}
