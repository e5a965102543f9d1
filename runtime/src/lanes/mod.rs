//! The vector type that generated code is generic over, and how each operation is rounded.
//!
//! Formulas are written once over [`Lanes`]. Today a vector is one number wide and the compiler
//! makes SIMD of the loop around it; what differs between the arithmetic modes and instruction
//! sets is the type parameter `A` of [`Lane`].

mod elementary;
mod real;
mod slope;

use std::marker::PhantomData;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

pub use real::Real;
pub use slope::Slope;

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
    /// What `from` comes to when it changes at a rate for some time. Where arithmetic is fast, the quotient of the
    /// time and what the rate is over is one factor: when neither changes, it is computed once.
    fn after(slope: Slope<Self>, time: Self, from: Self) -> Self;
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

    /// A time derivative that is `self / divisor`, where `reciprocal = 1/divisor`.
    #[inline(always)]
    fn over(self, divisor: Self, reciprocal: Self) -> Slope<Self> {
        Slope { value: self, divisor, reciprocal }
    }
    /// A time derivative that is no quotient.
    #[inline(always)]
    fn slope(self) -> Slope<Self> {
        self.over(Self::splat(1.0), Self::splat(1.0))
    }
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
    fn sigmoid(self) -> Self;
    /// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow.
    fn softplus(self) -> Self;
    /// (e^x - 1)/x, 1 at 0, infinite where e^x is.
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

/// Where elementary functions come from.
///
/// The project's own are written for vectors. The bounds of their errors, in units in the last place
/// of the result, hold with and without fused products. Tests compare with a reference at a sample of
/// all single-precision numbers (long ones at all of them) and at random numbers in double precision.
///
/// | | single precision | double precision |
/// |---|---|---|
/// | `exp` | 1 | 1 |
/// | `sqrt` | 0.5 | 0.5 |
/// | `expm1` | 2 | 2 |
/// | `erf` | 2 | 3 |
/// | `log`, `log1p` | 1.5 | 1.5 |
/// | `sin`, `cos`, `tan`, `asin`, `acos`, `atan`, `erfc` | 1 | 3 |
/// | `sinh`, `cosh`, `tanh`, `sigmoid`, `softplus`, `exprel` | 3 | 3 |
///
/// A `sigmoid` below the smallest normal number may be 0, and `exprel` is infinite where `exp` is.
///
/// | | single precision | double precision |
/// |---|---|---|
/// | `pow` | 1 | 1.5 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Functions {
    /// The project's own. Sines, cosines and tangents of arguments above 10⁶ in size are not
    /// computed, but marked ([`Lane::far`]): whoever runs the loop has to come back to them.
    Vector,
    /// The same one by one, with the portable library for the arguments that vectors leave out.
    OneByOne,
    /// Those of the standard library.
    Platform,
}

/// How operations are rounded.
pub trait Rounding: Copy + 'static {
    /// Whether `a*b + c` is rounded once.
    const FUSED: bool;
    /// Whether a division by something that stays is a product with its reciprocal.
    const RECIPROCAL: bool;
    /// Where elementary functions come from.
    const FUNCTIONS: Functions;
}

macro_rules! roundings {
    ($($(#[$doc:meta])* $name:ident: $fused:literal, $reciprocal:literal, $functions:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Rounding for $name {
            const FUSED: bool = $fused;
            const RECIPROCAL: bool = $reciprocal;
            const FUNCTIONS: Functions = Functions::$functions;
        }
    )*};
}

roundings! {
    /// Every operation rounded as written; the same bits on every machine.
    AsWritten: false, false, Vector;
    /// Reciprocals at hand are used and products fused with sums.
    FastFused: true, true, Vector;
    /// Reciprocals at hand are used, products and sums rounded apart, with the functions of the
    /// standard library.
    Precise: false, true, Platform;
}

/// As `A`, for numbers that are computed one by one.
#[derive(Clone, Copy, Debug)]
pub struct Single<A>(PhantomData<A>);

impl<A: Rounding> Rounding for Single<A> {
    const FUSED: bool = A::FUSED;
    const RECIPROCAL: bool = A::RECIPROCAL;
    const FUNCTIONS: Functions = match A::FUNCTIONS {
        Functions::Vector => Functions::OneByOne,
        other => other,
    };
}

/// One number of type `T`, rounded as `A` says.
#[derive(Clone, Copy, Debug)]
pub struct Lane<T, A> {
    /// The number.
    pub value: T,
    /// Whether it depends on something that [`Functions::Vector`] leaves out, so that it means
    /// nothing. Where models take no sines the compiler knows that this is never so.
    pub far: bool,
    rounding: PhantomData<A>,
}

/// What a comparison of lanes came to.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    holds: bool,
    far: bool,
}

/// Whether one of two is.
#[inline(always)]
fn either(one: bool, other: bool) -> bool {
    one | other
}

macro_rules! verdicts {
    ($($trait:ident $method:ident),*) => {$(
        impl $trait for Verdict {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self { holds: self.holds.$method(other.holds), far: either(self.far, other.far) }
            }
        }
    )*};
}

verdicts!(BitAnd bitand, BitOr bitor);

impl Not for Verdict {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self { holds: !self.holds, ..self }
    }
}

impl<T, A> Lane<T, A> {
    /// Wraps a number.
    #[inline(always)]
    pub fn new(value: T) -> Self {
        Self { value, far: false, rounding: PhantomData }
    }

    /// Another number that depends on what this one does.
    #[inline(always)]
    fn with<U, B>(&self, value: U) -> Lane<U, B> {
        Lane { value, far: self.far, rounding: PhantomData }
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident),*) => {$(
        impl<T: Real, A: Rounding> $trait for Lane<T, A> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let value = self.value.$method(other.value);
                Self { value, far: either(self.far, other.far), rounding: PhantomData }
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl<T: Real, A: Rounding> Neg for Lane<T, A> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.with(-self.value)
    }
}

macro_rules! comparisons {
    ($($name:ident $operator:tt),*) => {$(
        #[inline(always)]
        fn $name(self, other: Self) -> Verdict {
            Verdict { holds: self.value $operator other.value, far: either(self.far, other.far) }
        }
    )*};
}

/// Functions of one number: our own, or the platform's.
macro_rules! functions {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            match A::FUNCTIONS {
                Functions::Platform => self.with(self.value.$name()),
                _ => elementary::$name(self),
            }
        }
    )*};
}

/// Those that are computed in double precision.
macro_rules! wide_functions {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            match A::FUNCTIONS {
                Functions::Platform => self.with(self.value.$name()),
                _ => elementary::widened([self], |[x]| elementary::$name(x)),
            }
        }
    )*};
}

/// Those that need arguments of a moderate size.
macro_rules! turning_functions {
    ($($name:ident),*) => {$(
        #[inline(always)]
        fn $name(self) -> Self {
            let near = elementary::widened([self], |[x]| elementary::$name(x));
            let far = self.value.abs() > T::from_f64(elementary::NEAR);
            match A::FUNCTIONS {
                Functions::Platform => self.with(self.value.$name()),
                Functions::OneByOne if far => self.with(T::from_f64(libm::$name(self.value.to_f64()))),
                Functions::OneByOne => near,
                Functions::Vector => Self { far: near.far | far, ..near },
            }
        }
    )*};
}

impl<T: Real, A: Rounding> Lanes for Lane<T, A> {
    type Mask = Verdict;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self::new(T::from_f64(value))
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        if A::FUSED {
            let value = self.value.fused_mul_add(factor.value, term.value);
            Self { value, far: self.far | factor.far | term.far, rounding: PhantomData }
        } else {
            self * factor + term
        }
    }
    #[inline(always)]
    fn quotient(self, divisor: Self, reciprocal: Self) -> Self {
        if A::RECIPROCAL { self * reciprocal } else { self / divisor }
    }
    #[inline(always)]
    fn after(slope: Slope<Self>, time: Self, from: Self) -> Self {
        if A::RECIPROCAL {
            slope.value.mul_add(slope.reciprocal * time, from)
        } else {
            slope.value().mul_add(time, from)
        }
    }
    comparisons!(less <, at_most_as <=, greater >, at_least_as >=, equal ==, unequal !=);
    #[inline(always)]
    fn select(mask: Verdict, then: Self, otherwise: Self) -> Self {
        let value = if mask.holds { then.value } else { otherwise.value };
        Self { value, far: mask.far | then.far | otherwise.far, rounding: PhantomData }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.with(self.value.abs())
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(self.value.sqrt())
    }
    #[inline(always)]
    fn pow(self, exponent: Self) -> Self {
        match A::FUNCTIONS {
            Functions::Platform => {
                let value = self.value.pow(exponent.value);
                Self { value, far: self.far | exponent.far, rounding: PhantomData }
            }
            _ => elementary::widened([self, exponent], |[x, y]| {
                elementary::pow(x, y, T::DIGITS < 52.0)
            }),
        }
    }
    functions!(exp, expm1, log, log1p, sinh, cosh, tanh, erf, erfc);
    wide_functions!(asin, acos, atan);
    turning_functions!(sin, cos, tan);
    #[inline(always)]
    fn sigmoid(self) -> Self {
        match A::FUNCTIONS {
            Functions::Platform => Self::splat(1.0) / (Self::splat(1.0) + (-self).exp()),
            _ => elementary::sigmoid(self),
        }
    }
    #[inline(always)]
    fn softplus(self) -> Self {
        match A::FUNCTIONS {
            Functions::Platform => self.relu() + (-self.abs()).exp().log1p(),
            _ => elementary::softplus(self),
        }
    }
}
