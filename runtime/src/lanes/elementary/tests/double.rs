//! Numbers of twice the digits, and functions of them by their series: what functions in double
//! precision are measured against. Slow, plain and good to some 100 bits.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The sum of two doubles, of which the second is at most half a unit in the last place of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Double(pub(super) f64, pub(super) f64);

/// For |a| ≥ |b|.
fn quick_sum(a: f64, b: f64) -> Double {
    let sum = a + b;
    Double(sum, b - (sum - a))
}

fn sum(a: f64, b: f64) -> Double {
    let sum = a + b;
    let back = sum - a;
    Double(sum, (a - (sum - back)) + (b - back))
}

impl From<f64> for Double {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (sum(self.0, other.0), sum(self.1, other.1));
        let first = quick_sum(high.0, high.1 + low.0);
        quick_sum(first.0, first.1 + low.1)
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let lost = self.0.mul_add(other.0, -product);
        quick_sum(product, lost + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * first.into();
        let second = rest.0 / other.0;
        let rest = rest - other * second.into();
        quick_sum(first, second) + (rest.0 / other.0).into()
    }
}

const LN_2: [f64; 3] =
    [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10, 1.162_922_891_265_634_4e-26];
const HALF_PI: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];
const ONE: Double = Double(1.0, 0.0);

impl Double {
    fn scaled(self, by: f64) -> Self {
        Self(self.0 * by, self.1 * by)
    }

    pub(super) fn abs(self) -> Self {
        if self.0 < 0.0 { -self } else { self }
    }

    /// Σ xⁿ/n! from n = 1, for small x.
    fn exp_series(self) -> Self {
        let (mut term, mut total) = (self, self);
        for n in 2..30 {
            term = term * self / f64::from(n).into();
            total = total + term;
        }
        total
    }

    /// e^x - 1
    pub(super) fn expm1(self) -> Self {
        if self.0.abs() < 0.5 {
            return self.exp_series();
        }
        self.exp() - ONE
    }

    pub(super) fn exp(self) -> Self {
        let k = (self.0 / std::f64::consts::LN_2).round();
        let [a, b, c] = LN_2.map(|part| Self::from(part) * (-k).into());
        let inside = (self + a + b + c).exp_series() + ONE;
        let half = (k / 2.0).trunc();
        inside.scaled(half.exp2()).scaled((k - half).exp2())
    }

    /// Newton's method on the exponential.
    pub(super) fn ln(self) -> Self {
        let guess = self.0.ln();
        let near = self * (-Self::from(guess)).exp() - ONE;
        let half = near * near.scaled(0.5);
        Self::from(guess) + (near - half + half * near.scaled(2.0 / 3.0))
    }

    pub(super) fn ln_1p(self) -> Self {
        if self.0.abs() > 1e-5 {
            return (ONE + self).ln();
        }
        let (mut power, mut total) = (self, self);
        for n in 2..9 {
            power = power * -self;
            total = total + power / f64::from(n).into();
        }
        total
    }

    /// Sine and cosine, for |x| up to 10⁶.
    pub(super) fn sin_cos(self) -> [Self; 2] {
        let k = (self.0 / std::f64::consts::FRAC_PI_2).round();
        let r = HALF_PI.iter().fold(self, |r, part| r - Self::from(*part) * k.into());
        let series = |mut term: Self, first: i32| {
            let mut total = term;
            for n in 0..14 {
                let n = f64::from(first + 2 * n);
                term = -(term * r * r) / (n * (n + 1.0)).into();
                total = total + term;
            }
            total
        };
        let (sin, cos) = (series(r, 2), series(ONE, 1));
        match k.rem_euclid(4.0) {
            0.0 => [sin, cos],
            1.0 => [cos, -sin],
            2.0 => [-sin, -cos],
            _ => [-cos, sin],
        }
    }

    /// From a guess g: atan x = g + atan ((x cos g - sin g)/(cos g + x sin g)).
    pub(super) fn atan(self) -> Self {
        let guess = Self::from(self.0.atan());
        let [sin, cos] = guess.sin_cos();
        guess + (self * cos - sin) / (cos + self * sin)
    }

    pub(super) fn sqrt(self) -> Self {
        let guess = Self::from(self.0.sqrt());
        if guess.0 == 0.0 { guess } else { (guess + self / guess).scaled(0.5) }
    }

    pub(super) fn asin(self) -> Self {
        let cos = ((ONE - self) * (ONE + self)).sqrt();
        if cos.0 == 0.0 { half_pi().scaled(self.0) } else { (self / cos).atan() }
    }

    /// 2 atan √((1 - x)/(1 + x))
    pub(super) fn acos(self) -> Self {
        if self.0 == -1.0 {
            return half_pi().scaled(2.0);
        }
        ((ONE - self) / (ONE + self)).sqrt().atan().scaled(2.0)
    }

    /// Up to 2.5 its series (Abramowitz and Stegun, 7.1.6), all terms of one sign.
    pub(super) fn erf(self) -> Self {
        if self.0.abs() > 2.5 {
            let far = ONE - self.abs().erfc();
            return if self.0 < 0.0 { -far } else { far };
        }
        let square = self * self;
        let (mut term, mut total) = (self, self);
        for n in 1..80 {
            term = term * square / (f64::from(n) + 0.5).into();
            total = total + term;
        }
        total * (-square).exp() * TWO_BY_ROOT_PI
    }

    /// From 2.5 on a continued fraction (Abramowitz and Stegun, 7.1.14).
    pub(super) fn erfc(self) -> Self {
        if self.0 < 2.5 {
            return ONE - self.erf();
        }
        let mut fraction = self;
        for n in (1..120).rev() {
            fraction = self + Self::from(f64::from(n) * 0.5) / fraction;
        }
        (-(self * self)).exp() / fraction * TWO_BY_ROOT_PI.scaled(0.5)
    }
}

/// 2/√π
const TWO_BY_ROOT_PI: Double = Double(std::f64::consts::FRAC_2_SQRT_PI, 1.533_545_961_316_588e-17);

fn half_pi() -> Double {
    HALF_PI.iter().rev().fold(Double(0.0, 0.0), |sum, part| sum + (*part).into())
}
