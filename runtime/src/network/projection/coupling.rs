//! Coupling functions at work.

use std::marker::PhantomData;
use std::sync::Arc;

use super::pairs::Pairs;
use crate::error::{Error, with_space};
use crate::integrate::Arithmetic;
use crate::lanes::{AsWritten, Lane, Real, Rounding, Single};
use crate::model::{Array, Coupling, Limit, ModelInfo, Param, Point, Roles};
use crate::network::Moment;
use crate::network::slopes::Memory;
use crate::task::{self, Task};
use crate::units::BLOCK;

/// A coupling function with values of its parameters.
///
/// ```
/// use rate_model::prelude::*;
/// rate_model! {
///     coupling Sines {
///         param K: 1/ms = 1;
///         source θ_j;
///         target θ_i;
///         each s = sin(θ_j - θ_i);
///         total pull: 1/ms = K*sum(s);
///     }
/// }
/// let strong = Coupled::<Sines>::new().set(Sines::K, 2.5);
/// # let _ = strong;
/// ```
pub struct Coupled<C> {
    params: Vec<(usize, f64)>,
    coupling: PhantomData<fn() -> C>,
}

impl<C> Clone for Coupled<C> {
    fn clone(&self) -> Self {
        Self { params: self.params.clone(), coupling: PhantomData }
    }
}

impl<C: Coupling> std::fmt::Debug for Coupled<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut coupled = f.debug_struct(C::INFO.name);
        for (param, value) in &self.params {
            coupled.field(C::INFO.params[*param].name, value);
        }
        coupled.finish()
    }
}

impl<C: Coupling> Default for Coupled<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Coupling> Coupled<C> {
    /// With the default values of all parameters.
    pub fn new() -> Self {
        Self { params: Vec::new(), coupling: PhantomData }
    }

    /// Sets a parameter, in its declared unit. It is checked when the projection is connected.
    pub fn set(mut self, param: Param<C>, value: f64) -> Self {
        self.params.push((param.index(), value));
        self
    }
}

/// No coupling function: what arrives is the weighted sum.
#[derive(Clone, Copy, Debug)]
pub struct Sum;

/// What a projection makes of what it sends: nothing, or a coupling function.
pub trait Couple: sealed::Sealed {
    #[doc(hidden)]
    type Function: 'static;
    #[doc(hidden)]
    fn functions<T: Real>(self) -> Result<Option<Functions<T>>, Error>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Sum {}
    impl<C> Sealed for super::Coupled<C> {}
}

impl Couple for Sum {
    type Function = ();

    fn functions<T: Real>(self) -> Result<Option<Functions<T>>, Error> {
        Ok(None)
    }
}

impl<C: Coupling> Couple for Coupled<C> {
    type Function = C;

    fn functions<T: Real>(self) -> Result<Option<Functions<T>>, Error> {
        Functions::new::<C>(&self.params).map(Some)
    }
}

/// A coupling function without its type.
#[derive(Debug)]
pub struct Functions<T> {
    pub(crate) info: &'static ModelInfo,
    pub(crate) roles: Roles,
    values: Fixed<T>,
    each: Each<T>,
    total: Total<T>,
    pub(super) pairs: PairSums<T>,
}

type Each<T> = fn(Arithmetic, &Fixed<T>, &mut [T]);
type Total<T> = fn(Arithmetic, &Fixed<T>, sums: &mut [T], own: &[T]);
pub(super) type PairSums<T> = fn(Arithmetic, &Fixed<T>, &mut PairsAt<'_, T>);

/// What stays: parameters and what is derived from them.
#[derive(Clone, Debug)]
pub(super) struct Fixed<T> {
    params: Vec<T>,
    derived: Vec<T>,
}

impl<T: Real> Functions<T> {
    /// Whether another is the same function.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::ptr::eq(self.info, other.info) && self.values.params == other.values.params
    }

    fn new<C: Coupling>(given: &[(usize, f64)]) -> Result<Self, Error> {
        let mut params: Vec<f64> = C::INFO.params.iter().map(|param| param.default).collect();
        for (param, value) in given {
            params[*param] = *value;
        }
        check_params::<T>(C::INFO, &params)?;
        let params: Vec<T> = params.into_iter().map(T::from_f64).collect();
        let lanes: C::Params<Lane<T, AsWritten>> = Array::from_fn(|i| Lane::new(params[i]));
        let derived = C::derived(&lanes);
        let derived = derived.as_ref().iter().map(|lane| lane.value).collect();
        Ok(Self {
            info: C::INFO,
            roles: C::ROLES,
            values: Fixed { params, derived },
            each: |arithmetic, fixed, values| {
                task::run(arithmetic, EachTask::<C, T> { fixed, values, coupling: PhantomData });
            },
            total: |arithmetic, fixed, sums, own| {
                let coupling = PhantomData;
                task::run(arithmetic, TotalTask::<C, T> { fixed, sums, own, coupling });
            },
            pairs: |arithmetic, fixed, at| {
                task::run(arithmetic, PairsTask::<C, T> { fixed, at, coupling: PhantomData });
            },
        })
    }

    /// What connections send, in the place of what they read. For functions of the source alone.
    pub(super) fn each(&self, arithmetic: Arithmetic, values: &mut [T]) {
        (self.each)(arithmetic, &self.values, values);
    }

    /// What units receive, in the place of the weighted sums; `own` are the targets' values, or
    /// nothing.
    pub(super) fn total(&self, arithmetic: Arithmetic, sums: &mut [T], own: &[T]) {
        (self.total)(arithmetic, &self.values, sums, own);
    }

    /// Computes weighted sums over pairs.
    pub(super) fn sum_pairs(&self, arithmetic: Arithmetic, at: &mut PairsAt<'_, T>) {
        (self.pairs)(arithmetic, &self.values, at);
    }
}

fn check_params<T: Real>(info: &'static ModelInfo, params: &[f64]) -> Result<(), Error> {
    let wrong = |param: usize, condition: String| Error::CouplingParam {
        coupling: info.name,
        param: info.params[param].name,
        value: params[param],
        unit: with_space(info.params[param].unit),
        condition,
    };
    if let Some(param) = params.iter().position(|value| !T::from_f64(*value).is_finite()) {
        return Err(wrong(param, "a finite number".to_owned()));
    }
    let limit = |limit: Limit| match limit {
        Limit::Value(value) => value,
        Limit::Param { index, factor } => factor * params[index],
    };
    match info.bounds.iter().find(|bound| !bound.holds(params[bound.param], limit(bound.limit))) {
        Some(bound) => Err(wrong(bound.param, format!("`{}`", bound.text))),
        None => Ok(()),
    }
}

/// What a coupling function makes of values before they are sent.
#[derive(Clone, Debug)]
pub(crate) struct Through<T> {
    pub(super) functions: Arc<Functions<T>>,
    pub(super) arithmetic: Arithmetic,
}

impl<T: Real> Through<T> {
    pub(crate) fn apply(&self, values: &mut [T]) {
        self.functions.each(self.arithmetic, values);
    }
}

/// The point at which a coupling function is evaluated.
#[inline(always)]
fn point<C: Coupling, T: Real, A: Rounding>(
    fixed: &Fixed<T>,
    source: T,
    target: T,
    sum: T,
) -> Point<C, Lane<T, A>> {
    let mut u: C::Inputs<Lane<T, A>> = Array::from_fn(|_| Lane::new(T::default()));
    u.as_mut()[C::ROLES.source] = Lane::new(source);
    if let Some(place) = C::ROLES.target {
        u.as_mut()[place] = Lane::new(target);
    }
    u.as_mut()[C::ROLES.sum] = Lane::new(sum);
    Point {
        t: Lane::new(T::default()),
        p: Array::from_fn(|i| Lane::new(fixed.params[i])),
        q: Array::from_fn(|i| Lane::new(fixed.derived[i])),
        u,
        x: Array::from_fn(|_| Lane::new(T::default())),
    }
}

/// Replaces numbers by a function of them, in vectors. Where that leaves something out, they are
/// computed once more, one by one.
#[inline(always)]
fn map<T: Real, A: Rounding>(
    values: &mut [T],
    fast: impl Fn(usize, T) -> Lane<T, A>,
    exact: impl Fn(usize, T) -> Lane<T, Single<A>>,
) {
    for (tile, values) in values.chunks_mut(BLOCK).enumerate() {
        let mut out = [T::default(); BLOCK];
        let mut far = false;
        for (lane, (out, value)) in out.iter_mut().zip(&*values).enumerate() {
            let result = fast(tile * BLOCK + lane, *value);
            far |= result.far;
            *out = result.value;
        }
        if far {
            for (lane, (out, value)) in out.iter_mut().zip(&*values).enumerate() {
                *out = exact(tile * BLOCK + lane, *value).value;
            }
        }
        for (value, out) in values.iter_mut().zip(&out) {
            *value = *out;
        }
    }
}

/// What a connection sends.
#[inline(always)]
fn each<C: Coupling, T: Real, A: Rounding>(fixed: &Fixed<T>, source: T, target: T) -> Lane<T, A> {
    let at = point::<C, T, A>(fixed, source, target, T::default());
    C::auxiliaries(&at).as_ref()[C::ROLES.each]
}

/// What a unit receives.
#[inline(always)]
fn total<C: Coupling, T: Real, A: Rounding>(fixed: &Fixed<T>, sum: T, own: T) -> Lane<T, A> {
    let at = point::<C, T, A>(fixed, T::default(), own, sum);
    C::auxiliaries(&at).as_ref()[C::ROLES.total]
}

struct EachTask<'a, C, T> {
    fixed: &'a Fixed<T>,
    values: &'a mut [T],
    coupling: PhantomData<C>,
}

impl<C: Coupling, T: Real> Task for EachTask<'_, C, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { fixed, values, .. } = self;
        map(
            values,
            #[inline(always)]
            |_, value| each::<C, T, A>(fixed, value, T::default()),
            |_, value| each::<C, T, Single<A>>(fixed, value, T::default()),
        );
    }
}

struct TotalTask<'a, C, T> {
    fixed: &'a Fixed<T>,
    /// Replaced by what is received.
    sums: &'a mut [T],
    own: &'a [T],
    coupling: PhantomData<C>,
}

impl<C: Coupling, T: Real> Task for TotalTask<'_, C, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { fixed, sums, own, .. } = self;
        if C::ROLES.target.is_some() {
            map(
                sums,
                #[inline(always)]
                |unit, sum| total::<C, T, A>(fixed, sum, own[unit]),
                |unit, sum| total::<C, T, Single<A>>(fixed, sum, own[unit]),
            );
        } else {
            map(
                sums,
                #[inline(always)]
                |_, sum| total::<C, T, A>(fixed, sum, T::default()),
                |_, sum| total::<C, T, Single<A>>(fixed, sum, T::default()),
            );
        }
    }
}

/// What sums over pairs are made of.
pub(super) struct PairsAt<'a, T> {
    pub(super) pairs: &'a mut Pairs<T>,
    /// Values of the sources now.
    pub(super) present: &'a [T],
    /// Their past, where connections are delayed.
    pub(super) history: Option<Memory<'a, T>>,
    pub(super) at: Moment,
    /// Values of the targets.
    pub(super) own: &'a [T],
    pub(super) sums: &'a mut [T],
}

struct PairsTask<'a, 'b, C, T> {
    fixed: &'a Fixed<T>,
    at: &'a mut PairsAt<'b, T>,
    coupling: PhantomData<C>,
}

impl<C: Coupling, T: Real> Task for PairsTask<'_, '_, C, T> {
    #[inline(always)]
    fn run<A: Rounding>(self) {
        let Self { fixed, at: PairsAt { pairs, present, history, at, own, sums }, .. } = self;
        pairs.read(*history, *at, present);
        pairs.sum(
            own,
            sums,
            #[inline(always)]
            |source, target| each::<C, T, A>(fixed, source, target),
            |source, target| each::<C, T, Single<A>>(fixed, source, target),
        );
    }
}
