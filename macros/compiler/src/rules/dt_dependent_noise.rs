//! `dt_dependent_noise`: noise whose size depends on the step.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Law, Model};
use crate::name::Name;
use crate::span::SpanRange;

/// # What it means
/// `per_step` noise is a fresh normal number at each step: with half the step, what it does over the same
/// time has half the variance. White noise is scaled such that results do not depend on the step.
///
/// # Example
/// ```text
/// noise n: per_step;                  // noise n: white;
/// ```
#[derive(Clone, Debug)]
pub struct DtDependentNoise {
    name: Name,
    span: SpanRange,
}

impl DtDependentNoise {
    /// Code of this rule.
    pub const CODE: Code = Code("dt_dependent_noise");
}

/// Checks every noise.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    for noise in model.noises.values() {
        if matches!(noise.law, Law::PerStep) {
            let found = DtDependentNoise { name: noise.declared.name.clone(), span: noise.span };
            diags.lint(&noise.declared.levels, &model.levels, found);
        }
    }
}

impl From<DtDependentNoise> for Diagnostic {
    fn from(DtDependentNoise { name, span }: DtDependentNoise) -> Self {
        let message = format!("the effect of `{name}` depends on the time step");
        Self::new(DtDependentNoise::CODE, span, message).help(format!(
            "write `noise {name}: white;`, or `#[allow(dt_dependent_noise)]` above it to reproduce \
             a model that has it"
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_law_is_marked() {
        expect(
            "model M {
                noise n: per_step;
                         ^^^^^^^^ dt_dependent_noise: the effect of `n` depends on the time step
                #[allow(dt_dependent_noise)]
                noise m: per_step;
                state x = 0;
                dx/dt = -x + n + relu(m);
            }",
        );
    }
}
