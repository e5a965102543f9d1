//! Connectomes as archives of NumPy arrays.

use std::fs::File;
use std::path::Path;

use ndarray::{Array, Array1, Dimension};
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpzError, ReadableElement};

use super::{ConnectivityError, Connectome};

impl Connectome {
    /// Reads an archive that NumPy's `savez` or `savez_compressed` wrote:
    ///
    /// ```python
    /// np.savez("connectome.npz", weights=weights, lengths=lengths, centres=centres)
    /// ```
    ///
    /// `weights` ([target, source]) must be there; `lengths` or `tract_lengths` (mm), `centres` or
    /// `centers` (mm, [region, 3]) and `areas` (mm²) may be. Numbers are of the types `float64`, `float32`,
    /// `int64`, `int32` or `uint8`, in rows or columns first. Arrays of text are not read: regions are called
    /// `region_000` and so on, and [`with_labels`](Self::with_labels) names them.
    ///
    /// # Errors
    /// [`ConnectivityError`]: a file that cannot be read or is no archive; no `weights`; an array of another
    /// type or number of dimensions; shapes that do not fit each other; numbers that are not finite,
    /// negative lengths or areas.
    pub fn read_npz(path: impl AsRef<Path>) -> Result<Self, ConnectivityError> {
        let mut archive = Archive::open(path.as_ref())?;
        let Some(weights) = archive.array(&["weights"])? else {
            let found = archive.names.join(", ");
            let path = archive.path.to_owned();
            return Err(ConnectivityError::Missing { path, part: "weights", found });
        };
        let mut connectome = Self::unlabelled(weights)?;
        if let Some(lengths) = archive.array(&["lengths", "tract_lengths"])? {
            connectome = connectome.with_lengths(lengths)?;
        }
        if let Some(centres) = archive.array(&["centres", "centers"])? {
            connectome = connectome.with_centres(centres)?;
        }
        let areas: Option<Array1<f64>> = archive.array(&["areas"])?;
        if let Some(areas) = areas {
            connectome = connectome.with_areas(areas)?;
        }
        Ok(connectome)
    }
}

struct Archive<'a> {
    path: &'a Path,
    npz: NpzReader<File>,
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    fn open(path: &'a Path) -> Result<Self, ConnectivityError> {
        let file = File::open(path)
            .map_err(|source| ConnectivityError::Read { path: path.to_owned(), source })?;
        let broken = |error: ReadNpzError| broken(path, &error);
        let mut npz = NpzReader::new(file).map_err(broken)?;
        let names = npz.names().map_err(broken)?;
        Ok(Self { path, npz, names })
    }

    /// The array of the first of these names that there is.
    fn array<D: Dimension>(
        &mut self,
        names: &[&str],
    ) -> Result<Option<Array<f64, D>>, ConnectivityError> {
        let name = names.iter().find(|name| self.names.iter().any(|other| other == *name));
        let Some(name) = name else { return Ok(None) };
        let name = (*name).to_owned();
        let read = match self.typed(&name, |number: f64| number) {
            Err(error) if is_other_type(&error) => self.typed(&name, |number: f32| number.into()),
            read => read,
        };
        let read = match read {
            #[allow(clippy::cast_precision_loss, reason = "counts of streamlines are below 2⁵³")]
            Err(error) if is_other_type(&error) => self.typed(&name, |number: i64| number as f64),
            read => read,
        };
        let read = match read {
            Err(error) if is_other_type(&error) => self.typed(&name, |number: i32| number.into()),
            read => read,
        };
        let read = match read {
            Err(error) if is_other_type(&error) => self.typed(&name, |number: u8| number.into()),
            read => read,
        };
        match read {
            Ok(array) => Ok(Some(array)),
            Err(ReadNpzError::Npy(ReadNpyError::WrongNdim(..))) => {
                Err(self.format(&name, "another number of dimensions is expected"))
            }
            Err(error) if is_other_type(&error) => {
                Err(self.format(&name, "numbers are float64, float32, int64, int32 or uint8"))
            }
            Err(error) => Err(broken(self.path, &error)),
        }
    }

    fn typed<E: ReadableElement + Copy, D: Dimension>(
        &mut self,
        name: &str,
        number: impl Fn(E) -> f64,
    ) -> Result<Array<f64, D>, ReadNpzError> {
        let array: Array<E, D> = self.npz.by_name(name)?;
        Ok(array.mapv(number))
    }

    fn format(&self, name: &str, wants: &'static str) -> ConnectivityError {
        let place = format!("`{name}` of `{}`", self.path.display());
        ConnectivityError::Format { place, wants }
    }
}

fn is_other_type(error: &ReadNpzError) -> bool {
    matches!(error, ReadNpzError::Npy(ReadNpyError::WrongDescriptor(_)))
}

fn broken(path: &Path, error: &ReadNpzError) -> ConnectivityError {
    ConnectivityError::Archive { path: path.to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use ndarray::{array, aview0};
    use ndarray_npy::NpzWriter;

    use super::*;

    fn saved(write: impl FnOnce(&mut NpzWriter<File>)) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.npz");
        let mut archive = NpzWriter::new_with_options(
            File::create(&path).unwrap(),
            zip::write::SimpleFileOptions::default(),
        );
        write(&mut archive);
        archive.finish().unwrap();
        (directory, path)
    }

    #[test]
    fn arrays_of_several_types_are_read() {
        let weights = array![[0_i64, 3], [2, 0]];
        let lengths = array![[0.0_f32, 1.5], [2.5, 0.0]].reversed_axes();
        let (_directory, path) = saved(|archive| {
            archive.add_array("weights", &weights).unwrap();
            archive.add_array("tract_lengths", &lengths).unwrap();
            archive.add_array("areas", &array![7.0, 8.0]).unwrap();
        });
        let read = Connectome::read_npz(path).unwrap();
        assert_eq!(read.weights(), array![[0.0, 3.0], [2.0, 0.0]]);
        assert_eq!(read.lengths().unwrap(), array![[0.0, 2.5], [1.5, 0.0]]);
        assert_eq!(read.areas().unwrap(), array![7.0, 8.0]);
        assert_eq!(read.labels(), ["region_000", "region_001"]);
    }

    #[test]
    fn what_is_no_connectome_is_an_error() {
        let error = |write: fn(&mut NpzWriter<File>)| {
            let (_directory, path) = saved(write);
            Connectome::read_npz(path).unwrap_err().to_string()
        };
        let none = error(|archive| archive.add_array("w", &array![1.0]).unwrap());
        assert!(none.ends_with("holds no `weights`, only w"), "{none}");
        let vector = error(|archive| archive.add_array("weights", &array![1.0]).unwrap());
        assert!(vector.ends_with("another number of dimensions is expected"), "{vector}");
        let flags = error(|archive| archive.add_array("weights", &array![[true]]).unwrap());
        assert!(flags.ends_with("float64, float32, int64, int32 or uint8"), "{flags}");
        let scalar = error(|archive| archive.add_array("weights", &aview0(&1.0)).unwrap());
        assert!(scalar.ends_with("another number of dimensions is expected"), "{scalar}");
        let ragged = error(|archive| archive.add_array("weights", &array![[1.0, 2.0]]).unwrap());
        assert_eq!(ragged, "weights have shape [1, 2], expected [1, 1]");
    }
}
