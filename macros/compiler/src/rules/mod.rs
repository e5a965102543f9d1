//! The rules, one a file: what it means (its documentation is the user's), what is said and, for
//! rules on whole models, the check. Each file tests its own rule with caret tests.

pub mod algebraic_loop;
pub mod bad_bound;
pub mod constant_misuse;
pub mod default_out_of_range;
pub mod dimension_mismatch;
pub mod dimension_of_function;
pub mod duplicate_equation;
pub mod duplicate_name;
pub mod missing_default;
pub mod missing_equation;
pub mod not_a_state;
pub mod recursive_function;
pub mod reserved_name;
pub mod state_in_factor;
pub mod syntax;
pub mod unknown_function;
pub mod unknown_name;
pub mod unknown_unit;
pub mod wrong_arity;

use crate::diag::Code;

/// The codes of all rules.
pub const CODES: [Code; 19] = [
    algebraic_loop::AlgebraicLoop::CODE,
    bad_bound::BadBound::CODE,
    constant_misuse::ConstantMisuse::CODE,
    default_out_of_range::DefaultOutOfRange::CODE,
    dimension_mismatch::DimensionMismatch::CODE,
    dimension_of_function::DimensionOfFunction::CODE,
    duplicate_equation::DuplicateEquation::CODE,
    duplicate_name::DuplicateName::CODE,
    missing_default::MissingDefault::CODE,
    missing_equation::MissingEquation::CODE,
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
