//! The random function: Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, Parallel
//! random numbers: as easy as 1, 2, 3, SC'11), 128 bits for each key and counter.

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

/// The random function of consecutive calls, in vectors that say which instructions they are made of.
///
/// What a compiler makes of [`philox_wide`] takes half as long again: it shifts upper halves down, by
/// an instruction that has to share the processor's one place for multiplications, and does not know
/// that all but the first word of the counters of a block are the same.
#[cfg(target_arch = "x86_64")]
pub(crate) mod in_avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi32, _mm512_mul_epu32, _mm512_permutex2var_epi32, _mm512_set_epi32,
        _mm512_set_epi64, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_setzero_si512,
        _mm512_shuffle_epi32, _mm512_storeu_si512, _mm512_ternarylogic_epi32, _mm512_xor_si512,
    };

    use super::{MULTIPLIERS, halves, key_of_round};
    use crate::normal::Words;

    /// The four words of eight calls, each in the lower half of a wider one.
    type Eight = [__m512i; 4];

    /// The words of `N` blocks of 16 calls, given the counters of their first calls. Blocks side by
    /// side keep the processor at work while the rounds of one wait for each other.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[inline(always)]
    unsafe fn blocks<const N: usize>(key: [u32; 2], firsts: [[u32; 4]; N]) -> [[Eight; 2]; N] {
        // SAFETY: the instructions are those of AVX-512 F.
        let mut all = unsafe { [[[_mm512_setzero_si512(); 4]; 2]; N] };
        for (block, first) in all.iter_mut().zip(firsts) {
            // SAFETY: as asked of the caller.
            unsafe { three_rounds(key, first, block) };
        }
        for round in 3..10 {
            // SAFETY: the instructions are those of AVX-512 F.
            unsafe {
                let [key0, key1] =
                    key_of_round(key, round).map(|key| _mm512_set1_epi32(key.cast_signed()));
                for eight in all.as_flattened_mut() {
                    let ([product0, product1], [high0, high1]) = products([eight[0], eight[2]]);
                    let first = _mm512_ternarylogic_epi32::<XOR>(high1, eight[1], key0);
                    let third = _mm512_ternarylogic_epi32::<XOR>(high0, eight[3], key1);
                    *eight = [first, product1, third, product0];
                }
            }
        }
        all
    }

    /// The exclusive or of three.
    const XOR: i32 = 0b1001_0110;

    /// Three rounds for a block. At first only the calls differ, so that half of what rounds do is done
    /// once for all; what does not change from step to step, a compiler takes out of the loop.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[inline(always)]
    unsafe fn three_rounds(
        key: [u32; 2],
        [call, step, member, last]: [u32; 4],
        block: &mut [Eight; 2],
    ) {
        let keys = [0, 1, 2].map(|round| key_of_round(key, round));
        let [low1, high1] = halves(MULTIPLIERS[1] * u64::from(member));
        let word0 = high1 ^ step ^ keys[0][0];
        let [low0, high0] = halves(MULTIPLIERS[0] * u64::from(word0));
        // SAFETY: the instructions are those of AVX-512 F.
        unsafe {
            let splat = |word: u32| _mm512_set1_epi32(word.cast_signed());
            let multipliers = MULTIPLIERS.map(|factor| _mm512_set1_epi64(factor.cast_signed()));
            let mut calls = _mm512_add_epi32(splat(call), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
            for eight in block {
                // The first round: two words are the same for all.
                let product = _mm512_mul_epu32(calls, multipliers[0]);
                let word2 = _mm512_xor_si512(upper(product), splat(last ^ keys[0][1]));
                // The second.
                let other = _mm512_mul_epu32(word2, multipliers[1]);
                let word0 = _mm512_xor_si512(upper(other), splat(low1 ^ keys[1][0]));
                let word2 = _mm512_xor_si512(product, splat(high0 ^ keys[1][1]));
                // The third.
                let ([product0, product1], [upper0, upper1]) = products([word0, word2]);
                let other = _mm512_xor_si512(other, splat(keys[2][0]));
                let word0 = _mm512_xor_si512(upper1, other);
                let word2 = _mm512_xor_si512(upper0, splat(low0 ^ keys[2][1]));
                *eight = [word0, product1, word2, product0];
                calls = _mm512_add_epi32(calls, _mm512_set1_epi64(8));
            }
        }
    }

    /// The products of a round, and their upper halves.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[inline(always)]
    unsafe fn products(words: [__m512i; 2]) -> ([__m512i; 2], [__m512i; 2]) {
        // SAFETY: the instructions are those of AVX-512 F.
        unsafe {
            let [first, second] = MULTIPLIERS.map(|factor| _mm512_set1_epi64(factor.cast_signed()));
            let first = _mm512_mul_epu32(words[0], first);
            let second = _mm512_mul_epu32(words[1], second);
            ([first, second], [upper(first), upper(second)])
        }
    }

    /// The upper half in both.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[inline(always)]
    unsafe fn upper(wide: __m512i) -> __m512i {
        // SAFETY: the instruction is one of AVX-512 F.
        unsafe { _mm512_shuffle_epi32::<0b11_11_01_01>(wide) }
    }

    /// The words of 16 calls for each of `N` blocks, given the counters of the first calls.
    ///
    /// # Safety
    /// The processor must have AVX-512 F.
    #[inline(always)]
    pub(crate) unsafe fn sixteen<const N: usize>(
        key: [u32; 2],
        firsts: [[u32; 4]; N],
    ) -> [Words; N] {
        let mut words = [[[0; 32]; 2]; N];
        // SAFETY: as asked of the caller; what is written has the size of a vector.
        unsafe {
            let lower = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
            for (words, [a, b]) in words.iter_mut().zip(&blocks(key, firsts)) {
                for (word, (a, b)) in a.iter().zip(b).enumerate() {
                    let row = &mut words[word % 2].as_chunks_mut::<16>().0[word / 2];
                    let both = _mm512_permutex2var_epi32(*a, lower, *b);
                    _mm512_storeu_si512(row.as_mut_ptr().cast(), both);
                }
            }
        }
        words
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

    /// Counters of all kinds, also such as overflow.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_of_calls_are_the_calls() {
        use crate::instructions::InstructionSet;
        if InstructionSet::best() != InstructionSet::Avx512 {
            println!("skipped: this processor has no AVX-512");
            return;
        }
        for round in 0..200 {
            let [a, b, c, d] = philox([5, 6], [round, 0, 0, 0]);
            let key = [a.rotate_left(7), b.rotate_left(9)];
            let first = [[a, b, c, d], [u32::MAX - 3, b, c, d], [0; 4]][round as usize % 3];
            let next = [first[0], first[1].wrapping_add(1), first[2], first[3]];
            let expected = |[call, rest @ ..]: [u32; 4], lane: u32| {
                philox(key, [call.wrapping_add(lane), rest[0], rest[1], rest[2]])
            };
            // SAFETY: the processor has it.
            let both = unsafe { in_avx512::sixteen(key, [first, next]) };
            for lane in 0..16 {
                for (words, first) in both.iter().zip([first, next]) {
                    let place = |word: usize| 16 * (word / 2) + lane as usize;
                    let words = [0, 1, 2, 3].map(|word: usize| words[word % 2][place(word)]);
                    assert_eq!(words, expected(first, lane));
                }
            }
        }
    }
}
