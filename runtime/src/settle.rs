//! What options come to for a network: the method, what to warn of, and what adapts its steps.

use crate::error::Error;
use crate::integrate::{Choice, Integrator, Tolerance, choose};
use crate::lanes::Real;
use crate::network::population::Built;
use crate::network::{Control, Network};
use crate::simulation::Options;
use crate::stability;
use crate::time::Clock;
use crate::warning::Warning;

/// Settles the method, and refuses a step that it cannot be stable with.
pub(crate) fn settle<T: Real>(
    network: &mut Network<T>,
    clocks: &[Clock],
    options: Options,
) -> Result<(Choice, Vec<Warning>), Error> {
    let adapts = options.tolerance.is_some();
    let is_limited = options.integrator.stability_limit().is_finite();
    let decays =
        if is_limited && !adapts { stability::decays(network, clocks) } else { Vec::new() };
    let infos: Vec<_> = network.populations.iter().map(|population| population.info).collect();
    let choice = match options.integrator {
        Integrator::Automatic if adapts => Choice {
            integrator: Integrator::DormandPrince5,
            reason: "the method of highest order that adapts its steps",
        },
        Integrator::Automatic => {
            let is_mixed = |one: &Built<T>| one.mixed_white().is_some();
            let is_mixed = network.populations.iter().any(is_mixed);
            let chosen = choose(&infos, network.moves()).for_mixed(is_mixed);
            let is_unstable = stability::judge(&decays, chosen.integrator)
                .iter()
                .any(|verdict| matches!(verdict.warning, Warning::Unstable(_)));
            if is_unstable { Choice::for_stiff(&infos) } else { chosen }
        }
        integrator => Choice { integrator, reason: "as the options say" },
    };
    let verdicts = stability::judge(&decays, choice.integrator);
    let mut warnings = Vec::new();
    for verdict in verdicts {
        match verdict.warning {
            Warning::Unstable(step) if verdict.is_unstable && options.check_stability => {
                return Err(Error::Unstable(Box::new(step)));
            }
            warning => warnings.push(warning),
        }
    }
    Ok((choice, warnings))
}

/// What adapts steps to a tolerance, if they are to.
pub(crate) fn control(integrator: Integrator, options: Options) -> Result<Option<Control>, Error> {
    let Some(tolerance) = options.tolerance else { return Ok(None) };
    let Tolerance { relative, absolute } = tolerance;
    let is_usable = |part: f64| part >= 0.0 && part.is_finite();
    if !(is_usable(relative) && is_usable(absolute) && relative + absolute > 0.0) {
        return Err(Error::Tolerance { relative, absolute });
    }
    if integrator.can_adapt() {
        Ok(Some(Control::new(tolerance)))
    } else {
        Err(Error::CannotAdapt { integrator })
    }
}
