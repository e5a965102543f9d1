//! `f32` and `f64`, with elementary functions from the platform and from a portable library.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::recording::Sample;

/// Declares [`Real`] and implements it: each row names a function, what the platform calls it, and
/// what the portable library calls it for `f64` and `f32`.
macro_rules! reals {
    ($($name:ident: $platform:path | $platform32:path, $portable:path | $portable32:path;)*) => {
        /// The number types that models run in: `f64` (the default) and `f32`.
        ///
        /// Elementary functions exist twice. `portable = false` asks for the platform's, which are
        /// fast; `portable = true` for those of the Rust port of musl's libm, which give the same
        /// bits on every machine. Square root and absolute value are exact everywhere.
        pub trait Real:
            Sample
            + Default
            + PartialOrd
            + Add<Output = Self>
            + AddAssign
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Neg<Output = Self>
        {
            /// The nearest number of this type.
            fn from_f64(value: f64) -> Self;
            /// The same number in double precision.
            fn to_f64(self) -> f64;
            /// `self * factor + term`, rounded once.
            #[must_use]
            fn fused_mul_add(self, factor: Self, term: Self) -> Self;
            /// Whether it is neither infinite nor NaN.
            fn is_finite(self) -> bool;
            /// The absolute value.
            #[must_use]
            fn abs(self) -> Self;
            /// The square root.
            #[must_use]
            fn sqrt(self) -> Self;
            /// `self ^ exponent`
            #[must_use]
            fn pow(self, exponent: Self, portable: bool) -> Self;
            $(
                #[doc = concat!("The function `", stringify!($name), "` of the model language.")]
                #[must_use]
                fn $name(self, portable: bool) -> Self;
            )*
        }

        impl Real for f64 {
            common!(f64);
            #[inline(always)]
            fn pow(self, exponent: Self, portable: bool) -> Self {
                if portable { libm::pow(self, exponent) } else { self.powf(exponent) }
            }
            $(
                #[inline(always)]
                fn $name(self, portable: bool) -> Self {
                    if portable { $portable(self) } else { $platform(self) }
                }
            )*
        }

        impl Real for f32 {
            common!(f32);
            #[inline(always)]
            fn pow(self, exponent: Self, portable: bool) -> Self {
                if portable { libm::powf(self, exponent) } else { self.powf(exponent) }
            }
            $(
                #[inline(always)]
                fn $name(self, portable: bool) -> Self {
                    if portable { $portable32(self) } else { $platform32(self) }
                }
            )*
        }
    };
}

macro_rules! common {
    ($type:ident) => {
        #[inline(always)]
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_lossless,
            reason = "rounding to the model's precision is what it is for"
        )]
        fn from_f64(value: f64) -> Self {
            value as $type
        }
        #[inline(always)]
        fn to_f64(self) -> f64 {
            self.into()
        }
        #[inline(always)]
        fn fused_mul_add(self, factor: Self, term: Self) -> Self {
            self.mul_add(factor, term)
        }
        #[inline(always)]
        fn is_finite(self) -> bool {
            $type::is_finite(self)
        }
        #[inline(always)]
        fn abs(self) -> Self {
            $type::abs(self)
        }
        #[inline(always)]
        fn sqrt(self) -> Self {
            $type::sqrt(self)
        }
    };
}

reals! {
    exp: f64::exp | f32::exp, libm::exp | libm::expf;
    expm1: f64::exp_m1 | f32::exp_m1, libm::expm1 | libm::expm1f;
    log: f64::ln | f32::ln, libm::log | libm::logf;
    log1p: f64::ln_1p | f32::ln_1p, libm::log1p | libm::log1pf;
    sin: f64::sin | f32::sin, libm::sin | libm::sinf;
    cos: f64::cos | f32::cos, libm::cos | libm::cosf;
    tan: f64::tan | f32::tan, libm::tan | libm::tanf;
    asin: f64::asin | f32::asin, libm::asin | libm::asinf;
    acos: f64::acos | f32::acos, libm::acos | libm::acosf;
    atan: f64::atan | f32::atan, libm::atan | libm::atanf;
    sinh: f64::sinh | f32::sinh, libm::sinh | libm::sinhf;
    cosh: f64::cosh | f32::cosh, libm::cosh | libm::coshf;
    tanh: f64::tanh | f32::tanh, libm::tanh | libm::tanhf;
    erf: libm::erf | libm::erff, libm::erf | libm::erff;
    erfc: libm::erfc | libm::erfcf, libm::erfc | libm::erfcf;
}
