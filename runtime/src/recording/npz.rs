//! Recordings as archives of NumPy arrays.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::Path;

use ndarray::aview1;
use ndarray_npy::{NpzWriter, WriteNpzError};

use super::file::replace_file;
use super::{Recording, Sample, Trace, WriteError};

/// The name of the array that holds what NumPy arrays cannot: labels and units.
const METADATA: &str = "metadata";

impl<T: Sample> Recording<T> {
    /// Writes all traces to one NPZ file, the archive of NumPy's `savez`.
    ///
    /// A trace of the quantity `nu_e` (its ASCII name) in the population `cortex` becomes two arrays:
    ///
    /// - `cortex.nu_e`: the values, in the trace's unit, with the shape `[n_samples, n_units]` and the type
    ///   `float32` or `float64`
    /// - `cortex.nu_e.t`: the times of the samples, in the trace's unit of time, with the shape
    ///   `[n_samples]` and the type `float64`
    ///
    /// A further array, `metadata`, holds the bytes of a JSON text (UTF-8) with the names, units and labels
    /// of each trace, so that Python reads the file without unpickling anything:
    ///
    /// ```python
    /// import json
    /// import numpy as np
    ///
    /// with np.load("run.npz") as run:
    ///     t, rates = run["cortex.nu_e.t"], run["cortex.nu_e"]
    ///     about = json.loads(run["metadata"].tobytes())["cortex.nu_e"]
    ///
    /// about["labels"]      # ["V1", "V2"]
    /// about["unit"]        # "Hz"
    /// about["time_unit"]   # "ms"
    /// about["population"]  # "cortex"
    /// about["quantity"]    # "ν_e"
    /// ```
    ///
    /// The arrays are not compressed.
    ///
    /// # Errors
    ///
    /// - [`WriteError::Empty`] when there is no trace
    /// - [`WriteError::Shape`] when the parts of a trace do not fit each other
    /// - [`WriteError::CollidingNames`] when two arrays would have the same name, for instance because
    ///   the same quantity was recorded twice
    /// - [`WriteError::MissingDirectory`] or [`WriteError::Io`] when the file cannot be written
    pub fn to_npz(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.check()?;
        let mut seen = HashSet::from([METADATA.to_owned()]);
        for name in self.traces.iter().flat_map(|trace| [trace.array_name(), trace.time_name()]) {
            if !seen.insert(name.clone()) {
                return Err(WriteError::CollidingNames { name });
            }
        }
        replace_file(path.as_ref(), |temporary| {
            self.write_archive(File::create(temporary)?).map_err(into_io)
        })
    }

    fn write_archive(&self, file: File) -> Result<(), WriteNpzError> {
        let mut archive = NpzWriter::new(file);
        for trace in &self.traces {
            archive.add_array(trace.array_name(), &trace.values)?;
            archive.add_array(trace.time_name(), &trace.time)?;
        }
        archive.add_array(METADATA, &aview1(self.metadata().as_bytes()))?;
        archive.finish()?;
        Ok(())
    }

    /// What the arrays do not say, as a JSON object with a member per trace.
    fn metadata(&self) -> String {
        let members: Vec<_> = self
            .traces
            .iter()
            .map(|trace| format!("{}: {}", quoted(&trace.array_name()), trace.metadata()))
            .collect();
        format!("{{{}}}", members.join(", "))
    }
}

impl<T> Trace<T> {
    fn array_name(&self) -> String {
        format!("{}.{}", self.population, self.quantity_ascii)
    }

    fn time_name(&self) -> String {
        format!("{}.t", self.array_name())
    }

    fn metadata(&self) -> String {
        let labels: Vec<_> = self.labels.iter().map(|label| quoted(label)).collect();
        format!(
            r#"{{"population": {}, "quantity": {}, "unit": {}, "time_unit": {}, "labels": [{}]}}"#,
            quoted(&self.population),
            quoted(&self.quantity),
            quoted(&self.unit),
            quoted(&self.time_unit),
            labels.join(", ")
        )
    }
}

/// `text` as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("a String takes any text");
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn into_io(error: WriteNpzError) -> io::Error {
    match error {
        WriteNpzError::Npy(ndarray_npy::WriteNpyError::Io(error)) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, ShapeBuilder, array};
    use ndarray_npy::NpzReader;

    use super::*;
    use crate::recording::tests::cortex;

    /// `cortex.nu_e` in single precision and column-major order, with all kinds of special values.
    fn special() -> Trace<f32> {
        let values = vec![f32::NAN, -0.0, f32::INFINITY, f32::MIN_POSITIVE / 2.0, 0.1, f32::MAX];
        Trace {
            population: "cortex".into(),
            quantity: "ν_e".into(),
            quantity_ascii: "nu_e".into(),
            unit: "Hz".into(),
            time: array![0.0, 0.1, 0.2],
            time_unit: "ms".into(),
            labels: vec!["V1 \"left\"\n".into(), "V\\2".into()],
            values: Array2::from_shape_vec((3, 2).f(), values).unwrap(),
        }
    }

    fn saved<T: Sample>(traces: Vec<Trace<T>>) -> Result<tempfile::TempDir, WriteError> {
        let directory = tempfile::tempdir().unwrap();
        Recording { traces }.to_npz(directory.path().join("run.npz"))?;
        Ok(directory)
    }

    #[test]
    fn arrays_read_back_to_the_same_bits() {
        let directory = saved(vec![special()]).unwrap();
        let file = File::open(directory.path().join("run.npz")).unwrap();
        let mut archive = NpzReader::new(file).unwrap();
        let values: Array2<f32> = archive.by_name("cortex.nu_e").unwrap();
        let time: Array1<f64> = archive.by_name("cortex.nu_e.t").unwrap();
        assert_eq!(values.mapv(f32::to_bits), special().values.mapv(f32::to_bits));
        assert_eq!(time, special().time);
        assert_eq!(archive.len(), 3);
    }

    #[test]
    fn metadata_is_json() {
        let traces = vec![Trace { labels: vec!["V\t1".into(), "\"ν\\\"".into()], ..cortex() }];
        assert_eq!(
            Recording { traces }.metadata(),
            r#"{"cortex.nu_e": {"population": "cortex", "quantity": "ν_e", "unit": "Hz", "time_unit": "ms", "labels": ["V\u00091", "\"ν\\\""]}}"#
        );
    }

    #[test]
    fn colliding_names_are_an_error() {
        let error = saved(vec![cortex(), cortex()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file would hold `cortex.nu_e` twice; rename one of the traces, or write each to a file of \
             its own"
        );
        // A quantity whose name is the name of another one's time.
        let other = Trace { quantity_ascii: "nu_e.t".into(), ..cortex() };
        let error = saved(vec![cortex(), other]).unwrap_err();
        assert!(matches!(error, WriteError::CollidingNames { name } if name == "cortex.nu_e.t"));
    }

    #[test]
    fn nothing_to_write_and_parts_that_do_not_fit_are_errors() {
        assert!(matches!(saved::<f64>(vec![]).unwrap_err(), WriteError::Empty));
        let trace = Trace { time: array![0.0], ..cortex() };
        assert!(matches!(saved(vec![trace]).unwrap_err(), WriteError::Shape { .. }));
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let error = Recording { traces: vec![cortex()] }.to_npz("no/such/run.npz").unwrap_err();
        assert!(matches!(error, WriteError::MissingDirectory { .. }));
    }
}
