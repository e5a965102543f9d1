//! Groups within groups.

use std::any::Any;
use std::str::FromStr;

use super::delays::Copies;
use super::vars::Variable;
use super::{Group, GroupError, Names};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::{ModelInfo, RateModel};

/// A group of any model, as its parents know it. Every [`Group`] is one, and nothing else.
pub trait Node<T: Real>: sealed::Sealed<T> + Send {
    /// Its name.
    fn name(&self) -> &str;
    /// What is known of its model.
    fn model(&self) -> &'static ModelInfo;
    /// Its own variables.
    fn own_vars(&self) -> Vec<(String, Variable<'_, T>)>;
    /// What it is made of, by the names that it knows them by.
    fn children(&self) -> &[(String, Box<dyn Node<T>>)];
    /// The same, to be changed.
    fn children_mut(&mut self) -> &mut [(String, Box<dyn Node<T>>)];
    /// Inputs of it and its children have been given nothing.
    fn clear_inputs(&mut self);
    /// As [`Group::update_local_delays`].
    fn update_delays(&mut self);
    /// As [`Group::reset_local_delays`].
    fn reset_delays(&mut self);
}

pub(super) mod sealed {
    use super::{Any, Copies, Error, Names, Node, Real};

    /// What only groups can do for each other.
    pub trait Sealed<T: Real>: 'static {
        fn copied(&self, delays: &mut Copies<T>) -> Result<Box<dyn Node<T>>, Error>;
        fn rejoin_delays(&mut self, original: &dyn Node<T>);
        fn restarted(&mut self, batch_size: Option<usize>, round: u64) -> Result<(), Error>;
        fn names_of(&self) -> &Names;
        fn join_names(&mut self, names: &Names);
        fn set_vars(&mut self, vars: &[(String, Vec<T>)]) -> Result<(), Error>;
        fn step_of(&self) -> u64;
        fn set_step_of(&mut self, step: u64);
        fn as_any(&self) -> &dyn Any;
        fn as_any_mut(&mut self) -> &mut dyn Any;
    }
}

impl<M: RateModel, T: Real> sealed::Sealed<T> for Group<M, T> {
    fn copied(&self, delays: &mut Copies<T>) -> Result<Box<dyn Node<T>>, Error> {
        Ok(Box::new(self.copy(delays)?))
    }

    fn rejoin_delays(&mut self, original: &dyn Node<T>) {
        if let Some(original) = original.as_any().downcast_ref() {
            self.rejoin(original);
        }
    }

    fn restarted(&mut self, batch_size: Option<usize>, round: u64) -> Result<(), Error> {
        self.restart(batch_size, round)
    }

    fn names_of(&self) -> &Names {
        &self.plan.names
    }

    fn join_names(&mut self, names: &Names) {
        if !self.plan.names.is(names) {
            // It is known not to be taken.
            let _ = names.claim(&self.plan.name);
            self.plan.names = names.clone();
        }
        self.children.iter_mut().for_each(|(_, child)| child.join_names(names));
    }

    fn set_vars(&mut self, vars: &[(String, Vec<T>)]) -> Result<(), Error> {
        self.set_own_vars(vars)
    }

    fn step_of(&self) -> u64 {
        self.simulation.step()
    }

    fn set_step_of(&mut self, step: u64) {
        self.simulation.set_step_count(step);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl<M: RateModel, T: Real> Node<T> for Group<M, T> {
    fn name(&self) -> &str {
        Group::name(self)
    }

    fn model(&self) -> &'static ModelInfo {
        M::INFO
    }

    fn own_vars(&self) -> Vec<(String, Variable<'_, T>)> {
        self.own_vars_inner()
    }

    fn children(&self) -> &[(String, Box<dyn Node<T>>)] {
        &self.children
    }

    fn children_mut(&mut self) -> &mut [(String, Box<dyn Node<T>>)] {
        &mut self.children
    }

    fn clear_inputs(&mut self) {
        self.clear_input();
    }

    fn update_delays(&mut self) {
        self.update_local_delays();
    }

    fn reset_delays(&mut self) {
        self.reset_local_delays();
    }
}

/// What nodes are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// By their names.
    #[default]
    Absolute,
    /// By the way to them: nothing for the group itself, `child`, `child.child`.
    Relative,
}

impl FromStr for Naming {
    type Err = GroupError;

    /// `absolute` or `relative`.
    ///
    /// # Errors
    /// [`GroupError::UnknownNaming`].
    fn from_str(text: &str) -> Result<Self, GroupError> {
        match text {
            "absolute" => Ok(Self::Absolute),
            "relative" => Ok(Self::Relative),
            _ => Err(GroupError::UnknownNaming { text: text.to_owned() }),
        }
    }
}

/// Which nodes are meant, and what they are called; all, by their names, by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What they are called.
    pub naming: Naming,
    /// How deep: 0 is the group itself, 1 its children, too; none is all.
    pub level: Option<usize>,
    /// Whether the group itself is among them.
    pub include_self: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { naming: Naming::Absolute, level: None, include_self: true }
    }
}

impl Scope {
    /// All, by the way to them.
    pub fn relative() -> Self {
        Self { naming: Naming::Relative, ..Self::default() }
    }
}

/// Nodes and their keys, each before its children.
pub(super) fn paths<T: Real>(root: &dyn Node<T>, scope: Scope) -> Vec<(String, &dyn Node<T>)> {
    let mut found = Vec::new();
    descend(root, "", 0, scope, &mut found);
    found
}

fn descend<'a, T: Real>(
    node: &'a dyn Node<T>,
    path: &str,
    depth: usize,
    scope: Scope,
    found: &mut Vec<(String, &'a dyn Node<T>)>,
) {
    if depth > 0 || scope.include_self {
        let key = match scope.naming {
            Naming::Absolute => node.name().to_owned(),
            Naming::Relative => path.to_owned(),
        };
        found.push((key, node));
    }
    if scope.level.is_some_and(|level| depth >= level) {
        return;
    }
    for (name, child) in node.children() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        descend(child.as_ref(), &path, depth + 1, scope, found);
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// The groups that it is made of, itself the first, each before its children.
    pub fn nodes(&self, scope: Scope) -> impl Iterator<Item = (String, &dyn Node<T>)> {
        paths(self, scope).into_iter()
    }

    /// Makes groups parts of this one, under names of their own: they are cleared, reset, saved and
    /// loaded with it. Their names are from then on in its registry, so that all in the tree stay
    /// different.
    ///
    /// # Errors
    /// [`GroupError::InvalidName`]; [`GroupError::DuplicateKey`] when something in the group has that
    /// name, or two groups in the tree have the same one; [`GroupError::NameTaken`] when a group of
    /// another registry has a name that is taken in its own. None is added then.
    pub fn register_implicit_nodes(
        &mut self,
        nodes: impl IntoIterator<Item = (impl Into<String>, Box<dyn Node<T>>)>,
    ) -> Result<(), Error> {
        let nodes = nodes.into_iter().map(|(key, node)| (key.into(), node));
        let nodes: Vec<(String, Box<dyn Node<T>>)> = nodes.collect();
        let names = paths(self, Scope::default()).into_iter().map(|(name, _)| name);
        let mut names: Vec<String> = names.collect();
        let own = self.own_vars_inner().into_iter().map(|(key, _)| key);
        let mut keys: Vec<String> =
            own.chain(self.children.iter().map(|(key, _)| key.clone())).collect();
        for (key, node) in &nodes {
            if !super::names::is_identifier(key) {
                return Err(GroupError::InvalidName { name: key.clone() }.into());
            }
            let of_node = paths(node.as_ref(), Scope::default());
            let clash = of_node.iter().find(|(name, _)| names.contains(name));
            let clash = clash.map(|(name, _)| name).or(keys.contains(key).then_some(key));
            if let Some(key) = clash {
                let (group, key) = (self.plan.name.clone(), key.clone());
                return Err(GroupError::DuplicateKey { group, key }.into());
            }
            let registry = &self.plan.names;
            let is_taken =
                |node: &dyn Node<T>| !node.names_of().is(registry) && registry.has(node.name());
            if let Some((name, _)) = of_node.iter().find(|(_, node)| is_taken(*node)) {
                return Err(GroupError::NameTaken { name: name.clone() }.into());
            }
            names.extend(of_node.into_iter().map(|(name, _)| name));
            keys.push(key.clone());
        }
        for (key, mut node) in nodes {
            node.join_names(&self.plan.names);
            self.children.push((key, node));
        }
        Ok(())
    }

    /// A part of it, if it is of this model.
    pub fn child<N: RateModel>(&self, key: &str) -> Option<&Group<N, T>> {
        let (_, child) = self.children.iter().find(|(own, _)| own == key)?;
        child.as_any().downcast_ref()
    }

    /// The same, to be changed.
    pub fn child_mut<N: RateModel>(&mut self, key: &str) -> Option<&mut Group<N, T>> {
        let (_, child) = self.children.iter_mut().find(|(own, _)| own == key)?;
        child.as_any_mut().downcast_mut()
    }

    /// A copy that shares nothing with it: of itself and all its children, with the same names.
    /// Groups in it that share delays do so in the copy, too.
    ///
    /// # Errors
    /// A copy that does not fit into memory.
    pub fn try_clone(&self) -> Result<Self, Error> {
        self.copy(&mut Vec::new())
    }

    fn copy(&self, delays: &mut Copies<T>) -> Result<Self, Error> {
        // Its members now; the mode may have been changed for the next reset.
        let mut plan = self.plan.clone();
        let members = self.members();
        if plan.mode.batch_size().unwrap_or(1) != members {
            plan.mode = plan.mode.with_batch_size(members);
        }
        let (mut simulation, id) = plan.assemble()?;
        simulation.set_step_count(self.simulation.step());
        simulation.network_mut().populations[0].take_over(self.population());
        let registry = self.delays.copied(delays);
        let copy =
            |(key, child): &(String, Box<dyn Node<T>>)| Ok((key.clone(), child.copied(delays)?));
        let children = self.children.iter().map(copy).collect::<Result<_, Error>>()?;
        Ok(Self {
            plan: self.plan.clone(),
            simulation,
            id,
            inputs: self.inputs.clone(),
            fed: self.fed.clone(),
            registered: self.registered.clone(),
            children,
            delays: registry,
            own_delays: self.own_delays.clone(),
            tape: None,
        })
    }
}
