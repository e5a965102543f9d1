//! `duplicate_name`: one name for two things.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::name::Name;
use crate::syntax::ast::Model;

/// # What it means
/// Two items declare the same name, or names with the same ASCII spelling (`ν` and `nu`), which
/// generated code could not tell apart.
///
/// # Example
/// ```text
/// param tau = 20;
/// state tau = 0;
/// ```
#[derive(Clone, Debug)]
pub struct DuplicateName {
    /// The later declaration.
    pub second: Name,
    /// The earlier one.
    pub first: (Name, &'static str),
}

impl DuplicateName {
    /// Code of this rule.
    pub const CODE: Code = Code("duplicate_name");

    /// A function called like something else: `f(t - d)` could mean either.
    pub fn of_function(name: &Name) -> Diagnostic {
        let message = format!("`{name}` is both a function and something else");
        Diagnostic::new(Self::CODE, name.span(), message).help("rename one of them")
    }

    /// Two parameters of one name.
    pub fn parameter(name: &Name, function: &Name) -> Diagnostic {
        let message = format!("two parameters of `{function}` are called `{name}`");
        Diagnostic::new(Self::CODE, name.span(), message).help("rename one of them")
    }

    /// A second function of one name.
    pub fn function(name: &Name) -> Diagnostic {
        let message = format!("there are two functions `{name}`");
        Diagnostic::new(Self::CODE, name.span(), message).help("rename one of them")
    }
}

impl From<DuplicateName> for Diagnostic {
    fn from(found: DuplicateName) -> Self {
        let (first, article) = &found.first;
        let second = &found.second;
        let message = format!("`{second}` is declared twice");
        let diagnostic = if first.text == second.text {
            Self::new(DuplicateName::CODE, second.span(), message)
        } else {
            let message = format!("`{second}` and `{first}` have the same ASCII spelling");
            let note = format!("both are `{}` in generated code", first.ascii());
            Self::new(DuplicateName::CODE, second.span(), message).note(note)
        };
        let line = first.span().start().line;
        let note = format!("`{first}` is already {article} of this model (line {line})");
        diagnostic.note(note).help("rename one of them")
    }
}

/// Keeps the first of several models with one name.
pub fn remove_duplicate_models(models: &mut Vec<Model>, diags: &mut Diagnostics) {
    let mut known: Vec<String> = Vec::new();
    models.retain(|model| {
        let is_new = !known.contains(&model.name.text);
        if is_new {
            known.push(model.name.text.clone());
        } else {
            let message = format!("there are two models `{}`", model.name);
            let found = Diagnostic::new(DuplicateName::CODE, model.name.span(), message);
            diags.push(found.help("rename one of them"));
        }
        is_new
    });
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_second_declaration_is_marked() {
        expect(
            "model M {
                param tau = 20;
                state tau = 0;
                      ^^^ duplicate_name: `tau` is declared twice; note: `tau` is already a parameter of this model (line 2)
                input nu;
                state ν = 0;
                      ^ duplicate_name: `ν` and `nu` have the same ASCII spelling; note: both are `nu`
                dν/dt = tau;
            }",
        );
    }

    #[test]
    fn functions_share_the_names_of_everything_else() {
        expect(
            "model M {
                state f = 1;
                fn f(u) = u^2;
                   ^ duplicate_name: `f` is both a function and something else
                fn g(x, x) = x;
                        ^ duplicate_name: two parameters of `g` are called `x`
                df/dt = -f + g(1, 2);
            }",
        );
    }

    #[test]
    fn models_have_names_of_their_own() {
        expect(
            "model M { state x = 0; dx/dt = 0; }
            model M { state x = 0; dx/dt = 0; }
                  ^ duplicate_name: there are two models `M`",
        );
    }

    #[test]
    fn micro_sign_and_mu_are_the_same_letter() {
        expect(
            "model M {
                param \u{b5} = 1;
                param \u{3bc} = 2;
                      ^ duplicate_name: `μ` is declared twice
            }",
        );
    }
}
