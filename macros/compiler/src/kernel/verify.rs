//! What must hold of every kernel, checked after each pass in debug builds.

use super::rate::{Rate, Rates};
use super::{Kernel, Op};
use crate::collections::Id;

/// Checks a kernel.
///
/// # Panics
/// When an instruction uses a later one, mixes truth values with numbers, or an output that may
/// depend on parameters only depends on more: a mistake in the compiler, never in a model.
pub fn verify(kernel: &Kernel, after: &str) {
    for (id, op) in kernel.values.iter() {
        for (place, operand) in op.operands().into_iter().enumerate() {
            assert!(
                operand.index() < id.index(),
                "after {after}: v{} uses later v{}",
                id.index(),
                operand.index()
            );
            let wants_truth = match op {
                Op::And(..) | Op::Or(..) | Op::Not(_) => true,
                Op::Select(..) => place == 0,
                _ => false,
            };
            let is_truth = kernel.values[operand].is_truth();
            assert!(
                is_truth == wants_truth,
                "after {after}: v{} mixes truth and number",
                id.index()
            );
        }
    }
    let rates = Rates::of(kernel);
    let outputs = &kernel.outputs;
    let limits = outputs.bounds.iter().flat_map(|bound| bound.lower.iter().chain(&bound.upper));
    for value in outputs.initial.iter().chain(&outputs.derived).chain(&outputs.spans).chain(limits)
    {
        assert!(rates[*value] <= Rate::Parameter, "after {after}: v{} varies", value.index());
    }
    for value in outputs.all() {
        assert!(!kernel.values[value].is_truth(), "after {after}: v{} is no number", value.index());
    }
}
