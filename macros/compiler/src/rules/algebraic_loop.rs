//! `algebraic_loop`: expressions that need each other.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Auxiliaries, outputs and constants are computed one after the other; a cycle has no order.
///
/// # Example
/// ```text
/// let a = b + 1;
/// let b = 2*a;
/// ```
#[derive(Clone, Debug)]
pub struct AlgebraicLoop {
    /// The names on the cycle; the last uses the first.
    pub cycle: Vec<Name>,
}

impl AlgebraicLoop {
    /// Code of this rule.
    pub const CODE: Code = Code("algebraic_loop");
}

impl From<AlgebraicLoop> for Diagnostic {
    fn from(AlgebraicLoop { cycle }: AlgebraicLoop) -> Self {
        let names: Vec<_> =
            cycle.iter().chain(cycle.first()).map(|name| format!("`{name}`")).collect();
        let first = &cycle[0];
        let message = match cycle.len() {
            1 => format!("`{first}` is defined by itself"),
            _ => format!("`{first}` depends on itself: {}", names.join(" → ")),
        };
        Self::new(AlgebraicLoop::CODE, first.span(), message)
            .help("make one of them a `state` with an equation, or break the cycle")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_cycle_is_printed() {
        expect(
            "model M {
                let a = b + 1;
                    ^ algebraic_loop: `a` depends on itself: `a` → `b` → `c` → `a`
                let b = 2*c;
                let c = x*a;
                let d = d;
                    ^ algebraic_loop: `d` is defined by itself
                const k = k;
                      ^ algebraic_loop: `k` is defined by itself
                state x = 0;
                dx/dt = a;
            }",
        );
    }
}
