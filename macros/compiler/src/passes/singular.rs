//! `x/(1 - exp(-x))` → `1/exprel(-x)`, `(exp(x) - 1)/x` → `exprel(x)`: quotients that have a limit
//! where they are written as 0/0, such as the transfer function of reduced Wong–Wang models.
//!
//! With z = r x, where r does not vary: x/(e^z - 1) = (1/r)/exprel(z) and (e^z - 1)/x = r exprel(z),
//! since e^z - 1 = z exprel(z).

use crate::collections::Id;
use crate::kernel::rate::Rates;
use crate::kernel::{Kernel, Op, Real, ValueId};

/// AFTER: no quotient of a value and `e^z - 1`, with z proportional to it, is left.
pub fn remove(kernel: Kernel) -> Kernel {
    let rates = Rates::of(&kernel);
    let mut out = Kernel::default();
    let mut new: Vec<ValueId> = Vec::with_capacity(kernel.values.len());
    for (_, op) in kernel.values.iter() {
        let replaced = match op {
            Op::Div(above, below) => quotient(&kernel, &rates, *above, *below),
            _ => None,
        };
        new.push(match replaced {
            Some(limit) => limit.append(&mut out, &new),
            None => out.push(op.clone().map_operands(|old| new[old.index()])),
        });
    }
    out.outputs = kernel.outputs.map(|old| new[old.index()]);
    out
}

/// `±coefficient * exprel(z)`, or `±coefficient / exprel(z)`; values of the old kernel.
struct Limit {
    negative: bool,
    /// The coefficient: the product of these …
    above: Vec<ValueId>,
    /// … divided by the product of these.
    below: Vec<ValueId>,
    z: ValueId,
    /// Whether `exprel(z)` is below the line.
    inverted: bool,
}

impl Limit {
    fn append(self, out: &mut Kernel, new: &[ValueId]) -> ValueId {
        let product = |out: &mut Kernel, factors: &[ValueId]| {
            let one = out.number(1.0);
            factors.iter().fold(one, |product, factor| out.mul(product, new[factor.index()]))
        };
        let (above, below) = (product(out, &self.above), product(out, &self.below));
        let coefficient = out.div(above, below);
        let exprel = out.call("exprel", &[new[self.z.index()]]);
        let size =
            if self.inverted { out.div(coefficient, exprel) } else { out.mul(coefficient, exprel) };
        if self.negative { out.neg(size) } else { size }
    }
}

/// What a quotient is in terms of `exprel`, if one of its sides is `e^z - 1`.
fn quotient(kernel: &Kernel, rates: &Rates, above: ValueId, below: ValueId) -> Option<Limit> {
    let (inverted, (minus, z), other) = match growth(kernel, below) {
        Some(growth) => (true, growth, above),
        None => (false, growth(kernel, above)?, below),
    };
    let (of_z, of_other) = (Product::of(kernel, rates, z), Product::of(kernel, rates, other));
    if of_z.core != of_other.core || !rates[of_z.core].varies() {
        return None;
    }
    let negative = minus ^ of_z.negative ^ of_other.negative;
    // r = z/other is what the cores leave.
    let above = [of_z.factors, of_other.divisors].concat();
    let below = [of_z.divisors, of_other.factors].concat();
    let (above, below) = if inverted { (below, above) } else { (above, below) };
    Some(Limit { negative, above, below, z, inverted })
}

/// `±(e^z - 1)`: whether the sign is minus, and z.
fn growth(kernel: &Kernel, value: ValueId) -> Option<(bool, ValueId)> {
    let is_one = |value: ValueId| kernel.values[value] == Op::Number(Real::new(1.0));
    let is_minus_one = |value: ValueId| kernel.values[value] == Op::Number(Real::new(-1.0));
    let exponent = |value: ValueId, name: &str| match &kernel.values[value] {
        Op::Call(builtin, arguments) if builtin.name == name => Some(arguments[0]),
        _ => None,
    };
    match kernel.values[value] {
        Op::Sub(a, b) if is_one(a) => Some((true, exponent(b, "exp")?)),
        Op::Sub(a, b) if is_one(b) => Some((false, exponent(a, "exp")?)),
        Op::Add(a, b) if is_minus_one(a) => Some((false, exponent(b, "exp")?)),
        Op::Add(a, b) if is_minus_one(b) => Some((false, exponent(a, "exp")?)),
        Op::Neg(a) => growth(kernel, a).map(|(minus, z)| (!minus, z)),
        _ => Some((false, exponent(value, "expm1")?)),
    }
}

/// A value as a product of things that do not vary and one that may.
struct Product {
    negative: bool,
    factors: Vec<ValueId>,
    divisors: Vec<ValueId>,
    core: ValueId,
}

impl Product {
    fn of(kernel: &Kernel, rates: &Rates, value: ValueId) -> Self {
        let (factors, divisors) = (Vec::new(), Vec::new());
        let mut product = Self { negative: false, factors, divisors, core: value };
        let fixed = |value: ValueId| !rates[value].varies();
        loop {
            product.core = match kernel.values[product.core] {
                Op::Neg(inner) => {
                    product.negative = !product.negative;
                    inner
                }
                Op::Mul(factor, rest) | Op::Mul(rest, factor) if fixed(factor) => {
                    product.factors.push(factor);
                    rest
                }
                Op::Div(rest, divisor) if fixed(divisor) => {
                    product.divisors.push(divisor);
                    rest
                }
                _ => return product,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cse, dce, fold, testing::lowered};
    use super::*;

    fn removed(right: &str) -> String {
        let items = format!("param d = 2; param a = 3; state x = 0; dx/dt = {right};");
        let (kernel, _) = lowered(&items);
        dce::drop_unused(fold::fold(remove(cse::share(fold::fold(kernel))))).to_string()
    }

    #[test]
    fn quotients_with_a_limit_use_exprel() {
        for right in [
            "x/(1 - exp(-x))",
            "(1 - exp(-d*x))/x",
            "(a*x - 1)/(1 - exp(-(a*x - 1)/d))",
            "0.1*(x + 4)/(exp((x + 4)/10) - 1)",
            "expm1(x*d)/(-x)",
        ] {
            let text = removed(right);
            assert!(text.contains("exprel") && !text.contains("exp("), "{right}: {text}");
            assert!(!text.contains("expm1"), "{right}: {text}");
        }
    }

    #[test]
    fn other_quotients_stay() {
        for right in
            ["(x + 1)/(1 - exp(-x))", "x/(2 - exp(-x))", "x/(1 - exp(-x^2))", "a/(1 - exp(-a))"]
        {
            assert!(!removed(right).contains("exprel"), "{right}");
        }
    }
}
