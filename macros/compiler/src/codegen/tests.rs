//! The generated Rust, formatted: parses, and reads.

use quote::quote;

const THRESHOLD_LINEAR: &str = "
    /// Threshold-linear pair.
    pub model ThresholdLinear {
        param tau_e: ms = 20 where tau_e > 0;
        param tau_i: ms = 10 where tau_i > 0;
        param β_e: Hz/pA = 0.066;
        param β_i: Hz/pA = 0.351;
        input I_e: pA;
        input I_i: pA;
        state ν_e: Hz = 0 where ν_e >= 0;
        state ν_i: Hz = 0 where ν_i >= 0;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e);
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i);
    }";

fn formatted(source: &str) -> String {
    let tokens = crate::generate(
        &quote!(::rate_model),
        &crate::Home::default(),
        &crate::compile(source.parse().unwrap()),
    );
    let text = tokens.to_string();
    prettyplease::unparse(&syn::parse2(tokens).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// What is generated is read by people.
#[test]
fn the_threshold_linear_model_is_short() {
    let text = formatted(THRESHOLD_LINEAR);
    println!("{text}");
    assert!(text.lines().count() <= 230, "{} lines", text.lines().count());
    assert!(!text.contains("compile_error"), "{text}");
}

#[test]
fn a_model_with_errors_keeps_its_names() {
    let text = formatted(
        "model M {
            param tau: = 1;
            param nu = 1;
            param (b, c) = (1,);
            state ν = 0;
            dν/dt = ;
        }",
    );
    for name in ["tau", "nu", "b", "c"] {
        assert!(text.contains(&format!("pub const {name}: __rm::Param<Self>")), "{name}: {text}");
    }
    assert!(text.contains("pub const ν: __rm::State<Self>"), "{text}");
    assert_eq!(text.matches("pub const nu:").count(), 1, "{text}");
}

#[test]
fn a_model_may_have_no_states() {
    let text = formatted("model M { input I; output twice = 2*I; }");
    assert!(text.contains("-> [__rm::Slope<L>; 0]") && !text.contains("compile_error"), "{text}");
}
