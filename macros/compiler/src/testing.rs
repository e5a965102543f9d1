//! Helpers for the tests of this crate: caret tests and numbers from kernels.

use crate::check::Checked;
use crate::diag::Diagnostics;

/// The checked model of a source that has nothing wrong with it.
pub(crate) fn checked(source: &str) -> Checked {
    let mut diags = Diagnostics::default();
    let tokens = source.parse().expect("the source lexes");
    let mut models = crate::syntax::parse(tokens, &mut diags);
    let checked = models.first_mut().and_then(|ast| crate::check_model(ast, &mut diags));
    let found: Vec<_> = diags.into_vec().iter().map(crate::diag::Diagnostic::text).collect();
    checked.unwrap_or_else(|| panic!("{}", found.join("\n")))
}

/// Checks a source in which lines such as `    ^^^ code: message` say what is found above them:
/// exactly those problems, with that code, under exactly those columns, beginning with that
/// message.
#[track_caller]
pub(crate) fn expect(annotated: &str) {
    let (mut source, mut expected) = (String::new(), Vec::new());
    let mut line = 0;
    for text in annotated.lines() {
        let trimmed = text.trim_start();
        if trimmed.starts_with('^') {
            let start = text.chars().count() - trimmed.chars().count();
            let width = trimmed.chars().take_while(|c| *c == '^').count();
            let wanted = trimmed.trim_start_matches('^').trim().to_owned();
            expected.push((line, start, start + width, wanted));
        } else {
            source.push_str(text);
            source.push('\n');
            line += 1;
        }
    }
    // Models that show errors are not free of what lints find, unless it is lints that they show.
    let is_lint = |text: &str| crate::rules::LINTS.iter().any(|code| text.starts_with(code.0));
    let shows_errors = expected.iter().any(|(.., wanted)| !is_lint(wanted));
    let mut found = problems(&source);
    found.retain(|(.., text)| !shows_errors || !is_lint(text));
    for (line, start, end, wanted) in expected {
        let place = found.iter().position(|(l, s, e, text)| {
            (*l, *s, *e) == (line, start, end) && text.starts_with(&wanted)
        });
        match place {
            Some(index) => drop(found.remove(index)),
            None => panic!("line {line}, columns {start}..{end}: no `{wanted}` in {found:#?}"),
        }
    }
    assert!(found.is_empty(), "not expected: {found:#?}");
}

/// All problems of a source: line, columns, and `code: message` with notes and help.
fn problems(source: &str) -> Vec<(usize, usize, usize, String)> {
    let compiled = crate::compile(source.parse().expect("the source lexes"));
    let place = |diagnostic: &crate::diag::Diagnostic| {
        let (first, last) = (diagnostic.span.first.start(), diagnostic.span.last.end());
        let notes = diagnostic.notes.iter().map(|note| format!("; note: {note}"));
        let help = diagnostic.help.iter().map(|help| format!("; help: {help}"));
        let rest: String = notes.chain(help).collect();
        let text = format!("{}: {}{rest}", diagnostic.code, diagnostic.message);
        (first.line, first.column, last.column, text)
    };
    compiled.diagnostics.iter().map(place).collect()
}
