//! Values between steps that are cubic: by Hermite's interpolation, from values and slopes.

use super::history::{History, Lag};
use crate::lanes::Real;

/// Slopes of what a history keeps, in columns of the same places, per step: each step has one just before it
/// and one just after it, which differ at t = 0 where what was told of the past ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slopes<T> {
    before: History<T>,
    after: History<T>,
}

/// What is remembered of one source.
#[derive(Clone, Copy)]
pub(crate) struct Memory<'a, T> {
    pub(crate) values: &'a History<T>,
    /// Where values between steps are cubic.
    pub(crate) slopes: Option<&'a Slopes<T>>,
}

/// The weights of Hermite's interpolation at a part of a step before the newer of two steps: of the
/// difference from newer to older value, the slope before the newer, and that after the older step (E.
/// Hairer, S. P. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd edition, Springer
/// 1993, equation II.6.7).
#[inline(always)]
pub(crate) fn hermite(part: f64) -> [f64; 3] {
    let rest = 1.0 - part;
    [part * part * (3.0 - 2.0 * part), -part * rest * rest, part * part * rest]
}

/// How many steps have to be kept for the slope of the newest by differences.
pub(crate) const STENCIL: usize = 4;

/// The slope at the newest of four steps, the newest first, per step: exact for cubics (B. Fornberg, Math.
/// Comp. 51:699, 1988, table 3).
fn difference<T: Real>(values: [T; STENCIL]) -> T {
    let weights = [11.0, -18.0, 9.0, -2.0].map(|weight| T::from_f64(weight / 6.0));
    let sum = |total: T, (weight, value): (&T, T)| total + *weight * value;
    weights.iter().zip(values).fold(T::default(), sum)
}

impl<T: Real> Slopes<T> {
    /// Back to t = 0; `earlier` fills in slopes at a number of steps before.
    pub(crate) fn begin(&mut self, units: usize, mut earlier: impl FnMut(usize, &mut [T])) {
        self.before.begin(units, &mut earlier);
        self.after.begin(units, earlier);
    }

    /// Keeps at least so many steps, as [`History::extend`].
    pub(crate) fn extend(&mut self, capacity: usize, mut earlier: impl FnMut(usize, &mut [T])) {
        self.before.extend(capacity, &mut earlier);
        self.after.extend(capacity, earlier);
    }

    /// The newest of the values has a slope, too: that by differences, until there is a better one.
    pub(crate) fn push(&mut self, values: &History<T>, step: u64, units: usize) {
        let newest = values.column(step);
        let slope = |unit: usize| {
            let row = &values.rows()[unit * values.row_length()..];
            difference(std::array::from_fn(|back| row[newest - back]))
        };
        let slopes: Vec<T> = (0..units).map(slope).collect();
        self.before.push(&slopes);
        self.after.push(&slopes);
    }

    /// Undoes [`Slopes::push`].
    pub(crate) fn forget_newest(&mut self) {
        self.before.forget_newest();
        self.after.forget_newest();
    }

    /// Sets the slopes at a step, which is the newest, to what equations say. Before t = 0 there are other
    /// ones.
    pub(crate) fn set(&mut self, step: u64, slopes: impl Fn(usize) -> T) {
        self.after.replace(step, &slopes);
        if step > 0 {
            self.before.replace(step, slopes);
        }
    }

    /// All rows of slopes before and after steps.
    pub(crate) fn rows(&self) -> [&[T]; 2] {
        [self.before.rows(), self.after.rows()]
    }

    /// The value `lag` before a step, cubic between steps, as [`History::at`].
    pub(crate) fn at(
        &self,
        values: &History<T>,
        unit: usize,
        (step, lag): (u64, Lag),
        present: T,
    ) -> T {
        if lag.part == 0.0 {
            return values.at(unit, step, lag, present);
        }
        let newest = unit * values.row_length() + values.column(step) - lag.whole;
        let [before, after] = self.rows();
        let (older, after) = (values.rows()[newest - 1], after[newest - 1]);
        let (newer, before) = if values.is_next(values.column(step) - lag.whole) {
            // The slope of the present depends on what is being read: that of a parabola stands for it.
            let rise = present - older;
            (present, rise + rise - after)
        } else {
            (values.rows()[newest], before[newest])
        };
        let [of_older, of_before, of_after] = hermite(lag.part).map(T::from_f64);
        newer + of_older * (older - newer) + of_before * before + of_after * after
    }

    /// Back to t = 0; `begin` or `restore` must follow.
    pub(crate) fn rewind(&mut self) {
        self.before.rewind();
        self.after.rewind();
    }

    /// The slopes before and after the last steps, unit by unit, the oldest first.
    pub(crate) fn keep(&self) -> [Vec<T>; 2] {
        [self.before.keep(), self.after.keep()]
    }

    /// Takes over the slopes of the steps before one.
    pub(crate) fn restore(&mut self, step: u64, [before, after]: [&[T]; 2], units: usize) {
        self.before.restore(step, before, units);
        self.after.restore(step, after, units);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cubic and its slope.
    fn cubic(t: f64) -> [f64; 2] {
        [1.0 + t * (2.0 + t * (-0.5 + 0.25 * t)), 2.0 + t * (-1.0 + 0.75 * t)]
    }

    #[test]
    fn cubics_are_read_exactly_from_slopes_of_equations_and_of_differences() {
        for is_told in [true, false] {
            let (mut values, mut slopes) = (History::<f64>::default(), Slopes::default());
            values.extend(6, |_, _| {});
            slopes.extend(6, |_, _| {});
            values.begin(1, |ago, column| column[0] = cubic(-(ago as f64))[0]);
            slopes.begin(1, |ago, column| column[0] = cubic(-(ago as f64))[1]);
            for step in 0..50 {
                values.push(&[cubic(step as f64)[0]]);
                slopes.push(&values, step, 1);
                if is_told {
                    slopes.set(step, |_| cubic(step as f64)[1]);
                }
                for (whole, part) in [(0, 0.25), (2, 0.5), (4, 0.9), (3, 0.0)] {
                    let found = slopes.at(&values, 0, (step, Lag { whole, part }), f64::NAN);
                    let expected = cubic(step as f64 - whole as f64 - part)[0];
                    assert!((found - expected).abs() < 1e-10 * expected.abs().max(1.0), "{step}");
                }
            }
        }
    }

    /// A slope that jumps at t = 0 does not reach beyond it.
    #[test]
    fn slopes_may_jump_where_the_past_ends() {
        let (mut values, mut slopes) = (History::<f64>::default(), Slopes::default());
        values.extend(4, |_, _| {});
        slopes.extend(4, |_, _| {});
        values.begin(1, |_, column| column[0] = 1.0);
        slopes.begin(1, |_, column| column[0] = 0.0);
        for step in 0..2 {
            values.push(&[1.0 - step as f64]);
            slopes.push(&values, step, 1);
            slopes.set(step, |_| -1.0);
        }
        let at = |whole| slopes.at(&values, 0, (1, Lag { whole, part: 0.5 }), f64::NAN);
        assert_eq!([at(0), at(1)], [0.5, 1.0]);
        // Of the present, only the value is known.
        let present = slopes.at(&values, 0, (2, Lag { whole: 0, part: 0.5 }), -1.0);
        assert_eq!(present, -0.5);
    }
}
