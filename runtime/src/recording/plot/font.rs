//! The bundled font: how wide a text is, and which pixels it covers.

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont, point};

use crate::recording::WriteError;

/// The font that `assets/README.md` describes. It is bundled because a computer that runs
/// simulations need not have any font.
static BYTES: &[u8] = include_bytes!("../../../assets/RateModelSans.ttf");

/// The families an SVG viewer may use: the one the layout was measured with, another wide one, any.
pub(super) const FAMILIES: &str = "DejaVu Sans, Verdana, sans-serif";

pub(super) struct Font(FontRef<'static>);

impl Font {
    pub(super) fn bundled() -> Result<Self, WriteError> {
        let font = FontRef::try_from_slice(BYTES);
        font.map(Self).map_err(|error| WriteError::Plot(format!("the bundled font: {error}")))
    }

    /// The scale at which the font's em, to which `size` refers, is `size` pixels.
    #[expect(clippy::cast_possible_truncation, reason = "font sizes need few digits")]
    fn scale(&self, size: f64) -> PxScale {
        let units_per_em = self.0.units_per_em().unwrap_or(2048.0);
        PxScale::from(size as f32 * self.0.height_unscaled() / units_per_em)
    }

    /// The width of `text` in pixels at a font size of `size` pixels.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        let font = self.0.as_scaled(self.scale(size));
        text.chars().map(|c| f64::from(font.h_advance(font.glyph_id(c)))).sum()
    }

    /// `text`, or its beginning and an ellipsis if it is wider than `room` pixels.
    pub(super) fn fit(&self, text: &str, size: f64, room: f64) -> String {
        if self.width(text, size) <= room {
            return text.to_owned();
        }
        let mut room = room - self.width("…", size);
        let fits = |c: &char| {
            room -= self.width(c.encode_utf8(&mut [0; 4]), size);
            room >= 0.0
        };
        let mut text: String = text.chars().take_while(fits).collect();
        text.push('…');
        text
    }

    /// Calls `pixel` with the place of each pixel the text covers, relative to the beginning of its base
    /// line, and with the part of it that is covered.
    #[expect(clippy::cast_possible_truncation, reason = "a picture has few thousand pixels")]
    pub(super) fn draw(&self, text: &str, size: f64, mut pixel: impl FnMut((i32, i32), f64)) {
        let scale = self.scale(size);
        let font = self.0.as_scaled(scale);
        let mut x = 0.0;
        for id in text.chars().map(|c| font.glyph_id(c)) {
            if let Some(glyph) =
                self.0.outline_glyph(id.with_scale_and_position(scale, point(x, 0.0)))
            {
                let (left, top) = (glyph.px_bounds().min.x as i32, glyph.px_bounds().min.y as i32);
                glyph.draw(|i, j, covered| {
                    // A glyph is at most as large as a picture, so its pixels' indices fit an i32.
                    let place = (left.saturating_add_unsigned(i), top.saturating_add_unsigned(j));
                    pixel(place, f64::from(covered));
                });
            }
            x += font.h_advance(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_models_are_written_with() {
        let font = Font::bundled().unwrap().0;
        for c in "AZaz09_[](){}ÄßéµΩαβγδεζηθικλμνξοπρςστυφχψωϑϕ⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺₀₁₂₉ₑᵢ−×·±≤≥∞∂∑√→⇒°%‰…"
            .chars()
        {
            assert_ne!(font.glyph_id(c).0, 0, "no glyph for {c}");
        }
    }

    #[test]
    fn a_text_that_is_too_wide_ends_in_an_ellipsis() {
        let font = Font::bundled().unwrap();
        let text = "primary visual cortex";
        assert_eq!(font.fit(text, 11.0, 1000.0), text);
        let short = font.fit(text, 11.0, 60.0);
        assert!(short.starts_with("prim") && short.ends_with('…'), "{short}");
        assert!(font.width(&short, 11.0) <= 60.0);
        assert_eq!(font.fit(text, 11.0, 0.0), "…");
    }

    #[test]
    fn a_text_is_as_wide_as_its_pixels() {
        let font = Font::bundled().unwrap();
        let (mut left, mut right) = (i32::MAX, i32::MIN);
        font.draw("Heidelberg", 100.0, |(x, _), covered| {
            if covered > 0.5 {
                (left, right) = (left.min(x), right.max(x));
            }
        });
        let width = font.width("Heidelberg", 100.0);
        assert!((f64::from(right - left) / width - 1.0).abs() < 0.05, "{left} {right} {width}");
    }
}
