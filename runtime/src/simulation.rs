//! Running a network.

mod abreast;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::chunks::Chunks;
use crate::crew::{Crew, Threads};
use crate::error::Error;
use crate::integrate::{
    Arithmetic, Bounds, Choice, Delivery, Integrator, Interpolation, RunSteps, Tolerance,
};
use crate::lanes::Real;
use crate::model::{Equation, ModelInfo, Observable, Param, Place, RateModel, State, Symbol};
use crate::moments::{Measure, Moments, Statistics};
use crate::monitor::{Monitor, Recorder, next_multiple};
use crate::network::population::Built;
use crate::network::{How, Linearisation, Moment, Network, Numbers, PopulationId, Stages};
use crate::progress::Progress;
use crate::recording::{Recording, Trace};
use crate::report::{Evaluation, InnerSteps, Report, StepEnds};
use crate::settle::{control, settle};
use crate::time::{Clock, Span, Time};
use crate::values::Values;
use crate::warning::Warning;

/// How to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The method of integration; forward Euler by default.
    pub integrator: Integrator,
    /// How accurate inner steps shall be, of methods that adapt them; by default they do not. dt is no
    /// longer what accuracy depends on then, but how often inputs change and monitors look.
    ///
    /// With [`Integrator::DormandPrince5`] and [`Integrator::BogackiShampine3`] inner steps may be longer
    /// than dt, where nothing but constants, windows and projections without delay drives the network:
    /// values at each dt are read from the continuous extensions of these methods, of order 4 and 3,
    /// so that a finer dt costs no accuracy and no evaluations. Steps are not made across the edges of
    /// windows, nor beyond dt where a state is clipped. In other networks, and with other methods, each
    /// step of the simulation is divided as the tolerance wants; [`Simulation::report`] says why. Of
    /// past values, the tolerance does not see what is lost between the steps at which they are stored.
    ///
    /// Source: L. F. Shampine, Some practical Runge–Kutta formulas, Math. Comp. 46:135, 1986; E. Hairer, S.
    /// P. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd edition, Springer 1993,
    /// section II.6.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// let mut network = Network::new();
    /// let leak = network.add(Population::<Leak>::new("leak", 1))?;
    /// let options = Options {
    ///     integrator: Integrator::DormandPrince5,
    ///     tolerance: Some(Tolerance { relative: 1e-8, absolute: 1e-10 }),
    ///     ..Options::default()
    /// };
    /// let mut simulation = Simulation::with_options(network, ms(20.0), options)?;
    /// let outcome = simulation.run(ms(60.0))?;
    /// assert!((simulation.values(leak, Leak::x)?[0] - (-3.0_f64).exp()).abs() < 1e-8);
    /// assert!(outcome.steps == 3 && outcome.accepted > 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub tolerance: Option<Tolerance>,
    /// What happens to states that leave their intervals; they are clipped by default.
    pub bounds: Bounds,
    /// When inputs and past values are computed by methods with stages; at each stage by default.
    pub delivery: Delivery,
    /// How past values between steps are computed; on lines by default. Projections of
    /// [`Delivery::Frozen`] have none, for they are rounded to steps.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// rate_model! { model Echo { param d = 1.570796326794897; state x = 1; dx/dt = -x(t - d); } }
    /// let error = |interpolation| {
    ///     let mut network = Network::new();
    ///     let echo = Population::<Echo>::new("echo", 1).history_fn(Echo::x, |t, _| t.cos());
    ///     let echo = network.add(echo)?;
    ///     let integrator = Integrator::RungeKutta4;
    ///     let options = Options { integrator, interpolation, ..Options::default() };
    ///     let mut simulation = Simulation::with_options(network, 0.01, options)?;
    ///     simulation.run(5.0)?;
    ///     Ok::<f64, Error>((simulation.values(echo, Echo::x)?[0] - 5.0_f64.cos()).abs())
    /// };
    /// assert!(error(Interpolation::CubicHermite)? < 1e-3 * error(Interpolation::Linear)?);
    /// # Ok::<(), Error>(())
    /// ```
    pub interpolation: Interpolation,
    /// How operations are rounded; fast by default.
    pub arithmetic: Arithmetic,
    /// Chooses the random numbers of noises; 0 by default. They depend on this, on the place of the
    /// population in the network, the noise, the unit and the step, and on nothing else.
    pub seed: u64,
    /// How many threads advance the network; by default as many as pay. Results do not depend on it.
    pub threads: Threads,
    /// How many finer steps the noise of a step is made of; 1 by default. A run with dt and k sees the
    /// Brownian path of a run with dt/k and 1: the normal number of a step is the sum of k finer ones
    /// over √k, and Ornstein–Uhlenbeck noise goes k times by dt/k. What converges to what as dt goes to
    /// 0 can thus be seen on one path.
    pub noise_substeps: u32,
    /// Whether to draw a progress bar, if standard error is a terminal; by default yes.
    pub progress: bool,
    /// Whether a state that is infinite or NaN ends the run with [`Error::Diverged`]; by default
    /// yes. Looked at every 1000 steps and at the end of each run.
    pub check_finite: bool,
    /// Whether a step that the method cannot be stable with is refused, with [`Error::Unstable`]; by
    /// default yes. Looked at when the simulation is built, for equations whose time constant depends
    /// on parameters only; what is less certain is in [`Simulation::warnings`].
    pub check_stability: bool,
}

impl Options {
    /// What [`Options::default`] gives, where a constant is needed.
    pub const DEFAULT: Self = Self {
        integrator: Integrator::Euler,
        tolerance: None,
        bounds: Bounds::Clip,
        delivery: Delivery::PerStage,
        interpolation: Interpolation::Linear,
        arithmetic: Arithmetic::Fast,
        seed: 0,
        threads: Threads::Automatic,
        noise_substeps: 1,
        progress: true,
        check_finite: true,
        check_stability: true,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Steps done in this run.
    pub steps: u64,
    /// Inner steps of this run that were accurate enough, where steps adapt to a tolerance; else 0.
    pub accepted: u64,
    /// Inner steps of this run that were not, and were repeated shorter.
    pub rejected: u64,
    /// How often the slopes of all populations were evaluated in this run, where steps adapt; else 0.
    pub evaluations: u64,
    /// Whether it was asked to stop, by a [`StopHandle`].
    pub stopped: bool,
}

/// Stops a running simulation from another thread or a signal handler.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<AtomicBool>);

impl StopHandle {
    /// Ends the run after the step that is under way; it can be continued.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A network with a step, a method, monitors and a clock.
///
/// Each step computes the inputs of all populations from the present states and stimuli, records
/// what is due, and advances all states; inputs are held over the step. Recorded rows show states
/// at the beginning of a step and auxiliaries as that step uses them; the last row is at the end of
/// the run.
///
/// ```
/// use rate_model::prelude::*;
/// rate_model! {
///     model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; }
/// }
/// let mut network = Network::new();
/// let leak = network.add(Population::<Leak>::new("leak", 1))?;
/// let mut simulation = Simulation::new(network, ms(0.1))?;
/// simulation.record(leak, Leak::x)?;
/// simulation.run(ms(20.0))?;
/// let trace = &simulation.recording().traces[0];
/// assert_eq!(trace.values.dim(), (201, 1));
/// assert!((trace.values[[200, 0]] - (-1.0_f64).exp()).abs() < 1e-3);
/// # Ok::<(), Error>(())
/// ```
pub struct Simulation<T = f64> {
    network: Network<T>,
    dt: Time,
    options: Options,
    crew: Crew,
    choice: Choice,
    warnings: Vec<Warning>,
    /// For each population: dt and time in its model's unit.
    clocks: Vec<Clock>,
    /// For each population: its inner loop, for methods with one stage.
    runs: Vec<RunSteps<T>>,
    /// What methods with more stages need.
    stages: Option<Stages<T>>,
    /// Why inner steps end with each step, if they adapt and do.
    why_on_grid: Option<&'static str>,
    recorders: Vec<Recorder<T>>,
    measures: Vec<Measure>,
    chunks: Option<Chunks>,
    step: u64,
    stop: Arc<AtomicBool>,
    /// How many steps are made at once, where nothing outside has to see them.
    pace: u64,
}

/// How many steps take about as long as one may wait, when some took so long.
fn paced(steps: u64, took: Duration) -> u64 {
    let times = SOON.as_secs_f64() / took.as_secs_f64().max(1e-9);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let paced = (steps as f64 * times.min(16.0)) as u64;
    // No more are made at once, and only what is made is timed.
    paced.clamp(AT_LEAST, CHECK_EVERY)
}

/// A clock in a model's unit of time.
fn clock<T: Real>(dt: Time, info: &ModelInfo) -> Result<Clock, Error> {
    let clock = Clock::new(dt.for_model(info)?);
    // In the precision that it is computed in: 1e-50 is 0 in single precision.
    let rounded = T::from_f64(clock.dt());
    let is_step = rounded.is_finite() && rounded > T::default();
    if is_step { Ok(clock) } else { Err(Error::Step { dt }) }
}

impl<T: Real> std::fmt::Debug for Simulation<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { network, dt, options, step, .. } = self;
        let mut simulation = f.debug_struct("Simulation");
        simulation.field("network", network).field("dt", dt);
        simulation.field("options", options).field("step", step).finish_non_exhaustive()
    }
}

/// How long whoever stops a run may have to wait for it, as far as that is a matter of how many steps are made at
/// once. Fewer at once go through memory more often.
const SOON: Duration = Duration::from_millis(500);

/// How many steps times units are made at once before it is known how long they take.
const AT_FIRST: u64 = 100_000_000;

/// How many steps are made at once, however long they take.
const AT_LEAST: u64 = 8;

/// Steps between two looks for numbers that are not finite.
const CHECK_EVERY: u64 = 1000;

impl<T: Real> Simulation<T> {
    /// Runs a network with the given step, forward Euler and fast arithmetic.
    ///
    /// # Errors
    /// A step that is not positive, or of the wrong kind for a model; stimuli whose times do not
    /// go with it; [`Error::Delay`] and [`Error::CorrelationTime`] of models with past values and
    /// noise; [`Error::Mixing`] of correlation times that differ between units that share noise;
    /// [`Error::Unstable`].
    pub fn new(network: Network<T>, dt: impl Into<Time>) -> Result<Self, Error> {
        Self::with_options(network, dt, Options::default())
    }

    /// Runs a network as the options say.
    ///
    /// # Errors
    /// As for [`Simulation::new`]; [`Error::NoiseNeedsOtherMethod`]; [`Error::CannotAdapt`] and
    /// [`Error::Tolerance`].
    pub fn with_options(
        network: Network<T>,
        dt: impl Into<Time>,
        options: Options,
    ) -> Result<Self, Error> {
        T::simulation(network, dt.into(), options)
    }

    /// What [`Simulation::with_options`] does.
    pub(crate) fn assemble(
        mut network: Network<T>,
        dt: Time,
        options: Options,
    ) -> Result<Self, Error> {
        if !(dt.value() > 0.0 && dt.value().is_finite()) {
            return Err(Error::Step { dt });
        }
        let populations = network.populations.iter();
        let clocks = populations.map(|population| clock::<T>(dt, population.info));
        let clocks = clocks.collect::<Result<Vec<_>, Error>>()?;
        if options.noise_substeps == 0 {
            return Err(Error::NoiseSubsteps);
        }
        let crew = Crew::new(options.threads)?;
        network.set_hands(crew.hands());
        network.set_step(dt, &clocks, &options)?;
        network.deliver(0, &clocks, options.arithmetic);
        let (choice, mut warnings) = settle(&mut network, &clocks, options)?;
        let how = How::of(dt, choice.integrator, &options);
        warnings.extend(network.short_delays(&clocks, how));
        let control = control(choice.integrator, options)?;
        let kernels = network.populations.iter().map(|population| &population.kernels);
        let runs = kernels.map(|kernels| (kernels.advance)(choice.integrator, options.arithmetic));
        let runs = runs.collect();
        let mut why_on_grid = None;
        let mut stages = match choice.integrator.scheme(options.bounds) {
            None => None,
            Some(scheme) => {
                network.check_scheme(choice.integrator, scheme)?;
                let how = (options.delivery, options.bounds);
                let numbers = Numbers { seed: options.seed, substeps: options.noise_substeps };
                Some(Stages::new(scheme, how, control, numbers, &network.populations))
            }
        };
        if let Some(stages) = stages.as_mut().filter(|stages| stages.control.is_some()) {
            let why = network.why_on_grid(stages.tableau(), &options);
            stages.go_beyond(why.is_none());
            why_on_grid = why;
        }
        let (recorders, measures, stop) = (Vec::new(), Vec::new(), Arc::default());
        let pace = AT_FIRST / network.units().max(1) as u64;
        let pace = pace.clamp(AT_LEAST, CHECK_EVERY);
        let mut simulation = Self {
            network,
            dt,
            options,
            crew,
            choice,
            warnings,
            clocks,
            runs,
            stages,
            why_on_grid,
            recorders,
            measures,
            chunks: None,
            step: 0,
            stop,
            pace,
        };
        simulation.refresh();
        Ok(simulation)
    }

    /// Records all units of a state, auxiliary or output at every step.
    ///
    /// # Errors
    /// [`Error::ForeignPopulation`].
    pub fn record<M: RateModel>(
        &mut self,
        population: PopulationId<M>,
        quantity: impl Observable<M>,
    ) -> Result<(), Error> {
        self.monitor(Monitor::new(population, quantity))
    }

    /// Adds a monitor; it records from the next step on.
    ///
    /// # Errors
    /// Units that the population does not have; an interval of 0 steps.
    pub fn monitor<M: RateModel>(&mut self, monitor: Monitor<M>) -> Result<(), Error> {
        let index = self.network.index(monitor.population)?;
        self.recorders.push(monitor.build(index, &self.network.populations[index])?);
        Ok(())
    }

    /// Takes statistics from the next step on.
    ///
    /// # Errors
    /// [`Error::ForeignPopulation`]; an interval of 0 steps; a time of the wrong kind; covariances
    /// that do not fit into memory.
    pub fn measure<M: RateModel>(&mut self, moments: Moments<M>) -> Result<(), Error> {
        let index = self.network.index(moments.population())?;
        let measure = moments.build(index, &self.network.populations[index], self.dt)?;
        self.measures.push(measure);
        Ok(())
    }

    /// The statistics so far of one quantity, of all steps that were completed, by the first
    /// [`Moments`] of it.
    ///
    /// # Errors
    /// [`Error::NotMeasured`] when there are none.
    pub fn moments<M: RateModel>(
        &self,
        population: PopulationId<M>,
        quantity: impl Observable<M>,
    ) -> Result<Statistics, Error> {
        let (index, place) = (self.network.index(population)?, quantity.place());
        let is_it = |one: &&Measure| one.population == index && one.place == place;
        let found = self.measures.iter().find(is_it).map(|one| one.statistics(self.step));
        found.ok_or_else(|| Error::NotMeasured {
            population: self.network.populations[index].name.clone(),
            quantity: place.symbol(M::INFO).name,
        })
    }

    /// From now on writes recordings to disk piece by piece, so that they do not fill the memory.
    ///
    /// # Errors
    /// [`Error::ChunkSuffix`] for a suffix that recordings cannot be written to; [`Error::ChunkRows`].
    pub fn write_chunks(&mut self, chunks: Chunks) -> Result<(), Error> {
        chunks.check()?;
        self.chunks = Some(chunks);
        Ok(())
    }

    /// Writes what was recorded since the last chunk, however little it is. To be called at the end.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn finish_chunks(&mut self) -> Result<(), Error> {
        if let Some(mut chunks) = self.chunks.take() {
            let recording = self.recording();
            if recording.traces.iter().any(|trace| !trace.time.is_empty()) {
                chunks.write(&recording)?;
                self.recorders.iter_mut().for_each(Recorder::clear_rows);
            }
            self.chunks = Some(chunks);
        }
        Ok(())
    }

    /// Runs for a duration or a number of steps, from where the last run ended.
    ///
    /// # Errors
    /// A duration that is not a whole number of steps; a stimulus table that ends before; a state
    /// that is no longer finite. What was recorded until then can still be read.
    pub fn run(&mut self, span: impl Into<Span>) -> Result<Outcome, Error> {
        T::run(self, span.into())
    }

    /// What [`Simulation::run`] does.
    pub(crate) fn run_for(&mut self, span: Span) -> Result<Outcome, Error> {
        let count = match span {
            Span::Steps(count) => count,
            Span::Duration(duration) => duration.steps(self.dt)?,
        };
        let (first, inner) = (self.step, self.inner_steps());
        // Whoever asks for `u64::MAX` steps means to stop it.
        let last = first.saturating_add(count);
        let end = self.dt.with_value(Clock::new(self.dt.value()).at(last));
        self.network.check_tables(last, end)?;
        let progress = Progress::new(count, self.options.progress);
        let crew = self.crew.clone();
        let cost = self.network.cost() * (last - first) as f64;
        let result = crew.lead(cost, || self.advance_by(last - first, &progress));
        progress.finish();
        let stopped = result?;
        let after = self.inner_steps();
        let [accepted, rejected, evaluations] = std::array::from_fn(|one| after[one] - inner[one]);
        Ok(Outcome { steps: self.step - first, accepted, rejected, evaluations, stopped })
    }

    /// Inner steps that were accepted and rejected so far, and how often slopes were evaluated.
    fn inner_steps(&self) -> [u64; 3] {
        let control = self.stages.as_ref().and_then(|stages| stages.control.as_ref());
        control.map_or([0; 3], |one| [one.accepted, one.rejected, one.evaluations])
    }

    /// Forgets inner steps that were made beyond the present.
    fn forget_ahead(&mut self) {
        self.stages.iter_mut().for_each(Stages::forget_ahead);
    }

    /// Does the given number of steps; whether it was asked to stop.
    fn advance_by(&mut self, count: u64, progress: &Progress) -> Result<bool, Error> {
        // Read before it is written: writing at every step would cost small networks dearly.
        let is_stopped =
            |stop: &AtomicBool| stop.load(Ordering::Relaxed) && stop.swap(false, Ordering::Relaxed);
        let mut stopped = is_stopped(&self.stop);
        let mut done = 0;
        while done < count && !stopped {
            let arithmetic = self.options.arithmetic;
            let mut at_once = if done > 0 { self.at_once(self.pace.min(count - done)) } else { 1 };
            // What units are given is not looked at otherwise.
            if at_once == 1 || self.is_due() {
                self.network.deliver(self.step, &self.clocks, arithmetic);
                self.write_due()?;
                self.record_due();
            }
            if done == 0 {
                at_once = self.at_once(self.pace.min(count));
            }
            let network = &mut self.network;
            match &mut self.stages {
                None if at_once > 1 => {
                    let begin = (at_once == self.pace).then(Instant::now);
                    let steps = (self.step, at_once);
                    network.advance_fused(steps, &self.clocks, &self.runs, arithmetic);
                    self.pace = begin.map_or(self.pace, |begin| paced(at_once, begin.elapsed()));
                }
                None => network.advance(self.step, &self.clocks, &self.runs, arithmetic),
                Some(stages) => {
                    network.advance_by_stages(self.step, &self.clocks, stages, arithmetic)?;
                }
            }
            self.step += at_once;
            done += at_once;
            progress.tick(done);
            stopped = is_stopped(&self.stop);
            if self.step.is_multiple_of(CHECK_EVERY) {
                self.check_finite()?;
            }
        }
        self.refresh();
        self.record_due();
        self.check_finite()?;
        Ok(stopped)
    }

    /// How many steps can be made at once.
    fn at_once(&self, most: u64) -> u64 {
        match self.stages {
            Some(_) => 1,
            None => self.undisturbed(most.min(self.network.steps_ahead(self.step))),
        }
    }

    /// Whether something is recorded or measured at the present step.
    fn is_due(&self) -> bool {
        self.recorders.iter().any(|one| one.is_due(self.step))
            || self.measures.iter().any(|one| one.is_due(self.step))
    }

    /// How many steps can be made before anything outside of the units has to see them.
    fn undisturbed(&self, most: u64) -> u64 {
        let recorders = self.recorders.iter().map(|one| one.next_due(self.step));
        let measures = self.measures.iter().map(|one| one.next_due(self.step));
        let next = recorders.chain(measures).min().unwrap_or(u64::MAX);
        let next = next.min(next_multiple(self.step, CHECK_EVERY));
        (next - self.step).min(most)
    }

    /// Computes inputs, auxiliaries and outputs from the present states, for whoever looks at them.
    pub(crate) fn refresh(&mut self) {
        let Self { network, clocks, step, options, .. } = self;
        network.deliver(*step, clocks, options.arithmetic);
        for (index, clock) in clocks.iter().enumerate() {
            let now = Moment { step: *step, part: 0.0 };
            network.observe(index, now, *clock, options.arithmetic);
        }
    }

    /// Records what is due, from the present states and the inputs delivered for them.
    fn record_due(&mut self) {
        let Self { network, clocks, recorders, measures, step, options, .. } = self;
        let mut observed = Vec::new();
        let mut observe = |network: &mut Network<T>, index: usize, place: Place| {
            if place.is_auxiliary() && !observed.contains(&index) {
                let now = Moment { step: *step, part: 0.0 };
                network.observe(index, now, clocks[index], options.arithmetic);
                observed.push(index);
            }
        };
        for measure in measures.iter_mut().filter(|measure| measure.is_due(*step)) {
            let index = measure.population;
            observe(network, index, measure.place);
            measure.add(*step, network.populations[index].values(measure.place));
        }
        for recorder in recorders.iter_mut().filter(|recorder| recorder.is_due(*step)) {
            let (index, clock) = (recorder.population, clocks[recorder.population]);
            observe(network, index, recorder.place);
            let values = &network.populations[index].values(recorder.place)[recorder.offset..];
            recorder.record(*step, clock.at(*step), values);
        }
    }

    /// Writes a chunk when as many rows as it holds were recorded.
    fn write_due(&mut self) -> Result<(), Error> {
        let rows = self.recorders.iter().map(Recorder::rows).max().unwrap_or(0);
        if self.chunks.as_ref().is_some_and(|chunks| chunks.is_full(rows)) {
            self.finish_chunks()?;
        }
        Ok(())
    }

    /// One step, of which nothing is recorded. `feed` may change what the population is given before
    /// it is used.
    pub(crate) fn advance_once(&mut self, feed: impl FnOnce(&mut Network<T>)) -> Result<(), Error> {
        let Self { network, clocks, runs, stages, step, options, .. } = self;
        // Whoever feeds may change what is given at each step.
        if let Some(stages) = stages {
            stages.go_beyond(false);
        }
        network.deliver(*step, clocks, options.arithmetic);
        feed(network);
        match stages {
            None => network.advance(*step, clocks, runs, options.arithmetic),
            Some(stages) => network.advance_by_stages(*step, clocks, stages, options.arithmetic)?,
        }
        *step += 1;
        Ok(())
    }

    /// What methods with stages keep, if it is one.
    pub(crate) fn stages_mut(&mut self) -> Option<&mut Stages<T>> {
        self.stages.as_mut()
    }

    /// The number of steps done is another one, and nothing else is.
    pub(crate) fn set_step_count(&mut self, step: u64) {
        self.step = step;
    }

    pub(crate) fn network_mut(&mut self) -> &mut Network<T> {
        &mut self.network
    }

    pub(crate) fn check_finite(&self) -> Result<(), Error> {
        if !self.options.check_finite {
            return Ok(());
        }
        for population in &self.network.populations {
            if let Some((state, unit, value)) = population.first_not_finite() {
                return Err(Error::Diverged {
                    population: population.name.clone(),
                    state,
                    unit: population.label(unit),
                    value: value.to_f64(),
                    time: self.time(),
                    step: self.step,
                });
            }
        }
        Ok(())
    }

    /// Everything recorded so far.
    pub fn recording(&self) -> Recording<T> {
        let populations = &self.network.populations;
        let trace = |recorder: &Recorder<T>| recorder.trace(&populations[recorder.population]);
        Recording { traces: self.recorders.iter().map(trace).collect() }
    }

    pub(crate) fn network(&self) -> &Network<T> {
        &self.network
    }

    /// Goes on from populations as they were at a step.
    pub(crate) fn go_on_from(
        &mut self,
        step: u64,
        populations: Vec<Built<T>>,
        inner: Option<&[f64]>,
    ) {
        self.network.replace(populations);
        self.recorders.iter_mut().for_each(Recorder::clear);
        self.measures.iter_mut().for_each(Measure::clear);
        self.stop.store(false, Ordering::Relaxed);
        if let Some(stages) = &mut self.stages {
            let units = self.network.populations.iter().map(|population| population.units.len);
            stages.restore(inner.unwrap_or_default(), &units.collect::<Vec<_>>());
        }
        self.step = step;
        self.refresh();
    }

    /// What inner steps go on with, where steps adapt.
    pub(crate) fn keep_inner(&self) -> Option<Vec<f64>> {
        let units = self.network.populations.iter().map(|population| population.units.len);
        let units: Vec<usize> = units.collect();
        self.stages.as_ref().and_then(|stages| stages.keep(&units))
    }

    /// The number of steps done.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The method that it runs with: that of the options, or the one that
    /// [`Integrator::Automatic`] came to.
    pub fn integrator(&self) -> Integrator {
        self.choice.integrator
    }

    /// Which method it runs with, and why: what the compiler found about each equation.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # rate_model! { model Leak { param tau = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// let mut network = Network::new();
    /// network.add(Population::<Leak>::new("leak", 1))?;
    /// let options = Options { integrator: Integrator::Automatic, ..Options::default() };
    /// let simulation = Simulation::with_options(network, 50.0, options)?;
    /// assert_eq!(simulation.integrator(), Integrator::ExponentialEuler);
    /// assert!(simulation.explain_method().contains("the step is exact"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn explain_method(&self) -> String {
        let Choice { integrator, reason } = &self.choice;
        let mut lines = vec![format!("{integrator}: {reason}")];
        for population in &self.network.populations {
            let info = population.info;
            let equations = info.states.iter().zip(info.equations);
            let name = &population.name;
            let line = |(symbol, equation): (&Symbol, &Equation)| {
                format!("  {name}.{}: {equation}", symbol.name)
            };
            lines.extend(equations.map(line));
        }
        lines.join("\n")
    }

    /// What the run does, readable before it runs: the method and why, when inputs and coupling are
    /// computed, how operations are rounded and with which instructions; of each population the model,
    /// its equations and what they read of the past; of each projection its ends, connections and delays,
    /// what rounding they suffer and how many steps are remembered; all warnings.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// use rate_model::report::Reading;
    /// # rate_model! {
    /// #     model Rate { param tau: ms = 10 where tau > 0; input I: Hz; state r: Hz = 1; tau dr/dt = -r + I; }
    /// # }
    /// let mut network = Network::new();
    /// let e = network.add(Population::<Rate>::new("e", 2))?;
    /// let tracts = Projection::new(e, Rate::r, e, Rate::I, [[0.0, 0.5], [0.5, 0.0]]);
    /// network.connect(tracts.delays(Delays::matrix(ms(1.0), &ndarray::arr2(&[[0.0, 4.2], [8.57, 0.0]]))))?;
    /// let options = Options { delivery: Delivery::Frozen, ..Options::default() };
    /// let report = Simulation::with_options(network, ms(0.1), options)?.report();
    /// let delays = report.projections[0].delays.unwrap();
    /// assert_eq!([delays.shortest, delays.longest], [ms(4.2), ms(8.57)]);
    /// assert!(matches!(delays.reading, Reading::Rounded { vanished: 0, .. }));
    /// assert_eq!(delays.reading.to_string(), "rounded to whole steps by at most 0.03 ms");
    /// println!("{report}");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn report(&self) -> Report {
        let Self { dt, options, choice, clocks, .. } = self;
        let how = How::of(*dt, choice.integrator, options);
        Report {
            dt: *dt,
            integrator: choice.integrator,
            reason: choice.reason,
            tolerance: options.tolerance,
            inner: self.inner_report(),
            evaluation: Evaluation::of(choice.integrator, options.delivery),
            bounds: options.bounds,
            precision: if size_of::<T>() == size_of::<f32>() { "f32" } else { "f64" },
            arithmetic: options.arithmetic,
            instructions: crate::task::instructions(options.arithmetic),
            seed: options.seed,
            populations: self.network.describe_populations(clocks, how),
            projections: self.network.describe_projections(how),
            warnings: self.warnings.clone(),
        }
    }

    fn inner_report(&self) -> Option<InnerSteps> {
        self.options.tolerance?;
        let [accepted, rejected, evaluations] = self.inner_steps();
        let ends = self.why_on_grid.map_or(StepEnds::Beyond, StepEnds::OnGrid);
        Some(InnerSteps { ends, accepted, rejected, evaluations })
    }

    /// What is allowed and probably not meant, found when the simulation was built: steps beyond or
    /// near the limit of stability, delays that a step does not resolve.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How it runs: which method, when inputs are computed, how operations are rounded.
    pub fn options(&self) -> Options {
        self.options
    }

    /// The length of a step.
    pub fn dt(&self) -> Time {
        self.dt
    }

    /// The present time.
    pub fn time(&self) -> Time {
        self.dt.with_value(Clock::new(self.dt.value()).at(self.step))
    }

    /// A handle that stops a run from elsewhere.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(Arc::clone(&self.stop))
    }

    /// Back to t = 0 and the initial values; recordings are forgotten.
    pub fn reset(&mut self) {
        self.network.populations.iter_mut().for_each(Built::reset);
        self.recorders.iter_mut().for_each(Recorder::clear);
        self.measures.iter_mut().for_each(Measure::clear);
        if let Some(stages) = &mut self.stages {
            stages.reset();
        }
        self.stop.store(false, Ordering::Relaxed);
        self.step = 0;
        self.refresh();
    }

    /// The present values of a state, auxiliary or output, flat in row-major order.
    ///
    /// # Errors
    /// [`Error::ForeignPopulation`].
    pub fn values<M: RateModel>(
        &self,
        population: PopulationId<M>,
        quantity: impl Observable<M>,
    ) -> Result<&[T], Error> {
        self.network.values(population, quantity)
    }

    /// Changes a parameter, effective from the next step.
    ///
    /// # Errors
    /// Values of the wrong shape, not finite or out of the model's range; a delay that is negative,
    /// or longer than what is remembered ([`Simulation::reset`] begins with a longer memory); a
    /// correlation time that is not positive, or not one for all units that share the noise. Nothing is changed then.
    pub fn set<M: RateModel>(
        &mut self,
        population: PopulationId<M>,
        param: Param<M>,
        values: impl Into<Values>,
    ) -> Result<(), Error> {
        self.set_all(population, &[(param.index(), values.into())])
    }

    /// The same for several parameters, which are checked when all have changed.
    pub(crate) fn set_all<M>(
        &mut self,
        population: PopulationId<M>,
        params: &[(usize, Values)],
    ) -> Result<(), Error> {
        self.network.set_params(population, params)?;
        self.forget_ahead();
        self.refresh();
        Ok(())
    }

    /// Changes a state, effective from the next step.
    ///
    /// # Errors
    /// Values of the wrong shape or not finite; nothing is changed then.
    pub fn set_state<M: RateModel>(
        &mut self,
        population: PopulationId<M>,
        state: State<M>,
        values: impl Into<Values>,
    ) -> Result<(), Error> {
        self.network.set_state(population, state, &values.into())?;
        self.forget_ahead();
        self.refresh();
        Ok(())
    }

    /// What was recorded so far of one quantity, by the first monitor of it.
    ///
    /// # Errors
    /// [`Error::NotRecorded`] when there is none.
    pub fn trace<M: RateModel>(
        &self,
        population: PopulationId<M>,
        quantity: impl Observable<M>,
    ) -> Result<Trace<T>, Error> {
        let (index, place) = (self.network.index(population)?, quantity.place());
        let built = &self.network.populations[index];
        let is_it = |one: &&Recorder<T>| one.population == index && one.place == place;
        match self.recorders.iter().find(is_it) {
            Some(recorder) => Ok(recorder.trace(built)),
            None => Err(Error::NotRecorded {
                population: built.name.clone(),
                quantity: place.symbol(M::INFO).name,
            }),
        }
    }

    /// Linearises the network about its present states, inputs and values of noise; white noise
    /// counts as 0.
    ///
    /// # Errors
    /// [`Error::JacobianTooLarge`]; [`Error::DelayedJacobian`] if an equation reads past values.
    pub fn linearise(&self) -> Result<Linearisation, Error> {
        self.network.linearise(self.step, &self.clocks)
    }
}
