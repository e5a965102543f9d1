//! Durations with their unit, and the clock that counts steps.

use crate::error::Error;
use crate::model::{ModelInfo, TimeBase};

/// A duration or a moment, in a unit of time or, for models without units, as a bare number.
///
/// ```
/// use rate_model::prelude::*;
/// let dt = ms(0.1);
/// let long = s(2.0);
/// let bare: Time = 0.01.into(); // for a model without units
/// # let _ = (dt, long, bare);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    value: f64,
    base: TimeBase,
}

/// Microseconds.
pub const fn us(value: f64) -> Time {
    Time { value, base: TimeBase::unit("us", 1e-6) }
}

/// Milliseconds.
pub const fn ms(value: f64) -> Time {
    Time { value, base: TimeBase::unit("ms", 1e-3) }
}

/// Seconds.
pub const fn s(value: f64) -> Time {
    Time { value, base: TimeBase::unit("s", 1.0) }
}

/// Minutes.
pub const fn min(value: f64) -> Time {
    Time { value, base: TimeBase::unit("min", 60.0) }
}

impl From<f64> for Time {
    /// Time for models without units.
    fn from(value: f64) -> Self {
        Self { value, base: TimeBase::None }
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.base.symbol() {
            "" => write!(f, "{}", self.value),
            symbol => write!(f, "{} {symbol}", self.value),
        }
    }
}

impl Time {
    /// As a number in another time base; `None` when one is a unit and the other is not.
    pub(crate) fn in_base(self, base: TimeBase) -> Option<f64> {
        match (self.base, base) {
            (TimeBase::None, TimeBase::None) => Some(self.value),
            (TimeBase::Unit { seconds: from, .. }, TimeBase::Unit { seconds: to, .. }) => {
                // The longer over the shorter is a whole number, but 1e-3/1e-6 is not 1000 in
                // binary.
                let (factor, divisor) = ((from / to).round(), (to / from).round());
                Some(if from >= to { self.value * factor } else { self.value / divisor })
            }
            _ => None,
        }
    }

    /// As a number in the unit of another time.
    pub(crate) fn in_base_of(self, other: Self) -> Option<f64> {
        self.in_base(other.base)
    }

    /// As a number in a model's unit of time.
    pub(crate) fn for_model(self, info: &ModelInfo) -> Result<f64, Error> {
        self.in_base(info.time).ok_or_else(|| Error::TimeBase {
            model: info.name,
            wants: match info.time {
                TimeBase::None => "a bare number: it has no units".to_owned(),
                TimeBase::Unit { symbol, .. } => {
                    format!("a duration such as `ms(…)`: its time is in {symbol}")
                }
            },
            found: self,
        })
    }

    /// A number in a time base.
    pub(crate) fn new(value: f64, base: TimeBase) -> Self {
        Self { value, base }
    }

    pub(crate) fn value(self) -> f64 {
        self.value
    }

    pub(crate) fn with_value(self, value: f64) -> Self {
        Self { value, ..self }
    }

    /// How many steps of `dt` it takes.
    ///
    /// # Errors
    /// [`Error::Step`] when `dt` is no step, [`Error::NotWholeSteps`] when it is not a whole number of steps (up to rounding),
    /// [`Error::NegativeDuration`] when it is negative or not finite, [`Error::TooManySteps`] when
    /// they cannot be counted, [`Error::MixedTime`] when
    /// one of the two has a unit and the other has none.
    pub fn steps(self, dt: impl Into<Self>) -> Result<u64, Error> {
        let dt = dt.into();
        if !(dt.value > 0.0 && dt.value.is_finite()) {
            return Err(Error::Step { dt });
        }
        let ratio =
            self.in_base(dt.base).ok_or(Error::MixedTime { duration: self, dt })? / dt.value;
        let whole = ratio.round();
        if ratio.is_nan() || ratio < 0.0 || self.value.is_infinite() {
            return Err(Error::NegativeDuration { duration: self });
        }
        if ratio > MOST_STEPS {
            return Err(Error::TooManySteps { duration: self, dt });
        }
        // Both numbers are decimal fractions rounded once: 0.3/0.1 is 2.9999999999999996.
        if (ratio - whole).abs() > 1e-9 * whole.max(1.0) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            let below = ratio as u64;
            let [below, above] = [below, below + 1].map(|steps| Clock::new(dt.value).at(steps));
            return Err(Error::NotWholeSteps { duration: self, dt, below, above });
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        let steps = whole as u64;
        Ok(steps)
    }

    /// The first step of `dt` that does not begin before this moment.
    pub(crate) fn first_step(self, dt: Self) -> Result<u64, Error> {
        let mixed = Error::MixedTime { duration: self, dt };
        let ratio = self.in_base(dt.base).ok_or(mixed)? / dt.value;
        let whole = ratio.round();
        let near = (ratio - whole).abs() <= 1e-9 * whole.abs().max(1.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "moments before 0 begin at step 0, moments beyond u64 never come: `as` saturates"
        )]
        let step = (if near { whole } else { ratio.ceil() }) as u64;
        if ratio.is_nan() { Err(Error::NegativeDuration { duration: self }) } else { Ok(step) }
    }
}

/// Above, neighbouring steps would begin at the same double.
const MOST_STEPS: f64 = 9e15;

/// How long to run: a duration or a number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    /// A duration; a whole number of steps.
    Duration(Time),
    /// A number of steps.
    Steps(u64),
}

/// A number of steps.
pub const fn steps(count: u64) -> Span {
    Span::Steps(count)
}

impl<T: Into<Time>> From<T> for Span {
    fn from(duration: T) -> Self {
        Self::Duration(duration.into())
    }
}

/// Counts steps and says what time it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    dt: f64,
    /// `1/dt`, when that is a whole number.
    per_unit: Option<f64>,
}

impl Clock {
    pub(crate) fn new(dt: f64) -> Self {
        let inverse = 1.0 / dt;
        let whole = inverse.round();
        let is_whole = whole >= 1.0 && (inverse - whole).abs() <= 1e-12 * whole;
        Self { dt, per_unit: is_whole.then_some(whole) }
    }

    /// The time at which a step begins. Computed from the count, so it does not drift; for the
    /// usual dt = 1/n it is the double nearest to the true time (3 steps of 0.1 are at 0.3).
    pub(crate) fn at(self, step: u64) -> f64 {
        match self.per_unit {
            Some(per_unit) => step as f64 / per_unit,
            None => step as f64 * self.dt,
        }
    }

    pub(crate) fn dt(self) -> f64 {
        self.dt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_tenths_of_a_second_are_three_steps() {
        assert_eq!(s(0.3).steps(s(0.1)).unwrap(), 3);
        assert_eq!(s(0.7).steps(ms(100.0)).unwrap(), 7);
        assert_eq!(ms(2500.0).steps(ms(0.2)).unwrap(), 12_500);
        assert_eq!(Time::from(1.0).steps(0.001).unwrap(), 1000);
        assert_eq!(min(1.0).steps(us(10.0)).unwrap(), 6_000_000);
        assert_eq!(ms(0.0).steps(ms(0.1)).unwrap(), 0);
    }

    #[test]
    fn a_part_of_a_step_is_an_error() {
        let error = ms(1.05).steps(ms(0.1)).unwrap_err().to_string();
        assert!(
            error.contains("1.05 ms") && error.contains("1 ms") && error.contains("1.1 ms"),
            "{error}"
        );
        assert!(ms(-1.0).steps(ms(0.1)).is_err() && ms(f64::NAN).steps(ms(0.1)).is_err());
        assert!(ms(1.0).steps(0.1).is_err());
    }

    #[test]
    fn moments_map_to_the_step_that_begins_there() {
        assert_eq!(ms(100.0).first_step(ms(0.2)).unwrap(), 500);
        assert_eq!(ms(350.0).first_step(ms(0.7)).unwrap(), 500);
        assert_eq!(ms(100.0).first_step(ms(0.3)).unwrap(), 334);
        assert_eq!(ms(-5.0).first_step(ms(0.3)).unwrap(), 0);
        assert_eq!(ms(f64::INFINITY).first_step(ms(0.3)).unwrap(), u64::MAX);
    }

    #[test]
    fn the_clock_does_not_drift() {
        let clock = Clock::new(0.1);
        assert_eq!([clock.at(3), clock.at(1_000_003)], [0.3, 100_000.3]);
        assert_eq!(Clock::new(0.3).at(2), 0.6);
        assert_eq!(ms(0.2).in_base(TimeBase::unit("s", 1.0)), Some(0.0002));
        assert_eq!(us(1000.0).in_base(TimeBase::unit("ms", 1e-3)), Some(1.0));
        assert_eq!(ms(3.0).in_base(TimeBase::unit("us", 1e-6)), Some(3000.0));
        assert_eq!(min(0.5).in_base(TimeBase::unit("us", 1e-6)), Some(3e7));
    }
}
