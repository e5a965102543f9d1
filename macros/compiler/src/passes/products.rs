//! Products with the Jacobian of everything that a model gives (time derivatives, auxiliaries,
//! factors of noise) by everything that it is given (parameters, what comes from outside, states),
//! each as a kernel of its own: J v in forward direction (the tangent), wᵀ J in reverse (the
//! adjoint), both of the size of the model itself.
//!
//! Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, chapter 3.

use super::differentiate::{Direction, tangent};
use super::{cse, dce, fold, fuse};
use crate::collections::Id;
use crate::kernel::{Kernel, Op, Outputs, ValueId};
use crate::model::Model;

/// The kernel without its Jacobian.
fn primal(formulas: &Kernel) -> Kernel {
    let Outputs { derivative, auxiliaries, diffusion, .. } = formulas.outputs.clone();
    let outputs = Outputs { derivative, auxiliaries, diffusion, ..Outputs::default() };
    dce::drop_unused(Kernel { values: formulas.values.clone(), outputs })
}

/// What a model gives, in the order of the components of J v.
fn rows(outputs: &Outputs) -> Vec<ValueId> {
    let factors = outputs.diffusion.iter().map(|(_, value)| *value);
    outputs.derivative.iter().chain(&outputs.auxiliaries).copied().chain(factors).collect()
}

/// The place of a leaf among what a model is given: parameters; inputs, noises and past values;
/// states.
fn column(model: &Model, op: &Op) -> Option<usize> {
    let inputs = model.params.len();
    let noises = inputs + model.inputs.len();
    let delays = noises + model.noises.len();
    let states = delays + model.delays.len();
    match op {
        Op::Param(id) => Some(id.index()),
        Op::Input(id) => Some(inputs + id.index()),
        Op::Noise(id) => Some(noises + id.index()),
        Op::Delayed(id) => Some(delays + id.index()),
        Op::State(id) => Some(states + id.index()),
        _ => None,
    }
}

/// The number of columns.
fn columns(model: &Model) -> usize {
    let given = model.inputs.len() + model.noises.len() + model.delays.len();
    model.params.len() + given + model.states.len()
}

/// J v, with v in the seeds.
pub fn tangents(formulas: &Kernel, model: &Model) -> Kernel {
    let mut kernel = primal(formulas);
    let mut tangents: Vec<Option<ValueId>> = vec![None; kernel.values.len()];
    for id in kernel.values.ids() {
        let op = kernel.values[id].clone();
        tangents[id.index()] = match column(model, &op) {
            Some(place) => Some(kernel.push(Op::Seed(place))),
            None => {
                let of = |value: ValueId| tangents[value.index()];
                tangent(&mut kernel, id, &op, Direction::Forward, &of)
            }
        };
    }
    let rows = rows(&kernel.outputs);
    finish(kernel, rows.into_iter().map(|row| tangents[row.index()]).collect())
}

/// wᵀ J, with w in the seeds.
pub fn adjoints(formulas: &Kernel, model: &Model) -> Kernel {
    let mut kernel = primal(formulas);
    let mut adjoints: Vec<Option<ValueId>> = vec![None; kernel.values.len()];
    for (place, row) in rows(&kernel.outputs).into_iter().enumerate() {
        let seed = kernel.push(Op::Seed(place));
        add(&mut kernel, &mut adjoints[row.index()], Some(seed));
    }
    let mut products = vec![None; columns(model)];
    // Users come after their operands: from the end, every value has all of its own first.
    for index in (0..adjoints.len()).rev() {
        let Some(adjoint) = adjoints[index] else { continue };
        let id = ValueId::new(index);
        let op = kernel.values[id].clone();
        if let Some(place) = column(model, &op) {
            // A leaf may stand there more than once.
            add(&mut kernel, &mut products[place], Some(adjoint));
            continue;
        }
        let mut operands = op.operands();
        operands.sort_unstable();
        operands.dedup();
        for operand in operands {
            // An instruction is linear in the tangents of its operands: with the adjoint in the
            // place of one of them, it gives what that operand receives.
            let only = |value: ValueId| (value == operand).then_some(adjoint);
            let received = tangent(&mut kernel, id, &op, Direction::Reverse, &only);
            add(&mut kernel, &mut adjoints[operand.index()], received);
        }
    }
    finish(kernel, products)
}

fn add(kernel: &mut Kernel, sum: &mut Option<ValueId>, term: Option<ValueId>) {
    *sum = match (*sum, term) {
        (Some(sum), Some(term)) => Some(kernel.add(sum, term)),
        (sum, term) => sum.or(term),
    };
}

fn finish(mut kernel: Kernel, products: Vec<Option<ValueId>>) -> Kernel {
    kernel.outputs = Outputs { products, ..Outputs::default() };
    let folded = dce::drop_unused(cse::share(fold::fold(kernel)));
    dce::drop_unused(fuse::fuse(folded))
}
