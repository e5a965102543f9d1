//! Sines and their inverses, in double precision: results for single precision are rounded from it.
//!
//! Arguments are reduced by multiples of π/2 as Cody and Waite do (Software Manual for the Elementary
//! Functions, Prentice-Hall 1980, chapter 8), with what is lost kept aside.

use super::super::{Lane, Lanes, Rounding};
use super::exponential::{unless_tiny, with_sign_of};
use super::float::{Float, horner};

/// Sines, cosines and tangents of larger arguments are left to the portable library.
pub(in super::super) const NEAR: f64 = 1e6;

/// π/2 in parts; up to [`NEAR`], products with the first three are exact.
const HALF_PI: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];

/// An angle less a multiple of a right angle.
struct Reduced<A> {
    /// How many right angles, in the lowest bits.
    turns: Lane<f64, A>,
    /// The rest, |r| ≤ π/4,
    r: Lane<f64, A>,
    /// and what is missing of it.
    lost: Lane<f64, A>,
}

impl<A: Rounding> Reduced<A> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(x: Lane<f64, A>) -> Self {
        let round = Lane::splat(f64::ROUND);
        let turns = x.mul_add(Lane::splat(std::f64::consts::FRAC_2_PI), round);
        let k = turns - round;
        let [a, b, c, d] = HALF_PI.map(|part| Lane::<f64, A>::splat(-part));
        let first = k.mul_add(a, x);
        let r = k.mul_add(b, first);
        let lost = k.mul_add(d, k.mul_add(c, k.mul_add(b, first - r)));
        Self { turns, r, lost }
    }

    /// The sine of the rest.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin(&self) -> Lane<f64, A> {
        let (r, z) = (self.r, self.r * self.r);
        let tail = f64::sin_tail(z);
        let cos = z.mul_add(Lane::splat(-0.5), Lane::splat(1.0));
        r + tail.mul_add(z * r, self.lost * cos)
    }

    /// The cosine of the rest.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos(&self) -> Lane<f64, A> {
        let (one, z) = (Lane::splat(1.0), self.r * self.r);
        let tail = f64::cos_tail(z);
        let half = Lane::splat(0.5) * z;
        let rough = one - half;
        rough + ((one - rough - half) + (tail * z * z - self.r * self.lost))
    }

    /// The sine of the angle, `more` right angles on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn turned(&self, more: f64) -> Lane<f64, A> {
        let turns = (self.turns + Lane::splat(more)).value.to_bits();
        let size = if turns & 1 == 0 { self.sin() } else { self.cos() };
        size.with(f64::from_bits(size.value.to_bits() ^ (turns & 2) << 62))
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sin<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    unless_tiny(x, Reduced::new(x).turned(0.0))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn cos<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    Reduced::new(x).turned(1.0)
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn tan<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    let reduced = Reduced::new(x);
    let (sin, cos) = (reduced.sin(), reduced.cos());
    let even = reduced.turns.value.to_bits() & 1 == 0;
    let above = if even { sin } else { -cos };
    unless_tiny(x, above / if even { cos } else { sin })
}

/// Parts of π/2 that add up to it.
const RIGHT_ANGLE: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17];

/// atan |x| is atan t, π/4 + atan t or π/2 + atan t with |t| ≤ tan π/8.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn atan<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    let (size, one) = (x.abs(), Lane::<f64, A>::splat(1.0));
    let large = size.greater(Lane::splat(2.414_213_562_373_095));
    let middle = size.greater(Lane::splat(0.414_213_562_373_095));
    let pick = |if_large, if_middle, else_| {
        Lane::select(large, if_large, Lane::select(middle, if_middle, else_))
    };
    let t = pick(-one, size - one, size) / pick(size, size + one, one);
    let [base, rest] =
        RIGHT_ANGLE.map(|part| pick(Lane::splat(part), Lane::splat(0.5 * part), Lane::splat(0.0)));
    let z = t * t;
    // Relative error: 2^-59.5.
    let tail = horner!(z; -0.333_333_333_333_332_04, 0.199_999_999_999_547_98,
        -0.142_857_142_803_054_64, 0.111_111_107_884_860_34, -0.090_908_978_936_295_4,
        0.076_920_625_141_123_05, -0.066_631_290_903_113_13, 0.058_480_647_659_565_28,
        -0.050_400_689_207_746_97, 0.038_083_386_334_612_61, -0.017_927_248_317_533);
    unless_tiny(x, with_sign_of(base + (t + (tail * z).mul_add(t, rest)), x))
}

/// What inverse sine and cosine share: asin s for s = |x|, or for s = √((1 - |x|)/2) where |x| > ½.
#[cfg_attr(not(debug_assertions), inline(always))]
fn arc<A: Rounding>(x: Lane<f64, A>) -> (bool, Lane<f64, A>) {
    let (size, half) = (x.abs(), Lane::<f64, A>::splat(0.5));
    let steep = size.greater(half);
    let from_one = (Lane::splat(1.0) - size) * half;
    let s = Lane::select(steep, from_one.sqrt(), size);
    let z = Lane::select(steep, from_one, size * size);
    // Relative error: 2^-59.8.
    let tail = horner!(z; 0.166_666_666_666_667_6, 0.074_999_999_999_706_87,
        0.044_642_857_174_814_29, 0.030_381_942_695_093_245, 0.022_372_215_405_019_02,
        0.017_351_603_706_524_225, 0.013_980_927_756_213_65, 0.011_397_984_361_091_88,
        0.010_785_691_034_505_25, 0.003_685_097_232_125_401_4, 0.021_760_941_324_427_005,
        -0.021_076_836_806_320_51, 0.032_678_433_982_208_91);
    (steep.holds, (tail * z).mul_add(s, s))
}

/// π/2 - 2 asin √((1 - |x|)/2) where |x| > ½.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn asin<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    let (steep, p) = arc(x);
    let [high, low] = RIGHT_ANGLE.map(Lane::<f64, A>::splat);
    let value = if steep { high - (p + p - low) } else { p };
    unless_tiny(x, with_sign_of(value, x))
}

/// 2 asin √((1 - x)/2) where x > ½, π minus that of -x where x < -½, else π/2 - asin x.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn acos<A: Rounding>(x: Lane<f64, A>) -> Lane<f64, A> {
    let (steep, p) = arc(x);
    let [high, low] = RIGHT_ANGLE.map(Lane::<f64, A>::splat);
    let negative = x.less(Lane::splat(0.0));
    let twice = p + p;
    let behind = (high - (twice - (low + low))) + high;
    let flat = high - (with_sign_of(p, x) - low);
    if steep { Lane::select(negative, behind, twice) } else { flat }
}
