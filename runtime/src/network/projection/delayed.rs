//! Sums of values that each connection delays on its own.
//!
//! What lies far enough in the past is known several steps ahead. As a history keeps successive steps
//! side by side, one weight times a stretch of it is the contribution of a connection to as many
//! steps, without a gather.

use std::ops::Range;

use super::ahead::Aheads;
use super::weights::Sparse;
use crate::crew::Hands;
use crate::instructions::Job;
use crate::integrate::Arithmetic;
use crate::lanes::{AsWritten, Lane, Lanes, Real, Rounding};
use crate::network::Moment;
use crate::network::history::{History, Lag};
use crate::network::slopes::{Memory, Slopes, hermite};
use crate::task::{self, Task};
use crate::turn::{SIDE, Square};

/// Connections with delays. The sum of a target is over those that are known longest ahead, in the order
/// of their sources, then over those of the next level, and at last over those that are not: it does
/// not depend on where a block begins.
pub(crate) struct Delayed<T> {
    levels: Vec<Level<T>>,
    near: Connections<T>,
    /// Whether values of the present are among what is read.
    reads_present: bool,
}

/// Connections whose sums are computed as many steps ahead.
struct Level<T> {
    far: Connections<T>,
    aheads: Aheads<Sums<T>>,
}

/// For some sources at a time, all connections that start there, target by target.
struct Connections<T> {
    targets: usize,
    /// Where those of each target begin, for all targets and the first sources, then the next.
    starts: Vec<usize>,
    sources: Vec<u32>,
    weights: Vec<T>,
    /// Delays in steps.
    steps: Vec<f64>,
}

/// What is known of a moment within a step, and of as many steps.
#[derive(Default)]
struct Sums<T> {
    /// Row length and capacity of the history that places are for.
    shape: [usize; 2],
    /// For each connection the place of its value of step 0, if that stood in column `capacity`.
    places: Vec<u32>,
    /// The smallest and the largest of them.
    range: [usize; 2],
    /// What part of a step each lies before that; empty if they all lie on steps.
    fractions: Vec<T>,
    /// For each target the sums of `block` steps.
    totals: Vec<T>,
}

/// How many steps ahead sums may be computed: each connection as many as its delay allows, for a
/// stretch of the past costs about as much to add as a single value.
const BLOCKS: [usize; 4] = [32, 16, 8, 1];

impl<T: Real> Connections<T> {
    /// The connections that are `among` these; `many` sources at a time.
    fn new(sparse: &Sparse, steps: &[f64], many: usize, among: impl Fn(usize) -> bool) -> Self {
        let (mut starts, mut places) = (vec![0], Vec::new());
        let last = sparse.sources.iter().max().map_or(0, |last| *last as usize);
        for first in (0..=last).step_by(many) {
            let some = first..first.saturating_add(many);
            for target in 0..sparse.targets() {
                let row = sparse.row(target);
                let row = if many == usize::MAX { row } else { part(sparse, row, &some) };
                places.extend(row.filter(|place| among(*place)));
                starts.push(places.len());
            }
        }
        Self {
            targets: sparse.targets(),
            starts,
            sources: places.iter().map(|place| sparse.sources[*place]).collect(),
            weights: places.iter().map(|place| T::from_f64(sparse.weights[*place])).collect(),
            steps: places.iter().map(|place| steps[*place]).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Those of a target, if there is one, from each group of sources.
    fn of(&self, group: usize, target: usize) -> Range<usize> {
        if target >= self.targets {
            return 0..0;
        }
        let place = group * self.targets + target;
        self.starts[place]..self.starts[place + 1]
    }

    fn groups(&self) -> usize {
        (self.starts.len() - 1).checked_div(self.targets).unwrap_or(0)
    }
}

/// The part of a row, ordered by sources, that begins at some sources.
fn part(sparse: &Sparse, row: Range<usize>, some: &Range<usize>) -> Range<usize> {
    let sources = &sparse.sources[row.clone()];
    let place = |end: usize| row.start + sources.partition_point(|one| (*one as usize) < end);
    place(some.start)..place(some.end)
}

/// Of how many sources at a time to sum up so many connections with delays of at most so many steps: so
/// that what is read of the past stays in the nearest cache.
fn sources_at_once<T>(sparse: &Sparse, count: usize, longest: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let bytes = (longest as usize).saturating_add(BLOCKS[0]).saturating_mul(size_of::<T>());
    let many = (NEAREST / bytes.max(1)).max(1);
    // Each time, the sums of all targets come from farther away.
    let sources = sparse.sources.iter().max().map_or(0, |last| *last as usize + 1);
    let pays = count / (sparse.targets().max(1) * sources.div_ceil(many).max(1)) >= 16;
    if pays { many } else { usize::MAX }
}

/// Bytes of the nearest cache that the past may fill.
const NEAREST: usize = 32 << 10;

impl<T: Real> Delayed<T> {
    /// `latest` is the last moment within a step that will be asked for.
    pub(crate) fn new(sparse: &Sparse, steps: &[f64], latest: f64) -> Self {
        let block = |steps: &f64| BLOCKS.into_iter().find(|block| steps - latest >= *block as f64);
        let blocks: Vec<Option<usize>> = steps.iter().map(block).collect();
        let level = |size: usize| {
            let delays = steps.iter().zip(&blocks).filter(|(_, block)| **block == Some(size));
            let all = |(count, most): (usize, f64), delay: f64| (count + 1, most.max(delay));
            let (count, longest) = delays.map(|(steps, _)| *steps).fold((0, 0.0), all);
            let many = sources_at_once::<T>(sparse, count, longest);
            let among = |place: usize| blocks[place] == Some(size);
            let far = || Connections::new(sparse, steps, many, among);
            (count > 0).then(|| Level { far: far(), aheads: Aheads::new(size) })
        };
        Self {
            levels: BLOCKS.into_iter().filter_map(level).collect(),
            near: Connections::new(sparse, steps, usize::MAX, |place| blocks[place].is_none()),
            reads_present: steps.iter().any(|steps| *steps < latest.max(1.0)),
        }
    }

    pub(crate) fn reads_present(&self) -> bool {
        self.reads_present
    }

    /// Forgets what was computed ahead.
    pub(crate) fn forget(&mut self) {
        self.levels.iter_mut().for_each(|level| level.aheads.forget());
    }

    /// At how many steps from this one on what arrives is known, or can be: 0 if some is not.
    pub(crate) fn known(&self, step: u64) -> u64 {
        if !self.near.is_empty() {
            return 0;
        }
        self.levels.iter().map(|level| level.aheads.known(step)).min().unwrap_or(0)
    }

    /// Adds what arrives at a moment; `present` are the values of the sources then.
    pub(crate) fn add(
        &mut self,
        how: (Arithmetic, Hands),
        memory: Memory<'_, T>,
        at: Moment,
        present: &[T],
        into: &mut [T],
    ) {
        let (arithmetic, _) = how;
        self.add_known(how, memory, at, &mut [&mut *into]);
        if self.near.is_empty() {
            return;
        }
        let (connections, history) = (&self.near, memory.values);
        match memory.slopes {
            None => task::run(arithmetic, Near { connections, history, at, present, into }),
            Some(slopes) => add_near(connections, (history, slopes), at, present, into),
        }
    }

    /// Adds what arrives at moments of successive steps, from the first on: for as many as there are sums.
    /// They must be known, or able to be: see [`Delayed::known`].
    pub(crate) fn add_known(
        &mut self,
        how: (Arithmetic, Hands),
        memory: Memory<'_, T>,
        mut at: Moment,
        mut into: &mut [&mut [T]],
    ) {
        while !into.is_empty() && !self.levels.is_empty() {
            let mut known = [Known { sums: &[], block: 1 }; BLOCKS.len()];
            let known = &mut known[..self.levels.len()];
            let mut count = into.len();
            for (level, known) in self.levels.iter_mut().zip(&mut *known) {
                let (sums, left) = level.at(how, memory, at);
                (*known, count) = (sums, count.min(left));
            }
            let (some, rest) = into.split_at_mut(count);
            T::add_known(AddKnown { known, into: some });
            (into, at.step) = (rest, at.step + count as u64);
        }
    }
}

impl<T: Real> Level<T> {
    /// What is known of a moment, and of how many from it on, after it was computed if it was not.
    fn at(
        &mut self,
        how: (Arithmetic, Hands),
        memory: Memory<'_, T>,
        at: Moment,
    ) -> (Known<'_, T>, usize) {
        let Self { far, aheads } = self;
        let block = aheads.block();
        let (sums, ago) = aheads.at(at, |sums| sums.compute(far, block, how, memory, at));
        (Known { sums: &sums.totals[ago..], block }, block - ago)
    }
}

/// What is known from a step on, for all steps of a target and then, `block` numbers on, for those of the next.
#[derive(Clone, Copy)]
struct Known<'a, T> {
    sums: &'a [T],
    block: usize,
}

/// Adds what is known to the sums of all targets, at each step. To be called through [`Real`], by which it is
/// compiled with this crate.
pub struct AddKnown<'a, 'b, T> {
    known: &'a [Known<'a, T>],
    into: &'a mut [&'b mut [T]],
}

impl<T: Real> Job for AddKnown<'_, '_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { known, into } = self;
        let targets = into.first().map_or(0, |into| into.len());
        let whole = targets / SIDE * SIDE;
        let (squares, rest) = into.as_chunks_mut::<{ 2 * SIDE }>();
        for target in (0..whole).step_by(SIDE) {
            for (place, into) in squares.iter_mut().enumerate() {
                let both = two_squares(known, target, 2 * SIDE * place);
                for (into, square) in into.as_chunks_mut::<SIDE>().0.iter_mut().zip(both) {
                    for (into, sums) in into.iter_mut().zip(T::turned(square)) {
                        let into = &mut into[target..][..SIDE];
                        into.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                    }
                }
            }
        }
        let behind = 2 * SIDE * squares.len();
        add_each(known, (squares.as_flattened_mut(), 0), whole..targets);
        add_each(known, (rest, behind), 0..targets);
    }
}

/// Adds what is known of some steps, from one on, number by number.
#[inline(always)]
fn add_each<T: Real>(
    known: &[Known<'_, T>],
    (into, first): (&mut [&mut [T]], usize),
    targets: Range<usize>,
) {
    for target in targets {
        for (step, into) in (first..).zip(&mut *into) {
            let sum = |known: &Known<'_, T>| known.sums[target * known.block + step];
            let add = |total, known| total + sum(known);
            into[target] += known.iter().fold(T::default(), add);
        }
    }
}

/// For some targets, from one on, what is known of some steps and of as many more.
#[inline(always)]
fn two_squares<T: Real>(known: &[Known<'_, T>], target: usize, step: usize) -> [Square<T>; 2] {
    let mut both = [Square::default(); 2];
    for Known { sums, block } in known {
        for row in 0..SIDE {
            let sums = &sums[(target + row) * block + step..][..2 * SIDE];
            for (square, sums) in both.iter_mut().zip(sums.as_chunks::<SIDE>().0) {
                square[row].iter_mut().zip(sums).for_each(|(total, sum)| *total += *sum);
            }
        }
    }
    both
}

impl<T: Real> Sums<T> {
    /// Computes the sums of a moment and the next steps.
    fn compute(
        &mut self,
        far: &Connections<T>,
        block: usize,
        (arithmetic, hands): (Arithmetic, Hands),
        memory: Memory<'_, T>,
        Moment { step, part }: Moment,
    ) {
        let history = memory.values;
        self.lay_out(far, history, part);
        let targets = far.targets.next_multiple_of(SIDE_BY_SIDE);
        self.totals.resize(targets * block, T::default());
        let (rows, shift) = (history.rows(), history.column(step) - history.capacity());
        let Self { places, range: [lowest, highest], fractions, totals: sums, .. } = self;
        // What `Far::add` takes for granted.
        assert!(*highest + shift + block <= rows.len(), "the past is as long as delays need");
        assert!(fractions.is_empty() || *lowest + shift >= 1, "what lies between steps has both");
        let counts = [places.len(), far.weights.len(), *far.starts.last().unwrap_or(&0)];
        assert!(counts == [far.sources.len(); 3], "there is a place and a weight for each");
        assert!(fractions.is_empty() || fractions.len() == places.len(), "and a fraction");
        let between = match (fractions.is_empty(), memory.slopes) {
            (true, _) => Between::Nothing,
            (false, None) => Between::Lines,
            (false, Some(_)) => Between::Cubics,
        };
        let slopes = memory.slopes.map_or([&[][..]; 2], Slopes::rows);
        let is_cubic = between == Between::Cubics;
        assert!(!is_cubic || slopes.map(<[T]>::len) == [rows.len(); 2], "values have slopes");
        // About a nanosecond for a vector of a connection.
        let vectors = (far.sources.len() * block * size_of::<T>()).div_ceil(64);
        let cost = vectors as f64 / sums.len().max(1) as f64;
        hands.each_part(sums, SIDE_BY_SIDE * block, cost, |first, sums| {
            let first = first / block;
            let of =
                Stretch { connections: far, places, fractions, rows, slopes, shift, first, sums };
            T::sum_ahead(arithmetic, block, between, of);
        });
    }

    fn lay_out(&mut self, far: &Connections<T>, history: &History<T>, part: f64) {
        let shape = [history.row_length(), history.capacity()];
        if shape == self.shape {
            return;
        }
        self.shape = shape;
        let lags = far.steps.iter().map(|steps| Lag::new::<T>(steps - part));
        let lags: Vec<Lag> = lags.collect();
        let [row, capacity] = shape;
        let place = |(source, lag): (&u32, &Lag)| *source as usize * row + capacity - lag.whole;
        let places = far.sources.iter().zip(&lags).map(place);
        // Longer histories were refused.
        self.places = places.map(|place| u32::try_from(place).unwrap_or(u32::MAX)).collect();
        let end = |place: Option<&u32>| place.map_or(0, |place| *place as usize);
        self.range = [end(self.places.iter().min()), end(self.places.iter().max())];
        let is_whole = lags.iter().all(|lag| lag.part == 0.0);
        let fractions = lags.iter().map(|lag| T::from_f64(lag.part));
        self.fractions = if is_whole { Vec::new() } else { fractions.collect() };
    }
}

/// How many targets are summed up side by side: as many chains of sums.
const SIDE_BY_SIDE: usize = 4;

/// What sums of some steps are made of.
pub struct Stretch<'a, T> {
    connections: &'a Connections<T>,
    places: &'a [u32],
    fractions: &'a [T],
    rows: &'a [T],
    /// Before and after each step, in the same places; empty where values between steps are not cubic.
    slopes: [&'a [T]; 2],
    shift: usize,
    /// The first target of the sums.
    first: usize,
    sums: &'a mut [T],
}

/// What values that lie between steps are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// There are none.
    Nothing,
    /// The values of both steps.
    Lines,
    /// These and their slopes.
    Cubics,
}

/// The same where the compiler has to know it.
const NOTHING: u8 = 0;
const LINES: u8 = 1;
const CUBICS: u8 = 2;

/// Computes sums, for one of [`BLOCKS`]; `between` says what values between steps are read from. To be called
/// through [`Real`], by which it is compiled with this crate.
pub(crate) fn sum_ahead<T: Real>(
    arithmetic: Arithmetic,
    block: usize,
    between: Between,
    stretch: Stretch<'_, T>,
) {
    match between {
        Between::Nothing => sum_blocks::<T, NOTHING>(arithmetic, block, stretch),
        Between::Lines => sum_blocks::<T, LINES>(arithmetic, block, stretch),
        Between::Cubics => sum_blocks::<T, CUBICS>(arithmetic, block, stretch),
    }
}

fn sum_blocks<T: Real, const BETWEEN: u8>(
    arithmetic: Arithmetic,
    block: usize,
    stretch: Stretch<'_, T>,
) {
    match block {
        32 => task::run(arithmetic, Far::<T, 32, BETWEEN>(stretch)),
        16 => task::run(arithmetic, Far::<T, 16, BETWEEN>(stretch)),
        8 => task::run(arithmetic, Far::<T, 8, BETWEEN>(stretch)),
        _ => task::run(arithmetic, Far::<T, 1, BETWEEN>(stretch)),
    }
}

/// The sums of `B` steps.
struct Far<'a, T, const B: usize, const BETWEEN: u8>(Stretch<'a, T>);

impl<T: Real, const B: usize, const BETWEEN: u8> Far<'_, T, B, BETWEEN> {
    /// Adds one connection to the sums of a target. Nothing can go wrong in it, for only then does the
    /// compiler keep the sums in vectors from one connection to the next.
    ///
    /// # Safety
    /// The connection exists, and so do the places that it reads: `Sums::compute` asserts it of all.
    #[inline(always)]
    #[allow(
        clippy::needless_range_loop,
        reason = "with iterators these loops stay without vectors"
    )]
    unsafe fn add<A: Rounding>(&self, connection: usize, sums: &mut [T; B]) {
        // SAFETY: the caller's.
        let (place, weight) = unsafe {
            (
                *self.0.places.get_unchecked(connection),
                *self.0.connections.weights.get_unchecked(connection),
            )
        };
        let weight = Lane::<T, A>::new(weight);
        // SAFETY: the caller's.
        let newer = unsafe { self.0.rows.as_ptr().add(place as usize + self.0.shift) };
        if BETWEEN == CUBICS {
            let [before, after] = self.0.slopes.map(<[T]>::as_ptr);
            // SAFETY: the caller's; before the stretch there is one value more, and slopes are where values
            // are.
            let (part, older, before, after) = unsafe {
                let place = place as usize + self.0.shift;
                let part = *self.0.fractions.get_unchecked(connection);
                (part, newer.sub(1), before.add(place), after.add(place).sub(1))
            };
            let [of_older, of_before, of_after] =
                hermite(part.to_f64()).map(|weight| Lane::<T, A>::new(T::from_f64(weight)));
            for step in 0..B {
                // SAFETY: the caller's: `B` values are there.
                let [newer, older, before, after] = unsafe {
                    [newer, older, before, after].map(|from| Lane::<T, A>::new(*from.add(step)))
                };
                let value = of_older.mul_add(older - newer, newer);
                let value = of_after.mul_add(after, of_before.mul_add(before, value));
                sums[step] = weight.mul_add(value, Lane::new(sums[step])).value;
            }
        } else if BETWEEN == LINES {
            // SAFETY: the caller's; before the stretch there is one value more.
            let (part, older) =
                unsafe { (*self.0.fractions.get_unchecked(connection), newer.sub(1)) };
            let part = Lane::<T, A>::new(part);
            for step in 0..B {
                // SAFETY: the caller's: `B` values are there.
                let (newer, older) = unsafe { (*newer.add(step), *older.add(step)) };
                let newer = Lane::new(newer);
                let value = part.mul_add(Lane::new(older) - newer, newer);
                sums[step] = weight.mul_add(value, Lane::new(sums[step])).value;
            }
        } else {
            for step in 0..B {
                // SAFETY: the caller's: `B` values are there.
                let value = Lane::new(unsafe { *newer.add(step) });
                sums[step] = weight.mul_add(value, Lane::new(sums[step])).value;
            }
        }
    }
}

impl<T: Real, const B: usize, const BETWEEN: u8> Task for Far<'_, T, B, BETWEEN> {
    #[inline(always)]
    fn run<A: Rounding>(mut self) {
        let sums = std::mem::take(&mut self.0.sums);
        for sources in 0..self.0.connections.groups() {
            self.add_all::<A>(sources, sums);
        }
    }
}

impl<T: Real, const B: usize, const BETWEEN: u8> Far<'_, T, B, BETWEEN> {
    /// Adds the connections from some sources to the sums of all targets, which the first sources begin.
    #[inline(always)]
    fn add_all<A: Rounding>(&self, sources: usize, sums: &mut [T]) {
        for (group, sums) in sums.chunks_exact_mut(SIDE_BY_SIDE * B).enumerate() {
            let target = self.0.first + group * SIDE_BY_SIDE;
            let of = |row| self.0.connections.of(sources, target + row);
            let rows = [of(0), of(1), of(2), of(3)];
            let common = rows.iter().map(Range::len).min().unwrap_or(0);
            let mut total: [_; SIDE_BY_SIDE] = [[T::default(); B]; _];
            if sources > 0 {
                total.as_flattened_mut().copy_from_slice(sums);
            }
            for place in 0..common {
                for (row, total) in rows.iter().zip(&mut total) {
                    // SAFETY: `place` is below the length of each row.
                    unsafe { self.add::<A>(row.start + place, total) };
                }
            }
            for (row, total) in rows.iter().zip(&mut total) {
                for connection in row.start + common..row.end {
                    // SAFETY: the connection is one of the row.
                    unsafe { self.add::<A>(connection, total) };
                }
            }
            sums.copy_from_slice(total.as_flattened());
        }
    }
}

/// The connections of which nothing is known ahead.
struct Near<'a, T> {
    connections: &'a Connections<T>,
    history: &'a History<T>,
    at: Moment,
    present: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Task for Near<'_, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { connections: near, history, at, present, into } = self;
        for (target, sum) in into.iter_mut().enumerate() {
            let mut total = Lane::<T, A>::new(T::default());
            for place in near.of(0, target) {
                let source = near.sources[place] as usize;
                let now = present.get(source).copied().unwrap_or_default();
                let value = late(history, at, source, near.steps[place], now);
                total = Lane::new(near.weights[place]).mul_add(Lane::new(value), total);
            }
            *sum += total.value;
        }
    }
}

/// The same where values between steps are cubic. One copy: so few are hardly worth more.
fn add_near<T: Real>(
    near: &Connections<T>,
    memory: (&History<T>, &Slopes<T>),
    at: Moment,
    present: &[T],
    into: &mut [T],
) {
    for (target, sum) in into.iter_mut().enumerate() {
        let mut total = Lane::<T, AsWritten>::new(T::default());
        for place in near.of(0, target) {
            let source = near.sources[place] as usize;
            let now = present.get(source).copied().unwrap_or_default();
            let value = late_cubic(memory, at, source, near.steps[place], now);
            total = Lane::new(near.weights[place]).mul_add(Lane::new(value), total);
        }
        *sum += total.value;
    }
}

/// The value of a unit so many steps before a moment; `present` is that of the moment. Within a step,
/// values are linear between its beginning and the moment.
#[inline(always)]
pub(crate) fn late<T: Real>(
    history: &History<T>,
    at: Moment,
    unit: usize,
    steps: f64,
    present: T,
) -> T {
    if steps == 0.0 {
        return present;
    }
    let ago = steps - at.part;
    if ago >= 0.0 {
        return history.at(unit, at.step, Lag::new::<T>(ago), present);
    }
    let begun = history.at(unit, at.step, Lag { whole: 0, part: 0.0 }, present);
    begun + T::from_f64(-ago / at.part) * (present - begun)
}

/// The same with cubics between steps. Within the step under way there is no other slope than that at its
/// beginning: there values stay linear.
pub(crate) fn late_cubic<T: Real>(
    (history, slopes): (&History<T>, &Slopes<T>),
    at: Moment,
    unit: usize,
    steps: f64,
    present: T,
) -> T {
    let ago = steps - at.part;
    if steps == 0.0 || ago < 0.0 {
        return late(history, at, unit, steps, present);
    }
    slopes.at(history, unit, (at.step, Lag::new::<T>(ago)), present)
}
