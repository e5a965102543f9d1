//! Steps, inputs and resets.

use super::given::{Fit, Given};
use super::{Group, GroupError, gradient};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::{Input, Noise, Place, RateModel};

impl<M: RateModel, T: Real> Group<M, T> {
    /// Takes one step with inputs, and gives the values of the first state: those that
    /// [`Group::state`] gives for it.
    ///
    /// What an input is given adds to what it was given before (see
    /// [`GroupBuilder::input_var`](super::GroupBuilder::input_var)); nothing is cleared. An input that
    /// was given nothing has its default.
    ///
    /// ```
    /// # use rate_model::{group::{Given, Group}, prelude::*};
    /// # rate_model! { model Pair {
    /// #     param tau: ms = 20 where tau > 0; input I; input J; state x = 0; state y = 0;
    /// #     tau dx/dt = -x + I; tau dy/dt = -y + J; } }
    /// let mut group = Group::<Pair>::builder(2, ms(0.1)).build()?;
    /// group.update([(Pair::I, 10.0), (Pair::J, 5.0)])?;
    /// let mixed: [(_, Given<'_, f64>); 2] = [(Pair::I, 10.into()), (Pair::J, [1.0, 2.0].into())];
    /// let x = group.update(mixed)?;
    /// assert_eq!(x.len(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Inputs of the wrong shape or not finite: no step is taken then. [`Error::Diverged`] when a
    /// state is no longer finite after the step. (See
    /// [`GroupBuilder::check_finite`](super::GroupBuilder::check_finite).)
    pub fn update<'a, G: Into<Given<'a, T>>>(
        &mut self,
        inputs: impl IntoIterator<Item = (Input<M>, G)>,
    ) -> Result<&[T], Error> {
        if !self.plan.keeps_inputs {
            self.clear_own_input();
        }
        self.give(inputs)?;
        self.step()
    }

    /// Takes one step with what inputs were given.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub fn step(&mut self) -> Result<&[T], Error> {
        self.deliver_inputs();
        let fed = std::mem::take(&mut self.fed);
        let first = M::INFO.inputs.len();
        let tape = self.tape.as_mut();
        self.simulation.advance_once(|network| {
            let units = &mut network.populations[0].units;
            for (noise, values) in fed {
                units.inputs[first + noise].as_mut_slice(units.len).copy_from_slice(&values);
            }
            if let Some(tape) = tape {
                tape.push(gradient::Entry::of(units));
            }
        })?;
        if !self.plan.keeps_inputs {
            self.clear_own_input();
        }
        if self.plan.options.check_finite {
            self.simulation.check_finite()?;
        }
        match M::INFO.states {
            [] => Ok(&[]),
            _ => Ok(self.population().values(Place::State(0))),
        }
    }

    /// Adds to inputs without taking a step.
    ///
    /// # Errors
    /// Inputs of the wrong shape or not finite; nothing is added then.
    pub fn give<'a, G: Into<Given<'a, T>>>(
        &mut self,
        inputs: impl IntoIterator<Item = (Input<M>, G)>,
    ) -> Result<(), Error> {
        let given = inputs.into_iter().map(|(input, given)| (input, given.into()));
        let given: Vec<(Input<M>, Given<'a, T>)> = given.collect();
        for (input, given) in &given {
            let check = self.plan.options.check_finite;
            self.check_given("input", input.symbol().name, given, check)?;
        }
        for (input, given) in given {
            let accumulator = &mut self.inputs[input.index()];
            if !accumulator.is_given {
                accumulator.values.fill(T::default());
                accumulator.is_given = true;
            }
            given.for_each(&mut accumulator.values, |sum, value| *sum += value);
        }
        Ok(())
    }

    /// Gives a noise its numbers for the next step, in place of drawn ones: normal numbers of mean 0
    /// and variance 1 for white noise and noise per step, the value itself for others. For replaying
    /// what another program drew.
    ///
    /// # Errors
    /// Numbers of the wrong shape or not finite.
    pub fn feed<'a>(
        &mut self,
        noise: Noise<M>,
        numbers: impl Into<Given<'a, T>>,
    ) -> Result<(), Error> {
        let numbers = numbers.into();
        self.check_given("noise", noise.symbol().name, &numbers, true)?;
        let mut values = vec![T::default(); self.len()];
        numbers.for_each(&mut values, |number, value| *number = value);
        self.fed.retain(|(other, _)| *other != noise.index());
        self.fed.push((noise.index(), values));
        Ok(())
    }

    /// Gives a white noise its second numbers for the next step, in place of drawn ones, where the method
    /// draws them ([`Integrator::Sra1`](crate::Integrator::Sra1),
    /// [`Integrator::Sriw1`](crate::Integrator::Sriw1)): normal numbers ζ of mean 0 and variance 1,
    /// independent of those of [`Group::feed`], ξ. The integral of the path over the step, from where it
    /// begins, then is dt^(3/2) (ξ + ζ/√3)/2.
    ///
    /// # Errors
    /// [`GroupError::NoSecondNumber`]; numbers of the wrong shape or not finite.
    pub fn feed_second<'a>(
        &mut self,
        noise: Noise<M>,
        numbers: impl Into<Given<'a, T>>,
    ) -> Result<(), Error> {
        let numbers = numbers.into();
        let symbol = noise.symbol().name;
        self.check_given("second number of noise", symbol, &numbers, true)?;
        let mut values = vec![T::default(); self.len()];
        numbers.for_each(&mut values, |number, value| *number = value);
        let integrator = self.simulation.integrator();
        let is_white = M::INFO.diffusion.iter().any(|[_, driver]| *driver == noise.index());
        match self.simulation.stages_mut().filter(|stages| is_white && stages.draws_twice()) {
            None => Err(GroupError::NoSecondNumber { noise: symbol, integrator }.into()),
            Some(stages) => {
                stages.feed_second(noise.index(), values);
                Ok(())
            }
        }
    }

    pub(super) fn check_given(
        &self,
        kind: &str,
        symbol: &str,
        given: &Given<'_, T>,
        must_be_finite: bool,
    ) -> Result<(), Error> {
        let (population, what) = (self.plan.name.clone(), format!("{kind} `{symbol}`"));
        let fit = Fit {
            varshape: self.plan.varshape.dims(),
            num: self.plan.num,
            members: self.members(),
        };
        if let Some(found) = given.misfit(fit) {
            let (found, expected) = (found.to_vec(), self.plan.varshape.dims().to_vec());
            return Err(Error::Shape { population, what, found, expected });
        }
        match given.first_not_finite() {
            Some(value) if must_be_finite => {
                Err(Error::NotFinite { population, what, value, unit: None })
            }
            _ => Ok(()),
        }
    }

    /// Hands what inputs were given to the population.
    pub(super) fn deliver_inputs(&mut self) {
        let units = &mut self.simulation.network_mut().populations[0].units;
        for (column, input) in units.inputs.iter_mut().zip(&self.inputs) {
            column.as_mut_slice(units.len).copy_from_slice(&input.values);
        }
    }

    /// Inputs have been given nothing, in this group and all its children.
    pub fn clear_input(&mut self) {
        self.clear_own_input();
        self.children.iter_mut().for_each(|(_, child)| child.clear_inputs());
    }

    pub(super) fn clear_own_input(&mut self) {
        let len = self.len();
        for (input, symbol) in self.inputs.iter_mut().zip(M::INFO.inputs) {
            if input.is_given || input.values.len() != len {
                input.values.clear();
                input.values.resize(len, T::from_f64(symbol.default));
                input.is_given = false;
            }
        }
    }

    /// Back to the very beginning, in this group and all its children: states as at first (what is
    /// drawn is drawn again, with the same numbers), time and noise at 0, inputs cleared, delays full
    /// of the present. `batch_size` is the number of members from now on; none leaves it.
    ///
    /// # Errors
    /// [`GroupError::NoMembers`]; members that do not fit into memory.
    /// Nothing is changed then.
    pub fn reset(&mut self, batch_size: Option<usize>) -> Result<(), Error> {
        self.restart(batch_size, 0)
    }

    /// The same with other random numbers: the first, second, … call after [`Group::reset`] draws
    /// what the first, second, … would draw again.
    ///
    /// # Errors
    /// As for [`Group::reset`].
    pub fn reset_state(&mut self, batch_size: Option<usize>) -> Result<(), Error> {
        self.restart(batch_size, self.plan.round + 1)
    }

    pub(super) fn restart(&mut self, batch_size: Option<usize>, round: u64) -> Result<(), Error> {
        let mut children = Vec::new();
        for (_, child) in &self.children {
            let mut child = child.copied(&mut Vec::new())?;
            child.restarted(batch_size, round)?;
            children.push(child);
        }
        let mut plan = self.plan.clone();
        plan.round = round;
        if let Some(members) = batch_size {
            plan.mode = plan.mode.with_batch_size(members);
        }
        let (simulation, id) = plan.assemble()?;
        (self.plan, self.simulation, self.id) = (plan, simulation, id);
        for ((_, child), mut fresh) in self.children.iter_mut().zip(children) {
            fresh.rejoin_delays(child.as_ref());
            *child = fresh;
        }
        self.fed.clear();
        self.clear_own_input();
        self.reset_local_delays();
        Ok(())
    }
}
