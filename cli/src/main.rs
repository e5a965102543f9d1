//! `rates check [--format human|json] FILE…` checks files that hold what would stand between the
//! braces of `rate_model! { … }`.
//!
//! Exit codes: 0 when there are no errors (warnings are none), 1 when there are errors, 2 when a file cannot be read or
//! the command line is wrong.

mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use rate_model_compiler::compile_text;
use rate_model_compiler::diag::{Diagnostic, Severity};
use report::Format;

const USAGE: &str = "\
rates check [--format human|json] FILE…

Checks files of models: what would stand between the braces of `rate_model! { … }`.
Exits with 0 when there are no errors, 1 when there are, 2 when a file cannot be read.";

fn main() -> ExitCode {
    let verdict = Command::from_command_line().map(|command| match command {
        Command::Help => {
            println!("{USAGE}");
            0
        }
        Command::Check { files, format } => check(&files, format),
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
            Some(verb) if verb == "check" => {
                Err("`rates check` wants a file; see --help".to_owned())
            }
            Some(verb) => Err(format!("there is no command `{verb}`; see --help")),
            None => Ok(Self::Help),
        }
    }
}

/// Checks all files and says how it went.
fn check(files: &[PathBuf], format: Format) -> u8 {
    let mut verdict = 0;
    for file in files {
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let found = compile_text(&text).diagnostics;
                report::print(file, &text, &found, format);
                let is_error = |one: &Diagnostic| one.severity == Severity::Error;
                verdict = verdict.max(u8::from(found.iter().any(is_error)));
            }
            Err(error) => {
                eprintln!("error: cannot read {}: {error}", file.display());
                verdict = 2;
            }
        }
    }
    verdict
}
