//! Past values in equations, against analytic solutions and loops written by hand.

use rate_model::prelude::*;

rate_model! {
    /// x' = -x(t - d), with the past 1: piecewise polynomial.
    model Steps { param d = 1; state x = 1; dx/dt = -x(t - d); }

    model Feedback {
        param tau: ms = 10 where tau > 0;
        param (d, late): ms = (4, 7);
        param w = 0.8;
        input I: Hz;
        state r: Hz = 1;
        state q: Hz = 2;
        output sent: Hz = 2*r + 0.1*sent(t - late);
        tau dr/dt = -r + w*q(t - (d + 0.25 ms)) + 0.3*sent(t - late) + I;
        tau dq/dt = -q + r(t - d) - r(t - 0 ms);
    }

    /// A damped oscillator: x'' = -2gx' - x.
    model Oscillator {
        param g = 0.1;
        state x = 1;
        d2x/dt2 = -2*g*dx/dt - x;
    }

    /// With its own initial velocity, in units.
    model Synapse {
        param (H, κ): 1/ms = (0.3, 0.1);
        input u: mV;
        state v: mV = 0;
        state dv_dt: mV/ms = 0.5;
        d2v/dt2 = H*κ*u - 2*κ*dv/dt - κ^2*v;
    }
}

fn quiet() -> Options {
    Options { progress: false, ..Options::default() }
}

/// The method of steps (R. D. Driver, Ordinary and Delay Differential Equations, Springer 1977).
#[test]
fn the_solution_is_that_of_the_method_of_steps() {
    let error = |dt: f64| {
        let mut network = Network::new();
        let p = network.add(Population::<Steps>::new("p", 1)).unwrap();
        let mut simulation = Simulation::with_options(network, dt, quiet()).unwrap();
        simulation.run(3.0).unwrap();
        let t = 3.0_f64;
        let exact = 1.0 - t + (t - 1.0).powi(2) / 2.0 - (t - 2.0).powi(3) / 6.0;
        (simulation.values(p, Steps::x).unwrap()[0] - exact).abs()
    };
    let (coarse, fine) = (error(0.02), error(0.01));
    assert!(fine < 0.01, "{fine}");
    assert!((1.8..2.2).contains(&(coarse / fine)), "order {}", (coarse / fine).log2());
}

#[test]
fn a_loop_by_hand_gives_the_same() {
    let dt = 0.1;
    let mut network = Network::new();
    // The second unit has delays of its own.
    let population = Population::<Feedback>::new("p", 2)
        .set(Feedback::d, [4.0, 1.23])
        .set(Feedback::late, [7.0, 0.35]);
    let p = network.add(population).unwrap();
    network.stimulate(p, Feedback::I, 0.5).unwrap();
    let mut simulation = Simulation::with_options(network, ms(dt), quiet()).unwrap();
    simulation.record(p, Feedback::r).unwrap();
    simulation.record(p, Feedback::sent).unwrap();
    simulation.run(ms(60.0)).unwrap();
    let r_trace = simulation.trace(p, Feedback::r).unwrap();
    let sent_trace = simulation.trace(p, Feedback::sent).unwrap();
    for (unit, d, late) in [(0, 4.0, 7.0), (1, 1.23, 0.35)] {
        let (mut r, mut q, mut sent) = (vec![1.0], vec![2.0], Vec::<f64>::new());
        let past = |values: &[f64], start: f64, step: usize, delay: f64| {
            let time = step as f64 - delay / dt;
            let before = (time + 1e-9).floor();
            let part = if time - before < 1e-9 { 0.0 } else { time - before };
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "steps are small and not negative"
            )]
            let at = |step: f64| if step < 0.0 { start } else { values[step as usize] };
            if part == 0.0 {
                at(before)
            } else {
                at(before) + part * (at(before + 1.0) - at(before))
            }
        };
        for step in 0..600 {
            // Before t = 0, `sent` is what it would be if its past had been 0.
            let fed = past(&sent, 2.0, step, late);
            sent.push(2.0 * r[step] + 0.1 * fed);
            let dr = -r[step] + 0.8 * past(&q, 2.0, step, d + 0.25) + 0.3 * fed + 0.5;
            let dq = -q[step] + past(&r, 1.0, step, d) - r[step];
            r.push(r[step] + dt * dr / 10.0);
            q.push(q[step] + dt * dq / 10.0);
            let (found, shown) = (r_trace.values[[step, unit]], sent_trace.values[[step, unit]]);
            assert!(
                (found - r[step]).abs() < 1e-12,
                "unit {unit}, step {step}: {found} {}",
                r[step]
            );
            assert!((shown - sent[step]).abs() < 1e-12, "{unit} {step}: {shown} {}", sent[step]);
        }
    }
}

#[test]
fn equations_of_second_order_are_two_of_first() {
    let mut network = Network::new();
    let p = network.add(Population::<Oscillator>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 1e-4, quiet()).unwrap();
    simulation.run(5.0).unwrap();
    let (g, t) = (0.1_f64, 5.0);
    let ω = (1.0 - g * g).sqrt();
    let exact = (-g * t).exp() * ((ω * t).cos() + g / ω * (ω * t).sin());
    let found = simulation.values(p, Oscillator::x).unwrap()[0];
    assert!((found - exact).abs() < 5e-4, "{found}, not {exact}");
    let velocity = simulation.values(p, Oscillator::dx_dt).unwrap()[0];
    let exact = -(-g * t).exp() * (ω * t).sin() / ω;
    assert!((velocity - exact).abs() < 5e-4, "{velocity}, not {exact}");
}

/// v'' = -2κv' - κ²v with v(0) = 0, v'(0) = a: v = a t exp(-κt).
#[test]
fn a_velocity_may_be_declared() {
    assert_eq!(Synapse::dv_dt.symbol().unit, "mV/ms");
    let mut network = Network::new();
    let p = network.add(Population::<Synapse>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, ms(0.001), quiet()).unwrap();
    simulation.run(ms(10.0)).unwrap();
    let exact = 0.5 * 10.0 * (-1.0_f64).exp();
    let found = simulation.values(p, Synapse::v).unwrap()[0];
    assert!((found - exact).abs() < 1e-3, "{found}, not {exact}");
}

#[test]
fn delays_that_cannot_be_had_are_refused() {
    let build = |d: f64, late: f64| {
        let mut network = Network::new();
        let population = Population::<Feedback>::new("p", 1);
        let p = network.add(population.set(Feedback::d, d).set(Feedback::late, late)).unwrap();
        Simulation::with_options(network, ms(0.1), quiet()).map(|simulation| (simulation, p))
    };
    let message = |d, late| build(d, late).unwrap_err().to_string();
    assert!(
        message(-5.0, 7.0)
            .contains("`q(t - (d + 0.25 ms))` of population `p` is delayed by -4.75 ms")
    );
    assert!(message(4.0, 0.05).contains("the past of an output begins one step, 0.1 ms, ago"));
    assert!(message(1e300, 7.0).contains("do not fit into memory"));

    let (mut simulation, p) = build(4.0, 7.0).unwrap();
    simulation.run(ms(50.0)).unwrap();
    simulation.set(p, Feedback::d, 2.0).unwrap();
    simulation.set(p, Feedback::d, 4.0).unwrap();
    let error = simulation.set(p, Feedback::d, 40.0).unwrap_err().to_string();
    assert!(error.contains("what lies longer ago was forgotten"), "{error}");
    assert!(simulation.linearise().is_err());
    // What failed has changed nothing.
    simulation.run(ms(1.0)).unwrap();
}

rate_model! {
    model Echo {
        param d = 0.7;
        input I;
        state r = 1;
        output raw = I;
        output late = raw(t - d);
        output sent = 2*r + 0.5*sent(t - d);
        dr/dt = 0*r;
    }
    model Target { input I; output got = I; state x = 0; dx/dt = -x + I; }
    model Waiting { param d = 0; state x = 0; output y = x(t - d); dx/dt = 1 + 0*x(t - d); }
}

/// What is sent is what is recorded, from the first step on.
#[test]
fn outputs_that_read_past_outputs_can_be_sent() {
    let mut network = Network::new();
    let from = network.add(Population::<Echo>::new("from", 1)).unwrap();
    let late = network.add(Population::<Target>::new("late", 1)).unwrap();
    let sent = network.add(Population::<Target>::new("sent", 1)).unwrap();
    network.stimulate(from, Echo::I, 3.0).unwrap();
    network.project(from, Echo::late, late, Target::I, ndarray::arr2(&[[1.0]])).unwrap();
    network.project(from, Echo::sent, sent, Target::I, ndarray::arr2(&[[1.0]])).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, quiet()).unwrap();
    for round in 0..2 {
        simulation.record(from, Echo::late).unwrap();
        simulation.record(from, Echo::sent).unwrap();
        simulation.record(late, Target::got).unwrap();
        simulation.record(sent, Target::got).unwrap();
        simulation.run(2.0).unwrap();
        let column = |trace: Trace<f64>| trace.values.column(0).to_vec();
        assert_eq!(column(simulation.trace(late, Target::got).unwrap())[0], 3.0, "round {round}");
        assert_eq!(
            column(simulation.trace(from, Echo::late).unwrap()),
            column(simulation.trace(late, Target::got).unwrap())
        );
        assert_eq!(
            column(simulation.trace(from, Echo::sent).unwrap()),
            column(simulation.trace(sent, Target::got).unwrap())
        );
        simulation.reset();
    }
}

#[test]
fn a_delay_that_was_0_has_remembered_nothing() {
    let mut network = Network::new();
    let p = network.add(Population::<Waiting>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, quiet()).unwrap();
    simulation.run(1.0).unwrap();
    let error = simulation.set(p, Waiting::d, 0.5).unwrap_err().to_string();
    assert!(error.contains("forgotten"), "{error}");
    simulation.reset();
    simulation.set(p, Waiting::d, 0.5).unwrap();
    simulation.run(1.0).unwrap();
    let y = simulation.values(p, Waiting::y).unwrap()[0];
    assert!((y - 0.5).abs() < 1e-12, "{y}");
}

#[test]
fn single_precision_keeps_whole_delays_whole() {
    let mut network = Network::<f32>::with_precision();
    let p = network.add(Population::<Echo>::new("p", 1)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.7, quiet()).unwrap();
    simulation.run(steps(3)).unwrap();
    // 2 + 0.5*(2 + 0.5*(2 + …)), begun with 2.
    let sent = simulation.values(p, Echo::sent).unwrap()[0];
    assert!((sent - 3.875).abs() < 1e-6, "{sent}");
}

#[test]
fn past_values_survive_pauses_and_resets() {
    let run = |parts: &[u64]| {
        let mut network = Network::new();
        let p = network.add(Population::<Feedback>::new("p", 1)).unwrap();
        let mut simulation = Simulation::with_options(network, ms(0.1), quiet()).unwrap();
        simulation.run(steps(11)).unwrap();
        simulation.reset();
        for part in parts {
            simulation.run(steps(*part)).unwrap();
        }
        simulation.values(p, Feedback::r).unwrap()[0]
    };
    assert_eq!(run(&[200]), run(&[1, 50, 149]));
}

/// x' = -x(t - d) with x = t before 0: x = x0 - ∫ (s - d) ds on the first interval.
#[test]
fn the_past_before_0_can_be_told() {
    let end = |population: Population<Steps>, dt: f64, delivery| {
        let mut network = Network::new();
        let p = network.add(population).unwrap();
        let options = Options { integrator: Integrator::Heun, delivery, ..quiet() };
        let mut simulation = Simulation::with_options(network, dt, options).unwrap();
        simulation.run(0.75).unwrap();
        let first = simulation.values(p, Steps::x).unwrap()[0];
        simulation.reset();
        simulation.run(0.75).unwrap();
        assert_eq!(first, simulation.values(p, Steps::x).unwrap()[0]);
        first
    };
    let population = || Population::<Steps>::new("p", 1);
    for delivery in [Delivery::PerStage, Delivery::Frozen] {
        // Not read from 0 on: nothing moves.
        assert_eq!(end(population().history(Steps::x, 0.0), 0.05, delivery), 1.0);
        assert!(
            (end(population().history(Steps::x, vec![2.0]), 0.05, delivery) + 0.5).abs() < 1e-12
        );
    }
    let exact = 1.0 - (0.75_f64.powi(2) / 2.0 - 0.75);
    let found = end(population().history_fn(Steps::x, |t, _| t), 0.05, Delivery::PerStage);
    assert!((found - exact).abs() < 1e-12, "{found}, not {exact}");
    let found = end(population().history_fn(Steps::x, |t, _| t), 0.01, Delivery::Frozen);
    assert!((found - exact).abs() < 0.005, "{found}, not {exact}");

    let error = Network::new()
        .add(Population::<Feedback>::new("p", 2).history(Feedback::r, vec![1.0, 2.0, 3.0]));
    assert!(matches!(error, Err(Error::Shape { .. })));
    // Nothing reads it: neither an equation nor a projection.
    let mut network = Network::new();
    network.add(Population::<Target>::new("p", 1).history(Target::x, 1.0)).unwrap();
    let error = Simulation::new(network, 0.1);
    assert!(matches!(error, Err(Error::NoPast { quantity: "x", .. })));
}
