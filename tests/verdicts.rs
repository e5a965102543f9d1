//! What rustc shows of a macro call is what `rates check` says of the same text: the whole corpus in
//! one crate, each file a module, every finding compared with its code and place.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use rate_model_compiler::{compile, compile_text};
use serde_json::Value;

/// A finding: line and columns of the first and of the last character, code, severity.
type Finding = ([usize; 4], String, String);

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("corpus"), root.join("../models")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
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

/// What the checker says.
fn checked(text: &str, first_line: usize) -> Vec<Finding> {
    let finding = |found: rate_model_compiler::diag::Diagnostic| {
        let (first, last) = (found.span.first.start(), found.span.last.end());
        let lines = [first.line + first_line, last.line + first_line];
        let place = [lines[0], first.column + 1, lines[1], last.column + 1];
        (place, found.code.to_string(), found.severity.name().to_owned())
    };
    compile_text(text).diagnostics.into_iter().map(finding).collect()
}

/// What rustc says, as far as it says it for us.
fn shown(message: &Value) -> Option<Finding> {
    let message = message.get("message")?;
    let text = message["message"].as_str()?.lines().next()?.to_owned();
    let code = text.strip_suffix(']')?.rsplit_once('[')?.1.to_owned();
    let spans = message["spans"].as_array()?;
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    let number = |key: &str| usize::try_from(span[key].as_u64()?).ok();
    let place = [
        number("line_start")?,
        number("column_start")?,
        number("line_end")?,
        number("column_end")?,
    ];
    Some((place, code, message["level"].as_str()?.to_owned()))
}

#[test]
fn rustc_shows_what_the_checker_says() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verdicts");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let runtime = root.join("runtime");
    let manifest = format!(
        "[package]\nname = \"verdicts\"\nedition = \"2024\"\n\n[dependencies]\n\
         rate-model = {{ path = {:?}, default-features = false }}\n\n[workspace]\n",
        runtime.canonicalize().unwrap()
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let mut source = String::from("#![allow(dead_code, confusable_idents)]\n");
    let mut expected = Vec::new();
    for (index, path) in files().iter().enumerate() {
        let text = std::fs::read_to_string(path).unwrap();
        // What is based on a model that is not in the file is rustc's to find.
        if compile(text.parse().unwrap()).models.iter().any(|model| model.is_deferred) {
            continue;
        }
        writeln!(source, "mod m{index} {{ rate_model::rate_model! {{").unwrap();
        expected.extend(checked(&text, source.lines().count()));
        writeln!(source, "{text}\n}} }}").unwrap();
    }
    source.push_str("fn main() {}\n");
    std::fs::write(folder.join("src/main.rs"), source).unwrap();

    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--message-format=json"])
        .env_remove("RUSTFLAGS")
        .current_dir(&folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    let mut found: Vec<Finding> = messages.filter_map(|message| shown(&message)).collect();
    let diagnostics = String::from_utf8_lossy(&output.stderr);
    assert!(!found.is_empty(), "{diagnostics}");
    found.sort();
    expected.sort();
    assert!(expected.len() > 280);
    let missing: Vec<_> = expected.iter().filter(|one| !found.contains(one)).collect();
    let surplus: Vec<_> = found.iter().filter(|one| !expected.contains(one)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{missing:#?} but {surplus:#?}");
}
