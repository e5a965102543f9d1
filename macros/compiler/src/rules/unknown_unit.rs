//! `unknown_unit`: a unit that the language does not know.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;
use crate::unit::Unit;

/// # What it means
/// Units are SI units and a few others, with SI prefixes: s min h Hz A V S ohm F C J W N Pa m g
/// mol M K rad. Upper and lower case matter: `mV`, not `mv`.
///
/// # Example
/// ```text
/// param tau: msec = 20;
/// ```
#[derive(Clone, Debug)]
pub struct UnknownUnit {
    /// The unknown symbol.
    pub symbol: Name,
    /// Whether it is a declared name of the model, as in `2 tau`.
    pub declared: bool,
}

impl UnknownUnit {
    /// Code of this rule.
    pub const CODE: Code = Code("unknown_unit");
}

impl From<UnknownUnit> for Diagnostic {
    fn from(UnknownUnit { symbol, declared }: UnknownUnit) -> Self {
        let message = format!("`{symbol}` is not a unit");
        let diagnostic = Self::new(UnknownUnit::CODE, symbol.span(), message);
        if declared {
            return diagnostic.help(format!("to multiply by `{symbol}`, write `*` before it"));
        }
        match Unit::suggestion(&symbol.text) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic.help(
                "units are s, min, h, Hz, A, V, S, ohm, F, C, J, W, N, Pa, m, g, mol, M, K, rad \
                 with SI prefixes; leave a pure number without unit",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_symbol_is_marked() {
        expect(
            "model M {
                param tau: msec = 20;
                           ^^^^ unknown_unit: `msec` is not a unit; help: did you mean `ms`?
                param g: nS/cm^2*spike = 20 mv;
                                 ^^^^^ unknown_unit: `spike` is not a unit; help: units are
                                            ^^ unknown_unit: `mv` is not a unit; help: did you mean `mV`?
                state x = 0;
                dx/dt = -2 tau;
                           ^^^ unknown_unit: `tau` is not a unit; help: to multiply by `tau`, write `*` before it
            }",
        );
    }
}
