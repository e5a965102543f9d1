//! What is allowed and probably not meant.

use crate::integrate::Integrator;

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
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unstable(step) => write!(f, "{step}"),
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
