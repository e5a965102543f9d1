//! Tables of numbers as text, in lines, between spaces.

use ndarray::Array2;

use super::ConnectivityError;
use super::rows::{Rows, number};

/// What a text holds: the words of each line that has any, with the number of the line, counted from 1.
/// What follows a `#` is a comment.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (u64, Vec<&str>)> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        (!words.is_empty()).then_some((number, words))
    })
}

/// All numbers of a text, as a matrix.
pub(super) fn matrix(place: &str, text: &str) -> Result<Array2<f64>, ConnectivityError> {
    let mut rows = Rows::of(place);
    for (line, words) in lines(text) {
        rows.push(line, &words)?;
    }
    Ok(rows.finish())
}

/// All numbers of a text, one after the other, in rows or in a column.
pub(super) fn vector(place: &str, text: &str) -> Result<Vec<f64>, ConnectivityError> {
    let words =
        lines(text).flat_map(|(line, words)| words.into_iter().map(move |word| (line, word)));
    words.map(|(line, word)| number(place, line, word)).collect()
}

/// All truth values of a text: 0, 1, or any case of `false`, `true`.
pub(super) fn flags(place: &str, text: &str) -> Result<Vec<bool>, ConnectivityError> {
    let words =
        lines(text).flat_map(|(line, words)| words.into_iter().map(move |word| (line, word)));
    let flag = |(line, word): (u64, &str)| match word.parse::<f64>() {
        Ok(0.0) => Ok(false),
        Ok(1.0) => Ok(true),
        _ if word.eq_ignore_ascii_case("false") => Ok(false),
        _ if word.eq_ignore_ascii_case("true") => Ok(true),
        _ => {
            let (place, found, wants) = (place.to_owned(), word.to_owned(), "expected 0 or 1");
            Err(ConnectivityError::Text { place, line, found, wants })
        }
    };
    words.map(flag).collect()
}
