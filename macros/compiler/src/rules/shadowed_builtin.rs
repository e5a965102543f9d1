//! `shadowed_builtin`: a name that hides a function or constant of the language.

use crate::builtins;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::name::Name;
use crate::syntax::ast::{Item, Model};

/// # What it means
/// A declared name is that of a built-in function or of `pi`. It is allowed, but whoever reads the
/// equations will take it for the built-in one.
///
/// # Example
/// ```text
/// param max = 100;                    // r_max
/// ```
#[derive(Clone, Debug)]
pub struct ShadowedBuiltin {
    name: Name,
    is_function: bool,
}

impl ShadowedBuiltin {
    /// Code of this rule.
    pub const CODE: Code = Code("shadowed_builtin");
}

/// Checks every declared name.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let declared = model.items.iter().filter_map(|item| match item {
        Item::Declaration(declaration) => Some((&declaration.name, &declaration.levels)),
        Item::Function(function) => Some((&function.name, &function.levels)),
        Item::Time(_) | Item::Equation(_) | Item::Removal(_) => None,
    });
    for (name, levels) in declared {
        let is_function = builtins::find(&name.text).is_some();
        if is_function || name.text == "pi" {
            let found = ShadowedBuiltin { name: name.clone(), is_function };
            diags.lint(levels, &model.levels, found);
        }
    }
}

impl From<ShadowedBuiltin> for Diagnostic {
    fn from(ShadowedBuiltin { name, is_function }: ShadowedBuiltin) -> Self {
        let what = if is_function { "function" } else { "constant" };
        let message = format!("`{name}` hides the {what} `{name}` of the language");
        Self::new(ShadowedBuiltin::CODE, name.span(), message)
            .help(format!("choose another name, for example `{name}_0`"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_declared_name_is_marked() {
        expect(
            "model M {
                param max = 100;
                      ^^^ shadowed_builtin: `max` hides the function `max` of the language
                const pi = 3;
                      ^^ shadowed_builtin: `pi` hides the constant `pi`
                fn relu(x) = if x > 0 { x } else { 0.01*x };
                   ^^^^ shadowed_builtin: `relu` hides the function `relu`
                state r = 0;
                dr/dt = -r + relu(max*pi);
            }",
        );
    }
}
