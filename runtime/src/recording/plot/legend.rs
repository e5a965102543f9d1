//! Which line is which.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use super::color::INK;
use super::font::Font;
use super::pen::Pen;
use crate::recording::WriteError;

const SIZE: f64 = 11.0;
/// From one entry to the next.
const PITCH: f64 = 16.0;
/// From the panel to the legend.
const GAP: f64 = 12.0;
/// The length of a sample of a line, and the space from there to its label.
const SAMPLE: f64 = 18.0;
const SPACE: f64 = 6.0;
/// The width and the largest height of the bar that shows the order of many lines.
const BAR: f64 = 10.0;
const BAR_HEIGHT: f64 = 120.0;

/// What stands to the right of a panel.
pub(super) enum Legend {
    /// Nothing, for a single line that the axis names already.
    None,
    /// A label for each line.
    Lines(Vec<String>),
    /// The labels of the first and the last of many lines, at the ends of a bar in their colours.
    Ends([String; 2]),
}

impl Legend {
    /// The legend of lines with these labels, for a panel of a given height. No label is wider than `room`.
    pub(super) fn new(
        quantity: &str,
        labels: &[String],
        most: usize,
        height: f64,
        room: f64,
        font: &Font,
    ) -> Self {
        let fit = |label: &String| font.fit(label, SIZE, room);
        match labels {
            [] => Self::None,
            [only] if only == quantity || *only == format!("{quantity}[0]") => Self::None,
            [first, .., last] if labels.len() > most || labels.len() as f64 * PITCH > height => {
                Self::Ends([first, last].map(fit))
            }
            _ => Self::Lines(labels.iter().map(fit).collect()),
        }
    }

    /// The width from the panel's edge to the end of the labels.
    pub(super) fn width(&self, font: &Font) -> f64 {
        let (sample, labels) = match self {
            Self::None => return 0.0,
            Self::Lines(labels) => (SAMPLE, &labels[..]),
            Self::Ends(labels) => (BAR, &labels[..]),
        };
        let widest = labels.iter().map(|label| font.width(label, SIZE)).fold(0.0, f64::max);
        GAP + sample + SPACE + widest
    }

    /// Draws the legend beside a panel with the right edge `x`, from `top` to `bottom`.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        pen: &mut Pen<'_, B>,
        (x, top, bottom): (f64, f64, f64),
        colors: &[RGBColor],
        line_width: f64,
    ) -> Result<(), WriteError> {
        let x = x + GAP;
        match self {
            Self::None => Ok(()),
            Self::Lines(labels) => {
                for (i, (label, &color)) in labels.iter().zip(colors).enumerate() {
                    let y = top + (i as f64 + 0.5) * PITCH;
                    pen.line(&[(x, y), (x + SAMPLE, y)], color, line_width + 0.6)?;
                    pen.text(label, (x + SAMPLE + SPACE, y), HPos::Left, SIZE, INK)?;
                }
                Ok(())
            }
            Self::Ends(labels) => {
                let height = BAR_HEIGHT.min(bottom - top - SIZE);
                let top = top + SIZE / 2.0;
                bar(pen, (x, top), height, colors)?;
                for (label, y) in labels.iter().zip([top, top + height]) {
                    // The labels stand inside the ends of the bar, not across them.
                    let y = if y > top { y - SIZE / 2.0 } else { y + SIZE / 2.0 };
                    pen.text(label, (x + BAR + SPACE, y), HPos::Left, SIZE, INK)?;
                }
                Ok(())
            }
        }
    }
}

/// A bar with the colours of the lines, the first on top.
fn bar<B: DrawingBackend>(
    pen: &mut Pen<'_, B>,
    (x, top): (f64, f64),
    height: f64,
    colors: &[RGBColor],
) -> Result<(), WriteError> {
    /// The eye does not see more steps than this.
    const STEPS: usize = 64;

    let steps = colors.len().min(STEPS);
    for i in 0..steps {
        let edge = |i: usize| top + height * i as f64 / steps as f64;
        let color = colors[i * colors.len() / steps];
        // Each step reaches to the end of the bar, so that no white shows between two.
        pen.rectangle((x, edge(i)), (x + BAR, top + height), color)?;
    }
    Ok(())
}
