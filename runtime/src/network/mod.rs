//! Networks: populations, the projections between them and the stimuli they receive.

mod adapt;
mod beside;
mod describe;
mod history;
mod kicks;
mod linear;
mod past;
pub(crate) mod population;
pub(crate) mod projection;
mod slopes;
mod spans;
mod stages;
pub(crate) mod stimulus;
mod work;

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use adapt::Control;
pub(crate) use describe::How;
pub use linear::{Coordinate, Linearisation};
pub use population::Population;
pub use projection::{Couple, Coupled, Delays, Projection, Sum, Weights};
pub(crate) use stages::Stages;
pub use stimulus::Stimulus;
pub(crate) use work::Numbers;

use crate::crew::Hands;
use crate::error::Error;
use crate::integrate::{Arithmetic, Integrator, RunSteps, Scheme, Steps};
use crate::lanes::Real;
use crate::model::{Input, ModelInfo, Observable, RateModel, Source, State, TimeBase};
use crate::simulation::Options;
use crate::time::{Clock, Time};
use crate::units::{Column, few, fits_into_memory};
use crate::values::Values;
use population::{Built, column_of};
use projection::Link;
pub(crate) use projection::{
    AddKnown, Between, FEW_MEMBERS, Size, Stretch, Weighted, add_product, add_steps, sum_ahead,
};
#[cfg(target_arch = "x86_64")]
pub(crate) use projection::{Picked, add_picked_f32, add_picked_f64};
use stimulus::Drive;

/// Which population of a network, and of which model it is.
pub struct PopulationId<M> {
    index: usize,
    network: u64,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for PopulationId<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for PopulationId<M> {}

impl<M> std::fmt::Debug for PopulationId<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "population {} of network {}", self.index, self.network)
    }
}

/// Populations of any models, joined by projections. `T` is the precision, `f64` or `f32`.
///
/// ```
/// # use rate_model::prelude::*;
/// # rate_model! {
/// #     model Rate {
/// #         param tau: ms = 20 where tau > 0;
/// #         input I: Hz;
/// #         state ν: Hz = 0;
/// #         tau dν/dt = -ν + relu(I);
/// #     }
/// # }
/// let mut network = Network::new();
/// let e = network.add(Population::<Rate>::new("e", 3))?;
/// let i = network.add(Population::<Rate>::new("i", 1).set(Rate::tau, 10.0))?;
/// network.project(e, Rate::ν, i, Rate::I, ndarray::arr2(&[[0.5, 0.5, 0.5]]))?;
/// network.stimulate(e, Rate::I, 20.0)?;
/// # Ok::<(), Error>(())
/// ```
pub struct Network<T = f64> {
    id: u64,
    pub(crate) populations: Vec<Built<T>>,
    pub(crate) ports: Vec<Vec<Port<T>>>,
    projections: Vec<Link<T>>,
}

impl<T> std::fmt::Debug for Network<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.populations.iter().map(|population| &population.name);
        let mut network = f.debug_struct("Network");
        network.field("populations", &names.collect::<Vec<_>>());
        network.field("projections", &self.projections.len()).finish_non_exhaustive()
    }
}

/// A moment within a step: its beginning, or a stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) step: u64,
    /// In steps from the beginning.
    pub(crate) part: f64,
}

impl Moment {
    fn time(self, clock: Clock) -> f64 {
        if self.part == 0.0 {
            clock.at(self.step)
        } else {
            clock.at(self.step) + self.part * clock.dt()
        }
    }
}

/// An input of a population and what it receives.
pub(crate) struct Port<T> {
    /// The sum of what does not change with time, or the default of an input that receives nothing.
    base: Column<T>,
    /// Whether anything is connected.
    connected: bool,
    drives: Vec<Drive>,
    /// Whether the input holds `base`, which nothing adds to.
    settled: bool,
    /// Projections that end here, in the order in which they were made.
    projections: Vec<usize>,
}

impl Network<f64> {
    /// A network in double precision. For single precision see [`Network::with_precision`].
    pub fn new() -> Self {
        Self::with_precision()
    }
}

impl<T: Real> Default for Network<T> {
    fn default() -> Self {
        Self::with_precision()
    }
}

impl<T: Real> Network<T> {
    /// A network in the precision of its type: `Network::<f32>::with_precision()`.
    pub fn with_precision() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { id, populations: Vec::new(), ports: Vec::new(), projections: Vec::new() }
    }

    /// Adds a population.
    ///
    /// # Errors
    /// A name that is taken; labels, parameters or initial values of the wrong shape or not finite;
    /// parameters out of the model's range; [`Error::Mixing`]; a model with units beside one without; a population
    /// that does not fit into memory.
    pub fn add<M: RateModel>(
        &mut self,
        population: Population<M>,
    ) -> Result<PopulationId<M>, Error> {
        let built = population.build::<T>()?;
        if self.populations.iter().any(|other| other.name == built.name) {
            return Err(Error::DuplicatePopulation { name: built.name });
        }
        self.check_time_base(built.info)?;
        let port = |symbol: &crate::model::Symbol| {
            let value = T::from_f64(symbol.default);
            let base = Column::per_unit(built.units.len, |_| value);
            Port {
                base,
                connected: false,
                drives: Vec::new(),
                projections: Vec::new(),
                settled: false,
            }
        };
        self.ports.push(built.info.inputs.iter().map(port).collect());
        self.populations.push(built);
        Ok(PopulationId { index: self.populations.len() - 1, network: self.id, model: PhantomData })
    }

    /// Models with units and models without cannot be given one step.
    fn check_time_base(&self, info: &'static ModelInfo) -> Result<(), Error> {
        let Some(first) = self.populations.first().map(|population| population.info) else {
            return Ok(());
        };
        match (first.time, info.time) {
            (TimeBase::None, TimeBase::Unit { .. }) => {
                Err(Error::MixedModels { with_units: info.name, without: first.name })
            }
            (TimeBase::Unit { .. }, TimeBase::None) => {
                Err(Error::MixedModels { with_units: first.name, without: info.name })
            }
            _ => Ok(()),
        }
    }

    /// Sends a state or output of one population to an input of another (or the same), without
    /// delay: at every step each target unit receives Σ weight × source. Short for
    /// [`Network::connect`] of a plain [`Projection`].
    ///
    /// `weights` has the shape [targets, sources]; a weight is in the target input's unit per
    /// source unit.
    ///
    /// # Errors
    /// As for [`Network::connect`].
    pub fn project<A: RateModel, B: RateModel>(
        &mut self,
        from: PopulationId<A>,
        source: impl Source<A>,
        to: PopulationId<B>,
        target: Input<B>,
        weights: impl Into<Weights>,
    ) -> Result<(), Error> {
        self.connect(Projection::new(from, source, to, target, weights))
    }

    /// Adds a projection.
    ///
    /// # Errors
    /// Weights of the wrong shape, not finite, or too many for the memory; connections between
    /// units that are not there; delays of the wrong shape, negative or not finite; an output that
    /// passes an input on without delay; a coupling function whose units are not those of its ends,
    /// or that lacks what it reads of the target; a second projection between the same ends that
    /// has no name of its own.
    pub fn connect<C: Couple>(&mut self, projection: Projection<C>) -> Result<(), Error> {
        if projection.from.0 != self.id || projection.to.0 != self.id {
            return Err(Error::ForeignPopulation);
        }
        let link = Link::new(projection, &self.populations)?;
        let (to, input) = link.target;
        if self.projections.iter().any(|other| link.is_double_of(other)) {
            let (from, place) = link.source;
            return Err(Error::DuplicateProjection {
                source_population: self.populations[from].name.clone(),
                quantity: place.symbol(self.populations[from].info).name,
                target: self.populations[to].name.clone(),
                input: self.populations[to].info.inputs[input].name,
            });
        }
        let port = &mut self.ports[to][input];
        port.connect();
        port.projections.push(self.projections.len());
        self.projections.push(link);
        Ok(())
    }

    /// Sends a stimulus to an input; several add up.
    ///
    /// # Errors
    /// Values of the wrong shape; units that the population does not have.
    pub fn stimulate<M: RateModel>(
        &mut self,
        population: PopulationId<M>,
        input: Input<M>,
        stimulus: impl Into<Stimulus>,
    ) -> Result<(), Error> {
        let index = self.index(population)?;
        let target = &self.populations[index];
        let drive = stimulus.into().build(target, input.symbol().name)?;
        let len = target.units.len;
        let port = &mut self.ports[index][input.index()];
        port.connect();
        if drive.is_constant() {
            drive.add(0, 0.0, port.base.as_mut_slice(len));
        } else {
            port.drives.push(drive);
        }
        Ok(())
    }

    pub(crate) fn set_params<M>(
        &mut self,
        population: PopulationId<M>,
        params: &[(usize, Values)],
    ) -> Result<(), Error> {
        let index = self.index(population)?;
        self.populations[index].set_params(params.iter().map(|(param, values)| (*param, values)))
    }

    pub(crate) fn set_state<M>(
        &mut self,
        population: PopulationId<M>,
        state: State<M>,
        values: &Values,
    ) -> Result<(), Error> {
        let index = self.index(population)?;
        self.populations[index].set_state(state.index(), values)
    }

    pub(crate) fn values<M>(
        &self,
        population: PopulationId<M>,
        quantity: impl Observable<M>,
    ) -> Result<&[T], Error> {
        Ok(self.populations[self.index(population)?].values(quantity.place()))
    }

    /// The place of a population in this network.
    pub(crate) fn index<M>(&self, population: PopulationId<M>) -> Result<usize, Error> {
        if population.network == self.id {
            Ok(population.index)
        } else {
            Err(Error::ForeignPopulation)
        }
    }

    /// Puts populations in the place of those that they were copied from.
    pub(crate) fn replace(&mut self, populations: Vec<Built<T>>) {
        self.populations = populations;
        self.projections.iter_mut().for_each(Link::forget);
    }

    /// Translates the times of all stimuli and delays into steps.
    pub(crate) fn set_step(
        &mut self,
        dt: Time,
        clocks: &[Clock],
        options: &Options,
    ) -> Result<(), Error> {
        for population in &mut self.populations {
            population.past.set_cubic(options.interpolation.is_cubic_for(population.info));
        }
        // Steps that adapt ask for moments that none can foresee.
        let adapts = options.tolerance.is_some();
        let latest = if adapts { f64::INFINITY } else { options.integrator.latest_stage() };
        for projection in &mut self.projections {
            let how = (options.arithmetic, options.delivery);
            projection.set_step(dt, &mut self.populations, how, latest)?;
        }
        let (seed, noise_substeps) = (options.seed, options.noise_substeps);
        for (index, (population, clock)) in self.populations.iter_mut().zip(clocks).enumerate() {
            population.set_step(*clock, seed, noise_substeps, index)?;
        }
        for drive in self.ports.iter_mut().flatten().flat_map(|port| &mut port.drives) {
            drive.set_step(dt)?;
        }
        Ok(())
    }

    /// Tells everything how many threads may share its loops.
    pub(crate) fn set_hands(&mut self, hands: Hands) {
        self.populations.iter_mut().for_each(|population| population.units.hands = hands);
        self.projections.iter_mut().for_each(|projection| projection.hands = hands);
    }

    /// Whether anything that populations are given from outside changes during a run.
    pub(crate) fn moves(&self) -> bool {
        let is_driven = |port: &Port<T>| !port.drives.is_empty() || !port.projections.is_empty();
        self.ports.iter().flatten().any(is_driven)
            || self.populations.iter().any(|population| {
                !population.info.delays.is_empty() || !population.info.noises.is_empty()
            })
    }

    /// Checks that a method that takes more than one pass can be used.
    pub(crate) fn check_scheme(&self, integrator: Integrator, scheme: Scheme) -> Result<(), Error> {
        for population in &self.populations {
            let info = population.info;
            if let Some((noise, reason)) = population.refuses(scheme) {
                return Err(Error::NoiseNeedsOtherMethod {
                    population: population.name.clone(),
                    noise: info.noises[noise].symbol.name,
                    integrator,
                    reason,
                });
            }
            let numbers = work::numbers_per_unit(scheme, info);
            if !fits_into_memory::<T>(population.units.len, numbers) {
                let (population, shape) = (population.name.clone(), population.dims.clone());
                return Err(Error::TooLarge { population, shape });
            }
        }
        Ok(())
    }

    /// Checks that no table of a stimulus ends before a run does.
    pub(crate) fn check_tables(&self, last_step: u64, needed: Time) -> Result<(), Error> {
        for (population, ports) in self.populations.iter().zip(&self.ports) {
            for (symbol, port) in population.info.inputs.iter().zip(ports) {
                for (steps, ends) in port.drives.iter().filter_map(Drive::ends) {
                    if steps < last_step {
                        let population = population.name.clone();
                        let input = symbol.name;
                        return Err(Error::TableTooShort { population, input, ends, needed });
                    }
                }
            }
        }
        Ok(())
    }

    /// Computes the inputs of all populations from the present states: what the step that begins
    /// now sees. Outputs that feed projections are computed first.
    pub(crate) fn deliver(&mut self, step: u64, clocks: &[Clock], arithmetic: Arithmetic) {
        let begin = Moment { step, part: 0.0 };
        if step == 0 {
            self.projections.iter_mut().for_each(Link::forget);
        }
        self.populations.iter_mut().for_each(|population| population.give(step));
        self.deliver_given(begin, clocks, arithmetic);
        // Past outputs are first taken for 0: what they are then is what they are before t = 0.
        if step == 0 && self.populations.iter().any(|population| population.past.needs_outputs()) {
            self.begin_outputs(clocks, arithmetic);
            self.projections.iter_mut().for_each(Link::forget);
            self.deliver_given(begin, clocks, arithmetic);
        }
    }

    /// Computes the inputs from noises and past values that are given.
    fn deliver_given(&mut self, at: Moment, clocks: &[Clock], arithmetic: Arithmetic) {
        self.observe_sources(at, clocks, arithmetic);
        let Self { populations, ports, projections, .. } = self;
        for (target, (ports, clock)) in ports.iter_mut().zip(clocks).enumerate() {
            let len = populations[target].units.len;
            for (index, port) in ports.iter_mut().enumerate().filter(|(_, port)| !port.settled) {
                // Taken out, because a population may project to itself.
                let mut input = std::mem::take(&mut populations[target].units.inputs[index]);
                port.fill(at.step, at.time(*clock), len, &mut input);
                for projection in &port.projections {
                    let into = input.as_mut_slice(len);
                    projections[*projection].deliver(populations, at, arithmetic, into);
                }
                populations[target].units.inputs[index] = input;
                port.settled = port.drives.is_empty() && port.projections.is_empty();
            }
        }
    }

    /// The past of an output before t = 0 is its first value, computed as if it had been 0.
    fn begin_outputs(&mut self, clocks: &[Clock], arithmetic: Arithmetic) {
        for (index, clock) in clocks.iter().enumerate() {
            if self.populations[index].past.needs_outputs() {
                self.observe(index, Moment { step: 0, part: 0.0 }, *clock, arithmetic);
                self.populations[index].begin_past();
                self.populations[index].fill_past(0);
            }
        }
    }

    fn observe_sources(&mut self, at: Moment, clocks: &[Clock], arithmetic: Arithmetic) {
        for (index, clock) in clocks.iter().enumerate() {
            let sends_output = |projection: &Link<T>| {
                let (from, place) = projection.source;
                from == index && place.is_auxiliary() && projection.reads_present()
            };
            if self.projections.iter().any(sends_output) {
                self.observe(index, at, *clock, arithmetic);
            }
        }
    }

    /// Computes the auxiliaries and outputs of a population.
    pub(crate) fn observe(
        &mut self,
        index: usize,
        at: Moment,
        clock: Clock,
        arithmetic: Arithmetic,
    ) {
        let population = &mut self.populations[index];
        let observe = (population.kernels.observe)(arithmetic);
        observe(&mut population.units, T::from_f64(at.time(clock)), T::from_f64(clock.dt()));
    }

    /// Remembers what equations will read as past.
    fn remember(&mut self, step: u64, clocks: &[Clock], arithmetic: Arithmetic) {
        for (index, clock) in clocks.iter().enumerate() {
            if self.populations[index].past.needs_outputs() {
                self.observe(index, Moment { step, part: 0.0 }, *clock, arithmetic);
            }
            let population = &mut self.populations[index];
            population.past.push(step, &population.units);
        }
    }

    /// Advances all populations from what `deliver` computed.
    pub(crate) fn advance(
        &mut self,
        step: u64,
        clocks: &[Clock],
        runs: &[RunSteps<T>],
        arithmetic: Arithmetic,
    ) {
        self.remember(step, clocks, arithmetic);
        for (population, (clock, run)) in self.populations.iter_mut().zip(clocks.iter().zip(runs)) {
            run(&mut population.units, Steps::plain(*clock, step, 1));
            population.advance_noise(step);
        }
    }

    /// How many steps from this one on a block of units can go ahead of the others, because nothing but
    /// noise changes what units are given, or what arrives is known. [`Network::deliver`] must have been
    /// called since anything but a step changed the network.
    pub(crate) fn steps_ahead(&self, step: u64) -> u64 {
        let mut ports = self.ports.iter().flatten();
        if !ports.all(|port| port.drives.is_empty()) {
            return 1;
        }
        let mut most = u64::MAX;
        if !self.projections.is_empty() {
            if !self.populations.iter().all(Built::can_fuse_coupled) {
                return 1;
            }
            most = self.projections.iter().map(|link| link.known(step)).fold(most, u64::min);
        }
        if !self.projections.is_empty() || self.populations.iter().any(Built::is_mixed) {
            // What is computed ahead should not go to memory and back.
            let bytes = self.units() * size_of::<T>();
            most = most.min((AHEAD / bytes.max(1)) as u64).min(MANY_AHEAD);
        }
        if most > 1 && self.populations.iter().all(Built::can_fuse) { most } else { 1 }
    }

    /// What a step takes at least, in nanoseconds.
    pub(crate) fn cost(&self) -> f64 {
        self.populations.iter().map(|population| population.units.cost()).sum()
    }

    /// How many bytes weights have, and, among others, what is kept of the past.
    pub(crate) fn weights(&self) -> Size {
        self.projections.iter().map(Link::size).chain([self.pasts()]).sum()
    }

    fn pasts(&self) -> Size {
        let pasts = self.populations.iter().map(|one| one.past.size(one.units.len));
        Size { others: pasts.sum(), ..Size::default() }
    }

    /// Takes over weights of another network, like this, where they are the same; how many bytes there are of others.
    pub(crate) fn share_weights(&mut self, other: &Self) -> Size {
        let pasts = self.pasts();
        let both = self.projections.iter_mut().zip(&other.projections);
        both.map(|(own, other)| own.share(other)).chain([pasts]).sum()
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> usize {
        self.populations.iter().map(|population| population.units.len).sum()
    }

    /// Advances all populations by some steps, not more than [`Network::steps_ahead`].
    pub(crate) fn advance_fused(
        &mut self,
        (first, count): (u64, u64),
        clocks: &[Clock],
        runs: &[RunSteps<T>],
        arithmetic: Arithmetic,
    ) {
        let known = self.deliver_ahead((first, count), arithmetic);
        let all = self.populations.iter_mut().zip(clocks.iter().zip(runs)).zip(known);
        for ((population, (clock, run)), known) in all {
            population.advance_fused(*run, (*clock, first, count), known);
        }
    }

    /// Computes what arrives at some steps; for each population the inputs that is for.
    fn deliver_ahead(
        &mut self,
        (first, count): (u64, u64),
        arithmetic: Arithmetic,
    ) -> Vec<Vec<usize>> {
        let Self { populations, ports, projections, .. } = self;
        let mut all = Vec::new();
        for (target, ports) in ports.iter().enumerate() {
            let len = populations[target].units.len;
            let mut columns = std::mem::take(&mut populations[target].units.ahead);
            let mut known = Vec::new();
            for (index, port) in ports.iter().enumerate() {
                if port.projections.is_empty() {
                    continue;
                }
                let (begin, end) = (known.len() * few(count), (known.len() + 1) * few(count));
                column_of(&mut columns, end - 1, len);
                let inputs = &mut columns[begin..end];
                for (step, input) in (first..).zip(&mut *inputs) {
                    port.fill(step, 0.0, len, input);
                }
                let mut into: Vec<_> =
                    inputs.iter_mut().map(|input| input.as_mut_slice(len)).collect();
                for place in &port.projections {
                    projections[*place].deliver_known(populations, first, arithmetic, &mut into);
                }
                known.push(index);
            }
            populations[target].units.ahead = columns;
            all.push(known);
        }
        all
    }
}

/// How many bytes what arrives at successive steps may take, and what states were at each.
const AHEAD: usize = 1 << 21;
/// At how many steps at most.
const MANY_AHEAD: u64 = 32;

impl<T: Real> Port<T> {
    /// From now on the sum starts at 0, not at the default.
    fn connect(&mut self) {
        if !self.connected {
            self.connected = true;
            self.base = self.base.zeroed();
        }
        self.settled = false;
    }

    /// The sum of all stimuli.
    fn fill(&self, step: u64, t: f64, len: usize, input: &mut Column<T>) {
        input.copy_from(&self.base);
        for drive in &self.drives {
            drive.add(step, t, input.as_mut_slice(len));
        }
    }
}
