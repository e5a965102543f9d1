//! The rules, one a file: what it means (its documentation is the user's), what is said and, for
//! rules on whole models, the check. Each file tests its own rule with caret tests.

pub mod algebraic_loop;
pub mod bad_bound;
pub mod confusable_names;
pub mod constant_misuse;
pub mod default_out_of_range;
pub mod delay_not_constant;
pub mod delay_of_parameter;
pub mod dimension_mismatch;
pub mod dimension_of_function;
pub mod dt_dependent_noise;
pub mod duplicate_equation;
pub mod duplicate_name;
pub mod initial_outside_bound;
pub mod missing_default;
pub mod missing_equation;
pub mod negative_delay;
pub mod noise_in_bound;
pub mod noise_nonlinear;
pub mod not_a_state;
pub mod positive_time_constant_undeclared;
pub mod recursive_function;
pub mod reserved_name;
pub mod shadowed_builtin;
pub mod state_in_factor;
pub mod state_never_read;
pub mod syntax;
pub mod unknown_function;
pub mod unknown_name;
pub mod unknown_unit;
pub mod unstable_self_term;
pub mod unused_auxiliary;
pub mod unused_input;
pub mod unused_noise;
pub mod unused_parameter;
pub mod wrong_arity;

use crate::diag::Code;

/// The codes of errors.
pub const ERRORS: [Code; 25] = [
    algebraic_loop::AlgebraicLoop::CODE,
    bad_bound::BadBound::CODE,
    confusable_names::ConfusableNames::CODE,
    constant_misuse::ConstantMisuse::CODE,
    default_out_of_range::DefaultOutOfRange::CODE,
    delay_not_constant::DelayNotConstant::CODE,
    delay_of_parameter::DelayOfParameter::CODE,
    dimension_mismatch::DimensionMismatch::CODE,
    dimension_of_function::DimensionOfFunction::CODE,
    duplicate_equation::DuplicateEquation::CODE,
    duplicate_name::DuplicateName::CODE,
    missing_default::MissingDefault::CODE,
    missing_equation::MissingEquation::CODE,
    negative_delay::NegativeDelay::CODE,
    noise_in_bound::NoiseInBound::CODE,
    noise_nonlinear::NoiseNonlinear::CODE,
    not_a_state::NotAState::CODE,
    recursive_function::RecursiveFunction::CODE,
    reserved_name::ReservedName::CODE,
    state_in_factor::StateInFactor::CODE,
    syntax::Syntax::CODE,
    unknown_function::UnknownFunction::CODE,
    unknown_name::UnknownName::CODE,
    unknown_unit::UnknownUnit::CODE,
    wrong_arity::WrongArity::CODE,
];

/// The codes of lints: warnings, unless `#[allow(code)]` or `#[deny(code)]` stands above the item or
/// the model.
pub const LINTS: [Code; 10] = [
    dt_dependent_noise::DtDependentNoise::CODE,
    initial_outside_bound::InitialOutsideBound::CODE,
    positive_time_constant_undeclared::PositiveTimeConstantUndeclared::CODE,
    shadowed_builtin::ShadowedBuiltin::CODE,
    state_never_read::StateNeverRead::CODE,
    unstable_self_term::UnstableSelfTerm::CODE,
    unused_auxiliary::UnusedAuxiliary::CODE,
    unused_input::UnusedInput::CODE,
    unused_noise::UnusedNoise::CODE,
    unused_parameter::UnusedParameter::CODE,
];

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use super::{ERRORS, LINTS};
    use crate::diag::Code;

    /// The part of a rule's documentation that is for users, and its title.
    fn documentation(code: Code) -> (String, String) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let source = std::fs::read_to_string(folder.join(format!("{code}.rs"))).expect("its file");
        let title = source.lines().next().and_then(|line| line.split_once("`: ")).expect("a title");
        let lines = source.lines().map(str::trim);
        let lines = lines.skip_while(|line| *line != "/// # What it means").skip(1);
        let lines = lines.map_while(|line| line.strip_prefix("///"));
        let text: String = lines.fold(String::new(), |mut text, line| {
            let line = line.strip_prefix(' ').unwrap_or(line);
            let line = if line == "# Example" { "Example:\n" } else { line };
            writeln!(text, "{line}").expect("a string takes everything");
            text
        });
        (title.1.to_owned(), text)
    }

    fn page() -> String {
        let mut page = "The codes of all errors and lints, with what they mean and an example each.\n\
             \n\
             Lints are warnings. `#[allow(code)]` above an item or a model silences one, \n\
             `#[deny(code)]` makes it an error. To rustc they are uses of something deprecated:\n\
             `#![allow(deprecated)]` and `#![deny(deprecated)]` at the root of a crate act on all.\n"
            .replace(" \n", "\n");
        for (kind, codes) in [("Errors", &ERRORS[..]), ("Lints", &LINTS[..])] {
            writeln!(page, "\n# {kind}").expect("a string takes everything");
            for code in codes {
                let (title, text) = documentation(*code);
                write!(page, "\n## `{code}`: {title}\n\n{text}").expect("as before");
            }
        }
        page
    }

    /// `RATE_MODEL_BLESS=1 cargo test -p rate-model-compiler` writes the page.
    #[test]
    fn the_page_of_codes_is_what_the_rules_say() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/docs/codes.md");
        let page = page();
        if std::env::var_os("RATE_MODEL_BLESS").is_some() {
            std::fs::write(&path, &page).expect("the page is written");
        }
        assert_eq!(std::fs::read_to_string(&path).expect("the page"), page);
    }

    #[test]
    fn every_rule_has_a_title_a_meaning_and_an_example() {
        for code in ERRORS.into_iter().chain(LINTS) {
            let (title, text) = documentation(code);
            assert!(title.ends_with('.') && text.contains("```text\n"), "{code}: {title}\n{text}");
        }
    }
}
