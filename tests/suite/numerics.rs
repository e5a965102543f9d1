//! Integration of single populations, against loops of plain `f64` arithmetic written by hand and
//! against analytic solutions.
//!
//! In reproducible arithmetic every operation is rounded as written in the model, so a loop that
//! writes down the same operations must give the same bits, as long as it needs no elementary
//! function (the model takes those from a portable library, the loop from the platform). In fast
//! arithmetic, where products are fused with sums and divisions replaced by products with
//! reciprocals, each operation may differ in its last bit.

use std::f64::consts::PI;

use rate_model::lanes::Real;
use rate_model::model::{Input, Observable, State};
use rate_model::prelude::*;

/// Sizes around the block of 64 units that the inner loop works on.
const SIZES: [usize; 9] = [0, 1, 7, 63, 64, 65, 127, 129, 1000];

const FAST: Options = options(Integrator::Euler, Arithmetic::Fast);
const REPRODUCIBLE: Options = options(Integrator::Euler, Arithmetic::Reproducible);
const EXPONENTIAL: Options = options(Integrator::ExponentialEuler, Arithmetic::Fast);
const EXPONENTIAL_REPRODUCIBLE: Options =
    options(Integrator::ExponentialEuler, Arithmetic::Reproducible);

const fn options(integrator: Integrator, arithmetic: Arithmetic) -> Options {
    Options { integrator, arithmetic, progress: false, check_finite: false, ..Options::DEFAULT }
}

rate_model! {
    /// Cubic, coupled, without units.
    model FitzHughNagumo {
        param a = 0.7;
        param b = 0.8;
        param eps = 0.08;
        input I = 0.5;
        state u = -1;
        state w = 1;
        du/dt = u - u^3/3 - w + I;
        dw/dt = eps*(u + a - b*w);
    }

    /// Linear but for the rectification; time constants and rates with units, bounded below.
    model ThresholdLinear {
        param tau: ms = 20 where tau > 0;
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν_e: Hz = 1 where ν_e >= 0;
        tau dν_e/dt = -ν_e + β*relu(I);
    }

    /// Wilson & Cowan 1972, with the logistic function as response.
    model WilsonCowan {
        param tau_e: ms = 10 where tau_e > 0;
        param tau_i: ms = 20 where tau_i > 0;
        param (w_ee, w_ei, w_ie, w_ii) = (10, 8, 12, 3);
        input P = 1.25;
        state E = 0.1;
        state I = 0.05;
        tau_e dE/dt = -E + (1 - E)*sigmoid(w_ee*E - w_ei*I + P - 4);
        tau_i dI/dt = -I + (1 - I)*sigmoid(w_ie*E - w_ii*I - 3.7);
    }

    /// Exact mean field of quadratic integrate-and-fire neurons (Montbrió, Pazó & Roxin, Phys.
    /// Rev. X 5:021028, 2015). Rates in Hz against a time constant in ms.
    model Montbrio {
        param tau: ms = 10 where tau > 0;
        param Δ = 1 where Δ > 0;
        param (η, J) = (-5, 15);
        input I;
        state r: Hz = 10;
        state u = -2;
        tau dr/dt = Δ/(pi*tau) + 2*r*u;
        tau du/dt = u^2 + η + J*tau*r - (pi*tau*r)^2 + I;
    }

    /// Depends on time; no elementary function.
    model Ramp {
        param k = 0.25;
        state x = 1;
        dx/dt = t*(1 - t/8) - k*x;
    }

    /// Turns and decays: x + iy = exp((-1 + iω) t).
    model Spiral {
        param ω = 2;
        state x = 1;
        state y = 0;
        dx/dt = -x - ω*y;
        dy/dt = ω*x - y;
    }

    /// x(t) = 1/(1 + (1/x0 - 1) e^-t)
    model Logistic {
        state x = 0.1;
        dx/dt = x*(1 - x);
    }

    /// One rate and one adaptation variable, linear each in itself, with constant input.
    model Leak {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν_e: Hz = 3;
        tau dν_e/dt = -ν_e + I;
    }

    /// [`Leak`] in seconds.
    model LeakInSeconds {
        time t: s;
        param tau: s = 0.02 where tau > 0;
        input I: Hz;
        state ν_e: Hz = 3;
        tau dν_e/dt = -ν_e + I;
    }

    /// [`Leak`] in kilohertz.
    model LeakInKilohertz {
        param tau: ms = 20 where tau > 0;
        input I: kHz;
        state ν_e: kHz = 0.003;
        tau dν_e/dt = -ν_e + I;
    }

    /// [`Leak`] with a time constant in seconds and time in milliseconds, input in kilohertz.
    model LeakMixed {
        param tau: s = 0.02 where tau > 0;
        input I: kHz;
        state ν_e: Hz = 3 Hz;
        tau dν_e/dt = -ν_e + I;
    }

    /// States with one limit, with two, and with a parameter as limit.
    model Bounded {
        param top = 2 where top > 0;
        input drive;
        state low = 0      where low >= -1;
        state high = 0     where high < 1.5;
        state both = 0     where 0 <= both <= top;
        dlow/dt = drive;
        dhigh/dt = drive;
        dboth/dt = drive;
    }

    /// Functions that choose between numbers, with a NaN to choose.
    model Choosing {
        input x;
        state bounded = 0  where -1 <= bounded <= 1;
        output rectified = relu(x);
        output brackets = [x]_+;
        output smaller = min(x, 1);
        output smaller2 = min(1, x);
        output larger = max(x, 1);
        output larger2 = max(1, x);
        output clipped = clip(x, -1, 1);
        output step = heaviside(x);
        output signum = sign(x);
        output size = abs(x);
        dbounded/dt = x;
    }
}

/// A network of one population, with a stimulus if there is one; not yet running.
struct Single<M: RateModel, T: Real = f64> {
    network: Network<T>,
    id: PopulationId<M>,
}

impl<M: RateModel> Single<M> {
    fn new(population: Population<M>) -> Self {
        Self::with_precision(population)
    }
}

impl<M: RateModel, T: Real> Single<M, T> {
    fn with_precision(population: Population<M>) -> Self {
        let mut network = Network::with_precision();
        let id = network.add(population).unwrap();
        Self { network, id }
    }

    fn stimulated(mut self, input: Input<M>, stimulus: impl Into<Stimulus>) -> Self {
        self.network.stimulate(self.id, input, stimulus).unwrap();
        self
    }

    /// The simulation after a number of steps.
    fn after(self, steps_done: u64, dt: impl Into<Time>, options: Options) -> Ran<M, T> {
        let mut simulation = Simulation::with_options(self.network, dt, options).unwrap();
        simulation.run(steps(steps_done)).unwrap();
        Ran { simulation, id: self.id }
    }
}

/// A simulation that has run.
struct Ran<M: RateModel, T: Real = f64> {
    simulation: Simulation<T>,
    id: PopulationId<M>,
}

impl<M: RateModel, T: Real> Ran<M, T> {
    fn values(&self, quantity: impl Observable<M>) -> Vec<T> {
        self.simulation.values(self.id, quantity).unwrap().to_vec()
    }

    /// The values of several states, unit by unit.
    fn units<const N: usize>(&self, states: [State<M>; N]) -> Vec<[T; N]> {
        let columns = states.map(|state| self.values(state));
        (0..columns[0].len()).map(|unit| std::array::from_fn(|i| columns[i][unit])).collect()
    }
}

/// Forward Euler by hand: `f` gives the derivatives at a time and a state.
fn euler<const N: usize>(
    mut x: [f64; N],
    times: impl IntoIterator<Item = f64>,
    dt: f64,
    f: impl Fn(f64, [f64; N]) -> [f64; N],
) -> [f64; N] {
    for t in times {
        let derivative = f(t, x);
        x = std::array::from_fn(|i| x[i] + derivative[i] * dt);
    }
    x
}

/// Exponential Euler by hand: `f` gives the derivatives and each one's slope in its own state.
fn exponential_euler<const N: usize>(
    mut x: [f64; N],
    count: u64,
    dt: f64,
    f: impl Fn([f64; N]) -> [(f64, f64); N],
) -> [f64; N] {
    for _ in 0..count {
        let slopes = f(x);
        x = std::array::from_fn(|i| {
            let (derivative, slope) = slopes[i];
            let z = dt * slope;
            let exprel = if z == 0.0 { 1.0 } else { z.exp_m1() / z };
            x[i] + dt * exprel * derivative
        });
    }
    x
}

/// The moments at which steps of a model that does not depend on time begin.
fn moments(count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(|_| 0.0)
}

/// Asserts that numbers agree up to a relative error, or an absolute one for numbers below 1.
#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (unit, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error <= tolerance, "unit {unit}: {found} for {expected}, error {error:e}");
    }
}

/// Asserts that two tables of numbers agree as [`assert_near`] says, row by row.
#[track_caller]
fn assert_rows_near<const N: usize>(found: &[[f64; N]], expected: &[[f64; N]], tolerance: f64) {
    assert_near(found.as_flattened(), expected.as_flattened(), tolerance);
}

/// The derivatives of [`FitzHughNagumo`], operation by operation as the model has them.
fn fitzhugh_nagumo([a, b, eps, i]: [f64; 4], [u, w]: [f64; 2]) -> [f64; 2] {
    [u - u * u * u / 3.0 - w + i, eps * (u + a - b * w)]
}

/// Parameters and input of one unit of a heterogeneous population of [`FitzHughNagumo`].
fn heterogeneous(unit: usize) -> [f64; 4] {
    let x = unit as f64;
    [0.7 + 0.001 * x, 0.8 - 0.0005 * x, 0.08, 0.5 + 0.002 * x]
}

fn heterogeneous_population(units: usize) -> Single<FitzHughNagumo> {
    let column = |i: usize| Values::from_fn(move |unit| heterogeneous(unit)[i]);
    let population = Population::new("fhn", units)
        .set(FitzHughNagumo::a, column(0))
        .set(FitzHughNagumo::b, column(1))
        .init(FitzHughNagumo::u, Values::from_fn(|unit| -1.0 + 0.001 * unit as f64));
    Single::new(population).stimulated(FitzHughNagumo::I, column(3))
}

/// What [`heterogeneous_population`] must come to after some steps.
fn heterogeneous_by_hand(units: usize, count: u64, dt: f64) -> Vec<[f64; 2]> {
    let unit = |unit: usize| {
        let start = [-1.0 + 0.001 * unit as f64, 1.0];
        euler(start, moments(count), dt, |_, x| fitzhugh_nagumo(heterogeneous(unit), x))
    };
    (0..units).map(unit).collect()
}

/// Every size of population, each unit with its own parameters, input and initial value: the same
/// bits as the scalar loop.
#[test]
fn euler_is_bit_equal_to_a_scalar_loop_at_every_size() {
    for units in SIZES {
        let ran = heterogeneous_population(units).after(20, 0.1, REPRODUCIBLE);
        let found = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
        assert_eq!(found, heterogeneous_by_hand(units, 20, 0.1), "{units} units");
    }
}

/// The loop of the oracle and the fast one part by at most a few roundings per step: each of the
/// 500 steps has some 10 operations on numbers of size 1 (relative error 1.1e-16 each), and the
/// limit cycle of the model neither amplifies nor forgets phase errors by more than 10.
#[test]
fn fast_euler_stays_within_rounding_of_a_scalar_loop() {
    for units in SIZES {
        let ran = heterogeneous_population(units).after(20, 0.1, FAST);
        let found = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
        assert_rows_near(&found, &heterogeneous_by_hand(units, 20, 0.1), 1e-14);
    }
    let ran = heterogeneous_population(3).after(500, 0.1, FAST);
    let found = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
    assert_rows_near(&found, &heterogeneous_by_hand(3, 500, 0.1), 1e-12);
}

/// Single precision does the same operations on `f32`: bit-equal to a loop on `f32`, and within
/// its precision (6e-8 per operation, 20 steps of some 10 operations) of double precision.
#[test]
fn single_precision_is_bit_equal_to_a_loop_in_single_precision() {
    let by_hand = |start: f32| {
        let ([mut u, mut w], dt) = ([start, 1.0_f32], 0.1_f32);
        let (a, b, eps, i) = (0.7_f32, 0.8_f32, 0.08_f32, 0.5_f32);
        for _ in 0..20 {
            let du = u - u * u * u / 3.0 - w + i;
            let dw = eps * (u + a - b * w);
            (u, w) = (u + du * dt, w + dw * dt);
        }
        [u, w]
    };
    let start = |unit: usize| -1.0 + 0.03125 * unit as f64; // exact in f32
    let population = Population::new("fhn", 70).init(FitzHughNagumo::u, Values::from_fn(start));
    let ran = Single::<_, f32>::with_precision(population).after(20, 0.1, REPRODUCIBLE);
    let found = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
    #[allow(clippy::cast_possible_truncation, reason = "exact: a multiple of 1/32")]
    let expected: Vec<_> = (0..70).map(|unit| by_hand(start(unit) as f32)).collect();
    assert_eq!(found, expected);

    let population = Population::new("fhn", 70).init(FitzHughNagumo::u, Values::from_fn(start));
    let double = Single::new(population).after(20, 0.1, REPRODUCIBLE);
    let widened: Vec<f64> = ran.values(FitzHughNagumo::u).into_iter().map(f64::from).collect();
    assert_near(&widened, &double.values(FitzHughNagumo::u), 200.0 * 6e-8);
}

/// Units, per-unit time constants and gains, a rectification and a lower bound; no conversion
/// factor is needed, so even the bits are those of the bare numbers.
#[test]
fn time_constants_per_unit_act_on_their_unit() {
    let tau = |unit: usize| 5.0 + unit as f64;
    let gain = |unit: usize| 0.05 + 0.001 * unit as f64;
    let drive = |unit: usize| 300.0 - 10.0 * unit as f64; // negative for the last ones
    let population = Population::new("areas", 65)
        .set(ThresholdLinear::tau, Values::from_fn(tau))
        .set(ThresholdLinear::β, Values::from_fn(gain));
    let ran = Single::new(population).stimulated(ThresholdLinear::I, Values::from_fn(drive)).after(
        300,
        ms(0.1),
        REPRODUCIBLE,
    );
    let by_hand = |unit: usize| {
        let target = gain(unit) * drive(unit).max(0.0);
        let [rate] = euler([1.0], moments(300), 0.1, |_, [rate]| [(-rate + target) / tau(unit)]);
        rate
    };
    let expected: Vec<_> = (0..65).map(by_hand).collect();
    assert_eq!(ran.values(ThresholdLinear::ν_e), expected);
}

/// Two coupled states through the logistic function. The platform's `exp` and the portable one
/// differ in the last bit; the dynamics contract, so 1e-13 is some hundred times that.
#[test]
fn wilson_cowan_follows_a_scalar_loop() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let f = |_, [e, i]: [f64; 2]| {
        let to_e = sigmoid(10.0 * e - 8.0 * i + 1.25 - 4.0);
        let to_i = sigmoid(12.0 * e - 3.0 * i - 3.7);
        [(-e + (1.0 - e) * to_e) / 10.0, (-i + (1.0 - i) * to_i) / 20.0]
    };
    let expected = euler([0.1, 0.05], moments(400), 0.1, f);
    for arithmetic in [FAST, REPRODUCIBLE] {
        let ran = Single::new(Population::new("wc", 2)).after(400, ms(0.1), arithmetic);
        let found = ran.units([WilsonCowan::E, WilsonCowan::I]);
        assert_rows_near(&found, &[expected; 2], 1e-13);
    }
}

/// Rates in Hz and times in ms in one model: the loop counts rates in 1/ms, as the paper does.
/// Bound as for [`wilson_cowan_follows_a_scalar_loop`].
#[test]
fn montbrio_with_units_follows_a_scalar_loop_without() {
    let (tau, delta, eta, j, input) = (10.0, 1.0, -5.0, 15.0, 3.0);
    let f = |_, [r, u]: [f64; 2]| {
        let dr = (delta / (PI * tau) + 2.0 * r * u) / tau;
        let du = (u * u + eta + j * tau * r - (PI * tau * r).powi(2) + input) / tau;
        [dr, du]
    };
    let [r, u] = euler([0.01, -2.0], moments(500), 0.05, f);
    for arithmetic in [FAST, REPRODUCIBLE] {
        let ran = Single::new(Population::new("qif", 1)).stimulated(Montbrio::I, input).after(
            500,
            ms(0.05),
            arithmetic,
        );
        let found = ran.units([Montbrio::r, Montbrio::u]);
        assert_rows_near(&found, &[[1000.0 * r, u]], 1e-12);
    }
}

/// A step, and the time at which the n-th begins.
type Moments = (f64, fn(f64) -> f64);

/// Time is that of the beginning of the step. For dt = 1/n it is the double nearest to the true
/// time, otherwise the number of steps times dt; either way it does not drift.
#[test]
fn equations_see_the_time_at_which_the_step_begins() {
    let f = |t: f64, [x]: [f64; 1]| [t * (1.0 - t / 8.0) - 0.25 * x];
    let cases: [Moments; 4] =
        [(0.1, |n| n / 10.0), (0.25, |n| n / 4.0), (0.3, |n| n * 0.3), (2.5, |n| n * 2.5)];
    for (dt, time) in cases {
        let times = (0..200_u32).map(|n| time(f64::from(n)));
        let expected = euler([1.0], times, dt, f);
        let ran = Single::new(Population::new("ramp", 1)).after(200, dt, REPRODUCIBLE);
        assert_eq!(ran.values(Ramp::x), expected, "dt = {dt}");
    }
}

/// x(t) = I + (x0 - I) e^(-t/tau), whatever the step: also for steps of ten time constants. Each
/// step adds a rounding of numbers of size 10, and the equation forgets.
#[test]
fn exponential_euler_is_exact_for_constant_input() {
    let (start, input, tau) = (3.0, 10.0, 20.0);
    for arithmetic in [EXPONENTIAL, EXPONENTIAL_REPRODUCIBLE] {
        for dt in [0.1, 1.0, 7.0, 20.0, 200.0] {
            for count in [1_u32, 2, 50] {
                let ran = Single::new(Population::new("leak", 1)).stimulated(Leak::I, input).after(
                    count.into(),
                    ms(dt),
                    arithmetic,
                );
                let decay = (-f64::from(count) * dt / tau).exp();
                let expected = input + (start - input) * decay;
                assert_near(&ran.values(Leak::ν_e), &[expected], 2e-15);
            }
        }
    }
}

/// Both states of a non-linear model, with the diagonal of the Jacobian taken by hand. 100 steps
/// of some 20 operations, as in [`fast_euler_stays_within_rounding_of_a_scalar_loop`].
#[test]
fn exponential_euler_follows_the_formula() {
    let by_hand = |unit: usize| {
        let [a, b, eps, i] = heterogeneous(unit);
        let start = [-1.0 + 0.001 * unit as f64, 1.0];
        exponential_euler(start, 100, 0.2, |[u, w]| {
            let [du, dw] = fitzhugh_nagumo([a, b, eps, i], [u, w]);
            [(du, 1.0 - u * u), (dw, -eps * b)]
        })
    };
    let expected: Vec<_> = (0..65).map(by_hand).collect();
    for arithmetic in [EXPONENTIAL, EXPONENTIAL_REPRODUCIBLE] {
        let ran = heterogeneous_population(65).after(100, 0.2, arithmetic);
        let found = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
        assert_rows_near(&found, &expected, 1e-13);
    }
}

/// The error of a method at t = 1, for the given number of steps.
fn spiral_error(count: u32, options: Options) -> f64 {
    let ran = Single::new(Population::new("spiral", 1)).after(
        count.into(),
        1.0 / f64::from(count),
        options,
    );
    let [[x, y]] = ran.units([Spiral::x, Spiral::y])[..] else { panic!("one unit") };
    let decay = (-1.0_f64).exp();
    (x - decay * 2.0_f64.cos()).hypot(y - decay * 2.0_f64.sin())
}

/// Half the step, half the error: the ratio is 2 + O(dt), here with dt = 1/200.
#[test]
fn both_methods_are_of_order_one() {
    for options in [FAST, EXPONENTIAL] {
        let ratio = spiral_error(200, options) / spiral_error(400, options);
        assert!((ratio - 2.0).abs() < 0.05, "{:?}: {ratio}", options.integrator);
    }
}

/// For one autonomous equation the diagonal is the whole Jacobian, and the method of order 2
/// (exponential Rosenbrock-Euler): half the step, a quarter of the error.
#[test]
fn exponential_euler_is_of_order_two_for_a_single_equation() {
    let error = |count: u32| {
        let dt = 2.0 / f64::from(count);
        let ran = Single::new(Population::new("x", 1)).after(count.into(), dt, EXPONENTIAL);
        (ran.values(Logistic::x)[0] - 1.0 / (1.0 + 9.0 * (-2.0_f64).exp())).abs()
    };
    let ratio = error(100) / error(200);
    assert!((ratio - 4.0).abs() < 0.1, "{ratio}");
}

/// States are clipped after every step into the closed interval of their `where`, at the value
/// that the parameter has for the unit; strict limits clip like others.
#[test]
fn states_are_clipped_after_every_step() {
    let top = |unit: usize| 0.5 + 0.5 * unit as f64;
    let signal = |t: f64| if t < 2.0 { 1.0 } else { -1.0 };
    let single = || {
        let population = Population::new("b", 5).set(Bounded::top, Values::from_fn(top));
        Single::new(population).stimulated(Bounded::drive, Stimulus::function(signal))
    };
    for count in [1_u32, 4, 8, 9, 14, 30] {
        let ran = single().after(count.into(), 0.25, FAST);
        let mut expected = vec![[0.0_f64; 3]; 5];
        for n in 0..count {
            let change = 0.25 * signal(0.25 * f64::from(n));
            for (unit, [low, high, both]) in expected.iter_mut().enumerate() {
                *low = (*low + change).max(-1.0);
                *high = (*high + change).min(1.5);
                *both = (*both + change).max(0.0).min(top(unit));
            }
        }
        assert_eq!(ran.units([Bounded::low, Bounded::high, Bounded::both]), expected);
    }
}

/// A NaN shows: no function that chooses between numbers, and no bound, makes a number of it.
#[test]
fn nan_goes_through_everything_that_chooses() {
    for arithmetic in [FAST, REPRODUCIBLE, EXPONENTIAL] {
        let mut recorded = Single::new(Population::new("nan", 2))
            .stimulated(Choosing::x, [f64::NAN, 0.5])
            .after(1, 0.1, arithmetic);
        let outputs = [
            (Choosing::rectified, 0.5),
            (Choosing::brackets, 0.5),
            (Choosing::smaller, 0.5),
            (Choosing::smaller2, 0.5),
            (Choosing::larger, 1.0),
            (Choosing::larger2, 1.0),
            (Choosing::clipped, 0.5),
            (Choosing::step, 1.0),
            (Choosing::signum, 1.0),
            (Choosing::size, 0.5),
        ];
        for (output, expected) in outputs {
            recorded.simulation.record(recorded.id, output).unwrap();
            recorded.simulation.run(steps(0)).unwrap();
            let values = recorded.values(output);
            assert!(values[0].is_nan(), "{output:?} of NaN is {}", values[0]);
            assert_eq!(values[1], expected, "{output:?}");
        }
        assert!(recorded.values(Choosing::bounded)[0].is_nan());
    }
}

/// The rate in Hz after 10 ms of a leak driven with 10 Hz.
fn driven<M: RateModel>(
    input: Input<M>,
    level: f64,
    state: State<M>,
    dt: Time,
    options: Options,
) -> f64 {
    let single = Single::new(Population::new("leak", 1)).stimulated(input, level);
    single.after(100, dt, options).values(state)[0]
}

/// One model in ms and in s, in Hz and in kHz, and in a mixture, run with steps given in any unit:
/// the numbers differ by the conversion factors, rounded once per step at most.
#[test]
fn the_choice_of_units_does_not_matter() {
    for options in [FAST, REPRODUCIBLE, EXPONENTIAL] {
        for dt in [ms(0.1), s(0.0001), us(100.0)] {
            let reference = driven(Leak::I, 10.0, Leak::ν_e, dt, options);
            let seconds = driven(LeakInSeconds::I, 10.0, LeakInSeconds::ν_e, dt, options);
            let kilohertz = driven(LeakInKilohertz::I, 0.01, LeakInKilohertz::ν_e, dt, options);
            let mixed = driven(LeakMixed::I, 0.01, LeakMixed::ν_e, dt, options);
            let steady = 10.0 - 7.0 * (1.0 - 0.1 / 20.0_f64).powi(100);
            if options.integrator == Integrator::Euler {
                assert_near(&[reference], &[steady], 1e-14);
            }
            assert_near(&[seconds, 1000.0 * kilohertz, mixed], &[reference; 3], 1e-14);
        }
    }
}

/// Twice the same run, the same bits.
#[test]
fn runs_repeat_bit_for_bit() {
    for options in [FAST, REPRODUCIBLE, EXPONENTIAL] {
        let run = || {
            let ran = heterogeneous_population(130).after(50, 0.1, options);
            ran.units([FitzHughNagumo::u, FitzHughNagumo::w])
        };
        assert_eq!(run(), run());
    }
}

/// A unit computes the same bits alone and at any place among others, so no vector width or
/// remainder loop shows in the results.
#[test]
fn results_do_not_depend_on_the_place_in_the_population() {
    for options in [FAST, EXPONENTIAL] {
        let ran = heterogeneous_population(130).after(50, 0.1, options);
        let together = ran.units([FitzHughNagumo::u, FitzHughNagumo::w]);
        for unit in [0, 5, 63, 64, 127, 129] {
            let [a, b, eps, i] = heterogeneous(unit);
            let population = Population::new("alone", 1)
                .set(FitzHughNagumo::a, a)
                .set(FitzHughNagumo::b, b)
                .set(FitzHughNagumo::eps, eps)
                .init(FitzHughNagumo::u, -1.0 + 0.001 * unit as f64);
            let alone =
                Single::new(population).stimulated(FitzHughNagumo::I, i).after(50, 0.1, options);
            let alone = alone.units([FitzHughNagumo::u, FitzHughNagumo::w]);
            assert_eq!(alone, [together[unit]], "unit {unit}");
        }
    }
}
