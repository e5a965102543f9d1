//! Rows of words that become a matrix of numbers.

use ndarray::Array2;

use super::ConnectivityError;

/// Rows of numbers on their way to a matrix.
pub(super) struct Rows {
    place: String,
    columns: Option<usize>,
    values: Vec<f64>,
}

impl Rows {
    /// Of the file or array `place`.
    pub(super) fn of(place: impl Into<String>) -> Self {
        Self { place: place.into(), columns: None, values: Vec::new() }
    }

    /// Adds a row. Numbers may be infinite or NaN: what becomes of them says so with its own name.
    pub(super) fn push(&mut self, line: u64, words: &[&str]) -> Result<(), ConnectivityError> {
        let expected = *self.columns.get_or_insert(words.len());
        if words.len() != expected {
            let (place, found) = (self.place.clone(), words.len());
            return Err(ConnectivityError::Ragged { place, line, found, expected });
        }
        for word in words {
            self.values.push(number(&self.place, line, word)?);
        }
        Ok(())
    }

    /// The matrix; without rows it has no columns either.
    pub(super) fn finish(self) -> Array2<f64> {
        let columns = self.columns.unwrap_or(0);
        let rows = self.values.len().checked_div(columns).unwrap_or(0);
        Array2::from_shape_vec((rows, columns), self.values).expect("all rows have this length")
    }
}

pub(super) fn number(place: &str, line: u64, word: &str) -> Result<f64, ConnectivityError> {
    word.parse().map_err(|_| ConnectivityError::Text {
        place: place.to_owned(),
        line,
        found: word.to_owned(),
        wants: "expected a number",
    })
}
