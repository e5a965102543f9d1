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
    /// Whether they are constants.
    pub is_constant: bool,
}

impl AlgebraicLoop {
    /// Code of this rule.
    pub const CODE: Code = Code("algebraic_loop");
}

impl From<AlgebraicLoop> for Diagnostic {
    fn from(AlgebraicLoop { cycle, is_constant }: AlgebraicLoop) -> Self {
        let names: Vec<_> =
            cycle.iter().chain(cycle.first()).map(|name| format!("`{name}`")).collect();
        let first = &cycle[0];
        let (message, one) = match cycle.len() {
            1 => (format!("`{first}` is defined by itself"), format!("`{first}`")),
            _ => (
                format!("`{first}` depends on itself: {}", names.join(" → ")),
                "one of them".to_owned(),
            ),
        };
        let help = if is_constant {
            format!("give {one} a number")
        } else {
            format!("define {one} otherwise, or make it a `state` with an equation")
        };
        Self::new(AlgebraicLoop::CODE, first.span(), message).help(help)
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
