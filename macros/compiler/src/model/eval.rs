//! The value of an expression of constants, at compile time.

use super::{Arith, Condition, Expr, ExprKind, Model, Symbol};
use crate::collections::Id;
use crate::span::SpanRange;
use crate::syntax::ast::BinaryOp;

/// A symbol that is no constant, and where it stands.
type Varying = (Symbol, SpanRange);

/// The constants of a model, evaluated once; perhaps with everything that depends on parameters
/// only, as it is where these have their defaults.
pub struct Constants {
    values: Vec<Option<f64>>,
    params: Vec<Option<f64>>,
    auxiliaries: Vec<Option<f64>>,
}

impl Constants {
    /// Evaluates all constants, each after those it uses.
    pub fn of(model: &Model) -> Self {
        let mut constants = Self {
            values: vec![None; model.constants.len()],
            params: vec![None; model.params.len()],
            auxiliaries: vec![None; model.auxiliaries.len()],
        };
        for id in &model.constant_order {
            constants.values[id.index()] = constants.value(&model.constants[*id].value).ok();
        }
        constants
    }

    /// Evaluates constants, defaults of parameters, and what depends on these only. The units of
    /// the model must have been converted.
    pub fn at_defaults(model: &Model) -> Self {
        let mut constants = Self::of(model);
        for (id, param) in model.params.iter() {
            constants.params[id.index()] = constants.value(&param.default).ok();
        }
        for id in &model.auxiliary_order {
            constants.auxiliaries[id.index()] = constants.value(&model.auxiliaries[*id].expr).ok();
        }
        constants
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// The first symbol in it that is no constant, or a constant that is none.
    pub fn value(&self, expr: &Expr) -> Result<f64, Varying> {
        let value = |expr: &Expr| self.value(expr);
        match &expr.kind {
            ExprKind::Number(number, _) => Ok(*number),
            ExprKind::Symbol(Symbol::Pi) => Ok(std::f64::consts::PI),
            ExprKind::Symbol(symbol) => {
                let known = match symbol {
                    Symbol::Const(id) => self.values[id.index()],
                    Symbol::Param(id) => self.params[id.index()],
                    Symbol::Aux(id) => self.auxiliaries[id.index()],
                    _ => None,
                };
                known.ok_or((*symbol, expr.span))
            }
            ExprKind::Delayed { source, .. } => Err((*source, expr.span)),
            ExprKind::Neg(inner) => Ok(-value(inner)?),
            ExprKind::Arith(op, left, right) => Ok(arith(*op, value(left)?, value(right)?)),
            ExprKind::Pow(base, exponent) => Ok(libm::pow(value(base)?, value(exponent)?)),
            ExprKind::Call(builtin, arguments) => {
                let arguments = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                Ok((builtin.eval)(&arguments))
            }
            ExprKind::If(condition, then, otherwise) => {
                let (then, otherwise) = (value(then)?, value(otherwise)?);
                Ok(if self.holds(condition)? { then } else { otherwise })
            }
        }
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// As for [`Constants::value`].
    pub fn holds(&self, condition: &Condition) -> Result<bool, Varying> {
        Ok(match condition {
            Condition::Compare(op, left, right) => {
                compare(*op, self.value(left)?, self.value(right)?)
            }
            Condition::And(left, right) => self.holds(left)? & self.holds(right)?,
            Condition::Or(left, right) => self.holds(left)? | self.holds(right)?,
            Condition::Not(inner) => !self.holds(inner)?,
        })
    }
}

/// One of the four operations on numbers.
pub fn arith(op: Arith, left: f64, right: f64) -> f64 {
    match op {
        Arith::Add => left + right,
        Arith::Sub => left - right,
        Arith::Mul => left * right,
        Arith::Div => left / right,
    }
}

/// A comparison of numbers.
pub fn compare(op: BinaryOp, left: f64, right: f64) -> bool {
    match op {
        BinaryOp::Lt => left < right,
        BinaryOp::Le => left <= right,
        BinaryOp::Gt => left > right,
        BinaryOp::Ge => left >= right,
        BinaryOp::Eq => left == right,
        _ => left != right,
    }
}
