//! The loop over the units of a population, once, and its copies for each instruction set.
//!
//! Which copies there are, and which of them runs: see [`crate::task`].

use std::marker::PhantomData;
use std::ops::Range;

use super::method::{Euler, ExponentialEuler, Method, Milstein};
use super::{Arithmetic, Integrator};
use crate::crew;
use crate::lanes::{AsWritten, Functions, Lane, Lanes, Real, Rounding, Single};
use crate::model::{Array, Point, RateModel, Variation};
use crate::noise::{FillSteps, Relaxation, Stream};
use crate::task::{self, Task};
use crate::time::Clock;
use crate::units::{BLOCK, Column, PART, Tile, Units, few};

/// What a model can do to the numbers of its populations, without its type.
#[derive(Clone, Copy)]
pub(crate) struct Kernels<T> {
    /// Computes derived parameters.
    pub(crate) derive: fn(&mut Units<T>),
    /// Sets the states to their initial values.
    pub(crate) initialise: fn(&mut Units<T>),
    /// The pass that advances all states by some steps.
    pub(crate) advance: fn(Integrator, Arithmetic) -> RunSteps<T>,
    /// The pass that computes time derivatives into `slopes`.
    pub(crate) slope: fn(Arithmetic) -> Run<T>,
    /// The pass that clips states into their intervals.
    pub(crate) bound: Run<T>,
    /// The pass that computes auxiliaries and outputs, exactly as a step from there uses them.
    pub(crate) observe: fn(Arithmetic) -> Run<T>,
    /// The pass that computes the entries of the Jacobian into `slopes`.
    pub(crate) slope_by_state: Run<T>,
    /// The pass that computes the factors of white noises into `slopes`.
    pub(crate) diffusion: Run<T>,
    /// The pass that computes how each of these changes along its own noise into `slopes`.
    pub(crate) along: Run<T>,
    /// The entries of the Jacobian for one unit at a time.
    pub(crate) jacobian: fn(&Units<T>, usize, T) -> Vec<f64>,
}

/// One pass over all units, at time `t` and with step `dt`.
pub(crate) type Run<T> = fn(units: &mut Units<T>, t: T, dt: T);

/// Some steps of all units, one after the other.
pub(crate) type RunSteps<T> = fn(units: &mut Units<T>, steps: Steps<'_, T>);

/// Successive steps. When there are more than one, nothing may change what units are given but the
/// noises named here and what is known; each block of units takes all steps before the next block
/// begins, so that it stays in the nearest cache.
#[derive(Clone, Copy)]
pub(crate) struct Steps<'a, T> {
    pub(crate) clock: Clock,
    pub(crate) first: u64,
    pub(crate) count: u64,
    /// Noises that are not among what units are given already.
    pub(crate) noises: &'a [Feed<'a, T>],
    /// Inputs and noises of which `Units::ahead` has what they are at each of the steps, in this order.
    pub(crate) known: &'a [usize],
    /// States that are to be put down as they are before each of the steps, into columns behind the values
    /// of noises, in this order.
    pub(crate) remembered: &'a [usize],
}

impl<T> Steps<'_, T> {
    /// Steps with what units are given, of which nothing is remembered.
    pub(crate) fn plain(clock: Clock, first: u64, count: u64) -> Self {
        Self { clock, first, count, noises: &[], known: &[], remembered: &[] }
    }

    /// Where one of a model's inputs, noises and past values comes from, of which so many are inputs.
    fn origin(&self, place: usize, inputs: usize) -> Origin {
        let is_drawn = |feed: &Feed<'_, T>| inputs + feed.noise == place;
        let known = || self.known.iter().position(|known| *known == place);
        match self.noises.iter().position(is_drawn) {
            Some(feed) => Origin::Drawn(feed),
            None => known().map_or(Origin::Stays, Origin::Known),
        }
    }

    /// Of columns that have one for each step.
    #[inline(always)]
    fn column(&self, place: usize, step: u64) -> usize {
        place * few(self.count) + few(step - self.first)
    }
}

/// Where what is given to units at a step comes from.
#[derive(Clone, Copy)]
enum Origin {
    /// It is what it is at all steps.
    Stays,
    /// One of the noises that are drawn.
    Drawn(usize),
    /// One of those of which `Units::ahead` has what they are.
    Known(usize),
}

/// A noise to be drawn at each step.
pub(crate) struct Feed<'a, T> {
    /// Which of the model's noises.
    pub(crate) noise: usize,
    pub(crate) stream: Stream,
    /// How it goes on from its present value, if it has one: such values stand behind the states, in
    /// the order of these.
    pub(crate) law: Option<&'a Relaxation<T>>,
}

impl<T: Real> Kernels<T> {
    pub(crate) fn of<M: RateModel>() -> Self {
        Self {
            derive: derive::<M, T>,
            initialise: initialise::<M, T>,
            advance: |integrator, arithmetic| match integrator {
                Integrator::ExponentialEuler => choose_steps::<M, T, ExponentialEuler>(arithmetic),
                // Known when the model is compiled: what is not needed is not.
                Integrator::Milstein if const { !M::INFO.diffusion.is_empty() } => {
                    choose_steps::<M, T, Milstein>(arithmetic)
                }
                // The others are made of slopes and never run this pass. They are named, so that a
                // new method cannot become Euler's by being forgotten.
                Integrator::Euler
                | Integrator::Milstein
                | Integrator::Midpoint
                | Integrator::Heun
                | Integrator::Ralston
                | Integrator::SspRungeKutta3
                | Integrator::RungeKutta4
                | Integrator::RungeKutta4Rule38
                | Integrator::BogackiShampine3
                | Integrator::DormandPrince5
                | Integrator::Ros34Pw2
                | Integrator::EtdRungeKutta2
                | Integrator::ExponentialRosenbrock
                | Integrator::EulerHeun
                | Integrator::StochasticHeun
                | Integrator::Sra1
                | Integrator::Sriw1
                | Integrator::Automatic => choose_steps::<M, T, Euler>(arithmetic),
            },
            slope: choose::<M, T, Slope>,
            bound: compare::<M, T>,
            observe: choose::<M, T, Observe>,
            // One copy each, without vectors: what they are for needs most of its time elsewhere.
            slope_by_state: one_by_one::<M, T, SlopeByState>,
            diffusion: one_by_one::<M, T, Diffusion>,
            along: one_by_one::<M, T, Along>,
            jacobian: jacobian::<M, T>,
        }
    }
}

/// The arithmetic of vectors. Without optimisation there are none, and the code for them would only
/// take time to compile.
#[cfg(not(debug_assertions))]
type Wide<A> = A;
#[cfg(debug_assertions)]
type Wide<A> = Single<A>;

/// A formula that is to be evaluated at some blocks of units.
struct Work<'a, M, T, F> {
    units: &'a Units<T>,
    blocks: Range<usize>,
    into: Target<'a, T>,
    t: T,
    how: PhantomData<(M, F)>,
}

impl<M: RateModel, T: Real, F: Formula> Task for Work<'_, M, T, F> {
    #[inline(always)]
    fn run<A: Rounding>(mut self) {
        for block in self.blocks.clone() {
            self.at::<A>(block);
        }
    }
}

impl<M: RateModel, T: Real, F: Formula> Work<'_, M, T, F> {
    /// Evaluates one block.
    #[inline(always)]
    fn at<A: Rounding>(&mut self, block: usize) {
        let far = self.block::<Wide<A>>(block);
        if const { M::INFO.turns } && far != 0 {
            self.one_by_one::<A>(block);
        }
    }

    #[cold]
    #[inline(never)]
    fn one_by_one<A: Rounding>(&mut self, block: usize) {
        self.block::<Single<A>>(block);
    }

    /// Evaluates one block, unless a result depends on something that vectors leave out: then nothing
    /// is written, and this is not 0.
    #[inline(always)]
    fn block<A: Rounding>(&mut self, block: usize) -> u32 {
        let own: M::States<Tile<T>>;
        let given = Given::<M, T>::read(self.units, block);
        let x: M::States<&Tile<T>> = if F::IN_PLACE {
            own = Array::from_fn(|i| *self.into.tile(i, block));
            Array::from_fn(|i| &own.as_ref()[i])
        } else {
            Array::from_fn(|i| self.units.states[i].block(block))
        };
        // What is written then cannot be what is read, which is what lets the compiler use vectors.
        let mut out: F::Values<M, Tile<T>> = Array::from_fn(|_| Tile::of(T::default()));
        let mut far = 0;
        for lane in lanes::<A, BLOCK>() {
            far |=
                scatter(&mut out, lane, &F::at(&given.point::<A>(lane, self.t, |i| x.as_ref()[i])));
        }
        if far == 0 {
            self.into.store(block, &out);
        }
        far
    }
}

/// Where blocks are written, apart from what is read meanwhile: successive ones of each column.
struct Target<'a, T> {
    first: usize,
    columns: Vec<&'a mut [Tile<T>]>,
}

impl<'a, T: Real> Target<'a, T> {
    fn all(columns: &'a mut [Column<T>]) -> Self {
        Self { first: 0, columns: columns.iter_mut().map(Column::tiles_mut).collect() }
    }

    /// Parts, one for each range of blocks.
    fn split(self, ranges: &[Range<usize>]) -> Vec<Self> {
        let mut rests = self.columns;
        let part = |range: &Range<usize>| {
            let columns = rests.iter_mut().map(|rest| {
                let (part, behind) = std::mem::take(rest).split_at_mut(range.len());
                *rest = behind;
                part
            });
            Self { first: range.start, columns: columns.collect() }
        };
        ranges.iter().map(part).collect()
    }

    #[inline(always)]
    fn tile(&mut self, column: usize, block: usize) -> &mut Tile<T> {
        &mut self.columns[column][block - self.first]
    }

    #[inline(always)]
    fn store(&mut self, block: usize, values: &impl AsRef<[Tile<T>]>) {
        for (column, values) in values.as_ref().iter().enumerate() {
            *self.tile(column, block) = *values;
        }
    }
}

/// What is done to some blocks of a population.
type OfBlocks<'a, T> = dyn Fn(&Units<T>, Range<usize>, Target<'_, T>) + Sync + 'a;

/// Does something to all blocks of a population, on as many threads as it has. Columns that are written
/// are taken out meanwhile.
fn share<T: Real>(
    units: &mut Units<T>,
    steps: u64,
    taken: fn(&mut Units<T>) -> &mut Vec<Column<T>>,
    work: &OfBlocks<'_, T>,
) {
    let mut columns = std::mem::take(taken(units));
    match units.shares(steps) {
        None => work(units, 0..units.blocks(), Target::all(&mut columns)),
        Some(ranges) => {
            let parts = ranges.iter().cloned().zip(Target::all(&mut columns).split(&ranges));
            crew::each(parts.collect(), |(range, target)| work(units, range, target));
        }
    }
    *taken(units) = columns;
}

/// The lanes of a block, or of a part of one. Where numbers are computed one by one, the loop is kept from being
/// unrolled or made vectors of: code for that is long, and takes long to compile.
#[inline(always)]
fn lanes<A: Rounding, const N: usize>() -> impl Iterator<Item = usize> {
    let is_vector = matches!(A::FUNCTIONS, Functions::Vector);
    let count = if is_vector { N } else { std::hint::black_box(N) };
    (0..count).map(move |lane| if is_vector { lane } else { std::hint::black_box(lane) })
}

/// What a pass computes at each unit, and where it goes.
trait Formula {
    type Values<M: RateModel, V: Copy>: Array<V>;

    /// Whether it changes the states.
    const IN_PLACE: bool = false;

    fn at<M: RateModel, L: Lanes>(point: &Point<M, L>) -> Self::Values<M, L>;

    fn columns<T>(units: &mut Units<T>) -> &mut Vec<Column<T>>;
}

/// Declares formulas: the array of their values, the values, and where they go.
macro_rules! formulas {
    ($($(#[$doc:meta])* $name:ident: $values:ident into $columns:ident$(, $place:ident)? = $at:expr;)*) => {$(
        $(#[$doc])*
        struct $name;

        impl Formula for $name {
            type Values<M: RateModel, V: Copy> = M::$values<V>;
            $(const $place: bool = true;)?

            #[inline(always)]
            fn at<M: RateModel, L: Lanes>(point: &Point<M, L>) -> M::$values<L> {
                $at(point)
            }

            fn columns<T>(units: &mut Units<T>) -> &mut Vec<Column<T>> {
                &mut units.$columns
            }
        }
    )*};
}

formulas! {
    /// Time derivatives.
    Slope: States into slopes = M::derivative;
    /// States clipped into their intervals.
    Bound: States into states, IN_PLACE = |point: &Point<M, L>| M::bound(point, point.x);
    /// Auxiliaries and outputs.
    Observe: Auxiliaries into auxiliaries = M::auxiliaries;
    /// The entries of the Jacobian.
    SlopeByState: Jacobian into slopes = M::jacobian;
    /// The factors of white noises.
    Diffusion: Diffusion into slopes = M::diffusion;
    /// How each of these changes along its own noise: see [`slopes_along`].
    Along: Diffusion into slopes = along;
}

/// Adds what white noise does in a step, g √dt N(0, 1): the noise of Euler and Maruyama (G. Maruyama,
/// Rend. Circ. Mat. Palermo 4:48, 1955). What an exponential step gathers of additive noise decays
/// meanwhile as the state does: its variance is g² (e^{2λdt} - 1)/(2λ) (D. T. Gillespie, Phys. Rev. E
/// 54:2084, 1996).
#[inline(always)]
fn diffuse<M: RateModel, S: Method, L: Lanes>(
    at: &Point<M, L>,
    mut x: M::States<L>,
    dt: L,
) -> M::States<L> {
    if M::INFO.diffusion.is_empty() {
        return x;
    }
    let (factors, root) = (M::diffusion(at), dt.sqrt());
    let given = &at.u.as_ref()[M::INFO.inputs.len()..];
    let gathers = |state: usize| S::EXPONENTIAL && M::INFO.equations[state].has_exact_noise();
    let rates = if S::EXPONENTIAL { M::diagonal(at) } else { Array::from_fn(|_| dt) };
    for (factor, [state, noise]) in factors.as_ref().iter().zip(M::INFO.diffusion) {
        let root = if gathers(*state) {
            let rate = rates.as_ref()[*state];
            (dt * (dt * (rate + rate)).exprel()).sqrt()
        } else {
            root
        };
        let scale = *factor * root;
        x.as_mut()[*state] = scale.mul_add(given[*noise], x.as_ref()[*state]);
    }
    if S::MILSTEIN {
        for (noise, normal) in given.iter().enumerate().take(M::INFO.noises.len()) {
            let slopes = slopes_along::<M, L>(at, noise, &factors);
            let half = L::splat(0.5) * dt * (*normal * *normal - L::splat(1.0));
            for (slope, [state, by]) in slopes.as_ref().iter().zip(M::INFO.diffusion) {
                if *by == noise {
                    x.as_mut()[*state] = slope.mul_add(half, x.as_ref()[*state]);
                }
            }
        }
    }
    x
}

/// How the factors of noises change along those of one of them: (g·∇)g.
#[inline(always)]
fn slopes_along<M: RateModel, L: Lanes>(
    at: &Point<M, L>,
    noise: usize,
    factors: &M::Diffusion<L>,
) -> M::Diffusion<L> {
    let zero = L::splat(0.0);
    let mut by = Variation::<M, L> {
        p: Array::from_fn(|_| zero),
        u: Array::from_fn(|_| zero),
        x: Array::from_fn(|_| zero),
    };
    for (factor, [state, of]) in factors.as_ref().iter().zip(M::INFO.diffusion) {
        if *of == noise {
            by.x.as_mut()[*state] = *factor;
        }
    }
    M::tangent(at, &by).diffusion
}

/// For each factor of a noise how it changes along those of the same noise.
#[inline(always)]
fn along<M: RateModel, L: Lanes>(at: &Point<M, L>) -> M::Diffusion<L> {
    let factors = M::diffusion(at);
    let mut all: M::Diffusion<L> = Array::from_fn(|_| L::splat(0.0));
    for noise in 0..M::INFO.noises.len() {
        let slopes = slopes_along::<M, L>(at, noise, &factors);
        for (place, [_, of]) in M::INFO.diffusion.iter().enumerate() {
            if *of == noise {
                all.as_mut()[place] = slopes.as_ref()[place];
            }
        }
    }
    all
}

/// Puts the results of one unit into their columns; not 0 if one of them means nothing.
#[inline(always)]
fn scatter<T: Real, A: Rounding, const N: usize>(
    into: &mut impl AsMut<[Tile<T, N>]>,
    lane: usize,
    values: &impl AsRef<[Lane<T, A>]>,
) -> u32 {
    let mut far = false;
    for (column, value) in into.as_mut().iter_mut().zip(values.as_ref()) {
        column[lane] = value.value;
        far |= value.far;
    }
    u32::from(far)
}

/// The copies for an arithmetic; which of them runs is decided when it does.
fn choose<M: RateModel, T: Real, F: Formula>(arithmetic: Arithmetic) -> Run<T> {
    if const { is_void::<M, T, F>() } {
        return |_, _, _| ();
    }
    match arithmetic {
        Arithmetic::Fast => |units, t, _| evaluate::<M, T, F>(units, t, |work| task::fast(work)),
        Arithmetic::Reproducible => {
            |units, t, _| evaluate::<M, T, F>(units, t, |work| task::reproducible(work))
        }
        Arithmetic::Precise => {
            |units, t, _| evaluate::<M, T, F>(units, t, |work| task::precise(work))
        }
    }
}

/// Clips states. Their intervals are computed with the parameters: comparisons are the same in every
/// arithmetic.
fn compare<M: RateModel, T: Real>(units: &mut Units<T>, t: T, _: T) {
    evaluate::<M, T, Bound>(units, t, |work| work.run::<AsWritten>());
}

/// A formula without vectors.
fn one_by_one<M: RateModel, T: Real, F: Formula>(units: &mut Units<T>, t: T, _: T) {
    if const { is_void::<M, T, F>() } {
        return;
    }
    evaluate::<M, T, F>(units, t, |work| work.run::<Single<AsWritten>>());
}

/// Whether there is nothing to compute, as in models without auxiliaries or noise. Then nothing is
/// compiled either.
const fn is_void<M: RateModel, T: Real, F: Formula>() -> bool {
    <F::Values<M, T> as Array<T>>::LEN == 0
}

fn evaluate<M: RateModel, T: Real, F: Formula>(
    units: &mut Units<T>,
    t: T,
    run: fn(Work<'_, M, T, F>),
) {
    share(units, 1, F::columns, &|units, blocks, into| {
        run(Work { units, blocks, into, t, how: PhantomData });
    });
}

/// The copies of the steps of a method.
fn choose_steps<M: RateModel, T: Real, S: Method>(arithmetic: Arithmetic) -> RunSteps<T> {
    match arithmetic {
        Arithmetic::Fast => {
            |units, steps| advance::<M, T, S>(units, steps, |work| task::fast(work))
        }
        Arithmetic::Reproducible => {
            |units, steps| advance::<M, T, S>(units, steps, |work| task::reproducible(work))
        }
        Arithmetic::Precise => {
            |units, steps| advance::<M, T, S>(units, steps, |work| task::precise(work))
        }
    }
}

fn advance<M: RateModel, T: Real, S: Method>(
    units: &mut Units<T>,
    steps: Steps<'_, T>,
    run: fn(Advance<'_, M, T, S>),
) {
    fn states<T>(units: &mut Units<T>) -> &mut Vec<Column<T>> {
        &mut units.states
    }
    share(units, steps.count, states, &|units, blocks, states| {
        run(Advance { units, blocks, states, steps, how: PhantomData });
    });
}

/// Steps that are to be made of some blocks.
struct Advance<'a, M, T, S> {
    units: &'a Units<T>,
    blocks: Range<usize>,
    states: Target<'a, T>,
    steps: Steps<'a, T>,
    how: PhantomData<(M, S)>,
}

impl<M: RateModel, T: Real, S: Method> Task for Advance<'_, M, T, S> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        if const { M::INFO.noises.is_empty() } {
            self.still::<A>();
        } else {
            self.noisy::<A>();
        }
    }
}

impl<M: RateModel, T: Real, S: Method> Advance<'_, M, T, S> {
    /// Nothing but the states changes, and they stay in registers.
    #[inline(always)]
    fn still<A: Rounding>(self) {
        let Self { units, blocks, mut states, steps, .. } = self;
        let Steps { clock, first, count, known, remembered, .. } = steps;
        debug_assert!(known.is_empty() && remembered.is_empty());
        for block in blocks {
            let mut x: M::States<Tile<T>> = Array::from_fn(|i| *states.tile(i, block));
            let given = Given::<M, T>::read(units, block);
            for step in first..first + count {
                advance_units::<M, T, S, A, BLOCK>(&given, &mut x, time_of(clock, step));
            }
            states.store(block, &x);
        }
    }

    #[inline(always)]
    fn noisy<A: Rounding>(self) {
        let Self { units, blocks, mut states, steps, .. } = self;
        let Steps { clock, first, count, noises, known, remembered } = steps;
        // So many steps at a time, noise by noise.
        let many = usize::try_from(count).unwrap_or(DRAWN).min(DRAWN);
        let mut drawn = T::take_room(many * noises.len());
        let own = <M::States<T> as Array<T>>::LEN;
        let behind = own + noises.iter().filter(|feed| feed.law.is_some()).count();
        let inputs = M::INFO.inputs.len();
        let origins: M::Inputs<Origin> = Array::from_fn(|place| steps.origin(place, inputs));
        // One more copy of the step, which costs compile time: in fast arithmetic only.
        let only_noise_changes = A::FUSED && known.is_empty() && remembered.is_empty();
        for block in blocks {
            let mut x: M::States<Tile<T>> = Array::from_fn(|i| *states.tile(i, block));
            // Where there is no unit in a part, nothing is computed if it can be helped.
            let there = (units.len - BLOCK * block).min(BLOCK);
            let parts = there.div_ceil(PART);
            for some in (first..first + count).step_by(DRAWN) {
                let next = some..(first + count).min(some + DRAWN as u64);
                let into = drawn.0.chunks_exact_mut(many.max(1));
                draw(noises, next.clone(), (block, there), own, &mut states, into);
                let given = Given::<M, T>::read(units, block);
                if only_noise_changes && parts > 1 {
                    let rows: M::Inputs<&[Tile<T>]> =
                        Array::from_fn(|place| match origins.as_ref()[place] {
                            Origin::Drawn(feed) => &drawn.0[many * feed..][..many],
                            Origin::Stays | Origin::Known(_) => &[],
                        });
                    for (ahead, step) in next.enumerate() {
                        let (given, time) = (given.with_noises(&rows, ahead), time_of(clock, step));
                        advance_units::<M, T, S, A, BLOCK>(&given, &mut x, time);
                    }
                    continue;
                }
                for (ahead, step) in next.enumerate() {
                    for (place, state) in remembered.iter().enumerate() {
                        let column = behind + steps.column(place, step);
                        *states.tile(column, block) = x.as_ref()[*state];
                    }
                    let given = given.with(&origins, |origin| match origin {
                        Origin::Stays => None,
                        Origin::Drawn(feed) => drawn.0.get(many * feed + ahead),
                        Origin::Known(place) => {
                            Some(units.ahead.get(steps.column(place, step))?.block(block))
                        }
                    });
                    for part in 0..parts {
                        let mut own: M::States<Tile<T, PART>> =
                            Array::from_fn(|i| *x.as_ref()[i].part(part));
                        let (given, time) = (given.part(part), time_of(clock, step));
                        advance_units::<M, T, S, A, PART>(&given, &mut own, time);
                        for (x, own) in x.as_mut().iter_mut().zip(own.as_ref()) {
                            *x.part_mut(part) = *own;
                        }
                    }
                }
            }
            states.store(block, &x);
        }
        T::give_room(drawn);
    }
}

/// When a step begins, and how long it is.
#[inline(always)]
fn time_of<T: Real>(clock: Clock, step: u64) -> [T; 2] {
    [clock.at(step), clock.dt()].map(T::from_f64)
}

/// For how many steps noises are drawn at most at once.
const DRAWN: usize = 32;

/// What noises are at some steps in a block, of which so many units are `there`. Their present values
/// stand behind the model's `own` states.
fn draw<T: Real>(
    noises: &[Feed<'_, T>],
    steps: Range<u64>,
    (block, there): (usize, usize),
    own: usize,
    states: &mut Target<'_, T>,
    drawn: std::slice::ChunksExactMut<'_, Tile<T>>,
) {
    let mut column = own;
    for (feed, drawn) in noises.iter().zip(drawn) {
        let law = feed.law.map(|law| (law, states.tile(column, block)));
        column += usize::from(law.is_some());
        let into = &mut drawn[..few(steps.end - steps.start)];
        let (stream, first) = (feed.stream, steps.start);
        T::fill_steps(FillSteps { stream, first, block, units: there, law, into });
    }
}

/// Takes the states of some units over one step, from `t` on for `dt`.
#[inline(always)]
fn advance_units<M: RateModel, T: Real, S: Method, A: Rounding, const N: usize>(
    given: &Given<'_, M, T, N>,
    x: &mut M::States<Tile<T, N>>,
    time: [T; 2],
) {
    if const { M::INFO.turns } {
        let before = *x;
        if step_each::<M, T, S, Wide<A>, N>(given, x, time) != 0 {
            *x = before;
            step_one_by_one::<M, T, S, A, N>(given, x, time);
        }
    } else {
        step_each::<M, T, S, Wide<A>, N>(given, x, time);
    }
}

#[cold]
#[inline(never)]
fn step_one_by_one<M: RateModel, T: Real, S: Method, A: Rounding, const N: usize>(
    given: &Given<'_, M, T, N>,
    x: &mut M::States<Tile<T, N>>,
    time: [T; 2],
) {
    step_each::<M, T, S, Single<A>, N>(given, x, time);
}

/// The same; not 0 if something depends on what vectors leave out, so that it means nothing.
#[inline(always)]
fn step_each<M: RateModel, T: Real, S: Method, A: Rounding, const N: usize>(
    given: &Given<'_, M, T, N>,
    x: &mut M::States<Tile<T, N>>,
    [t, dt]: [T; 2],
) -> u32 {
    let mut far = 0;
    for lane in lanes::<A, N>() {
        let at = given.point::<A>(lane, t, |i| &x.as_ref()[i]);
        let stepped = diffuse::<M, S, _>(&at, S::step(&at, Lane::new(dt)), Lane::new(dt));
        far |= scatter(x, lane, &M::bound(&at, stepped));
    }
    far
}

/// One block of every column but the states, or a part of one.
struct Given<'a, M: RateModel, T: Real, const N: usize = BLOCK> {
    p: M::Params<&'a Tile<T, N>>,
    q: M::Derived<&'a Tile<T, N>>,
    u: M::Inputs<&'a Tile<T, N>>,
}

impl<'a, M: RateModel, T: Real> Given<'a, M, T> {
    #[inline(always)]
    fn read(units: &'a Units<T>, block: usize) -> Self {
        Self {
            p: Array::from_fn(|i| units.params[i].block(block)),
            q: Array::from_fn(|i| units.derived[i].block(block)),
            u: Array::from_fn(|i| units.inputs[i].block(block)),
        }
    }

    /// With inputs, noises and past values of a step where they do not stay.
    #[inline(always)]
    fn with(
        &self,
        origins: &M::Inputs<Origin>,
        own: impl Fn(Origin) -> Option<&'a Tile<T>>,
    ) -> Self {
        let Self { p, q, mut u } = *self;
        for (values, origin) in u.as_mut().iter_mut().zip(origins.as_ref()) {
            *values = own(*origin).unwrap_or(*values);
        }
        Self { p, q, u }
    }

    /// With what noises are at one of some steps, if that is there. All else is seen to stay, so that the
    /// compiler can compute what depends on it before the first of them.
    #[inline(always)]
    fn with_noises(&self, rows: &M::Inputs<&'a [Tile<T>]>, ahead: usize) -> Self {
        let Self { p, q, mut u } = *self;
        let inputs = M::INFO.inputs.len();
        let noises = inputs..inputs + M::INFO.noises.len();
        for (values, row) in u.as_mut()[noises.clone()].iter_mut().zip(&rows.as_ref()[noises]) {
            *values = row.get(ahead).unwrap_or(*values);
        }
        Self { p, q, u }
    }

    #[inline(always)]
    fn part(&self, part: usize) -> Given<'a, M, T, PART> {
        Given {
            p: Array::from_fn(|i| self.p.as_ref()[i].part(part)),
            q: Array::from_fn(|i| self.q.as_ref()[i].part(part)),
            u: Array::from_fn(|i| self.u.as_ref()[i].part(part)),
        }
    }
}

impl<M: RateModel, T: Real, const N: usize> Given<'_, M, T, N> {
    #[inline(always)]
    fn point<'x, A: Rounding>(
        &self,
        lane: usize,
        t: T,
        x: impl Fn(usize) -> &'x Tile<T, N>,
    ) -> Point<M, Lane<T, A>> {
        Point {
            t: Lane::new(t),
            p: Array::from_fn(|i| Lane::new(self.p.as_ref()[i][lane])),
            q: Array::from_fn(|i| Lane::new(self.q.as_ref()[i][lane])),
            u: Array::from_fn(|i| Lane::new(self.u.as_ref()[i][lane])),
            x: Array::from_fn(|i| Lane::new(x(i)[lane])),
        }
    }
}

/// What depends on parameters only is always rounded as written: it costs nothing per step.
fn derive<M: RateModel, T: Real>(units: &mut Units<T>) {
    units.derived = from_params(units, <M::Derived<T> as Array<T>>::LEN, |units, unit| {
        values(&M::derived(&params::<M, T>(units, unit)))
    });
}

fn initialise<M: RateModel, T: Real>(units: &mut Units<T>) {
    let initial = from_params(units, <M::States<T> as Array<T>>::LEN, |units, unit| {
        values(&M::initial(&params::<M, T>(units, unit)))
    });
    let len = units.len;
    let spread = |column: Column<T>| Column::per_unit(len, |unit| column.get(unit));
    units.states = initial.into_iter().map(spread).collect();
}

/// Columns computed from parameters: shared, if all parameters are.
fn from_params<T: Real>(
    units: &Units<T>,
    columns: usize,
    values: impl Fn(&Units<T>, usize) -> Vec<T>,
) -> Vec<Column<T>> {
    if units.params.iter().all(Column::is_shared) {
        return values(units, 0).into_iter().map(Column::shared).collect();
    }
    let rows: Vec<Vec<T>> = (0..units.len).map(|unit| values(units, unit)).collect();
    (0..columns).map(|i| Column::per_unit(units.len, |unit| rows[unit][i])).collect()
}

fn params<M: RateModel, T: Real>(
    units: &Units<T>,
    unit: usize,
) -> M::Params<Lane<T, Single<AsWritten>>> {
    Array::from_fn(|i| Lane::new(units.params[i].get(unit)))
}

fn values<T: Real, A: Rounding>(lanes: &impl AsRef<[Lane<T, A>]>) -> Vec<T> {
    lanes.as_ref().iter().map(|lane| lane.value).collect()
}

fn jacobian<M: RateModel, T: Real>(units: &Units<T>, unit: usize, t: T) -> Vec<f64> {
    let block = unit / BLOCK;
    let given = Given::<M, T>::read(units, block);
    let state = |i: usize| units.states[i].block(block);
    let entries = M::jacobian(&given.point::<Single<AsWritten>>(unit % BLOCK, t, state));
    values::<T, Single<AsWritten>>(&entries).into_iter().map(Real::to_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instructions::{InstructionSet, Job};
    use crate::network::{Network, Population};
    use crate::values::Values;

    crate::rate_model! {
        /// Products, sums, divisions, functions, conditions.
        model Mixed {
            param (a, n) = (1.3, 2.5);
            input I = 0.4;
            state E = 0.1 where 0 <= E <= 1;
            state u = 0;
            5*dE/dt = -E + (1 - E)*sigmoid(a*(E*8 - u + I)) + tanh(u)/3 + exp(-u^2)*log(1 + E);
            7*du/dt = -u + pow(E, n)/(pow(E, n) + 0.2) + sin(u) + softplus(u - E)*(if E > 0.3 { 1 } else { 2 });
        }
    }

    struct SomeSteps<'a>(&'a mut Units<f64>);

    impl Job for SomeSteps<'_> {
        #[inline(always)]
        fn run(self) {
            let steps = Steps::plain(Clock::new(0.1), 0, 50);
            let how = PhantomData;
            let mut states = std::mem::take(&mut self.0.states);
            let (units, blocks) = (&*self.0, 0..self.0.blocks());
            let target = Target::all(&mut states);
            let work = Advance::<Mixed, f64, Euler> { units, blocks, states: target, steps, how };
            work.run::<AsWritten>();
            self.0.states = states;
        }
    }

    /// Steps in reproducible arithmetic, with the copy for an instruction set.
    fn states(set: InstructionSet) -> Vec<u64> {
        let mut network = Network::new();
        let spread = Values::from_fn(|unit| 0.01 * unit as f64);
        network.add(Population::<Mixed>::new("p", 130).init(Mixed::u, spread)).unwrap();
        let units = &mut network.populations[0].units;
        set.run(SomeSteps(&mut *units));
        let states = units.states.iter().flat_map(|column| column.as_slice(130));
        states.map(|x: &f64| x.to_bits()).collect()
    }

    #[test]
    fn reproducible_steps_have_the_same_bits_on_every_instruction_set() {
        let baseline = states(InstructionSet::Baseline);
        for set in InstructionSet::available() {
            assert!(states(set) == baseline, "{set:?}");
        }
    }
}
