//! Values of a kernel as formulas in the modeller's names.

use std::fmt::Write;

use crate::collections::Id;
use crate::kernel::{Kernel, Op, ValueId};
use crate::model::{Model, Symbol};
use crate::syntax::ast::BinaryOp;

/// Formulas of several values; what they share and is no short term has a name of its own.
pub(super) struct Formulas<'a> {
    model: &'a Model,
    kernel: &'a Kernel,
    /// For each value its name, if it is used more than once.
    names: Vec<Option<String>>,
    /// The values that have names, in order.
    pub(super) shared: Vec<ValueId>,
}

/// How tightly a formula binds, as in [`BinaryOp::ALL`]; atoms bind most tightly.
type Power = u8;

const ATOM: Power = u8::MAX;

impl<'a> Formulas<'a> {
    pub(super) fn new(model: &'a Model, kernel: &'a Kernel, roots: &[ValueId]) -> Self {
        let mut uses = vec![0; kernel.values.len()];
        for root in roots {
            uses[root.index()] += 1;
        }
        for (id, op) in kernel.values.iter().collect::<Vec<_>>().into_iter().rev() {
            if uses[id.index()] > 0 {
                op.operands().into_iter().for_each(|operand| uses[operand.index()] += 1);
            }
        }
        let is_shared = |(id, op): &(ValueId, &Op)| uses[id.index()] > 1 && size(kernel, op) > 2;
        let shared: Vec<ValueId> =
            kernel.values.iter().filter(is_shared).map(|(id, _)| id).collect();
        let mut names = vec![None; kernel.values.len()];
        for (index, id) in shared.iter().enumerate() {
            names[id.index()] = Some(format!("v{}", index + 1));
        }
        Self { model, kernel, names, shared }
    }

    /// A value: its name, or its formula.
    pub(super) fn of(&self, value: ValueId) -> String {
        self.term(value, false).0
    }

    /// The formula behind a name.
    pub(super) fn definition(&self, value: ValueId) -> (String, String) {
        let name = self.names[value.index()].clone().unwrap_or_default();
        (name, self.term(value, true).0)
    }

    fn term(&self, value: ValueId, expand: bool) -> (String, Power) {
        if let Some(name) = self.names[value.index()].as_ref().filter(|_| !expand) {
            return (name.clone(), ATOM);
        }
        let symbol = |symbol: Symbol| (self.model.symbol_name(symbol).to_owned(), ATOM);
        match &self.kernel.values[value] {
            Op::Number(real) if real.get() < 0.0 => (real.get().to_string(), 6),
            Op::Number(real) => (real.get().to_string(), ATOM),
            Op::Param(id) => symbol(Symbol::Param(*id)),
            Op::Input(id) => symbol(Symbol::Input(*id)),
            Op::State(id) => symbol(Symbol::State(*id)),
            Op::Noise(id) => symbol(Symbol::Noise(*id)),
            Op::Delayed(id) => (self.model.delays[*id].text.clone(), ATOM),
            Op::Seed(index) => (format!("seed_{index}"), ATOM),
            Op::Time => symbol(Symbol::Time),
            Op::Neg(a) => (format!("-{}", self.tight(*a, 6)), 6),
            Op::Not(a) => (format!("!{}", self.tight(*a, 6)), 6),
            Op::Add(a, b) => self.binary(BinaryOp::Add, *a, *b),
            Op::Sub(a, b) => self.binary(BinaryOp::Sub, *a, *b),
            Op::Mul(a, b) => self.binary(BinaryOp::Mul, *a, *b),
            Op::Div(a, b) | Op::Quotient(a, b, _) => self.binary(BinaryOp::Div, *a, *b),
            Op::Compare(op, a, b) => self.binary(*op, *a, *b),
            Op::And(a, b) => self.binary(BinaryOp::And, *a, *b),
            Op::Or(a, b) => self.binary(BinaryOp::Or, *a, *b),
            Op::MulAdd(a, b, c) => {
                let product = self.binary(BinaryOp::Mul, *a, *b).0;
                (format!("{product} + {}", self.tight(*c, 4)), 4)
            }
            Op::Select(c, a, b) => {
                let (c, a, b) = (self.of(*c), self.of(*a), self.of(*b));
                (format!("if {c} {{ {a} }} else {{ {b} }}"), 0)
            }
            Op::Call(builtin, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|value| self.of(*value)).collect();
                (format!("{}({})", builtin.name, arguments.join(", ")), ATOM)
            }
        }
    }

    fn binary(&self, op: BinaryOp, a: ValueId, b: ValueId) -> (String, Power) {
        let power = op.power();
        // Only sums and products associate.
        let right = if matches!(op, BinaryOp::Add | BinaryOp::Mul) { power } else { power + 1 };
        let space = if matches!(op, BinaryOp::Mul | BinaryOp::Div) { "" } else { " " };
        let mut text = self.tight(a, power);
        let right = self.tight(b, right);
        write!(text, "{space}{}{space}{right}", op.symbol()).expect("a string takes everything");
        (text, power)
    }

    /// In parentheses where it binds less tightly than what is around it.
    fn tight(&self, value: ValueId, around: Power) -> String {
        let (text, power) = self.term(value, false);
        if power < around { format!("({text})") } else { text }
    }
}

/// The number of operands of operands, roughly: whether a term is worth a name.
fn size(kernel: &Kernel, op: &Op) -> usize {
    let operands = op.operands();
    let inner = operands.iter().map(|operand| kernel.values[*operand].operands().len());
    operands.len() + inner.sum::<usize>()
}
