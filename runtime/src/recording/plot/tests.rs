//! Figures as a whole; the parts have tests of their own.

use std::f64::consts::TAU;
use std::path::PathBuf;

use ndarray::{Array1, Array2};

use super::*;

/// `n` noisy waves, the peaks of which no two lines share.
fn waves(quantity: &str, unit: &str, units: usize, samples: usize) -> Trace<f64> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 16) / 65_536.0 - 0.5
    };
    let time = Array1::from_iter((0..samples).map(|i| i as f64 * 0.1));
    let values = Array2::from_shape_fn((samples, units), |(i, j)| {
        let phase = TAU * (i as f64 / samples as f64 * 4.0 - j as f64 / 40.0);
        5.0 + 3.0 * phase.sin() + 0.08 * j as f64 + 0.4 * noise()
    });
    Trace {
        population: "cortex".into(),
        quantity: quantity.into(),
        quantity_ascii: "x".into(),
        unit: unit.into(),
        time,
        time_unit: "ms".into(),
        labels: (0..units).map(|j| format!("{quantity}[{j}]")).collect(),
        values,
    }
}

fn svg(recording: &Recording<f64>, options: &PlotOptions) -> Result<String, WriteError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("figure.svg");
    recording.plot_with(&path, options)?;
    Ok(fs::read_to_string(path).unwrap())
}

fn svg_of(trace: Trace<f64>) -> String {
    svg(&Recording { traces: vec![trace] }, &PlotOptions::default()).unwrap()
}

/// Whether a text element says exactly this.
fn says(svg: &str, text: &str) -> bool {
    svg.lines().any(|line| line == text)
}

/// The coordinates of all points of the lines in one colour, in pixels.
fn points(svg: &str, color: &str) -> Vec<(f64, f64)> {
    let of_line = |line: &str| line.split_once("points=\"").map(|(_, points)| points.to_owned());
    svg.lines()
        .filter(|line| line.starts_with("<polyline") && line.contains(color))
        .filter_map(of_line)
        .flat_map(|points| {
            let points = points.trim_end_matches("\"/>").split_whitespace();
            let point = |p: &str| {
                let (x, y) = p.split_once(',').unwrap();
                (x.parse::<f64>().unwrap() / 10.0, y.parse::<f64>().unwrap() / 10.0)
            };
            points.map(point).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn axes_bear_quantities_and_units_and_lines_their_labels() {
    let traces = vec![waves("ν_e", "Hz", 3, 100), waves("V", "mV", 2, 100), waves("x", "", 1, 100)];
    let options = PlotOptions { title: Some("a < b".into()), ..PlotOptions::default() };
    let svg = svg(&Recording { traces }, &options).unwrap();
    for text in ["ν_e (Hz)", "V (mV)", "x", "t (ms)", "ν_e[0]", "ν_e[2]", "V[1]", "a &lt; b"] {
        assert!(says(&svg, text), "{text} is missing");
    }
    assert_eq!(svg.matches("\nt (ms)\n").count(), 1, "the panels share the time axis");
    assert!(!says(&svg, "cortex") && !says(&svg, "x[0]"));
}

#[test]
fn several_populations_head_their_panels() {
    let thalamus = Trace { population: "thalamus".into(), ..waves("ν_e", "Hz", 1, 10) };
    let traces = vec![waves("ν_e", "Hz", 1, 10), thalamus];
    let svg = svg(&Recording { traces }, &PlotOptions::default()).unwrap();
    assert!(says(&svg, "cortex") && says(&svg, "thalamus"));
}

#[test]
fn times_in_different_units_have_axes_of_their_own() {
    let slow = Trace { time_unit: "s".into(), ..waves("ν_e", "Hz", 1, 10) };
    let svg =
        svg(&Recording { traces: vec![waves("V", "mV", 1, 10), slow] }, &PlotOptions::default());
    let svg = svg.unwrap();
    assert!(says(&svg, "t (ms)") && says(&svg, "t (s)"));
}

#[test]
fn many_lines_are_named_by_the_first_and_the_last() {
    let many = svg_of(waves("ν_e", "Hz", 29, 50));
    assert!(says(&many, "ν_e[0]") && says(&many, "ν_e[28]") && !says(&many, "ν_e[1]"));
    let options = PlotOptions { max_legend: 2, ..PlotOptions::default() };
    let traces = vec![waves("ν_e", "Hz", 3, 50)];
    let svg = svg(&Recording { traces }, &options).unwrap();
    assert!(says(&svg, "ν_e[0]") && says(&svg, "ν_e[2]") && !says(&svg, "ν_e[1]"));
}

#[test]
fn a_long_recording_makes_a_small_file_that_keeps_the_peak() {
    let mut trace = waves("ν_e", "Hz", 29, 12_500);
    trace.values[[7123, 0]] = 40.0;
    let svg = svg_of(trace);
    assert!(svg.len() < 500_000, "{} bytes", svg.len());
    let highest = points(&svg, "#440154").into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    let others = points(&svg, "#A0DA39").into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(highest.1 + 100.0 < others.1, "{highest:?} {others:?}");
}

#[test]
fn the_picture_is_as_large_as_asked_for() {
    let options = PlotOptions { width: 640, height: Some(480), ..PlotOptions::default() };
    let recording = Recording { traces: vec![waves("ν_e", "Hz", 5, 200)] };
    let svg = svg(&recording, &options).unwrap();
    assert!(svg.starts_with(
        r#"<svg width="640" height="480" stroke-linejoin="round" stroke-linecap="round" "#
    ));
    assert!(svg.contains(r#"viewBox="0 0 6400 4800""#));

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("figure.PNG");
    recording.plot_with(&path, &options).unwrap();
    let png = fs::read(path).unwrap();
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(png[16..24], [0, 0, 2, 128, 0, 0, 1, 224]);
}

#[test]
fn a_png_shows_the_line_where_the_svg_has_it() {
    let trace = Trace { values: Array2::from_elem((2, 1), 1.0), ..waves("ν_e", "Hz", 1, 2) };
    let font = Font::bundled().unwrap();
    let traces = [trace];
    let figure = Figure::new(&traces, &PlotOptions::default(), &font).unwrap();
    let mut raster = Raster::new(&font, figure.size());
    figure.draw(&mut raster, raster::FINER).unwrap();
    let png = raster.averaged();
    let line = points(&svg::render(&figure).unwrap(), "#0072B2");
    // In the middle of the picture, for the line goes from one side of the panel to the other.
    let (width, x) = (figure.size().0 as usize, figure.size().0 as usize / 2);
    let y = (0..figure.size().1).find(|&y| f64::from(y) + 1.0 > line[0].1).unwrap() as usize;
    let at = 3 * (y * width + x);
    let blueness = i32::from(png[at + 2]) - i32::from(png[at]);
    assert!(blueness > 80, "{:?}", &png[at..at + 3]);
}

#[test]
fn values_without_a_place_break_the_line() {
    let mut trace = waves("ν_e", "Hz", 1, 9);
    trace.values[[3, 0]] = f64::NAN;
    trace.values[[5, 0]] = f64::INFINITY;
    trace.time[7] = f64::NAN;
    let svg = svg_of(trace);
    // 0-2 are a line; 4, 6 and 8 are dots.
    assert_eq!(points(&svg, "#0072B2").len(), 3);
    assert_eq!(svg.matches("<circle").count(), 3);
}

#[test]
fn strange_traces_are_drawn_all_the_same() {
    let flat = Trace { values: Array2::zeros((9, 2)), ..waves("flat", "", 2, 9) };
    let nothing = Trace { values: Array2::from_elem((9, 2), f64::NAN), ..flat.clone() };
    let huge = Array2::from_shape_fn((9, 2), |(i, _)| if i % 2 == 0 { f64::MAX } else { -1e299 });
    let tiny = Array2::from_shape_fn((9, 2), |(i, j)| 5e-324 * (i * j) as f64);
    let backwards = waves("b", "", 2, 9).time.mapv(|t| 1.0 - t);
    let timeless = Array1::from_elem(9, f64::NEG_INFINITY);
    let traces = vec![
        Trace { values: huge, ..flat.clone() },
        Trace { values: tiny, ..flat.clone() },
        Trace { time: backwards, ..flat.clone() },
        Trace { time: timeless, ..flat.clone() },
        Trace { time: Array1::from_elem(9, 1e300), ..flat.clone() },
        Trace { labels: vec!["脳 ".repeat(300), String::new()], ..flat.clone() },
        Trace { quantity: "very_long_name_".repeat(30), unit: "m".repeat(99), ..flat.clone() },
        waves("one", "", 1, 1),
        nothing,
        flat,
    ];
    let directory = tempfile::tempdir().unwrap();
    for (i, trace) in traces.iter().enumerate() {
        for suffix in ["svg", "png"] {
            trace.plot(directory.path().join(format!("{i}.{suffix}"))).unwrap();
        }
    }
    Recording { traces }.plot(directory.path().join("all.svg")).unwrap();
}

#[test]
fn a_trace_without_samples_or_units_is_an_error() {
    let no_samples =
        Trace {
            time: Array1::zeros(0), values: Array2::zeros((0, 1)), ..waves("ν_e", "Hz", 1, 1)
        };
    let no_units =
        Trace { values: Array2::zeros((1, 0)), labels: vec![], ..waves("ν_e", "Hz", 1, 1) };
    for trace in [no_samples, no_units] {
        let error = trace.plot("figure.svg").unwrap_err();
        assert_eq!(
            error.to_string(),
            "trace `cortex.ν_e` holds no samples; a plot needs at least one sample of one unit"
        );
    }
    let error = Recording::<f64>::default().plot("figure.svg").unwrap_err();
    assert!(matches!(error, WriteError::Empty));
    let trace = Trace { labels: vec![], ..waves("ν_e", "Hz", 1, 1) };
    assert!(matches!(trace.plot("figure.svg").unwrap_err(), WriteError::Shape { .. }));
}

#[test]
fn an_unknown_suffix_is_an_error_that_says_what_works() {
    for path in ["figure.pdf", "figure", "svg", ""] {
        let error = waves("ν_e", "Hz", 1, 1).plot(path).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{path}` must end in `.svg` or `.png` to say what kind of plot to write")
        );
    }
    assert_eq!(Format::of(&PathBuf::from("a.b.SVG")).unwrap(), Format::Svg);
}

#[test]
fn a_size_that_does_not_do_is_an_error() {
    let recording = Recording { traces: vec![waves("ν_e", "Hz", 5, 9); 3] };
    let advice = |width, height| {
        let options = PlotOptions { width, height, ..PlotOptions::default() };
        svg(&recording, &options).unwrap_err().to_string()
    };
    assert_eq!(
        advice(800, Some(60)),
        "cannot plot in 800 x 60 pixels (panels: 3); make it higher or plot fewer traces at once"
    );
    assert!(advice(0, None).contains("make it wider"));
    assert!(advice(800, Some(0)).contains("make it higher"));
    assert!(advice(u32::MAX, Some(u32::MAX)).contains("make it smaller"));
}

#[test]
fn a_missing_directory_is_an_error() {
    let error = waves("ν_e", "Hz", 1, 1).plot("no/such/figure.png").unwrap_err();
    assert!(matches!(error, WriteError::MissingDirectory { .. }));
}
