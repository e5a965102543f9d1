//! The procedural half of `rate_model!`. Use it through the crate `rate-model`, whose macro of the
//! same name forwards here together with the path of that crate, so that it works under any name.

use proc_macro::{TokenStream, TokenTree};

/// Like `rate_model!` of the crate `rate-model`, for users who depend on it under that name.
#[proc_macro]
pub fn rate_model(models: TokenStream) -> TokenStream {
    let krate = "::rate_model".parse::<TokenStream>().unwrap_or_default();
    rate_model_compiler::expand(&krate.into(), models.into()).into()
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
    rate_model_compiler::expand(&krate.into(), tokens.collect::<TokenStream>().into()).into()
}
