//! What Rust's lexer refuses, for whoever reads models from files: inside a macro call, rustc itself
//! reports it.

use proc_macro2::{LexError, TokenStream};

use crate::rules::syntax::Syntax;

/// Characters of mathematics that are no Rust, and what to write instead.
const SPELLINGS: [(&str, &str); 12] = [
    ("′", "write the derivative of ν as `dν/dt`"),
    ("'", "write the derivative of ν as `dν/dt`"),
    ("∂", "write a derivative as `dν/dt`"),
    ("²", "write a square as `x^2`"),
    ("³", "write a third power as `x^3`"),
    ("√", "write a square root as `sqrt(x)`"),
    ("≤", "write `<=`"),
    ("≥", "write `>=`"),
    ("≠", "write `!=`"),
    ("−", "this is a typographic minus: write `-`"),
    ("×", "write a product as `a*b`"),
    ("∞", "there is no infinity in the model language"),
];

/// The tokens of a text.
///
/// # Errors
/// Where the lexer stopped, with what to write instead.
pub fn tokens(text: &str) -> Result<TokenStream, Syntax> {
    text.parse().map_err(|error: LexError| {
        let problem = Syntax::new(error.span(), "this is no token of Rust, nor of models");
        let start = error.span().start();
        let line = text.lines().nth(start.line.saturating_sub(1)).unwrap_or_default();
        let rest: String = line.chars().skip(start.column).collect();
        // The lexer may stop before the culprit; the first on the line is likely to be it.
        let here = SPELLINGS.iter().find(|(foreign, _)| rest.starts_with(foreign));
        let near = here.or_else(|| SPELLINGS.iter().find(|(foreign, _)| rest.contains(foreign)));
        match near {
            Some((foreign, help)) => problem.help(format!("`{foreign}`: {help}")),
            None => problem.help("check that every bracket and quote is closed"),
        }
    })
}
