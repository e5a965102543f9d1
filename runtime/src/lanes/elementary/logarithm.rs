//! Logarithms.
//!
//! x = 2^k (1 + f) with 1 + f between √½ and √2, s = f/(2 + f), log(1 + f) = log((1 + s)/(1 - s)) =
//! f - f²/2 + s (f²/2 + s² p(s²)). The way of adding up is that of FDLIBM (Sun Microsystems 1993,
//! `e_log.c`, which says why), the polynomial is our own.

use super::super::{Lane, Lanes, Real, Rounding};
use super::exponential::{power_of_two, unless_tiny};

/// log(2^k (1 + f + c)); c is small beside 1 + f.
#[cfg_attr(not(debug_assertions), inline(always))]
fn assemble<T: Real, A: Rounding>(k: Lane<T, A>, f: Lane<T, A>, c: Lane<T, A>) -> Lane<T, A> {
    let inverse = Lane::splat(1.0) / (Lane::splat(2.0) + f);
    let s = f * inverse;
    let z = s * s;
    let half = Lane::splat(0.5) * f * f;
    let [high, low] = T::LN_2.map(Lane::<T, A>::splat);
    // 1/(1 + f) to 3%, of a correction by half a unit in the last place.
    let slope = Lane::splat(4.0) * inverse * inverse;
    let small = (T::log_tail(z).mul_add(z, half)).mul_add(s, k.mul_add(low, c * slope));
    k.mul_add(high, f - (half - small))
}

/// The same, but for subnormal numbers.
#[cfg_attr(not(debug_assertions), inline(always))]
fn split<T: Real, A: Rounding>(x: Lane<T, A>) -> [Lane<T, A>; 2] {
    x.value.split().map(|value| x.with(value))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn log<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [k, m] = parts(x);
    at_edges(x, x, assemble(k, m - Lane::splat(1.0), Lane::splat(0.0)))
}

/// k and m where a positive number is 2^k m and m is between √½ and √2.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn parts<T: Real, A: Rounding>(x: Lane<T, A>) -> [Lane<T, A>; 2] {
    let [smallest, raise] = T::SMALLEST.map(Lane::splat);
    let subnormal = x.less(smallest);
    let [k, m] = split(Lane::select(subnormal, x * raise, x));
    [k - Lane::select(subnormal, Lane::splat(T::RAISE), Lane::splat(0.0)), m]
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn log1p<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let one = Lane::splat(1.0);
    unless_tiny(x, at_edges(x, one + x, log1p_inside(x)))
}

/// log(1 + x) for finite x above -1 that are not tiny.
#[cfg_attr(not(debug_assertions), inline(always))]
fn log1p_inside<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let (zero, one) = (Lane::splat(0.0), Lane::splat(1.0));
    let sum = one + x;
    // What the sum lost (D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B).
    let back = sum - one;
    let lost = (one - (sum - back)) + (x - back);
    let [k, m] = split(sum);
    let round = Lane::splat(T::RAISE_EXPONENT);
    let scale = power_of_two(round - k.at_most(Lane::splat(T::DIGITS)));
    let near = k.equal(zero);
    let f = Lane::select(near, x, m - one);
    assemble(k, f, Lane::select(near, zero, lost * scale))
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn softplus<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let e = (-x.abs()).exp();
    x.relu() + unless_tiny(e, log1p_inside(e))
}

/// The logarithm of `of`: `value` inside of the domain, else what stands at its edges and behind. `x`
/// is infinite or NaN if `of` is.
#[cfg_attr(not(debug_assertions), inline(always))]
fn at_edges<T: Real, A: Rounding>(x: Lane<T, A>, of: Lane<T, A>, value: Lane<T, A>) -> Lane<T, A> {
    let [zero, infinity, nan] = [0.0, f64::INFINITY, f64::NAN].map(Lane::splat);
    let inside = Lane::select(of.less(infinity), value, x);
    let outside = Lane::select(of.equal(zero), -infinity, nan);
    Lane::select(of.greater(zero), inside, outside)
}
