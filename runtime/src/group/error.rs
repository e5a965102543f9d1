//! What can go wrong with groups beyond what can with any population.

use super::Device;

/// What can go wrong with a [`Group`](super::Group), beyond what can with any population.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// A name that is no identifier.
    #[error(
        "`{name}` cannot be a name: begin with a letter or `_`, go on with letters, digits and `_`"
    )]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A name that another group has.
    #[error("the name `{name}` is taken: choose another, or leave it out to get one")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A batch without members.
    #[error("a batch of 0 members cannot run: give at least 1, or `Mode::NonBatching`")]
    NoMembers,
    /// A mode that does not exist.
    #[error("there is no mode `{text}`: take `nonbatching`, `batching(8)` or `training(8)`")]
    UnknownMode {
        /// What was asked for.
        text: String,
    },
    /// A name of no device.
    #[error("there is no device `{name}`: devices are `cpu`, `cuda` and `tpu`")]
    UnknownDevice {
        /// The name.
        name: String,
    },
    /// A device that this build has no code for.
    #[error(
        "this build has no code for `{device}`: it is made for `cpu` alone, and the group stays there"
    )]
    NoDevice {
        /// The device.
        device: Device,
    },
    /// A way to name nodes that does not exist.
    #[error("nodes are named by the method `absolute` or `relative`, not `{text}`")]
    UnknownNaming {
        /// What was asked for.
        text: String,
    },
    /// A key that something else in the group has.
    #[error("`{group}` has something called `{key}` already: choose another name")]
    DuplicateKey {
        /// The group.
        group: String,
        /// The name.
        key: String,
    },
    /// A delay that nothing was registered for.
    #[error("nothing is registered as delay `{identifier}`: registered are {known:?}")]
    UnknownDelay {
        /// What was asked for.
        identifier: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A delay of something else.
    #[error("`{identifier}` is the delay of something else already: choose another identifier")]
    DelayTaken {
        /// The identifier.
        identifier: String,
    },
    /// A value from longer ago than is remembered.
    #[error(
        "delay `{identifier}` remembers {longest} steps, and {steps} were asked for: register it again with as many"
    )]
    DelayTooLong {
        /// The identifier.
        identifier: String,
        /// How long ago.
        steps: usize,
        /// How many are remembered.
        longest: usize,
    },
    /// More steps than there is memory for.
    #[error("{steps} steps of delay `{identifier}` do not fit into memory")]
    DelayTooLarge {
        /// The identifier.
        identifier: String,
        /// How many steps.
        steps: usize,
    },
    /// Delays for another number of units.
    #[error(
        "delay `{identifier}` is of {units} units, and got {found} delays: give one, or one for each"
    )]
    DelayShape {
        /// The identifier.
        identifier: String,
        /// How many units there are.
        units: usize,
        /// How many delays.
        found: usize,
    },
    /// Numbers of another shape than a variable's.
    #[error("`{key}` has shape {expected:?}, and was given shape {found:?}")]
    VariableShape {
        /// The variable.
        key: String,
        /// Its shape.
        expected: Vec<usize>,
        /// The shape of the numbers.
        found: Vec<usize>,
    },
    /// Numbers of another type than a variable's.
    #[error("`{key}` is of type {expected}, and was given {found}")]
    VariableType {
        /// The variable.
        key: String,
        /// Its type.
        expected: &'static str,
        /// The type of the numbers.
        found: &'static str,
    },
    /// A number that is infinite or NaN.
    #[error("`{key}` was given {value} at place {place}: give finite numbers")]
    VariableNotFinite {
        /// The variable.
        key: String,
        /// The number.
        value: f64,
        /// Its place, counted from 0 in row-major order.
        place: usize,
    },
    /// Keys that do not match the variables of a group.
    #[error(
        "the states do not match: missing are {missing:?}, unexpected are {unexpected:?}; nothing was loaded (`Strictness::Lenient` loads what matches)"
    )]
    Keys {
        /// Variables for which there is nothing.
        missing: Vec<String>,
        /// What is for no variable.
        unexpected: Vec<String>,
    },
    /// States of a model with other equations.
    #[error(
        "the states of `{node}` are of the model `{found}` (hash of its equations {found_hash}), and it is of `{expected}` ({expected_hash:016x}): nothing was loaded (`Loading::any_equations` tries nevertheless)"
    )]
    OtherEquations {
        /// The group.
        node: String,
        /// Its model.
        expected: &'static str,
        /// The hash of its equations.
        expected_hash: u64,
        /// The model of the states.
        found: String,
        /// The hash of its equations.
        found_hash: String,
    },
    /// Another number of leaves than a tree has.
    #[error("the tree has {expected} leaves, and was given {found}")]
    Leaves {
        /// How many it has.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// A second number for a noise that has only one a step.
    #[error(
        "noise `{noise}` has no second number with {integrator:?}: white noises have one with `Integrator::Sra1` and `Integrator::Sriw1`"
    )]
    NoSecondNumber {
        /// The noise.
        noise: &'static str,
        /// The method.
        integrator: crate::integrate::Integrator,
    },
    /// A gradient that cannot be computed.
    #[error("there is no gradient of this run: {problem}")]
    NoGradient {
        /// Why not.
        problem: String,
    },
}
