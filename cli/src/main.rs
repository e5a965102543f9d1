//! `rates check [--format human|json] FILE…` checks files that hold what would stand between the
//! braces of `rate_model! { … }`; `rates explain FILE…` prints what the compiler knows of them.
//!
//! Exit codes: 0 when there are no errors (warnings are none), 1 when there are errors, 2 when a file cannot be read or
//! the command line is wrong.

mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::*;
use rate_model_compiler::diag::{Diagnostic, Severity};
use rate_model_compiler::{Compiled, compile_text};
use report::Format;

const USAGE: &str = "\
rates check [--format human|json] FILE…
rates explain FILE…

`check` checks, `explain` explains files of models: what would stand between the braces of `rate_model! { … }`.
Exits with 0 when there are no errors, 1 when there are, 2 when a file cannot be read.";

fn main() -> ExitCode {
    let verdict = Command::from_command_line().map(|command| match command {
        Command::Help => {
            println!("{USAGE}");
            0
        }
        Command::Check { files, format } => check(&files, format),
        Command::Explain { files } => explain(&files),
    });
    ExitCode::from(verdict.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        2
    }))
}

/// What the user asked for.
enum Command {
    Help,
    Check { files: Vec<PathBuf>, format: Format },
    Explain { files: Vec<PathBuf> },
}

impl Command {
    fn from_command_line() -> Result<Self, String> {
        let mut parser = lexopt::Parser::from_env();
        let (mut verb, mut files, mut format) = (None, Vec::new(), Format::Human);
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            match argument {
                Long("help") | Short('h') => return Ok(Self::Help),
                Long("format") => {
                    let value = parser.value().map_err(|error| error.to_string())?;
                    format = value.to_str().and_then(Format::from_name).ok_or_else(|| {
                        format!("--format is human or json, not `{}`", value.display())
                    })?;
                }
                Value(word) if verb.is_none() => verb = Some(word),
                Value(file) => files.push(file.into()),
                other => return Err(format!("{}; see --help", other.unexpected())),
            }
        }
        match verb.as_ref().map(|verb| verb.to_string_lossy()) {
            Some(verb) if verb == "check" && !files.is_empty() => Ok(Self::Check { files, format }),
            Some(verb) if verb == "explain" && !files.is_empty() => Ok(Self::Explain { files }),
            Some(verb) if verb == "check" || verb == "explain" => {
                Err(format!("`rates {verb}` wants a file; see --help"))
            }
            Some(verb) => Err(format!("there is no command `{verb}`; see --help")),
            None => Ok(Self::Help),
        }
    }
}

/// Checks all files and says how it went.
fn check(files: &[PathBuf], format: Format) -> u8 {
    let verdicts = files.iter().map(|file| match compile(file) {
        Ok((text, compiled)) => verdict(file, &text, &compiled, format),
        Err(verdict) => verdict,
    });
    verdicts.max().unwrap_or(0)
}

/// Explains the models of all files; what is wrong with them goes to standard error.
fn explain(files: &[PathBuf]) -> u8 {
    let verdicts = files.iter().map(|file| {
        let (text, compiled) = match compile(file) {
            Ok(compiled) => compiled,
            Err(verdict) => return verdict,
        };
        for model in &compiled.models {
            if let Some(program) = &model.program {
                report::out(&rate_model_compiler::explain::explain(&model.ast, program));
            }
        }
        verdict(file, &text, &compiled, Format::Human)
    });
    verdicts.max().unwrap_or(0)
}

/// The text of a file and what became of it; 2 when it cannot be read.
fn compile(file: &Path) -> Result<(String, Compiled), u8> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let compiled = compile_text(&text);
            Ok((text, compiled))
        }
        Err(error) => {
            eprintln!("error: cannot read {}: {error}", file.display());
            Err(2)
        }
    }
}

/// Prints what was found; 1 when there are errors.
fn verdict(file: &Path, text: &str, compiled: &Compiled, format: Format) -> u8 {
    report::print(file, text, &compiled.diagnostics, format);
    let is_error = |one: &Diagnostic| one.severity == Severity::Error;
    u8::from(compiled.diagnostics.iter().any(is_error))
}
