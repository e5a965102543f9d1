//! File formats by their suffixes.

use std::fs;
use std::path::Path;

use super::error::{FileError, Problem};
#[cfg(feature = "hdf5")]
use super::hdf5;
use super::{StateFile, header, mat, npz, safetensors};
use crate::recording::replace_file;

/// A file format: bytes of a file's content, and back.
pub(super) struct Format {
    /// The usual one first.
    pub(super) suffixes: &'static [&'static str],
    pub(super) encode: fn(&StateFile) -> Result<Vec<u8>, Problem>,
    pub(super) decode: fn(&[u8]) -> Result<StateFile, Problem>,
}

pub(super) const FORMATS: &[Format] = &[
    Format { suffixes: &["npz"], encode: npz::encode, decode: npz::decode },
    Format { suffixes: &["safetensors"], encode: safetensors::encode, decode: safetensors::decode },
    Format { suffixes: &["mat"], encode: mat::encode, decode: mat::decode },
    #[cfg(feature = "hdf5")]
    Format { suffixes: HDF5, encode: hdf5::encode, decode: hdf5::decode },
];

const HDF5: &[&str] = &["h5", "hdf5"];

impl StateFile {
    /// Writes a file; its suffix says in which format.
    ///
    /// # Errors
    /// [`FileError::UnknownSuffix`]; [`FileError::Name`] for a name that the format has no place for;
    /// [`FileError::TooLarge`]; [`FileError::Write`] when the file cannot be written. What was at the
    /// path before is still there then.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let path = path.as_ref();
        let format = format_of(path)?;
        let sealed = header::sealed(self).map_err(|problem| problem.at(path))?;
        let bytes = (format.encode)(&sealed).map_err(|problem| problem.at(path))?;
        Ok(replace_file(path, |temporary| fs::write(temporary, &bytes))?)
    }

    /// Reads a file; its suffix says in which format.
    ///
    /// # Errors
    /// [`FileError::UnknownSuffix`]; [`FileError::Read`] when it cannot be read;
    /// [`FileError::Damaged`] when it is cut, damaged or of another format; [`FileError::Newer`];
    /// [`FileError::Type`] for numbers other than `f64`, `f32` and `u64`.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let format = format_of(path)?;
        let bytes =
            fs::read(path).map_err(|source| FileError::Read { path: path.to_owned(), source })?;
        let sealed = (format.decode)(&bytes).map_err(|problem| problem.at(path))?;
        header::opened(sealed).map_err(|problem| problem.at(path))
    }
}

fn format_of(path: &Path) -> Result<&'static Format, FileError> {
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    let suffix = suffix.to_ascii_lowercase();
    let format = FORMATS.iter().find(|format| format.suffixes.contains(&suffix.as_str()));
    format.ok_or_else(|| FileError::UnknownSuffix {
        path: path.to_owned(),
        supported: supported(),
        advice: match suffix.as_str() {
            "pkl" | "pickle" => {
                " (a pickle runs whatever code is in it; save it again from Python)"
            }
            suffix if HDF5.contains(&suffix) => {
                " (HDF5 needs the feature `hdf5` of `rate-model`, which is not on by default)"
            }
            _ => "",
        },
    })
}

fn supported() -> String {
    let suffixes = FORMATS.iter().flat_map(|format| format.suffixes);
    suffixes.map(|suffix| format!("`.{suffix}`")).collect::<Vec<_>>().join(", ")
}
