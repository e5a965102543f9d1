//! Edges of the language and of the interface: what is easily got wrong, by us or by users.

use ndarray::arr2;
use rate_model::prelude::*;
use rate_model::{steps, us};

/// What an output is for each value of the parameter `p`, in both arithmetic modes.
macro_rules! output_of {
    ($model:ident, $output:ident, $p:expr) => {{
        let values = |arithmetic| {
            let mut network = Network::new();
            let points = $p;
            let units = Population::<$model>::new("units", points.len()).set($model::p, points);
            let id = network.add(units).unwrap();
            let options = Options { arithmetic, ..Options::default() };
            let simulation = Simulation::with_options(network, 0.1, options).unwrap();
            simulation.values(id, $model::$output).unwrap().to_vec()
        };
        let (fast, reproducible) = (values(Arithmetic::Fast), values(Arithmetic::Reproducible));
        for (a, b) in fast.iter().zip(&reproducible) {
            assert!((a - b).abs() <= 4.0 * f64::EPSILON * b.abs(), "{a} is not {b}");
        }
        reproducible
    }};
}

rate_model! {
    /// Conditions on parameters alone, and together with conditions on states.
    model Conditional {
        param p = 0;
        state x = 3;
        output alone = if p > 0 { x } else { -x };
        output joined = if p > 0 && x > 2 || !(p > -1) { x } else { 10*x };
        output computed = if exp(p) > 2 && p*p < 5 { x } else { 0 };
        dx/dt = if p > 0 { -x } else { x };
    }

    /// Quotients that are 0/0 somewhere: `x` stands at `p`.
    model Singular {
        param p = 0;
        param d = 154;
        state x = p;
        output falling = x/(1 - exp(-x));
        output rising = (1 - exp(-x))/x;
        output scaled = 0.1*x/(1 - exp(-x/10));
        output wong_wang = (d*x)/(1 - exp(-d*x));
        dx/dt = 0;
    }
}

/// A condition that only parameters decide is no number, and is not kept as one.
#[test]
fn parameters_can_decide() {
    let p = [-2.0, -1.0, 0.0, 1.0, 3.0];
    assert_eq!(output_of!(Conditional, alone, p), [-3.0, -3.0, -3.0, 3.0, 3.0]);
    assert_eq!(output_of!(Conditional, joined, p), [3.0, 3.0, 30.0, 3.0, 3.0]);
    assert_eq!(output_of!(Conditional, computed, p), [0.0, 0.0, 0.0, 3.0, 0.0]);
}

/// Taylor: x/(1 - e^-x) = 1 + x/2 + x²/12 - …, (1 - e^-x)/x = 1 - x/2 + x²/6 - ….
#[test]
fn removable_singularities_have_their_limits() {
    let p = [0.0, 1e-11, -1e-8, 1.0, -40.0];
    let near = |found: &[f64], wanted: [f64; 5]| {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() <= 4e-16 * wanted.abs(), "{found} is not {wanted}");
        }
    };
    let one = 1.0_f64;
    let falling = |x: f64| x / -(-x).exp_m1();
    near(
        &output_of!(Singular, falling, p),
        [1.0, 1.0 + 5e-12, 1.0 - 5e-9, falling(1.0), falling(-40.0)],
    );
    let rising = |x: f64| -(-x).exp_m1() / x;
    near(
        &output_of!(Singular, rising, p),
        [one, 1.0 - 5e-12, 1.0 + 5e-9, rising(1.0), rising(-40.0)],
    );
    let scaled = |x: f64| falling(x / 10.0);
    near(
        &output_of!(Singular, scaled, p),
        [1.0, 1.0 + 5e-13, 1.0 - 5e-10, scaled(1.0), scaled(-40.0)],
    );
    let steep = |x: f64| falling(154.0 * x);
    near(
        &output_of!(Singular, wong_wang, p),
        [1.0, steep(1e-11), steep(-1e-8), 154.0, steep(-40.0)],
    );
}

rate_model! {
    #[cfg(any())]
    model Absent { state x = 0; dx/dt = 0; }

    #[cfg(all())]
    model Kinks {
        param (low, high, n) = (1, -1, 2);
        state x = 0;
        state y = 0;
        state z = 800;
        dx/dt = clip(x, low, high);
        dy/dt = y^n;
        dz/dt = exprel(z);
    }

    model Root {
        state x = 0;
        dx/dt = sqrt(x);
    }

    model Timed {
        param tau: ms = 10 where tau > 0;
        input (a, b): mV;
        state V: mV = 0;
        tau dV/dt = -V + a + b;
    }

    model Untimed { param scale = 1; state x = 1/scale; dx/dt = -x; }

    model Large { param huge = 1e300; state x = 0; dx/dt = huge*x; }
}

/// Where limits are exchanged, powers meet 0 and `exprel` overflows, derivatives are those of the
/// values.
#[test]
fn derivatives_at_the_edges() {
    let mut network = Network::new();
    network.add(Population::<Kinks>::new("kinks", 1)).unwrap();
    let options = Options { check_finite: false, ..Options::default() };
    let simulation = Simulation::with_options(network, 0.1, options).unwrap();
    let jacobian = simulation.linearise().unwrap().jacobian;
    let infinity = f64::INFINITY;
    assert_eq!(jacobian, arr2(&[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, infinity]]));
}

/// An infinite slope makes exponential Euler step like Euler, not to NaN.
#[test]
fn exponential_euler_survives_an_infinite_slope() {
    let mut network = Network::new();
    let id = network.add(Population::<Root>::new("root", 1)).unwrap();
    let integrator = Integrator::ExponentialEuler;
    let options = Options { integrator, ..Options::default() };
    let mut simulation = Simulation::with_options(network, 0.1, options).unwrap();
    simulation.run(steps(3)).unwrap();
    assert_eq!(simulation.values(id, Root::x).unwrap(), [0.0]);
}

/// The message of an error, which is also what `Debug` prints.
#[track_caller]
fn message<T>(result: Result<T, Error>, parts: &[&str]) {
    let error = result.map(drop).unwrap_err();
    let text = error.to_string();
    assert_eq!(format!("{error:?}"), text);
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
}

#[test]
fn what_does_not_fit_into_memory_is_refused() {
    let add = |units| Network::new().add(Population::<Timed>::new("many", units));
    message(add(usize::MAX), &["`many`", "memory"]);
    message(add(1 << 60), &["`many`", "memory"]);
    let mut network = Network::new();
    network.add(Population::<Untimed>::new("wide", 5_000_000)).unwrap();
    let mut timed = Network::new();
    let id = timed.add(Population::<Timed>::new("wide", 5_000_000)).unwrap();
    message(timed.project(id, Timed::V, id, Timed::a, 0.1), &["`wide`", "weights", "memory"]);
    let simulation = Simulation::new(network, 0.1).unwrap();
    message(simulation.linearise(), &["5000000", "memory"]);
}

#[test]
fn defaults_and_computed_initial_values_are_checked() {
    let single = Network::<f32>::with_precision().add(Population::<Large>::new("large", 1));
    message(single, &["`huge`", "`large`"]);
    assert!(Network::new().add(Population::<Large>::new("large", 1)).is_ok());
    let zero = Network::new().add(Population::<Untimed>::new("u", 2).set(Untimed::scale, [1, 0]));
    message(zero, &["initial value `x`", "inf for unit 1"]);
}

#[test]
fn a_table_has_the_width_of_its_population() {
    let mut network = Network::new();
    let id = network.add(Population::<Timed>::new("t", 3)).unwrap();
    let narrow = Stimulus::table(ms(1.0), &arr2(&[[1.0], [2.0]]));
    message(network.stimulate(id, Timed::a, narrow), &["`a`", "[1]", "[3]"]);
}

#[test]
fn steps_that_vanish_or_cannot_be_counted_are_refused() {
    let network = || {
        let mut network = Network::<f32>::with_precision();
        network.add(Population::<Timed>::new("t", 1)).unwrap();
        network
    };
    message(Simulation::new(network(), ms(1e-50)), &["1e-50 ms", "positive"].map(|_| "step"));
    let mut simulation = Simulation::new(network(), ms(1e-12)).unwrap();
    message(simulation.run(ms(1e4)), &["10000 ms", "too many steps"]);
}

#[test]
fn models_with_and_without_units_do_not_share_a_clock() {
    let mut network = Network::new();
    network.add(Population::<Untimed>::new("u", 1)).unwrap();
    let mixed = network.add(Population::<Timed>::new("t", 1));
    message(mixed, &["`Timed` has units", "`Untimed` has none"]);
}

#[test]
fn a_window_without_a_step_is_refused() {
    let mut network = Network::new();
    let id = network.add(Population::<Timed>::new("t", 1)).unwrap();
    network.stimulate(id, Timed::a, Stimulus::window(ms(10.0), ms(20.0), 1.0)).unwrap();
    message(Simulation::new(network, s(0.1)), &["0.1 s", "10 ms", "20 ms"]);
}

/// Traces are found by what they are of, not by their place.
#[test]
fn a_trace_is_found_by_its_handle() {
    let mut network = Network::new();
    let first = network.add(Population::<Singular>::new("first", 1).set(Singular::p, 1)).unwrap();
    let second = network.add(Population::<Singular>::new("second", 1)).unwrap();
    let mut simulation = Simulation::new(network, 0.1).unwrap();
    simulation.record(first, Singular::x).unwrap();
    simulation.record(second, Singular::rising).unwrap();
    simulation.record(second, Singular::x).unwrap();
    simulation.run(steps(1)).unwrap();
    let values = |id, quantity| simulation.trace(id, quantity).unwrap().values;
    assert_eq!(values(first, Singular::x), arr2(&[[1.0], [1.0]]));
    assert_eq!(values(second, Singular::x), arr2(&[[0.0], [0.0]]));
    let rising = simulation.trace(second, Singular::rising).unwrap();
    assert_eq!((rising.quantity.as_str(), rising.values), ("rising", arr2(&[[1.0], [1.0]])));
}

/// Bare integers, arrays of arrays, one weight for all pairs and rules all say the same.
#[test]
fn weights_and_values_can_be_written_in_several_ways() {
    let after_one_step = |weights: Weights| {
        let mut network = Network::new();
        let source = Population::<Timed>::new("source", 2).init(Timed::V, vec![3, 5]);
        let from = network.add(source.set(Timed::tau, 1)).unwrap();
        let to = network.add(Population::<Timed>::new("target", 3).set(Timed::tau, 1)).unwrap();
        network.project(from, Timed::V, to, Timed::b, weights).unwrap();
        network.stimulate(to, Timed::a, 1).unwrap();
        let mut simulation = Simulation::new(network, us(1000.0)).unwrap();
        simulation.record(to, Timed::V).unwrap();
        simulation.run(steps(1)).unwrap();
        let trace = simulation.trace(to, Timed::V).unwrap();
        message(simulation.trace(from, Timed::V), &["`V`", "`source`", "record"]);
        trace.values.row(1).to_vec()
    };
    for weights in [
        2.0.into(),
        [[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]].into(),
        arr2(&[[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]]).into(),
        Weights::from_fn(|_, _| 2.0),
    ] {
        assert_eq!(after_one_step(weights), [17.0; 3]);
    }
    let ring = Weights::from_fn(|target, source| if target == source { 1.0 } else { 0.0 });
    assert_eq!(after_one_step(ring), [4.0, 6.0, 1.0]);
}
