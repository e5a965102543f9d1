//! e^x and what is made of it.
//!
//! x = k ln 2 + r with a whole number k, |r| ≤ ln 2 / 2, and e^x = 2^k (1 + r + r² q(r)): W. J. Cody
//! and W. Waite, Software Manual for the Elementary Functions, Prentice-Hall 1980, chapter 6, with a
//! polynomial for their rational function.

use super::super::{Lane, Lanes, Real, Rounding};
#[cfg(doc)]
use super::Float;

/// k + `RAISE_EXPONENT` and k.
#[cfg_attr(not(debug_assertions), inline(always))]
fn nearest<T: Real, A: Rounding>(x: Lane<T, A>) -> [Lane<T, A>; 2] {
    let round = Lane::splat(T::RAISE_EXPONENT);
    let raised = x.mul_add(Lane::splat(std::f64::consts::LOG2_E), round);
    [raised, raised - round]
}

/// The first of these, r and what rounding took of r.
#[cfg_attr(not(debug_assertions), inline(always))]
fn reduced<T: Real, A: Rounding>(x: Lane<T, A>) -> [Lane<T, A>; 3] {
    let [raised, k] = nearest(x);
    let [high, low] = T::LN_2.map(|part| Lane::<T, A>::splat(-part));
    let first = k.mul_add(high, x);
    let r = k.mul_add(low, first);
    [raised, r, k.mul_add(low, first - r)]
}

/// e^r - 1
#[cfg_attr(not(debug_assertions), inline(always))]
fn inner<T: Real, A: Rounding>(r: Lane<T, A>) -> Lane<T, A> {
    T::exp_tail(r).mul_add(r * r, r)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn exp<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [raised, r, lost] = reduced(limited(x));
    scaled(raised, Lane::splat(1.0) + precise_inner(r, lost))
}

/// e^x where it is a normal number, or the next power of two beyond.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn moderate_exp<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [raised, r, _] = reduced(x);
    (Lane::splat(1.0) + inner(r)) * power_of_two(raised)
}

/// e^(x + lost), where what is lost is small beside 1.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_of_sum<T: Real, A: Rounding>(x: Lane<T, A>, lost: Lane<T, A>) -> Lane<T, A> {
    let [raised, r, _] = reduced(limited(x));
    scaled(raised, Lane::splat(1.0) + inner(r + lost))
}

/// The same times a number and what is missing of that.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_of_sum_times<T: Real, A: Rounding>(
    x: Lane<T, A>,
    lost: Lane<T, A>,
    [factor, missing]: [Lane<T, A>; 2],
) -> Lane<T, A> {
    let [raised, r, more] = reduced(limited(x));
    let sum = r + lost;
    let more = more + (lost - (sum - r));
    scaled(raised, factor + inner(sum).mul_add(factor, more.mul_add(factor, missing)))
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn limited<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [low, high] = T::EXP_LIMITS.map(Lane::splat);
    x.at_least(low).at_most(high)
}

/// e^(r + lost) - 1
#[cfg_attr(not(debug_assertions), inline(always))]
fn precise_inner<T: Real, A: Rounding>(r: Lane<T, A>, lost: Lane<T, A>) -> Lane<T, A> {
    r + T::exp_tail(r).mul_add(r * r, lost)
}

/// 2^k x
#[cfg_attr(not(debug_assertions), inline(always))]
fn scaled<T: Real, A: Rounding>(raised: Lane<T, A>, x: Lane<T, A>) -> Lane<T, A> {
    // 2^k in two factors: that of a subnormal result is no normal number, that of the largest none.
    let round = Lane::splat(T::RAISE_EXPONENT);
    let half = (raised - round).mul_add(Lane::splat(0.5), round);
    let rest = raised.with(raised.value.power_of_two_beyond(half.value));
    x * power_of_two(half) * rest
}

/// (e^x - 1)/4, which is finite where e^x/2 is, for x within [`Float::EXPM1_LIMITS`].
#[cfg_attr(not(debug_assertions), inline(always))]
fn quarter_expm1<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [raised, r, _] = reduced(x);
    let scale = power_of_two(raised - Lane::splat(2.0));
    inner(r).mul_add(scale, scale - Lane::splat(0.25))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn expm1<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [low, high] = T::EXPM1_LIMITS.map(Lane::splat);
    unless_tiny(x, Lane::splat(4.0) * quarter_expm1(x.at_least(low).at_most(high)))
}

/// With t = e^|x| - 1: sinh |x| = (t + t/(t + 1))/2.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sinh<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let q = quarter_expm1(x.abs().at_most(Lane::splat(T::EXPM1_LIMITS[1])));
    let half = q + q / (Lane::splat(4.0) * q + Lane::splat(1.0));
    unless_tiny(x, with_sign_of(half + half, x))
}

/// (e^|x| + e^-|x|)/2
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn cosh<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [raised, r, _] = reduced(x.abs().at_most(Lane::splat(T::EXPM1_LIMITS[1])));
    let quarter = (Lane::splat(1.0) + inner(r)) * power_of_two(raised - Lane::splat(2.0));
    let half = quarter + Lane::splat(0.0625) / quarter;
    half + half
}

/// With t = e^(2|x|) - 1: tanh |x| = t/(t + 2).
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn tanh<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let size = x.abs().at_most(Lane::splat(-T::EXPM1_LIMITS[0]));
    let q = quarter_expm1(size + size);
    unless_tiny(x, with_sign_of(q / (q + Lane::splat(0.5)), x))
}

/// 1/(1 + e^-x) = 2^k/(2^k + e^-r), where 2^k is 0 below the limits: nothing overflows.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sigmoid<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let [low, high] = T::SIGMOID_LIMITS.map(Lane::splat);
    let x = x.at_least(low).at_most(high);
    let [raised, k] = nearest(x);
    let [high, low] = T::LN_2.map(Lane::<T, A>::splat);
    let less = k.mul_add(low, k.mul_add(high, -x));
    let scale = power_of_two(raised);
    scale / (scale + (Lane::splat(1.0) + inner(less)))
}

/// x where that is all there is to say of a function.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn unless_tiny<T: Real, A: Rounding>(x: Lane<T, A>, value: Lane<T, A>) -> Lane<T, A> {
    Lane::select(x.abs().less(Lane::splat(T::TINY)), x, value)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn with_sign_of<T: Real, A: Rounding>(x: Lane<T, A>, of: Lane<T, A>) -> Lane<T, A> {
    x.with(x.value.with_sign_of(of.value))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn power_of_two<T: Real, A: Rounding>(raised: Lane<T, A>) -> Lane<T, A> {
    raised.with(raised.value.power_of_two())
}
