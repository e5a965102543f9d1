//! What is printed and written.

use std::path::Path;

use nalgebra::DMatrix;
use rate_model::Linearisation;
use rate_model::lanes::Real;
use rate_model::recording::Trace;

use crate::Message;

/// How many time constants are printed.
const SLOWEST: usize = 3;

/// Makes the folder that results go to: before the run, so that nothing is computed in vain.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Message> {
    std::fs::create_dir_all(folder).map_err(|error| {
        format!("cannot make the folder {}: {error}; choose another --out", folder.display())
    })
}

/// Writes `rates.csv` and `rates.svg`.
pub(crate) fn write<T: Real>(trace: &Trace<T>, folder: &Path) -> Result<(), Message> {
    trace.to_csv(folder.join("rates.csv")).map_err(|error| error.to_string())?;
    trace.plot(folder.join("rates.svg")).map_err(|error| error.to_string())
}

/// Prints for each area how far it went from background, and when.
pub(crate) fn print_peaks<T: Real>(trace: &Trace<T>, background: f64) {
    println!("area   peak deviation (Hz)   at (ms)");
    for (label, values) in trace.labels.iter().zip(trace.values.columns()) {
        let deviations = values.iter().map(|value| value.to_f64() - background).zip(&trace.time);
        // The first of equals.
        let peak =
            deviations.reduce(|peak, next| if next.0.abs() > peak.0.abs() { next } else { peak });
        if let Some((deviation, time)) = peak {
            println!("{label:<6} {deviation:19.5}   {:>7}", moment(*time));
        }
    }
}

/// A time with at least one decimal.
fn moment(time: f64) -> String {
    let text = time.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Prints the slowest time constants -1/Re λ of the eigenvalues λ of the Jacobian.
pub(crate) fn print_time_constants(linearised: &Linearisation) {
    let size = linearised.coordinates.len();
    let matrix = DMatrix::from_fn(size, size, |row, column| linearised.jacobian[[row, column]]);
    let mut rates: Vec<f64> = matrix.complex_eigenvalues().iter().map(|value| value.re).collect();
    rates.sort_by(|a, b| b.total_cmp(a));
    if let Some(fastest) = rates.first().filter(|rate| **rate >= 0.0) {
        println!("the background is unstable: an eigenvalue has the real part {fastest:.6} per ms");
        return;
    }
    let slowest = rates.iter().take(SLOWEST).map(|rate| format!("{:.2}", -1.0 / rate));
    let slowest = slowest.collect::<Vec<_>>().join(", ");
    println!(
        "slowest time constants of the linearised network: {slowest} {}",
        linearised.time_unit
    );
}
