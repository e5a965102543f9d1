//! Networks of The Virtual Brain and neurolib, simulated here with the same models, coupling functions,
//! methods and delays, and compared with the trajectories in `expected/`.
//!
//! `cargo run --release -p rate-model-validation` prints for each the largest deviation.

// Lints of models arrive as uses of something deprecated.
#![allow(deprecated, reason = "models are taken as they are")]

mod cases;
mod expected;
mod models;

/// The largest deviation that counts as the same: rounding, grown over 2000 steps.
const TOLERANCE: f64 = 1e-9;

fn main() -> Result<(), String> {
    println!("{:<38} {:>10} {:>10} {:>10}", "largest deviation", "euler", "heun", "rk4");
    let mut failed = Vec::new();
    for (name, case) in cases::all() {
        let results = cases::compare(name, case)?;
        let column = |method: &str| match results.iter().find(|(other, _)| other == method) {
            Some((_, deviation)) => format!("{deviation:.1e}"),
            None => String::new(),
        };
        println!("{name:<38} {:>10} {:>10} {:>10}", column("euler"), column("heun"), column("rk4"));
        if results.iter().any(|(_, deviation)| deviation.is_nan() || *deviation > TOLERANCE) {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("more than {TOLERANCE:.0e} from what is expected: {}", failed.join(", ")))
}

#[cfg(test)]
mod tests {
    use rate_model::Delivery;

    use super::*;

    #[test]
    fn trajectories_are_those_of_the_other_simulators() {
        for (name, case) in cases::all() {
            let results = cases::compare(name, case).unwrap();
            assert!(!results.is_empty(), "{name}");
            for (method, deviation) in results {
                assert!(deviation <= TOLERANCE, "{name}, {method}: {deviation:e}");
            }
        }
    }

    /// The comparison would notice: inputs at each stage are another thing than held ones.
    #[test]
    fn inputs_at_each_stage_are_noticed() {
        let (name, case) = cases::all()[0];
        let results = cases::compare_with(name, case, Delivery::PerStage).unwrap();
        assert!(results.iter().any(|(method, apart)| method == "rk4" && *apart > TOLERANCE));
    }
}
