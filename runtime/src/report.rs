//! What a simulation does, readable before it runs: see [`Simulation::report`](crate::Simulation::report).

use std::fmt;

use crate::integrate::{Arithmetic, Bounds, Delivery, Integrator, Tolerance};
use crate::model::{Equation, Law};
use crate::time::Time;
use crate::warning::Warning;

/// What a simulation does and how, as it was settled when it was built, with the parameters that it has
/// now. As text it is a few lines for each population and projection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The length of a step.
    pub dt: Time,
    /// The method that all equations are integrated with.
    pub integrator: Integrator,
    /// Why that one: the options, or what [`Integrator::Automatic`] found.
    pub reason: &'static str,
    /// How accurate inner steps are, if they adapt.
    pub tolerance: Option<Tolerance>,
    /// Where inner steps end and what became of them so far, if they adapt.
    pub inner: Option<InnerSteps>,
    /// When inputs, coupling and past values are computed.
    pub evaluation: Evaluation,
    /// What happens to states that leave their intervals.
    pub bounds: Bounds,
    /// The precision of all numbers: `"f64"` or `"f32"`.
    pub precision: &'static str,
    /// How operations are rounded.
    pub arithmetic: Arithmetic,
    /// The instructions that inner loops are compiled for, chosen for this processor.
    pub instructions: &'static str,
    /// What chooses the random numbers.
    pub seed: u64,
    /// The populations, in the order in which they were added.
    pub populations: Vec<PopulationReport>,
    /// The projections, in the order in which they were connected.
    pub projections: Vec<ProjectionReport>,
    /// What is allowed and probably not meant.
    pub warnings: Vec<Warning>,
}

/// Inner steps that adapt to a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InnerSteps {
    /// Where they end.
    pub ends: StepEnds,
    /// How many were accurate enough since the simulation was built.
    pub accepted: u64,
    /// How many were not, and were repeated shorter.
    pub rejected: u64,
    /// How often the slopes of all populations were evaluated.
    pub evaluations: u64,
}

/// Where inner steps end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepEnds {
    /// Where the tolerance says, but for edges of stimuli: values at the steps of the simulation are read
    /// from the dense output of the method.
    Beyond,
    /// At each step of the simulation, and why.
    OnGrid(&'static str),
}

/// When what units receive is computed: stimuli, coupling and past values. Nothing is late by a step
/// unless its delay says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluation {
    /// At each stage of a step, at the time of the stage and from its states.
    EachStage,
    /// Once, at the beginning of a step, and held over it: with [`Delivery::Frozen`], and with methods that
    /// have one stage.
    Held,
}

/// What there is to say of a population.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PopulationReport {
    /// Its name.
    pub name: String,
    /// The name of its model.
    pub model: &'static str,
    /// The shape of its units.
    pub shape: Vec<usize>,
    /// What the model counts time in; empty if it has no units.
    pub time_unit: &'static str,
    /// Its states.
    pub states: Vec<StateReport>,
    /// Its noises.
    pub noises: Vec<NoiseReport>,
    /// The past values that its equations read.
    pub past: Vec<PastReport>,
}

/// What there is to say of a noise.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct NoiseReport {
    /// Its name.
    pub name: &'static str,
    /// Its law.
    pub law: Law,
    /// How many independent sources the units share, with [`Population::mix`](crate::Population::mix);
    /// without, each unit has its own.
    pub sources: Option<usize>,
}

/// What there is to say of a state.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StateReport {
    /// Its name.
    pub name: &'static str,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// What the compiler found about its equation.
    pub equation: Equation,
}

/// A past value that an equation reads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PastReport {
    /// As the modeller wrote it: `x(t - d)`.
    pub text: &'static str,
    /// Its delays, over all units.
    pub delays: DelayReport,
}

/// What there is to say of a projection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProjectionReport {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The sending population.
    pub source_population: String,
    /// The state or output that it sends.
    pub quantity: &'static str,
    /// The receiving population.
    pub target: String,
    /// The input that it goes to.
    pub input: &'static str,
    /// How many connections there are, of weights that are not 0.
    pub connections: usize,
    /// The name of the coupling function, if there is one.
    pub coupling: Option<&'static str>,
    /// Its delays, if it has any.
    pub delays: Option<DelayReport>,
}

/// Delays as they were asked for, and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct DelayReport {
    /// The shortest.
    pub shortest: Time,
    /// The longest.
    pub longest: Time,
    /// How values are read that lie between steps.
    pub reading: Reading,
    /// How many steps of what is delayed are remembered, for whoever reads them.
    pub steps_kept: usize,
}

/// How past values are read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reading {
    /// All delays are whole numbers of steps, and read as they are.
    OnSteps,
    /// Between steps, and at stages that lie between steps, values are interpolated linearly: order 2.
    Linear,
    /// Between steps values are on Hermite's cubics: order 4 where the past is smooth.
    Cubic(SlopesBy),
    /// Delays are rounded to whole numbers of steps.
    Rounded {
        /// By how much at most, in the unit that delays were given in.
        largest: Time,
        /// How many delays, none of them 0, become 0.
        vanished: usize,
    },
}

/// Where the slopes of cubics come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlopesBy {
    /// The equations of states.
    Equations,
    /// Differences of the last four steps: of outputs, of what coupling functions make of sources, and
    /// with methods that do not evaluate slopes at the beginning of each step.
    Differences,
}

impl Evaluation {
    /// What comes of a method and the options.
    pub(crate) fn of(integrator: Integrator, delivery: Delivery) -> Self {
        let has_stages = integrator.latest_stage() > 0.0;
        if has_stages && delivery == Delivery::PerStage { Self::EachStage } else { Self::Held }
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EachStage => "computed at each stage of a step",
            Self::Held => "computed at the beginning of a step and held over it",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dt, integrator, reason, evaluation, precision, arithmetic, .. } = self;
        writeln!(f, "steps of {dt} by {integrator}, {reason}")?;
        if let Some(Tolerance { relative, absolute }) = self.tolerance {
            writeln!(f, "inner steps adapt to {relative} × state + {absolute}")?;
        }
        if let Some(inner) = &self.inner {
            writeln!(f, "{inner}")?;
        }
        writeln!(f, "inputs, coupling and past values are {evaluation}")?;
        let arithmetic = format!("{arithmetic:?}").to_lowercase();
        let Self { instructions, seed, bounds, .. } = self;
        writeln!(f, "{precision}, {arithmetic} arithmetic ({instructions}), seed {seed}")?;
        let bounds = match bounds {
            Bounds::Clip => "clipped",
            Bounds::Reflect => "reflected",
        };
        writeln!(f, "states that leave their intervals are {bounds}")?;
        self.populations.iter().try_for_each(|one| write!(f, "{one}"))?;
        self.projections.iter().try_for_each(|one| writeln!(f, "{one}"))?;
        self.warnings.iter().try_for_each(|one| writeln!(f, "warning: {one}"))
    }
}

impl fmt::Display for InnerSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends {
            StepEnds::Beyond => write!(f, "they may be longer than steps: dense output is read")?,
            StepEnds::OnGrid(reason) => write!(f, "they end with each step: {reason}")?,
        }
        let Self { accepted, rejected, evaluations, .. } = self;
        write!(f, "; so far {accepted} accepted, {rejected} rejected, {evaluations} evaluations")
    }
}

impl fmt::Display for PopulationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, model, shape, time_unit, states, noises, past } = self;
        let dims: Vec<String> = shape.iter().map(ToString::to_string).collect();
        let units = if shape.iter().product::<usize>() == 1 { "unit" } else { "units" };
        write!(f, "population `{name}` of {model}: {} {units}", dims.join(" × "))?;
        writeln!(f, "{}", in_brackets(", time in ", time_unit, ""))?;
        for StateReport { name, unit, equation } in states {
            writeln!(f, "  state `{name}`{}: {equation}", in_brackets(" (", unit, ")"))?;
        }
        noises.iter().try_for_each(|one| writeln!(f, "  {one}"))?;
        past.iter().try_for_each(|PastReport { text, delays }| writeln!(f, "  `{text}`: {delays}"))
    }
}

fn in_brackets(before: &str, text: &str, after: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{before}{text}{after}") }
}

impl fmt::Display for NoiseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let law = match self.law {
            Law::White => "white",
            Law::WhiteStratonovich => "white, in the sense of Stratonovich",
            Law::Ou { .. } => "of Ornstein and Uhlenbeck",
            Law::PerStep => "a number a step",
        };
        write!(f, "noise `{}`: {law}, ", self.name)?;
        match self.sources {
            None => write!(f, "each unit its own"),
            Some(1) => write!(f, "mixed of 1 source"),
            Some(sources) => write!(f, "mixed of {sources} sources"),
        }
    }
}

impl fmt::Display for ProjectionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, source_population, quantity, target, input, connections, .. } = self;
        let name = name.as_ref().map_or_else(String::new, |name| format!(" `{name}`"));
        write!(f, "projection{name} from `{quantity}` of `{source_population}` ")?;
        let plural = if *connections == 1 { "" } else { "s" };
        write!(f, "to `{input}` of `{target}`: {connections} connection{plural}")?;
        if let Some(coupling) = self.coupling {
            write!(f, " through {coupling}")?;
        }
        match &self.delays {
            Some(delays) => write!(f, ", {delays}"),
            None => write!(f, ", no delay"),
        }
    }
}

impl fmt::Display for DelayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shortest, longest, reading, steps_kept } = self;
        if shortest == longest {
            write!(f, "delayed by {longest}, ")?;
        } else {
            write!(f, "delayed by {shortest} to {longest}, ")?;
        }
        let plural = if *steps_kept == 1 { "" } else { "s" };
        write!(f, "{reading}, {steps_kept} step{plural} remembered")
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnSteps => write!(f, "whole steps"),
            Self::Linear => write!(f, "linear between steps (order 2)"),
            Self::Cubic(SlopesBy::Equations) => write!(f, "cubic between steps (order 4)"),
            Self::Cubic(SlopesBy::Differences) => {
                write!(f, "cubic between steps (order 4), slopes by differences")
            }
            Self::Rounded { largest, vanished } => {
                write!(f, "rounded to whole steps by at most {}", shown(*largest))?;
                if *vanished > 0 { write!(f, ", {vanished} of them to 0") } else { Ok(()) }
            }
        }
    }
}

/// A time to four digits: differences of times have noise in the last ones.
fn shown(time: Time) -> Time {
    let text = format!("{:.3e}", time.value());
    time.with_value(text.parse().unwrap_or(time.value()))
}
