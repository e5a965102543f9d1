//! The procedural half of `rate_model!`. Use it through the crate `rate-model`, whose macro of the
//! same name forwards here together with the path of that crate, so that it works under any name.

use proc_macro::{TokenStream, TokenTree};
use rate_model_compiler::{compile, generate};

/// Like `rate_model!` of the crate `rate-model`, for users who depend on it under that name.
#[proc_macro]
pub fn rate_model(models: TokenStream) -> TokenStream {
    let krate = "::rate_model".parse().unwrap_or_default();
    expand(krate, models)
}

/// `rate_model_in! { [path::of::the::runtime] models }`
#[doc(hidden)]
#[proc_macro]
pub fn rate_model_in(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let krate = match tokens.next() {
        Some(TokenTree::Group(path)) => path.stream(),
        _ => TokenStream::new(),
    };
    expand(krate, tokens.collect())
}

fn expand(krate: TokenStream, models: TokenStream) -> TokenStream {
    let compiled = compile(models.into());
    // The one effect a macro may have: telling a person who asked for it.
    if std::env::var("RATE_MODEL_DUMP").is_ok_and(|wanted| wanted == "kernel") {
        for (checked, kernel) in compiled.models.iter().filter_map(|model| model.program.as_ref()) {
            eprintln!("kernel of `{}`:\n{kernel}", checked.model().name);
        }
    }
    generate(&krate.into(), &compiled).into()
}
