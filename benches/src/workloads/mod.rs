//! The workloads: what each is, and how it is set up. One file each, or one for two that share a model.

mod brain;
mod brains;
pub(crate) mod compile;
pub(crate) mod curves;
mod dense;
mod members;
mod one;
mod sparse;
mod threshold_linear;
mod wilson_cowan;

use rate_model::lanes::Real;

use crate::arguments::Precision;
use crate::error::Error;
use crate::harness::{Prepared, Request};

/// Which workload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Workload {
    /// W1: threshold-linear pairs, uncoupled.
    Pairs,
    /// W2: with noise.
    NoisyPairs,
    /// W3: with dense matrices.
    Dense,
    /// W4: with few connections.
    Sparse,
    /// W5: a brain with delays.
    Brain,
    /// W6: many of them.
    Brains,
    /// W7: Wilson–Cowan units.
    WilsonCowan,
    /// W7-OU: with noise on each input.
    Driven,
    /// C1: compilation.
    Compile,
    /// S1: cost against size.
    Curves,
}

/// What times are given in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    NanosecondsPerUnitAndStep,
    /// Seconds for so many steps.
    Seconds {
        steps: u64,
    },
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NanosecondsPerUnitAndStep => "ns per unit and step",
            Self::Seconds { .. } => "s",
        }
    }
}

/// Sets a workload up in some precision.
type Prepare = fn(&Request) -> Result<Box<dyn Prepared>, Error>;

/// What is known of a workload.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    /// The size, unless another is asked for.
    pub(crate) n: usize,
    /// The steps of a run of that size, unless others are asked for.
    pub(crate) steps: fn(usize) -> u64,
    pub(crate) is_noisy: bool,
    /// How far sides are compared without noise.
    pub(crate) check_steps: u64,
    pub(crate) check_n: usize,
    prepare: [Prepare; 2],
}

impl Spec {
    pub(crate) fn prepare(&self, request: &Request) -> Result<Box<dyn Prepared>, Error> {
        let [single, double] = self.prepare;
        match request.precision {
            Precision::F32 => single(request),
            Precision::F64 => double(request),
        }
    }
}

/// So many steps that there are `total` steps of a unit, but not fewer than 20.
fn share(total: usize, n: usize) -> u64 {
    (total / n.max(1)).clamp(20, 2_000_000) as u64
}

impl Workload {
    const ALL: [Self; 10] = [
        Self::Pairs,
        Self::NoisyPairs,
        Self::Dense,
        Self::Sparse,
        Self::Brain,
        Self::Brains,
        Self::WilsonCowan,
        Self::Driven,
        Self::Compile,
        Self::Curves,
    ];

    /// The workload of a name, such as `W1`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.spec().name.eq_ignore_ascii_case(name))
    }

    /// What is known of it.
    pub(crate) fn spec(self) -> Spec {
        let base = Spec {
            name: "",
            unit: Unit::NanosecondsPerUnitAndStep,
            n: 100_000,
            steps: |n| share(200_000_000, n),
            is_noisy: false,
            check_steps: u64::MAX,
            check_n: usize::MAX,
            prepare: [nothing, nothing],
        };
        let seconds = |name, n, unit, steps| Spec { name, unit, n, steps, ..base };
        match self {
            Self::Pairs => Spec {
                name: "W1",
                // So many that setting out and looking at the result do not count.
                steps: |n| share(200_000_000, n).max(200),
                prepare: [threshold_linear::pairs::<f32>, threshold_linear::pairs::<f64>],
                ..base
            },
            Self::NoisyPairs => Spec {
                name: "W2",
                steps: |n| share(20_000_000, n),
                is_noisy: true,
                prepare: [threshold_linear::noisy::<f32>, threshold_linear::noisy::<f64>],
                ..base
            },
            Self::Dense => Spec {
                prepare: [dense::prepare::<f32>, dense::prepare::<f64>],
                ..seconds("W3", 2000, Unit::Seconds { steps: 1000 }, |_| 1000)
            },
            Self::Sparse => Spec {
                prepare: [sparse::prepare::<f32>, sparse::prepare::<f64>],
                ..seconds("W4", 100_000, Unit::Seconds { steps: 200 }, |_| 200)
            },
            Self::Brain => Spec {
                is_noisy: true,
                check_steps: 20_000,
                prepare: [brain::prepare::<f32>, brain::prepare::<f64>],
                ..seconds("W5", 80, Unit::Seconds { steps: 600_000 }, |_| 600_000)
            },
            Self::Brains => Spec {
                is_noisy: true,
                check_steps: 2000,
                prepare: [brains::prepare::<f32>, brains::prepare::<f64>],
                ..seconds("W6", 256, Unit::Seconds { steps: 150_000 }, |_| 150_000)
            },
            Self::WilsonCowan => Spec {
                name: "W7",
                prepare: [wilson_cowan::plain::<f32>, wilson_cowan::plain::<f64>],
                ..base
            },
            Self::Driven => Spec {
                name: "W7-OU",
                steps: |n| share(20_000_000, n),
                is_noisy: true,
                prepare: [wilson_cowan::driven::<f32>, wilson_cowan::driven::<f64>],
                ..base
            },
            Self::Compile => Spec { name: "C1", ..base },
            Self::Curves => Spec { name: "S1", ..base },
        }
    }
}

/// C1 and S1 are no single workloads; see `main`.
fn nothing(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    let name = request.workload.spec().name;
    Err(Error::Arguments(format!("{name} is not a single workload")))
}

/// Values of a population as double precision.
fn wide<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}
