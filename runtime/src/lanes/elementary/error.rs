//! The error function and its complement.
//!
//! Below 0.8, erf x = x + x p(x²) (M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions,
//! 7.1.5, with a polynomial for the series). From there on erfc x = e^(-x²) q r(1 - q), where
//! q = 13/(4 x + 5): in such a variable one polynomial will do up to where the result is 0
//! (J. L. Schonfelder, Math. Comp. 32:1232, 1978), and this q leaves little for it to do, so that its
//! rounding errors are small.

use super::super::{Lane, Lanes, Real, Rounding};
use super::exponential::{exp_of_sum_times, moderate_exp, with_sign_of};
use super::float::Float;

/// Where the two meet.
const MIDDLE: f64 = 0.8;

/// erf x - x for |x| up to [`MIDDLE`], with the digits of `D`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn excess<D: Float, T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    x * D::erf_tail(x * x)
}

/// A number below 32 in two parts. Products of two first parts are exact.
#[cfg_attr(not(debug_assertions), inline(always))]
fn halves<A: Rounding>(x: Lane<f64, A>) -> [Lane<f64, A>; 2] {
    let round = Lane::splat(f64::ROUND / (1_u64 << 21) as f64);
    let high = (x + round) - round;
    [high, x - high]
}

/// 13/4 and 5/4.
const Q: [f64; 2] = [3.25, 1.25];

/// erfc x for x from [`MIDDLE`] to a limit and at that from there on, with the digits of `D`, to some
/// units in the last place of `T`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn rough<D: Float, T: Real, A: Rounding>(x: Lane<T, A>, limit: f64) -> Lane<T, A> {
    let x = x.at_most(Lane::splat(limit));
    let [scale, start] = Q.map(Lane::<T, A>::splat);
    let q = scale / (x + start);
    let t = Lane::splat(1.0) - q;
    let r = D::erfc_tail(t).mul_add(t, Lane::splat(D::ERFC_MIDDLE));
    moderate_exp(-(x * x)) * (q * r)
}

/// erfc x for x from [`MIDDLE`].
///
/// The exponent takes up what x² loses to rounding (W. J. Cody, Math. Comp. 23:631, 1969), and what q
/// does.
#[cfg_attr(not(debug_assertions), inline(always))]
fn precise<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    let x = x.at_most(Lane::splat(f64::ERFC_LIMIT));
    let [scale, start] = Q.map(Lane::<f64, A>::splat);
    let [high, low] = halves(x);
    let sum = x + start;
    let q = scale / sum;
    // 3.25 less the product of q with what the sum should be.
    let missing = if A::FUSED {
        q.mul_add(-sum, scale)
    } else {
        let (q, sum_high) = (halves(q), high + start);
        (scale - q[0] * sum_high) - (q[0] * (sum - sum_high) + q[1] * sum)
    };
    let missing = missing - q * (x - (sum - start));
    // How the logarithm of e^(x²) erfc x depends on that, to 5%.
    let slope = q.mul_add(Lane::splat(0.09), Lane::splat(0.31));
    let lost = missing * slope - low * (x + high);

    let t = Lane::splat(1.0) - q;
    let middle = Lane::splat(f64::ERFC_MIDDLE);
    let change = t * f64::erfc_tail(t);
    let r = middle + change;
    let r_low = change - (r - middle);
    exp_of_sum_times(-(high * high), lost, [q * r, q * r_low])
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn erf<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    let size = x.abs();
    // From 6 on it is 1.
    let far = with_sign_of(Lane::splat(1.0) - rough::<T, T, A>(size, 6.0), x);
    Lane::select(size.less(Lane::splat(MIDDLE)), x + excess::<T, T, A>(x), far)
}

/// In double precision, with the digits of `T`: single precision would not do.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn erfc<T: Real, A: Rounding>(x: Lane<T, A>) -> Lane<T, A> {
    // Not by `widened`: a closure of this length is not inlined, and the loop would be no vectors.
    let x: Lane<f64, A> = x.with(x.value.to_f64());
    let size = x.abs();
    let base = Lane::select(x.less(Lane::splat(0.0)), Lane::splat(2.0), Lane::splat(0.0));
    let wide = T::DIGITS < 52.0;
    let tail = if wide { rough::<T, f64, A>(size, T::ERFC_LIMIT) } else { precise(size) };
    let far = base + with_sign_of(tail, x);
    // The first difference is exact from ½ on, where digits count.
    let near = (Lane::splat(1.0) - x) - excess::<T, f64, A>(x);
    let result = Lane::select(size.less(Lane::splat(MIDDLE)), near, far);
    result.with(T::from_f64(result.value))
}
