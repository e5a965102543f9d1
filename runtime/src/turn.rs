//! Squares of numbers, turned over: what stood in rows then stands in columns.
//!
//! In instructions that every processor of the kind has. Compilers move such numbers one by one or gather them,
//! which takes several times as long.

/// Numbers in rows.
pub(crate) type Square<T> = [[T; SIDE]; SIDE];

/// How many there are in a row.
pub(crate) const SIDE: usize = 4;

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn turned<T: Copy>(rows: Square<T>) -> Square<T> {
    std::array::from_fn(|row| std::array::from_fn(|column| rows[column][row]))
}
#[cfg(not(target_arch = "x86_64"))]
pub(crate) use {turned as turned_f32, turned as turned_f64};

#[cfg(target_arch = "x86_64")]
pub(crate) use in_sse2::{turned_f32, turned_f64};

#[cfg(target_arch = "x86_64")]
mod in_sse2 {
    use std::arch::x86_64::{
        _mm_loadu_pd, _mm_loadu_ps, _mm_movehl_ps, _mm_movelh_ps, _mm_storeu_pd, _mm_storeu_ps,
        _mm_unpackhi_pd, _mm_unpackhi_ps, _mm_unpacklo_pd, _mm_unpacklo_ps,
    };

    use super::Square;

    #[inline(always)]
    pub(crate) fn turned_f32(rows: Square<f32>) -> Square<f32> {
        let mut columns = Square::default();
        // SAFETY: rows have the size of a vector.
        unsafe {
            let [a, b, c, d] = rows.each_ref().map(|row| _mm_loadu_ps(row.as_ptr()));
            let [ab, cd] = [_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d)];
            let [more_ab, more_cd] = [_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d)];
            let turned = [
                _mm_movelh_ps(ab, cd),
                _mm_movehl_ps(cd, ab),
                _mm_movelh_ps(more_ab, more_cd),
                _mm_movehl_ps(more_cd, more_ab),
            ];
            for (column, turned) in columns.iter_mut().zip(turned) {
                _mm_storeu_ps(column.as_mut_ptr(), turned);
            }
        }
        columns
    }

    #[inline(always)]
    pub(crate) fn turned_f64(rows: Square<f64>) -> Square<f64> {
        let mut columns = Square::default();
        for (row, column) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            // SAFETY: a vector is half a row.
            unsafe {
                let half = |row: usize| _mm_loadu_pd(rows[row][column..][..2].as_ptr());
                let [a, b] = [half(row), half(row + 1)];
                let [first, second] = [_mm_unpacklo_pd(a, b), _mm_unpackhi_pd(a, b)];
                _mm_storeu_pd(columns[column][row..][..2].as_mut_ptr(), first);
                _mm_storeu_pd(columns[column + 1][row..][..2].as_mut_ptr(), second);
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let rows: Square<f64> =
            std::array::from_fn(|row| std::array::from_fn(|column| (10 * row + column) as f64));
        let expected: Square<f64> =
            std::array::from_fn(|row| std::array::from_fn(|column| rows[column][row]));
        assert_eq!(turned_f64(rows), expected);
        #[allow(clippy::cast_possible_truncation, reason = "they are small")]
        let narrow = |square: Square<f64>| square.map(|row| row.map(|value| value as f32));
        assert_eq!(turned_f32(narrow(rows)), narrow(expected));
    }
}
