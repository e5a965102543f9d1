//! `positive_time_constant_undeclared`: a factor of a derivative that may be negative.

use crate::check::interval::Ranges;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, ParamId, Symbol};
use crate::name::Name;

/// # What it means
/// A parameter multiplies a derivative, but nothing says that it is positive. With a negative value the
/// equation runs backwards, with 0 it divides by 0; `where` refuses both when a value is set.
///
/// # Example
/// ```text
/// param tau: ms = 20;                 // … where tau > 0;
/// tau dr/dt = -r + I;
/// ```
#[derive(Clone, Debug)]
pub struct PositiveTimeConstantUndeclared {
    name: Name,
    text: String,
}

impl PositiveTimeConstantUndeclared {
    /// Code of this rule.
    pub const CODE: Code = Code("positive_time_constant_undeclared");
}

/// Checks the parameters in every factor.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let ranges = Ranges::of(model);
    let mut known: Vec<ParamId> = Vec::new();
    for factor in model.states.values().filter_map(|state| state.equation.factor.as_ref()) {
        factor.for_each_symbol(&mut |symbol, _| {
            let Symbol::Param(id) = symbol else { return };
            if ranges.of_param(id).is_positive() || known.contains(&id) {
                return;
            }
            known.push(id);
            let declared = &model.params[id].declared;
            let (name, text) = (declared.name.clone(), declared.text.clone());
            let found = PositiveTimeConstantUndeclared { name, text };
            diags.lint(&declared.levels, &model.levels, found);
        });
    }
}

impl From<PositiveTimeConstantUndeclared> for Diagnostic {
    fn from(PositiveTimeConstantUndeclared { name, text }: PositiveTimeConstantUndeclared) -> Self {
        let message = format!("`{name}` multiplies a derivative, but may be 0 or negative");
        let text = text.trim_end_matches(';');
        let joined = if text.contains(" where ") { " && " } else { " where " };
        let help = format!("write `{text}{joined}{name} > 0;`");
        Self::new(PositiveTimeConstantUndeclared::CODE, name.span(), message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_declaration_is_marked() {
        expect(
            "model M {
                param tau: ms = 20;
                      ^^^ positive_time_constant_undeclared: `tau` multiplies a derivative, but may be 0 or negative; help: write `param tau: ms = 20 where tau > 0;`
                param most: ms = 10;
                param tau_2: ms = 20 where tau_2 > 1;
                param tau_3: ms = 5 where tau_3 < most;
                      ^^^^^ positive_time_constant_undeclared: `tau_3` multiplies a derivative, but may be 0 or negative; help: write `param tau_3: ms = 5 where tau_3 < most && tau_3 > 0;`
                state (x, y, z) = (1, 1, 1);
                tau dx/dt = -x;
                tau_2 dy/dt = -y;
                2*tau_3 dz/dt = -z;
            }",
        );
    }
}
