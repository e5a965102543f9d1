//! One trace in its axes.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use super::color::{self, GRID, INK, SPINE};
use super::font::Font;
use super::legend::Legend;
use super::lines::{decimated, pieces};
use super::pen::Pen;
use super::scale::{Axis, Ticks, drawable};
use crate::recording::{Sample, Trace, WriteError, with_unit};

/// Font sizes in pixels.
const TICK_SIZE: f64 = 11.0;
const LABEL_SIZE: f64 = 13.0;
/// The length of the marks at the axes, and the space from there to their labels.
const MARK: f64 = 4.0;
const SPACE: f64 = 4.0;
/// The width of axes and grid lines.
const HAIRLINE: f64 = 0.8;

/// The height of what stands below a panel that bears the labels of its time axis.
pub(super) const BELOW: f64 = MARK + SPACE + TICK_SIZE + 8.0 + LABEL_SIZE;

/// The rectangle between the axes of a panel, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f64 {
        self.bottom - self.top
    }
}

pub(super) struct Panel<'a, T> {
    pub(super) trace: &'a Trace<T>,
    /// Whether the population's name stands above the panel.
    pub(super) headed: bool,
    /// Whether the time axis bears labels, rather than sharing those of the panel below.
    pub(super) with_time: bool,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) legend: Legend,
}

impl<T: Sample> Panel<'_, T> {
    /// The width of what stands to the left of a panel of this height.
    pub(super) fn width_before(&self, height: f64, font: &Font) -> f64 {
        let ticks = self.y_ticks(height);
        let labels = ticks.labels.iter().chain([&ticks.power]);
        let widest = labels.map(|label| font.width(label, TICK_SIZE)).fold(0.0, f64::max);
        LABEL_SIZE + 8.0 + widest + SPACE + MARK
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        pen: &mut Pen<'_, B>,
        frame: Frame,
        left: f64,
        font: &Font,
    ) -> Result<(), WriteError> {
        let (x, y) = (self.x_ticks(frame.width(), font), self.y_ticks(frame.height()));
        let at_x = |value| frame.left + self.x.fraction(value) * frame.width();
        let at_y = |value| frame.bottom - self.y.fraction(value) * frame.height();
        let columns: Vec<f64> = x.values.iter().map(|&value| at_x(value)).collect();
        let rows: Vec<f64> = y.values.iter().map(|&value| at_y(value)).collect();

        for &x in &columns {
            pen.line(&[(x, frame.top), (x, frame.bottom)], GRID, HAIRLINE)?;
        }
        for &y in &rows {
            pen.line(&[(frame.left, y), (frame.right, y)], GRID, HAIRLINE)?;
        }
        let colors = color::of_lines(self.trace.labels.len());
        self.draw_lines(pen, &colors, at_x, at_y)?;
        draw_axes(pen, frame, &columns, &rows)?;
        self.label_y(pen, frame, left, y.labels.iter().zip(rows), font)?;
        pen.text(
            &y.power,
            (frame.left - MARK - SPACE, frame.top - 12.0),
            HPos::Right,
            TICK_SIZE,
            INK,
        )?;
        if self.with_time {
            self.label_x(pen, frame, x.labels.iter().zip(columns))?;
            pen.text(
                &x.power,
                (frame.right, frame.bottom + BELOW - 7.0),
                HPos::Right,
                TICK_SIZE,
                INK,
            )?;
        }
        self.legend.draw(pen, (frame.right, frame.top, frame.bottom), &colors, self.line_width())
    }

    fn line_width(&self) -> f64 {
        if self.trace.labels.len() <= 8 { 1.5 } else { 1.0 }
    }

    fn draw_lines<B: DrawingBackend>(
        &self,
        pen: &mut Pen<'_, B>,
        colors: &[RGBColor],
        at_x: impl Fn(f64) -> f64,
        at_y: impl Fn(f64) -> f64,
    ) -> Result<(), WriteError> {
        for (values, &color) in self.trace.values.columns().into_iter().zip(colors) {
            let points = self.trace.time.iter().zip(values).map(|(&time, &value)| {
                let value = value.into();
                (drawable(time) && drawable(value)).then(|| (at_x(time), at_y(value)))
            });
            for piece in pieces(points) {
                pen.line(&decimated(piece), color, self.line_width())?;
            }
        }
        Ok(())
    }

    fn label_y<'t, B: DrawingBackend>(
        &self,
        pen: &mut Pen<'_, B>,
        frame: Frame,
        left: f64,
        ticks: impl Iterator<Item = (&'t String, f64)>,
        font: &Font,
    ) -> Result<(), WriteError> {
        for (label, y) in ticks {
            pen.text(label, (frame.left - MARK - SPACE, y), HPos::Right, TICK_SIZE, INK)?;
        }
        let label = with_unit(&self.trace.quantity, &self.trace.unit);
        let label = font.fit(&label, LABEL_SIZE, frame.height() + 16.0);
        let middle = f64::midpoint(frame.top, frame.bottom);
        pen.text_upwards(&label, (left + LABEL_SIZE / 2.0, middle), LABEL_SIZE, INK)?;
        if self.headed {
            let name = font.fit(&self.trace.population, LABEL_SIZE, frame.width());
            pen.text(&name, (frame.left, frame.top - 12.0), HPos::Left, LABEL_SIZE, INK)?;
        }
        Ok(())
    }

    fn label_x<'t, B: DrawingBackend>(
        &self,
        pen: &mut Pen<'_, B>,
        frame: Frame,
        ticks: impl Iterator<Item = (&'t String, f64)>,
    ) -> Result<(), WriteError> {
        let y = frame.bottom + MARK + SPACE + TICK_SIZE / 2.0;
        for (label, x) in ticks {
            pen.text(label, (x, y), HPos::Center, TICK_SIZE, INK)?;
        }
        let label = with_unit("t", &self.trace.time_unit);
        let middle = f64::midpoint(frame.left, frame.right);
        pen.text(&label, (middle, frame.bottom + BELOW - 7.0), HPos::Center, LABEL_SIZE, INK)
    }

    /// The ticks of the time axis: as many as there is room for, up to one in 80 pixels.
    fn x_ticks(&self, width: f64, font: &Font) -> Ticks {
        let mut pieces = (width / 80.0).floor();
        loop {
            let ticks = self.x.ticks(pieces);
            let widest =
                ticks.labels.iter().map(|label| font.width(label, TICK_SIZE)).fold(0.0, f64::max);
            let distance = match ticks.values[..] {
                [first, second, ..] => (self.x.fraction(second) - self.x.fraction(first)) * width,
                _ => width,
            };
            if widest + 12.0 <= distance || pieces <= 1.0 {
                return ticks;
            }
            pieces -= 1.0;
        }
    }

    fn y_ticks(&self, height: f64) -> Ticks {
        self.y.ticks((height / 24.0).floor())
    }
}

/// The two axes with their marks, which point outwards so that they do not cover the lines.
fn draw_axes<B: DrawingBackend>(
    pen: &mut Pen<'_, B>,
    frame: Frame,
    columns: &[f64],
    rows: &[f64],
) -> Result<(), WriteError> {
    let axes = [(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)];
    pen.line(&axes, SPINE, HAIRLINE)?;
    for &x in columns {
        pen.line(&[(x, frame.bottom), (x, frame.bottom + MARK)], SPINE, HAIRLINE)?;
    }
    for &y in rows {
        pen.line(&[(frame.left - MARK, y), (frame.left, y)], SPINE, HAIRLINE)?;
    }
    Ok(())
}
