//! `unused_auxiliary`: an auxiliary that nothing uses.

use crate::check::usage::Usage;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::name::Name;

/// # What it means
/// No equation, output or other auxiliary uses a `let`. What is there only to be recorded or sent is an
/// `output`.
///
/// # Example
/// ```text
/// let drive = w*r + I;
/// dr/dt = -r + relu(I);               // relu(drive)
/// ```
#[derive(Clone, Debug)]
pub struct UnusedAuxiliary {
    name: Name,
}

impl UnusedAuxiliary {
    /// Code of this rule.
    pub const CODE: Code = Code("unused_auxiliary");
}

/// Checks every auxiliary.
pub fn check(model: &Model, usage: &Usage, diags: &mut Diagnostics) {
    for (id, auxiliary) in model.auxiliaries.iter() {
        if !auxiliary.is_output && !usage.is_used(Symbol::Aux(id)) {
            let found = UnusedAuxiliary { name: auxiliary.declared.name.clone() };
            diags.lint(&auxiliary.declared.levels, &model.levels, found);
        }
    }
}

impl From<UnusedAuxiliary> for Diagnostic {
    fn from(found: UnusedAuxiliary) -> Self {
        let name = &found.name;
        let message = format!("auxiliary `{name}` is never used");
        Self::new(UnusedAuxiliary::CODE, name.span(), message)
            .help("use it, remove it, or, if it is there to be recorded, declare it as `output`")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_auxiliary_is_marked() {
        expect(
            "model M {
                input I;
                let drive = 2*r + I;
                    ^^^^^ unused_auxiliary: auxiliary `drive` is never used
                output recorded = 3*r;
                state r = 0;
                dr/dt = -r + relu(I);
            }",
        );
    }
}
