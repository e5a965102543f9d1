//! Sweeps: members are runs of their own, whatever happens to the others.

use std::sync::atomic::{AtomicUsize, Ordering};

use rate_model::prelude::*;

rate_model! {
    model Noisy {
        param tau: ms = 5 where tau > 0;
        param g = 1;
        param σ: Hz = 1;
        noise ξ: white;
        state r: Hz = 3;
        tau dr/dt = -r + g*tanh(r/(1 Hz))*(1 Hz) + σ*sqrt(tau)*ξ;
    }
}

fn member(point: &SweepPoint) -> Result<Vec<f64>, Error> {
    let mut network = Network::new();
    let p = Population::<Noisy>::new("p", 2).set(Noisy::tau, point.get("tau"));
    let p = network.add(p.set(Noisy::g, point.get("g")))?;
    let options = Options { seed: point.seed(), ..Options::default() };
    let mut simulation = Simulation::with_options(network, ms(0.1), options)?;
    simulation.run(ms(20.0))?;
    Ok(simulation.values(p, Noisy::r)?.to_vec())
}

fn sweep() -> Sweep {
    Sweep::new(["first", "second"])
        .axis("tau", [5.0, 8.0, 13.0])
        .axis("g", linspace(0.0, 3.0, 4))
        .seeds([1, 2])
        .quiet()
}

#[test]
fn members_are_runs_of_their_own() {
    let one = sweep().threads(1).run(member).unwrap();
    let three = sweep().threads(3).run(member).unwrap();
    assert_eq!(one, three);
    assert_eq!(one.values.shape(), [3, 4, 2, 2]);
    for (i, tau) in [5.0, 8.0, 13.0].into_iter().enumerate() {
        for (j, g) in [0.0, 1.0, 2.0, 3.0].into_iter().enumerate() {
            for (k, seed) in [1.0, 2.0].into_iter().enumerate() {
                let coordinates =
                    [("tau", tau), ("g", g), ("seed", seed)].map(|(name, x)| (name.to_owned(), x));
                let alone = member(&SweepPoint { index: 0, coordinates: coordinates.to_vec() });
                let alone = alone.unwrap();
                assert_eq!([one.values[[i, j, k, 0]], one.values[[i, j, k, 1]]], alone[..]);
            }
        }
    }
    assert_eq!(one.output("second").unwrap()[[2, 3, 1]], one.values[[2, 3, 1, 1]]);
    assert!(one.output("third").is_none());
}

#[test]
fn what_fails_is_listed_and_the_rest_goes_on() {
    let results = Sweep::new(["x"])
        .axis("tau", [-1.0, 5.0, 6.0, 7.0, 8.0])
        .axis("g", [0.5])
        .quiet()
        .run(|point| match point.get("tau") {
            6.0 => panic!("on purpose"),
            7.0 => Ok(vec![1.0, 2.0]),
            8.0 => member(&SweepPoint { index: 0, coordinates: Vec::new() }),
            _ => Ok(vec![member(point)?[0]]),
        })
        .unwrap();
    let messages: Vec<String> = results.failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "member 0 at tau = -1, g = 0.5: parameter `tau` of population `p` is -1 ms, but the model \
             wants `tau > 0`",
            "member 2 at tau = 6, g = 0.5: it panicked: on purpose",
            "member 3 at tau = 7, g = 0.5: it gave 2 numbers for the outputs x",
            "member 4 at tau = 8, g = 0.5: parameter `tau` of population `p` is NaN: give a finite \
             number",
        ]
    );
    let is_there: Vec<bool> = results.values.iter().map(|value| value.is_finite()).collect();
    assert_eq!(is_there, [false, true, false, false, false]);
}

#[test]
fn what_was_interrupted_goes_on_from_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sweep.npz");
    let calls = AtomicUsize::new(0);
    let counted = |point: &SweepPoint| {
        calls.fetch_add(1, Ordering::Relaxed);
        member(point)
    };
    // The second half of the members fails, as if it had not been reached.
    let half = sweep()
        .resume(&path)
        .run(|point| if point.index < 12 { counted(point) } else { Err(Error::ForeignPopulation) });
    assert_eq!((calls.load(Ordering::Relaxed), half.unwrap().failures.len()), (12, 12));
    let whole = sweep().resume(&path).run(counted).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 24);
    assert_eq!(whole, sweep().run(member).unwrap());
    // All is done: nothing runs.
    assert_eq!(sweep().resume(&path).run(counted).unwrap(), whole);
    assert_eq!(calls.load(Ordering::Relaxed), 24);

    let other = Sweep::new(["first", "second"]).axis("tau", [5.0, 8.0, 13.1]).axis("g", [0.0]);
    let error = other.quiet().resume(&path).run(member).unwrap_err();
    assert!(matches!(error, Error::OtherSweep { .. }), "{error}");
    std::fs::write(&path, "no archive").unwrap();
    assert!(matches!(sweep().resume(&path).run(member), Err(Error::File(_))));
}

/// A file that cannot be written is refused before the first member.
#[test]
fn a_file_that_cannot_be_written_costs_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["no/such/sweep.npz", "sweep.txt"] {
        let path = directory.path().join(name);
        let calls = AtomicUsize::new(0);
        let counted = |point: &SweepPoint| {
            calls.fetch_add(1, Ordering::Relaxed);
            member(point)
        };
        assert!(matches!(sweep().resume(&path).run(counted), Err(Error::File(_))), "{name}");
        assert_eq!(calls.into_inner(), 0, "{name}");
    }
}

#[test]
fn both_ends_are_among_the_points() {
    assert_eq!(linspace(-1e16, 1.0, 2), [-1e16, 1.0]);
    assert_eq!(linspace(0.1, 0.7, 4)[3].to_bits(), 0.7_f64.to_bits());
}

#[test]
fn points_are_where_they_are_said_to_be() {
    let ranges = [("a", -1.0, 3.0), ("b", 10.0, 20.0)];
    let identity = |point: &SweepPoint| Ok(vec![point.get("a"), point.get("b")]);
    let of = |sweep: Sweep| sweep.quiet().run(identity).unwrap().values;
    let cube = of(Sweep::new(["a", "b"]).latin_hypercube(&ranges, 50, 7));
    for (coordinate, (_, low, high)) in ranges.iter().enumerate() {
        let mut parts: Vec<f64> =
            (0..50).map(|i| (cube[[i, coordinate]] - low) / (high - low) * 50.0).collect();
        // The order of one coordinate says nothing about that of the other.
        assert!(!parts.is_sorted());
        parts.sort_by(f64::total_cmp);
        for (place, part) in (0_i32..).zip(parts) {
            assert!((f64::from(place)..f64::from(place + 1)).contains(&part), "{place}: {part}");
        }
    }
    let random = of(Sweep::new(["a", "b"]).random(&ranges, 4000, 7));
    for (coordinate, (_, low, high)) in ranges.iter().enumerate() {
        let parts: Vec<f64> =
            (0..4000).map(|i| (random[[i, coordinate]] - low) / (high - low)).collect();
        assert!(parts.iter().all(|part| (0.0..1.0).contains(part)));
        let mean = parts.iter().sum::<f64>() / 4000.0;
        // Five standard errors of the mean of a uniform law.
        assert!((mean - 0.5).abs() < 5.0 / (12.0_f64 * 4000.0).sqrt(), "{mean}");
    }
    assert_eq!(random, of(Sweep::new(["a", "b"]).random(&ranges, 4000, 7)));
    assert_ne!(random, of(Sweep::new(["a", "b"]).random(&ranges, 4000, 8)));
    let listed = Sweep::new(["a", "b"]).points(&["a", "b"], [vec![1.0, 2.0], vec![3.0, 4.0]]);
    assert_eq!(of(listed).into_raw_vec_and_offset().0, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn axes_that_make_no_sense_are_refused() {
    let fails = |sweep: Sweep| sweep.quiet().run(|_| Ok(Vec::new())).unwrap_err().to_string();
    let none: [&str; 0] = [];
    let sweep = || Sweep::new(none);
    assert_eq!(fails(sweep().axis("a", [])), "axis `a` of the sweep: it has no points");
    assert_eq!(fails(sweep().axis("a", [f64::NAN])), "axis `a` of the sweep: it has the value NaN");
    assert_eq!(
        fails(sweep().axis("a", [1.0]).axis("a", [1.0])),
        "axis `a` of the sweep: that name is given twice"
    );
    assert_eq!(
        fails(sweep().seeds([1, (1 << 53) + 1])),
        "axis `seed` of the sweep: 9007199254740992 is no seed: these are whole numbers below 2^53"
    );
    assert!(fails(sweep().axis("seed", [0.5])).contains("0.5 is no seed"));
    assert_eq!(
        fails(sweep().points(&["a", "a"], [vec![1.0, 2.0]])),
        "axis `a` of the sweep: that name is given twice"
    );
    assert_eq!(
        fails(sweep().points(&["a", "b"], [vec![1.0]])),
        "axis `a, b` of the sweep: a point has 1 values for 2 names"
    );
}
