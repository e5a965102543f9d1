//! How often a value has to be computed.

use super::{Kernel, Op, ValueId};
use crate::collections::Id;

/// From rarest to most frequent; a value is as frequent as the most frequent of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rate {
    /// Never: known at compile time.
    Constant,
    /// When a parameter changes.
    Parameter,
    /// When what is given from outside does: once a step, or once a stage where methods with stages
    /// ask for it. Too often for a slot of its own.
    Step,
    /// At every evaluation of the derivative.
    Stage,
}

impl Rate {
    /// Whether it changes while parameters do not.
    pub fn varies(self) -> bool {
        self > Self::Parameter
    }
}

/// The rate of every value of a kernel.
pub struct Rates(Vec<Rate>);

impl Rates {
    /// Finds all rates in one sweep.
    pub fn of(kernel: &Kernel) -> Self {
        let mut rates: Vec<Rate> = Vec::with_capacity(kernel.values.len());
        for op in kernel.values.values() {
            let operands = op.operands().into_iter().map(|value| rates[value.index()]);
            rates.push(match op {
                Op::Number(_) => Rate::Constant,
                Op::Param(_) => Rate::Parameter,
                Op::Input(_) | Op::Noise(_) | Op::Delayed(_) => Rate::Step,
                Op::State(_) | Op::Seed(_) | Op::Time => Rate::Stage,
                _ => operands.max().unwrap_or(Rate::Constant),
            });
        }
        Self(rates)
    }
}

impl std::ops::Index<ValueId> for Rates {
    type Output = Rate;
    fn index(&self, value: ValueId) -> &Rate {
        &self.0[value.index()]
    }
}
