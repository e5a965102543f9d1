//! All variables as named arrays, and back.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Node, Scope, paths};
use super::{Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::RateModel;
use crate::states::{Array, Data};

/// For each node, by its name, its variables by their keys: `{"cortex": {"cortex.nu_e": …}}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateDict(pub BTreeMap<String, BTreeMap<String, Array>>);

impl From<BTreeMap<String, Array>> for StateDict {
    /// Of keys alone: what stands before the dot is the node.
    fn from(flat: BTreeMap<String, Array>) -> Self {
        let mut nodes: BTreeMap<String, BTreeMap<String, Array>> = BTreeMap::new();
        for (key, array) in flat {
            let node = key.split_once('.').map_or("", |(node, _)| node).to_owned();
            nodes.entry(node).or_default().insert(key, array);
        }
        Self(nodes)
    }
}

impl StateDict {
    /// Keys alone.
    pub fn flat(self) -> BTreeMap<String, Array> {
        self.0.into_values().flatten().collect()
    }
}

/// What to do about keys that do not match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// They are an error.
    #[default]
    Strict,
    /// They are reported, and what matches is loaded.
    Lenient,
}

/// Keys that did not match, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateLoadResult {
    /// Variables for which there was nothing.
    pub missing_keys: Vec<String>,
    /// What was for no variable.
    pub unexpected_keys: Vec<String>,
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// A copy of all its variables and those of its children.
    ///
    /// Time, and what equations remember of the past (`x(t - d)`), are not among them.
    pub fn state_dict(&self) -> StateDict {
        let of_node = |(name, node): (String, &dyn Node<T>)| {
            let key = |variable: String| format!("{name}.{variable}");
            let vars = node.own_vars().into_iter();
            let vars = vars.filter_map(|(variable, of)| {
                // The shape is that of the values.
                Some((key(variable), Array::new(of.shape, packed(&of.values)).ok()?))
            });
            (name.clone(), vars.collect())
        };
        StateDict(paths(self, Scope::default()).into_iter().map(of_node).collect())
    }

    /// Sets all variables to what [`Group::state_dict`] gave, or to as much of it as there is.
    ///
    /// ```
    /// # use rate_model::{group::{Group, Strictness}, prelude::*};
    /// # rate_model! { model Leak { param tau = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// let mut group = Group::<Leak>::builder(2, 0.1).build()?;
    /// let before = group.state_dict();
    /// group.step()?;
    /// group.load_state_dict(before.clone(), Strictness::Strict)?;
    /// assert_eq!(group.state_dict(), before);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GroupError::Keys`], unless it is to be lenient; arrays of the wrong shape or type, or not
    /// finite; trained parameters out of the model's range. Nothing is changed then.
    pub fn load_state_dict(
        &mut self,
        states: impl Into<StateDict>,
        strictness: Strictness,
    ) -> Result<StateLoadResult, Error> {
        let flat = states.into().flat();
        // Into a copy: what is wrong with the last array must not have changed the first.
        let mut copy = self.try_clone()?;
        let result = apply(&mut copy, &flat)?;
        let is_exact = result.missing_keys.is_empty() && result.unexpected_keys.is_empty();
        if strictness == Strictness::Strict && !is_exact {
            let StateLoadResult { missing_keys: missing, unexpected_keys: unexpected } = result;
            return Err(GroupError::Keys { missing, unexpected }.into());
        }
        self.become_copy(copy);
        Ok(result)
    }

    /// Takes over what was loaded into a copy; registries of delays stay.
    pub(super) fn become_copy(&mut self, mut copy: Self) {
        copy.rejoin(self);
        let tape = self.tape.take();
        *self = Self { tape, ..copy };
    }
}

/// Sets the variables of a node and its children for which there are arrays.
pub(super) fn apply<T: Real>(
    root: &mut dyn Node<T>,
    flat: &BTreeMap<String, Array>,
) -> Result<StateLoadResult, Error> {
    let mut unexpected: BTreeSet<String> = flat.keys().cloned().collect();
    let mut missing = BTreeSet::new();
    visit(root, &mut |node| {
        let name = node.name().to_owned();
        let vars = node.own_vars().into_iter().map(|(variable, of)| (variable, of.shape));
        let mut found = Vec::new();
        for (variable, shape) in vars.collect::<Vec<_>>() {
            let key = format!("{name}.{variable}");
            match flat.get(&key) {
                None => {
                    missing.insert(key);
                }
                Some(array) => {
                    found.push((variable, fitted(&key, &shape, array)?));
                    unexpected.remove(&key);
                }
            }
        }
        node.set_vars(&found)
    })?;
    Ok(StateLoadResult {
        missing_keys: missing.into_iter().collect(),
        unexpected_keys: unexpected.into_iter().collect(),
    })
}

/// Does something to a node and its children.
pub(super) fn visit<T: Real>(
    node: &mut dyn Node<T>,
    act: &mut dyn FnMut(&mut dyn Node<T>) -> Result<(), Error>,
) -> Result<(), Error> {
    act(node)?;
    node.children_mut().iter_mut().try_for_each(|(_, child)| visit(child.as_mut(), act))
}

/// The numbers of an array for a variable. MAT-files know no arrays with fewer than two axes: axes of
/// length 1 before those of the variable do not count.
fn fitted<T: Real>(key: &str, shape: &[usize], array: &Array) -> Result<Vec<T>, GroupError> {
    let found = array.shape();
    let is_same = found.strip_suffix(shape).is_some_and(|more| more.iter().all(|one| *one == 1));
    if !is_same {
        let (expected, found) = (shape.to_vec(), found.to_vec());
        return Err(GroupError::VariableShape { key: key.to_owned(), expected, found });
    }
    let Some(values) = unpacked::<T>(array.data()) else {
        let (expected, found) = (packed::<T>(&[]).type_name(), array.data().type_name());
        return Err(GroupError::VariableType { key: key.to_owned(), expected, found });
    };
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(place) => {
            let (key, value) = (key.to_owned(), values[place].to_f64());
            Err(GroupError::VariableNotFinite { key, value, place })
        }
    }
}

fn is_single<T>() -> bool {
    size_of::<T>() == size_of::<f32>()
}

/// Numbers as an array's.
fn packed<T: Real>(values: &[T]) -> Data {
    let wide = values.iter().map(|value| value.to_f64());
    if is_single::<T>() {
        Data::F32(wide.map(Real::from_f64).collect())
    } else {
        Data::F64(wide.collect())
    }
}

/// An array's numbers, if they are of the type.
fn unpacked<T: Real>(data: &Data) -> Option<Vec<T>> {
    match data {
        Data::F32(values) if is_single::<T>() => {
            Some(values.iter().map(|value| T::from_f64((*value).into())).collect())
        }
        Data::F64(values) if !is_single::<T>() => {
            Some(values.iter().map(|value| T::from_f64(*value)).collect())
        }
        _ => None,
    }
}
