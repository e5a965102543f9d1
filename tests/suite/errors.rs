//! Every error that running a model can end with: the variant, and a message that names the
//! population, the symbol, the unit and the numbers. What is refused changes nothing.

use ndarray::{Array2, arr1, arr2};
use rate_model::prelude::*;
use rate_model::recording::WriteError;

rate_model! {
    /// With units.
    model Rate {
        param tau: ms = 20 where tau > 0;
        param low: Hz = 0;
        param high: Hz = 100 where high > low;
        input I: Hz;
        state ν_e: Hz = 1;
        tau dν_e/dt = -ν_e + I;
        let drive = I;
        output passed = 2*drive;
    }

    /// Without units.
    model Bare {
        state x = 1;
        dx/dt = x;
    }
}

/// Asserts that a message has all of some pieces.
#[track_caller]
fn assert_says(error: &Error, pieces: &[&str]) {
    let message = error.to_string();
    for piece in pieces {
        assert!(message.contains(piece), "no `{piece}` in: {message}");
    }
}

/// Asserts that something failed with a variant, and that its message has all of some pieces.
macro_rules! assert_fails {
    ($result:expr, $variant:pat, $($piece:expr),+) => {
        match $result {
            Ok(_) => panic!("{} did not fail", stringify!($result)),
            Err(error) => {
                assert!(matches!(error, $variant), "{error:?}");
                assert_says(&error, &[$($piece),+]);
            }
        }
    };
}

fn cortex() -> Population<Rate> {
    Population::new("cortex", 3)
}

/// A network of `cortex` alone.
fn network() -> (Network, PopulationId<Rate>) {
    let mut network = Network::new();
    let id = network.add(cortex()).unwrap();
    (network, id)
}

fn simulation() -> (Simulation, PopulationId<Rate>) {
    let (network, id) = network();
    (Simulation::new(network, ms(0.5)).unwrap(), id)
}

fn add(population: Population<Rate>) -> Result<PopulationId<Rate>, Error> {
    Network::new().add(population)
}

#[test]
fn values_of_the_wrong_shape() {
    let wrong = || vec![1.0, 2.0];
    let shape = ["cortex", "[2]", "[3]"];
    assert_fails!(
        add(cortex().set(Rate::tau, wrong())),
        Error::Shape { .. },
        "`tau`",
        shape[0],
        shape[1],
        shape[2]
    );
    assert_fails!(
        add(cortex().init(Rate::ν_e, wrong())),
        Error::Shape { .. },
        "`ν_e`",
        shape[0],
        shape[1],
        shape[2]
    );
    let (mut network, id) = network();
    assert_fails!(
        network.stimulate(id, Rate::I, wrong()),
        Error::Shape { .. },
        "`I`",
        shape[0],
        shape[1],
        shape[2]
    );
    let table = Stimulus::table(ms(1.0), &Array2::<f64>::zeros((4, 2)));
    assert_fails!(
        network.stimulate(id, Rate::I, table),
        Error::Shape { .. },
        "`I`",
        shape[0],
        shape[1],
        shape[2]
    );
    let window = Stimulus::window(ms(0.0), ms(1.0), wrong());
    assert_fails!(
        network.stimulate(id, Rate::I, window),
        Error::Shape { .. },
        "`I`",
        shape[0],
        shape[1],
        shape[2]
    );
    // The shape of a population with two axes, in another order.
    let grid = Population::<Rate>::new("grid", [2, 3]).set(Rate::tau, Array2::ones((3, 2)));
    assert_fails!(add(grid), Error::Shape { .. }, "grid", "`tau`", "[3, 2]", "[2, 3]");
}

#[test]
fn values_that_are_not_finite() {
    let each = [1.0, f64::INFINITY, 1.0];
    assert_fails!(
        add(cortex().set(Rate::tau, each)),
        Error::NotFinite { .. },
        "cortex",
        "`tau`",
        "inf",
        "unit 1"
    );
    let labelled = cortex().labels(["V1", "V2", "MT"]).init(Rate::ν_e, [0.0, 0.0, f64::NAN]);
    assert_fails!(add(labelled), Error::NotFinite { .. }, "cortex", "`ν_e`", "NaN", "unit MT");
}

#[test]
fn parameters_out_of_their_range() {
    let each = [1.0, 2.0, -3.5];
    assert_fails!(
        add(cortex().set(Rate::tau, each)),
        Error::OutOfRange { .. },
        "cortex",
        "`tau`",
        "-3.5 ms",
        "unit 2",
        "`tau > 0`"
    );
    assert_fails!(
        add(cortex().set(Rate::tau, 0.0)),
        Error::OutOfRange { .. },
        "cortex",
        "`tau`",
        "0 ms",
        "`tau > 0`"
    );
    // Raising the one limit past the other is as wrong as lowering the other.
    assert_fails!(
        add(cortex().set(Rate::low, [0.0, 150.0, 0.0])),
        Error::OutOfRange { .. },
        "cortex",
        "`high`",
        "100 Hz",
        "unit 1",
        "`high > low`"
    );
}

#[test]
fn populations_that_do_not_fit() {
    assert_fails!(
        add(cortex().labels(["V1", "V2"])),
        Error::Labels { .. },
        "cortex",
        "3 units",
        "2 labels"
    );
    let huge = Population::<Rate>::new("huge", [usize::MAX, 2]);
    assert_fails!(add(huge), Error::TooLarge { .. }, "huge", "does not fit into memory");
    let (mut network, _) = network();
    assert_fails!(network.add(cortex()), Error::DuplicatePopulation { .. }, "`cortex`");
    // The refused one left no trace: there is still one population, and another name is free.
    network.add(Population::<Rate>::new("thalamus", 1)).unwrap();
}

#[test]
fn handles_of_another_network() {
    let (mut network, id) = network();
    let mut other = Network::new();
    let foreign = other.add(cortex()).unwrap();
    let weights = || Array2::ones((3, 3));
    let expected = "another network";
    assert_fails!(network.stimulate(foreign, Rate::I, 1.0), Error::ForeignPopulation, expected);
    assert_fails!(
        network.project(foreign, Rate::ν_e, id, Rate::I, weights()),
        Error::ForeignPopulation,
        expected
    );
    assert_fails!(
        network.project(id, Rate::ν_e, foreign, Rate::I, weights()),
        Error::ForeignPopulation,
        expected
    );
    let mut simulation = Simulation::new(network, ms(0.5)).unwrap();
    assert_fails!(simulation.record(foreign, Rate::ν_e), Error::ForeignPopulation, expected);
    assert_fails!(simulation.values(foreign, Rate::ν_e), Error::ForeignPopulation, expected);
    assert_fails!(simulation.set(foreign, Rate::tau, 1.0), Error::ForeignPopulation, expected);
    assert_fails!(
        simulation.set_state(foreign, Rate::ν_e, 1.0),
        Error::ForeignPopulation,
        expected
    );
}

#[test]
fn units_that_are_not_there() {
    let (mut network, id) = network();
    let stimulus = Stimulus::from(1.0).on([0, 3]);
    assert_fails!(
        network.stimulate(id, Rate::I, stimulus),
        Error::NoSuchUnit { .. },
        "cortex",
        "3 units",
        "unit 3"
    );
    let mut simulation = Simulation::new(network, ms(0.5)).unwrap();
    let monitor = Monitor::new(id, Rate::ν_e).units([7]);
    assert_fails!(
        simulation.monitor(monitor),
        Error::NoSuchUnit { .. },
        "cortex",
        "3 units",
        "unit 7"
    );
    assert_fails!(
        simulation.monitor(Monitor::new(id, Rate::ν_e).every(0)),
        Error::Every { .. },
        "not 0"
    );
    assert!(simulation.recording().traces.is_empty());
}

#[test]
fn weights_that_do_not_fit() {
    let (mut network, id) = network();
    let pair = network.add(Population::<Rate>::new("pair", 2)).unwrap();
    let transposed = Array2::ones((3, 2));
    assert_fails!(
        network.project(id, Rate::ν_e, pair, Rate::I, transposed),
        Error::Weights { .. },
        "`cortex`",
        "`pair`",
        "[3, 2]",
        "[2, 3]",
        "row = target"
    );
    let with_nan = arr2(&[[1.0, 1.0, 1.0], [1.0, f64::NAN, 1.0]]);
    assert_fails!(
        network.project(id, Rate::ν_e, pair, Rate::I, with_nan),
        Error::WeightNotFinite { .. },
        "unit 1 of `cortex`",
        "unit 1 of `pair`",
        "NaN"
    );
    // Through an auxiliary, the output depends on the input.
    assert_fails!(
        network.project(id, Rate::passed, id, Rate::I, Array2::ones((3, 3))),
        Error::Feedthrough { .. },
        "`passed`",
        "`cortex`"
    );
}

#[test]
fn steps_that_are_none() {
    for dt in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let number = dt.to_string();
        assert_fails!(
            Simulation::new(network().0, ms(dt)),
            Error::Step { .. },
            "positive",
            number.as_str()
        );
    }
}

#[test]
fn times_of_the_wrong_kind() {
    assert_fails!(Simulation::new(network().0, 0.5), Error::TimeBase { .. }, "`Rate`", "0.5", "ms");
    let mut bare = Network::new();
    bare.add(Population::<Bare>::new("bare", 1)).unwrap();
    assert_fails!(
        Simulation::new(bare, s(0.5)),
        Error::TimeBase { .. },
        "`Bare`",
        "0.5 s",
        "bare number"
    );
    let (mut simulation, _) = simulation();
    assert_fails!(simulation.run(10.0), Error::MixedTime { .. }, "10", "0.5 ms");
    // A stimulus is checked when the step is known.
    for stimulus in [
        Stimulus::window(1.0, 2.0, 1.0),
        Stimulus::table(1.0, &arr1(&[0.0, 1.0])),
        Stimulus::window(ms(1.0), 2.0, 1.0),
    ] {
        let (mut network, id) = network();
        network.stimulate(id, Rate::I, stimulus).unwrap();
        assert_fails!(Simulation::new(network, ms(0.5)), Error::MixedTime { .. }, "0.5 ms");
    }
}

#[test]
fn durations_that_cannot_be_run() {
    let (mut simulation, id) = simulation();
    assert_fails!(
        simulation.run(ms(1.2)),
        Error::NotWholeSteps { .. },
        "1.2 ms",
        "0.5 ms",
        "1 ms",
        "1.5 ms"
    );
    for duration in [-1.0, f64::NAN, f64::INFINITY] {
        let number = format!("{duration} ms");
        assert_fails!(
            simulation.run(ms(duration)),
            Error::NegativeDuration { .. },
            number.as_str()
        );
    }
    assert_eq!(simulation.step(), 0);
    assert_eq!(simulation.values(id, Rate::ν_e).unwrap(), [1.0; 3]);
}

#[test]
fn tables_that_end_too_early() {
    let (mut network, id) = network();
    let table = Stimulus::table(ms(2.0), &arr1(&[0.0, 1.0, 2.0]));
    network.stimulate(id, Rate::I, table).unwrap();
    let mut simulation = Simulation::new(network, ms(0.5)).unwrap();
    assert_fails!(
        simulation.run(ms(6.5)),
        Error::TableTooShort { .. },
        "`I`",
        "`cortex`",
        "6 ms",
        "6.5 ms"
    );
    assert_eq!(simulation.step(), 0);
    simulation.run(ms(6.0)).unwrap();
    assert_fails!(simulation.run(steps(1)), Error::TableTooShort { .. }, "6 ms", "6.5 ms");
}

#[test]
fn windows_and_tables_without_extent() {
    for (from, until) in [(3.0, 3.0), (4.0, 3.0)] {
        let (mut network, id) = network();
        network.stimulate(id, Rate::I, Stimulus::window(ms(from), ms(until), 1.0)).unwrap();
        let from = format!("{from} ms");
        assert_fails!(
            Simulation::new(network, ms(0.5)),
            Error::EmptyWindow { .. },
            from.as_str(),
            "3 ms"
        );
    }
    let (mut network, id) = network();
    network.stimulate(id, Rate::I, Stimulus::table(ms(0.0), &arr1(&[1.0]))).unwrap();
    assert_fails!(Simulation::new(network, ms(0.5)), Error::Step { .. }, "0 ms");
}

/// Whichever unit it is.
#[test]
fn the_unit_that_is_no_longer_finite_is_named() {
    for wrong in [0, 63, 64, 130, 199] {
        let start = Values::from_fn(move |unit| f64::from(unit == wrong));
        let mut network = Network::new();
        network.add(Population::<Bare>::new("bare", 200).init(Bare::x, start)).unwrap();
        let mut simulation = Simulation::new(network, 2.0).unwrap();
        let error = simulation.run(steps(700)).unwrap_err();
        let Error::Diverged { unit, .. } = error else { panic!("{error}") };
        assert_eq!(unit, wrong.to_string());
    }
}

/// x ← 3 x for dt = 2 is infinite after 647 steps (3^647 > 1.8e308 > 3^646); it is
/// noticed at the end of the run, or after 1000 steps, and what was recorded can still be read.
#[test]
fn states_that_are_no_longer_finite() {
    for (count, noticed) in [(700, 700), (5000, 1000)] {
        let mut network = Network::new();
        let bare = Population::<Bare>::new("bare", 3).labels(["a", "b", "c"]);
        let bare = network.add(bare.init(Bare::x, [0.0, 0.0, -1.0])).unwrap();
        let mut simulation = Simulation::new(network, 2.0).unwrap();
        simulation.record(bare, Bare::x).unwrap();
        let time = (2 * noticed).to_string();
        let steps_done = format!("({noticed} steps)");
        assert_fails!(
            simulation.run(steps(count)),
            Error::Diverged { .. },
            "`bare`",
            "`x`",
            "-inf",
            "unit c",
            time.as_str(),
            steps_done.as_str()
        );
        let trace = &simulation.recording().traces[0];
        assert!(trace.values.nrows() >= 700 && trace.values[[647, 2]].is_infinite());
        assert!(trace.values[[646, 2]].is_finite());
    }
}

/// Unless one asks not to look.
#[test]
fn looking_for_numbers_that_are_not_finite_can_be_turned_off() {
    let mut network = Network::new();
    let bare = network.add(Population::<Bare>::new("bare", 1)).unwrap();
    let options = Options { check_finite: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 2.0, options).unwrap();
    assert_eq!(simulation.run(steps(1500)).unwrap().steps, 1500);
    assert_eq!(simulation.values(bare, Bare::x).unwrap(), [f64::INFINITY]);
}

#[test]
fn recordings_that_cannot_be_written() {
    let fails = || -> Result<(), Error> {
        let (simulation, _) = simulation();
        Ok(simulation.recording().to_csv("nothing.csv")?)
    };
    assert_fails!(fails(), Error::Write(WriteError::Empty), "no traces");
}

/// After a refused change everything is as before: the next step runs with the old values.
#[test]
fn a_refused_change_changes_nothing() {
    let (mut simulation, id) = simulation();
    simulation.set(id, Rate::tau, 10.0).unwrap();
    simulation.set_state(id, Rate::ν_e, [1.0, 2.0, 4.0]).unwrap();
    assert_fails!(simulation.set(id, Rate::tau, -1.0), Error::OutOfRange { .. }, "-1 ms");
    assert_fails!(simulation.set(id, Rate::tau, f64::NAN), Error::NotFinite { .. }, "NaN");
    assert_fails!(simulation.set(id, Rate::tau, [5.0; 2]), Error::Shape { .. }, "[2]");
    assert_fails!(simulation.set(id, Rate::low, 200.0), Error::OutOfRange { .. }, "`high > low`");
    assert_fails!(simulation.set_state(id, Rate::ν_e, f64::NAN), Error::NotFinite { .. }, "`ν_e`");
    assert_fails!(simulation.set_state(id, Rate::ν_e, [1.0; 4]), Error::Shape { .. }, "[4]");
    assert_eq!(simulation.values(id, Rate::ν_e).unwrap(), [1.0, 2.0, 4.0]);
    simulation.run(steps(1)).unwrap();
    // x - x dt/tau with dt/tau = 0.05, up to the last bit.
    for (found, start) in simulation.values(id, Rate::ν_e).unwrap().iter().zip([1.0, 2.0, 4.0]) {
        assert!((found - 0.95 * start).abs() < 1e-15, "{found}");
    }
}

/// Values are checked in the precision that they are computed in.
#[test]
fn single_precision_has_its_own_limits() {
    let too_large = Population::<Rate>::new("r", 1).set(Rate::tau, 1e300);
    let added = Network::<f32>::with_precision().add(too_large).map(drop);
    assert!(matches!(added, Err(Error::NotFinite { .. })), "{added:?}");
    let vanishing = Population::<Rate>::new("r", 1).set(Rate::tau, 1e-300);
    let added = Network::<f32>::with_precision().add(vanishing).map(drop);
    assert!(matches!(added, Err(Error::OutOfRange { .. })), "{added:?}");
}
