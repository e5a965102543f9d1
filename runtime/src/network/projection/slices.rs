//! The order of connections in which several targets can be summed up side by side.

use super::weights::Sparse;

/// How many targets are summed up side by side.
pub(crate) const SLICE: usize = 16;

/// Targets in slices of [`SLICE`] that have about as many connections. First stand, slice by slice,
/// the first connections of all its targets, then the second, and so on as long as every target has
/// one; behind all slices what is left, target by target.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    /// Targets, those with most connections first.
    targets: Vec<u32>,
    /// Where the side-by-side part of each slice begins, in groups of [`SLICE`]; and the end.
    groups: Vec<usize>,
    /// Where what is left of each target begins, and the end of the last.
    rests: Vec<usize>,
}

impl Slices {
    /// The slices, and the connection that stands at each place.
    pub(crate) fn new(sparse: &Sparse) -> (Self, Vec<usize>) {
        let mut targets: Vec<u32> = (0..).take(sparse.targets()).collect();
        // A stable sort: rows of the same length keep their order, which is best for memory.
        targets.sort_by_key(|target| std::cmp::Reverse(sparse.row(*target as usize).len()));
        let (mut groups, mut order, mut rest) = (vec![0], Vec::new(), Vec::new());
        let mut rests = vec![0];
        for slice in targets.chunks(SLICE) {
            let rows: Vec<_> = slice.iter().map(|target| sparse.row(*target as usize)).collect();
            // The last slice may be short, and is then done target by target.
            let shortest = rows.iter().map(ExactSizeIterator::len).min().unwrap_or(0);
            let common = if slice.len() == SLICE { shortest } else { 0 };
            for place in 0..common {
                order.extend(rows.iter().map(|row| row.start + place));
            }
            groups.push(order.len() / SLICE);
            for row in rows {
                rest.extend(row.skip(common));
                rests.push(rest.len());
            }
        }
        for place in &mut rests {
            *place += order.len();
        }
        order.extend(rest);
        (Self { targets, groups, rests }, order)
    }

    pub(crate) fn count(&self) -> usize {
        self.groups.len() - 1
    }

    /// The targets of a slice.
    #[inline(always)]
    pub(crate) fn targets(&self, slice: usize) -> &[u32] {
        let first = slice * SLICE;
        &self.targets[first..self.targets.len().min(first + SLICE)]
    }

    /// The places of the side-by-side part of a slice, a multiple of [`SLICE`].
    #[inline(always)]
    pub(crate) fn side_by_side(&self, slice: usize) -> std::ops::Range<usize> {
        self.groups[slice] * SLICE..self.groups[slice + 1] * SLICE
    }

    /// The places of what is left of a target of a slice.
    #[inline(always)]
    pub(crate) fn rest(&self, slice: usize, lane: usize) -> std::ops::Range<usize> {
        let target = slice * SLICE + lane;
        self.rests[target]..self.rests[target + 1]
    }
}
