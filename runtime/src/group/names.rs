//! Names of groups, each given once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::GroupError;

/// Gives out names: of each type `Type0`, `Type1`, …, and those that were asked for, once each.
///
/// A clone is the same registry. Groups that are made with one registry have different names; a group
/// without one has a registry of its own.
///
/// ```
/// use rate_model::group::Names;
/// let names = Names::default();
/// assert_eq!(names.unique("Leak"), "Leak0");
/// names.claim("cortex")?;
/// assert!(names.claim("cortex").is_err() && names.claim("1a").is_err());
/// assert_eq!(names.unique("Leak"), "Leak1");
/// # Ok::<(), rate_model::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names(Arc<Mutex<Registry>>);

#[derive(Debug, Default)]
struct Registry {
    /// For each type the number that comes next.
    next: BTreeMap<String, u64>,
    taken: BTreeSet<String>,
}

impl Names {
    /// The next free name of a type. Every call uses up a number.
    pub fn unique(&self, of_type: &str) -> String {
        let mut registry = self.lock();
        loop {
            let next = registry.next.entry(of_type.to_owned()).or_default();
            let name = format!("{of_type}{next}");
            *next += 1;
            if !registry.taken.contains(&name) {
                return name;
            }
        }
    }

    /// Takes a name, for good.
    ///
    /// # Errors
    /// [`GroupError::InvalidName`] for what is no identifier, [`GroupError::NameTaken`].
    pub fn claim(&self, name: &str) -> Result<(), GroupError> {
        if !is_identifier(name) {
            return Err(GroupError::InvalidName { name: name.to_owned() });
        }
        if self.lock().taken.insert(name.to_owned()) {
            Ok(())
        } else {
            Err(GroupError::NameTaken { name: name.to_owned() })
        }
    }

    /// Gives a name back that was claimed for something that could not be made.
    pub(super) fn release(&self, name: &str) {
        self.lock().taken.remove(name);
    }

    /// Whether it is the same registry.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.lock().taken.contains(name)
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all names and begins to count at 0.
    pub fn clear(&self) {
        *self.lock() = Registry::default();
    }
}

/// Whether a name could be one in Python: keys of files begin with it.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|other| other == '_' || other.is_alphanumeric())
}
