//! Files of a simulation's recording: what other programs read is what was recorded.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use rate_model::lanes::Real;
use rate_model::prelude::*;
use rate_model::recording::{PlotOptions, WriteError};
use tempfile::TempDir;

rate_model! {
    model Rate {
        param tau: ms = 20 where tau > 0;
        input I: pA;
        state ν_e: Hz = 2;
        tau dν_e/dt = -ν_e + 0.3 Hz/(1 pA)*I;
        output squared: Hz^2 = ν_e^2;
    }
}

/// A recording of three quantities of two populations, one of them with labels; nothing in it is
/// a round number.
fn recording<T: Real>() -> Recording<T> {
    let mut network = Network::<T>::with_precision();
    let areas = Population::<Rate>::new("areas", 2).labels(["V1", "MT, left"]);
    let areas = network.add(areas.set(Rate::tau, [7.0, 13.0])).unwrap();
    let cells = network.add(Population::<Rate>::new("cells", [1, 2])).unwrap();
    network.stimulate(areas, Rate::I, Stimulus::function(|t| (0.3 * t).sin() / 3.0)).unwrap();
    network.stimulate(cells, Rate::I, [-1e-12, 1e17]).unwrap();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
    simulation.record(areas, Rate::ν_e).unwrap();
    simulation.record(areas, Rate::squared).unwrap();
    simulation.record(cells, Rate::ν_e).unwrap();
    simulation.run(ms(5.0)).unwrap();
    simulation.recording()
}

/// A directory that is removed again, and a path in it.
fn path(name: &str) -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    (directory, path)
}

/// Header and rows of a CSV file.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(String::from).collect();
    let fields = |record: csv::StringRecord| record.iter().map(String::from).collect();
    (header, reader.records().map(|record| fields(record.unwrap())).collect())
}

/// Asserts that a table of text holds the time and the values of traces, bit for bit once parsed.
#[track_caller]
fn assert_holds<T: Real + std::str::FromStr>(rows: &[Vec<String>], traces: &[&Trace<T>]) {
    assert_eq!(rows.len(), traces[0].time.len());
    for (index, row) in rows.iter().enumerate() {
        let (time, values) = row.split_first().unwrap();
        assert_eq!(time.parse::<f64>().unwrap().to_bits(), traces[0].time[index].to_bits());
        let expected: Vec<T> =
            traces.iter().flat_map(|trace| trace.values.row(index).to_vec()).collect();
        assert_eq!(values.len(), expected.len());
        for (text, expected) in values.iter().zip(expected) {
            let parsed = text.parse::<T>().ok().unwrap();
            assert_eq!(parsed.to_f64().to_bits(), expected.to_f64().to_bits(), "{text}");
        }
    }
}

/// Numbers of one trace, in either precision, read back to the same bits.
fn trace_is_read_back<T: Real + std::str::FromStr>() {
    let trace = &recording::<T>().traces[0];
    let (_directory, path) = path("trace.csv");
    trace.to_csv(&path).unwrap();
    let (header, rows) = read(&path);
    assert_eq!(header, ["t_ms", "V1", "MT, left"]);
    assert_holds(&rows, &[trace]);
    let mut written = Vec::new();
    trace.write_csv(&mut written).unwrap();
    assert_eq!(written, fs::read(&path).unwrap());
}

#[test]
fn a_csv_file_holds_the_recorded_numbers() {
    trace_is_read_back::<f64>();
    trace_is_read_back::<f32>();
}

#[test]
fn a_csv_file_holds_all_traces_side_by_side() {
    let recording = recording::<f64>();
    let (_directory, path) = path("all.csv");
    recording.to_csv(&path).unwrap();
    let (header, rows) = read(&path);
    let expected = [
        "t_ms",
        "areas.ν_e[V1] (Hz)",
        "areas.ν_e[MT, left] (Hz)",
        "areas.squared[V1] (Hz^2)",
        "areas.squared[MT, left] (Hz^2)",
        "cells.ν_e[0,0] (Hz)",
        "cells.ν_e[0,1] (Hz)",
    ];
    assert_eq!(header, expected);
    assert_holds(&rows, &recording.traces.iter().collect::<Vec<_>>());
}

/// Reads an archive, its array names, types, shapes and metadata given as arguments, and the bytes
/// of the arrays from a file beside it.
const SCRIPT: &str = r#"
import json, sys
import numpy as np

path, raw, dtype = sys.argv[1:]
expected = open(raw, "rb").read()
with np.load(path, allow_pickle=False) as run:
    names = ["areas.nu_e", "areas.squared", "cells.nu_e"]
    assert sorted(run.files) == sorted(names + [name + ".t" for name in names] + ["metadata"]), run.files
    found = b""
    for name in names:
        assert run[name].dtype == np.dtype(dtype) and run[name].shape == (51, 2), name
        assert run[name + ".t"].dtype == np.float64 and run[name + ".t"].shape == (51,), name
        found += run[name].tobytes() + run[name + ".t"].tobytes()
    assert found == expected
    about = json.loads(run["metadata"].tobytes())
assert list(about) == names
assert about["areas.nu_e"]["labels"] == ["V1", "MT, left"]
assert about["areas.nu_e"]["quantity"] == "\u03bd_e" and about["areas.nu_e"]["unit"] == "Hz"
assert about["areas.squared"]["unit"] == "Hz^2" and about["cells.nu_e"]["time_unit"] == "ms"
assert about["cells.nu_e"]["labels"] == ["\u03bd_e[0,0]", "\u03bd_e[0,1]"]
"#;

/// Saves a recording, and its numbers as raw bytes beside it, and lets NumPy compare them.
fn numpy_reads_back<T: Real>(dtype: &str, bytes: impl Fn(T) -> Vec<u8>) {
    let recording = recording::<T>();
    let (directory, path) = path("run.npz");
    recording.to_npz(&path).unwrap();
    let mut raw = Vec::new();
    for trace in &recording.traces {
        raw.extend(trace.values.iter().flat_map(|value| bytes(*value)));
        raw.extend(trace.time.iter().flat_map(|time| time.to_ne_bytes()));
    }
    let raw_path = directory.path().join("raw");
    fs::write(&raw_path, raw).unwrap();
    python(SCRIPT, &[path.as_os_str(), raw_path.as_os_str(), OsStr::new(dtype)]);
}

/// Runs a script with the Python that the environment names.
fn python(script: &str, arguments: &[&OsStr]) {
    let interpreter = std::env::var_os("RATE_MODEL_PYTHON").expect("it was set at build time");
    let output = Command::new(interpreter).args(["-c", script]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Labels with quotes, backslashes and line breaks, numbers that are none, and no unit.
#[test]
#[cfg_attr(not(numpy), ignore = "set RATE_MODEL_PYTHON to a Python with NumPy")]
fn numpy_reads_labels_of_any_kind() {
    const SCRIPT: &str = r#"
import json, sys
import numpy as np

with np.load(sys.argv[1], allow_pickle=False) as run:
    values, t = run["cortex.nu_e"], run["cortex.nu_e.t"]
    about = json.loads(run["metadata"].tobytes())["cortex.nu_e"]
assert values.dtype == np.float32 and values.shape == (2, 2)
assert np.isnan(values[0, 0]) and values[1, 0] == np.inf and values[1, 1] == np.float32(0.1)
assert t.dtype == np.float64 and t.tolist() == [0.0, 0.1]
assert about["labels"] == ['V1 "left"\n', "V\\2"] and about["quantity"] == "\u03bd_e"
assert about["unit"] == "" and about["time_unit"] == "ms" and about["population"] == "cortex"
"#;
    let trace = Trace {
        population: "cortex".to_owned(),
        quantity: "ν_e".to_owned(),
        quantity_ascii: "nu_e".to_owned(),
        unit: String::new(),
        time: ndarray::arr1(&[0.0, 0.1]),
        time_unit: "ms".to_owned(),
        labels: vec!["V1 \"left\"\n".to_owned(), "V\\2".to_owned()],
        values: ndarray::arr2(&[[f32::NAN, 1.0], [f32::INFINITY, 0.1]]),
    };
    let (_directory, path) = path("run.npz");
    Recording { traces: vec![trace] }.to_npz(&path).unwrap();
    python(SCRIPT, &[path.as_os_str()]);
}

#[test]
#[cfg_attr(not(numpy), ignore = "set RATE_MODEL_PYTHON to a Python with NumPy")]
fn numpy_reads_the_recorded_numbers() {
    numpy_reads_back("float64", |value: f64| value.to_ne_bytes().to_vec());
    numpy_reads_back("float32", |value: f32| value.to_ne_bytes().to_vec());
}

/// An SVG file is text: axes with their units, labels of units, names of populations, a title.
#[test]
fn an_svg_file_shows_quantities_with_their_units() {
    let recording = recording::<f64>();
    let (_directory, path) = path("figure.svg");
    recording.traces[0].plot(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("<svg") && text.trim_end().ends_with("</svg>"));
    for piece in ["ν_e (Hz)", "t (ms)", "V1", "MT, left"] {
        assert!(text.contains(piece), "no `{piece}`");
    }
    let options = PlotOptions { title: Some("all of it".into()), ..PlotOptions::default() };
    recording.plot_with(&path, &options).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for piece in ["ν_e (Hz)", "squared (Hz^2)", "t (ms)", "areas", "cells", "all of it"] {
        assert!(text.contains(piece), "no `{piece}`");
    }
}

/// A PNG file has the signature and, in its first chunk, the size of the picture (ISO/IEC 15948).
#[test]
fn a_png_file_is_a_picture_of_the_size_asked_for() {
    let (_directory, path) = path("figure.png");
    let options = PlotOptions { width: 640, height: Some(600), ..PlotOptions::default() };
    recording::<f32>().plot_with(&path, &options).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((&bytes[12..16], number(16), number(20)), (&b"IHDR"[..], 640, 600));
    assert!(bytes.ends_with(b"IEND\xaeB`\x82"));
}

/// A suffix that says nothing, or something else, is refused, and nothing is written.
#[test]
fn plots_need_a_suffix_that_says_what_they_are() {
    let recording = recording::<f64>();
    for name in ["figure", "figure.pdf", "svg", "figure.svg.gz"] {
        let (directory, path) = path(name);
        let error = recording.plot(&path).unwrap_err();
        assert!(matches!(error, WriteError::UnknownSuffix { .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("`.svg` or `.png`"), "{message}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

/// Traces of different sampling do not fit one table, and say so; a directory must be there.
#[test]
fn what_cannot_be_written_is_an_error() {
    let mut recording = recording::<f64>();
    let trace = &mut recording.traces[2];
    trace.time = trace.time.slice(ndarray::s![..26]).to_owned();
    trace.values = trace.values.slice(ndarray::s![..26, ..]).to_owned();
    let (_directory, path) = path("all.csv");
    let error = recording.to_csv(&path).unwrap_err();
    assert!(matches!(error, WriteError::DifferentTimes { .. }), "{error:?}");
    assert!(error.to_string().contains("`areas.ν_e` and `cells.ν_e`"), "{error}");
    assert!(!path.exists());
    let nowhere = path.join("no/run.npz");
    let error = recording.to_npz(&nowhere).unwrap_err();
    assert!(matches!(error, WriteError::MissingDirectory { .. }), "{error:?}");
}
