//! The random function of consecutive calls, in vectors that say which instructions they are made of.
//!
//! What a compiler makes of [`philox_wide`](super::philox_wide) takes half as long again: it shifts upper halves down,
//! by an instruction that has to share the processor's one place for multiplications, and does not know that all but
//! the first word of the counters of a block are the same.

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi32, _mm256_castps_si256, _mm256_castsi256_ps, _mm256_mul_epu32,
    _mm256_set_epi64x, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_shuffle_epi32,
    _mm256_shuffle_ps, _mm256_storeu_si256, _mm256_xor_si256, _mm512_add_epi32, _mm512_mul_epu32,
    _mm512_permutex2var_epi32, _mm512_set_epi32, _mm512_set_epi64, _mm512_set1_epi32,
    _mm512_set1_epi64, _mm512_shuffle_epi32, _mm512_storeu_si512, _mm512_xor_si512,
};

use super::{MULTIPLIERS, halves, key_of_round};
use crate::normal::{Pieces, Words};

/// Words of as many calls as fit, each in the lower half of a wider number; what is in the upper halves is no part of a word.
///
/// # Safety
/// For all that is not safe here and below, the processor must have the vectors.
trait Vector: Copy {
    unsafe fn splat(word: u32) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    /// The products of the lower halves.
    unsafe fn times(self, factor: u64) -> Self;
    /// The upper halves, in the lower.
    unsafe fn upper(self) -> Self;
}

/// Which instructions they are.
macro_rules! vectors {
    ($($type:ident: $splat:ident, $xor:ident, $times:ident, $wide:ident, $upper:ident;)*) => {$(
        impl Vector for $type {
            #[inline(always)]
            unsafe fn splat(word: u32) -> Self {
                // SAFETY: the caller's, as in all of these.
                unsafe { $splat(word.cast_signed()) }
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { $xor(self, other) }
            }
            #[inline(always)]
            unsafe fn times(self, factor: u64) -> Self {
                // SAFETY: the caller's.
                unsafe { $times(self, $wide(factor.cast_signed())) }
            }
            #[inline(always)]
            unsafe fn upper(self) -> Self {
                // SAFETY: the caller's.
                unsafe { $upper::<0b11_11_01_01>(self) }
            }
        }
    )*};
}

vectors! {
    __m256i: _mm256_set1_epi32, _mm256_xor_si256, _mm256_mul_epu32, _mm256_set1_epi64x, _mm256_shuffle_epi32;
    __m512i: _mm512_set1_epi32, _mm512_xor_si512, _mm512_mul_epu32, _mm512_set1_epi64, _mm512_shuffle_epi32;
}

/// Three rounds. At first only the calls differ, so that half of what rounds do is done once for all; what
/// does not change from step to step, a compiler takes out of the loop.
#[inline(always)]
unsafe fn three_rounds<V: Vector>(
    key: [u32; 2],
    calls: V,
    [step, member, last]: [u32; 3],
) -> [V; 4] {
    let keys = [0, 1, 2].map(|round| key_of_round(key, round));
    let [low1, high1] = halves(MULTIPLIERS[1] * u64::from(member));
    let word0 = high1 ^ step ^ keys[0][0];
    let [low0, high0] = halves(MULTIPLIERS[0] * u64::from(word0));
    // SAFETY: the caller's.
    unsafe {
        // The first round: two words are the same for all.
        let product = calls.times(MULTIPLIERS[0]);
        let word2 = product.upper().xor(V::splat(last ^ keys[0][1]));
        // The second.
        let other = word2.times(MULTIPLIERS[1]);
        let word0 = other.upper().xor(V::splat(low1 ^ keys[1][0]));
        let word2 = product.xor(V::splat(high0 ^ keys[1][1]));
        // The third.
        let [product0, product1] = [word0.times(MULTIPLIERS[0]), word2.times(MULTIPLIERS[1])];
        let word0 = product1.upper().xor(other.xor(V::splat(keys[2][0])));
        let word2 = product0.upper().xor(V::splat(low0 ^ keys[2][1]));
        [word0, product1, word2, product0]
    }
}

/// The other rounds, of some vectors of calls. Side by side, they keep the processor at work while the rounds of
/// one wait for each other, as do pieces of something else between them.
#[inline(always)]
unsafe fn seven_rounds<V: Vector>(key: [u32; 2], all: &mut [[V; 4]], beside: &mut impl Pieces) {
    // No loop, so that keys stay in vectors.
    // SAFETY: the caller's.
    unsafe {
        beside.piece(0);
        round(key_of_round(key, 3), all);
        beside.piece(1);
        round(key_of_round(key, 4), all);
        beside.piece(2);
        round(key_of_round(key, 5), all);
        beside.piece(3);
        round(key_of_round(key, 6), all);
        beside.piece(4);
        round(key_of_round(key, 7), all);
        beside.piece(5);
        round(key_of_round(key, 8), all);
        beside.piece(6);
        round(key_of_round(key, 9), all);
        beside.piece(7);
    }
}

#[inline(always)]
unsafe fn round<V: Vector>([key0, key1]: [u32; 2], all: &mut [[V; 4]]) {
    for words in all {
        // SAFETY: the caller's.
        *words = unsafe {
            let product0 = words[0].times(MULTIPLIERS[0]);
            let product1 = words[2].times(MULTIPLIERS[1]);
            let word0 = product1.upper().xor(words[1].xor(V::splat(key0)));
            let word2 = product0.upper().xor(words[3].xor(V::splat(key1)));
            [word0, product1, word2, product0]
        };
    }
}

/// The words of 16 calls for each of `N` blocks, given the counters of the first calls.
///
/// # Safety
/// The processor must have AVX-512 F.
#[inline(always)]
pub(crate) unsafe fn in_avx512<const N: usize>(
    key: [u32; 2],
    firsts: [[u32; 4]; N],
    beside: &mut impl Pieces,
) -> [Words; N] {
    let mut words = [[[0; 32]; 2]; N];
    // SAFETY: as asked of the caller; what is written has the size of a vector.
    unsafe {
        let lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
        let mut all = [[[lanes; 4]; 2]; N];
        for (block, [call, rest @ ..]) in all.iter_mut().zip(firsts) {
            for (vectors, call) in block.iter_mut().zip([call, call.wrapping_add(8)]) {
                *vectors = three_rounds(key, _mm512_add_epi32(__m512i::splat(call), lanes), rest);
            }
        }
        seven_rounds(key, all.as_flattened_mut(), beside);
        let lower = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
        for (words, [a, b]) in words.iter_mut().zip(&all) {
            for (word, (a, b)) in a.iter().zip(b).enumerate() {
                let row = &mut words[word % 2].as_chunks_mut::<16>().0[word / 2];
                let both = _mm512_permutex2var_epi32(*a, lower, *b);
                _mm512_storeu_si512(row.as_mut_ptr().cast(), both);
            }
        }
    }
    words
}

/// The same.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
pub(crate) unsafe fn in_avx2<const N: usize>(
    key: [u32; 2],
    firsts: [[u32; 4]; N],
    beside: &mut impl Pieces,
) -> [Words; N] {
    let mut words = [[[0; 32]; 2]; N];
    // Blocks are written out two at a time, and halves, so that which pieces are theirs is known when this is compiled.
    let (pairs, rest) = words.as_chunks_mut::<2>();
    let (firsts, first) = firsts.as_chunks::<2>();
    // SAFETY: as asked of the caller, in all of these.
    unsafe {
        for (pair, (words, firsts)) in pairs.iter_mut().zip(firsts).enumerate() {
            block_in_avx2::<N>(key, firsts[0], 2 * pair, &mut words[0], beside);
            block_in_avx2::<N>(key, firsts[1], 2 * pair + 1, &mut words[1], beside);
        }
        for (words, first) in rest.iter_mut().zip(first) {
            block_in_avx2::<N>(key, *first, N - 1, words, beside);
        }
    }
    words
}

/// The words of the calls for one of `N` blocks.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn block_in_avx2<const N: usize>(
    key: [u32; 2],
    first: [u32; 4],
    block: usize,
    words: &mut Words,
    beside: &mut impl Pieces,
) {
    let mut share = Share::<_, N> { of: beside, place: 2 * block };
    // SAFETY: as asked of the caller.
    unsafe {
        half_in_avx2(key, first, 0, words, &mut share);
        share.place += 1;
        half_in_avx2(key, first, 1, words, &mut share);
    }
}

/// The words of half the calls for a block: eight calls fill the registers.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn half_in_avx2(
    key: [u32; 2],
    [call, rest @ ..]: [u32; 4],
    half: usize,
    words: &mut Words,
    beside: &mut impl Pieces,
) {
    // SAFETY: as asked of the caller; what is written has the size of a vector.
    unsafe {
        let first = __m256i::splat(if half == 0 { call } else { call.wrapping_add(8) });
        // So that lower halves of both, put together half by half, are in order.
        let lanes = [_mm256_set_epi64x(5, 4, 1, 0), _mm256_set_epi64x(7, 6, 3, 2)];
        let mut both = [[first; 4]; 2];
        for (vectors, lanes) in both.iter_mut().zip(lanes) {
            *vectors = three_rounds(key, _mm256_add_epi32(first, lanes), rest);
        }
        seven_rounds(key, &mut both, beside);
        for (word, (a, b)) in both[0].iter().zip(&both[1]).enumerate() {
            let row = &mut words[word % 2].as_chunks_mut::<8>().0[word / 2 * 2 + half];
            let [a, b] = [_mm256_castsi256_ps(*a), _mm256_castsi256_ps(*b)];
            let lower = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(a, b));
            _mm256_storeu_si256(row.as_mut_ptr().cast(), lower);
        }
    }
}

/// The pieces for one half of one of `N` blocks, which are as many for each.
struct Share<'a, P, const N: usize> {
    of: &'a mut P,
    place: usize,
}

impl<P: Pieces, const N: usize> Pieces for Share<'_, P, N> {
    #[inline(always)]
    fn piece(&mut self, piece: usize) {
        let shares = const {
            assert!(N == 1 || N == 2);
            2 * N
        };
        if piece.is_multiple_of(shares) {
            self.of.piece((8 * self.place + piece) / shares);
        }
    }
}
