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
#[cfg(target_arch = "x86_64")]
use crate::philox::in_avx512;
use crate::philox::{Wide, halves, philox_wide};
use crate::units::{BLOCK, PART};

/// The words of calls, given those of each.
#[inline(always)]
fn wide<const G: usize>(words: impl Fn(u32) -> [u64; 4]) -> Wide<G> {
    let mut rows = [[[0; 8]; G]; 4];
    for (lane, call) in (0..8 * G).zip(0..) {
        for (row, word) in rows.iter_mut().zip(words(call)) {
            row.as_flattened_mut()[lane] = word;
        }
    }
    rows
}

/// How a kind of processor comes to normal numbers, which are the same on all.
pub trait Processor: 'static {
    /// `x * factor + term`, rounded once.
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T;

    /// The words of the calls for `N` blocks, given the counters of the first calls.
    #[inline(always)]
    fn words<T: Normal, const N: usize>(key: [u32; 2], firsts: [[u32; 4]; N]) -> [T::Words; N] {
        firsts.map(|first| T::words(calls(key, first)))
    }

    /// The words of as many calls as a part of a block has units, given the counters of the first.
    #[inline(always)]
    fn few_words<const N: usize>(key: [u32; 2], firsts: [[u32; 4]; N]) -> [Wide<2>; N] {
        firsts.map(|first| wide(calls(key, first)))
    }
}

/// The words of each of successive calls, given the counter of the first.
#[inline(always)]
fn calls(key: [u32; 2], [call, step, member, last]: [u32; 4]) -> impl Fn(u32) -> [u64; 4] {
    move |lane| philox_wide(key, [call.wrapping_add(lane), step, member, last])
}

/// Products are fused by an instruction.
pub(crate) struct ByInstruction;

impl Processor for ByInstruction {
    #[inline(always)]
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T {
        x.fused(factor, term)
    }
}

/// AVX-512, which what is inlined into must be compiled for.
#[cfg(target_arch = "x86_64")]
pub(crate) struct InAvx512;

#[cfg(target_arch = "x86_64")]
impl Processor for InAvx512 {
    #[inline(always)]
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T {
        x.fused(factor, term)
    }

    #[inline(always)]
    fn words<T: Normal, const N: usize>(key: [u32; 2], firsts: [[u32; 4]; N]) -> [T::Words; N] {
        // SAFETY: this is used in copies of loops for AVX-512 only.
        unsafe { T::words_in_avx512(key, firsts) }
    }

    #[inline(always)]
    fn few_words<const N: usize>(key: [u32; 2], firsts: [[u32; 4]; N]) -> [Wide<2>; N] {
        // SAFETY: as above.
        unsafe { in_avx512::wide(key, firsts) }
    }
}

/// Products are fused by operations that every processor has.
pub(crate) struct InSoftware;

impl Processor for InSoftware {
    #[inline(always)]
    fn mul_add<T: Normal>(x: T, factor: T, term: T) -> T {
        x.fused_in_software(factor, term)
    }
}

/// Number types that normal numbers are made in.
pub trait Normal: Sized + Copy {
    /// How many calls of the random function the numbers of a block take.
    const CALLS: u32;
    /// Whether two blocks at once keep a processor busier than one.
    const IN_PAIRS: bool;
    /// The words of calls for a whole block: one for each radius in a row, those for each angle in others.
    type Words: Copy;
    /// The words of calls, given in the lower halves of wider ones.
    #[doc(hidden)]
    fn words(words: impl Fn(u32) -> [u64; 4]) -> Self::Words;
    /// The words of the calls for blocks, given the counters of the first calls.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    #[doc(hidden)]
    unsafe fn words_in_avx512<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
    ) -> [Self::Words; N];
    /// Normal numbers of the words for blocks. The units are dealt out so that vectors of calls give
    /// vectors of units: with n calls, unit i has its number from call i modulo n, the cosines before
    /// the sines.
    ///
    /// All radii come before all angles: the first take long and the second do not wait for them.
    #[doc(hidden)]
    fn normals<P: Processor, const N: usize>(words: &[Self::Words; N]) -> [[Self; BLOCK]; N];
    /// Those of the first units of a block, of which each has the cosine of a call of its own.
    #[doc(hidden)]
    fn firsts<P: Processor>(words: &Wide<2>) -> [Self; PART];
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
fn horner<T: Real, P: Processor, const N: usize>(x: T, coefficients: [f64; N]) -> T {
    let mut rest = coefficients.map(T::from_f64).into_iter().rev();
    let last = rest.next().unwrap_or_default();
    rest.fold(last, |sum, coefficient| P::mul_add(sum, x, coefficient))
}

/// `radius` times cosine and sine of φ, given √2 times sine and cosine of φ/2, and the first of them
/// with the sign of `signed_radius`.
#[inline(always)]
fn around<T: Real, P: Processor>(radius: T, signed_radius: T, [s, c]: [T; 2]) -> [T; 2] {
    let cosine = P::mul_add(-s, s, T::from_f64(1.0));
    [signed_radius * cosine, radius * (s * c)]
}

impl Normal for f32 {
    const CALLS: u32 = 16;
    const IN_PAIRS: bool = true;
    type Words = [[u32; 32]; 2];

    #[inline(always)]
    fn words(words: impl Fn(u32) -> [u64; 4]) -> Self::Words {
        let mut rows = [[0; 32]; 2];
        let [radii, angles] = &mut rows;
        for (lane, call) in (0..16).zip(0..) {
            let words = words(call).map(|word| halves(word)[0]);
            [radii[lane], angles[lane], radii[16 + lane], angles[16 + lane]] = words;
        }
        rows
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn words_in_avx512<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
    ) -> [Self::Words; N] {
        // SAFETY: as asked of the caller.
        unsafe { in_avx512::sixteen(key, firsts) }
    }

    #[inline(always)]
    fn normals<P: Processor, const N: usize>(words: &[Self::Words; N]) -> [[f32; BLOCK]; N] {
        let mut radii = [[0.0; 32]; N];
        for ([words, _], radii) in words.iter().zip(&mut radii) {
            for (radius, word) in radii.iter_mut().zip(words) {
                *radius = single_radius::<P>(*word);
            }
        }
        let mut normals = [[0.0; BLOCK]; N];
        for (([words, more], radii), normals) in words.iter().zip(&radii).zip(&mut normals) {
            let (mut cosines, mut sines) = ([0.0; 32], [0.0; 32]);
            for lane in 0..32 {
                let both = singles::<P>(radii[lane], [words[lane], more[lane]]);
                [cosines[lane], sines[lane]] = both;
            }
            for (place, normals) in normals.as_chunks_mut::<32>().0.iter_mut().enumerate() {
                normals[..16].copy_from_slice(&cosines[16 * place..][..16]);
                normals[16..].copy_from_slice(&sines[16 * place..][..16]);
            }
        }
        normals
    }

    #[inline(always)]
    fn firsts<P: Processor>(words: &Wide<2>) -> [f32; PART] {
        let [a, b, ..] = words.each_ref().map(|row| row.as_flattened());
        let mut normals = [0.0; PART];
        for (lane, normal) in normals.iter_mut().enumerate() {
            let words = [a, b].map(|row| halves(row[lane])[0]);
            [*normal, _] = singles::<P>(single_radius::<P>(words[0]), words);
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

const SINGLE_SIGN: u32 = 1 << 31;
const DOUBLE_SIGN: u64 = 1 << 63;
const DOUBLE_DIGITS: u64 = (1 << 52) - 1;

/// The radius of a word, of which the highest bit is not used.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "constants are rounded")]
fn single_radius<P: Processor>(word: u32) -> f32 {
    const EXPONENT: u32 = 0xFF80_0000;
    const ROOT_HALF: u32 = 0x3F35_04F3;
    const UNIT: f32 = 1.0 / SINGLE_SIGN as f32;
    // Between 2^-32 and 1.
    let u = P::mul_add((word & !SINGLE_SIGN).cast_signed() as f32, UNIT, 0.5 * UNIT);
    // u = 2^k (1 + f) with 1 + f between √½ and √2.
    let exponent = u.to_bits().wrapping_sub(ROOT_HALF) & EXPONENT;
    let f = f32::from_bits(u.to_bits().wrapping_sub(exponent)) - 1.0;
    let k = exponent.cast_signed() as f32;
    // -2 log(1 + f)/f, to 2^-22 of it.
    let slope = horner::<f32, P, 8>(
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
    P::mul_add(slope, f, k * (-2.0 * LN_2 / f64::from(1 << 23)) as f32).sqrt()
}

/// Two numbers of a radius and two words: the sign is that of the first.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "constants are rounded")]
fn singles<P: Processor>(radius: f32, [first, second]: [u32; 2]) -> [f32; 2] {
    // φ/2
    let x = second.cast_signed() as f32 * (FRAC_PI_4 / f64::from(SINGLE_SIGN)) as f32;
    let z = x * x;
    // √2 sin x/x to 2^-27 and √2 cos x to 2^-24.
    let sin = horner::<f32, P, 4>(
        z,
        [
            1.414_213_558_026_292_4,
            -0.235_702_034_581_447_17,
            0.011_783_279_550_494_137,
            -0.000_275_828_523_394_907_6,
        ],
    );
    let cos = horner::<f32, P, 4>(
        z,
        [
            1.414_213_523_373_868_4,
            -0.707_104_754_560_089_1,
            0.058_909_103_956_597_32,
            -0.001_921_337_598_721_133,
        ],
    );
    let signed = f32::from_bits(radius.to_bits() ^ (first & SINGLE_SIGN));
    around::<f32, P>(radius, signed, [x * sin, cos])
}

impl Normal for f64 {
    const CALLS: u32 = 32;
    const IN_PAIRS: bool = false;
    type Words = Wide<4>;

    #[inline(always)]
    fn words(words: impl Fn(u32) -> [u64; 4]) -> Self::Words {
        wide(words)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn words_in_avx512<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
    ) -> [Self::Words; N] {
        // SAFETY: as asked of the caller.
        unsafe { in_avx512::wide(key, firsts) }
    }

    #[inline(always)]
    fn normals<P: Processor, const N: usize>(words: &[Self::Words; N]) -> [[f64; BLOCK]; N] {
        let mut normals = [[0.0; BLOCK]; N];
        for (words, normals) in words.iter().zip(&mut normals) {
            let [a, b, c, d] = words.each_ref().map(|row| row.as_flattened());
            let mut radii = [0.0; 32];
            for (radius, words) in radii.iter_mut().zip(a.iter().zip(b)) {
                *radius = double_radius::<P>(words);
            }
            let (cosines, sines) = normals.split_at_mut(32);
            for lane in 0..32 {
                let both = doubles::<P>(radii[lane], [a[lane], c[lane], d[lane]]);
                [cosines[lane], sines[lane]] = both;
            }
        }
        normals
    }

    #[inline(always)]
    fn firsts<P: Processor>([a, b, c, d]: &Wide<2>) -> [f64; PART] {
        let [a, b, c, d] = [a, b, c, d].map(|row| row.as_flattened());
        let mut normals = [0.0; PART];
        for (lane, normal) in normals.iter_mut().enumerate() {
            let radius = double_radius::<P>((&a[lane], &b[lane]));
            [*normal, _] = doubles::<P>(radius, [a[lane], c[lane], d[lane]]);
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

/// A number from 1 to 2 of the lowest bits of two words.
#[inline(always)]
fn one_to_two(word: u64, shift: u32, more: u64) -> f64 {
    let more_digits = (1 << shift) - 1;
    let digits = (word << shift & !more_digits) ^ (more & more_digits);
    f64::from_bits(digits & DOUBLE_DIGITS | 1.0_f64.to_bits())
}

/// The radius of two words in the lower halves; in the upper ones there is anything.
#[inline(always)]
fn double_radius<P: Processor>((a, b): (&u64, &u64)) -> f64 {
    const ROOT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const ROUND: f64 = 1.5 * (1_u64 << 52) as f64;
    // The middle of one of 2⁵² intervals between 0 and 1. The highest bit of `a` is the sign's.
    let u = one_to_two(*a, 21, *b) - (1.0 - 0.5 / (1_u64 << 52) as f64);
    // u = 2^k m with m between √½ and √2.
    let raised = u.to_bits().wrapping_sub(ROOT_HALF);
    let m = f64::from_bits(u.to_bits().wrapping_sub(raised & !DOUBLE_DIGITS));
    let whole = (raised.cast_signed() >> 52).cast_unsigned();
    let k = f64::from_bits(whole.wrapping_add(ROUND.to_bits())) - ROUND;
    let s = (m - 1.0) / (m + 1.0);
    // -4 atanh(s)/s as a function of s², to 2^-52 of it.
    let slope = horner::<f64, P, 7>(
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
    P::mul_add(k, -2.0 * LN_2, s * slope).sqrt()
}

/// Two numbers of a radius and three words in the lower halves; the sign is that of the first.
#[inline(always)]
fn doubles<P: Processor>(radius: f64, [a, c, d]: [u64; 3]) -> [f64; 2] {
    // φ/π
    let x = one_to_two(c, 20, d) - 1.5;
    let z = x * x;
    // √2 sin(xπ/2)/x to 2^-57 and √2 cos(xπ/2) to 2^-52.
    let sin = horner::<f64, P, 7>(
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
    let cos = horner::<f64, P, 7>(
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
    let signed = f64::from_bits(radius.to_bits() ^ (a << 32 & DOUBLE_SIGN));
    around::<f64, P>(radius, signed, [x * sin, cos])
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
    use crate::philox::philox;

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
                let radius = single_radius::<ByInstruction>(first);
                let [cos, sin] = singles::<ByInstruction>(radius, [first, second]);
                assert!(cos.hypot(sin) < 6.7, "{first:x} {second:x}: {cos} {sin}");
                let words = [first, second].map(u64::from);
                let radius = double_radius::<ByInstruction>((&words[0], &words[1]));
                let [cos, sin] = doubles::<ByInstruction>(radius, [words[0], words[1], words[0]]);
                assert!(cos.hypot(sin) < 8.6, "{first:x} {second:x}: {cos} {sin}");
            }
        }
    }
}
