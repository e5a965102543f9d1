//! White noise taken out of the formulas: dx/dt = f + g ξ → the drift f and the factors g, such that
//! dx = f dt + g dW in the sense of Itô.
//!
//! Noise in the sense of Stratonovich adds ½ Σ h ∂g/∂y to the drift, a sum over the states y that it
//! drives with factors h (P. E. Kloeden and E. Platen, Numerical Solution of Stochastic Differential Equations,
//! Springer 1992, section 4.9): from there on all noise is Itô's.

use super::differentiate::{sweep, users};
use crate::collections::Id;
use crate::kernel::{Drive, Kernel, Op, ValueId};
use crate::model::{Law, Model, NoiseId, Sense};

/// AFTER: white noise is in `outputs.diffusion` only.
pub fn separate(mut kernel: Kernel, model: &Model) -> Kernel {
    let white: Vec<(NoiseId, Sense)> = model
        .noises
        .iter()
        .filter_map(|(id, noise)| match noise.law {
            Law::White(sense) => Some((id, sense)),
            Law::Ou(_) | Law::PerStep => None,
        })
        .collect();
    if white.is_empty() {
        return kernel;
    }
    let users_of = users(&kernel);
    for (noise, _) in &white {
        let Some(leaf) = leaf(&kernel, &Op::Noise(*noise)) else { continue };
        // The noise enters linearly: its factor is the derivative by it.
        let tangents = sweep(&mut kernel, leaf, &users_of);
        for (state, value) in kernel.outputs.derivative.clone().into_iter().enumerate() {
            if let Some(factor) = tangents.get(&value) {
                let drive = Drive { state, noise: noise.index() };
                kernel.outputs.diffusion.push((drive, *factor));
            }
        }
    }
    kernel = without(&kernel, &white);
    for (noise, sense) in white {
        if sense == Sense::Stratonovich {
            correct(&mut kernel, noise);
        }
    }
    kernel
}

/// The kernel without white noise: terms that it multiplies are gone, not times 0, which would be
/// NaN where they are infinite.
fn without(kernel: &Kernel, white: &[(NoiseId, Sense)]) -> Kernel {
    let mut out = Kernel::default();
    // `None` for what is white noise, or multiplied by it.
    let mut new: Vec<Option<ValueId>> = Vec::with_capacity(kernel.values.len());
    for op in kernel.values.values() {
        let of = |value: ValueId| new[value.index()];
        let is_white = |id: NoiseId| white.iter().any(|(noise, _)| *noise == id);
        let value = match *op {
            Op::Noise(id) if is_white(id) => None,
            Op::Neg(a) => of(a).map(|a| out.neg(a)),
            Op::Add(a, b) => match (of(a), of(b)) {
                (Some(a), Some(b)) => Some(out.add(a, b)),
                (a, b) => a.or(b),
            },
            Op::Sub(a, b) => match (of(a), of(b)) {
                (Some(a), Some(b)) => Some(out.sub(a, b)),
                (None, Some(b)) => Some(out.neg(b)),
                (a, None) => a,
            },
            Op::Mul(a, b) => of(a).zip(of(b)).map(|(a, b)| out.mul(a, b)),
            Op::Div(a, b) => of(a).zip(of(b)).map(|(a, b)| out.div(a, b)),
            Op::Select(_, a, b) if of(a).is_none() && of(b).is_none() => None,
            _ => Some({
                let op = op.clone();
                // Only branches of a condition can lack a value here: all else is linear.
                let zero = op.operands().iter().any(|value| of(*value).is_none());
                let zero = zero.then(|| out.number(0.0));
                let renumbered = op.map_operands(|value| of(value).or(zero).unwrap_or(value));
                out.push(renumbered)
            }),
        };
        new.push(value);
    }
    let zero = out.number(0.0);
    out.outputs = kernel.outputs.clone().map(|old| new[old.index()].unwrap_or(zero));
    out
}

/// The first instruction of its kind: leaves come before what is computed from them.
fn leaf(kernel: &Kernel, wanted: &Op) -> Option<ValueId> {
    kernel.values.iter().find(|(_, op)| *op == wanted).map(|(id, _)| id)
}

/// Adds to the drift what makes an Itô equation of one of Stratonovich's.
fn correct(kernel: &mut Kernel, noise: NoiseId) {
    let of_noise = |(drive, _): &&(Drive, ValueId)| drive.noise == noise.index();
    let factors: Vec<_> = kernel.outputs.diffusion.iter().filter(of_noise).copied().collect();
    let squares: Vec<_> = factors.iter().map(|(_, factor)| square(kernel, *factor)).collect();
    let users = users(kernel);
    for (by, factor_by) in &factors {
        let state = Op::State(Id::new(by.state));
        let Some(leaf) = leaf(kernel, &state) else { continue };
        let tangents = sweep(kernel, leaf, &users);
        for ((of, factor), square) in factors.iter().zip(&squares) {
            // ½ g ∂g/∂x = ¼ ∂g²/∂x, which stays finite where g is a root that reaches 0.
            let (weight, slope) = if of.state == by.state {
                (kernel.number(0.25), tangents.get(square).copied())
            } else {
                let slope = tangents.get(factor).copied();
                let slope = slope.map(|slope| kernel.mul(*factor_by, slope));
                (kernel.number(0.5), slope)
            };
            let Some(slope) = slope else { continue };
            let term = kernel.mul(weight, slope);
            let drift = kernel.outputs.derivative[of.state];
            kernel.outputs.derivative[of.state] = kernel.add(drift, term);
        }
    }
}

/// The square of a value, roots taken away.
fn square(kernel: &mut Kernel, value: ValueId) -> ValueId {
    match kernel.values[value].clone() {
        Op::Neg(a) => square(kernel, a),
        Op::Mul(a, b) => {
            let (a, b) = (square(kernel, a), square(kernel, b));
            kernel.mul(a, b)
        }
        Op::Div(a, b) => {
            let (a, b) = (square(kernel, a), square(kernel, b));
            kernel.div(a, b)
        }
        Op::Call(builtin, arguments) if builtin.name == "sqrt" => arguments[0],
        _ => kernel.mul(value, value),
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::{Drive, Kernel};

    fn kernel(items: &str) -> Kernel {
        let source = format!("model M {{ {items} }}");
        let compiled = crate::compile(source.parse().expect("it lexes"));
        let program = compiled.models.into_iter().next().and_then(|model| model.program);
        program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics)).kernel
    }

    #[test]
    fn white_noise_is_apart() {
        let kernel = kernel(
            "param σ = 2; noise (ξ, ζ): white; noise η: ou(5); state x = 1;
             let force = σ*x*ξ - 3*ζ; dx/dt = -x + force + η;",
        );
        let drives: Vec<Drive> = kernel.outputs.diffusion.iter().map(|(at, _)| *at).collect();
        assert_eq!(drives, [Drive { state: 0, noise: 0 }, Drive { state: 0, noise: 1 }]);
        let text = kernel.to_string();
        assert!(text.contains("noise 2") && !text.contains("noise 0"), "{text}");
    }

    #[test]
    fn stratonovich_adds_a_drift_where_noise_is_multiplicative() {
        let drift = |sense: &str, factor: &str| {
            let text = kernel(&format!("noise ξ: {sense}; state x = 1; dx/dt = -x + {factor}*ξ;"))
                .to_string();
            text.lines().find(|line| line.starts_with("derivative")).map(str::to_owned)
        };
        assert_eq!(drift("white", "2"), drift("white(stratonovich)", "2"));
        assert_ne!(drift("white", "2*x"), drift("white(stratonovich)", "2*x"));
    }
}
