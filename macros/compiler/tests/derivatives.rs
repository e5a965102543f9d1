//! Derivatives of every model in the repository: the Jacobian, the tangent and the adjoint against
//! dual numbers (W. K. Clifford 1873), which know nothing of the compiler's table of derivatives, and
//! against finite differences.

use std::path::{Path, PathBuf};

use rate_model_compiler::collections::Id;
use rate_model_compiler::kernel::parse::parse;
use rate_model_compiler::kernel::{Column, Kernel, Op, Row, ValueId};
use rate_model_compiler::model::eval::Constants;
use rate_model_compiler::syntax::ast::BinaryOp;
use rate_model_compiler::{Program, compile_text};

/// A number with its derivative.
#[derive(Clone, Copy, Debug)]
struct Dual(f64, f64);

/// xorshift64* (Vigna 2016): the same numbers on every run.
struct Random(u64);

impl Random {
    /// Between -1 and 1.
    fn number(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        bits as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Everything that a model is given: parameters; inputs, noises and past values; states.
#[derive(Clone)]
struct Point {
    p: Vec<f64>,
    u: Vec<f64>,
    x: Vec<f64>,
}

impl Point {
    fn moved(&self, by: &Self, step: f64) -> Self {
        let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + step * b).collect();
        Self { p: add(&self.p, &by.p), u: add(&self.u, &by.u), x: add(&self.x, &by.x) }
    }

    fn flat(&self) -> Vec<f64> {
        [&self.p[..], &self.u, &self.x].concat()
    }
}

/// Values and derivatives of all instructions, at a point in a direction.
fn evaluate(
    program: &Program,
    kernel: &Kernel,
    at: &Point,
    by: &Point,
    seeds: &[f64],
) -> Vec<Dual> {
    let model = program.model();
    let noises = model.inputs.len();
    let delays = noises + model.noises.len();
    let mut values: Vec<Dual> = Vec::new();
    for op in kernel.values.values() {
        let v = |id: &ValueId| values[id.index()];
        let truth = |condition: bool| Dual(f64::from(u8::from(condition)), 0.0);
        values.push(match op {
            Op::Number(real) => Dual(real.get(), 0.0),
            Op::Param(id) => Dual(at.p[id.index()], by.p[id.index()]),
            Op::Input(id) => Dual(at.u[id.index()], by.u[id.index()]),
            Op::Noise(id) => Dual(at.u[noises + id.index()], by.u[noises + id.index()]),
            Op::Delayed(id) => Dual(at.u[delays + id.index()], by.u[delays + id.index()]),
            Op::State(id) => Dual(at.x[id.index()], by.x[id.index()]),
            Op::Time => Dual(0.7, 0.0),
            Op::Seed(place) => Dual(seeds[*place], 0.0),
            Op::Neg(a) => Dual(-v(a).0, -v(a).1),
            Op::Add(a, b) => Dual(v(a).0 + v(b).0, v(a).1 + v(b).1),
            Op::Sub(a, b) => Dual(v(a).0 - v(b).0, v(a).1 - v(b).1),
            Op::Mul(a, b) => product(v(a), v(b)),
            Op::MulAdd(a, b, c) => {
                let Dual(value, slope) = product(v(a), v(b));
                Dual(value + v(c).0, slope + v(c).1)
            }
            Op::Div(a, b) | Op::Quotient(a, b, _) => {
                let (a, b) = (v(a), v(b));
                Dual(a.0 / b.0, (a.1 * b.0 - a.0 * b.1) / (b.0 * b.0))
            }
            Op::Compare(op, a, b) => {
                let (a, b) = (v(a).0, v(b).0);
                truth(match op {
                    BinaryOp::Lt => a < b,
                    BinaryOp::Le => a <= b,
                    BinaryOp::Gt => a > b,
                    BinaryOp::Ge => a >= b,
                    BinaryOp::Eq => a == b,
                    _ => a != b,
                })
            }
            Op::And(a, b) => truth(v(a).0 == 1.0 && v(b).0 == 1.0),
            Op::Or(a, b) => truth(v(a).0 == 1.0 || v(b).0 == 1.0),
            Op::Not(a) => truth(v(a).0 != 1.0),
            Op::Select(c, a, b) => {
                if v(c).0 == 1.0 {
                    v(a)
                } else {
                    v(b)
                }
            }
            Op::Call(builtin, arguments) => {
                function(builtin.name, &arguments.iter().map(v).collect::<Vec<_>>())
            }
        });
    }
    values
}

fn product(a: Dual, b: Dual) -> Dual {
    Dual(a.0 * b.0, a.1 * b.0 + a.0 * b.1)
}

/// The functions on dual numbers, each derivative from a table of integrals.
fn function(name: &str, a: &[Dual]) -> Dual {
    let Dual(x, dx) = a[0];
    let two_over_root_pi = std::f64::consts::FRAC_2_SQRT_PI;
    match name {
        "relu" => Dual(x.max(0.0), if x > 0.0 { dx } else { 0.0 }),
        "heaviside" => Dual(if x > 0.0 { 1.0 } else { 0.0 }, 0.0),
        "sign" => Dual(x.signum(), 0.0),
        "abs" => Dual(x.abs(), x.signum() * dx),
        "min" => {
            if a[1].0 < x {
                a[1]
            } else {
                a[0]
            }
        }
        "max" => {
            if a[1].0 > x {
                a[1]
            } else {
                a[0]
            }
        }
        "clip" => {
            if x < a[1].0 {
                a[1]
            } else if x > a[2].0 {
                a[2]
            } else {
                a[0]
            }
        }
        "exp" => Dual(x.exp(), x.exp() * dx),
        "expm1" => Dual(x.exp_m1(), x.exp() * dx),
        "log" => Dual(x.ln(), dx / x),
        "log1p" => Dual(x.ln_1p(), dx / (1.0 + x)),
        "sqrt" => Dual(x.sqrt(), dx / (2.0 * x.sqrt())),
        "pow" => {
            let Dual(y, dy) = a[1];
            let by_exponent = if dy == 0.0 { 0.0 } else { x.powf(y) * x.ln() * dy };
            Dual(x.powf(y), y * x.powf(y - 1.0) * dx + by_exponent)
        }
        "sin" => Dual(x.sin(), x.cos() * dx),
        "cos" => Dual(x.cos(), -x.sin() * dx),
        "tan" => Dual(x.tan(), dx / x.cos().powi(2)),
        "asin" => Dual(x.asin(), dx / (1.0 - x * x).sqrt()),
        "acos" => Dual(x.acos(), -dx / (1.0 - x * x).sqrt()),
        "atan" => Dual(x.atan(), dx / (1.0 + x * x)),
        "sinh" => Dual(x.sinh(), x.cosh() * dx),
        "cosh" => Dual(x.cosh(), x.sinh() * dx),
        "tanh" => Dual(x.tanh(), dx / x.cosh().powi(2)),
        "sigmoid" => {
            let y = 1.0 / (1.0 + (-x).exp());
            Dual(y, dx / (2.0 + x.exp() + (-x).exp()))
        }
        "softplus" => Dual(x.max(0.0) + (-x.abs()).exp().ln_1p(), dx / (1.0 + (-x).exp())),
        "erf" => Dual(libm::erf(x), two_over_root_pi * (-x * x).exp() * dx),
        "erfc" => Dual(libm::erfc(x), -two_over_root_pi * (-x * x).exp() * dx),
        "exprel" if x.abs() < 1e-3 => {
            let value = 1.0 + x / 2.0 + x * x / 6.0 + x.powi(3) / 24.0 + x.powi(4) / 120.0;
            Dual(value, (0.5 + x / 3.0 + x * x / 8.0 + x.powi(3) / 30.0) * dx)
        }
        "exprel" => Dual(x.exp_m1() / x, ((x - 1.0) * x.exp() + 1.0) / (x * x) * dx),
        other => panic!("`{other}` has no dual number here"),
    }
}

/// All models of the repository that are right, by name.
fn programs() -> Vec<(String, Program)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("models"), root.join("tests/corpus/valid")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rate"));
    files.sort();
    let models = files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).expect("the file");
        let models = compile_text(&text).models;
        models.into_iter().filter_map(move |model| {
            Some((format!("{}: {}", file.display(), model.ast.name), model.program?))
        })
    });
    models.collect()
}

/// Near the defaults and initial values.
fn point(program: &Program, random: &mut Random) -> Point {
    let model = program.model();
    let defaults = Constants::at_defaults(model);
    let mut near = |value: f64| value * (1.0 + 0.05 * random.number()) + 0.01 * random.number();
    let p: Vec<f64> = model
        .params
        .values()
        .map(|param| near(defaults.value(&param.default).expect("a number")))
        .collect();
    let initial = |state: &rate_model_compiler::model::State| defaults.value(&state.initial);
    let x = model.states.values().map(|state| near(initial(state).unwrap_or(0.1))).collect();
    let given = model.inputs.len() + model.noises.len() + model.delays.len();
    let u = (0..given).map(|_| near(0.2)).collect();
    Point { p, u, x }
}

fn direction(like: &Point, random: &mut Random) -> Point {
    let mut vector =
        |like: &[f64]| like.iter().map(|x| x.abs().max(0.1) * random.number()).collect();
    Point { p: vector(&like.p), u: vector(&like.u), x: vector(&like.x) }
}

/// What a model gives, as values or slopes.
fn rows(kernel: &Kernel) -> Vec<ValueId> {
    let outputs = &kernel.outputs;
    let factors = outputs.diffusion.iter().map(|(_, value)| *value);
    outputs.derivative.iter().chain(&outputs.auxiliaries).copied().chain(factors).collect()
}

fn close(a: f64, b: f64, scale: f64, bound: f64) -> bool {
    (a - b).abs() <= bound * scale.max(a.abs()).max(b.abs()).max(1e-6)
}

/// The products with the Jacobian that the compiler made.
fn products(program: &Program, kernel: &Kernel, at: &Point, seeds: &[f64]) -> Vec<f64> {
    let still = at.moved(at, -1.0);
    let values = evaluate(program, kernel, at, &still, seeds);
    let product = |value: &Option<ValueId>| value.map_or(0.0, |value| values[value.index()].0);
    kernel.outputs.products.iter().map(product).collect()
}

#[test]
fn tangents_and_adjoints_agree_with_dual_numbers() {
    let mut random = Random(20_261_123);
    let mut compared = 0;
    for (name, program) in programs() {
        for _ in 0..4 {
            let at = point(&program, &mut random);
            let by = direction(&at, &mut random);
            let duals = evaluate(&program, &program.formulas, &at, &by, &[]);
            let exact: Vec<f64> =
                rows(&program.formulas).iter().map(|row| duals[row.index()].1).collect();
            // A point where a formula has no value says nothing.
            if exact.iter().any(|slope| !slope.is_finite()) {
                continue;
            }
            compared += 1;
            let tangent = products(&program, &program.tangents, &at, &by.flat());
            let scale = exact.iter().fold(0.0_f64, |scale, slope| scale.max(slope.abs()));
            for (row, (found, exact)) in tangent.iter().zip(&exact).enumerate() {
                assert!(close(*found, *exact, scale, 1e-9), "{name}, row {row}: {found} {exact}");
            }
            let weights: Vec<f64> = exact.iter().map(|_| random.number()).collect();
            let gradient = products(&program, &program.adjoints, &at, &weights);
            let terms = gradient.iter().zip(by.flat()).map(|(g, v)| g * v);
            let (by_adjoint, size) =
                terms.fold((0.0, 0.0_f64), |(sum, size), term| (sum + term, size.max(term.abs())));
            let by_tangent: f64 = weights.iter().zip(&exact).map(|(w, slope)| w * slope).sum();
            assert!(close(by_adjoint, by_tangent, size, 1e-9), "{name}: {by_adjoint} {by_tangent}");
        }
    }
    assert!(compared > 400, "{compared}");
}

#[test]
fn jacobians_agree_with_dual_numbers_and_finite_differences() {
    let mut random = Random(1963);
    let (mut compared, mut smooth) = (0, 0);
    for (name, program) in programs() {
        let kernel = &program.formulas;
        let at = point(&program, &mut random);
        let still = at.moved(&at, -1.0);
        let values = evaluate(&program, kernel, &at, &still, &[]);
        for (entry, value) in &kernel.outputs.jacobian {
            let mut by = still.clone();
            match entry.column {
                Column::State(state) => by.x[state] = 1.0,
                Column::Input(input) => by.u[input] = 1.0,
            }
            let row = match entry.row {
                Row::State(state) => kernel.outputs.derivative[state],
                Row::Output(output) => kernel.outputs.auxiliaries[output],
            };
            let found = values[value.index()].0;
            let exact = evaluate(&program, kernel, &at, &by, &[])[row.index()].1;
            if !exact.is_finite() {
                continue;
            }
            compared += 1;
            assert!(close(found, exact, 0.0, 1e-8), "{name}, {entry:?}: {found}, not {exact}");
            let difference = |h: f64| {
                let value = |step: f64| {
                    let there = at.moved(&by, step);
                    evaluate(&program, kernel, &there, &still, &[])[row.index()].0
                };
                (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h)
            };
            let (wide, narrow) = (difference(2e-4), difference(1e-4));
            // Two steps agree where there is no kink near.
            if close(wide, narrow, 0.0, 1e-7) {
                smooth += 1;
                assert!(
                    close(found, narrow, 0.0, 1e-4),
                    "{name}, {entry:?}: {found}, not {narrow}"
                );
            }
        }
    }
    assert!(compared > 500 && smooth > 400, "{compared} {smooth}");
}

#[test]
fn kernels_can_be_printed_and_read_back() {
    for (name, program) in programs() {
        for kernel in [&program.formulas, &program.kernel, &program.tangents, &program.adjoints] {
            let text = kernel.to_string();
            let again = parse(&text).unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
            assert_eq!(text, again.to_string(), "{name}");
            assert!(kernel.values.values().eq(again.values.values()), "{name}");
        }
    }
}
