//! Random numbers that depend on what they are for, not on when they are asked for: the same for any
//! order, width of vectors, instruction set, restart or choice of what is recorded.
//!
//! [`crate::philox`] is a function of a key and a counter; [`crate::normal`] makes normal numbers of
//! what it gives, in the same arithmetic on every machine, whatever that of the simulation.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::crew::Hands;
use crate::instructions::{InstructionSet, Job};
use crate::lanes::Real;
use crate::mixing::Mixed;
use crate::model::Law;
use crate::normal::{
    ByInstruction, CALLS, InPieces, InSoftware, Processor, Words, first_normals, normals, words_of,
};
#[cfg(target_arch = "x86_64")]
use crate::normal::{InAvx2, InAvx512};
use crate::philox::{halves, philox};
use crate::time::Clock;
use crate::units::{BLOCK, Column, PART, Tile, number};

/// The numbers of one noise of one population.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    /// Of the seed and the population.
    key: [u32; 2],
    /// The noise, of those that share the key.
    noise: u32,
    /// Which one of many copies of the network, run at once.
    member: u32,
    /// The number of a step is the sum of this many, over the root of it.
    substeps: u32,
}

/// What a number is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// What drives a step.
    Step = 0,
    /// The value at t = 0.
    Start = 1,
    /// Where the path is within the step, beside its end.
    Second = 3,
}

/// What a key is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    /// The noises of a population.
    Population = 2,
    /// What is drawn once: see [`crate::draw`].
    Initial = 3,
}

/// Bits of a counter for the noise; further noises have a key of their own.
const NOISE_BITS: u32 = 9;
/// Bits of a counter's last word for the step: with the 32 of another one, enough for all steps that
/// [`Clock`] can tell apart.
const STEP_BITS: u32 = 21;

/// Which numbers: those of a population have the seed, a place in the network, the noise, all counted
/// from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) seed: u64,
    pub(crate) population: usize,
    pub(crate) noise: u32,
    pub(crate) member: u32,
}

impl Stream {
    pub(crate) fn new(place: Place, substeps: u32) -> Self {
        let Place { seed, population, noise, member } = place;
        let [low, high] = halves(population as u64);
        let counter = [low, high, noise >> NOISE_BITS, Key::Population as u32];
        let mixed = philox(halves(seed), counter);
        let noise = noise & ((1 << NOISE_BITS) - 1);
        Self { key: [mixed[0], mixed[1]], noise, member, substeps }
    }

    /// The counter of the first call for a block in a step; calls of a block have consecutive first
    /// words. The words: the call (32 bits); the step (32 bits of 53); the member (32 bits); the rest
    /// of the step (21 bits), what the number is for (2 bits) and the noise (9 bits).
    #[inline(always)]
    fn counter(self, step: u64, purpose: Purpose, call: u32) -> [u32; 4] {
        let [low, high] = halves(step);
        let high = high & ((1 << STEP_BITS) - 1);
        let last = high | (purpose as u32) << STEP_BITS | self.noise << (32 - NOISE_BITS);
        [call, low, self.member, last]
    }

    /// Normal numbers of mean 0 and variance 1 for the units of a block.
    #[inline(always)]
    fn block<T: Real, P: Processor>(self, step: u64, purpose: Purpose, block: u32) -> Tile<T> {
        let mut tile = [Tile::of(T::default())];
        self.blocks::<T, P, 1, false>([self.first_call(step, purpose, block)], &mut tile);
        tile[0]
    }

    /// The counter of the first call for a block. More than 2³⁶ units do not fit into memory.
    #[inline(always)]
    fn first_call(self, step: u64, purpose: Purpose, block: u32) -> [u32; 4] {
        self.counter(step, purpose, block.wrapping_mul(CALLS))
    }

    #[inline(always)]
    fn blocks<T: Real, P: Processor, const N: usize, const FEW: bool>(
        self,
        firsts: [[u32; 4]; N],
        into: &mut [Tile<T>; N],
    ) {
        numbers::<T, P, N, FEW>(&P::words(self.key, firsts, &mut ()), into);
    }

    /// Fills blocks, or the first [`PART`] units of each if there are so `FEW`, given the counter of the first
    /// call for each. Several at once keep a processor busier than one.
    #[inline(always)]
    fn fill<T: Real, P: Processor, const FEW: bool>(
        self,
        first: impl Fn(u32) -> [u32; 4],
        into: &mut [Tile<T>],
    ) {
        let (pairs, rest) = into.as_chunks_mut();
        let behind = 2 * number(pairs.len());
        let two = |pair: usize| [first(number(2 * pair)), first(number(2 * pair + 1))];
        if FEW || !P::BESIDE {
            for (place, pair) in pairs.iter_mut().enumerate() {
                self.blocks::<T, P, 2, FEW>(two(place), pair);
            }
        } else if let Some((last, before)) = pairs.split_last_mut() {
            // The words of two blocks are made beside the numbers of the two before.
            let mut words = P::words(self.key, two(0), &mut ());
            for (place, pair) in before.iter_mut().enumerate() {
                let mut pieces = InPieces::<T, P>::new(&words, pair);
                words = P::words(self.key, two(place + 1), &mut pieces);
            }
            numbers::<T, P, 2, FEW>(&words, last);
        }
        for (place, tile) in (behind..).zip(rest) {
            self.blocks::<T, P, 1, FEW>([first(place)], std::array::from_mut(tile));
        }
    }

    /// The same for successive blocks in a step.
    #[inline(always)]
    fn fill_blocks<T: Real, P: Processor>(
        self,
        (step, purpose): (u64, Purpose),
        block: u32,
        into: &mut [Tile<T>],
    ) {
        let [call, rest @ ..] = self.first_call(step, purpose, block);
        let first = |index: u32| {
            let call = call.wrapping_add(index.wrapping_mul(CALLS));
            [call, rest[0], rest[1], rest[2]]
        };
        self.fill::<T, P, false>(first, into);
    }

    /// What drives a step: the same Brownian path as many smaller steps see.
    #[inline(always)]
    fn step<T: Real, P: Processor>(self, step: u64, block: u32) -> Tile<T> {
        let count = u64::from(self.substeps);
        let mut sum = Tile::of(T::default());
        for part in 0..count {
            let finer = self.block::<T, P>(step.wrapping_mul(count) + part, Purpose::Step, block);
            for (sum, finer) in sum.iter_mut().zip(finer.iter()) {
                *sum += *finer;
            }
        }
        let scale = T::from_f64(1.0 / f64::from(self.substeps).sqrt());
        sum.iter_mut().for_each(|value| *value = *value * scale);
        sum
    }

    /// The number ζ that tells with that of the step, ξ, the integral of the path over the step,
    /// h^(3/2) (ξ + ζ/√3)/2 (P. E. Kloeden and E. Platen, Numerical Solution of Stochastic Differential
    /// Equations, Springer 1992, section 10.4): independent of ξ, and of the same path as smaller
    /// steps see. Of n of these with the numbers g and z it is Σ (√3 (n - 1 - 2i) gᵢ + zᵢ)/n^(3/2).
    #[inline(always)]
    fn second<T: Real, P: Processor>(self, step: u64, block: u32) -> Tile<T> {
        let count = u64::from(self.substeps);
        let n = f64::from(self.substeps);
        let mut sum = Tile::of(T::default());
        for part in 0..count {
            let finer = step.wrapping_mul(count) + part;
            let first = self.block::<T, P>(finer, Purpose::Step, block);
            let second = self.block::<T, P>(finer, Purpose::Second, block);
            let weight = T::from_f64(3.0_f64.sqrt() * (n - 1.0 - 2.0 * part as f64));
            for (sum, (first, second)) in sum.iter_mut().zip(first.iter().zip(second.iter())) {
                *sum += weight * *first + *second;
            }
        }
        let scale = T::from_f64(1.0 / (n * n.sqrt()));
        sum.iter_mut().for_each(|value| *value = *value * scale);
        sum
    }
}

/// The numbers of words, all or those of a part.
#[inline(always)]
fn numbers<T: Real, P: Processor, const N: usize, const FEW: bool>(
    words: &[Words; N],
    into: &mut [Tile<T>; N],
) {
    if FEW {
        for (tile, words) in into.iter_mut().zip(words) {
            *tile.part_mut(0) = Tile::new(first_normals::<T, P>(words));
        }
    } else {
        normals::<T, P, N>(words, into);
    }
}

/// A loop over random numbers.
pub(crate) trait Draw {
    /// Must be `#[inline(always)]`, as must be all that it calls in the loop.
    fn run<P: Processor>(self);
}

/// Draws with the widest vectors that this processor has.
pub(crate) fn draw(what: impl Draw) {
    draw_with(InstructionSet::best(), what);
}

/// Draws with these vectors, which must be available: the same numbers with all.
fn draw_with(set: InstructionSet, what: impl Draw) {
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => set.run(On::<_, InAvx512>(what, PhantomData)),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => set.run(On::<_, InAvx2>(what, PhantomData)),
        _ if set.has_fma() => set.run(On::<_, ByInstruction>(what, PhantomData)),
        _ => set.run(On::<_, InSoftware>(what, PhantomData)),
    }
}

/// A loop for a kind of processor.
struct On<D, P>(D, PhantomData<P>);

impl<D: Draw, P: Processor> Job for On<D, P> {
    #[inline(always)]
    fn run(self) {
        self.0.run::<P>();
    }
}

/// Fills blocks with normal numbers.
pub struct Fill<'a, T> {
    stream: Stream,
    step: u64,
    purpose: Purpose,
    first: usize,
    into: &'a mut [Tile<T>],
}

/// Fills one block with what a noise is at successive steps.
pub struct FillSteps<'a, T> {
    pub(crate) stream: Stream,
    pub(crate) first: u64,
    pub(crate) block: usize,
    /// How many units there are in the block.
    pub(crate) units: usize,
    /// How it goes on from its present value, if it has one.
    pub(crate) law: Option<(&'a Relaxation<T>, &'a mut Tile<T>)>,
    pub(crate) into: &'a mut [Tile<T>],
}

impl<T: Real> Draw for FillSteps<'_, T> {
    #[inline(always)]
    fn run<P: Processor>(self) {
        let Self { stream, first, block, units, law, into } = self;
        // The upper half of the count of steps changes once in 2³² steps.
        let stays = halves(first)[1] == halves(first + into.len() as u64)[1];
        if stream.substeps == 1 && stays {
            let from = stream.first_call(first, Purpose::Step, number(block));
            let [call, low, rest @ ..] = from;
            let first = |index| [call, low.wrapping_add(index), rest[0], rest[1]];
            if units <= PART {
                stream.fill::<T, P, true>(first, into);
            } else {
                stream.fill::<T, P, false>(first, into);
            }
        } else {
            for (step, tile) in (first..).zip(&mut *into) {
                *tile = stream.step::<T, P>(step, number(block));
            }
        }
        if let Some((law, value)) = law {
            for tile in into {
                let kicks = std::mem::replace(tile, *value);
                law.relax(block, value, &kicks);
            }
        }
    }
}

impl<T: Real> Draw for Fill<'_, T> {
    #[inline(always)]
    fn run<P: Processor>(self) {
        let Self { stream, step, purpose, first, into } = self;
        if stream.substeps == 1 || matches!(purpose, Purpose::Start) {
            stream.fill_blocks::<T, P>((step, purpose), number(first), into);
            return;
        }
        for (block, tile) in (number(first)..).zip(into) {
            *tile = match purpose {
                Purpose::Second => stream.second::<T, P>(step, block),
                Purpose::Step | Purpose::Start => stream.step::<T, P>(step, block),
            };
        }
    }
}

/// Fills units of several populations side by side, of which each has the first number of a call of its
/// own.
pub struct FillFirsts<'a, T> {
    firsts: &'a Firsts,
    step: u64,
    into: &'a mut [T],
}

/// For each unit the key and the call, as many as fill whole vectors.
#[derive(Clone, Debug)]
struct Firsts {
    like: Stream,
    keys: [Vec<u32>; 2],
    calls: Vec<u32>,
}

impl Firsts {
    /// With so many units each.
    fn new(streams: &[Stream], units: usize) -> Self {
        let count = (streams.len() * units).next_multiple_of(CALLS as usize);
        let stream = |place: usize| streams[(place / units).min(streams.len() - 1)];
        let key = |half: usize| (0..count).map(|place| stream(place).key[half]).collect();
        let calls = (0..count).map(|place| number(place % units)).collect();
        Self { like: streams[0], keys: [key(0), key(1)], calls }
    }
}

impl<T: Real> Draw for FillFirsts<'_, T> {
    #[inline(always)]
    fn run<P: Processor>(self) {
        let Self { firsts: Firsts { like, keys, calls }, step, into } = self;
        let [_, step, member, last] = like.counter(step, Purpose::Step, 0);
        let [firsts, seconds] = keys.each_ref().map(|keys| keys.as_chunks().0);
        let groups = firsts.iter().zip(seconds).zip(calls.as_chunks().0);
        let groups = groups.zip(into.chunks_mut(CALLS as usize));
        for (((first, second), calls), into) in groups {
            let words = words_of([*first, *second], *calls, [step, member, last]);
            for (into, number) in into.iter_mut().zip(first_normals::<T, P>(&words)) {
                *into = number;
            }
        }
    }
}

/// Takes Ornstein–Uhlenbeck noise over a step.
pub struct Relax<'a, T> {
    stream: Stream,
    step: u64,
    law: &'a Relaxation<T>,
    /// The number of the first block.
    first: usize,
    value: &'a mut [Tile<T>],
}

impl<T: Real> Draw for Relax<'_, T> {
    #[inline(always)]
    fn run<P: Processor>(self) {
        let Self { stream, step, law, first, value } = self;
        let count = u64::from(stream.substeps);
        let mut kicks = [Tile::of(T::default()); 2];
        for (pair, value) in value.chunks_mut(2).enumerate() {
            let kicks = &mut kicks[..value.len()];
            let block = first + 2 * pair;
            for part in 0..count {
                let step = step.wrapping_mul(count) + part;
                stream.fill_blocks::<T, P>((step, Purpose::Step), number(block), kicks);
                for ((place, tile), kicks) in (block..).zip(&mut *value).zip(&*kicks) {
                    law.relax(place, tile, kicks);
                }
            }
        }
    }
}

/// What Ornstein–Uhlenbeck noise does over a step, or a part of one. Its law is exact: over dt it
/// decays to ρ = exp(-dt/τ) of it and gains a normal number of variance 1 - ρ² (D. T. Gillespie, Phys.
/// Rev. E 54:2084, 1996).
#[derive(Clone, Debug)]
pub(crate) struct Relaxation<T> {
    /// ρ - 1, which has all its digits where ρ is nearly 1.
    decay: Column<T>,
    gain: Column<T>,
}

/// Normal numbers for the units of a population: each unit has its own, or they are mixed.
#[derive(Clone, Debug)]
pub(crate) struct Draws<T> {
    stream: Stream,
    mixer: Option<Mixer<T>>,
}

/// What makes the numbers of units of others, and room for them.
#[derive(Clone, Debug)]
enum Mixer<T> {
    /// What mixes independent numbers.
    Mixed { mixed: Arc<Mixed<T>>, independent: Column<T> },
    /// Several populations side by side, each with numbers of its own.
    Beside { streams: Vec<Stream>, firsts: Option<Firsts>, own: Column<T> },
}

impl<T: Real> Mixer<T> {
    /// Mixing is linear, so that mixed numbers are those of finer steps as independent ones are.
    fn fill(&mut self, stream: Stream, step: u64, purpose: Purpose, into: &mut [T]) {
        match self {
            Self::Mixed { mixed, independent } => {
                fill(stream, step, purpose, independent, Hands::ONE);
                mixed.mix(independent.as_slice(mixed.independent()), into);
            }
            Self::Beside { firsts: Some(firsts), .. }
                if stream.substeps == 1 && matches!(purpose, Purpose::Step) =>
            {
                T::fill_firsts(FillFirsts { firsts, step, into });
            }
            Self::Beside { streams, own, .. } => {
                let units = into.len() / streams.len();
                for (one, into) in streams.iter().zip(into.chunks_exact_mut(units)) {
                    let one = Stream { substeps: stream.substeps, ..*one };
                    fill(one, step, purpose, own, Hands::ONE);
                    into.copy_from_slice(own.as_slice(units));
                }
            }
        }
    }
}

impl<T: Real> Draws<T> {
    pub(crate) fn new(stream: Stream, mixed: Option<Arc<Mixed<T>>>) -> Self {
        let mixer = mixed.map(|mixed| {
            let independent = Column::per_unit(mixed.independent(), |_| T::default());
            Mixer::Mixed { mixed, independent }
        });
        Self { stream, mixer }
    }

    /// The numbers of several populations side by side, each with so many units.
    pub(crate) fn beside(streams: Vec<Stream>, units: usize) -> Self {
        let (stream, own) = (streams[0], Column::per_unit(units, |_| T::default()));
        let is_small = units <= CALLS as usize;
        let firsts = is_small.then(|| Firsts::new(&streams, units));
        Self { stream, mixer: Some(Mixer::Beside { streams, firsts, own }) }
    }

    /// The numbers of a step.
    pub(crate) fn fill(
        &mut self,
        step: u64,
        purpose: Purpose,
        len: usize,
        into: &mut Column<T>,
        hands: Hands,
    ) {
        match &mut self.mixer {
            None => fill(self.stream, step, purpose, into, hands),
            Some(mixer) => mixer.fill(self.stream, step, purpose, into.as_mut_slice(len)),
        }
    }
}

/// A noise of a population: what fills its column before each step.
#[derive(Clone, Debug)]
pub(crate) struct Source<T> {
    law: Law,
    draws: Draws<T>,
    len: usize,
    /// The present value of a noise that has one, and how it goes on.
    value: Option<(Column<T>, Relaxation<T>)>,
}

/// How a noise goes on from its present value, and that.
pub(crate) type Lasting<'a, T> = (&'a Relaxation<T>, &'a mut Column<T>);

impl<T: Real> Source<T> {
    pub(crate) fn new(law: Law, draws: Draws<T>, len: usize) -> Self {
        let value = match law {
            Law::Ou { .. } => {
                let zeros = Column::per_unit(len, |_| T::default());
                let still = Relaxation { decay: zeros.clone(), gain: zeros.clone() };
                Some((zeros, still))
            }
            Law::White | Law::WhiteStratonovich | Law::PerStep => None,
        };
        let mut source = Self { law, draws, len, value };
        source.reset();
        source
    }

    /// Back to t = 0, where correlated noise is stationary.
    pub(crate) fn reset(&mut self) {
        if let Some((value, _)) = &mut self.value {
            self.draws.fill(0, Purpose::Start, self.len, value, Hands::ONE);
        }
    }

    /// Looks up correlation times, which may have changed.
    pub(crate) fn plan(&mut self, clock: Clock, derived: &[Column<T>], len: usize) {
        let (Law::Ou { time }, Some((_, law))) = (self.law, &mut self.value) else { return };
        let times = &derived[time];
        let dt = clock.dt() / f64::from(self.draws.stream.substeps);
        let column = |of: fn(f64) -> f64| {
            let value = |unit| T::from_f64(of(dt / times.get(unit).to_f64()));
            if times.is_shared() { Column::shared(value(0)) } else { Column::per_unit(len, value) }
        };
        law.decay = column(|ratio| libm::expm1(-ratio));
        law.gain = column(|ratio| (-libm::expm1(-2.0 * ratio)).sqrt());
    }

    /// The present value of a noise that has one, else nothing.
    pub(crate) fn value(&self, len: usize) -> &[T] {
        self.value.as_ref().map_or(&[], |(value, _)| value.as_slice(len))
    }

    pub(crate) fn set_value(&mut self, values: &[f64]) {
        if let Some((own, _)) = &mut self.value {
            *own = Column::per_unit(values.len(), |unit| T::from_f64(values[unit]));
        }
    }

    /// Whether units share numbers, or several populations stand here side by side.
    pub(crate) fn is_mixed(&self) -> bool {
        self.draws.mixer.is_some()
    }

    /// Whether a block of units can go ahead of the others with it: what has a value must go on with
    /// numbers of its own, and not by smaller steps.
    pub(crate) fn can_fuse(&self) -> bool {
        self.value.is_none() || (!self.is_mixed() && self.draws.stream.substeps == 1)
    }

    /// Where its numbers come from, how it goes on from its present value if it has one, and that value,
    /// for whoever takes it through some steps.
    pub(crate) fn parts(&mut self) -> (Stream, Option<Lasting<'_, T>>) {
        let law = self.value.as_mut().map(|(value, law)| (&*law, value));
        (self.draws.stream, law)
    }

    /// What the step that begins now sees.
    pub(crate) fn fill(&mut self, step: u64, into: &mut Column<T>, hands: Hands) {
        match &self.value {
            Some((value, _)) => into.copy_from(value),
            None => self.draws.fill(step, Purpose::Step, self.len, into, hands),
        }
    }

    /// To the end of a step.
    pub(crate) fn advance(&mut self, step: u64, hands: Hands) {
        let Some((value, law)) = &mut self.value else { return };
        let stream = self.draws.stream;
        match &mut self.draws.mixer {
            None => {
                let law = &*law;
                hands.each_part(value.tiles_mut(), 1, COST, |first, value| {
                    T::relax(Relax { stream, step, law, first, value });
                });
            }
            Some(mixer) => law.relax_mixed(mixer, (stream, step), value.as_mut_slice(self.len)),
        }
    }
}

impl<T: Real> Relaxation<T> {
    /// Takes one block over a step, or a part of one.
    #[inline(always)]
    fn relax(&self, block: usize, value: &mut Tile<T>, kicks: &Tile<T>) {
        let (decay, gain) = (self.decay.block(block), self.gain.block(block));
        for lane in 0..BLOCK {
            let before = value[lane];
            value[lane] = before + (decay[lane] * before + gain[lane] * kicks[lane]);
        }
    }

    /// What [`Relax`] does, with numbers that units share.
    fn relax_mixed(&self, mixer: &mut Mixer<T>, (stream, step): (Stream, u64), value: &mut [T]) {
        let count = u64::from(stream.substeps);
        let finer = Stream { substeps: 1, ..stream };
        let mut kicks = vec![T::default(); value.len()];
        for part in 0..count {
            let step = step.wrapping_mul(count) + part;
            mixer.fill(finer, step, Purpose::Step, &mut kicks);
            for (unit, (value, kick)) in value.iter_mut().zip(&kicks).enumerate() {
                *value = *value + (self.decay.get(unit) * *value + self.gain.get(unit) * *kick);
            }
        }
    }
}

fn fill<T: Real>(stream: Stream, step: u64, purpose: Purpose, into: &mut Column<T>, hands: Hands) {
    hands.each_part(into.tiles_mut(), 1, COST, |first, into| {
        T::fill(Fill { stream, step, purpose, first, into });
    });
}

/// What the numbers of a block cost, in nanoseconds: about one each.
const COST: f64 = BLOCK as f64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instructions::InstructionSet;

    fn place(seed: u64, population: usize, noise: u32, member: u32) -> Place {
        Place { seed, population, noise, member }
    }

    fn column<T: Real>(place: Place, step: u64, len: usize) -> Vec<T> {
        let mut column = Column::per_unit(len, |_| T::default());
        fill(Stream::new(place, 1), step, Purpose::Step, &mut column, Hands::ONE);
        column.as_slice(len).to_vec()
    }

    /// Five standard errors: √(1/n), √(2/n), √(15/n), √(96/n), and √(105/n)√(…) of the sixth moment; and
    /// of the counts beyond 2, 3, 4.
    fn assert_normal<T: Real>() {
        let numbers = column::<T>(place(7, 0, 0, 0), 3, 1_000_000);
        let numbers: Vec<f64> = numbers.into_iter().map(Real::to_f64).collect();
        let n = numbers.len() as f64;
        let moment = |k: i32| numbers.iter().map(|x: &f64| x.powi(k)).sum::<f64>() / n;
        let moments =
            [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0), (6, 15.0, 10170.0)];
        for (k, expected, variance) in moments {
            let error = 5.0 * f64::sqrt(variance / n);
            assert!((moment(k) - expected).abs() < error, "moment {k}: {}", moment(k));
        }
        for threshold in [0.1, 1.0, 2.0, 3.0, 4.0] {
            let p = libm::erfc(threshold * std::f64::consts::FRAC_1_SQRT_2);
            let found = numbers.iter().filter(|x| x.abs() > threshold).count() as f64;
            assert!(
                (found - n * p).abs() < 5.0 * (n * p * (1.0 - p)).sqrt(),
                "{threshold}: {found}"
            );
        }
        // Neighbours, and units whose numbers come from one call.
        for lag in [1, 16, 32, 48, 64] {
            let products = numbers.iter().zip(&numbers[lag..]).map(|(a, b)| a * b);
            assert!(products.sum::<f64>().abs() < 5.0 * n.sqrt(), "lag {lag}");
        }
    }

    #[test]
    fn normal_numbers_are_normal() {
        assert_normal::<f64>();
        assert_normal::<f32>();
    }

    /// Box and Muller's formula, word by word, with the standard library's functions.
    #[test]
    fn normal_numbers_are_those_of_the_formula() {
        let stream = Stream::new(place(11, 1, 2, 3), 1);
        let words = |call: usize| {
            let call = u32::try_from(call).unwrap();
            philox(stream.key, stream.counter(9, Purpose::Step, call)).map(u64::from)
        };
        let both = |u: f64, turns: f64, negative: bool| {
            let (sin, cos) = (std::f64::consts::PI * turns).sin_cos();
            let radius = (-2.0 * u.ln()).sqrt();
            [radius * if negative { -cos } else { cos }, radius * sin]
        };
        let singles = column::<f32>(place(11, 1, 2, 3), 9, 256_000);
        for (unit, found) in singles.into_iter().enumerate() {
            let (block, lane, pair) = (unit / 64, unit % 16, unit % 64 / 32);
            let words = words(16 * block + lane);
            let [first, second] = [words[2 * pair], words[2 * pair + 1]];
            // As u and turns are rounded.
            let unit_of_u = 1.0 / (1_u32 << 31) as f32;
            let u = f64::from(((first % (1 << 31)) as f32 + 0.5) * unit_of_u);
            let signed = if second >> 31 == 0 { 0 } else { 1_u64 << 32 };
            let turns = (second as f64 - signed as f64) / (1_u64 << 32) as f64;
            let expected = both(u, turns, first >> 31 == 1)[unit % 32 / 16];
            let error = (f64::from(found) - expected).abs();
            assert!(error < 1e-6, "unit {unit}: {found}, not {expected}");
        }
    }

    #[test]
    fn noise_is_the_same_in_both_precisions() {
        let singles = column::<f32>(place(5, 1, 2, 3), 9, 1000);
        let doubles = column::<f64>(place(5, 1, 2, 3), 9, 1000);
        assert!(singles.into_iter().map(f64::from).eq(doubles));
    }

    #[test]
    fn numbers_depend_on_everything_but_how_many_are_asked_for() {
        let reference = column::<f64>(place(1, 2, 3, 4), 5, 130);
        for len in [0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129] {
            assert_eq!(reference[..len], column::<f64>(place(1, 2, 3, 4), 5, len));
        }
        let others = [
            (place(9, 2, 3, 4), 5),
            (place(1 << 40, 2, 3, 4), 5),
            (place(1, 9, 3, 4), 5),
            (place(1, 2, 9, 4), 5),
            (place(1, 2, 3 + (1 << NOISE_BITS), 4), 5),
            (place(1, 2, 3, 9), 5),
            (place(1, 2, 3, 4), 9),
            (place(1, 2, 3, 4), 5 + (1 << 40)),
        ];
        for (place, step) in others {
            let other = column::<f64>(place, step, 130);
            assert!(reference.iter().zip(&other).all(|(a, b)| a != b), "{place:?} {step}");
        }
    }

    /// Steps ahead of each other are the steps, also where the upper half of their count changes, where
    /// a noise has a value and where a block is not full.
    fn assert_ahead<T: Real>(set: InstructionSet, units: usize) {
        let number = T::from_f64;
        let law =
            Relaxation { decay: Column::shared(number(-0.3)), gain: Column::shared(number(0.7)) };
        for (substeps, first) in [(1, 0), (1, (1 << 32) - 2), (1, (1 << 32) - 5), (3, 8)] {
            let stream = Stream::new(place(3, 1, 4, 1), substeps);
            let mut column = Column::per_unit(192, |_| number(0.0));
            for block in [0, 2] {
                let (mut tiles, mut values) =
                    ([Tile::of(number(0.0)); 5], [Tile::of(number(0.0)); 5]);
                let into = &mut tiles[..];
                draw_with(set, FillSteps { stream, first, block, units, law: None, into });
                let mut value = Tile::of(number(0.5));
                let (into, own) = (&mut values[..], Some((&law, &mut value)));
                draw_with(set, FillSteps { stream, first, block, units, law: own, into });
                let mut expected = Tile::of(number(0.5));
                for (index, (kicks, found)) in tiles.iter().zip(&values).enumerate() {
                    fill(stream, first + index as u64, Purpose::Step, &mut column, Hands::ONE);
                    let all = column.block(block);
                    assert_eq!(all[..units], kicks[..units], "{substeps} {first} {index} {set:?}");
                    assert_eq!(expected[..units], found[..units]);
                    law.relax(block, &mut expected, all);
                }
                assert_eq!(value[..units], expected[..units]);
            }
        }
    }

    #[test]
    fn many_steps_at_once_are_the_steps() {
        for set in InstructionSet::available() {
            for units in [1, 15, 16, 17, 63, 64] {
                assert_ahead::<f32>(set, units);
                assert_ahead::<f64>(set, units);
            }
        }
    }

    /// The same bits on every instruction set.
    fn assert_portable<T: Real>(bits: fn(T) -> u64) {
        let stream = Stream::new(place(3, 1, 4, 1), 1);
        let numbers = |set: InstructionSet| {
            let mut column = Column::per_unit(5000, |_| T::default());
            let into = column.tiles_mut();
            draw_with(set, Fill { stream, step: 5, purpose: Purpose::Step, first: 0, into });
            let law = Relaxation {
                decay: Column::shared(T::from_f64(-0.3)),
                gain: Column::shared(T::from_f64(0.7)),
            };
            draw_with(
                set,
                Relax { stream, step: 5, law: &law, first: 0, value: column.tiles_mut() },
            );
            column.as_slice(5000).iter().map(|x| bits(*x)).collect::<Vec<_>>()
        };
        let baseline = numbers(InstructionSet::Baseline);
        for set in InstructionSet::available() {
            assert!(numbers(set) == baseline, "{set:?}");
        }
    }

    #[test]
    fn numbers_are_the_same_on_every_instruction_set() {
        assert_portable::<f64>(f64::to_bits);
        assert_portable::<f32>(|x| x.to_bits().into());
    }

    #[test]
    fn noise_of_a_step_is_the_noise_of_its_parts() {
        let (coarse, fine) = (Stream::new(place(3, 0, 0, 0), 4), Stream::new(place(3, 0, 0, 0), 1));
        let whole = coarse.step::<f64, ByInstruction>(7, 2);
        let parts = [28, 29, 30, 31].map(|step| fine.step::<f64, ByInstruction>(step, 2));
        for unit in 0..BLOCK {
            let sum: f64 = parts.iter().map(|part| part[unit]).sum();
            assert!((whole[unit] - sum / 2.0).abs() < 1e-15);
        }
    }
}
