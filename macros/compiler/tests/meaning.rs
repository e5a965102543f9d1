//! Passes keep the meaning of formulas: random right-hand sides, evaluated as they are written by a
//! tree walk over the AST, and as kernels after all passes; and their derivatives against finite
//! differences.

use std::cell::Cell;
use std::collections::HashMap;

use rate_model_compiler::collections::Id;
use rate_model_compiler::compile;
use rate_model_compiler::diag::{Diagnostic, Severity};
use rate_model_compiler::kernel::{Column, Kernel, Op, Row, ValueId};
use rate_model_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, Item, UnaryOp};

/// xorshift64* (Vigna 2016): the same formulas on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.next() >> 33).expect("31 bits") % choices.len();
        choices[index]
    }

    /// Between -2 and 2.
    fn number(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 51) as f64 - 2.0
    }
}

const LEAVES: &[&str] = &["x", "y", "u", "p", "q", "t", "x", "y", "2", "0.5", "1", "c", "pi"];

/// A random expression.
fn expression(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return random.pick(LEAVES).to_owned();
    }
    let mut part = || expression(random, depth - 1);
    let (a, b, c) = (part(), part(), part());
    match random.pick(&[
        "+", "-", "*", "/", "^", "neg", "call", "two", "three", "if", "leaf", "+", "*", "limit",
    ]) {
        "^" => format!("({a})^{}", random.pick(&["2", "3", "-1", "-2", "0", "1"])),
        "neg" => format!("-({a})"),
        "leaf" => random.pick(LEAVES).to_owned(),
        "limit" => format!("(({a})*q/(1 - exp(-({a})/p)))"),
        "call" => {
            let functions =
                ["exp", "tanh", "relu", "sigmoid", "sin", "cos", "atan", "abs", "exprel"];
            format!("{}({a})", random.pick(&functions))
        }
        "two" => format!("{}({a}, {b})", random.pick(&["min", "max"])),
        "three" => format!("clip({a}, -0.5, {})", random.pick(&["0.5", "p^2"])),
        "if" => {
            let op = random.pick(&["<", "<=", ">", ">="]);
            let join = random.pick(&["&& p < 1", "|| q > 0", ""]);
            format!("(if {a} {op} {b} {join} {{ {c} }} else {{ {b} }})")
        }
        op => format!("({a}) {op} ({b})"),
    }
}

type Names = HashMap<&'static str, f64>;

/// The value of an expression as it is written; NaN where any part of it is undefined, because
/// there a limit is right, whatever is made of it.
fn written(expr: &Expr, names: &Names) -> f64 {
    let undefined = Cell::new(false);
    let value = walk(expr, names, &undefined);
    if undefined.get() { f64::NAN } else { value }
}

fn walk(expr: &Expr, names: &Names, undefined: &Cell<bool>) -> f64 {
    let value = |expr: &Expr| walk(expr, names, undefined);
    let result = match &expr.kind {
        ExprKind::Number { value, .. } => *value,
        ExprKind::Name(name) => names[name.text.as_str()],
        ExprKind::Unary(UnaryOp::Neg, inner) => -value(inner),
        ExprKind::Unary(UnaryOp::Not, _) => panic!("a condition is no number"),
        ExprKind::Binary { op, left, right, .. } => {
            let (a, b) = (value(left), value(right));
            match op {
                BinaryOp::Add => a + b,
                // Where all digits cancel, what is written is no oracle.
                BinaryOp::Sub if a != b && (a - b).abs() < 1e-6 * a.abs() => f64::NAN,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                BinaryOp::Pow => a.powf(b),
                _ => panic!("a condition is no number"),
            }
        }
        ExprKind::If { condition, then, otherwise } => {
            if holds(condition, names, undefined) {
                value(then)
            } else {
                value(otherwise)
            }
        }
        ExprKind::Call { function, arguments } => {
            let a: Vec<f64> = arguments.iter().map(value).collect();
            match function.text.as_str() {
                "exp" => a[0].exp(),
                "tanh" => a[0].tanh(),
                "relu" => a[0].max(0.0),
                "sigmoid" => 1.0 / (1.0 + (-a[0]).exp()),
                "sin" => a[0].sin(),
                "cos" => a[0].cos(),
                "atan" => a[0].atan(),
                "abs" => a[0].abs(),
                "exprel" if a[0] == 0.0 => 1.0,
                "exprel" => a[0].exp_m1() / a[0],
                "min" => a[0].min(a[1]),
                "max" => a[0].max(a[1]),
                "clip" => a[0].max(a[1]).min(a[2]),
                other => panic!("`{other}` is not generated"),
            }
        }
    };
    if !result.is_finite() {
        undefined.set(true);
    }
    result
}

fn holds(expr: &Expr, names: &Names, undefined: &Cell<bool>) -> bool {
    let ExprKind::Binary { op, left, right, .. } = &expr.kind else { panic!("no condition") };
    match op {
        BinaryOp::And => holds(left, names, undefined) && holds(right, names, undefined),
        BinaryOp::Or => holds(left, names, undefined) || holds(right, names, undefined),
        _ => {
            let (a, b) = (walk(left, names, undefined), walk(right, names, undefined));
            match op {
                BinaryOp::Lt => a < b,
                BinaryOp::Le => a <= b,
                BinaryOp::Gt => a > b,
                _ => a >= b,
            }
        }
    }
}

/// The values of all instructions of a kernel, in reproducible arithmetic; truth as 1 and 0.
fn computed(kernel: &Kernel, names: &Names) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for op in kernel.values.values() {
        let v = |id: &ValueId| values[id.index()];
        let value = match op {
            Op::Number(real) => real.get(),
            Op::Param(id) => names[["p", "q"][id.index()]],
            Op::Input(_) => names["u"],
            Op::State(id) => names[["x", "y"][id.index()]],
            Op::Time => names["t"],
            Op::Noise(_) | Op::Delayed(_) | Op::Seed(_) => panic!("random models have none"),
            Op::Neg(a) => -v(a),
            Op::Add(a, b) => v(a) + v(b),
            Op::Sub(a, b) => v(a) - v(b),
            Op::Mul(a, b) | Op::And(a, b) => v(a) * v(b),
            Op::Div(a, b) | Op::Quotient(a, b, _) => v(a) / v(b),
            Op::MulAdd(a, b, c) => v(a) * v(b) + v(c),
            Op::Call(builtin, arguments) => {
                (builtin.eval)(&arguments.iter().map(v).collect::<Vec<_>>())
            }
            Op::Compare(op, a, b) => f64::from(match op {
                BinaryOp::Lt => v(a) < v(b),
                BinaryOp::Le => v(a) <= v(b),
                BinaryOp::Gt => v(a) > v(b),
                BinaryOp::Ge => v(a) >= v(b),
                BinaryOp::Eq => v(a) == v(b),
                _ => v(a) != v(b),
            }),
            Op::Or(a, b) => v(a).max(v(b)),
            Op::Not(a) => 1.0 - v(a),
            Op::Select(c, a, b) => {
                if v(c) == 1.0 {
                    v(a)
                } else {
                    v(b)
                }
            }
        };
        values.push(value);
    }
    values
}

/// A compiled random model: the formula of dx/dt as written, and its kernel.
struct Case {
    formula: Expr,
    kernel: Kernel,
}

fn case(random: &mut Random) -> (String, Case) {
    let text = format!(
        "model M {{ const c = 1.5; param p = 1; param q = 1; input u; state x = 0; state y = 0;
         dx/dt = {}; dy/dt = -x; }}",
        expression(random, 4)
    );
    let compiled = compile(text.parse().expect("it lexes"));
    let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
    let errors: Vec<_> = compiled.diagnostics.iter().filter(is_error).collect();
    // Constants that come out infinite are refused: such are written with a quotient.
    let is_infinite = |error: &&Diagnostic| error.code.0 == "default_out_of_range";
    assert!(errors.iter().all(is_infinite), "{text}: {errors:?}");
    if !errors.is_empty() {
        assert!(text.contains('/'), "{text}: {errors:?}");
        return case(random);
    }
    let model = &compiled.models[0];
    let formula = model.ast.items.iter().find_map(|item| match item {
        Item::Equation(equation) => Some(equation.right.clone()),
        _ => None,
    });
    let kernel = model.program.as_ref().expect("it is valid").kernel.clone();
    (text, Case { formula: formula.expect("there is an equation"), kernel })
}

fn point(random: &mut Random) -> Names {
    let mut names: Names =
        ["x", "y", "u", "p", "q", "t"].map(|name| (name, random.number())).into();
    names.extend([("c", 1.5), ("pi", std::f64::consts::PI)]);
    names
}

/// Powers as products and limits of quotients differ in the last digits, and ill-conditioned
/// formulas amplify that; a wrong pass is wrong by far more.
const CLOSE: f64 = 1e-7;

fn close(a: f64, b: f64, bound: f64) -> bool {
    a == b || (a - b).abs() <= bound * a.abs().max(b.abs()).max(1e-3)
}

#[test]
fn passes_keep_the_meaning_of_formulas() {
    let mut random = Random(20_261_123);
    let (mut compared, mut wrong) = (0, Vec::new());
    for _ in 0..3000 {
        let (text, case) = case(&mut random);
        for _ in 0..4 {
            let names = point(&mut random);
            let expected = written(&case.formula, &names);
            if !expected.is_finite() || expected.abs() > 1e12 {
                continue;
            }
            compared += 1;
            let found = computed(&case.kernel, &names)[case.kernel.outputs.derivative[0].index()];
            if !close(found, expected, CLOSE) {
                wrong.push(format!("{text} at {names:?}: {found} is not {expected}"));
            }
        }
    }
    assert!(compared > 8000, "{compared}");
    assert!(wrong.is_empty(), "{} of {compared}, such as {}", wrong.len(), wrong[0]);
}

#[test]
fn derivatives_are_those_of_the_formulas() {
    let mut random = Random(1963);
    let (mut compared, mut wrong) = (0, Vec::new());
    for _ in 0..2000 {
        let (text, case) = case(&mut random);
        let names = point(&mut random);
        let values = computed(&case.kernel, &names);
        for (column, name) in
            [(Column::State(0), "x"), (Column::State(1), "y"), (Column::Input(0), "u")]
        {
            let jacobian = &case.kernel.outputs.jacobian;
            let entry = jacobian
                .iter()
                .find(|(entry, _)| (entry.row, entry.column) == (Row::State(0), column));
            let found = entry.map_or(0.0, |(_, value)| values[value.index()]);
            let difference = |h: f64| {
                let at = |offset: f64| {
                    let mut moved = names.clone();
                    moved.insert(name, names[name] + offset);
                    written(&case.formula, &moved)
                };
                (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
            };
            let (wide, narrow) = (difference(2e-4), difference(1e-4));
            // Two steps agree where there is no kink or singularity near.
            let smooth = close(wide, narrow, 1e-8) && narrow.is_finite() && narrow.abs() < 1e4;
            if smooth {
                compared += 1;
                if !close(found, narrow, 1e-5) {
                    wrong.push(format!("{text} by {name} at {names:?}: {found} is not {narrow}"));
                }
            }
        }
    }
    assert!(compared > 3000, "{compared}");
    assert!(wrong.is_empty(), "{} of {compared}, such as {}", wrong.len(), wrong[0]);
}
