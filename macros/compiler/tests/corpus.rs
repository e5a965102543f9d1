//! The corpus of models: each mistake is found with its code under its tokens, and nothing else is;
//! correct models, among them all of `models/`, have no finding at all.
//!
//! In `tests/corpus/broken`, comment lines mark what is found in the line above them:
//!
//! ```text
//!     tau dr/dt = -r + Q;
//!     //               ^ unknown_name
//! ```

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use rate_model_compiler::diag::{Diagnostic, Severity};
use rate_model_compiler::{Compiled, compile, compile_text, generate};

/// A finding: line, first column, column behind the last (from 1, in characters), code.
type Finding = (usize, usize, usize, String);

/// All files of a folder and its folders, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rate") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file")
}

/// What comments say is found.
fn expected(text: &str) -> Vec<Finding> {
    let mut line = 0;
    let mut findings = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        let marks = text.trim_start().strip_prefix("//").map(str::trim_start);
        match marks.filter(|marks| marks.starts_with('^')) {
            None => line = number,
            Some(marks) => {
                let width = marks.chars().take_while(|c| *c == '^').count();
                let before = text.chars().take_while(|c| *c != '^').count();
                let code = marks.trim_start_matches('^').trim().to_owned();
                findings.push((line, before + 1, before + 1 + width, code));
            }
        }
    }
    findings
}

fn finding(found: &Diagnostic) -> Finding {
    let (first, last) = (found.span.first.start(), found.span.last.end());
    (first.line, first.column + 1, last.column + 1, found.code.to_string())
}

fn found(compiled: &Compiled) -> Vec<Finding> {
    compiled.diagnostics.iter().map(finding).collect()
}

#[test]
fn every_mistake_is_found_under_its_tokens() {
    let mut wrong = Vec::new();
    let files = files("tests/corpus/broken");
    for path in &files {
        let text = read(path);
        let (mut expected, mut found) = (expected(&text), found(&compile_text(&text)));
        expected.sort();
        found.sort();
        if expected != found || expected.is_empty() {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_shows_every_code() {
    use rate_model_compiler::rules::{ERRORS, LINTS};
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/broken");
    for code in ERRORS.into_iter().chain(LINTS) {
        let count = std::fs::read_dir(folder.join(code.0)).map_or(0, Iterator::count);
        assert!(count >= 5, "{code}: {count}");
    }
    assert!(files("tests/corpus").len() >= 200);
}

#[test]
fn correct_models_are_clean() {
    for path in files("tests/corpus/valid").iter().chain(&files("models")) {
        let compiled = compile_text(&read(path));
        let problems: Vec<_> = compiled.diagnostics.iter().map(Diagnostic::text).collect();
        assert!(problems.is_empty(), "{}: {}", path.display(), problems.join("\n"));
        assert!(compiled.models.iter().all(|model| model.program.is_some()));
    }
}

/// What the macro makes of a text says the same as what is read from a file: one `compile_error!` an
/// error, one deprecated constant a warning, at the same places. (That rustc shows them so is tested
/// by `tests/verdicts.rs`.)
#[test]
fn the_macro_and_the_checker_agree() {
    for path in files("tests/corpus").iter().chain(&files("models")) {
        let text = read(path);
        let tokens: TokenStream = text.parse().expect("the corpus lexes");
        let by_macro = compile(tokens);
        let by_checker = compile_text(&text);
        // A base that is not in the file may be elsewhere in a crate.
        if by_macro.models.iter().any(|model| model.is_deferred) {
            continue;
        }
        assert_eq!(found(&by_macro), found(&by_checker), "{}", path.display());
        let count = |severity: Severity| {
            by_checker.diagnostics.iter().filter(|one| one.severity == severity).count()
        };
        let rust = generate(
            &quote::quote!(::rate_model),
            &rate_model_compiler::Home::default(),
            &by_macro,
        )
        .to_string();
        let shown = |what: &str| rust.matches(what).count();
        assert_eq!(shown("compile_error"), count(Severity::Error), "{}", path.display());
        assert_eq!(shown("[deprecated"), count(Severity::Warning), "{}", path.display());
    }
}

/// Defects that shipped with other simulators, put back into the models that they were found in.
#[test]
fn defects_of_other_simulators_are_caught() {
    for (file, from, to, code, at) in [
        // Declared, and never used.
        ("tvb/epileptor", "param c = 1;", "param c = 1; param s = 4;", "unused_parameter", "s"),
        (
            "tvb/epileptor_resting_state",
            "param c = 1;",
            "param c = 1; param s = 4;",
            "unused_parameter",
            "s",
        ),
        (
            "tvb/montbrio_pazo_roxin",
            "param J = 15;",
            "param J = 15; param Gamma = 0;",
            "unused_parameter",
            "Gamma",
        ),
        (
            "tvb/jansen_rit",
            "param J = 135;",
            "param J = 135; param p_min: 1/ms = 0.12;",
            "unused_parameter",
            "p_min",
        ),
        (
            "tvb/reduced_wong_wang",
            "param w = 0.6;",
            "param w = 0.6; param sigma_noise: nA = 1e-9;",
            "unused_parameter",
            "sigma_noise",
        ),
        // A number where the name of a parameter should be.
        ("tvb/k_ion_exchange", "-DChn*(n - Chn)", "8*(n - Chn)", "unused_parameter", "DChn"),
        // Defaults outside of their own range, and a range the wrong way round.
        (
            "tvb/coombes_byrne",
            "param η = 20;",
            "param η = 20 where -10 <= η <= 10;",
            "default_out_of_range",
            "20",
        ),
        (
            "tvb/gast_schmidt_knosche_sf",
            "param alpha = 10;",
            "param alpha = 10 where 0 <= alpha <= 1;",
            "default_out_of_range",
            "10",
        ),
        (
            "tvb/montbrio_pazo_roxin",
            "state r = 0.1 where r >= 0;",
            "state r = 0.1 where 0 <= r <= -2;",
            "bad_bound",
            "-2",
        ),
        // An inverted sign.
        (
            "brainpy/threshold_linear",
            "-r_e + β_e*relu(I_e)",
            "r_e + β_e*relu(I_e)",
            "unstable_self_term",
            "r_e",
        ),
        // Kilohertz as if they were Hertz, numbers without their unit, seconds for their inverse.
        (
            "tvb/reduced_wong_wang",
            "param b: kHz = 0.108;",
            "param b = 108;",
            "dimension_mismatch",
            "b",
        ),
        (
            "tvb/reduced_wong_wang",
            "param d: ms =",
            "param d: Hz =",
            "dimension_of_function",
            "-d*x",
        ),
        ("tvb/jansen_rit", "+ c0)", "+ c0 + 0.22)", "dimension_mismatch", "0.22"),
        // The time constant of the other equation, in a model without √dt.
        ("nest/tanh_rate", "sqrt(τ)*σ*ξ", "σ*ξ^2", "noise_nonlinear", "ξ^2"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(file);
        let text = read(&path.with_extension("rate"));
        assert!(text.contains(from), "{file} has no `{from}`");
        let broken = text.replacen(from, to, 1);
        let compiled = compile_text(&broken);
        let is_it = |found: &Diagnostic| {
            let (line, from, to, found_code) = finding(found);
            let line = broken.lines().nth(line - 1).unwrap_or_default();
            let marked: String = line.chars().skip(from - 1).take(to - from).collect();
            found_code == code && marked == at
        };
        assert!(compiled.diagnostics.iter().any(is_it), "{file}: {:#?}", compiled.diagnostics);
    }
}
