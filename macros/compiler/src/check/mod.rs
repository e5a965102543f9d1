//! Stage 3: what a resolved model must satisfy. The result is [`Checked`], the only thing that
//! can be lowered.

mod describe;
mod dimension;
pub mod interval;
pub mod usage;

use dimension::Conversion;

use crate::diag::{Diagnostics, Stopped};
use crate::model::Model;
use crate::rules;
use usage::Usage;

/// A model with nothing wrong in it and all units converted.
#[derive(Clone, Debug)]
pub struct Checked(Model);

impl Checked {
    /// The model.
    pub fn model(&self) -> &Model {
        &self.0
    }
}

/// Rules on models, in the order in which their findings are reported.
const RULES: [fn(&Model, &mut Diagnostics); 5] = [
    rules::constant_misuse::check,
    rules::state_in_factor::check,
    rules::bad_bound::check,
    rules::delay_not_constant::check,
    rules::noise_nonlinear::check,
];

/// Rules on the numbers of models: they need constants to be constant, and in one unit.
const RULES_ON_VALUES: [fn(&Model, &mut Diagnostics); 2] =
    [rules::bad_bound::check_interval, rules::default_out_of_range::check];

/// Rules on models whose formulas are in one unit.
const RULES_ON_FORMULAS: [fn(&Model, &mut Diagnostics); 3] = [
    rules::negative_delay::check,
    rules::default_out_of_range::check_correlation_times,
    rules::default_out_of_range::check_formulas,
];

/// Lints on names.
const LINTS: [fn(&Model, &Usage, &mut Diagnostics); 5] = [
    rules::unused_parameter::check,
    rules::unused_input::check,
    rules::unused_noise::check,
    rules::unused_auxiliary::check,
    rules::state_never_read::check,
];

/// Lints on models whose formulas are in one unit.
const LINTS_ON_FORMULAS: [fn(&Model, &mut Diagnostics); 4] = [
    rules::positive_time_constant_undeclared::check,
    rules::initial_outside_bound::check,
    rules::unstable_self_term::check,
    rules::dt_dependent_noise::check,
];

/// Checks a model and converts its units.
///
/// # Errors
/// When there is something wrong with it, or was before.
pub fn check(model: &Model, diags: &mut Diagnostics) -> Result<Checked, Stopped> {
    for rule in RULES {
        rule(model, diags);
    }
    let constants_are_constant = diags.gate().is_ok();
    let usage = Usage::of(model);
    for lint in LINTS {
        lint(model, &usage, diags);
    }
    let mut conversion = Conversion::new(model, diags);
    if conversion.values() && constants_are_constant {
        let values = conversion.converted.clone();
        for rule in RULES_ON_VALUES {
            rule(&values, conversion.diagnostics());
        }
    }
    conversion.formulas();
    let converted = conversion.converted;
    // What has no meaning has no dimension either.
    diags.drop_consequences(
        rules::dimension_mismatch::DimensionMismatch::CODE,
        &[
            rules::noise_nonlinear::NoiseNonlinear::CODE,
            rules::state_in_factor::StateInFactor::CODE,
        ],
    );
    diags.gate()?;
    for rule in RULES_ON_FORMULAS.into_iter().chain(LINTS_ON_FORMULAS) {
        rule(&converted, diags);
    }
    diags.gate()?;
    Ok(Checked(converted))
}
