//! `wrong_arity`: a function called with too many or too few arguments.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Each function of the language takes a fixed number of arguments.
///
/// # Example
/// ```text
/// let y = clip(x, 0);     // clip(x, low, high)
/// ```
#[derive(Clone, Debug)]
pub struct WrongArity {
    /// The function as written.
    pub function: Name,
    /// Names of its parameters.
    pub parameters: Vec<String>,
    /// What it is.
    pub doc: String,
    /// How many arguments there are.
    pub found: usize,
}

impl WrongArity {
    /// Code of this rule.
    pub const CODE: Code = Code("wrong_arity");
}

impl From<WrongArity> for Diagnostic {
    fn from(WrongArity { function, parameters, doc, found }: WrongArity) -> Self {
        let wanted = match parameters.len() {
            1 => "1 argument".to_owned(),
            count => format!("{count} arguments"),
        };
        let message = format!("`{function}` takes {wanted}, found {found}");
        let form = format!("{function}({})", parameters.join(", "));
        let doc = if doc.is_empty() { doc } else { format!(": {doc}") };
        Self::new(WrongArity::CODE, function.span(), message).help(format!("write `{form}`{doc}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_function_is_marked() {
        expect(
            "model M {
                state x = 0;
                dx/dt = clip(x, 0) + exp() + max(x, 1, 2) + min(x, 1);
                        ^^^^ wrong_arity: `clip` takes 3 arguments, found 2; help: write `clip(x, low, high)`
                                     ^^^ wrong_arity: `exp` takes 1 argument, found 0
                                             ^^^ wrong_arity: `max` takes 2 arguments, found 3
            }",
        );
    }
}
