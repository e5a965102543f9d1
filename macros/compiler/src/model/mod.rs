//! Stage 2: the program with every name resolved. No raw identifier is left in an expression,
//! every state has its equation, conditions and numbers cannot be mixed up.

pub mod eval;
mod order;
mod resolve;
mod scope;
mod second_order;

pub use resolve::resolve;
pub(crate) use second_order::expand as expand_second_order;

use crate::builtins::Builtin;
use crate::collections::Arena;
use crate::define_id;
use crate::levels::Levels;
use crate::name::Name;
use crate::span::SpanRange;
use crate::syntax::ast::{BinaryOp, Kind, Origin};
use crate::unit::Unit;

define_id! {
    /// A constant.
    ConstId,
    /// A parameter.
    ParamId,
    /// An input.
    InputId,
    /// A state variable.
    StateId,
    /// An auxiliary (`let`) or an `output`.
    AuxId,
    /// A `noise`.
    NoiseId,
    /// A past value, `x(t - d)`.
    DelayId,
}

/// One kind of unit, as its modeller declared it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Lines of the doc comment.
    pub docs: Vec<String>,
    /// How much lints matter in it.
    pub levels: Levels,
    /// Its name.
    pub name: Name,
    /// The name of the model it is based on.
    pub base: Option<String>,
    /// Whether dimensions are checked: some symbol has a unit.
    pub has_units: bool,
    /// What time is called.
    pub time_name: String,
    /// What time is counted in; a pure number in a model without units.
    pub time_unit: Unit,
    /// `fn` as text, for documentation: calls of functions are replaced by what they stand for.
    pub functions: Vec<String>,
    /// `const`, in the order written.
    pub constants: Arena<ConstId, Constant>,
    /// `param`, in the order written.
    pub params: Arena<ParamId, Param>,
    /// `input`, in the order written.
    pub inputs: Arena<InputId, Input>,
    /// `state`, in the order written.
    pub states: Arena<StateId, State>,
    /// `let` and `output`, in the order written.
    pub auxiliaries: Arena<AuxId, Auxiliary>,
    /// `noise`, in the order written.
    pub noises: Arena<NoiseId, Noise>,
    /// Past values, in the order in which they are read.
    pub delays: Arena<DelayId, Delay>,
    /// Constants such that each comes after those it uses.
    pub constant_order: Vec<ConstId>,
    /// Auxiliaries such that each comes after those it uses.
    pub auxiliary_order: Vec<AuxId>,
}

/// What all declarations share.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The name.
    pub name: Name,
    /// Lines of the doc comment.
    pub docs: Vec<String>,
    /// How much lints matter for it.
    pub levels: Levels,
    /// The unit; a pure number when none is written.
    pub unit: Unit,
    /// The declaration as text, for documentation.
    pub text: String,
}

/// `const c = 1;`
#[derive(Clone, Debug)]
pub struct Constant {
    /// Name, unit, docs.
    pub declared: Declared,
    /// Its value.
    pub value: Expr,
}

/// `param p: unit = default where …;`
#[derive(Clone, Debug)]
pub struct Param {
    /// Name, unit, docs.
    pub declared: Declared,
    /// The value it has unless the user sets another.
    pub default: Expr,
    /// What values must satisfy.
    pub bounds: Vec<Bound>,
}

/// `input I: unit = default;`
#[derive(Clone, Debug)]
pub struct Input {
    /// Name, unit, docs.
    pub declared: Declared,
    /// Its value when nothing is connected.
    pub default: Option<Expr>,
}

/// `state x: unit = initial where …;` with its equation.
#[derive(Clone, Debug)]
pub struct State {
    /// Name, unit, docs.
    pub declared: Declared,
    /// Its value at the start.
    pub initial: Expr,
    /// The interval it is clipped into after each step.
    pub bounds: Vec<Bound>,
    /// What it obeys.
    pub equation: Equation,
}

/// `noise ξ: white;` and its like.
#[derive(Clone, Debug)]
pub struct Noise {
    /// Name, unit, docs. White noise is in 1/√time, all others are pure numbers.
    pub declared: Declared,
    /// Its law.
    pub law: Law,
    /// The law as written.
    pub span: SpanRange,
}

/// The law of a noise.
#[derive(Clone, Debug)]
pub enum Law {
    /// Gaussian white noise of unit intensity.
    White(Sense),
    /// Ornstein–Uhlenbeck of unit variance, with this correlation time.
    Ou(Expr),
    /// A normal number a step.
    PerStep,
}

/// In which sense a stochastic integral is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Itô's.
    Ito,
    /// Stratonovich's.
    Stratonovich,
}

/// `x(t - d)`
#[derive(Clone, Debug)]
pub struct Delay {
    /// A state or an output.
    pub source: Symbol,
    /// How long ago.
    pub delay: Expr,
    /// As it was written.
    pub text: String,
}

/// `factor dX/dt = right`
#[derive(Clone, Debug)]
pub struct Equation {
    /// How much lints matter for it.
    pub levels: Levels,
    /// Where it comes from.
    pub origin: Origin,
    /// What multiplies the derivative.
    pub factor: Option<Expr>,
    /// The right-hand side.
    pub right: Expr,
    /// The left side as text.
    pub left_text: String,
    /// The equation as text, for documentation.
    pub text: String,
}

/// `let y = expr;` or `output y = expr;`
#[derive(Clone, Debug)]
pub struct Auxiliary {
    /// Name, unit, docs. The unit is inferred when none is written.
    pub declared: Declared,
    /// Whether a unit was written.
    pub unit_is_declared: bool,
    /// Whether it can feed projections.
    pub is_output: bool,
    /// Whether it stays the same while parameters do; known once the order of evaluation is.
    pub is_fixed: bool,
    /// What it stands for.
    pub expr: Expr,
}

/// One comparison of a `where` clause, with the declared name on the left.
#[derive(Clone, Debug)]
pub struct Bound {
    /// `<`, `<=`, `>` or `>=`.
    pub op: BinaryOp,
    /// What it is compared with: constants or one parameter.
    pub limit: Expr,
    /// The comparison as text.
    pub text: String,
}

impl Bound {
    /// Whether it bounds from below.
    pub fn is_lower(&self) -> bool {
        matches!(self.op, BinaryOp::Gt | BinaryOp::Ge)
    }
}

/// A resolved number-valued expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All its tokens.
    pub span: SpanRange,
}

/// The kinds of number-valued expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number with its unit, if it is a quantity.
    Number(f64, Option<Unit>),
    /// A declared name, time or `pi`.
    Symbol(Symbol),
    /// `x(t - d)`
    Delayed {
        /// Which of the model's delays.
        id: DelayId,
        /// Of what.
        source: Symbol,
    },
    /// `-x`
    Neg(Box<Expr>),
    /// `a + b` and its like.
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// `a ^ b`
    Pow(Box<Expr>, Box<Expr>),
    /// `exp(x)`
    Call(&'static Builtin, Vec<Expr>),
    /// `if c { a } else { b }`
    If(Box<Condition>, Box<Expr>, Box<Expr>),
}

/// The four operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arith {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// A truth-valued expression.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `a < b` and its like.
    Compare(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a && b`
    And(Box<Condition>, Box<Condition>),
    /// `a || b`
    Or(Box<Condition>, Box<Condition>),
    /// `!a`
    Not(Box<Condition>),
}

impl Condition {
    /// All expressions compared in it.
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            Self::Compare(_, left, right) => vec![left, right],
            Self::And(left, right) | Self::Or(left, right) => {
                left.operands().into_iter().chain(right.operands()).collect()
            }
            Self::Not(inner) => inner.operands(),
        }
    }
}

/// What a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// A constant.
    Const(ConstId),
    /// A parameter.
    Param(ParamId),
    /// An input.
    Input(InputId),
    /// A state.
    State(StateId),
    /// An auxiliary or output.
    Aux(AuxId),
    /// A noise.
    Noise(NoiseId),
    /// Time.
    Time,
    /// The circle constant.
    Pi,
}

impl Expr {
    /// The product of a number and an expression, in the expression's place.
    #[must_use]
    pub fn scaled_by(self, factor: f64) -> Self {
        let span = self.span;
        let number = Self { kind: ExprKind::Number(factor, None), span };
        Self { kind: ExprKind::Arith(Arith::Mul, Box::new(number), Box::new(self)), span }
    }

    /// Its operands.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Number(..) | ExprKind::Symbol(_) | ExprKind::Delayed { .. } => Vec::new(),
            ExprKind::Neg(inner) => vec![inner],
            ExprKind::Arith(_, left, right) | ExprKind::Pow(left, right) => vec![left, right],
            ExprKind::Call(_, arguments) => arguments.iter().collect(),
            ExprKind::If(condition, then, otherwise) => {
                let mut children = condition.operands();
                children.extend([&**then, &**otherwise]);
                children
            }
        }
    }

    /// How many nodes it has.
    pub fn size(&self) -> usize {
        1 + self.children().into_iter().map(Self::size).sum::<usize>()
    }

    /// Calls `visit` with every symbol in it and its place. Past values are not among them: they
    /// are there before the present ones are computed.
    pub fn for_each_symbol(&self, visit: &mut impl FnMut(Symbol, SpanRange)) {
        if let ExprKind::Symbol(symbol) = self.kind {
            visit(symbol, self.span);
        }
        for child in self.children() {
            child.for_each_symbol(visit);
        }
    }
}

impl Model {
    /// The declaration behind a symbol; time and `pi` have none.
    pub fn declared(&self, symbol: Symbol) -> Option<&Declared> {
        match symbol {
            Symbol::Const(id) => Some(&self.constants[id].declared),
            Symbol::Param(id) => Some(&self.params[id].declared),
            Symbol::Input(id) => Some(&self.inputs[id].declared),
            Symbol::State(id) => Some(&self.states[id].declared),
            Symbol::Aux(id) => Some(&self.auxiliaries[id].declared),
            Symbol::Noise(id) => Some(&self.noises[id].declared),
            Symbol::Time | Symbol::Pi => None,
        }
    }

    /// The name behind a symbol.
    pub fn symbol_name(&self, symbol: Symbol) -> &str {
        match symbol {
            Symbol::Time => &self.time_name,
            Symbol::Pi => "pi",
            _ => self.declared(symbol).map_or("", |declared| &declared.name.text),
        }
    }

    /// "a parameter", "an input", …
    pub fn article(&self, symbol: Symbol) -> &'static str {
        match symbol {
            Symbol::Const(_) => Kind::Const.article(),
            Symbol::Param(_) => Kind::Param.article(),
            Symbol::Input(_) => Kind::Input.article(),
            Symbol::State(_) => Kind::State.article(),
            Symbol::Aux(id) if self.auxiliaries[id].is_output => Kind::Output.article(),
            Symbol::Aux(_) => Kind::Let.article(),
            Symbol::Noise(_) => Kind::Noise.article(),
            Symbol::Time => "time",
            Symbol::Pi => "a constant",
        }
    }

    /// Whether an expression stays the same while parameters do.
    ///
    /// # Errors
    /// The first symbol in it that does not, and where it stands.
    pub fn parameters_only(&self, expr: &Expr) -> Result<(), (Symbol, SpanRange)> {
        match expr.kind {
            ExprKind::Delayed { source, .. } => Err((source, expr.span)),
            ExprKind::Symbol(symbol) => match symbol {
                Symbol::Const(_) | Symbol::Param(_) | Symbol::Pi => Ok(()),
                Symbol::Aux(id) if self.auxiliaries[id].is_fixed => Ok(()),
                _ => Err((symbol, expr.span)),
            },
            _ => expr.children().into_iter().try_for_each(|child| self.parameters_only(child)),
        }
    }
}
