//! Errors of elementary functions in units in the last place, on every instruction set and in both
//! ways of rounding; and their bits, which must not depend on the instruction set without fusing.

#![allow(
    clippy::cast_possible_truncation,
    reason = "numbers are rounded and bits are cut on purpose"
)]

mod double;

use super::super::{AsWritten, FastFused, Lane, Lanes, Real, Rounding, Single};
use crate::instructions::{InstructionSet, Job};
use double::Double;

/// A function, of any lanes, and what it should be.
trait Function {
    const NAME: &'static str;
    /// The domain that random arguments are taken from.
    const DOMAIN: [f64; 2];
    /// The bounds that [`super::super::Functions`] states, for single and double precision.
    const BOUNDS: [f64; 2];

    fn of<L: Lanes>(x: L) -> L;
    /// In the standard library.
    fn reference(x: f64) -> f64;
    fn exact(x: Double) -> Double;
}

macro_rules! functions {
    ($($name:ident($x:ident in $low:literal..$high:literal): $reference:expr, $exact:expr; $single:literal $double:literal)*) => {
        $(
            #[allow(non_camel_case_types, reason = "they bear the names of functions")]
            struct $name;

            impl Function for $name {
                const NAME: &'static str = stringify!($name);
                const DOMAIN: [f64; 2] = [$low, $high];
                const BOUNDS: [f64; 2] = [$single, $double];

                // Or it is not compiled for the instructions that are tested.
                #[inline(always)]
                fn of<L: Lanes>(x: L) -> L {
                    x.$name()
                }
                fn reference($x: f64) -> f64 {
                    $reference
                }
                fn exact($x: Double) -> Double {
                    $exact
                }
            }
        )*
        /// Does something to every function.
        macro_rules! for_each_function {
            ($do:ident $arguments:tt) => { $($do::<$name> $arguments;)* };
        }

        /// Each takes a minute or two of a processor in a release build.
        mod every_number {
            $(
                #[test]
                #[ignore = "looks at every single-precision number"]
                fn $name() {
                    super::check_single::<super::$name>(super::InstructionSet::best(), 1);
                }
            )*
        }
    };
}

const ONE: Double = Double(1.0, 0.0);
const HALF: Double = Double(0.5, 0.0);

functions! {
    exp(x in -708.0..709.0): x.exp(), x.exp(); 1.0 1.0
    expm1(x in -40.0..709.0): x.exp_m1(), x.expm1(); 2.0 2.0
    log(x in 0.0..1e300): x.ln(), x.ln(); 1.5 1.5
    sqrt(x in 0.0..1e300): x.sqrt(), x.sqrt(); 0.5 0.5
    log1p(x in -1.0..1e300): x.ln_1p(), x.ln_1p(); 1.5 1.5
    sinh(x in -710.0..710.0): x.sinh(), { let t = x.expm1(); (t + t / (t + ONE)) * HALF }; 3.0 3.0
    cosh(x in -710.0..710.0): x.cosh(), (x.exp() + (-x).exp()) * HALF; 3.0 3.0
    tanh(x in -20.0..20.0): x.tanh(), { let t = (x + x).expm1(); t / (t + ONE + ONE) }; 3.0 3.0
    sigmoid(x in -700.0..700.0): 1.0 / (1.0 + (-x).exp()), ONE / (ONE + (-x).exp()); 3.0 3.0
    softplus(x in -700.0..700.0): x.max(0.0) + (-x.abs()).exp().ln_1p(),
        if x.0 > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }; 3.0 3.0
    erf(x in -7.0..7.0): libm::erf(x), x.erf(); 2.0 3.0
    erfc(x in -7.0..27.0): libm::erfc(x), x.erfc(); 1.0 3.0
    exprel(x in -700.0..700.0): if x == 0.0 { 1.0 } else { x.exp_m1() / x },
        if x.0 == 0.0 { ONE } else { x.expm1() / x }; 3.0 3.0
    sin(x in -1e6..1e6): x.sin(), x.sin_cos()[0]; 1.0 3.0
    cos(x in -1e6..1e6): x.cos(), x.sin_cos()[1]; 1.0 3.0
    tan(x in -1e6..1e6): x.tan(), { let [s, c] = x.sin_cos(); s / c }; 1.0 3.0
    asin(x in -1.0..1.0): x.asin(), x.asin(); 1.0 3.0
    acos(x in -1.0..1.0): x.acos(), x.acos(); 1.0 3.0
    atan(x in -1e300..1e300): x.atan(), x.atan(); 1.0 3.0
}

/// A function of many numbers in a loop, which becomes vectors.
struct Loop<'a, F, T, A> {
    arguments: &'a [T],
    results: &'a mut [T],
    far: &'a mut bool,
    how: std::marker::PhantomData<(F, A)>,
}

impl<F: Function, T: Real, A: Rounding> Job for Loop<'_, F, T, A> {
    #[inline(always)]
    fn run(self) {
        let mut far = 0;
        for (result, x) in self.results.iter_mut().zip(self.arguments) {
            let lane = F::of(Lane::<T, A>::new(*x));
            *result = lane.value;
            far |= u32::from(lane.far);
        }
        *self.far = far != 0;
    }
}

fn results<F: Function, T: Real, A: Rounding>(set: InstructionSet, arguments: &[T]) -> Vec<T> {
    let mut results = vec![T::default(); arguments.len()];
    let (mut far, how) = (false, std::marker::PhantomData::<(F, A)>);
    set.run(Loop { arguments, results: &mut results, far: &mut far, how });
    if far {
        results = arguments.iter().map(|x| F::of(Lane::<T, Single<A>>::new(*x)).value).collect();
    }
    results
}

/// Pseudo-random 64-bit numbers (G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014).
fn random_bits(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 1_u64;
    (0..count).map(move |_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    })
}

/// Numbers of a domain: evenly spread, spread over orders of magnitude, and its ends.
fn arguments([low, high]: [f64; 2], count: usize) -> Vec<f64> {
    let unit = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
    let numbers = random_bits(count).enumerate().map(|(index, bits)| {
        let u = unit(bits);
        let moderate = [low.max(-30.0), high.min(30.0)];
        match index % 3 {
            0 => moderate[0] + u * (moderate[1] - moderate[0]),
            1 => low + u * (high - low),
            _ => {
                let sign = if low < 0.0 && bits & 1 == 1 { -1.0 } else { 1.0 };
                let top = high.abs().max(low.abs()).min(1e18);
                sign * (u * (top.ln() + 40.0) - 40.0).exp()
            }
        }
    });
    numbers.filter(|x| low <= *x && *x <= high).chain([low, high]).collect()
}

/// The unit in the last place of a number of a format with this many digits behind the point and this
/// smallest exponent.
fn unit(x: f64, digits: i32, smallest: i32) -> f64 {
    let exponent = i32::try_from(x.to_bits() >> 52 & 0x7FF).unwrap() - 1023;
    // A power of two by its bits; the smallest unit of double precision has none for itself.
    match exponent.max(smallest) - digits {
        place if place < -1022 => f64::from_bits(1),
        place => f64::from_bits(u64::try_from(place + 1023).unwrap() << 52),
    }
}

/// The distance of a double from what it should be, in units in the last place of that.
fn ulps(found: f64, exact: Double) -> f64 {
    if found == exact.0 && exact.1 == 0.0 {
        return 0.0;
    }
    (Double::from(found) - exact).abs().0 / unit(exact.0, 52, -1022)
}

/// The same for single-precision numbers, of which a double is as good as what they should be. NaN for
/// NaN is right, and so is infinity for what is rounded to it. Written for vectors: there are many.
#[inline]
fn single_ulps(found: f32, exact: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF << 52;
    let smallest = f64::from(f32::MIN_POSITIVE).to_bits();
    let unit = f64::from_bits((exact.to_bits() & EXPONENT).max(smallest) - (23 << 52));
    let error = (f64::from(found) - exact).abs() / unit;
    let infinite = found.is_infinite() && found == exact as f32;
    let right = infinite || found.is_nan() && exact.is_nan();
    let error = if right { 0.0 } else { error };
    if error.is_nan() { f64::INFINITY } else { error }
}

fn check_double<F: Function, A: Rounding>(set: InstructionSet) {
    let xs = arguments(F::DOMAIN, 30_000);
    let mut worst = (0.0, 0.0, 0.0);
    for (x, found) in xs.iter().zip(results::<F, f64, A>(set, &xs)) {
        let exact = F::exact((*x).into());
        // The oracle loses digits where its own parts are subnormal.
        if exact.0.abs() < 1e-290 || !exact.0.is_finite() {
            continue;
        }
        let error = ulps(found, exact);
        assert!(!error.is_nan(), "{} of {x}: {found}", F::NAME);
        if error > worst.0 {
            worst = (error, *x, found);
        }
    }
    println!("f64 {} {set:?} fused {}: {:.3} ulp at {:e}", F::NAME, A::FUSED, worst.0, worst.1);
    assert!(worst.0 <= F::BOUNDS[1], "{}: {worst:?}", F::NAME);
}

/// The largest error, and where.
type Worst = (f64, f32);

/// Single-precision numbers by their bits, every `stride`-th of a range, without fused products and
/// with.
fn worst_single<F: Function>(set: InstructionSet, range: [u64; 2], stride: usize) -> [Worst; 2] {
    let mut worst = [(0.0, 0.0); 2];
    let mut bits = (range[0]..range[1]).step_by(stride).map(|bits| f32::from_bits(bits as u32));
    loop {
        let xs: Vec<f32> = bits.by_ref().take(1 << 12).collect();
        if xs.is_empty() {
            return worst;
        }
        let exact: Vec<f64> = xs.iter().map(|x| F::reference(f64::from(*x))).collect();
        let look = |found: &[f32], worst: &mut Worst| {
            let errors = found.iter().zip(&exact).map(|(found, exact)| single_ulps(*found, *exact));
            let errors: Vec<f64> = errors.collect();
            for (index, error) in errors.into_iter().enumerate() {
                if error > worst.0 && !excused::<F>(xs[index], found[index], exact[index]) {
                    *worst = (error, xs[index]);
                }
            }
        };
        look(&results::<F, f32, AsWritten>(set, &xs), &mut worst[0]);
        if set.has_fma() {
            look(&results::<F, f32, FastFused>(set, &xs), &mut worst[1]);
        }
    }
}

/// What [`super::super::Functions`] says of numbers that are too small, and too large.
fn excused<F: Function>(x: f32, found: f32, exact: f64) -> bool {
    let flushed = F::NAME == "sigmoid" && exact < f64::from(f32::MIN_POSITIVE);
    let overflown = F::NAME == "exprel" && x.exp() == f32::INFINITY;
    flushed && found < f32::MIN_POSITIVE || overflown && found == f32::INFINITY
}

fn check_single<F: Function>(set: InstructionSet, stride: usize) {
    let end = 1_u64 << 32;
    let quarters = [0, 1, 2, 3].map(|i| [end / 4 * i, end / 4 * (i + 1)]);
    let worst = std::thread::scope(|scope| {
        let threads =
            quarters.map(|range| scope.spawn(move || worst_single::<F>(set, range, stride)));
        threads.map(|thread| thread.join().unwrap())
    });
    for (index, fused) in [false, true].into_iter().enumerate() {
        let worst = worst.map(|of_quarter| of_quarter[index]);
        let worst = worst.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        println!("f32 {} {set:?} fused {fused}: {:.3} ulp at {:e}", F::NAME, worst.0, worst.1);
        assert!(worst.0 <= F::BOUNDS[0], "{}: {worst:?}", F::NAME);
    }
}

fn check_both<F: Function>(set: InstructionSet, stride: usize) {
    check_single::<F>(set, stride);
    check_double::<F, AsWritten>(set);
    if set.has_fma() {
        check_double::<F, FastFused>(set);
    }
}

#[test]
fn functions_keep_their_bounds() {
    let set = InstructionSet::best();
    for_each_function!(check_both(set, 49_991));
}

/// Powers of ordinary and strange numbers, with the standard library's to compare with in the latter
/// cases.
#[test]
fn powers_keep_their_bounds() {
    fn power<T: Real, A: Rounding>(x: T, y: T) -> T {
        Lane::<T, A>::new(x).pow(Lane::new(y)).value
    }
    fn check<A: Rounding>() {
        let mut worst = (0.0, 0.0, 0.0);
        let mut worst_single = (0.0, 0.0, 0.0);
        let bases = arguments([1e-300, 1e300], 60_000);
        let exponents = arguments([-700.0, 700.0], 60_000).into_iter().rev();
        for (index, (x, y)) in bases.into_iter().zip(exponents).enumerate() {
            let y = if index % 2 == 0 { y / x.ln().abs().max(1.0) } else { y };
            let (base, by) = (x as f32, y as f32);
            let single = power::<f32, A>(base, by);
            let exact = f64::from(base).powf(by.into());
            let error = single_ulps(single, exact);
            if error > worst_single.0 && exact < f32::MAX.into() {
                worst_single = (error, base.into(), by.into());
            }
            let exact = (Double::from(x).ln() * y.into()).exp();
            if exact.0 > 1e-290 && exact.0 < 1e300 {
                let error = ulps(power::<f64, A>(x, y), exact);
                if error > worst.0 {
                    worst = (error, x, y);
                }
            }
        }
        println!("pow fused {}: {worst:?} {worst_single:?}", A::FUSED);
        assert!(worst.0 <= 1.5 && worst_single.0 <= 1.0, "{worst:?} {worst_single:?}");
        let [inf, nan, tiny] = [f64::INFINITY, f64::NAN, 5e-324];
        let strange = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            -2.0,
            3.0,
            -3.0,
            0.5,
            -0.5,
            1e300,
            -1e300,
            tiny,
            -tiny,
            inf,
            -inf,
            nan,
            9_007_199_254_740_991.0,
            -9_007_199_254_740_991.0,
            4_503_599_627_370_497.5,
        ];
        for (x, y) in strange.iter().flat_map(|x| strange.map(|y| (*x, y))) {
            let (found, expected) = (power::<f64, A>(x, y), x.powf(y));
            let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
            let near = ulps(found, expected.into()) <= 2.0;
            assert!(same || near && expected != 0.0, "{x}^{y} is {found}, not {expected}");
        }
    }
    check::<AsWritten>();
    check::<FastFused>();
}

/// Ordinary and strange arguments alike.
fn check_bits<F: Function>() {
    let singles: Vec<f32> =
        random_bits(20_000).map(|bits| f32::from_bits((bits >> 32) as u32)).collect();
    let doubles: Vec<f64> =
        random_bits(10_000).map(f64::from_bits).chain(arguments(F::DOMAIN, 10_000)).collect();
    let bits = |set| {
        let singles = results::<F, f32, AsWritten>(set, &singles);
        let doubles = results::<F, f64, AsWritten>(set, &doubles);
        // What a NaN looks like is not laid down.
        let singles = singles.into_iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() });
        let doubles = doubles.into_iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() });
        (singles.collect::<Vec<_>>(), doubles.collect::<Vec<_>>())
    };
    let baseline = bits(InstructionSet::Baseline);
    for set in InstructionSet::available() {
        assert!(bits(set) == baseline, "{} on {set:?}", F::NAME);
    }
}

#[test]
fn without_fusing_bits_are_those_of_every_instruction_set() {
    for_each_function!(check_bits());
}
