//! Methods with stages as tables of coefficients: explicit Runge–Kutta methods (J. C. Butcher,
//! Numerical Methods for Ordinary Differential Equations, 3rd edition, Wiley 2016, section 23) and
//! Rosenbrock–Wanner methods (E. Hairer and G. Wanner, Solving Ordinary Differential Equations II,
//! 2nd edition, Springer 1996, section IV.7).

/// A method: stage s is at t + c[s] dt and x + dt Σ a[s][j] k[j], the step is dt Σ b[j] k[j].
///
/// k[s] is the slope f at the stage; with `implicit`, the solution of
/// (I - dt γ J) k[s] = f + dt J Σ γ[s][j] k[j], with the Jacobian J at the beginning of the step.
#[derive(Debug)]
pub(crate) struct Tableau {
    /// For each stage the weights of the slopes of those before it.
    pub(crate) a: &'static [&'static [f64]],
    /// The weights of all slopes in the step.
    pub(crate) b: &'static [f64],
    /// When each stage is, in steps.
    pub(crate) c: &'static [f64],
    /// The method within it of another order, whose step tells the error.
    pub(crate) embedded: Option<Embedded>,
    /// What each slope adds between the ends of a step to the cubic through states and slopes there, where
    /// the last stage is at the end of the step: see [`Tableau::weights_at`].
    pub(crate) dense: Option<&'static [f64]>,
    /// What makes it linearly implicit.
    pub(crate) implicit: Option<Implicit>,
}

/// A second step from the same slopes.
#[derive(Debug)]
pub(crate) struct Embedded {
    /// The weights of all slopes in it.
    pub(crate) b: &'static [f64],
    /// The lower order of the two.
    pub(crate) order: u8,
}

/// The coefficients of the Jacobian.
#[derive(Debug)]
pub(crate) struct Implicit {
    /// γ, the same at all stages.
    pub(crate) diagonal: f64,
    /// γ[s][j] for each stage and those before it.
    pub(crate) below: &'static [&'static [f64]],
}

const fn explicit(a: &'static [&'static [f64]], b: &'static [f64], c: &'static [f64]) -> Tableau {
    Tableau { a, b, c, embedded: None, dense: None, implicit: None }
}

pub(crate) const MIDPOINT: Tableau = explicit(&[&[], &[0.5]], &[0.0, 1.0], &[0.0, 0.5]);

pub(crate) const HEUN: Tableau = explicit(&[&[], &[1.0]], &[0.5, 0.5], &[0.0, 1.0]);

pub(crate) const RALSTON: Tableau =
    explicit(&[&[], &[2.0 / 3.0]], &[0.25, 0.75], &[0.0, 2.0 / 3.0]);

pub(crate) const SSP_3: Tableau =
    explicit(&[&[], &[1.0], &[0.25, 0.25]], &[1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0], &[0.0, 1.0, 0.5]);

pub(crate) const CLASSIC_4: Tableau = explicit(
    &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    &[0.0, 0.5, 0.5, 1.0],
);

pub(crate) const RULE_38: Tableau = explicit(
    &[&[], &[1.0 / 3.0], &[-1.0 / 3.0, 1.0], &[1.0, -1.0, 1.0]],
    &[0.125, 0.375, 0.375, 0.125],
    &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0],
);

/// P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2(4):321, 1989; between the ends of a step Hermite's
/// cubic, of order 3.
pub(crate) const BOGACKI_SHAMPINE: Tableau = Tableau {
    a: &[&[], &[0.5], &[0.0, 0.75], &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0]],
    b: &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0],
    c: &[0.0, 0.5, 0.75, 1.0],
    embedded: Some(Embedded { b: &[7.0 / 24.0, 0.25, 1.0 / 3.0, 0.125], order: 2 }),
    dense: Some(&[0.0; 4]),
    implicit: None,
};

/// J. R. Dormand and P. J. Prince, J. Comput. Appl. Math. 6:19, 1980, table 2; between the ends of a step
/// their continuous extension of order 4 (L. F. Shampine, Math. Comp. 46:135, 1986; E. Hairer, S. P.
/// Nørsett and G. Wanner, Solving Ordinary Differential Equations I, 2nd edition, Springer 1993, section
/// II.6 and the program DOPRI5).
pub(crate) const DORMAND_PRINCE: Tableau = Tableau {
    a: &[
        &[],
        &[0.2],
        &[3.0 / 40.0, 9.0 / 40.0],
        &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
        &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
        &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
        &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
    ],
    b: &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0],
    c: &[0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0],
    embedded: Some(Embedded {
        b: &[
            5179.0 / 57600.0,
            0.0,
            7571.0 / 16695.0,
            393.0 / 640.0,
            -92097.0 / 339_200.0,
            187.0 / 2100.0,
            0.025,
        ],
        order: 4,
    }),
    dense: Some(&[
        -12_715_105_075.0 / 11_282_082_432.0,
        0.0,
        87_487_479_700.0 / 32_700_410_799.0,
        -10_690_763_975.0 / 1_880_347_072.0,
        701_980_252_875.0 / 199_316_789_632.0,
        -1_453_857_185.0 / 822_651_844.0,
        69_997_945.0 / 29_380_423.0,
    ]),
    implicit: None,
};

/// J. Rang and L. Angermann, BIT Numer. Math. 45:761, 2005: ROS34PW2.
pub(crate) const ROS34PW2: Tableau = Tableau {
    a: &[
        &[],
        &[0.871_733_043_016_918],
        &[0.844_570_600_153_694_2, -0.112_990_642_364_841_85],
        &[0.0, 0.0, 1.0],
    ],
    b: &[
        0.242_123_807_060_953_46,
        -1.223_250_583_904_514_7,
        1.545_260_255_335_102,
        0.435_866_521_508_459,
    ],
    c: &[0.0, 0.871_733_043_016_918, 0.731_579_957_788_852_4, 1.0],
    embedded: Some(Embedded {
        b: &[0.378_109_031_458_193_7, -0.096_042_292_212_423_18, 0.5, 0.217_933_260_754_229_5],
        order: 2,
    }),
    dense: None,
    implicit: Some(Implicit {
        diagonal: 0.435_866_521_508_459,
        below: &[
            &[],
            &[-0.871_733_043_016_918],
            &[-0.903_380_570_130_440_8, 0.054_180_672_388_095_326],
            &[0.242_123_807_060_953_46, -1.223_250_583_904_514_7, 0.545_260_255_335_102_1],
        ],
    }),
};

impl Tableau {
    /// The weights of all slopes at a part θ of a step, of methods with `dense`: x + dt Σ b[s](θ) k[s] is
    /// Hermite's cubic through the states and slopes at both ends, and θ²(1 - θ)² dt Σ dense[s] k[s].
    pub(crate) fn weights_at(&self, part: f64) -> Vec<f64> {
        let (rest, last) = (1.0 - part, self.b.len() - 1);
        let weight = |(slope, b): (usize, &f64)| {
            let is = |stage: usize| if slope == stage { 1.0 } else { 0.0 };
            let (at_begin, at_end) = (is(0) - b, b - is(last));
            let dense = self.dense.map_or(0.0, |dense| dense[slope]);
            part * (b + rest * (at_begin + part * (at_end - at_begin + rest * dense)))
        };
        self.b.iter().enumerate().map(weight).collect()
    }

    /// What a step makes of x' = λx, as a factor of x, at z = λ dt: the stability function of an
    /// explicit method (Hairer and Wanner II, section IV.2).
    pub(crate) fn stability(&self, z: f64) -> f64 {
        let mut slopes: Vec<f64> = Vec::with_capacity(self.b.len());
        for weights in self.a {
            let sum: f64 = weights.iter().zip(&slopes).map(|(weight, slope)| weight * slope).sum();
            slopes.push(1.0 + z * sum);
        }
        1.0 + z * self.b.iter().zip(&slopes).map(|(weight, slope)| weight * slope).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &Tableau, usize); 9] = [
        ("midpoint", &MIDPOINT, 2),
        ("heun", &HEUN, 2),
        ("ralston", &RALSTON, 2),
        ("ssp", &SSP_3, 3),
        ("classic", &CLASSIC_4, 4),
        ("3/8", &RULE_38, 4),
        ("bogacki-shampine", &BOGACKI_SHAMPINE, 3),
        ("dormand-prince", &DORMAND_PRINCE, 5),
        ("ros34pw2", &ROS34PW2, 3),
    ];

    /// The trees up to order 5 in the sense of Butcher, table 301(I), each with 1/γ(t).
    fn conditions(a: &[&[f64]], b: &[f64]) -> Vec<(usize, f64, f64)> {
        let n = b.len();
        let row = |v: &[f64]| -> Vec<f64> {
            (0..n).map(|s| a[s].iter().zip(v).map(|(a, v)| a * v).sum()).collect()
        };
        let times =
            |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(x, y)| x * y).collect() };
        let sum = |v: &[f64]| -> f64 { b.iter().zip(v).map(|(b, v)| b * v).sum() };
        let one = vec![1.0; n];
        let c = row(&one);
        let (c2, ac) = (times(&c, &c), row(&c));
        let c3 = times(&c2, &c);
        let (ac2, aac) = (row(&c2), row(&ac));
        vec![
            (1, sum(&one), 1.0),
            (2, sum(&c), 0.5),
            (3, sum(&c2), 1.0 / 3.0),
            (3, sum(&ac), 1.0 / 6.0),
            (4, sum(&c3), 0.25),
            (4, sum(&times(&c, &ac)), 0.125),
            (4, sum(&ac2), 1.0 / 12.0),
            (4, sum(&aac), 1.0 / 24.0),
            (5, sum(&times(&c2, &c2)), 0.2),
            (5, sum(&times(&c2, &ac)), 0.1),
            (5, sum(&times(&ac, &ac)), 0.05),
            (5, sum(&times(&c, &ac2)), 1.0 / 15.0),
            (5, sum(&times(&c, &aac)), 1.0 / 30.0),
            (5, sum(&row(&c3)), 0.05),
            (5, sum(&row(&times(&c, &ac))), 1.0 / 40.0),
            (5, sum(&row(&ac2)), 1.0 / 60.0),
            (5, sum(&row(&aac)), 1.0 / 120.0),
        ]
    }

    #[test]
    fn coefficients_satisfy_the_order_conditions() {
        for (name, tableau, order) in ALL {
            let Tableau { a, b, c, embedded, .. } = tableau;
            for (row, c) in a.iter().zip(*c) {
                assert!((row.iter().sum::<f64>() - c).abs() < 4e-15, "{name}: {c}");
            }
            let embedded = embedded.as_ref().map(|one| (one.b, usize::from(one.order)));
            for (b, order) in std::iter::once((*b, order)).chain(embedded) {
                let mut of_next_order = 0.0_f64;
                for (of_order, found, expected) in conditions(a, b) {
                    let error = (found - expected).abs();
                    assert!(error < 4e-15 || of_order > order, "{name}: {found}, not {expected}");
                    if of_order == order + 1 {
                        of_next_order = of_next_order.max(error);
                    }
                }
                // And no more: an embedded method of the same order would tell no error. An
                // implicit one has its order from γ, too.
                assert!(of_next_order > 1e-6 || order == 5, "{name}");
            }
        }
    }

    /// The conditions of order 3 for a matrix in the place of the Jacobian that is not the Jacobian
    /// (Hairer and Wanner II, section IV.7): every tree with γ for one of its a, too, vanishes.
    #[test]
    fn rosenbrock_coefficients_do_not_rely_on_the_jacobian() {
        let Tableau { a, b, implicit, .. } = ROS34PW2;
        let Implicit { diagonal, below } = implicit.unwrap();
        let n = b.len();
        let by = |rows: &[&[f64]], own: f64, v: &[f64]| -> Vec<f64> {
            let row = |s: usize| rows[s].iter().zip(v).map(|(a, v)| a * v).sum::<f64>();
            (0..n).map(|s| row(s) + own * v[s]).collect()
        };
        let alpha = |v: &[f64]| by(a, 0.0, v);
        let gamma = |v: &[f64]| by(below, diagonal, v);
        let sum = |v: &[f64]| b.iter().zip(v).map(|(b, v)| b * v).sum::<f64>();
        let one = vec![1.0; n];
        for zero in [
            sum(&gamma(&one)),
            sum(&alpha(&gamma(&one))),
            sum(&gamma(&alpha(&one))),
            sum(&gamma(&gamma(&one))),
        ] {
            assert!(zero.abs() < 4e-15, "{zero}");
        }
        // The embedded method is of order 2 without the Jacobian, too.
        let embedded = ROS34PW2.embedded.unwrap().b;
        let sum: f64 = embedded.iter().zip(gamma(&one)).map(|(b, v)| b * v).sum();
        assert!(sum.abs() < 4e-15, "{sum}");
    }

    /// R(z) of a method of order p with p stages is the beginning of the series of e^z.
    #[test]
    fn stability_functions_are_those_of_the_textbook() {
        let z = -1.7_f64;
        let series = |order: i32| {
            (1..=order)
                .fold((1.0, 1.0), |(sum, term), k| {
                    let term = term * z / f64::from(k);
                    (sum + term, term)
                })
                .0
        };
        for (tableau, order) in [(&HEUN, 2), (&SSP_3, 3), (&CLASSIC_4, 4), (&RULE_38, 4)] {
            assert!((tableau.stability(z) - series(order)).abs() < 1e-14);
        }
        let expected = series(5) + z.powi(6) / 600.0;
        assert!((DORMAND_PRINCE.stability(z) - expected).abs() < 1e-14);
    }

    /// The conditions of order 4 (Butcher, section 31), of which those up to order 3 come first, at parts of a
    /// step; and the ends.
    #[test]
    fn values_within_a_step_have_their_order() {
        for (tableau, conditions) in [(&BOGACKI_SHAMPINE, 4), (&DORMAND_PRINCE, 8)] {
            let n = tableau.b.len();
            let of = |values: &[f64]| -> Vec<f64> {
                let row = |weights: &[f64]| weights.iter().zip(values).map(|(a, v)| a * v).sum();
                tableau.a.iter().map(|weights| row(weights)).collect()
            };
            let times = |a: &[f64], b: &[f64]| -> Vec<f64> {
                a.iter().zip(b).map(|(a, b)| a * b).collect()
            };
            let c = tableau.c.to_vec();
            let (squares, ac) = (times(&c, &c), of(&c));
            let trees: [(Vec<f64>, f64, i32); 8] = [
                (vec![1.0; n], 1.0, 1),
                (c.clone(), 2.0, 2),
                (squares.clone(), 3.0, 3),
                (ac.clone(), 6.0, 3),
                (times(&squares, &c), 4.0, 4),
                (times(&c, &ac), 8.0, 4),
                (of(&squares), 12.0, 4),
                (of(&ac), 24.0, 4),
            ];
            for part in [0.0, 0.1, 0.37, 0.5, 0.9, 1.0_f64] {
                let b = tableau.weights_at(part);
                for (tree, density, order) in &trees[..conditions] {
                    let found: f64 = b.iter().zip(tree).map(|(b, value)| b * value).sum();
                    let expected = part.powi(*order) / density;
                    assert!((found - expected).abs() < 1e-14, "{part}, {order}: {found}");
                }
            }
            for (found, b) in tableau.weights_at(1.0).iter().zip(tableau.b) {
                assert!((found - b).abs() < 1e-16);
            }
        }
    }
}
