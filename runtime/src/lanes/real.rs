//! `f32` and `f64`, with the elementary functions of the standard library.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use super::elementary::Float;
use crate::loops::Loops;
use crate::recording::Sample;

/// Declares [`Real`] and implements it: each row names a function, what it is for `f64` and
/// for `f32`.
macro_rules! reals {
    ($($name:ident: $platform:path | $platform32:path;)*) => {
        /// The number types that models run in: `f64` (the default) and `f32`.
        ///
        /// Elementary functions are those of the standard library, and `erf` and `erfc`, which it
        /// does not have, those of the Rust port of musl's libm. Square root and absolute value are
        /// exact everywhere.
        pub trait Real:
            Sample
            + Float
            + From<f32>
            + Loops
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
            fn pow(self, exponent: Self) -> Self;
            $(
                #[doc = concat!("The function `", stringify!($name), "` of the model language.")]
                #[must_use]
                fn $name(self) -> Self;
            )*
        }

        impl Real for f64 {
            common!(f64);
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self {
                self.powf(exponent)
            }
            $(
                #[inline(always)]
                fn $name(self) -> Self {
                    $platform(self)
                }
            )*
        }

        impl Real for f32 {
            common!(f32);
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self {
                self.powf(exponent)
            }
            $(
                #[inline(always)]
                fn $name(self) -> Self {
                    $platform32(self)
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
    exp: f64::exp | f32::exp;
    expm1: f64::exp_m1 | f32::exp_m1;
    log: f64::ln | f32::ln;
    log1p: f64::ln_1p | f32::ln_1p;
    sin: f64::sin | f32::sin;
    cos: f64::cos | f32::cos;
    tan: f64::tan | f32::tan;
    asin: f64::asin | f32::asin;
    acos: f64::acos | f32::acos;
    atan: f64::atan | f32::atan;
    sinh: f64::sinh | f32::sinh;
    cosh: f64::cosh | f32::cosh;
    tanh: f64::tanh | f32::tanh;
    erf: libm::erf | libm::erff;
    erfc: libm::erfc | libm::erfcf;
}
