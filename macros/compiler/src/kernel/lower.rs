//! [`Checked`] model → [`Kernel`]: formulas as instructions, auxiliaries shared by all that use
//! them. Nothing is simplified here; that is what passes are for.

use super::{Bounds, Kernel, Op, ValueId};
use crate::check::Checked;
use crate::collections::{Arena, Id};
use crate::model::{
    Arith, Bound, Condition, ConstId, Expr, ExprKind, InputId, Law, Model, NoiseId, ParamId, State,
    StateId, Symbol,
};
use crate::syntax::ast::BinaryOp;

/// Lowers a whole model.
pub fn lower(checked: &Checked) -> Kernel {
    let model = checked.model();
    let mut lowering = Lowering::new(model);
    for id in &model.constant_order {
        let value = lowering.number(&model.constants[*id].value);
        lowering.constants[id.index()] = Some(value);
    }
    for id in &model.auxiliary_order {
        let value = lowering.number(&model.auxiliaries[*id].expr);
        lowering.auxiliaries[id.index()] = Some(value);
    }
    lowering.outputs(model);
    lowering.kernel
}

struct Lowering {
    kernel: Kernel,
    params: Vec<ValueId>,
    inputs: Vec<ValueId>,
    states: Vec<ValueId>,
    noises: Vec<ValueId>,
    time: ValueId,
    constants: Vec<Option<ValueId>>,
    auxiliaries: Vec<Option<ValueId>>,
}

impl Lowering {
    fn new(model: &Model) -> Self {
        let mut kernel = Kernel::default();
        let params = model.params.ids().map(|id: ParamId| kernel.push(Op::Param(id))).collect();
        let inputs = model.inputs.ids().map(|id: InputId| kernel.push(Op::Input(id))).collect();
        let states = model.states.ids().map(|id: StateId| kernel.push(Op::State(id))).collect();
        let noises = model.noises.ids().map(|id: NoiseId| kernel.push(Op::Noise(id))).collect();
        let time = kernel.push(Op::Time);
        let constants = vec![None; Arena::<ConstId, _>::len(&model.constants)];
        let auxiliaries = vec![None; model.auxiliaries.len()];
        Self { kernel, params, inputs, states, noises, time, constants, auxiliaries }
    }

    fn outputs(&mut self, model: &Model) {
        let defined = self.auxiliaries.iter().map(|value| value.expect("in evaluation order"));
        self.kernel.outputs.auxiliaries = defined.collect();
        for state in model.states.values() {
            let derivative = self.derivative(state);
            let initial = self.number(&state.initial);
            let bounds = self.bounds(&state.bounds);
            self.kernel.outputs.derivative.push(derivative);
            self.kernel.outputs.initial.push(initial);
            self.kernel.outputs.bounds.push(bounds);
        }
        let noises = model.noises.values().filter_map(|noise| match &noise.law {
            Law::Ou(time) => Some(time),
            Law::White(_) | Law::PerStep => None,
        });
        for span in noises.chain(model.delays.values().map(|delay| &delay.delay)) {
            let span = self.number(span);
            self.kernel.outputs.spans.push(span);
        }
    }

    fn derivative(&mut self, state: &State) -> ValueId {
        let right = self.number(&state.equation.right);
        match &state.equation.factor {
            None => right,
            Some(factor) => {
                let factor = self.number(factor);
                self.kernel.div(right, factor)
            }
        }
    }

    fn bounds(&mut self, bounds: &[Bound]) -> Bounds {
        let mut limits = Bounds::default();
        for bound in bounds {
            let limit = self.number(&bound.limit);
            if bound.is_lower() { limits.lower.push(limit) } else { limits.upper.push(limit) }
        }
        limits
    }

    fn number(&mut self, expr: &Expr) -> ValueId {
        match &expr.kind {
            ExprKind::Number(value, _) => self.kernel.number(*value),
            ExprKind::Symbol(symbol) => self.symbol(*symbol),
            ExprKind::Delayed { id, .. } => self.kernel.push(Op::Delayed(*id)),
            ExprKind::Neg(inner) => {
                let inner = self.number(inner);
                self.kernel.neg(inner)
            }
            ExprKind::Arith(op, left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                self.kernel.push(match op {
                    Arith::Add => Op::Add(left, right),
                    Arith::Sub => Op::Sub(left, right),
                    Arith::Mul => Op::Mul(left, right),
                    Arith::Div => Op::Div(left, right),
                })
            }
            ExprKind::Pow(base, exponent) => {
                let arguments = [self.number(base), self.number(exponent)];
                self.kernel.call("pow", &arguments)
            }
            ExprKind::Call(builtin, arguments) => {
                let arguments = arguments.iter().map(|argument| self.number(argument)).collect();
                self.kernel.push(Op::Call(builtin, arguments))
            }
            ExprKind::If(condition, then, otherwise) => {
                let condition = self.condition(condition);
                let (then, otherwise) = (self.number(then), self.number(otherwise));
                self.kernel.select(condition, then, otherwise)
            }
        }
    }

    fn symbol(&mut self, symbol: Symbol) -> ValueId {
        match symbol {
            Symbol::Const(id) => self.constants[id.index()].expect("constants come in order"),
            Symbol::Aux(id) => self.auxiliaries[id.index()].expect("auxiliaries come in order"),
            Symbol::Param(id) => self.params[id.index()],
            Symbol::Input(id) => self.inputs[id.index()],
            Symbol::State(id) => self.states[id.index()],
            Symbol::Noise(id) => self.noises[id.index()],
            Symbol::Time => self.time,
            Symbol::Pi => self.kernel.number(std::f64::consts::PI),
        }
    }

    fn condition(&mut self, condition: &Condition) -> ValueId {
        match condition {
            Condition::Compare(op, left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                debug_assert!(BinaryOp::is_comparison(*op));
                self.kernel.compare(*op, left, right)
            }
            Condition::And(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                self.kernel.push(Op::And(left, right))
            }
            Condition::Or(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                self.kernel.push(Op::Or(left, right))
            }
            Condition::Not(inner) => {
                let inner = self.condition(inner);
                self.kernel.push(Op::Not(inner))
            }
        }
    }
}
