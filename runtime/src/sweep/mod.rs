//! Sweeps: the same simulation at many points of its parameters.

mod axes;
mod results;
#[cfg(feature = "states")]
mod store;
mod together;

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "states")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub use axes::{Axis, linspace};
pub use results::{Failure, SweepResults};

use crate::error::Error;
use crate::lanes::Real;
use crate::progress::Progress;
use crate::simulation::Simulation;
use crate::time::Span;
use together::Members;

/// Many runs of what a function builds and measures, at points of a parameter space: axes crossed with
/// each other. Members run on several threads, each as if it ran alone: results do not depend on how
/// many threads there are, nor on other members.
///
/// ```
/// use rate_model::prelude::*;
/// rate_model! {
///     model Noisy {
///         param tau: ms = 10 where tau > 0;
///         param σ: Hz = 1;
///         input I: Hz;
///         noise ξ: white;
///         state r: Hz = 0;
///         tau dr/dt = -r + relu(I) + σ*sqrt(tau)*ξ;
///     }
/// }
///
/// let results = Sweep::new(["mean", "variance"])
///     .axis("I", linspace(0.0, 20.0, 3))
///     .seeds(0..4)
///     .run(|point| {
///         let mut network = Network::new();
///         let cell = network.add(Population::<Noisy>::new("cell", 1))?;
///         network.stimulate(cell, Noisy::I, point.get("I"))?;
///         let options = Options { seed: point.seed(), ..Options::default() };
///         let mut simulation = Simulation::with_options(network, ms(0.5), options)?;
///         simulation.measure(Moments::new(cell, Noisy::r).after(ms(50.0)))?;
///         simulation.run(ms(250.0))?;
///         let moments = simulation.moments(cell, Noisy::r)?;
///         Ok(vec![moments.mean[0], moments.variance[0]])
///     })?;
/// assert_eq!(results.values.shape(), [3, 4, 2]); // I, seed, output
/// assert!(results.failures.is_empty());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `run`"]
pub struct Sweep {
    outputs: Vec<String>,
    axes: Vec<Axis>,
    threads: Option<usize>,
    is_quiet: bool,
    #[cfg_attr(not(feature = "states"), allow(dead_code, reason = "needs files of states"))]
    store: Option<PathBuf>,
}

/// One point of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// Which member of the sweep it is, counted with the last axis fastest.
    pub index: usize,
    /// Names and values of its coordinates, axis by axis.
    pub coordinates: Vec<(String, f64)>,
}

/// The name of the axis that [`Sweep::seeds`] makes.
const SEED: &str = "seed";

impl SweepPoint {
    /// The value of a coordinate; NaN, which every simulation refuses, for a name that the sweep does
    /// not have.
    pub fn get(&self, name: &str) -> f64 {
        let found = self.coordinates.iter().find(|(known, _)| known == name);
        found.map_or(f64::NAN, |(_, value)| *value)
    }

    /// The seed of this member: its coordinate on the axis of [`Sweep::seeds`], or else 0, so that all
    /// members see the same noise.
    pub fn seed(&self) -> u64 {
        let seed = self.coordinates.iter().find(|(known, _)| known == SEED);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was one")]
        seed.map_or(0, |(_, seed)| *seed as u64)
    }
}

impl Sweep {
    /// A sweep of one point, whose runs give the named numbers.
    pub fn new<S: Into<String>>(outputs: impl IntoIterator<Item = S>) -> Self {
        Self {
            outputs: outputs.into_iter().map(Into::into).collect(),
            axes: Vec::new(),
            threads: None,
            is_quiet: false,
            store: None,
        }
    }

    /// Crosses what there is with the values of a parameter: a grid.
    pub fn axis(self, name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let points = values.into_iter().map(|value| vec![value]).collect();
        self.cross(Axis::list(&[name], points))
    }

    /// Crosses what there is with a list of points that several parameters have together.
    pub fn points(self, names: &[&str], points: impl IntoIterator<Item = Vec<f64>>) -> Self {
        self.cross(Axis::list(names, points.into_iter().collect()))
    }

    /// Crosses what there is with points drawn at random from a box, each range a name with its lower
    /// and upper end.
    pub fn random(self, ranges: &[(&str, f64, f64)], count: usize, seed: u64) -> Self {
        self.cross(Axis::random(ranges, count, seed))
    }

    /// Crosses what there is with a Latin hypercube: random points of which each parameter has one in
    /// each of `count` equal parts of its range.
    pub fn latin_hypercube(self, ranges: &[(&str, f64, f64)], count: usize, seed: u64) -> Self {
        self.cross(Axis::latin_hypercube(ranges, count, seed))
    }

    /// Crosses what there is with seeds, which [`SweepPoint::seed`] gives back; below 2^53.
    pub fn seeds(self, seeds: impl IntoIterator<Item = u64>) -> Self {
        self.axis(SEED, seeds.into_iter().map(|seed| seed as f64).collect::<Vec<_>>())
    }

    fn cross(mut self, axis: Axis) -> Self {
        self.axes.push(axis);
        self
    }

    /// How many threads to use; by default as many as the machine runs at once.
    pub fn threads(self, count: usize) -> Self {
        Self { threads: Some(count), ..self }
    }

    /// Draws no progress bar.
    pub fn quiet(self) -> Self {
        Self { is_quiet: true, ..self }
    }

    /// Keeps results in a file (`.npz`, `.safetensors`, `.mat` or `.h5`: see
    /// [`states`](crate::states)) while the sweep runs. If the file is there and of the same sweep,
    /// members that it has results of are not run again; members that failed are. What the function
    /// does cannot be compared: that it is the same is up to you.
    #[cfg(feature = "states")]
    pub fn resume(self, path: impl AsRef<Path>) -> Self {
        Self { store: Some(path.as_ref().to_owned()), ..self }
    }

    /// Runs all members. A member that fails or panics gives NaN and is listed among the failures with
    /// its point; the others go on.
    ///
    /// # Errors
    /// [`Error::SweepAxis`] for an axis without points, with a point that lacks values or is not
    /// finite, with a name that is given twice, or named `seed` with what is no whole number below 2^53;
    /// errors of the file, with [`Sweep::resume`], which is written before members run.
    pub fn run<F>(&self, member: F) -> Result<SweepResults, Error>
    where
        F: Fn(&SweepPoint) -> Result<Vec<f64>, Error> + Sync,
    {
        let attempt = |points: &[SweepPoint]| {
            points.iter().map(|point| self.attempt(|| member(point))).collect()
        };
        self.run_in_groups(|_| 1, &attempt)
    }

    /// Runs what `build` makes of each point for some time, and has `read` take the numbers from it: the
    /// same as [`Sweep::run`] with a function that does all three, bit for bit, and faster where members
    /// that are like each other run side by side. Those of fewer than 64 units do: they share vectors and
    /// the cost of a step, while larger ones fill vectors by themselves. So do those with matrices of more
    /// than a megabyte, or with lists of more than 4096 connections, if most of these are the same and have
    /// no delay of two steps or more: each weight that is read serves several members, which hold one copy.
    ///
    /// What may differ between members is parameters, initial values, seeds, what is sent to inputs,
    /// weights, the delays of single connections, and what is recorded; members that differ in more, or
    /// that have steps that adapt, noise mixed across units or drawn by state, or recordings in pieces on
    /// disk, run one after the other. Nobody stops members side by side: their stop handles are not looked at.
    ///
    /// `build` gives the simulation with its monitors, and what `read` needs to know of it.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # rate_model! {
    /// #     model Noisy {
    /// #         param tau: ms = 10 where tau > 0;
    /// #         param σ: Hz = 1;
    /// #         input I: Hz;
    /// #         noise ξ: white;
    /// #         state r: Hz = 0;
    /// #         tau dr/dt = -r + relu(I) + σ*sqrt(tau)*ξ;
    /// #     }
    /// # }
    /// let sweep = Sweep::new(["mean"]).axis("I", linspace(0.0, 20.0, 64)).seeds(0..4);
    /// let build = |point: &SweepPoint| {
    ///     let mut network = Network::new();
    ///     let cell = network.add(Population::<Noisy>::new("cell", 1))?;
    ///     network.stimulate(cell, Noisy::I, point.get("I"))?;
    ///     let options = Options { seed: point.seed(), ..Options::default() };
    ///     let mut simulation = Simulation::with_options(network, ms(0.5), options)?;
    ///     simulation.measure(Moments::new(cell, Noisy::r).after(ms(50.0)))?;
    ///     Ok((simulation, cell))
    /// };
    /// let results = sweep.simulate(build, ms(250.0), |simulation, cell| {
    ///     Ok(vec![simulation.moments(*cell, Noisy::r)?.mean[0]])
    /// })?;
    /// assert_eq!(results.values.shape(), [64, 4, 1]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Sweep::run`].
    pub fn simulate<T, K, B, R>(
        &self,
        build: B,
        span: impl Into<Span>,
        read: R,
    ) -> Result<SweepResults, Error>
    where
        T: Real,
        B: Fn(&SweepPoint) -> Result<(Simulation<T>, K), Error> + Sync,
        R: Fn(&Simulation<T>, &K) -> Result<Vec<f64>, Error> + Sync,
    {
        let members = Members { build, span: span.into(), read, kind: PhantomData };
        self.run_in_groups(|first| members.group_size(first), &|points| members.run(self, points))
    }

    /// Runs all members, in groups of a size that is found by a look at the first.
    fn run_in_groups(
        &self,
        size: impl FnOnce(&SweepPoint) -> usize,
        attempt: &(dyn Fn(&[SweepPoint]) -> Vec<Attempt> + Sync),
    ) -> Result<SweepResults, Error> {
        self.check()?;
        let mut results = SweepResults::empty(&self.axes, &self.outputs);
        #[cfg(feature = "states")]
        if let Some(path) = &self.store {
            if path.exists() {
                store::load(path, &mut results)?;
            }
            // A file that cannot be written must not be found out about when members have run.
            store::save(path, &results)?;
        }
        let pending: Vec<usize> =
            (0..results.count()).filter(|index| !results.is_done[*index]).collect();
        let threads = self.threads.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        });
        // Small enough for every thread to have some.
        let most = pending.len().div_ceil(threads.max(1)).max(1);
        let size = pending.first().map_or(1, |first| size(&self.point(*first))).min(most);
        let groups: Vec<&[usize]> = pending.chunks(size).collect();
        let next = AtomicUsize::new(0);
        let is_stopped = AtomicBool::new(false);
        let progress = Progress::of(pending.len() as u64, !self.is_quiet, "members");
        let results = Mutex::new(Shared { results, saved: Instant::now(), done: 0, error: None });
        let work = || {
            while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                let points: Vec<_> = group.iter().map(|index| self.point(*index)).collect();
                let attempts = attempt(&points);
                let mut shared = lock(&results);
                for (point, result) in points.into_iter().zip(attempts) {
                    shared.results.put(point, result);
                    shared.done += 1;
                }
                progress.set(shared.done);
                if let Err(error) = self.save_now_and_then(&mut shared) {
                    shared.error.get_or_insert(error);
                    is_stopped.store(true, Ordering::Relaxed);
                }
                drop(shared);
                if is_stopped.load(Ordering::Relaxed) {
                    return;
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(groups.len()) {
                // With as many as the system gives.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        progress.finish();
        let Shared { results, error, .. } =
            results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(error) = error {
            return Err(error);
        }
        #[cfg(feature = "states")]
        if let Some(path) = &self.store {
            store::save(path, &results)?;
        }
        Ok(results)
    }

    fn check(&self) -> Result<(), Error> {
        let mut names: Vec<&String> = Vec::new();
        for axis in &self.axes {
            axis.check()?;
            for name in &axis.names {
                if names.contains(&name) {
                    let problem = "that name is given twice".to_owned();
                    return Err(Error::SweepAxis { axis: name.clone(), problem });
                }
                names.push(name);
            }
        }
        let lengths = self.axes.iter().map(|axis| axis.points.len());
        let count = lengths.into_iter().try_fold(self.outputs.len() + 1, usize::checked_mul);
        if !count.is_some_and(|count| crate::units::fits_into_memory::<f64>(count, 1)) {
            let axis = names.into_iter().cloned().collect::<Vec<_>>().join(" × ");
            let problem = "results of so many points do not fit into memory".to_owned();
            return Err(Error::SweepAxis { axis, problem });
        }
        Ok(())
    }

    /// The point of a member: the last axis is the fastest.
    fn point(&self, index: usize) -> SweepPoint {
        let mut rest = index;
        let mut coordinates = Vec::new();
        for axis in self.axes.iter().rev() {
            let point = &axis.points[rest % axis.points.len()];
            rest /= axis.points.len();
            let of_axis = axis.names.iter().cloned().zip(point.iter().copied());
            coordinates.splice(0..0, of_axis);
        }
        SweepPoint { index, coordinates }
    }

    /// The results of a member, or what went wrong.
    fn attempt(&self, member: impl FnOnce() -> Result<Vec<f64>, Error>) -> Attempt {
        match caught(member) {
            Ok(values) if values.len() == self.outputs.len() => Ok(values),
            Ok(values) => Err(format!(
                "it gave {} numbers for the outputs {}",
                values.len(),
                self.outputs.join(", ")
            )),
            Err(problem) => Err(problem),
        }
    }

    #[cfg(feature = "states")]
    fn save_now_and_then(&self, shared: &mut Shared) -> Result<(), Error> {
        if let Some(path) = &self.store
            && shared.saved.elapsed() > SAVE_EVERY
        {
            shared.saved = Instant::now();
            store::save(path, &shared.results)?;
        }
        Ok(())
    }

    #[cfg(not(feature = "states"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature")]
    fn save_now_and_then(&self, _: &mut Shared) -> Result<(), Error> {
        Ok(())
    }
}

/// The numbers of a member, or what went wrong.
type Attempt = Result<Vec<f64>, String>;

/// What a part of a member comes to, or what went wrong.
fn caught<A>(part: impl FnOnce() -> Result<A, Error>) -> Result<A, String> {
    let _part = crate::part::Part::new();
    // What a member that panics leaves behind is dropped with it.
    match catch_unwind(AssertUnwindSafe(part)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("it panicked: {}", text.unwrap_or("without a message")))
        }
    }
}

/// How much work an interruption may cost.
const SAVE_EVERY: Duration = Duration::from_secs(10);

/// What all threads write to.
struct Shared {
    results: SweepResults,
    #[cfg_attr(not(feature = "states"), allow(dead_code, reason = "needs files of states"))]
    saved: Instant,
    done: u64,
    error: Option<Error>,
}

/// Members that panic do so outside of the lock.
fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
