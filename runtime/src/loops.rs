//! What does not depend on any model and is long, compiled with this crate for both precisions.
//!
//! What is generic is compiled in the crates of users, again and again. A trait that is implemented for
//! two types by name is not: these loops cost users no compile time.

use crate::crew::Hands;
use crate::error::Error;
use crate::instructions::InstructionSet;
use crate::integrate::Arithmetic;
use crate::lanes::Real;
use crate::mixing::Mix;
#[cfg(target_arch = "x86_64")]
use crate::network::Picked;
use crate::network::{AddKnown, Between, Network, Stretch, Weighted};
use crate::noise::{self, Fill, FillFirsts, FillSteps, Relax};
use crate::simulation::{Options, Outcome, Simulation};
use crate::time::{Span, Time};
use crate::turn::{self, Square};
use crate::units::Tile;

/// Room for blocks of numbers.
pub struct Room<T>(pub(crate) Vec<Tile<T>>);

/// The loops of a number type.
pub trait Loops: Sized {
    #[doc(hidden)]
    fn simulation(
        network: Network<Self>,
        dt: Time,
        options: Options,
    ) -> Result<Simulation<Self>, Error>
    where
        Self: Real;
    #[doc(hidden)]
    fn run(simulation: &mut Simulation<Self>, span: Span) -> Result<Outcome, Error>
    where
        Self: Real;
    #[doc(hidden)]
    fn sum_ahead(
        arithmetic: Arithmetic,
        block: usize,
        between: Between,
        stretch: Stretch<'_, Self>,
    );
    #[doc(hidden)]
    fn add_known(job: AddKnown<'_, '_, Self>);
    #[doc(hidden)]
    fn turned(rows: Square<Self>) -> Square<Self>;
    /// # Safety
    /// The processor has AVX2 and FMA. There is a value of each source and a sum at each place.
    #[cfg(target_arch = "x86_64")]
    #[doc(hidden)]
    unsafe fn add_picked(fused: bool, job: Picked<'_, Self>);
    #[doc(hidden)]
    fn add_product(
        how: (Arithmetic, Hands),
        product: &Weighted<Self>,
        from: &[Self],
        into: &mut [Self],
    );
    #[doc(hidden)]
    fn add_steps(
        how: (Arithmetic, Hands),
        product: &Weighted<Self>,
        steps: usize,
        from: &[Self],
        into: &mut [Self],
    );
    #[doc(hidden)]
    fn fill(job: Fill<'_, Self>);
    #[doc(hidden)]
    fn fill_firsts(job: FillFirsts<'_, Self>);
    #[doc(hidden)]
    fn fill_steps(job: FillSteps<'_, Self>);
    /// Room for so many blocks of numbers, of whatever values, to be given back: asking the system for it in
    /// each pass costs more than short passes do.
    #[doc(hidden)]
    fn take_room(blocks: usize) -> Room<Self>;
    #[doc(hidden)]
    fn give_room(room: Room<Self>);
    #[doc(hidden)]
    fn relax(job: Relax<'_, Self>);
    #[doc(hidden)]
    fn mix(job: Mix<'_, Self>);
}

macro_rules! loops {
    ($($type:ident $turned:ident $picked:ident),*) => {$(
        impl Loops for $type {
            fn simulation(
                network: Network<Self>,
                dt: Time,
                options: Options,
            ) -> Result<Simulation<Self>, Error> {
                Simulation::assemble(network, dt, options)
            }

            fn run(simulation: &mut Simulation<Self>, span: Span) -> Result<Outcome, Error> {
                simulation.run_for(span)
            }

            fn sum_ahead(
                arithmetic: Arithmetic,
                block: usize,
                between: Between,
                stretch: Stretch<'_, Self>,
            ) {
                crate::network::sum_ahead(arithmetic, block, between, stretch);
            }

            fn add_known(job: AddKnown<'_, '_, Self>) {
                InstructionSet::best().run(job);
            }

            #[inline(always)]
            fn turned(rows: Square<Self>) -> Square<Self> {
                turn::$turned(rows)
            }

            #[cfg(target_arch = "x86_64")]
            unsafe fn add_picked(fused: bool, job: Picked<'_, Self>) {
                // SAFETY: the caller's.
                unsafe { crate::network::$picked(fused, job) };
            }

            fn add_product(
                how: (Arithmetic, Hands),
                product: &Weighted<Self>,
                from: &[Self],
                into: &mut [Self],
            ) {
                crate::network::add_product(how, product, from, into);
            }

            fn add_steps(
                how: (Arithmetic, Hands),
                product: &Weighted<Self>,
                steps: usize,
                from: &[Self],
                into: &mut [Self],
            ) {
                crate::network::add_steps(how, product, steps, from, into);
            }

            fn fill(job: Fill<'_, Self>) {
                noise::draw(job);
            }

            fn fill_firsts(job: FillFirsts<'_, Self>) {
                noise::draw(job);
            }

            fn fill_steps(job: FillSteps<'_, Self>) {
                noise::draw(job);
            }

            fn take_room(blocks: usize) -> Room<Self> {
                let mut room = room::$type.take();
                room.resize(blocks, Tile::of(0.0));
                Room(room)
            }

            fn give_room(room: Room<Self>) {
                room::$type.set(room.0);
            }

            fn relax(job: Relax<'_, Self>) {
                noise::draw(job);
            }

            fn mix(job: Mix<'_, Self>) {
                InstructionSet::best().run(job);
            }
        }
    )*};
}

loops!(f32 turned_f32 add_picked_f32, f64 turned_f64 add_picked_f64);

/// Room that a thread keeps between passes.
#[allow(non_upper_case_globals, reason = "named by types")]
mod room {
    use std::cell::RefCell;

    use crate::units::Tile;

    thread_local! {
        pub(super) static f32: RefCell<Vec<Tile<f32>>> = const { RefCell::new(Vec::new()) };
        pub(super) static f64: RefCell<Vec<Tile<f64>>> = const { RefCell::new(Vec::new()) };
    }
}
