//! `positive_time_constant_undeclared`: a factor of a derivative that may be negative.

use crate::check::interval::Ranges;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::eval::Constants;
use crate::model::{AuxId, Declared, Expr, Model, ParamId, Symbol};
use crate::span::SpanRange;
use crate::unit::Unit;

/// # What it means
/// A parameter multiplies a derivative, by itself or as a duration in a `let`, but nothing says that it is
/// positive; or a constant does that is not. With a negative value the equation runs backwards, with 0 it
/// divides by 0; `where` refuses both when a value is set.
///
/// # Example
/// ```text
/// param tau: ms = 20;                 // … where tau > 0;
/// tau dr/dt = -r + I;
/// ```
#[derive(Clone, Debug)]
pub struct PositiveTimeConstantUndeclared {
    span: SpanRange,
    message: String,
    help: String,
}

impl PositiveTimeConstantUndeclared {
    /// Code of this rule.
    pub const CODE: Code = Code("positive_time_constant_undeclared");

    /// Of a parameter that may have such values, in a factor itself or in what it is made of.
    fn of(declared: &Declared, is_direct: bool) -> Self {
        let (name, text) = (&declared.name, declared.text.trim_end_matches(';'));
        let does = if is_direct { "multiplies" } else { "is part of what multiplies" };
        let message = format!("`{name}` {does} a derivative, but may be 0 or negative");
        let joined = if text.contains(" where ") { " && " } else { " where " };
        let help = format!("write `{text}{joined}{name} > 0;`");
        Self { span: name.span().into(), message, help }
    }

    /// Of a factor that always has such a value.
    fn constant(factor: &Expr, value: f64) -> Self {
        let message = format!(
            "what multiplies this derivative is {}",
            if value == 0.0 { "0" } else { "negative" }
        );
        let help = "a time constant is positive: with 0 the equation has no solution, with a negative number \
                    it runs backwards";
        Self { span: factor.span, message, help: help.to_owned() }
    }
}

/// Checks every factor, and in it the parameters.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let (ranges, constants) = (Ranges::of(model), Constants::of(model));
    let mut known: Vec<ParamId> = Vec::new();
    for (state_id, state) in model.states.iter() {
        let Some(factor) = &state.equation.factor else { continue };
        if let Ok(value) = constants.value(factor) {
            if value <= 0.0 {
                let found = PositiveTimeConstantUndeclared::constant(factor, value);
                diags.lint(&state.equation.levels, &model.levels, found);
            }
            continue;
        }
        let (mut params, auxiliaries) = symbols(factor);
        let direct = params.len();
        let may_be_negative = || !ranges.by_state(state_id).of(factor).value.is_positive();
        if !auxiliaries.is_empty() && may_be_negative() {
            params.extend(durations(model, auxiliaries));
        }
        for (place, id) in params.into_iter().enumerate() {
            if ranges.of_param(id).is_positive() || known.contains(&id) {
                continue;
            }
            known.push(id);
            let declared = &model.params[id].declared;
            let found = PositiveTimeConstantUndeclared::of(declared, place < direct);
            diags.lint(&declared.levels, &model.levels, found);
        }
    }
}

/// The parameters and auxiliaries in an expression.
fn symbols(expr: &Expr) -> (Vec<ParamId>, Vec<AuxId>) {
    let (mut params, mut auxiliaries) = (Vec::new(), Vec::new());
    expr.for_each_symbol(&mut |symbol, _| match symbol {
        Symbol::Param(id) => params.push(id),
        Symbol::Aux(id) => auxiliaries.push(id),
        _ => {}
    });
    (params, auxiliaries)
}

/// The parameters that are durations in what auxiliaries are made of.
fn durations(model: &Model, mut auxiliaries: Vec<AuxId>) -> Vec<ParamId> {
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    let second = Unit::from_symbol("s").map(|second| second.dimension);
    let is_duration = |id: &ParamId| second == Some(model.params[*id].declared.unit.dimension);
    while let Some(id) = auxiliaries.pop() {
        if !seen.contains(&id) {
            seen.push(id);
            let (params, more) = symbols(&model.auxiliaries[id].expr);
            found.extend(params.into_iter().filter(is_duration));
            auxiliaries.extend(more);
        }
    }
    found
}

impl From<PositiveTimeConstantUndeclared> for Diagnostic {
    fn from(found: PositiveTimeConstantUndeclared) -> Self {
        let PositiveTimeConstantUndeclared { span, message, help } = found;
        Self::new(PositiveTimeConstantUndeclared::CODE, span, message).help(help)
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

    #[test]
    fn factors_that_are_never_positive_are_marked() {
        expect(
            "model M {
                const tau: ms = 0;
                param a: ms = -20;
                      ^ positive_time_constant_undeclared: `a` is part of what multiplies a derivative, but may be 0 or negative
                param b: ms = 20 where b > 0;
                let twice = 2*a;
                let sum = twice + b;
                let fine = 2*b;
                state (x, y, z, v) = (1, 1, 1, 1);
                fine dv/dt = -v;
                tau dx/dt = -x;
                ^^^ positive_time_constant_undeclared: what multiplies this derivative is 0
                sum dy/dt = -y;
                (-2 ms) dz/dt = z;
                ^^^^^^^ positive_time_constant_undeclared: what multiplies this derivative is negative
            }",
        );
    }
}
