//! Means over windows, statistics in bounded memory, recordings in pieces.

use std::fs;

use ndarray::{Array2, Axis};
use rate_model::Chunks;
use rate_model::prelude::*;

rate_model! {
    model Noisy {
        param tau: ms = 5 where tau > 0;
        param σ: Hz = 1;
        noise ξ: white;
        state r: Hz = 3;
        output twice: Hz = 2*r;
        tau dr/dt = -r + σ*sqrt(tau)*ξ;
    }
}

fn build(
    monitors: impl Fn(&mut Simulation, PopulationId<Noisy>),
) -> (Simulation, PopulationId<Noisy>) {
    let mut network = Network::new();
    let p = network.add(Population::<Noisy>::new("p", 3)).unwrap();
    let options = Options { seed: 5, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.1), options).unwrap();
    monitors(&mut simulation, p);
    (simulation, p)
}

/// In pieces: where a run ends must not matter.
fn run(simulation: &mut Simulation) {
    for piece in [1, 6, 0, 93, 200] {
        simulation.run(steps(piece)).unwrap();
    }
}

/// Every value, at the beginning of each of 300 steps.
fn all() -> Array2<f64> {
    let (mut simulation, p) = build(|simulation, p| simulation.record(p, Noisy::twice).unwrap());
    run(&mut simulation);
    let values = simulation.trace(p, Noisy::twice).unwrap().values;
    values.slice(ndarray::s![..300, ..]).to_owned()
}

#[test]
fn windows_hold_the_mean_of_their_steps() {
    let all = all();
    for n in [1, 4, 7, 300, 301] {
        let (mut simulation, p) = build(|simulation, p| {
            let monitor = Monitor::new(p, Noisy::twice).units([2, 0]).mean_of(n);
            simulation.monitor(monitor).unwrap();
        });
        run(&mut simulation);
        let trace = simulation.trace(p, Noisy::twice).unwrap();
        let windows = 300 / usize::try_from(n).unwrap();
        assert_eq!(trace.values.dim(), (windows, 2));
        for (window, row) in trace.values.rows().into_iter().enumerate() {
            let width = usize::try_from(n).unwrap();
            let part = all.slice(ndarray::s![window * width..(window + 1) * width, ..]);
            let mean = part.mean_axis(Axis(0)).unwrap();
            assert!((row[0] - mean[2]).abs() < 1e-12 && (row[1] - mean[0]).abs() < 1e-12);
            let middle = 0.1 * (window * width) as f64 + 0.05 * (n - 1) as f64;
            assert!((trace.time[window] - middle).abs() < 1e-9, "{} {middle}", trace.time[window]);
        }
    }
}

#[test]
fn moments_are_those_of_the_values() {
    let all = all();
    for (every, after) in [(1, 0.0), (3, 4.0)] {
        let (mut simulation, p) = build(|simulation, p| {
            let moments = Moments::new(p, Noisy::twice).every(every).after(ms(after)).covariance();
            simulation.measure(moments).unwrap();
        });
        // Once more after a reset, which begins anew.
        for _ in 0..2 {
            run(&mut simulation);
            let found = simulation.moments(p, Noisy::twice).unwrap();
            let first = if after > 0.0 { 42 } else { 0 };
            let part = all.slice(ndarray::s![first..;usize::try_from(every).unwrap(), ..]);
            let n = part.nrows() as f64;
            assert_eq!(found.count, part.nrows() as u64);
            let mean = part.mean_axis(Axis(0)).unwrap();
            let apart = &part - &mean;
            let covariance = apart.t().dot(&apart) / (n - 1.0);
            let matrix = found.covariance.unwrap();
            for i in 0..3 {
                assert!((found.mean[i] - mean[i]).abs() < 1e-12);
                assert!((found.variance[i] - covariance[[i, i]]).abs() < 1e-11);
                for j in 0..3 {
                    assert!((matrix[[i, j]] - covariance[[i, j]]).abs() < 1e-11);
                }
            }
            simulation.reset();
        }
    }
    let (mut simulation, p) = build(|simulation, p| {
        simulation.measure(Moments::new(p, Noisy::r)).unwrap();
    });
    let nothing = simulation.moments(p, Noisy::r).unwrap();
    assert!(nothing.count == 0 && nothing.mean[0].is_nan() && nothing.variance[0].is_nan());
    assert!(matches!(simulation.moments(p, Noisy::twice), Err(Error::NotMeasured { .. })));
    let never = simulation.measure(Moments::new(p, Noisy::r).every(0));
    assert!(matches!(never, Err(Error::Every { .. })));
}

#[test]
fn pieces_make_up_the_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.csv");
    let (mut simulation, _) = build(|simulation, p| {
        simulation.record(p, Noisy::twice).unwrap();
        simulation.write_chunks(Chunks::new(&path, 70)).unwrap();
    });
    run(&mut simulation);
    simulation.finish_chunks().unwrap();
    simulation.finish_chunks().unwrap();
    let mut rows = Vec::new();
    let mut pieces = 0;
    while let Ok(text) = fs::read_to_string(directory.path().join(format!("run-{pieces:06}.csv"))) {
        rows.extend(text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>());
        pieces += 1;
    }
    assert_eq!((pieces, rows.len()), (5, 301));
    for (row, expected) in rows.iter().zip(all().rows()) {
        let numbers: Vec<f64> = row.split(',').skip(1).map(|one| one.parse().unwrap()).collect();
        assert_eq!(numbers, expected.to_vec());
    }

    let (mut simulation, _) = build(|simulation, p| simulation.record(p, Noisy::r).unwrap());
    let error = simulation.write_chunks(Chunks::new("run.txt", 70)).unwrap_err().to_string();
    assert_eq!(
        error,
        "recordings cannot be written to files such as `run.txt`: they can end in .npz or .csv"
    );
    // A disk that cannot be written to ends the run; nothing recorded is lost.
    simulation.write_chunks(Chunks::new(directory.path().join("no/such/run.csv"), 70)).unwrap();
    assert!(matches!(simulation.run(steps(300)), Err(Error::Write(_))));
    assert_eq!(simulation.recording().traces[0].values.nrows(), 70);
}

/// Nothing is measured after the end of time, and nobody waits for it.
#[test]
fn what_comes_after_all_steps_does_not_come() {
    for every in [1, 2, 3] {
        let (mut simulation, p) = build(|_, _| {});
        simulation
            .measure(Moments::new(p, Noisy::r).after(ms(f64::INFINITY)).every(every))
            .unwrap();
        simulation.run(steps(50)).unwrap();
        assert_eq!(simulation.moments(p, Noisy::r).unwrap().count, 0);
    }
    let error = build(|_, _| {}).0.write_chunks(Chunks::new("run.csv", 0)).unwrap_err();
    assert_eq!(error.to_string(), "a piece of a recording has 1 row or more, not 0");
}
