//! Named arrays with a header, and the files they are kept in.
//!
//! A [`StateFile`] is what a file holds: arrays by name, and words about them by key. It knows nothing
//! of models; what writes one puts its own words into the header.
//!
//! | suffix | format | read elsewhere by | feature |
//! |---|---|---|---|
//! | `.npz` | archive of NumPy arrays | `numpy.load` | `states` |
//! | `.safetensors` | [safetensors](https://huggingface.co/docs/safetensors) | `safetensors.numpy.load_file` | `states` |
//! | `.mat` | MAT-file, level 5 | `scipy.io.loadmat` | `states` |
//!
//! In `.npz` and `.mat` the header is a further array, `rate_model_header`, a JSON object of texts (as
//! bytes in the first, as characters in the second); in `.safetensors` it is the format's own
//! metadata. Files of other programs need no header.
//!
//! A file appears under its name only once it is complete and on the disk, and replaces a file of that
//! name. Files carry a version of the format and a checksum of all that is in them: one that is cut,
//! damaged or edited is a [`FileError`], and nothing of it is returned.

mod array;
mod checksum;
mod error;
mod header;
mod mat;
mod npy;
mod npz;
mod safetensors;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use array::{Array, Data, Element};
pub use error::FileError;

use crate::recording::replace_file;
use error::Problem;

/// Arrays by name, and words about them by key.
///
/// ```
/// use rate_model::states::{Array, StateFile};
///
/// let mut file = StateFile::default();
/// file.header.insert("experiment".into(), "7".into());
/// file.arrays.insert("pair.nu_e".into(), Array::new([2, 2], vec![1.0, 2.0, 3.0, 4.0])?);
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("states.npz");
/// file.write(&path)?;
/// assert_eq!(StateFile::read(&path)?, file);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateFile {
    /// Words about the arrays. Keys that begin with `rate_model.` are the format's own.
    pub header: BTreeMap<String, String>,
    /// The arrays. Their names are those in the file.
    pub arrays: BTreeMap<String, Array>,
}

/// A file format: bytes of a file's content, and back.
struct Format {
    suffix: &'static str,
    encode: fn(&StateFile) -> Result<Vec<u8>, Problem>,
    decode: fn(&[u8]) -> Result<StateFile, Problem>,
}

const FORMATS: [Format; 3] = [
    Format { suffix: "npz", encode: npz::encode, decode: npz::decode },
    Format { suffix: "safetensors", encode: safetensors::encode, decode: safetensors::decode },
    Format { suffix: "mat", encode: mat::encode, decode: mat::decode },
];

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
    let format = FORMATS.iter().find(|format| format.suffix.eq_ignore_ascii_case(suffix));
    format.ok_or_else(|| FileError::UnknownSuffix {
        path: path.to_owned(),
        supported: FORMATS.map(|format| format!("`.{}`", format.suffix)).join(", "),
        advice: match suffix {
            "pkl" | "pickle" => {
                " (a pickle runs whatever code is in it; save it again from Python)"
            }
            "h5" | "hdf5" => " (HDF5 needs a library in C; save it again from Python)",
            _ => "",
        },
    })
}

#[cfg(test)]
mod tests;
