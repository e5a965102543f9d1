//! Stage 6: model and kernel → Rust. What is generated states the model and nothing else; the
//! machinery is generic code of the runtime, reached by absolute paths through `__private`.

mod coupling;
mod docs;
mod functions;
mod handles;
mod info;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use crate::name::has_greek;
use crate::syntax::ast;
use crate::{Home, Program};

/// All generated items of one model.
pub fn model(krate: &TokenStream, home: &Home, ast: &ast::Model, program: &Program) -> TokenStream {
    let private = quote!(__rm);
    let (model, kernel) = (program.model(), &program.kernel);
    let info = info::info(&private, ast, program);
    let lengths = [
        model.params.len(),
        kernel.outputs.derived.len(),
        model.inputs.len() + model.noises.len() + model.delays.len(),
        model.states.len(),
        model.auxiliaries.len(),
        kernel.outputs.jacobian.len(),
        kernel.outputs.diffusion.len(),
    ];
    let body = Body {
        docs: docs::of_model(ast, model),
        handles: handles::of_model(&private, model),
        info: quote!(&#info),
        arrays: array_types(&private, lengths),
        functions: functions::functions(&private, program),
        coupling: coupling::roles(&private, ast, Some(model)),
    };
    items(krate, home, ast, &body)
}

/// What stands in for a model with errors in it: its type and its names, so that no use of them
/// adds an error of rustc's to ours.
pub fn fallback(krate: &TokenStream, home: &Home, ast: &ast::Model) -> TokenStream {
    let private = quote!(__rm);
    let body = Body {
        docs: vec![" This model has errors.".to_owned()],
        handles: handles::of_ast(&private, ast),
        info: quote!(&#private::ModelInfo::EMPTY),
        arrays: array_types(&private, [0; 7]),
        functions: quote! {
            fn slopes<L: #private::Lanes>(_: &#private::Point<Self, L>) -> [#private::Slope<L>; 0] { [] }
        },
        coupling: coupling::roles(&private, ast, None),
    };
    items(krate, home, ast, &body)
}

/// A model that is based on one in another macro call: that one's macro knows what it is made of.
pub fn defer(krate: &TokenStream, ast: &ast::Model) -> TokenStream {
    let Some(base) = &ast.base else { return TokenStream::new() };
    let (path, layers) = (&base.path, &ast.layers);
    quote!(#path! { [#krate] #(#layers)* })
}

/// The macro that models based on this one call: it has the model's name, so that whoever imports
/// the model has both.
fn export(home: &Home, ast: &ast::Model) -> TokenStream {
    let ast::Model { name, conditions, visibility, layers, .. } = ast;
    // What is nested more deeply than any model could be stays here.
    let is_shallow = layers.iter().all(|layer| depth(layer.clone(), DEEPEST) <= DEEPEST);
    let (name, layers) = (&name.ident, if is_shallow { &layers[..] } else { &[] });
    // Macros that other crates can see all live at the root of their crate.
    let (home, hidden) = (&home.name, format_ident!("__rate_model_{name}_{}", home.call));
    // What is public may be a base in other crates.
    let is_public = visibility.to_string() == "pub";
    let exported = is_public.then(|| quote!(#[macro_export]));
    quote! {
        #conditions
        #[doc(hidden)]
        #[allow(unused_macros, non_local_definitions)]
        #exported
        macro_rules! #hidden {
            ([$($krate:tt)*] $($variant:tt)*) => {
                $($krate)*::__private::rate_model_variant_in! {
                    [$($krate)*] [#home] [#({ #layers })*] $($variant)*
                }
            };
        }
        #conditions
        #[doc(hidden)]
        #[allow(unused_imports)]
        #visibility use #hidden as #name;
    }
}

const DEEPEST: usize = 128;

/// How deeply the groups of a text are nested; no more than one level deeper than `most`.
fn depth(tokens: TokenStream, most: usize) -> usize {
    let of_token = |token| match token {
        TokenTree::Group(group) if most > 0 => 1 + depth(group.stream(), most - 1),
        TokenTree::Group(_) => 1,
        _ => 0,
    };
    tokens.into_iter().map(of_token).max().unwrap_or(0)
}

/// What differs between a model and its stand-in.
struct Body {
    docs: Vec<String>,
    handles: TokenStream,
    info: TokenStream,
    arrays: TokenStream,
    functions: TokenStream,
    /// What makes a coupling function of it, if it is one.
    coupling: TokenStream,
}

fn items(krate: &TokenStream, home: &Home, ast: &ast::Model, body: &Body) -> TokenStream {
    let name = &ast.name.ident;
    let item = type_item(ast, &body.docs);
    let Body { handles, info, arrays, functions, coupling, .. } = body;
    let lambda = one_certain_greek_letter(ast);
    let export = export(home, ast);
    // What belongs to the type is there only when the type is.
    let conditions = &ast.conditions;
    quote! {
        #item
        #export
        #conditions
        #[allow(clippy::all)]
        const _: () = {
            use #krate::__private as __rm;
            #lambda
            #handles
            impl __rm::RateModel for #name {
                const INFO: &'static __rm::ModelInfo = #info;
                #arrays
                #functions
            }
            #coupling
        };
    }
}

/// The type. Its `struct` has the place of `model`, so that rustc, when it speaks of the type, does
/// not underline the whole call.
fn type_item(ast: &ast::Model, docs: &[String]) -> TokenStream {
    let ast::Model { attributes, visibility, name, keyword, .. } = ast;
    let ident = &name.ident;
    let item = quote_spanned!(*keyword=> struct #ident;);
    quote! {
        #(#[doc = #docs])*
        #attributes
        #visibility #item
    }
}

/// rustc warns once per crate when all Greek letters in it look like Latin ones (τ, ν, α). One
/// letter that does not (λ) is enough to show that Greek is meant.
fn one_certain_greek_letter(ast: &ast::Model) -> TokenStream {
    let greek = |item: &ast::Item| match item {
        ast::Item::Time(time) => has_greek(&time.name.text),
        ast::Item::Declaration(declaration) => has_greek(&declaration.name.text),
        ast::Item::Function(_) | ast::Item::Equation(_) | ast::Item::Removal(_) => false,
    };
    let unread = ast.unread.iter().any(|(_, name)| has_greek(&name.text));
    if !has_greek(&ast.name.text) && !unread && !ast.items.iter().any(greek) {
        return TokenStream::new();
    }
    let lambda: Ident = format_ident!("__λ");
    quote!(let #lambda = ();)
}

fn array_types(private: &TokenStream, lengths: [usize; 7]) -> TokenStream {
    let kinds = ["Params", "Derived", "Inputs", "States", "Auxiliaries", "Jacobian", "Diffusion"];
    let types = kinds.into_iter().zip(lengths).map(|(kind, length)| {
        let (kind, length) = (format_ident!("{kind}"), info::index(length));
        quote!(type #kind<V: #private::Copy> = [V; #length];)
    });
    quote!(#(#types)*)
}

#[cfg(test)]
mod tests;
