//! Colours that stay apart for all readers.

use plotters::style::RGBColor;

pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
pub(super) const GRID: RGBColor = RGBColor(0xe6, 0xe6, 0xe6);
pub(super) const SPINE: RGBColor = RGBColor(0x66, 0x66, 0x66);

/// The palette of Okabe and Ito, which colour-blind readers can tell apart, from the colours that stand out
/// on white to those that do less. Its yellow is left out: as a thin line on white it is hardly visible.
const OKABE_ITO: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2), // blue
    RGBColor(0xd5, 0x5e, 0x00), // vermillion
    RGBColor(0x00, 0x9e, 0x73), // bluish green
    RGBColor(0xcc, 0x79, 0xa7), // reddish purple
    RGBColor(0xe6, 0x9f, 0x00), // orange
    RGBColor(0x56, 0xb4, 0xe9), // sky blue
    RGBColor(0x00, 0x00, 0x00), // black
];

/// The colour map viridis at equal distances. Its last eighth, yellow, is left out as above.
const VIRIDIS: [RGBColor; 8] = [
    RGBColor(0x44, 0x01, 0x54),
    RGBColor(0x46, 0x32, 0x7e),
    RGBColor(0x36, 0x5c, 0x8d),
    RGBColor(0x27, 0x7f, 0x8e),
    RGBColor(0x1f, 0xa1, 0x87),
    RGBColor(0x4a, 0xc1, 0x6d),
    RGBColor(0x7a, 0xd1, 0x51),
    RGBColor(0xa0, 0xda, 0x39),
];

/// One colour for each of `n` lines: distinct ones for few lines, a sequence from dark to light for many.
pub(super) fn of_lines(n: usize) -> Vec<RGBColor> {
    if let Some(few) = OKABE_ITO.get(..n) {
        return few.to_vec();
    }
    (0..n).map(|i| viridis(i as f64 / (n - 1) as f64)).collect()
}

/// The colour at `place`, from 0 to 1, along the colour map.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the place is 0 to 1")]
fn viridis(place: f64) -> RGBColor {
    let place = place.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let i = (place as usize).min(VIRIDIS.len() - 2);
    let (from, to, part) = (VIRIDIS[i], VIRIDIS[i + 1], place - i as f64);
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - part) + f64::from(b) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_line_has_its_own_colour() {
        for n in 0..40 {
            let colors = of_lines(n);
            assert_eq!(colors.len(), n);
            assert_eq!(colors.iter().map(|c| (c.0, c.1, c.2)).collect::<HashSet<_>>().len(), n);
        }
    }

    #[test]
    fn many_lines_go_from_dark_to_light() {
        let light = |c: &RGBColor| {
            0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2)
        };
        assert!(of_lines(29).is_sorted_by(|a, b| light(a) < light(b)));
    }
}
