//! `cargo run --release -p rate-model-compiler --example fuzz -- [SECONDS] [SEED]`
//!
//! Feeds the compiler with texts that nobody would write: soups of tokens, and the models of this
//! repository with tokens dropped, doubled, exchanged and put in from elsewhere. Whatever is
//! compiled is also generated, explained, printed and read again. A panic is a finding: the text
//! that caused it is printed. `tests/robustness.rs` is the bounded run.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use rate_model_compiler::kernel::parse::parse;
use rate_model_compiler::kernel::verify::verify;
use rate_model_compiler::{Compiled, Home, compile, compile_text, explain, generate};

/// xorshift64* (Vigna 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let scaled = u128::from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)) * bound as u128;
        usize::try_from(scaled >> 64).expect("below the bound")
    }
}

/// Findings beyond these are only counted.
const MOST_SHOWN: u64 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let seconds = arguments.next().unwrap_or(60);
    let seed = arguments.next().unwrap_or(1);
    let models = models();
    let words: Vec<&str> = models.iter().flatten().map(String::as_str).collect();
    let mut random = Random(seed | 1);
    let (start, mut tried, mut compiled, mut findings) = (Instant::now(), 0_u64, 0_u64, 0_u64);
    // What panics print would drown the findings.
    std::panic::set_hook(Box::new(|_| ()));
    while start.elapsed() < Duration::from_secs(seconds) {
        let text = if random.below(4) == 0 {
            soup(&mut random, &words)
        } else {
            mutated(&mut random, &models, &words)
        };
        tried += 1;
        // Places in all texts so far are counted in 32 bits: begin again.
        proc_macro2::extra::invalidate_current_thread_spans();
        match catch_unwind(AssertUnwindSafe(|| survive(&text))) {
            Ok(whole) => compiled += whole,
            Err(_) => {
                findings += 1;
                if findings <= MOST_SHOWN {
                    println!("a panic is caused by:\n{text}\n");
                }
            }
        }
    }
    let mut out = std::io::stdout();
    let written = writeln!(
        out,
        "{tried} texts in {seconds} s, {compiled} models among them compiled, {findings} findings"
    );
    written.expect("standard output takes it");
    std::process::exit(i32::from(findings > 0));
}

/// Takes a text through everything; how many models of it are right.
fn survive(text: &str) -> u64 {
    let Ok(tokens) = text.parse() else { return 0 };
    let krate = quote::quote!(::rate_model);
    drop(generate(&krate, &Home::default(), &compile(tokens)).to_string());
    let Compiled { models, diagnostics } = compile_text(text);
    for found in &diagnostics {
        drop(found.text());
    }
    let programs = models.iter().filter_map(|model| Some((&model.ast, model.program.as_ref()?)));
    let explained = programs.map(|(ast, program)| {
        drop(explain::explain(ast, program));
        for kernel in [&program.formulas, &program.kernel, &program.tangents, &program.adjoints] {
            verify(kernel, "everything");
            assert!(parse(&kernel.to_string()).is_ok(), "a kernel cannot be read back");
        }
    });
    explained.count() as u64
}

/// The models of the repository, in words.
fn models() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("models"), root.join("tests/corpus")];
    let mut models = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rate") {
                let text = std::fs::read_to_string(path).expect("the file");
                let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
                let text = lines.collect::<Vec<_>>().join("\n");
                // The shorter the text, the more mutations in the same time.
                if text.len() < 3000 {
                    models.push(words(&text));
                }
            }
        }
    }
    models
}

/// Words and single signs.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let last = words.last_mut().expect("there is one");
        if is_word(c) && last.chars().all(is_word) {
            last.push(c);
        } else {
            words.push(c.to_string());
        }
    }
    words.retain(|word| !word.trim().is_empty());
    words
}

fn soup(random: &mut Random, words: &[&str]) -> String {
    let length = random.below(60);
    let words: Vec<&str> = (0..length).map(|_| words[random.below(words.len())]).collect();
    format!("model M {{ {} }}", words.join(" "))
}

fn mutated(random: &mut Random, models: &[Vec<String>], words: &[&str]) -> String {
    let mut model = models[random.below(models.len())].clone();
    for _ in 0..=random.below(4) {
        let place = random.below(model.len());
        let other = random.below(model.len());
        match random.below(6) {
            0 => drop(model.remove(place)),
            1 => model.insert(place, words[random.below(words.len())].to_owned()),
            2 => words[random.below(words.len())].clone_into(&mut model[place]),
            3 => model.swap(place, other),
            4 => {
                let piece = model[place.min(other)..place.max(other)].to_vec();
                let at = random.below(model.len());
                model.splice(at..at, piece.into_iter().take(12));
            }
            _ => drop(model.drain(place.min(other)..place.max(other).min(place.min(other) + 12))),
        }
        if model.is_empty() {
            break;
        }
    }
    model.join(" ")
}
