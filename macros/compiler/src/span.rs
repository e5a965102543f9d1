//! Source ranges. Stable Rust cannot join spans inside a macro, so a range keeps its two ends.

use proc_macro2::Span;

/// From the first to the last token of a piece of source text.
#[derive(Clone, Copy, Debug)]
pub struct SpanRange {
    /// Span of the first token.
    pub first: Span,
    /// Span of the last token.
    pub last: Span,
}

impl SpanRange {
    /// Line and column of its first character.
    pub fn position(self) -> (usize, usize) {
        let start = self.first.start();
        (start.line, start.column)
    }

    /// The range from the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: impl Into<Self>) -> Self {
        Self { first: self.first, last: other.into().last }
    }
}

impl From<Span> for SpanRange {
    fn from(span: Span) -> Self {
        Self { first: span, last: span }
    }
}
