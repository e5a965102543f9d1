//! `ROLES`: which inputs and outputs are the parts of a coupling function.

use proc_macro2::TokenStream;
use quote::quote;

use super::info::index;
use crate::collections::{Arena, Id};
use crate::model::{Declared, Model};
use crate::name::Name;
use crate::syntax::ast;

/// `impl Coupling for …`, for coupling functions; without a model, what stands in for it.
pub(super) fn roles(private: &TokenStream, ast: &ast::Model, model: Option<&Model>) -> TokenStream {
    let Some(coupling) = &ast.coupling else { return TokenStream::new() };
    let ident = &ast.name.ident;
    let roles = match model {
        None => quote!(#private::Roles::NONE),
        Some(model) => {
            let input = |name: Option<&Name>| place(&model.inputs, |one| &one.declared, name);
            let output = |name: Option<&Name>| place(&model.auxiliaries, |one| &one.declared, name);
            let [source, sum] = [&coupling.source, &coupling.sum].map(Option::as_ref).map(input);
            let [each, total] = [&coupling.each, &coupling.total].map(Option::as_ref).map(output);
            let [source, sum, each, total] = [source, sum, each, total].map(index);
            let target = match coupling.target.as_ref().map(|name| index(input(Some(name)))) {
                Some(target) => quote!(#private::Option::Some(#target)),
                None => quote!(#private::Option::None),
            };
            let is_pairwise = coupling.is_pairwise;
            quote! {
                #private::Roles {
                    source: #source,
                    target: #target,
                    sum: #sum,
                    each: #each,
                    total: #total,
                    is_pairwise: #is_pairwise,
                }
            }
        }
    };
    quote! {
        impl #private::Coupling for #ident {
            const ROLES: #private::Roles = #roles;
        }
    }
}

/// Where a name stands in a list; every part of a complete coupling function stands in one.
fn place<I: Id, T>(
    items: &Arena<I, T>,
    declared: impl Fn(&T) -> &Declared,
    name: Option<&Name>,
) -> usize {
    let is_it = |item: &T| name.is_some_and(|name| declared(item).name.text == name.text);
    items.values().position(is_it).unwrap_or_default()
}
