//! Curves on doubly logarithmic axes.

use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use crate::error::Error;

/// One curve: its name and points.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// What stands around curves.
pub(crate) struct Captions<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
}

/// Blue and vermilion of the palette for all kinds of sight (M. Okabe and K. Ito, 2008).
const COLORS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];

/// Draws curves into an SVG.
pub(crate) fn draw(path: &Path, captions: &Captions<'_>, curves: &[Curve]) -> Result<(), Error> {
    let problem = |problem: String| Error::Plot { path: path.to_owned(), problem };
    drawn(path, captions, curves).map_err(|error| problem(error.to_string()))
}

fn drawn(
    path: &Path,
    captions: &Captions<'_>,
    curves: &[Curve],
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (640, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (x, y) = (decades(all().map(|point| point.0)), decades(all().map(|point| point.1)));
    let mut chart = ChartBuilder::on(&root)
        .caption(captions.title, ("sans-serif", 18))
        .margin(12)
        .margin_right(32)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(x.log_scale(), y.log_scale())?;
    chart
        .configure_mesh()
        .x_desc(captions.x)
        .y_desc(captions.y)
        .label_style(("sans-serif", 14))
        .light_line_style(WHITE)
        .x_label_formatter(&|x| number(*x))
        .y_label_formatter(&|y| number(*y))
        .draw()?;
    for (curve, color) in curves.iter().zip(COLORS.iter().cycle()) {
        let line =
            LineSeries::new(curve.points.iter().copied(), color.stroke_width(2)).point_size(3);
        let drawn = chart.draw_series(line)?.label(curve.name.as_str());
        drawn.legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        // Where no curve is.
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 14))
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}

/// The whole decades that hold all values.
fn decades(values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(0.0, f64::max);
    10_f64.powf(low.log10().floor())..10_f64.powf(high.log10().ceil())
}

/// As few characters as it takes.
fn number(value: f64) -> String {
    let is_long = !(1e-3..1e5).contains(&value);
    if is_long { format!("{value:.0e}") } else { format!("{}", (value * 1e6).round() / 1e6) }
}
