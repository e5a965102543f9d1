//! Values drawn from a distribution, or made of a shape.

use std::sync::Arc;

use crate::draw::{normals, uniforms};

/// How values are made for a shape: constants, random numbers, or a function of the shape.
///
/// Goes wherever [`Values`](crate::Values) go. Random numbers come from Philox4x32-10 and depend on
/// the seed, on the name of what they are for (population, kind and symbol), on the place, and on
/// nothing else. Without a seed of its own an initializer has that of the group, and 0 in a network.
///
/// ```
/// use rate_model::Init;
/// use rate_model::prelude::*;
/// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 0; tau dx/dt = -x; } }
/// let population = Population::<Leak>::new("cortex", [20, 30])
///     .set(Leak::tau, Init::uniform(10.0, 20.0))
///     .init(Leak::x, Init::normal(0.0, 0.1).seed(7));
/// # Network::new().add(population)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Init {
    law: Law,
    seed: Option<u64>,
}

#[derive(Clone)]
enum Law {
    Constant(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64 },
    Truncated { mean: f64, std: f64, low: f64, high: f64 },
    Scaled { scale: f64, fan: Fan, spread: Spread },
    Orthogonal { scale: f64 },
    Function(Arc<Function>),
}

/// Values for a shape, row by row.
type Function = dyn Fn(&[usize]) -> Vec<f64> + Send + Sync;

/// What [`Init::variance_scaling`] divides by: of the last two axes of a shape, the first counts inputs
/// and the second outputs; axes before them multiply both. Of a shape with one axis it is its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs.
    In,
    /// The number of outputs.
    Out,
    /// The mean of both.
    Average,
}

/// The shape of the distribution of [`Init::variance_scaling`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Normal numbers, drawn again beyond two standard deviations.
    TruncatedNormal,
    /// Normal numbers.
    Normal,
    /// Numbers between two limits.
    Uniform,
}

/// The standard deviation of a normal number of variance 1 between -2 and 2.
const TRUNCATED_STD: f64 = 0.879_625_661_034_239_8;

impl Init {
    fn of(law: Law) -> Self {
        Self { law, seed: None }
    }

    /// 0 everywhere.
    pub fn zero() -> Self {
        Self::constant(0.0)
    }

    /// 1 everywhere.
    pub fn one() -> Self {
        Self::constant(1.0)
    }

    /// The same everywhere.
    pub fn constant(value: f64) -> Self {
        Self::of(Law::Constant(value))
    }

    /// Uniform between `low` and `high`.
    pub fn uniform(low: f64, high: f64) -> Self {
        Self::of(Law::Uniform { low, high })
    }

    /// Normal with a mean and a standard deviation.
    pub fn normal(mean: f64, std: f64) -> Self {
        Self::of(Law::Normal { mean, std })
    }

    /// Normal with a mean and a standard deviation (both before it is cut), between `low` and `high`;
    /// drawn by inverting the distribution function.
    pub fn truncated_normal(mean: f64, std: f64, low: f64, high: f64) -> Self {
        Self::of(Law::Truncated { mean, std, low, high })
    }

    /// Of mean 0 and variance `scale` / `fan`, so that sums over inputs (or outputs) keep their size.
    pub fn variance_scaling(scale: f64, fan: Fan, spread: Spread) -> Self {
        Self::of(Law::Scaled { scale, fan, spread })
    }

    /// Variance 2 / (inputs + outputs), truncated normal: X. Glorot and Y. Bengio, AISTATS 2010.
    pub fn xavier_normal() -> Self {
        Self::variance_scaling(1.0, Fan::Average, Spread::TruncatedNormal)
    }

    /// The same, uniform.
    pub fn xavier_uniform() -> Self {
        Self::variance_scaling(1.0, Fan::Average, Spread::Uniform)
    }

    /// Variance 2 / inputs, truncated normal: K. He, X. Zhang, S. Ren and J. Sun, ICCV 2015.
    pub fn kaiming_normal() -> Self {
        Self::variance_scaling(2.0, Fan::In, Spread::TruncatedNormal)
    }

    /// The same, uniform.
    pub fn kaiming_uniform() -> Self {
        Self::variance_scaling(2.0, Fan::In, Spread::Uniform)
    }

    /// Variance 1 / inputs, truncated normal: Y. Le Cun, L. Bottou, G. B. Orr and K.-R. Müller, Efficient
    /// backprop, 1998.
    pub fn lecun_normal() -> Self {
        Self::variance_scaling(1.0, Fan::In, Spread::TruncatedNormal)
    }

    /// The same, uniform.
    pub fn lecun_uniform() -> Self {
        Self::variance_scaling(1.0, Fan::In, Spread::Uniform)
    }

    /// Rows (or columns, where there are fewer) that are orthogonal and of length `scale`, drawn evenly:
    /// A. M. Saxe, J. L. `McClelland` and S. Ganguli, ICLR 2014. Shapes have two axes.
    pub fn orthogonal(scale: f64) -> Self {
        Self::of(Law::Orthogonal { scale })
    }

    /// What a function makes of the shape, row by row. In a group with batches the shape of states
    /// begins with the number of members.
    pub fn from_fn(values: impl Fn(&[usize]) -> Vec<f64> + Send + Sync + 'static) -> Self {
        Self::of(Law::Function(Arc::new(values)))
    }

    /// With a seed of its own.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The value of all, if they are known to be equal.
    pub(crate) fn shared(&self) -> Option<f64> {
        if let Law::Constant(value) = self.law { Some(value) } else { None }
    }

    /// Values for a shape, row by row.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn values(&self, shape: &[usize], draw: Draw) -> Result<Vec<f64>, String> {
        let len = shape.iter().product();
        let draw = Draw { seed: self.seed.unwrap_or(draw.seed), ..draw };
        match &self.law {
            Law::Constant(value) => Ok(vec![*value; len]),
            Law::Uniform { low, high } => uniform(*low, *high, draw, len),
            Law::Normal { mean, std } => normal(*mean, *std, draw, len),
            Law::Truncated { mean, std, low, high } => {
                truncated([*mean, *std], [*low, *high], draw, len)
            }
            Law::Scaled { scale, fan, spread } => {
                let std = (positive("the scale", *scale)? / fan.of(shape)).sqrt();
                match spread {
                    // An empty shape has no numbers, and its fan is nothing to divide by.
                    _ if len == 0 => Ok(Vec::new()),
                    Spread::Normal => normal(0.0, std, draw, len),
                    Spread::Uniform => {
                        uniform(-std * 3.0_f64.sqrt(), std * 3.0_f64.sqrt(), draw, len)
                    }
                    Spread::TruncatedNormal => {
                        let std = std / TRUNCATED_STD;
                        truncated([0.0, std], [-2.0 * std, 2.0 * std], draw, len)
                    }
                }
            }
            Law::Orthogonal { scale } => orthogonal(*scale, shape, draw),
            Law::Function(function) => {
                let values = function(shape);
                let found = values.len();
                if found == len {
                    Ok(values)
                } else {
                    Err(format!("its function gave {found} numbers for shape {shape:?}"))
                }
            }
        }
    }
}

impl std::fmt::Debug for Law {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::Uniform { low, high } => write!(f, "uniform({low}, {high})"),
            Self::Normal { mean, std } => write!(f, "normal({mean}, {std})"),
            Self::Truncated { mean, std, low, high } => {
                write!(f, "truncated_normal({mean}, {std}, {low}, {high})")
            }
            Self::Scaled { scale, fan, spread } => {
                write!(f, "variance_scaling({scale}, {fan:?}, {spread:?})")
            }
            Self::Orthogonal { scale } => write!(f, "orthogonal({scale})"),
            Self::Function(_) => f.write_str("a function of the shape"),
        }
    }
}

/// Which random numbers are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    seed: u64,
    stream: u64,
    /// How often the same was drawn before.
    round: u64,
}

impl Draw {
    /// Those for something of a name.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a (draft-eastlake-fnv): equal names have equal numbers, on every machine.
        let stream = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self { seed, stream, round: 0 }
    }

    /// Those of a later drawing.
    pub(crate) fn round(self, round: u64) -> Self {
        Self { round, ..self }
    }

    /// 2⁴⁰ numbers a round are more than any memory holds.
    fn index(self, index: usize) -> u64 {
        index as u64 | self.round << 40
    }

    fn uniforms(self, index: usize) -> [f64; 2] {
        uniforms(self.seed, self.stream, self.index(index))
    }

    fn normals(self, len: usize) -> Vec<f64> {
        let pair = |pair| normals(self.seed, self.stream, self.index(pair));
        (0..len.div_ceil(2)).flat_map(pair).take(len).collect()
    }
}

impl Fan {
    fn of(self, shape: &[usize]) -> f64 {
        let (before, [inputs, outputs]) = match shape {
            [] => (1, [1, 1]),
            [one] => (1, [*one; 2]),
            [before @ .., inputs, outputs] => (before.iter().product(), [*inputs, *outputs]),
        };
        let [inputs, outputs] = [inputs, outputs].map(|count| (before * count) as f64);
        match self {
            Self::In => inputs,
            Self::Out => outputs,
            Self::Average => f64::midpoint(inputs, outputs),
        }
    }
}

/// A number that must be finite and not negative.
fn positive(what: &str, value: f64) -> Result<f64, String> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(format!("{what} is {value}; it must be finite and not negative"))
    }
}

/// Limits that must be finite and in order.
fn ordered(low: f64, high: f64) -> Result<(), String> {
    if low <= high && low.is_finite() && high.is_finite() {
        Ok(())
    } else {
        Err(format!("its limits are {low} and {high}; they must be finite, the lower one first"))
    }
}

fn uniform(low: f64, high: f64, draw: Draw, len: usize) -> Result<Vec<f64>, String> {
    ordered(low, high)?;
    Ok((0..len).map(|index| low + (high - low) * draw.uniforms(index)[0]).collect())
}

fn normal(mean: f64, std: f64, draw: Draw, len: usize) -> Result<Vec<f64>, String> {
    positive("the standard deviation", std)?;
    Ok(draw.normals(len).into_iter().map(|normal| mean + std * normal).collect())
}

fn truncated(
    [mean, std]: [f64; 2],
    [low, high]: [f64; 2],
    draw: Draw,
    len: usize,
) -> Result<Vec<f64>, String> {
    positive("the standard deviation", std)?;
    ordered(low, high)?;
    if std == 0.0 {
        return Ok(vec![mean.clamp(low, high); len]);
    }
    let limits = [(low - mean) / std, (high - mean) / std];
    let value = |index| mean + std * truncated_quantile(limits, draw.uniforms(index)[0]);
    Ok((0..len).map(|index| value(index).clamp(low, high)).collect())
}

/// Where the distribution function of a normal number between limits is `p`, by Newton's method within
/// limits that close in.
fn truncated_quantile([low, high]: [f64; 2], p: f64) -> f64 {
    // Far above 0 all of the distribution function's digits are 9: there, look from the other side.
    if low > 0.0 {
        return -truncated_quantile([-high, -low], 1.0 - p);
    }
    let below = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let wanted = below(low) + p * (below(high) - below(low));
    let density = |x: f64| libm::exp(-0.5 * x * x) / std::f64::consts::TAU.sqrt();
    let (mut left, mut right) = (low.max(-40.0), high.min(40.0));
    let mut x = f64::midpoint(left, right);
    for _ in 0..200 {
        let excess = below(x) - wanted;
        if excess < 0.0 {
            left = x;
        } else {
            right = x;
        }
        // Newton's step, unless it leaves what is known; then half the way.
        let newton = x - excess / density(x);
        let next =
            if newton > left && newton < right { newton } else { f64::midpoint(left, right) };
        if (next - x).abs() <= 1e-15 * x.abs().max(1e-3) {
            return next;
        }
        x = next;
    }
    x
}

/// Normal rows, each made orthogonal to those before it (Gram and Schmidt's method, twice for rounding).
fn orthogonal(scale: f64, shape: &[usize], draw: Draw) -> Result<Vec<f64>, String> {
    positive("the scale", scale)?;
    let &[rows, columns] = shape else {
        return Err(format!("an orthogonal matrix has two axes, not shape {shape:?}"));
    };
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for row in draw.normals(count * length).chunks(length.max(1)) {
        let mut row = row.to_vec();
        for other in basis.iter().chain(&basis) {
            let along: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
            row.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let norm = row.iter().map(|a| a * a).sum::<f64>().sqrt();
        basis.push(row.iter().map(|a| a / norm).collect());
    }
    let at = |row: usize, column: usize| {
        scale * if rows <= columns { basis[row][column] } else { basis[column][row] }
    };
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    Ok(places.map(|(row, column)| at(row, column)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw() -> Draw {
        Draw::new(1, "test")
    }

    #[test]
    fn orthogonal_rows_are_orthogonal() {
        for shape in [[4, 6], [6, 4], [5, 5]] {
            let values = Init::orthogonal(2.0).values(&shape, draw()).unwrap();
            let at = |row: usize, column: usize| values[row * shape[1] + column];
            let (count, length) = (shape[0].min(shape[1]), shape[0].max(shape[1]));
            let of = |one: usize, place: usize| {
                if shape[0] <= shape[1] { at(one, place) } else { at(place, one) }
            };
            for a in 0..count {
                for b in 0..count {
                    let product: f64 = (0..length).map(|k| of(a, k) * of(b, k)).sum();
                    let expected = if a == b { 4.0 } else { 0.0 };
                    assert!((product - expected).abs() < 1e-12, "{shape:?}: {product}");
                }
            }
        }
    }

    /// Quantiles against the distribution function itself, also far out, where nothing is left of
    /// 1 - Φ in double precision.
    #[test]
    fn quantiles_of_a_cut_normal_law_are_where_they_should_be() {
        let above = |x: f64| 0.5 * libm::erfc(x / 2.0_f64.sqrt());
        for [low, high] in [[-2.0, 2.0], [-0.5, 1.0], [9.0, 10.0], [-40.0, -12.0]] {
            for p in [1e-9, 0.3, 0.5, 0.9] {
                let x = truncated_quantile([low, high], p);
                let found = if low > 0.0 {
                    (above(low) - above(x)) / (above(low) - above(high))
                } else {
                    (above(-x) - above(-low)) / (above(-high) - above(-low))
                };
                assert!((found - p).abs() < 1e-9, "{low} {high} {p}: {found}");
            }
        }
    }

    #[test]
    fn numbers_depend_on_seed_name_and_round() {
        let init = Init::uniform(0.0, 1.0);
        let numbers = |draw| init.values(&[5], draw).unwrap();
        assert_eq!(numbers(draw()), numbers(draw()));
        for other in [Draw::new(2, "test"), Draw::new(1, "other"), draw().round(1)] {
            assert!(numbers(draw()).iter().zip(numbers(other)).all(|(a, b)| *a != b));
        }
        assert_eq!(
            init.clone().seed(1).values(&[5], Draw::new(9, "test")).unwrap(),
            numbers(draw())
        );
        assert_eq!(numbers(draw())[..3], init.values(&[3], draw()).unwrap());
    }

    #[test]
    fn what_cannot_be_drawn_is_said_in_words() {
        let problem = |init: Init, shape: &[usize]| init.values(shape, draw()).unwrap_err();
        assert!(problem(Init::uniform(1.0, 0.0), &[2]).contains("limits are 1 and 0"));
        assert!(problem(Init::normal(0.0, -1.0), &[2]).contains("standard deviation is -1"));
        assert!(problem(Init::truncated_normal(0.0, 1.0, f64::NAN, 1.0), &[2]).contains("NaN"));
        assert!(problem(Init::orthogonal(1.0), &[2]).contains("two axes, not shape [2]"));
        assert!(problem(Init::from_fn(|_| vec![1.0]), &[2]).contains("gave 1 numbers"));
        assert!(Init::xavier_normal().values(&[0, 3], draw()).unwrap().is_empty());
    }
}
