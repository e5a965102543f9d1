//! What is allowed and probably not meant.

use crate::integrate::Integrator;
use crate::time::Time;

/// Something about a simulation that may spoil its results; see
/// [`Simulation::warnings`](crate::Simulation::warnings).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The step is beyond the limit of stability of the method, as far as one can tell: at the initial
    /// states, for an equation whose time constant changes; or the check was switched off.
    Unstable(StepSize),
    /// The step is stable, but the method overshoots: a state that should decay alternates around its
    /// end.
    Overshoots(StepSize),
    /// Delays of a projection that are not 0 become 0, because they are below half a step and
    /// [`Delivery::Frozen`](crate::Delivery::Frozen) rounds them.
    DelayVanishes(ShortDelay),
    /// Delays are shorter than a step of a method with stages and an order above 2, or of one that adapts
    /// its steps: what is read lies within the step, where values are taken for linear.
    DelayWithinStep(ShortDelay),
}

/// Delays that the step is too long for.
#[derive(Clone, Debug, PartialEq)]
pub struct ShortDelay {
    /// What is delayed, for messages: "the projection from `a` to `b`", "`x(t - d)` of population `p`".
    pub of: String,
    /// How many delays are that short.
    pub count: usize,
    /// The shortest of them.
    pub shortest: Time,
    /// The longest of them.
    pub longest: Time,
    /// The step.
    pub dt: Time,
    /// The method.
    pub integrator: Integrator,
}

impl ShortDelay {
    /// What is delayed and by how much.
    fn subject(&self) -> String {
        let Self { of, count, shortest, longest, .. } = self;
        match count {
            1 => format!("{of} has a delay of {shortest}"),
            _ if shortest == longest => format!("{of} has {count} delays of {shortest}"),
            _ => format!("{of} has {count} delays from {shortest} to {longest}"),
        }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unstable(step) => write!(f, "{step}"),
            Self::DelayVanishes(delay) => {
                let ShortDelay { dt, shortest, .. } = delay;
                write!(
                    f,
                    "{}, less than half of dt = {dt}: rounded to whole steps it arrives without delay; take a \
                     dt of {shortest} at most, or `Delivery::PerStage`, which rounds nothing",
                    delay.subject()
                )
            }
            Self::DelayWithinStep(delay) => {
                let ShortDelay { dt, shortest, integrator, .. } = delay;
                write!(
                    f,
                    "{}, shorter than dt = {dt}: {integrator} reads it within the step under way, where \
                     values are taken for linear, so that its order is 2 at most and no tolerance sees \
                     the error; take a dt of {shortest} at most",
                    delay.subject()
                )
            }
            Self::Overshoots(step) => {
                let StepSize { population, state, integrator, .. } = step;
                let (dt, lengths) = (step.dt(), step.dt / step.time_constant);
                write!(
                    f,
                    "dt = {dt} is {lengths:.3} time constants of `{state}` in population \
                     `{population}`{}: with {integrator:?} it overshoots and alternates around where \
                     it should decay to",
                    step.of_unit()
                )
            }
        }
    }
}

/// A step that is long for a state.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSize {
    /// The population.
    pub population: String,
    /// The state.
    pub state: &'static str,
    /// Index or label of the unit that is worst off; none when all are alike.
    pub unit: Option<String>,
    /// The step, in the model's unit of time.
    pub dt: f64,
    /// How fast the state would decay by itself at its initial value: -1/(∂f/∂x), in the same unit.
    pub time_constant: f64,
    /// The symbol of that unit, empty if there is none.
    pub time_unit: &'static str,
    /// The longest step in which the method is stable, in time constants.
    pub limit: f64,
    /// The method.
    pub integrator: Integrator,
}

impl StepSize {
    fn dt(&self) -> String {
        self.time(self.dt)
    }

    fn time(&self, value: f64) -> String {
        let space = if self.time_unit.is_empty() { "" } else { " " };
        format!("{value}{space}{}", self.time_unit)
    }

    fn of_unit(&self) -> String {
        self.unit.as_ref().map_or_else(String::new, |unit| format!(" for unit {unit}"))
    }
}

impl std::fmt::Display for StepSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { population, state, time_constant, limit, integrator, .. } = self;
        write!(
            f,
            "dt = {} is longer than {integrator:?} is stable with: `{state}` of population \
             `{population}` has the time constant {}{}, so dt may be {limit:.3} times that, {}, at most",
            self.dt(),
            self.time(*time_constant),
            self.of_unit(),
            self.time(limit * time_constant),
        )
    }
}
