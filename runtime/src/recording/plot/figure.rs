//! The panels of a figure and their places.

use std::slice;

use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use super::PlotOptions;
use super::color::INK;
use super::font::Font;
use super::legend::Legend;
use super::panel::{BELOW, Frame, Panel};
use super::pen::Pen;
use super::scale::Axis;
use crate::recording::{Sample, Trace, WriteError};

const TITLE_SIZE: f64 = 15.0;
const TITLE_HEIGHT: f64 = 28.0;
/// The blank edge of the picture.
const MARGIN: f64 = 12.0;
/// The height above a panel, with and without something to write there.
const HEADED: f64 = 24.0;
const UNHEADED: f64 = 10.0;
/// The heights between the axes that look well: of the only panel, and of one among several.
const ALONE: f64 = 300.0;
const AMONG_OTHERS: f64 = 195.0;
/// The least width and height between the axes that can show anything.
const LEAST: (f64, f64) = (100.0, 40.0);
/// The largest number of pixels: what is drawn in memory is sixteen times as large, and three bytes each.
const MOST_PIXELS: u64 = 10_000_000;

pub(super) struct Figure<'a, T> {
    panels: Vec<(Panel<'a, T>, Frame)>,
    title: Option<String>,
    size: (u32, u32),
    font: &'a Font,
}

impl<'a, T: Sample> Figure<'a, T> {
    /// Lays out a figure of `traces`, each of which has been checked.
    pub(super) fn new(
        traces: &'a [Trace<T>],
        options: &PlotOptions,
        font: &'a Font,
    ) -> Result<Self, WriteError> {
        if let Some(trace) = traces.iter().find(|trace| trace.values.is_empty()) {
            return Err(WriteError::NoSamples { trace: trace.name() });
        }
        let mut panels = panels(traces);
        let (size, inner) = heights(&panels, options)?;
        let room = f64::from(size.0) * 0.3;
        for panel in &mut panels {
            let (quantity, labels) = (&panel.trace.quantity, &panel.trace.labels);
            panel.legend = Legend::new(quantity, labels, options.max_legend, inner, room, font);
        }
        let frames = frames(&panels, options, size, inner, font)?;
        let fit = |title: &String| font.fit(title, TITLE_SIZE, f64::from(size.0) - 2.0 * MARGIN);
        let title = options.title.as_ref().map(fit);
        Ok(Self { panels: panels.into_iter().zip(frames).collect(), title, size, font })
    }

    /// The size of the picture in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Draws the figure on a backend with so many units per pixel.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        units_per_pixel: u32,
    ) -> Result<(), WriteError> {
        let mut pen = Pen::new(backend, units_per_pixel);
        if let Some(title) = &self.title {
            let place = (f64::from(self.size.0) / 2.0, MARGIN + TITLE_SIZE / 2.0);
            pen.text(title, place, HPos::Center, TITLE_SIZE, INK)?;
        }
        self.panels
            .iter()
            .try_for_each(|(panel, frame)| panel.draw(&mut pen, *frame, MARGIN, self.font))
    }
}

/// A panel for each trace, with axes but without legend.
fn panels<T: Sample>(traces: &[Trace<T>]) -> Vec<Panel<'_, T>> {
    let differ = |text: fn(&Trace<T>) -> &String| {
        traces.windows(2).any(|pair| text(&pair[0]) != text(&pair[1]))
    };
    let headed = differ(|trace| &trace.population);
    let own_times = differ(|trace| &trace.time_unit);
    let time_axis = |traces: &[Trace<T>]| {
        Axis::covering(traces.iter().flat_map(|trace| &trace.time).copied(), 0.0).rounded()
    };
    let common = time_axis(traces);
    traces
        .iter()
        .enumerate()
        .map(|(i, trace)| Panel {
            trace,
            headed,
            with_time: own_times || i + 1 == traces.len(),
            x: if own_times { time_axis(slice::from_ref(trace)) } else { common },
            y: Axis::covering(trace.values.iter().map(|&value| value.into()), 0.05),
            legend: Legend::None,
        })
        .collect()
}

/// The size of the picture, and the height of each panel between its axes.
fn heights<T: Sample>(
    panels: &[Panel<'_, T>],
    options: &PlotOptions,
) -> Result<((u32, u32), f64), WriteError> {
    let n = panels.len() as f64;
    let around: f64 = panels.iter().map(|panel| above(panel) + below(panel)).sum();
    let around = around + title_height(options) + 2.0 * MARGIN;
    let wanted = around + if panels.len() == 1 { ALONE } else { AMONG_OTHERS * n };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let size = (options.width, options.height.unwrap_or(wanted as u32));
    let inner = (f64::from(size.1) - around) / n;
    if inner < LEAST.1 {
        return Err(misfit(panels.len(), size, "make it higher"));
    }
    if u64::from(size.0) * u64::from(size.1) > MOST_PIXELS {
        return Err(misfit(panels.len(), size, "make it smaller"));
    }
    Ok((size, inner))
}

/// The places of the panels, whose axes are aligned.
fn frames<T: Sample>(
    panels: &[Panel<'_, T>],
    options: &PlotOptions,
    size: (u32, u32),
    inner: f64,
    font: &Font,
) -> Result<Vec<Frame>, WriteError> {
    let before = panels.iter().map(|panel| panel.width_before(inner, font)).fold(0.0, f64::max);
    let after = panels.iter().map(|panel| panel.legend.width(font)).fold(0.0, f64::max);
    let left = MARGIN + before;
    // Half of the last label of the time axis may stand out to the right.
    let right = f64::from(size.0) - MARGIN - after.max(MARGIN);
    if right - left < LEAST.0 {
        return Err(misfit(panels.len(), size, "make it wider"));
    }
    let mut top = MARGIN + title_height(options);
    let mut frame = |panel: &Panel<'_, T>| {
        top += above(panel);
        let frame = Frame { left, right, top, bottom: top + inner };
        top = frame.bottom + below(panel);
        frame
    };
    Ok(panels.iter().map(&mut frame).collect())
}

fn title_height(options: &PlotOptions) -> f64 {
    if options.title.is_some() { TITLE_HEIGHT } else { 0.0 }
}

fn above<T>(panel: &Panel<'_, T>) -> f64 {
    if panel.headed || !panel.y.ticks(1.0).power.is_empty() { HEADED } else { UNHEADED }
}

fn below<T>(panel: &Panel<'_, T>) -> f64 {
    if panel.with_time { BELOW } else { 8.0 }
}

fn misfit(panels: usize, (width, height): (u32, u32), advice: &'static str) -> WriteError {
    WriteError::PlotSize { panels, width, height, advice }
}
