//! Connections that all have one delay. What they send is known as many steps ahead, so that each weight is
//! read once for several steps.

use std::sync::Arc;

use super::ahead::Aheads;
use super::delayed::{late, late_cubic};
use super::product::{Product, room};
use crate::crew::Hands;
use crate::integrate::Arithmetic;
use crate::lanes::Real;
use crate::network::Moment;
use crate::network::history::Lag;
use crate::network::slopes::Memory;
use crate::units::{BLOCK, Column};

/// Weights, and a delay in steps.
pub(crate) struct Alike<T> {
    product: Arc<Product<T>>,
    /// How many targets each network has, of those that stand side by side.
    targets: usize,
    members: usize,
    sources: usize,
    steps: f64,
    aheads: Aheads<Vec<T>>,
    /// What sources were at successive steps, side by side.
    values: Column<T>,
}

/// How many steps are computed at once, if delay and product allow.
const BLOCKS: [usize; 5] = [32, 16, 8, 4, 2];

impl<T: Real> Alike<T> {
    /// If the delay is long enough for steps to be computed together; `latest` is the last moment within a step
    /// that will be asked for.
    pub(crate) fn new(
        product: &Arc<Product<T>>,
        [targets, sources]: [usize; 2],
        steps: f64,
        latest: f64,
    ) -> Option<Self> {
        let most = product.steps_at_once();
        let fits = |block: &usize| *block <= most && steps - latest >= *block as f64;
        let block = BLOCKS.into_iter().find(fits)?;
        let product = Arc::clone(product);
        let each = product.targets_each(targets);
        Some(Self {
            product,
            targets: each,
            members: targets.checked_div(each).unwrap_or(0),
            sources,
            steps,
            aheads: Aheads::new(block),
            values: Column::per_unit(sources * block, |_| T::default()),
        })
    }

    /// See [`Aheads::known`].
    pub(crate) fn known(&self, step: u64) -> u64 {
        self.aheads.known(step)
    }

    /// Forgets what was computed ahead.
    pub(crate) fn forget(&mut self) {
        self.aheads.forget();
    }

    /// Adds what arrives at a moment.
    pub(crate) fn add(
        &mut self,
        how: (Arithmetic, Hands),
        memory: Memory<'_, T>,
        at: Moment,
        into: &mut [T],
    ) {
        if into.is_empty() {
            return;
        }
        let Self { product, targets, members, aheads, values, .. } = self;
        let block = aheads.block();
        let values = values.as_mut_slice(self.sources * block);
        let of_each = room(*targets, block);
        let (sums, row) = aheads.at(at, |sums| {
            look_back(memory, at, self.steps, values.chunks_exact_mut(block));
            sums.clear();
            sums.resize(*members * of_each, T::default());
            T::add_steps(how, product, block, values, sums);
        });
        for (sums, into) in sums.chunks_exact(of_each).zip(into.chunks_mut(*targets)) {
            let blocks = sums.chunks_exact(BLOCK * block).zip(into.chunks_mut(BLOCK));
            for (sums, into) in blocks {
                let sums = &sums[BLOCK * row..];
                into.iter_mut().zip(sums).for_each(|(into, sum)| *into += *sum);
            }
        }
    }
}

/// What units were so many steps before a moment and the next steps.
fn look_back<'a, T: Real>(
    Memory { values: history, slopes }: Memory<'_, T>,
    at: Moment,
    steps: f64,
    units: impl Iterator<Item = &'a mut [T]>,
) {
    let lag = Lag::new::<T>(steps - at.part);
    for (unit, values) in units.enumerate() {
        if lag.part == 0.0 {
            values.copy_from_slice(history.stretch(unit, at.step, lag.whole, values.len()));
            continue;
        }
        for (step, value) in (at.step..).zip(values) {
            let (at, present) = (Moment { step, ..at }, T::default());
            *value = match slopes {
                None => late(history, at, unit, steps, present),
                Some(slopes) => late_cubic((history, slopes), at, unit, steps, present),
            };
        }
    }
}
