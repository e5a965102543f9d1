//! Random numbers that depend on what they are for, not on when they are asked for: the same for any
//! order, width of vectors, restart or choice of what is recorded.
//!
//! Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, Parallel random numbers: as
//! easy as 1, 2, 3, SC'11), a function of a key and a counter; normal numbers by Box and Muller (Ann.
//! Math. Stat. 29:610, 1958) with functions of the portable library: the same bits everywhere.

use crate::lanes::Real;
use crate::model::Law;
use crate::time::Clock;
use crate::units::Column;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The random function: 128 bits for each key and counter.
fn philox(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let (mut key, mut c) = (key, counter);
    for _ in 0..10 {
        let product = |i: usize, value: u32| {
            let wide = u64::from(MULTIPLIERS[i]) * u64::from(value);
            halves(wide)
        };
        let ([low0, high0], [low1, high1]) = (product(0, c[0]), product(1, c[2]));
        c = [high1 ^ c[1] ^ key[0], low1, high0 ^ c[3] ^ key[1], low0];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    c
}

/// Low and high half.
#[allow(clippy::cast_possible_truncation, reason = "halves are meant")]
fn halves(wide: u64) -> [u32; 2] {
    [wide as u32, (wide >> 32) as u32]
}

/// A number between 0 and 1, both excluded, from 64 random bits.
fn uniform(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    (bits as f64 + 0.5) / (1_u64 << 52) as f64
}

/// The numbers of one noise of one population.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    /// Of the seed and the population.
    key: [u32; 2],
    /// The noise.
    stream: u32,
}

/// What a number is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// What drives a step.
    Step = 0,
    /// The value at t = 0.
    Start = 1,
    /// The key of a population.
    Population = 2,
}

impl Stream {
    /// The stream of a noise of a population, counted from 0.
    pub(crate) fn new(seed: u64, population: usize, noise: usize) -> Self {
        let [low, high] = halves(population as u64);
        let mixed = philox(halves(seed), [low, high, 0, Purpose::Population as u32]);
        let stream = u32::try_from(noise).unwrap_or(u32::MAX);
        Self { key: [mixed[0], mixed[1]], stream }
    }

    /// Normal numbers of mean 0 and variance 1, one a unit. The counter is made of the pair of units
    /// (32 bits), the step (56 bits), what the number is for (8 bits) and the noise (32 bits).
    fn fill<T: Real>(self, step: u64, purpose: Purpose, into: &mut [T]) {
        let [low, high] = halves(step);
        let high = high & 0x00FF_FFFF | (purpose as u32) << 24;
        for (pair, units) in (0..).zip(into.chunks_mut(2)) {
            let bits = philox(self.key, [pair, low, high, self.stream]);
            let normals = box_muller(uniform(bits[0], bits[1]), uniform(bits[2], bits[3]));
            for (unit, normal) in units.iter_mut().zip(normals) {
                *unit = T::from_f64(normal);
            }
        }
    }
}

fn box_muller(u: f64, v: f64) -> [f64; 2] {
    let radius = (-2.0 * libm::log(u)).sqrt();
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * v);
    [radius * cos, radius * sin]
}

/// A noise of a population: what fills its column before each step.
#[derive(Clone, Debug)]
pub(crate) struct Source<T> {
    law: Law,
    stream: Stream,
    /// The present value of a noise that has one.
    value: Vec<T>,
    /// What drives it over a step.
    kicks: Vec<T>,
}

impl<T: Real> Source<T> {
    pub(crate) fn new(law: Law, stream: Stream, len: usize) -> Self {
        let value = match law {
            Law::Ou { .. } => vec![T::default(); len],
            Law::White | Law::WhiteStratonovich | Law::PerStep => Vec::new(),
        };
        let kicks = value.clone();
        let mut source = Self { law, stream, value, kicks };
        source.reset();
        source
    }

    /// Back to t = 0, where correlated noise is stationary.
    pub(crate) fn reset(&mut self) {
        self.stream.fill(0, Purpose::Start, &mut self.value);
    }

    /// The present value of a noise that has one, else nothing.
    #[cfg(feature = "states")]
    pub(crate) fn value(&self) -> &[T] {
        &self.value
    }

    #[cfg(feature = "states")]
    pub(crate) fn set_value(&mut self, values: impl Iterator<Item = T>) {
        for (own, value) in self.value.iter_mut().zip(values) {
            *own = value;
        }
    }

    /// What the step that begins now sees.
    pub(crate) fn fill(&self, step: u64, into: &mut [T]) {
        if self.value.is_empty() {
            self.stream.fill(step, Purpose::Step, into);
        } else {
            into.copy_from_slice(&self.value);
        }
    }

    /// To the end of a step. Ornstein–Uhlenbeck noise has an exact law: over dt it decays by
    /// ρ = exp(-dt/τ) and gains a normal number of variance 1 - ρ² (D. T. Gillespie, Phys. Rev. E
    /// 54:2084, 1996).
    pub(crate) fn advance(&mut self, step: u64, clock: Clock, derived: &[Column<T>]) {
        let Law::Ou { time } = self.law else { return };
        self.stream.fill(step, Purpose::Step, &mut self.kicks);
        let times = &derived[time];
        let law = |unit: usize| {
            let ratio = clock.dt() / times.get(unit).to_f64();
            (libm::exp(-ratio), (-libm::expm1(-2.0 * ratio)).sqrt())
        };
        let shared = times.is_shared().then(|| law(0));
        for (unit, (value, kick)) in self.value.iter_mut().zip(&self.kicks).enumerate() {
            let (rho, gain) = shared.unwrap_or_else(|| law(unit));
            *value = T::from_f64(rho * value.to_f64() + gain * kick.to_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers that the authors publish with their code (Random123, `kat_vectors`).
    #[test]
    fn philox_gives_the_published_numbers() {
        let all = u32::MAX;
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let known = [
            ([0; 2], [0; 4], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([all; 2], [all; 4], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            ([0xa409_3822, 0x299f_31d0], pi, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ];
        for (key, counter, expected) in known {
            assert_eq!(philox(key, counter), expected);
        }
    }

    #[test]
    fn normal_numbers_have_the_moments_of_a_normal_law() {
        let mut numbers = vec![0.0; 200_000];
        Stream::new(7, 0, 0).fill(3, Purpose::Step, &mut numbers);
        let n = numbers.len() as f64;
        let moment = |k: i32| numbers.iter().map(|x: &f64| x.powi(k)).sum::<f64>() / n;
        // Five standard errors: √(1/n), √(2/n), √(15/n), √(96/n).
        assert!(moment(1).abs() < 5.0 * (1.0 / n).sqrt());
        assert!((moment(2) - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!(moment(3).abs() < 5.0 * (15.0 / n).sqrt());
        assert!((moment(4) - 3.0).abs() < 5.0 * (96.0 / n).sqrt());
    }

    #[test]
    fn numbers_depend_on_everything_but_how_many_are_asked_for() {
        let numbers = |seed, population, noise, step, len| {
            let mut numbers = vec![0.0_f64; len];
            Stream::new(seed, population, noise).fill(step, Purpose::Step, &mut numbers);
            numbers
        };
        let reference = numbers(1, 2, 3, 4, 9);
        assert_eq!(reference[..5], numbers(1, 2, 3, 4, 5));
        for other in [(9, 2, 3, 4), (1, 9, 3, 4), (1, 2, 9, 4), (1, 2, 3, 9), (1 << 40, 2, 3, 4)] {
            let (seed, population, noise, step) = other;
            let other = numbers(seed, population, noise, step, 9);
            assert!(reference.iter().zip(&other).all(|(a, b)| a != b));
        }
    }
}
