//! Running: how many steps, in pieces, stopped and continued; what monitors record; what stimuli
//! deliver; changes between runs.

use std::process::Command;

use ndarray::{Array1, Array2, ArrayView1, arr1, arr2};
use rate_model::prelude::*;

rate_model! {
    /// Shows what it receives, and adds it up.
    model Probe {
        input I = -3;
        input other = 7;
        state total = 0;
        dtotal/dt = I;
        let received = I;
        let both = received + other;
        output doubled = 2*total;
    }

    /// Non-linear, driven by time and by an input, with units.
    model Driven {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν_e: Hz = 2;
        let response: Hz = 3*I/(1 + (I/(10 Hz))^2);
        tau dν_e/dt = -ν_e + response + 0.1 Hz*(t/(1 ms));
    }
}

/// dt of all runs of [`Probe`]: a power of 2, so that sums are exact.
const DT: f64 = 0.5;

/// A network of one [`Probe`] population with stimuli at `I`, and a monitor of what arrives.
fn probe<const N: usize>(
    shape: impl Into<rate_model::Shape>,
    stimuli: [Stimulus; N],
) -> (Simulation, PopulationId<Probe>) {
    let mut network = Network::new();
    let id = network.add(Population::new("probe", shape)).unwrap();
    for stimulus in stimuli {
        network.stimulate(id, Probe::I, stimulus).unwrap();
    }
    let mut simulation = Simulation::new(network, DT).unwrap();
    simulation.record(id, Probe::received).unwrap();
    (simulation, id)
}

/// What arrives at the units in each of the first steps; the last row belongs to the step that
/// would come next.
fn delivered<const N: usize>(
    shape: impl Into<rate_model::Shape>,
    stimuli: [Stimulus; N],
    count: u64,
) -> Array2<f64> {
    let (mut simulation, _) = probe(shape, stimuli);
    simulation.run(steps(count)).unwrap();
    values(&simulation, 0)
}

/// The values of a trace.
fn values(simulation: &Simulation, trace: usize) -> Array2<f64> {
    simulation.recording().traces[trace].values.clone()
}

/// The times of a trace.
fn times(simulation: &Simulation, trace: usize) -> Vec<f64> {
    simulation.recording().traces[trace].time.to_vec()
}

/// A table with one column.
fn column(values: impl IntoIterator<Item = f64>) -> Array2<f64> {
    Array1::from_iter(values).insert_axis(ndarray::Axis(1))
}

/// A [`Driven`] population with a stimulus that varies, everything recorded.
fn driven() -> (Simulation, PopulationId<Driven>) {
    let mut network = Network::new();
    let population = Population::new("driven", 3).set(Driven::tau, [10.0, 15.0, 20.0]);
    let id = network.add(population).unwrap();
    network.stimulate(id, Driven::I, Stimulus::window(ms(1.0), ms(2.0), 4.0)).unwrap();
    network.stimulate(id, Driven::I, Stimulus::function(|t| t * t)).unwrap();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
    simulation.record(id, Driven::ν_e).unwrap();
    simulation.monitor(Monitor::new(id, Driven::response).every(7)).unwrap();
    (simulation, id)
}

/// 0.3/0.1 is 2.9999999999999996 in doubles, and still three steps.
#[test]
fn durations_are_counted_in_whole_steps() {
    let cases = [
        (s(0.3), s(0.1), 3),
        (s(0.3), ms(100.0), 3),
        (ms(300.0), s(0.1), 3),
        (ms(0.7), us(100.0), 7),
        (min(0.01), ms(0.2), 3000),
        (ms(0.0), ms(0.1), 0),
    ];
    for (duration, dt, expected) in cases {
        let mut network = Network::new();
        network.add(Population::<Driven>::new("driven", 1)).unwrap();
        // Steps are counted, however long for the equation.
        let options = Options { check_stability: false, ..Options::default() };
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        assert_eq!(simulation.run(duration).unwrap().steps, expected, "{duration} by {dt}");
        assert_eq!(simulation.step(), expected);
    }
}

/// The time of row n is the double nearest to n/10.
#[test]
fn the_clock_does_not_drift() {
    let (mut simulation, _) = driven();
    simulation.run(ms(30.0)).unwrap();
    let expected: Vec<f64> = (0..=300_u32).map(|n| f64::from(n) / 10.0).collect();
    assert_eq!(times(&simulation, 0), expected);
    assert_eq!(simulation.time(), ms(30.0));
}

/// In one go, in pieces of any length, or of none: the same states and the same recording, without
/// a row twice where pieces meet.
#[test]
fn a_run_in_pieces_is_one_run() {
    let (mut whole, id) = driven();
    whole.run(ms(6.0)).unwrap();
    let (mut parts, _) = driven();
    for piece in [1, 0, 6, 7, 0, 20, 26] {
        assert_eq!(parts.run(steps(piece)).unwrap().steps, piece);
    }
    assert_eq!(parts.recording(), whole.recording());
    // The handle of another network is refused, so the states are compared through recordings.
    let last = values(&parts, 0).row(60).to_vec();
    assert_eq!(whole.values(id, Driven::ν_e).unwrap(), last);
    assert_eq!(values(&parts, 0).dim(), (61, 3));
    assert_eq!(values(&parts, 1).dim(), (9, 3));
}

/// Back to the start: the same run again, with parameters as they are now and states as they were.
#[test]
fn a_reset_simulation_runs_again() {
    let (mut simulation, id) = driven();
    simulation.run(ms(3.0)).unwrap();
    let first = simulation.recording();
    simulation.set_state(id, Driven::ν_e, 50.0).unwrap();
    simulation.run(ms(1.0)).unwrap();
    simulation.reset();
    assert_eq!((simulation.step(), simulation.time()), (0, ms(0.0)));
    assert!(simulation.recording().traces.iter().all(|trace| trace.time.is_empty()));
    assert_eq!(simulation.values(id, Driven::ν_e).unwrap(), [2.0; 3]);
    simulation.run(ms(3.0)).unwrap();
    assert_eq!(simulation.recording(), first);
}

/// Stopped from another thread after some step, then continued: as if nothing had been.
#[test]
fn a_run_can_be_stopped_and_continued() {
    let (mut simulation, id) = probe(1, [Stimulus::function(|t| t)]);
    let handle = simulation.stop_handle();
    let (at_work, wait) = std::sync::mpsc::channel();
    // The stimulus tells the other thread that the run is under way.
    let mut network = Network::new();
    let other = network.add(Population::<Probe>::new("slow", 1)).unwrap();
    let signal = Stimulus::function(move |_| {
        // After the stop nobody listens any more.
        let _ = at_work.send(());
        1.0
    });
    network.stimulate(other, Probe::I, signal).unwrap();
    let mut slow = Simulation::new(network, DT).unwrap();
    let stop_slow = slow.stop_handle();
    let stopper = std::thread::spawn(move || {
        wait.recv().unwrap();
        stop_slow.stop();
    });
    let outcome = slow.run(steps(u64::MAX)).unwrap();
    stopper.join().unwrap();
    assert!(outcome.stopped && outcome.steps == slow.step() && outcome.steps < u64::MAX);
    assert_eq!(slow.values(other, Probe::total).unwrap(), [DT * outcome.steps as f64]);

    // Before it begins: no step is done, and the next run is not stopped.
    handle.stop();
    let outcome = simulation.run(steps(10)).unwrap();
    assert!(outcome.stopped && outcome.steps == 0);
    let outcome = simulation.run(steps(10)).unwrap();
    assert!(!outcome.stopped && outcome.steps == 10);
    // DT^2 * (0 + 1 + … + 9)
    assert_eq!(simulation.values(id, Probe::total).unwrap(), [DT * DT * 45.0]);
    assert_eq!(values(&simulation, 0).nrows(), 11);
}

/// Every n-th step from step 0, also across pieces; chosen units in the order asked for.
#[test]
fn monitors_take_what_they_are_asked_for() {
    let mut network = Network::new();
    let id = network.add(Population::<Probe>::new("probe", 4)).unwrap();
    let index_and_time = Stimulus::per_unit(|t, unit| 100.0 * unit as f64 + t);
    network.stimulate(id, Probe::I, index_and_time).unwrap();
    let mut simulation = Simulation::new(network, DT).unwrap();
    let monitor = Monitor::new(id, Probe::received).units([3, 1, 3]).every(4);
    simulation.monitor(monitor).unwrap();
    simulation.run(steps(3)).unwrap();
    simulation.run(steps(6)).unwrap();
    assert_eq!(times(&simulation, 0), [0.0, 2.0, 4.0]);
    let expected = [[300.0, 100.0, 300.0], [302.0, 102.0, 302.0], [304.0, 104.0, 304.0]];
    assert_eq!(values(&simulation, 0), arr2(&expected));
    // A monitor that comes later records from then on.
    simulation.record(id, Probe::total).unwrap();
    simulation.run(steps(1)).unwrap();
    assert_eq!(times(&simulation, 1), [4.5, 5.0]);
}

/// States as at the beginning of the step, auxiliaries and outputs as that step uses them, and a
/// last row at the end of the run.
#[test]
fn rows_show_the_beginning_of_a_step() {
    let mut network = Network::new();
    let id = network.add(Population::<Probe>::new("probe", 1)).unwrap();
    network.stimulate(id, Probe::I, Stimulus::function(|t| 4.0 - t)).unwrap();
    let mut simulation = Simulation::new(network, DT).unwrap();
    simulation.record(id, Probe::both).unwrap();
    simulation.record(id, Probe::total).unwrap();
    simulation.record(id, Probe::doubled).unwrap();
    simulation.run(steps(3)).unwrap();
    assert_eq!(times(&simulation, 0), [0.0, 0.5, 1.0, 1.5]);
    // The default of `other`, 7, and the stimulus.
    assert_eq!(values(&simulation, 0), column([11.0, 10.5, 10.0, 9.5]));
    assert_eq!(values(&simulation, 1), column([0.0, 2.0, 3.75, 5.25]));
    assert_eq!(values(&simulation, 2), column([0.0, 4.0, 7.5, 10.5]));
    assert_eq!(simulation.values(id, Probe::total).unwrap(), [5.25]);
    assert_eq!(simulation.values(id, Probe::doubled).unwrap(), [10.5]);
}

/// The default counts only as long as nothing is connected; a stimulus of 0 is something.
#[test]
fn an_input_that_receives_nothing_has_its_default() {
    assert_eq!(delivered(2, [], 0), arr2(&[[-3.0, -3.0]]));
    assert_eq!(delivered(2, [0.0.into()], 0), arr2(&[[0.0, 0.0]]));
    let never = Stimulus::window(100.0, 200.0, 1.0);
    assert_eq!(delivered(2, [never], 0), arr2(&[[0.0, 0.0]]));
}

/// One number, one per unit, an array of the population's shape.
#[test]
fn constants_reach_their_units() {
    assert_eq!(delivered(3, [2.5.into()], 1), arr2(&[[2.5; 3], [2.5; 3]]));
    assert_eq!(delivered(3, [vec![1.0, 2.0, 4.0].into()], 0), arr2(&[[1.0, 2.0, 4.0]]));
    let grid = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let flat = arr2(&[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
    assert_eq!(delivered([2, 3], [(&grid).into()], 0), flat);
    let transposed = arr2(&[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]);
    assert_eq!(delivered([2, 3], [(&transposed.t()).into()], 0), flat);
    let from_fn: Stimulus = Values::from_fn(|unit| unit as f64).into();
    assert_eq!(delivered(3, [from_fn], 0), arr2(&[[0.0, 1.0, 2.0]]));
}

/// The steps that begin at from <= t < until, also where neither is a multiple of the step.
#[test]
fn windows_cover_the_steps_that_begin_in_them() {
    let window = |from: f64, until: f64| delivered(1, [Stimulus::window(from, until, 1.0)], 8);
    let steps_on = |on: &[usize]| column((0..=8).map(|step| f64::from(on.contains(&step))));
    assert_eq!(window(1.0, 2.0), steps_on(&[2, 3]));
    assert_eq!(window(0.9, 2.1), steps_on(&[2, 3, 4]));
    assert_eq!(window(1.1, 1.6), steps_on(&[3]));
    assert_eq!(window(-5.0, 0.5), steps_on(&[0]));
    assert_eq!(window(3.0, f64::INFINITY), steps_on(&[6, 7, 8]));
}

/// Boundaries that are multiples of a step which is no binary fraction: 0.3 is step 3 of 0.1,
/// although 0.3/0.1 < 3.
#[test]
fn windows_begin_where_decimal_steps_do() {
    for start in 0..60_u32 {
        let mut network = Network::new();
        let id = network.add(Population::<Probe>::new("probe", 1)).unwrap();
        let from = f64::from(start) / 10.0;
        let until = f64::from(start + 3) / 10.0;
        network.stimulate(id, Probe::I, Stimulus::window(from, until, 1.0)).unwrap();
        let mut simulation = Simulation::new(network, 0.1).unwrap();
        simulation.record(id, Probe::received).unwrap();
        simulation.run(steps(70)).unwrap();
        let on = |step: u32| f64::from((start..start + 3).contains(&step));
        assert_eq!(values(&simulation, 0), column((0..=70).map(on)), "from {from}");
    }
}

/// Samples hold until the next; as many steps per sample as fit, or samples between steps left
/// out; one column for all units or one each.
#[test]
fn tables_are_read_row_by_row() {
    let samples = arr1(&[1.0, 2.0, 4.0, 8.0]);
    let table = |every: f64| delivered(1, [Stimulus::table(every, &samples)], 4);
    assert_eq!(table(DT), column([1.0, 2.0, 4.0, 8.0, 8.0]));
    assert_eq!(table(2.0 * DT), column([1.0, 1.0, 2.0, 2.0, 4.0]));
    assert_eq!(table(1.5 * DT), column([1.0, 1.0, 2.0, 4.0, 4.0]));
    let half = delivered(1, [Stimulus::table(0.5 * DT, &samples)], 2);
    assert_eq!(half, column([1.0, 4.0, 8.0]));

    let each = arr2(&[[1.0, 10.0], [2.0, 20.0]]);
    let expected = arr2(&[[1.0, 10.0], [1.0, 10.0], [2.0, 20.0]]);
    assert_eq!(delivered(2, [Stimulus::table(2.0 * DT, &each)], 2), expected);
    let shared = Stimulus::table(2.0 * DT, &samples);
    assert_eq!(delivered(2, [shared], 2), arr2(&[[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]));
}

/// k decimal steps to each sample, for many k (1/49 times 49 is less than 1 in doubles): every
/// sample is used k times, and the table lasts to the last of them.
#[test]
fn tables_do_not_drift() {
    let samples: Array1<f64> = (0..8).map(f64::from).collect();
    for k in 1..=60_u32 {
        let mut network = Network::new();
        let id = network.add(Population::<Probe>::new("probe", 1)).unwrap();
        let table = Stimulus::table(f64::from(k) / 10.0, &samples);
        network.stimulate(id, Probe::I, table).unwrap();
        let mut simulation = Simulation::new(network, 0.1).unwrap();
        simulation.record(id, Probe::received).unwrap();
        simulation.run(steps(u64::from(8 * k))).unwrap();
        let row = |step: u32| f64::from((step / k).min(7));
        assert_eq!(values(&simulation, 0), column((0..=8 * k).map(row)), "{k} steps each");
        assert!(matches!(simulation.run(steps(1)), Err(Error::TableTooShort { .. })));
    }
}

/// Called with the time at which a step begins and the index of the unit.
#[test]
fn functions_are_called_for_every_step() {
    let wave = delivered(2, [Stimulus::function(|t| t * t)], 3);
    assert_eq!(wave, arr2(&[[0.0; 2], [0.25; 2], [1.0; 2], [2.25; 2]]));
    let each = delivered([2, 2], [Stimulus::per_unit(|t, unit| t + 10.0 * unit as f64)], 1);
    assert_eq!(each, arr2(&[[0.0, 10.0, 20.0, 30.0], [0.5, 10.5, 20.5, 30.5]]));
}

/// Time in the model's own unit, whatever the step is given in.
#[test]
fn functions_get_time_in_the_models_unit() {
    let mut network = Network::new();
    let id = network.add(Population::<Driven>::new("driven", 1)).unwrap();
    let (seen, times_seen) = std::sync::mpsc::channel();
    let signal = Stimulus::function(move |t| {
        seen.send(t).unwrap();
        0.0
    });
    network.stimulate(id, Driven::I, signal).unwrap();
    let mut simulation = Simulation::new(network, s(0.002)).unwrap();
    simulation.run(steps(2)).unwrap();
    // The same moment may be asked for more than once.
    let mut moments = times_seen.try_iter().collect::<Vec<_>>();
    moments.dedup();
    assert_eq!(moments, [0.0, 2.0, 4.0]);
}

/// Any kind of stimulus can be limited to some units; the others receive nothing from it.
#[test]
fn stimuli_reach_only_the_units_they_are_for() {
    let on = |stimulus: Stimulus| delivered(3, [stimulus.on([0, 2])], 0);
    let some = arr2(&[[4.0, 0.0, 4.0]]);
    assert_eq!(on(4.0.into()), some);
    assert_eq!(on(Stimulus::window(0.0, 1.0, 4.0)), some);
    assert_eq!(on(Stimulus::table(1.0, &arr1(&[4.0]))), some);
    assert_eq!(on(Stimulus::function(|_| 4.0)), some);
    assert_eq!(on(Stimulus::per_unit(|_, unit| unit as f64)), arr2(&[[0.0, 0.0, 2.0]]));
    // Values for all units, of which those not chosen are not used.
    assert_eq!(on(vec![1.0, 2.0, 3.0].into()), arr2(&[[1.0, 0.0, 3.0]]));
}

/// All kinds at once add up, and nothing is added to another input.
#[test]
fn stimuli_add_up() {
    let stimuli = [
        1.0.into(),
        vec![0.5, 0.25].into(),
        Stimulus::window(0.5, 1.5, 8.0),
        Stimulus::function(|t| t).on([1]),
        Stimulus::table(1.0, &arr1(&[100.0, 200.0])),
    ];
    let expected = [[101.5, 101.25], [109.5, 109.75], [209.5, 210.25], [201.5, 202.75]];
    let (mut simulation, id) = probe(2, stimuli);
    simulation.record(id, Probe::both).unwrap();
    simulation.run(steps(3)).unwrap();
    assert_eq!(values(&simulation, 0), arr2(&expected));
    assert_eq!(values(&simulation, 1), arr2(&expected) + 7.0);
}

/// What is set between runs counts from the next step on; the row at the junction shows it.
#[test]
fn changes_between_runs_count_from_the_next_step() {
    let (mut simulation, id) = driven();
    simulation.run(steps(2)).unwrap();
    simulation.set_state(id, Driven::ν_e, [8.0, 4.0, -2.0]).unwrap();
    simulation.set(id, Driven::tau, 5.0).unwrap();
    assert_eq!(simulation.values(id, Driven::ν_e).unwrap(), [8.0, 4.0, -2.0]);
    simulation.run(steps(1)).unwrap();
    let recorded = values(&simulation, 0);
    assert_eq!(recorded.nrows(), 4);
    assert_eq!(recorded.row(2), ArrayView1::from(&[8.0, 4.0, -2.0]));
    // At t = 0.2 ms the window is closed and the other stimulus is t^2.
    let i: f64 = 0.2 * 0.2;
    let drive = 3.0 * i / (1.0 + (i / 10.0).powi(2)) + 0.1 * 0.2;
    for (found, start) in recorded.row(3).iter().zip([8.0, 4.0, -2.0]) {
        let expected = start + 0.1 * (-start + drive) / 5.0;
        // A handful of roundings of numbers up to 8.
        assert!((found - expected).abs() < 4e-15, "{found} {expected}");
    }
}

/// Name under which this test runs itself.
const QUIET: &str = "runs::nothing_is_drawn_without_a_terminal";

/// With its standard error in a pipe, a run with a progress bar writes nothing to it. The test
/// runs itself in a process of its own to see that.
#[test]
fn nothing_is_drawn_without_a_terminal() {
    const INNER: &str = "RATE_MODEL_TEST_INNER";
    if std::env::var_os(INNER).is_some() {
        let (mut simulation, _) = probe(1, []);
        simulation.run(steps(3000)).unwrap();
        return;
    }
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new(this);
    command.args(["--exact", QUIET, "--nocapture"]).env(INNER, "1");
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success() && out.contains("1 passed"), "{out}{err}");
    assert_eq!(err, "");
}

/// A stop that is asked for while the last step is under way is told, and does not meet the next run.
#[test]
fn a_stop_in_the_last_step_is_told() {
    let mut network = Network::new();
    let id = network.add(Population::<Driven>::new("driven", 1)).unwrap();
    let (give, take) = std::sync::mpsc::channel::<rate_model::StopHandle>();
    let handle = std::sync::Mutex::new(None);
    let signal = Stimulus::function(move |t| {
        let mut handle = handle.lock().unwrap();
        *handle = handle.take().or_else(|| take.try_recv().ok());
        if let (Some(handle), true) = (&*handle, t == 1.0) {
            handle.stop();
        }
        0.0
    });
    network.stimulate(id, Driven::I, signal).unwrap();
    let mut simulation = Simulation::new(network, ms(1.0)).unwrap();
    give.send(simulation.stop_handle()).unwrap();
    let first = simulation.run(steps(2)).unwrap();
    assert_eq!((first.steps, first.stopped), (2, true));
    let second = simulation.run(steps(3)).unwrap();
    assert_eq!((second.steps, second.stopped), (3, false));
}

/// Running "for ever" after some steps does not overflow.
#[test]
fn a_run_without_end_can_be_stopped() {
    let mut network = Network::new();
    network.add(Population::<Driven>::new("driven", 1)).unwrap();
    let mut simulation = Simulation::new(network, ms(1.0)).unwrap();
    simulation.run(steps(5)).unwrap();
    simulation.stop_handle().stop();
    let outcome = simulation.run(steps(u64::MAX)).unwrap();
    assert!(outcome.stopped && outcome.steps == 0);
}
