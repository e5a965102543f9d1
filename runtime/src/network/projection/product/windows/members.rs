//! The values of several networks at once, side by side, that have the same connections: each is read once for all of
//! them, and with it a line of the cache that holds its source's values in as many as fit.

use super::Windows;
use crate::integrate::Arithmetic;
use crate::lanes::{Real, Rounding};
use crate::task::{self, Task};
use crate::turn::{SIDE, Square};
use crate::units::{BLOCK, Tile};

impl<T: Real> Windows<T> {
    /// What [`Windows::add`] does, in each of several networks of so many targets and sources, one after the other.
    pub(in super::super) fn add_all(
        &self,
        arithmetic: Arithmetic,
        (shape, from, into): ([usize; 2], &[T], &mut [T]),
    ) {
        task::run(arithmetic, Members { windows: self, shape, from, into });
    }
}

struct Members<'a, T> {
    windows: &'a Windows<T>,
    shape: [usize; 2],
    from: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Task for Members<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { windows, shape: [targets, sources], from, into } = self;
        let members = from.len() / sources;
        // Connections are read once for a power of two of them.
        let side = members.next_power_of_two();
        let mut values = zeros(sources * side);
        let values = &mut Tile::flat_mut(&mut values)[..sources * side];
        turn(from, [members, sources], (values, side));
        let room = windows.block.min(targets.next_multiple_of(BLOCK)) * side;
        let (mut sums, mut turned) = (zeros(room), vec![T::default(); room]);
        let sums = &mut Tile::flat_mut(&mut sums)[..room];
        for (block, first) in (0..targets).step_by(windows.block).enumerate() {
            let count = windows.block.min(targets - first);
            windows.add_block_steps::<A>(block, side, values, sums);
            turn(&sums[..count * side], [count, side], (&mut turned, count));
            for (into, sums) in into.chunks_exact_mut(targets).zip(turned.chunks_exact(count)) {
                into[first..][..count].iter_mut().zip(sums).for_each(|(into, sum)| *into += *sum);
            }
        }
    }
}

/// Room for so many numbers, at a line of the cache.
fn zeros<T: Real>(count: usize) -> Vec<Tile<T>> {
    vec![Tile::of(T::default()); count.div_ceil(BLOCK)]
}

/// Rows become columns, which begin so many numbers apart.
#[inline(always)]
fn turn<T: Real>(from: &[T], [rows, columns]: [usize; 2], (into, apart): (&mut [T], usize)) {
    let whole = [rows, columns].map(|count| count / SIDE * SIDE);
    for row in (0..whole[0]).step_by(SIDE) {
        for column in (0..whole[1]).step_by(SIDE) {
            let mut square = Square::default();
            for (row, square) in (row..).zip(&mut square) {
                square.copy_from_slice(&from[row * columns + column..][..SIDE]);
            }
            for (column, square) in (column..).zip(T::turned(square)) {
                into[column * apart + row..][..SIDE].copy_from_slice(&square);
            }
        }
    }
    for row in 0..rows {
        for column in if row < whole[0] { whole[1] } else { 0 }..columns {
            into[column * apart + row] = from[row * columns + column];
        }
    }
}
