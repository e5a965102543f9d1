//! The vector type that generated code is generic over, and how each operation is rounded.
//!
//! Formulas are written once over [`Lanes`]. Today a vector is one number wide and the compiler
//! makes SIMD of the loop around it; what differs between the arithmetic modes and instruction
//! sets is the type parameter `A` of [`Lane`].

mod real;

use std::marker::PhantomData;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub use real::Real;

/// Numbers that formulas of models are evaluated on.
///
/// The methods are the operations and functions of the model language; NaN goes through all of
/// them.
pub trait Lanes:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The result of a comparison.
    type Mask: Copy
        + BitAnd<Output = Self::Mask>
        + BitOr<Output = Self::Mask>
        + Not<Output = Self::Mask>;

    /// The same number in every lane.
    fn splat(value: f64) -> Self;
    /// `self * factor + term`, with one rounding where arithmetic is fused, with two elsewhere.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `self / divisor`, as a product with `reciprocal = 1/divisor` where arithmetic is fast.
    fn quotient(self, divisor: Self, reciprocal: Self) -> Self;
    /// `self < other`
    fn less(self, other: Self) -> Self::Mask;
    /// `self <= other`
    fn at_most_as(self, other: Self) -> Self::Mask;
    /// `self > other`
    fn greater(self, other: Self) -> Self::Mask;
    /// `self >= other`
    fn at_least_as(self, other: Self) -> Self::Mask;
    /// `self == other`
    fn equal(self, other: Self) -> Self::Mask;
    /// `self != other`
    fn unequal(self, other: Self) -> Self::Mask;
    /// `if mask { then } else { otherwise }`
    fn select(mask: Self::Mask, then: Self, otherwise: Self) -> Self;

    /// 1 where the mask holds, else 0.
    #[inline(always)]
    fn indicator(mask: Self::Mask) -> Self {
        Self::select(mask, Self::splat(1.0), Self::splat(0.0))
    }
    /// `limit` where the number is below it; NaN stays NaN.
    #[inline(always)]
    fn at_least(self, limit: Self) -> Self {
        Self::select(self.less(limit), limit, self)
    }
    /// `limit` where the number is above it; NaN stays NaN.
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self {
        Self::select(self.greater(limit), limit, self)
    }
    /// The positive part.
    #[inline(always)]
    fn relu(self) -> Self {
        self.at_least(Self::splat(0.0))
    }
    /// 0 below 0, 1 above, 1/2 at 0.
    #[inline(always)]
    fn heaviside(self) -> Self {
        let zero = Self::splat(0.0);
        let rest = Self::select(self.less(zero), zero, self + Self::splat(0.5));
        Self::select(self.greater(zero), Self::splat(1.0), rest)
    }
    /// -1, 0 or 1.
    #[inline(always)]
    fn sign(self) -> Self {
        let zero = Self::splat(0.0);
        let rest = Self::select(self.less(zero), Self::splat(-1.0), self);
        Self::select(self.greater(zero), Self::splat(1.0), rest)
    }
    /// The absolute value.
    fn abs(self) -> Self;
    /// The smaller of two; NaN if one is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(other.less(self) | other.unequal(other), other, self)
    }
    /// The larger of two; NaN if one is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(other.greater(self) | other.unequal(other), other, self)
    }
    /// `low` below `low`, `high` above `high`; `high` if they are exchanged, as in NumPy.
    #[inline(always)]
    fn clip(self, low: Self, high: Self) -> Self {
        self.at_least(low).at_most(high)
    }
    /// e^x
    fn exp(self) -> Self;
    /// e^x - 1
    fn expm1(self) -> Self;
    /// The natural logarithm.
    fn log(self) -> Self;
    /// log(1 + x)
    fn log1p(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `self ^ exponent`
    fn pow(self, exponent: Self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// The tangent.
    fn tan(self) -> Self;
    /// The inverse sine.
    fn asin(self) -> Self;
    /// The inverse cosine.
    fn acos(self) -> Self;
    /// The inverse tangent.
    fn atan(self) -> Self;
    /// The hyperbolic sine.
    fn sinh(self) -> Self;
    /// The hyperbolic cosine.
    fn cosh(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// 1 - erf(x)
    fn erfc(self) -> Self;
    /// 1/(1 + e^-x)
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::splat(1.0) / (Self::splat(1.0) + (-self).exp())
    }
    /// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.relu() + (-self.abs()).exp().log1p()
    }
    /// (e^x - 1)/x, 1 at 0.
    #[inline(always)]
    fn exprel(self) -> Self {
        let zero = Self::splat(0.0);
        let at_zero = self.equal(zero);
        let divisor = Self::select(at_zero, Self::splat(1.0), self);
        let numerator = self.expm1();
        let infinite = numerator.equal(Self::splat(f64::INFINITY));
        let ratio = Self::select(infinite, numerator, numerator / divisor);
        Self::select(at_zero, Self::splat(1.0), ratio)
    }
}

/// How operations are rounded.
pub trait Rounding: Copy + 'static {
    /// Whether `a*b + c` is rounded once.
    const FUSED: bool;
    /// Whether a division by something that stays is a product with its reciprocal.
    const RECIPROCAL: bool;
    /// Whether elementary functions come from a portable library rather than the platform's.
    const PORTABLE: bool;
}

/// Every operation rounded as written; the same bits on every machine.
#[derive(Clone, Copy, Debug)]
pub struct AsWritten;

/// Reciprocals at hand are used, products and sums are rounded apart: for processors without FMA.
#[derive(Clone, Copy, Debug)]
pub struct Fast;

/// Reciprocals at hand are used and products fused with sums.
#[derive(Clone, Copy, Debug)]
pub struct FastFused;

impl Rounding for AsWritten {
    const FUSED: bool = false;
    const RECIPROCAL: bool = false;
    const PORTABLE: bool = true;
}

impl Rounding for Fast {
    const FUSED: bool = false;
    const RECIPROCAL: bool = true;
    const PORTABLE: bool = false;
}

impl Rounding for FastFused {
    const FUSED: bool = true;
    const RECIPROCAL: bool = true;
    const PORTABLE: bool = false;
}

/// One number of type `T`, rounded as `A` says.
#[derive(Clone, Copy, Debug)]
pub struct Lane<T, A> {
    /// The number.
    pub value: T,
    rounding: PhantomData<A>,
}

impl<T, A> Lane<T, A> {
    /// Wraps a number.
    #[inline(always)]
    pub fn new(value: T) -> Self {
        Self { value, rounding: PhantomData }
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident),*) => {$(
        impl<T: Real, A: Rounding> $trait for Lane<T, A> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self::new(self.value.$method(other.value))
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl<T: Real, A: Rounding> Neg for Lane<T, A> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::new(-self.value)
    }
}

/// Functions of one number, from the platform or from the portable library.
macro_rules! functions {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            Self::new(self.value.$name(A::PORTABLE))
        }
    )*};
}

impl<T: Real, A: Rounding> Lanes for Lane<T, A> {
    type Mask = bool;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self::new(T::from_f64(value))
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        if A::FUSED {
            Self::new(self.value.fused_mul_add(factor.value, term.value))
        } else {
            self * factor + term
        }
    }
    #[inline(always)]
    fn quotient(self, divisor: Self, reciprocal: Self) -> Self {
        if A::RECIPROCAL { self * reciprocal } else { self / divisor }
    }
    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self.value < other.value
    }
    #[inline(always)]
    fn at_most_as(self, other: Self) -> bool {
        self.value <= other.value
    }
    #[inline(always)]
    fn greater(self, other: Self) -> bool {
        self.value > other.value
    }
    #[inline(always)]
    fn at_least_as(self, other: Self) -> bool {
        self.value >= other.value
    }
    #[inline(always)]
    fn equal(self, other: Self) -> bool {
        self.value == other.value
    }
    #[inline(always)]
    fn unequal(self, other: Self) -> bool {
        self.value != other.value
    }
    #[inline(always)]
    fn select(mask: bool, then: Self, otherwise: Self) -> Self {
        if mask { then } else { otherwise }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::new(self.value.abs())
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::new(self.value.sqrt())
    }
    #[inline(always)]
    fn pow(self, exponent: Self) -> Self {
        Self::new(self.value.pow(exponent.value, A::PORTABLE))
    }
    functions!(
        exp, expm1, log, log1p, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, erf, erfc
    );
}
