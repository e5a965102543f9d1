//! Terms in words, for messages.

use crate::model::{Arith, Expr, ExprKind, Model};

/// A short term as it was written; anything longer is "this term".
pub(super) fn describe(model: &Model, expr: &Expr) -> String {
    match product(model, expr) {
        Some(text) if text.chars().count() <= 40 => format!("`{text}`"),
        _ => "this term".to_owned(),
    }
}

fn product(model: &Model, expr: &Expr) -> Option<String> {
    let part = |expr| product(model, expr);
    match &expr.kind {
        ExprKind::Number(value, None) => Some(value.to_string()),
        ExprKind::Number(value, Some(unit)) => Some(format!("{value} {unit}")),
        ExprKind::Symbol(symbol) => Some(model.symbol_name(*symbol).to_owned()),
        ExprKind::Delayed { id, .. } => Some(model.delays[*id].text.clone()),
        ExprKind::Neg(inner) => Some(format!("-{}", part(inner)?)),
        ExprKind::Arith(Arith::Mul, left, right) => {
            Some(format!("{}*{}", part(left)?, part(right)?))
        }
        ExprKind::Arith(Arith::Div, left, right) => match right.kind {
            ExprKind::Arith(..) | ExprKind::Number(_, Some(_)) => {
                Some(format!("{}/({})", part(left)?, part(right)?))
            }
            _ => Some(format!("{}/{}", part(left)?, part(right)?)),
        },
        ExprKind::Pow(base, exponent) => match (&base.kind, &exponent.kind) {
            (ExprKind::Symbol(_), ExprKind::Number(..)) => {
                Some(format!("{}^{}", part(base)?, part(exponent)?))
            }
            _ => None,
        },
        ExprKind::Call(builtin, arguments) => {
            let arguments: Option<Vec<_>> = arguments.iter().map(part).collect();
            Some(format!("{}({})", builtin.name, arguments?.join(", ")))
        }
        ExprKind::Arith(..) | ExprKind::If(..) => None,
    }
}
