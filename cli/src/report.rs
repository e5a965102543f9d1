//! Diagnostics for people, in the form of rustc's, and for programs, one JSON object a line.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use rate_model_compiler::diag::{Diagnostic, Severity};

/// For whom diagnostics are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    /// With the source line and carets.
    Human,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// The format of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "human" => Some(Self::Human),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Prints what was found in a file: for people to standard error, for programs to standard output.
pub(crate) fn print(file: &Path, text: &str, found: &[Diagnostic], format: Format) {
    for diagnostic in found {
        match format {
            Format::Human => {
                // Whoever does not read on has read enough.
                let _ = writeln!(std::io::stderr(), "{}\n", human(file, text, diagnostic));
            }
            Format::Json => out(&json(file, diagnostic).to_string()),
        }
    }
}

/// Prints a line to standard output. Whoever does not read on (`rates … | head`) has read enough.
pub(crate) fn out(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}

fn human(file: &Path, text: &str, diagnostic: &Diagnostic) -> String {
    let path = file.display().to_string();
    let marked = AnnotationKind::Primary.span(byte_range(text, diagnostic));
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.0);
    let snippet = Snippet::source(text).path(&path).annotation(marked);
    let mut group = Group::with_title(title).element(snippet);
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    Renderer::plain().render(&[group])
}

/// Where the marked text stands. A range that goes over several lines is marked to the end of its
/// first.
fn byte_range(text: &str, diagnostic: &Diagnostic) -> Range<usize> {
    let (first, last) = (diagnostic.span.first.start(), diagnostic.span.last.end());
    let start = byte_offset(text, first.line, first.column);
    start..byte_offset(text, last.line, last.column).max(start)
}

/// The byte at a line (from 1) and a column in characters (from 0).
fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines.clone().take(line.saturating_sub(1)).map(str::len).sum();
    let on_line = text[before..].char_indices().nth(column);
    on_line.map_or(text.len(), |(offset, _)| before + offset)
}

/// Lines and columns are counted from 1, columns in characters; the end is behind the last one.
fn json(file: &Path, diagnostic: &Diagnostic) -> serde_json::Value {
    let (first, mut last) = (diagnostic.span.first.start(), diagnostic.span.last.end());
    if (first.line, first.column) == (last.line, last.column) {
        // Where the lexer stopped is a place without extent.
        last.column += 1;
    }
    serde_json::json!({
        "file": file.display().to_string(),
        "code": diagnostic.code.0,
        "severity": diagnostic.severity.name(),
        "line": first.line,
        "column": first.column + 1,
        "end_line": last.line,
        "end_column": last.column + 1,
        "message": diagnostic.message,
        "notes": diagnostic.notes,
        "help": diagnostic.help,
    })
}
