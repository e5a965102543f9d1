//! Handles: one associated constant for each name, in its own and in its ASCII spelling.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::collections::Id;
use crate::model::{Declared, Model};
use crate::name::Name;
use crate::syntax::ast::{self, Kind};

/// The handles of a model.
pub(super) fn of_model(private: &TokenStream, model: &Model) -> TokenStream {
    let params = model.params.iter().map(|(id, item)| (Kind::Param, id.index(), &item.declared));
    let inputs = model.inputs.iter().map(|(id, item)| (Kind::Input, id.index(), &item.declared));
    let states = model.states.iter().map(|(id, item)| (Kind::State, id.index(), &item.declared));
    let auxiliaries = model.auxiliaries.iter().map(|(id, item)| {
        let kind = if item.is_output { Kind::Output } else { Kind::Let };
        (kind, id.index(), &item.declared)
    });
    let noises = model.noises.iter().map(|(id, item)| (Kind::Noise, id.index(), &item.declared));
    let all = params.chain(inputs).chain(states).chain(auxiliaries).chain(noises);
    let handles = all.map(|(kind, index, declared)| {
        let name = &declared.name;
        handle(private, kind, name, index, &documentation(kind, declared), &aliases(name))
    });
    block(&model.name.ident, &quote!(#(#handles)*))
}

/// The handles of a model with errors in it: the names are there, the indices mean nothing.
pub(super) fn of_ast(private: &TokenStream, ast: &ast::Model) -> TokenStream {
    let declared = ast.items.iter().filter_map(|item| match item {
        ast::Item::Declaration(declaration) => Some((declaration.kind, &declaration.name)),
        _ => None,
    });
    let all = declared.chain(ast.unread.iter().map(|(kind, name)| (*kind, name)));
    let mut taken = HashSet::new();
    let mut handles = TokenStream::new();
    for (kind, name) in all.filter(|(kind, _)| *kind != Kind::Const) {
        let is_free =
            syn::parse_str::<Ident>(&name.text).is_ok() && taken.insert(name.text.clone());
        if is_free {
            let aliases: Vec<_> =
                aliases(name).into_iter().filter(|alias| taken.insert(alias.clone())).collect();
            handles.extend(handle(private, kind, name, 0, &name.text, &aliases));
        }
    }
    block(&ast.name.ident, &handles)
}

/// Other spellings of a name: in ASCII, and with each letter in its usual form (`µ` is `μ`).
fn aliases(name: &Name) -> Vec<String> {
    let mut aliases = vec![name.text.clone(), name.ascii()];
    aliases.dedup();
    aliases.retain(|alias| name.ident != *alias);
    aliases
}

fn block(model: &Ident, handles: &TokenStream) -> TokenStream {
    quote! {
        #[allow(dead_code, non_upper_case_globals)]
        impl #model {
            #handles
        }
    }
}

fn documentation(kind: Kind, declared: &Declared) -> String {
    let Declared { name, docs, unit, .. } = declared;
    let unit = match unit.to_string() {
        one if one == "1" => String::new(),
        unit => format!(" in {unit}"),
    };
    let colon = if docs.is_empty() { "" } else { ": " };
    format!("{} `{name}`{unit}{colon}{}", noun(kind), docs.join(" "))
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Param => "Parameter",
        Kind::Input => "Input",
        Kind::State => "State",
        Kind::Const | Kind::Let => "Auxiliary",
        Kind::Output => "Output",
        Kind::Noise => "Noise",
    }
}

fn handle(
    private: &TokenStream,
    kind: Kind,
    name: &Name,
    index: usize,
    doc: &str,
    aliases: &[String],
) -> TokenStream {
    let handle_type = match kind {
        Kind::Param => quote!(Param),
        Kind::Input => quote!(Input),
        Kind::State => quote!(State),
        Kind::Const | Kind::Let => quote!(Auxiliary),
        Kind::Output => quote!(Output),
        Kind::Noise => quote!(Noise),
    };
    let (ident, index) = (&name.ident, super::info::index(index));
    let doc_of_alias = format!("Another spelling of `{name}`");
    let aliases = aliases.iter().map(|alias| format_ident!("{alias}", span = name.span()));
    quote! {
        #[doc = #doc]
        pub const #ident: #private::#handle_type<Self> = #private::#handle_type::new(#index);
        #(#[doc = #doc_of_alias] pub const #aliases: #private::#handle_type<Self> = Self::#ident;)*
    }
}
