//! The value of an expression of constants, at compile time.

use super::{Arith, Condition, Expr, ExprKind, Model, Symbol};
use crate::span::SpanRange;
use crate::syntax::ast::BinaryOp;

/// The value of an expression.
///
/// # Errors
/// The first symbol in it that is no constant, and where it stands.
pub fn constant(model: &Model, expr: &Expr) -> Result<f64, (Symbol, SpanRange)> {
    let value = |expr: &Expr| constant(model, expr);
    match &expr.kind {
        ExprKind::Number(number, _) => Ok(*number),
        ExprKind::Symbol(Symbol::Pi) => Ok(std::f64::consts::PI),
        ExprKind::Symbol(Symbol::Const(id)) => value(&model.constants[*id].value),
        ExprKind::Symbol(symbol) => Err((*symbol, expr.span)),
        ExprKind::Neg(inner) => Ok(-value(inner)?),
        ExprKind::Arith(op, left, right) => Ok(arith(*op, value(left)?, value(right)?)),
        ExprKind::Pow(base, exponent) => Ok(libm::pow(value(base)?, value(exponent)?)),
        ExprKind::Call(builtin, arguments) => {
            let arguments = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            Ok((builtin.eval)(&arguments))
        }
        ExprKind::If(condition, then, otherwise) => {
            let (then, otherwise) = (value(then)?, value(otherwise)?);
            Ok(if holds(model, condition)? { then } else { otherwise })
        }
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
        #[allow(clippy::float_cmp, reason = "`==` of the model language is exact equality")]
        BinaryOp::Eq => left == right,
        #[allow(clippy::float_cmp, reason = "`!=` of the model language is exact")]
        _ => left != right,
    }
}

fn holds(model: &Model, condition: &Condition) -> Result<bool, (Symbol, SpanRange)> {
    Ok(match condition {
        Condition::Compare(op, left, right) => {
            compare(*op, constant(model, left)?, constant(model, right)?)
        }
        Condition::And(left, right) => holds(model, left)? & holds(model, right)?,
        Condition::Or(left, right) => holds(model, left)? | holds(model, right)?,
        Condition::Not(inner) => !holds(model, inner)?,
    })
}
