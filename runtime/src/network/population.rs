//! Populations: units of one model.

use std::marker::PhantomData;
use std::sync::Arc;

use super::past::{Earlier, Function, Past};
use super::work::has_additive_noise;
use crate::crew::Hands;
use crate::error::{Error, with_space};
use crate::init::Draw;
use crate::integrate::{Feed, Kernels, RunSteps, Scheme, Steps};
use crate::lanes::Real;
use crate::mixing::{Mixed, Mixing, MixingError};
use crate::model::{
    Array, Law, Limit, ModelInfo, Noise, Param, Place, RateModel, Source as Sent, State, White,
};
use crate::noise::{self, Draws, Source, Stream};
use crate::shape::Shape;
use crate::time::Clock;
use crate::units::{BLOCK, Column, Units, few, fits_into_memory};
use crate::values::{Resolved, Values};

/// A population to be: how many units of a model, with which parameters and initial values.
///
/// Everything is checked when it is added to a [`Network`](crate::Network).
///
/// ```
/// # use rate_model::prelude::*;
/// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 0; tau dx/dt = -x; } }
/// let population = Population::<Leak>::new("cortex", [2, 3])
///     .set(Leak::tau, [10.0, 15.0, 20.0, 25.0, 30.0, 35.0])
///     .init(Leak::x, 1.0);
/// let cortex = Network::new().add(population)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "add it to a network"]
pub struct Population<M> {
    name: String,
    shape: Shape,
    labels: Option<Vec<String>>,
    params: Vec<(usize, Values)>,
    initial: Vec<(usize, Values)>,
    histories: Vec<(Place, Told)>,
    mixings: Vec<(usize, Mixing)>,
    /// How often the shape holds the units that a mixing is for.
    members: usize,
    model: PhantomData<fn() -> M>,
}

/// What was before t = 0, as users tell it.
enum Told {
    Values(Values),
    Function(Function),
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Values(values) => values.fmt(f),
            Self::Function(_) => f.write_str("a function of time"),
        }
    }
}

impl<M: RateModel> Population<M> {
    /// Units of a model in the given shape, with its default parameters.
    pub fn new(name: impl Into<String>, shape: impl Into<Shape>) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            labels: None,
            params: Vec::new(),
            initial: Vec::new(),
            histories: Vec::new(),
            mixings: Vec::new(),
            members: 1,
            model: PhantomData,
        }
    }

    /// Sets a parameter, in its declared unit: one number, or one per unit.
    pub fn set(mut self, param: Param<M>, values: impl Into<Values>) -> Self {
        self.params.push((param.index(), values.into()));
        self
    }

    /// Sets the initial values of a state, in its declared unit: one number, or one per unit. The
    /// state's bounds apply from the first step on, not to these.
    pub fn init(mut self, state: State<M>, values: impl Into<Values>) -> Self {
        self.initial.push((state.index(), values.into()));
        self
    }

    /// Sets what a state or output, whose past an equation reads, was before t = 0: one number, or one
    /// per unit, in its declared unit. Otherwise a state was what it is at t = 0, and an output what
    /// it would be there if its own past had been 0.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// rate_model! { model Echo { param d = 1; state x = 1; dx/dt = -x(t - d); } }
    /// let silent_before = Population::<Echo>::new("silent", 1).history(Echo::x, 0.0);
    /// let moving_before = Population::<Echo>::new("moving", 1).history_fn(Echo::x, |t, _| t.cos());
    /// # Network::new().add(silent_before)?;
    /// # Network::new().add(moving_before)?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn history(mut self, of: impl Sent<M>, values: impl Into<Values>) -> Self {
        self.histories.push((of.place(), Told::Values(values.into())));
        self
    }

    /// Sets what a state or output was before t = 0 as a function of the time, in the model's unit of
    /// time and below 0, and of the unit. It is looked at once a step, and linear between; with
    /// [`Interpolation::CubicHermite`](crate::Interpolation::CubicHermite) also within half a step of each.
    pub fn history_fn(
        mut self,
        of: impl Sent<M>,
        value: impl Fn(f64, usize) -> f64 + Send + Sync + 'static,
    ) -> Self {
        self.histories.push((of.place(), Told::Function(Arc::new(value))));
        self
    }

    /// Correlates a noise across units: a matrix M of shape \[units, sources\] makes the numbers of the
    /// units M·z of independent normal numbers z, of variance 1 and one for each source; or
    /// [`Mixing::covariance`]. Units are counted in row-major order. Without it, each unit has its own.
    ///
    /// Ornstein–Uhlenbeck noise then has the covariance M·Mᵀ, at t = 0, too; white noise that intensity;
    /// noise per step that covariance at each step. A source sees the same path whatever dt is, as do
    /// units ([`Options::noise_substeps`](crate::Options::noise_substeps)).
    ///
    /// Where white noise is multiplied with what moves, all variances on the diagonal of M·Mᵀ must be 1,
    /// and where noise is of Ornstein and Uhlenbeck, all units must have one correlation time. What
    /// [`Integrator::ExponentialEuler`](crate::Integrator::ExponentialEuler) adds over a step is exact for
    /// each unit, and between units that have equal rates (else good to the square of dt).
    /// [`Integrator::ExponentialRosenbrock`](crate::Integrator::ExponentialRosenbrock), which draws by
    /// state, takes no mixed noise that it would draw so.
    ///
    /// ```
    /// # use rate_model::{ndarray::Array2, prelude::*};
    /// # rate_model! { model Leak { noise ξ: white; state x = 0; dx/dt = -x + ξ; } }
    /// // What is common to all 20 units is half of the variance.
    /// let half = 0.5_f64.sqrt();
    /// let matrix = Array2::from_shape_fn((20, 21), |(unit, source)| {
    ///     if source == 0 || source == unit + 1 { half } else { 0.0 }
    /// });
    /// Network::new().add(Population::<Leak>::new("areas", 20).mix(Leak::ξ, matrix))?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn mix(mut self, noise: Noise<M>, mixing: impl Into<Mixing>) -> Self {
        self.mixings.push((noise.index(), mixing.into()));
        self
    }

    /// Mixings are for each of so many members, into which the units are divided.
    pub(crate) fn members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }

    /// Names the units: for headers of files and legends of plots.
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.labels = Some(labels.into_iter().map(Into::into).collect());
        self
    }

    /// Checks everything and lays out the numbers.
    pub(super) fn build<T: Real>(self) -> Result<Built<T>, Error> {
        let dims = self.shape.dims().to_vec();
        let len = self.shape.len().ok_or_else(|| Error::TooLarge {
            population: self.name.clone(),
            shape: dims.clone(),
        })?;
        let info = M::INFO;
        let columns = [info.params, info.states, info.states, info.auxiliaries];
        let columns = columns.iter().map(|symbols| symbols.len()).sum::<usize>()
            + <M::Inputs<T> as Array<T>>::LEN
            + <M::Derived<T> as Array<T>>::LEN;
        if !fits_into_memory::<T>(len, columns) {
            return Err(Error::TooLarge { population: self.name, shape: dims });
        }
        if let Some(labels) = self.labels.as_ref().filter(|labels| labels.len() != len) {
            return Err(Error::Labels { population: self.name, units: len, labels: labels.len() });
        }
        let per_unit = |_| Column::per_unit(len, |_| T::default());
        let mut built = Built {
            name: self.name,
            dims,
            labels: self.labels,
            info,
            kernels: Kernels::of::<M>(),
            params: info.params.iter().map(|param| Resolved::Shared(param.default)).collect(),
            initial: (0..info.states.len()).map(|_| None).collect(),
            clock: None,
            mixed: vec![None; info.noises.len()],
            noises: Vec::new(),
            trail: Vec::new(),
            past: Past::new(info.delays),
            seeds: Vec::new(),
            units: Units {
                len,
                hands: Hands::ONE,
                params: Vec::new(),
                derived: Vec::new(),
                inputs: (0..<M::Inputs<T> as Array<T>>::LEN).map(per_unit).collect(),
                states: Vec::new(),
                auxiliaries: (0..info.auxiliaries.len()).map(per_unit).collect(),
                ahead: Vec::new(),
                slopes: Vec::new(),
            },
        };
        for (index, values) in &self.params {
            built.params[*index] = built.resolve("parameter", info.params[*index].name, values)?;
        }
        for (index, values) in &self.initial {
            let values = built.resolve("initial value", info.states[*index].name, values)?;
            built.initial[*index] = Some(values);
        }
        for (place, told) in self.histories {
            let symbol = place.symbol(info).name;
            let earlier = match told {
                Told::Function(function) => Earlier::Function(function),
                Told::Values(values) => {
                    let values = built.resolve("history", symbol, &values)?;
                    let values = (0..len).map(|unit| T::from_f64(values.get(unit)));
                    Earlier::Constant(values.collect())
                }
            };
            built.past.set_earlier(place, earlier);
        }
        for (noise, mixing) in &self.mixings {
            built.set_mixing(*noise, mixing, self.members)?;
        }
        built.check_params(&built.params)?;
        built.check_finite_params(&built.params)?;
        built.lay_out_params();
        built.reset();
        built.check_finite_initial()?;
        Ok(built)
    }
}

/// A population of a network, its model known only by what it can do.
#[derive(Clone)]
pub(crate) struct Built<T> {
    pub(crate) name: String,
    pub(crate) dims: Vec<usize>,
    labels: Option<Vec<String>>,
    pub(crate) info: &'static ModelInfo,
    pub(crate) kernels: Kernels<T>,
    params: Vec<Resolved>,
    initial: Vec<Option<Resolved>>,
    pub(crate) units: Units<T>,
    /// The step and time in the model's unit, once they are known.
    clock: Option<Clock>,
    /// For each noise how units share it, if they do.
    mixed: Vec<Option<Arc<Mixed<T>>>>,
    noises: Vec<Source<T>>,
    pub(super) past: Past<T>,
    /// Room for states at successive steps, on their way to the past.
    trail: Vec<Column<T>>,
    /// The seeds of populations that stand here side by side; empty for one alone.
    seeds: Vec<u64>,
}

impl<T: Real> Built<T> {
    /// Prepares for steps of a given length.
    pub(super) fn set_step(
        &mut self,
        clock: Clock,
        seed: u64,
        substeps: u32,
        population: usize,
    ) -> Result<(), Error> {
        self.clock = Some(clock);
        if let Some(place) = self.past.told_in_vain() {
            let quantity = place.symbol(self.info).name;
            return Err(Error::NoPast { population: self.name.clone(), quantity });
        }
        self.noises = (0..)
            .zip(self.info.noises)
            .map(|(noise, info)| {
                let stream = |seed: &u64| {
                    let place = noise::Place { seed: *seed, population, noise, member: 0 };
                    Stream::new(place, substeps)
                };
                let draws = if self.seeds.is_empty() {
                    Draws::new(stream(&seed), self.mixed(noise as usize))
                } else {
                    let units = self.units.len / self.seeds.len();
                    Draws::beside(self.seeds.iter().map(stream).collect(), units)
                };
                Source::new(info.law, draws, self.units.len)
            })
            .collect();
        self.plan()
    }

    /// Units share a noise.
    fn set_mixing(&mut self, noise: usize, mixing: &Mixing, members: usize) -> Result<(), Error> {
        let units = self.units.len.checked_div(members).unwrap_or(0);
        let mixed = mixing.fit::<T>(units, members).and_then(|mixed| {
            // What is made of squares of the numbers, or of their variance, is made for 1.
            let is_multiplied = |state: usize| {
                matches!(self.info.equations[state].white, White::OwnState | White::Multiplicative)
            };
            let mut drives = self.info.diffusion.iter().filter(|[_, driver]| *driver == noise);
            if drives.any(|[state, _]| is_multiplied(*state)) {
                mixed.check_variances()?;
            }
            Ok(mixed)
        });
        let mixed = mixed.map_err(|problem| self.mixing_error(noise, problem))?;
        self.mixed[noise] = Some(Arc::new(mixed));
        Ok(())
    }

    fn mixing_error(&self, noise: usize, problem: MixingError) -> Error {
        let (population, noise) = (self.name.clone(), self.info.noises[noise].symbol.name);
        Error::Mixing { population, noise, problem: Box::new(problem) }
    }

    /// How units share a noise, if they do.
    pub(super) fn mixed(&self, noise: usize) -> Option<Arc<Mixed<T>>> {
        self.mixed[noise].clone()
    }

    /// A white noise that units share, if there is one.
    pub(crate) fn mixed_white(&self) -> Option<usize> {
        let mut noises = self.info.diffusion.iter().map(|[_, noise]| *noise);
        noises.find(|noise| self.mixed[*noise].is_some())
    }

    /// A white noise that a method has no meaning for, and why.
    pub(super) fn refuses(&self, scheme: Scheme) -> Option<(usize, &'static str)> {
        let is_by_state =
            matches!(scheme, Scheme::ExponentialRosenbrock) && has_additive_noise(self.info);
        match self.mixed_white().filter(|_| is_by_state) {
            Some(noise) => Some((noise, "draws it by state, which cannot be mixed across units")),
            None => scheme.refuses(self.info),
        }
    }

    /// Units with other correlation times have another law than the mixed one.
    fn check_one_time(&self, noise: usize, times: &Column<T>) -> Result<(), Error> {
        let of = |unit: usize| times.get(unit).to_f64();
        let mut units = 0..times.distinct(self.units.len);
        match units.find(|unit| of(*unit).to_bits() != of(0).to_bits()) {
            None => Ok(()),
            Some(unit) => {
                let (first, other) = (of(0), of(unit));
                let problem = MixingError::CorrelationTimes { first, unit, other };
                Err(self.mixing_error(noise, problem))
            }
        }
    }

    /// Checks delays and correlation times.
    fn plan(&mut self) -> Result<(), Error> {
        let Some(clock) = self.clock else { return Ok(()) };
        for (index, noise) in self.info.noises.iter().enumerate() {
            let Law::Ou { time } = noise.law else { continue };
            let column = &self.units.derived[time];
            let units = 0..column.distinct(self.units.len);
            let mut times = units.map(|unit| column.get(unit).to_f64());
            if let Some(value) = times.find(|time| !(*time > 0.0 && time.is_finite())) {
                let population = self.name.clone();
                let noise = noise.symbol.name;
                let unit = with_space(self.info.time.symbol());
                return Err(Error::CorrelationTime { population, noise, value, unit });
            }
            if self.mixed[index].is_some() {
                self.check_one_time(index, column)?;
            }
        }
        for noise in &mut self.noises {
            noise.plan(clock, &self.units.derived, self.units.len);
        }
        let unit = self.info.time.symbol();
        self.past.plan(&self.name, self.info.delays, &self.units, clock, unit)
    }

    /// Fills in noises and past values for the step that begins now.
    pub(super) fn give(&mut self, step: u64) {
        let first = self.info.inputs.len();
        for (index, noise) in self.noises.iter_mut().enumerate() {
            noise.fill(step, &mut self.units.inputs[first + index], self.units.hands);
        }
        if step == 0 {
            // Outputs have no past yet: see `Network::begin_outputs`.
            if self.past.needs_outputs() {
                self.clear_auxiliaries();
            }
            self.begin_past();
        }
        self.fill_past(step);
    }

    /// Fills in past values for the step that begins now.
    pub(super) fn fill_past(&mut self, step: u64) {
        let first = self.info.inputs.len() + self.noises.len();
        self.past.fill(self.info.delays, &mut self.units, first, step);
    }

    /// What was before t = 0. Outputs have been computed as if it were 0.
    pub(super) fn begin_past(&mut self) {
        if let Some(clock) = self.clock {
            self.past.begin(&self.units, clock);
        }
    }

    /// Fills in past values for a stage within a step, whose beginning is remembered already;
    /// `begun` are the states there.
    pub(super) fn fill_past_within(&mut self, at: (u64, f64), begun: &[Column<T>]) {
        let first = self.info.inputs.len() + self.noises.len();
        self.past.fill_within(self.info.delays, &mut self.units, first, at, begun);
    }

    /// Takes note of the slopes of states at the beginning of a step, which is remembered already.
    pub(super) fn note_slopes(&mut self, step: u64, slopes: &[Column<T>]) {
        if let Some(clock) = self.clock.filter(|_| self.past.is_cubic()) {
            self.past.set_slopes(step, slopes, clock.dt());
        }
    }

    fn clear_auxiliaries(&mut self) {
        for auxiliary in &mut self.units.auxiliaries {
            *auxiliary = auxiliary.zeroed();
        }
    }

    /// Whether a block of units can go ahead of the others, as far as it does not hang on what arrives from
    /// others: noise that units share has no value that goes on, and nothing but states is remembered.
    pub(super) fn can_fuse(&self) -> bool {
        self.noises.iter().all(Source::can_fuse) && self.past.states().is_some()
    }

    /// Whether noise has to be drawn for all units before a block of them can go ahead.
    pub(super) fn is_mixed(&self) -> bool {
        self.noises.iter().any(Source::is_mixed)
    }

    /// Whether it can do so where inputs are known ahead or states are to be remembered: steps without noise
    /// look at neither.
    pub(super) fn can_fuse_coupled(&self) -> bool {
        !self.noises.is_empty() && !self.past.is_cubic()
    }

    /// Advances all units by some steps, each with its noises, where it [can](Self::can_fuse); what inputs
    /// are meanwhile stands in `units.ahead`, for those that are `known`.
    pub(super) fn advance_fused(
        &mut self,
        run: RunSteps<T>,
        (clock, first, count): (Clock, u64, u64),
        mut known: Vec<usize>,
    ) {
        let steps = few(count);
        let len = self.units.len;
        let remembered = self.past.states().unwrap_or_default();
        let Self { info, noises, units, trail, past, .. } = self;
        let own = units.states.len();
        let (mut feeds, mut homes) = (Vec::new(), Vec::new());
        for (noise, source) in noises.iter_mut().enumerate() {
            if source.is_mixed() {
                for step in first..first + count {
                    let column = known.len() * steps + few(step - first);
                    let column = column_of(&mut units.ahead, column, len);
                    source.fill(step, column, units.hands);
                }
                known.push(info.inputs.len() + noise);
                continue;
            }
            let (stream, lasting) = source.parts();
            let law = lasting.map(|(law, value)| {
                units.states.push(std::mem::take(value));
                homes.push(value);
                law
            });
            feeds.push(Feed { noise, stream, law });
        }
        let columns = remembered.len() * steps;
        trail.resize_with(columns.max(trail.len()), || Column::per_unit(len, |_| T::default()));
        units.states.append(trail);
        let (noises, known, remembered) = (&feeds[..], &known[..], &remembered[..]);
        run(units, Steps { clock, first, count, noises, known, remembered });
        let mut behind = units.states.drain(own..);
        for home in homes {
            *home = behind.next().unwrap_or_default();
        }
        trail.extend(behind);
        past.push_many(&trail[..columns], steps, len);
    }

    /// Takes noises to the end of a step.
    pub(super) fn advance_noise(&mut self, step: u64) {
        let hands = self.units.hands;
        self.noises.iter_mut().for_each(|noise| noise.advance(step, hands));
    }

    /// For each unit the entries of the Jacobian at its present states and inputs, if they fit into
    /// memory.
    pub(crate) fn slopes_by_state(&mut self, t: f64, dt: f64) -> Option<Vec<Column<T>>> {
        let (len, count) = (self.units.len, self.info.jacobian.len());
        if !fits_into_memory::<T>(len, count) {
            return None;
        }
        self.units.slopes = (0..count).map(|_| Column::per_unit(len, |_| T::default())).collect();
        (self.kernels.slope_by_state)(&mut self.units, T::from_f64(t), T::from_f64(dt));
        Some(std::mem::take(&mut self.units.slopes))
    }

    /// The label of a unit, or its index: `7`, or `1,2` in two dimensions.
    pub(crate) fn label(&self, unit: usize) -> String {
        match &self.labels {
            Some(labels) => labels[unit].clone(),
            None => self.index(unit),
        }
    }

    /// Labels for columns of a recording: those of the units, or `ν_e[0]`.
    pub(crate) fn column_label(&self, quantity: &str, unit: usize) -> String {
        match &self.labels {
            Some(labels) => labels[unit].clone(),
            None => format!("{quantity}[{}]", self.index(unit)),
        }
    }

    fn index(&self, unit: usize) -> String {
        let mut rest = unit;
        let mut index: Vec<String> = Vec::new();
        for dim in self.dims.iter().rev() {
            index.push((rest % dim).to_string());
            rest /= dim;
        }
        index.reverse();
        index.join(",")
    }

    /// Fits values to the shape and checks that they are finite.
    pub(crate) fn resolve(
        &self,
        kind: &str,
        symbol: &str,
        values: &Values,
    ) -> Result<Resolved, Error> {
        let what = || format!("{kind} `{symbol}`");
        let draw = Draw::new(0, &format!("{}.{kind}.{symbol}", self.name));
        let resolved = values.resolve(&self.dims, self.units.len, draw);
        let population = self.name.clone();
        let resolved =
            resolved.map_err(|misfit| misfit.into_error(population, what(), &self.dims))?;
        // In the precision that it is computed in: 1e300 is infinite in single precision.
        let wrong = resolved.distinct().iter().position(|value| !T::from_f64(*value).is_finite());
        match wrong {
            None => Ok(resolved),
            Some(unit) => Err(Error::NotFinite {
                population: self.name.clone(),
                what: what(),
                value: resolved.distinct()[unit],
                unit: matches!(resolved, Resolved::PerUnit(_)).then(|| self.label(unit)),
            }),
        }
    }

    /// Checks the `where` clauses of all parameters.
    fn check_params(&self, params: &[Resolved]) -> Result<(), Error> {
        for bound in self.info.bounds {
            let symbol = &self.info.params[bound.param];
            let values = &params[bound.param];
            let limit = |unit: usize| match bound.limit {
                Limit::Value(value) => value,
                Limit::Param { index, factor } => factor * params[index].get(unit),
            };
            let shared = matches!(values, Resolved::Shared(_))
                && match bound.limit {
                    Limit::Value(_) => true,
                    Limit::Param { index, .. } => matches!(params[index], Resolved::Shared(_)),
                };
            let count = if shared { 1 } else { self.units.len };
            let rounded = |value: f64| T::from_f64(value).to_f64();
            let holds = |unit: usize| bound.holds(rounded(values.get(unit)), rounded(limit(unit)));
            let wrong = (0..count).find(|unit| !holds(*unit));
            if let Some(unit) = wrong {
                return Err(Error::OutOfRange {
                    population: self.name.clone(),
                    param: symbol.name,
                    unit: (!shared).then(|| self.label(unit)),
                    value: values.get(unit),
                    unit_symbol: with_space(symbol.unit),
                    condition: bound.text,
                });
            }
        }
        Ok(())
    }

    /// Checks what `resolve` has not seen: defaults, which may be too large for the precision.
    fn check_finite_params(&self, params: &[Resolved]) -> Result<(), Error> {
        for (symbol, values) in self.info.params.iter().zip(params) {
            let wrong = |value: &&f64| !T::from_f64(**value).is_finite();
            if let Some(value) = values.distinct().iter().find(wrong) {
                return Err(Error::NotFinite {
                    population: self.name.clone(),
                    what: format!("parameter `{}`", symbol.name),
                    value: *value,
                    unit: None,
                });
            }
        }
        Ok(())
    }

    /// Checks initial values that are computed from parameters.
    fn check_finite_initial(&self) -> Result<(), Error> {
        match self.first_not_finite() {
            None => Ok(()),
            Some((state, unit, value)) => Err(Error::NotFinite {
                population: self.name.clone(),
                what: format!("initial value `{state}`"),
                value: value.to_f64(),
                unit: Some(self.label(unit)),
            }),
        }
    }

    fn lay_out_params(&mut self) {
        let len = self.units.len;
        self.units.params =
            self.params.iter().map(|values| Column::from_values(values, len)).collect();
        (self.kernels.derive)(&mut self.units);
    }

    /// Sets the states to their initial values.
    pub(crate) fn reset(&mut self) {
        self.noises.iter_mut().for_each(Source::reset);
        (self.kernels.initialise)(&mut self.units);
        for (column, values) in self.units.states.iter_mut().zip(&self.initial) {
            if let Some(values) = values {
                *column = Column::per_unit(self.units.len, |unit| T::from_f64(values.get(unit)));
            }
        }
    }

    /// All numbers that the next steps depend on, by name.
    pub(crate) fn keep(&self) -> Vec<(String, Vec<f64>)> {
        let numbers = |values: &[T]| values.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
        let params = self.info.params.iter().zip(&self.params);
        let params = params.map(|(one, values)| (one.name, values.distinct().to_vec()));
        let states = self.info.states.iter().zip(&self.units.states);
        let states =
            states.map(|(one, column)| (one.name, numbers(column.as_slice(self.units.len))));
        let noises = self.info.noises.iter().zip(&self.noises);
        let noises =
            noises.map(|(one, source)| (one.symbol.name, numbers(source.value(self.units.len))));
        let named = params.chain(states).chain(noises);
        let mut kept: Vec<_> = named.map(|(name, values)| (name.to_owned(), values)).collect();
        kept.extend(self.past.keep().into_iter().map(|(name, values)| (name, numbers(&values))));
        kept
    }

    /// Whether so many numbers may have been kept under a name, though there are others here: parameters may have
    /// one for all units or one for each, and memories be longer, where delays were changed.
    pub(crate) fn may_hold(&self, name: &str, numbers: usize) -> bool {
        let is_param = self.info.params.iter().any(|param| param.name == name);
        name.starts_with("past.") || is_param && [1, self.units.len].contains(&numbers)
    }

    /// Takes over all numbers that were kept at a step. The error says what is wrong with them.
    pub(crate) fn restore(
        &mut self,
        step: u64,
        kept: &std::collections::BTreeMap<String, Vec<f64>>,
    ) -> Result<(), String> {
        let of = |name: &str| kept.get(name).map_or(&[][..], Vec::as_slice);
        // What is remembered here does not matter for what delays can be had.
        self.past.forget();
        let params = self.info.params.iter().map(|symbol| match of(symbol.name) {
            [value] => (*value).into(),
            values => values.into(),
        });
        let params: Vec<Values> = params.collect();
        self.set_params(params.iter().enumerate()).map_err(|error| error.to_string())?;
        let len = self.units.len;
        for (symbol, column) in self.info.states.iter().zip(&mut self.units.states) {
            *column = Column::per_unit(len, |unit| T::from_f64(of(symbol.name)[unit]));
        }
        for (info, source) in self.info.noises.iter().zip(&mut self.noises) {
            source.set_value(of(info.symbol.name));
        }
        let numbers = |name: &str| of(name).iter().map(|value| T::from_f64(*value)).collect();
        self.past.restore(step, len, numbers)
    }

    /// Whether another has the same model and shape, and what it is given is made in the same way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let is_mixed = |one: &Self| one.mixed.iter().any(Option::is_some);
        std::ptr::eq(self.info, other.info)
            && self.units.len == other.units.len
            && self.units.len > 0
            && self.past.is_like(&other.past)
            && !is_mixed(self)
            && !is_mixed(other)
    }

    /// Populations that are like each other, side by side, with a seed each. They have not run yet.
    pub(super) fn beside(members: &[&Self], seeds: &[u64]) -> Self {
        let first = members[0];
        let each = first.units.len;
        let len = each * members.len();
        let params = (0..first.params.len()).map(|index| {
            let all = || members.iter().map(|member| &member.params[index]);
            match &first.params[index] {
                Resolved::Shared(value)
                    if all()
                        .all(|one| matches!(one, Resolved::Shared(other) if other == value)) =>
                {
                    Resolved::Shared(*value)
                }
                _ => {
                    let of =
                        |one: &Resolved| (0..each).map(|unit| one.get(unit)).collect::<Vec<_>>();
                    Resolved::PerUnit(all().flat_map(of).collect())
                }
            }
        });
        let initial = (0..first.initial.len()).map(|index| {
            let of = |member: &&Self| member.units.states[index].as_slice(each).to_vec();
            let values = members.iter().flat_map(of).map(Real::to_f64);
            Some(Resolved::PerUnit(values.collect()))
        });
        let per_unit = |_: &Column<T>| Column::per_unit(len, |_| T::default());
        let pasts: Vec<_> = members.iter().map(|member| &member.past).collect();
        let mut all = Self {
            name: first.name.clone(),
            dims: vec![len],
            labels: None,
            info: first.info,
            kernels: first.kernels,
            params: params.collect(),
            initial: initial.collect(),
            clock: None,
            mixed: vec![None; first.info.noises.len()],
            noises: Vec::new(),
            trail: Vec::new(),
            past: Past::beside(&pasts, first.info.delays, each),
            seeds: seeds.to_vec(),
            units: Units {
                len,
                hands: Hands::ONE,
                params: Vec::new(),
                derived: Vec::new(),
                inputs: first.units.inputs.iter().map(per_unit).collect(),
                states: Vec::new(),
                auxiliaries: first.units.auxiliaries.iter().map(per_unit).collect(),
                ahead: Vec::new(),
                slopes: Vec::new(),
            },
        };
        all.lay_out_params();
        all.reset();
        all
    }

    /// What one of several populations side by side has become, on the model of what it was.
    pub(super) fn of_member(
        &self,
        member: usize,
        before: &Self,
        step: u64,
    ) -> Result<Self, String> {
        let each = before.units.len;
        let count = self.units.len / each;
        let is_param = |name: &str| self.info.params.iter().any(|param| param.name == name);
        let kept = self.keep().into_iter().filter(|(name, _)| !is_param(name));
        let own = kept.map(|(name, values)| {
            let share = values.len() / count;
            (name, values[member * share..][..share].to_vec())
        });
        let params = before.keep().into_iter().filter(|(name, _)| is_param(name));
        let mut after = before.clone();
        after.restore(step, &params.chain(own).collect())?;
        Ok(after)
    }

    /// Takes over states, noises and what is remembered from a population that was made in the same way.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.units.states.clone_from(&other.units.states);
        self.noises.clone_from(&other.noises);
        self.past.clone_from(&other.past);
    }

    /// The present value of a noise, if it has one.
    pub(crate) fn noise_value(&self, noise: usize) -> Option<&[T]> {
        let value = self.noises.get(noise).map(|source| source.value(self.units.len));
        value.filter(|values| !values.is_empty())
    }

    /// Sets the present value of a noise that has one.
    pub(crate) fn set_noise_value(&mut self, noise: usize, values: &[T]) {
        if let Some(source) = self.noises.get_mut(noise) {
            let values: Vec<f64> = values.iter().map(|value| value.to_f64()).collect();
            source.set_value(&values);
        }
    }

    /// Changes parameters, which are checked when all have changed; on error everything stays as it was.
    pub(crate) fn set_params<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (usize, &'a Values)>,
    ) -> Result<(), Error> {
        let mut params = self.params.clone();
        for (index, values) in changes {
            params[index] = self.resolve("parameter", self.info.params[index].name, values)?;
        }
        self.check_params(&params)?;
        let before = std::mem::replace(&mut self.params, params);
        self.lay_out_params();
        let planned = self.plan();
        if planned.is_err() {
            self.params = before;
            self.lay_out_params();
        }
        planned
    }

    /// Changes a state; on error everything stays as it was.
    pub(crate) fn set_state(&mut self, index: usize, values: &Values) -> Result<(), Error> {
        let values = self.resolve("state", self.info.states[index].name, values)?;
        let len = self.units.len;
        self.units.states[index] = Column::per_unit(len, |unit| T::from_f64(values.get(unit)));
        Ok(())
    }

    /// The numbers of something observable. Auxiliaries are those of the last observation.
    pub(crate) fn values(&self, place: Place) -> &[T] {
        self.units.values(place)
    }

    /// The first state that is not finite, with its unit.
    pub(crate) fn first_not_finite(&self) -> Option<(&'static str, usize, T)> {
        self.info.states.iter().zip(&self.units.states).find_map(|(symbol, column)| {
            let values = column.as_slice(self.units.len);
            // Whole blocks first, without leaving them early: that the compiler makes vectors of.
            let is_wrong = |wrong, value: &T| wrong | !value.is_finite();
            let block = values.chunks(BLOCK).position(|some| some.iter().fold(false, is_wrong))?;
            let within = values[block * BLOCK..].iter().position(|value| !value.is_finite())?;
            let unit = block * BLOCK + within;
            Some((symbol.name, unit, values[unit]))
        })
    }
}

/// A column with one number per unit, made if it is not there yet.
pub(super) fn column_of<T: Real>(
    columns: &mut Vec<Column<T>>,
    place: usize,
    len: usize,
) -> &mut Column<T> {
    while columns.len() <= place {
        columns.push(Column::per_unit(len, |_| T::default()));
    }
    &mut columns[place]
}
