//! x^y = e^(y log x), the logarithm to twice the digits.

use super::super::{Lane, Lanes, Rounding};
use super::exponential::exp_of_sum;
use super::float::{Float, horner};
use super::logarithm;

/// Nothing is lost of the product of a number of this size with any logarithm that is not 0: x^y is 0
/// or infinite.
const LARGEST: f64 = (1_u128 << 64) as f64;

/// A sum of two numbers, the second about the rounding error of the first.
type Pair<A> = [Lane<f64, A>; 2];

/// `a b` and what rounding took (T. J. Dekker, Numer. Math. 18:224, 1971).
#[cfg_attr(not(debug_assertions), inline(always))]
fn product<A: Rounding>(a: Lane<f64, A>, b: Lane<f64, A>) -> Pair<A> {
    let rounded = a * b;
    if A::FUSED {
        return [rounded, a.mul_add(b, -rounded)];
    }
    let halves = |x: Lane<f64, A>| {
        let scaled = x * Lane::splat((1_u64 << 27) as f64 + 1.0);
        let high = scaled - (scaled - x);
        [high, x - high]
    };
    let ([a, a_low], [b, b_low]) = (halves(a), halves(b));
    [rounded, a_low * b_low - (((rounded - a * b) - a_low * b) - a * b_low)]
}

/// `a + b` and what rounding took, for |a| ≥ |b| or a = 0.
#[cfg_attr(not(debug_assertions), inline(always))]
fn sum<A: Rounding>(a: Lane<f64, A>, b: Lane<f64, A>) -> Pair<A> {
    let rounded = a + b;
    [rounded, b - (rounded - a)]
}

/// The logarithm of a positive, finite number: 2 s + (2/3) s³ + s⁵ q(s²) as in [`logarithm`], the first
/// two terms to twice the digits. Relative error of the polynomial: 2^-66.
#[cfg_attr(not(debug_assertions), inline(always))]
fn long_log<A: Rounding>(x: Lane<f64, A>) -> Pair<A> {
    let [k, m] = logarithm::parts(x);
    let f = m - Lane::splat(1.0);
    let two = Lane::splat(2.0);
    let divisor = two + f;
    let inverse = Lane::splat(1.0) / divisor;
    let s = f * inverse;
    let [back, missing] = product(s, divisor);
    let s_low = (f - back - missing - s * (f - (divisor - two))) * inverse;
    let [z, z_low] = product(s, s);
    let z_low = (s + s).mul_add(s_low, z_low);
    let tail = horner!(z; 0.400_000_000_000_014, 0.285_714_285_704_434_86, 0.222_222_224_667_056_27,
        0.181_817_884_908_327_34, 0.153_865_865_245_633_1, 0.132_604_352_434_075_28,
        0.131_655_191_926_854_85);
    let [third, third_low] =
        [0.666_666_666_666_666_6, 3.700_743_415_417_188e-17].map(Lane::<f64, A>::splat);
    let [cubic, cubic_low] = product(z, third);
    let cubic_low = cubic_low + (z * third_low + z_low * third);
    let [u, u_low] = sum(cubic, tail * z * z);
    let u_low = u_low + cubic_low;
    let [w, w_low] = product(s, u);
    let w_low = w_low + (s * u_low + s_low * u);
    let [log, log_low] = sum(s + s, w);
    let log_low = log_low + (s_low + s_low + w_low);
    let [high, low] = <f64 as Float>::LN_2.map(Lane::<f64, A>::splat);
    let [all, rest] = sum(k * high, log);
    [all, rest + k.mul_add(low, log_low)]
}

/// Whether a positive number has no fraction.
#[cfg_attr(not(debug_assertions), inline(always))]
fn is_whole<A: Rounding>(x: Lane<f64, A>) -> <Lane<f64, A> as Lanes>::Mask {
    let spaced_by_one = Lane::splat((1_u64 << 52) as f64);
    x.at_least_as(spaced_by_one) | (x + spaced_by_one - spaced_by_one).equal(x)
}

/// `x ^ y` with the cases of IEEE 754-2019, 9.2.1. A plain logarithm will do if the result is rounded
/// to single precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn pow<A: Rounding>(
    x: Lane<f64, A>,
    y: Lane<f64, A>,
    plain: bool,
) -> Lane<f64, A> {
    let [zero, one, infinity] = [0.0, 1.0, f64::INFINITY].map(Lane::<f64, A>::splat);
    let (size, largest) = (x.abs(), Lane::splat(LARGEST));
    let exponent = y.at_most(largest).at_least(-largest);
    let [log, log_low] = if plain { [logarithm::log(size), zero] } else { long_log(size) };
    let log = Lane::select(size.less(infinity), log, size);
    let log = Lane::select(size.equal(zero), -infinity, log);
    let [product, lost] = product(exponent, log);
    let moderate = product.abs().less(Lane::splat(1000.0));
    let lost = Lane::select(moderate, exponent.mul_add(log_low, lost), zero);
    let power = exp_of_sum(product, lost);

    let (negative, length) = (x.less(zero), y.abs());
    let whole = is_whole(length);
    let odd = whole & !is_whole(length * Lane::splat(0.5));
    let undefined = negative & size.less(infinity) & !whole;
    let power = Lane::select(undefined, Lane::splat(f64::NAN), power);
    let signed = x.with(power.value.with_sign_of(x.value));
    let power = Lane::select(odd, signed, power);
    Lane::select(x.equal(one) | y.equal(zero), one, power)
}
