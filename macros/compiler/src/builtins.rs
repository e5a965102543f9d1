//! The functions of the model language: one table that name resolution, dimensions, constant
//! folding, differentiation, code generation and documentation read.
//!
//! The runtime has a method of the same name for each (`Lanes` in `rate-model`).

use crate::kernel::{Kernel, Op, ValueId};
use crate::syntax::ast::BinaryOp;

/// What a function does to the dimensions of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DimensionRule {
    /// All arguments have one dimension, and so has the result: `max(a, b)`.
    Same,
    /// Takes any dimension, gives a pure number: `sign(x)`.
    Forget,
    /// Pure number in, pure number out: `exp(x)`.
    Pure,
    /// Halves the exponents: `sqrt(x)`.
    Root,
}

/// A function of the language.
pub struct Builtin {
    /// Its name, in the language and in the runtime.
    pub name: &'static str,
    /// Names of its parameters.
    pub parameters: &'static [&'static str],
    /// What it does to dimensions.
    pub dimension: DimensionRule,
    /// Its value, for constants.
    pub eval: fn(&[f64]) -> f64,
    /// Its partial derivatives, given its arguments and its value; `None` where one is 0.
    pub partials: fn(&mut Kernel, &[ValueId], ValueId) -> Vec<Option<ValueId>>,
    /// What it is, for the language reference.
    pub doc: &'static str,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Builtin {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Builtin {}

impl std::hash::Hash for Builtin {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|builtin| builtin.name == name)
}

use DimensionRule::{Forget, Pure, Root, Same};

const X: &[&str] = &["x"];

/// Every function.
pub const TABLE: &[Builtin] = &[
    Builtin {
        name: "relu",
        parameters: X,
        dimension: Same,
        eval: |a| if a[0] < 0.0 { 0.0 } else { a[0] },
        partials: |k, a, _| {
            let zero = k.number(0.0);
            vec![Some(k.indicator(BinaryOp::Gt, a[0], zero))]
        },
        doc: "the positive part, also written `[x]_+`; its slope at 0 counts as 0",
    },
    Builtin {
        name: "heaviside",
        parameters: X,
        dimension: Forget,
        eval: |a| if a[0].is_nan() { a[0] } else { 0.5 + 0.5 * sign(a[0]) },
        partials: |_, _, _| vec![None],
        doc: "0 below 0, 1 above, 1/2 at 0",
    },
    Builtin {
        name: "sign",
        parameters: X,
        dimension: Forget,
        eval: |a| sign(a[0]),
        partials: |_, _, _| vec![None],
        doc: "-1, 0 or 1",
    },
    Builtin {
        name: "abs",
        parameters: X,
        dimension: Same,
        eval: |a| a[0].abs(),
        partials: |k, a, _| vec![Some(k.call("sign", &[a[0]]))],
        doc: "the absolute value",
    },
    Builtin {
        name: "min",
        parameters: &["a", "b"],
        dimension: Same,
        eval: |a| if a[1] < a[0] || a[1].is_nan() { a[1] } else { a[0] },
        partials: |k, a, _| {
            let second = k.indicator(BinaryOp::Lt, a[1], a[0]);
            vec![Some(k.complement(second)), Some(second)]
        },
        doc: "the smaller of two; NaN if one is NaN",
    },
    Builtin {
        name: "max",
        parameters: &["a", "b"],
        dimension: Same,
        eval: |a| if a[1] > a[0] || a[1].is_nan() { a[1] } else { a[0] },
        partials: |k, a, _| {
            let second = k.indicator(BinaryOp::Gt, a[1], a[0]);
            vec![Some(k.complement(second)), Some(second)]
        },
        doc: "the larger of two; NaN if one is NaN",
    },
    Builtin {
        name: "clip",
        parameters: &["x", "low", "high"],
        dimension: Same,
        eval: |a| {
            let raised = if a[0] < a[1] { a[1] } else { a[0] };
            if raised > a[2] { a[2] } else { raised }
        },
        partials: |k, a, _| {
            // As the value: first raised to `low`, then lowered to `high`.
            let raised = k.call("max", &[a[0], a[1]]);
            let (one, zero) = (k.number(1.0), k.number(0.0));
            let above = k.compare(BinaryOp::Gt, raised, a[2]);
            let below = k.compare(BinaryOp::Lt, a[0], a[1]);
            let outside = k.push(Op::Or(above, below));
            let not_above = k.push(Op::Not(above));
            let raised = k.push(Op::And(not_above, below));
            vec![
                Some(k.select(outside, zero, one)),
                Some(k.select(raised, one, zero)),
                Some(k.select(above, one, zero)),
            ]
        },
        doc: "`low` below `low`, `high` above `high`, `x` between",
    },
    Builtin {
        name: "exp",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::exp(a[0]),
        partials: |_, _, y| vec![Some(y)],
        doc: "e^x",
    },
    Builtin {
        name: "expm1",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::expm1(a[0]),
        partials: |k, a, _| vec![Some(k.call("exp", &[a[0]]))],
        doc: "e^x - 1, to full precision near 0",
    },
    Builtin {
        name: "log",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::log(a[0]),
        partials: |k, a, _| {
            let one = k.number(1.0);
            vec![Some(k.div(one, a[0]))]
        },
        doc: "the natural logarithm",
    },
    Builtin {
        name: "log1p",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::log1p(a[0]),
        partials: |k, a, _| {
            let one = k.number(1.0);
            let shifted = k.add(one, a[0]);
            vec![Some(k.div(one, shifted))]
        },
        doc: "log(1 + x), to full precision near 0",
    },
    Builtin {
        name: "sqrt",
        parameters: X,
        dimension: Root,
        eval: |a| a[0].sqrt(),
        partials: |k, _, y| {
            let half = k.number(0.5);
            vec![Some(k.div(half, y))]
        },
        doc: "the square root",
    },
    Builtin {
        name: "pow",
        parameters: &["x", "y"],
        dimension: Pure,
        eval: |a| libm::pow(a[0], a[1]),
        partials: |k, a, y| {
            let one = k.number(1.0);
            let less = k.sub(a[1], one);
            let power = k.call("pow", &[a[0], less]);
            // 0^y is 0 for all y > 0, but 0*log(0) is NaN.
            let zero = k.number(0.0);
            let log = k.call("log", &[a[0]]);
            let by_exponent = k.mul(y, log);
            let vanishes = k.compare(BinaryOp::Eq, y, zero);
            vec![Some(k.mul(a[1], power)), Some(k.select(vanishes, zero, by_exponent))]
        },
        doc: "`x^y`",
    },
    Builtin {
        name: "sin",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::sin(a[0]),
        partials: |k, a, _| vec![Some(k.call("cos", &[a[0]]))],
        doc: "the sine",
    },
    Builtin {
        name: "cos",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::cos(a[0]),
        partials: |k, a, _| {
            let sin = k.call("sin", &[a[0]]);
            vec![Some(k.neg(sin))]
        },
        doc: "the cosine",
    },
    Builtin {
        name: "tan",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::tan(a[0]),
        partials: |k, _, y| {
            let (one, square) = (k.number(1.0), k.mul(y, y));
            vec![Some(k.add(one, square))]
        },
        doc: "the tangent",
    },
    Builtin {
        name: "asin",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::asin(a[0]),
        partials: |k, a, _| vec![Some(arc_slope(k, a[0]))],
        doc: "the inverse sine",
    },
    Builtin {
        name: "acos",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::acos(a[0]),
        partials: |k, a, _| {
            let slope = arc_slope(k, a[0]);
            vec![Some(k.neg(slope))]
        },
        doc: "the inverse cosine",
    },
    Builtin {
        name: "atan",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::atan(a[0]),
        partials: |k, a, _| {
            let (one, square) = (k.number(1.0), k.mul(a[0], a[0]));
            let below = k.add(one, square);
            vec![Some(k.div(one, below))]
        },
        doc: "the inverse tangent",
    },
    Builtin {
        name: "sinh",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::sinh(a[0]),
        partials: |k, a, _| vec![Some(k.call("cosh", &[a[0]]))],
        doc: "the hyperbolic sine",
    },
    Builtin {
        name: "cosh",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::cosh(a[0]),
        partials: |k, a, _| vec![Some(k.call("sinh", &[a[0]]))],
        doc: "the hyperbolic cosine",
    },
    Builtin {
        name: "tanh",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::tanh(a[0]),
        partials: |k, _, y| {
            let square = k.mul(y, y);
            vec![Some(k.complement(square))]
        },
        doc: "the hyperbolic tangent",
    },
    Builtin {
        name: "sigmoid",
        parameters: X,
        dimension: Pure,
        eval: |a| 1.0 / (1.0 + libm::exp(-a[0])),
        partials: |k, _, y| {
            let rest = k.complement(y);
            vec![Some(k.mul(y, rest))]
        },
        doc: "the logistic function 1/(1 + e^-x)",
    },
    Builtin {
        name: "softplus",
        parameters: X,
        dimension: Pure,
        eval: |a| {
            if a[0] > 0.0 {
                a[0] + libm::log1p(libm::exp(-a[0]))
            } else {
                libm::log1p(libm::exp(a[0]))
            }
        },
        partials: |k, a, _| vec![Some(k.call("sigmoid", &[a[0]]))],
        doc: "log(1 + e^x), a smooth `relu`",
    },
    Builtin {
        name: "erf",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::erf(a[0]),
        partials: |k, a, _| vec![Some(gauss(k, a[0], std::f64::consts::FRAC_2_SQRT_PI))],
        doc: "the error function",
    },
    Builtin {
        name: "erfc",
        parameters: X,
        dimension: Pure,
        eval: |a| libm::erfc(a[0]),
        partials: |k, a, _| vec![Some(gauss(k, a[0], -std::f64::consts::FRAC_2_SQRT_PI))],
        doc: "1 - erf(x), to full precision for large x",
    },
    Builtin {
        name: "exprel",
        parameters: X,
        dimension: Pure,
        eval: |a| match libm::expm1(a[0]) {
            _ if a[0] == 0.0 => 1.0,
            infinite if infinite == f64::INFINITY => infinite,
            numerator => numerator / a[0],
        },
        partials: |k, a, y| vec![Some(exprel_slope(k, a[0], y))],
        doc: "(e^x - 1)/x, 1 at 0",
    },
];

fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

/// 1/sqrt(1 - x^2)
fn arc_slope(k: &mut Kernel, x: ValueId) -> ValueId {
    let (one, square) = (k.number(1.0), k.mul(x, x));
    let rest = k.sub(one, square);
    let root = k.call("sqrt", &[rest]);
    k.div(one, root)
}

/// factor * exp(-x^2)
fn gauss(k: &mut Kernel, x: ValueId, factor: f64) -> ValueId {
    let square = k.mul(x, x);
    let minus = k.neg(square);
    let exp = k.call("exp", &[minus]);
    let factor = k.number(factor);
    k.mul(factor, exp)
}

/// (e^x - exprel(x))/x; near 0, where that cancels, its Taylor series sum n x^(n-1)/(n+1)!.
fn exprel_slope(k: &mut Kernel, x: ValueId, y: ValueId) -> ValueId {
    let series = [1.0 / 840.0, 1.0 / 144.0, 1.0 / 30.0, 1.0 / 8.0, 1.0 / 3.0, 1.0 / 2.0];
    let mut sum = k.number(series[0]);
    for coefficient in &series[1..] {
        let (product, next) = (k.mul(sum, x), k.number(*coefficient));
        sum = k.add(product, next);
    }
    let exp = k.call("exp", &[x]);
    let difference = k.sub(exp, y);
    let quotient = k.div(difference, x);
    // Where both overflow, their difference is NaN, but the slope is infinite like them.
    let infinity = k.number(f64::INFINITY);
    let overflown = k.compare(BinaryOp::Eq, y, infinity);
    let direct = k.select(overflown, y, quotient);
    let (size, limit) = (k.call("abs", &[x]), k.number(0.02));
    let near = k.compare(BinaryOp::Lt, size, limit);
    k.select(near, sum, direct)
}
