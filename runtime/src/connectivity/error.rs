//! What can be wrong with connectomes and rules of connection.

use std::io;
use std::path::PathBuf;

/// What can be wrong with a connectome, its file, or a rule of connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectivityError {
    /// The operating system refused to read the file.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no archive, or a broken one.
    #[error("`{}` cannot be read as an archive: {problem}; give a file that a zip program opens", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A part that the archive must have.
    #[error("`{}` holds no `{part}`, only {found}", path.display())]
    Missing {
        /// The archive.
        path: PathBuf,
        /// What is missing.
        part: &'static str,
        /// What is there.
        found: String,
    },
    /// Several files of the archive could be the same part.
    #[error("several files of `{}` could be its `{part}`: {found}; call one of them `{part}.txt`", path.display())]
    Ambiguous {
        /// The archive.
        path: PathBuf,
        /// The part.
        part: &'static str,
        /// The files.
        found: String,
    },
    /// A format that is not read.
    #[error("{place} is in a format that is not read: {wants}")]
    Format {
        /// Which file or array.
        place: String,
        /// What is read.
        wants: &'static str,
    },
    /// Text where a number was expected.
    #[error("{place} has `{found}` in line {line}: {wants}")]
    Text {
        /// Which file.
        place: String,
        /// The line, counted from 1.
        line: u64,
        /// The text.
        found: String,
        /// What was expected.
        wants: &'static str,
    },
    /// Lines of different lengths.
    #[error("{place} has {found} numbers in line {line}, but {expected} in the lines before it")]
    Ragged {
        /// Which file.
        place: String,
        /// The line, counted from 1.
        line: u64,
        /// How many numbers it has.
        found: usize,
        /// How many the first has.
        expected: usize,
    },
    /// An array of the wrong shape.
    #[error("{what} have shape {found:?}, expected {expected:?}")]
    Shape {
        /// What they are.
        what: &'static str,
        /// Their shape.
        found: Vec<usize>,
        /// The shape that fits the regions.
        expected: Vec<usize>,
    },
    /// No regions at all.
    #[error("{what} are empty: a connectome has at least one region")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// A number that is infinite, NaN, or negative where it cannot be.
    #[error("{what} at {place:?} are {value}: give a {wants}")]
    Value {
        /// What they are: weights, lengths.
        what: &'static str,
        /// Row and column, or region, counted from 0.
        place: Vec<usize>,
        /// The value.
        value: f64,
        /// What was expected.
        wants: &'static str,
    },
    /// Two regions of one name.
    #[error("two regions are called `{label}`: give each a name of its own")]
    SameLabel {
        /// The name.
        label: String,
    },
    /// Rows and columns, or two tables, that do not list the same regions.
    #[error(
        "{place} has region `{found}` where `{expected}` is expected: rows, columns and all tables list the same regions in the same order"
    )]
    OtherLabel {
        /// Which table.
        place: String,
        /// The region found.
        found: String,
        /// The region expected.
        expected: String,
    },
    /// A region that is not there.
    #[error("there is no region {region}: there are {regions}, {names}")]
    NoRegion {
        /// Its name or number.
        region: String,
        /// How many there are.
        regions: usize,
        /// The first and the last.
        names: String,
    },
    /// A region chosen twice.
    #[error("region {region} is chosen twice: choose each once")]
    ChosenTwice {
        /// Its number.
        region: usize,
    },
    /// Delays of a connectome without lengths.
    #[error(
        "the connectome has no tract lengths: give them by `with_lengths`, or call `with_distances` to take distances between centres"
    )]
    NoLengths,
    /// Distances in a connectome without centres.
    #[error("the connectome has no centres: give them by `with_centres`")]
    NoCentres,
    /// Weights of which none can be made 1.
    #[error("all weights are 0: there is nothing to normalise")]
    NoWeights,
    /// A parameter of a rule out of its range.
    #[error("{what} is {value}: give {wants}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        wants: &'static str,
    },
    /// More connections to a unit than there are units to come from.
    #[error(
        "each target is to get {degree} connections, but there are {candidates} sources: give at most that many"
    )]
    InDegree {
        /// How many were asked for.
        degree: usize,
        /// How many sources there are.
        candidates: usize,
    },
    /// Self-connections of two populations.
    #[error(
        "{sources} sources and {targets} targets are different units: only connections within a population can be without self-connections"
    )]
    NotWithin {
        /// How many targets there are.
        targets: usize,
        /// How many sources.
        sources: usize,
    },
    /// A connection of units that are not there.
    #[error(
        "the connection from source {source_unit} to target {target} is outside of {sources} sources and {targets} targets: units are counted from 0"
    )]
    Outside {
        /// The target.
        target: usize,
        /// The source.
        source_unit: usize,
        /// How many targets there are.
        targets: usize,
        /// How many sources.
        sources: usize,
    },
    /// A connection given twice.
    #[error(
        "the connection from source {source_unit} to target {target} is given twice: add up the weights"
    )]
    Twice {
        /// The target.
        target: usize,
        /// The source.
        source_unit: usize,
    },
    /// More connections than memory holds.
    #[error("connections of {targets} targets with {sources} sources do not fit into memory")]
    TooMany {
        /// How many targets.
        targets: usize,
        /// How many sources.
        sources: usize,
    },
}
