//! The compiler of the model language: an ordinary library, used by the macro `rate_model!` and by
//! anything else that wants to read models.
//!
//! ```text
//! tokens ──syntax──▶ ast::Model ──model──▶ Model ──check──▶ Checked ──kernel──▶ Kernel
//!        ──passes──▶ Kernel ──codegen──▶ Rust tokens
//! ```
//!
//! Every stage has a type of its own and collects all problems it finds ([`diag::Diagnostics`]);
//! the next stage runs only on a result without any. The compiler does no input or output, and its
//! result depends on nothing but its tokens.

pub mod builtins;
pub mod check;
pub mod codegen;
pub mod collections;
pub mod diag;
pub mod kernel;
pub mod model;
pub mod name;
pub mod passes;
pub mod rules;
pub mod span;
pub mod syntax;
#[cfg(test)]
mod testing;
pub mod unit;

use proc_macro2::TokenStream;
use quote::quote;

use check::Checked;
use diag::{Diagnostic, Diagnostics};
use kernel::Kernel;
use syntax::ast;

/// What became of the text of one macro call.
#[derive(Debug)]
pub struct Compiled {
    /// Every model that could be read, in the order written.
    pub models: Vec<CompiledModel>,
    /// Every problem found.
    pub diagnostics: Vec<Diagnostic>,
}

/// What became of one model.
#[derive(Debug)]
pub struct CompiledModel {
    /// The model as written.
    pub ast: ast::Model,
    /// The model and its formulas, if nothing is wrong with it.
    pub program: Option<(Checked, Kernel)>,
}

/// Compiles the text of one macro call: the whole pipeline but for code generation.
pub fn compile(tokens: TokenStream) -> Compiled {
    let mut diags = Diagnostics::default();
    let mut asts = syntax::parse(tokens, &mut diags);
    rules::duplicate_name::remove_duplicate_models(&mut asts, &mut diags);
    let mut diagnostics = diags.into_vec();
    let mut models = Vec::new();
    for ast in asts {
        let mut diags = Diagnostics::default();
        // A model with a syntax error lacks items; checking it would blame what is left.
        let checked = if ast.is_complete { check_model(&ast, &mut diags) } else { None };
        let program = checked.map(|checked| {
            let kernel = passes::run(kernel::lower::lower(&checked), checked.model());
            (checked, kernel)
        });
        diagnostics.extend(diags.into_vec());
        models.push(CompiledModel { ast, program });
    }
    diagnostics.sort_by_key(|found| found.span.position());
    // What is wrong in a function is wrong wherever it is called.
    diagnostics.dedup_by_key(|found| (found.code, found.span.position()));
    Compiled { models, diagnostics }
}

/// Compiles the text of a file that holds what would stand between the braces of a macro call.
pub fn compile_text(text: &str) -> Compiled {
    match syntax::lexical::tokens(text) {
        Ok(tokens) => compile(tokens),
        Err(problem) => Compiled { models: Vec::new(), diagnostics: vec![problem.into()] },
    }
}

/// Resolves and checks one model.
fn check_model(ast: &ast::Model, diags: &mut Diagnostics) -> Option<Checked> {
    let model = model::resolve(ast, diags)?;
    check::check(&model, diags).ok()
}

/// Rust for what was compiled. `krate` is the path of the runtime crate in the user's crate.
///
/// Every problem becomes a `compile_error!` at its place; the types are emitted all the same, so
/// that no error of rustc's follows ours.
pub fn generate(krate: &TokenStream, compiled: &Compiled) -> TokenStream {
    let errors = compiled.diagnostics.iter().map(Diagnostic::to_tokens);
    let models = compiled.models.iter().map(|model| match &model.program {
        Some((checked, kernel)) => codegen::model(krate, &model.ast, checked.model(), kernel),
        None => codegen::fallback(krate, &model.ast),
    });
    quote!(#(#errors)* #(#models)*)
}

#[cfg(test)]
mod tests {
    /// The language reference, which the runtime crate shows as documentation of its macro.
    const REFERENCE: &str = include_str!("../../../runtime/docs/language.md");

    #[test]
    fn the_reference_names_every_function() {
        for builtin in crate::builtins::TABLE {
            assert!(REFERENCE.contains(builtin.name), "`{}` is missing", builtin.name);
        }
    }

    #[test]
    fn the_reference_names_every_code() {
        for code in crate::rules::CODES {
            assert!(REFERENCE.contains(&format!("`{code}`")), "`{code}` is missing");
        }
    }
}
