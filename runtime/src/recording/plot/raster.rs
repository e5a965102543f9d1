//! A picture made of pixels.
//!
//! Plotters draws lines without smoothing and places letters without the space beside them. So this
//! backend paints both itself, on a canvas that is several times as fine as the picture; averaging the
//! canvas smooths everything.

use std::convert::Infallible;
use std::path::Path;
use std::{fs, io};

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::font::Font;
use super::pen::EM_PER_SIZE;

/// How much finer than the picture the canvas is, in each direction.
pub(super) const FINER: u32 = 4;

pub(super) struct Raster<'a> {
    font: &'a Font,
    size: (u32, u32),
    /// Red, green and blue of each pixel of the canvas, row by row.
    canvas: Vec<[u8; 3]>,
}

impl<'a> Raster<'a> {
    /// A white canvas for a picture of `width` times `height` pixels.
    pub(super) fn new(font: &'a Font, (width, height): (u32, u32)) -> Self {
        let size = (width * FINER, height * FINER);
        let canvas = vec![[255; 3]; size.0 as usize * size.1 as usize];
        Self { font, size, canvas }
    }

    /// Writes the picture to a PNG file.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        let file = io::BufWriter::new(fs::File::create(path)?);
        let mut encoder = png::Encoder::new(file, self.size.0 / FINER, self.size.1 / FINER);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.averaged())?;
        Ok(writer.finish()?)
    }

    /// The bytes of the picture: red, green and blue of each pixel, row by row.
    pub(super) fn averaged(&self) -> Vec<u8> {
        let (width, fine) = (self.size.0 as usize, FINER as usize);
        let rows = self.canvas.chunks_exact(width * fine);
        let pixel = |rows: &[[u8; 3]], x: usize, channel: usize| {
            let row = |row: &[[u8; 3]]| {
                row[x..x + fine].iter().map(|rgb| u32::from(rgb[channel])).sum::<u32>()
            };
            let sum: u32 = rows.chunks_exact(width).map(row).sum();
            u8::try_from(sum / (FINER * FINER)).unwrap_or(u8::MAX)
        };
        rows.flat_map(|rows| {
            (0..width)
                .step_by(fine)
                .flat_map(move |x| [0, 1, 2].map(|channel| pixel(rows, x, channel)))
        })
        .collect()
    }

    /// Mixes a colour into a pixel of the canvas, if the place is on it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of two bytes is a byte"
    )]
    fn blend(&mut self, (x, y): BackendCoord, color: BackendColor) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x < self.size.0 && y < self.size.1 {
            let pixel = &mut self.canvas[y as usize * self.size.0 as usize + x as usize];
            for (old, new) in pixel.iter_mut().zip(<[u8; 3]>::from(color.rgb)) {
                let mixed = f64::from(*old) * (1.0 - color.alpha) + f64::from(new) * color.alpha;
                *old = mixed.round() as u8;
            }
        }
    }

    /// Paints all pixels within `radius` of the segment, which makes round joins and ends.
    fn stroke(&mut self, from: (f64, f64), to: (f64, f64), radius: f64, rgb: [u8; 3]) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length_squared = (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
        for y in within(from.1.min(to.1) - radius, from.1.max(to.1) + radius, self.size.1) {
            let middle = f64::from(y) + 0.5;
            // The part of the segment this row can reach, as two places along it from 0 to 1.
            let (a, b) = if dy == 0.0 {
                (0.0, 1.0)
            } else {
                let reach = |edge: f64| ((edge - from.1) / dy).clamp(0.0, 1.0);
                (reach(middle - radius), reach(middle + radius))
            };
            let (xa, xb) = (from.0 + a * dx, from.0 + b * dx);
            for x in within(xa.min(xb) - radius, xa.max(xb) + radius, self.size.0) {
                let (px, py) = (f64::from(x) + 0.5 - from.0, middle - from.1);
                let along = ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0);
                let (rx, ry) = (px - along * dx, py - along * dy);
                if rx * rx + ry * ry <= radius * radius {
                    self.canvas[y as usize * self.size.0 as usize + x as usize] = rgb;
                }
            }
        }
    }
}

/// The pixels between two places, of `n` in a row or column.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn within(low: f64, high: f64, n: u32) -> std::ops::Range<u32> {
    low.floor() as u32..(high.ceil() as u32).min(n)
}

impl DrawingBackend for Raster<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        place: BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.blend(place, color);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let radius = f64::from(style.stroke_width()) / 2.0;
        let mut points = path.into_iter().map(|(x, y)| (f64::from(x), f64::from(y)));
        if let Some(mut from) = points.next() {
            for to in points {
                self.stroke(from, to, radius, style.color().rgb.into());
                from = to;
            }
        }
        Ok(())
    }

    /// Places the text as [`SVGBackend`](plotters::backend::SVGBackend) does.
    #[expect(clippy::cast_possible_truncation, reason = "a picture has few thousand pixels")]
    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let em = style.size() * EM_PER_SIZE;
        let width = self.font.width(text, em);
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let base = match style.anchor().v_pos {
            VPos::Top => 0.76 * em,
            VPos::Center => 0.27 * em,
            VPos::Bottom => -0.27 * em,
        };
        let (left, base) = (left.round() as i32, base.round() as i32);
        self.font.draw(text, em, |(i, j), covered| {
            let (dx, dy) = style.transform().transform(i + left, j + base);
            self.blend((x + dx, y + dy), style.color().mix(covered));
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use plotters::style::{BLACK, RGBColor};

    use super::super::pen::Pen;
    use super::*;

    /// The columns and the rows that what `draw` draws on a picture of 100 x 40 pixels extends over.
    fn extent(
        draw: impl FnOnce(&mut Pen<'_, Raster<'_>>),
    ) -> (RangeInclusive<usize>, RangeInclusive<usize>) {
        let font = Font::bundled().unwrap();
        let mut raster = Raster::new(&font, (100, 40));
        draw(&mut Pen::new(&mut raster, FINER));
        let bytes = raster.averaged();
        let dark = |&i: &usize| bytes[3 * i] < 128;
        let (xs, ys): (Vec<_>, Vec<_>) = (0..4000).filter(dark).map(|i| (i % 100, i / 100)).unzip();
        let range =
            |places: &[usize]| *places.iter().min().unwrap()..=*places.iter().max().unwrap();
        (range(&xs), range(&ys))
    }

    #[test]
    fn lines_are_as_wide_as_asked_for() {
        let draw = |points: [(f64, f64); 2]| {
            extent(|pen| pen.line(&points, RGBColor(0, 0, 0), 4.0).unwrap())
        };
        assert_eq!(draw([(10.0, 20.0), (80.0, 20.0)]), (8..=81, 18..=21));
        assert_eq!(draw([(50.0, 30.0), (50.0, 10.0)]), (48..=51, 8..=31));
        assert_eq!(draw([(-1e9, 20.0), (1e9, 20.0)]), (0..=99, 18..=21));
        let (xs, ys) = extent(|pen| pen.line(&[(50.0, 20.0)], BLACK, 2.0).unwrap());
        assert!(xs.contains(&50) && ys.contains(&20) && xs.end() - xs.start() >= 4);
    }

    #[test]
    fn texts_lie_where_their_anchors_say() {
        let draw =
            |anchor| extent(|pen| pen.text("808", (50.0, 20.0), anchor, 20.0, BLACK).unwrap());
        let near = |place: usize, wanted: usize| place.abs_diff(wanted) <= 2;
        let (xs, ys) = draw(HPos::Center);
        assert!(near(50 - xs.start(), xs.end() - 50), "{xs:?}");
        assert!(near(20 - ys.start(), ys.end() - 20), "{ys:?}");
        assert!(near(*draw(HPos::Left).0.start(), 50));
        assert!(near(*draw(HPos::Right).0.end(), 50));
        let (xs, ys) = extent(|pen| pen.text_upwards("lll", (50.0, 20.0), 20.0, BLACK).unwrap());
        assert!(near(20 - ys.start(), ys.end() - 20) && *xs.start() >= 35 && *xs.end() < 60);
    }
}
