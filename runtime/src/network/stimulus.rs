//! Stimuli: what a user sends to the inputs of a population.

use std::ops::Range;

use ndarray::{ArrayBase, Data, Dimension};

use crate::error::Error;
use crate::init::Draw;
use crate::lanes::Real;
use crate::time::Time;
use crate::values::{Resolved, Values};

/// A signal from outside the network, in the unit of the input that it is sent to.
///
/// Several stimuli sent to one input add up, also with what projections deliver.
///
/// ```
/// use rate_model::prelude::*;
/// let constant: Stimulus = 300.0.into();
/// let per_unit: Stimulus = vec![300.0, 0.0].into();
/// let pulse = Stimulus::window(ms(100.0), ms(350.0), 41.9).on([0]);
/// let wave = Stimulus::function(|t| (0.01 * t).sin());
/// let samples = Stimulus::table(ms(1.0), &ndarray::arr1(&[0.0, 1.0, 2.0]));
/// # let _ = (constant, per_unit, pulse, wave, samples);
/// ```
#[derive(Debug)]
#[must_use = "send it to an input with `Network::stimulate`"]
pub struct Stimulus {
    source: Source,
    units: Option<Vec<usize>>,
}

enum Source {
    Values(Values),
    Window { from: Time, until: Time, values: Values },
    Table { every: Time, rows: Vec<Vec<f64>>, is_shared: bool },
    Function(Box<dyn Fn(f64) -> f64 + Send>),
    PerUnit(Box<dyn Fn(f64, usize) -> f64 + Send>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Values(values) => write!(f, "{values:?}"),
            Self::Window { from, until, values } => write!(f, "{values:?} from {from} to {until}"),
            Self::Table { every, rows, .. } => {
                write!(f, "table of {} rows every {every}", rows.len())
            }
            Self::Function(_) | Self::PerUnit(_) => f.write_str("a function of time"),
        }
    }
}

impl Stimulus {
    fn new(source: Source) -> Self {
        Self { source, units: None }
    }

    /// Values during the steps that begin at `from <= t < until`, 0 at all others.
    pub fn window(
        from: impl Into<Time>,
        until: impl Into<Time>,
        values: impl Into<Values>,
    ) -> Self {
        Self::new(Source::Window { from: from.into(), until: until.into(), values: values.into() })
    }

    /// Samples `every` so long, from t = 0: a 1-d array for all units alike, or a 2-d array
    /// [sample, unit]. Each holds until the next begins.
    pub fn table<S: Data<Elem = f64>, D: Dimension>(
        every: impl Into<Time>,
        samples: &ArrayBase<S, D>,
    ) -> Self {
        let rows = samples.shape().first().copied().unwrap_or(0);
        let width = samples.len().checked_div(rows).unwrap_or(0);
        let values: Vec<f64> = samples.iter().copied().collect();
        let rows = (0..rows).map(|row| values[row * width..][..width].to_vec()).collect();
        let is_shared = samples.ndim() <= 1;
        Self::new(Source::Table { every: every.into(), rows, is_shared })
    }

    /// A function of time, the same for all units. Time is in the model's own unit: that at
    /// which each step begins. It must depend on nothing but its argument; a moment may be asked
    /// for more than once.
    pub fn function(value: impl Fn(f64) -> f64 + Send + 'static) -> Self {
        Self::new(Source::Function(Box::new(value)))
    }

    /// A function of time and of the unit's index.
    pub fn per_unit(value: impl Fn(f64, usize) -> f64 + Send + 'static) -> Self {
        Self::new(Source::PerUnit(Box::new(value)))
    }

    /// Only to the given units; the others receive 0.
    pub fn on(self, units: impl IntoIterator<Item = usize>) -> Self {
        Self { units: Some(units.into_iter().collect()), ..self }
    }

    /// Checks it against a population of the given shape.
    pub(super) fn build<T: Real>(
        self,
        target: &super::population::Built<T>,
        input: &'static str,
    ) -> Result<Drive, Error> {
        let len = target.units.len;
        let outside = self.units.iter().flatten().find(|unit| **unit >= len);
        if let Some(unit) = outside {
            let population = target.name.clone();
            return Err(Error::NoSuchUnit { population, unit: *unit, units: len });
        }
        let fit = |values: &Values| {
            let draw = Draw::new(0, &format!("{}.input.{input}", target.name));
            let fitted = values.resolve(&target.dims, len, draw);
            let what = format!("input `{input}`");
            fitted.map_err(|misfit| misfit.into_error(target.name.clone(), what, &target.dims))
        };
        let signal = match self.source {
            Source::Values(values) => Signal::Constant(fit(&values)?),
            Source::Window { from, until, values } => {
                let values = fit(&values)?;
                Signal::Window { from, until, values }
            }
            Source::Table { every, rows, is_shared } => {
                let rows = rows.into_iter().map(|row| match row[..] {
                    [value] if is_shared => Ok(Resolved::Shared(value)),
                    _ => fit(&row.into()),
                });
                Signal::Table { every, rows: rows.collect::<Result<_, _>>()? }
            }
            Source::Function(value) => Signal::Function(value),
            Source::PerUnit(value) => Signal::PerUnit(value),
        };
        let mask = self.units.map(|units| {
            let mut mask = vec![false; len];
            for unit in units {
                mask[unit] = true;
            }
            mask
        });
        Ok(Drive { signal, mask, part: None, timing: Timing::default() })
    }
}

impl<V: Into<Values>> From<V> for Stimulus {
    fn from(values: V) -> Self {
        Self::new(Source::Values(values.into()))
    }
}

/// A stimulus that fits its population.
pub(crate) struct Drive {
    signal: Signal,
    mask: Option<Vec<bool>>,
    /// The units that it is for, if not all: those of one of several populations side by side.
    part: Option<Range<usize>>,
    timing: Timing,
}

enum Signal {
    Constant(Resolved),
    Window { from: Time, until: Time, values: Resolved },
    Table { every: Time, rows: Vec<Resolved> },
    Function(Box<dyn Fn(f64) -> f64 + Send>),
    PerUnit(Box<dyn Fn(f64, usize) -> f64 + Send>),
}

/// Times as numbers of steps, known once dt is.
#[derive(Clone, Copy, Debug, Default)]
struct Timing {
    /// First step of a window and first step after it.
    window: (u64, u64),
    /// The length of a step in rows of a table.
    rows_per_step: f64,
}

impl Drive {
    /// Whether it is the same at all times.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self.signal, Signal::Constant(_))
    }

    /// From now on it is for these units only.
    pub(super) fn set_part(&mut self, part: Option<Range<usize>>) {
        self.part = part;
    }

    /// Translates its times into steps.
    pub(crate) fn set_step(&mut self, dt: Time) -> Result<(), Error> {
        match &self.signal {
            Signal::Window { from, until, .. } => {
                self.timing.window = (from.first_step(dt)?, until.first_step(dt)?);
                if from.in_base_of(dt) >= until.in_base_of(dt) {
                    return Err(Error::EmptyWindow { from: *from, until: *until });
                }
                // A window that is over before 0 is as good as none, and may be meant.
                let (first, behind) = self.timing.window;
                if first >= behind && behind > 0 {
                    return Err(Error::WindowWithoutStep { from: *from, until: *until, dt });
                }
            }
            Signal::Table { every, .. } => {
                let mixed = Error::MixedTime { duration: *every, dt };
                let row = every.in_base_of(dt).ok_or(mixed)?;
                if !(row > 0.0 && row.is_finite()) {
                    return Err(Error::Step { dt: *every });
                }
                self.timing.rows_per_step = dt.value() / row;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether it is constant but for the edges that [`Drive::next_edge`] knows.
    pub(crate) fn changes_at_edges(&self) -> bool {
        matches!(self.signal, Signal::Constant(_) | Signal::Window { .. })
    }

    /// The next step, after one, at which a window opens or closes.
    pub(crate) fn next_edge(&self, step: u64) -> u64 {
        let (first, behind) = self.timing.window;
        let is_window = matches!(self.signal, Signal::Window { .. });
        let edges = [first, behind].into_iter().filter(|edge| is_window && *edge > step);
        edges.min().unwrap_or(u64::MAX)
    }

    /// The number of steps that a table lasts, and its end.
    pub(crate) fn ends(&self) -> Option<(u64, Time)> {
        let Signal::Table { every, rows } = &self.signal else { return None };
        let end = every.with_value(rows.len() as f64 * every.value());
        // The last step that still begins within the table.
        let steps = (rows.len() as f64 / self.timing.rows_per_step - 1e-9).ceil();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        Some((steps as u64, end))
    }

    /// Adds its value at the beginning of a step, which is at time `t`.
    pub(crate) fn add<T: Real>(&self, step: u64, t: f64, into: &mut [T]) {
        let into = match &self.part {
            None => into,
            Some(part) => &mut into[part.clone()],
        };
        match &self.signal {
            Signal::Constant(values) => self.add_values(values, into),
            Signal::Window { values, .. } => {
                let (first, last) = self.timing.window;
                if (first..last).contains(&step) {
                    self.add_values(values, into);
                }
            }
            Signal::Table { rows, .. } => {
                // A row begins where a step does, up to rounding.
                let row = (step as f64 * self.timing.rows_per_step + 1e-9).floor();
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "`as` saturates"
                )]
                let row = row as usize;
                // No step begins behind the table; what is observed at its end sees the last row.
                if let Some(values) = rows.get(row).or(rows.last()) {
                    self.add_values(values, into);
                }
            }
            Signal::Function(value) => {
                let value = value(t);
                self.add_each(into, |_| value);
            }
            Signal::PerUnit(value) => self.add_each(into, |unit| value(t, unit)),
        }
    }

    fn add_values<T: Real>(&self, values: &Resolved, into: &mut [T]) {
        self.add_each(into, |unit| values.get(unit));
    }

    fn add_each<T: Real>(&self, into: &mut [T], value: impl Fn(usize) -> f64) {
        for (unit, sum) in into.iter_mut().enumerate() {
            if self.mask.as_ref().is_none_or(|mask| mask[unit]) {
                *sum += T::from_f64(value(unit));
            }
        }
    }
}
