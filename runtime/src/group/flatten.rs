//! A group as leaves and a tree to hang them on.

use super::state_dict::visit;
use super::tree::{Node, Scope};
use super::vars::Variable;
use super::{Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::RateModel;

/// The values of the variables of a group, one list each.
pub type Leaves<T> = Vec<Vec<T>>;

/// Everything of a group but the values of its variables: see [`Group::tree_flatten`].
#[derive(Debug)]
pub struct Tree<M, T = f64>
where
    M: RateModel,
    T: Real,
{
    group: Group<M, T>,
    keys: Vec<String>,
}

impl<M: RateModel, T: Real> Tree<M, T> {
    /// What the leaves are, in their order: the keys of [`Group::vars`].
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// The values of all variables, in the order of [`Group::vars`], and everything else. Both are
    /// copies.
    ///
    /// ```
    /// # use rate_model::{group::Group, prelude::*};
    /// # rate_model! { model Leak { param tau = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// let group = Group::<Leak>::builder(2, 0.1).build()?;
    /// let (mut leaves, tree) = group.tree_flatten()?;
    /// leaves[0][1] = 7.0;
    /// assert_eq!(Group::tree_unflatten(&tree, &leaves)?.state(Leak::x), [1.0, 7.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// A copy that does not fit into memory.
    pub fn tree_flatten(&self) -> Result<(Leaves<T>, Tree<M, T>), Error> {
        let vars = self.vars(Scope::default());
        let leaves = vars.iter().map(|(_, variable)| variable.values.to_vec()).collect();
        let keys = vars.into_iter().map(|(key, _)| key).collect();
        Ok((leaves, Tree { group: self.try_clone()?, keys }))
    }

    /// A group from a tree and leaves for it; it shares nothing with them.
    ///
    /// # Errors
    /// [`GroupError::Leaves`]; leaves of the wrong length or not finite; trained parameters out of the
    /// model's range.
    pub fn tree_unflatten(tree: &Tree<M, T>, leaves: &[Vec<T>]) -> Result<Self, Error> {
        if leaves.len() != tree.keys.len() {
            let (expected, found) = (tree.keys.len(), leaves.len());
            return Err(GroupError::Leaves { expected, found }.into());
        }
        let mut group = tree.group.try_clone()?;
        let mut rest = leaves.iter().zip(&tree.keys);
        visit(&mut group, &mut |node| hang(node, &mut rest))?;
        Ok(group)
    }
}

/// Takes as many leaves as a node has variables.
fn hang<'a, T: Real>(
    node: &mut dyn Node<T>,
    rest: &mut impl Iterator<Item = (&'a Vec<T>, &'a String)>,
) -> Result<(), Error> {
    let shape = |(name, variable): (String, Variable<'_, T>)| (name, variable.shape);
    let vars: Vec<(String, Vec<usize>)> = node.own_vars().into_iter().map(shape).collect();
    let mut leaves = Vec::new();
    for ((name, shape), (leaf, key)) in vars.into_iter().zip(rest) {
        if leaf.len() != shape.iter().product::<usize>() {
            let (key, found) = (key.clone(), vec![leaf.len()]);
            return Err(GroupError::VariableShape { key, expected: shape, found }.into());
        }
        if let Some(place) = leaf.iter().position(|value| !value.is_finite()) {
            let (key, value) = (key.clone(), leaf[place].to_f64());
            return Err(GroupError::VariableNotFinite { key, value, place }.into());
        }
        leaves.push((name, leaf.clone()));
    }
    node.set_vars(&leaves)
}
