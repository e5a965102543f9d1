//! `unstable_self_term`: a state that feeds itself.

use crate::check::interval::{Dual, Interval, Ranges, Slopes};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Arith, Equation, Expr, ExprKind, Model, StateId, Symbol};
use crate::span::SpanRange;

/// # What it means
/// Under the declared ranges, the coefficient of a state in its own equation is never negative: the
/// state runs away from every resting point. Mostly a sign was lost. Nothing is said where the sign
/// depends on values that have no declared range, nor of integrators, which have no such term.
///
/// # Example
/// ```text
/// tau dν/dt = ν + β*relu(I);          // -ν + …
/// ```
#[derive(Clone, Debug)]
pub struct UnstableSelfTerm {
    span: SpanRange,
    state: String,
    left: String,
}

impl UnstableSelfTerm {
    /// Code of this rule.
    pub const CODE: Code = Code("unstable_self_term");
}

/// Checks every equation of a model whose units are converted.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let ranges = Ranges::of(model);
    for (id, state) in model.states.iter() {
        let equation = &state.equation;
        let slopes = ranges.by_state(id);
        let Some(sign) = sign_of_factor(equation, &slopes) else { continue };
        let search = Search { slopes: &slopes, state: id, model };
        if !search.grows(&equation.right, sign) {
            continue;
        }
        let found = UnstableSelfTerm {
            span: search.term(&equation.right, sign, true).unwrap_or(&equation.right).span,
            state: state.declared.name.text.clone(),
            left: equation.left_text.clone(),
        };
        diags.lint(&equation.levels, &model.levels, found);
    }
}

/// Whether the right-hand side counts as it stands (`true`) or with its sign reversed. A factor
/// whose sign is not known is taken to be the time constant that it should be: another lint asks
/// for its range, and says what is wrong with 0, which has no sign.
fn sign_of_factor(equation: &Equation, slopes: &Slopes<'_>) -> Option<bool> {
    let Some(factor) = &equation.factor else { return Some(true) };
    let Interval { low, high, .. } = slopes.of(factor).value;
    (low != 0.0 || high != 0.0).then_some(high > 0.0)
}

struct Search<'a> {
    slopes: &'a Slopes<'a>,
    state: StateId,
    model: &'a Model,
}

impl Search<'_> {
    fn grows(&self, expr: &Expr, positive: bool) -> bool {
        let Dual { slope, .. } = self.slopes.of(expr);
        let slope = if positive { slope } else { -slope };
        slope.is_growth() && self.mentions(expr)
    }

    /// Whether the state stands in an expression, or in an auxiliary that does.
    fn mentions(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.for_each_symbol(&mut |symbol, _| {
            found |= match symbol {
                Symbol::State(id) => id == self.state,
                Symbol::Aux(id) => !self.model.auxiliaries[id].is_fixed,
                _ => false,
            };
        });
        found
    }

    /// The first summand that makes the state grow; those of a sum in parentheses only if that is
    /// the whole right-hand side, perhaps divided by a time constant.
    fn term<'e>(&self, expr: &'e Expr, positive: bool, is_whole: bool) -> Option<&'e Expr> {
        let is_positive = |factor: &Expr| self.slopes.of(factor).value.low >= 0.0;
        match &expr.kind {
            ExprKind::Neg(inner) => self.term(inner, !positive, is_whole),
            ExprKind::Arith(op @ (Arith::Add | Arith::Sub), left, right) => {
                let sign_of_right = positive == (*op == Arith::Add);
                self.term(left, positive, false).or_else(|| self.term(right, sign_of_right, false))
            }
            ExprKind::Arith(Arith::Div, sum, divisor)
                if is_whole && is_sum(sum) && is_positive(divisor) =>
            {
                self.term(sum, positive, true)
            }
            ExprKind::Arith(Arith::Mul, factor, sum)
                if is_whole && is_sum(sum) && is_positive(factor) && !self.mentions(factor) =>
            {
                self.term(sum, positive, true)
            }
            _ => self.grows(expr, positive).then_some(expr),
        }
    }
}

fn is_sum(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Neg(_) | ExprKind::Arith(Arith::Add | Arith::Sub, ..))
}

impl From<UnstableSelfTerm> for Diagnostic {
    fn from(UnstableSelfTerm { span, state, left }: UnstableSelfTerm) -> Self {
        let message =
            format!("`{state}` drives itself: its coefficient in `{left}` is never negative");
        Self::new(UnstableSelfTerm::CODE, span, message).help(format!(
            "if `{state}` decays, the sign of this term is wrong; if growth is meant, write \
             `#[allow(unstable_self_term)]` above the equation"
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn lost_signs_are_marked() {
        expect(
            "model M {
                param tau: ms = 20 where tau > 0;
                param T: ms = 20;
                param g = 2 where g >= 0;
                param β: Hz/pA = 0.066;
                input I: pA;
                state ν: Hz = 0 where ν >= 0;
                state q: Hz = 0;
                state r: Hz = 0;
                tau dν/dt = ν + β*relu(I);
                            ^ unstable_self_term: `ν` drives itself: its coefficient in `tau dν/dt` is never negative
                dq/dt = (g*q + β*I)/T;
                         ^^^ unstable_self_term: `q` drives itself
                tau dr/dt = β*I - (-tanh(r/(1 Hz))*(2 Hz));
                                  ^^^^^^^^^^^^^^^^^^^^^^^^ unstable_self_term: `r` drives itself
            }",
        );
    }

    #[test]
    fn nothing_is_said_where_nothing_is_proved() {
        expect(
            "model M {
                param tau = 20 where tau > 0;
                param (w, γ, a) = (1, -10, 2);
                input I;
                state v = 0;
                state u = 0;
                state x = 0;
                state S = 0.1 where 0 <= S <= 1;
                state θ = 0;
                state y = 0;
                tau dv/dt = v - v^3/3 - u + I;
                du/dt = v + a;
                dx/dt = γ*x + I + S;
                dS/dt = -S/tau + (1 - S)*y;
                dθ/dt = 1 + w*sin(θ);
                tau dy/dt = -y + w*relu(w*y + θ);
            }",
        );
    }

    #[test]
    fn growth_that_is_meant_can_be_allowed() {
        expect(
            "model M {
                state x = 1;
                #[allow(unstable_self_term)]
                dx/dt = 2*x;
            }",
        );
    }
}
