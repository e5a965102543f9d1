//! How long the macro takes, for chains of Wilson–Cowan-like equations.
//!
//! `cargo run [--release] -p rate-model-compiler --example expansion_time`. (rustc loads macros as
//! the profile of the build says: unoptimised in a development build.)

use std::time::Instant;

use rate_model_compiler::{compile, generate};

fn main() {
    for equations in [10, 100, 1000] {
        let text = model(equations);
        let median = median_of(9, || {
            let start = Instant::now();
            let tokens = text.parse().expect("it lexes");
            let compiled = compile(tokens);
            assert!(compiled.diagnostics.is_empty());
            let rust = generate(
                &quote::quote!(::rate_model),
                &rate_model_compiler::Home::default(),
                &compiled,
            );
            std::hint::black_box(rust);
            start.elapsed().as_secs_f64() * 1e3
        });
        println!("{equations:5} equations: {median:8.2} ms");
    }
}

fn median_of(runs: usize, measure: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = std::iter::repeat_with(measure).take(runs).collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

/// Each state is driven by its neighbours through a sigmoid.
fn model(equations: usize) -> String {
    let items: Vec<String> = (0..equations)
        .map(|i| {
            let next = (i + 1) % equations;
            format!(
                "param tau{i}: ms = 10 where tau{i} > 0; param w{i} = 4; param θ{i} = 1;
                 state r{i}: 1 = 0.1 where 0 <= r{i} <= 1;
                 tau{i} dr{i}/dt = -r{i} + (1 - r{i})*sigmoid(w{i}*r{next} - θ{i} + I);"
            )
        })
        .collect();
    format!("model Chain {{ input I; {} }}", items.join("\n"))
}
