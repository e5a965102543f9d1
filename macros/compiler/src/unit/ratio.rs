//! Exact exponents. Fractions appear where noise or square roots do: `Hz*ms^(1/2)`.

use std::ops::{Add, Mul, Neg, Sub};

/// A fraction in lowest terms with a positive denominator; overflow saturates, it never panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// 0
    pub const ZERO: Self = Self::integer(0);
    /// 1
    pub const ONE: Self = Self::integer(1);

    /// A whole number.
    pub const fn integer(value: i64) -> Self {
        Self { numerator: value, denominator: 1 }
    }

    /// `numerator / denominator`; `None` when the denominator is 0.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        (denominator != 0).then(|| Self::reduced(numerator.into(), denominator.into()))
    }

    /// The fraction with a denominator of at most 16 that is exactly this number, if there is one.
    pub fn from_f64(value: f64) -> Option<Self> {
        (1..=16_i32).find_map(|denominator| {
            let numerator = value * f64::from(denominator);
            let whole = numerator.round();
            // 0.333 is no third: only what a modeller writes as `1/3` or `0.5` is a fraction.
            let exact = (numerator - whole).abs() <= f64::EPSILON * numerator.abs();
            #[allow(clippy::cast_possible_truncation, reason = "checked to be below 1000")]
            (exact && whole.abs() < 1000.0)
                .then(|| Self::reduced(whole as i128, denominator.into()))
        })
    }

    /// The whole number it is, if it is one.
    pub fn as_integer(self) -> Option<i64> {
        (self.denominator == 1).then_some(self.numerator)
    }

    /// As a floating-point number.
    pub fn to_f64(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "exponents are small")]
        let value = self.numerator as f64 / self.denominator as f64;
        value
    }

    fn reduced(numerator: i128, denominator: i128) -> Self {
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        let divisor = i128::try_from(divisor).unwrap_or(1) * denominator.signum();
        let narrow = |value: i128| {
            i64::try_from(value).unwrap_or(if value < 0 { i64::MIN + 1 } else { i64::MAX })
        };
        Self { numerator: narrow(numerator / divisor), denominator: narrow(denominator / divisor) }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Add for Ratio {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (a, b) = (i128::from(self.numerator), i128::from(self.denominator));
        let (c, d) = (i128::from(other.numerator), i128::from(other.denominator));
        // Products of 64-bit numbers fit into 128 bits.
        let (left, right, denominator) = (a * d, c * b, b * d);
        Self::reduced(left.saturating_add(right), denominator)
    }
}

impl Neg for Ratio {
    type Output = Self;
    fn neg(self) -> Self {
        Self { numerator: self.numerator.saturating_neg(), ..self }
    }
}

impl Sub for Ratio {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Ratio {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::reduced(
            i128::from(self.numerator) * i128::from(other.numerator),
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "({}/{denominator})", self.numerator),
        }
    }
}
