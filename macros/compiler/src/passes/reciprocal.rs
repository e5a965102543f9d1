//! `x / tau` → `Quotient(x, tau, 1/tau)`: where arithmetic is fast, a product with a number that
//! is computed when a parameter changes; where it is reproducible, a true division.

use crate::kernel::rate::Rates;
use crate::kernel::{Kernel, Op};

/// AFTER: nothing that varies within a run is divided by something that does not.
pub fn reciprocal(kernel: Kernel) -> Kernel {
    let rates = Rates::of(&kernel);
    let mut divides_by_fixed = kernel
        .values
        .iter()
        .map(|(id, op)| match op {
            Op::Div(_, divisor) => rates[id].varies() && !rates[*divisor].varies(),
            _ => false,
        })
        .collect::<Vec<_>>()
        .into_iter();
    kernel.rewrite(|out, op| match (divides_by_fixed.next(), op) {
        (Some(true), Op::Div(a, b)) => {
            let one = out.number(1.0);
            let reciprocal = match out.values[b] {
                Op::Number(divisor) => out.number(1.0 / divisor.get()),
                _ => out.div(one, b),
            };
            out.push(Op::Quotient(a, b, reciprocal))
        }
        (_, op) => out.push(op),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::lowered;
    use super::*;

    #[test]
    fn only_divisions_by_what_stays_change() {
        let items = "param a = 2; input I; state x = 1; dx/dt = x/a + x/3 + x/I + 1/a;";
        let text = reciprocal(lowered(items).0).to_string();
        assert_eq!(text.matches('~').count(), 2, "{text}");
        assert!(text.contains("0.3333333333333333"), "{text}");
    }
}
