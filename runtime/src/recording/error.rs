//! Why a recording could not be written.

use std::io;
use std::path::PathBuf;

/// Why a recording could not be written.
///
/// When a method that takes a path returns an error, the file at that path is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The file's suffix does not say how to draw the plot.
    #[error("`{}` must end in {supported} to say what kind of plot to write", path.display())]
    UnknownSuffix {
        /// The path that was asked for.
        path: PathBuf,
        /// The suffixes that work.
        supported: &'static str,
    },
    /// The file's directory does not exist. Directories are not made, for a misspelt one would go unnoticed.
    #[error("cannot write `{}`: there is no directory `{}`; create it first", path.display(), directory.display())]
    MissingDirectory {
        /// The path that was asked for.
        path: PathBuf,
        /// The directory that is missing.
        directory: PathBuf,
    },
    /// The operating system refused to write the file.
    #[error("cannot write `{}`: {source}", path.display())]
    Io {
        /// The path that was asked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The writer that was handed in refused the data.
    #[error("cannot write the trace: {0}")]
    Stream(#[source] io::Error),
    /// The recording holds no trace.
    #[error("the recording holds no traces; record at least one quantity")]
    Empty,
    /// There is nothing to draw in this trace.
    #[error("trace `{trace}` holds no samples; a plot needs at least one sample of one unit")]
    NoSamples {
        /// The trace, as in `cortex.ν_e`.
        trace: String,
    },
    /// The parts of a trace do not fit each other.
    #[error(
        "trace `{trace}` has values of shape [{rows}, {columns}], but times: {times}, labels: {labels}; give \
         one time for each row of `values` and one label for each column"
    )]
    Shape {
        /// The trace, as in `cortex.ν_e`.
        trace: String,
        /// The rows of `values`.
        rows: usize,
        /// The columns of `values`.
        columns: usize,
        /// The length of `time`.
        times: usize,
        /// The length of `labels`.
        labels: usize,
    },
    /// The traces do not share one time axis, so they do not fit one table.
    #[error(
        "traces `{first}` and `{second}` were sampled at different times; write each trace on its own"
    )]
    DifferentTimes {
        /// The first trace of the recording, as in `cortex.ν_e`.
        first: String,
        /// The first trace that differs from it.
        second: String,
    },
    /// Two parts of the file would have the same name, so a reader could not tell them apart.
    #[error(
        "the file would hold `{name}` twice; rename one of the traces, or write each to a file of its own"
    )]
    CollidingNames {
        /// The name in the file: a column of a CSV file, an array of an NPZ file.
        name: String,
    },
    /// The picture is too small for its panels, or too large to draw.
    #[error(
        "cannot plot in {width} x {height} pixels (panels: {panels}); {advice} or plot fewer traces at once"
    )]
    PlotSize {
        /// The number of panels, one per trace.
        panels: usize,
        /// The width of the picture in pixels.
        width: u32,
        /// The height of the picture in pixels.
        height: u32,
        /// Which way to change the size.
        advice: &'static str,
    },
    /// The drawing library failed.
    #[error("cannot draw the plot: {0}")]
    Plot(String),
}
