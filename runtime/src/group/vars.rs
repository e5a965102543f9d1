//! Variables: what changes while a group runs, by name.

use std::borrow::Cow;

use ndarray::ArrayD;

use super::tree::{Scope, paths};
use super::{Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::RateModel;
use crate::values::Resolved;

/// A variable of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable<'a, T: Clone> {
    /// What it is.
    pub kind: VariableKind,
    /// Its shape: for states, inputs and noises that of the group, after the number of members.
    pub shape: Vec<usize>,
    /// Its values, in row-major order.
    pub values: Cow<'a, [T]>,
}

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// A parameter that is trained.
    Trained,
    /// A state.
    State,
    /// What an input was given.
    Input,
    /// The value of a noise that has one.
    Noise,
    /// What was added by [`Group::register_implicit_vars`].
    Registered,
}

/// A variable that was added.
#[derive(Clone, Debug)]
pub(super) struct Registered<T> {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<T>,
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// Its variables and those of its children, in the order of declaration: trained parameters,
    /// states, inputs (where they are variables), noises that have a value, registered ones. Keys are
    /// `name.variable`, or by relative naming `variable` and `child.variable`; symbols are in ASCII.
    ///
    /// ```
    /// # use rate_model::{group::{Group, Scope}, prelude::*};
    /// # rate_model! { model Leak { param tau = 20 where tau > 0; input I; state x = 1; tau dx/dt = -x + I; } }
    /// let group = Group::<Leak>::builder(2, 0.1).build()?;
    /// let vars = group.vars(Scope::default());
    /// assert_eq!(vars[0].0, "Leak0.x");
    /// assert_eq!(vars[1].0, "Leak0.I");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn vars(&self, scope: Scope) -> Vec<(String, Variable<'_, T>)> {
        let mut all = Vec::new();
        for (path, node) in paths(self, scope) {
            for (name, variable) in node.own_vars() {
                let key = if path.is_empty() { name } else { format!("{path}.{name}") };
                all.push((key, variable));
            }
        }
        all
    }

    /// The trained parameters among [`Group::vars`].
    pub fn train_vars(&self, scope: Scope) -> Vec<(String, Variable<'_, T>)> {
        let mut vars = self.vars(scope);
        vars.retain(|(_, variable)| variable.kind == VariableKind::Trained);
        vars
    }

    /// Adds a variable, which is from then on in [`Group::vars`], state dictionaries and files.
    ///
    /// # Errors
    /// [`GroupError::InvalidName`]; [`GroupError::DuplicateKey`] when something of the group has that
    /// name.
    pub fn register_implicit_vars(
        &mut self,
        vars: impl IntoIterator<Item = (impl Into<String>, ArrayD<T>)>,
    ) -> Result<(), Error> {
        let vars = vars.into_iter().map(|(name, array)| (name.into(), array));
        let mut fresh: Vec<(String, Registered<T>)> = Vec::new();
        for (name, array) in vars {
            if !super::names::is_identifier(&name) {
                return Err(GroupError::InvalidName { name }.into());
            }
            let own = self.own_vars_inner();
            let taken = own.iter().any(|(own, _)| *own == name)
                || fresh.iter().any(|(other, _)| *other == name);
            if taken {
                return Err(
                    GroupError::DuplicateKey { group: self.plan.name.clone(), key: name }.into()
                );
            }
            let (shape, values) = (array.shape().to_vec(), array.iter().copied().collect());
            fresh.push((name, Registered { shape, values }));
        }
        self.registered.extend(fresh);
        Ok(())
    }

    /// The values of a variable that was added.
    pub fn registered_var(&self, name: &str) -> Option<&[T]> {
        let found = self.registered.iter().find(|(own, _)| own == name);
        found.map(|(_, registered)| &registered.values[..])
    }

    /// The values of a variable that was added, to be changed.
    pub fn registered_var_mut(&mut self, name: &str) -> Option<&mut [T]> {
        let found = self.registered.iter_mut().find(|(own, _)| own == name);
        found.map(|(_, registered)| &mut registered.values[..])
    }

    pub(super) fn own_vars_inner(&self) -> Vec<(String, Variable<'_, T>)> {
        let info = M::INFO;
        let shape = self.plan.batch_shape(self.batch_axis());
        let per_unit = |kind, ascii: &str, values: &'_ [T]| {
            let (shape, values) = (shape.dims().to_vec(), Cow::Owned(values.to_vec()));
            (ascii.to_owned(), Variable { kind, shape, values })
        };
        let mut vars = Vec::new();
        for index in &self.plan.trained {
            let (shape, values) = match &self.plan.params[*index] {
                None => (Vec::new(), vec![T::from_f64(info.params[*index].default)]),
                Some(Resolved::Shared(value)) => (Vec::new(), vec![T::from_f64(*value)]),
                Some(Resolved::PerUnit(values)) => {
                    let values = values.iter().map(|value| T::from_f64(*value)).collect();
                    (self.plan.varshape.dims().to_vec(), values)
                }
            };
            let (kind, values) = (VariableKind::Trained, Cow::Owned(values));
            vars.push((info.params[*index].ascii.to_owned(), Variable { kind, shape, values }));
        }
        let population = self.population();
        for (symbol, column) in info.states.iter().zip(&population.units.states) {
            let values = column.as_slice(population.units.len);
            vars.push(per_unit(VariableKind::State, symbol.ascii, values));
        }
        if self.plan.keeps_inputs {
            for (symbol, input) in info.inputs.iter().zip(&self.inputs) {
                vars.push(per_unit(VariableKind::Input, symbol.ascii, &input.values));
            }
        }
        for (index, noise) in info.noises.iter().enumerate() {
            if let Some(values) = population.noise_value(index) {
                vars.push(per_unit(VariableKind::Noise, noise.symbol.ascii, values));
            }
        }
        for (name, Registered { shape, values }) in &self.registered {
            let (shape, values) = (shape.clone(), Cow::Borrowed(&values[..]));
            vars.push((name.clone(), Variable { kind: VariableKind::Registered, shape, values }));
        }
        vars
    }

    /// The number of members that shapes speak of now. A new mode counts from the next reset.
    fn batch_axis(&self) -> Option<usize> {
        let dims = &self.population().dims;
        (dims.len() > self.plan.varshape.dims().len()).then(|| dims[0])
    }

    /// Sets variables to numbers that are known to have their shapes.
    ///
    /// # Errors
    /// Parameters out of the model's range, when all have changed.
    pub(super) fn set_own_vars(&mut self, vars: &[(String, Vec<T>)]) -> Result<(), Error> {
        let params = vars.iter().filter_map(|(name, values)| self.trained(name, values));
        let params: Vec<_> = params.collect();
        if !params.is_empty() {
            self.set_resolved(params)?;
        }
        for (name, values) in vars {
            self.set_own_var(name, values);
        }
        Ok(())
    }

    /// The trained parameter of that name, with these values.
    fn trained(&self, name: &str, values: &[T]) -> Option<(usize, Resolved)> {
        let index = M::INFO.params.iter().position(|param| param.ascii == name)?;
        self.plan.trained.contains(&index).then(|| {
            let values: Vec<f64> = values.iter().map(|value| value.to_f64()).collect();
            let is_shared = !matches!(self.plan.params[index], Some(Resolved::PerUnit(_)));
            let shared_or_not =
                if is_shared { Resolved::Shared(values[0]) } else { Resolved::PerUnit(values) };
            (index, shared_or_not)
        })
    }

    /// Sets a variable that is no parameter.
    fn set_own_var(&mut self, name: &str, values: &[T]) {
        let info = M::INFO;
        let len = self.len();
        // Names of inputs and noises that are no variables are free for registered ones.
        if let Some(own) = self.registered_var_mut(name) {
            own.copy_from_slice(values);
            return;
        }
        if let Some(index) = info.states.iter().position(|state| state.ascii == name) {
            let units = &mut self.simulation.network_mut().populations[0].units;
            units.states[index].as_mut_slice(len).copy_from_slice(values);
        } else if let Some(index) = info.inputs.iter().position(|input| input.ascii == name) {
            let default = T::from_f64(info.inputs[index].default);
            let input = &mut self.inputs[index];
            input.values.copy_from_slice(values);
            // One that has its default has been given nothing.
            input.is_given = values.iter().any(|value| *value != default);
        } else if let Some(index) = info.noises.iter().position(|one| one.symbol.ascii == name) {
            self.simulation.network_mut().populations[0].set_noise_value(index, values);
        }
    }
}
