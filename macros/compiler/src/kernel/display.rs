//! A kernel as text: what tests compare, what `RATE_MODEL_DUMP=kernel` prints, and what
//! [`parse`](super::parse) reads.

use std::fmt::{Display, Formatter, Result};

use super::{Kernel, Op, ValueId};
use crate::collections::Id;

impl Display for ValueId {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "v{}", self.index())
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Number(value) => write!(f, "{:?}", value.get()),
            Self::Param(id) => write!(f, "param {}", id.index()),
            Self::Input(id) => write!(f, "input {}", id.index()),
            Self::State(id) => write!(f, "state {}", id.index()),
            Self::Noise(id) => write!(f, "noise {}", id.index()),
            Self::Delayed(id) => write!(f, "delayed {}", id.index()),
            Self::Seed(index) => write!(f, "seed {index}"),
            Self::Time => f.write_str("time"),
            Self::Neg(a) => write!(f, "-{a}"),
            Self::Add(a, b) => write!(f, "{a} + {b}"),
            Self::Sub(a, b) => write!(f, "{a} - {b}"),
            Self::Mul(a, b) => write!(f, "{a} * {b}"),
            Self::Div(a, b) => write!(f, "{a} / {b}"),
            Self::MulAdd(a, b, c) => write!(f, "{a} * {b} + {c}"),
            Self::Quotient(a, b, r) => write!(f, "{a} / {b} ~ {a} * {r}"),
            Self::Compare(op, a, b) => write!(f, "{a} {} {b}", op.symbol()),
            Self::And(a, b) => write!(f, "{a} && {b}"),
            Self::Or(a, b) => write!(f, "{a} || {b}"),
            Self::Not(a) => write!(f, "!{a}"),
            Self::Select(c, a, b) => write!(f, "if {c} {{ {a} }} else {{ {b} }}"),
            Self::Call(builtin, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
                write!(f, "{}({})", builtin.name, arguments.join(", "))
            }
        }
    }
}

impl Display for Kernel {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (id, op) in self.values.iter() {
            writeln!(f, "{id} = {op}")?;
        }
        let outputs = &self.outputs;
        let mut line = |name: &str, values: &[String]| match values {
            [] => Ok(()),
            _ => writeln!(f, "{name}: {}", values.join(", ")),
        };
        let list = |values: &[ValueId]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        line("derived", &list(&outputs.derived))?;
        line("initial", &list(&outputs.initial))?;
        line("auxiliaries", &list(&outputs.auxiliaries))?;
        line("derivative", &list(&outputs.derivative))?;
        let entry =
            |value: &Option<ValueId>| value.map_or("0".to_owned(), |value| value.to_string());
        line("diagonal", &outputs.diagonal.iter().map(entry).collect::<Vec<_>>())?;
        line("products", &outputs.products.iter().map(entry).collect::<Vec<_>>())?;
        let jacobian = outputs.jacobian.iter();
        let entry = |(at, value): &(super::Entry, ValueId)| {
            format!("{:?} by {:?} {value}", at.row, at.column)
        };
        line("jacobian", &jacobian.map(entry).collect::<Vec<_>>())?;
        let drive =
            |(at, value): &(super::Drive, ValueId)| format!("{} by {} {value}", at.state, at.noise);
        line("diffusion", &outputs.diffusion.iter().map(drive).collect::<Vec<_>>())?;
        line("spans", &list(&outputs.spans))?;
        for (state, bounds) in outputs.bounds.iter().enumerate() {
            line(&format!("state {state} above"), &list(&bounds.lower))?;
            line(&format!("state {state} below"), &list(&bounds.upper))?;
        }
        Ok(())
    }
}
