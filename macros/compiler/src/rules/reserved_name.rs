//! `reserved_name`: a name that means something else already.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Keywords of the model language and of Rust, the time variable and its differential cannot be
/// declared.
///
/// # Example
/// ```text
/// param dt = 0.1;     // `dt` stands on the left of equations
/// ```
#[derive(Clone, Debug)]
pub struct ReservedName {
    /// The name.
    pub name: Name,
    /// What it means already.
    pub reason: String,
}

impl ReservedName {
    /// Code of this rule.
    pub const CODE: Code = Code("reserved_name");
}

const KEYWORDS: [&str; 11] =
    ["model", "time", "const", "param", "input", "state", "let", "output", "noise", "where", "fn"];

/// Why a name cannot be declared in a model whose time has the given name.
pub fn reason(name: &Name, time: &str, time_is_declared: bool) -> Option<String> {
    if KEYWORDS.contains(&name.text.as_str()) {
        Some("a keyword of the model language".to_owned())
    } else if syn::parse_str::<syn::Ident>(&name.text).is_err() {
        Some("a keyword of Rust".to_owned())
    } else if name.text.starts_with("__") {
        Some("kept for generated code, as all names that begin with `__`".to_owned())
    } else if name.text == format!("d{time}") {
        Some("the differential of time".to_owned())
    } else {
        (time_is_declared && name.text == time).then(|| "the time variable".to_owned())
    }
}

impl From<ReservedName> for Diagnostic {
    fn from(found: ReservedName) -> Self {
        let name = &found.name;
        let message = format!("`{name}` cannot be declared: it is {}", found.reason);
        let plain = name.text.trim_start_matches('_');
        let help = format!("choose another name, for example `{plain}_0`");
        Self::new(ReservedName::CODE, name.span(), message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn keywords_and_time_are_taken() {
        expect(
            "model M {
                param dt = 1;
                      ^^ reserved_name: `dt` cannot be declared: it is the differential of time
                param type = 1;
                      ^^^^ reserved_name: `type` cannot be declared: it is a keyword of Rust
                param where = 1;
                      ^^^^^ reserved_name: `where` cannot be declared: it is a keyword of the model
            }",
        );
    }
}
