//! Traces as tables of comma-separated values.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::file::replace_file;
use super::{Recording, Sample, Trace, WriteError, with_unit};

impl<T: Sample> Trace<T> {
    /// Writes the trace to a CSV file with one row per sample.
    ///
    /// The header is `t_ms` (`t_` and the unit of time, or `t` in a model without units), then one label
    /// per unit:
    ///
    /// ```text
    /// t_ms,V1,V2
    /// 0,1,2.5
    /// 0.1,0.1,-3
    /// ```
    ///
    /// The numbers, times in `time_unit` and values in `unit`, are the shortest that give the same number
    /// when read back at the same precision. Values that are not finite are `NaN`, `inf` and `-inf`, as
    /// Python and R read them. A trace without samples becomes a header without rows.
    ///
    /// # Errors
    ///
    /// - [`WriteError::Shape`] when the parts of the trace do not fit each other
    /// - [`WriteError::MissingDirectory`] or [`WriteError::Io`] when the file cannot be written
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.check_shape()?;
        save(path.as_ref(), &self.header(), &[self])
    }

    /// Writes what [`to_csv`](Self::to_csv) writes to a file to any writer, such as a `Vec<u8>`.
    ///
    /// # Errors
    ///
    /// - [`WriteError::Shape`] when the parts of the trace do not fit each other
    /// - [`WriteError::Stream`] when the writer fails
    pub fn write_csv(&self, writer: impl Write) -> Result<(), WriteError> {
        self.check_shape()?;
        write_table(writer, &self.header(), &[self]).map_err(WriteError::Stream)
    }

    fn header(&self) -> Vec<String> {
        let mut header = vec![self.time_column()];
        header.extend(self.labels.iter().cloned());
        header
    }

    fn time_column(&self) -> String {
        if self.time_unit.is_empty() { "t".into() } else { format!("t_{}", self.time_unit) }
    }

    /// The name of a unit's column beside those of other traces, as in `cortex.ν_e[V1] (Hz)`.
    fn column(&self, label: &str) -> String {
        // The default labels repeat the quantity: `ν_e[0]` needs no second `ν_e` around it.
        let name = match label.strip_prefix(&self.quantity) {
            Some(rest) if rest.is_empty() || rest.starts_with('[') => {
                format!("{}.{label}", self.population)
            }
            _ => format!("{}[{label}]", self.name()),
        };
        with_unit(&name, &self.unit)
    }
}

impl<T: Sample> Recording<T> {
    /// Writes all traces side by side to one CSV file, with one row per sample.
    ///
    /// The columns are as in [`Trace::to_csv`], but say which trace they belong to:
    /// `cortex.ν_e[V1] (Hz)`, or `cortex.ν_e[0] (Hz)` for a unit with the default label.
    ///
    /// # Errors
    ///
    /// - [`WriteError::Empty`] when there is no trace
    /// - [`WriteError::Shape`] when the parts of a trace do not fit each other
    /// - [`WriteError::DifferentTimes`] when the traces were not all sampled at the same times; write
    ///   each with [`Trace::to_csv`] instead
    /// - [`WriteError::CollidingNames`] when two columns would have the same name
    /// - [`WriteError::MissingDirectory`] or [`WriteError::Io`] when the file cannot be written
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.check()?;
        let Some((first, others)) = self.traces.split_first() else {
            return Err(WriteError::Empty);
        };
        if let Some(second) = others.iter().find(|other| !same_times(first, other)) {
            let (first, second) = (first.name(), second.name());
            return Err(WriteError::DifferentTimes { first, second });
        }
        let mut header = vec![first.time_column()];
        for trace in &self.traces {
            header.extend(trace.labels.iter().map(|label| trace.column(label)));
        }
        let mut seen = HashSet::new();
        if let Some(name) = header.iter().find(|&name| !seen.insert(name)) {
            return Err(WriteError::CollidingNames { name: name.clone() });
        }
        save(path.as_ref(), &header, &self.traces.iter().collect::<Vec<_>>())
    }
}

/// Whether the rows of one trace can stand beside those of the other.
fn same_times<T>(one: &Trace<T>, other: &Trace<T>) -> bool {
    // Compared as bits, for two axes that both hold a NaN at the same place are the same.
    let bits = |trace: &Trace<T>| trace.time.mapv(f64::to_bits);
    one.time_unit == other.time_unit && bits(one) == bits(other)
}

fn save<T: Sample>(path: &Path, header: &[String], traces: &[&Trace<T>]) -> Result<(), WriteError> {
    replace_file(path, |temporary| {
        write_table(BufWriter::new(File::create(temporary)?), header, traces)
    })
}

/// Writes the header, then the rows of `traces`, which share the time axis of the first.
fn write_table<T: Sample>(
    writer: impl Write,
    header: &[String],
    traces: &[&Trace<T>],
) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(writer);
    table.write_record(header)?;
    let times = traces.first().into_iter().flat_map(|trace| &trace.time);
    for (row, &time) in times.enumerate() {
        table.write_field(number(time))?;
        for value in traces.iter().flat_map(|trace| trace.values.row(row)) {
            table.write_field(number(*value))?;
        }
        table.write_record(None::<&[u8]>)?; // ends the row
    }
    table.flush()
}

/// The shortest text that reads back as the same number.
fn number<T: Sample>(value: T) -> String {
    let size = value.into().abs();
    // Without exponent, `1e300` has 301 digits; within these bounds a number has at most 22 characters.
    let plain = size == 0.0 || (1e-5..1e16).contains(&size) || !size.is_finite();
    if plain { format!("{value}") } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::recording::tests::cortex;

    fn text(trace: &Trace<impl Sample>) -> String {
        let mut out = Vec::new();
        trace.write_csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn saved(recording: &Recording<f64>) -> Result<String, WriteError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("all.csv");
        recording.to_csv(&path)?;
        Ok(fs::read_to_string(path).unwrap())
    }

    #[test]
    fn a_trace_is_a_table() {
        assert_eq!(text(&cortex()), "t_ms,V1,V2\n0,1,2.5\n0.1,0.1,-3\n");
    }

    #[test]
    fn the_file_holds_what_the_writer_gets() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ν_e.csv");
        cortex().to_csv(&path).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), text(&cortex()));
    }

    #[test]
    fn a_model_without_units_has_a_plain_time_column() {
        let trace = Trace { time_unit: String::new(), unit: String::new(), ..cortex() };
        assert!(text(&trace).starts_with("t,V1,V2\n"));
        let recording = Recording { traces: vec![trace] };
        assert!(saved(&recording).unwrap().starts_with("t,cortex.ν_e[V1],cortex.ν_e[V2]\n"));
    }

    #[test]
    fn labels_are_quoted_where_they_must_be() {
        let labels = vec!["left, V1".to_owned(), "the \"other\"".to_owned()];
        let trace = Trace { labels, ..cortex() };
        assert!(text(&trace).starts_with("t_ms,\"left, V1\",\"the \"\"other\"\"\"\n"));
    }

    #[test]
    fn special_values_read_in_python_and_r() {
        let values = array![[f64::NAN, f64::INFINITY], [f64::NEG_INFINITY, -0.0]];
        assert_eq!(text(&Trace { values, ..cortex() }), "t_ms,V1,V2\n0,NaN,inf\n0.1,-inf,-0\n");
    }

    #[test]
    fn no_number_is_wide() {
        for value in
            [f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e16, -1e15 - 0.125, 1.234_567_890_123_456e-5]
        {
            let text = number(value);
            assert!(text.len() <= 24, "{text}");
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(number(1e300), "1e300");
        assert_eq!(number(1e16), "1e16");
        assert_eq!(number(1e15), "1000000000000000");
        assert_eq!(number(9e-6), "9e-6");
        assert_eq!(number(0.1_f32), "0.1");
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        // Bit patterns spread over the whole range of the type, by a multiplicative generator.
        let bits = (0..4000_u32).map(|i| i.wrapping_mul(2_654_435_769));
        let values: Vec<f32> = bits.map(f32::from_bits).filter(|v| !v.is_nan()).collect();
        let n = values.len();
        let trace = Trace {
            time: Array1::from_iter((0..n).map(|i| i as f64 * 0.1)),
            labels: vec!["ν_e[0]".into()],
            values: Array2::from_shape_vec((n, 1), values.clone()).unwrap(),
            ..Trace::default()
        };
        let text = text(&trace);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        for (i, row) in reader.records().enumerate() {
            let row = row.unwrap();
            assert_eq!(row[0].parse::<f64>().unwrap().to_bits(), (i as f64 * 0.1).to_bits());
            assert_eq!(row[1].parse::<f32>().unwrap().to_bits(), values[i].to_bits());
        }
        assert_eq!(text.lines().count(), n + 1);
    }

    #[test]
    fn traces_stand_side_by_side() {
        let labels = vec!["ν_e[0]".to_owned(), "ν_e[1]".to_owned()];
        let thalamus = Trace { population: "thalamus".into(), labels, ..cortex() };
        let recording = Recording { traces: vec![cortex(), thalamus] };
        assert_eq!(
            saved(&recording).unwrap(),
            "t_ms,cortex.ν_e[V1] (Hz),cortex.ν_e[V2] (Hz),thalamus.ν_e[0] (Hz),thalamus.ν_e[1] (Hz)\n\
             0,1,2.5,1,2.5\n0.1,0.1,-3,0.1,-3\n"
        );
    }

    #[test]
    fn different_times_are_an_error_that_names_both_traces() {
        let later = Trace { population: "thalamus".into(), time: array![0.0, 0.2], ..cortex() };
        let error = saved(&Recording { traces: vec![cortex(), later] }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "traces `cortex.ν_e` and `thalamus.ν_e` were sampled at different times; write each trace on \
             its own"
        );
    }

    #[test]
    fn the_same_column_twice_is_an_error() {
        let error = saved(&Recording { traces: vec![cortex(), cortex()] }).unwrap_err();
        assert!(
            matches!(&error, WriteError::CollidingNames { name } if name == "cortex.ν_e[V1] (Hz)"),
            "{error}"
        );
    }

    #[test]
    fn a_trace_without_samples_is_a_header() {
        let trace =
            Trace { time: Array1::zeros(0), values: Array2::<f64>::zeros((0, 2)), ..cortex() };
        assert_eq!(text(&trace), "t_ms,V1,V2\n");
    }

    #[test]
    fn nothing_to_write_and_parts_that_do_not_fit_are_errors() {
        assert!(matches!(saved(&Recording::default()).unwrap_err(), WriteError::Empty));
        let trace = Trace { time: array![0.0], ..cortex() };
        assert!(matches!(trace.write_csv(io::sink()).unwrap_err(), WriteError::Shape { .. }));
        let error = saved(&Recording { traces: vec![trace] }).unwrap_err();
        assert!(matches!(error, WriteError::Shape { .. }));
    }

    #[test]
    fn a_writer_that_fails_is_reported() {
        let mut room = [0_u8; 4];
        let error = cortex().write_csv(&mut room[..]).unwrap_err();
        assert!(matches!(error, WriteError::Stream(_)));
    }
}
