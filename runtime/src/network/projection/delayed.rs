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

/// Connections with delays. The sum of a target is over those that are known ahead, in the order of
/// their sources, then over the others: it does not depend on where a block begins.
pub(crate) struct Delayed<T> {
    far: Connections<T>,
    near: Connections<T>,
    /// How many steps are computed ahead.
    block: usize,
    /// For each moment within a step that was asked for: what is known of the next steps.
    aheads: Vec<Ahead<T>>,
    /// Whether values of the present are among what is read.
    reads_present: bool,
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
    /// What part of a step each lies before that; empty if they all lie on steps.
    fractions: Vec<T>,
    /// The first step that sums are for.
    first: Option<u64>,
    /// Target by target, `block` steps each.
    sums: Vec<T>,
}

/// Lengths of blocks to choose from.
const BLOCKS: [usize; 4] = [32, 16, 8, 1];

/// How many moments within a step are remembered: as many as any method has stages.
const MOMENTS: usize = 8;

/// What a gathered value costs, in vectors of a block.
const GATHER: f64 = 6.0;

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
}

impl<T: Real> Delayed<T> {
    /// `latest` is the last moment within a step that will be asked for.
    pub(crate) fn new(sparse: &Sparse, steps: &[f64], latest: f64) -> Self {
        let is_far = |block: usize| move |steps: f64| steps - latest >= block as f64;
        let lanes = (64 / size_of::<T>()) as f64;
        let cost = |block: usize| {
            let far = steps.iter().filter(|steps| is_far(block)(**steps)).count();
            let near = (steps.len() - far) as f64;
            // Loading weight and place costs about as much as one vector.
            let vectors = (block as f64 / lanes).ceil() + 1.0;
            far as f64 * vectors / block as f64 + near * GATHER
        };
        let block = BLOCKS.into_iter().min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(1);
        Self {
            far: Connections::new(sparse, steps, is_far(block)),
            near: Connections::new(sparse, steps, |steps| !is_far(block)(steps)),
            block,
            aheads: Vec::new(),
            reads_present: steps.iter().any(|steps| *steps < latest.max(1.0)),
        }
    }

    pub(crate) fn reads_present(&self) -> bool {
        self.reads_present
    }

    /// Forgets what was computed ahead.
    pub(crate) fn forget(&mut self) {
        self.aheads.iter_mut().for_each(|ahead| ahead.first = None);
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
        let index = self.aheads.iter().position(|ahead| ahead.part == at.part);
        let index = index.unwrap_or_else(|| {
            let (places, fractions, sums) = (Vec::new(), Vec::new(), Vec::new());
            let (part, shape, first) = (at.part, [0; 2], None);
            // Moments that are not foreseen come once each.
            if self.aheads.len() == MOMENTS {
                self.aheads.remove(0);
            }
            self.aheads.push(Ahead { part, shape, places, fractions, first, sums });
            self.aheads.len() - 1
        });
        let ahead = &mut self.aheads[index];
        ahead.compute(&self.far, self.block, arithmetic, history, at.step);
        let offset = usize::try_from(at.step - ahead.first.unwrap_or(at.step)).unwrap_or(0);
        let sums = ahead.sums.iter().skip(offset).step_by(self.block);
        task::run(arithmetic, Near { connections: &self.near, sums, history, at, present, into });
    }
}

impl<T: Real> Ahead<T> {
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
        let sums = &mut self.sums;
        let (places, fractions) = (&self.places, &self.fractions);
        macro_rules! run {
            ($block:literal) => {
                task::run(
                    arithmetic,
                    Far::<T, $block> { connections: far, places, fractions, rows, shift, sums },
                )
            };
        }
        match block {
            32 => run!(32),
            16 => run!(16),
            8 => run!(8),
            _ => run!(1),
        }
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
        let is_whole = lags.iter().all(|lag| lag.part == 0.0);
        let fractions = lags.iter().map(|lag| T::from_f64(lag.part));
        self.fractions = if is_whole { Vec::new() } else { fractions.collect() };
    }
}

/// How many targets are summed up side by side: as many chains of sums.
const SIDE_BY_SIDE: usize = 4;

struct Far<'a, T, const B: usize> {
    connections: &'a Connections<T>,
    places: &'a [u32],
    fractions: &'a [T],
    rows: &'a [T],
    shift: usize,
    sums: &'a mut [T],
}

impl<T: Real, const B: usize> Far<'_, T, B> {
    /// Adds one connection to the sums of a target.
    #[inline(always)]
    fn add<A: Rounding>(&self, connection: usize, sums: &mut [T; B]) {
        let place = self.places[connection] as usize + self.shift;
        let weight = Lane::<T, A>::new(self.connections.weights[connection]);
        let newer = &self.rows[place..place + B];
        if self.fractions.is_empty() {
            for (sum, value) in sums.iter_mut().zip(newer) {
                *sum = weight.mul_add(Lane::new(*value), Lane::new(*sum)).value;
            }
        } else {
            let part = Lane::<T, A>::new(self.fractions[connection]);
            let older = &self.rows[place - 1..place - 1 + B];
            for (sum, (newer, older)) in sums.iter_mut().zip(newer.iter().zip(older)) {
                let newer = Lane::new(*newer);
                let value = part.mul_add(Lane::new(*older) - newer, newer);
                *sum = weight.mul_add(value, Lane::new(*sum)).value;
            }
        }
    }
}

impl<T: Real, const B: usize> Task for Far<'_, T, B> {
    #[inline(always)]
    fn run<A: Rounding>(mut self) {
        let sums = std::mem::take(&mut self.sums);
        let starts = &self.connections.starts;
        for (group, out) in sums.chunks_mut(SIDE_BY_SIDE * B).enumerate() {
            let first = group * SIDE_BY_SIDE;
            let mut total = [[T::default(); B]; SIDE_BY_SIDE];
            let count = out.len() / B;
            let length = |row: usize| starts[first + row + 1] - starts[first + row];
            // A group that is not full is done target by target.
            let common = (0..SIDE_BY_SIDE)
                .map(|row| if row < count { length(row) } else { 0 })
                .min()
                .unwrap_or(0);
            for place in 0..common {
                for (row, total) in total.iter_mut().enumerate() {
                    self.add::<A>(starts[first + row] + place, total);
                }
            }
            for (row, total) in total.iter_mut().enumerate().take(count) {
                for connection in starts[first + row] + common..starts[first + row + 1] {
                    self.add::<A>(connection, total);
                }
            }
            for (out, total) in out.chunks_exact_mut(B).zip(&total) {
                out.copy_from_slice(total);
            }
        }
    }
}

/// What was computed ahead, and the connections that could not be.
struct Near<'a, T, I> {
    connections: &'a Connections<T>,
    sums: I,
    history: &'a History<T>,
    at: Moment,
    present: &'a [T],
    into: &'a mut [T],
}

impl<'a, T: Real, I: Iterator<Item = &'a T>> Task for Near<'a, T, I> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { connections: near, sums, history, at, present, into } = self;
        for (target, (sum, ahead)) in into.iter_mut().zip(sums).enumerate() {
            let mut total = Lane::<T, A>::new(*ahead);
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
