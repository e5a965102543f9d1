//! What the language means: every function, operator and declaration, evaluated by a running
//! model, against numbers computed elsewhere and against the same formulas typed in Rust.

use std::f64::consts::{LN_2, PI};

use rate_model::lanes::Real;
use rate_model::model::{Input, Observable, Output, RateModel};
use rate_model::prelude::*;

/// Declares a model with all functions of one argument, applied to `$x`.
macro_rules! functions_of {
    ($(#[$doc:meta])* $model:ident, $x:tt, { $($declarations:tt)* }) => {
        rate_model! {
            $(#[$doc])*
            model $model {
                $($declarations)*
                state nothing = 0;
                dnothing/dt = 0;
                output y_relu = relu($x);
                output y_heaviside = heaviside($x);
                output y_sign = sign($x);
                output y_abs = abs($x);
                output y_exp = exp($x);
                output y_expm1 = expm1($x);
                output y_log = log($x);
                output y_log1p = log1p($x);
                output y_sqrt = sqrt($x);
                output y_sin = sin($x);
                output y_cos = cos($x);
                output y_tan = tan($x);
                output y_asin = asin($x);
                output y_acos = acos($x);
                output y_atan = atan($x);
                output y_sinh = sinh($x);
                output y_cosh = cosh($x);
                output y_tanh = tanh($x);
                output y_sigmoid = sigmoid($x);
                output y_softplus = softplus($x);
                output y_erf = erf($x);
                output y_erfc = erfc($x);
                output y_exprel = exprel($x);
            }
        }
    };
}

functions_of!(
    /// Evaluated at every step.
    Of, x, { input x; }
);
functions_of!(
    /// Evaluated when the parameter changes.
    OfParameter, x, { param x = 0; }
);
functions_of!(
    /// Evaluated by the compiler.
    OfConstant, x, { const x = 0.7; }
);

/// All outputs of a model made by `functions_of!`.
macro_rules! outputs_of {
    ($model:ident) => {
        [
            $model::y_relu,
            $model::y_heaviside,
            $model::y_sign,
            $model::y_abs,
            $model::y_exp,
            $model::y_expm1,
            $model::y_log,
            $model::y_log1p,
            $model::y_sqrt,
            $model::y_sin,
            $model::y_cos,
            $model::y_tan,
            $model::y_asin,
            $model::y_acos,
            $model::y_atan,
            $model::y_sinh,
            $model::y_cosh,
            $model::y_tanh,
            $model::y_sigmoid,
            $model::y_softplus,
            $model::y_erf,
            $model::y_erfc,
            $model::y_exprel,
        ]
    };
}

rate_model! {
    /// Functions of several arguments.
    model OfSeveral {
        input x;
        input y;
        input z;
        state nothing = 0;
        dnothing/dt = 0;
        output power = pow(x, y);
        output caret = x^y;
        output smaller = min(x, y);
        output larger = max(x, y);
        output clipped = clip(x, y, z);
    }

    /// Precedence, conditions and powers.
    model Grammar {
        input a;
        input b;
        input c;
        state nothing = 0;
        dnothing/dt = 0;

        output minus_square = -a^2;
        output square_of_minus = (-a)^2;
        output to_the_minus = 2^-b*c;
        output to_the_minus_square = 2^-b^2;
        output tower = 2^3^2;
        output tower_of_inputs = 2^b^c;
        output grouped_tower = (2^b)^c;
        output quotients = a/b/c;
        output products = a/b*c;
        output differences = a-b-c;
        output sums = a-b+c;
        output mixed = a + b*c^2/3 - 1;
        output minus_product = -a*b;
        output minus_minus = a - -b;
        output twice_minus = --a;
        output grouped = (a + b)*(c - 1);
        output decimal = 1/2 + 1e-3*1_000 + 0.5e1;

        output less = if a < b { 1 } else { 0 };
        output at_most = if a <= b { 1 } else { 0 };
        output more = if a > b { 1 } else { 0 };
        output at_least = if a >= b { 1 } else { 0 };
        output same = if a == b { 1 } else { 0 };
        output other = if a != b { 1 } else { 0 };
        output chained = if -1 <= a < b <= 3 { 1 } else { 0 };
        output chained_down = if a > b >= c { 1 } else { 0 };
        output or_and = if a < b || b < c && c < a { 1 } else { 0 };
        output grouped_or = if (a < b || b < c) && c < a { 1 } else { 0 };
        output neither = if !(a < b) && !(c == 1) { 1 } else { 0 };
        output not_both = if !(a < b && b < c) { 1 } else { 0 };
        output sum_compared = if a + b < b*c { 1 } else { 0 };
        output ladder = if a < 0 { -1 } else if a == 0 { 0.25 } else if a > 2 { a*c } else { b };
        output nested = if a < b { if b < c { 1 } else { 2 } } else { if a < c { 3 } else { 4 } };
        output within = (if a > b { a } else { b })*c - if c > 0 { 1 } else { 2 };
        output brackets = [a - b]_+*c - [c]_+^2;

        output cube = a^3;
        output fourth = a^4;
        output inverse_square = a^-2;
        output one = a^0;
        output first = a^1;
        output root = abs(a)^0.5;
        output inverse_root = abs(a)^-0.5;
        output fraction = abs(a)^2.5;
        output third = abs(a)^(1/3);
        output high = a^17;
        output low = a^-17;
    }

    /// Numbers and symbols with units. What the output is, is in its unit.
    model Units {
        param length: mV = 0.07 V;
        param short: s = 250 ms;
        param long: s = 3 min;
        param longer: min = 2h;
        param current: nA = 3000 pA;
        param density: S/m^2 = 5 uS/(1 cm)^2;
        param count = 40 Hz*(50 ms);
        const spacing: um = 2 mm;
        input V: mV;
        input rate: Hz;
        state level: uV = 5 mV;
        state plain: mV = 5;
        dlevel/dt = 0;
        dplain/dt = 0;

        output spaced = V + 5 mV;
        output joined = V + 5mV;
        output in_volt: V = V;
        output in_microvolt: μV = V;
        output in_microvolt2: uV = V;
        output sum_of_scales: V = V + 3000 μV - 0.002V;
        output ohm: nA = V/(2 Mohm);
        output ohm2: nA = V/(2 MΩ);
        output conductance: uS = 1/(2 Mohm);
        output frequency: Hz = 1/(20 ms);
        output pure: 1 = rate*(20 ms);
        output charge: pC = current*(4 ms);
        output energy: fJ = V*current*(1 ms);
        output hours: min = 1.5 h;
        output pythagoras: mV = sqrt((3 mV)^2 + (4000 uV)^2);
        output compared = if V > 0.004V { 1 } else { 0 };
        output smallest: mV = min(V, 0.001V);
        output clipped: mV = clip(V, -1000 uV, 0.002V);
        output exponential = exp(rate*(100 ms));
        output time_in_seconds: s = t;
        output spacing_in_mm: mm = spacing;
        output concentration: mol/m^3 = 3 mM;
        output signum = sign(V - 4 mV);
        output power_of_count = (rate*(100 ms))^2;
    }

    /// Constants, tuples, derived parameters, auxiliaries and initial values, in any order.
    model Declarations {
        output total = drive + offset;
        let drive = weight*x + I;
        let offset = scaled - θ;
        let scaled = k*b^2;
        const θ = k/2;
        const k = 2*sin(pi/6);
        param (b, σ) = (0.5, 2);
        param weight = 3;
        input I = 4;
        state x = b + σ*scaled;
        state y = -x0;
        let x0 = sqrt(σ);
        dx/dt = -total;
        2*σ dy/dt = offset;
    }

    /// Every form of condition on a parameter.
    model Conditions {
        const most = 2;
        param above = 1 where above > 0;
        param at_least = 1 where at_least >= 0;
        param below = 1 where below < most;
        param at_most = 1 where at_most <= 2;
        param chained = 0.5 where 0 <= chained < 1;
        param joined = 0.5 where joined > 0 && joined <= 1;
        param mirrored = 1 where 0 < mirrored;
        param over = 2 where over > above;
        param tau: ms = 20 where tau < 1 s;
        param slow: s = 1 where slow >= tau;
        state nothing = 0;
        dnothing/dt = 0;
    }
}

rate_model! {
    model Turning {
        input x;
        state s = 1;
        output y_sin = sin(x);
        output y_cos = cos(x);
        output y_tan = tan(x);
        output choice = if sin(x) > 0 { 1 } else { 2 };
        ds/dt = sin(x);
    }
}

fn with(arithmetic: Arithmetic) -> Options {
    // One step at most is made: none is too long.
    Options { arithmetic, progress: false, check_stability: false, ..Options::default() }
}

const MODES: [Arithmetic; 3] = [Arithmetic::Fast, Arithmetic::Precise, Arithmetic::Reproducible];

/// A population that was observed once, with the given inputs.
struct Observed<M: RateModel, T: Real = f64> {
    simulation: Simulation<T>,
    id: PopulationId<M>,
}

impl<M: RateModel> Observed<M> {
    /// Observes a population with one unit for each value of the inputs.
    fn of<const N: usize>(
        inputs: [Input<M>; N],
        points: &[[f64; N]],
        arithmetic: Arithmetic,
    ) -> Self {
        let population = Population::new("p", points.len());
        Self::of_population(population, inputs, points, arithmetic)
    }

    fn of_population<const N: usize>(
        population: Population<M>,
        inputs: [Input<M>; N],
        points: &[[f64; N]],
        arithmetic: Arithmetic,
    ) -> Self {
        let mut network = Network::new();
        let id = network.add(population).unwrap();
        for (index, input) in inputs.into_iter().enumerate() {
            let column: Vec<f64> = points.iter().map(|point| point[index]).collect();
            network.stimulate(id, input, column).unwrap();
        }
        let dt = if M::INFO.time.symbol().is_empty() { 0.5.into() } else { ms(0.5) };
        let simulation = Simulation::with_options(network, dt, with(arithmetic)).unwrap();
        Self { simulation, id }
    }

    /// What an output is now, for each unit.
    fn value(&mut self, quantity: impl Observable<M>) -> Vec<f64> {
        self.simulation.record(self.id, quantity).unwrap();
        self.simulation.run(steps(0)).unwrap();
        self.simulation.values(self.id, quantity).unwrap().to_vec()
    }
}

/// How many doubles lie between two numbers; huge when only one of them is NaN.
fn ulps(found: f64, expected: f64) -> u64 {
    // Maps the order of doubles to the order of integers.
    let place = |x: f64| {
        let bits = x.to_bits().cast_signed();
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    match (found.is_nan(), expected.is_nan()) {
        (true, true) => 0,
        (false, false) => place(found).abs_diff(place(expected)),
        _ => u64::MAX,
    }
}

#[track_caller]
fn assert_ulps(found: &[f64], expected: &[f64], bound: u64, what: &impl std::fmt::Debug) {
    assert_eq!(found.len(), expected.len(), "{what:?}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = ulps(*found, *expected);
        assert!(error <= bound, "{what:?} [{index}] is {found:?}, not {expected:?}: {error} ulp");
    }
}

/// A function, and its values at some arguments.
type Rows<'a> = (Output<Of>, &'a [(f64, f64)]);

/// Asserts that functions have given values, up to some doubles in between, in both modes.
#[track_caller]
fn assert_values(functions: &[Rows<'_>], bound: u64) {
    for arithmetic in MODES {
        for (output, rows) in functions {
            let points: Vec<[f64; 1]> = rows.iter().map(|(x, _)| [*x]).collect();
            let expected: Vec<f64> = rows.iter().map(|(_, y)| *y).collect();
            let found = Observed::of([Of::x], &points, arithmetic).value(*output);
            assert_ulps(&found, &expected, bound, output);
        }
    }
}

/// What `Functions` states, and for the platform's: functions are good to 1 or 2 ulp; `sigmoid`,
/// `softplus` and `exprel` are made of two or three rounded operations more.
const FUNCTION_ULPS: u64 = 4;

/// Every function at many arguments, against [`REFERENCE`].
#[test]
fn functions_have_their_values() {
    assert_values(REFERENCE, FUNCTION_ULPS);
}

/// Functions that only choose or compare are exact, also at their edges.
#[test]
fn choosing_functions_are_exact() {
    let (inf, tiny) = (f64::INFINITY, f64::MIN_POSITIVE / 4.0);
    let rows: [Rows<'_>; 4] = [
        (Of::y_relu, &[(-1.0, 0.0), (0.0, 0.0), (tiny, tiny), (2.5, 2.5), (inf, inf), (-inf, 0.0)]),
        (
            Of::y_heaviside,
            &[(-tiny, 0.0), (0.0, 0.5), (-0.0, 0.5), (tiny, 1.0), (inf, 1.0), (-inf, 0.0)],
        ),
        (Of::y_sign, &[(-tiny, -1.0), (0.0, 0.0), (3.0, 1.0), (inf, 1.0), (-inf, -1.0)]),
        (Of::y_abs, &[(-2.5, 2.5), (-0.0, 0.0), (0.0, 0.0), (-inf, inf), (-tiny, tiny)]),
    ];
    assert_values(&rows, 0);
}

/// Zeros, infinities, poles, overflow and arguments outside of the domain (IEEE 754-2019, 9.2.1).
#[test]
fn functions_have_their_limits() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let rows: [Rows<'_>; 19] = [
        (Of::y_exp, &[(0.0, 1.0), (inf, inf), (-inf, 0.0), (1000.0, inf), (-1000.0, 0.0)]),
        (Of::y_expm1, &[(0.0, 0.0), (-0.0, -0.0), (inf, inf), (-inf, -1.0), (1000.0, inf)]),
        (Of::y_log, &[(0.0, -inf), (1.0, 0.0), (inf, inf), (-1.0, nan)]),
        (Of::y_log1p, &[(0.0, 0.0), (-1.0, -inf), (inf, inf), (-2.0, nan)]),
        (Of::y_sqrt, &[(0.0, 0.0), (4.0, 2.0), (inf, inf), (-1.0, nan)]),
        (Of::y_sin, &[(0.0, 0.0), (inf, nan), (-inf, nan)]),
        (Of::y_cos, &[(0.0, 1.0), (inf, nan), (-inf, nan)]),
        (Of::y_tan, &[(0.0, 0.0), (inf, nan), (-inf, nan)]),
        (Of::y_asin, &[(0.0, 0.0), (1.5, nan), (-inf, nan)]),
        (Of::y_acos, &[(1.0, 0.0), (-1.0, PI), (1.5, nan), (inf, nan)]),
        (Of::y_atan, &[(0.0, 0.0), (inf, PI / 2.0), (-inf, -PI / 2.0)]),
        (Of::y_sinh, &[(0.0, 0.0), (inf, inf), (-inf, -inf), (1000.0, inf)]),
        (Of::y_cosh, &[(0.0, 1.0), (inf, inf), (-inf, inf), (-1000.0, inf)]),
        (Of::y_tanh, &[(0.0, 0.0), (inf, 1.0), (-inf, -1.0), (1000.0, 1.0)]),
        (Of::y_sigmoid, &[(0.0, 0.5), (inf, 1.0), (-inf, 0.0), (1000.0, 1.0), (-1000.0, 0.0)]),
        (Of::y_softplus, &[(0.0, LN_2), (inf, inf), (-inf, 0.0), (1e300, 1e300), (-1e300, 0.0)]),
        (Of::y_erf, &[(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (30.0, 1.0)]),
        (Of::y_erfc, &[(0.0, 1.0), (inf, 0.0), (-inf, 2.0), (-30.0, 2.0), (1e300, 0.0)]),
        (Of::y_exprel, &[(0.0, 1.0), (-0.0, 1.0), (-inf, 0.0), (1000.0, inf), (-1e300, 1e-300)]),
    ];
    assert_values(&rows, 0);
    for arithmetic in MODES {
        let mut of_nan = Observed::of([Of::x], &[[nan]], arithmetic);
        for output in outputs_of!(Of) {
            assert!(of_nan.value(output)[0].is_nan(), "{output:?} of NaN");
        }
    }
}

/// An expression has the same bits when a parameter is set and at every step, in reproducible
/// arithmetic. The compiler, which folds constants, has functions of its own, good to 1 ulp.
#[test]
fn functions_are_the_same_wherever_they_are_evaluated() {
    let population = Population::new("p", 1).set(OfParameter::x, 0.7);
    let mut running = Observed::of([Of::x], &[[0.7]], Arithmetic::Reproducible);
    let mut derived = Observed::of_population(population, [], &[[]], Arithmetic::Reproducible);
    let mut folded = Observed::<OfConstant>::of([], &[[]], Arithmetic::Reproducible);
    let outputs = outputs_of!(Of).into_iter().zip(outputs_of!(OfParameter));
    for ((running_output, derived_output), folded_output) in outputs.zip(outputs_of!(OfConstant)) {
        let expected = running.value(running_output);
        assert_eq!(derived.value(derived_output), expected, "{derived_output:?}");
        assert_ulps(&folded.value(folded_output), &expected, FUNCTION_ULPS, &folded_output);
    }
}

/// Sines of arguments that vectors leave out, alone among others, also where only a condition or a
/// derivative depends on them.
#[test]
fn sines_of_huge_arguments_are_right() {
    let at = |unit: usize| match unit {
        70 => 1e22,
        130 => -3.0e6,
        131 => 1e300,
        unit => 0.1 * unit as f64,
    };
    let points: Vec<[f64; 1]> = (0..200).map(|unit| [at(unit)]).collect();
    let of = |f: fn(f64) -> f64| points.iter().map(|[x]| f(*x)).collect::<Vec<_>>();
    for arithmetic in MODES {
        let mut observed = Observed::of([Turning::x], &points, arithmetic);
        assert_ulps(&observed.value(Turning::y_sin), &of(f64::sin), 3, &"sin");
        assert_ulps(&observed.value(Turning::y_cos), &of(f64::cos), 3, &"cos");
        assert_ulps(&observed.value(Turning::y_tan), &of(f64::tan), 3, &"tan");
        let choice = of(|x| if x.sin() > 0.0 { 1.0 } else { 2.0 });
        assert_ulps(&observed.value(Turning::choice), &choice, 0, &"choice");
        observed.simulation.run(steps(1)).unwrap();
        let state = observed.simulation.values(observed.id, Turning::s).unwrap().to_vec();
        for (found, sin) in state.iter().zip(of(f64::sin)) {
            assert!((found - (1.0 + 0.5 * sin)).abs() < 1e-15, "{found}: {sin}");
        }
    }
}

/// `f32` functions are good to a few of their own ulp (1.2e-7) of the double's.
#[test]
fn functions_work_in_single_precision() {
    let arguments: [f32; 7] = [-0.9, -0.5, -0.01, 0.01, 0.3, 0.7, 0.95];
    for arithmetic in MODES {
        let points = arguments.map(|x| [f64::from(x)]);
        let mut double = Observed::of([Of::x], &points, arithmetic);
        let mut network = Network::<f32>::with_precision();
        let id = network.add(Population::<Of>::new("p", points.len())).unwrap();
        let column: Vec<f64> = points.iter().map(|[x]| *x).collect();
        network.stimulate(id, Of::x, column).unwrap();
        let mut single = Simulation::with_options(network, 0.5, with(arithmetic)).unwrap();
        for output in outputs_of!(Of) {
            single.record(id, output).unwrap();
            single.run(steps(0)).unwrap();
            let found = single.values(id, output).unwrap().iter().map(|y| f64::from(*y));
            for (found, expected) in found.zip(double.value(output)) {
                let fits = (found - expected).abs() <= 4.0 * 1.2e-7 * expected.abs();
                assert!(
                    fits || found.is_nan() && expected.is_nan(),
                    "{output:?}: {found} {expected}"
                );
            }
        }
    }
}

/// `pow` and `^` are one function; exact where the result is, within the bound of the others
/// elsewhere. Special cases as in IEEE 754-2019, 9.2.1.
#[test]
fn powers_have_their_values() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let special = [
        ([0.0, 0.0], 1.0),
        ([nan, 0.0], 1.0),
        ([1.0, nan], 1.0),
        ([0.0, -1.0], inf),
        ([inf, -1.0], 0.0),
        ([0.5, inf], 0.0),
        ([-8.0, 1.0 / 3.0], nan),
        ([2.0, 5000.0], inf),
        ([nan, 2.0], nan),
    ];
    let rows: Vec<([f64; 2], f64)> = POWERS.iter().copied().chain(special).collect();
    let points: Vec<[f64; 2]> = rows.iter().map(|(point, _)| *point).collect();
    let expected: Vec<f64> = rows.iter().map(|(_, y)| *y).collect();
    for arithmetic in MODES {
        let inputs = [OfSeveral::x, OfSeveral::y];
        for output in [OfSeveral::power, OfSeveral::caret] {
            let found = Observed::of(inputs, &points, arithmetic).value(output);
            assert_ulps(&found, &expected, FUNCTION_ULPS, &output);
        }
    }
}

/// `min`, `max` and `clip` give one of their arguments, or NaN if one of two is NaN.
#[test]
fn functions_of_several_arguments_choose_one() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let points = [
        [1.0, 2.0, 3.0],
        [2.5, 2.0, 3.0],
        [5.0, 2.0, 3.0],
        [-inf, 2.0, inf],
        [inf, -inf, 3.0],
        [2.0, 2.0, 2.0],
        [nan, 0.0, 1.0],
        [0.5, nan, nan],
    ];
    for arithmetic in MODES {
        let inputs = [OfSeveral::x, OfSeveral::y, OfSeveral::z];
        let mut observed = Observed::of(inputs, &points, arithmetic);
        let smaller = [1.0, 2.0, 2.0, -inf, -inf, 2.0, nan, nan];
        assert_ulps(&observed.value(OfSeveral::smaller), &smaller, 0, &"min");
        let larger = [2.0, 2.5, 5.0, 2.0, inf, 2.0, nan, nan];
        assert_ulps(&observed.value(OfSeveral::larger), &larger, 0, &"max");
        // What `clip` makes of limits that are NaN is not laid down.
        let clipped = [2.0, 2.5, 3.0, 2.0, 3.0, 2.0, nan];
        assert_ulps(&observed.value(OfSeveral::clipped)[..7], &clipped, 0, &"clip");
    }
}

/// A formula of the language and the same typed in Rust.
type Pair = (Output<Grammar>, fn(f64, f64, f64) -> f64);

/// Formulas of [`Grammar`] that need no elementary function.
const EXACT: [Pair; 34] = [
    (Grammar::minus_square, |a, _, _| -(a * a)),
    (Grammar::square_of_minus, |a, _, _| a * a),
    (Grammar::tower, |_, _, _| 512.0),
    (Grammar::quotients, |a, b, c| (a / b) / c),
    (Grammar::products, |a, b, c| (a / b) * c),
    (Grammar::differences, |a, b, c| (a - b) - c),
    (Grammar::sums, |a, b, c| (a - b) + c),
    (Grammar::mixed, |a, b, c| a + b * (c * c) / 3.0 - 1.0),
    (Grammar::minus_product, |a, b, _| -a * b),
    (Grammar::minus_minus, |a, b, _| a + b),
    (Grammar::twice_minus, |a, _, _| a),
    (Grammar::grouped, |a, b, c| (a + b) * (c - 1.0)),
    (Grammar::decimal, |_, _, _| 6.5),
    (Grammar::less, |a, b, _| f64::from(a < b)),
    (Grammar::at_most, |a, b, _| f64::from(a <= b)),
    (Grammar::more, |a, b, _| f64::from(a > b)),
    (Grammar::at_least, |a, b, _| f64::from(a >= b)),
    (Grammar::same, |a, b, _| f64::from(a == b)),
    (Grammar::other, |a, b, _| f64::from(a != b)),
    (Grammar::chained, |a, b, _| f64::from(-1.0 <= a && a < b && b <= 3.0)),
    (Grammar::chained_down, |a, b, c| f64::from(a > b && b >= c)),
    (Grammar::or_and, |a, b, c| f64::from(a < b || (b < c && c < a))),
    (Grammar::grouped_or, |a, b, c| f64::from((a < b || b < c) && c < a)),
    (Grammar::neither, |a, b, c| f64::from(!(a < b || c == 1.0))),
    (Grammar::not_both, |a, b, c| f64::from(!(a < b && b < c))),
    (Grammar::sum_compared, |a, b, c| f64::from(a + b < b * c)),
    (Grammar::ladder, ladder),
    (Grammar::nested, |a, b, c| match (a < b, b < c, a < c) {
        (true, true, _) => 1.0,
        (true, false, _) => 2.0,
        (false, _, true) => 3.0,
        (false, _, false) => 4.0,
    }),
    (Grammar::within, |a, b, c| a.max(b) * c - if c > 0.0 { 1.0 } else { 2.0 }),
    (Grammar::brackets, |a, b, c| (a - b).max(0.0) * c - c.max(0.0) * c.max(0.0)),
    (Grammar::one, |_, _, _| 1.0),
    (Grammar::first, |a, _, _| a),
    (Grammar::root, |a, _, _| a.abs().sqrt()),
    (Grammar::inverse_square, |a, _, _| 1.0 / (a * a)),
];

/// Formulas that are powers, or products of more than two factors that may be multiplied in
/// another order.
const ROUNDED: [Pair; 11] = [
    (Grammar::to_the_minus, |_, b, c| (-b).exp2() * c),
    (Grammar::to_the_minus_square, |_, b, _| (-(b * b)).exp2()),
    (Grammar::tower_of_inputs, |_, b, c| b.powf(c).exp2()),
    (Grammar::grouped_tower, |_, b, c| b.exp2().powf(c)),
    (Grammar::cube, |a, _, _| a.powf(3.0)),
    (Grammar::fourth, |a, _, _| a.powf(4.0)),
    (Grammar::inverse_root, |a, _, _| a.abs().powf(-0.5)),
    (Grammar::fraction, |a, _, _| a.abs().powf(2.5)),
    (Grammar::third, |a, _, _| a.abs().cbrt()),
    (Grammar::high, |a, _, _| a.powf(17.0)),
    (Grammar::low, |a, _, _| a.powf(-17.0)),
];

fn ladder(a: f64, b: f64, c: f64) -> f64 {
    if a < 0.0 {
        -1.0
    } else if a == 0.0 {
        0.25
    } else if a > 2.0 {
        a * c
    } else {
        b
    }
}

/// All triples of a few numbers: negative, zero, equal, fractional.
fn triples() -> Vec<[f64; 3]> {
    let numbers = [-1.5, -1.0, 0.0, 0.7, 1.0, 2.0, 3.3];
    let pairs = numbers.iter().flat_map(|a| numbers.map(|b| [*a, b]));
    pairs.flat_map(|[a, b]| numbers.map(|c| [a, b, c])).collect()
}

#[track_caller]
fn assert_formulas(formulas: &[Pair], arithmetic: Arithmetic, bound: u64) {
    let points = triples();
    let mut observed = Observed::of([Grammar::a, Grammar::b, Grammar::c], &points, arithmetic);
    for (output, formula) in formulas {
        let expected: Vec<f64> = points.iter().map(|[a, b, c]| formula(*a, *b, *c)).collect();
        let found = observed.value(*output);
        // -0 and 0 are the same number.
        let plus = |values: &[f64]| values.iter().map(|x| x + 0.0).collect::<Vec<_>>();
        assert_ulps(&plus(&found), &plus(&expected), bound, output);
    }
}

/// Operators bind, associate and compare as in mathematics; same bits as Rust's.
#[test]
fn formulas_mean_what_they_mean_in_rust() {
    assert_formulas(&EXACT, Arithmetic::Reproducible, 0);
    // `b.powf(c)` may be off by 2 ulp and up to 12 in size: 2^x then multiplies that by 12 ln 2.
    assert_formulas(&ROUNDED, Arithmetic::Reproducible, 32);
    assert_formulas(&ROUNDED, Arithmetic::Fast, 32);
}

/// In fast arithmetic a product and a sum are rounded together; conditions of numbers at hand,
/// and everything without a sum of products or a division by a constant, stay exact.
#[test]
fn fast_arithmetic_differs_in_the_last_bits_only() {
    let differs = [
        Grammar::mixed.index(),
        Grammar::within.index(),
        Grammar::brackets.index(),
        Grammar::sum_compared.index(),
    ];
    let (rounded, exact): (Vec<Pair>, Vec<Pair>) =
        EXACT.into_iter().partition(|(output, _)| differs.contains(&output.index()));
    assert_formulas(&exact, Arithmetic::Fast, 0);
    let points = triples();
    let inputs = [Grammar::a, Grammar::b, Grammar::c];
    let mut observed = Observed::of(inputs, &points, Arithmetic::Fast);
    for (output, formula) in rounded {
        for (found, [a, b, c]) in observed.value(output).iter().zip(&points) {
            // Terms are at most 4*3.3^2: three roundings of numbers of that size.
            let error = (found - formula(*a, *b, *c)).abs();
            assert!(error < 3.0 * 40.0 * f64::EPSILON, "{output:?} at {a} {b} {c}: {error:e}");
        }
    }
}

/// Numbers with units, in all places where a number may stand, with conversions worked out by
/// hand. A factor is rounded once, and so is the product with it.
#[test]
fn units_are_converted() {
    let expected: [(Output<Units>, f64); 24] = [
        (Units::spaced, 10.0),
        (Units::joined, 10.0),
        (Units::in_volt, 0.005),
        (Units::in_microvolt, 5000.0),
        (Units::in_microvolt2, 5000.0),
        (Units::sum_of_scales, 0.006),
        (Units::ohm, 2.5),
        (Units::ohm2, 2.5),
        (Units::conductance, 0.5),
        (Units::frequency, 50.0),
        (Units::pure, 0.8),
        (Units::charge, 12.0),
        (Units::energy, 15.0),
        (Units::hours, 90.0),
        (Units::pythagoras, 5.0),
        (Units::compared, 1.0),
        (Units::smallest, 1.0),
        (Units::clipped, 2.0),
        (Units::exponential, 4.0_f64.exp()),
        (Units::time_in_seconds, 0.0),
        (Units::spacing_in_mm, 2.0),
        (Units::concentration, 3.0),
        (Units::signum, 1.0),
        (Units::power_of_count, 16.0),
    ];
    for arithmetic in MODES {
        let inputs = [Units::V, Units::rate];
        let mut observed = Observed::of(inputs, &[[5.0, 40.0]], arithmetic);
        for (output, expected) in expected {
            assert_ulps(&observed.value(output), &[expected], 8, &output);
        }
        assert_ulps(&observed.value(Units::level), &[5000.0], 1, &"level");
        assert_ulps(&observed.value(Units::plain), &[5.0], 0, &"plain");
    }
    let defaults = [
        (Units::length, 70.0),
        (Units::short, 0.25),
        (Units::long, 180.0),
        (Units::longer, 120.0),
        (Units::current, 3.0),
        (Units::density, 0.05),
        (Units::count, 2.0),
    ];
    for (param, expected) in defaults {
        assert_ulps(&[param.symbol().default], &[expected], 1, &param);
    }
    let units =
        [Units::in_volt.symbol().unit, Units::spaced.symbol().unit, Units::pure.symbol().unit];
    assert_eq!(units, ["V", "mV", ""]);
}

/// Time in the output's unit, at the end of a run.
#[test]
fn time_has_the_models_unit() {
    let mut observed = Observed::<Units>::of([], &[[]], Arithmetic::Fast);
    observed.simulation.run(ms(250.0)).unwrap();
    assert_ulps(&observed.value(Units::time_in_seconds), &[0.25], 1, &"t");
}

/// Constants of constants, tuples, derived parameters, auxiliaries of auxiliaries and initial
/// values made of them, with one value per unit; also after a parameter was changed.
#[test]
fn declarations_depend_on_each_other_in_any_order() {
    let (b, weight) = ([0.5, 0.25, 2.0], [3.0, 4.0, 5.0]);
    let k = 2.0 * (PI / 6.0).sin();
    for arithmetic in MODES {
        let population =
            Population::new("p", 3).set(Declarations::b, b).set(Declarations::weight, weight);
        let mut observed = Observed::of_population(population, [], &[[]], arithmetic);
        for σ in [2.0, 7.0] {
            observed.simulation.set(observed.id, Declarations::σ, σ).unwrap();
            observed.simulation.reset();
            let scaled = b.map(|b| k * (b * b));
            let offset = scaled.map(|scaled| scaled - k / 2.0);
            let x: [f64; 3] = std::array::from_fn(|i| b[i] + σ * scaled[i]);
            let total: [f64; 3] = std::array::from_fn(|i| weight[i] * x[i] + 4.0 + offset[i]);
            assert_ulps(&observed.value(Declarations::x), &x, 2, &"x");
            assert_ulps(&observed.value(Declarations::y), &[-f64::sqrt(σ); 3], 0, &"y");
            assert_ulps(&observed.value(Declarations::scaled), &scaled, 2, &"scaled");
            assert_ulps(&observed.value(Declarations::total), &total, 4, &"total");
            observed.simulation.run(steps(1)).unwrap();
            let x: [f64; 3] = std::array::from_fn(|i| x[i] - 0.5 * total[i]);
            let y = offset.map(|offset| -σ.sqrt() + 0.5 * offset / (2.0 * σ));
            // Differences of numbers of nearly the same size: a dozen ulp.
            assert_ulps(&observed.value(Declarations::x), &x, 16, &"x after a step");
            assert_ulps(&observed.value(Declarations::y), &y, 4, &"y after a step");
        }
    }
}

/// The values that each form of `where` admits, at the limits and beside them.
#[test]
fn conditions_admit_what_they_say() {
    let cases: [(rate_model::model::Param<Conditions>, &[f64], &[f64]); 10] = [
        (Conditions::above, &[1e-300, 1.9], &[0.0, -1.0]),
        (Conditions::at_least, &[0.0, 5.0], &[-1e-300]),
        (Conditions::below, &[1.999, -5.0], &[2.0, 3.0]),
        (Conditions::at_most, &[2.0, -5.0], &[2.001]),
        (Conditions::chained, &[0.0, 0.999], &[-0.001, 1.0]),
        (Conditions::joined, &[0.001, 1.0], &[0.0, 1.001]),
        (Conditions::mirrored, &[0.001], &[0.0]),
        (Conditions::over, &[1.001], &[1.0, 0.5]),
        (Conditions::tau, &[999.0, -1.0], &[1000.0]),
        (Conditions::slow, &[0.02, 1.0], &[0.0199]),
    ];
    for (param, good, bad) in cases {
        let add = |value: f64| Network::new().add(Population::new("p", 1).set(param, value));
        for value in good {
            assert!(add(*value).is_ok(), "{param:?} = {value}");
        }
        for value in bad {
            let refused = matches!(add(*value), Err(Error::OutOfRange { .. }));
            assert!(refused, "{param:?} = {value}");
        }
    }
}

/// Values of functions, computed with mpmath 1.4.1 at 400 bits from the doubles on the left, and
/// rounded once to the nearest double.
#[allow(clippy::approx_constant, reason = "values of functions happen to be famous numbers")]
#[rustfmt::skip]
const REFERENCE: &[Rows<'static>] = &[
    (Of::y_exp, &[
        (-700.0, 9.859_676_543_759_77e-305), (-37.5, 5.175_555_005_801_869e-17),
        (-1.0, 0.367_879_441_171_442_33), (-0.1, 0.904_837_418_035_959_5), (1e-10, 1.000_000_000_1),
        (0.1, 1.105_170_918_075_647_7), (0.5, 1.648_721_270_700_128_2),
        (1.0, 2.718_281_828_459_045), (2.5, 12.182_493_960_703_473), (10.0, 22_026.465_794_806_718),
        (88.7, 3.325_986_980_250_579e38), (700.0, 1.014_232_054_735_004_5e304),
    ]),
    (Of::y_expm1, &[
        (-50.0, -1.0), (-1.0, -0.632_120_558_828_557_7), (-0.001, -0.000_999_500_166_625_008_5),
        (-1e-12, -9.999_999_999_995e-13), (1e-300, 1e-300), (1e-15, 1.000_000_000_000_000_7e-15),
        (1e-5, 1.000_005_000_016_666_8e-5), (0.1, 0.105_170_918_075_647_63),
        (0.4, 0.491_824_697_641_270_35), (1.0, 1.718_281_828_459_045_3),
        (5.0, 147.413_159_102_576_6), (300.0, 1.942_426_395_241_255_8e130),
    ]),
    (Of::y_log, &[
        (1e-300, -690.775_527_898_213_7), (1e-5, -11.512_925_464_970_229),
        (0.1, -2.302_585_092_994_045_5), (0.5, -0.693_147_180_559_945_3),
        (0.999_999, -1.000_000_500_029_089e-6), (1.000_001, 9.999_994_999_180_668e-7),
        (1.5, 0.405_465_108_108_164_4), (2.0, 0.693_147_180_559_945_3),
        (10.0, 2.302_585_092_994_046), (10_000_000_000.0, 23.025_850_929_940_457),
        (1e300, 690.775_527_898_213_7),
    ]),
    (Of::y_log1p, &[
        (-0.999_999, -13.815_510_557_935_518), (-0.5, -0.693_147_180_559_945_3),
        (-0.001, -0.001_000_500_333_583_533_5), (-1e-17, -1e-17), (1e-300, 1e-300),
        (1e-12, 9.999_999_999_995e-13), (0.1, 0.095_310_179_804_324_87),
        (1.0, 0.693_147_180_559_945_3), (100.0, 4.615_120_516_841_26),
        (1e20, 46.051_701_859_880_914),
    ]),
    (Of::y_sqrt, &[
        (1e-300, 1e-150), (0.01, 0.1), (0.5, 0.707_106_781_186_547_6),
        (2.0, 1.414_213_562_373_095_1), (3.0, 1.732_050_807_568_877_2),
        (10_000_000_000.0, 100_000.0), (1e300, 1e150),
    ]),
    (Of::y_sin, &[
        (-100.0, 0.506_365_641_109_758_8), (-3.0, -0.141_120_008_059_867_2),
        (-1.0, -0.841_470_984_807_896_5), (-0.001, -0.000_999_999_833_333_341_7), (1e-10, 1e-10),
        (0.5, 0.479_425_538_604_203), (1.5, 0.997_494_986_604_054_4),
        (3.1, 0.041_580_662_433_290_49), (10.0, -0.544_021_110_889_369_8),
        (1000.5, 0.995_273_957_105_213_5), (1_000_000.0, -0.349_993_502_171_292_94),
        (1e22, -0.852_200_849_767_188_8),
    ]),
    (Of::y_cos, &[
        (-100.0, 0.862_318_872_287_683_9), (-3.0, -0.989_992_496_600_445_4),
        (-1.0, 0.540_302_305_868_139_8), (-0.001, 0.999_999_500_000_041_7), (1e-10, 1.0),
        (0.5, 0.877_582_561_890_372_8), (1.5, 0.070_737_201_667_702_9),
        (3.1, -0.999_135_150_273_279_5), (10.0, -0.839_071_529_076_452_4),
        (1000.5, 0.097_106_901_444_385_26), (1_000_000.0, 0.936_752_127_533_144_7),
        (1e22, 0.523_214_785_395_139),
    ]),
    (Of::y_tan, &[
        (-100.0, 0.587_213_915_156_929_1), (-3.0, 0.142_546_543_074_277_8),
        (-1.0, -1.557_407_724_654_902_3), (-0.001, -0.001_000_000_333_333_466_8), (1e-10, 1e-10),
        (0.5, 0.546_302_489_843_790_5), (1.5, 14.101_419_947_171_719),
        (3.1, -0.041_616_654_585_635_904), (10.0, 0.648_360_827_459_086_6),
        (1000.5, 10.249_260_786_837_313), (1_000_000.0, -0.373_624_453_987_599),
        (1e22, -1.628_778_225_606_898_8),
    ]),
    (Of::y_asin, &[
        (-1.0, -1.570_796_326_794_896_6), (-0.999, -1.526_071_239_626_163),
        (-0.5, -0.523_598_775_598_298_9), (-0.001, -0.001_000_000_166_666_741_6), (1e-9, 1e-9),
        (0.1, 0.100_167_421_161_559_8), (0.7, 0.775_397_496_610_753),
        (0.999_999_9, 1.570_349_113_195_787_6), (1.0, 1.570_796_326_794_896_6),
    ]),
    (Of::y_acos, &[
        (-1.0, 3.141_592_653_589_793), (-0.999, 3.096_867_566_421_06),
        (-0.5, 2.094_395_102_393_195_7), (-0.001, 1.571_796_326_961_563_4),
        (1e-9, 1.570_796_325_794_896_7), (0.1, 1.470_628_905_633_336_8),
        (0.7, 0.795_398_830_184_143_6), (0.999_999_9, 0.000_447_213_599_109_041_26), (1.0, 0.0),
    ]),
    (Of::y_atan, &[
        (-10_000_000_000.0, -1.570_796_326_694_896_5), (-3.0, -1.249_045_772_398_254_4),
        (-1.0, -0.785_398_163_397_448_3), (-0.1, -0.099_668_652_491_162_04), (1e-9, 1e-9),
        (0.4, 0.380_506_377_112_364_9), (0.7, 0.610_725_964_389_208_6),
        (1.5, 0.982_793_723_247_329), (20.0, 1.520_837_931_072_953_8),
        (1e20, 1.570_796_326_794_896_6),
    ]),
    (Of::y_sinh, &[
        (-20.0, -242_582_597.704_895_14), (-1.0, -1.175_201_193_643_801_4),
        (-1e-5, -1.000_000_000_016_666_8e-5), (0.1, 0.100_166_750_019_844_03),
        (0.3, 0.304_520_293_447_142_6), (0.55, 0.578_151_603_743_454_3),
        (1.5, 2.129_279_455_094_817_3), (5.0, 74.203_210_577_788_75),
        (22.5, 2_955_261_031.511_645_3), (700.0, 5.071_160_273_675_022_5e303),
    ]),
    (Of::y_cosh, &[
        (-20.0, 242_582_597.704_895_14), (-1.0, 1.543_080_634_815_243_7), (-1e-5, 1.000_000_000_05),
        (0.1, 1.005_004_168_055_803_5), (0.3, 1.045_338_514_128_860_5),
        (0.55, 1.155_101_414_123_941), (1.5, 2.352_409_615_243_247), (5.0, 74.209_948_524_787_85),
        (22.5, 2_955_261_031.511_645_3), (700.0, 5.071_160_273_675_022_5e303),
    ]),
    (Of::y_tanh, &[
        (-20.0, -1.0), (-1.0, -0.761_594_155_955_764_9), (-1e-5, -9.999_999_999_666_668e-6),
        (0.1, 0.099_667_994_624_955_82), (0.3, 0.291_312_612_451_590_9),
        (0.55, 0.500_520_211_190_235_3), (1.5, 0.905_148_253_644_866_4),
        (5.0, 0.999_909_204_262_595_1), (22.5, 1.0),
    ]),
    (Of::y_sigmoid, &[
        (-700.0, 9.859_676_543_759_77e-305), (-40.0, 4.248_354_255_291_589e-18),
        (-5.0, 0.006_692_850_924_284_855_4), (-1.0, 0.268_941_421_369_995_1),
        (-0.1, 0.475_020_812_521_06), (1e-9, 0.500_000_000_25), (0.5, 0.622_459_331_201_854_6),
        (3.0, 0.952_574_126_822_433_3), (20.0, 0.999_999_997_938_846_4), (40.0, 1.0),
    ]),
    (Of::y_softplus, &[
        (-700.0, 9.859_676_543_759_77e-305), (-40.0, 4.248_354_255_291_589e-18),
        (-5.0, 0.006_715_348_489_118_068), (-1.0, 0.313_261_687_518_222_8),
        (-1e-8, 0.693_147_175_559_945_3), (0.3, 0.854_355_244_468_527_1),
        (2.0, 2.126_928_011_042_972_7), (10.0, 10.000_045_398_899_218), (40.0, 40.0),
        (1000.0, 1000.0),
    ]),
    (Of::y_erf, &[
        (-3.0, -0.999_977_909_503_001_4), (-1.0, -0.842_700_792_949_714_9),
        (-0.5, -0.520_499_877_813_046_5), (1e-10, 1.128_379_167_095_512_6e-10),
        (0.1, 0.112_462_916_018_284_9), (0.5, 0.520_499_877_813_046_5),
        (0.79, 0.736_103_453_820_691_1), (0.8, 0.742_100_964_707_660_5),
        (0.85, 0.770_668_057_608_352_6), (1.0, 0.842_700_792_949_714_9),
        (1.25, 0.922_900_128_256_458_3), (2.0, 0.995_322_265_018_952_7),
        (3.0, 0.999_977_909_503_001_4), (5.5, 0.999_999_999_999_992_7),
    ]),
    (Of::y_erfc, &[
        (-3.0, 1.999_977_909_503_001_5), (-1.0, 1.842_700_792_949_714_8),
        (1e-10, 0.999_999_999_887_162), (0.1, 0.887_537_083_981_715),
        (0.5, 0.479_500_122_186_953_5), (0.79, 0.263_896_546_179_308_9),
        (0.8, 0.257_899_035_292_339_5), (0.85, 0.229_331_942_391_647_48),
        (1.0, 0.157_299_207_050_285_13), (1.25, 0.077_099_871_743_541_77),
        (2.0, 0.004_677_734_981_047_266), (3.0, 2.209_049_699_858_544e-5),
        (5.0, 1.537_459_794_428_035e-12), (10.0, 2.088_487_583_762_545e-45),
        (26.0, 5.663_192_408_856_143e-296), (26.6, 1.088_512_588_544_227e-309),
        (27.0, 5.237_05e-319),
    ]),
    (Of::y_exprel, &[
        (-700.0, 0.001_428_571_428_571_428_6), (-40.0, 0.025), (-5.0, 0.198_652_410_600_182_9),
        (-1.0, 0.632_120_558_828_557_7), (-0.1, 0.951_625_819_640_404_3),
        (-1e-5, 0.999_995_000_016_666_6), (-1e-12, 0.999_999_999_999_5), (1e-300, 1.0),
        (1e-15, 1.000_000_000_000_000_4), (1e-6, 1.000_000_500_000_166_6),
        (0.1, 1.051_709_180_756_476_2), (1.0, 1.718_281_828_459_045_3),
        (5.0, 29.482_631_820_515_32), (50.0, 1.036_941_105_717_414_5e20),
        (700.0, 1.448_902_935_335_720_7e301),
    ]),
];

/// Values of `pow`, computed as [`REFERENCE`].
#[allow(clippy::approx_constant, reason = "values of functions happen to be famous numbers")]
const POWERS: &[([f64; 2], f64)] = &[
    ([2.0, 0.5], 1.414_213_562_373_095_1),
    ([0.1, 3.7], 0.000_199_526_231_496_887_93),
    ([10.0, -2.5], 0.003_162_277_660_168_379_4),
    ([1.0001, 10000.0], 2.718_145_926_824_925_5),
    ([-3.0, 5.0], -243.0),
    ([-2.0, -3.0], -0.125),
    ([1e-5, 0.3], 0.031_622_776_601_683_8),
    ([7.5, 17.0], 751_694_681_821_391.0),
    ([0.3, 40.0], 1.215_766_545_905_691_1e-21),
    ([10_000_000_000.0, 20.5], 1e205),
];

rate_model! {
    model Reduced {
        param tau: ms = 20;
        param x = 0;
        state rate: Hz = 40;
        output pure = rate*tau;
        output relative = exprel(x);
        tau drate/dt = 0;
    }
}

/// What is a pure number is recorded as one, whatever the units of its factors; and `exprel` has its
/// limits.
#[test]
fn pure_numbers_are_reduced_and_exprel_has_limits() {
    let mut network = Network::new();
    let infinite = |x: f64| Population::<Reduced>::new(format!("x = {x}"), 1).set(Reduced::x, x);
    let ids = [0.0, 800.0, -1e300].map(|x| network.add(infinite(x)).unwrap());
    let simulation = Simulation::new(network, ms(1.0)).unwrap();
    assert_eq!(Reduced::pure.symbol().unit, "");
    assert_eq!(simulation.values(ids[0], Reduced::pure).unwrap(), [0.8]);
    let relative = ids.map(|id| simulation.values(id, Reduced::relative).unwrap()[0]);
    assert_eq!(relative, [1.0, f64::INFINITY, 1e-300]);
}
