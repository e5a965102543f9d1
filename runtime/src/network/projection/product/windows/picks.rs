//! Sums of slices whose values are loaded one by one, where that is faster than a gather: see
//! [`InstructionSet::picks`](crate::instructions::InstructionSet::picks).
//!
//! Numbers of sources are taken out of words of four, which leaves the vectors to values: written without these
//! instructions, compilers take them out of vectors, or give up on vectors altogether, and it takes half as long again.

use super::{Picked, SLICE};

/// Sums of slices, in vectors of so many numbers, with these instructions.
macro_rules! picks {
    ($type:ident: $width:literal, $zero:ident, $load:ident, $store:ident, $fused:ident, $times:ident, $plus:ident) => {
        /// Adds connections to the sums of their targets.
        ///
        /// # Safety
        /// The processor has AVX2 and FMA. There is a value of each source and a sum at each place.
        #[target_feature(enable = "avx2,fma")]
        unsafe fn add<const FUSED: bool, const MOVES: bool>(what: Picked<'_, $type>) {
            let Picked { windows, slices, from, before, sums } = what;
            let (from, sums) = (from.as_ptr(), sums.as_mut_ptr());
            let before = if MOVES { before.as_ptr() } else { sums };
            for (index, slice) in slices.enumerate() {
                let (sources, weights) = windows.groups(slice);
                ask_for_places(&windows.places[slice]);
                let places = words(&windows.places[slice]);
                // Loops: see `Windows::add_slices`.
                let mut totals = [$zero(); SLICE / $width];
                for (vector, total) in totals.iter_mut().enumerate() {
                    // SAFETY: the caller's.
                    *total = unsafe { pick(places, vector, before) };
                }
                for (sources, weights) in sources.iter().zip(weights) {
                    ask_ahead::<true, _>(sources, weights);
                    let sources = words(sources);
                    for (vector, total) in totals.iter_mut().enumerate() {
                        let weights = &weights[$width * vector..][..$width];
                        // SAFETY: there are as many weights as a vector has numbers.
                        let weights = unsafe { $load(weights.as_ptr()) };
                        // SAFETY: the caller's.
                        let values = unsafe { pick(sources, vector, from) };
                        *total = if FUSED {
                            $fused(weights, values, *total)
                        } else {
                            $plus($times(weights, values), *total)
                        };
                    }
                }
                for (vector, total) in totals.iter().enumerate() {
                    // SAFETY: the caller's.
                    unsafe {
                        if MOVES {
                            $store(sums.add(SLICE * index + $width * vector), *total);
                        } else {
                            put(*total, places, vector, sums);
                        }
                    }
                }
            }
        }

        /// Adds connections to the sums of their targets, products rounded or not.
        ///
        /// # Safety
        /// As for `add`.
        pub(crate) unsafe fn add_picked(fused: bool, what: Picked<'_, $type>) {
            // SAFETY: the caller's.
            unsafe {
                match (fused, what.before.is_empty()) {
                    (true, false) => add::<true, true>(what),
                    (true, true) => add::<true, false>(what),
                    (false, false) => add::<false, true>(what),
                    (false, true) => add::<false, false>(what),
                }
            }
        }
    };
}

/// Four numbers of 16 bits each, the first in the lowest bits.
#[inline(always)]
fn words(places: &[u16; SLICE]) -> [u64; SLICE / 4] {
    let mut words = [0; SLICE / 4];
    for (word, places) in words.iter_mut().zip(places.as_chunks::<4>().0) {
        let [a, b, c, d] = places.map(u64::from);
        *word = a | b << 16 | c << 32 | d << 48;
    }
    words
}

/// One of the numbers of a word.
#[inline(always)]
fn place(word: u64, lane: usize) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "it has 16 bits")]
    let place = (word >> (16 * lane) & 0xffff) as usize;
    place
}

pub(crate) mod f32 {
    use std::arch::x86_64::{
        __m128, __m256, _mm_insert_ps, _mm_load_ss, _mm_movehdup_ps, _mm_movehl_ps, _mm_store_ss,
        _mm256_add_ps, _mm256_castps256_ps128, _mm256_extractf128_ps, _mm256_fmadd_ps,
        _mm256_loadu_ps, _mm256_mul_ps, _mm256_set_m128, _mm256_setzero_ps, _mm256_storeu_ps,
    };

    use super::super::{ask_ahead, ask_for_places};
    use super::{Picked, SLICE, place, words};

    picks!(f32: 8, _mm256_setzero_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps, _mm256_mul_ps,
        _mm256_add_ps);

    /// # Safety
    /// There are numbers at the places.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn pick(words: [u64; SLICE / 4], vector: usize, from: *const f32) -> __m256 {
        // SAFETY: the caller's.
        let [low, high] = [0, 1].map(|half| unsafe { pick_half(words[2 * vector + half], from) });
        _mm256_set_m128(high, low)
    }

    /// # Safety
    /// There are numbers at the places.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn pick_half(word: u64, from: *const f32) -> __m128 {
        // SAFETY: the caller's.
        unsafe {
            let first = _mm_load_ss(from.add(place(word, 0)));
            let two = _mm_insert_ps::<0x10>(first, _mm_load_ss(from.add(place(word, 1))));
            let three = _mm_insert_ps::<0x20>(two, _mm_load_ss(from.add(place(word, 2))));
            _mm_insert_ps::<0x30>(three, _mm_load_ss(from.add(place(word, 3))))
        }
    }

    /// # Safety
    /// There are numbers at the places.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn put(values: __m256, words: [u64; SLICE / 4], vector: usize, into: *mut f32) {
        let halves = [_mm256_castps256_ps128(values), _mm256_extractf128_ps::<1>(values)];
        for (half, values) in halves.into_iter().enumerate() {
            let (word, high) = (words[2 * vector + half], _mm_movehl_ps(values, values));
            // SAFETY: the caller's.
            unsafe {
                _mm_store_ss(into.add(place(word, 0)), values);
                _mm_store_ss(into.add(place(word, 1)), _mm_movehdup_ps(values));
                _mm_store_ss(into.add(place(word, 2)), high);
                _mm_store_ss(into.add(place(word, 3)), _mm_movehdup_ps(high));
            }
        }
    }
}

pub(crate) mod f64 {
    use std::arch::x86_64::{
        __m128d, _mm_add_pd, _mm_fmadd_pd, _mm_load_sd, _mm_loadh_pd, _mm_loadu_pd, _mm_mul_pd,
        _mm_setzero_pd, _mm_storeh_pd, _mm_storel_pd, _mm_storeu_pd,
    };

    use super::super::{ask_ahead, ask_for_places};
    use super::{Picked, SLICE, place, words};

    picks!(f64: 2, _mm_setzero_pd, _mm_loadu_pd, _mm_storeu_pd, _mm_fmadd_pd, _mm_mul_pd, _mm_add_pd);

    /// The places of two numbers.
    #[inline(always)]
    fn places(words: [u64; SLICE / 4], vector: usize) -> [usize; 2] {
        let (word, lane) = (words[vector / 2], vector % 2 * 2);
        [place(word, lane), place(word, lane + 1)]
    }

    /// # Safety
    /// There are numbers at the places.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn pick(words: [u64; SLICE / 4], vector: usize, from: *const f64) -> __m128d {
        let [first, second] = places(words, vector);
        // SAFETY: the caller's.
        unsafe { _mm_loadh_pd(_mm_load_sd(from.add(first)), from.add(second)) }
    }

    /// # Safety
    /// There are numbers at the places.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn put(values: __m128d, words: [u64; SLICE / 4], vector: usize, into: *mut f64) {
        let [first, second] = places(words, vector);
        // SAFETY: the caller's.
        unsafe {
            _mm_storel_pd(into.add(first), values);
            _mm_storeh_pd(into.add(second), values);
        }
    }
}
