//! The procedural half of `rate_model!`. Use it through the crate `rate-model`, whose macro of the
//! same name forwards here together with the path of that crate, so that it works under any name.

use proc_macro::{TokenStream, TokenTree};
use rate_model_compiler::{Compiled, compile, compile_variant, generate};

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

/// The crate that is being compiled, as far as cargo says.
fn crate_name() -> String {
    std::env::var("CARGO_CRATE_NAME").unwrap_or_default()
}

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
    generate(&krate.clone().into(), &crate_name(), compiled).into()
}
