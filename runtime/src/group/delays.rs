//! Delays that are read by hand: past values of variables, by identifier.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Given, Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::{Observable, RateModel};
use crate::time::Time;
use crate::units::fits_into_memory;

/// The delays of one or more groups by their identifiers: each remembers one variable, and all who read
/// it read the same memory. A clone is the same registry; [`Group::share_delays`] joins groups to one.
#[derive(Clone, Debug)]
pub struct Delays<T>(Arc<Mutex<BTreeMap<String, Delay<T>>>>);

impl<T> Default for Delays<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Registries that were copied, each with its copy.
pub(super) type Copies<T> = Vec<(Delays<T>, Delays<T>)>;

/// What is remembered of one variable.
#[derive(Clone, Debug)]
struct Delay<T> {
    /// The group and the variable: `cortex.nu_e`.
    target: String,
    /// The values at each step, the newest first; as many as can be asked for.
    steps: VecDeque<Vec<T>>,
    /// What it is filled with by a reset: these numbers, or those of the moment.
    initial: Option<Vec<T>>,
}

/// How long ago: nothing, a number of steps, one for each unit, or a time.
#[derive(Clone, Debug, PartialEq)]
pub enum DelaySteps {
    /// Now.
    Present,
    /// The same for all units.
    Shared(usize),
    /// One for each unit.
    PerUnit(Vec<usize>),
    /// A time that is a whole number of steps.
    Time(Time),
}

impl DelaySteps {
    /// A number of steps for each unit, computed from its index.
    pub fn from_fn(units: usize, steps: impl Fn(usize) -> usize) -> Self {
        Self::PerUnit((0..units).map(steps).collect())
    }

    /// In steps.
    fn counted(self, dt: Time) -> Result<Self, Error> {
        match self {
            Self::Time(time) => {
                Ok(Self::Shared(usize::try_from(time.steps(dt)?).unwrap_or(usize::MAX)))
            }
            other => Ok(other),
        }
    }

    fn longest(&self) -> usize {
        match self {
            Self::Shared(steps) => *steps,
            Self::PerUnit(steps) => steps.iter().copied().max().unwrap_or(0),
            Self::Present | Self::Time(_) => 0,
        }
    }
}

impl From<usize> for DelaySteps {
    fn from(steps: usize) -> Self {
        Self::Shared(steps)
    }
}

impl From<Option<usize>> for DelaySteps {
    fn from(steps: Option<usize>) -> Self {
        steps.map_or(Self::Present, Self::Shared)
    }
}

impl From<Vec<usize>> for DelaySteps {
    fn from(steps: Vec<usize>) -> Self {
        Self::PerUnit(steps)
    }
}

impl<const N: usize> From<[usize; N]> for DelaySteps {
    fn from(steps: [usize; N]) -> Self {
        Self::PerUnit(steps.to_vec())
    }
}

impl From<Time> for DelaySteps {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

impl<T: Real> Delays<T> {
    /// The identifiers, in order, each with the variable that it is of (`cortex.nu_e`) and the number
    /// of steps that can be asked for.
    pub fn registered(&self) -> Vec<(String, String, usize)> {
        let row = |(identifier, delay): (&String, &Delay<T>)| {
            (identifier.clone(), delay.target.clone(), delay.longest())
        };
        self.lock().iter().map(row).collect()
    }

    /// The values some steps before the last that was remembered.
    ///
    /// # Errors
    /// [`GroupError::UnknownDelay`], [`GroupError::DelayTooLong`], [`GroupError::DelayShape`].
    pub fn at(&self, identifier: &str, steps: usize) -> Result<Vec<T>, Error> {
        self.read(identifier, &DelaySteps::Shared(steps))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Delay<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A registry of its own with the same content; for those who had one in common, one again.
    pub(super) fn copied(&self, copies: &mut Copies<T>) -> Self {
        if let Some((_, copy)) = copies.iter().find(|(of, _)| self.is(of)) {
            return copy.clone();
        }
        let copy = Self(Arc::new(Mutex::new(self.lock().clone())));
        copies.push((self.clone(), copy.clone()));
        copy
    }

    /// Whether it is the same registry.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The owner of some delays has another name.
    pub(super) fn retarget(&self, identifier: &str, target: String) {
        if let Some(delay) = self.lock().get_mut(identifier) {
            delay.target = target;
        }
    }

    fn read(&self, identifier: &str, steps: &DelaySteps) -> Result<Vec<T>, Error> {
        let delays = self.lock();
        let Some(delay) = delays.get(identifier) else {
            let (identifier, known) = (identifier.to_owned(), delays.keys().cloned().collect());
            return Err(GroupError::UnknownDelay { identifier, known }.into());
        };
        delay.read(identifier, steps).map_err(Error::from)
    }
}

impl<T: Real> Delay<T> {
    fn longest(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    fn read(&self, identifier: &str, steps: &DelaySteps) -> Result<Vec<T>, GroupError> {
        let identifier = || identifier.to_owned();
        let longest = self.longest();
        if steps.longest() > longest {
            let steps = steps.longest();
            return Err(GroupError::DelayTooLong { identifier: identifier(), steps, longest });
        }
        let units = self.steps[0].len();
        match steps {
            DelaySteps::PerUnit(each) if each.is_empty() || !units.is_multiple_of(each.len()) => {
                let found = each.len();
                Err(GroupError::DelayShape { identifier: identifier(), units, found })
            }
            // The members of a batch have the same delays.
            DelaySteps::PerUnit(each) => {
                let each = each.iter().cycle().take(units).enumerate();
                Ok(each.map(|(unit, steps)| self.steps[*steps][unit]).collect())
            }
            other => Ok(self.steps[other.longest()].clone()),
        }
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// Remembers a state, auxiliary or output for a number of steps, of which units may have different
    /// ones, and gives that number. `initial` is what it was before; without it, what it is now.
    ///
    /// Registered again for longer, it remembers more (what was before counts as `initial`, or as the
    /// oldest that is remembered); all who read it share one memory.
    ///
    /// ```
    /// # use rate_model::{group::Group, prelude::*};
    /// # rate_model! { model Clock { state x = 0; dx/dt = 1; } }
    /// let mut group = Group::<Clock>::builder(1, 1.0).build()?;
    /// group.register_delay("x", 2, Clock::x, None)?;
    /// for _ in 0..5 {
    ///     group.step()?;
    ///     group.update_local_delays();
    /// }
    /// assert_eq!(group.get_delay_data("x", 2)?, [3.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GroupError::DelayTaken`] when the identifier is that of another variable;
    /// [`GroupError::DelayShape`], [`GroupError::DelayTooLarge`]; a time that is no whole number of
    /// steps; `initial` of the wrong shape or not finite. Nothing is changed then.
    pub fn register_delay(
        &mut self,
        identifier: &str,
        steps: impl Into<DelaySteps>,
        target: impl Observable<M>,
        initial: Option<Given<'_, T>>,
    ) -> Result<usize, Error> {
        let steps = steps.into().counted(self.dt())?;
        let units = self.len();
        let name = || identifier.to_owned();
        if let DelaySteps::PerUnit(each) = &steps
            && each.len() != self.plan.num
            && each.len() != units
        {
            let found = each.len();
            return Err(GroupError::DelayShape { identifier: name(), units, found }.into());
        }
        let longest = steps.longest();
        let fits = longest.checked_add(1).is_some_and(|rows| fits_into_memory::<T>(units, rows));
        if !fits {
            return Err(GroupError::DelayTooLarge { identifier: name(), steps: longest }.into());
        }
        let symbol = target.place().symbol(M::INFO);
        let initial = initial.map(|initial| self.expanded(symbol.name, &initial)).transpose()?;
        let now = self.observe(target).to_vec();
        let target_name = format!("{}.{}", self.plan.name, symbol.ascii);
        let own = self.own_delays.iter().find(|(own, _)| own == identifier);
        let is_own = own.is_some_and(|(_, place)| *place == target.place());
        let mut delays = self.delays.lock();
        // Groups of the same name may share a registry: the name does not tell whose it is.
        if delays.contains_key(identifier) && !is_own {
            return Err(GroupError::DelayTaken { identifier: name() }.into());
        }
        let delay = delays.entry(name()).or_insert_with(|| Delay {
            target: target_name,
            steps: VecDeque::from([now]),
            initial: None,
        });
        delay.initial = initial.or(delay.initial.take());
        let before = delay.initial.clone().or_else(|| delay.steps.back().cloned());
        while delay.longest() < longest {
            delay.steps.push_back(before.clone().unwrap_or_default());
        }
        drop(delays);
        if !is_own {
            self.own_delays.push((name(), target.place()));
        }
        Ok(longest)
    }

    fn expanded(&self, symbol: &str, given: &Given<'_, T>) -> Result<Vec<T>, Error> {
        self.check_given("past of", symbol, given, true)?;
        let mut values = vec![T::default(); self.len()];
        given.for_each(&mut values, |number, value| *number = value);
        Ok(values)
    }

    /// Past values by the identifier of a delay: so many steps before the last that was remembered,
    /// for each unit; now, without a number of steps. Delays of groups that share a registry can be
    /// read by each of them.
    ///
    /// # Errors
    /// [`GroupError::UnknownDelay`], [`GroupError::DelayTooLong`], [`GroupError::DelayShape`]; a time
    /// that is no whole number of steps.
    pub fn get_delay_data(
        &mut self,
        identifier: &str,
        steps: impl Into<DelaySteps>,
    ) -> Result<Vec<T>, Error> {
        let steps = steps.into().counted(self.dt())?;
        let own = self.own_delays.iter().find(|(own, _)| own == identifier);
        match (&steps, own) {
            (DelaySteps::Present, Some((_, place))) => Ok(self.observed(*place)),
            _ => self.delays.read(identifier, &steps),
        }
    }

    /// The present values at a place.
    fn observed(&mut self, place: crate::model::Place) -> Vec<T> {
        self.deliver_inputs();
        self.simulation.refresh();
        self.population().values(place).to_vec()
    }

    /// Remembers the present values of all that delays were registered for in this group and its
    /// children; once after each step.
    pub fn update_local_delays(&mut self) {
        for (identifier, place) in self.own_delays.clone() {
            let now = self.observed(place);
            if let Some(delay) = self.delays.lock().get_mut(&identifier) {
                delay.steps.push_front(now);
                delay.steps.pop_back();
            }
        }
        for (_, child) in &mut self.children {
            child.update_delays();
        }
    }

    /// Fills the delays of this group and its children with what they were registered with, or else
    /// with the present.
    pub fn reset_local_delays(&mut self) {
        self.reset_own_delays();
        for (_, child) in &mut self.children {
            child.reset_delays();
        }
    }

    pub(super) fn reset_own_delays(&mut self) {
        for (identifier, place) in self.own_delays.clone() {
            let now = self.observed(place);
            if let Some(delay) = self.delays.lock().get_mut(&identifier) {
                // After a change of the number of members, what was given is for another number.
                let kept = delay.initial.take().filter(|initial| initial.len() == now.len());
                let before = kept.clone().unwrap_or_else(|| now.clone());
                delay.initial = kept;
                delay.steps.iter_mut().for_each(|step| step.clone_from(&before));
                delay.steps[0] = now;
            }
        }
    }

    /// All delays of its registry.
    pub fn global_delay_data(&self) -> &Delays<T> {
        &self.delays
    }

    /// From now on registers and reads delays in another registry; those of its own are forgotten.
    pub fn share_delays(&mut self, delays: &Delays<T>) {
        if !self.delays.is(delays) {
            self.own_delays.clear();
            self.delays = delays.clone();
        }
    }

    /// Has the registries of a group that it is a copy of, and so have its children.
    pub(super) fn rejoin(&mut self, original: &Self) {
        self.delays = original.delays.clone();
        for ((_, child), (_, original)) in self.children.iter_mut().zip(&original.children) {
            child.rejoin_delays(original.as_ref());
        }
    }
}
