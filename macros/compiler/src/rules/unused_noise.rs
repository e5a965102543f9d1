//! `unused_noise`: a noise that nothing uses.

use crate::check::usage::Usage;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::name::Name;

/// # What it means
/// A noise is declared, but no equation has it: the model is deterministic.
///
/// # Example
/// ```text
/// noise ξ: white;
/// dr/dt = -r + I;                     // … + σ*ξ
/// ```
#[derive(Clone, Debug)]
pub struct UnusedNoise {
    name: Name,
}

impl UnusedNoise {
    /// Code of this rule.
    pub const CODE: Code = Code("unused_noise");
}

/// Checks every noise.
pub fn check(model: &Model, usage: &Usage, diags: &mut Diagnostics) {
    for (id, item) in model.noises.iter() {
        if !usage.is_used(Symbol::Noise(id)) {
            let found = UnusedNoise { name: item.declared.name.clone() };
            diags.lint(&item.declared.levels, &model.levels, found);
        }
    }
}

impl From<UnusedNoise> for Diagnostic {
    fn from(found: UnusedNoise) -> Self {
        let name = &found.name;
        let message = format!("noise `{name}` is never used");
        Self::new(UnusedNoise::CODE, name.span(), message)
            .help("add it to an equation, as in `… + σ*ξ`, or remove it")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_noise_is_marked() {
        expect(
            "model M {
                noise (ξ, η): white;
                          ^ unused_noise: noise `η` is never used
                state r = 0;
                dr/dt = -r + ξ;
            }",
        );
    }
}
