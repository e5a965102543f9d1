//! Results, as one line for people or one JSON object.

use rate_model::Instructions;
use serde::Serialize;

/// One result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) workload: String,
    pub(crate) n: usize,
    pub(crate) dtype: &'static str,
    pub(crate) threads: usize,
    pub(crate) unit: &'static str,
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) runs: usize,
    pub(crate) isa: &'static str,
    pub(crate) checksum: f64,
    /// Who was timed, if not this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peer: Option<String>,
    /// Its median over ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
}

impl Report {
    pub(crate) fn print(&self, json: bool) {
        if json {
            // Numbers and texts can always be written.
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        let Self { workload, n, dtype, threads, unit, min, median, runs, isa, checksum, .. } = self;
        let who = self.peer.as_deref().unwrap_or("rate_model");
        println!(
            "{workload:6} {who:10} n={n} {dtype} threads={threads}: min {min:.4}, median {median:.4} \
             {unit} ({runs} runs, {isa}, checksum {checksum:.9e})"
        );
        if let Some(ratio) = self.ratio {
            println!("{workload:6} median of {who} over median of rate_model: {ratio:.2}");
        }
    }
}

/// Minimum and median.
pub(crate) fn spread(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let median = if values.len().is_multiple_of(2) && middle > 0 {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values.get(middle).copied().unwrap_or(f64::NAN)
    };
    [values.first().copied().unwrap_or(f64::NAN), median]
}

/// The instructions that simulations use.
pub(crate) fn isa() -> &'static str {
    match Instructions::in_use() {
        Instructions::Avx512 => "avx512",
        Instructions::Avx2 => "avx2",
        _ if cfg!(target_arch = "aarch64") => "neon",
        _ => "baseline",
    }
}
