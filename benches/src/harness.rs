//! Timing: ours alone, or in alternation with a peer.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use rate_model::Instructions;
use serde::Deserialize;

use crate::arguments::{Arguments, Clock, Precision};
use crate::error::Error;
use crate::peer::{Kind, Peer};
use crate::report::{Report, isa, spread};
use crate::workloads::{Spec, Unit, Workload};

/// What a workload is run with.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) workload: Workload,
    pub(crate) n: usize,
    pub(crate) precision: Precision,
    pub(crate) threads: usize,
    pub(crate) steps: u64,
    pub(crate) noise: bool,
    /// In steps, of all connections.
    pub(crate) delay: Option<u64>,
    /// How many networks there are, side by side.
    pub(crate) members: usize,
    pub(crate) interpolate: bool,
    pub(crate) clock: Clock,
    /// Asked for, here and of C.
    pub(crate) isa: Option<Instructions>,
}

/// A workload, ready to run.
pub(crate) trait Prepared {
    /// All steps, from the same state each time.
    fn run(&mut self) -> Result<Outcome, Error>;
}

/// How long a run took, and what came out of it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) seconds: f64,
    #[serde(flatten)]
    pub(crate) moments: Moments,
}

/// What is compared: moments of numbers that are independent of each other (if there is noise).
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Moments {
    pub(crate) samples: f64,
    pub(crate) mean: f64,
    /// Mean square and mean fourth power of deviations.
    pub(crate) variance: f64,
    pub(crate) fourth: f64,
}

impl Moments {
    pub(crate) fn of(values: &[f64]) -> Self {
        let samples = values.len() as f64;
        let average =
            |part: &dyn Fn(f64) -> f64| values.iter().map(|x| part(*x)).sum::<f64>() / samples;
        let mean = average(&|x| x);
        let variance = average(&|x| (x - mean).powi(2));
        Self { samples, mean, variance, fourth: average(&|x| (x - mean).powi(4)) }
    }

    /// Squared standard errors of mean and variance.
    fn errors(&self) -> [f64; 2] {
        let of_variance = (self.fourth - self.variance.powi(2)).max(0.0);
        [self.variance / self.samples, of_variance / self.samples]
    }

    /// By how much the results of two sides may differ: five standard errors where both draw random
    /// numbers, else what rounding explains.
    fn tolerances(&self, other: &Self, is_random: bool, precision: Precision) -> [f64; 2] {
        let rounding = match precision {
            Precision::F32 => 1e-4,
            Precision::F64 => 1e-8,
        };
        let [mean, variance] = [self.mean.abs() * rounding, self.variance * rounding];
        if !is_random {
            // What values of the size of the mean are rounded by is seen in their variance, above all
            // where it is small.
            let of_values = 2.0 * self.variance.sqrt() * mean + mean.powi(2);
            return [mean, variance + of_values];
        }
        let [ours, theirs] = [self.errors(), other.errors()];
        [5.0 * (ours[0] + theirs[0]).sqrt() + mean, 5.0 * (ours[1] + theirs[1]).sqrt() + variance]
    }
}

/// Times a workload as asked, and prints the result.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    for report in measure(arguments)? {
        report.print(arguments.json);
    }
    Ok(())
}

/// Times a workload; the second report is that of the peer.
pub(crate) fn measure(arguments: &Arguments) -> Result<Vec<Report>, Error> {
    let spec = arguments.workload.spec();
    let n = arguments.n.unwrap_or(spec.n);
    let is_network = matches!(arguments.workload, Workload::Dense | Workload::Sparse);
    if arguments.members > 1 && !(is_network && arguments.threads == 1) {
        return Err(Error::Arguments("--members is for W3 and W4 on one thread".to_owned()));
    }
    let request = Request {
        workload: arguments.workload,
        n,
        precision: arguments.precision,
        threads: arguments.threads,
        steps: arguments.steps.unwrap_or_else(|| (spec.steps)(n)),
        noise: arguments.noise,
        delay: arguments.delay,
        members: arguments.members,
        interpolate: arguments.interpolate,
        clock: arguments.clock(),
        isa: arguments.isa,
    };
    let Some(kind) = arguments.peer else {
        let mut ours = spec.prepare(&request)?;
        let (outcomes, _) = alternate(arguments.runs, ours.as_mut(), None)?;
        return Ok(vec![report(&spec, &request, &outcomes)]);
    };
    if spec.is_noisy && request.noise {
        check_without_noise(&spec, &request, kind)?;
    }
    let mut ours = spec.prepare(&request)?;
    let mut peer = Peer::start(kind, &request)?;
    let (outcomes, theirs) = alternate(arguments.runs, ours.as_mut(), Some(&mut peer))?;
    let is_random = spec.is_noisy && request.noise;
    if let Some(last) = outcomes.last().zip(theirs.last())
        && kind.simulates()
        && !(is_random && kind.has_other_noise())
    {
        compare(&spec, &request, kind, last, is_random)?;
    }
    let ours = report(&spec, &request, &outcomes);
    let mut theirs = report(&spec, &request, &theirs);
    theirs.isa = if request.isa.is_some() { isa() } else { kind.isa() };
    theirs.peer = Some(kind.name().to_owned());
    theirs.ratio = Some(theirs.median / ours.median);
    Ok(vec![ours, theirs])
}

/// Without noise, both sides must come to the same.
fn check_without_noise(spec: &Spec, request: &Request, kind: Kind) -> Result<(), Error> {
    let steps = request.steps.min(spec.check_steps);
    let n = request.n.min(spec.check_n);
    let request = Request { noise: false, n, steps, ..request.clone() };
    let ours = spec.prepare(&request)?.run()?;
    let theirs = Peer::start(kind, &request)?.run()?;
    compare(spec, &request, kind, (&ours, &theirs), false)
}

/// Threads of either side spin for some milliseconds after they had work (OpenMP's longest), on cores that the
/// other side needs.
const REST: Duration = Duration::from_millis(50);

/// Runs each side in turn, after one run to warm up.
fn alternate(
    runs: usize,
    ours: &mut dyn Prepared,
    mut peer: Option<&mut Peer>,
) -> Result<(Vec<Outcome>, Vec<Outcome>), Error> {
    let (mut outcomes, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let outcome = ours.run()?;
        std::thread::sleep(REST);
        let other = peer.as_deref_mut().map(Peer::run).transpose()?;
        std::thread::sleep(REST);
        if run > 0 {
            outcomes.push(outcome);
            theirs.extend(other);
        }
    }
    Ok((outcomes, theirs))
}

fn compare(
    spec: &Spec,
    request: &Request,
    kind: Kind,
    (ours, theirs): (&Outcome, &Outcome),
    is_random: bool,
) -> Result<(), Error> {
    let (ours, theirs) = (ours.moments, theirs.moments);
    let tolerances = ours.tolerances(&theirs, is_random, kind.precision(request.precision));
    let quantities =
        [("the mean", ours.mean, theirs.mean), ("the variance", ours.variance, theirs.variance)];
    for ((what, ours, theirs), tolerance) in quantities.into_iter().zip(tolerances) {
        // NaN is no agreement either.
        if (ours - theirs).abs() <= tolerance {
            continue;
        }
        let (workload, peer) = (spec.name, kind.name().to_owned());
        return Err(Error::Differs { workload, peer, what, ours, theirs, tolerance });
    }
    Ok(())
}

fn report(spec: &Spec, request: &Request, outcomes: &[Outcome]) -> Report {
    let in_unit = |outcome: &Outcome| match spec.unit {
        Unit::NanosecondsPerUnitAndStep => {
            outcome.seconds * 1e9 / (request.n as f64 * request.steps as f64)
        }
        Unit::Seconds { steps } => outcome.seconds * steps as f64 / request.steps as f64,
    };
    let [min, median] = spread(outcomes.iter().map(in_unit).collect());
    Report {
        workload: spec.name.to_owned(),
        n: request.n,
        dtype: request.precision.name(),
        threads: request.threads,
        unit: spec.unit.name(),
        min,
        median,
        runs: outcomes.len(),
        isa: isa(),
        checksum: outcomes.last().map_or(f64::NAN, |outcome| outcome.moments.mean),
        peer: None,
        ratio: None,
    }
}

/// Runs something and says how many seconds it took.
pub(crate) fn seconds<T>(clock: Clock, work: impl FnOnce() -> T) -> (f64, T) {
    match clock {
        Clock::Wall => {
            let start = Instant::now();
            let result = work();
            (start.elapsed().as_secs_f64(), result)
        }
        Clock::Cpu => {
            let start = ProcessTime::now();
            let result = work();
            (start.elapsed().as_secs_f64(), result)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_few_numbers() {
        let moments = Moments::of(&[1.0, 2.0, 3.0, 6.0]);
        assert_eq!((moments.samples, moments.mean, moments.variance), (4.0, 3.0, 3.5));
        assert_eq!(moments.fourth, (16.0 + 1.0 + 81.0) / 4.0);
    }

    #[test]
    fn noise_may_differ_by_its_standard_error_and_nothing_else() {
        let ours = Moments { samples: 100.0, mean: 1.0, variance: 4.0, fourth: 48.0 };
        let [mean, variance] = ours.tolerances(&ours, true, Precision::F64);
        assert!((mean - 5.0 * (0.08_f64).sqrt()).abs() < 1e-6);
        assert!((variance - 5.0 * (0.64_f64).sqrt()).abs() < 1e-6);
        let [mean, _] = ours.tolerances(&ours, false, Precision::F64);
        assert_eq!(mean, 1e-8);
    }
}
