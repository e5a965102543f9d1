//! A picture made of lines and letters.

use plotters::backend::SVGBackend;
use plotters::style::{Color, WHITE};
use plotters_backend::DrawingBackend;

use super::figure::Figure;
use super::pen::failed;
use crate::recording::{Sample, WriteError};

/// Plotters' coordinates are whole numbers, so the drawing's unit is a fraction of a pixel.
const UNITS_PER_PIXEL: u32 = 10;

/// The text of the SVG file.
pub(super) fn render<T: Sample>(figure: &Figure<'_, T>) -> Result<String, WriteError> {
    let (width, height) = figure.size();
    let fine = (width * UNITS_PER_PIXEL, height * UNITS_PER_PIXEL);
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, fine);
    let corner = (fine.0.cast_signed(), fine.1.cast_signed());
    backend.draw_rect((0, 0), corner, &WHITE.filled(), true).map_err(failed)?;
    figure.draw(&mut backend, UNITS_PER_PIXEL)?;
    backend.present().map_err(failed)?;
    drop(backend);

    // The view box stays as it is: it is what the fine units refer to. Lines get round corners, for the
    // sharp ones of a noisy line would stick out.
    let written = format!(r#"<svg width="{}" height="{}""#, fine.0, fine.1);
    let wanted = format!(
        r#"<svg width="{width}" height="{height}" stroke-linejoin="round" stroke-linecap="round""#
    );
    Ok(text.replacen(&written, &wanted, 1))
}
