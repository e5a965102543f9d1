//! `constant_misuse`: something that varies where only constants or parameters may stand.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::eval::Constants;
use crate::model::{Expr, Law, Model, Symbol};
use crate::name::Name;
use crate::span::SpanRange;

/// # What it means
/// Constants, defaults of parameters and of inputs are numbers known when the model is compiled;
/// initial values and correlation times of noise may depend on parameters, not on states, inputs or
/// time.
///
/// # Example
/// ```text
/// param tau = 20;
/// const twice = 2*tau;        // `let twice = 2*tau;`
/// ```
#[derive(Clone, Debug)]
pub struct ConstantMisuse {
    span: SpanRange,
    what: String,
    may_use: &'static str,
    name: String,
    article: &'static str,
    help: String,
}

impl ConstantMisuse {
    /// Code of this rule.
    pub const CODE: Code = Code("constant_misuse");
}

/// Checks every constant, default and initial value.
pub fn check(model: &Model, diags: &mut Diagnostics) {
    let constants = model.constants.values().map(|constant| (&constant.declared, &constant.value));
    let params = model.params.values().map(|param| (&param.declared, &param.default));
    let inputs = model.inputs.values();
    let inputs = inputs.filter_map(|input| Some((&input.declared, input.default.as_ref()?)));
    let known = Constants::of(model);
    for (declared, value) in constants.chain(params).chain(inputs) {
        // A constant that is none has been reported itself.
        let found =
            known.value(value).err().filter(|(symbol, _)| !matches!(symbol, Symbol::Const(_)));
        if let Some(found) = found {
            let name = &declared.name;
            let help = if is_input(model, name) {
                "use constants and numbers only; a stimulus can send any other value".to_owned()
            } else {
                format!("use constants and numbers only, or write `let {name} = …;`")
            };
            let what = format!("the value of `{name}`");
            diags.push(misuse(model, found, what, "constants", help));
        }
    }
    for state in model.states.values() {
        let initial: &Expr = &state.initial;
        if let Err(found) = model.parameters_only(initial) {
            let what = format!("the initial value of `{}`", state.declared.name);
            let help =
                "use parameters and constants only; other values are given to the population";
            diags.push(misuse(model, found, what, "parameters", help.to_owned()));
        }
    }
    for noise in model.noises.values() {
        let Law::Ou(time) = &noise.law else { continue };
        if let Err(found) = model.parameters_only(time) {
            let what = format!("the correlation time of `{}`", noise.declared.name);
            let help = "write it with parameters and constants: `ou(τ)`".to_owned();
            diags.push(misuse(model, found, what, "parameters", help));
        }
    }
}

fn is_input(model: &Model, name: &Name) -> bool {
    model.inputs.values().any(|input| input.declared.name.text == name.text)
}

fn misuse(
    model: &Model,
    (symbol, span): (Symbol, SpanRange),
    what: String,
    may_use: &'static str,
    help: String,
) -> ConstantMisuse {
    let name = model.symbol_name(symbol).to_owned();
    ConstantMisuse { span, what, may_use, name, article: model.article(symbol), help }
}

impl From<ConstantMisuse> for Diagnostic {
    fn from(found: ConstantMisuse) -> Self {
        let ConstantMisuse { span, what, may_use, name, article, help } = found;
        let message = format!("{what} may depend on {may_use} only, but `{name}` is {article}");
        Self::new(ConstantMisuse::CODE, span, message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn correlation_times_stay() {
        expect(
            "model M {
                param τ = 5;
                input I;
                noise η: ou(2*τ + I);
                                  ^ constant_misuse: the correlation time of `η` may depend on parameters only, but `I` is an input
                state x = 0;
                dx/dt = -x + η + I;
            }",
        );
    }

    #[test]
    fn what_varies_is_marked() {
        expect(
            "model M {
                param tau = 20;
                const twice = 2*tau;
                                ^^^ constant_misuse: the value of `twice` may depend on constants only, but `tau` is a parameter
                input I;
                state x = 2*I + tau;
                            ^ constant_misuse: the initial value of `x` may depend on parameters only, but `I` is an input
                tau dx/dt = -x;
            }",
        );
    }
}
