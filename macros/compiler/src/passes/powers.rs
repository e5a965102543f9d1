//! `x^3` → `x*x*x`, `x^-2` → `1/(x*x)`, `x^0.5` → `sqrt(x)`: what one would write by hand.

use crate::kernel::{Kernel, Op, ValueId};

/// Larger exponents are left to `pow`, whose error does not grow with them.
const LARGEST: f64 = 16.0;

/// AFTER: no power has a whole number of at most `LARGEST`, or one half, as exponent.
pub fn expand(kernel: Kernel) -> Kernel {
    kernel.rewrite(|out, op| {
        let Op::Call(builtin, arguments) = &op else { return out.push(op) };
        if builtin.name != "pow" {
            return out.push(op);
        }
        let (base, exponent) = (arguments[0], arguments[1]);
        match out.values[exponent] {
            Op::Number(number) => power(out, base, number.get()).unwrap_or_else(|| out.push(op)),
            _ => out.push(op),
        }
    })
}

fn power(out: &mut Kernel, base: ValueId, exponent: f64) -> Option<ValueId> {
    if exponent == 0.5 {
        return Some(out.call("sqrt", &[base]));
    }
    if exponent.fract() != 0.0 || exponent.abs() > LARGEST {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let size = exponent.abs() as u32;
    let product = repeated(out, base, size);
    Some(if exponent < 0.0 {
        let one = out.number(1.0);
        out.div(one, product)
    } else {
        product
    })
}

/// `base^size` by repeated squaring.
fn repeated(out: &mut Kernel, base: ValueId, size: u32) -> ValueId {
    match size {
        0 => out.number(1.0),
        1 => base,
        _ => {
            let half = repeated(out, base, size / 2);
            let square = out.mul(half, half);
            if size.is_multiple_of(2) { square } else { out.mul(square, base) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{dce, testing::lowered};
    use super::*;

    #[test]
    fn small_powers_become_products() {
        let (kernel, _) = lowered("state x = 1; dx/dt = x^3 + x^-1 + x^0.5 + x^2.5 + x^40;");
        let text = dce::drop_unused(expand(super::super::fold::fold(kernel))).to_string();
        assert_eq!(text.matches(" * ").count(), 2, "{text}");
        assert_eq!(text.matches(" / ").count(), 1, "{text}");
        assert_eq!((text.matches("sqrt").count(), text.matches("pow").count()), (1, 2), "{text}");
    }
}
