//! Connectomes from files: archives of The Virtual Brain, CSV; what is done with them.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use ndarray::{arr1, arr2};
use rate_model::connectivity::{
    Connections, ConnectivityError, Connectome, Normalisation, Places, Profile, SelfConnections,
};
use rate_model::prelude::*;
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

/// An archive of these files.
fn archive(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.zip");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    for (name, text) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    (directory, path)
}

/// What is wrong with an archive of these files, without its path.
fn refused(files: &[(&str, &str)]) -> String {
    let (_directory, path) = archive(files);
    let error = Connectome::read_tvb(&path).unwrap_err().to_string();
    error.replace(&path.display().to_string(), "c.zip")
}

fn three() -> Connectome {
    let weights = arr2(&[[0.0, 1.5, 0.0], [2.0, 1.0, 0.25], [0.0, 3.0, 0.0]]);
    let lengths = arr2(&[[0.0, 30.0, 40.0], [31.0, 0.0, 50.0], [41.0, 51.0, 0.0]]);
    let centres = arr2(&[[-9.5, -47.0, -3.0], [10.5, -47.0, -3.0], [0.0, 0.0, 12.0]]);
    let all = || -> Result<Connectome, ConnectivityError> {
        Connectome::new(["rV1", "lV1", "lTHAL"], weights)?
            .with_lengths(lengths)?
            .with_centres(centres)?
            .with_areas(arr1(&[396.440_65, 937.502_89, 0.0]))?
            .with_orientations(ndarray::Array2::eye(3))?
            .with_cortical(vec![true, true, false])?
            .with_right_hemisphere(vec![true, false, false])
    };
    all().unwrap()
}

/// The file was made by Python's `zipfile`: a folder, a part packed by bzip2, lines that end in \r\n, a
/// comment, a fifth column of centres, and files that are no parts.
#[test]
fn an_archive_of_the_virtual_brain_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/tvb/connectivity_3.zip");
    assert_eq!(Connectome::read_tvb(path).unwrap(), three());
}

#[test]
fn an_archive_is_written_and_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.zip");
    let weights = arr2(&[[0.1 + 0.2, 1e-300], [1.0 / 3.0, 5e300]]);
    let plain = Connectome::new(["a", "ν_e"], weights).unwrap();
    for connectome in [three(), plain] {
        connectome.write_tvb(&path).unwrap();
        let read = Connectome::read_tvb(&path).unwrap();
        assert_eq!(read.weights(), connectome.weights());
        assert_eq!(read.lengths(), connectome.lengths());
        assert_eq!(read.labels(), connectome.labels());
        assert_eq!(read.cortical(), connectome.cortical());
    }
    let spaced = three().with_labels(["a", "b c", "d"]).unwrap();
    let error = spaced.write_tvb(&path).unwrap_err().to_string();
    assert!(
        error.ends_with("the label `b c` is no single word, which the format wants"),
        "{error}"
    );
}

#[test]
fn parts_may_be_missing_or_spelt_the_american_way() {
    let weights = ("weights.txt", "0 1\n2 0");
    let (_directory, path) = archive(&[weights]);
    let bare = Connectome::read_tvb(path).unwrap();
    assert_eq!(bare.labels(), ["region_000", "region_001"]);
    assert!(bare.lengths().is_none());
    assert_eq!(
        bare.delays(3.0).unwrap_err().to_string(),
        "the connectome has no tract lengths: give them by `with_lengths`, or call `with_distances` to \
         take distances between centres"
    );
    assert!(matches!(bare.with_distances(), Err(ConnectivityError::NoCentres)));

    let files = [weights, ("tract_lengths.txt", ""), ("centers.txt", "A 0 0 0\nB 3 4 0")];
    let (_directory, path) = archive(&files);
    let centred = Connectome::read_tvb(path).unwrap();
    assert!(centred.lengths().is_none());
    let delays = centred.with_distances().unwrap().delays(2.5).unwrap();
    assert_eq!(delays, arr2(&[[0.0, 2.0], [2.0, 0.0]]));
}

#[test]
fn what_is_wrong_with_an_archive_is_said() {
    let weights = ("weights.txt", "0 1\n2 0");
    for (files, message) in [
        (&[("w.txt", "0")][..], "`c.zip` holds no `weights`, only `w.txt`"),
        (&[("__MACOSX/weights.txt", "0")], "`c.zip` holds no `weights`, only nothing"),
        (
            &[("a_weights.txt", "0"), ("weights_b.txt", "0")],
            "several files of `c.zip` could be its `weights`: `a_weights.txt`, `weights_b.txt`; call one \
             of them `weights.txt`",
        ),
        (
            &[("weights.mat", "0")],
            "`weights.mat` of `c.zip` is in a format that is not read: give it as text, `.txt` or `.txt.bz2`",
        ),
        (
            &[("weights.txt", "0 1\n2 x")],
            "`weights.txt` of `c.zip` has `x` in line 2: expected a number",
        ),
        (
            &[("weights.txt", "0 1\n\n2")],
            "`weights.txt` of `c.zip` has 1 numbers in line 3, but 2 in the lines before it",
        ),
        (&[("weights.txt", "0 1 2\n2 0 1")], "weights have shape [2, 3], expected [2, 2]"),
        (&[("weights.txt", "")], "weights are empty: a connectome has at least one region"),
        (&[("weights.txt", "0 nan\n2 0")], "weights at [0, 1] are NaN: give a finite number"),
        (
            &[weights, ("tract_lengths.txt", "0 -1\n2 0")],
            "tract lengths at [0, 1] are -1: give a finite number that is not negative",
        ),
        (
            &[weights, ("tract_lengths.txt", "0 1")],
            "tract lengths have shape [1, 2], expected [2, 2]",
        ),
        (
            &[weights, ("centres.txt", "A 0 0 0\nB 1 1")],
            "`centres.txt` of `c.zip` has `B 1 1` in line 2: expected a label and three coordinates",
        ),
        (&[weights, ("centres.txt", "A 0 0 0")], "labels have shape [1], expected [2]"),
        (
            &[weights, ("centres.txt", "A 0 0 0\nA 1 1 1")],
            "two regions are called `A`: give each a name of its own",
        ),
        (&[weights, ("areas.txt", "1 2 3")], "areas have shape [3], expected [2]"),
        (
            &[weights, ("areas.txt", "1 -2")],
            "areas at [1] are -2: give a finite number that is not negative",
        ),
        (
            &[weights, ("cortical.txt", "1 2")],
            "`cortical.txt` of `c.zip` has `2` in line 1: expected 0 or 1",
        ),
        (&[weights, ("hemispheres.txt", "1")], "hemispheres have shape [1], expected [2]"),
        (
            &[("weights.txt.bz2", "0 1\n2 0")],
            "`c.zip` cannot be read as an archive: weights.txt.bz2: bzip2: bz2 header missing; give a file \
             that a zip program opens",
        ),
    ] {
        assert_eq!(refused(files), message);
    }
}

#[test]
fn files_that_are_no_archives_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.zip");
    assert!(matches!(Connectome::read_tvb(&path), Err(ConnectivityError::Read { .. })));
    fs::write(&path, "0 1\n2 0\n").unwrap();
    assert!(matches!(Connectome::read_tvb(&path), Err(ConnectivityError::Archive { .. })));
    // Any byte of an archive may be wrong: an error or other numbers, never a panic.
    let whole =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/tvb/connectivity_3.zip"));
    let whole = whole.unwrap();
    for place in (0..whole.len()).step_by(7) {
        let mut broken = whole.clone();
        broken[place] ^= 0xFF;
        fs::write(&path, &broken).unwrap();
        let _ = Connectome::read_tvb(&path);
        fs::write(&path, &whole[..place]).unwrap();
        Connectome::read_tvb(&path).unwrap_err();
    }
}

fn csv(text: &str) -> Result<Connectome, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.csv");
    fs::write(&path, text).unwrap();
    let read = Connectome::read_csv(&path);
    read.map_err(|error| error.to_string().replace(&path.display().to_string(), "c.csv"))
}

#[test]
fn tables_are_read_with_names_and_without() {
    let weights = arr2(&[[0.0, 1.0], [2.0, 0.0]]);
    let plain = csv("0,1\n2,0\n").unwrap();
    assert_eq!(plain, Connectome::unlabelled(weights.clone()).unwrap());
    let named = csv(",V1,\"V2, left\"\nV1,0, 1\n\"V2, left\",2,0\n").unwrap();
    assert_eq!(named, Connectome::new(["V1", "V2, left"], weights).unwrap());
    let numbers = csv("area,1,2\n1,0,3\n2,0,0\n").unwrap();
    assert_eq!(numbers.labels(), ["1", "2"]);

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lengths.csv");
    fs::write(&path, "0,7\n8,0\n").unwrap();
    assert_eq!(
        plain.with_lengths_csv(&path).unwrap().lengths().unwrap(),
        arr2(&[[0.0, 7.0], [8.0, 0.0]])
    );
    fs::write(&path, ",V1,V2\nV1,0,7\nV2,8,0\n").unwrap();
    let error = named.with_lengths_csv(&path).unwrap_err().to_string();
    assert!(error.contains("has region `V2` where `V2, left` is expected"), "{error}");
}

#[test]
fn what_is_wrong_with_a_table_is_said() {
    for (text, message) in [
        ("0,1\n2,x\n", "`c.csv` has `x` in line 2: expected a number"),
        ("0,x\n2,0\n", "`c.csv` has `x` in line 1: expected a number"),
        ("0,1\n2\n", "`c.csv` has 1 numbers in line 2, but 2 in the lines before it"),
        ("0,1\n", "weights have shape [1, 2], expected [1, 1]"),
        ("", "weights are empty: a connectome has at least one region"),
        (
            ",A,B\nA,0,1\n",
            "`c.csv` has region `nothing` where `B` is expected: rows, columns and all tables list the same regions in the same order",
        ),
        (
            ",A,B\nB,0,1\nA,1,0\n",
            "`c.csv` has region `B` where `A` is expected: rows, columns and all tables list the same regions in the same order",
        ),
        (",A,A\nA,0,1\nA,1,0\n", "two regions are called `A`: give each a name of its own"),
        ("0,inf\n1,0\n", "weights at [0, 1] are inf: give a finite number"),
    ] {
        assert_eq!(csv(text).unwrap_err(), message);
    }
}

#[test]
fn weights_are_normalised_in_three_ways() {
    let weights = arr2(&[[1.0, 2.0, 1.0], [0.0, -4.0, 1.0], [0.0, 0.0, 0.0]]);
    let connectome = Connectome::unlabelled(weights.clone()).unwrap();
    let by = |how| connectome.clone().normalised(how).unwrap().weights().clone();
    assert_eq!(by(Normalisation::Maximum), &weights / 4.0);
    assert_eq!(by(Normalisation::LargestInStrength), &weights / 5.0);
    let own = arr2(&[[0.25, 0.5, 0.25], [0.0, -0.8, 0.2], [0.0, 0.0, 0.0]]);
    assert_eq!(by(Normalisation::InStrength), own);
    assert_eq!(connectome.in_strengths(), arr1(&[4.0, -3.0, 0.0]));
    let zero = Connectome::unlabelled(ndarray::Array2::zeros((2, 2))).unwrap();
    let error = zero.normalised(Normalisation::InStrength).unwrap_err();
    assert_eq!(error.to_string(), "all weights are 0: there is nothing to normalise");
    assert_eq!(
        connectome.log_scaled().unwrap_err().to_string(),
        "weights at [1, 1] are -4: give a finite number that is not negative"
    );
    let counts = Connectome::unlabelled(arr2(&[[0.0, std::f64::consts::E - 1.0], [1.0, 0.0]]));
    let scaled = counts.unwrap().log_scaled().unwrap();
    assert!((scaled.weights()[[0, 1]] - 1.0).abs() < 1e-15);
    assert!((scaled.weights()[[1, 0]] - 2.0_f64.ln()).abs() < 1e-15);
}

#[test]
fn regions_are_chosen_in_any_order() {
    let all = three();
    let two = all.subset(&[all.region("lTHAL").unwrap(), 1]).unwrap();
    assert_eq!(two.labels(), ["lTHAL", "lV1"]);
    // From lV1 to lTHAL 3.0 over 51 mm; from lTHAL to lV1 0.25 over 50 mm.
    assert_eq!(two.weights(), arr2(&[[0.0, 3.0], [0.25, 1.0]]));
    assert_eq!(two.lengths().unwrap(), arr2(&[[0.0, 51.0], [50.0, 0.0]]));
    assert_eq!(two.areas().unwrap(), arr1(&[0.0, 937.502_89]));
    assert_eq!(two.cortical().unwrap(), [false, true]);
    assert_eq!(two.clone().without_self_connections().weights().diag(), arr1(&[0.0, 0.0]));
    let turned = two.transposed();
    assert_eq!(turned.weights(), arr2(&[[0.0, 0.25], [3.0, 1.0]]));
    assert_eq!(turned.delays(5.0).unwrap(), arr2(&[[0.0, 10.0], [10.2, 0.0]]));

    let error = |regions: &[usize]| all.subset(regions).unwrap_err().to_string();
    assert_eq!(error(&[3]), "there is no region 3: there are 3, `rV1` (0) to `lTHAL` (2)");
    assert_eq!(error(&[1, 0, 1]), "region 1 is chosen twice: choose each once");
    assert_eq!(error(&[]), "the regions chosen are empty: a connectome has at least one region");
    assert_eq!(
        all.region("V1").unwrap_err().to_string(),
        "there is no region `V1`: there are 3, `rV1` (0) to `lTHAL` (2)"
    );
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = all.delays(speed).unwrap_err().to_string();
        assert!(error.starts_with("the speed of conduction is"), "{error}");
    }
}

rate_model! {
    model Rate {
        param tau: ms = 10 where tau > 0;
        input I: Hz;
        state x: Hz = 1;
        tau dx/dt = -x + I;
    }
}

/// Inputs from a rule are those of the matrix that it stands for.
#[test]
fn connections_are_weights_of_projections() {
    let rule = Connections::with_in_degree(30, 20, 4, SelfConnections::With, 1)
        .and_then(|rule| rule.with_normal_weights(0.1, 0.3, 2))
        .unwrap();
    let matrix = rule.to_dense().unwrap();
    let run = |weights: Weights| {
        let mut network = Network::new();
        let values = Values::from_fn(|unit| unit as f64);
        let from = network.add(Population::<Rate>::new("from", 20).init(Rate::x, values))?;
        let to = network.add(Population::<Rate>::new("to", 30))?;
        network.connect(Projection::new(from, Rate::x, to, Rate::I, weights))?;
        let mut simulation = Simulation::new(network, ms(0.5))?;
        simulation.run(ms(20.0))?;
        Ok::<_, Error>(simulation.values(to, Rate::x)?.to_vec())
    };
    let sparse = run((&rule).into()).unwrap();
    for (sparse, dense) in sparse.iter().zip(run(matrix.into()).unwrap()) {
        assert!((sparse - dense).abs() < 1e-12, "{sparse} {dense}");
    }
    // Connections of other populations are not taken for those of these.
    let other = Connections::with_in_degree(20, 20, 4, SelfConnections::With, 1).unwrap();
    assert!(matches!(run(other.into()), Err(Error::Weights { found: [20, 20], .. })));
}

rate_model! {
    model Phase {
        param omega: rad/ms = 0.377;
        input pull: rad/ms;
        state theta: rad = 0;
        dtheta/dt = omega + pull;
    }

    coupling Pull {
        param K: rad/s = 1;
        source theta_j: rad;
        target theta_i: rad;
        each s = sin(theta_j - theta_i);
        total pull: rad/ms = K*sum(s);
    }
}

/// Oscillators on a ring that pull their neighbours with delays by distance: in step, all have the frequency
/// that solves Ω = ω - K Σ w sin(Ω d) (Earl and Strogatz, Phys. Rev. E 67:036204, 2003, for one delay).
#[test]
fn oscillators_in_step_have_the_frequency_that_their_delays_give() {
    let (units, strength, omega, speed) = (6, 0.04, 0.377, 5.0);
    let ring = Places::ring(units, 4.0).unwrap();
    let profile = Profile::Gaussian { peak: 1.0, sigma: 4.0 };
    let weights = Connections::by_distance(&ring, profile).unwrap().with_in_strength(1.0);
    let delays = ring.distances().unwrap() / speed;
    let slower = |frequency: f64| {
        let to_first = weights.iter().filter(|(target, ..)| *target == 0);
        let pull = to_first.map(|(_, from, weight)| weight * (frequency * delays[[0, from]]).sin());
        omega - strength * pull.sum::<f64>()
    };
    let expected = (0..200).fold(omega, |frequency, _| slower(frequency));
    assert!(expected < 0.98 * omega && (slower(expected) - expected).abs() < 1e-15);

    let mut network = Network::new();
    let start = |unit: usize| 0.3 * (unit as f64).sin();
    let phases = Population::<Phase>::new("ring", units)
        .init(Phase::theta, Values::from_fn(start))
        .history_fn(Phase::theta, move |t, unit| start(unit) + omega * t);
    let phases = network.add(phases).unwrap();
    let coupling = Coupled::<Pull>::new().set(Pull::K, 1000.0 * strength);
    let projection = Projection::new(phases, Phase::theta, phases, Phase::pull, &weights)
        .delays(Delays::matrix(ms(1.0), &delays))
        .coupling(coupling)
        .against(phases, Phase::theta);
    network.connect(projection).unwrap();
    let options = Options { integrator: Integrator::Heun, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
    let theta = |simulation: &Simulation| simulation.values(phases, Phase::theta).unwrap().to_vec();
    simulation.run(ms(1500.0)).unwrap();
    let before = theta(&simulation);
    simulation.run(ms(100.0)).unwrap();
    for (before, after) in before.iter().zip(theta(&simulation)) {
        let found = (after - before) / 100.0;
        assert!((found - expected).abs() < 1e-6 * expected, "{found} {expected}");
    }
}
