//! The numbers of one population, laid out for the inner loop: one column per symbol, padded to
//! whole blocks.

use std::ops::Range;

use crate::crew::Hands;
use crate::lanes::Real;
use crate::model::Place;
use crate::values::Resolved;

/// How many units one pass of the inner loop works on: whole vectors of any width, and few enough
/// columns of it to stay in the nearest cache.
pub(crate) const BLOCK: usize = 64;

/// A part of a block: as few units as fill vectors of any width.
pub(crate) const PART: usize = 16;

/// The numbers of one block, or of a part, where vectors of any width can be loaded and stored whole:
/// those that lie across two lines of the cache take twice the time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Tile<T, const N: usize = BLOCK>([T; N]);

impl<T: Real, const N: usize> Tile<T, N> {
    #[inline(always)]
    pub(crate) fn new(values: [T; N]) -> Self {
        Self(values)
    }
}

impl<T: Real> Tile<T> {
    #[inline(always)]
    pub(crate) fn of(value: T) -> Self {
        Self([value; BLOCK])
    }

    /// One of the parts.
    #[inline(always)]
    pub(crate) fn part(&self, part: usize) -> &Tile<T, PART> {
        const { assert!(size_of::<Tile<T, PART>>() == size_of::<[T; PART]>()) };
        let part: *const [T; PART] = &raw const self.0.as_chunks().0[part];
        // SAFETY: it is laid out as its array, and as a tile of the size of this array, which begins
        // where a tile may, since the block does and parts follow each other without gaps.
        unsafe { &*part.cast() }
    }

    #[inline(always)]
    pub(crate) fn part_mut(&mut self, part: usize) -> &mut Tile<T, PART> {
        const { assert!(size_of::<Tile<T, PART>>() == size_of::<[T; PART]>()) };
        let part: *mut [T; PART] = &raw mut self.0.as_chunks_mut().0[part];
        // SAFETY: as above; the numbers are borrowed as long as the block is.
        unsafe { &mut *part.cast() }
    }

    /// The numbers of all tiles in a row.
    fn flat(tiles: &[Self]) -> &[T] {
        const { assert!(size_of::<Self>() == size_of::<[T; BLOCK]>()) };
        // SAFETY: a tile is laid out as its array, whose size is its own, so there are `BLOCK` numbers
        // for each tile and nothing between.
        unsafe { std::slice::from_raw_parts(tiles.as_ptr().cast(), tiles.len() * BLOCK) }
    }

    pub(crate) fn flat_mut(tiles: &mut [Self]) -> &mut [T] {
        const { assert!(size_of::<Self>() == size_of::<[T; BLOCK]>()) };
        // SAFETY: as above; the numbers are borrowed as long as the tiles are.
        unsafe { std::slice::from_raw_parts_mut(tiles.as_mut_ptr().cast(), tiles.len() * BLOCK) }
    }
}

impl<T, const N: usize> std::ops::Deref for Tile<T, N> {
    type Target = [T; N];
    #[inline(always)]
    fn deref(&self) -> &[T; N] {
        &self.0
    }
}

impl<T, const N: usize> std::ops::DerefMut for Tile<T, N> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T; N] {
        &mut self.0
    }
}

/// One number per unit, or one for all.
///
/// A shared number is stored as one block that every block of units reads, so that the inner loop
/// need not know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column<T> {
    data: Vec<Tile<T>>,
    shared: bool,
}

impl<T: Real> Column<T> {
    pub(crate) fn shared(value: T) -> Self {
        Self { data: vec![Tile::of(value)], shared: true }
    }

    /// One number per unit; the places behind the last unit repeat its value, so that they hold
    /// nothing that formulas cannot digest.
    pub(crate) fn per_unit(len: usize, mut value: impl FnMut(usize) -> T) -> Self {
        let blocks = len.div_ceil(BLOCK);
        let mut data = vec![Tile::of(T::default()); blocks];
        for unit in 0..len {
            data[unit / BLOCK][unit % BLOCK] = value(unit);
        }
        if let Some(last) = len.checked_sub(1) {
            let fill = data[last / BLOCK][last % BLOCK];
            data[last / BLOCK][last % BLOCK..].fill(fill);
        }
        Self { data, shared: false }
    }

    pub(crate) fn from_values(values: &Resolved, len: usize) -> Self {
        match values {
            Resolved::Shared(value) => Self::shared(T::from_f64(*value)),
            Resolved::PerUnit(values) => Self::per_unit(len, |unit| T::from_f64(values[unit])),
        }
    }

    /// How many of `len` numbers there are to look at: one where it is shared.
    pub(crate) fn distinct(&self, len: usize) -> usize {
        if self.shared { len.min(1) } else { len }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    #[inline(always)]
    pub(crate) fn block(&self, block: usize) -> &Tile<T> {
        &self.data[if self.shared { 0 } else { block }]
    }

    pub(crate) fn tiles_mut(&mut self) -> &mut [Tile<T>] {
        &mut self.data
    }

    pub(crate) fn get(&self, unit: usize) -> T {
        self.block(unit / BLOCK)[unit % BLOCK]
    }

    /// The first `len` numbers of a column with one per unit.
    pub(crate) fn as_slice(&self, len: usize) -> &[T] {
        debug_assert!(!self.shared);
        &Tile::flat(&self.data)[..len]
    }

    pub(crate) fn as_mut_slice(&mut self, len: usize) -> &mut [T] {
        debug_assert!(!self.shared);
        &mut Tile::flat_mut(&mut self.data)[..len]
    }

    /// `self + Σ weight × column`, added up in order; all have one number per unit.
    pub(crate) fn plus(&self, terms: &[(T, &Self)], into: &mut Self) {
        for (index, block) in into.data.iter_mut().enumerate() {
            *block = self.data[index];
            for (weight, column) in terms {
                let other = &column.data[index];
                for (sum, value) in block.iter_mut().zip(other.iter()) {
                    *sum += *weight * *value;
                }
            }
        }
    }

    /// As many zeros.
    pub(crate) fn zeroed(&self) -> Self {
        Self { data: vec![Tile::of(T::default()); self.data.len()], shared: self.shared }
    }

    /// Takes over the numbers of a column of the same length.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        for (index, block) in self.data.iter_mut().enumerate() {
            *block = *other.block(index);
        }
    }
}

/// Whether `columns` of `len` numbers can be had: asked before, because running out of memory cannot
/// be caught.
pub(crate) fn fits_into_memory<T>(len: usize, columns: usize) -> bool {
    let padded = len.checked_next_multiple_of(BLOCK);
    let count = padded.and_then(|padded| padded.checked_mul(columns.max(1)));
    count.is_some_and(|count| Vec::<T>::new().try_reserve_exact(count).is_ok())
}

/// The number of a block: more than 2³² do not fit into memory.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "there are not so many")]
pub(crate) fn number(block: usize) -> u32 {
    block as u32
}

/// A count of steps that each have a column or a tile: few.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "they fit into memory")]
pub(crate) fn few(steps: u64) -> usize {
    steps as usize
}

/// What a step of a block takes in a simple model, in nanoseconds; those that take longer could be shared
/// sooner.
const BLOCK_COST: f64 = 20.0;

/// All numbers of one population.
#[derive(Clone, Debug)]
pub(crate) struct Units<T> {
    pub(crate) len: usize,
    /// How many threads may share its loops.
    pub(crate) hands: Hands,
    pub(crate) params: Vec<Column<T>>,
    pub(crate) derived: Vec<Column<T>>,
    pub(crate) inputs: Vec<Column<T>>,
    pub(crate) states: Vec<Column<T>>,
    pub(crate) auxiliaries: Vec<Column<T>>,
    /// What inputs and mixed noises are at successive steps, where they are known ahead: see
    /// [`Steps`](crate::integrate::Steps).
    pub(crate) ahead: Vec<Column<T>>,
    /// Time derivatives, where a method with stages asks for them.
    pub(crate) slopes: Vec<Column<T>>,
}

impl<T: Real> Units<T> {
    pub(crate) fn blocks(&self) -> usize {
        self.len.div_ceil(BLOCK)
    }

    /// Ranges of blocks, one for each thread, if several are worth it for so many steps.
    pub(crate) fn shares(&self, steps: u64) -> Option<Vec<Range<usize>>> {
        self.hands.share(self.blocks(), BLOCK_COST * steps as f64, 1)
    }

    /// What a step takes at least, in nanoseconds.
    pub(crate) fn cost(&self) -> f64 {
        self.blocks() as f64 * BLOCK_COST
    }

    /// The numbers of something observable. Auxiliaries are those of the last observation.
    pub(crate) fn values(&self, place: Place) -> &[T] {
        match place {
            Place::State(index) => self.states[index].as_slice(self.len),
            Place::Auxiliary(index) => self.auxiliaries[index].as_slice(self.len),
        }
    }
}
