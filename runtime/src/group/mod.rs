//! A group of units advanced by hand: the interface of BrainPy's rate models, for every model.
//!
//! A [`Simulation`] runs a network; a [`Group`] is one population that takes a step
//! whenever [`Group::update`] is called, with the inputs of that call. It has variables by name, files
//! of them, members that run side by side, delays that are read by hand, and gradients by its
//! parameters. What each argument, method and attribute of BrainPy's is here: [`brainpy`](crate::brainpy).
//!
//! ```
//! use rate_model::prelude::*;
//! use rate_model::group::Group;
//!
//! rate_model! {
//!     model Rate {
//!         param tau: ms = 20 where tau > 0;  param β: Hz/pA = 0.066;
//!         input I: pA;                       state ν: Hz = 0 where ν >= 0;
//!         tau dν/dt = -ν + β*relu(I);
//!     }
//! }
//!
//! let mut group = Group::<Rate>::builder([2, 3], ms(0.1)).set(Rate::tau, 10.0).build()?;
//! for _ in 0..1000 {
//!     group.update([(Rate::I, 300.0)])?;
//!     group.clear_input();
//! }
//! assert!((group.state(Rate::ν)[5] - 0.066 * 300.0).abs() < 1e-2);
//! # Ok::<(), Error>(())
//! ```

mod builder;
mod delays;
mod device;
mod error;
#[cfg(feature = "states")]
mod files;
mod flatten;
mod given;
mod gradient;
mod mode;
mod names;
mod plan;
mod state_dict;
mod tree;
mod update;
mod vars;

pub use builder::GroupBuilder;
pub use delays::{DelaySteps, Delays};
pub use device::Device;
pub use error::GroupError;
#[cfg(feature = "states")]
pub use files::Loading;
pub use flatten::{Leaves, Tree};
pub use given::Given;
pub use gradient::{Gradient, Slopes};
pub use mode::Mode;
pub use names::Names;
pub use state_dict::{StateDict, StateLoadResult, Strictness};
pub use tree::{Naming, Node, Scope};
pub use vars::{Variable, VariableKind};

use crate::error::Error;
use crate::lanes::Real;
use crate::model::{ModelInfo, Observable, Param, Place, RateModel, State};
use crate::network::PopulationId;
use crate::shape::Shape;
use crate::simulation::Simulation;
use crate::time::Time;
use crate::values::Values;
use plan::Plan;
use vars::Registered;

/// Units of one model, advanced by hand; made by [`Group::builder`]. `T` is the precision.
pub struct Group<M, T = f64> {
    /// How it is made, again and again: at each reset, and for copies.
    plan: Plan<M>,
    simulation: Simulation<T>,
    id: PopulationId<M>,
    /// For each input what it has been given.
    inputs: Vec<Accumulator<T>>,
    /// For noises by their place: the numbers that the next step takes instead of drawn ones.
    fed: Vec<(usize, Vec<T>)>,
    registered: Vec<(String, Registered<T>)>,
    children: Vec<(String, Box<dyn Node<T>>)>,
    delays: Delays<T>,
    /// The delays of this group's own variables.
    own_delays: Vec<(String, Place)>,
    /// What a gradient needs to know of each step.
    tape: Option<Vec<gradient::Entry<T>>>,
}

/// An input: the sum of what it was given, or its default.
#[derive(Clone, Debug)]
struct Accumulator<T> {
    values: Vec<T>,
    is_given: bool,
}

impl<M: RateModel, T: Real> std::fmt::Debug for Group<M, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut group = f.debug_struct("Group");
        group.field("name", &self.plan.name).field("model", &M::INFO.name);
        group.field("varshape", &self.plan.varshape.dims()).field("mode", &self.plan.mode);
        group.field("step", &self.simulation.step()).finish_non_exhaustive()
    }
}

impl<M: RateModel> Group<M> {
    /// Units in a shape, with a step: a number of units, or `[rows, columns]`. What differs from the
    /// model's defaults is said to the builder, and all of it is checked by [`GroupBuilder::build`].
    pub fn builder(size: impl Into<Shape>, dt: impl Into<Time>) -> GroupBuilder<M> {
        GroupBuilder::new(size.into(), dt.into())
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// Its name: unique in its registry.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// Gives it another name; the old one stays taken.
    ///
    /// # Errors
    /// [`GroupError::InvalidName`], [`GroupError::NameTaken`]; the name stays then.
    pub fn rename(&mut self, name: &str) -> Result<(), Error> {
        self.plan.names.claim(name)?;
        name.clone_into(&mut self.plan.name);
        for (identifier, place) in &self.own_delays {
            let target = format!("{name}.{}", place.symbol(M::INFO).ascii);
            self.delays.retarget(identifier, target);
        }
        Ok(())
    }

    /// The next name of a type (of its model, without one), from its registry. Every call uses up a
    /// number.
    pub fn unique_name(&self, of_type: Option<&str>) -> String {
        self.plan.names.unique(of_type.unwrap_or(M::INFO.name))
    }

    /// The registry that its name is of.
    pub fn names(&self) -> &Names {
        &self.plan.names
    }

    /// How many members it has.
    pub fn mode(&self) -> Mode {
        self.plan.mode
    }

    /// Changes the mode. Shapes change with the next [`Group::reset`] or [`Group::reset_state`].
    ///
    /// # Errors
    /// [`GroupError::NoMembers`].
    pub fn set_mode(&mut self, mode: Mode) -> Result<(), Error> {
        mode.check()?;
        self.plan.mode = mode;
        Ok(())
    }

    /// The shape it was made with.
    pub fn size(&self) -> &Shape {
        &self.plan.size
    }

    /// The number of units, members not counted.
    pub fn num(&self) -> usize {
        self.plan.num
    }

    /// The shape of the variables of one member: [`Group::size`] if that was to be kept, else flat.
    pub fn varshape(&self) -> &Shape {
        &self.plan.varshape
    }

    /// The shape of variables for a number of members: [`Group::varshape`], after that number.
    pub fn get_batch_shape(&self, batch_size: Option<usize>) -> Shape {
        self.plan.batch_shape(batch_size)
    }

    /// What is known of its model.
    pub fn model(&self) -> &'static ModelInfo {
        M::INFO
    }

    /// The length of a step.
    pub fn dt(&self) -> Time {
        self.simulation.dt()
    }

    /// The time since the last reset.
    pub fn time(&self) -> Time {
        self.simulation.time()
    }

    /// The number of steps since the last reset.
    pub fn step_count(&self) -> u64 {
        self.simulation.step()
    }

    /// The values of a state, member by member, in row-major order.
    pub fn state(&self, state: State<M>) -> &[T] {
        self.population().values(Place::State(state.index()))
    }

    /// The values of a state, auxiliary or output, from the present states and inputs.
    pub fn observe(&mut self, quantity: impl Observable<M>) -> &[T] {
        let place = quantity.place();
        if matches!(place, Place::Auxiliary(_)) {
            self.deliver_inputs();
            self.simulation.refresh();
        }
        self.population().values(place)
    }

    /// What an input has been given: the sum since it was cleared, or its default.
    pub fn input(&self, input: crate::model::Input<M>) -> &[T] {
        &self.inputs[input.index()].values
    }

    /// Changes a parameter, for the next step and all later ones.
    ///
    /// # Errors
    /// Values of the wrong shape, not finite or out of the model's range. Nothing is changed then.
    pub fn set(&mut self, param: Param<M>, values: impl Into<Values>) -> Result<(), Error> {
        let values = self.plan.resolve_param(param.index(), &values.into())?;
        self.set_resolved([(param.index(), values)])
    }

    /// Changes parameters, which are checked when all have changed.
    fn set_resolved(
        &mut self,
        changes: impl IntoIterator<Item = (usize, crate::values::Resolved)>,
    ) -> Result<(), Error> {
        let (mut plan, mut changed) = (self.plan.clone(), Vec::new());
        for (index, values) in changes {
            plan.params[index] = Some(values);
            changed.push(index);
        }
        plan.check::<T>()?;
        let members = self.members();
        let tiled = changed.into_iter().map(|index| (index, plan.tiled_param(index, members)));
        self.simulation.set_all(self.id, &tiled.collect::<Vec<_>>())?;
        self.plan = plan;
        Ok(())
    }

    /// Changes a state: numbers for one member are for all.
    ///
    /// # Errors
    /// Numbers of the wrong shape or not finite; nothing is changed then.
    pub fn set_state<'a>(
        &mut self,
        state: State<M>,
        values: impl Into<Given<'a, T>>,
    ) -> Result<(), Error> {
        let values = values.into();
        self.check_given("state", state.symbol().name, &values, true)?;
        let len = self.len();
        let column = &mut self.simulation.network_mut().populations[0].units.states[state.index()];
        values.for_each(column.as_mut_slice(len), |number, value| *number = value);
        Ok(())
    }

    /// The only population of the network.
    fn population(&self) -> &crate::network::population::Built<T> {
        &self.simulation.network().populations[0]
    }

    /// The number of units, members counted.
    fn len(&self) -> usize {
        self.population().units.len
    }

    /// The members that there are now.
    fn members(&self) -> usize {
        self.len().checked_div(self.plan.num).unwrap_or(1)
    }
}
