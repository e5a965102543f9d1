//! Connectomes as tables of comma-separated values.

use std::path::Path;

use ndarray::Array2;

use super::rows::Rows;
use super::{ConnectivityError, Connectome};

/// A matrix, with the names of its regions where the file has them.
struct Table {
    labels: Option<Vec<String>>,
    values: Array2<f64>,
}

impl Connectome {
    /// Reads weights from a CSV file, a line per target and a column per source.
    ///
    /// Where the first field is no number, the first line holds the names of the regions and each further
    /// line begins with its name: so pandas writes data frames, with nothing in the corner. Else the file
    /// holds nothing but numbers, and regions are called `region_000` and so on. Lengths of tracts come from
    /// [`with_lengths_csv`](Self::with_lengths_csv).
    ///
    /// # Errors
    /// [`ConnectivityError`]: a file that cannot be read; text that is no number; lines of different
    /// lengths; rows and columns that list different regions; a matrix that is not square; weights that are
    /// not finite; labels that are the same.
    pub fn read_csv(weights: impl AsRef<Path>) -> Result<Self, ConnectivityError> {
        let table = Table::read(weights.as_ref())?;
        match table.labels {
            Some(labels) => Self::new(labels, table.values),
            None => Self::unlabelled(table.values),
        }
    }

    /// Reads lengths of tracts in mm from a CSV file of the form that [`read_csv`](Self::read_csv) reads.
    ///
    /// # Errors
    /// As [`read_csv`](Self::read_csv); other regions, or in another order, where the file names them;
    /// lengths of another shape than the weights, or negative.
    pub fn with_lengths_csv(self, path: impl AsRef<Path>) -> Result<Self, ConnectivityError> {
        let path = path.as_ref();
        let table = Table::read(path)?;
        if let Some(labels) = &table.labels {
            check_same(&format!("`{}`", path.display()), labels, self.labels())?;
        }
        self.with_lengths(table.values)
    }
}

impl Table {
    fn read(path: &Path) -> Result<Self, ConnectivityError> {
        let unreadable = |error: csv::Error| ConnectivityError::Read {
            path: path.to_owned(),
            source: error.into(),
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(unreadable)?;
        let place = format!("`{}`", path.display());
        let (mut columns, mut labels, mut rows) = (None, Vec::new(), Rows::of(&place));
        for (index, record) in reader.records().enumerate() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(0, csv::Position::line);
            let words: Vec<&str> = record.iter().collect();
            if index == 0 && words[0].parse::<f64>().is_err() {
                columns =
                    Some(words[1..].iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            } else if columns.is_some() {
                labels.push(words[0].to_owned());
                rows.push(line, &words[1..])?;
            } else {
                rows.push(line, &words)?;
            }
        }
        let values = rows.finish();
        if let Some(columns) = &columns {
            check_same(&place, &labels, columns)?;
        }
        Ok(Self { labels: columns, values })
    }
}

fn check_same(place: &str, found: &[String], expected: &[String]) -> Result<(), ConnectivityError> {
    let nothing = || "nothing".to_owned();
    let regions = found.len().max(expected.len());
    match (0..regions).find(|region| found.get(*region) != expected.get(*region)) {
        None => Ok(()),
        Some(region) => Err(ConnectivityError::OtherLabel {
            place: place.to_owned(),
            found: found.get(region).cloned().unwrap_or_else(nothing),
            expected: expected.get(region).cloned().unwrap_or_else(nothing),
        }),
    }
}
