//! What elementary functions need of a number type beyond arithmetic: its bits, and constants that
//! depend on how many it has.

use super::super::{Lane, Lanes, Real, Rounding};

/// `c₀ + x (c₁ + x (…))`
macro_rules! horner {
    ($x:expr; $last:expr) => { Lane::splat($last) };
    ($x:expr; $first:expr, $($rest:expr),+) => {
        horner!($x; $($rest),+).mul_add($x, Lane::splat($first))
    };
}
pub(super) use horner;

/// The number types, as elementary functions see them.
///
/// Polynomials are minimax approximations found with Remez's algorithm in 60 digits and rounded; the
/// names say of what.
pub trait Float: Sized + Copy {
    /// 3/2 of the power of two at which numbers are spaced by 1. A sum with it is rounded to a whole
    /// number, which then stands in the lowest bits.
    const ROUND: f64;
    /// The same and the bias of exponents, so that in the lowest bits stands the exponent of a power of two.
    const RAISE_EXPONENT: f64;
    /// Two parts of ln 2; the product of the first with any exponent is exact.
    const LN_2: [f64; 2];
    /// e^x is 0 below the first and infinite above the second.
    const EXP_LIMITS: [f64; 2];
    /// e^x - 1 is -1 below the first, and half of e^x infinite above the second.
    const EXPM1_LIMITS: [f64; 2];
    /// 1/(1 + e^-x) is smaller than all normal numbers at the first, and 1 from the second on.
    const SIGMOID_LIMITS: [f64; 2];
    /// For smaller arguments, x and x + x² are one number.
    const TINY: f64;
    /// The smallest number with all its digits, and what it takes to make smaller ones such numbers.
    const SMALLEST: [f64; 2];
    /// The exponent of the latter.
    const RAISE: f64;
    /// erfc x is 0 from here on.
    const ERFC_LIMIT: f64;
    /// e⁴ erfc 2
    const ERFC_MIDDLE: f64;
    /// At most this exponent is needed where parts of 1 count.
    const DIGITS: f64;

    /// 2^k, given k + [`Float::RAISE_EXPONENT`], for k from the smallest to the largest exponent; 0 for the one
    /// below, infinity for the one above.
    #[must_use]
    fn power_of_two(self) -> Self;
    /// 2^(k - j), given the same of k and j.
    #[must_use]
    fn power_of_two_beyond(self, less: Self) -> Self;
    /// k and m where a positive number is 2^k m and m is between √½ and √2.
    fn split(self) -> [Self; 2];
    /// The absolute value with the sign of another number.
    #[must_use]
    fn with_sign_of(self, other: Self) -> Self;
    /// (e^r - 1 - r)/r² for |r| ≤ ln 2 / 2.
    fn exp_tail<A: Rounding>(r: Lane<Self, A>) -> Lane<Self, A>
    where
        Self: Real;
    /// (log((1 + s)/(1 - s)) - 2 s)/s³ as a function of s², for s ≤ (√2 - 1)/(√2 + 1).
    fn log_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A>
    where
        Self: Real;
    /// (sin r - r)/r³ as a function of r², for |r| ≤ π/4.
    fn sin_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A>
    where
        Self: Real;
    /// (cos r - 1 + r²/2)/r⁴ as a function of r², for |r| ≤ π/4.
    fn cos_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A>
    where
        Self: Real;
    /// erf x / x - 1 as a function of x², for |x| ≤ 0.8, with as many digits as this type has.
    fn erf_tail<T: Real, A: Rounding>(z: Lane<T, A>) -> Lane<T, A>;
    /// (e^(x²) erfc x / q - e⁴ erfc 2)/t as a function of t = 1 - q, q = 13/(4 x + 5), for x from 0.8 to
    /// [`Float::ERFC_LIMIT`], with as many digits as this type has.
    fn erfc_tail<T: Real, A: Rounding>(t: Lane<T, A>) -> Lane<T, A>;
}

/// The parts of [`Float`] that are the same but for the format.
macro_rules! bits {
    ($float:ident, $mantissa:literal, $bias:literal) => {
        const ROUND: f64 = 1.5 * (1_u64 << $mantissa) as f64;
        const RAISE_EXPONENT: f64 = Self::ROUND + $bias;
        const TINY: f64 = 0.25 / (1_u64 << $mantissa) as f64;
        const DIGITS: f64 = $mantissa as f64;

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn power_of_two(self) -> Self {
            $float::from_bits(self.to_bits() << $mantissa)
        }
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn power_of_two_beyond(self, less: Self) -> Self {
            let exponent = self.to_bits().wrapping_sub(less.to_bits()) << $mantissa;
            $float::from_bits(exponent.wrapping_add($float::to_bits(1.0)))
        }
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn split(self) -> [Self; 2] {
            // Exponents count from √½: added to that, what is left of 1 wraps into the next one.
            const ROOT_HALF: $float = std::f64::consts::FRAC_1_SQRT_2 as $float;
            const WHOLE: $float = (1_u64 << $mantissa) as $float;
            let raised = self.to_bits().wrapping_add($float::to_bits(1.0) - ROOT_HALF.to_bits());
            let exponent = $float::from_bits(raised >> $mantissa | WHOLE.to_bits());
            let digits = raised & ((1 << $mantissa) - 1);
            [exponent - (WHOLE + $bias), $float::from_bits(digits + ROOT_HALF.to_bits())]
        }
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn with_sign_of(self, other: Self) -> Self {
            self.copysign(other)
        }
    };
}

#[allow(clippy::cast_possible_truncation, clippy::cast_lossless, reason = "constants are rounded")]
impl Float for f64 {
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    const EXP_LIMITS: [f64; 2] = [-746.0, 710.0];
    const EXPM1_LIMITS: [f64; 2] = [-40.0, 710.5];
    const SIGMOID_LIMITS: [f64; 2] = [-709.3, 40.0];
    const SMALLEST: [f64; 2] = [f64::MIN_POSITIVE, (1_u64 << 54) as f64];
    const RAISE: f64 = 54.0;
    const ERFC_LIMIT: f64 = 27.32;
    const ERFC_MIDDLE: f64 = 0.255_395_676_310_505_75;
    bits!(f64, 52, 1023.0);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_tail<A: Rounding>(r: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to e^r: 2^-57.9. In three parts, which do not wait for each other.
        let (z, quartic) = (r * r, (r * r) * (r * r));
        let low = horner!(r; 0.500_000_000_000_001_1, 0.166_666_666_666_664_02);
        let low = horner!(r; 0.041_666_666_666_527_35, 0.008_333_333_333_500_84).mul_add(z, low);
        let high = horner!(r; 0.001_388_888_894_451_238_1, 0.000_198_412_694_955_758_9);
        let high =
            horner!(r; 2.480_149_206_133_383_3e-5, 2.755_759_363_311_871_6e-6).mul_add(z, high);
        let top = horner!(r; 2.763_065_595_506_634_5e-7, 2.499_857_330_320_97e-8);
        top.mul_add(quartic, high).mul_add(quartic, low)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn log_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the logarithm: 2^-59.
        horner!(z; 0.666_666_666_666_673_5, 0.399_999_999_994_107_3, 0.285_714_287_435_030_3,
            0.222_221_984_373_959_76, 0.181_835_723_920_742_6, 0.153_138_203_379_658_17,
            0.147_984_755_293_376_85)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the sine: 2^-58.
        horner!(z; -0.166_666_666_666_666_32, 0.008_333_333_333_322_444,
            -0.000_198_412_698_298_277_08, 2.755_731_369_760_02e-6, -2.505_075_885_248_360_7e-8,
            1.589_683_129_570_461_6e-10)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the cosine: 2^-64.
        horner!(z; 0.041_666_666_666_666_6, -0.001_388_888_888_887_424_8,
            2.480_158_728_954_875_4e-5, -2.755_731_436_920_927e-7, 2.087_572_532_489_358_7e-9,
            -1.135_974_420_778_251_4e-11)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erf_tail<T: Real, A: Rounding>(z: Lane<T, A>) -> Lane<T, A> {
        // Relative to the error function and to its complement: 2^-56.0.
        horner!(z; 0.128_379_167_095_512_56, -0.376_126_389_031_835_6, 0.112_837_916_709_438_5,
            -0.026_866_170_642_524_154, 0.005_223_977_594_391_744, -0.000_854_832_485_543_867_7,
            0.000_120_552_380_789_198_15, -1.492_296_454_687_476e-5, 1.641_285_525_718_045_3e-6,
            -1.579_699_936_181_691e-7, 1.098_388_727_695_058_9e-8)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erfc_tail<T: Real, A: Rounding>(t: Lane<T, A>) -> Lane<T, A> {
        // Relative to the complement: 2^-55.4, by least squares anew once the first two coefficients
        // were rounded. In two parts, which do not wait for each other.
        let z = t * t;
        let even = horner!(z; -0.091_692_824_713_335_45, 0.008_020_190_610_926_858,
            -0.001_104_565_002_958_038_4, 9.827_181_443_007_349e-5, 2.408_885_074_056_616_3e-5,
            -1.300_060_132_174_003_5e-5, 1.413_625_870_018_469e-6, 7.579_138_707_384_23e-7,
            -1.497_620_416_151_326_7e-7, -2.077_170_606_069_230_7e-7, 1.286_370_631_090_180_2e-7);
        let odd = horner!(z; 0.002_760_248_637_573_134, 0.000_355_941_425_986_155_9,
            -0.000_340_463_083_103_810_3, 0.000_106_890_277_776_719_53, -1.368_448_106_189_441_4e-5,
            -3.615_975_076_318_95e-6, 1.891_900_518_302_821e-6, -4.450_647_933_490_473_6e-8,
            -1.946_014_427_283_865_5e-7, 1.053_507_492_377_165_7e-7, -5.997_453_729_760_34e-8);
        odd.mul_add(t, even)
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_lossless, reason = "constants are rounded")]
impl Float for f32 {
    const LN_2: [f64; 2] = [0.693_115_234_375, 3.194_618_494_530_941_5e-5];
    const EXP_LIMITS: [f64; 2] = [-104.0, 89.0];
    const EXPM1_LIMITS: [f64; 2] = [-20.0, 89.5];
    const SIGMOID_LIMITS: [f64; 2] = [-88.3, 20.0];
    const SMALLEST: [f64; 2] = [f32::MIN_POSITIVE as f64, (1_u64 << 25) as f64];
    const RAISE: f64 = 25.0;
    const ERFC_LIMIT: f64 = 10.1;
    const ERFC_MIDDLE: f64 = 0.255_395_675_913_860_1;
    bits!(f32, 23, 127.0);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn exp_tail<A: Rounding>(r: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to e^r: 2^-28.3.
        horner!(r; 0.499_999_933_356_090_3, 0.166_665_189_394_693_57, 0.041_668_407_308_043_366,
            0.008_368_921_780_005_855, 0.001_381_421_529_492_938_5)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn log_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the logarithm: 2^-30.
        horner!(z; 0.666_667_769_190_336_2, 0.399_774_606_670_661_67, 0.298_741_926_003_523_4)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the sine: 2^-28.
        horner!(z; -0.166_666_549_453_134_7, 0.008_332_178_048_327_421,
            -0.000_195_172_707_207_913_94)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos_tail<A: Rounding>(z: Lane<Self, A>) -> Lane<Self, A> {
        // Relative to the cosine: 2^-33.
        horner!(z; 0.041_666_646_891_871_134, -0.001_388_736_835_311_575_1,
            2.443_851_440_584_545_4e-5)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erf_tail<T: Real, A: Rounding>(z: Lane<T, A>) -> Lane<T, A> {
        // Relative to the error function and to its complement: 2^-27.7.
        horner!(z; 0.128_379_162_003_172_23, -0.376_125_873_268_545_13, 0.112_829_337_595_981_56,
            -0.026_813_033_870_110_68, 0.005_071_451_265_468_31, -0.000_645_106_129_356_022_9)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn erfc_tail<T: Real, A: Rounding>(t: Lane<T, A>) -> Lane<T, A> {
        // Relative to the complement: 2^-28.1.
        horner!(t; -0.091_692_836_251_328_39, 0.002_760_296_240_906_082_6,
            0.008_020_598_054_641_722, 0.000_355_035_540_388_29, -0.001_108_531_196_968_082_7,
            -0.000_334_457_442_532_583_4, 0.000_113_494_478_000_175_9, 9.087_159_419_169_17e-5)
    }
}
