//! What a simulation says of itself before it runs, against what was asked for, and what it does.

use rate_model::Warning;
use rate_model::prelude::*;
use rate_model::report::{Evaluation, Reading};

rate_model! {
    model Rate {
        param tau: ms = 10 where tau > 0;
        param d: ms = 3;
        input I: Hz;
        state r: Hz = 1;
        output s: Hz = 2*r;
        tau dr/dt = -r + 0.1*r(t - d) + I;
    }
    /// x' = -x(t - d), before t = 0 the value 1.
    model Echo { param d = 1; state x = 1; dx/dt = -x(t - d); }
    model Plain { input u; state x = 1; dx/dt = u; }
    coupling Doubled { source r_j: Hz; each e: Hz = 2*r_j; total c: Hz = sum(e); }
}

fn with(integrator: Integrator, delivery: Delivery) -> Options {
    Options { integrator, delivery, progress: false, ..Options::default() }
}

/// Two populations and four projections, of which one has delays of its own for each connection.
fn network<T: rate_model::lanes::Real>() -> (Network<T>, PopulationId<Rate>) {
    let mut network = Network::<T>::with_precision();
    let e = network.add(Population::<Rate>::new("e", [2, 2])).unwrap();
    let i = network.add(Population::<Rate>::new("i", 1).set(Rate::d, 1.25)).unwrap();
    let weights = ndarray::arr2(&[[0.0, 0.1, 0.1, 0.0]]);
    network.project(e, Rate::r, i, Rate::I, weights).unwrap();
    let list = Weights::sparse([(0, 1, 0.5), (1, 2, 0.5), (3, 3, 0.0)]);
    let tracts = Projection::new(e, Rate::s, e, Rate::I, list).named("tracts");
    let delays = Delays::from_fn(us(1.0), |target, _| [1040.0, 2170.0, 0.0, 0.0][target]);
    network.connect(tracts.delays(delays)).unwrap();
    let back = Projection::new(i, Rate::r, e, Rate::I, 0.2).delay(ms(0.7));
    network.connect(back.coupling(Coupled::<Doubled>::new())).unwrap();
    (network, e)
}

#[test]
fn a_report_says_what_was_asked_for() {
    let options = Options {
        arithmetic: Arithmetic::Reproducible,
        bounds: Bounds::Reflect,
        seed: 7,
        ..with(Integrator::RungeKutta4, Delivery::PerStage)
    };
    let simulation = Simulation::with_options(network::<f64>().0, ms(0.1), options).unwrap();
    let report = simulation.report();
    assert_eq!((report.dt, report.integrator), (ms(0.1), Integrator::RungeKutta4));
    assert_eq!((report.precision, report.seed, report.tolerance), ("f64", 7, None));
    assert_eq!(report.arithmetic, Arithmetic::Reproducible);
    assert_eq!((report.bounds, report.evaluation), (Bounds::Reflect, Evaluation::EachStage));
    assert!(report.warnings.is_empty() && !report.instructions.is_empty());

    let [e, i] = &report.populations[..] else { panic!() };
    assert_eq!(
        (e.name.as_str(), e.model, &e.shape[..], e.time_unit),
        ("e", "Rate", &[2, 2][..], "ms")
    );
    assert_eq!((e.states[0].name, e.states[0].unit), ("r", "Hz"));
    assert_eq!(e.past[0].text, "r(t - d)");
    let [of_e, of_i] = [e, i].map(|one| one.past[0].delays);
    assert_eq!([of_e.shortest, of_e.longest, of_i.longest], [ms(3.0), ms(3.0), ms(1.25)]);

    let [forward, tracts, back] = &report.projections[..] else { panic!() };
    assert_eq!([forward.connections, tracts.connections, back.connections], [2, 2, 4]);
    assert_eq!((forward.name.as_deref(), tracts.name.as_deref()), (None, Some("tracts")));
    assert_eq!((tracts.quantity, tracts.target.as_str(), tracts.input), ("s", "e", "I"));
    assert_eq!((forward.delays, back.coupling), (None, Some("Doubled")));
    let delays = tracts.delays.unwrap();
    assert_eq!([delays.shortest, delays.longest], [us(0.0), us(2170.0)]);
    // 21.7 steps, and one more for stages.
    assert_eq!((delays.reading, delays.steps_kept), (Reading::Linear, 23));

    let text = report.to_string();
    for line in [
        "steps of 0.1 ms by rk4, as the options say",
        "inputs, coupling and past values are computed at each stage of a step",
        "population `e` of Rate: 2 × 2 units, time in ms",
        "  state `r` (Hz): ",
        "  `r(t - d)`: delayed by 3 ms, linear between steps (order 2), 31 steps remembered",
        "projection from `r` of `e` to `I` of `i`: 2 connections, no delay",
        "projection `tracts` from `s` of `e` to `I` of `e`: 2 connections, delayed by 0 us to 2170 us, ",
        "4 connections through Doubled, delayed by 0.7 ms, ",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }

    let options = with(Integrator::Automatic, Delivery::PerStage);
    let single = Simulation::with_options(network::<f32>().0, ms(0.1), options).unwrap();
    let report = single.report();
    assert_eq!(report.precision, "f32");
    assert_eq!(report.integrator, single.integrator());
    assert!(single.explain_method().contains(report.reason));
}

/// What is held and what is not, for every method.
#[test]
fn the_convention_can_be_read_off() {
    use Evaluation::{EachStage, Held};
    for integrator in Integrator::ALL {
        let one_stage = [
            Integrator::Euler,
            Integrator::ExponentialEuler,
            Integrator::Milstein,
            Integrator::EulerHeun,
            Integrator::ExponentialRosenbrock,
        ];
        if integrator == Integrator::Automatic {
            continue;
        }
        for delivery in [Delivery::PerStage, Delivery::Frozen] {
            let options = with(integrator, delivery);
            let simulation =
                Simulation::with_options(network::<f64>().0, ms(0.1), options).unwrap();
            let report = simulation.report();
            let is_held = delivery == Delivery::Frozen || one_stage.contains(&integrator);
            assert_eq!(report.evaluation, if is_held { Held } else { EachStage }, "{integrator}");
            // 0.7 ms are seven steps, but stages look between them.
            let reading = report.projections[2].delays.unwrap().reading;
            assert_eq!(
                reading,
                if is_held { Reading::OnSteps } else { Reading::Linear },
                "{integrator}"
            );
        }
    }
}

/// By how much delays are rounded, against the same sum in the unit of the delays.
#[test]
fn rounding_is_told_in_the_unit_of_the_delays() {
    for dt in [ms(0.1), us(100.0), s(0.0001)] {
        let options = with(Integrator::Heun, Delivery::Frozen);
        let simulation = Simulation::with_options(network::<f64>().0, dt, options).unwrap();
        let delays = simulation.report().projections[1].delays.unwrap();
        let Reading::Rounded { largest, vanished: 0 } = delays.reading else { panic!("{delays}") };
        // 1040 us become 1000, 2170 us become 2200.
        let text = largest.to_string();
        assert!(text.ends_with(" us"), "{text}");
        let value: f64 = text.trim_end_matches(" us").parse().unwrap();
        assert!((value - 40.0).abs() < 1e-9, "{text}");
        assert!(delays.to_string().contains("rounded to whole steps by at most 40 us"), "{delays}");
        // What equations read is not rounded.
        let past = simulation.report().populations[1].past[0].delays;
        assert_eq!(past.reading, Reading::Linear);
    }
}

/// Of 1.04, 2.17 and 0.7 ms, two are less than half of 3 ms; those that are 0 count for nothing.
#[test]
fn delays_that_are_rounded_away_are_warned_of() {
    let build = |dt: f64, delivery| {
        let options = with(Integrator::Euler, delivery);
        Simulation::with_options(network::<f64>().0, ms(dt), options).unwrap()
    };
    let simulation = build(3.0, Delivery::Frozen);
    let [one, other] = simulation.warnings() else { panic!("{:?}", simulation.warnings()) };
    for (warning, delay) in [(one, us(1040.0)), (other, ms(0.7))] {
        let Warning::DelayVanishes(short) = warning else { panic!("{warning}") };
        assert_eq!((short.count, short.shortest, short.longest), (1, delay, delay));
        assert_eq!(short.dt, ms(3.0));
    }
    let text = one.to_string();
    for part in ["`tracts` from `e` to `e` has a delay of 1040 us", "dt = 3 ms", "1040 us at most"]
    {
        assert!(text.contains(part), "{text}");
    }
    let reading = simulation.report().projections[1].delays.unwrap().reading;
    assert!(matches!(reading, Reading::Rounded { vanished: 1, .. }), "{reading:?}");
    assert!(simulation.report().to_string().contains("\nwarning: the projection `tracts`"));
    assert!(build(3.0, Delivery::PerStage).warnings().is_empty());
    assert!(build(1.0, Delivery::Frozen).warnings().is_empty());
}

fn warned(integrator: Integrator, tolerance: Option<Tolerance>, d: f64) -> Vec<Warning> {
    let mut network = Network::new();
    network.add(Population::<Echo>::new("p", 1).set(Echo::d, d)).unwrap();
    let q = network.add(Population::<Plain>::new("q", 1)).unwrap();
    network.connect(Projection::new(q, Plain::x, q, Plain::u, -1.0).delay(d)).unwrap();
    let options = Options { tolerance, ..with(integrator, Delivery::PerStage) };
    Simulation::with_options(network, 0.1, options).unwrap().warnings().to_vec()
}

/// Methods of order 2 lose nothing to lines; others do.
#[test]
fn delays_within_a_step_are_warned_of_where_they_cost_order() {
    let tolerance = Tolerance { relative: 1e-6, absolute: 1e-6 };
    for (integrator, tolerance, is_warned) in [
        (Integrator::Euler, None, false),
        (Integrator::ExponentialEuler, None, false),
        (Integrator::Heun, None, false),
        (Integrator::EtdRungeKutta2, None, false),
        (Integrator::SspRungeKutta3, None, true),
        (Integrator::RungeKutta4, None, true),
        (Integrator::DormandPrince5, None, true),
        (Integrator::BogackiShampine3, Some(tolerance), true),
    ] {
        let warnings = warned(integrator, tolerance, 0.04);
        assert_eq!(warnings.len(), 2 * usize::from(is_warned), "{integrator}: {warnings:?}");
        let delays = warnings.iter().map(|warning| match warning {
            Warning::DelayWithinStep(delay) => delay,
            other => panic!("{other}"),
        });
        for delay in delays {
            assert_eq!((delay.shortest, delay.dt, delay.count), (0.04.into(), 0.1.into(), 1));
        }
        for long in [0.0, 0.1, 0.14] {
            assert!(warned(integrator, tolerance, long).is_empty(), "{integrator}, {long}");
        }
    }
    let text: Vec<String> =
        warned(Integrator::RungeKutta4, None, 0.04).iter().map(ToString::to_string).collect();
    assert!(text[0].contains("the projection from `q` to `q` has a delay of 0.04"), "{}", text[0]);
    assert!(text[1].contains("`x(t - d)` of population `p` has a delay of 0.04"), "{}", text[1]);
    assert!(text[1].contains("dt = 0.1") && text[1].contains("dt of 0.04 at most"), "{}", text[1]);
}

rate_model! {
    model Noisy { noise ξ: white(stratonovich); noise η: ou(5); state x = 0; dx/dt = -x + ξ + η; }
}

#[test]
fn a_report_says_how_units_share_noise() {
    let mut network = Network::new();
    let matrix = ndarray::arr2(&[[1.0], [1.0], [-1.0]]);
    network.add(Population::<Noisy>::new("p", 3).mix(Noisy::ξ, matrix)).unwrap();
    let report = Simulation::new(network, 0.1).unwrap().report();
    let found: Vec<_> =
        report.populations[0].noises.iter().map(|one| (one.name, one.sources)).collect();
    assert_eq!(found, [("ξ", Some(1)), ("η", None)]);
    let text = report.to_string();
    let lines = [
        "  noise `ξ`: white, in the sense of Stratonovich, mixed of 1 source\n",
        "  noise `η`: of Ornstein and Uhlenbeck, each unit its own\n",
    ];
    assert!(lines.into_iter().all(|line| text.contains(line)), "{text}");
}
