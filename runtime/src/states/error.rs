//! Why a file of states could not be written or read.

use std::io;
#[cfg(feature = "states")]
use std::path::Path;
use std::path::PathBuf;

use crate::recording::WriteError;

/// Why a file of states could not be written or read. When writing fails, what was at the path before is
/// still there; when reading fails, nothing was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The suffix names no format that can be written and read.
    #[error("`{}` has no suffix of a file format that is supported: take {supported}{advice}", path.display())]
    UnknownSuffix {
        /// The path that was asked for.
        path: PathBuf,
        /// The suffixes that work.
        supported: String,
        /// What to do about this one.
        advice: &'static str,
    },
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The path that was asked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is cut, damaged, or not of the format that its suffix names.
    #[error("`{}` is damaged or not what its suffix says: {problem}; nothing was read from it", path.display())]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The file was made by a newer version of this library.
    #[error("`{}` has version {version} of the file format, and this library knows {known}: update it", path.display())]
    Newer {
        /// The path of the file.
        path: PathBuf,
        /// Its version.
        version: String,
        /// The version that this library writes.
        known: u32,
    },
    /// An array of numbers of another type.
    #[error("array `{array}` of `{}` is of type {found}: save it as `float64`, `float32` or `uint64`", path.display())]
    Type {
        /// The path of the file.
        path: PathBuf,
        /// The name of the array.
        array: String,
        /// Its type, in the words of the format.
        found: String,
    },
    /// A name that the format has no place for.
    #[error("`{}` cannot hold something called `{name}`: {problem}", path.display())]
    Name {
        /// The path that was asked for.
        path: PathBuf,
        /// The name of the array, or the key of the header.
        name: String,
        /// Why not.
        problem: &'static str,
    },
    /// An array that is larger than the format allows.
    #[error("array `{array}` has {bytes} bytes, more than `{}` can hold: write it as `.npz`", path.display())]
    TooLarge {
        /// The path that was asked for.
        path: PathBuf,
        /// The name of the array.
        array: String,
        /// Its size.
        bytes: usize,
    },
    /// An array whose shape does not go with its numbers.
    #[error("an array of shape {shape:?} was given {found} numbers: give one for each place")]
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// How many numbers there were.
        found: usize,
    },
}

/// What is wrong with the content of a file, wherever it is.
#[cfg(feature = "states")]
#[derive(Debug)]
pub(super) enum Problem {
    Damaged(String),
    Newer(String),
    Type { array: String, found: String },
    Name { name: String, problem: &'static str },
    TooLarge { array: String, bytes: usize },
}

#[cfg(feature = "states")]
impl Problem {
    pub(super) fn damaged(problem: impl Into<String>) -> Self {
        Self::Damaged(problem.into())
    }

    /// With the path of the file.
    pub(super) fn at(self, path: &Path) -> FileError {
        let path = path.to_owned();
        match self {
            Self::Damaged(problem) => FileError::Damaged { path, problem },
            Self::Newer(version) => {
                FileError::Newer { path, version, known: super::header::VERSION }
            }
            Self::Type { array, found } => FileError::Type { path, array, found },
            Self::Name { name, problem } => FileError::Name { path, name, problem },
            Self::TooLarge { array, bytes } => FileError::TooLarge { path, array, bytes },
        }
    }
}
