//! Normal numbers of random words, by Box and Muller (Ann. Math. Stat. 29:610, 1958).
//!
//! √(-2 log u) times cosine and sine of an angle, of two random words each in single precision, which
//! has 31 bits for u, 32 for the angle and one for a sign, and of four in double precision, which has 52
//! and 52 and one: noises in the two precisions are not the same numbers. The angle φ is between -π/2
//! and π/2, and the cosine has a random sign. With s = √2 sin φ/2 and c = √2 cos φ/2, cos φ = 1 - s² and
//! sin φ = s c, so that polynomials of half a right angle are enough.
//!
//! Every machine computes the same bits: each operation is one of IEEE 754, and products that are
//! fused with sums are so everywhere. Processors that have no such instruction ([`InSoftware`]) put
//! together what it gives of other operations.
//!
//! A number differs from what the formula gives for the same u and φ by less than 10⁻⁶ in
//! single and 8·10⁻¹⁵ in double precision. The polynomials are minimax approximations found with
//! Remez's algorithm in 40 digits and rounded.

use std::f64::consts::{FRAC_PI_4, LN_2, SQRT_2};

use crate::lanes::Real;
use crate::units::BLOCK;

/// How `x * factor + term` comes to be rounded once.
pub trait Fuse: 'static {
    /// `x * factor + term`, rounded once.
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T;
}

/// By the processor.
pub(crate) struct ByInstruction;

impl Fuse for ByInstruction {
    #[inline(always)]
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T {
        x.fused(factor, term)
    }
}

/// From operations that every processor has.
pub(crate) struct InSoftware;

impl Fuse for InSoftware {
    #[inline(always)]
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T {
        x.fused_in_software(factor, term)
    }
}

/// Number types that normal numbers are made in.
pub trait Normal: Sized + Copy {
    /// How many calls of the random function the numbers of a block take.
    const CALLS: u32;
    /// Normal numbers, given the random function of the calls for this block, its words in the lower
    /// halves. The units are dealt out so that vectors of calls give vectors of units: with n calls,
    /// unit i has its number from call i modulo n, the cosines before the sines.
    #[doc(hidden)]
    fn normals<F: Fuse>(words: impl Fn(u32) -> [u64; 4]) -> [Self; BLOCK];
    /// `self * factor + term`, rounded once, by the processor.
    #[doc(hidden)]
    #[must_use]
    fn fused(self, factor: Self, term: Self) -> Self;
    /// The same without its help, for numbers that are far from the largest and smallest.
    #[doc(hidden)]
    #[must_use]
    fn fused_in_software(self, factor: Self, term: Self) -> Self;
}

/// `c₀ + x (c₁ + x (…))`
#[inline(always)]
fn horner<T: Real, F: Fuse, const N: usize>(x: T, coefficients: [f64; N]) -> T {
    let mut rest = coefficients.map(T::from_f64).into_iter().rev();
    let last = rest.next().unwrap_or_default();
    rest.fold(last, |sum, coefficient| F::mul_add(sum, x, coefficient))
}

/// `radius` times cosine and sine of φ, given √2 times sine and cosine of φ/2, and the first of them
/// with the sign of `signed_radius`.
#[inline(always)]
fn around<T: Real, F: Fuse>(radius: T, signed_radius: T, [s, c]: [T; 2]) -> [T; 2] {
    let cosine = F::mul_add(-s, s, T::from_f64(1.0));
    [signed_radius * cosine, radius * (s * c)]
}

impl Normal for f32 {
    const CALLS: u32 = 16;

    #[inline(always)]
    fn normals<F: Fuse>(words: impl Fn(u32) -> [u64; 4]) -> [f32; BLOCK] {
        let words = columns::<u32, 16>(|call| words(call).map(low));
        let mut normals = [0.0; BLOCK];
        for (pair, normals) in normals.chunks_exact_mut(32).enumerate() {
            let (cosines, sines) = normals.split_at_mut(16);
            for lane in 0..16 {
                let both = pair_of_singles::<F>(words[2 * pair][lane], words[2 * pair + 1][lane]);
                [cosines[lane], sines[lane]] = both;
            }
        }
        normals
    }

    #[inline(always)]
    fn fused(self, factor: f32, term: f32) -> f32 {
        self.mul_add(factor, term)
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the one rounding")]
    fn fused_in_software(self, factor: f32, term: f32) -> f32 {
        // The product is exact, and a sum that is rounded to odd keeps what the second rounding needs.
        rounded_to_odd(f64::from(self) * f64::from(factor), term.into()) as f32
    }
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "the upper half is not wanted")]
fn low(word: u64) -> u32 {
    word as u32
}

/// Two numbers of two words.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "constants are rounded")]
fn pair_of_singles<F: Fuse>(first: u32, second: u32) -> [f32; 2] {
    const SIGN: u32 = 1 << 31;
    const EXPONENT: u32 = 0xFF80_0000;
    const ROOT_HALF: u32 = 0x3F35_04F3;
    const UNIT: f32 = 1.0 / SIGN as f32;
    // Between 2^-32 and 1.
    let u = F::mul_add((first & !SIGN).cast_signed() as f32, UNIT, 0.5 * UNIT);
    // u = 2^k (1 + f) with 1 + f between √½ and √2.
    let exponent = u.to_bits().wrapping_sub(ROOT_HALF) & EXPONENT;
    let f = f32::from_bits(u.to_bits().wrapping_sub(exponent)) - 1.0;
    let k = exponent.cast_signed() as f32;
    // -2 log(1 + f)/f, to 2^-22 of it.
    let slope = horner::<f32, F, 8>(
        f,
        [
            -1.999_999_890_327_523_3,
            1.000_007_329_329_813,
            -0.666_701_239_789_82,
            0.499_396_938_799_265_33,
            -0.398_001_145_181_911,
            0.345_028_799_708_448_24,
            -0.324_471_213_989_899_9,
            0.202_124_748_007_435_74,
        ],
    );
    let radius = F::mul_add(slope, f, k * (-2.0 * LN_2 / f64::from(1 << 23)) as f32).sqrt();
    // φ/2
    let x = second.cast_signed() as f32 * (FRAC_PI_4 / f64::from(SIGN)) as f32;
    let z = x * x;
    // √2 sin x/x to 2^-27 and √2 cos x to 2^-24.
    let sin = horner::<f32, F, 4>(
        z,
        [
            1.414_213_558_026_292_4,
            -0.235_702_034_581_447_17,
            0.011_783_279_550_494_137,
            -0.000_275_828_523_394_907_6,
        ],
    );
    let cos = horner::<f32, F, 4>(
        z,
        [
            1.414_213_523_373_868_4,
            -0.707_104_754_560_089_1,
            0.058_909_103_956_597_32,
            -0.001_921_337_598_721_133,
        ],
    );
    let signed = f32::from_bits(radius.to_bits() ^ (first & SIGN));
    around::<f32, F>(radius, signed, [x * sin, cos])
}

impl Normal for f64 {
    const CALLS: u32 = 32;

    #[inline(always)]
    fn normals<F: Fuse>(words: impl Fn(u32) -> [u64; 4]) -> [f64; BLOCK] {
        // All words first: one loop for both would be one chain of operations that wait for each other,
        // longer than processors look ahead.
        let [a, b, c, d] = columns::<u64, 32>(words);
        let mut normals = [0.0; BLOCK];
        let (cosines, sines) = normals.split_at_mut(32);
        for lane in 0..32 {
            let both = pair_of_doubles::<F>([a[lane], b[lane], c[lane], d[lane]]);
            [cosines[lane], sines[lane]] = both;
        }
        normals
    }

    #[inline(always)]
    fn fused(self, factor: f64, term: f64) -> f64 {
        self.mul_add(factor, term)
    }

    /// S. Boldo and G. Melquiond, IEEE Trans. Comput. 57:462, 2008.
    #[inline(always)]
    fn fused_in_software(self, factor: f64, term: f64) -> f64 {
        let [product, less] = exact_product(self, factor);
        let [middle, least] = exact_sum(term, less);
        let [sum, rest] = exact_sum(product, middle);
        sum + rounded_to_odd(rest, least)
    }
}

/// Two numbers of four words in the lower halves; in the upper ones there is anything.
#[inline(always)]
fn pair_of_doubles<F: Fuse>([a, b, c, d]: [u64; 4]) -> [f64; 2] {
    const SIGN: u64 = 1 << 63;
    const DIGITS: u64 = (1 << 52) - 1;
    const ROOT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const ROUND: f64 = 1.5 * (1_u64 << 52) as f64;
    // A number from 1 to 2 of the lowest bits of two words.
    let one_to_two = |word: u64, shift: u32, more: u64| {
        let more_digits = (1 << shift) - 1;
        let digits = (word << shift & !more_digits) ^ (more & more_digits);
        f64::from_bits(digits & DIGITS | 1.0_f64.to_bits())
    };
    // The middle of one of 2⁵² intervals between 0 and 1. The highest bit of `a` is the sign's.
    let u = one_to_two(a, 21, b) - (1.0 - 0.5 / (1_u64 << 52) as f64);
    // u = 2^k m with m between √½ and √2.
    let raised = u.to_bits().wrapping_sub(ROOT_HALF);
    let m = f64::from_bits(u.to_bits().wrapping_sub(raised & !DIGITS));
    let whole = (raised.cast_signed() >> 52).cast_unsigned();
    let k = f64::from_bits(whole.wrapping_add(ROUND.to_bits())) - ROUND;
    let s = (m - 1.0) / (m + 1.0);
    // -4 atanh(s)/s as a function of s², to 2^-52 of it.
    let slope = horner::<f64, F, 7>(
        s * s,
        [
            -4.000_000_000_000_001,
            -1.333_333_333_331_044_4,
            -0.800_000_001_240_324_4,
            -0.571_428_319_625_060_4,
            -0.444_468_743_225_658_16,
            -0.362_437_108_804_792_4,
            -0.336_771_100_747_083_8,
        ],
    );
    let radius = F::mul_add(k, -2.0 * LN_2, s * slope).sqrt();
    // φ/π
    let x = one_to_two(c, 20, d) - 1.5;
    let z = x * x;
    // √2 sin(xπ/2)/x to 2^-57 and √2 cos(xπ/2) to 2^-52.
    let sin = horner::<f64, F, 7>(
        z,
        [
            2.221_441_469_079_183,
            -0.913_531_187_499_427_1,
            0.112_702_392_858_284_19,
            -0.006_621_000_189_654_707,
            0.000_226_898_051_636_356_32,
            -5.089_250_285_743_548e-6,
            7.967_592_204_052_903e-8,
        ],
    );
    let cos = horner::<f64, F, 7>(
        z,
        [
            SQRT_2,
            -1.744_716_049_909_693_9,
            0.358_742_858_432_498_8,
            -0.029_505_417_413_690_872,
            0.001_300_029_888_846_848_4,
            -3.563_837_360_304_142e-5,
            6.583_590_186_298_527e-7,
        ],
    );
    let signed = f64::from_bits(radius.to_bits() ^ (a << 32 & SIGN));
    around::<f64, F>(radius, signed, [x * sin, cos])
}

/// The words of all calls for a block, each in a row.
#[inline(always)]
fn columns<W: Copy + Default, const CALLS: usize>(
    words: impl Fn(u32) -> [W; 4],
) -> [[W; CALLS]; 4] {
    let mut columns = [[W::default(); CALLS]; 4];
    for (lane, call) in (0..CALLS).zip(0..) {
        let words = words(call);
        for (column, word) in columns.iter_mut().zip(words) {
            column[lane] = word;
        }
    }
    columns
}

/// A sum and what its rounding lost (D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B).
#[inline(always)]
fn exact_sum(a: f64, b: f64) -> [f64; 2] {
    let sum = a + b;
    let of_b = sum - a;
    [sum, (a - (sum - of_b)) + (b - of_b)]
}

/// A product and what its rounding lost (T. J. Dekker, Numer. Math. 18:224, 1971).
#[inline(always)]
fn exact_product(a: f64, b: f64) -> [f64; 2] {
    let split = |x: f64| {
        let scaled = x * f64::from((1 << 27) + 1);
        let high = scaled - (scaled - x);
        [high, x - high]
    };
    let (product, [a, c], [b, d]) = (a * b, split(a), split(b));
    [product, c * d - (((product - a * b) - c * b) - a * d)]
}

/// A sum: of the two neighbours of one that is not exact, that with an odd last digit.
#[inline(always)]
fn rounded_to_odd(a: f64, b: f64) -> f64 {
    let [sum, lost] = exact_sum(a, b);
    let bits = sum.to_bits();
    // Away from 0 if what is lost has the sign of the sum, else towards it.
    let away = (lost.to_bits() ^ bits) >> 63 == 0;
    let next = if away { bits.wrapping_add(1) } else { bits.wrapping_sub(1) };
    f64::from_bits(if lost != 0.0 && bits & 1 == 0 { next } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::philox;

    /// Numbers of both signs and all sizes that are met, in both precisions.
    fn assert_fused<T: Real>(mantissa: u32, bits: fn(T) -> u64) {
        let number = |word: u32, more: u32| {
            let size = f64::from(word % 61) - 30.0;
            let digits = (u64::from(word) << 20 ^ u64::from(more)) % (1 << (mantissa + 1));
            let sign = if more >> 31 == 0 { 1.0 } else { -1.0 };
            T::from_f64(sign * (digits | 1) as f64 * (size - f64::from(mantissa)).exp2())
        };
        for call in 0..200_000 {
            let [a, b, c, d] = philox([1, 2], [call, 0, 0, 0]);
            let (x, factor) = (number(a, b), number(b, c));
            // Any term, one that nearly cancels the product, and one that is so large that the product,
            // nearly 1, makes a tie of the sum, but for its last digits.
            let inverse = T::from_f64(1.0) / x;
            let large = (1_u64 << (mantissa + 1)) as f64 + f64::from(d % 1024 * 2);
            let large = T::from_f64(if d >> 31 == 0 { large } else { -large });
            for (factor, term) in
                [(factor, number(c, d)), (factor, -(x * factor)), (inverse, large)]
            {
                let (found, expected) = (x.fused_in_software(factor, term), x.fused(factor, term));
                assert!(bits(found) == bits(expected), "{x:?} {factor:?} {term:?}: {found:?}");
            }
        }
    }

    #[test]
    fn fused_products_are_those_of_the_processor() {
        assert_fused::<f64>(52, f64::to_bits);
        assert_fused::<f32>(23, |x| x.to_bits().into());
    }

    /// The ends of what the words can be: no number is infinite or NaN.
    #[test]
    fn all_words_give_numbers() {
        let ends = [0, 1, 2, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, u32::MAX - 1, u32::MAX];
        for first in ends {
            for second in ends {
                let [cos, sin] = pair_of_singles::<ByInstruction>(first, second);
                assert!(cos.hypot(sin) < 6.7, "{first:x} {second:x}: {cos} {sin}");
                let words = [first, second, second, first].map(u64::from);
                let [cos, sin] = pair_of_doubles::<ByInstruction>(words);
                assert!(cos.hypot(sin) < 8.6, "{first:x} {second:x}: {cos} {sin}");
            }
        }
    }
}
