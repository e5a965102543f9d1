//! Weighted sums of what depends on both ends of each connection.

use super::delayed::{late, late_cubic};
use super::slices::{SLICE, Slices};
use super::weights::Sparse;
use crate::lanes::{Lane, Lanes, Real, Rounding, Single};
use crate::network::Moment;
use crate::network::history::{History, Lag};
use crate::network::slopes::Memory;

/// Connections in slices, with their delays.
#[derive(Debug)]
pub(crate) struct Pairs<T> {
    slices: Slices,
    sources: Vec<u32>,
    weights: Vec<T>,
    /// In steps; empty if there are none.
    steps: Vec<f64>,
    /// Where past values stand, for each moment within a step that was asked for.
    places: Vec<Places<T>>,
    /// What connections read.
    values: Vec<T>,
}

/// Where the values that connections read stand in a history.
#[derive(Debug)]
struct Places<T> {
    part: f64,
    /// Row length and capacity of the history.
    shape: [usize; 2],
    /// The place of the value of step 0, if that stood in column `capacity`; [`PRESENT`] where
    /// the present is needed.
    starts: Vec<u32>,
    fractions: Vec<T>,
}

const PRESENT: u32 = u32::MAX;

impl<T: Real> Pairs<T> {
    /// `steps` are the delays of all connections, or nothing.
    pub(crate) fn new(sparse: &Sparse, steps: &[f64]) -> Self {
        let (slices, order) = Slices::new(sparse);
        let of_order = |place: &usize| steps.get(*place).copied();
        Self {
            slices,
            sources: order.iter().map(|place| sparse.sources[*place]).collect(),
            weights: order.iter().map(|place| T::from_f64(sparse.weights[*place])).collect(),
            steps: order.iter().filter_map(of_order).collect(),
            places: Vec::new(),
            values: vec![T::default(); order.len()],
        }
    }

    /// Computes, for each target, the sum over its connections of weight times what `fast` makes of
    /// source and target; where that leaves something out, `exact`.
    #[inline(always)]
    pub(super) fn sum<A: Rounding>(
        &self,
        own: &[T],
        sums: &mut [T],
        fast: impl Fn(T, T) -> Lane<T, A>,
        exact: impl Fn(T, T) -> Lane<T, Single<A>>,
    ) {
        for slice in 0..self.slices.count() {
            if self.sum_slice(slice, own, sums, &fast) {
                self.sum_slice(slice, own, sums, &exact);
            }
        }
    }

    /// The sums of one slice of targets; whether one of them means nothing.
    #[inline(always)]
    fn sum_slice<A: Rounding>(
        &self,
        slice: usize,
        own: &[T],
        sums: &mut [T],
        each: &impl Fn(T, T) -> Lane<T, A>,
    ) -> bool {
        let Self { slices, weights, values, .. } = self;
        let targets = slices.targets(slice);
        let (mut owns, mut total) = ([T::default(); SLICE], [T::default(); SLICE]);
        for (lane, target) in targets.iter().enumerate() {
            owns[lane] = own[*target as usize];
        }
        let common = slices.side_by_side(slice);
        let values_of = values[common.clone()].as_chunks::<SLICE>().0;
        let weights_of = weights[common].as_chunks::<SLICE>().0;
        let mut far = false;
        for (values, weights) in values_of.iter().zip(weights_of) {
            for lane in 0..SLICE {
                let sent = each(values[lane], owns[lane]);
                far |= sent.far;
                let weight = Lane::<T, A>::new(weights[lane]);
                total[lane] = weight.mul_add(sent, Lane::new(total[lane])).value;
            }
        }
        for (lane, target) in targets.iter().enumerate() {
            let mut sum = Lane::<T, A>::new(total[lane]);
            for place in slices.rest(slice, lane) {
                let sent = each(values[place], owns[lane]);
                far |= sent.far;
                sum = Lane::new(weights[place]).mul_add(sent, sum);
            }
            sums[*target as usize] = sum.value;
        }
        far
    }

    /// Reads the values of all connections, from a history where they are delayed.
    #[inline(always)]
    pub(super) fn read(&mut self, memory: Option<Memory<'_, T>>, at: Moment, present: &[T]) {
        let Some(Memory { values: history, slopes }) = memory.filter(|_| !self.steps.is_empty())
        else {
            for (value, source) in self.values.iter_mut().zip(&self.sources) {
                *value = present[*source as usize];
            }
            return;
        };
        if let Some(slopes) = slopes {
            let connections = self.sources.iter().zip(&self.steps);
            for (value, (source, steps)) in self.values.iter_mut().zip(connections) {
                let source = *source as usize;
                *value = late_cubic((history, slopes), at, source, *steps, present[source]);
            }
            return;
        }
        let index = self.places.iter().position(|places| places.part == at.part);
        let index = index.unwrap_or_else(|| {
            let (part, shape) = (at.part, [0; 2]);
            self.places.push(Places { part, shape, starts: Vec::new(), fractions: Vec::new() });
            self.places.len() - 1
        });
        let Self { sources, steps, places, values, .. } = self;
        let places = &mut places[index];
        places.lay_out(sources, steps, history);
        let (rows, shift) = (history.rows(), history.column(at.step) - history.capacity());
        for (index, value) in values.iter_mut().enumerate() {
            let place = places.starts[index];
            *value = if place == PRESENT {
                let source = sources[index] as usize;
                late(history, at, source, steps[index], present[source])
            } else {
                let newer = place as usize + shift;
                let part = places.fractions[index];
                rows[newer] + part * (rows[newer - 1] - rows[newer])
            };
        }
    }
}

impl<T: Real> Places<T> {
    fn lay_out(&mut self, sources: &[u32], steps: &[f64], history: &History<T>) {
        let shape = [history.row_length(), history.capacity()];
        if shape == self.shape {
            return;
        }
        self.shape = shape;
        let [row, capacity] = shape;
        self.fractions = vec![T::default(); steps.len()];
        self.starts = vec![PRESENT; steps.len()];
        for (index, steps) in steps.iter().enumerate() {
            // At the beginning of a step the newest value is one step old; later, it is that of the
            // beginning.
            let newest = if self.part == 0.0 { 1.0 } else { self.part };
            if *steps < newest {
                continue;
            }
            let lag = Lag::new::<T>(steps - self.part);
            let place = sources[index] as usize * row + capacity - lag.whole;
            // Longer histories were refused.
            self.starts[index] = u32::try_from(place).unwrap_or(PRESENT);
            self.fractions[index] = T::from_f64(lag.part);
        }
    }
}
