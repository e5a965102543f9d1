//! Projections: what one population sends to another.

mod ahead;
mod alike;
mod coupling;
mod delayed;
mod delays;
mod pairs;
mod product;
mod slices;
mod weights;

use std::sync::Arc;

use super::history::History;
use super::population::Built;
use super::slopes::Memory;
use super::{Moment, PopulationId};
use crate::crew::Hands;
use crate::error::Error;
use crate::integrate::{Arithmetic, Delivery};
use crate::lanes::Real;
use crate::model::{Input, Place, RateModel, Source};
use crate::time::Time;
use alike::Alike;
pub(crate) use coupling::Through;
pub use coupling::{Couple, Coupled, Sum};
use coupling::{Functions, PairsAt};
pub(crate) use delayed::{AddKnown, Between, Stretch, sum_ahead};
use delayed::{Delayed, late, late_cubic};
pub use delays::Delays;
use delays::{Late, Unfit};
use pairs::Pairs;
use product::Product;
pub(crate) use product::{FEW_MEMBERS, Product as Weighted, Size, add_product, add_steps};
#[cfg(target_arch = "x86_64")]
pub(crate) use product::{Picked, add_picked_f32, add_picked_f64};
pub use weights::Weights;
use weights::{Fitted, Misfit, Sparse};

/// What one population sends to another (or to itself): a state or an output, through weights, to an
/// input. At every step each target unit receives Σ weight × source over its connections, or what a
/// coupling function makes of it.
///
/// ```
/// # use rate_model::prelude::*;
/// # rate_model! {
/// #     model Rate {
/// #         param tau: ms = 20 where tau > 0;
/// #         input I: Hz;
/// #         state ν: Hz = 0;
/// #         tau dν/dt = -ν + relu(I);
/// #     }
/// # }
/// # let mut network = Network::new();
/// # let e = network.add(Population::<Rate>::new("e", 2))?;
/// let lengths = ndarray::arr2(&[[0.0, 25.0], [51.0, 0.0]]); // mm
/// let weights = [[0.0, 0.5], [0.5, 0.0]];
/// let tracts = Projection::new(e, Rate::ν, e, Rate::I, weights)
///     .delays(Delays::tracts(&lengths, 6.0));
/// network.connect(tracts)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "give it to `Network::connect`"]
pub struct Projection<C = Sum> {
    pub(super) from: (u64, usize),
    source: Place,
    pub(super) to: (u64, usize),
    input: usize,
    weights: Weights,
    delays: Option<Delays>,
    own: Option<Place>,
    name: Option<String>,
    coupling: C,
}

impl Projection {
    /// From a state or output of one population to an input of another. `weights` have a row per
    /// target and a column per source; a weight is in the target input's unit per source unit.
    pub fn new<A: RateModel, B: RateModel>(
        from: PopulationId<A>,
        source: impl Source<A>,
        to: PopulationId<B>,
        target: Input<B>,
        weights: impl Into<Weights>,
    ) -> Self {
        Self {
            from: (from.network, from.index),
            source: source.place(),
            to: (to.network, to.index),
            input: target.index(),
            weights: weights.into(),
            delays: None,
            own: None,
            name: None,
            coupling: Sum,
        }
    }

    /// With a coupling function. Weights are pure numbers then, and the function's units must be
    /// those of what is sent and of the input.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # use rate_model::couplings::Kuramoto;
    /// rate_model! {
    ///     model Phase { param ω = 1; input pull; state θ = 0; dθ/dt = ω + pull; }
    /// }
    /// let mut network = Network::new();
    /// let nodes = network.add(Population::<Phase>::new("nodes", 5))?;
    /// let coupling = Coupled::<Kuramoto>::new().set(Kuramoto::K, 0.2);
    /// let projection = Projection::new(nodes, Phase::θ, nodes, Phase::pull, 1.0);
    /// network.connect(projection.coupling(coupling).against(nodes, Phase::θ))?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn coupling<C>(self, coupling: Coupled<C>) -> Projection<Coupled<C>> {
        let Self { from, source, to, input, weights, delays, own, name, .. } = self;
        Projection { from, source, to, input, weights, delays, own, name, coupling }
    }
}

impl<C> Projection<C> {
    /// With one delay for all connections. It need not be a multiple of the step.
    pub fn delay(self, delay: impl Into<Time>) -> Self {
        self.delays(delay.into())
    }

    /// With delays for each connection, or one for all.
    pub fn delays(self, delays: impl Into<Delays>) -> Self {
        Self { delays: Some(delays.into()), ..self }
    }

    /// What the coupling function reads of the target population, as it is when the sum is formed:
    /// its `target`.
    pub fn against<B: RateModel>(self, target: PopulationId<B>, own: impl Source<B>) -> Self {
        // A population that is not the target would be meant for nothing.
        let is_target = (target.network, target.index) == self.to;
        Self { own: is_target.then(|| own.place()), ..self }
    }

    /// Names it, which tells it from others between the same ends.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

/// A projection that fits its populations.
pub(crate) struct Link<T> {
    name: Option<String>,
    /// Sending population and what it sends.
    pub(crate) source: (usize, Place),
    /// Receiving population and its input.
    pub(crate) target: (usize, usize),
    shape: [usize; 2],
    weights: Kept<T>,
    delays: Option<Late>,
    coupling: Option<Arc<Functions<T>>>,
    /// What a coupling function reads of the receiving population.
    own: Option<Place>,
    /// How it is computed; known when the step is.
    route: Route<T>,
    /// Where its source is remembered.
    memory: Option<usize>,
    /// How many threads may share a sum.
    pub(super) hands: Hands,
    /// The values that are sent, and the sums that arrive.
    sent: Vec<T>,
    sums: Vec<T>,
}

/// Weights, as they are needed.
enum Kept<T> {
    /// Laid out for the product.
    Product(Arc<Product<T>>),
    /// For each connection.
    Sparse(Sparse),
}

enum Route<T> {
    /// A product with values of one moment, so many steps ago.
    Product(f64),
    /// The same, where that is known ahead.
    Alike(Alike<T>),
    /// Each connection with its own delay.
    Delayed(Delayed<T>),
    /// What is sent depends on the target.
    Pairs(Pairs<T>),
}

/// The ends of a projection, for messages.
struct Ends<'a, T> {
    from: &'a Built<T>,
    to: &'a Built<T>,
    shape: [usize; 2],
}

impl<T: Real> Ends<'_, T> {
    fn names(&self) -> (String, String) {
        (self.from.name.clone(), self.to.name.clone())
    }

    /// Whether the weights can be had, and fit.
    fn weights(&self, weights: Weights) -> Result<Fitted, Error> {
        let [targets, sources] = self.shape;
        let (source_population, target) = self.names();
        // As given, and as laid out for the product.
        let is_dense = weights.is_dense();
        if is_dense && !crate::units::fits_into_memory::<[f64; 2]>(targets, sources) {
            return Err(Error::TooManyWeights { source_population, target, targets, sources });
        }
        let fitted = weights.fit(targets, sources).map_err(|misfit| match misfit {
            Misfit::Shape(found) => {
                let (source_population, target) = self.names();
                Error::Weights { source_population, target, found, targets, sources }
            }
            Misfit::Connection(row, column) => {
                let (source_population, target) = self.names();
                Error::NoSuchConnection { source_population, target, row, column, targets, sources }
            }
        })?;
        let wrong = |weight: &f64| !T::from_f64(*weight).is_finite();
        let found = match &fitted {
            Fitted::Dense(values) => {
                let place = values.iter().position(wrong);
                place.map(|place| (place / sources, place % sources, values[place]))
            }
            Fitted::Sparse(sparse) => {
                let mut all = sparse.connections();
                let one = all.find(|(_, _, place)| wrong(&sparse.weights[*place]));
                one.map(|(target, source, place)| (target, source, sparse.weights[place]))
            }
        };
        match found {
            None => Ok(fitted),
            Some((row, column, value)) => {
                Err(Error::WeightNotFinite { source_population, target, row, column, value })
            }
        }
    }

    fn delays(&self, delays: Delays, connections: &Sparse) -> Result<Late, Error> {
        let [targets, sources] = self.shape;
        let (source_population, target) = self.names();
        delays.fit(self.shape, connections).map_err(|unfit| match unfit {
            Unfit::Shape(found) => {
                Error::Delays { source_population, target, found, targets, sources }
            }
            Unfit::Speed(speed) => Error::ConductionSpeed { source_population, target, speed },
            Unfit::All(delay) => {
                let problem = "a delay is finite and not negative".to_owned();
                Error::ProjectionDelay { source_population, target, delay, problem }
            }
            Unfit::Connection { target: row, source: column, delay } => {
                let problem = format!(
                    "that is from unit {column} to unit {row}; a delay is finite and not negative"
                );
                Error::ProjectionDelay { source_population, target, delay, problem }
            }
        })
    }

    /// A coupling function must read and give what there is, in its unit.
    fn coupling(
        &self,
        functions: &Functions<T>,
        [source, own, input]: [Option<&'static str>; 3],
    ) -> Result<(), Error> {
        let (info, roles) = (functions.info, functions.roles);
        let (source_population, target) = self.names();
        let symbol = |input: usize| &info.inputs[input];
        let mut ends = vec![(symbol(roles.source), source)];
        match (roles.target, own) {
            (Some(place), Some(_)) => ends.push((symbol(place), own)),
            (None, None) => {}
            (wanted, _) => {
                let wanted = wanted.map(|place| symbol(place).name);
                let coupling = info.name;
                return Err(Error::CouplingTarget { source_population, target, coupling, wanted });
            }
        }
        ends.push((&info.auxiliaries[roles.total], input));
        let wrong = ends.iter().find(|(symbol, unit)| Some(symbol.unit) != *unit);
        match wrong {
            None => Ok(()),
            Some((symbol, unit)) => Err(Error::CouplingUnit {
                source_population,
                target,
                coupling: info.name,
                symbol: symbol.name,
                expected: or_number(symbol.unit),
                found: or_number(unit.unwrap_or_default()),
            }),
        }
    }
}

/// A unit, or what has none.
fn or_number(unit: &'static str) -> &'static str {
    if unit.is_empty() { "a pure number" } else { unit }
}

impl<T: Real> Link<T> {
    /// Checks a projection against its populations.
    pub(super) fn new<C: Couple>(
        projection: Projection<C>,
        populations: &[Built<T>],
    ) -> Result<Self, Error> {
        let Projection { from: (_, from), source, to: (_, to), input, .. } = projection;
        let Projection { weights, delays, own, name, coupling, .. } = projection;
        let (sender, receiver) = (&populations[from], &populations[to]);
        let shape = [receiver.units.len, sender.units.len];
        let ends = Ends { from: sender, to: receiver, shape };
        let mut fitted = ends.weights(weights)?;
        let functions = coupling.functions::<T>()?.map(Arc::new);
        if let Some(functions) = &functions {
            let units = [
                Some(source.symbol(sender.info).unit),
                own.map(|own| own.symbol(receiver.info).unit),
                Some(receiver.info.inputs[input].unit),
            ];
            ends.coupling(functions, units)?;
        }
        let is_pairwise = functions.as_ref().is_some_and(|functions| functions.roles.is_pairwise);
        let is_uniform = delays.as_ref().is_none_or(Delays::is_uniform);
        if (is_pairwise || !is_uniform)
            && let Fitted::Dense(values) = &fitted
        {
            fitted = Fitted::Sparse(Sparse::from_dense(shape, values));
        }
        let no_connections = Sparse::default();
        let delays = delays.map(|delays| match &fitted {
            Fitted::Sparse(sparse) => ends.delays(delays, sparse),
            Fitted::Dense(_) => ends.delays(delays, &no_connections),
        });
        let delays = delays.transpose()?;
        let weights = match fitted {
            Fitted::Sparse(sparse) if is_pairwise || !is_uniform => Kept::Sparse(sparse),
            fitted => Kept::Product(Arc::new(Product::new(shape, &fitted))),
        };
        if delays.is_none() && source.symbol(sender.info).passes_inputs {
            let population = sender.name.clone();
            let output = source.symbol(sender.info).name;
            return Err(Error::Feedthrough { population, output });
        }
        Ok(Self {
            name,
            source: (from, source),
            target: (to, input),
            shape,
            weights,
            delays,
            coupling: functions,
            own,
            route: Route::Product(0.0),
            memory: None,
            hands: Hands::ONE,
            sent: Vec::new(),
            sums: Vec::new(),
        })
    }

    /// Whether another does the same but for its weights and the delays of its connections.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let delays = match (&self.delays, &other.delays) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_like(other, self.has_one_delay()),
            _ => false,
        };
        let coupling = match (&self.coupling, &other.coupling) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_like(other),
            _ => false,
        };
        let ends = |link: &Self| (link.source, link.target, link.shape, link.own);
        let is_product = |link: &Self| matches!(link.weights, Kept::Product(_));
        let kinds = is_product(self) == is_product(other);
        ends(self) == ends(other) && kinds && delays && coupling
    }

    /// Whether there is one delay for all connections.
    fn has_one_delay(&self) -> bool {
        matches!(self.weights, Kept::Product(_))
            || self.coupling.as_ref().is_some_and(|functions| functions.roles.is_pairwise)
    }

    /// The projections of networks that are like each other, side by side.
    pub(super) fn beside(members: &[&Self]) -> Self {
        let first = members[0];
        let [targets, sources] = first.shape;
        let products = members.iter().filter_map(|link| match &link.weights {
            Kept::Product(product) => Some(Arc::clone(product)),
            Kept::Sparse(_) => None,
        });
        let lists = members.iter().filter_map(|link| match &link.weights {
            Kept::Sparse(sparse) => Some(sparse.clone()),
            Kept::Product(_) => None,
        });
        let weights = match &first.weights {
            Kept::Product(_) => {
                Kept::Product(Arc::new(Product::beside(products.collect(), first.shape)))
            }
            Kept::Sparse(_) => Kept::Sparse(Sparse::beside(&lists.collect::<Vec<_>>(), sources)),
        };
        let delays = first.delays.as_ref().map(|late| {
            let all = members.iter().filter_map(|link| link.delays.as_ref());
            if first.has_one_delay() && late.is_one() { late.clone() } else { Late::beside(all) }
        });
        Self {
            name: first.name.clone(),
            source: first.source,
            target: first.target,
            shape: [targets * members.len(), sources * members.len()],
            weights,
            delays,
            coupling: first.coupling.clone(),
            own: first.own,
            route: Route::Product(0.0),
            memory: None,
            hands: Hands::ONE,
            sent: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Whether another has the same name and ends.
    pub(super) fn is_double_of(&self, other: &Self) -> bool {
        (self.source, self.target, &self.name) == (other.source, other.target, &other.name)
    }

    /// Translates delays into steps, and has the source remember as many. `latest` is the last moment
    /// within a step at which it will be asked for.
    pub(super) fn set_step(
        &mut self,
        dt: Time,
        populations: &mut [Built<T>],
        options: (Arithmetic, Delivery),
        latest: f64,
    ) -> Result<(), Error> {
        let steps = match &self.delays {
            Some(delays) => delays.steps(dt)?,
            None => Vec::new(),
        };
        let (arithmetic, delivery) = options;
        let is_frozen = delivery == Delivery::Frozen;
        let latest = if is_frozen { 0.0 } else { latest };
        let steps =
            steps.into_iter().map(|steps| if is_frozen { steps.round_ties_even() } else { steps });
        let steps: Vec<f64> = steps.collect();
        let longest = steps.iter().copied().fold(0.0, f64::max);
        let shortest = steps.iter().copied().fold(f64::INFINITY, f64::min);
        let (from, place) = self.source;
        let sender = &mut populations[from];
        let symbol = place.symbol(sender.info);
        if symbol.passes_inputs && shortest < 1.0 {
            let population = sender.name.clone();
            return Err(Error::Feedthrough { population, output: symbol.name });
        }
        let is_pairwise = matches!(&self.coupling, Some(one) if one.roles.is_pairwise);
        if longest > 0.0 {
            let functions = self.coupling.as_ref().filter(|_| !is_pairwise);
            let through = functions.map(|functions| {
                let functions = Arc::clone(functions);
                Through { functions, arithmetic }
            });
            let units = sender.units.len;
            let reach = if longest > 1e12 { usize::MAX } else { history_length(longest) };
            let memory = sender.past.demand(place, through, reach, units);
            let source_population = sender.name.clone();
            self.memory = Some(memory.ok_or_else(|| Error::ProjectionDelay {
                source_population,
                target: populations[self.target.0].name.clone(),
                delay: dt.with_value(longest * dt.value()),
                problem: "that many steps do not fit into memory".to_owned(),
            })?);
        }
        self.route = match &self.weights {
            Kept::Product(product) => {
                let alike = Alike::new(product, self.shape, longest, latest);
                alike.map_or(Route::Product(longest), Route::Alike)
            }
            Kept::Sparse(sparse) if is_pairwise => {
                let steps = if steps.len() == 1 && longest > 0.0 {
                    vec![longest; sparse.weights.len()]
                } else {
                    steps
                };
                Route::Pairs(Pairs::new(sparse, if longest > 0.0 { &steps } else { &[] }))
            }
            Kept::Sparse(sparse) => Route::Delayed(Delayed::new(sparse, &steps, latest)),
        };
        self.sums = vec![T::default(); self.shape[0]];
        Ok(())
    }

    /// Whether it reads its source as it is now.
    pub(super) fn reads_present(&self) -> bool {
        match &self.route {
            Route::Product(steps) => *steps < 1.0,
            Route::Alike(_) => false,
            Route::Delayed(delayed) => delayed.reads_present(),
            Route::Pairs(_) => true,
        }
    }

    /// At how many steps from this one on what arrives at their beginnings is known, or can be; 0 if some
    /// is not.
    pub(super) fn known(&self, step: u64) -> u64 {
        match &self.route {
            Route::Alike(alike) => alike.known(step),
            Route::Delayed(delayed) => delayed.known(step),
            Route::Product(_) | Route::Pairs(_) => 0,
        }
    }

    /// Forgets what was computed ahead, because the past has changed.
    pub(super) fn forget(&mut self) {
        match &mut self.route {
            Route::Alike(alike) => alike.forget(),
            Route::Delayed(delayed) => delayed.forget(),
            Route::Product(_) | Route::Pairs(_) => {}
        }
    }

    /// Adds what arrives at the beginnings of successive steps to the input at each. It must be
    /// [known](Self::known).
    pub(super) fn deliver_known(
        &mut self,
        populations: &[Built<T>],
        first: u64,
        arithmetic: Arithmetic,
        into: &mut [&mut [T]],
    ) {
        let (from, _) = self.source;
        let memory = self.memory.map(|memory| populations[from].past.memory(memory));
        let at = Moment { step: first, part: 0.0 };
        match (&mut self.route, memory, &self.coupling) {
            (Route::Delayed(delayed), Some(memory), None) => {
                delayed.add_known((arithmetic, self.hands), memory, at, into);
            }
            _ => {
                for (step, into) in (first..).zip(into) {
                    self.deliver(populations, Moment { step, ..at }, arithmetic, into);
                }
            }
        }
    }

    /// Adds what arrives at a moment to the input.
    pub(super) fn deliver(
        &mut self,
        populations: &[Built<T>],
        at: Moment,
        arithmetic: Arithmetic,
        into: &mut [T],
    ) {
        let (from, place) = self.source;
        let sender = &populations[from];
        let history = self.memory.map(|memory| sender.past.memory(memory));
        let present = sender.values(place);
        let own = self.own.map_or(&[][..], |own| populations[self.target.0].values(own));
        let Self { coupling, sent, sums, weights, route, hands, .. } = self;
        let how = (arithmetic, *hands);
        let coupling = coupling.as_deref();
        // Without a coupling function, sums go to the input at once.
        let sums: &mut [T] = match coupling {
            None => into,
            Some(_) => {
                sums.fill(T::default());
                &mut *sums
            }
        };
        // What connections send now.
        let is_pairwise = coupling.is_some_and(|functions| functions.roles.is_pairwise);
        let now = match coupling {
            Some(functions) if !is_pairwise => {
                sent.clear();
                sent.extend_from_slice(present);
                functions.each(arithmetic, sent);
                &sent[..]
            }
            _ => present,
        };
        match (route, weights) {
            (Route::Product(steps), Kept::Product(product)) => match history {
                None => product.add(how, now, sums),
                Some(Memory { values, slopes }) => {
                    let units = 0..now.len();
                    let past: Vec<T> = match slopes {
                        None => {
                            units.map(|unit| late(values, at, unit, *steps, now[unit])).collect()
                        }
                        Some(slopes) => {
                            let memory = (values, slopes);
                            let late = |unit| late_cubic(memory, at, unit, *steps, now[unit]);
                            units.map(late).collect()
                        }
                    };
                    product.add(how, &past, sums);
                }
            },
            (Route::Alike(alike), _) => {
                if let Some(memory) = history {
                    alike.add(how, memory, at, sums);
                }
            }
            (Route::Delayed(delayed), _) => match history {
                Some(history) => delayed.add(how, history, at, now, sums),
                // All delays are 0.
                None => {
                    let nothing = Memory { values: &History::default(), slopes: None };
                    delayed.add(how, nothing, at, now, sums);
                }
            },
            (Route::Pairs(pairs), _) => {
                if let Some(functions) = coupling {
                    let mut pairs = PairsAt { pairs, present: now, history, at, own, sums };
                    functions.sum_pairs(arithmetic, &mut pairs);
                }
            }
            (Route::Product(_), Kept::Sparse(_)) => {}
        }
        if let Some(functions) = coupling {
            functions.total(arithmetic, &mut self.sums, own);
            for (input, received) in into.iter_mut().zip(&self.sums) {
                *input += *received;
            }
        }
    }

    /// Target, source and weight of each connection.
    pub(super) fn connections(&self) -> Vec<(usize, usize, T)> {
        match &self.weights {
            Kept::Sparse(sparse) => {
                let weight = |place: usize| T::from_f64(sparse.weights[place]);
                sparse.connections().map(|(to, from, place)| (to, from, weight(place))).collect()
            }
            Kept::Product(product) => product.connections(self.shape),
        }
    }

    /// How many connections there are, of weights that are not 0.
    pub(super) fn count(&self) -> usize {
        match &self.weights {
            Kept::Sparse(sparse) => sparse.weights.iter().filter(|weight| **weight != 0.0).count(),
            Kept::Product(product) => product.count(self.shape),
        }
    }

    /// How many bytes its weights have. With delays for which several steps are computed at once, networks do so one
    /// after the other.
    pub(super) fn size(&self) -> Size {
        match (&self.weights, &self.route) {
            (Kept::Product(product), Route::Product(_)) => product.size(),
            (Kept::Product(product), _) => {
                Size { others: product.size().total(), ..Size::default() }
            }
            (Kept::Sparse(sparse), _) => Size { others: sparse.size(), ..Size::default() },
        }
    }

    /// Takes over the weights of another that has the same, if they serve both; how many bytes it has of its own if not.
    pub(super) fn share(&mut self, other: &Self) -> Size {
        if let (Kept::Product(own), Kept::Product(other)) = (&mut self.weights, &other.weights)
            && matches!(self.route, Route::Product(_))
            && own.is_same(other)
        {
            *own = Arc::clone(other);
            return Size::default();
        }
        self.size()
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The delays as they were given, one for all connections or one for each, and their unit.
    pub(super) fn delays_as_given(&self) -> Option<(&[f64], Time)> {
        self.delays.as_ref().map(Late::values)
    }

    /// The same in steps, before they are rounded; none without delays. Times that cannot be compared were
    /// refused.
    pub(super) fn lags(&self, dt: Time) -> Vec<f64> {
        self.delays.as_ref().and_then(|delays| delays.steps(dt).ok()).unwrap_or_default()
    }

    /// Where its source is remembered.
    pub(super) fn memory(&self) -> Option<usize> {
        self.memory
    }

    pub(super) fn is_delayed(&self) -> bool {
        self.delays.is_some()
    }

    pub(super) fn coupling_name(&self) -> Option<&'static str> {
        self.coupling.as_ref().map(|functions| functions.info.name)
    }
}

/// How many steps have to be kept for a delay of so many.
fn history_length(steps: f64) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1e12"
    )]
    let whole = steps.ceil() as usize;
    whole
}
