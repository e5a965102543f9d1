//! Adds the derivatives of derivatives and outputs by states and inputs, by the chain rule in
//! forward direction: for each leaf, one sweep gives what it changes.
//!
//! (R. E. Wengert, A simple automatic derivative evaluation program, CACM 7(8), 1964; here on
//! formulas instead of numbers.)

use std::collections::{BTreeMap, BTreeSet};

use crate::builtins::Builtin;
use crate::collections::Id;
use crate::kernel::{Column, Entry, Kernel, Op, Real, Row, ValueId};
use crate::model::Model;
use crate::syntax::ast::BinaryOp;

/// AFTER: `outputs.jacobian` has an entry for every derivative that is not identically 0, and
/// `outputs.diagonal` those of each equation by its own state.
pub fn differentiate(mut kernel: Kernel, model: &Model) -> Kernel {
    let rows = rows(&kernel, model);
    let users = users(&kernel);
    for leaf in kernel.values.ids().take(users.len()) {
        let column = match kernel.values[leaf] {
            Op::State(id) => Column::State(id.index()),
            Op::Input(id) => Column::Input(id.index()),
            _ => continue,
        };
        for (value, derivative) in sweep(&mut kernel, leaf, &users) {
            let of_value = rows.iter().filter(|(_, row_value)| *row_value == value);
            let entries = of_value.map(|(row, _)| (Entry { row: *row, column }, derivative));
            kernel.outputs.jacobian.extend(entries);
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

/// For each value, the instructions that use it.
pub(super) fn users(kernel: &Kernel) -> Vec<Vec<ValueId>> {
    let mut users = vec![Vec::new(); kernel.values.len()];
    for (id, op) in kernel.values.iter() {
        for operand in op.operands() {
            users[operand.index()].push(id);
        }
    }
    users
}

/// The derivatives by `leaf` of all values that depend on it, where they are not 0.
pub(super) fn sweep(
    kernel: &mut Kernel,
    leaf: ValueId,
    users: &[Vec<ValueId>],
) -> BTreeMap<ValueId, ValueId> {
    let mut tangents = BTreeMap::from([(leaf, kernel.number(1.0))]);
    let mut pending: BTreeSet<ValueId> = users[leaf.index()].iter().copied().collect();
    // Operands come before their users, so the first of those pending has all of its own.
    while let Some(id) = pending.pop_first() {
        let op = kernel.values[id].clone();
        let of = |value| tangents.get(&value).copied();
        let derivative = tangent(kernel, id, &op, Direction::Forward, &of);
        if let Some(derivative) = derivative {
            tangents.insert(id, derivative);
            pending.extend(&users[id.index()]);
        }
    }
    tangents
}

/// Which way the chain rule is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From what is given to the results: the slope of the argument is known.
    Forward,
    /// From the results to what is given: the slope of the result by the function is known.
    Reverse,
}

/// The derivative of one instruction, given those of its operands.
pub(super) fn tangent(
    k: &mut Kernel,
    id: ValueId,
    op: &Op,
    direction: Direction,
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
        Op::Div(a, b) => quotient(k, id, b, of(a), of(b)),
        Op::Select(condition, a, b) => {
            let (a, b) = (of(a), of(b));
            a.or(b)?;
            let zero = k.number(0.0);
            Some(k.select(condition, a.unwrap_or(zero), b.unwrap_or(zero)))
        }
        Op::Call(builtin, ref arguments) => chain(k, builtin, (arguments, id), direction, of),
        // Comparisons are constant almost everywhere.
        Op::Compare(..)
        | Op::And(..)
        | Op::Or(..)
        | Op::Not(_)
        | Op::Number(_)
        | Op::Param(_)
        | Op::Input(_)
        | Op::State(_)
        | Op::Noise(_)
        | Op::Delayed(_)
        | Op::Seed(_)
        | Op::Time => None,
        Op::MulAdd(..) | Op::Quotient(..) => unreachable!("passes that make it come later"),
    }
}

/// (a/b)' = (a' - (a/b) b')/b
fn quotient(
    k: &mut Kernel,
    value: ValueId,
    divisor: ValueId,
    above: Option<ValueId>,
    below: Option<ValueId>,
) -> Option<ValueId> {
    let shrinking = below.map(|below| k.mul(value, below));
    let numerator = match (above, shrinking) {
        (Some(above), Some(shrinking)) => k.sub(above, shrinking),
        (None, Some(shrinking)) => k.neg(shrinking),
        (above, None) => above?,
    };
    Some(k.div(numerator, divisor))
}

/// The chain rule: the sum of partial derivatives times the derivatives of the arguments.
fn chain(
    k: &mut Kernel,
    builtin: &Builtin,
    (arguments, value): (&[ValueId], ValueId),
    direction: Direction,
    of: &dyn Fn(ValueId) -> Option<ValueId>,
) -> Option<ValueId> {
    let partials = (builtin.partials)(k, arguments, value);
    let mut total = None;
    for (argument, partial) in arguments.iter().zip(partials) {
        let term = of(*argument).zip(partial);
        let term = term.map(|(inner, outer)| product(k, builtin, direction, (outer, inner)));
        total = sum(k, total, term);
    }
    total
}

/// The functions whose slope may be infinite where they have a value.
const STEEP: [&str; 6] = ["sqrt", "pow", "log", "log1p", "asin", "acos"];

/// The slope of a function times what it is chained to: 0 where its argument does not move, how
/// steep it may be, as `sqrt(relu(x))` below 0. In reverse, whether the argument moves is not known
/// yet: where the slope is infinite, it is taken for 0.
fn product(
    k: &mut Kernel,
    builtin: &Builtin,
    direction: Direction,
    (outer, inner): (ValueId, ValueId),
) -> ValueId {
    let is =
        |k: &Kernel, value: ValueId, number: f64| k.values[value] == Op::Number(Real::new(number));
    match k.values[outer] {
        Op::Select(condition, one, zero) if is(k, one, 1.0) && is(k, zero, 0.0) => {
            return k.select(condition, inner, zero);
        }
        Op::Select(condition, zero, one) if is(k, one, 1.0) && is(k, zero, 0.0) => {
            return k.select(condition, zero, inner);
        }
        _ => {}
    }
    let product = k.mul(outer, inner);
    let is_constant = direction == Direction::Forward && matches!(k.values[inner], Op::Number(_));
    if is_constant || !STEEP.contains(&builtin.name) {
        return product;
    }
    let zero = k.number(0.0);
    let vanishes = match direction {
        Direction::Forward => k.compare(BinaryOp::Eq, inner, zero),
        Direction::Reverse => {
            let (steepness, infinity) = (k.call("abs", &[outer]), k.number(f64::INFINITY));
            k.compare(BinaryOp::Eq, steepness, infinity)
        }
    };
    k.select(vanishes, zero, product)
}

fn sum(k: &mut Kernel, a: Option<ValueId>, b: Option<ValueId>) -> Option<ValueId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(k.add(a, b)),
        (a, b) => a.or(b),
    }
}
