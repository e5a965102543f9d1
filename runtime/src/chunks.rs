//! Recordings of long runs, written to disk piece by piece.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::recording::{Recording, Sample};

/// Where to write recordings piece by piece, and how many rows a piece holds: `out/run.npz` becomes
/// `out/run-000000.npz`, `out/run-000001.npz` and so on, or the same in CSV.
///
/// Each file is complete by itself and appears only when it is, so that a run that is killed leaves
/// all pieces but the last. What is not written yet stands in
/// [`Simulation::recording`](crate::Simulation::recording).
///
/// ```
/// # use rate_model::prelude::*;
/// # use rate_model::Chunks;
/// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("run.npz");
/// # let mut network = Network::new();
/// # let leak = network.add(Population::<Leak>::new("leak", 1))?;
/// # let mut simulation = Simulation::new(network, ms(0.1))?;
/// simulation.record(leak, Leak::x)?;
/// simulation.write_chunks(Chunks::new(&path, 400))?;
/// simulation.run(ms(100.0))?; // 1001 rows
/// simulation.finish_chunks()?;
/// # for piece in 0..3 { assert!(path.with_file_name(format!("run-00000{piece}.npz")).exists()); }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chunks {
    path: PathBuf,
    rows: usize,
    written: u64,
}

impl Chunks {
    /// Pieces of so many rows of whatever is recorded most often.
    pub fn new(path: impl AsRef<Path>, rows: usize) -> Self {
        Self { path: path.as_ref().to_owned(), rows, written: 0 }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.rows == 0 {
            return Err(Error::ChunkRows);
        }
        let supported = [("npz", cfg!(feature = "npz")), ("csv", cfg!(feature = "csv"))];
        let supported: Vec<&str> =
            supported.iter().filter(|(_, is_there)| *is_there).map(|(suffix, _)| *suffix).collect();
        if supported.contains(&self.suffix()) {
            return Ok(());
        }
        Err(Error::ChunkSuffix { path: self.path.clone(), supported: supported.join(" or .") })
    }

    fn suffix(&self) -> &str {
        self.path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default()
    }

    pub(crate) fn is_full(&self, rows: usize) -> bool {
        rows >= self.rows
    }

    /// Writes the next piece.
    #[allow(clippy::unnecessary_wraps, unused_variables, reason = "without any file format")]
    pub(crate) fn write<T: Sample>(&mut self, recording: &Recording<T>) -> Result<(), Error> {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}-{:06}.{}", self.written, self.suffix());
        let path = self.path.with_file_name(name);
        match self.suffix() {
            #[cfg(feature = "npz")]
            "npz" => recording.to_npz(path)?,
            #[cfg(feature = "csv")]
            "csv" => recording.to_csv(path)?,
            _ => {}
        }
        self.written += 1;
        Ok(())
    }
}
