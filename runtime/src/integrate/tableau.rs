//! Explicit Runge–Kutta methods as tables of coefficients (J. C. Butcher, Numerical Methods for
//! Ordinary Differential Equations, 3rd edition, Wiley 2016, section 23).

use super::Integrator;

/// A method: stage s is at t + c[s] dt and x + dt Σ a[s][j] k[j], the step is dt Σ b[j] k[j].
#[derive(Debug)]
pub(crate) struct Tableau {
    /// For each stage the weights of the slopes of those before it.
    pub(crate) a: &'static [&'static [f64]],
    /// The weights of all slopes in the step.
    pub(crate) b: &'static [f64],
    /// When each stage is, in steps.
    pub(crate) c: &'static [f64],
}

const MIDPOINT: Tableau = Tableau { a: &[&[], &[0.5]], b: &[0.0, 1.0], c: &[0.0, 0.5] };

const HEUN: Tableau = Tableau { a: &[&[], &[1.0]], b: &[0.5, 0.5], c: &[0.0, 1.0] };

const RALSTON: Tableau =
    Tableau { a: &[&[], &[2.0 / 3.0]], b: &[0.25, 0.75], c: &[0.0, 2.0 / 3.0] };

const SSP_3: Tableau = Tableau {
    a: &[&[], &[1.0], &[0.25, 0.25]],
    b: &[1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0],
    c: &[0.0, 1.0, 0.5],
};

const CLASSIC_4: Tableau = Tableau {
    a: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    b: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    c: &[0.0, 0.5, 0.5, 1.0],
};

impl Integrator {
    /// The coefficients of a method with stages.
    pub(crate) fn tableau(self) -> Option<&'static Tableau> {
        match self {
            Self::Euler | Self::ExponentialEuler | Self::Milstein => None,
            Self::Midpoint => Some(&MIDPOINT),
            Self::Heun => Some(&HEUN),
            Self::Ralston => Some(&RALSTON),
            Self::SspRungeKutta3 => Some(&SSP_3),
            Self::RungeKutta4 => Some(&CLASSIC_4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order conditions (Butcher, table 310(I)) up to the order that each method claims.
    #[test]
    fn coefficients_satisfy_the_order_conditions() {
        for (tableau, order) in [(MIDPOINT, 2), (HEUN, 2), (RALSTON, 2), (SSP_3, 3), (CLASSIC_4, 4)]
        {
            let Tableau { a, b, c } = tableau;
            let sum = |f: &dyn Fn(usize) -> f64| (0..b.len()).map(|s| b[s] * f(s)).sum::<f64>();
            let row = |s: usize, f: &dyn Fn(usize) -> f64| -> f64 {
                a[s].iter().enumerate().map(|(j, a)| a * f(j)).sum()
            };
            let one = |_: usize| 1.0;
            for (s, c) in c.iter().enumerate() {
                assert!((row(s, &one) - c).abs() < 1e-15);
            }
            let of_c = |s: usize| c[s];
            let of_c2 = |s: usize| c[s] * c[s];
            let of_ac = |s: usize| row(s, &of_c);
            let conditions: [(usize, f64, f64); 8] = [
                (1, sum(&one), 1.0),
                (2, sum(&of_c), 0.5),
                (3, sum(&of_c2), 1.0 / 3.0),
                (3, sum(&of_ac), 1.0 / 6.0),
                (4, sum(&|s| c[s].powi(3)), 0.25),
                (4, sum(&|s| c[s] * of_ac(s)), 0.125),
                (4, sum(&|s| row(s, &of_c2)), 1.0 / 12.0),
                (4, sum(&|s| row(s, &of_ac)), 1.0 / 24.0),
            ];
            for (of_order, found, expected) in conditions {
                let holds = (found - expected).abs() < 1e-15;
                assert!(holds || of_order > order, "{tableau:?}: {found}, not {expected}");
            }
        }
    }
}
