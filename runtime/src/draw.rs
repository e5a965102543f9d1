//! Random numbers that are drawn once, before a run: parameters, initial values, connections, points
//! of a sweep. From the same random function as noise, and like it a function of what they are for.

use crate::noise::Key;
use crate::philox::{halves, philox};

/// Two numbers between 0 and 1, both excluded, for each index. `stream` tells apart what they are for.
pub(crate) fn uniforms(seed: u64, stream: u64, index: u64) -> [f64; 2] {
    let [low, high] = halves(stream);
    let key = philox(halves(seed), [low, high, 0, Key::Initial as u32]);
    let [low, high] = halves(index);
    let bits = philox([key[0], key[1]], [low, high, key[2], key[3]]);
    [uniform(bits[0], bits[1]), uniform(bits[2], bits[3])]
}

/// Two normal numbers of mean 0 and variance 1 for each index (G. E. P. Box and M. E. Muller, Ann. Math.
/// Stat. 29:610, 1958).
pub(crate) fn normals(seed: u64, stream: u64, index: u64) -> [f64; 2] {
    let [u, v] = uniforms(seed, stream, index);
    let radius = (-2.0 * libm::log(u)).sqrt();
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * v);
    [radius * cos, radius * sin]
}

/// A whole number below `end`, from a number between 0 and 1.
pub(crate) fn below(chance: f64, end: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to `end`")]
    let number = (chance * end as f64) as usize;
    number.min(end.saturating_sub(1))
}

/// The middle of one of 2⁵² intervals between 0 and 1.
fn uniform(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    (bits as f64 + 0.5) / (1_u64 << 52) as f64
}
