//! How a group is made: at first, at every reset, and for every copy.

use std::marker::PhantomData;

use super::{GroupError, Mode, Names};
use crate::error::Error;
use crate::init::{Draw, Init};
use crate::lanes::Real;
use crate::mixing::Mixing;
use crate::model::{Noise, Output, Param, Place, RateModel, State};
use crate::network::{Network, Population, PopulationId};
use crate::shape::Shape;
use crate::simulation::{Options, Simulation};
use crate::time::Time;
use crate::units::fits_into_memory;
use crate::values::{Resolved, Values};

/// Everything that a group is made of, checked.
pub(super) struct Plan<M> {
    pub(super) name: String,
    pub(super) names: Names,
    pub(super) size: Shape,
    pub(super) varshape: Shape,
    pub(super) num: usize,
    pub(super) mode: Mode,
    pub(super) keeps_inputs: bool,
    pub(super) dt: Time,
    pub(super) options: Options,
    /// For each parameter its value, unless it is the default.
    pub(super) params: Vec<Option<Resolved>>,
    /// Parameters that are variables.
    pub(super) trained: Vec<usize>,
    /// For each state how it begins, unless as the model says.
    pub(super) starts: Vec<Option<Start>>,
    /// For each state or output that was said to have another past than its beginning.
    pub(super) histories: Vec<(Place, Resolved)>,
    /// Noises that units of a member share.
    pub(super) mixings: Vec<(usize, Mixing)>,
    /// How often states were drawn before.
    pub(super) round: u64,
    pub(super) model: PhantomData<fn() -> M>,
}

/// How a state begins.
#[derive(Clone, Debug)]
pub(super) enum Start {
    /// With these values, in each member.
    Fixed(Resolved),
    /// With what is drawn for all members.
    Drawn(Init),
}

impl<M> Clone for Plan<M> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            names: self.names.clone(),
            size: self.size.clone(),
            varshape: self.varshape.clone(),
            params: self.params.clone(),
            trained: self.trained.clone(),
            starts: self.starts.clone(),
            histories: self.histories.clone(),
            mixings: self.mixings.clone(),
            ..*self
        }
    }
}

impl<M: RateModel> Plan<M> {
    /// The shape of variables for a number of members.
    pub(super) fn batch_shape(&self, members: Option<usize>) -> Shape {
        let dims = members.into_iter().chain(self.varshape.dims().iter().copied());
        Shape::from(&dims.collect::<Vec<_>>()[..])
    }

    /// Values of a parameter, for one member. A single number in an array is one for all.
    pub(super) fn resolve_param(&self, index: usize, values: &Values) -> Result<Resolved, Error> {
        self.resolve("parameter", M::INFO.params[index].name, values)
    }

    pub(super) fn resolve(
        &self,
        kind: &str,
        symbol: &str,
        values: &Values,
    ) -> Result<Resolved, Error> {
        if let Some(value) = values.single() {
            return Ok(Resolved::Shared(value));
        }
        let draw = Draw::new(self.options.seed, &format!("{kind}.{symbol}"));
        let resolved = values.resolve(self.varshape.dims(), self.num, draw);
        resolved.map_err(|misfit| {
            let what = format!("{kind} `{symbol}`");
            misfit.into_error(self.name.clone(), what, self.varshape.dims())
        })
    }

    /// Checks parameters and fixed initial values on one member, where errors speak of its units.
    pub(super) fn check<T: Real>(&self) -> Result<(), Error> {
        let mut population = Population::<M>::new(&self.name, self.varshape.clone());
        for (index, values) in self.params.iter().enumerate() {
            if let Some(values) = values {
                population = population.set(Param::new(index), values.clone());
            }
        }
        for (index, start) in self.starts.iter().enumerate() {
            if let Some(Start::Fixed(values)) = start {
                population = population.init(State::new(index), values.clone());
            }
        }
        Network::<T>::with_precision().add(self.with_rest(population, 1))?;
        Ok(())
    }

    /// With histories and mixings.
    fn with_rest(&self, mut population: Population<M>, members: usize) -> Population<M> {
        population = population.members(members);
        for (noise, mixing) in &self.mixings {
            population = population.mix(Noise::new(*noise), mixing.clone());
        }
        for (place, values) in &self.histories {
            let values = tiled(values, members);
            population = match place {
                Place::State(index) => population.history(State::new(*index), values),
                Place::Auxiliary(index) => population.history(Output::new(*index), values),
            };
        }
        population
    }

    /// A parameter for all members.
    pub(super) fn tiled_param(&self, index: usize, members: usize) -> Values {
        match &self.params[index] {
            None => M::INFO.params[index].default.into(),
            Some(values) => tiled(values, members),
        }
    }

    /// Makes the population and what runs it, at t = 0.
    pub(super) fn assemble<T: Real>(&self) -> Result<(Simulation<T>, PopulationId<M>), Error> {
        self.mode.check()?;
        let members = self.mode.batch_size();
        let shape = self.batch_shape(members);
        let (len, count) = (shape.len(), members.unwrap_or(1));
        let too_large =
            || Error::TooLarge { population: self.name.clone(), shape: shape.dims().to_vec() };
        if len.is_none_or(|len| !fits_into_memory::<T>(len, 1)) {
            return Err(too_large());
        }
        let mut population = Population::<M>::new(&self.name, shape.clone());
        for index in 0..self.params.len() {
            if self.params[index].is_some() {
                population = population.set(Param::new(index), self.tiled_param(index, count));
            }
        }
        for (index, start) in self.starts.iter().enumerate() {
            let values = match start {
                None => continue,
                Some(Start::Fixed(values)) => tiled(values, count),
                Some(Start::Drawn(init)) => self.draw(index, init, &shape)?,
            };
            population = population.init(State::new(index), values);
        }
        let mut network = Network::<T>::with_precision();
        let id = network.add(self.with_rest(population, count))?;
        // Noise of another round is other noise; 2⁶⁴/φ keeps neighbouring seeds apart.
        let seed = self.options.seed ^ self.round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let options = Options { seed, ..self.options };
        Ok((Simulation::with_options(network, self.dt, options)?, id))
    }

    /// What an initializer gives for all members.
    fn draw(&self, state: usize, init: &Init, shape: &Shape) -> Result<Values, Error> {
        if let Some(value) = init.shared() {
            return Ok(value.into());
        }
        let symbol = M::INFO.states[state].name;
        let draw = Draw::new(self.options.seed, &format!("state.{symbol}")).round(self.round);
        let values = init.values(shape.dims(), draw);
        let values = values.map_err(|problem| Error::Initializer {
            population: self.name.clone(),
            what: format!("initial value `{symbol}`"),
            problem,
        })?;
        Ok(values.into())
    }

    /// Claims the name that was asked for, or a new one.
    pub(super) fn name(name: Option<String>, names: &Names) -> Result<String, GroupError> {
        let name = name.unwrap_or_else(|| names.unique(M::INFO.name));
        names.claim(&name)?;
        Ok(name)
    }
}

/// The values of one member again for each.
fn tiled(values: &Resolved, members: usize) -> Values {
    match values {
        Resolved::Shared(value) => (*value).into(),
        Resolved::PerUnit(values) => values.repeat(members).into(),
    }
}
