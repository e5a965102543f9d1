//! The program exactly as written: names are not resolved, units not looked up.

use proc_macro2::{Span, TokenStream};

use crate::levels::Levels;
use crate::name::Name;
use crate::span::SpanRange;
use crate::unit::ratio::Ratio;

/// `model Name { … }`
#[derive(Clone, Debug)]
pub struct Model {
    /// Lines of the doc comment.
    pub docs: Vec<String>,
    /// Attributes other than docs, kept for the generated type.
    pub attributes: TokenStream,
    /// How much lints matter in it.
    pub levels: Levels,
    /// Those among them that say when the model is there at all: `#[cfg(…)]`.
    pub conditions: TokenStream,
    /// `pub`, `pub(crate)` or nothing.
    pub visibility: TokenStream,
    /// Where `model` stands.
    pub keyword: Span,
    /// The name of the model.
    pub name: Name,
    /// The model that it is based on.
    pub base: Option<Base>,
    /// What the parts are called of a coupling function.
    pub coupling: Option<super::coupling::Coupling>,
    /// What that one has and it has not.
    pub removed: Vec<Name>,
    /// The models it is based on as they were written, the oldest first, and itself.
    pub layers: Vec<TokenStream>,
    /// Everything between its braces.
    pub body: SpanRange,
    /// Declarations and equations in the order written.
    pub items: Vec<Item>,
    /// Names whose declarations could not be read.
    pub unread: Vec<(Kind, Name)>,
    /// Whether everything between its braces could be read.
    pub is_complete: bool,
}

/// The model that another is based on.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its path as written.
    pub path: TokenStream,
    /// The last name of the path.
    pub name: Name,
}

/// What may stand between the braces of a model.
#[derive(Clone, Debug)]
pub enum Item {
    /// `time t: ms;`
    Time(Time),
    /// A declared name.
    Declaration(Declaration),
    /// `tau dx/dt = …;`
    Equation(Equation),
    /// `fn f(x) = …;`
    Function(Function),
    /// `remove x, y;`: what a model has not, though the one it is based on has.
    Removal(Vec<Name>),
}

/// `fn f(x, y) = expr;`: a function local to the model, put in place where it is called.
#[derive(Clone, Debug)]
pub struct Function {
    /// Lines of the doc comment.
    pub docs: Vec<String>,
    /// What it is called.
    pub name: Name,
    /// How much lints matter for it.
    pub levels: Levels,
    /// What its arguments are called in it.
    pub parameters: Vec<Name>,
    /// What it stands for.
    pub body: Expr,
}

/// `time t: ms;`
#[derive(Clone, Debug)]
pub struct Time {
    /// What time is called in the equations.
    pub name: Name,
    /// What it is counted in.
    pub unit: Option<Unit>,
}

/// The keyword of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `const`
    Const,
    /// `param`
    Param,
    /// `input`
    Input,
    /// `state`
    State,
    /// `let`
    Let,
    /// `output`
    Output,
    /// `noise`
    Noise,
}

impl Kind {
    /// Keyword, kind and how one speaks of it.
    pub const ALL: [(&'static str, Self, &'static str); 7] = [
        ("const", Self::Const, "a constant"),
        ("param", Self::Param, "a parameter"),
        ("input", Self::Input, "an input"),
        ("state", Self::State, "a state"),
        ("let", Self::Let, "an auxiliary"),
        ("output", Self::Output, "an output"),
        ("noise", Self::Noise, "a noise"),
    ];

    /// The kind a keyword declares.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(keyword, ..)| *keyword == word).map(|(_, kind, _)| *kind)
    }

    /// The keyword.
    pub fn keyword(self) -> &'static str {
        self.row().0
    }

    /// "a parameter", "an input", …
    pub fn article(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, Self, &'static str) {
        let row = Self::ALL.into_iter().find(|(_, kind, _)| *kind == self);
        row.expect("`ALL` has a row for every kind")
    }
}

/// `param tau: ms = 20 where tau > 0;` and its siblings.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Which keyword began it.
    pub kind: Kind,
    /// Lines of the doc comment.
    pub docs: Vec<String>,
    /// How much lints matter for it.
    pub levels: Levels,
    /// The declared name.
    pub name: Name,
    /// After the colon.
    pub unit: Option<Unit>,
    /// After the colon of a noise.
    pub law: Option<Law>,
    /// After the equals sign.
    pub value: Option<Expr>,
    /// After `where`.
    pub condition: Option<Expr>,
}

/// `white`, `ou(τ)` or `per_step`: what a noise is.
#[derive(Clone, Debug)]
pub struct Law {
    /// Which law.
    pub kind: LawKind,
    /// The word and what stands in parentheses behind it.
    pub span: SpanRange,
}

/// The laws of noise.
#[derive(Clone, Debug)]
pub enum LawKind {
    /// `white`: Gaussian white noise of unit intensity, in the sense of Itô.
    White,
    /// `white(stratonovich)`: the same in the sense of Stratonovich.
    WhiteStratonovich,
    /// `ou(τ)`: Ornstein–Uhlenbeck, of unit variance.
    Ou(Expr),
    /// `per_step`: a normal number a step.
    PerStep,
}

/// `factor dX/dt = expr;`
#[derive(Clone, Debug)]
pub struct Equation {
    /// How much lints matter for it.
    pub levels: Levels,
    /// Where it comes from.
    pub origin: Origin,
    /// What stands before the derivative.
    pub factor: Option<Expr>,
    /// The state without its `d`, spanning the token `dX`.
    pub state: Name,
    /// The time variable without its `d`, spanning the token `dt`.
    pub time: Name,
    /// The right-hand side.
    pub right: Expr,
}

/// Where an equation comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// It was written as it stands: `dx/dt = …`.
    Written,
    /// It was written `d2x/dt2 = …` and holds for the velocity of this state.
    SecondOrder(Name),
    /// It says that the velocity of a state is its derivative.
    Velocity,
}

/// A product of powers of unit symbols.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Symbols with their exponents; `1` is no symbol.
    pub factors: Vec<(Name, Ratio)>,
    /// The whole unit.
    pub span: SpanRange,
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All its tokens, parentheses included.
    pub span: SpanRange,
    /// Whether it stands in parentheses.
    pub is_grouped: bool,
    /// Levels of nesting, limited so that no later stage can overflow its stack.
    pub height: usize,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `5`, `5 mV`
    Number {
        /// The number.
        value: f64,
        /// Its unit, in a quantity literal.
        unit: Option<Unit>,
        /// Whether the unit is a token of its own: `5 mV`, not `5mV`.
        is_apart: bool,
    },
    /// `tau_e`
    Name(Name),
    /// `-x`, `!c`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `exp(x)`
    Call {
        /// What is called.
        function: Name,
        /// With what.
        arguments: Vec<Expr>,
    },
    /// `if c { a } else { b }`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Its value when the condition holds.
        then: Box<Expr>,
        /// Its value otherwise.
        otherwise: Box<Expr>,
    },
}

impl Expr {
    /// Whether a name stands in it.
    pub fn mentions(&self, name: &Name) -> bool {
        match &self.kind {
            ExprKind::Name(other) => other.text == name.text,
            _ => self.children().into_iter().any(|child| child.mentions(name)),
        }
    }

    /// `self && other`
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (span, height) = (self.span.to(other.span), self.height.max(other.height) + 1);
        let op_span = other.span.first;
        let (left, right) = (Box::new(self), Box::new(other));
        let kind = ExprKind::Binary { op: BinaryOp::And, op_span, left, right };
        Self { kind, span, is_grouped: false, height }
    }

    /// Its operands.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Number { .. } | ExprKind::Name(_) => Vec::new(),
            ExprKind::Unary(_, inner) => vec![inner],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Call { arguments, .. } => arguments.iter().collect(),
            ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
        }
    }

    /// Its operands, to be changed.
    pub fn children_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            ExprKind::Number { .. } | ExprKind::Name(_) => Vec::new(),
            ExprKind::Unary(_, inner) => vec![inner],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Call { arguments, .. } => arguments.iter_mut().collect(),
            ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
        }
    }
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `^`
    Pow,
}

impl BinaryOp {
    /// Every operator: spelling, and how tightly it binds.
    pub const ALL: [(Self, &'static str, u8); 13] = [
        (Self::Or, "||", 1),
        (Self::And, "&&", 2),
        (Self::Lt, "<", 3),
        (Self::Le, "<=", 3),
        (Self::Gt, ">", 3),
        (Self::Ge, ">=", 3),
        (Self::Eq, "==", 3),
        (Self::Ne, "!=", 3),
        (Self::Add, "+", 4),
        (Self::Sub, "-", 4),
        (Self::Mul, "*", 5),
        (Self::Div, "/", 5),
        (Self::Pow, "^", 7),
    ];

    /// Its spelling.
    pub fn symbol(self) -> &'static str {
        self.row().1
    }

    /// How tightly it binds; unary minus stands at [`UNARY_POWER`].
    pub fn power(self) -> u8 {
        self.row().2
    }

    /// Whether it compares two numbers.
    pub fn is_comparison(self) -> bool {
        self.power() == Self::Lt.power()
    }

    fn row(self) -> (Self, &'static str, u8) {
        let row = Self::ALL.into_iter().find(|(op, ..)| *op == self);
        row.expect("`ALL` has a row for every operator")
    }
}

/// Binding power of `-x` and `!c`: above `*`, below `^`.
pub const UNARY_POWER: u8 = 6;

/// Deepest nesting of an expression.
pub const MAX_HEIGHT: usize = 256;
