//! Values that change only with parameters get a slot: they are computed when a parameter changes.

use crate::collections::Id;
use crate::kernel::rate::{Rate, Rates};
use crate::kernel::{Kernel, Op, ValueId};

/// AFTER: `outputs.derived` begins with `outputs.spans`, which the runtime reads, and lists every value made of parameters that something varying, or an
/// output other than an initial value, uses. Plain parameters and numbers need no slot.
pub fn hoist(mut kernel: Kernel) -> Kernel {
    let rates = Rates::of(&kernel);
    let mut used = vec![false; kernel.values.len()];
    for value in read_while_running(&kernel) {
        used[value.index()] = true;
    }
    // Users come after their operands: one sweep from the end meets every user first.
    for id in kernel.values.ids().collect::<Vec<_>>().into_iter().rev() {
        let op = &kernel.values[id];
        if rates[id].varies() || (used[id.index()] && is_free(op)) {
            op.operands().into_iter().for_each(|operand| used[operand.index()] = true);
        }
    }
    let needs_slot = |id: &ValueId| {
        used[id.index()] && !is_free(&kernel.values[*id]) && rates[*id] == Rate::Parameter
    };
    let spans = kernel.outputs.spans.clone();
    let others = kernel.values.ids().filter(|id| needs_slot(id) && !spans.contains(id));
    kernel.outputs.derived = spans.iter().copied().chain(others).collect();
    kernel
}

/// Whether computing a value again costs no more than reading it, or there is no slot for it: slots
/// hold numbers, so what a condition on parameters compares is kept, not the condition.
fn is_free(op: &Op) -> bool {
    matches!(op, Op::Param(_) | Op::Number(_) | Op::Neg(_)) || op.is_truth()
}

/// All outputs but the initial values, which are computed on their own.
fn read_while_running(kernel: &Kernel) -> Vec<ValueId> {
    let mut outputs = kernel.outputs.clone();
    outputs.initial.clear();
    outputs.all()
}

#[cfg(test)]
mod tests {
    use super::super::{dce, testing::lowered};
    use super::*;

    #[test]
    fn what_parameters_fix_is_hoisted() {
        let items =
            "param a = 2; param b = 3; let c = exp(a)*b; state x = sqrt(a); dx/dt = c*x - b;";
        let (kernel, _) = lowered(items);
        let kernel = hoist(dce::drop_unused(kernel));
        let [slot] = kernel.outputs.derived[..] else { panic!("{kernel}") };
        assert!(matches!(kernel.values[slot], Op::Mul(..)), "{kernel}");
    }

    #[test]
    fn conditions_are_not() {
        let items = "param m = 0; state x = 1; dx/dt = if exp(m) > 0 && x > m { x } else { -x };";
        let (kernel, _) = lowered(items);
        let kernel = hoist(dce::drop_unused(kernel));
        let [slot] = kernel.outputs.derived[..] else { panic!("{kernel}") };
        assert!(matches!(kernel.values[slot], Op::Call(..)), "{kernel}");
    }
}
