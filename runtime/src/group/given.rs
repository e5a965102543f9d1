//! What an update is given: a number, or one for each unit.

use std::borrow::Cow;

use ndarray::{ArrayBase, Data, Dimension};

use crate::lanes::Real;

/// Numbers for an input, a noise or a past: one for all units, one for each (in the group's shape or
/// flat; all members of a batch get the same), or one for each unit of each member.
#[derive(Clone, Debug)]
pub enum Given<'a, T: Clone> {
    /// The same for all.
    All(f64),
    /// One for each, in row-major order, with their shape.
    Each(Vec<usize>, Cow<'a, [T]>),
}

impl<T: Clone> From<f64> for Given<'_, T> {
    fn from(value: f64) -> Self {
        Self::All(value)
    }
}

impl<T: Clone> From<i32> for Given<'_, T> {
    fn from(value: i32) -> Self {
        Self::All(value.into())
    }
}

impl<'a, T: Clone> From<&'a [T]> for Given<'a, T> {
    fn from(values: &'a [T]) -> Self {
        Self::Each(vec![values.len()], values.into())
    }
}

impl<'a, T: Clone> From<&'a Vec<T>> for Given<'a, T> {
    fn from(values: &'a Vec<T>) -> Self {
        values.as_slice().into()
    }
}

impl<'a, T: Clone, const N: usize> From<&'a [T; N]> for Given<'a, T> {
    fn from(values: &'a [T; N]) -> Self {
        values.as_slice().into()
    }
}

impl<T: Clone> From<Vec<T>> for Given<'_, T> {
    fn from(values: Vec<T>) -> Self {
        Self::Each(vec![values.len()], values.into())
    }
}

impl<T: Clone, const N: usize> From<[T; N]> for Given<'_, T> {
    fn from(values: [T; N]) -> Self {
        values.to_vec().into()
    }
}

impl<'a, T: Clone, S: Data<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for Given<'a, T> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        let values = match array.as_slice() {
            Some(values) => Cow::Borrowed(values),
            None => array.iter().cloned().collect(),
        };
        Self::Each(array.shape().to_vec(), values)
    }
}

/// The shapes that numbers for a group may have.
#[derive(Clone, Copy)]
pub(super) struct Fit<'a> {
    /// Of one member.
    pub(super) varshape: &'a [usize],
    /// Units of one member.
    pub(super) num: usize,
    /// Members.
    pub(super) members: usize,
}

impl<T: Real> Given<'_, T> {
    /// The shape of what does not fit.
    pub(super) fn misfit(&self, fit: Fit<'_>) -> Option<&[usize]> {
        let Self::Each(shape, _) = self else { return None };
        let of_member = shape == fit.varshape || shape[..] == [fit.num];
        let of_all = shape[..] == [fit.num * fit.members]
            || shape.split_first().is_some_and(|(first, rest)| {
                *first == fit.members && (rest == fit.varshape || rest == [fit.num])
            });
        (!of_member && !of_all).then_some(shape)
    }

    /// The first number that is not finite.
    pub(super) fn first_not_finite(&self) -> Option<f64> {
        match self {
            Self::All(value) => (!T::from_f64(*value).is_finite()).then_some(*value),
            Self::Each(_, values) => {
                values.iter().find(|value| !value.is_finite()).map(|value| value.to_f64())
            }
        }
    }

    /// Visits each number of the group, in row-major order, with the one given for it.
    pub(super) fn for_each(&self, numbers: &mut [T], mut visit: impl FnMut(&mut T, T)) {
        match self {
            Self::All(value) => numbers.iter_mut().for_each(|one| visit(one, T::from_f64(*value))),
            // A member's numbers again and again.
            Self::Each(_, values) => {
                for (number, value) in numbers.iter_mut().zip(values.iter().cycle()) {
                    visit(number, *value);
                }
            }
        }
    }
}
