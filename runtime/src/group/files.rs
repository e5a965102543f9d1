//! Variables in files.

use std::collections::BTreeMap;
use std::path::Path;

use super::state_dict::{StateDict, StateLoadResult, Strictness, visit};
use super::tree::{Node, Scope, paths};
use super::{Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::RateModel;
use crate::states::StateFile;

/// How to load a file of states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loading {
    /// What to do about keys that do not match.
    pub strictness: Strictness,
    /// Whether to try states of a model with other equations.
    pub any_equations: bool,
    /// Names in the file and the names that they have here.
    pub rename: Vec<(String, String)>,
}

impl Loading {
    /// The name of a node of the file here.
    fn renamed(&self, name: &str) -> String {
        let found = self.rename.iter().find(|(from, _)| from == name);
        found.map_or_else(|| name.to_owned(), |(_, to)| to.clone())
    }

    /// The same file with the names of here: `from.x` becomes `to.x`, `model.from` `model.to`.
    ///
    /// # Errors
    /// [`GroupError::DuplicateKey`], when two arrays of the file would have the same name.
    fn rename(&self, path: &Path, file: StateFile) -> Result<StateFile, GroupError> {
        let array = |key: String| match key.split_once('.') {
            Some((node, variable)) => format!("{}.{variable}", self.renamed(node)),
            None => key,
        };
        let word = |key: String| match key.split_once('.') {
            Some((what, node)) => format!("{what}.{}", self.renamed(node)),
            None => key,
        };
        let mut arrays = BTreeMap::new();
        for (key, value) in file.arrays {
            let key = array(key);
            if arrays.insert(key.clone(), value).is_some() {
                return Err(GroupError::DuplicateKey { group: path.display().to_string(), key });
            }
        }
        let header = file.header.into_iter().map(|(key, value)| (word(key), value)).collect();
        Ok(StateFile { header, arrays })
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// Writes all variables ([`Group::state_dict`], keys alone) to a file, with the models, the hashes
    /// of their equations and the numbers of steps. The suffix is the format:
    /// [`states`](crate::states).
    ///
    /// # Errors
    /// As for [`StateFile::write`].
    pub fn save_states(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.save(path, |_| true)
    }

    /// The same for some of the variables, by their keys.
    ///
    /// # Errors
    /// As for [`StateFile::write`]; [`GroupError::Keys`] for keys of no variable.
    pub fn save_states_of(&self, path: impl AsRef<Path>, keys: &[&str]) -> Result<(), Error> {
        let known = self.state_dict().flat();
        let unknown = keys.iter().filter(|key| !known.contains_key(**key));
        let unexpected: Vec<String> = unknown.map(|key| (*key).to_owned()).collect();
        if !unexpected.is_empty() {
            return Err(GroupError::Keys { missing: Vec::new(), unexpected }.into());
        }
        self.save(path, |key| keys.contains(&key))
    }

    fn save(&self, path: impl AsRef<Path>, wanted: impl Fn(&str) -> bool) -> Result<(), Error> {
        let mut file = StateFile { arrays: self.state_dict().flat(), ..StateFile::default() };
        file.arrays.retain(|key, _| wanted(key));
        for (name, node) in paths(self, Scope::default()) {
            let info = node.model();
            file.header.insert(format!("model.{name}"), info.name.to_owned());
            file.header.insert(format!("equations.{name}"), format!("{:016x}", info.hash));
            file.header.insert(format!("step.{name}"), node.step_of().to_string());
        }
        Ok(file.write(path)?)
    }

    /// Sets all variables to what a file holds, and the number of steps, on which noise depends.
    ///
    /// What equations remember of the past (`x(t - d)`) is not in the file, and the number of steps of
    /// such models stays; [`Simulation::save`](crate::Simulation::save) writes it all.
    ///
    /// A file of another program has no header; its equations are not compared then, and the number of
    /// steps stays.
    ///
    /// # Errors
    /// As for [`StateFile::read`] and [`Group::load_state_dict`]; [`GroupError::OtherEquations`], unless
    /// it is to try; [`GroupError::DuplicateKey`], when names are changed to ones that the file has.
    /// Nothing is changed then.
    pub fn load_states(
        &mut self,
        path: impl AsRef<Path>,
        loading: &Loading,
    ) -> Result<StateLoadResult, Error> {
        let path = path.as_ref();
        let file = loading.rename(path, StateFile::read(path)?)?;
        if !loading.any_equations {
            check_equations(self, &file)?;
        }
        let mut copy = self.try_clone()?;
        let result = copy.load_state_dict(StateDict::from(file.arrays), loading.strictness)?;
        visit(&mut copy, &mut |node| {
            let step = file.header.get(&format!("step.{}", node.name()));
            // What equations remember of the past is by step, and is not in the file.
            if let Some(step) = step.and_then(|step| step.parse().ok())
                && node.model().delays.is_empty()
            {
                node.set_step_of(step);
            }
            Ok(())
        })?;
        self.become_copy(copy);
        Ok(result)
    }
}

fn check_equations<T: Real>(root: &dyn Node<T>, file: &StateFile) -> Result<(), GroupError> {
    for (name, node) in paths(root, Scope::default()) {
        let Some(found_hash) = file.header.get(&format!("equations.{name}")) else { continue };
        let (expected, expected_hash) = (node.model().name, node.model().hash);
        if *found_hash != format!("{expected_hash:016x}") {
            let found = file.header.get(&format!("model.{name}")).cloned().unwrap_or_default();
            let (node, found_hash) = (name, found_hash.clone());
            return Err(GroupError::OtherEquations {
                node,
                expected,
                expected_hash,
                found,
                found_hash,
            });
        }
    }
    Ok(())
}
