//! `noise_nonlinear`: white noise where it has no meaning.

use crate::collections::Id;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Arith, Condition, Expr, ExprKind, Law, Model, Symbol};
use crate::span::SpanRange;

/// # What it means
/// White noise has no value at any moment: only its product with something smooth can be
/// integrated. It must enter an equation linearly, `… + σ*ξ`; `exp(ξ)` and `ξ^2` are not defined,
/// and an output cannot carry it. Ornstein–Uhlenbeck noise has values and may stand anywhere.
///
/// # Example
/// ```text
/// noise ξ: white;
/// tau dr/dt = -r + relu(I + ξ);       // `noise ξ: ou(τ)`, or `relu(I) + σ*ξ`
/// ```
#[derive(Clone, Debug)]
pub struct NoiseNonlinear {
    span: SpanRange,
    message: String,
    name: String,
}

impl NoiseNonlinear {
    /// Code of this rule.
    pub const CODE: Code = Code("noise_nonlinear");
}

/// Checks every formula.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let carriers = vec![None; model.auxiliaries.len()];
    let mut linearity = Linearity { model, carriers, diags };
    for id in &model.auxiliary_order {
        let auxiliary = &model.auxiliaries[*id];
        let found = linearity.noise(&auxiliary.expr);
        if let (Some((span, name)), true) = (&found, auxiliary.is_output) {
            let message = format!(
                "`{}` is an output, but white noise has no value that could be sent",
                auxiliary.declared.name
            );
            linearity.diags.push(NoiseNonlinear { span: *span, message, name: name.clone() });
        }
        let carried = found.filter(|_| !auxiliary.is_output).map(|(_, noise)| noise);
        linearity.carriers[id.index()] = carried;
    }
    for state in model.states.values() {
        linearity.noise(&state.equation.right);
    }
}

struct Linearity<'a> {
    model: &'a Model,
    /// The white noise that an auxiliary carries.
    carriers: Vec<Option<String>>,
    diags: &'a mut Diagnostics,
}

/// White noise in an expression: where it stands, and its name.
type Found = Option<(SpanRange, String)>;

impl Linearity<'_> {
    /// The white noise in an expression, if there is any; what is not linear in it is reported.
    fn noise(&mut self, expr: &Expr) -> Found {
        match &expr.kind {
            ExprKind::Symbol(symbol) => Some((expr.span, self.white(*symbol)?)),
            ExprKind::Number(..) | ExprKind::Delayed { .. } => None,
            ExprKind::Neg(inner) => self.noise(inner),
            ExprKind::Arith(Arith::Add | Arith::Sub, left, right) => {
                let (left, right) = (self.noise(left), self.noise(right));
                left.or(right)
            }
            ExprKind::Arith(Arith::Mul, left, right) => {
                let (left, right) = (self.noise(left), self.noise(right));
                if let (Some((_, name)), Some(_)) = (&left, &right) {
                    self.report(expr.span, name);
                    return None;
                }
                left.or(right)
            }
            ExprKind::Arith(Arith::Div, left, right) => {
                let left = self.noise(left);
                self.refuse(right);
                left
            }
            ExprKind::Pow(base, exponent) => {
                self.refuse(exponent);
                if let Some((_, name)) = self.noise(base) {
                    self.report(expr.span, &name);
                }
                None
            }
            ExprKind::Call(_, arguments) => {
                for argument in arguments {
                    self.refuse(argument);
                }
                None
            }
            ExprKind::If(condition, then, otherwise) => {
                self.refuse_in(condition);
                let (then, otherwise) = (self.noise(then), self.noise(otherwise));
                then.or(otherwise)
            }
        }
    }

    /// The white noise that a symbol is or carries.
    fn white(&self, symbol: Symbol) -> Option<String> {
        match symbol {
            Symbol::Noise(id) if matches!(self.model.noises[id].law, Law::White(_)) => {
                Some(self.model.symbol_name(symbol).to_owned())
            }
            Symbol::Aux(id) => self.carriers[id.index()].clone(),
            _ => None,
        }
    }

    fn refuse(&mut self, expr: &Expr) {
        if let Some((span, name)) = self.noise(expr) {
            self.report(span, &name);
        }
    }

    fn refuse_in(&mut self, condition: &Condition) {
        for operand in condition.operands() {
            self.refuse(operand);
        }
    }

    fn report(&mut self, span: SpanRange, name: &str) {
        let message = format!("white noise `{name}` enters nonlinearly");
        self.diags.push(NoiseNonlinear { span, message, name: name.to_owned() });
    }
}

impl From<NoiseNonlinear> for Diagnostic {
    fn from(NoiseNonlinear { span, message, name }: NoiseNonlinear) -> Self {
        Self::new(NoiseNonlinear::CODE, span, message).help(format!(
            "add it to the right-hand side, `… + σ*{name}`, or give it a correlation time: \
             `noise {name}: ou(τ);`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn only_linear_terms_have_a_meaning() {
        expect(
            "model M {
                param σ = 1;
                input I;
                noise (ξ, ζ): white;
                noise η: ou(5);
                state x = 0;
                let force = I + σ*x*ξ;
                output sent = σ*ξ;
                                ^ noise_nonlinear: `sent` is an output, but white noise
                dx/dt = -x + force + exp(ξ) + ξ^2 + ξ*ζ + 1/ξ + exp(η)*η;
                                         ^ noise_nonlinear: white noise `ξ` enters nonlinearly
                                              ^^^ noise_nonlinear: white noise `ξ`
                                                    ^^^ noise_nonlinear: white noise `ξ`
                                                            ^ noise_nonlinear: white noise `ξ`
            }",
        );
        expect(
            "model M {
                noise ξ: white;
                state x = 0;
                let carried = 2*ξ;
                dx/dt = -x + relu(carried) + (if ξ > 0 { 1 } else { ξ }) + (x - ξ)/2;
                                  ^^^^^^^ noise_nonlinear: white noise `ξ` enters
                                                 ^ noise_nonlinear: white noise `ξ` enters
            }",
        );
    }

    #[test]
    fn white_noise_has_a_unit() {
        expect(
            "model M {
                param tau: ms = 10 where tau > 0;
                param (σ, D): Hz = (1, 2);
                noise ξ: white;
                state r: Hz = 0;
                state q: Hz = 0;
                tau dr/dt = -r + q + σ*sqrt(tau)*ξ;
                tau dq/dt = -q + r + D*ξ;
                                     ^^^ dimension_mismatch: `D*ξ` is in Hz/ms^(1/2), expected Hz; note: the left side, `tau dq/dt`, is in Hz; help: it lacks a factor in ms^(1/2): white noise, which is in 1/√time, takes the `sqrt` of a time constant
            }",
        );
    }
}
