//! How the error of each method shrinks when the step is halved, against solutions known in closed
//! form: an equation by itself, two populations that drive each other, a stimulus that moves, an
//! equation that reads its own past, and a loop through a delayed projection, whose delay is no multiple
//! of the step, with lines and with cubics between steps; and of methods for noise, on the same paths.
//!
//! `cargo run --release --example orders` prints the observed orders, with inputs and past values
//! computed at each stage, and frozen at the beginning of the step.

use rate_model::group::Group;
use rate_model::model::{Noise, State};
use rate_model::prelude::*;

rate_model! {
    /// x' = x(1 - x).
    model Logistic { state x = 0.1; dx/dt = x*(1 - x); }
    /// x' = u: two of them, driving each other, oscillate.
    model Half { input u; state x = 0; dx/dt = u; }
    /// x' = -x + u.
    model Driven { input u; state x = 0; dx/dt = -x + u; }
    /// x' = -x(t - d), before t = 0 the value 1.
    model Delayed { param d = 1; state x = 1; dx/dt = -x(t - d); }
    /// Geometric Brownian motion in the sense of Itô, and the path that drives it.
    #[allow(state_never_read)]
    model Geometric {
        noise ξ: white;
        state (x, w) = (1, 0);
        dx/dt = 0.3*x + 0.8*x*ξ;
        dw/dt = ξ + 0*x;
    }
}

rate_model! {
    /// A linear equation with noise that is added.
    model Relaxing { noise ξ: white; state x = 1; dx/dt = -x + 0.8*ξ; }
}

/// The value at the end of a run.
type Problem = fn(f64, Options) -> Result<f64, Error>;

fn logistic(dt: f64, options: Options) -> Result<f64, Error> {
    let mut network = Network::new();
    let p = network.add(Population::<Logistic>::new("p", 1))?;
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(3.0)?;
    Ok(simulation.values(p, Logistic::x)?[0])
}

fn oscillator(dt: f64, options: Options) -> Result<f64, Error> {
    let mut network = Network::new();
    let x = network.add(Population::<Half>::new("x", 1).init(Half::x, 1.0))?;
    let y = network.add(Population::<Half>::new("y", 1))?;
    network.project(y, Half::x, x, Half::u, ndarray::arr2(&[[1.0]]))?;
    network.project(x, Half::x, y, Half::u, ndarray::arr2(&[[-1.0]]))?;
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(3.0)?;
    Ok(simulation.values(x, Half::x)?[0])
}

fn driven(dt: f64, options: Options) -> Result<f64, Error> {
    let mut network = Network::new();
    let p = network.add(Population::<Driven>::new("p", 1))?;
    network.stimulate(p, Driven::u, Stimulus::function(f64::sin))?;
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(3.0)?;
    Ok(simulation.values(p, Driven::x)?[0])
}

fn delayed(dt: f64, options: Options) -> Result<f64, Error> {
    let mut network = Network::new();
    let p = network.add(Population::<Delayed>::new("p", 1))?;
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(3.0)?;
    Ok(simulation.values(p, Delayed::x)?[0])
}

/// x' = -x(t - π/2) through a projection: x = cos t.
fn echo(dt: f64, options: Options) -> Result<f64, Error> {
    let mut network = Network::new();
    let half =
        Population::<Half>::new("p", 1).init(Half::x, 1.0).history_fn(Half::x, |t, _| t.cos());
    let p = network.add(half)?;
    let back = Projection::new(p, Half::x, p, Half::u, -1.0);
    network.connect(back.delays(Delays::from_fn(1.0, |_, _| std::f64::consts::FRAC_PI_2)))?;
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(3.0)?;
    Ok(simulation.values(p, Half::x)?[0])
}

fn echo_on_cubics(dt: f64, options: Options) -> Result<f64, Error> {
    echo(dt, Options { interpolation: Interpolation::CubicHermite, ..options })
}

const METHODS: [Integrator; 13] = [
    Integrator::Euler,
    Integrator::ExponentialEuler,
    Integrator::ExponentialRosenbrock,
    Integrator::Midpoint,
    Integrator::Heun,
    Integrator::Ralston,
    Integrator::EtdRungeKutta2,
    Integrator::SspRungeKutta3,
    Integrator::BogackiShampine3,
    Integrator::Ros34Pw2,
    Integrator::RungeKutta4,
    Integrator::RungeKutta4Rule38,
    Integrator::DormandPrince5,
];

const STOCHASTIC: [Integrator; 6] = [
    Integrator::Euler,
    Integrator::ExponentialEuler,
    Integrator::Milstein,
    Integrator::EulerHeun,
    Integrator::StochasticHeun,
    Integrator::Sriw1,
];

/// The mean distance of 2000 paths from the solution e^{(0.3 - 0.32) t + 0.8 w} at t = 1.
fn strong_error(integrator: Integrator, dt: f64) -> Result<f64, Error> {
    let mut network = Network::new();
    let p = network.add(Population::<Geometric>::new("p", 2000))?;
    let options = Options { integrator, progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, dt, options)?;
    simulation.run(1.0)?;
    let (x, w) = (simulation.values(p, Geometric::x)?, simulation.values(p, Geometric::w)?);
    let distance = |(x, w): (&f64, &f64)| (x - (-0.02 + 0.8 * w).exp()).abs();
    Ok(x.iter().zip(w).map(distance).sum::<f64>() / 2000.0)
}

/// Places and weights of the Gauss–Hermite rule for a normal number, exact for polynomials up to degree 9.
fn hermite() -> [(f64, f64); 5] {
    let root = 10.0_f64.sqrt();
    let [near, far] = [(5.0 - root).sqrt(), (5.0 + root).sqrt()];
    let [inner, outer] = [(7.0 + 2.0 * root) / 60.0, (7.0 - 2.0 * root) / 60.0];
    [(0.0, 8.0 / 15.0), (near, inner), (-near, inner), (far, outer), (-far, outer)]
}

/// Mean and mean square after one step from a state. The step is a polynomial in the normal numbers it
/// draws, and units are fed those of the rule: no sampling, and no error of it.
fn moments<M: RateModel>(
    (x, ξ): (State<M>, Noise<M>),
    integrator: Integrator,
    (dt, from): (f64, f64),
) -> Result<[f64; 2], Error> {
    let rule = hermite();
    let pairs = rule.iter().flat_map(|one| rule.iter().map(move |other| (*one, *other)));
    let [mut numbers, mut second, mut weights] = [Vec::new(), Vec::new(), Vec::new()];
    for ((xi, one), (zeta, other)) in pairs {
        numbers.push(xi);
        second.push(zeta);
        weights.push(one * other);
    }
    let builder = Group::<M>::builder(weights.len(), dt).integrator(integrator).init(x, from);
    let mut group = builder.build()?;
    group.feed(ξ, numbers)?;
    if matches!(integrator, Integrator::Sra1 | Integrator::Sriw1) {
        group.feed_second(ξ, second)?;
    }
    group.step()?;
    let mean = |power: i32| {
        let terms = group.state(x).iter().zip(&weights);
        terms.map(|(x, weight)| weight * x.powi(power)).sum()
    };
    Ok([mean(1), mean(2)])
}

/// The errors of E x² at t = 1 of geometric Brownian motion, whose steps are independent factors, and
/// of the variance of a linear equation with added noise; none where a method has no meaning for it.
fn weak_errors(integrator: Integrator, dt: f64) -> Result<[Option<f64>; 2], Error> {
    let steps = 1.0 / dt;
    let multiplied = (Geometric::x, Geometric::ξ);
    let multiplied = match moments(multiplied, integrator, (dt, 1.0)) {
        Ok([_, square]) => Some((square.powf(steps) - (0.6 + 0.64_f64).exp()).abs()),
        Err(Error::NoiseNeedsOtherMethod { .. }) => None,
        Err(error) => return Err(error),
    };
    let added = (Relaxing::x, Relaxing::ξ);
    let [factor, _] = moments(added, integrator, (dt, 1.0))?;
    let [_, gained] = moments(added, integrator, (dt, 0.0))?;
    let growth = factor * factor;
    let variance = gained * (1.0 - growth.powf(steps)) / (1.0 - growth);
    Ok([multiplied, Some((variance - 0.32 * (1.0 - (-2.0_f64).exp())).abs())])
}

/// What is printed of an order: `exact` where there is no error but that of rounding.
fn order(coarse: Option<f64>, fine: Option<f64>) -> String {
    match (coarse, fine) {
        (Some(coarse), Some(fine)) if coarse.max(fine) < 1e-13 => "exact".to_owned(),
        (Some(coarse), Some(fine)) => format!("{:.2}", (coarse / fine).log2() / 2.0),
        _ => "-".to_owned(),
    }
}

fn main() -> Result<(), Error> {
    let t = 3.0_f64;
    let problems: [(&str, Problem, f64); 6] = [
        ("alone", logistic, 1.0 / (1.0 + 9.0 * (-t).exp())),
        ("coupled", oscillator, t.cos()),
        ("stimulus", driven, 0.5 * (t.sin() - t.cos() + (-t).exp())),
        // By the method of steps.
        ("delayed", delayed, 1.0 - t + (t - 1.0).powi(2) / 2.0 - (t - 2.0).powi(3) / 6.0),
        ("lines", echo, t.cos()),
        ("cubics", echo_on_cubics, t.cos()),
    ];
    for delivery in [Delivery::PerStage, Delivery::Frozen] {
        println!("observed order, dt from 0.03 to 0.0075, {delivery:?}");
        print!("{:22}", "");
        for (name, ..) in &problems {
            print!("{name:>10}");
        }
        println!();
        for integrator in METHODS {
            let options = Options { integrator, delivery, progress: false, ..Options::default() };
            print!("{integrator:22}");
            for (_, problem, exact) in &problems {
                let error = |dt| Ok::<_, Error>((problem(dt, options)? - exact).abs());
                let order = (error(0.03)? / error(0.0075)?).log2() / 2.0;
                print!("{order:10.2}");
            }
            println!();
        }
        println!();
    }
    println!("observed strong order, multiplied noise, dt from 0.04 to 0.01");
    for integrator in STOCHASTIC {
        let order =
            (strong_error(integrator, 0.04)? / strong_error(integrator, 0.01)?).log2() / 2.0;
        println!("{integrator:22}{order:10.2}");
    }
    println!();
    println!("observed weak order of mean squares, dt from 1/32 to 1/128");
    println!("{:22}{:>11}{:>11}", "", "multiplied", "added");
    for integrator in STOCHASTIC.into_iter().chain([Integrator::Sra1]) {
        let coarse = weak_errors(integrator, 1.0 / 32.0)?;
        let fine = weak_errors(integrator, 1.0 / 128.0)?;
        let [multiplied, added] = [0, 1].map(|problem| order(coarse[problem], fine[problem]));
        println!("{integrator:22}{multiplied:>11}{added:>11}");
    }
    Ok(())
}
