//! No text makes the compiler panic, and what it prints of a model means the same as the model.

use rate_model_compiler::diag::{Diagnostic, Severity};
use rate_model_compiler::syntax::ast::{Equation, Item, Origin};
use rate_model_compiler::{compile, generate};

/// A published generator (xorshift64*, Vigna 2016): the same text on every run.
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

const WORDS: &[&str] = &[
    "param",
    "state",
    "input",
    "let",
    "output",
    "const",
    "time",
    "where",
    "model",
    "M",
    "x",
    "dx",
    "/",
    "dt",
    "=",
    ";",
    ";",
    ":",
    "ms",
    "Hz",
    "pA",
    "1",
    "0",
    "2.5",
    "5mV",
    "1e300",
    "tau",
    "ν_e",
    "dν_e",
    "+",
    "-",
    "*",
    "^",
    "(x)",
    "(",
    ")",
    "{ x }",
    "[x]",
    "_",
    "relu",
    "exp",
    "if",
    "else",
    "<",
    "<=",
    "&&",
    "||",
    "!",
    ",",
    "exprel(x)",
    "clip(x, 0, 1)",
    "#[doc = \"d\"]",
    "pub",
    "fn",
    "noise",
    "white",
    "white(stratonovich)",
    "ou(x)",
    "per_step",
    "remove",
    "x(t - 1)",
    "d2x",
    "dt2",
    "dx/dt",
    "#[allow(unused_input)]",
    "t",
    "pi",
    "0x10",
    "'a",
    "\"s\"",
    "..",
    "->",
    "τ·x",
    "1/0",
];

const VALID: &str = "
    model M {
        const c = 2*pi;
        param tau: ms = 20 where 0 < tau <= 100;
        param (g, b): Hz/pA = (0.5, 0.25);
        input I: pA = 1;
        param mode = 0;
        noise (ξ, ζ): white(stratonovich);
        noise η: ou(2*tau);
        #[allow(dt_dependent_noise)]
        noise n: per_step;
        output chosen = if mode > 0 && mode*b < 2*b { w } else { -w };
        let drive: pA = if I > 3 pA && !(ν < 2 Hz) || I == 1pA { I } else { -I*2^-1 };
        state ν: Hz = 2*b*(1 pA) where ν >= 0;
        state w: 1 = c/10;
        state angle: rad = 0;
        state dangle_dt: rad/ms = 0.1;
        fn cubed(x) = x^3;
        output gain = cubed(sigmoid(w))*exprel(-w/2) - max(w, 1);
        tau dν/dt = -ν + g*[drive]_+ + 0.001*gain*(5 kHz);
        (2*tau)*dw/dt = -w + ν*tau - (1 - (2 - w)) + w*sqrt(tau)*ξ + η*n*w(t - (tau + 1 ms)/2);
        (tau*tau) d2angle/dt2 = -angle - 3*tau*dangle/dt + gain(t - 5 ms) + chosen + (1 ms^(1/2))*ζ;
    }
    pub model Variant: M { fn cubed(x) = x^2; param tau: s = 0.1 where tau > 0; input n; }";

/// Compiles a text, as in a macro call and as in a file; only texts that Rust's lexer refuses are passed over.
fn survive(text: &str) {
    if let Ok(tokens) = text.parse() {
        let compiled = compile(tokens);
        let krate = quote::quote!(::rate_model);
        let _ = generate(&krate, &rate_model_compiler::Home::default(), &compiled).to_string();
        let _ = rate_model_compiler::compile_text(text);
    }
}

#[test]
fn token_soup_does_not_panic() {
    let mut random = Random(2026);
    for _ in 0..4000 {
        let length = random.below(40);
        let words: Vec<_> = (0..length).map(|_| WORDS[random.below(WORDS.len())]).collect();
        survive(&format!("model M {{ {} }}", words.join(" ")));
    }
}

#[test]
fn mutated_models_do_not_panic() {
    let mut random = Random(29);
    let words: Vec<_> = VALID.split_whitespace().collect();
    for _ in 0..4000 {
        let mut mutated = words.clone();
        for _ in 0..=random.below(3) {
            let place = random.below(mutated.len());
            match random.below(3) {
                0 => drop(mutated.remove(place)),
                1 => mutated.insert(place, WORDS[random.below(WORDS.len())]),
                _ => mutated[place] = WORDS[random.below(WORDS.len())],
            }
        }
        survive(&mutated.join(" "));
    }
}

#[test]
fn deep_nesting_and_long_chains_are_survived() {
    let nested = format!("{}x{}", "(".repeat(3000), ")".repeat(3000));
    let negated = format!("{}x", "-".repeat(3000));
    let sum = vec!["x"; 3000].join(" + ");
    let powers = vec!["x"; 3000].join("^");
    let branches = format!("{}{{ x }}", "if x > 0 { 1 } else ".repeat(3000));
    for expr in [nested, negated, sum, powers, branches] {
        survive(&format!("model M {{ state x = 0; dx/dt = {expr}; }}"));
    }
    let doubling = (1..200).map(|i| format!("let a{i} = a{0} + a{0};", i - 1));
    let doubling = doubling.collect::<Vec<_>>().join("\n");
    survive(&format!("model M {{ state x = 0; dx/dt = a199; let a0 = x; {doubling} }}"));
    let doubling = doubling.replace("let", "const");
    survive(&format!(
        "model M {{ state x = c; dx/dt = x; const a0 = 1; {doubling} const c = a199; }}"
    ));
}

/// The equations and declarations of the first model, printed.
fn printed(text: &str) -> Vec<String> {
    let compiled = compile(text.parse().expect("it lexes"));
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    assert!(!compiled.diagnostics.iter().any(is_error), "{:?}", compiled.diagnostics);
    let print = |item: &Item| match item {
        Item::Declaration(declaration) => declaration.to_string(),
        // Printed in the form of second order.
        Item::Equation(Equation { origin: Origin::Velocity, .. }) => String::new(),
        Item::Equation(equation) => equation.to_string(),
        Item::Function(function) => function.to_string(),
        Item::Time(time) => format!("time {};", time.name),
        Item::Removal(_) => panic!("there is no variant here"),
    };
    compiled.models[0].ast.items.iter().map(print).collect()
}

#[test]
fn printing_and_reading_again_changes_nothing() {
    let once = printed(VALID);
    let twice = printed(&format!("model M {{ {} }}", once.join("\n")));
    assert_eq!(once, twice);
    let kernel = |text: &str| {
        let compiled = compile(text.parse().expect("it lexes"));
        compiled.models[0].program.as_ref().expect("it is valid").kernel.to_string()
    };
    assert_eq!(kernel(VALID), kernel(&format!("model M {{ {} }}", once.join("\n"))));
}
