//! `a*b + sin(a*b)` → `v = a*b; v + sin(v)`.

use std::collections::HashMap;

use crate::kernel::{Kernel, Op, ValueId};

/// AFTER: no two instructions are the same.
pub fn share(kernel: Kernel) -> Kernel {
    let mut known: HashMap<Op, ValueId> = HashMap::new();
    kernel.rewrite(|out, op| *known.entry(op).or_insert_with_key(|op| out.push(op.clone())))
}

#[cfg(test)]
mod tests {
    use super::super::testing::lowered;
    use super::*;

    #[test]
    fn equal_terms_are_computed_once() {
        let (kernel, _) = lowered("param a = 2; state x = 0; dx/dt = a*x + exp(a*x);");
        assert_eq!(kernel.to_string().matches(" * ").count(), 2);
        assert_eq!(share(kernel).to_string().matches(" * ").count(), 1);
    }
}
