//! Diagnostics: typed values with a stable code, collected stage by stage, rendered in one place.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::levels::{Level, Levels};
use crate::span::SpanRange;

/// The stable name of a problem, as printed and as tests and tools see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether a model can be used in spite of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but is probably not what was meant.
    Warning,
}

impl Severity {
    /// As tools and compilers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One problem: what is wrong, where, why, and what to type instead.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that was broken.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
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
    /// An error without notes.
    pub fn new(code: Code, span: impl Into<SpanRange>, message: impl Into<String>) -> Self {
        let (message, span) = (message.into(), span.into());
        let severity = Severity::Error;
        Self { code, severity, message, span, notes: Vec::new(), help: Vec::new() }
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

    /// What makes `rustc` show it, underlined from the first to the last token of the span: a
    /// `compile_error!`, or the use of something deprecated, which is how a macro can warn.
    pub fn to_tokens(&self) -> TokenStream {
        match self.severity {
            Severity::Error => self.compile_error(),
            Severity::Warning => self.deprecation(),
        }
    }

    fn deprecation(&self) -> TokenStream {
        let (text, place) = (self.text(), self.span);
        let at = |name: &str, span: Span| Ident::new(name, span.resolved_at(Span::call_site()));
        let lint = Ident::new(self.code.0, Span::call_site());
        // Of a macro, rustc underlines the whole call: from the first to the last token.
        let (module, found) = (at("rate_model", place.first), at(self.code.0, place.last));
        let called = quote_spanned!(place.last=> ::#found! {});
        quote! {
            const _: () = {
                mod rate_model {
                    #[deprecated(note = #text)]
                    macro_rules! #lint {
                        () => {};
                    }
                    #[allow(deprecated)]
                    pub(super) use #lint;
                }
                #module #called
            };
        }
    }

    fn compile_error(&self) -> TokenStream {
        let text = self.text();
        let path = quote_spanned!(self.span.first=> ::core::compile_error!);
        let message = quote_spanned!(self.span.last=> { #text });
        quote!(#path #message)
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

    /// Records what a lint found, unless it is allowed: on the item, or else on the model.
    pub fn lint(&mut self, item: &Levels, model: &Levels, found: impl Into<Diagnostic>) {
        let mut found = found.into();
        match item.get(found.code).or_else(|| model.get(found.code)) {
            Some(Level::Allow) => return,
            Some(Level::Deny) => {
                let note = format!("`#[deny({})]` makes it an error", found.code);
                found.notes.push(note);
            }
            Some(Level::Warn) | None => found.severity = Severity::Warning,
        }
        self.found.push(found);
    }

    /// Lets the next stage begin only if nothing was found so far.
    ///
    /// # Errors
    /// [`Stopped`] when there is at least one error.
    pub fn gate(&self) -> Result<(), Stopped> {
        if self.count() == 0 { Ok(()) } else { Err(Stopped) }
    }

    /// Drops findings of a code that stand around, or on the same lines as, one of the causes.
    pub fn drop_consequences(&mut self, code: Code, causes: &[Code]) {
        let lines = |span: SpanRange| (span.first.start().line, span.last.end().line);
        let causes: Vec<_> =
            self.found.iter().filter(|found| causes.contains(&found.code)).collect();
        let causes: Vec<_> = causes.into_iter().map(|found| lines(found.span)).collect();
        self.found.retain(|found| {
            let (first, last) = lines(found.span);
            let follows = causes.iter().any(|(from, to)| *from <= last && first <= *to);
            found.code != code || !follows
        });
    }

    /// How many errors were found so far.
    pub fn count(&self) -> usize {
        self.found.iter().filter(|found| found.severity == Severity::Error).count()
    }

    /// All problems, in the order in which they were found.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.found
    }
}
