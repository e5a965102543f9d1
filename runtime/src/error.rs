//! What can go wrong, with the values that were wrong and what to do about them.

use crate::connectivity::ConnectivityError;
use crate::recording::WriteError;
use crate::time::Time;

/// Everything that can go wrong outside of compilation.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Values for a population that do not fit its shape.
    #[error(
        "{what} of population `{population}` got values of shape {found:?}, expected one number or shape {expected:?}"
    )]
    Shape {
        /// The population.
        population: String,
        /// What the values were for: "parameter `tau`".
        what: String,
        /// Shape of the values.
        found: Vec<usize>,
        /// Shape of the population.
        expected: Vec<usize>,
    },
    /// An initializer that makes no sense, or none for this shape.
    #[error("{what} of population `{population}` cannot be drawn: {problem}")]
    Initializer {
        /// The population.
        population: String,
        /// What the values were for: "parameter `tau`".
        what: String,
        /// What is wrong.
        problem: String,
    },
    /// A parameter or initial value that is infinite or NaN.
    #[error("{what} of population `{population}` is {value}{}: give a finite number", of_unit(.unit.as_ref()))]
    NotFinite {
        /// The population.
        population: String,
        /// What the value was for.
        what: String,
        /// Index or label of the unit; none when the value is for all.
        unit: Option<String>,
        /// The value.
        value: f64,
    },
    /// A parameter that breaks its own `where`.
    #[error(
        "parameter `{param}` of population `{population}` is {value}{unit_symbol}{}, but the model wants `{condition}`", of_unit(.unit.as_ref())
    )]
    OutOfRange {
        /// The population.
        population: String,
        /// The parameter.
        param: &'static str,
        /// Index or label of the unit; none when the value is for all.
        unit: Option<String>,
        /// The value.
        value: f64,
        /// A space and the parameter's unit, or nothing.
        unit_symbol: String,
        /// The condition.
        condition: &'static str,
    },
    /// A delay of an equation that cannot be had.
    #[error("`{delay}` of population `{population}` is delayed by {value}{unit}: {problem}")]
    Delay {
        /// The population.
        population: String,
        /// The past value, as the modeller wrote it.
        delay: &'static str,
        /// The delay.
        value: f64,
        /// A space and the unit of time, or nothing.
        unit: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A history for something whose past no equation reads.
    #[error(
        "no equation of population `{population}` reads the past of `{quantity}`: write it as `{quantity}(t - d)`, or leave out its history"
    )]
    NoPast {
        /// The population.
        population: String,
        /// The state or output.
        quantity: &'static str,
    },
    /// White noise with a method that has no meaning for it.
    #[error(
        "population `{population}` has the white noise `{noise}`, but {integrator:?} {reason}: use `Integrator::Automatic`, `Integrator::Euler` (Euler–Maruyama), `Integrator::ExponentialEuler` or `Integrator::Milstein`"
    )]
    NoiseNeedsOtherMethod {
        /// The population.
        population: String,
        /// The noise.
        noise: &'static str,
        /// The method.
        integrator: crate::integrate::Integrator,
        /// What the method wants instead.
        reason: &'static str,
    },
    /// A step that the method does not stay stable with.
    #[error(
        "{0}: take a smaller dt or a method that is stable for any, such as `Integrator::ExponentialEuler`, or run it all the same with `check_stability: false`"
    )]
    Unstable(Box<crate::warning::StepSize>),
    /// A tolerance with a method that has no estimate of its error.
    #[error(
        "{integrator:?} cannot adapt its steps to a tolerance: use `Integrator::DormandPrince5`, `Integrator::BogackiShampine3` or `Integrator::Ros34Pw2`, or no tolerance"
    )]
    CannotAdapt {
        /// The method.
        integrator: crate::integrate::Integrator,
    },
    /// A tolerance that nothing can satisfy.
    #[error(
        "the tolerance {relative} × state + {absolute} cannot be used: give two finite numbers, none negative, at least one positive"
    )]
    Tolerance {
        /// Its relative part.
        relative: f64,
        /// Its absolute part.
        absolute: f64,
    },
    /// An adaptive method that makes no progress.
    #[error(
        "at {time}{time_unit} no inner step is short enough to keep the error of state `{state}` of population `{population}` within the tolerance for unit {unit}: the solution may grow without bound or jump there; take a larger tolerance, f64 for f32, or a stiff method such as `Integrator::Ros34Pw2`"
    )]
    StepTooSmall {
        /// The population.
        population: String,
        /// The state.
        state: &'static str,
        /// Index or label of the unit.
        unit: String,
        /// When, in the model's unit of time.
        time: f64,
        /// A space and that unit, or nothing.
        time_unit: String,
    },
    /// A name that no method of integration has.
    #[error("there is no method `{name}`: methods are {known}")]
    UnknownIntegrator {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// A correlation time that is not positive.
    #[error(
        "noise `{noise}` of population `{population}` has the correlation time {value}{unit}: it must be positive"
    )]
    CorrelationTime {
        /// The population.
        population: String,
        /// The noise.
        noise: &'static str,
        /// The correlation time.
        value: f64,
        /// A space and the unit of time, or nothing.
        unit: String,
    },
    /// Noise that cannot be correlated across units as it was said.
    #[error("noise `{noise}` of population `{population}` cannot be mixed: {problem}")]
    Mixing {
        /// The population.
        population: String,
        /// The noise.
        noise: &'static str,
        /// Why not.
        problem: Box<crate::mixing::MixingError>,
    },
    /// Noise made of no steps.
    #[error("`noise_substeps` is 0: noise is made of at least 1 finer step for each step")]
    NoiseSubsteps,
    /// Simulations that cannot run side by side. Members of a sweep then run one by one.
    #[error("simulations cannot run side by side: {problem}")]
    Abreast {
        /// Why not.
        problem: String,
    },
    /// Instructions that cannot be used.
    #[error("simulations cannot use the instructions {asked}: {problem}")]
    Instructions {
        /// What was asked for.
        asked: crate::Instructions,
        /// Why not.
        problem: &'static str,
    },
    /// Threads that cannot be had.
    #[error(
        "a simulation cannot have {threads} threads{problem}: give 1 or more, or `Threads::Automatic`"
    )]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// How many there may be, or what the system says.
        problem: String,
    },
    /// The linearisation of an equation with delays is no matrix.
    #[error(
        "population `{population}` reads past values such as `{delay}`: what such equations do near a state is not given by a matrix"
    )]
    DelayedJacobian {
        /// The population.
        population: String,
        /// A past value, as the modeller wrote it.
        delay: &'static str,
    },
    /// Labels that do not match the number of units.
    #[error(
        "population `{population}` has {units} units but {labels} labels: give one label per unit"
    )]
    Labels {
        /// The population.
        population: String,
        /// How many units there are.
        units: usize,
        /// How many labels.
        labels: usize,
    },
    /// A shape with more units than there is memory for.
    #[error("population `{population}` of shape {shape:?} does not fit into memory")]
    TooLarge {
        /// The population.
        population: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A second population of the same name.
    #[error("there is already a population `{name}` in this network: choose another name")]
    DuplicatePopulation {
        /// The name.
        name: String,
    },
    /// A model with units and one without in one network.
    #[error(
        "model `{with_units}` has units and `{without}` has none: they cannot share a clock; give `{without}` a unit, such as `param tau: ms`"
    )]
    MixedModels {
        /// A model that has units.
        with_units: &'static str,
        /// A model that has none.
        without: &'static str,
    },
    /// A quantity that no monitor records.
    #[error(
        "`{quantity}` of population `{population}` is not recorded: call `record` before running"
    )]
    NotRecorded {
        /// The population.
        population: String,
        /// The state, auxiliary or output.
        quantity: &'static str,
    },
    /// Statistics that nothing was measured for.
    #[error(
        "there are no statistics of `{quantity}` of population `{population}`: call `measure` before running"
    )]
    NotMeasured {
        /// The population.
        population: String,
        /// The state, auxiliary or output.
        quantity: &'static str,
    },
    /// A handle made by another network.
    #[error(
        "the population handle belongs to another network: use the handle that `add` of this network gave"
    )]
    ForeignPopulation,
    /// A unit that the population does not have.
    #[error(
        "population `{population}` has {units} units, there is no unit {unit}: units are counted from 0"
    )]
    NoSuchUnit {
        /// The population.
        population: String,
        /// The unit asked for.
        unit: usize,
        /// How many there are.
        units: usize,
    },
    /// Weights that do not fit the populations they join.
    #[error(
        "weights from `{source_population}` to `{target}` have shape {found:?}, expected [{targets}, {sources}] (row = target, column = source)"
    )]
    Weights {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// Shape of the weights.
        found: [usize; 2],
        /// Units of the receiving population.
        targets: usize,
        /// Units of the sending population.
        sources: usize,
    },
    /// Weights that do not fit into memory.
    #[error(
        "{targets} × {sources} weights from `{source_population}` to `{target}` do not fit into memory"
    )]
    TooManyWeights {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// Units of the receiving population.
        targets: usize,
        /// Units of the sending population.
        sources: usize,
    },
    /// A weight that is infinite or NaN.
    #[error(
        "the weight from unit {column} of `{source_population}` to unit {row} of `{target}` is {value}: give a finite number"
    )]
    WeightNotFinite {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// Receiving unit.
        row: usize,
        /// Sending unit.
        column: usize,
        /// The weight.
        value: f64,
    },
    /// A connection between units that are not there.
    #[error(
        "there is no connection from unit {column} of `{source_population}` to unit {row} of `{target}`: they have {sources} and {targets} units, counted from 0; connections are given as (target, source, weight)"
    )]
    NoSuchConnection {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// Receiving unit.
        row: usize,
        /// Sending unit.
        column: usize,
        /// Units of the receiving population.
        targets: usize,
        /// Units of the sending population.
        sources: usize,
    },
    /// A second projection between the same ends.
    #[error(
        "`{quantity}` of `{source_population}` is projected to input `{input}` of `{target}` twice: if that is meant, name one of them with `Projection::named`"
    )]
    DuplicateProjection {
        /// The sending population.
        source_population: String,
        /// What it sends.
        quantity: &'static str,
        /// The receiving population.
        target: String,
        /// Its input.
        input: &'static str,
    },
    /// Delays that do not fit the populations that they lie between.
    #[error(
        "delays from `{source_population}` to `{target}` have shape {found:?}, expected [{targets}, {sources}] (row = target, column = source)"
    )]
    Delays {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// Shape of the delays.
        found: [usize; 2],
        /// Units of the receiving population.
        targets: usize,
        /// Units of the sending population.
        sources: usize,
    },
    /// A delay of a projection that cannot be had.
    #[error(
        "the projection from `{source_population}` to `{target}` is delayed by {delay}: {problem}"
    )]
    ProjectionDelay {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// The delay.
        delay: Time,
        /// What is wrong with it.
        problem: String,
    },
    /// A conduction speed that is not positive.
    #[error(
        "the conduction speed from `{source_population}` to `{target}` is {speed} m/s: give a positive, finite one"
    )]
    ConductionSpeed {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// The speed.
        speed: f64,
    },
    /// A parameter of a coupling function that is out of range.
    #[error(
        "parameter `{param}` of coupling `{coupling}` is {value}{unit}, but it wants {condition}"
    )]
    CouplingParam {
        /// The coupling function.
        coupling: &'static str,
        /// The parameter.
        param: &'static str,
        /// The value.
        value: f64,
        /// A space and the parameter's unit, or nothing.
        unit: String,
        /// The condition.
        condition: String,
    },
    /// A coupling function whose unit is not that of what it is connected to.
    #[error(
        "coupling `{coupling}` from `{source_population}` to `{target}`: `{symbol}` is {expected}, but it is connected to {found}: declare both alike"
    )]
    CouplingUnit {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// The coupling function.
        coupling: &'static str,
        /// Its source, target or total.
        symbol: &'static str,
        /// The unit of that.
        expected: &'static str,
        /// The unit of what it is connected to.
        found: &'static str,
    },
    /// A coupling function that lacks what it reads of the target, or is given what it does not read.
    #[error(
        "coupling `{coupling}` from `{source_population}` to `{target}` {}",
        match .wanted {
            Some(wanted) => format!("reads `{wanted}` of its target: say which state or output of `{target}` that is with `Projection::against`"),
            None => "reads nothing of its target: leave out `against`".to_owned(),
        }
    )]
    CouplingTarget {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// The coupling function.
        coupling: &'static str,
        /// What it reads.
        wanted: Option<&'static str>,
    },
    /// The linearisation of a network with delays is no matrix.
    #[error(
        "the projection from `{source_population}` to `{target}` has delays: what such a network does near a state is not given by a matrix"
    )]
    DelayedProjectionJacobian {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
    },
    /// The linearisation of a network with coupling functions.
    #[error(
        "the projection from `{source_population}` to `{target}` has the coupling function `{coupling}`, which linearisation does not know yet: use weights alone, with the function in an `output`"
    )]
    CoupledJacobian {
        /// The sending population.
        source_population: String,
        /// The receiving population.
        target: String,
        /// The coupling function.
        coupling: &'static str,
    },
    /// A projection that would need its own result.
    #[error(
        "output `{output}` of `{population}` depends on an input, so a projection of it without delay has no order of evaluation: project a state, or an output made of states and parameters"
    )]
    Feedthrough {
        /// The sending population.
        population: String,
        /// Its output.
        output: &'static str,
    },
    /// A step that is not a positive number.
    #[error("the step {dt} cannot be used: give a positive, finite one")]
    Step {
        /// The step.
        dt: Time,
    },
    /// A time of the wrong kind for a model.
    #[error("model `{model}` got the time {found}, but wants {wants}")]
    TimeBase {
        /// The model.
        model: &'static str,
        /// What it wants.
        wants: String,
        /// What it got.
        found: Time,
    },
    /// A duration and a step of which only one has a unit.
    #[error(
        "{duration} and dt = {dt} cannot be compared: give both with a unit, as in `ms(1.0)`, or both without"
    )]
    MixedTime {
        /// The duration.
        duration: Time,
        /// The step.
        dt: Time,
    },
    /// A duration that is no multiple of the step.
    #[error(
        "{duration} is not a whole number of steps of {dt}: run {} or {}, or give a number of steps",
        .dt.with_value(*.below), .dt.with_value(*.above)
    )]
    NotWholeSteps {
        /// The duration.
        duration: Time,
        /// The step.
        dt: Time,
        /// The longest run that is not longer, in the unit of the step.
        below: f64,
        /// The shortest run that is not shorter, in the unit of the step.
        above: f64,
    },
    /// A duration that is negative, not a number, or beyond counting.
    #[error("the time {duration} cannot be used: give a finite one that is not negative")]
    NegativeDuration {
        /// The duration.
        duration: Time,
    },
    /// More steps than can be counted.
    #[error("{duration} has too many steps of {dt}: take a larger step")]
    TooManySteps {
        /// The duration.
        duration: Time,
        /// The step.
        dt: Time,
    },
    /// A linearisation that does not fit into memory.
    #[error(
        "the Jacobian of {states} states needs {states}² numbers, more than there is memory for"
    )]
    JacobianTooLarge {
        /// How many states there are, over all units.
        states: usize,
    },
    /// A stimulus table that ends before the run does.
    #[error(
        "the table for input `{input}` of `{population}` ends at {ends}, but the run goes on to {needed}: give a longer table or run shorter"
    )]
    TableTooShort {
        /// The population.
        population: String,
        /// The input.
        input: &'static str,
        /// The end of the table.
        ends: Time,
        /// The end of the run.
        needed: Time,
    },
    /// A stimulus window that ends before it begins.
    #[error("the window of a stimulus goes from {from} to {until}: it must end after it begins")]
    EmptyWindow {
        /// Its beginning.
        from: Time,
        /// Its end.
        until: Time,
    },
    /// A stimulus window in which no step begins.
    #[error(
        "no step of {dt} begins between {from} and {until}: give a longer window or a smaller step"
    )]
    WindowWithoutStep {
        /// Its beginning.
        from: Time,
        /// Its end.
        until: Time,
        /// The step.
        dt: Time,
    },
    /// Covariances that do not fit into memory.
    #[error(
        "the covariances of population `{population}` are {units} × {units} numbers, which do not fit into memory: ask for variances only"
    )]
    CovarianceTooLarge {
        /// The population.
        population: String,
        /// How many units there are.
        units: usize,
    },
    /// A suffix of files that recordings cannot be written to.
    #[error("recordings cannot be written to files such as `{}`: they can end in .{supported}", path.display())]
    ChunkSuffix {
        /// The path.
        path: std::path::PathBuf,
        /// The suffixes that work.
        supported: String,
    },
    /// Pieces of recordings without rows.
    #[error("a piece of a recording has 1 row or more, not 0")]
    ChunkRows,
    /// A monitor that would never record.
    #[error("a monitor records every n steps with n at least 1, not {every}")]
    Every {
        /// The interval asked for.
        every: u64,
    },
    /// A simulation that diverged, or was fed with numbers that are not finite.
    #[error(
        "state `{state}` of population `{population}` is {value} for unit {unit} after {time} ({step} steps): take a smaller dt or another integrator, or check parameters and inputs"
    )]
    Diverged {
        /// The population.
        population: String,
        /// The state.
        state: &'static str,
        /// Index or label of the unit.
        unit: String,
        /// Its value.
        value: f64,
        /// When it was noticed.
        time: Time,
        /// The number of steps done.
        step: u64,
    },
    /// A group could not do what it was asked to.
    #[error(transparent)]
    Group(Box<crate::group::GroupError>),
    /// A file of states could not be written or read.
    #[error(transparent)]
    File(Box<crate::states::FileError>),
    /// A checkpoint of another simulation.
    #[cfg(feature = "states")]
    #[error(
        "`{}` is from another simulation: {what} is {found} there and {expected} here; nothing was changed", path.display()
    )]
    OtherSimulation {
        /// The file.
        path: std::path::PathBuf,
        /// What differs.
        what: String,
        /// What it is in the file.
        found: String,
        /// What it is here.
        expected: String,
    },
    /// An axis of a sweep that makes no sense.
    #[error("axis `{axis}` of the sweep: {problem}")]
    SweepAxis {
        /// The names of its coordinates.
        axis: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file with the results of another sweep.
    #[cfg(feature = "states")]
    #[error(
        "`{}` holds results of another sweep: {what} is {found} there; remove it, or take another file", path.display()
    )]
    OtherSweep {
        /// The file.
        path: std::path::PathBuf,
        /// What differs.
        what: String,
        /// What it is in the file.
        found: String,
    },
    /// A connectome or a rule of connection that cannot be used.
    #[error(transparent)]
    Connectivity(#[from] ConnectivityError),
    /// A recording could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<crate::group::GroupError> for Error {
    fn from(error: crate::group::GroupError) -> Self {
        Self::Group(Box::new(error))
    }
}

impl From<crate::states::FileError> for Error {
    fn from(error: crate::states::FileError) -> Self {
        Self::File(Box::new(error))
    }
}

/// A unit behind a number: a space and the unit, or nothing.
pub(crate) fn with_space(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

/// " for unit V1", or nothing.
fn of_unit(unit: Option<&String>) -> String {
    unit.map_or_else(String::new, |unit| format!(" for unit {unit}"))
}

/// The message: what `fn main() -> Result<(), Error>` prints.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    /// From 128 bytes on, clippy would warn of every function of a user's that returns it.
    #[test]
    fn errors_are_small_enough_to_return() {
        assert!(size_of::<super::Error>() < 128, "{} bytes", size_of::<super::Error>());
    }
}
