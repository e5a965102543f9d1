//! The random function: Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, Parallel
//! random numbers: as easy as 1, 2, 3, SC'11), 128 bits for each key and counter.

#[cfg(target_arch = "x86_64")]
pub(crate) mod vectors;

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = 0xFFFF_FFFF;

/// The random function.
#[inline(always)]
pub(crate) fn philox(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    philox_wide(key, counter).map(|word| halves(word)[0])
}

/// The same, each word in the lower half of a wider one, where vectors multiply it. What is in the
/// upper halves is no random number.
#[inline(always)]
pub(crate) fn philox_wide(key: [u32; 2], counter: [u32; 4]) -> [u64; 4] {
    let mut c = counter.map(u64::from);
    for round in 0..10 {
        let [product0, product1] = [MULTIPLIERS[0] * (c[0] & LOW), MULTIPLIERS[1] * (c[2] & LOW)];
        let [key0, key1] = key_of_round(key, round).map(u64::from);
        c = [product1 >> 32 ^ (c[1] ^ key0), product1, product0 >> 32 ^ (c[3] ^ key1), product0];
    }
    c
}

#[inline(always)]
fn key_of_round(key: [u32; 2], round: u32) -> [u32; 2] {
    [0, 1].map(|half: usize| key[half].wrapping_add(WEYL[half].wrapping_mul(round)))
}

/// Low and high half.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "halves are meant")]
pub(crate) fn halves(wide: u64) -> [u32; 2] {
    [wide as u32, (wide >> 32) as u32]
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

    /// All pieces, once each and in their order.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn pieces_are_done_beside_calls() {
        use crate::instructions::InstructionSet;
        struct Seen(Vec<usize>);
        impl crate::normal::Pieces for Seen {
            fn piece(&mut self, piece: usize) {
                self.0.push(piece);
            }
        }
        for set in InstructionSet::available().filter(|set| *set != InstructionSet::Baseline) {
            let (mut one, mut two) = (Seen(Vec::new()), Seen(Vec::new()));
            // SAFETY: the processor has it.
            unsafe {
                if set == InstructionSet::Avx2 {
                    vectors::in_avx2([1, 2], [[0; 4]], &mut one);
                    vectors::in_avx2([1, 2], [[0; 4]; 2], &mut two);
                } else {
                    vectors::in_avx512([1, 2], [[0; 4]], &mut one);
                    vectors::in_avx512([1, 2], [[0; 4]; 2], &mut two);
                }
            }
            for seen in [one, two] {
                assert!(seen.0.into_iter().eq(0..8), "{set:?}");
            }
        }
    }

    /// Counters of all kinds, also such as overflow.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_of_calls_are_the_calls() {
        use crate::instructions::InstructionSet;
        for set in InstructionSet::available() {
            for round in 0..200 {
                let [a, b, c, d] = philox([5, 6], [round, 0, 0, 0]);
                let key = [a.rotate_left(7), b.rotate_left(9)];
                let first = [[a, b, c, d], [u32::MAX - 3, b, c, d], [0; 4]][round as usize % 3];
                let next = [first[0], first[1].wrapping_add(1), first[2], first[3]];
                // SAFETY: the processor has it.
                let both = unsafe {
                    match set {
                        InstructionSet::Baseline => continue,
                        InstructionSet::Avx2 => vectors::in_avx2(key, [first, next], &mut ()),
                        InstructionSet::Avx512 => vectors::in_avx512(key, [first, next], &mut ()),
                    }
                };
                for (words, [call, rest @ ..]) in both.iter().zip([first, next]) {
                    for lane in 0..16 {
                        let place = |word: usize| 16 * (word / 2) + lane as usize;
                        let words = [0, 1, 2, 3].map(|word: usize| words[word % 2][place(word)]);
                        let counter = [call.wrapping_add(lane), rest[0], rest[1], rest[2]];
                        assert_eq!(words, philox(key, counter), "{set:?}");
                    }
                }
            }
        }
    }
}
