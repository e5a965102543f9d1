//! `unknown_function`: a call of something that is no function.

use crate::builtins;
use crate::diag::{Code, Diagnostic};
use crate::name::{Name, did_you_mean};
use crate::syntax::ast::Kind;

/// # What it means
/// Only the functions of the language can be called.
///
/// # Example
/// ```text
/// let y = sinus(x);
/// ```
#[derive(Clone, Debug)]
pub struct UnknownFunction {
    /// What is called.
    pub name: Name,
    /// What the name is declared as, if it is.
    pub declared: Option<Kind>,
    /// A function of the model with a name like it.
    pub near: Option<String>,
}

impl UnknownFunction {
    /// Code of this rule.
    pub const CODE: Code = Code("unknown_function");
}

/// What other languages call our functions.
const ALIASES: [(&str, &str); 8] = [
    ("ln", "log"),
    ("logistic", "sigmoid"),
    ("step", "heaviside"),
    ("maximum", "max"),
    ("minimum", "min"),
    ("clamp", "clip"),
    ("rectify", "relu"),
    ("fabs", "abs"),
];

impl From<UnknownFunction> for Diagnostic {
    fn from(UnknownFunction { name, declared, near }: UnknownFunction) -> Self {
        let message = format!("`{name}` is not a function");
        let diagnostic = Self::new(UnknownFunction::CODE, name.span(), message);
        match declared {
            Some(Kind::State | Kind::Output) => {
                return diagnostic.help(format!(
                    "to multiply, write `{name}*(…)`; a past value is `{name}(t - d)`"
                ));
            }
            Some(_) => return diagnostic.help(format!("to multiply, write `{name}*(…)`")),
            None => {}
        }
        let alias = ALIASES.iter().find(|(other, _)| *other == name.text).map(|(_, ours)| *ours);
        if ["where", "ifelse", "piecewise", "int"].contains(&name.text.as_str()) {
            return diagnostic.help("write `if c { a } else { b }`");
        }
        if let Some(base) = name.text.strip_prefix("log").filter(|base| ["2", "10"].contains(base))
        {
            return diagnostic.help(format!("write `log(x)/log({base})`"));
        }
        let known = builtins::TABLE.iter().map(|builtin| builtin.name);
        let near = near.as_deref();
        match alias.or(near).or_else(|| did_you_mean(&name.text, known)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                let known: Vec<_> = builtins::TABLE.iter().map(|builtin| builtin.name).collect();
                diagnostic.help(format!("functions are {}", known.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_called_name_is_marked() {
        expect(
            "model M {
                param tau = 1;
                state x = 0;
                dx/dt = ln(x) + tahn(x) + tau(1 + x) + gain(x) + log10(x);
                        ^^ unknown_function: `ln` is not a function; help: did you mean `log`?
                                ^^^^ unknown_function: `tahn` is not a function; help: did you mean `tanh`?
                                          ^^^ unknown_function: `tau` is not a function; help: to multiply, write `tau*(…)`
                                                       ^^^^ unknown_function: `gain` is not a function; help: functions are relu
                                                                 ^^^^^ unknown_function: `log10` is not a function; help: write `log(x)/log(10)`
            }",
        );
    }
}
