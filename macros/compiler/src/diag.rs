//! Diagnostics: typed values with a stable code, collected stage by stage, rendered in one place.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::span::SpanRange;

/// The stable name of a problem, as printed and as tests and tools see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// One problem: what is wrong, where, why, and what to type instead.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that was broken.
    pub code: Code,
    /// What is wrong, in the user's names and units.
    pub message: String,
    /// The offending token or term.
    pub span: SpanRange,
    /// Where it comes from.
    pub notes: Vec<String>,
    /// Edits that would mend it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A problem without notes.
    pub fn new(code: Code, span: impl Into<SpanRange>, message: impl Into<String>) -> Self {
        let (message, span) = (message.into(), span.into());
        Self { code, message, span, notes: Vec::new(), help: Vec::new() }
    }

    /// Adds where it comes from.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Message, code, notes and help, one a line, the way `rustc` prints them.
    pub fn text(&self) -> String {
        let headline = format!("{} [{}]", self.message, self.code);
        let notes = self.notes.iter().map(|note| format!("  = note: {note}"));
        let help = self.help.iter().map(|help| format!("  = help: {help}"));
        std::iter::once(headline).chain(notes).chain(help).collect::<Vec<_>>().join("\n")
    }

    /// A `compile_error!` that `rustc` underlines from the first to the last token of the span.
    pub fn to_tokens(&self) -> TokenStream {
        let text = self.text();
        let path = quote_spanned!(self.span.first=> ::core::compile_error!);
        let message = quote_spanned!(self.span.last=> { #text });
        quote::quote!(#path #message)
    }
}

/// What a stage found; [`Diagnostics::gate`] stops the pipeline between stages.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

/// A stage found errors: no later stage may run on its result.
#[derive(Clone, Copy, Debug)]
pub struct Stopped;

impl Diagnostics {
    /// Records a problem.
    pub fn push(&mut self, problem: impl Into<Diagnostic>) {
        self.found.push(problem.into());
    }

    /// Lets the next stage begin only if nothing was found so far.
    ///
    /// # Errors
    /// [`Stopped`] when there is at least one error.
    pub fn gate(&self) -> Result<(), Stopped> {
        if self.found.is_empty() { Ok(()) } else { Err(Stopped) }
    }

    /// How many problems were found so far.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All problems, in the order in which they were found.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.found
    }
}
