//! The linearisation of networks, against finite differences of what one Euler step does, and
//! against matrices written by hand.

use ndarray::{Array2, arr2};
use rate_model::Linearisation;
use rate_model::model::{RateModel, State};
use rate_model::prelude::*;

rate_model! {
    /// Each function of the language in an equation of its own, of that state and of `a`.
    model Everything {
        param k = 0.8;
        param n = 2.3;
        input I;
        state a = 0.5;
        state y_relu = 0.4;
        state y_off = -0.4;
        state y_heaviside = 0.4;
        state y_sign = 0.4;
        state y_abs = -0.4;
        state y_min = 0.4;
        state y_max = 0.4;
        state y_clip = 0.4;
        state y_exp = 0.4;
        state y_expm1 = 0.4;
        state y_log = 0.4;
        state y_log1p = 0.4;
        state y_sqrt = 0.4;
        state y_pow = 1.1;
        state y_sin = 0.4;
        state y_cos = 0.4;
        state y_tan = 0.4;
        state y_asin = 0.4;
        state y_acos = 0.4;
        state y_atan = 0.4;
        state y_sinh = 0.4;
        state y_cosh = 0.4;
        state y_tanh = 0.4;
        state y_sigmoid = 0.4;
        state y_softplus = 0.4;
        state y_erf = 0.4;
        state y_erfc = 0.4;
        state y_exprel = 0.4;
        state y_exprel_near_0 = 0.4;
        da/dt = -a + I*y_exp^2;
        dy_relu/dt = relu(k*y_relu + 0.1*a);
        dy_off/dt = relu(k*y_off - 0.1*a) - y_off;
        dy_heaviside/dt = heaviside(y_heaviside - 2*a)*y_heaviside - a*heaviside(y_heaviside);
        dy_sign/dt = sign(y_sign)*a*y_sign;
        dy_abs/dt = abs(k*y_abs - a)*abs(y_abs);
        dy_min/dt = min(y_min, 3*a^2) + min(y_min, 0.1*a);
        dy_max/dt = max(y_max, 3*a^2) + max(y_max, 0.1*a);
        dy_clip/dt = clip(y_clip, -a, 2*a) + clip(y_clip, 2*a, 9) + clip(y_clip, -9, 0.1*a);
        dy_exp/dt = exp(k*y_exp + 0.1*a);
        dy_expm1/dt = expm1(k*y_expm1 + 0.1*a);
        dy_log/dt = log(k*y_log + 0.1*a);
        dy_log1p/dt = log1p(k*y_log1p + 0.1*a);
        dy_sqrt/dt = sqrt(k*y_sqrt + 0.1*a);
        dy_pow/dt = pow(y_pow, a) + y_pow^n + n^y_pow + y_pow^-2 + y_pow^0.5 + a^(1/3) + (y_pow/2)^20;
        dy_sin/dt = sin(k*y_sin + 0.1*a);
        dy_cos/dt = cos(k*y_cos + 0.1*a);
        dy_tan/dt = tan(k*y_tan + 0.1*a);
        dy_asin/dt = asin(k*y_asin + 0.1*a);
        dy_acos/dt = acos(k*y_acos + 0.1*a);
        dy_atan/dt = atan(k*y_atan + 0.1*a);
        dy_sinh/dt = sinh(k*y_sinh + 0.1*a);
        dy_cosh/dt = cosh(k*y_cosh + 0.1*a);
        dy_tanh/dt = tanh(k*y_tanh + 0.1*a);
        dy_sigmoid/dt = sigmoid(k*y_sigmoid + 0.1*a);
        dy_softplus/dt = softplus(k*y_softplus + 0.1*a);
        dy_erf/dt = erf(k*y_erf + 0.1*a);
        dy_erfc/dt = erfc(k*y_erfc + 0.1*a);
        dy_exprel/dt = exprel(k*y_exprel + 0.1*a);
        dy_exprel_near_0/dt = exprel(0.02*(y_exprel_near_0 - a));
    }

    /// Operators, conditions and auxiliaries of auxiliaries; depends on time.
    model Structure {
        param (tau, c) = (2, 0.3);
        input I;
        input gate = 1.5;
        state x = 0.5;
        state y = 0.7;
        state z = 0.2;
        let ratio = (x + y)/(c + y^2);
        let product = ratio*x*y - x/tau;
        let chosen = if x < y && !(z > 1) { product*z } else { 100*x };
        output sent = chosen + gain;
        output gain = 2*y^3;
        tau dx/dt = -x + chosen*gate;
        (1 + t) dy/dt = -(y - product) + I^2*y - t*x;
        dz/dt = if z > 5 { x } else if z > 0.1 { -z*ratio } else { y };
    }

    /// Hertz and milliseconds.
    model Quick {
        param tau: ms = 5 where tau > 0;
        param half: pA = 3;
        input I: pA;
        state r: Hz = 4;
        state a: pA = 0.5;
        output current: nA = 0.5 pA/(1 Hz)*r + a^2/(1 pA);
        tau dr/dt = -r + 30 Hz*I^2/(half^2 + I^2);
        (50 ms) da/dt = -a + tau*r*(1 pA);
    }

    /// Kilohertz and seconds.
    model Slow {
        time t: s;
        param tau: s = 0.1 where tau > 0;
        input drive: pA;
        state rate: kHz = 0.3;
        tau drate/dt = -rate + 2 kHz*tanh(drive/(5 pA)) - rate^2/(1 kHz);
    }
}

const REPRODUCIBLE: Options =
    Options { arithmetic: Arithmetic::Reproducible, progress: false, ..Options::DEFAULT };

/// Sets some coordinates of a simulation.
type Set = Box<dyn Fn(&mut Simulation, &[f64])>;
/// Reads them.
type Get = Box<dyn Fn(&Simulation) -> Vec<f64>>;

/// A simulation seen as a map from all its coordinates to their derivatives.
struct Flow {
    simulation: Simulation,
    /// The length of a step in the unit of time of the first population.
    dt: f64,
    /// Steps before the one that is looked at.
    before: u64,
    blocks: Vec<(usize, Set, Get)>,
}

impl Flow {
    fn new(network: Network, dt: impl Into<Time>, dt_number: f64, before: u64) -> Self {
        let simulation = Simulation::with_options(network, dt, REPRODUCIBLE).unwrap();
        Self { simulation, dt: dt_number, before, blocks: Vec::new() }
    }

    /// Adds all states of a population, in the order in which linearisations have them.
    fn with_states<M: RateModel>(mut self, id: PopulationId<M>) -> Self {
        for index in 0..M::INFO.states.len() {
            let state = State::<M>::new(index);
            let units = self.simulation.values(id, state).unwrap().len();
            let set: Set =
                Box::new(move |simulation, x| simulation.set_state(id, state, x).unwrap());
            let get: Get =
                Box::new(move |simulation| simulation.values(id, state).unwrap().to_vec());
            self.blocks.push((units, set, get));
        }
        self
    }

    fn get(&self) -> Vec<f64> {
        self.blocks.iter().flat_map(|(_, _, get)| get(&self.simulation)).collect()
    }

    /// Goes to the step that is looked at, with the given coordinates.
    fn go_to(&mut self, x: &[f64]) {
        self.simulation.reset();
        self.simulation.run(steps(self.before)).unwrap();
        let mut start = 0;
        for (units, set, _) in &self.blocks {
            set(&mut self.simulation, &x[start..start + units]);
            start += units;
        }
    }

    /// The derivatives, from what one Euler step adds.
    fn derivatives(&mut self, x: &[f64]) -> Vec<f64> {
        self.go_to(x);
        self.simulation.run(steps(1)).unwrap();
        self.get().iter().zip(x).map(|(after, before)| (after - before) / self.dt).collect()
    }

    /// All partial derivatives, by the central difference of order 4,
    /// (8 (f(h) - f(-h)) - (f(2h) - f(-2h)))/(12 h).
    fn differences(&mut self, x: &[f64]) -> Array2<f64> {
        const H: f64 = 1e-3;
        let mut jacobian = Array2::zeros((x.len(), x.len()));
        for column in 0..x.len() {
            let mut at = |shift: f64| {
                let mut x = x.to_vec();
                x[column] += shift;
                self.derivatives(&x)
            };
            let [near, far] = [H, 2.0 * H].map(|h| (at(h), at(-h)));
            for row in 0..x.len() {
                let [near, far] = [&near, &far].map(|(plus, minus)| plus[row] - minus[row]);
                jacobian[[row, column]] = (8.0 * near - far) / (12.0 * H);
            }
        }
        jacobian
    }

    fn linearise(&mut self, x: &[f64]) -> Linearisation {
        self.go_to(x);
        self.simulation.linearise().unwrap()
    }

    /// Asserts that linearisation and differences agree at a point. The differences have an error
    /// of H^4/30 times the fifth derivative, which is below 1000 here, so 3e-11, and of a rounding
    /// of f over H, 1e-12 for numbers up to 5.
    #[track_caller]
    fn assert_differentiates(mut self, x: &[f64]) {
        let found = self.linearise(x);
        let expected = self.differences(x);
        assert_eq!(found.jacobian.dim(), expected.dim());
        for ((row, column), expected) in expected.indexed_iter() {
            let entry = found.jacobian[[row, column]];
            let error = (entry - expected).abs() / expected.abs().max(1.0);
            let [row, column] = [row, column].map(|index| &found.coordinates[index]);
            assert!(error < 1e-10, "{row:?} by {column:?}: {entry} for {expected}");
        }
    }
}

/// Values near those given, different for every coordinate.
fn near(x: &[f64]) -> Vec<f64> {
    let shift = |index: usize| 0.03 * (1.7 * index as f64).sin();
    x.iter().enumerate().map(|(index, x)| x + shift(index)).collect()
}

/// The derivatives of all functions, away from where they have none, at two units.
#[test]
fn every_function_has_its_derivative() {
    let mut network = Network::new();
    let id = network.add(Population::<Everything>::new("all", 2)).unwrap();
    network.stimulate(id, Everything::I, [0.3, -0.2]).unwrap();
    let flow = Flow::new(network, 1.0, 1.0, 0).with_states(id);
    let x = near(&flow.get());
    flow.assert_differentiates(&x);
}

/// Quotients, products, branches and auxiliaries, in a network with itself: an output of states is
/// projected, through a product with a time-dependent factor on the left.
#[test]
fn structure_is_differentiated_through() {
    let weights = Array2::from_shape_fn((3, 3), |(i, j)| 0.2 + 0.1 * i as f64 - 0.15 * j as f64);
    for before in [0, 3] {
        let mut network = Network::new();
        let id = network.add(Population::<Structure>::new("s", 3)).unwrap();
        network.project(id, Structure::sent, id, Structure::I, &weights).unwrap();
        network.project(id, Structure::x, id, Structure::I, &weights.t()).unwrap();
        network.project(id, Structure::gain, id, Structure::gate, &weights).unwrap();
        network.stimulate(id, Structure::I, Stimulus::function(|t| 0.1 * t)).unwrap();
        // Steps of 1/8 keep the states small until the step that is looked at.
        let flow = Flow::new(network, 0.125, 0.125, before).with_states(id);
        let x = near(&[0.5, 0.5, 0.5, 0.7, 0.7, 0.7, 0.2, 0.3, 0.06]);
        flow.assert_differentiates(&x);
    }
}

/// Models with time in ms and in s and rates in Hz and kHz, coupled both ways, once through an
/// output in another unit than what it is made of. Everything is per ms, the first one's unit.
#[test]
fn networks_of_mixed_units_are_differentiated_through() {
    let mut network = Network::new();
    let quick = network.add(Population::<Quick>::new("quick", 2)).unwrap();
    let slow = network.add(Population::<Slow>::new("slow", 3)).unwrap();
    let there = Array2::from_shape_fn((3, 2), |(i, j)| 500.0 + 100.0 * i as f64 - 300.0 * j as f64);
    let back = Array2::from_shape_fn((2, 3), |(i, j)| 2.0 - i as f64 + 0.5 * j as f64);
    let own = arr2(&[[0.1, -0.2], [0.3, 0.05]]);
    network.project(quick, Quick::current, slow, Slow::drive, &there).unwrap();
    network.project(slow, Slow::rate, quick, Quick::I, &back).unwrap();
    network.project(quick, Quick::r, quick, Quick::I, &own).unwrap();
    network.stimulate(quick, Quick::I, [1.0, 2.0]).unwrap();
    let mut flow = Flow::new(network, ms(1.0), 1.0, 0).with_states(quick).with_states(slow);
    let x = near(&flow.get());
    assert_eq!(flow.linearise(&x).time_unit, "ms");
    flow.assert_differentiates(&x);
}

rate_model! {
    /// Linear: dx/dt = (-x + g I)/τ.
    model Linear {
        param tau: ms = 20 where tau > 0;
        param g = 1;
        input I: Hz;
        state x: Hz = 1;
        tau dx/dt = -x + g*I;
    }

    /// The same in seconds.
    model LinearInSeconds {
        time t: s;
        param tau: s = 0.5 where tau > 0;
        input I: Hz;
        state x: Hz = 1;
        tau dx/dt = -x + I;
    }
}

/// Rates of 1/τ on the diagonal and g w/τ off it, whatever the state; rows and columns say what
/// they are.
#[test]
fn a_linear_network_has_its_known_matrix() {
    let mut network = Network::new();
    let population = Population::new("areas", 2).labels(["V1", "V2"]);
    let population = population.set(Linear::tau, [10.0, 40.0]).set(Linear::g, [0.5, 2.0]);
    let areas = network.add(population).unwrap();
    let slow = network.add(Population::<LinearInSeconds>::new("slow", 1)).unwrap();
    network.project(areas, Linear::x, areas, Linear::I, arr2(&[[0.0, 3.0], [-1.0, 0.5]])).unwrap();
    network.project(areas, Linear::x, slow, LinearInSeconds::I, arr2(&[[7.0, 0.0]])).unwrap();
    let mut simulation = Simulation::with_options(network, ms(0.1), REPRODUCIBLE).unwrap();
    for _ in 0..2 {
        let found = simulation.linearise().unwrap();
        // Per ms: 1/10, 1/40 and 1/(0.5 s) = 1/500.
        let expected = arr2(&[
            [-1.0 / 10.0, 0.5 * 3.0 / 10.0, 0.0],
            [-2.0 / 40.0, (-1.0 + 2.0 * 0.5) / 40.0, 0.0],
            [7.0 / 500.0, 0.0, -1.0 / 500.0],
        ]);
        for (found, expected) in found.jacobian.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-16, "{found} {expected}");
        }
        let names = found
            .coordinates
            .iter()
            .map(|at| format!("{} {} {}", at.population, at.state, at.unit));
        assert_eq!(names.collect::<Vec<_>>(), ["areas x V1", "areas x V2", "slow x 0"]);
        assert_eq!(found.time_unit, "ms");
        simulation.run(ms(5.0)).unwrap();
        simulation.set_state(slow, LinearInSeconds::x, -3.0).unwrap();
    }
}

/// The slowest decay of a ring of three rates, from the linearisation and from a run: a
/// perturbation along the eigenvector (1, 1, 1) decays with τ/(1 - 2w).
#[test]
fn the_time_constant_of_a_ring_is_known() {
    let (tau, w) = (20.0, 0.4);
    let ring = arr2(&[[0.0, w, w], [w, 0.0, w], [w, w, 0.0]]);
    let mut network = Network::new();
    let id = network.add(Population::<Linear>::new("ring", 3)).unwrap();
    network.project(id, Linear::x, id, Linear::I, &ring).unwrap();
    let mut simulation = Simulation::with_options(network, ms(0.01), REPRODUCIBLE).unwrap();
    let jacobian = simulation.linearise().unwrap().jacobian;
    let rate = -(1.0 - 2.0 * w) / tau;
    for row in jacobian.rows() {
        assert!((row.sum() - rate).abs() < 1e-16);
    }
    simulation.run(ms(100.0)).unwrap();
    // Forward Euler: (1 + dt λ)^n, an error of n (dt λ)^2/2 = 5e-5 from e^(λ t).
    let decayed = simulation.values(id, Linear::x).unwrap();
    assert!(decayed.iter().all(|x| (x - (100.0 * rate).exp()).abs() < 1e-4), "{decayed:?}");
}

mod products {
    //! The generated functions `tangent` and `adjoint`, as whoever writes an optimiser calls them.

    use rate_model::lanes::{AsWritten, Lane};
    use rate_model::model::{Array, Point, RateModel, Response, Variation};

    type L = Lane<f64, AsWritten>;

    /// The numbers 0.3 + 0.1, 0.3 + 0.2, …, not all of the same sign.
    fn numbers<A: Array<L>>(sign: f64) -> A {
        A::from_fn(|i| Lane::new(0.3 + 0.1 * (i + 1) as f64 * if i % 2 == 0 { 1.0 } else { sign }))
    }

    fn values(lanes: impl AsRef<[L]>) -> Vec<f64> {
        lanes.as_ref().iter().map(|lane| lane.value).collect()
    }

    fn point<M: RateModel>(by: &Variation<M, L>, step: f64) -> Point<M, L> {
        fn moved<A: Array<L>>(by: &A, step: f64) -> A {
            let base: A = numbers(1.0);
            A::from_fn(|i| base.as_ref()[i] + by.as_ref()[i] * Lane::new(step))
        }
        let p: M::Params<L> = moved(&by.p, step);
        let (q, u, x) = (M::derived(&p), moved(&by.u, step), moved(&by.x, step));
        Point { t: Lane::new(0.0), p, q, u, x }
    }

    fn given<M: RateModel>(at: &Point<M, L>) -> Vec<f64> {
        [values(M::derivative(at)), values(M::auxiliaries(at)), values(M::diffusion(at))].concat()
    }

    fn check<M: RateModel>() {
        let by = Variation::<M, L> { p: numbers(-1.0), u: numbers(-2.0), x: numbers(-0.5) };
        let at = point(&by, 0.0);
        let tangent = M::tangent(&at, &by);
        let tangent =
            [values(tangent.derivative), values(tangent.auxiliaries), values(tangent.diffusion)];
        let tangent = tangent.concat();
        let h = 1e-5;
        let (after, before) = (given(&point(&by, h)), given(&point(&by, -h)));
        for (index, found) in tangent.iter().enumerate() {
            let expected = (after[index] - before[index]) / (2.0 * h);
            let bound = 1e-7 * expected.abs().max(1.0);
            assert!((found - expected).abs() < bound, "row {index}: {found}, not {expected}");
        }
        let weights = Response::<M, L> {
            derivative: numbers(-1.0),
            auxiliaries: numbers(-3.0),
            diffusion: numbers(1.0),
        };
        let gradient = M::adjoint(&at, &weights);
        let gradient = [values(gradient.p), values(gradient.u), values(gradient.x)].concat();
        let direction = [values(by.p), values(by.u), values(by.x)].concat();
        let rows =
            [values(weights.derivative), values(weights.auxiliaries), values(weights.diffusion)];
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (one, other) = (dot(&gradient, &direction), dot(&rows.concat(), &tangent));
        assert!((one - other).abs() < 1e-12 * one.abs().max(1.0), "{one} {other}");
    }

    rate_model::rate_model! {
        model Full {
            param (tau, w, σ, d) = (10, 2, 0.1, 1);
            input I;
            noise ξ: white;
            noise η: ou(5*tau);
            state (x, y) = (0, 0);
            output rate = [x]_+^2*w;
            let drive = tanh(w*rate(t - d) + I) + η*y;
            tau dx/dt = -x + drive + σ*sqrt(tau)*(1 + x^2)*ξ;
            dy/dt = x*y - exp(-y/tau) + x(t - 2*d);
        }
    }

    /// Where what is steep does not move, neither does what is made of it.
    #[test]
    fn products_are_finite_below_threshold() {
        rate_model::rate_model! {
            model Silent {
                param k = 3;
                state a = 0;
                da/dt = -a + sqrt(relu(a)/k) + log1p(sqrt(2*relu(a))) + sqrt(1 - min(1, 1 + relu(a)));
            }
        }
        let at = Point::<Silent, L> {
            t: Lane::new(0.0),
            p: [Lane::new(3.0)],
            q: numbers(1.0),
            u: [],
            x: [Lane::new(-1.0)],
        };
        let by = Variation { p: [Lane::new(1.0)], u: [], x: [Lane::new(1.0)] };
        assert_eq!(values(Silent::tangent(&at, &by).derivative), [-1.0]);
        let weights = Response { derivative: [Lane::new(1.0)], auxiliaries: [], diffusion: [] };
        let gradient = Silent::adjoint(&at, &weights);
        assert_eq!((values(gradient.x), values(gradient.p)), (vec![-1.0], vec![0.0]));
    }

    #[test]
    fn tangents_are_slopes_and_adjoints_their_transposes() {
        check::<Full>();
        check::<super::Structure>();
        check::<super::Quick>();
    }
}
