//! Small dense matrices: the Jacobian of one unit and what is made of it. All square, row by row.

/// Σ over `inner` of left × right.
fn product(n: usize, left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; n * n];
    for row in 0..n {
        for inner in 0..n {
            let factor = left[row * n + inner];
            for column in 0..n {
                product[row * n + column] += factor * right[inner * n + column];
            }
        }
    }
    product
}

fn transposed(n: usize, matrix: &[f64]) -> Vec<f64> {
    (0..n * n).map(|place| matrix[place % n * n + place / n]).collect()
}

fn add(to: &mut [f64], factor: f64, terms: &[f64]) {
    for (sum, term) in to.iter_mut().zip(terms) {
        *sum += factor * term;
    }
}

/// An entry of the matrix that changes nothing.
fn identity(n: usize, place: usize) -> f64 {
    f64::from(place.is_multiple_of(n + 1))
}

fn scale(matrix: &mut [f64], factor: f64) {
    for entry in matrix {
        *entry *= factor;
    }
}

/// One number of matrix times vector.
pub(crate) fn apply(n: usize, matrix: &[f64], vector: &[f64], row: usize) -> f64 {
    matrix[row * n..][..n].iter().zip(vector).map(|(a, x)| a * x).sum()
}

/// The largest sum of absolute values in a row.
fn norm(n: usize, matrix: &[f64]) -> f64 {
    let sum = |row: &[f64]| row.iter().map(|entry| entry.abs()).sum::<f64>();
    matrix.chunks(n.max(1)).map(sum).fold(0.0, f64::max)
}

/// What a linear equation x' = Jx + b, with white noise of covariance S, does in a step h.
#[derive(Clone, Debug, Default)]
pub(crate) struct Propagator {
    /// What it was made of: h, J and S.
    key: Vec<f64>,
    /// h φ₁(hJ): what the step is, times the slope at its beginning.
    pub(crate) length: Vec<f64>,
    /// A factor L of the covariance L Lᵀ that noise has gathered by the end of the step.
    pub(crate) noise: Vec<f64>,
}

impl Propagator {
    /// Of a step h, the matrix J and the covariance S, for n equations.
    pub(crate) fn new(n: usize, h: f64, jacobian: &[f64], covariance: &[f64]) -> Self {
        let key = std::iter::once(&h).chain(jacobian).chain(covariance).copied().collect();
        let [length, gathered] = gather(n, h, jacobian, covariance);
        Self { key, length, noise: root(n, gathered) }
    }

    /// Whether it was made of these.
    pub(crate) fn is_of(&self, h: f64, jacobian: &[f64], covariance: &[f64]) -> bool {
        self.key.iter().eq(std::iter::once(&h).chain(jacobian).chain(covariance))
    }
}

/// The norm of sJ over the first part of a step, and how many terms the series then needs in double
/// precision: 2⁻¹⁵/16! is below 1e-17.
const SHORT: f64 = 0.25;
const TERMS: i32 = 15;

/// h φ₁(hJ) = ∫ e^{sJ} ds and ∫ e^{sJ} S e^{sJᵀ} ds over a step, by their power series over a part of
/// it that is short enough, and doubling: what holds after 2s is what holds after s, and as much
/// again, carried on by e^{sJ}.
///
/// (C. Moler and C. Van Loan, Nineteen dubious ways to compute the exponential of a matrix, SIAM Rev.
/// 45:3, 2003, method 3; for the integrals C. F. Van Loan, IEEE Trans. Automat. Contr. 23:395, 1978.)
fn gather(n: usize, h: f64, jacobian: &[f64], covariance: &[f64]) -> [Vec<f64>; 2] {
    let halvings = (norm(n, jacobian) * h / SHORT).log2().ceil().clamp(0.0, 1100.0);
    let first = h * (-halvings).exp2();
    let z: Vec<f64> = jacobian.iter().map(|entry| first * entry).collect();
    let mut term: Vec<f64> = (0..n * n).map(|place| identity(n, place)).collect();
    let (mut grown, mut length) = (vec![0.0; n * n], vec![0.0; n * n]);
    for order in 1..=TERMS {
        add(&mut grown, 1.0, &term);
        add(&mut length, first / f64::from(order), &term);
        term = product(n, &z, &term);
        scale(&mut term, 1.0 / f64::from(order));
    }
    let is_noisy = covariance.iter().any(|entry| *entry != 0.0);
    let mut gathered = vec![0.0; n * n];
    if is_noisy {
        // The terms of dQ/ds = JQ + QJᵀ + S.
        let mut term: Vec<f64> = covariance.iter().map(|entry| first * entry).collect();
        for order in 2..=TERMS {
            add(&mut gathered, 1.0, &term);
            let half = product(n, &z, &term);
            term = transposed(n, &half);
            add(&mut term, 1.0, &half);
            scale(&mut term, 1.0 / f64::from(order));
        }
    }
    let mut done = 0.0;
    while done < halvings {
        if is_noisy {
            let carried = product(n, &product(n, &grown, &gathered), &transposed(n, &grown));
            add(&mut gathered, 1.0, &carried);
        }
        let carried = product(n, &grown, &length);
        add(&mut length, 1.0, &carried);
        grown = product(n, &grown, &grown);
        done += 1.0;
    }
    [length, gathered]
}

/// The triangular L with L Lᵀ = Q (Cholesky), for a Q that may be singular: what is determined by the
/// rows above gets no noise of its own.
fn root(n: usize, mut q: Vec<f64>) -> Vec<f64> {
    for column in 0..n {
        let above = |q: &[f64], row: usize| {
            (0..column).map(|k| q[row * n + k] * q[column * n + k]).sum::<f64>()
        };
        let own = q[column * n + column];
        let pivot = own - above(&q, column);
        let rounding = 1e-13 * own;
        let diagonal = if pivot > rounding { pivot.sqrt() } else { 0.0 };
        for row in column + 1..n {
            let rest = q[row * n + column] - above(&q, row);
            q[row * n + column] = if diagonal > 0.0 { rest / diagonal } else { 0.0 };
            q[column * n + row] = 0.0;
        }
        q[column * n + column] = diagonal;
    }
    q
}

/// A matrix as the product of triangular ones, with the rows exchanged for the largest pivot (E. Hairer
/// and G. Wanner, Solving Ordinary Differential Equations II, section IV.8).
#[derive(Clone, Debug, Default)]
pub(crate) struct Factors {
    rows: Vec<f64>,
    /// For each column the row that was exchanged with it.
    exchanged: Vec<usize>,
}

impl Factors {
    /// Of I - factor × matrix.
    pub(crate) fn of_identity_minus(&mut self, n: usize, factor: f64, matrix: &[f64]) {
        self.rows.clear();
        let entries = matrix.iter().enumerate();
        self.rows.extend(entries.map(|(place, entry)| identity(n, place) - factor * entry));
        self.exchanged.clear();
        for column in 0..n {
            let size = |row: &usize| self.rows[row * n + column].abs();
            let pivot = (column..n).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(column);
            self.exchanged.push(pivot);
            for place in 0..n {
                self.rows.swap(column * n + place, pivot * n + place);
            }
            for row in column + 1..n {
                let ratio = self.rows[row * n + column] / self.rows[column * n + column];
                self.rows[row * n + column] = ratio;
                for place in column + 1..n {
                    self.rows[row * n + place] -= ratio * self.rows[column * n + place];
                }
            }
        }
    }

    /// Replaces the right-hand side by the solution. A singular matrix gives what is not finite.
    pub(crate) fn solve(&self, n: usize, x: &mut [f64]) {
        for (column, pivot) in self.exchanged.iter().enumerate() {
            x.swap(column, *pivot);
        }
        for row in 0..n {
            let known: f64 = (0..row).map(|k| self.rows[row * n + k] * x[k]).sum();
            x[row] -= known;
        }
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n).map(|k| self.rows[row * n + k] * x[k]).sum();
            x[row] = (x[row] - known) / self.rows[row * n + row];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use Propagator as P;

    /// x' = λx: φ₁ and the variance σ² expm1(2λh)/(2λ), for steps from short to very long.
    #[test]
    fn one_equation_has_its_closed_form() {
        for (rate, h) in [(-3.0, 1e-6), (-3.0, 0.1), (-3.0, 2.0), (-3.0, 1e4), (0.7, 3.0)] {
            let found = P::new(1, h, &[rate], &[0.25]);
            let length = f64::exp_m1(rate * h) / rate;
            let deviation = (0.25 * f64::exp_m1(2.0 * rate * h) / (2.0 * rate)).sqrt();
            assert!((found.length[0] / length - 1.0).abs() < 2e-15 * 8.0, "{rate} {h}");
            assert!((found.noise[0] / deviation - 1.0).abs() < 2e-15 * 8.0, "{rate} {h}");
        }
        let still = P::new(1, 2.0, &[0.0], &[0.25]);
        assert_eq!((still.length[0], still.noise[0]), (2.0, 0.5_f64.sqrt()));
    }

    /// x' = v, v' = noise: variances h³/3, h and covariance h²/2.
    #[test]
    fn a_chain_has_its_closed_form() {
        let h = 0.3_f64;
        let found = P::new(2, h, &[0.0, 1.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 1.0]);
        let l = &found.noise;
        let covariance = [l[0] * l[0], l[0] * l[2], l[2] * l[2] + l[3] * l[3], l[1]];
        let expected = [h.powi(3) / 3.0, h * h / 2.0, h, 0.0];
        for (found, expected) in covariance.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        assert_eq!(found.length, [h, h * h / 2.0, 0.0, h]);
    }

    /// A rotation that decays: e^{(a ± ib)h}, in the plane; φ₁ = (e^z - 1)/z as a complex number.
    #[test]
    fn a_rotation_has_its_closed_form() {
        let (a, b) = (-0.4, 9.0);
        for h in [0.01, 1.0, 30.0] {
            let found = P::new(2, h, &[a, -b, b, a], &[0.0; 4]);
            let grown = f64::exp(a * h);
            let (re, im) = (grown * f64::cos(b * h) - 1.0, grown * f64::sin(b * h));
            let size = a * a + b * b;
            let (re, im) = ((re * a + im * b) / size, (im * a - re * b) / size);
            for (found, expected) in found.length.iter().zip([re, -im, im, re]) {
                assert!((found - expected).abs() < 1e-14, "{h}: {found} {expected}");
            }
        }
    }

    /// Two states that noise moves as one: the second has none of its own.
    #[test]
    fn what_is_determined_gets_no_noise() {
        assert_eq!(root(2, vec![4.0, 2.0, 2.0, 1.0]), [2.0, 0.0, 1.0, 0.0]);
        assert_eq!(root(2, vec![0.0, 0.0, 0.0, 9.0]), [0.0, 0.0, 0.0, 3.0]);
    }

    #[test]
    fn systems_are_solved_with_rows_exchanged() {
        // I - 1·[[1, -2, 0], [-1, 0, 3], [0, 1, -1]] = [[0, 2, 0], [1, 1, -3], [0, -1, 2]].
        let mut factors = Factors::default();
        factors.of_identity_minus(3, 1.0, &[1.0, -2.0, 0.0, -1.0, 0.0, 3.0, 0.0, 1.0, -1.0]);
        let mut x = [4.0, -6.0, 4.0];
        factors.solve(3, &mut x);
        for (found, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-14, "{found}");
        }
    }
}
