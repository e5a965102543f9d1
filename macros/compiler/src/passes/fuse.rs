//! `a*b + c` → `MulAdd(a, b, c)`. Without fusing it is the same product and the same sum, also for
//! `c - a*b` = `(-a)*b + c`, so reproducible results do not change.

use crate::collections::Id;
use crate::kernel::rate::Rates;
use crate::kernel::{Kernel, Op, ValueId};

/// AFTER: products that vary within a run and are used once, by a sum or difference, are part of it.
pub fn fuse(kernel: Kernel) -> Kernel {
    let fusible = fusible(&kernel);
    let mut old = kernel.values.values().cloned().collect::<Vec<_>>().into_iter();
    kernel.rewrite(|out, op| {
        // `rewrite` calls this once for each old instruction, in order.
        let Some(before) = old.next() else { return out.push(op) };
        let product = |new: ValueId, old: ValueId| match out.values[new] {
            Op::Mul(a, b) if fusible[old.index()] => Some((a, b)),
            _ => None,
        };
        match (op, before) {
            (Op::Add(a, b), Op::Add(old_a, old_b)) => {
                if let Some((x, y)) = product(b, old_b) {
                    out.push(Op::MulAdd(x, y, a))
                } else if let Some((x, y)) = product(a, old_a) {
                    out.push(Op::MulAdd(x, y, b))
                } else {
                    out.push(Op::Add(a, b))
                }
            }
            (Op::Sub(a, b), Op::Sub(old_a, old_b)) => {
                if let Some((x, y)) = product(b, old_b) {
                    let minus = out.neg(x);
                    out.push(Op::MulAdd(minus, y, a))
                } else if let Some((x, y)) = product(a, old_a) {
                    let minus = out.neg(b);
                    out.push(Op::MulAdd(x, y, minus))
                } else {
                    out.push(Op::Sub(a, b))
                }
            }
            (op, _) => out.push(op),
        }
    })
}

/// For each value, whether it is a varying product with a single use.
fn fusible(kernel: &Kernel) -> Vec<bool> {
    let rates = Rates::of(kernel);
    let mut uses = vec![0; kernel.values.len()];
    let operands = kernel.values.values().flat_map(Op::operands);
    for value in operands.chain(kernel.outputs.all()) {
        uses[value.index()] += 1;
    }
    let varying_product = |(id, op): (ValueId, &Op)| {
        matches!(op, Op::Mul(..)) && rates[id].varies() && uses[id.index()] == 1
    };
    kernel.values.iter().map(varying_product).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{dce, testing::lowered};
    use super::*;

    fn fused(right: &str) -> String {
        let items = format!("param a = 2; state x = 1; state y = 1; dx/dt = {right}; dy/dt = 0;");
        dce::drop_unused(fuse(lowered(&items).0)).to_string()
    }

    #[test]
    fn products_join_sums() {
        assert!(fused("y + a*x").contains("v0 * v1 + v2"), "{}", fused("y + a*x"));
        assert!(fused("y - a*x").contains("= -v0"), "{}", fused("y - a*x"));
        assert!(fused("a*x - y").contains("= -v2"), "{}", fused("a*x - y"));
    }

    #[test]
    fn a_product_used_twice_stays() {
        let (kernel, _) = lowered("param a = 2; state x = 1; let p = a*x; dx/dt = p + exp(p);");
        assert!(dce::drop_unused(fuse(kernel)).to_string().contains("v0 * v1\n"));
    }
}
