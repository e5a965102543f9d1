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
//! | `.h5`, `.hdf5` | HDF5 | `h5py.File` | `hdf5`, not on by default |
//!
//! In `.npz` and `.mat` the header is a further array, `rate_model_header`, a JSON object of texts (as
//! bytes in the first, as characters in the second); in `.safetensors` it is the format's own
//! metadata, in `.h5` the attributes of the root group, where those that are no text are passed over. In
//! `.h5` a `/` in a name makes a group. Files of other programs need no header.
//!
//! A file appears under its name only once it is complete and on the disk, and replaces a file of that
//! name. Files carry a version of the format and a checksum of all that is in them: one that is cut,
//! damaged or edited is a [`FileError`], and nothing of it is returned.

mod array;
#[cfg(feature = "states")]
mod bytes;
#[cfg(feature = "states")]
mod checksum;
mod error;
#[cfg(feature = "states")]
mod format;
#[cfg(feature = "hdf5")]
mod hdf5;
#[cfg(feature = "states")]
mod header;
#[cfg(feature = "states")]
mod mat;
#[cfg(feature = "states")]
mod npy;
#[cfg(feature = "states")]
mod npz;
#[cfg(feature = "states")]
mod safetensors;

use std::collections::BTreeMap;

pub use array::{Array, Data, Element};
pub use error::FileError;

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

#[cfg(test)]
#[cfg(feature = "states")]
mod tests;
