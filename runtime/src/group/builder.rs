//! Making a group.

use std::marker::PhantomData;

use super::delays::Delays;
use super::plan::{Plan, Start};
use super::{Accumulator, Group, Mode, Names};
use crate::error::Error;
use crate::integrate::{Arithmetic, Bounds, Integrator};
use crate::lanes::Real;
use crate::mixing::Mixing;
use crate::model::{Noise, Param, Place, RateModel, Source, State};
use crate::shape::Shape;
use crate::simulation::Options;
use crate::time::Time;
use crate::values::Values;

/// A group to be: see [`Group::builder`].
///
/// ```
/// use rate_model::group::{Group, Mode};
/// use rate_model::{Init, prelude::*};
/// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 0; tau dx/dt = -x; } }
/// let group = Group::<Leak>::builder([2, 3], ms(0.1))
///     .set(Leak::tau, Init::uniform(10.0, 20.0))
///     .train(Leak::tau)
///     .init(Leak::x, Init::normal(1.0, 0.1))
///     .seed(7)
///     .mode(Mode::Training(8))
///     .keep_size(true)
///     .name("cortex")
///     .build()?;
/// assert_eq!(group.get_batch_shape(Some(8)).dims(), [8, 2, 3]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "build it"]
pub struct GroupBuilder<M> {
    size: Shape,
    dt: Time,
    params: Vec<(usize, Values)>,
    trained: Vec<usize>,
    starts: Vec<(usize, Values)>,
    histories: Vec<(Place, Values)>,
    mixings: Vec<(usize, Mixing)>,
    keep_size: bool,
    name: Option<String>,
    names: Names,
    mode: Mode,
    input_var: bool,
    options: Options,
    model: PhantomData<fn() -> M>,
}

impl<M: RateModel> GroupBuilder<M> {
    pub(super) fn new(size: Shape, dt: Time) -> Self {
        Self {
            size,
            dt,
            params: Vec::new(),
            trained: Vec::new(),
            starts: Vec::new(),
            histories: Vec::new(),
            mixings: Vec::new(),
            keep_size: false,
            name: None,
            names: Names::default(),
            mode: Mode::default(),
            input_var: true,
            options: Options { progress: false, ..Options::default() },
            model: PhantomData,
        }
    }

    /// Sets a parameter, in its declared unit: a number, one for each unit (in the group's shape or
    /// flat), or an [`Init`](crate::Init). Members of a batch share parameters.
    pub fn set(mut self, param: Param<M>, values: impl Into<Values>) -> Self {
        self.params.push((param.index(), values.into()));
        self
    }

    /// Makes a parameter a variable: it is in [`Group::vars`], [`Group::train_vars`] and files, and
    /// gradients are by it.
    pub fn train(mut self, param: Param<M>) -> Self {
        if !self.trained.contains(&param.index()) {
            self.trained.push(param.index());
        }
        self
    }

    /// Sets how a state begins, in its declared unit: a number, one for each unit, or an
    /// [`Init`](crate::Init), which draws for all members, and again at each reset. Bounds of the state
    /// apply from the first step on, not to these.
    pub fn init(mut self, state: State<M>, values: impl Into<Values>) -> Self {
        self.starts.push((state.index(), values.into()));
        self
    }

    /// Sets what a state or output, whose past an equation reads, was before t = 0; otherwise it was
    /// what it is then.
    pub fn history(mut self, of: impl Source<M>, values: impl Into<Values>) -> Self {
        self.histories.push((of.place(), values.into()));
        self
    }

    /// Correlates a noise across units: a matrix of shape \[units, sources\], for the units of a member,
    /// as of [`Population::mix`](crate::Population::mix). Each member has sources of its own. Numbers of
    /// [`Group::feed`] are those of the units, and are not mixed.
    pub fn mix(mut self, noise: Noise<M>, mixing: impl Into<Mixing>) -> Self {
        self.mixings.push((noise.index(), mixing.into()));
        self
    }

    /// Chooses the random numbers of noises and initializers; 0 by default. They depend on it, on the
    /// symbol, the unit, the member and the step, and on nothing else.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Whether variables have the group's shape; by default they are flat.
    pub fn keep_size(mut self, keep_size: bool) -> Self {
        self.keep_size = keep_size;
        self
    }

    /// The name: an identifier that no other group of the same registry has. By default the model's
    /// name and a number.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The registry of its name; by default one of its own.
    pub fn names(mut self, names: &Names) -> Self {
        self.names = names.clone();
        self
    }

    /// How many members there are; by default one, of which shapes do not speak.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Whether inputs are variables that sum up what they are given until [`Group::clear_input`]; they
    /// are by default. Otherwise an update sees what it is given, and nothing is kept.
    pub fn input_var(mut self, input_var: bool) -> Self {
        self.input_var = input_var;
        self
    }

    /// The method of integration; forward Euler by default.
    pub fn integrator(mut self, integrator: Integrator) -> Self {
        self.options.integrator = integrator;
        self
    }

    /// What happens to states that leave their intervals; they are clipped by default.
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.options.bounds = bounds;
        self
    }

    /// Whether a step that the method cannot be stable with is refused; by default it is.
    pub fn check_stability(mut self, check_stability: bool) -> Self {
        self.options.check_stability = check_stability;
        self
    }

    /// How operations are rounded; fast by default.
    pub fn arithmetic(mut self, arithmetic: Arithmetic) -> Self {
        self.options.arithmetic = arithmetic;
        self
    }

    /// Whether inputs and states that are infinite or NaN are errors; by default they are.
    pub fn check_finite(mut self, check_finite: bool) -> Self {
        self.options.check_finite = check_finite;
        self
    }

    /// Checks everything and makes the group, in double precision.
    ///
    /// # Errors
    /// Values of the wrong shape, not finite or out of the model's range; initializers that cannot be
    /// used; a noise that cannot be mixed as it was said; a step that is not positive, of the wrong kind
    /// or too long for the method; a name that is taken or no identifier; a batch without members; a
    /// shape that does not fit into memory. The name is free then.
    pub fn build(self) -> Result<Group<M>, Error> {
        self.build_in()
    }

    /// The same in the precision `T`, `f32` or `f64`.
    ///
    /// # Errors
    /// As for [`GroupBuilder::build`].
    pub fn build_in<T: Real>(self) -> Result<Group<M, T>, Error> {
        let names = self.names.clone();
        let name = Plan::<M>::name(self.name.clone(), &names)?;
        // What cannot be made takes no name.
        let made = self.plan::<T>(name.clone()).and_then(|plan| Ok((plan.assemble()?, plan)));
        let ((simulation, id), plan) = made.inspect_err(|_| names.release(&name))?;
        let mut group = Group {
            plan,
            simulation,
            id,
            inputs: Vec::new(),
            fed: Vec::new(),
            registered: Vec::new(),
            children: Vec::new(),
            delays: Delays::default(),
            own_delays: Vec::new(),
            tape: None,
        };
        group.inputs =
            vec![Accumulator { values: Vec::new(), is_given: true }; M::INFO.inputs.len()];
        group.clear_own_input();
        Ok(group)
    }

    fn plan<T: Real>(self, name: String) -> Result<Plan<M>, Error> {
        let shape = |what: &str| Error::TooLarge {
            population: what.to_owned(),
            shape: self.size.dims().to_vec(),
        };
        let num = self.size.len().ok_or_else(|| shape(M::INFO.name))?;
        if !crate::units::fits_into_memory::<T>(num, 1) {
            return Err(shape(M::INFO.name));
        }
        let varshape = if self.keep_size { self.size.clone() } else { Shape::from(num) };
        let mut plan = Plan {
            name,
            names: self.names,
            size: self.size,
            varshape,
            num,
            mode: self.mode,
            keeps_inputs: self.input_var,
            dt: self.dt,
            options: self.options,
            params: M::INFO.params.iter().map(|_| None).collect(),
            trained: self.trained,
            starts: M::INFO.states.iter().map(|_| None).collect(),
            histories: Vec::new(),
            mixings: self.mixings,
            round: 0,
            model: PhantomData,
        };
        plan.trained.sort_unstable();
        for (index, values) in &self.params {
            plan.params[*index] = Some(plan.resolve_param(*index, values)?);
        }
        for (place, values) in self.histories {
            let resolved = plan.resolve("history", place.symbol(M::INFO).name, &values)?;
            plan.histories.push((place, resolved));
        }
        for (index, values) in self.starts {
            plan.starts[index] = Some(match values.as_init() {
                Some(init) => Start::Drawn(init.clone()),
                None => {
                    let symbol = M::INFO.states[index].name;
                    Start::Fixed(plan.resolve("initial value", symbol, &values)?)
                }
            });
        }
        plan.check::<T>()?;
        Ok(plan)
    }
}
