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
pub mod explain;
pub mod hash;
pub mod kernel;
pub mod levels;
pub mod model;
pub mod name;
pub mod passes;
pub mod rules;
pub mod span;
pub mod syntax;
#[cfg(test)]
mod testing;
pub mod unit;
mod variants;

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
    /// The model as written, with what it has from the one it is based on.
    pub ast: ast::Model,
    /// The model and its formulas, if nothing is wrong with it.
    pub program: Option<Program>,
    /// Whether it is based on a model that is not in the text.
    pub is_deferred: bool,
}

/// A model with nothing wrong in it, and its formulas.
#[derive(Debug)]
pub struct Program {
    checked: Checked,
    /// The formulas with their derivatives, as mathematics.
    pub formulas: Kernel,
    /// The same, ready for code generation.
    pub kernel: Kernel,
    /// Products of the Jacobian with a vector behind it.
    pub tangents: Kernel,
    /// Products of the Jacobian with a vector before it.
    pub adjoints: Kernel,
}

impl Program {
    fn new(checked: Checked) -> Self {
        let formulas = passes::derive(kernel::lower::lower(&checked), checked.model());
        let kernel = passes::optimise(formulas.clone());
        let tangents = passes::products::tangents(&formulas, checked.model());
        let adjoints = passes::products::adjoints(&formulas, checked.model());
        Self { checked, formulas, kernel, tangents, adjoints }
    }

    /// The model.
    pub fn model(&self) -> &model::Model {
        self.checked.model()
    }
}

/// Where models are that the models of a text are based on, if not in the text.
enum Bases {
    /// In other macro calls: what is based on them is compiled with their help, later.
    Elsewhere,
    /// Here: as they were written, the oldest first.
    Layers(Vec<TokenStream>),
    /// Nowhere.
    None,
}

/// Compiles the text of one macro call: the whole pipeline but for code generation.
pub fn compile(tokens: TokenStream) -> Compiled {
    compile_with(tokens, &Bases::Elsewhere)
}

/// Compiles one model that is based on another, given by its layers. What is found in the text of a
/// base in another crate, which rustc cannot show, is shown at the name of the base.
pub fn compile_variant(
    layers: Vec<TokenStream>,
    is_foreign: bool,
    tokens: TokenStream,
) -> Compiled {
    // What is wrong with the base by itself was said where it stands.
    let known = match layers.split_last() {
        Some((base, [])) => compile_with(base.clone(), &Bases::None).diagnostics,
        Some((base, older)) => {
            compile_with(base.clone(), &Bases::Layers(older.to_vec())).diagnostics
        }
        None => Vec::new(),
    };
    let mut compiled = compile_with(tokens, &Bases::Layers(layers));
    let place = |found: &Diagnostic| (found.code, found.span.position(), found.span.first.file());
    let known: Vec<_> = known.iter().map(place).collect();
    compiled.diagnostics.retain(|found| !known.contains(&place(found)));
    if is_foreign {
        variants::bring_home(&mut compiled);
    }
    compiled
}

/// Compiles the text of a file that holds what would stand between the braces of a macro call.
pub fn compile_text(text: &str) -> Compiled {
    match syntax::lexical::tokens(text) {
        Ok(tokens) => compile_with(tokens, &Bases::None),
        Err(problem) => Compiled { models: Vec::new(), diagnostics: vec![problem.into()] },
    }
}

fn compile_with(tokens: TokenStream, bases: &Bases) -> Compiled {
    let mut diags = Diagnostics::default();
    let mut asts = syntax::parse(tokens, &mut diags);
    rules::duplicate_name::remove_duplicate_models(&mut asts, &mut diags);
    let (asts, deferred) = variants::derive(asts, bases, &mut diags);
    let mut diagnostics = diags.into_vec();
    let mut models = Vec::new();
    for mut ast in asts {
        let mut diags = Diagnostics::default();
        // A model with a syntax error lacks items; checking it would blame what is left.
        let checked = if ast.is_complete { check_model(&mut ast, &mut diags) } else { None };
        let program = checked.map(Program::new);
        diagnostics.extend(variants::located(&ast, diags.into_vec()));
        models.push(CompiledModel { ast, program, is_deferred: false });
    }
    let deferred = deferred.into_iter();
    models.extend(deferred.map(|ast| CompiledModel { ast, program: None, is_deferred: true }));
    diagnostics.sort_by_key(|found| found.span.position());
    // What is wrong in a function is wrong wherever it is called, what is wrong in a model in all
    // that are based on it.
    diagnostics.dedup_by_key(|found| (found.code, found.span.position()));
    Compiled { models, diagnostics }
}

/// Resolves and checks one model.
fn check_model(ast: &mut ast::Model, diags: &mut Diagnostics) -> Option<Checked> {
    rules::shadowed_builtin::check(ast, diags);
    model::expand_second_order(ast, diags);
    let model = model::resolve(ast, diags)?;
    check::check(&model, diags).ok()
}

/// Where code is generated for.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// What the crate is called: models in others are told apart by it.
    pub name: String,
    /// Which macro call of the crate it is: tells macros for models of one name apart.
    pub call: u64,
}

/// Rust for what was compiled. `krate` is the path of the runtime crate in the user's crate.
///
/// Every problem becomes a `compile_error!` at its place; the types are emitted all the same, so
/// that no error of rustc's follows ours.
pub fn generate(krate: &TokenStream, home: &Home, compiled: &Compiled) -> TokenStream {
    let errors = compiled.diagnostics.iter().map(Diagnostic::to_tokens);
    let models = compiled.models.iter().map(|model| match &model.program {
        _ if model.is_deferred => codegen::defer(krate, &model.ast),
        Some(program) => codegen::model(krate, home, &model.ast, program),
        None => codegen::fallback(krate, home, &model.ast),
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
        for code in crate::rules::ERRORS.into_iter().chain(crate::rules::LINTS) {
            assert!(REFERENCE.contains(&format!("`{code}`")), "`{code}` is missing");
        }
    }
}
