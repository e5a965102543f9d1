//! Drawing in pixels of the picture, on whatever the picture is made of.

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};
use plotters_backend::{BackendCoord, DrawingBackend, DrawingErrorKind};

use super::font::FAMILIES;
use super::lines::Point;
use crate::recording::WriteError;

/// Font sizes here are those of CSS; Plotters understands by the size of a font something larger.
pub(super) const EM_PER_SIZE: f64 = 1.0 / 1.24;

/// Draws on a backend whose unit is a fraction of a pixel, for Plotters' coordinates are whole numbers.
pub(super) struct Pen<'a, B> {
    backend: &'a mut B,
    units_per_pixel: f64,
}

impl<'a, B: DrawingBackend> Pen<'a, B> {
    pub(super) fn new(backend: &'a mut B, units_per_pixel: u32) -> Self {
        Self { backend, units_per_pixel: f64::from(units_per_pixel) }
    }

    pub(super) fn line(
        &mut self,
        points: &[Point],
        color: RGBColor,
        width: f64,
    ) -> Result<(), WriteError> {
        let mut path: Vec<_> = points.iter().map(|&point| self.coordinates(point)).collect();
        path.dedup();
        let style = self.style(color, width);
        match path[..] {
            // A line that does not leave its place is a dot.
            [place] => {
                let radius = self.units(1.5 * width);
                self.backend.draw_circle(place, radius, &style.filled(), true)
            }
            _ => self.backend.draw_path(path, &style),
        }
        .map_err(failed)
    }

    /// Fills the rectangle between two opposite corners.
    pub(super) fn rectangle(
        &mut self,
        upper_left: Point,
        lower_right: Point,
        color: RGBColor,
    ) -> Result<(), WriteError> {
        let style = color.filled();
        let (upper_left, lower_right) =
            (self.coordinates(upper_left), self.coordinates(lower_right));
        self.backend.draw_rect(upper_left, lower_right, &style, true).map_err(failed)
    }

    /// Writes `text` at a point that is at the middle of its height.
    pub(super) fn text(
        &mut self,
        text: &str,
        (x, y): Point,
        anchor: HPos,
        size: f64,
        color: RGBColor,
    ) -> Result<(), WriteError> {
        // Plotters centres small letters; most texts here have digits or capitals, which are higher.
        let place = self.coordinates((x, y + 0.09 * size));
        let style = self.text_style(anchor, size, color, FontTransform::None);
        self.backend.draw_text(text, &style, place).map_err(failed)
    }

    /// Writes `text` upwards, with its middle at a point.
    pub(super) fn text_upwards(
        &mut self,
        text: &str,
        place: Point,
        size: f64,
        color: RGBColor,
    ) -> Result<(), WriteError> {
        let place = self.coordinates(place);
        let style = self.text_style(HPos::Center, size, color, FontTransform::Rotate270);
        self.backend.draw_text(text, &style, place).map_err(failed)
    }

    fn text_style(
        &self,
        anchor: HPos,
        size: f64,
        color: RGBColor,
        transform: FontTransform,
    ) -> TextStyle<'static> {
        let size = size * self.units_per_pixel / EM_PER_SIZE;
        let font = FontDesc::new(FontFamily::Name(FAMILIES), size, FontStyle::Normal);
        TextStyle {
            font: font.transform(transform),
            color: color.to_backend_color(),
            pos: Pos::new(anchor, VPos::Center),
        }
    }

    fn style(&self, color: RGBColor, width: f64) -> ShapeStyle {
        ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: self.units(width) }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate"
    )]
    fn units(&self, pixels: f64) -> u32 {
        (pixels * self.units_per_pixel).round() as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
    fn coordinates(&self, (x, y): Point) -> BackendCoord {
        ((x * self.units_per_pixel).round() as i32, (y * self.units_per_pixel).round() as i32)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes the error by value")]
pub(super) fn failed<E: std::error::Error + Send + Sync>(error: DrawingErrorKind<E>) -> WriteError {
    WriteError::Plot(error.to_string())
}
