//! Figures of recordings: one panel per trace, one line per unit.

mod color;
mod figure;
mod font;
mod legend;
mod lines;
mod panel;
mod pen;
mod raster;
mod scale;
mod svg;

use std::path::Path;
use std::{fs, slice};

use self::figure::Figure;
use self::font::Font;
use self::raster::Raster;
use super::file::replace_file;
use super::{Recording, Sample, Trace, WriteError};

/// How a plot looks, where the default does not suit.
///
/// ```
/// use rate_model::recording::PlotOptions;
///
/// let options = PlotOptions { title: Some("resting state".into()), ..PlotOptions::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlotOptions {
    /// The width of the picture in pixels. The default is 800, a journal's full width at 120 dots per inch.
    pub width: u32,
    /// The height of the picture in pixels; `None`, the default, gives each panel room enough.
    pub height: Option<u32>,
    /// A title above the panels; `None`, the default, leaves it to the figure's caption.
    pub title: Option<String>,
    /// The largest number of lines that get a legend entry each, 12 by default. More lines are coloured
    /// from dark to light in their order, and the legend shows that order with the first and last label.
    pub max_legend: usize,
}

impl Default for PlotOptions {
    fn default() -> Self {
        Self { width: 800, height: None, title: None, max_legend: 12 }
    }
}

impl<T: Sample> Trace<T> {
    /// Draws the trace over time, a line per unit, into an SVG or a PNG file, by the suffix of `path`.
    ///
    /// The axes bear the quantity and the time with their units, as in `ν_e (Hz)` and `t (ms)`. A line is
    /// broken where a value or its time is not finite, or beyond ±1e300. Of a line with more samples than
    /// the picture has room for, the extremes in each column of pixels are drawn, so no peak is lost.
    ///
    /// PNG files are drawn with a bundled font for Latin and Greek; other letters become boxes there. SVG
    /// files name the fonts a viewer may use.
    ///
    /// # Errors
    ///
    /// - [`WriteError::UnknownSuffix`] when `path` ends neither in `.svg` nor in `.png`
    /// - [`WriteError::Shape`] when the parts of the trace do not fit each other
    /// - [`WriteError::NoSamples`] when there is nothing to draw
    /// - [`WriteError::MissingDirectory`] or [`WriteError::Io`] when the file cannot be written
    /// - [`WriteError::Plot`] when the drawing library fails
    pub fn plot(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.plot_with(path, &PlotOptions::default())
    }

    /// Draws the trace as [`plot`](Self::plot) does, with a size, title or legend of one's own.
    ///
    /// # Errors
    ///
    /// - those of [`plot`](Self::plot)
    /// - [`WriteError::PlotSize`] when the picture is too small for its contents, or too large to draw
    pub fn plot_with(
        &self,
        path: impl AsRef<Path>,
        options: &PlotOptions,
    ) -> Result<(), WriteError> {
        self.check_shape()?;
        draw(slice::from_ref(self), path.as_ref(), options)
    }
}

impl<T: Sample> Recording<T> {
    /// Draws all traces into one SVG or PNG file, by the suffix of `path`: a panel per trace, one above
    /// the other in the order of the traces, each drawn as by [`Trace::plot`].
    ///
    /// The panels have the same time axis, from the first to the last sample of all traces, unless the
    /// traces give their times in different units. When the traces are of several populations, each panel
    /// is headed by the population's name.
    ///
    /// # Errors
    ///
    /// - [`WriteError::UnknownSuffix`] when `path` ends neither in `.svg` nor in `.png`
    /// - [`WriteError::Empty`] when there is no trace, [`WriteError::NoSamples`] when a trace is empty
    /// - [`WriteError::Shape`] when the parts of a trace do not fit each other
    /// - [`WriteError::PlotSize`] when there are too many traces for one picture
    /// - [`WriteError::MissingDirectory`] or [`WriteError::Io`] when the file cannot be written
    /// - [`WriteError::Plot`] when the drawing library fails
    pub fn plot(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.plot_with(path, &PlotOptions::default())
    }

    /// Draws the traces as [`plot`](Self::plot) does, with a size, title or legend of one's own.
    ///
    /// # Errors
    ///
    /// Those of [`plot`](Self::plot).
    pub fn plot_with(
        &self,
        path: impl AsRef<Path>,
        options: &PlotOptions,
    ) -> Result<(), WriteError> {
        self.check()?;
        draw(&self.traces, path.as_ref(), options)
    }
}

fn draw<T: Sample>(
    traces: &[Trace<T>],
    path: &Path,
    options: &PlotOptions,
) -> Result<(), WriteError> {
    let format = Format::of(path)?;
    let font = Font::bundled()?;
    let figure = Figure::new(traces, options, &font)?;
    match format {
        Format::Svg => {
            let text = svg::render(&figure)?;
            replace_file(path, |temporary| fs::write(temporary, text))
        }
        Format::Png => {
            let mut picture = Raster::new(&font, figure.size());
            figure.draw(&mut picture, raster::FINER)?;
            replace_file(path, |temporary| picture.save(temporary))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Svg,
    Png,
}

impl Format {
    /// The format that the suffix of `path` asks for, in small or capital letters.
    fn of(path: &Path) -> Result<Self, WriteError> {
        match path.extension() {
            Some(suffix) if suffix.eq_ignore_ascii_case("svg") => Ok(Self::Svg),
            Some(suffix) if suffix.eq_ignore_ascii_case("png") => Ok(Self::Png),
            _ => {
                let supported = "`.svg` or `.png`";
                Err(WriteError::UnknownSuffix { path: path.to_owned(), supported })
            }
        }
    }
}

#[cfg(test)]
mod tests;
