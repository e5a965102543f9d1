//! The values of something at past steps.

use crate::lanes::Real;
use crate::turn::{SIDE, Square};

/// How far back a value lies: whole steps, and the part of a step beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lag {
    pub(crate) whole: usize,
    pub(crate) part: f64,
}

impl Lag {
    /// A delay in steps. A delay that misses a whole number of steps by no more than rounding is
    /// one.
    pub(crate) fn new<T>(steps: f64) -> Self {
        // What a delay loses in the precision that it is kept in.
        let rounding = if size_of::<T>() < size_of::<f64>() { 1e-6 } else { 1e-9 };
        let nearest = steps.round();
        let is_whole = (steps - nearest).abs() <= rounding * steps.max(1.0);
        let whole = if is_whole { nearest } else { steps.floor() };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "delays are checked to be positive and to fit into memory"
        )]
        let count = whole as usize;
        Self { whole: count, part: if is_whole { 0.0 } else { steps - whole } }
    }

    /// How many steps before the present one are needed.
    pub(crate) fn reach(self) -> usize {
        self.whole + usize::from(self.part > 0.0)
    }
}

/// The values of one source at the last steps, without the present: a row per unit, in which time
/// runs on without a break, so that values at successive steps are neighbours. When a row is full,
/// what is still needed moves to its front.
#[derive(Clone, Debug, Default)]
pub(crate) struct History<T> {
    rows: Vec<T>,
    units: usize,
    stride: usize,
    /// The column of step 0, which may be before the first.
    zero: i64,
    /// The step that comes next.
    next: u64,
    /// How many steps before the next one are kept.
    capacity: usize,
}

/// How many steps there is room for at least, before rows move.
const ROOM: usize = 16;

/// A past of so many bytes is small enough for rows that move less often. (Moving them takes a thirtieth of the time of 80
/// regions with delays of 150 steps.)
const SMALL: usize = 1 << 20;

impl<T: Real> History<T> {
    /// How often a row has room for the steps that are kept, before they move.
    fn often(units: usize, capacity: usize) -> usize {
        let size = units.saturating_mul(capacity).saturating_mul(size_of::<T>());
        if size <= SMALL { 4 } else { 2 }
    }

    fn stride(units: usize, capacity: usize) -> usize {
        let room = Self::often(units, capacity) * capacity;
        let stride = room.max(capacity + ROOM).next_multiple_of(16);
        // Rows that are a multiple of a page apart would share few lines of the cache.
        if (stride * size_of::<T>()).is_multiple_of(2048) { stride + 16 } else { stride }
    }

    /// How many numbers a history of that length holds.
    pub(crate) fn size(units: usize, capacity: usize) -> Option<usize> {
        let room = capacity.checked_mul(Self::often(units, capacity))?;
        let stride = room.checked_add(48)?;
        stride.checked_mul(units)
    }

    /// The distance between the rows of two units.
    pub(crate) fn row_length(&self) -> usize {
        self.stride
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether steps since t = 0 were forgotten.
    pub(crate) fn is_cut(&self) -> bool {
        self.next > self.capacity as u64
    }

    /// The steps since t = 0 that are kept.
    fn kept(&self) -> usize {
        usize::try_from(self.next).unwrap_or(usize::MAX).min(self.capacity)
    }

    /// Back to t = 0, with what was before: `earlier` fills in all units at a number of steps before
    /// t = 0.
    pub(crate) fn begin(&mut self, units: usize, mut earlier: impl FnMut(usize, &mut [T])) {
        (self.units, self.next) = (units, 0);
        if self.capacity == 0 {
            return;
        }
        self.stride = Self::stride(units, self.capacity);
        self.rows.resize(units * self.stride, T::default());
        self.zero = signed(self.capacity);
        let mut column = vec![T::default(); units];
        for ago in 1..=self.capacity {
            earlier(ago, &mut column);
            self.write(self.capacity - ago, &column);
        }
    }

    /// Keeps at least so many steps; what lies before t = 0 is filled in by `earlier`. Must not be
    /// asked for more than there is once steps were forgotten, and be followed by `begin` at t = 0.
    pub(crate) fn extend(&mut self, capacity: usize, mut earlier: impl FnMut(usize, &mut [T])) {
        if capacity <= self.capacity {
            return;
        }
        if self.next == 0 {
            // `begin` will fill it in.
            self.capacity = capacity;
            return;
        }
        let kept = self.kept();
        let mut longer = Self { capacity, ..Self::default() };
        longer.begin(self.units, |ago, column| {
            // Counted from the next step, which is where `begin` puts t = 0.
            if ago <= kept {
                let from = self.column(self.next) - ago;
                for (unit, value) in column.iter_mut().enumerate() {
                    *value = self.rows[unit * self.stride + from];
                }
            } else {
                earlier(ago - kept, column);
            }
        });
        longer.zero -= signed(usize::try_from(self.next).unwrap_or(usize::MAX));
        longer.next = self.next;
        *self = longer;
    }

    /// The column of a step.
    pub(crate) fn column(&self, step: u64) -> usize {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            clippy::cast_sign_loss,
            reason = "steps are fewer than 2^53, and columns of steps that are kept are in the row"
        )]
        let column = (step as i64 + self.zero) as usize;
        column
    }

    /// Whether a column is that of the step that comes next.
    pub(crate) fn is_next(&self, column: usize) -> bool {
        column == self.column(self.next)
    }

    /// Changes the values of a step that is kept.
    pub(crate) fn replace(&mut self, step: u64, value: impl Fn(usize) -> T) {
        let column = self.column(step);
        for (unit, row) in self.rows.chunks_exact_mut(self.stride.max(1)).enumerate() {
            row[column] = value(unit);
        }
    }

    /// All rows, one after the other.
    pub(crate) fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The value `lag` before the given step. The step that comes next is not remembered yet: its
    /// value is `present`. Linear between steps.
    pub(crate) fn at(&self, unit: usize, step: u64, lag: Lag, present: T) -> T {
        let newest = self.column(step);
        let end = self.column(self.next);
        let value = |back: usize| {
            let column = newest.wrapping_sub(back);
            if column == end { present } else { self.rows[unit * self.stride + column] }
        };
        let newer = value(lag.whole);
        if lag.part == 0.0 {
            return newer;
        }
        newer + T::from_f64(lag.part) * (value(lag.whole + 1) - newer)
    }

    /// The values at successive steps, from so many before a step on; all of them must be kept.
    pub(crate) fn stretch(&self, unit: usize, step: u64, back: usize, steps: usize) -> &[T] {
        &self.rows[unit * self.stride + self.column(step) - back..][..steps]
    }

    /// Back to t = 0, with nothing to be kept; `extend`, and then `begin` or `restore` must follow.
    pub(crate) fn rewind(&mut self) {
        (self.next, self.capacity) = (0, 0);
    }

    /// The values of the last steps, unit by unit, the oldest first.
    pub(crate) fn keep(&self) -> Vec<T> {
        let end = self.column(self.next);
        let rows = self.rows.chunks_exact(self.stride.max(1));
        rows.flat_map(|row| &row[end - self.capacity..end]).copied().collect()
    }

    /// Takes over the values of the steps before one.
    pub(crate) fn restore(&mut self, step: u64, values: &[T], units: usize) {
        self.capacity = values.len().checked_div(units).unwrap_or(self.capacity);
        let capacity = self.capacity;
        self.begin(units, |ago, column| {
            for (unit, value) in column.iter_mut().enumerate() {
                *value = values[(unit + 1) * capacity - ago];
            }
        });
        self.zero -= signed(usize::try_from(step).unwrap_or(usize::MAX));
        self.next = step;
    }

    /// The present becomes the newest of the past.
    pub(crate) fn push(&mut self, present: &[T]) {
        self.push_many(&[present]);
    }

    /// What [`History::push`] did last is undone: what was there before it is all kept.
    pub(crate) fn forget_newest(&mut self) {
        self.next -= 1;
    }

    /// What was the present at successive steps becomes the newest of the past.
    pub(crate) fn push_many(&mut self, steps: &[&[T]]) {
        for steps in steps.chunks(ROOM) {
            if self.capacity > 0 {
                let column = self.room_for(steps.len());
                self.write_many(column, steps);
            }
            self.next += steps.len() as u64;
        }
    }

    /// The column of the step that comes next, with room for so many.
    fn room_for(&mut self, steps: usize) -> usize {
        let column = self.column(self.next);
        if column + steps <= self.stride {
            return column;
        }
        let from = column - self.capacity;
        for row in self.rows.chunks_exact_mut(self.stride) {
            row.copy_within(from..column, 0);
        }
        self.zero -= signed(from);
        self.capacity
    }

    /// Row by row, as a row's successive steps share a line of the cache.
    fn write_many(&mut self, column: usize, steps: &[&[T]]) {
        let stride = self.stride;
        let whole = self.units / SIDE * SIDE;
        let (fours, rest) = steps.as_chunks::<SIDE>();
        let (squares, last) = self.rows.split_at_mut(whole * stride);
        for (place, rows) in squares.chunks_exact_mut(SIDE * stride).enumerate() {
            for (steps, column) in fours.iter().zip((column..).step_by(SIDE)) {
                let mut square = Square::default();
                for (row, step) in square.iter_mut().zip(steps) {
                    row.copy_from_slice(&step[place * SIDE..][..SIDE]);
                }
                for (row, values) in rows.chunks_exact_mut(stride).zip(T::turned(square)) {
                    row[column..][..SIDE].copy_from_slice(&values);
                }
            }
        }
        let behind = column + SIDE * fours.len();
        write_each(squares, stride, behind, rest, 0);
        write_each(last, stride, column, steps, whole);
    }

    fn write(&mut self, column: usize, values: &[T]) {
        for (row, value) in self.rows.chunks_exact_mut(self.stride).zip(values) {
            row[column] = *value;
        }
    }
}

/// Writes values of units, from one on, into their rows.
fn write_each<T: Copy>(rows: &mut [T], stride: usize, column: usize, steps: &[&[T]], first: usize) {
    for (unit, row) in (first..).zip(rows.chunks_exact_mut(stride)) {
        for (value, step) in row[column..].iter_mut().zip(steps) {
            *value = step[unit];
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it should say: step number plus 1000 times the unit, and minus the steps before 0.
    fn filled(capacity: usize, steps: u64) -> History<f64> {
        let mut history = History { capacity, ..History::default() };
        history.begin(2, |ago, column| column.copy_from_slice(&value(-(ago as f64))));
        (0..steps).for_each(|step| history.push(&value(step as f64)));
        history
    }

    fn value(step: f64) -> [f64; 2] {
        [step, 1000.0 + step]
    }

    #[test]
    fn what_was_is_found_again_however_often_rows_were_moved() {
        for capacity in [1, 2, 15, 16, 40] {
            for steps in [0, 1, 7, 100] {
                let history = filled(capacity, steps);
                let mut again = history.clone();
                for attempt in 0..3 {
                    again.push(&value(-777.0));
                    again.forget_newest();
                    assert_eq!(again.keep(), history.keep(), "{capacity} {steps} {attempt}");
                }
                for back in 1..=capacity {
                    let expected = steps as f64 - back as f64;
                    let lag = Lag { whole: back, part: 0.0 };
                    assert_eq!(history.at(1, steps, lag, f64::NAN), 1000.0 + expected);
                    let lag = Lag { whole: back - 1, part: 0.25 };
                    let found = history.at(0, steps, lag, steps as f64);
                    assert!((found - (expected + 0.75)).abs() < 1e-12, "{capacity} {steps} {back}");
                }
            }
        }
    }

    #[test]
    fn a_longer_memory_keeps_what_there_is() {
        for steps in [1, 4] {
            let mut history = filled(4, steps);
            assert!(!history.is_cut());
            history.extend(50, |ago, column| column.copy_from_slice(&value(-(ago as f64))));
            history.push(&value(steps as f64));
            for back in 1..=50 {
                let lag = Lag { whole: back, part: 0.0 };
                let expected = steps as f64 + 1.0 - back as f64;
                assert_eq!(history.at(0, steps + 1, lag, f64::NAN), expected, "{steps} {back}");
            }
        }
        assert!(filled(4, 5).is_cut());
    }
}
