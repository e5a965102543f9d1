//! Interval arithmetic on formulas and their slopes: what can be proved about signs under the
//! declared ranges. An interval that says nothing is always a right answer.
//!
//! Source: R. E. Moore, Interval Analysis, Prentice-Hall 1966.

use std::collections::HashMap;
use std::ops::{Add, Mul, Neg, Sub};

use crate::builtins::Builtin;
use crate::collections::Id;
use crate::model::eval::Constants;
use crate::model::{Arith, AuxId, Bound, Expr, ExprKind, Model, ParamId, StateId, Symbol};
use crate::syntax::ast::BinaryOp;
use crate::unit::Unit;

/// All numbers from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
    /// Whether 0 is left out, though it is a limit: `tau > 0`.
    is_open_at_zero: bool,
}

impl Interval {
    /// Any number.
    pub const ANY: Self = Self::new(f64::NEG_INFINITY, f64::INFINITY);
    const ZERO: Self = Self::new(0.0, 0.0);

    const fn new(low: f64, high: f64) -> Self {
        Self { low, high, is_open_at_zero: false }
    }

    fn point(value: f64) -> Self {
        if value.is_nan() { Self::ANY } else { Self::new(value, value) }
    }

    /// Whether every number in it is above 0.
    pub fn is_positive(self) -> bool {
        self.low > 0.0 || self.low == 0.0 && self.is_open_at_zero
    }

    /// Whether no number in it is below 0, and some may be above.
    pub fn is_growth(self) -> bool {
        self.low >= 0.0 && self.high > 0.0
    }

    fn is_zero(self) -> bool {
        self.low == 0.0 && self.high == 0.0
    }

    fn hull(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    fn reciprocal(self) -> Self {
        if self.low >= 0.0 {
            Self::new(1.0 / self.high, 1.0 / self.low.max(0.0))
        } else if self.high <= 0.0 {
            Self::new(-1.0 / self.high.abs(), 1.0 / self.low)
        } else {
            Self::ANY
        }
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (low, high) = (f(self.low), f(self.high));
        if low.is_nan() || high.is_nan() { Self::ANY } else { Self::new(low, high) }
    }
}

/// A limit that came out as NaN says nothing.
fn sound(low: f64, high: f64) -> Interval {
    let low = if low.is_nan() { f64::NEG_INFINITY } else { low };
    let high = if high.is_nan() { f64::INFINITY } else { high };
    Interval::new(low, high)
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        sound(self.low + other.low, self.high + other.high)
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Self { low: -self.high, high: -self.low, ..self }
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        // 0 times a limit that is not reached is 0.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let corners = [
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ];
        let low = corners.into_iter().fold(f64::INFINITY, f64::min);
        let high = corners.into_iter().fold(f64::NEG_INFINITY, f64::max);
        sound(low, high)
    }
}

/// What is known about the value of an expression and its slope by one state.
#[derive(Clone, Copy, Debug)]
pub struct Dual {
    /// The value.
    pub value: Interval,
    /// The slope; 0 where the state does not occur.
    pub slope: Interval,
}

impl Dual {
    fn fixed(value: Interval) -> Self {
        Self { value, slope: Interval::ZERO }
    }

    /// A function of it, given the function's range and slope there.
    fn through(self, value: Interval, slope: Interval) -> Self {
        let slope = if self.slope.is_zero() { Interval::ZERO } else { slope * self.slope };
        Self { value, slope }
    }
}

/// The ranges of the symbols of a model whose units are converted.
pub struct Ranges<'a> {
    model: &'a Model,
    constants: Constants,
    params: Vec<Interval>,
    states: Vec<Interval>,
}

impl<'a> Ranges<'a> {
    /// Reads the `where` clauses. A parameter that is a duration is taken to be positive if its
    /// default is.
    pub fn of(model: &'a Model) -> Self {
        let constants = Constants::of(model);
        let (params, states) = (Vec::new(), Vec::new());
        let mut ranges = Self { model, constants, params, states };
        for param in model.params.values() {
            let range = ranges.of_bounds(&param.bounds);
            ranges.params.push(range);
        }
        ranges.states =
            model.states.values().map(|state| ranges.of_bounds(&state.bounds)).collect();
        ranges
    }

    /// What the `where` of a parameter allows.
    pub fn of_param(&self, id: ParamId) -> Interval {
        self.params[id.index()]
    }

    fn of_bounds(&self, bounds: &[Bound]) -> Interval {
        let mut range = Interval::ANY;
        for bound in bounds {
            let limit = match (&bound.limit.kind, self.constants.value(&bound.limit)) {
                (_, Ok(limit)) => Interval::point(limit),
                // A parameter declared before has its range already.
                (ExprKind::Symbol(Symbol::Param(id)), Err(_)) => {
                    self.params.get(id.index()).copied().unwrap_or(Interval::ANY)
                }
                _ => continue,
            };
            let is_open = matches!(bound.op, BinaryOp::Lt | BinaryOp::Gt);
            if bound.is_lower() {
                range.low = range.low.max(limit.low);
            } else {
                range.high = range.high.min(limit.high);
            }
            let of_interest = if bound.is_lower() { limit.low } else { limit.high };
            range.is_open_at_zero |= of_interest == 0.0 && (is_open || limit.is_open_at_zero);
        }
        range
    }

    /// The range of a parameter; a duration whose default is positive is positive, though nobody
    /// said so.
    fn duration(&self, id: ParamId) -> Interval {
        let (param, range) = (&self.model.params[id], self.params[id.index()]);
        let is_duration = Unit::from_symbol("s")
            .is_some_and(|second| second.dimension == param.declared.unit.dimension);
        if is_duration
            && range.low < 0.0
            && self.constants.value(&param.default).is_ok_and(|v| v > 0.0)
        {
            return Interval { low: 0.0, is_open_at_zero: true, ..range };
        }
        range
    }

    fn of_symbol(&self, symbol: Symbol) -> Interval {
        match symbol {
            Symbol::Param(id) => self.duration(id),
            Symbol::State(id) => self.states[id.index()],
            // Constants have values; auxiliaries are looked up by `Slopes`.
            _ => Interval::ANY,
        }
    }

    /// What can be said about both sides of a state's equation and everything they use.
    pub fn by_state(&'a self, state: StateId) -> Slopes<'a> {
        let mut slopes = Slopes { ranges: self, state, auxiliaries: HashMap::new() };
        let equation = &self.model.states[state].equation;
        let sides = [Some(&equation.right), equation.factor.as_ref()];
        let needed = self.needed(sides.into_iter().flatten());
        for id in self.model.auxiliary_order.iter().filter(|id| needed[id.index()]) {
            let dual = slopes.of(&self.model.auxiliaries[*id].expr);
            slopes.auxiliaries.insert(*id, dual);
        }
        slopes
    }

    /// Which auxiliaries expressions need, directly or not.
    fn needed<'e>(&self, exprs: impl Iterator<Item = &'e Expr>) -> Vec<bool> {
        let mut needed = vec![false; self.model.auxiliaries.len()];
        let mark = |expr: &Expr, needed: &mut Vec<bool>| {
            expr.for_each_symbol(&mut |symbol, _| {
                if let Symbol::Aux(id) = symbol {
                    needed[id.index()] = true;
                }
            });
        };
        exprs.for_each(|expr| mark(expr, &mut needed));
        // Users come after what they use: one sweep from the end meets every user first.
        for id in self.model.auxiliary_order.iter().rev() {
            if needed[id.index()] {
                mark(&self.model.auxiliaries[*id].expr, &mut needed);
            }
        }
        needed
    }
}

/// Values and slopes by one state.
pub struct Slopes<'a> {
    ranges: &'a Ranges<'a>,
    state: StateId,
    auxiliaries: HashMap<AuxId, Dual>,
}

impl Slopes<'_> {
    /// The value and slope of an expression.
    pub fn of(&self, expr: &Expr) -> Dual {
        if let Ok(value) = self.ranges.constants.value(expr) {
            return Dual::fixed(Interval::point(value));
        }
        match &expr.kind {
            ExprKind::Number(value, _) => Dual::fixed(Interval::point(*value)),
            ExprKind::Symbol(Symbol::State(id)) if *id == self.state => {
                let value = self.ranges.states[id.index()];
                Dual { value, slope: Interval::point(1.0) }
            }
            ExprKind::Symbol(Symbol::Aux(id)) => {
                let unknown = Dual { value: Interval::ANY, slope: Interval::ANY };
                self.auxiliaries.get(id).copied().unwrap_or(unknown)
            }
            ExprKind::Symbol(symbol) => Dual::fixed(self.ranges.of_symbol(*symbol)),
            ExprKind::Delayed { source, .. } => Dual::fixed(self.ranges.of_symbol(*source)),
            ExprKind::Neg(inner) => {
                let inner = self.of(inner);
                Dual { value: -inner.value, slope: -inner.slope }
            }
            ExprKind::Arith(op, left, right) => arith(*op, self.of(left), self.of(right)),
            ExprKind::Pow(base, exponent) => self.power(base, exponent),
            ExprKind::Call(builtin, arguments) => {
                call(builtin, &arguments.iter().map(|a| self.of(a)).collect::<Vec<_>>())
            }
            ExprKind::If(condition, then, otherwise) => {
                let (a, b) = (self.of(then), self.of(otherwise));
                let jumps = condition.operands().iter().any(|side| !self.of(side).slope.is_zero());
                let slope = a.slope.hull(b.slope);
                // Where the condition depends on the state, there may be a jump.
                let is_kink = jumps && !(a.slope.is_zero() && b.slope.is_zero());
                Dual {
                    value: a.value.hull(b.value),
                    slope: if is_kink && slope.low < 0.0 { Interval::ANY } else { slope },
                }
            }
        }
    }

    fn power(&self, base: &Expr, exponent: &Expr) -> Dual {
        let base = self.of(base);
        match self.ranges.constants.value(exponent) {
            Ok(2.0) => {
                let product = arith(Arith::Mul, base, base);
                let value = Interval::new(product.value.low.max(0.0), product.value.high);
                Dual { value, ..product }
            }
            Ok(n) if base.value.low >= 0.0 => {
                let power = |x: f64| libm::pow(x, n);
                let value = if n >= 0.0 {
                    base.value.map(power)
                } else {
                    base.value.reciprocal().map(|x| libm::pow(x, -n))
                };
                let slope = if n >= 0.0 {
                    Interval::new(0.0, f64::INFINITY)
                } else {
                    Interval::new(f64::NEG_INFINITY, 0.0)
                };
                base.through(value, slope)
            }
            Ok(n) if n == n.trunc() && n > 0.0 && n % 2.0 == 1.0 => {
                base.through(Interval::ANY, Interval::new(0.0, f64::INFINITY))
            }
            Ok(n) if n == n.trunc() && n > 0.0 => {
                base.through(Interval::new(0.0, f64::INFINITY), Interval::ANY)
            }
            _ => base.through(Interval::ANY, Interval::ANY),
        }
    }
}

fn arith(op: Arith, a: Dual, b: Dual) -> Dual {
    match op {
        Arith::Add => Dual { value: a.value + b.value, slope: a.slope + b.slope },
        Arith::Sub => Dual { value: a.value - b.value, slope: a.slope - b.slope },
        Arith::Mul => {
            Dual { value: a.value * b.value, slope: a.slope * b.value + a.value * b.slope }
        }
        Arith::Div => {
            let inverse = b.value.reciprocal();
            let below = -(inverse * inverse);
            let b = b.through(inverse, below);
            arith(Arith::Mul, a, b)
        }
    }
}

/// Range and slope of a function, for those that are monotonous; nothing is known of others.
fn call(builtin: &Builtin, a: &[Dual]) -> Dual {
    const RISING: Interval = Interval::new(0.0, f64::INFINITY);
    let x = a[0];
    let rising = |slope: Interval| x.through(x.value.map(|value| (builtin.eval)(&[value])), slope);
    match builtin.name {
        "relu" => {
            let slope =
                if x.value.low > 0.0 { Interval::point(1.0) } else { Interval::new(0.0, 1.0) };
            rising(slope)
        }
        "exp" => rising(x.value.map(libm::exp)),
        "expm1" | "sinh" | "asin" | "tan" | "exprel" => {
            let range = if builtin.name == "exprel" { RISING } else { Interval::ANY };
            x.through(range, RISING)
        }
        "tanh" | "atan" | "erf" | "sigmoid" | "softplus" => rising(Interval::new(0.0, 1.2)),
        "heaviside" | "sign" => Dual::fixed(x.value.map(|value| (builtin.eval)(&[value]))),
        "log" | "log1p" => x.through(Interval::ANY, RISING),
        "sqrt" => x.through(RISING, RISING),
        "abs" => {
            let slope =
                if x.value.low >= 0.0 { Interval::point(1.0) } else { Interval::new(-1.0, 1.0) };
            x.through(RISING, slope)
        }
        "erfc" => x.through(Interval::new(0.0, 2.0), Interval::new(-1.2, 0.0)),
        "cosh" => x.through(Interval::new(1.0, f64::INFINITY), Interval::ANY),
        "sin" | "cos" => x.through(Interval::new(-1.0, 1.0), Interval::new(-1.0, 1.0)),
        "min" | "max" | "clip" => {
            let value =
                a.iter().map(|one| one.value).reduce(Interval::hull).unwrap_or(Interval::ANY);
            let slope = a.iter().map(|one| one.slope).reduce(Interval::hull);
            Dual { value, slope: slope.unwrap_or(Interval::ANY) }
        }
        _ => {
            let depends = a.iter().any(|one| !one.slope.is_zero());
            Dual {
                value: Interval::ANY,
                slope: if depends { Interval::ANY } else { Interval::ZERO },
            }
        }
    }
}
