//! Which method suits a network, from what the compiler found about its equations.

use super::{Integrator, Scheme};
use crate::model::{Equation, Form, ModelInfo, White};

/// A method, and why it was chosen.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) integrator: Integrator,
    pub(crate) reason: &'static str,
}

impl Choice {
    /// A method for a step that is too long for others.
    pub(crate) fn for_stiff(models: &[&'static ModelInfo]) -> Self {
        let has_noise = models.iter().any(|info| !info.diffusion.is_empty());
        let integrator =
            if has_noise { Integrator::ExponentialEuler } else { Integrator::Ros34Pw2 };
        let reason = "the step is too long for explicit methods: stable for any, as far as the \
                      equations of a unit go";
        Self { integrator, reason }
    }

    /// The same unless units share white noise that it would draw by state.
    pub(crate) fn for_mixed(self, is_mixed: bool) -> Self {
        if !is_mixed || self.integrator != Integrator::ExponentialRosenbrock {
            return self;
        }
        let reason = "the equations of a unit are linear and their noise added, and units share it: \
                      strong order 1.5";
        Self { integrator: Integrator::Sra1, reason }
    }
}

/// Chooses a method for models, of which `moves` says whether anything they are given from outside
/// changes during a run.
pub(crate) fn choose(models: &[&'static ModelInfo], moves: bool) -> Choice {
    let has_noise = models.iter().any(|info| !info.diffusion.is_empty());
    if has_noise { for_noise(models) } else { without_noise(models, moves) }
}

fn all(models: &[&'static ModelInfo], holds: impl Fn(&Equation) -> bool) -> bool {
    models.iter().flat_map(|info| info.equations).all(holds)
}

fn for_noise(models: &[&'static ModelInfo]) -> Choice {
    let is_added = all(models, |one| matches!(one.white, White::None | White::Additive));
    let is_linear = |one: &Equation| matches!(one.form, Form::Constant | Form::Linear);
    let shares = |info: &&ModelInfo| {
        let drives = info.diffusion.iter().enumerate();
        drives.clone().any(|(place, [_, noise])| {
            info.diffusion[..place].iter().any(|[_, other]| other == noise)
        })
    };
    let (integrator, reason) = if is_added && all(models, is_linear) && !models.iter().any(shares) {
        (
            Integrator::ExponentialEuler,
            "each equation is linear by itself and its noise added: its law over a step is exact",
        )
    } else if is_added && all(models, |one| is_linear(one) || one.form == Form::LinearBlock) {
        (
            Integrator::ExponentialRosenbrock,
            "the equations of a unit are linear and their noise added: their law over a step is exact",
        )
    } else if is_added {
        (Integrator::Sra1, "noise is added to equations that are not linear: strong order 1.5")
    } else if models.iter().all(|info| Scheme::Sriw1.refuses(info).is_none()) {
        (
            Integrator::Sriw1,
            "factors of noise depend on states, of one noise or each on its own state alone: \
             strong order 1.5",
        )
    } else {
        (
            Integrator::Milstein,
            "several noises have factors that depend on states: strong order 1 where they commute",
        )
    };
    Choice { integrator, reason }
}

fn without_noise(models: &[&'static ModelInfo], moves: bool) -> Choice {
    let is_linear = |one: &Equation| matches!(one.form, Form::Constant | Form::Linear);
    let is_in_block = |one: &Equation| is_linear(one) || one.form == Form::LinearBlock;
    let is_stiff_term = |one: &Equation| is_linear(one) || one.form == Form::ConditionallyLinear;
    let (integrator, reason) = if !moves && all(models, is_linear) {
        (
            Integrator::ExponentialEuler,
            "each equation is linear by itself and nothing changes from outside: the step is exact",
        )
    } else if !moves && all(models, is_in_block) {
        (
            Integrator::ExponentialRosenbrock,
            "the equations of a unit are linear and nothing changes from outside: the step is exact",
        )
    } else if all(models, is_stiff_term) {
        (
            Integrator::EtdRungeKutta2,
            "each equation is linear in its own state, with coefficients that move: order 2, stable \
             for any step as far as its own state goes",
        )
    } else {
        (Integrator::RungeKutta4, "equations are not linear in their own states: order 4")
    };
    Choice { integrator, reason }
}
