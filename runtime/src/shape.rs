//! Shapes of populations.

/// The shape of a population: its units are stored flat, in row-major order.
///
/// ```
/// use rate_model::Shape;
/// assert_eq!(Shape::from(29).len(), Some(29));
/// assert_eq!(Shape::from([4, 5]).dims(), [4, 5]);
/// assert_eq!(Shape::from([usize::MAX, 2]).len(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// The number of units; `None` when it overflows.
    pub fn len(&self) -> Option<usize> {
        self.0.iter().try_fold(1_usize, |product, dim| product.checked_mul(*dim))
    }

    /// Whether there are no units.
    pub fn is_empty(&self) -> bool {
        self.0.contains(&0)
    }

    /// Length along each axis.
    pub fn dims(&self) -> &[usize] {
        &self.0
    }
}

impl From<usize> for Shape {
    fn from(units: usize) -> Self {
        Self(vec![units])
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self(dims.to_vec())
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self(dims.to_vec())
    }
}

impl From<(usize, usize)> for Shape {
    fn from((rows, columns): (usize, usize)) -> Self {
        Self(vec![rows, columns])
    }
}
