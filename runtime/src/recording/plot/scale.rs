//! From numbers to places on an axis, and the ticks that say so.

/// Values beyond this are not drawn, so that no difference of two drawn values overflows.
const HUGEST: f64 = 1e300;

/// Whether a value has a place on an axis.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() <= HUGEST // false for NaN
}

/// The range of values an axis covers; `low` < `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// The axis that covers `values`, with `margin` of its length to spare at each end.
    ///
    /// Values that are all the same come to lie in the middle; without any value the axis is 0 to 1.
    pub(super) fn covering(values: impl Iterator<Item = f64>, margin: f64) -> Self {
        let (low, high) = values
            .filter(|&value| drawable(value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Self { low: 0.0, high: 1.0 };
        }
        let largest = low.abs().max(high.abs());
        // Differences this small are rounding errors; drawn to scale they would pass for a signal.
        if high - low <= (largest * 1e-10).max(1e-290) {
            let room = if largest > 1e-280 { largest * 0.1 } else { 1.0 };
            return Self { low: low - room, high: high + room };
        }
        let room = (high - low) * margin;
        Self { low: low - room, high: high + room }
    }

    /// The axis, extended to round numbers where they are less than a hundredth of its length away.
    ///
    /// So a run of a second whose last sample is at 999.9 ms has an axis that ends with a tick at 1000 ms.
    pub(super) fn rounded(self) -> Self {
        let length = self.high - self.low;
        let (digit, power) = round_step(length / 10.0);
        let step = f64::from(digit) * 10_f64.powi(power);
        let low = (self.low / step).floor() * step;
        let high = (self.high / step).ceil() * step;
        Self {
            low: if self.low - low < length / 100.0 { low } else { self.low },
            high: if high - self.high < length / 100.0 { high } else { self.high },
        }
    }

    /// Where `value` lies, from 0 at the low end to 1 at the high end.
    pub(super) fn fraction(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Ticks at round numbers, in at most `pieces` + 1 places.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is at least 1e-11 of its values"
    )]
    pub(super) fn ticks(self, pieces: f64) -> Ticks {
        let (digit, power) = round_step((self.high - self.low) / pieces.max(1.0));
        let step = f64::from(digit) * 10_f64.powi(power);
        // A tick that rounding errors push just outside the range still belongs to it.
        let first = (self.low / step - 1e-6).ceil() as i64;
        let last = (self.high / step + 1e-6).floor() as i64;
        let multiples: Vec<i64> = (first..=last).map(|k| k * i64::from(digit)).collect();
        let exponent = common_exponent(self.low.abs().max(self.high.abs()));
        Ticks {
            values: multiples.iter().map(|&m| times_power(m, power)).collect(),
            labels: multiples.iter().map(|&m| label(m, power - exponent)).collect(),
            power: if exponent == 0 { String::new() } else { power_of_ten(exponent) },
        }
    }
}

/// The marks along an axis.
#[derive(Debug, PartialEq)]
pub(super) struct Ticks {
    /// Where the marks are.
    pub(super) values: Vec<f64>,
    /// What stands at each mark.
    pub(super) labels: Vec<String>,
    /// The factor to multiply the labels with, such as `×10⁻⁶`; mostly empty.
    pub(super) power: String,
}

/// The smallest step of at least `least` that is 1, 2 or 5 times a power of ten: the digit and the power.
fn round_step(least: f64) -> (u8, i32) {
    let power = floor_log10(least);
    let size = least / 10_f64.powi(power);
    // A little tolerance, for 0.2 is not to become 0.5 because of a rounding error.
    match size - 1e-9 {
        size if size <= 1.0 => (1, power),
        size if size <= 2.0 => (2, power),
        size if size <= 5.0 => (5, power),
        _ => (1, power + 1),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a logarithm to base ten is between -324 and 308"
)]
fn floor_log10(value: f64) -> i32 {
    value.log10().floor() as i32
}

/// The power of ten that is written once for all labels, because the largest value is far from one.
fn common_exponent(largest: f64) -> i32 {
    if (1e-3..1e6).contains(&largest) { 0 } else { floor_log10(largest) }
}

/// `multiple` · 10^`power`, rounded once.
fn times_power(multiple: i64, power: i32) -> f64 {
    let power_of_ten = 10_f64.powi(power.abs());
    if power < 0 { multiple as f64 / power_of_ten } else { multiple as f64 * power_of_ten }
}

/// The label of the number `multiple` · 10^`power`, with as many digits as all labels of the axis need.
fn label(multiple: i64, power: i32) -> String {
    let decimals = usize::try_from(-power).unwrap_or(0);
    let text = format!("{:.decimals$}", times_power(multiple, power));
    text.replace('-', "\u{2212}") // a minus sign is as wide as a plus
}

/// `×10⁻⁶`, for −6.
fn power_of_ten(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = exponent
        .to_string()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => DIGITS[digit as usize],
            None => '⁻',
        })
        .collect::<String>();
    format!("×10{raised}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(low: f64, high: f64) -> Axis {
        Axis::covering([low, high].into_iter(), 0.0)
    }

    fn labels(low: f64, high: f64, pieces: f64) -> Vec<String> {
        axis(low, high).ticks(pieces).labels
    }

    #[test]
    fn labels_are_round() {
        assert_eq!(labels(0.0, 0.5, 5.0), ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(labels(-1.0, 1.0, 4.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(
            labels(0.0, 12_500.0, 8.0),
            ["0", "2000", "4000", "6000", "8000", "10000", "12000"]
        );
        assert_eq!(labels(9.97, 10.04, 4.0), ["9.98", "10.00", "10.02", "10.04"]);
    }

    #[test]
    fn an_axis_ends_at_a_round_number_nearby() {
        assert_eq!(axis(0.0, 999.9).rounded(), axis(0.0, 1000.0));
        assert_eq!(axis(0.1, 1000.0).rounded(), axis(0.0, 1000.0));
        assert_eq!(axis(-20.0, 970.0).rounded(), axis(-20.0, 970.0));
    }

    #[test]
    fn extreme_values_share_a_power_of_ten() {
        let ticks = axis(0.0, 4e-5).ticks(4.0);
        assert_eq!(ticks.labels, ["0", "1", "2", "3", "4"]);
        assert_eq!(ticks.power, "×10⁻⁵");
        assert_eq!(ticks.values[3].to_bits(), 3e-5_f64.to_bits());
        assert_eq!(axis(0.0, 1.5e12).ticks(3.0).labels, ["0.0", "0.5", "1.0", "1.5"]);
    }

    #[test]
    fn there_are_never_more_ticks_than_asked_for() {
        for i in 1..2000_i32 {
            let high = 1.013_f64.powi(i - 1000);
            for pieces in [1.0, 3.0, 10.0] {
                let ticks = axis(-0.37 * high, high).ticks(pieces);
                assert!((1.0..=pieces + 1.0).contains(&(ticks.values.len() as f64)), "{ticks:?}");
                assert!(ticks.labels.iter().all(|label| label.chars().count() <= 7), "{ticks:?}");
            }
        }
    }

    #[test]
    fn a_constant_lies_in_the_middle() {
        for value in [0.0, 1.0, -70.0, 1e300, -1e-300, 0.1 + 0.2] {
            let axis = Axis::covering([value, value * (1.0 + 1e-15)].into_iter(), 0.05);
            assert!((axis.fraction(value) - 0.5).abs() < 1e-6, "{value}: {axis:?}");
            assert!(!axis.ticks(5.0).values.is_empty());
        }
    }

    #[test]
    fn values_without_a_place_are_left_out() {
        let values = [f64::NAN, 1.0, f64::INFINITY, 2.0, f64::MIN];
        assert_eq!(Axis::covering(values.into_iter(), 0.0), axis(1.0, 2.0));
        assert_eq!(Axis::covering([f64::NAN].into_iter(), 0.05), axis(0.0, 1.0));
    }

    #[test]
    fn the_widest_and_the_narrowest_range_have_ticks() {
        for (low, high) in [(-1e300, 1e300), (0.0, 1e-289), (1e9, 1e9 + 1.0), (-5e-324, 5e-324)] {
            let ticks = axis(low, high).ticks(5.0);
            assert!((2..=6).contains(&ticks.values.len()), "{ticks:?}");
        }
    }
}
