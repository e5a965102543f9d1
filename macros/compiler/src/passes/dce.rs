//! Drops what no output needs.

use crate::collections::Id;
use crate::kernel::{Kernel, ValueId};

/// # Panics
/// Never: what is used comes before its users.
///
/// AFTER: every instruction is used, directly or not, by an output.
pub fn drop_unused(kernel: Kernel) -> Kernel {
    let used = reachable(&kernel, &kernel.outputs.all());
    let mut out = Kernel::default();
    let mut new: Vec<Option<ValueId>> = vec![None; kernel.values.len()];
    let renumber = |new: &[Option<ValueId>], old: ValueId| new[old.index()].expect("it is used");
    for (id, op) in kernel.values.iter() {
        if used[id.index()] {
            let op = op.clone().map_operands(|old| renumber(&new, old));
            new[id.index()] = Some(out.push(op));
        }
    }
    out.outputs = kernel.outputs.map(|old| renumber(&new, old));
    out
}

/// For each value, whether one of `roots` needs it.
pub fn reachable(kernel: &Kernel, roots: &[ValueId]) -> Vec<bool> {
    let mut used = vec![false; kernel.values.len()];
    for root in roots {
        used[root.index()] = true;
    }
    // Operands come before their users, so one sweep from the end meets every user first.
    for id in kernel.values.ids().collect::<Vec<_>>().into_iter().rev() {
        if used[id.index()] {
            for operand in kernel.values[id].operands() {
                used[operand.index()] = true;
            }
        }
    }
    used
}
