//! `rates check` as its users see it.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::process::{Command, Output};

fn rates(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rates")).args(arguments).output().unwrap()
}

/// Checks a text in a file.
fn check(text: &str, format: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.rate");
    std::fs::write(&file, text).unwrap();
    let output = rates(&["check", "--format", format, file.to_str().unwrap()]);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const SOUND: &str = "/// Decays.\npub model Leak {\n    param τ: ms = 20 where τ > 0;\n    \
                     state ν: Hz = 1;\n    τ dν/dt = -ν;\n}\n";

#[test]
fn a_sound_file_is_clean() {
    assert_eq!(check(SOUND, "json"), (0, String::new(), String::new()));
    assert_eq!(check(SOUND, "human"), (0, String::new(), String::new()));
}

#[test]
fn programs_get_one_object_a_line() {
    let (code, out, _) = check(&SOUND.replace("-ν;", "-ν + Q;"), "json");
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(found["code"], "unknown_name");
    assert_eq!(found["severity"], "error");
    assert_eq!([&found["line"], &found["column"]], [5, 20]);
    assert_eq!([&found["end_line"], &found["end_column"]], [5, 21]);
    assert_eq!(found["message"], "cannot find `Q` in this model");
    assert!(found["help"][0].as_str().unwrap().contains("param Q"));
    assert!(found["file"].as_str().unwrap().ends_with("model.rate"));
}

#[test]
fn people_get_carets() {
    let (code, _, err) = check(&SOUND.replace("-ν;", "-ν + Q;"), "human");
    assert_eq!(code, 1);
    assert!(err.contains("error[unknown_name]: cannot find `Q` in this model"), "{err}");
    assert!(err.contains("5 |     τ dν/dt = -ν + Q;\n  |                    ^\n"), "{err}");
}

#[test]
fn what_the_lexer_refuses_is_a_syntax_error_with_help() {
    for (foreign, help) in [("x²", "x^2"), ("√x", "sqrt"), ("x ≤ 1", "<="), ("(x", "closed")] {
        let (code, out, _) =
            check(&format!("model M {{ state x = 0; dx/dt = {foreign}; }}"), "json");
        assert_eq!(code, 1);
        let found: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
        assert_eq!(found["code"], "syntax", "{foreign}");
        assert!(found["help"][0].as_str().unwrap().contains(help), "{foreign}: {found}");
    }
}

#[test]
fn files_that_cannot_be_read_and_wrong_commands_exit_with_2() {
    for arguments in [
        &["check", "no/such/file.rate"][..],
        &["check"],
        &["chek", "x.rate"],
        &["check", "--format", "xml", "x.rate"],
        &["check", "--loud", "x.rate"],
    ] {
        let output = rates(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1, "{arguments:?}");
    }
}
