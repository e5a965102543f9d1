//! Writes parts of an AST back as model source, for documentation and round-trip tests.

use std::fmt::{Display, Formatter, Result};

use super::ast::{
    BinaryOp, Declaration, Equation, Expr, ExprKind, Function, Law, LawKind, Origin, UNARY_POWER,
    UnaryOp, Unit,
};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ExprKind::Number { value, unit: None, .. } => write!(f, "{value}"),
            ExprKind::Number { value, unit: Some(unit), is_apart } => {
                write!(f, "{value}{}{unit}", if *is_apart { " " } else { "" })
            }
            ExprKind::Name(name) => write!(f, "{name}"),
            ExprKind::Unary(op, inner) => {
                f.write_str(if *op == UnaryOp::Neg { "-" } else { "!" })?;
                grouped(f, inner, power(inner) < UNARY_POWER)
            }
            ExprKind::Binary { op, left, right, .. } => binary(f, *op, left, right),
            ExprKind::Call { function, arguments } => {
                write!(f, "{function}(")?;
                for (i, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            ExprKind::If { condition, then, otherwise } => {
                write!(f, "if {condition} {{ {then} }} else {{ {otherwise} }}")
            }
        }
    }
}

fn power(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary { op, .. } => op.power(),
        ExprKind::Unary(..) => UNARY_POWER,
        _ => u8::MAX,
    }
}

fn grouped(f: &mut Formatter<'_>, expr: &Expr, parentheses: bool) -> Result {
    if parentheses { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

fn binary(f: &mut Formatter<'_>, op: BinaryOp, left: &Expr, right: &Expr) -> Result {
    let right_associative = op == BinaryOp::Pow;
    let (below, not_above) = (power(left) < op.power(), power(left) <= op.power());
    // Comparisons do not associate: `(a < b) == c` must not come out as a chain.
    grouped(f, left, if right_associative || op.is_comparison() { not_above } else { below })?;
    match op {
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow => f.write_str(op.symbol())?,
        _ => write!(f, " {} ", op.symbol())?,
    }
    let below = power(right) < op.power();
    let not_above = power(right) <= op.power();
    // The exponent may be a bare `-x`: nothing else can be meant by `2^-x`.
    let negative_exponent = right_associative && power(right) == UNARY_POWER;
    grouped(f, right, if right_associative { below && !negative_exponent } else { not_above })
}

impl Display for Unit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.factors.is_empty() {
            return f.write_str("1");
        }
        for (i, (symbol, exponent)) in self.factors.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "*" })?;
            match exponent.as_integer() {
                Some(1) => write!(f, "{symbol}")?,
                _ => write!(f, "{symbol}^{exponent}")?,
            }
        }
        Ok(())
    }
}

impl Display for Declaration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.kind.keyword(), self.name)?;
        if let Some(law) = &self.law {
            write!(f, ": {law}")?;
        }
        if let Some(unit) = &self.unit {
            write!(f, ": {unit}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        if let Some(condition) = &self.condition {
            write!(f, " where {condition}")?;
        }
        f.write_str(";")
    }
}

impl Display for Law {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            LawKind::White => f.write_str("white"),
            LawKind::WhiteStratonovich => f.write_str("white(stratonovich)"),
            LawKind::Ou(time) => write!(f, "ou({time})"),
            LawKind::PerStep => f.write_str("per_step"),
        }
    }
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let parameters: Vec<_> = self.parameters.iter().map(ToString::to_string).collect();
        write!(f, "fn {}({}) = {};", self.name, parameters.join(", "), self.body)
    }
}

impl Display for Equation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(factor) = &self.factor {
            let is_quantity = matches!(factor.kind, ExprKind::Number { unit: Some(_), .. });
            grouped(f, factor, is_quantity || power(factor) < BinaryOp::Mul.power())?;
            f.write_str(" ")?;
        }
        match &self.origin {
            Origin::SecondOrder(of) => write!(f, "d2{of}/d{}2 = {};", self.time, self.right),
            _ => write!(f, "d{}/d{} = {};", self.state, self.time, self.right),
        }
    }
}
