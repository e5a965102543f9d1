//! The procedural half of `rate_model!`. Use it through the crate `rate-model`, whose macro of the
//! same name forwards here together with the path of that crate, so that it works under any name.

use std::sync::atomic::{AtomicU64, Ordering};

use proc_macro::{TokenStream, TokenTree};
use rate_model_compiler::{Compiled, Home, compile, compile_variant, generate};

/// Like `rate_model!` of the crate `rate-model`, for users who depend on it under that name.
#[proc_macro]
pub fn rate_model(models: TokenStream) -> TokenStream {
    let krate = "::rate_model".parse().unwrap_or_default();
    expand(&krate, &compile(models.into()))
}

/// `rate_model_in! { [path::of::the::runtime] models }`
#[doc(hidden)]
#[proc_macro]
pub fn rate_model_in(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let krate = group(tokens.next());
    expand(&krate, &compile(tokens.collect::<TokenStream>().into()))
}

/// `rate_model_variant_in! { [path::of::the::runtime] ["crate of the base"] [{ base } { … }] model }`
#[doc(hidden)]
#[proc_macro]
pub fn rate_model_variant_in(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let [krate, home, layers] = [0; 3].map(|_| group(tokens.next()));
    let layers = layers.into_iter().map(|layer| group(Some(layer)).into()).collect();
    let is_foreign = home.to_string() != format!("{:?}", crate_name());
    expand(&krate, &compile_variant(layers, is_foreign, tokens.collect::<TokenStream>().into()))
}

/// The crate that is being compiled, as far as cargo says: a binary may have the name of the library
/// beside it.
fn crate_name() -> String {
    let part = |name: &str| std::env::var(name).unwrap_or_default();
    [part("CARGO_CRATE_NAME"), part("CARGO_BIN_NAME")].join(" ")
}

/// How many macro calls there were in this crate: rustc has a process for each.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// What stands in brackets.
fn group(token: Option<TokenTree>) -> TokenStream {
    match token {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    }
}

fn expand(krate: &TokenStream, compiled: &Compiled) -> TokenStream {
    // The one effect a macro may have: telling a person who asked for it.
    if std::env::var("RATE_MODEL_DUMP").is_ok_and(|wanted| wanted == "kernel") {
        for program in compiled.models.iter().filter_map(|model| model.program.as_ref()) {
            eprintln!("kernel of `{}`:\n{}", program.model().name, program.kernel);
        }
    }
    let home = Home { name: crate_name(), call: CALLS.fetch_add(1, Ordering::Relaxed) };
    generate(&krate.clone().into(), &home, compiled).into()
}
