//! Adds the derivatives of derivatives and outputs by states and inputs, by the chain rule in
//! forward direction: for each leaf, one sweep gives what it changes.
//!
//! (R. E. Wengert, A simple automatic derivative evaluation program, CACM 7(8), 1964; here on
//! formulas instead of numbers.)

use crate::collections::Id;
use crate::kernel::{Column, Entry, Kernel, Op, Row, ValueId};
use crate::model::Model;

/// AFTER: `outputs.jacobian` has an entry for every derivative that is not identically 0, and
/// `outputs.diagonal` those of each equation by its own state.
pub fn differentiate(mut kernel: Kernel, model: &Model) -> Kernel {
    let rows = rows(&kernel, model);
    let length = kernel.values.len();
    for leaf in kernel.values.ids().take(length).collect::<Vec<_>>() {
        let column = match kernel.values[leaf] {
            Op::State(id) => Column::State(id.index()),
            Op::Input(id) => Column::Input(id.index()),
            _ => continue,
        };
        let tangents = sweep(&mut kernel, leaf, length);
        for (row, value) in &rows {
            if let Some(derivative) = tangents[value.index()] {
                let entry = Entry { row: *row, column };
                kernel.outputs.jacobian.push((entry, derivative));
            }
        }
    }
    let own = |index| Entry { row: Row::State(index), column: Column::State(index) };
    let entries = &kernel.outputs.jacobian;
    let find = |index| entries.iter().find(|(entry, _)| *entry == own(index)).map(|(_, v)| *v);
    kernel.outputs.diagonal = (0..model.states.len()).map(find).collect();
    kernel
}

fn rows(kernel: &Kernel, model: &Model) -> Vec<(Row, ValueId)> {
    let states = kernel.outputs.derivative.iter().enumerate();
    let auxiliaries = model.auxiliaries.values().zip(&kernel.outputs.auxiliaries).enumerate();
    let outputs = auxiliaries.filter(|(_, (auxiliary, _))| auxiliary.is_output);
    let states = states.map(|(index, value)| (Row::State(index), *value));
    states.chain(outputs.map(|(index, (_, value))| (Row::Output(index), *value))).collect()
}

/// The derivative of each of the first `length` values by `leaf`; `None` where it is 0.
fn sweep(kernel: &mut Kernel, leaf: ValueId, length: usize) -> Vec<Option<ValueId>> {
    let mut tangents: Vec<Option<ValueId>> = vec![None; length];
    tangents[leaf.index()] = Some(kernel.number(1.0));
    for id in kernel.values.ids().take(length).collect::<Vec<_>>() {
        let op = kernel.values[id].clone();
        if op.operands().iter().any(|operand| tangents[operand.index()].is_some()) {
            tangents[id.index()] = tangent(kernel, id, &op, &|value| tangents[value.index()]);
        }
    }
    tangents
}

/// The derivative of one instruction, given those of its operands.
fn tangent(
    k: &mut Kernel,
    id: ValueId,
    op: &Op,
    of: &dyn Fn(ValueId) -> Option<ValueId>,
) -> Option<ValueId> {
    match *op {
        Op::Neg(a) => of(a).map(|a| k.neg(a)),
        Op::Add(a, b) => sum(k, of(a), of(b)),
        Op::Sub(a, b) => match (of(a), of(b)) {
            (Some(a), Some(b)) => Some(k.sub(a, b)),
            (None, Some(b)) => Some(k.neg(b)),
            (a, None) => a,
        },
        Op::Mul(a, b) => {
            let left = of(a).map(|tangent| k.mul(tangent, b));
            let right = of(b).map(|tangent| k.mul(a, tangent));
            sum(k, left, right)
        }
        Op::Div(a, b) => {
            // (a/b)' = (a' - (a/b) b')/b
            let above = match (of(a), of(b)) {
                (a, None) => a?,
                (None, Some(b)) => {
                    let product = k.mul(id, b);
                    k.neg(product)
                }
                (Some(a), Some(b)) => {
                    let product = k.mul(id, b);
                    k.sub(a, product)
                }
            };
            Some(k.div(above, b))
        }
        Op::Select(condition, a, b) => {
            let (a, b) = (of(a), of(b));
            a.or(b)?;
            let zero = k.number(0.0);
            Some(k.select(condition, a.unwrap_or(zero), b.unwrap_or(zero)))
        }
        Op::Call(builtin, ref arguments) => {
            let partials = (builtin.partials)(k, arguments, id);
            let mut total = None;
            for (argument, partial) in arguments.iter().zip(partials) {
                let term =
                    of(*argument).zip(partial).map(|(tangent, partial)| k.mul(partial, tangent));
                total = sum(k, total, term);
            }
            total
        }
        // Comparisons are constant almost everywhere.
        Op::Compare(..)
        | Op::And(..)
        | Op::Or(..)
        | Op::Not(_)
        | Op::Number(_)
        | Op::Param(_)
        | Op::Input(_)
        | Op::State(_)
        | Op::Time => None,
        Op::MulAdd(..) | Op::Quotient(..) => unreachable!("passes that make it come later"),
    }
}

fn sum(k: &mut Kernel, a: Option<ValueId>, b: Option<ValueId>) -> Option<ValueId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(k.add(a, b)),
        (a, b) => a.or(b),
    }
}
