//! Normal numbers of random words, by Box and Muller (Ann. Math. Stat. 29:610, 1958).
//!
//! √(-2 log u) times cosine and sine of an angle, of two random words, which have 31 bits for u, 32 for
//! the angle and one for a sign. The angle φ is between -π/2 and π/2, and the cosine has a random sign.
//! With s = √2 sin φ/2 and c = √2 cos φ/2, cos φ = 1 - s² and sin φ = s c, so that polynomials of half a
//! right angle are enough.
//!
//! Numbers have single precision, whatever that of the simulation: what drives a simulation is the same
//! in both, so that one shows how well the other does, and 24 digits are more than any statistic of noise can
//! tell. The largest is 6.7, which one of 4·10¹⁰ would exceed.
//!
//! Every machine computes the same bits: each operation is one of IEEE 754, and products that are
//! fused with sums are so everywhere. Processors that have no such instruction ([`InSoftware`]) put
//! together what it gives of other operations.
//!
//! A number differs from what the formula gives for the same u and φ by less than 10⁻⁶. The polynomials
//! are minimax approximations found with Remez's algorithm in 40 digits and rounded.

use std::f64::consts::{FRAC_PI_4, LN_2};
use std::marker::PhantomData;

use crate::lanes::Real;
#[cfg(target_arch = "x86_64")]
use crate::philox::vectors::{in_avx2, in_avx512};
use crate::philox::{halves, philox_wide};
use crate::units::{BLOCK, PART, Tile};

/// How many calls of the random function the numbers of a block take.
pub(crate) const CALLS: u32 = 16;

/// The words of the calls for a block: in one row the first of each call and then the third of each, which are for
/// radii, in another the second and the fourth, for angles.
pub(crate) type Words = [[u32; 32]; 2];

/// How a kind of processor comes to normal numbers, which are the same on all.
pub(crate) trait Processor: Sized + 'static {
    /// Whether it makes words beside the numbers of other words. Rounds of the random function are chains of operations
    /// that wait for one another, and so are radii: by turns they take a fifth less time (Zen 5), if there are registers
    /// for both.
    const BESIDE: bool = false;

    /// `x * factor + term`, rounded once.
    #[inline(always)]
    fn mul_add(x: f32, factor: f32, term: f32) -> f32 {
        x.mul_add(factor, term)
    }

    /// The words of the calls for `N` blocks, given the counters of the first calls; beside them, pieces of something
    /// else.
    #[inline(always)]
    fn words<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
        beside: &mut impl Pieces,
    ) -> [Words; N] {
        beside.all();
        let mut all = [[[0; 32]; 2]; N];
        for (words, [call, step, member, last]) in all.iter_mut().zip(firsts) {
            *words = words_of(key.map(|half| [half; 16]), successive(call), [step, member, last]);
        }
        all
    }
}

/// Those of calls for a block: keys and the first words of counters are of each call, what follows in counters
/// is of all. No closures, of which the compiler did not make vectors, and eight calls at a time, as many as
/// fit into the registers of AVX2.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "several arrays are gone through at once")]
pub(crate) fn words_of(
    keys: [[u32; 16]; 2],
    calls: [u32; 16],
    [step, member, last]: [u32; 3],
) -> Words {
    let mut rows = [[0; 32]; 2];
    let [radii, angles] = &mut rows;
    for some in 0..2 {
        for lane in 8 * some..8 * some + 8 {
            let words =
                philox_wide([keys[0][lane], keys[1][lane]], [calls[lane], step, member, last]);
            radii[lane] = halves(words[0])[0];
            angles[lane] = halves(words[1])[0];
            radii[16 + lane] = halves(words[2])[0];
            angles[16 + lane] = halves(words[3])[0];
        }
    }
    rows
}

/// The numbers of 16 successive calls.
#[inline(always)]
fn successive(first: u32) -> [u32; 16] {
    let mut calls = [first; 16];
    for (call, lane) in calls.iter_mut().zip(0..) {
        *call = first.wrapping_add(lane);
    }
    calls
}

/// Products are fused by an instruction.
pub(crate) struct ByInstruction;

impl Processor for ByInstruction {}

/// AVX-512, which what is inlined into must be compiled for.
#[cfg(target_arch = "x86_64")]
pub(crate) struct InAvx512;

#[cfg(target_arch = "x86_64")]
impl Processor for InAvx512 {
    const BESIDE: bool = true;

    #[inline(always)]
    fn words<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
        beside: &mut impl Pieces,
    ) -> [Words; N] {
        // SAFETY: this is used in copies of loops for AVX-512 only.
        unsafe { in_avx512(key, firsts, beside) }
    }
}

/// AVX2 and FMA, which what is inlined into must be compiled for.
#[cfg(target_arch = "x86_64")]
pub(crate) struct InAvx2;

#[cfg(target_arch = "x86_64")]
impl Processor for InAvx2 {
    const BESIDE: bool = true;

    #[inline(always)]
    fn words<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
        beside: &mut impl Pieces,
    ) -> [Words; N] {
        // SAFETY: this is used in copies of loops for AVX2 only.
        unsafe { in_avx2(key, firsts, beside) }
    }
}

/// Products are fused by operations that every processor has.
pub(crate) struct InSoftware;

impl Processor for InSoftware {
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the one rounding")]
    fn mul_add(x: f32, factor: f32, term: f32) -> f32 {
        // The product is exact, and a sum that is rounded to odd keeps what the second rounding needs.
        rounded_to_odd(f64::from(x) * f64::from(factor), term.into()) as f32
    }
}

/// Fills blocks with the normal numbers of words.
#[inline(always)]
pub(crate) fn normals<T: Real, P: Processor, const N: usize>(
    words: &[Words; N],
    into: &mut [Tile<T>; N],
) {
    // All radii come before all angles: the first take long and the second do not wait for them.
    let mut radii = [[[0.0; 16]; 2]; N];
    for ([words, _], radii) in words.iter().zip(&mut radii) {
        for (half, radii) in radii.iter_mut().enumerate() {
            *radii = radii_of::<P>(half, words);
        }
    }
    for ((words, radii), into) in words.iter().zip(&radii).zip(into) {
        for (half, radii) in radii.iter().enumerate() {
            numbers_of::<T, P>(half, radii, words, into);
        }
    }
}

/// What is done in eight pieces, one after the other, where there is room for them.
pub(crate) trait Pieces {
    /// Must be `#[inline(always)]`.
    fn piece(&mut self, piece: usize);

    #[inline(always)]
    fn all(&mut self) {
        for piece in 0..8 {
            self.piece(piece);
        }
    }
}

/// Nothing.
impl Pieces for () {
    #[inline(always)]
    fn piece(&mut self, _: usize) {}
}

/// Fills two blocks with the normal numbers of words: first the radii of each half of each, then the angles.
pub(crate) struct InPieces<'a, T, P> {
    words: &'a [Words; 2],
    radii: [[f32; 16]; 4],
    into: &'a mut [Tile<T>; 2],
    processor: PhantomData<P>,
}

impl<'a, T: Real, P: Processor> InPieces<'a, T, P> {
    #[inline(always)]
    pub(crate) fn new(words: &'a [Words; 2], into: &'a mut [Tile<T>; 2]) -> Self {
        Self { words, radii: [[0.0; 16]; 4], into, processor: PhantomData }
    }
}

impl<T: Real, P: Processor> Pieces for InPieces<'_, T, P> {
    #[inline(always)]
    fn piece(&mut self, piece: usize) {
        let (block, half) = (piece % 4 / 2, piece % 2);
        let (radii, words) = (&mut self.radii[piece % 4], &self.words[block]);
        if piece < 4 {
            *radii = radii_of::<P>(half, &words[0]);
        } else {
            numbers_of::<T, P>(half, radii, words, &mut self.into[block]);
        }
    }
}

/// The radii of half the words for a block.
#[inline(always)]
fn radii_of<P: Processor>(half: usize, words: &[u32; 32]) -> [f32; 16] {
    let mut radii = [0.0; 16];
    for (radius, word) in radii.iter_mut().zip(&words.as_chunks::<16>().0[half]) {
        *radius = radius_of::<P>(*word);
    }
    radii
}

/// The numbers of these radii, and of half the words for a block. The units are dealt out so that vectors of calls
/// give vectors of units: of 32 in a row, unit i has its number from call i modulo 16, the cosines before the sines.
#[inline(always)]
fn numbers_of<T: Real, P: Processor>(
    half: usize,
    radii: &[f32; 16],
    words: &Words,
    into: &mut [T; BLOCK],
) {
    let [first, second] = words.each_ref().map(|row| &row.as_chunks::<16>().0[half]);
    let (mut cosines, mut sines) = ([0.0; 16], [0.0; 16]);
    for lane in 0..16 {
        [cosines[lane], sines[lane]] = two::<P>(radii[lane], [first[lane], second[lane]]);
    }
    let parts = into.as_chunks_mut::<16>().0;
    parts[2 * half] = in_precision(&cosines);
    parts[2 * half + 1] = in_precision(&sines);
}

/// Numbers in the precision of a simulation. (`map` would take them one by one.)
#[inline(always)]
fn in_precision<T: Real, const N: usize>(numbers: &[f32; N]) -> [T; N] {
    let mut values = [T::default(); N];
    for (value, number) in values.iter_mut().zip(numbers) {
        *value = T::from(*number);
    }
    values
}

/// The numbers of the first units of a block alone, of which each has the cosine of a call of its own.
#[inline(always)]
pub(crate) fn first_normals<T: Real, P: Processor>([words, more]: &Words) -> [T; PART] {
    let mut normals = [0.0; PART];
    for (lane, normal) in normals.iter_mut().enumerate() {
        [*normal, _] = two::<P>(radius_of::<P>(words[lane]), [words[lane], more[lane]]);
    }
    in_precision(&normals)
}

/// `c₀ + x (c₁ + x (…))`
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "coefficients are rounded")]
fn horner<P: Processor, const N: usize>(x: f32, coefficients: [f64; N]) -> f32 {
    let mut rest = coefficients.map(|coefficient| coefficient as f32).into_iter().rev();
    let last = rest.next().unwrap_or_default();
    rest.fold(last, |sum, coefficient| P::mul_add(sum, x, coefficient))
}

const SIGN: u32 = 1 << 31;

/// The radius of a word, of which the highest bit is not used.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "constants are rounded")]
fn radius_of<P: Processor>(word: u32) -> f32 {
    const EXPONENT: u32 = 0xFF80_0000;
    const ROOT_HALF: u32 = 0x3F35_04F3;
    const UNIT: f32 = 1.0 / SIGN as f32;
    // Between 2^-32 and 1.
    let u = P::mul_add((word & !SIGN).cast_signed() as f32, UNIT, 0.5 * UNIT);
    // u = 2^k (1 + f) with 1 + f between √½ and √2.
    let exponent = u.to_bits().wrapping_sub(ROOT_HALF) & EXPONENT;
    let f = f32::from_bits(u.to_bits().wrapping_sub(exponent)) - 1.0;
    let k = exponent.cast_signed() as f32;
    // -2 log(1 + f)/f, to 2^-22 of it.
    let slope = horner::<P, 8>(
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
fn two<P: Processor>(radius: f32, [first, second]: [u32; 2]) -> [f32; 2] {
    // φ/2
    let x = second.cast_signed() as f32 * (FRAC_PI_4 / f64::from(SIGN)) as f32;
    let z = x * x;
    // √2 sin x/x to 2^-27 and √2 cos x to 2^-24.
    let sin = horner::<P, 4>(
        z,
        [
            1.414_213_558_026_292_4,
            -0.235_702_034_581_447_17,
            0.011_783_279_550_494_137,
            -0.000_275_828_523_394_907_6,
        ],
    );
    let cos = horner::<P, 4>(
        z,
        [
            1.414_213_523_373_868_4,
            -0.707_104_754_560_089_1,
            0.058_909_103_956_597_32,
            -0.001_921_337_598_721_133,
        ],
    );
    let s = x * sin;
    let cosine = P::mul_add(-s, s, 1.0);
    let signed = f32::from_bits(radius.to_bits() ^ (first & SIGN));
    [signed * cosine, radius * (s * cos)]
}

/// A sum and what its rounding lost (D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B).
#[inline(always)]
fn exact_sum(a: f64, b: f64) -> [f64; 2] {
    let sum = a + b;
    let of_b = sum - a;
    [sum, (a - (sum - of_b)) + (b - of_b)]
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

    /// Numbers of both signs and all sizes that are met.
    #[test]
    fn fused_products_are_those_of_the_processor() {
        let number = |word: u32, more: u32| {
            let size = (word % 61).cast_signed() - 30;
            let digits = ((word << 4 ^ more) % (1 << 24)) | 1;
            let sign = if more >> 31 == 0 { 1.0 } else { -1.0 };
            sign * digits as f32 * f32::powi(2.0, size - 23)
        };
        for call in 0..200_000 {
            let [a, b, c, d] = philox([1, 2], [call, 0, 0, 0]);
            let (x, factor) = (number(a, b), number(b, c));
            // Any term, one that nearly cancels the product, and one that is so large that the product,
            // nearly 1, makes a tie of the sum, but for its last digits.
            let large = (1_u32 << 24) as f32 + (d % 1024 * 2) as f32;
            let large = if d >> 31 == 0 { large } else { -large };
            for (factor, term) in
                [(factor, number(c, d)), (factor, -(x * factor)), (1.0 / x, large)]
            {
                let found = InSoftware::mul_add(x, factor, term);
                let expected = ByInstruction::mul_add(x, factor, term);
                assert!(found.to_bits() == expected.to_bits(), "{x} {factor} {term}: {found}");
            }
        }
    }

    /// The ends of what the words can be: no number is infinite or NaN.
    #[test]
    fn all_words_give_numbers() {
        let ends = [0, 1, 2, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, u32::MAX - 1, u32::MAX];
        for first in ends {
            for second in ends {
                let radius = radius_of::<ByInstruction>(first);
                let [cos, sin] = two::<ByInstruction>(radius, [first, second]);
                assert!(cos.hypot(sin) < 6.7, "{first:x} {second:x}: {cos} {sin}");
            }
        }
    }
}
