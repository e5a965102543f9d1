//! Stage 4: all formulas of a model as straight-line code in SSA form. An instruction uses only
//! instructions before it; what a model means is which of them are its [`Outputs`].

mod display;
pub mod lower;
pub mod parse;
pub mod rate;
pub mod verify;

use crate::builtins::{self, Builtin};
use crate::collections::Arena;
use crate::define_id;
use crate::model::{DelayId, InputId, NoiseId, ParamId, StateId};
use crate::syntax::ast::BinaryOp;

define_id! {
    /// The result of an instruction.
    ValueId,
}

/// Straight-line code and what it is for.
#[derive(Clone, Debug, Default)]
pub struct Kernel {
    /// Instructions; each uses only earlier ones.
    pub values: Arena<ValueId, Op>,
    /// The values that mean something.
    pub outputs: Outputs,
}

/// The values that a model consists of.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// For each state its time derivative, in units of the state per unit of time.
    pub derivative: Vec<ValueId>,
    /// For each auxiliary and output its value.
    pub auxiliaries: Vec<ValueId>,
    /// For each state its initial value: made of parameters only.
    pub initial: Vec<ValueId>,
    /// For each state the interval that it is clipped into.
    pub bounds: Vec<Bounds>,
    /// For each state the derivative of its equation by itself; `None` where that is 0.
    pub diagonal: Vec<Option<ValueId>>,
    /// The derivatives that are not identically 0.
    pub jacobian: Vec<(Entry, ValueId)>,
    /// For each state and white noise by which it is driven, the factor of the noise.
    pub diffusion: Vec<(Drive, ValueId)>,
    /// Correlation times of Ornstein–Uhlenbeck noises and then delays, each in the order of
    /// declaration: made of parameters only.
    pub spans: Vec<ValueId>,
    /// The components of a product with the Jacobian, in kernels made for one; `None` where one is
    /// 0.
    pub products: Vec<Option<ValueId>>,
    /// Values computed when a parameter changes and read ever after, slot by slot.
    pub derived: Vec<ValueId>,
}

/// The limits of one state: made of parameters only.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// What it is not below.
    pub lower: Vec<ValueId>,
    /// What it is not above.
    pub upper: Vec<ValueId>,
}

/// What a row of the Jacobian differentiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The time derivative of the state of this index.
    State(usize),
    /// The auxiliary of this index; only those declared `output` have rows.
    Output(usize),
}

/// By what a column of the Jacobian differentiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The state of this index.
    State(usize),
    /// The input of this index.
    Input(usize),
}

/// One place in the Jacobian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is differentiated.
    pub row: Row,
    /// By what.
    pub column: Column,
}

/// Which white noise drives which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drive {
    /// The index of the state.
    pub state: usize,
    /// The index of the noise.
    pub noise: usize,
}

/// A number compared by its bits, so that 0 and -0 stay apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Real(u64);

impl Real {
    /// The bits of a number.
    pub fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    /// The number.
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// An instruction. `And`, `Or`, `Not` and `Compare` give truth values, all others numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A number.
    Number(Real),
    /// A parameter.
    Param(ParamId),
    /// An input.
    Input(InputId),
    /// A state.
    State(StateId),
    /// A noise.
    Noise(NoiseId),
    /// A past value.
    Delayed(DelayId),
    /// Time.
    Time,
    /// A component of the vector that a product with the Jacobian is made with.
    Seed(usize),
    /// `-a`
    Neg(ValueId),
    /// `a + b`
    Add(ValueId, ValueId),
    /// `a - b`
    Sub(ValueId, ValueId),
    /// `a * b`
    Mul(ValueId, ValueId),
    /// `a / b`
    Div(ValueId, ValueId),
    /// `a * b + c`, with one rounding where arithmetic is fast, with two where reproducible.
    MulAdd(ValueId, ValueId, ValueId),
    /// `a / b`, where `r = 1/b` is at hand: `a * r` where arithmetic is fast.
    Quotient(ValueId, ValueId, ValueId),
    /// A function of the language.
    Call(&'static Builtin, Vec<ValueId>),
    /// A comparison.
    Compare(BinaryOp, ValueId, ValueId),
    /// `a && b`
    And(ValueId, ValueId),
    /// `a || b`
    Or(ValueId, ValueId),
    /// `!a`
    Not(ValueId),
    /// `if c { a } else { b }`
    Select(ValueId, ValueId, ValueId),
}

impl Op {
    /// The values it uses.
    pub fn operands(&self) -> Vec<ValueId> {
        let mut operands = Vec::new();
        drop(self.clone().map_operands(|value| {
            operands.push(value);
            value
        }));
        operands
    }

    /// The same instruction on other values.
    #[must_use]
    pub fn map_operands(self, mut f: impl FnMut(ValueId) -> ValueId) -> Self {
        match self {
            Self::Number(_)
            | Self::Param(_)
            | Self::Input(_)
            | Self::State(_)
            | Self::Noise(_)
            | Self::Delayed(_)
            | Self::Seed(_)
            | Self::Time => self,
            Self::Neg(a) => Self::Neg(f(a)),
            Self::Not(a) => Self::Not(f(a)),
            Self::Add(a, b) => Self::Add(f(a), f(b)),
            Self::Sub(a, b) => Self::Sub(f(a), f(b)),
            Self::Mul(a, b) => Self::Mul(f(a), f(b)),
            Self::Div(a, b) => Self::Div(f(a), f(b)),
            Self::And(a, b) => Self::And(f(a), f(b)),
            Self::Or(a, b) => Self::Or(f(a), f(b)),
            Self::Compare(op, a, b) => Self::Compare(op, f(a), f(b)),
            Self::MulAdd(a, b, c) => Self::MulAdd(f(a), f(b), f(c)),
            Self::Quotient(a, b, c) => Self::Quotient(f(a), f(b), f(c)),
            Self::Select(a, b, c) => Self::Select(f(a), f(b), f(c)),
            Self::Call(builtin, values) => Self::Call(builtin, values.into_iter().map(f).collect()),
        }
    }

    /// Whether it gives a truth value.
    pub fn is_truth(&self) -> bool {
        matches!(self, Self::Compare(..) | Self::And(..) | Self::Or(..) | Self::Not(_))
    }
}

/// Appending instructions.
impl Kernel {
    /// Appends any instruction.
    pub fn push(&mut self, op: Op) -> ValueId {
        self.values.push(op)
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> ValueId {
        self.push(Op::Number(Real::new(value)))
    }

    /// `-a`
    pub fn neg(&mut self, a: ValueId) -> ValueId {
        self.push(Op::Neg(a))
    }

    /// `a + b`
    pub fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Add(a, b))
    }

    /// `a - b`
    pub fn sub(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Sub(a, b))
    }

    /// `a * b`
    pub fn mul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Mul(a, b))
    }

    /// `a / b`
    pub fn div(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Div(a, b))
    }

    /// A function of the language.
    ///
    /// # Panics
    /// When there is none of that name: names come from the table, not from users.
    pub fn call(&mut self, name: &str, arguments: &[ValueId]) -> ValueId {
        let builtin = builtins::find(name).expect("the caller names a row of the table");
        self.push(Op::Call(builtin, arguments.to_vec()))
    }

    /// A comparison.
    pub fn compare(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Compare(op, a, b))
    }

    /// `if c { a } else { b }`
    pub fn select(&mut self, c: ValueId, a: ValueId, b: ValueId) -> ValueId {
        self.push(Op::Select(c, a, b))
    }

    /// 1 where a comparison holds, else 0.
    pub fn indicator(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        let (one, zero) = (self.number(1.0), self.number(0.0));
        let holds = self.compare(op, a, b);
        self.select(holds, one, zero)
    }

    /// `1 - a`; of what is 1 or 0, the other one.
    pub fn complement(&mut self, a: ValueId) -> ValueId {
        let is = |kernel: &Self, value: ValueId, number: f64| {
            kernel.values[value] == Op::Number(Real::new(number))
        };
        match self.values[a] {
            Op::Select(c, one, zero) if is(self, one, 1.0) && is(self, zero, 0.0) => {
                self.select(c, zero, one)
            }
            _ => {
                let one = self.number(1.0);
                self.sub(one, a)
            }
        }
    }
}

impl Outputs {
    /// The same outputs, renumbered.
    #[must_use]
    pub fn map(self, mut f: impl FnMut(ValueId) -> ValueId) -> Self {
        let mut all = |values: Vec<ValueId>| values.into_iter().map(&mut f).collect::<Vec<_>>();
        let derivative = all(self.derivative);
        let auxiliaries = all(self.auxiliaries);
        let initial = all(self.initial);
        let derived = all(self.derived);
        let bound = |b: Bounds| Bounds { lower: all(b.lower), upper: all(b.upper) };
        let bounds = self.bounds.into_iter().map(bound).collect();
        let diagonal = self.diagonal.into_iter().map(|value| value.map(&mut f)).collect();
        let jacobian = self.jacobian.into_iter().map(|(entry, value)| (entry, f(value))).collect();
        let diffusion = self.diffusion.into_iter().map(|(at, value)| (at, f(value))).collect();
        let spans = self.spans.into_iter().map(&mut f).collect();
        let products = self.products.into_iter().map(|value| value.map(&mut f)).collect();
        Self {
            derivative,
            auxiliaries,
            initial,
            bounds,
            diagonal,
            jacobian,
            diffusion,
            spans,
            products,
            derived,
        }
    }

    /// Every output value.
    pub fn all(&self) -> Vec<ValueId> {
        let mut all = Vec::new();
        drop(self.clone().map(|value| {
            all.push(value);
            value
        }));
        all
    }
}

impl Kernel {
    /// Rebuilds the kernel instruction by instruction: the shape of every rewriting pass.
    /// `rule` gets each instruction with its operands already renumbered and appends whatever
    /// replaces it.
    #[must_use]
    pub fn rewrite(self, mut rule: impl FnMut(&mut Self, Op) -> ValueId) -> Self {
        use crate::collections::Id;
        let mut out = Self::default();
        let mut new: Vec<ValueId> = Vec::with_capacity(self.values.len());
        for op in self.values.values() {
            let op = op.clone().map_operands(|old| new[old.index()]);
            let id = rule(&mut out, op);
            new.push(id);
        }
        out.outputs = self.outputs.map(|old| new[old.index()]);
        out
    }
}
