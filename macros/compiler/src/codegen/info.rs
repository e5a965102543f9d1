//! `INFO`: names, units, documentation, defaults and conditions as data.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::Program;
use crate::collections::Id;
use crate::explain::classify::{Class, Form};
use crate::kernel::{Column, Kernel, Op, Row, ValueId};
use crate::model::eval::Constants;
use crate::model::{Arith, Bound, Declared, Expr, ExprKind, Law, Model, Sense, Symbol};
use crate::passes::dce::reachable;
use crate::syntax::ast::{self, BinaryOp};
use crate::{explain, hash};

/// The expression of type `ModelInfo`.
pub(super) fn info(private: &TokenStream, ast: &ast::Model, program: &Program) -> TokenStream {
    let (model, kernel) = (program.model(), &program.kernel);
    let explanation = explain::explain(ast, program);
    let hash = Literal::u64_unsuffixed(hash::of_equations(model));
    let name = &model.name.text;
    let time = time(private, model);
    let constants = Constants::of(model);
    let params = model.params.values().map(|param| {
        let symbol = symbol(private, &param.declared);
        let default = constant(private, &constants, &param.default);
        quote!(#symbol.with_default(#default))
    });
    let bounds = model.params.iter().flat_map(|(id, param)| {
        let bounds = param.bounds.iter();
        bounds.map(move |one| (id.index(), one))
    });
    let bounds = bounds.map(|(param, one)| bound(private, &constants, param, one));
    let inputs = model.inputs.values().map(|input| {
        let symbol = symbol(private, &input.declared);
        let default = match &input.default {
            Some(default) => constant(private, &constants, default),
            None => number(private, 0.0),
        };
        quote!(#symbol.with_default(#default))
    });
    let states = model.states.values().map(|state| {
        let symbol = symbol(private, &state.declared);
        let initial = constants.value(&state.initial).ok().map(|initial| {
            let initial = number(private, initial);
            quote!(.with_default(#initial))
        });
        quote!(#symbol #initial)
    });
    let auxiliaries = model.auxiliaries.values().zip(&kernel.outputs.auxiliaries);
    let auxiliaries = auxiliaries.map(|(auxiliary, value)| {
        let symbol = symbol(private, &auxiliary.declared);
        let passes_inputs = uses_inputs(kernel, *value).then(|| quote!(.passing_inputs()));
        quote!(#symbol #passes_inputs)
    });
    let equations = equations(private, program);
    let jacobian = jacobian(model, kernel);
    let noises = noises(private, model);
    let delays = delays(private, model);
    let diffusion: Vec<_> = kernel
        .outputs
        .diffusion
        .iter()
        .map(|(drive, _)| {
            let (state, noise) = (index(drive.state), index(drive.noise));
            quote!([#state, #noise])
        })
        .collect();
    // Most models have none of these.
    let given =
        [(quote!(noises), noises), (quote!(diffusion), diffusion), (quote!(delays), delays)];
    let given = given.into_iter().filter(|(_, items)| !items.is_empty());
    let given = given.map(|(field, items)| quote!(#field: &[#(#items),*]));
    let turns = turns(program).then(|| quote!(turns: true,));
    quote! {
        #private::ModelInfo {
            name: #name,
            time: #time,
            params: &[#(#params),*],
            bounds: &[#(#bounds),*],
            inputs: &[#(#inputs),*],
            states: &[#(#states),*],
            equations: &[#(#equations),*],
            auxiliaries: &[#(#auxiliaries),*],
            jacobian: &[#(#jacobian),*],
            explanation: #explanation,
            hash: #hash,
            #(#given,)*
            #turns
            ..#private::ModelInfo::EMPTY
        }
    }
}

/// What is known of each equation.
fn equations(private: &TokenStream, program: &Program) -> Vec<TokenStream> {
    let equation = |class: Class| {
        let form = match class.form {
            Form::Constant => quote!(Constant),
            Form::Exact => quote!(Linear),
            Form::Block(_) => quote!(LinearBlock),
            Form::Exponential(_) => quote!(ConditionallyLinear),
            Form::Generic(_) => quote!(Nonlinear),
        };
        let white = match class.noise {
            explain::classify::Noise::None => quote!(None),
            explain::classify::Noise::Additive => quote!(Additive),
            explain::classify::Noise::Multiplicative { own: true } => quote!(OwnState),
            explain::classify::Noise::Multiplicative { own: false } => quote!(Multiplicative),
        };
        let fixed_slope = class.fixed_slope;
        quote! {
            #private::Equation::new(#private::Form::#form, #private::White::#white, #fixed_slope)
        }
    };
    let classes = explain::classify::classify(program.model(), &program.formulas);
    classes.into_iter().map(equation).collect()
}

/// Whether anything that the runtime computes has a sine, cosine or tangent in it.
fn turns(program: &Program) -> bool {
    let turns = |op: &Op| match op {
        Op::Call(builtin, _) => matches!(builtin.name, "sin" | "cos" | "tan"),
        _ => false,
    };
    let kernels = [&program.kernel, &program.tangents, &program.adjoints];
    kernels.iter().any(|kernel| kernel.values.values().any(turns))
}

/// Each noise with its law. Those with a correlation time have it among the derived values, in
/// order.
fn noises(private: &TokenStream, model: &Model) -> Vec<TokenStream> {
    let mut slots = 0..;
    let noise = |noise: &crate::model::Noise| {
        let symbol = symbol(private, &noise.declared);
        let law = match noise.law {
            Law::White(Sense::Ito) => quote!(White),
            Law::White(Sense::Stratonovich) => quote!(WhiteStratonovich),
            Law::PerStep => quote!(PerStep),
            Law::Ou(_) => {
                let slot = slots.next().map(index);
                quote!(Ou { time: #slot })
            }
        };
        quote!(#private::NoiseInfo { symbol: #symbol, law: #private::Law::#law })
    };
    model.noises.values().map(noise).collect()
}

/// Each past value: of what, and where the delay stands among the derived values.
fn delays(private: &TokenStream, model: &Model) -> Vec<TokenStream> {
    let is_ou = |noise: &&crate::model::Noise| matches!(noise.law, Law::Ou(_));
    let first = model.noises.values().filter(is_ou).count();
    let delay = |(slot, delay): (usize, &crate::model::Delay)| {
        let source = match delay.source {
            Symbol::State(id) => {
                let id = index(id.index());
                quote!(State(#id))
            }
            Symbol::Aux(id) => {
                let id = index(id.index());
                quote!(Auxiliary(#id))
            }
            _ => unreachable!("`delay_of_parameter` refuses everything else"),
        };
        let (text, slot) = (&delay.text, index(slot));
        quote! {
            #private::DelayInfo { source: #private::Place::#source, time: #slot, text: #text }
        }
    };
    (first..).zip(model.delays.values()).map(delay).collect()
}

fn time(private: &TokenStream, model: &Model) -> TokenStream {
    if !model.has_units {
        return quote!(#private::TimeBase::None);
    }
    let (symbol, seconds) = (model.time_unit.to_string(), number(private, model.time_unit.in_si()));
    quote!(#private::TimeBase::unit(#symbol, #seconds))
}

/// Whether an auxiliary passes an input on within one evaluation.
fn uses_inputs(kernel: &Kernel, value: ValueId) -> bool {
    let used = reachable(kernel, &[value]);
    kernel.values.iter().any(|(id, op)| used[id.index()] && matches!(op, Op::Input(_)))
}

/// Row and column of each entry. States come first: in rows before auxiliaries, in columns before
/// inputs.
fn jacobian(model: &Model, kernel: &Kernel) -> Vec<TokenStream> {
    let entries = kernel.outputs.jacobian.iter().map(|(entry, _)| {
        let row = index(match entry.row {
            Row::State(state) => state,
            Row::Output(auxiliary) => model.states.len() + auxiliary,
        });
        let column = index(match entry.column {
            Column::State(state) => state,
            Column::Input(input) => model.states.len() + input,
        });
        quote!([#row, #column])
    });
    entries.collect()
}

fn symbol(private: &TokenStream, declared: &Declared) -> TokenStream {
    let Declared { name, docs, unit, .. } = declared;
    let (text, ascii) = (&name.text, name.ascii());
    let unit = match unit.to_string() {
        one if one == "1" => String::new(),
        unit => unit,
    };
    let documented = (!docs.is_empty()).then(|| {
        let doc = docs.join(" ");
        quote!(.documented(#doc))
    });
    quote!(#private::Symbol::new(#text, #ascii, #unit)#documented)
}

fn bound(private: &TokenStream, constants: &Constants, param: usize, bound: &Bound) -> TokenStream {
    let op = match bound.op {
        BinaryOp::Lt => quote!(less),
        BinaryOp::Le => quote!(at_most),
        BinaryOp::Gt => quote!(greater),
        _ => quote!(at_least),
    };
    let (param, text) = (index(param), &bound.text);
    let limit = match scaled_parameter(&bound.limit) {
        Some((other, factor)) => {
            let (other, factor) = (index(other), number(private, factor));
            quote!(#private::Limit::Param { index: #other, factor: #factor })
        }
        None => {
            let value = constant(private, constants, &bound.limit);
            quote!(#private::Limit::Value(#value))
        }
    };
    quote!(#private::Bound::#op(#param, #limit, #text))
}

/// A limit that is a parameter, perhaps in another unit.
fn scaled_parameter(limit: &Expr) -> Option<(usize, f64)> {
    match &limit.kind {
        ExprKind::Symbol(Symbol::Param(id)) => Some((id.index(), 1.0)),
        ExprKind::Arith(Arith::Mul, factor, param) => match (&factor.kind, &param.kind) {
            (ExprKind::Number(factor, None), ExprKind::Symbol(Symbol::Param(id))) => {
                Some((id.index(), *factor))
            }
            _ => None,
        },
        _ => None,
    }
}

fn constant(private: &TokenStream, constants: &Constants, expr: &Expr) -> TokenStream {
    let value = constants.value(expr).expect("`constant_misuse` refuses everything else");
    number(private, value)
}

/// A literal without type suffix: generated code is read by people.
pub(super) fn index(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}

/// A literal, or the path of the constant where there is no literal.
pub(super) fn number(private: &TokenStream, value: f64) -> TokenStream {
    if value.is_nan() {
        quote!(#private::f64::NAN)
    } else if value.is_infinite() && value > 0.0 {
        quote!(#private::f64::INFINITY)
    } else if value.is_infinite() {
        quote!(#private::f64::NEG_INFINITY)
    } else {
        let literal = Literal::f64_unsuffixed(value.abs());
        if value.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) }
    }
}
