//! The gradient of a loss over a run by trained parameters, backwards through its steps.

use std::marker::PhantomData;

use super::{Group, GroupError};
use crate::error::Error;
use crate::integrate::{Bounds, Integrator};
use crate::lanes::{AsWritten, Lane, Real};
use crate::model::{Array, Law, Param, Point, RateModel, Response, State};
use crate::time::Clock;
use crate::units::{Column, Units};
use crate::values::Resolved;

/// The formulas are evaluated in double precision, rounded as written.
type Number = Lane<f64, AsWritten>;

/// What a step began with.
#[derive(Clone, Debug)]
pub(super) struct Entry<T> {
    /// For each state its values.
    states: Vec<Vec<T>>,
    /// For each input, then each noise, its values.
    inputs: Vec<Vec<T>>,
}

impl<T: Real> Entry<T> {
    pub(super) fn of(units: &Units<T>) -> Self {
        let values = |column: &Column<T>| column.as_slice(units.len).to_vec();
        Self {
            states: units.states.iter().map(values).collect(),
            inputs: units.inputs.iter().map(values).collect(),
        }
    }
}

/// How a loss changes with the states at the end of a step; 0 unless it is set.
pub struct Slopes<M> {
    columns: Vec<Vec<f64>>,
    model: PhantomData<fn() -> M>,
}

impl<M: RateModel> Slopes<M> {
    fn zero(len: usize) -> Self {
        Self { columns: vec![vec![0.0; len]; M::INFO.states.len()], model: PhantomData }
    }

    /// By the values of a state, in the order of [`Group::state`].
    pub fn by(&mut self, state: State<M>) -> &mut [f64] {
        &mut self.columns[state.index()]
    }
}

/// A loss and its gradient.
pub struct Gradient<M> {
    /// The loss.
    pub loss: f64,
    by: Vec<(usize, Vec<f64>)>,
    model: PhantomData<fn() -> M>,
}

impl<M> std::fmt::Debug for Slopes<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.columns.fmt(f)
    }
}

impl<M: RateModel> std::fmt::Debug for Gradient<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let by = self.by.iter().map(|(index, values)| (M::INFO.params[*index].name, values));
        write!(f, "loss {}, ", self.loss)?;
        f.debug_map().entries(by).finish()
    }
}

impl<M: RateModel> Gradient<M> {
    /// By a parameter: one number where it is one for all units, else one for each; nothing for a
    /// parameter that is not trained.
    pub fn by(&self, param: Param<M>) -> Option<&[f64]> {
        let found = self.by.iter().find(|(index, _)| *index == param.index());
        found.map(|(_, values)| &values[..])
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// The gradient of a loss by the trained parameters, over a number of updates from the present
    /// state. The group itself stays as it is: all is done with a copy.
    ///
    /// `run` takes one step of the copy each time ([`Group::update`] or [`Group::step`], after
    /// clearing or giving inputs as it likes); it is told which, counted from 1. `loss` then gives what
    /// the states at the end of that step add to the loss, and writes how that changes with them.
    ///
    /// ```
    /// # use rate_model::{group::Group, prelude::*};
    /// # rate_model! { model Leak {
    /// #     param tau = 20 where tau > 0; param β = 2; input I; state x = 0; tau dx/dt = -x + β*I; } }
    /// let group = Group::<Leak>::builder(1, 1.0).train(Leak::β).build()?;
    /// let gradient = group.gradient(
    ///     1,
    ///     |group, _| group.update([(Leak::I, 3.0)]).map(drop),
    ///     |_, group, slopes| {
    ///         slopes.by(Leak::x)[0] = 1.0;
    ///         group.state(Leak::x)[0]
    ///     },
    /// )?;
    /// assert!((gradient.by(Leak::β).unwrap()[0] - 3.0 / 20.0).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// The steps are those of Euler (and Maruyama), gone through backwards with the adjoint of the
    /// equations: reverse accumulation (A. Griewank and A. Walther, Evaluating Derivatives, 2nd
    /// edition, SIAM 2008, chapter 3). Random numbers are those of the run. Where a state is clipped,
    /// nothing before it counts.
    ///
    /// # Errors
    /// What `run` gives; [`GroupError::NoGradient`] for other methods than Euler's, models with delays
    /// or Ornstein–Uhlenbeck noise, states whose limits depend on a trained parameter, and runs that do
    /// anything but one step at a time.
    pub fn gradient(
        &self,
        updates: usize,
        mut run: impl FnMut(&mut Self, usize) -> Result<(), Error>,
        mut loss: impl FnMut(usize, &Self, &mut Slopes<M>) -> f64,
    ) -> Result<Gradient<M>, Error> {
        self.check_differentiable()?;
        let mut copy = self.try_clone()?;
        copy.tape = Some(Vec::new());
        let (mut total, mut weights) = (0.0, Vec::new());
        let mut end = Entry::of(&copy.population().units).states;
        for update in 1..=updates {
            run(&mut copy, update)?;
            copy.check_tape(update, &end)?;
            end = Entry::of(&copy.population().units).states;
            let mut slopes = Slopes::zero(copy.len());
            total += loss(update, &copy, &mut slopes);
            weights.push(slopes);
        }
        if !same_params(&self.plan.params, &copy.plan.params) {
            return Err(refused("parameters changed during it").into());
        }
        let tape = copy.tape.take().unwrap_or_default();
        let by = self.backwards(&tape, &weights)?;
        Ok(Gradient { loss: total, by, model: PhantomData })
    }

    fn check_differentiable(&self) -> Result<(), GroupError> {
        let integrator = self.plan.options.integrator;
        if integrator != Integrator::Euler {
            return Err(refused(format!("it is by `{integrator}`; take Euler's method")));
        }
        if self.plan.options.bounds != Bounds::Clip {
            return Err(refused("states are reflected at their bounds; have them clipped"));
        }
        if let Some(delay) = M::INFO.delays.first() {
            return Err(refused(format!("equations read past values, `{}`", delay.text)));
        }
        let ou = M::INFO.noises.iter().find(|noise| matches!(noise.law, Law::Ou { .. }));
        match ou {
            Some(noise) => Err(refused(format!("`{}` remembers its past", noise.symbol.name))),
            None => Ok(()),
        }
    }

    /// Each update is one step from where the last one ended.
    fn check_tape(&self, update: usize, end: &[Vec<T>]) -> Result<(), GroupError> {
        let steps = self.tape.as_ref().map_or(0, Vec::len);
        if steps != update {
            let taken = steps.saturating_sub(update - 1);
            return Err(refused(format!("update {update} took {taken} steps; take one each time")));
        }
        let began = self.tape.as_ref().and_then(|tape| tape.last());
        match began {
            Some(entry) if entry.states == end => Ok(()),
            _ => Err(refused(format!("states were changed by hand before update {update}"))),
        }
    }

    fn backwards(
        &self,
        tape: &[Entry<T>],
        weights: &[Slopes<M>],
    ) -> Result<Vec<(usize, Vec<f64>)>, Error> {
        let dt = self.dt().for_model(M::INFO)?;
        let clock = Clock::new(dt);
        let mut gradient = self.zero_gradient();
        for unit in 0..self.len() {
            let mut adjoint = vec![0.0; M::INFO.states.len()];
            for (step, (entry, slopes)) in tape.iter().zip(weights).enumerate().rev() {
                let at = self.point(entry, unit, clock.at(self.step_count() + step as u64));
                if step == 0 {
                    self.check_limits(&at)?;
                }
                for (sum, column) in adjoint.iter_mut().zip(&slopes.columns) {
                    *sum += column[unit];
                }
                let by = step_back::<M>(&at, dt, &mut adjoint);
                for (index, values) in &mut gradient {
                    let place = if values.len() == 1 { 0 } else { unit % self.plan.num };
                    values[place] += by.as_ref()[*index].value;
                }
            }
        }
        Ok(gradient)
    }

    /// A 0 for each number of each trained parameter.
    fn zero_gradient(&self) -> Vec<(usize, Vec<f64>)> {
        let zeros = |index: &usize| {
            let count = match &self.plan.params[*index] {
                Some(Resolved::PerUnit(values)) => values.len(),
                _ => 1,
            };
            (*index, vec![0.0; count])
        };
        self.plan.trained.iter().map(zeros).collect()
    }

    /// Everything that formulas depend on, for one unit.
    fn point(&self, entry: &Entry<T>, unit: usize, t: f64) -> Point<M, Number> {
        let units = &self.population().units;
        let number = |value: T| Lane::new(value.to_f64());
        let p = Array::from_fn(|index| number(units.params[index].get(unit)));
        Point {
            t: Lane::new(t),
            q: M::derived(&p),
            p,
            u: Array::from_fn(|index| number(entry.inputs[index][unit])),
            x: Array::from_fn(|index| number(entry.states[index][unit])),
        }
    }

    /// Limits of states must not move with what the gradient is by.
    fn check_limits(&self, at: &Point<M, Number>) -> Result<(), GroupError> {
        let now = limits::<M>(at);
        for index in &self.plan.trained {
            let mut p = at.p;
            let value = p.as_ref()[*index].value;
            p.as_mut()[*index] = Lane::new(value + 1e-3 * value.abs().max(1e-3));
            let moved = Point { t: at.t, q: M::derived(&p), p, u: at.u, x: at.x };
            if limits::<M>(&moved) != now {
                let name = M::INFO.params[*index].name;
                return Err(refused(format!("a state is bounded by `{name}`, which is trained")));
            }
        }
        Ok(())
    }
}

fn refused(problem: impl Into<String>) -> GroupError {
    GroupError::NoGradient { problem: problem.into() }
}

fn same_params(some: &[Option<Resolved>], others: &[Option<Resolved>]) -> bool {
    some.iter().zip(others).all(|pair| match pair {
        (None, None) => true,
        (Some(one), Some(other)) => one.distinct() == other.distinct(),
        _ => false,
    })
}

/// What states are clipped to from below and above, as bits.
fn limits<M: RateModel>(at: &Point<M, Number>) -> Vec<u64> {
    let clipped = |value: f64| M::bound(at, Array::from_fn(|_| Lane::new(value)));
    let both = [clipped(f64::NEG_INFINITY), clipped(f64::INFINITY)];
    both.iter().flat_map(AsRef::as_ref).map(|state| state.value.to_bits()).collect()
}

/// From the gradient by the states after a step to that by those before it; gives that by parameters.
fn step_back<M: RateModel>(
    at: &Point<M, Number>,
    dt: f64,
    adjoint: &mut [f64],
) -> M::Params<Number> {
    let (derivative, factors) = (M::derivative(at), M::diffusion(at));
    let first = M::INFO.inputs.len();
    let kick = |noise: usize| dt.sqrt() * at.u.as_ref()[first + noise].value;
    let mut stepped: Vec<f64> = (at.x.as_ref().iter().zip(derivative.as_ref()))
        .map(|(x, slope)| x.value + dt * slope.value)
        .collect();
    for (factor, [state, noise]) in factors.as_ref().iter().zip(M::INFO.diffusion) {
        stepped[*state] += factor.value * kick(*noise);
    }
    let bounded = M::bound(at, Array::from_fn(|state| Lane::new(stepped[state])));
    for (state, sum) in adjoint.iter_mut().enumerate() {
        if bounded.as_ref()[state].value != stepped[state] {
            *sum = 0.0;
        }
    }
    let by = Response::<M, Number> {
        derivative: Array::from_fn(|state| Lane::new(dt * adjoint[state])),
        auxiliaries: Array::from_fn(|_| Lane::new(0.0)),
        diffusion: Array::from_fn(|entry| {
            let [state, noise] = M::INFO.diffusion[entry];
            Lane::new(kick(noise) * adjoint[state])
        }),
    };
    let gradient = M::adjoint(at, &by);
    for (sum, by) in adjoint.iter_mut().zip(gradient.x.as_ref()) {
        *sum += by.value;
    }
    gradient.p
}
