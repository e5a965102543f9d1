//! LaTeX of a model, from what its modeller wrote.

use std::collections::{HashMap, HashSet};

use crate::name::{Name, greek};
use crate::syntax::ast::{
    BinaryOp, Declaration, Equation, Expr, ExprKind, Item, Kind, LawKind, Model, Origin,
    UNARY_POWER, UnaryOp,
};
use crate::unit::Unit;

/// One line for each equation, auxiliary, function and constant, and one for the law of each noise;
/// an `aligned` environment around them.
pub(crate) fn of_model(ast: &Model) -> Vec<String> {
    let order = |item: &&Item| match item {
        Item::Equation(_) => 0,
        Item::Declaration(_) => 1,
        _ => 2,
    };
    let mut items: Vec<&Item> = ast.items.iter().collect();
    items.sort_by_key(order);
    let writer = Writer::new(ast);
    let lines: Vec<String> = items.into_iter().filter_map(|item| writer.line(item)).collect();
    let last = lines.len().saturating_sub(1);
    let ended = lines.into_iter().enumerate().map(|(index, line)| {
        if index == last { format!("  {line}") } else { format!("  {line} \\\\") }
    });
    let mut text = vec![r"\begin{aligned}".to_owned()];
    text.extend(ended);
    text.push(r"\end{aligned}".to_owned());
    text
}

struct Writer<'a> {
    /// Velocities, by name, with what stands for them.
    velocities: HashMap<&'a str, String>,
    /// Functions of the model.
    functions: HashSet<&'a str>,
    /// Everything else that it declares.
    declared: HashSet<&'a str>,
}

impl<'a> Writer<'a> {
    fn new(ast: &'a Model) -> Self {
        let velocity = |item: &'a Item| match item {
            Item::Equation(Equation { origin: Origin::SecondOrder(of), state, time, .. }) => {
                let text = format!(r"\frac{{d{}}}{{d{}}}", separated(&name(of)), name(time));
                Some((state.text.as_str(), text))
            }
            _ => None,
        };
        let function = |item: &'a Item| match item {
            Item::Function(function) => Some(function.name.text.as_str()),
            _ => None,
        };
        let declared = |item: &'a Item| match item {
            Item::Declaration(declaration) => vec![declaration.name.text.as_str()],
            Item::Function(function) => {
                function.parameters.iter().map(|name| name.text.as_str()).collect()
            }
            _ => Vec::new(),
        };
        let velocities = ast.items.iter().filter_map(velocity).collect();
        let functions = ast.items.iter().filter_map(function).collect();
        Self { velocities, functions, declared: ast.items.iter().flat_map(declared).collect() }
    }

    /// A name: a velocity, a unit behind a quantity, or what is declared.
    fn symbol(&self, of: &Name) -> String {
        let text = of.text.as_str();
        match self.velocities.get(text) {
            Some(velocity) => velocity.clone(),
            None if !self.declared.contains(text) && Unit::from_symbol(text).is_some() => {
                format!(r"\mathrm{{{text}}}")
            }
            None => name(of),
        }
    }

    fn line(&self, item: &Item) -> Option<String> {
        match item {
            Item::Equation(equation) => match equation.origin {
                Origin::Velocity => None,
                Origin::Written | Origin::SecondOrder(_) => Some(self.equation(equation)),
            },
            Item::Function(function) => {
                let parameters: Vec<_> = function.parameters.iter().map(name).collect();
                let (left, parameters) = (name(&function.name), parameters.join(", "));
                Some(format!("{left}({parameters}) &= {}", self.expr(&function.body)))
            }
            Item::Declaration(declaration) => self.declaration(declaration),
            Item::Time(_) | Item::Removal(_) => None,
        }
    }

    fn equation(&self, equation: &Equation) -> String {
        let factor = equation.factor.as_ref().map(|factor| {
            let text = self.expr(factor);
            let is_sum = power(factor) < BinaryOp::Mul.power();
            if is_sum { parenthesised(&text) } else { text }
        });
        let time = name(&equation.time);
        let derivative = match &equation.origin {
            Origin::SecondOrder(of) => format!(r"\frac{{d^{{2}} {}}}{{d{time}^{{2}}}}", name(of)),
            _ => format!(r"\frac{{d{}}}{{d{time}}}", separated(&name(&equation.state))),
        };
        let left = factor.map_or(derivative.clone(), |factor| format!(r"{factor} \, {derivative}"));
        format!("{left} &= {}", self.expr(&equation.right))
    }

    fn declaration(&self, declaration: &Declaration) -> Option<String> {
        let left = name(&declaration.name);
        match (declaration.kind, &declaration.value, &declaration.law) {
            (Kind::Let | Kind::Output | Kind::Const, Some(value), _) => {
                // Bare numbers are in the declared unit.
                let unit = match (&value.kind, &declaration.unit) {
                    (ExprKind::Number { unit: None, .. }, Some(unit))
                        if !unit.factors.is_empty() =>
                    {
                        format!(r"\,\mathrm{{{unit}}}")
                    }
                    _ => String::new(),
                };
                Some(format!("{left} &= {}{unit}", self.expr(value)))
            }
            (Kind::Noise, _, Some(law)) => Some(match &law.kind {
                LawKind::White => {
                    format!(r"\langle {left}(t)\,{left}(t') \rangle &= \delta(t - t')")
                }
                LawKind::WhiteStratonovich => format!(
                    r"\langle {left}(t)\,{left}(t') \rangle &= \delta(t - t') \quad \text{{(Stratonovich)}}"
                ),
                LawKind::Ou(time) => format!(
                    r"\langle {left}(t)\,{left}(t') \rangle &= e^{{-|t - t'|/{}}}",
                    grouped(self.expr(time), power(time) < BinaryOp::Pow.power())
                ),
                LawKind::PerStep => {
                    format!(r"{left} &\sim \mathcal{{N}}(0, 1) \quad \text{{at each step}}")
                }
            }),
            _ => None,
        }
    }

    fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Number { value, unit, .. } => {
                let number = number(*value);
                match unit {
                    Some(unit) => format!(r"{number}\,\mathrm{{{unit}}}"),
                    None => number,
                }
            }
            ExprKind::Name(text) => self.symbol(text),
            ExprKind::Unary(UnaryOp::Neg, inner) => {
                format!("-{}", grouped(self.expr(inner), power(inner) < UNARY_POWER))
            }
            ExprKind::Unary(UnaryOp::Not, inner) => {
                format!(r"\lnot {}", grouped(self.expr(inner), power(inner) < UNARY_POWER))
            }
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right),
            ExprKind::Call { function, arguments } => self.call(function, arguments),
            ExprKind::If { condition, then, otherwise } => format!(
                r"\begin{{cases}} {} & \text{{if }} {} \\ {} & \text{{otherwise}} \end{{cases}}",
                self.expr(then),
                self.expr(condition),
                self.expr(otherwise)
            ),
        }
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> String {
        let (a, b) = (self.expr(left), self.expr(right));
        let looser = |expr: &Expr| power(expr) < op.power();
        match op {
            BinaryOp::Div => match a.strip_prefix('-') {
                // `-x/τ` is read as (-x)/τ, and looks better with its sign in front.
                Some(a) if is_signed_atom(left) => format!(r"-\frac{{{a}}}{{{b}}}"),
                _ => format!(r"\frac{{{a}}}{{{b}}}"),
            },
            BinaryOp::Pow => {
                let is_atom = matches!(left.kind, ExprKind::Name(_) | ExprKind::Number { .. });
                format!("{}^{{{b}}}", grouped(a, !is_atom))
            }
            BinaryOp::Mul => {
                let (a, b) = (grouped(a, looser(left)), grouped(b, looser(right) || signed(right)));
                // Two numbers side by side would read as one.
                let dot =
                    if b.starts_with(|c: char| c.is_ascii_digit()) { r" \cdot " } else { r" \, " };
                format!("{a}{dot}{b}")
            }
            BinaryOp::Sub => {
                let right_is_sum = power(right) <= op.power() || signed(right);
                format!("{a} - {}", grouped(b, right_is_sum))
            }
            BinaryOp::Add => format!("{a} + {}", grouped(b, looser(right) || signed(right))),
            _ => {
                let symbol = match op {
                    BinaryOp::Le => r"\le",
                    BinaryOp::Ge => r"\ge",
                    BinaryOp::Ne => r"\ne",
                    BinaryOp::Eq => "=",
                    BinaryOp::And => r"\land",
                    BinaryOp::Or => r"\lor",
                    other => other.symbol(),
                };
                let (a, b) = (grouped(a, looser(left)), grouped(b, looser(right)));
                format!("{a} {symbol} {b}")
            }
        }
    }

    fn call(&self, function: &Name, arguments: &[Expr]) -> String {
        let texts: Vec<String> = arguments.iter().map(|argument| self.expr(argument)).collect();
        let is_own = self.functions.contains(function.text.as_str());
        let one = texts.first().cloned().unwrap_or_default();
        let all = texts.join(", ");
        match function.text.as_str() {
            _ if is_own => format!(r"{}\left({all}\right)", name(function)),
            "relu" => format!(r"\left[{one}\right]_{{+}}"),
            "exp" => format!("e^{{{one}}}"),
            "sqrt" => format!(r"\sqrt{{{one}}}"),
            "abs" => format!(r"\left|{one}\right|"),
            "pow" => match arguments {
                [base, exponent] => self.binary(BinaryOp::Pow, base, exponent),
                _ => all,
            },
            "log" => format!(r"\ln\left({one}\right)"),
            "heaviside" => format!(r"\Theta\left({one}\right)"),
            text @ ("sin" | "cos" | "tan" | "sinh" | "cosh" | "tanh" | "min" | "max") => {
                format!(r"\{text}\left({all}\right)")
            }
            "asin" | "acos" | "atan" => {
                format!(r"\arc{}\left({all}\right)", &function.text[1..])
            }
            _ => format!(r"{}\left({all}\right)", name(function)),
        }
    }
}

/// How tightly an expression binds in print: fractions, calls and cases stand on their own.
fn power(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary { op: BinaryOp::Div, left, .. } if is_signed_atom(left) => UNARY_POWER,
        ExprKind::Binary { op: BinaryOp::Div, .. } => u8::MAX,
        ExprKind::Binary { op, .. } => op.power(),
        ExprKind::Unary(..) => UNARY_POWER,
        ExprKind::If { .. } => 0,
        _ => u8::MAX,
    }
}

/// Whether it begins with a minus.
fn signed(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary(..) => true,
        ExprKind::Binary { op: BinaryOp::Div, left, .. } => is_signed_atom(left),
        _ => false,
    }
}

/// `-x`, without parentheses, of something that needs none.
fn is_signed_atom(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Neg, inner) => !expr.is_grouped && power(inner) == u8::MAX,
        _ => false,
    }
}

fn parenthesised(text: &str) -> String {
    format!(r"\left({text}\right)")
}

fn grouped(text: String, parentheses: bool) -> String {
    if parentheses { parenthesised(&text) } else { text }
}

fn number(value: f64) -> String {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => match mantissa {
            "1" => format!("10^{{{exponent}}}"),
            _ => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        },
        _ => value.to_string(),
    }
}

/// `d\nu` needs no space, `dx` neither, but `d\mathrm{rate}` reads better with one.
fn separated(text: &str) -> String {
    if text.starts_with(r"\mathrm") { format!(r"\,{text}") } else { text.to_owned() }
}

/// `ν_e` → `\nu_{e}`, `tau_m` → `\tau_{m}`, `drive` → `\mathrm{drive}`.
fn name(name: &Name) -> String {
    let mut parts = name.text.split('_').filter(|part| !part.is_empty());
    let head = letters(parts.next().unwrap_or_default());
    let below: Vec<String> = parts.map(letters).collect();
    if below.is_empty() { head } else { format!("{head}_{{{}}}", below.join(r"\,")) }
}

/// The English names of Greek letters that LaTeX has commands for.
const SPELLED: [&str; 32] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega",
];

fn letters(part: &str) -> String {
    let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
    let stem = &part[..part.len() - digits.len()];
    let below =
        |stem: String| if digits.is_empty() { stem } else { format!("{stem}_{{{digits}}}") };
    if SPELLED.contains(&stem) {
        return below(format!(r"\{stem}"));
    }
    if stem.is_empty() {
        return digits.to_owned();
    }
    let is_symbol = stem.chars().count() == 1 || stem.chars().any(|c| greek(c).is_some());
    if is_symbol {
        return below(stem.chars().map(letter).collect::<Vec<_>>().join(" "));
    }
    format!(r"\mathrm{{{part}}}")
}

fn letter(c: char) -> String {
    match greek(c) {
        Some("omicron") => "o".to_owned(),
        // Capitals that look like Latin ones have no command.
        Some(name) if SPELLED.contains(&name) => format!(r"\{name}"),
        Some(name) => format!(r"\mathrm{{{}}}", &name[..1]),
        None => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    fn latex(items: &str) -> Vec<String> {
        let source = format!("model M {{ {items} }}");
        let compiled = crate::compile(source.parse().expect("it lexes"));
        assert!(compiled.models[0].program.is_some(), "{:?}", compiled.diagnostics);
        let lines = super::of_model(&compiled.models[0].ast);
        lines[1..lines.len() - 1].iter().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn equations_look_as_in_papers() {
        let found = latex(
            "param tau_e: ms = 20 where tau_e > 0; param β_e: Hz/pA = 1; input I_e: pA;
             state ν_e: Hz = 0; tau_e dν_e/dt = -ν_e + β_e*relu(I_e);",
        );
        assert_eq!(
            found,
            [r"\tau_{e} \, \frac{d\nu_{e}}{dt} &= -\nu_{e} + \beta_{e} \, \left[I_{e}\right]_{+}"]
        );
    }

    #[test]
    fn every_construct_has_its_form() {
        let found = latex(
            "param (a, b_1, drive) = (1, 2, 3); noise ξ: white; noise η: ou(2*a);
             state x = 0; state y = 0;
             fn gain(u) = 1/(1 + exp(-(u - 0.5)/drive));
             let z = if x > 1 && y <= 2 { -x } else { x^2 };
             d2x/dt2 = -2*a*dx/dt - (x - (y - 1))*gain(z) + 2e-7*ξ;
             (a + 1) dy/dt = -y(t - b_1) - (-a) + sqrt(abs(y))*(-x)*η;",
        );
        assert_eq!(
            found,
            [
                r"\frac{d^{2} x}{dt^{2}} &= -2 \, a \, \frac{dx}{dt} - \left(x - \left(y - 1\right)\right) \, \mathrm{gain}\left(z\right) + 2 \cdot 10^{-7} \, \xi \\",
                r"\left(a + 1\right) \, \frac{dy}{dt} &= -y\left(t - b_{1}\right) - \left(-a\right) + \sqrt{\left|y\right|} \, \left(-x\right) \, \eta \\",
                r"\langle \xi(t)\,\xi(t') \rangle &= \delta(t - t') \\",
                r"\langle \eta(t)\,\eta(t') \rangle &= e^{-|t - t'|/\left(2 \, a\right)} \\",
                r"z &= \begin{cases} -x & \text{if } x > 1 \land y \le 2 \\ x^{2} & \text{otherwise} \end{cases} \\",
                r"\mathrm{gain}(u) &= \frac{1}{1 + e^{\frac{-\left(u - 0.5\right)}{\mathrm{drive}}}}",
            ]
        );
    }
}
