//! Whether a step is short enough for the equations, as far as one can tell before running.

use crate::integrate::Integrator;
use crate::lanes::Real;
use crate::model::{Form, ModelInfo};
use crate::network::Network;
use crate::time::Clock;
use crate::warning::{StepSize, Warning};

/// How fast a state of a population decays by itself, in its fastest unit.
pub(crate) struct Decay {
    population: String,
    state: &'static str,
    unit: Option<String>,
    /// -∂f/∂x, per unit of the model's time; positive.
    rate: f64,
    dt: f64,
    time_unit: &'static str,
    /// Whether it stays what it is as long as parameters do, and no equation of the unit that it
    /// forms a linear system with can make up for it.
    is_certain: bool,
}

/// The decay of all states that decay, at the present states and inputs.
pub(crate) fn decays<T: Real>(network: &mut Network<T>, clocks: &[Clock]) -> Vec<Decay> {
    let mut decays = Vec::new();
    for (population, clock) in network.populations.iter_mut().zip(clocks) {
        let Some(slopes) = population.slopes_by_state(clock.at(0), clock.dt()) else { continue };
        for (state, symbol) in population.info.states.iter().enumerate() {
            let own = |entry: &[usize; 2]| *entry == [state, state];
            let Some(place) = population.info.jacobian.iter().position(own) else { continue };
            let rate_of = |unit: usize| -slopes[place].get(unit).to_f64();
            let rates = (0..population.units.len).map(|unit| (unit, rate_of(unit)));
            let fastest = rates
                .filter(|(_, rate)| *rate > 0.0 && rate.is_finite())
                .reduce(|one, other| if other.1 > one.1 { other } else { one });
            let Some((unit, rate)) = fastest else { continue };
            let are_alike = (0..population.units.len).all(|one| rate_of(one) == rate);
            decays.push(Decay {
                population: population.name.clone(),
                state: symbol.name,
                unit: (!are_alike).then(|| population.label(unit)),
                rate,
                dt: clock.dt(),
                time_unit: population.info.time.symbol(),
                is_certain: is_certain(population.info, state),
            });
        }
    }
    decays
}

fn is_certain(info: &ModelInfo, state: usize) -> bool {
    let equation = info.equations[state];
    equation.fixed_slope && matches!(equation.form, Form::Linear | Form::ConditionallyLinear)
}

/// What there is to say of a step with a method.
pub(crate) struct Verdict {
    /// Whether it is certainly unstable.
    pub(crate) is_unstable: bool,
    pub(crate) warning: Warning,
}

/// What may spoil results with a method, worst first for each state.
pub(crate) fn judge(decays: &[Decay], integrator: Integrator) -> Vec<Verdict> {
    // Rounding of dt and time constants is not held against a step at the limit itself.
    const ROUNDING: f64 = 1e-6;
    let limit = integrator.stability_limit();
    let verdict = |decay: &Decay| {
        let length = decay.dt * decay.rate;
        let growth = integrator.stability(-length)?;
        let step = StepSize {
            population: decay.population.clone(),
            state: decay.state,
            unit: decay.unit.clone(),
            dt: decay.dt,
            time_constant: 1.0 / decay.rate,
            time_unit: decay.time_unit,
            limit,
            integrator,
        };
        if length > limit * (1.0 + ROUNDING) {
            let is_unstable = decay.is_certain;
            return Some(Verdict { is_unstable, warning: Warning::Unstable(step) });
        }
        let overshoots = growth < -ROUNDING;
        overshoots.then_some(Verdict { is_unstable: false, warning: Warning::Overshoots(step) })
    };
    decays.iter().filter_map(verdict).collect()
}
