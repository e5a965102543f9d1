//! Reads a kernel as [`Display`](std::fmt::Display) writes it: for tests of passes, and for whoever
//! wants to look at a kernel outside of the compiler.

use super::{Bounds, Column, Drive, Entry, Kernel, Op, Real, Row, ValueId};
use crate::builtins;
use crate::collections::Id;
use crate::syntax::ast::BinaryOp;

/// A line that is no line of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAKernel {
    /// The line.
    pub line: String,
}

/// Reads a whole kernel.
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(text: &str) -> Result<Kernel, NotAKernel> {
    let mut kernel = Kernel::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let read = read(&mut kernel, line);
        // Outputs come last, and are values that are there.
        let count = kernel.values.len();
        let is_whole = kernel.outputs.all().iter().all(|value| value.index() < count);
        read.filter(|()| is_whole).ok_or_else(|| NotAKernel { line: line.to_owned() })?;
    }
    Ok(kernel)
}

fn read(kernel: &mut Kernel, line: &str) -> Option<()> {
    if let Some((name, formula)) = line.split_once(" = ") {
        let op = op(formula.trim())?;
        let place = kernel.values.len();
        if op.operands().iter().any(|operand| operand.index() >= place) {
            return None;
        }
        let id = kernel.push(op);
        return (value(name)? == id).then_some(());
    }
    let (name, list) = line.split_once(": ")?;
    let elements: Vec<&str> = list.split(", ").collect();
    let values = || elements.iter().map(|element| value(element)).collect::<Option<Vec<_>>>();
    let outputs = &mut kernel.outputs;
    match name {
        "derived" => outputs.derived = values()?,
        "initial" => outputs.initial = values()?,
        "auxiliaries" => outputs.auxiliaries = values()?,
        "derivative" => outputs.derivative = values()?,
        "spans" => outputs.spans = values()?,
        "diagonal" => outputs.diagonal = optional(&elements)?,
        "products" => outputs.products = optional(&elements)?,
        "jacobian" => {
            outputs.jacobian = elements.iter().map(|e| entry(e)).collect::<Option<_>>()?;
        }
        "diffusion" => {
            outputs.diffusion = elements.iter().map(|e| drive(e)).collect::<Option<_>>()?;
        }
        _ => {
            let (state, side) = name.strip_prefix("state ")?.split_once(' ')?;
            let state: usize = state.parse().ok()?;
            if state >= outputs.derivative.len() {
                return None;
            }
            if outputs.bounds.len() <= state {
                outputs.bounds.resize_with(state + 1, Bounds::default);
            }
            match side {
                "above" => outputs.bounds[state].lower = values()?,
                "below" => outputs.bounds[state].upper = values()?,
                _ => return None,
            }
        }
    }
    Some(())
}

/// `v12`
fn value(text: &str) -> Option<ValueId> {
    text.strip_prefix('v')?.parse().ok().map(ValueId::new)
}

fn optional(elements: &[&str]) -> Option<Vec<Option<ValueId>>> {
    let one = |element: &&str| match *element {
        "0" => Some(None),
        element => value(element).map(Some),
    };
    elements.iter().map(one).collect()
}

/// `State(0) by Input(1) v3`
fn entry(text: &str) -> Option<(Entry, ValueId)> {
    let (row, rest) = text.split_once(" by ")?;
    let (column, derivative) = rest.split_once(' ')?;
    let indexed = |text: &str| {
        let (kind, index) = text.strip_suffix(')')?.split_once('(')?;
        Some((kind.to_owned(), index.parse::<usize>().ok()?))
    };
    let row = match indexed(row)? {
        (kind, index) if kind == "State" => Row::State(index),
        (kind, index) if kind == "Output" => Row::Output(index),
        _ => return None,
    };
    let column = match indexed(column)? {
        (kind, index) if kind == "State" => Column::State(index),
        (kind, index) if kind == "Input" => Column::Input(index),
        _ => return None,
    };
    Some((Entry { row, column }, value(derivative)?))
}

/// `0 by 1 v3`
fn drive(text: &str) -> Option<(Drive, ValueId)> {
    let (state, rest) = text.split_once(" by ")?;
    let (noise, factor) = rest.split_once(' ')?;
    let drive = Drive { state: state.parse().ok()?, noise: noise.parse().ok()? };
    Some((drive, value(factor)?))
}

fn op(text: &str) -> Option<Op> {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["time"] => Some(Op::Time),
        ["if", c, "{", a, "}", "else", "{", b, "}"] => {
            Some(Op::Select(value(c)?, value(a)?, value(b)?))
        }
        [a, "*", b, "+", c] => Some(Op::MulAdd(value(a)?, value(b)?, value(c)?)),
        [a, "/", b, "~", same, "*", r] if same == a => {
            Some(Op::Quotient(value(a)?, value(b)?, value(r)?))
        }
        [kind, index] if index.parse::<usize>().is_ok() => leaf(kind, index.parse().ok()?),
        [a, symbol, b] if !text.contains('(') => binary(symbol, value(a)?, value(b)?),
        _ => call(text).or_else(|| unary(text)),
    }
}

fn leaf(kind: &str, index: usize) -> Option<Op> {
    Some(match kind {
        "param" => Op::Param(Id::new(index)),
        "input" => Op::Input(Id::new(index)),
        "state" => Op::State(Id::new(index)),
        "noise" => Op::Noise(Id::new(index)),
        "delayed" => Op::Delayed(Id::new(index)),
        "seed" => Op::Seed(index),
        _ => return None,
    })
}

fn binary(symbol: &str, a: ValueId, b: ValueId) -> Option<Op> {
    let (op, ..) = BinaryOp::ALL.into_iter().find(|(_, known, _)| *known == symbol)?;
    Some(match op {
        BinaryOp::Add => Op::Add(a, b),
        BinaryOp::Sub => Op::Sub(a, b),
        BinaryOp::Mul => Op::Mul(a, b),
        BinaryOp::Div => Op::Div(a, b),
        BinaryOp::And => Op::And(a, b),
        BinaryOp::Or => Op::Or(a, b),
        BinaryOp::Pow => return None,
        comparison => Op::Compare(comparison, a, b),
    })
}

/// `exp(v1)`, `clip(v1, v2, v3)`
fn call(text: &str) -> Option<Op> {
    let (name, arguments) = text.strip_suffix(')')?.split_once('(')?;
    let arguments = arguments.split(", ").map(value).collect::<Option<Vec<_>>>()?;
    let builtin = builtins::find(name)?;
    (builtin.parameters.len() == arguments.len()).then_some(Op::Call(builtin, arguments))
}

fn unary(text: &str) -> Option<Op> {
    if let Some(inner) = text.strip_prefix('!') {
        return Some(Op::Not(value(inner)?));
    }
    match text.strip_prefix('-').and_then(value) {
        Some(inner) => Some(Op::Neg(inner)),
        None => Some(Op::Number(Real::new(text.parse().ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_kernel_is_refused() {
        for line in [
            "v1 = param 0",
            "v0 = v1 ^ v2",
            "v0 = v5 + v9",
            "v0 = exp(v0, v0)",
            "derivative: x",
            "derivative: v0",
            "state 18446744073709551615 above: v0",
            "v0 = sinus(v0)",
            "hello",
        ] {
            assert_eq!(parse(line).map(|_| ()), Err(NotAKernel { line: line.to_owned() }));
        }
    }

    #[test]
    fn all_instructions_are_read_back() {
        let text = "\
            v0 = param 0\nv1 = input 1\nv2 = state 0\nv3 = noise 0\nv4 = delayed 2\n\
            v5 = time\nv6 = seed 3\nv7 = -v0\nv8 = v0 + v1\nv9 = v0 - v1\nv10 = v0 * v1\n\
            v11 = v0 / v1\nv12 = v0 * v1 + v2\nv13 = v0 / v1 ~ v0 * v2\nv14 = v0 <= v1\n\
            v15 = v0 != v1\nv16 = v14 && v15\nv17 = v14 || v15\nv18 = !v14\n\
            v19 = if v18 { v0 } else { v1 }\nv20 = clip(v0, v1, v2)\nv21 = -0.5\nv22 = 1e300\n\
            v23 = inf\nderived: v0\ninitial: v0\nauxiliaries: v8, v9\nderivative: v20\n\
            diagonal: 0, v20\nproducts: v1, 0\n\
            jacobian: State(0) by Input(1) v9, Output(2) by State(0) v8\n\
            diffusion: 0 by 1 v8\nspans: v0\nstate 0 above: v0\nstate 0 below: v1, v2\n";
        assert_eq!(parse(text).expect("it is a kernel").to_string(), text);
    }
}
