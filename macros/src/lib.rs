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

/// `rate_model_variant_in! { [path::of::the::runtime] [{ base } { … }] model }`
#[doc(hidden)]
#[proc_macro]
pub fn rate_model_variant_in(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let (krate, layers) = (group(tokens.next()), group(tokens.next()));
    let layers = layers.into_iter().map(|layer| group(Some(layer)).into()).collect();
    expand(&krate, &compile_variant(layers, tokens.collect::<TokenStream>().into()))
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
    generate(&krate.clone().into(), compiled).into()
}
