//! How each method makes a step, where one pass over all units is not enough.

use super::tableau::{
    BOGACKI_SHAMPINE, CLASSIC_4, DORMAND_PRINCE, HEUN, MIDPOINT, RALSTON, ROS34PW2, RULE_38, SSP_3,
};
use super::{Bounds, Integrator, Tableau};
use crate::model::{ModelInfo, White};

/// What a step is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scheme {
    /// One evaluation, whose step is taken apart to reflect it.
    Single(SingleStage),
    /// A table of coefficients.
    Stages(&'static Tableau),
    /// Two stages with the diagonal of the Jacobian.
    EtdRungeKutta2,
    /// One stage with the Jacobian of each unit.
    ExponentialRosenbrock,
    /// One stage of the drift and two of the factors of noise, in the sense of Stratonovich.
    EulerHeun,
    /// Two stages with white noise in the sense of Stratonovich.
    StochasticHeun,
    /// Two stages with additive noise.
    Sra1,
    /// Two stages of the drift, four of the factors of noise.
    Sriw1,
}

impl Scheme {
    /// A white noise of a model that this has no meaning for, and why.
    pub(crate) fn refuses(self, info: &ModelInfo) -> Option<(usize, &'static str)> {
        let [_, first] = *info.diffusion.first()?;
        match self {
            Self::Single(_)
            | Self::ExponentialRosenbrock
            | Self::EulerHeun
            | Self::StochasticHeun => None,
            Self::Stages(_) | Self::EtdRungeKutta2 => Some((first, "is for equations without it")),
            Self::Sra1 => {
                let is_added = |state: usize| info.equations[state].white == White::Additive;
                let wrong = info.diffusion.iter().find(|[state, _]| !is_added(*state));
                wrong.map(|[_, noise]| (*noise, "wants its factors to depend on no state"))
            }
            Self::Sriw1 => {
                let reason = "wants one noise only, or one of its own for each state whose factor \
                              depends on that state alone";
                sriw1_refuses(info).map(|noise| (noise, reason))
            }
        }
    }
}

/// Unless there is one noise only, the first that shares a state with another, or depends on another.
fn sriw1_refuses(info: &ModelInfo) -> Option<usize> {
    let [_, first] = *info.diffusion.first()?;
    if info.diffusion.iter().all(|[_, noise]| *noise == first) {
        return None;
    }
    let is_alone = |of: usize| info.diffusion.iter().filter(|[state, _]| *state == of).count() == 1;
    let is_fine = |state: usize| match info.equations[state].white {
        White::None | White::Additive => true,
        White::OwnState => is_alone(state),
        White::Multiplicative => false,
    };
    info.diffusion.iter().find(|[state, _]| !is_fine(*state)).map(|[_, noise]| *noise)
}

/// The methods with one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SingleStage {
    Euler,
    ExponentialEuler,
    Milstein,
}

impl Integrator {
    /// How it makes a step, unless one pass does all of it.
    pub(crate) fn scheme(self, bounds: Bounds) -> Option<Scheme> {
        let single = |stage| (bounds == Bounds::Reflect).then_some(Scheme::Single(stage));
        match self {
            Self::Euler | Self::Automatic => single(SingleStage::Euler),
            Self::ExponentialEuler => single(SingleStage::ExponentialEuler),
            Self::Milstein => single(SingleStage::Milstein),
            Self::Midpoint => Some(Scheme::Stages(&MIDPOINT)),
            Self::Heun => Some(Scheme::Stages(&HEUN)),
            Self::Ralston => Some(Scheme::Stages(&RALSTON)),
            Self::SspRungeKutta3 => Some(Scheme::Stages(&SSP_3)),
            Self::RungeKutta4 => Some(Scheme::Stages(&CLASSIC_4)),
            Self::RungeKutta4Rule38 => Some(Scheme::Stages(&RULE_38)),
            Self::BogackiShampine3 => Some(Scheme::Stages(&BOGACKI_SHAMPINE)),
            Self::DormandPrince5 => Some(Scheme::Stages(&DORMAND_PRINCE)),
            Self::Ros34Pw2 => Some(Scheme::Stages(&ROS34PW2)),
            Self::EtdRungeKutta2 => Some(Scheme::EtdRungeKutta2),
            Self::ExponentialRosenbrock => Some(Scheme::ExponentialRosenbrock),
            Self::EulerHeun => Some(Scheme::EulerHeun),
            Self::StochasticHeun => Some(Scheme::StochasticHeun),
            Self::Sra1 => Some(Scheme::Sra1),
            Self::Sriw1 => Some(Scheme::Sriw1),
        }
    }

    /// Its order where there is no noise: how many times smaller the error is in half the step, as a power
    /// of 2. Of a pair the one that goes on; of [`Integrator::Automatic`], which is settled when a simulation
    /// is built, the lowest.
    ///
    /// ```
    /// # use rate_model::Integrator;
    /// assert_eq!(Integrator::RungeKutta4.order(), 4);
    /// ```
    pub fn order(self) -> u8 {
        match self {
            Self::Euler
            | Self::ExponentialEuler
            | Self::Milstein
            | Self::EulerHeun
            | Self::Automatic => 1,
            Self::Midpoint
            | Self::Heun
            | Self::Ralston
            | Self::EtdRungeKutta2
            | Self::ExponentialRosenbrock
            | Self::StochasticHeun
            | Self::Sra1
            | Self::Sriw1 => 2,
            Self::SspRungeKutta3 | Self::BogackiShampine3 | Self::Ros34Pw2 => 3,
            Self::RungeKutta4 | Self::RungeKutta4Rule38 => 4,
            Self::DormandPrince5 => 5,
        }
    }

    /// When its last stage is, in steps from the beginning of a step.
    pub(crate) fn latest_stage(self) -> f64 {
        match self.scheme(Bounds::Clip) {
            // Any may be chosen.
            _ if self == Self::Automatic => 1.0,
            None | Some(Scheme::Single(_) | Scheme::ExponentialRosenbrock | Scheme::EulerHeun) => {
                0.0
            }
            Some(Scheme::Stages(tableau)) => tableau.c.iter().copied().fold(0.0, f64::max),
            Some(Scheme::Sra1) => 0.75,
            Some(Scheme::EtdRungeKutta2 | Scheme::StochasticHeun | Scheme::Sriw1) => 1.0,
        }
    }

    /// Whether it estimates the error of its steps.
    pub(crate) fn can_adapt(self) -> bool {
        let scheme = self.scheme(Bounds::Clip);
        matches!(scheme, Some(Scheme::Stages(tableau)) if tableau.embedded.is_some())
    }

    /// What a step makes of x' = λx, as a factor of x, at z = λ dt; none of methods that decay for
    /// every λ below 0.
    pub(crate) fn stability(self, z: f64) -> Option<f64> {
        match self {
            Self::Euler | Self::Milstein | Self::EulerHeun | Self::Automatic => Some(1.0 + z),
            // Their drift is that of methods of order 2 with two stages.
            Self::StochasticHeun | Self::Sra1 | Self::Sriw1 => Some(HEUN.stability(z)),
            Self::ExponentialEuler
            | Self::EtdRungeKutta2
            | Self::ExponentialRosenbrock
            | Self::Ros34Pw2 => None,
            _ => match self.scheme(Bounds::Clip) {
                Some(Scheme::Stages(tableau)) => Some(tableau.stability(z)),
                _ => None,
            },
        }
    }

    /// How many time constants a step may be long at most: the end of the interval of stability on
    /// the negative axis (E. Hairer and G. Wanner, Solving Ordinary Differential Equations II, section
    /// IV.2). Infinite where there is no limit.
    pub(crate) fn stability_limit(self) -> f64 {
        let is_stable =
            |length: f64| self.stability(-length).is_none_or(|growth| growth.abs() <= 1.0);
        // The first hundredth that is unstable, then the place before it.
        let Some(beyond) = (1..1000).map(|n| f64::from(n) / 100.0).find(|one| !is_stable(*one))
        else {
            return f64::INFINITY;
        };
        let (mut stable, mut unstable) = (beyond - 0.01, beyond);
        for _ in 0..50 {
            let middle = 0.5 * (stable + unstable);
            if is_stable(middle) { stable = middle } else { unstable = middle }
        }
        stable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hairer and Wanner II, section IV.2, where they are given; of methods of order 3 the root of
    /// 2 + z + z²/2 + z³/6.
    #[test]
    fn limits_of_stability_are_those_of_the_textbook() {
        for (integrator, limit) in [
            (Integrator::Euler, 2.0),
            (Integrator::Heun, 2.0),
            (Integrator::Sra1, 2.0),
            (Integrator::SspRungeKutta3, 2.512_745_3),
            (Integrator::BogackiShampine3, 2.512_745_3),
            (Integrator::RungeKutta4, 2.785_293_6),
            (Integrator::RungeKutta4Rule38, 2.785_293_6),
            (Integrator::DormandPrince5, 3.306_568),
        ] {
            let found = integrator.stability_limit();
            assert!((found - limit).abs() < 1e-6, "{integrator}: {found}");
        }
        for integrator in [Integrator::ExponentialEuler, Integrator::Ros34Pw2] {
            assert_eq!(integrator.stability_limit(), f64::INFINITY);
        }
    }
}
