//! `2*3*a` → `6*a`, `1*a` → `a`, `--a` → `a`, `-1/a` → `-(1/a)`.
//!
//! Never reorders and drops no operation that could change a result: `a + 0` stays (it makes +0
//! of -0), `0*a` stays (it makes NaN of infinity).

use crate::kernel::{Kernel, Op, Real, ValueId};
use crate::model::Arith;
use crate::model::eval;

/// AFTER: no instruction has only numbers as operands.
pub fn fold(kernel: Kernel) -> Kernel {
    kernel.rewrite(|out, op| match folded(out, &op) {
        Some(Folded::Number(value)) => out.number(value),
        Some(Folded::Value(value)) => value,
        Some(Folded::Minus(value)) => out.neg(value),
        Some(Folded::MinusOneOver(value)) => {
            let one = out.number(1.0);
            let reciprocal = out.div(one, value);
            out.neg(reciprocal)
        }
        None => out.push(op),
    })
}

enum Folded {
    Number(f64),
    Value(ValueId),
    MinusOneOver(ValueId),
    Minus(ValueId),
}

fn number(kernel: &Kernel, value: ValueId) -> Option<f64> {
    match kernel.values[value] {
        Op::Number(real) => Some(real.get()),
        _ => None,
    }
}

fn folded(kernel: &Kernel, op: &Op) -> Option<Folded> {
    let get = |value: ValueId| number(kernel, value);
    let is_one = |value: ValueId| kernel.values[value] == Op::Number(Real::new(1.0));
    let arith = |op, a, b| Some(Folded::Number(eval::arith(op, get(a)?, get(b)?)));
    match *op {
        Op::Neg(a) => match kernel.values[a] {
            Op::Neg(inner) => Some(Folded::Value(inner)),
            _ => get(a).map(|value| Folded::Number(-value)),
        },
        // Exact, as is every change of sign.
        Op::Mul(a, b) | Op::Mul(b, a) if get(a) == Some(-1.0) && get(b).is_none() => {
            Some(Folded::Minus(b))
        }
        Op::Mul(a, b) if is_one(a) => Some(Folded::Value(b)),
        Op::Mul(a, b) | Op::Div(a, b) if is_one(b) => Some(Folded::Value(a)),
        // Exact, and 1/b may be at hand already.
        Op::Div(a, b) if get(a) == Some(-1.0) && get(b).is_none() => Some(Folded::MinusOneOver(b)),
        Op::Add(a, b) => arith(Arith::Add, a, b),
        Op::Sub(a, b) => arith(Arith::Sub, a, b),
        Op::Mul(a, b) => arith(Arith::Mul, a, b),
        Op::Div(a, b) => arith(Arith::Div, a, b),
        Op::Call(builtin, ref arguments) => {
            let arguments: Option<Vec<f64>> = arguments.iter().map(|value| get(*value)).collect();
            Some(Folded::Number((builtin.eval)(&arguments?)))
        }
        Op::Select(condition, a, b) => match kernel.values[condition] {
            Op::Compare(op, x, y) => {
                let holds = eval::compare(op, get(x)?, get(y)?);
                Some(Folded::Value(if holds { a } else { b }))
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{dce, testing::lowered};
    use super::*;

    #[test]
    fn constants_fold_without_reordering() {
        let (kernel, _) = lowered("const c = 2; state x = 0; dx/dt = c*3*x + (x + 0)*sin(0);");
        let text = dce::drop_unused(fold(kernel)).to_string();
        assert!(text.contains("= 6.0\n"), "{text}");
        assert!(!text.contains("sin"), "{text}");
        // `x + 0` and `…*0` must survive: x may be -0 or infinite.
        assert_eq!(text.matches(" + ").count(), 2, "{text}");
        assert_eq!(text.matches(" * ").count(), 2, "{text}");
    }
}
