//! The functions of exponential integrators, φ₁(z) = (e^z - 1)/z and φ₂(z) = (φ₁(z) - 1)/z (M. Hochbruck
//! and A. Ostermann, Exponential integrators, Acta Numerica 19:209, 2010, section 2.1).

/// φ₁; 1 at 0.
pub(crate) fn phi1(z: f64) -> f64 {
    if z == 0.0 { 1.0 } else { libm::expm1(z) / z }
}

/// φ₂; 1/2 at 0.
pub(crate) fn phi2(z: f64) -> f64 {
    if z.abs() > 0.5 {
        return (phi1(z) - 1.0) / z;
    }
    // Near 0 the difference cancels: the series Σ z^k/(k + 2)!, by Horner's rule.
    (0..14).rev().fold(0.0, |sum, k| (1.0 + z * sum) / f64::from(k + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_right_near_and_far_from_zero() {
        // φ₂(1) = e - 2, φ₂(-1) = 1/e.
        let e = std::f64::consts::E;
        assert!((phi2(1.0) - (e - 2.0)).abs() < 1e-15 && (phi2(-1.0) - 1.0 / e).abs() < 1e-15);
        assert_eq!((phi1(0.0), phi2(0.0)), (1.0, 0.5));
        // The two formulas meet.
        for z in [0.5_f64, -0.5] {
            let outside = (phi1(z) - 1.0) / z;
            assert!((phi2(z) - outside).abs() < 1e-15, "{}", phi2(z) - outside);
        }
        assert!((phi2(1e-9) - (0.5 + 1e-9 / 6.0)).abs() < 1e-16);
        assert!((phi2(-1e3) - 0.000_999).abs() < 1e-15);
    }
}
