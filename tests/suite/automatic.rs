//! The method that is chosen for a network, and what is said of it.

use rate_model::prelude::*;

rate_model! {
    model Leak { input u; state x = 1; dx/dt = -x + u; }
    model Rotation { state (x, y) = (1, 0); dx/dt = y; dy/dt = -x; }
    model Gated { state (s, r) = (0, 1); ds/dt = -s + (1 - s)*r; dr/dt = -r; }
    model Cubic { state x = 1; dx/dt = x - x^3; }
    model Noisy { noise ξ: white; state x = 0; dx/dt = -x + ξ; }
    model Shared { noise ξ: white; state (x, y) = (0, 0); dx/dt = -x + ξ; dy/dt = -2*y + ξ; }
    model CubicNoisy { noise ξ: white; state x = 0; dx/dt = x - x^3 + ξ; }
    model Multiplied { noise ξ: white; state x = 1; dx/dt = -x + x*ξ; }
    model Crossed {
        noise ξ: white; noise ζ: white;
        state (x, y) = (1, 1);
        dx/dt = y*ξ;
        dy/dt = x*ζ;
    }
}

const AUTOMATIC: Options =
    Options { integrator: Integrator::Automatic, progress: false, ..Options::DEFAULT };

fn chosen<M: RateModel>(dt: f64) -> Integrator {
    let mut network = Network::new();
    network.add(Population::<M>::new("p", 1)).unwrap();
    Simulation::with_options(network, dt, AUTOMATIC).unwrap().integrator()
}

#[test]
fn each_kind_of_equation_has_its_method() {
    for (found, expected) in [
        (chosen::<Leak>(0.1), Integrator::ExponentialEuler),
        (chosen::<Rotation>(0.1), Integrator::ExponentialRosenbrock),
        (chosen::<Gated>(0.1), Integrator::EtdRungeKutta2),
        (chosen::<Cubic>(0.1), Integrator::RungeKutta4),
        (chosen::<Noisy>(0.1), Integrator::ExponentialEuler),
        (chosen::<Shared>(0.1), Integrator::ExponentialRosenbrock),
        (chosen::<CubicNoisy>(0.1), Integrator::Sra1),
        (chosen::<Multiplied>(0.1), Integrator::Sriw1),
        (chosen::<Crossed>(0.1), Integrator::Milstein),
        // At the initial state the cubic decays with the rate 2.
        (chosen::<Cubic>(2.0), Integrator::Ros34Pw2),
        (chosen::<Multiplied>(3.0), Integrator::ExponentialEuler),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn what_moves_outside_counts_and_the_reason_is_given() {
    let mut network = Network::new();
    let p = network.add(Population::<Leak>::new("p", 1)).unwrap();
    network.stimulate(p, Leak::u, Stimulus::function(f64::sin)).unwrap();
    let mut simulation = Simulation::with_options(network, 0.1, AUTOMATIC).unwrap();
    assert_eq!(simulation.integrator(), Integrator::EtdRungeKutta2);
    let text = simulation.explain_method();
    assert!(text.starts_with("etd-rk2: each equation is linear in its own state"), "{text}");
    assert!(text.contains("p.x: linear, with coefficients that stay over a step"), "{text}");
    // x = (sin t - cos t + 3 e^-t)/2: the second order of the method, not Euler's first.
    simulation.run(2.0).unwrap();
    let exact = 0.5 * (2.0_f64.sin() - 2.0_f64.cos() + 3.0 * (-2.0_f64).exp());
    let found = simulation.values(p, Leak::x).unwrap()[0];
    assert!((found - exact).abs() < 1e-3, "{found} {exact}");

    let mut network = Network::new();
    network.add(Population::<Leak>::new("p", 1)).unwrap();
    let simulation = Simulation::new(network, 0.1).unwrap();
    assert!(simulation.explain_method().starts_with("euler: as the options say"));

    let mut network = Network::new();
    network.add(Population::<Cubic>::new("p", 1)).unwrap();
    let tolerance = Some(Tolerance { relative: 1e-6, absolute: 1e-6 });
    let options = Options { tolerance, ..AUTOMATIC };
    let simulation = Simulation::with_options(network, 10.0, options).unwrap();
    assert_eq!(simulation.integrator(), Integrator::DormandPrince5);
}
