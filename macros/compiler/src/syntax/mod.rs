//! Stage 1: tokens → [`ast`]. Recovers at every `;`, so that one slip does not hide the next.

pub mod ast;
pub(crate) mod coupling;
mod cursor;
mod expr;
mod item;
pub mod lexical;
pub mod print;
mod unit;
pub(crate) mod variant;

use proc_macro2::TokenStream;

use crate::diag::Diagnostics;
use crate::rules::syntax::Syntax;
use cursor::Cursor;

/// Reads the models between the braces of one macro call.
pub fn parse(tokens: TokenStream, diags: &mut Diagnostics) -> Vec<ast::Model> {
    let mut cursor = Cursor::new(tokens);
    if cursor.at_end() {
        let empty = Syntax::new(cursor.span(), "there is no model here");
        diags.push(empty.help("a model is written `model Name { … }`"));
    }
    let mut models = Vec::new();
    while !cursor.at_end() {
        models.extend(item::model(&mut cursor, diags));
    }
    models
}

/// Reads one model again that was read before, in a layer of another; what is wrong with it was
/// reported there.
pub(crate) fn layer(tokens: TokenStream) -> Option<ast::Model> {
    item::model(&mut Cursor::new(tokens), &mut Diagnostics::default())
}
