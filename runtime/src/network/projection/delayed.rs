//! Sums of values that each connection delays on its own.
//!
//! What lies far enough in the past is known several steps ahead. As a history keeps successive steps
//! side by side, one weight times a stretch of it is the contribution of a connection to as many
//! steps, without a gather.

use super::weights::Sparse;
use crate::integrate::Arithmetic;
use crate::lanes::{Lane, Lanes, Real, Rounding};
use crate::network::Moment;
use crate::network::history::{History, Lag};
use crate::task::{self, Task};

/// Connections with delays. The sum of a target is over those that are known longest ahead, in the order
/// of their sources, then over those of the next level, and at last over those that are not: it does
/// not depend on where a block begins.
pub(crate) struct Delayed<T> {
    levels: Vec<Level<T>>,
    near: Connections<T>,
    /// Whether values of the present are among what is read.
    reads_present: bool,
}

/// Connections whose sums are computed so many steps ahead.
struct Level<T> {
    block: usize,
    far: Connections<T>,
    /// For each moment within a step that was asked for: what is known of the next steps.
    aheads: Vec<Ahead<T>>,
}

struct Connections<T> {
    starts: Vec<usize>,
    sources: Vec<u32>,
    weights: Vec<T>,
    /// Delays in steps.
    steps: Vec<f64>,
}

struct Ahead<T> {
    /// The moment, in steps from the beginning of a step.
    part: f64,
    /// Row length and capacity of the history that places are for.
    shape: [usize; 2],
    /// For each connection the place of its value of step 0, if that stood in column `capacity`.
    places: Vec<u32>,
    /// The smallest and the largest of them.
    range: [usize; 2],
    /// What part of a step each lies before that; empty if they all lie on steps.
    fractions: Vec<T>,
    /// The first step that sums are for.
    first: Option<u64>,
    /// Target by target, `block` steps each.
    sums: Vec<T>,
}

/// How many steps ahead sums may be computed: each connection as many as its delay allows, for a
/// stretch of the past costs about as much to add as a single value.
const BLOCKS: [usize; 4] = [32, 16, 8, 1];

/// How many moments within a step are remembered: as many as any method has stages.
const MOMENTS: usize = 8;

impl<T: Real> Connections<T> {
    fn new(sparse: &Sparse, steps: &[f64], is_in: impl Fn(f64) -> bool) -> Self {
        let (mut starts, mut places) = (vec![0], Vec::new());
        for target in 0..sparse.targets() {
            places.extend(sparse.row(target).filter(|place| is_in(steps[*place])));
            starts.push(places.len());
        }
        Self {
            starts,
            sources: places.iter().map(|place| sparse.sources[*place]).collect(),
            weights: places.iter().map(|place| T::from_f64(sparse.weights[*place])).collect(),
            steps: places.iter().map(|place| steps[*place]).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

impl<T: Real> Delayed<T> {
    /// `latest` is the last moment within a step that will be asked for.
    pub(crate) fn new(sparse: &Sparse, steps: &[f64], latest: f64) -> Self {
        let block = |steps: f64| BLOCKS.into_iter().find(|block| steps - latest >= *block as f64);
        let level = |size: usize| {
            let far = Connections::new(sparse, steps, |steps| block(steps) == Some(size));
            Level { block: size, far, aheads: Vec::new() }
        };
        Self {
            levels: BLOCKS.map(level).into_iter().filter(|level| !level.far.is_empty()).collect(),
            near: Connections::new(sparse, steps, |steps| block(steps).is_none()),
            reads_present: steps.iter().any(|steps| *steps < latest.max(1.0)),
        }
    }

    pub(crate) fn reads_present(&self) -> bool {
        self.reads_present
    }

    /// Forgets what was computed ahead.
    pub(crate) fn forget(&mut self) {
        let aheads = self.levels.iter_mut().flat_map(|level| &mut level.aheads);
        aheads.for_each(|ahead| ahead.first = None);
    }

    /// Adds what arrives at a moment; `present` are the values of the sources then.
    pub(crate) fn add(
        &mut self,
        arithmetic: Arithmetic,
        history: &History<T>,
        at: Moment,
        present: &[T],
        into: &mut [T],
    ) {
        for level in &mut self.levels {
            level.add(arithmetic, history, at, into);
        }
        if !self.near.is_empty() {
            task::run(arithmetic, Near { connections: &self.near, history, at, present, into });
        }
    }
}

impl<T: Real> Level<T> {
    fn add(&mut self, arithmetic: Arithmetic, history: &History<T>, at: Moment, into: &mut [T]) {
        let index = self.aheads.iter().position(|ahead| ahead.part == at.part);
        let index = index.unwrap_or_else(|| {
            // Moments that are not foreseen come once each.
            if self.aheads.len() == MOMENTS {
                self.aheads.remove(0);
            }
            self.aheads.push(Ahead::new(at.part));
            self.aheads.len() - 1
        });
        let ahead = &mut self.aheads[index];
        ahead.compute(&self.far, self.block, arithmetic, history, at.step);
        let offset = usize::try_from(at.step - ahead.first.unwrap_or(at.step)).unwrap_or(0);
        for (into, sums) in into.iter_mut().zip(ahead.sums.chunks_exact(self.block)) {
            *into += sums[offset];
        }
    }
}

impl<T: Real> Ahead<T> {
    /// Nothing known yet of a moment within steps.
    fn new(part: f64) -> Self {
        let (places, fractions, sums) = (Vec::new(), Vec::new(), Vec::new());
        Self { part, shape: [0; 2], places, range: [0; 2], fractions, first: None, sums }
    }

    /// Computes the sums of the next steps, unless they are there.
    fn compute(
        &mut self,
        far: &Connections<T>,
        block: usize,
        arithmetic: Arithmetic,
        history: &History<T>,
        step: u64,
    ) {
        if self.first.is_some_and(|first| (first..first + block as u64).contains(&step)) {
            return;
        }
        self.first = Some(step);
        self.lay_out(far, history);
        self.sums.resize((far.starts.len() - 1) * block, T::default());
        let (rows, shift) = (history.rows(), history.column(step) - history.capacity());
        let Self { places, range: [lowest, highest], fractions, sums, .. } = self;
        // What `Far::add` takes for granted.
        assert!(*highest + shift + block <= rows.len(), "the past is as long as delays need");
        assert!(fractions.is_empty() || *lowest + shift >= 1, "what lies between steps has both");
        let counts = [places.len(), far.weights.len(), *far.starts.last().unwrap_or(&0)];
        assert!(counts == [far.sources.len(); 3], "there is a place and a weight for each");
        assert!(fractions.is_empty() || fractions.len() == places.len(), "and a fraction");
        let between = !fractions.is_empty();
        let stretch = Stretch { connections: far, places, fractions, rows, shift, sums };
        T::sum_ahead(arithmetic, block, between, stretch);
    }

    fn lay_out(&mut self, far: &Connections<T>, history: &History<T>) {
        let shape = [history.row_length(), history.capacity()];
        if shape == self.shape {
            return;
        }
        self.shape = shape;
        let lags = far.steps.iter().map(|steps| Lag::new::<T>(steps - self.part));
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
    shift: usize,
    sums: &'a mut [T],
}

/// Computes sums, for one of [`BLOCKS`]; `between` says whether values lie between steps. To be called
/// through [`Real`], by which it is compiled with this crate.
pub(crate) fn sum_ahead<T: Real>(
    arithmetic: Arithmetic,
    block: usize,
    between: bool,
    stretch: Stretch<'_, T>,
) {
    match (block, between) {
        (32, false) => task::run(arithmetic, Far::<T, 32, false>(stretch)),
        (16, false) => task::run(arithmetic, Far::<T, 16, false>(stretch)),
        (8, false) => task::run(arithmetic, Far::<T, 8, false>(stretch)),
        (_, false) => task::run(arithmetic, Far::<T, 1, false>(stretch)),
        (32, true) => task::run(arithmetic, Far::<T, 32, true>(stretch)),
        (16, true) => task::run(arithmetic, Far::<T, 16, true>(stretch)),
        (8, true) => task::run(arithmetic, Far::<T, 8, true>(stretch)),
        (_, true) => task::run(arithmetic, Far::<T, 1, true>(stretch)),
    }
}

/// The sums of `B` steps.
struct Far<'a, T, const B: usize, const BETWEEN: bool>(Stretch<'a, T>);

impl<T: Real, const B: usize, const BETWEEN: bool> Far<'_, T, B, BETWEEN> {
    /// Adds one connection to the sums of a target. Nothing can go wrong in it, for only then does the
    /// compiler keep the sums in vectors from one connection to the next.
    ///
    /// # Safety
    /// The connection exists, and so do the places that it reads: `Ahead::compute` asserts it of all.
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
        if BETWEEN {
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

impl<T: Real, const B: usize, const BETWEEN: bool> Task for Far<'_, T, B, BETWEEN> {
    #[inline(always)]
    fn run<A: Rounding>(mut self) {
        let sums = std::mem::take(&mut self.0.sums);
        let starts = &self.0.connections.starts;
        for (group, out) in sums.chunks_mut(SIDE_BY_SIDE * B).enumerate() {
            // A group that is not full has targets without connections behind its last.
            let end = |row: usize| starts[(group * SIDE_BY_SIDE + row).min(starts.len() - 1)];
            let rows: [_; SIDE_BY_SIDE] = std::array::from_fn(|row| end(row)..end(row + 1));
            let common = rows.iter().map(std::ops::Range::len).min().unwrap_or(0);
            let mut total = [[T::default(); B]; SIDE_BY_SIDE];
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
            for (out, total) in out.chunks_exact_mut(B).zip(&total) {
                out.copy_from_slice(total);
            }
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
            for place in near.starts[target]..near.starts[target + 1] {
                let source = near.sources[place] as usize;
                let now = present.get(source).copied().unwrap_or_default();
                let value = late(history, at, source, near.steps[place], now);
                total = Lane::new(near.weights[place]).mul_add(Lane::new(value), total);
            }
            *sum += total.value;
        }
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
