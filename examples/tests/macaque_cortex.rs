//! The example `macaque_cortex` as its users see it: what it prints, what it writes, how it fails;
//! against a replay of the published equations in plain loops and the published results.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The example, built by cargo beside this test.
fn example() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests are in target/…/deps");
    folder.join("examples").join(format!("macaque_cortex{}", std::env::consts::EXE_SUFFIX))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(example()).args(arguments).output().expect("the example was built")
}

/// What it prints, once it has succeeded.
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The one line it prints when it fails.
fn failure(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let errors = String::from_utf8(output.stderr).expect("it prints text");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}

/// A table with names in its first row and column.
struct Table {
    columns: Vec<String>,
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
}

fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let columns = lines.next().unwrap().collect();
    let (mut names, mut rows) = (Vec::new(), Vec::new());
    for mut fields in lines {
        names.push(fields.next().unwrap());
        rows.push(fields.map(|field| field.parse().unwrap()).collect());
    }
    Table { columns, names, rows }
}

/// What a replay needs to know.
struct Case {
    stimulated: &'static str,
    amplitude: f64,
    eta: f64,
    dt: f64,
    duration: f64,
}

const PUBLISHED: Case =
    Case { stimulated: "V1", amplitude: 41.8646, eta: 0.68, dt: 0.2, duration: 2500.0 };

/// Forward Euler on the equations of Chaudhuri et al. (2015), with constants as published:
/// excitatory rates of all areas after every step.
fn replay(folder: &Path, case: &Case) -> Vec<Vec<f64>> {
    let (tau_e, tau_i, beta_e, beta_i) = (20.0, 10.0, 0.066, 0.351);
    let (w_ee, w_ie, w_ei, w_ii, mu_ee, mu_ie) = (24.3, 12.2, 19.7, 12.5, 33.7, 25.3);
    let (rest_e, rest_i) = (10.0, 35.0);
    let fln = table(&folder.join("fln.csv"));
    let hierarchy = table(&folder.join("hierarchy.csv")).rows;
    let top = hierarchy.iter().map(|row| row[0]).fold(0.0, f64::max);
    let areas = fln.rows.len();
    let stimulated = fln.names.iter().position(|name| name == case.stimulated).unwrap();
    let afferent = |rates: &[f64], area: usize| -> f64 {
        fln.rows[area].iter().zip(rates).map(|(weight, rate)| weight * rate).sum()
    };
    let gain = |area: usize| 1.0 + case.eta * hierarchy[area][0] / top;
    let currents = |area: usize, e: f64, i: f64, q: f64| {
        let s = gain(area);
        (s * (w_ee * e + mu_ee * q) - w_ei * i, s * (w_ie * e + mu_ie * q) - w_ii * i)
    };
    let (mut e, mut i) = (vec![rest_e; areas], vec![rest_i; areas]);
    let background: Vec<(f64, f64)> = (0..areas)
        .map(|area| {
            let (to_e, to_i) = currents(area, rest_e, rest_i, afferent(&e, area));
            (rest_e / beta_e - to_e, rest_i / beta_i - to_i)
        })
        .collect();
    let steps = (case.duration / case.dt).round();
    let mut history = vec![e.clone()];
    for step in (0..).map(f64::from).take_while(|step| *step < steps) {
        let t = step * case.dt;
        let on = (100.0 - 1e-9..350.0 - 1e-9).contains(&t);
        let (old_e, old_i) = (e.clone(), i.clone());
        for area in 0..areas {
            let (to_e, to_i) = currents(area, old_e[area], old_i[area], afferent(&old_e, area));
            let stimulus = if on && area == stimulated { case.amplitude / beta_e } else { 0.0 };
            let current_e = (to_e + background[area].0 + stimulus).max(0.0);
            let current_i = (to_i + background[area].1).max(0.0);
            e[area] += case.dt * (-old_e[area] + beta_e * current_e) / tau_e;
            i[area] += case.dt * (-old_i[area] + beta_i * current_i) / tau_i;
        }
        history.push(e.clone());
    }
    history
}

/// Runs the example on a connectome and compares the whole `rates.csv` with the replay.
fn compare(folder: &Path, case: &Case) {
    let out = tempfile::tempdir().unwrap();
    let (out_text, folder_text) = (out.path().to_str().unwrap(), folder.to_str().unwrap());
    let numbers = [case.amplitude, case.eta, case.dt, case.duration].map(|n| n.to_string());
    let [amplitude, eta, dt, duration] = &numbers;
    printed(&[
        "--connectome",
        folder_text,
        "--out",
        out_text,
        "--stimulate",
        case.stimulated,
        "--amplitude",
        amplitude,
        "--eta",
        eta,
        "--dt",
        dt,
        "--duration",
        duration,
    ]);
    let rates = table(&out.path().join("rates.csv"));
    let expected = replay(folder, case);
    let areas = table(&folder.join("fln.csv")).names;
    assert_eq!(rates.columns[0], "t_ms");
    assert_eq!(rates.columns[1..], areas);
    assert_eq!(rates.rows.len(), expected.len());
    for (step, (row, wanted)) in rates.rows.iter().zip(&expected).enumerate() {
        let t: f64 = rates.names[step].parse().unwrap();
        assert!((t - step as f64 * case.dt).abs() < 1e-9, "t = {t} at step {step}");
        for (area, (rate, wanted)) in row.iter().zip(wanted).enumerate() {
            let error = (rate - wanted).abs();
            assert!(error < 1e-9, "{}, step {step}: {rate} is not {wanted}", areas[area]);
        }
    }
    assert!(out.path().join("rates.svg").exists());
}

/// Three areas, so that the replay is tested where the published data are not at hand.
fn small_connectome() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fln = "target,V1,V2,MT\nV1,0,0.7,0.1\nV2,0.6,0,0.2\nMT,0.3,0.4,0\n";
    std::fs::write(folder.path().join("fln.csv"), fln).unwrap();
    let hierarchy = "area,hierarchy\nV1,0\nV2,0.9\nMT,1.8\n";
    std::fs::write(folder.path().join("hierarchy.csv"), hierarchy).unwrap();
    folder
}

#[test]
fn a_small_cortex_equals_the_replay() {
    let folder = small_connectome();
    compare(folder.path(), &Case { duration: 600.0, ..PUBLISHED });
    let other = Case { stimulated: "MT", amplitude: -15.0, eta: 0.3, dt: 0.25, duration: 500.0 };
    compare(folder.path(), &other);
    // Not a whole number of steps: the nearest number of them.
    compare(folder.path(), &Case { dt: 0.3, duration: 400.0, ..PUBLISHED });
}

#[cfg(macaque29)]
fn published_connectome() -> PathBuf {
    PathBuf::from(std::env::var_os("RATE_MODEL_MACAQUE29").expect("it was set at build time"))
}

#[cfg(not(macaque29))]
fn published_connectome() -> PathBuf {
    unreachable!("the tests that need it are ignored")
}

#[test]
#[cfg_attr(not(macaque29), ignore = "set RATE_MODEL_MACAQUE29 to the folder of the connectome")]
fn the_published_cortex_equals_the_replay() {
    let folder = published_connectome();
    compare(&folder, &PUBLISHED);
    let low = Case { eta: 0.5, stimulated: "V4", amplitude: 20.0, dt: 0.5, duration: 1000.0 };
    compare(&folder, &low);
    let high = Case { eta: 0.68, stimulated: "24c", amplitude: 60.0, dt: 0.1, duration: 700.0 };
    compare(&folder, &high);
}

/// Figures of the publication's model, as computed independently with 64-bit floats.
#[test]
#[cfg_attr(not(macaque29), ignore = "set RATE_MODEL_MACAQUE29 to the folder of the connectome")]
fn the_published_figures_are_printed() {
    let out = tempfile::tempdir().unwrap();
    let folder = published_connectome();
    let text =
        printed(&["--connectome", folder.to_str().unwrap(), "--out", out.path().to_str().unwrap()]);
    let line = |area: &str| -> Vec<String> {
        let found = text.lines().find(|line| line.split_whitespace().next() == Some(area));
        found.unwrap().split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(line("V1")[1..], ["99.99998", "350.0"]);
    assert_eq!(line("24c")[1..], ["0.00619", "641.0"]);
    for (area, peak) in
        [("V2", "19.33341"), ("V4", "3.62264"), ("MT", "3.16005"), ("TEO", "1.05363")]
    {
        assert_eq!(line(area)[1], peak);
    }
    assert!(text.contains("760.34, 603.44, 322.88 ms"), "{text}");
}

#[test]
fn a_synthetic_cortex_runs_without_any_data() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("made/here");
    let text = printed(&["--out", folder.to_str().unwrap(), "--duration", "400"]);
    assert!(text.contains("A29") && text.contains("slowest time constants"), "{text}");
    let rates = table(&folder.join("rates.csv"));
    assert_eq!((rates.columns.len(), rates.rows.len()), (30, 2001));
    assert!(rates.rows.iter().flatten().all(|rate| (0.0..500.0).contains(rate)));
}

#[test]
fn precision_and_integrator_change_little() {
    let folder = small_connectome();
    let peak = |extra: &[&str]| -> f64 {
        let out = tempfile::tempdir().unwrap();
        let mut arguments = vec![
            "--connectome",
            folder.path().to_str().unwrap(),
            "--out",
            out.path().to_str().unwrap(),
            "--duration",
            "400",
        ];
        arguments.extend(extra);
        let text = printed(&arguments);
        let line = text.lines().find(|line| line.starts_with("V1")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let reference = peak(&[]);
    // 2000 steps in single precision; a first-order method against another at dt/tau = 0.01.
    assert!((peak(&["--precision", "f32"]) - reference).abs() < 1e-3);
    assert!((peak(&["--integrator", "exponential-euler"]) - reference).abs() < 1e-2 * reference);
}

#[test]
fn every_mistake_gets_one_line_and_exit_code_2() {
    let folder = small_connectome();
    let path = folder.path().to_str().unwrap();
    let missing = failure(&["--connectome", "no/such/folder"]);
    assert!(missing.contains("no/such/folder") && missing.contains("fln.csv"), "{missing}");
    let area = failure(&["--connectome", path, "--stimulate", "V9"]);
    assert!(area.contains("`V9`") && area.contains("V1, V2, MT"), "{area}");
    let dt = failure(&["--dt", "-0.2"]);
    assert!(dt.contains("--dt") && dt.contains("-0.2"), "{dt}");
    assert!(failure(&["--dt", "soon"]).contains("`soon`"));
    assert!(failure(&["--integrator", "magic"]).contains("exponential-euler"));
    assert!(failure(&["--speed", "9"]).contains("--speed"));
    assert!(failure(&["--duration", "-1"]).contains("--duration"));

    let narrow = "target,V1,V2\nV1,0,0.7\nV2,0.6,0\nMT,0.3,0.4\n";
    std::fs::write(folder.path().join("fln.csv"), narrow).unwrap();
    let square = failure(&["--connectome", path]);
    assert!(square.contains("3 rows and 2 columns") && square.contains("square"), "{square}");
    std::fs::write(folder.path().join("fln.csv"), "target,V1\nV1,much\n").unwrap();
    assert!(failure(&["--connectome", path]).contains("`much`"));
}
