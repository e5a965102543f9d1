//! How many members a group has.

use std::str::FromStr;

use super::GroupError;

/// Whether a group has members that run side by side, with one set of parameters, each with states,
/// inputs and noise of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One, and shapes do not speak of it.
    #[default]
    NonBatching,
    /// So many members: the first axis of states and inputs.
    Batching(usize),
    /// The same, said of a group whose parameters are to be trained.
    Training(usize),
}

impl Mode {
    /// The number of members; none where shapes do not speak of it.
    pub fn batch_size(self) -> Option<usize> {
        match self {
            Self::NonBatching => None,
            Self::Batching(members) | Self::Training(members) => Some(members),
        }
    }

    /// The same mode for another number of members.
    pub(super) fn with_batch_size(self, members: usize) -> Self {
        match self {
            Self::Training(_) => Self::Training(members),
            Self::NonBatching | Self::Batching(_) => Self::Batching(members),
        }
    }

    pub(super) fn check(self) -> Result<(), GroupError> {
        if self.batch_size() == Some(0) { Err(GroupError::NoMembers) } else { Ok(()) }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NonBatching => f.write_str("nonbatching"),
            Self::Batching(members) => write!(f, "batching({members})"),
            Self::Training(members) => write!(f, "training({members})"),
        }
    }
}

impl FromStr for Mode {
    type Err = GroupError;

    /// `nonbatching`, `batching(8)`, `training(8)`; without a number, 1.
    ///
    /// # Errors
    /// [`GroupError::UnknownMode`].
    fn from_str(text: &str) -> Result<Self, GroupError> {
        let unknown = || GroupError::UnknownMode { text: text.to_owned() };
        let (word, members) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((word, members)) => (word, members.parse().map_err(|_| unknown())?),
            None => (text, 1),
        };
        match word {
            "nonbatching" if word == text => Ok(Self::NonBatching),
            "batching" => Ok(Self::Batching(members)),
            "training" => Ok(Self::Training(members)),
            _ => Err(unknown()),
        }
    }
}
