//! `unused_input`: an input that nothing uses.

use crate::check::usage::Usage;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::name::Name;

/// # What it means
/// An input stands in no formula: whatever is sent to it is lost.
///
/// # Example
/// ```text
/// input I_e;
/// input I_i;                          // never used
/// dr/dt = -r + I_e;
/// ```
#[derive(Clone, Debug)]
pub struct UnusedInput {
    name: Name,
}

impl UnusedInput {
    /// Code of this rule.
    pub const CODE: Code = Code("unused_input");
}

/// Checks every input.
pub fn check(model: &Model, usage: &Usage, diags: &mut Diagnostics) {
    for (id, item) in model.inputs.iter() {
        if !usage.is_used(Symbol::Input(id)) {
            let found = UnusedInput { name: item.declared.name.clone() };
            diags.lint(&item.declared.levels, &model.levels, found);
        }
    }
}

impl From<UnusedInput> for Diagnostic {
    fn from(found: UnusedInput) -> Self {
        let name = &found.name;
        let message = format!("input `{name}` is never used: what is sent to it is lost");
        Self::new(UnusedInput::CODE, name.span(), message)
            .help("use it, or remove it; `#[allow(unused_input)]` above it keeps it")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_input_is_marked() {
        expect(
            "model M {
                input I_e;
                input I_i;
                      ^^^ unused_input: input `I_i` is never used
                state r = 0;
                dr/dt = -r + I_e;
            }",
        );
    }
}
