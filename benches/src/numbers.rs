//! Numbers that all sides of a comparison compute alike: inputs and weights of the workloads.

/// A number in [0, 1) that depends on a stream and a place in it: the output function of SplitMix64 (G.
/// L. Steele, D. Lea and C. H. Flood, OOPSLA 2014) of a count.
#[allow(clippy::doc_markdown, reason = "a name")]
pub(crate) fn uniform(stream: u64, place: usize) -> f64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let count = (stream << 40).wrapping_add(place as u64).wrapping_add(1);
    let mut z = count.wrapping_mul(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number from N(0, 1), by Box and Muller.
pub(crate) fn normal(stream: u64, place: usize) -> f64 {
    let [u, v] = [uniform(stream, 2 * place), uniform(stream, 2 * place + 1)];
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of the generator for seed 0, from the reference implementation by S. Vigna.
    #[test]
    fn the_first_stream_is_the_published_generator_from_zero() {
        let known: [u64; 3] = [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F];
        for (place, bits) in known.into_iter().enumerate() {
            assert_eq!(uniform(0, place), (bits >> 11) as f64 / (1_u64 << 53) as f64);
        }
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let n = 100_000;
        let moment = |k| (0..n).map(|place| normal(3, place).powi(k)).sum::<f64>() / n as f64;
        // Five standard errors.
        assert!(moment(1).abs() < 5.0 / (n as f64).sqrt());
        assert!((moment(2) - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt());
    }
}
