//! Weights as users give them, and as they fit two populations.

use ndarray::{ArrayBase, Data, Ix2};

use crate::connectivity::Connections;
use crate::lanes::Real;

/// Weights of a projection as a user gives them: a matrix with a row per target and a column per
/// source, a rule that makes one, or a list of connections. Each weight is in units of the target
/// input per unit of the source; with a coupling function it is a pure number.
///
/// ```
/// use rate_model::{Weights, ndarray::arr2};
/// let matrix: Weights = arr2(&[[0.0, 0.5], [0.5, 0.0]]).into();
/// let literal: Weights = [[0.0, 0.5], [0.5, 0.0]].into();
/// let all_to_all: Weights = 0.1.into();
/// let one_to_one = Weights::from_fn(|target, source| if target == source { 1.0 } else { 0.0 });
/// // From unit 1 to unit 0 and from unit 0 to unit 1.
/// let sparse = Weights::sparse([(0, 1, 0.5), (1, 0, 0.5)]);
/// # let _ = (matrix, literal, all_to_all, one_to_one, sparse);
/// ```
pub struct Weights(Kind);

enum Kind {
    Matrix {
        shape: [usize; 2],
        values: Vec<f64>,
    },
    Rule(Box<dyn Fn(usize, usize) -> f64>),
    Connections {
        /// The numbers of targets and sources that they are for, where that is known.
        shape: Option<[usize; 2]>,
        all: Vec<(usize, usize, f64)>,
    },
}

/// Weights that fit two populations.
pub(crate) enum Fitted {
    /// Row by row.
    Dense(Vec<f64>),
    /// Those that are there.
    Sparse(Sparse),
}

/// Connections sorted by target (compressed sparse rows): those of target i stand at
/// `starts[i]..starts[i + 1]`, in the order of sources, and those of
/// one source in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    pub(crate) starts: Vec<usize>,
    pub(crate) sources: Vec<u32>,
    pub(crate) weights: Vec<f64>,
}

/// Why weights do not fit.
pub(crate) enum Misfit {
    /// A matrix of another shape.
    Shape([usize; 2]),
    /// A connection from or to a unit that is not there: target and source.
    Connection(usize, usize),
}

/// Sorts the connections of a target by source; those of one stay in their order.
fn sort(sources: &mut [u32], weights: &mut [f64]) {
    if sources.is_sorted() {
        return;
    }
    let pairs = sources.iter().copied().zip(weights.iter().copied());
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(source, _)| *source);
    for ((source, weight), pair) in sources.iter_mut().zip(weights).zip(pairs) {
        (*source, *weight) = pair;
    }
}

impl Sparse {
    fn new(targets: usize, connections: &[(usize, usize, f64)]) -> Self {
        let mut starts = vec![0; targets + 1];
        for (target, _, _) in connections {
            starts[target + 1] += 1;
        }
        for target in 0..targets {
            starts[target + 1] += starts[target];
        }
        let mut place = starts.clone();
        let mut sources = vec![0; connections.len()];
        let mut weights = vec![0.0; connections.len()];
        for (target, source, weight) in connections {
            sources[place[*target]] = u32::try_from(*source).unwrap_or(u32::MAX);
            weights[place[*target]] = *weight;
            place[*target] += 1;
        }
        for row in starts.windows(2) {
            sort(&mut sources[row[0]..row[1]], &mut weights[row[0]..row[1]]);
        }
        Self { starts, sources, weights }
    }

    /// Connections as (target, source, weight).
    pub(crate) fn of<T: Real>(targets: usize, connections: &[(usize, usize, T)]) -> Self {
        let wide = connections.iter().map(|(to, from, weight)| (*to, *from, weight.to_f64()));
        Self::new(targets, &wide.collect::<Vec<_>>())
    }

    /// How many bytes they take.
    pub(crate) fn size(&self) -> usize {
        let ends = size_of_val(&self.starts[..]) + size_of_val(&self.sources[..]);
        ends + size_of_val(&self.weights[..])
    }

    /// The connections of networks side by side, with so many sources each.
    pub(crate) fn beside(parts: &[Self], sources: usize) -> Self {
        let mut all = Self { starts: vec![0], ..Self::default() };
        for (member, part) in parts.iter().enumerate() {
            let (before, shift) = (all.weights.len(), member * sources);
            all.starts.extend(part.starts[1..].iter().map(|start| before + start));
            let shifted = part.sources.iter().map(|source| *source as usize + shift);
            all.sources.extend(shifted.map(|source| u32::try_from(source).unwrap_or(u32::MAX)));
            all.weights.extend(&part.weights);
        }
        all
    }

    /// The connections of a matrix: what is 0 is none.
    pub(crate) fn from_dense([targets, sources]: [usize; 2], values: &[f64]) -> Self {
        let mut sparse = Self { starts: vec![0], ..Self::default() };
        for target in 0..targets {
            for (source, weight) in (0_u32..).zip(&values[target * sources..][..sources]) {
                if *weight != 0.0 {
                    sparse.sources.push(source);
                    sparse.weights.push(*weight);
                }
            }
            sparse.starts.push(sparse.weights.len());
        }
        sparse
    }

    pub(crate) fn targets(&self) -> usize {
        self.starts.len() - 1
    }

    /// The places of the connections of a target.
    pub(crate) fn row(&self, target: usize) -> std::ops::Range<usize> {
        self.starts[target]..self.starts[target + 1]
    }

    /// Target, source and place of each connection.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.targets()).flat_map(move |target| {
            self.row(target).map(move |place| (target, self.sources[place] as usize, place))
        })
    }
}

impl Weights {
    /// A weight computed from the indices of target and source.
    pub fn from_fn(weight: impl Fn(usize, usize) -> f64 + 'static) -> Self {
        Self(Kind::Rule(Box::new(weight)))
    }

    /// Connections as (target, source, weight), in any order. What is given more than once adds up;
    /// all others are not there, and cost nothing.
    pub fn sparse(connections: impl IntoIterator<Item = (usize, usize, f64)>) -> Self {
        Self(Kind::Connections { shape: None, all: connections.into_iter().collect() })
    }

    /// The weights between populations of the given sizes.
    pub(crate) fn fit(self, targets: usize, sources: usize) -> Result<Fitted, Misfit> {
        match self.0 {
            Kind::Matrix { shape, values } if shape == [targets, sources] => {
                Ok(Fitted::Dense(values))
            }
            Kind::Matrix { shape, .. } => Err(Misfit::Shape(shape)),
            Kind::Rule(weight) => {
                let row = |target| (0..sources).map(move |source| (target, source));
                let places = (0..targets).flat_map(row);
                Ok(Fitted::Dense(places.map(|(target, source)| weight(target, source)).collect()))
            }
            Kind::Connections { shape: Some(shape), .. } if shape != [targets, sources] => {
                Err(Misfit::Shape(shape))
            }
            Kind::Connections { all: connections, .. } => {
                let outside = |(target, source, _): &&(usize, usize, f64)| {
                    *target >= targets || *source >= sources.min(i32::MAX as usize)
                };
                match connections.iter().find(outside) {
                    Some((target, source, _)) => Err(Misfit::Connection(*target, *source)),
                    None => Ok(Fitted::Sparse(Sparse::new(targets, &connections))),
                }
            }
        }
    }

    /// Whether all pairs of units have a place in memory.
    pub(crate) fn is_dense(&self) -> bool {
        !matches!(self.0, Kind::Connections { .. })
    }
}

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Matrix { shape, .. } => write!(f, "weights of shape {shape:?}"),
            Kind::Rule(_) => f.write_str("weights by a rule"),
            Kind::Connections { all, .. } => write!(f, "weights of {} connections", all.len()),
        }
    }
}

/// The same weight between all pairs.
impl From<f64> for Weights {
    fn from(weight: f64) -> Self {
        Self::from_fn(move |_, _| weight)
    }
}

impl<const N: usize, const M: usize> From<[[f64; M]; N]> for Weights {
    fn from(rows: [[f64; M]; N]) -> Self {
        Self(Kind::Matrix { shape: [N, M], values: rows.into_iter().flatten().collect() })
    }
}

/// Connections that a rule made, for as many targets and sources as it had.
impl From<&Connections> for Weights {
    fn from(connections: &Connections) -> Self {
        let shape = Some(connections.shape());
        Self(Kind::Connections { shape, all: connections.iter().collect() })
    }
}

impl From<Connections> for Weights {
    fn from(connections: Connections) -> Self {
        (&connections).into()
    }
}

impl<S: Data<Elem = f64>> From<&ArrayBase<S, Ix2>> for Weights {
    fn from(matrix: &ArrayBase<S, Ix2>) -> Self {
        let (rows, columns) = matrix.dim();
        Self(Kind::Matrix { shape: [rows, columns], values: matrix.iter().copied().collect() })
    }
}

impl From<ndarray::Array2<f64>> for Weights {
    fn from(matrix: ndarray::Array2<f64>) -> Self {
        (&matrix).into()
    }
}
