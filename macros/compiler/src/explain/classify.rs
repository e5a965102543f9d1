//! What kind of equation each state obeys, and which steps are exact for it.
//!
//! Over a step, inputs, past values and noise with a correlation time are held: what depends on
//! nothing else than these and parameters stays.

use std::collections::{HashMap, HashSet};

use crate::collections::Id;
use crate::kernel::rate::Rates;
use crate::kernel::{Column, Kernel, Op, Row, ValueId};
use crate::model::{Model, StateId};

/// The form of an equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// dx/dt does not depend on any state, nor on time: every method is exact.
    Constant,
    /// Linear in its own state, with coefficients that stay over a step: the exponential step is
    /// exact.
    Exact,
    /// One of several equations that are linear in their states, with coefficients that stay over a
    /// step: the matrix exponential of the block is exact. The states of the block.
    Block(Vec<usize>),
    /// Linear in its own state, with coefficients that depend on this: the exponential step is of
    /// first order, and stable as far as the equation's own state goes.
    Exponential(Vec<Cause>),
    /// Not linear in its own state.
    Generic(Vec<Cause>),
}

/// What a coefficient depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The state of this index.
    State(usize),
    /// Time.
    Time,
}

/// How white noise enters an equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Not at all.
    None,
    /// With factors that stay over a step.
    Additive,
    /// With factors that depend on states or time.
    Multiplicative {
        /// Whether the only state among them is its own, and time is not.
        own: bool,
    },
}

/// What is found about one equation.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its form.
    pub form: Form,
    /// Its noise.
    pub noise: Noise,
    /// What it reads that moves by itself and is held over a step: past values, noise.
    pub held: Vec<&'static str>,
    /// Whether its derivative by its own state depends on nothing but parameters.
    pub fixed_slope: bool,
}

/// Classifies all equations, given the kernel with its derivatives.
pub fn classify(model: &Model, kernel: &Kernel) -> Vec<Class> {
    let count = model.states.len();
    let mut slopes: Vec<Vec<(usize, ValueId)>> = vec![Vec::new(); count];
    for (entry, value) in &kernel.outputs.jacobian {
        if let (Row::State(row), Column::State(column)) = (entry.row, entry.column) {
            slopes[row].push((column, *value));
        }
    }
    let forms: Vec<Form> = (0..count).map(|state| form(kernel, state, &slopes[state])).collect();
    let blocks = blocks(kernel, &slopes);
    let rates = Rates::of(kernel);
    let classes = forms.into_iter().zip(blocks).enumerate();
    let class = |(state, (form, block)): (usize, (Form, Option<Vec<usize>>))| Class {
        form: match (form, block) {
            (form @ (Form::Constant | Form::Exact), _) | (form, None) => form,
            (_, Some(block)) => Form::Block(block),
        },
        noise: noise(kernel, state),
        held: if model.delays.is_empty() && model.noises.is_empty() {
            Vec::new()
        } else {
            held(kernel, kernel.outputs.derivative[state])
        },
        fixed_slope: {
            let own = slopes[state].iter().find(|(column, _)| *column == state);
            own.is_none_or(|(_, value)| !rates[*value].varies())
        },
    };
    classes.map(class).collect()
}

fn form(kernel: &Kernel, state: usize, slopes: &[(usize, ValueId)]) -> Form {
    let derivative = causes(kernel, kernel.outputs.derivative[state]);
    if derivative.is_empty() {
        return Form::Constant;
    }
    let own = slopes.iter().find(|(column, _)| *column == state);
    let is_own = |op: &Op| matches!(op, Op::State(id) if id.index() == state);
    if !is_affine(kernel, kernel.outputs.derivative[state], &is_own) {
        return Form::Generic(vec![Cause::State(state)]);
    }
    let others: Vec<Cause> =
        derivative.into_iter().filter(|cause| *cause != Cause::State(state)).collect();
    match (own, others.is_empty()) {
        (_, true) => Form::Exact,
        (Some(_), false) => Form::Exponential(others),
        // Without a term of its own there is nothing for an exponential.
        (None, false) => Form::Generic(others),
    }
}

/// Whether a value is a sum of terms that are constant or proportional to one of the given leaves,
/// with factors that do not depend on any of them.
fn is_affine(kernel: &Kernel, value: ValueId, is_leaf: &dyn Fn(&Op) -> bool) -> bool {
    // Below the value, each instruction once, operands first.
    let (mut pending, mut seen) = (vec![value], HashSet::from([value]));
    while let Some(value) = pending.pop() {
        let operands = kernel.values[value].operands();
        pending.extend(operands.into_iter().filter(|operand| seen.insert(*operand)));
    }
    let mut needed: Vec<ValueId> = seen.into_iter().collect();
    needed.sort_unstable();
    // `None` for what is not affine.
    let mut degrees: HashMap<ValueId, Option<u8>> = HashMap::new();
    for id in needed {
        let op = &kernel.values[id];
        let of = |value: &ValueId| degrees[value];
        let is_constant = op.operands().iter().all(|operand| of(operand) == Some(0));
        let degree = match op {
            op if is_leaf(op) => Some(1),
            _ if is_constant => Some(0),
            Op::Neg(a) => of(a),
            Op::Add(a, b) | Op::Sub(a, b) => of(a).zip(of(b)).map(|(a, b)| a.max(b)),
            Op::Mul(a, b) => of(a).zip(of(b)).map(|(a, b)| a + b).filter(|degree| *degree < 2),
            Op::Div(a, b) if of(b) == Some(0) => of(a),
            Op::Select(condition, a, b) if of(condition) == Some(0) => {
                of(a).zip(of(b)).map(|(a, b)| a.max(b))
            }
            _ => None,
        };
        degrees.insert(id, degree);
    }
    degrees[&value].is_some()
}

/// What of that which moves by itself, and is held over a step, a value depends on.
fn held(kernel: &Kernel, value: ValueId) -> Vec<&'static str> {
    let used = crate::passes::dce::reachable(kernel, &[value]);
    let mut depends = [false; 2];
    for (_, op) in kernel.values.iter().filter(|(id, _)| used[id.index()]) {
        depends[0] |= matches!(op, Op::Delayed(_));
        depends[1] |= matches!(op, Op::Noise(_));
    }
    let words = ["past values", "noise"].into_iter().zip(depends);
    words.filter(|(_, depends)| *depends).map(|(word, _)| word).collect()
}

/// States and time that a value depends on.
fn causes(kernel: &Kernel, value: ValueId) -> Vec<Cause> {
    let (mut pending, mut seen) = (vec![value], HashSet::from([value]));
    let mut causes = Vec::new();
    while let Some(value) = pending.pop() {
        match &kernel.values[value] {
            Op::State(state) => causes.push(Cause::State(StateId::index(*state))),
            Op::Time => causes.push(Cause::Time),
            op => pending.extend(op.operands().into_iter().filter(|value| seen.insert(*value))),
        }
    }
    causes.sort_unstable();
    causes
}

/// For each state, the states of the linear block that it belongs to, if there is one of at least
/// two.
fn blocks(kernel: &Kernel, slopes: &[Vec<(usize, ValueId)>]) -> Vec<Option<Vec<usize>>> {
    let count = slopes.len();
    let varies = |op: &Op| matches!(op, Op::State(_) | Op::Time);
    let is_linear = |state: usize| {
        let derivative = kernel.outputs.derivative[state];
        let depends_on_time = causes(kernel, derivative).contains(&Cause::Time);
        !depends_on_time && is_affine(kernel, derivative, &varies)
    };
    let mut is_in = (0..count).map(is_linear).collect::<Vec<_>>();
    // An equation that reads a state outside of all blocks belongs to none.
    loop {
        let reads_outside = |state: usize| slopes[state].iter().any(|(other, _)| !is_in[*other]);
        let next: Vec<bool> =
            (0..count).map(|state| is_in[state] && !reads_outside(state)).collect();
        if next == is_in {
            break;
        }
        is_in = next;
    }
    // Blocks are what is joined by reading.
    let mut group: Vec<usize> = (0..count).collect();
    for state in (0..count).filter(|state| is_in[*state]) {
        for (other, _) in &slopes[state] {
            let (from, to) = (group[*other].max(group[state]), group[*other].min(group[state]));
            group.iter_mut().filter(|one| **one == from).for_each(|one| *one = to);
        }
    }
    let members = |state: usize| -> Vec<usize> {
        (0..count).filter(|other| is_in[*other] && group[*other] == group[state]).collect()
    };
    let block = |state: usize| Some(members(state)).filter(|all| is_in[state] && all.len() > 1);
    (0..count).map(block).collect()
}

fn noise(kernel: &Kernel, state: usize) -> Noise {
    let drives = kernel.outputs.diffusion.iter().filter(|(drive, _)| drive.state == state);
    let worst = drives.map(|(_, factor)| match &causes(kernel, *factor)[..] {
        [] => Noise::Additive,
        [only] => Noise::Multiplicative { own: *only == Cause::State(state) },
        _ => Noise::Multiplicative { own: false },
    });
    worst.fold(Noise::None, |worst, one| match (worst, one) {
        (Noise::Multiplicative { own: one }, Noise::Multiplicative { own: other }) => {
            Noise::Multiplicative { own: one && other }
        }
        (worst @ Noise::Multiplicative { .. }, _) => worst,
        _ => one,
    })
}

impl Class {
    /// What is found and what follows, in the modeller's names.
    pub fn describe(&self, model: &Model, state: usize) -> String {
        let name = |index: usize| model.states[StateId::new(index)].declared.name.text.clone();
        let own = name(state);
        let list = |causes: &[Cause]| {
            let word = |cause: &Cause| match cause {
                Cause::State(index) => name(*index),
                Cause::Time => model.time_name.clone(),
            };
            causes.iter().map(word).collect::<Vec<_>>().join(", ")
        };
        let form = match &self.form {
            Form::Constant => {
                "its right-hand side stays over a step: every method is exact".to_owned()
            }
            Form::Exact => format!(
                "linear in {own}, with coefficients that stay over a step: the exponential step is \
                 exact"
            ),
            Form::Block(block) => format!(
                "linear, together with the equations of {}: the matrix exponential of the block is \
                 exact",
                list(
                    &block
                        .iter()
                        .filter(|one| **one != state)
                        .map(|one| Cause::State(*one))
                        .collect::<Vec<_>>()
                )
            ),
            Form::Exponential(causes) => format!(
                "linear in {own}, with coefficients that depend on {}: the exponential step is of \
                 order 1",
                list(causes)
            ),
            Form::Generic(causes) if causes.contains(&Cause::State(state)) => {
                format!("not linear in {own}")
            }
            Form::Generic(causes) => {
                format!("no term of its own; it follows {}", list(causes))
            }
        };
        let form = match (&self.held[..], &self.form) {
            ([], _) | (_, Form::Exponential(_) | Form::Generic(_)) => form,
            (held, _) => format!("{form} while {} stay", held.join(" and ")),
        };
        let form = match self.noise {
            // The exact law of the whole is another matter.
            Noise::Multiplicative { .. } => form.replace(" is exact", " is exact without noise"),
            _ => form,
        };
        let noise = match (self.noise, &self.form) {
            (Noise::None, _) => return form,
            (Noise::Additive, Form::Exact | Form::Block(_) | Form::Constant) => {
                "additive noise, whose law over a step is known"
            }
            (Noise::Additive, _) => "additive noise: Itô and Stratonovich agree",
            (Noise::Multiplicative { .. }, _) => "multiplicative noise",
        };
        format!("{form}; {noise}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(items: &str) -> Vec<(Form, Noise)> {
        let source = format!("model M {{ {items} }}");
        let compiled = crate::compile(source.parse().expect("it lexes"));
        let program = compiled.models[0].program.as_ref();
        let program = program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let classes = classify(program.model(), &program.formulas);
        classes.into_iter().map(|class| (class.form, class.noise)).collect()
    }

    #[test]
    fn forms_are_found() {
        let found = classes(
            "param (tau, w) = (10, 2); input I; state (r, s, v, θ, x, c) = (0, 0, 0, 0, 0, 0);
             noise ξ: white;
             tau dr/dt = -r + w*relu(I) + ξ;
             ds/dt = -s/tau + (1 - s)*r + s*ξ;
             dv/dt = v - v^3/3 + x*ξ;
             dθ/dt = w*I + 2*ξ;
             dx/dt = -x + sin(t);
             dc/dt = r + s;",
        );
        let expected = [
            (Form::Exact, Noise::Additive),
            (Form::Exponential(vec![Cause::State(0)]), Noise::Multiplicative { own: true }),
            (Form::Generic(vec![Cause::State(2)]), Noise::Multiplicative { own: false }),
            (Form::Constant, Noise::Additive),
            (Form::Exponential(vec![Cause::Time]), Noise::None),
            (Form::Generic(vec![Cause::State(0), Cause::State(1)]), Noise::None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_switches_is_not_linear() {
        let found = classes(
            "input I; state (x, y, z) = (0, 0, 0);
             dx/dt = -x + if x > 5 { 1 } else { 2 };
             dy/dt = -y + z + heaviside(y - 1);
             dz/dt = -z - y + if I > 0 { z } else { 1 };",
        );
        assert_eq!(found[0].0, Form::Generic(vec![Cause::State(0)]));
        assert_eq!(found[1].0, Form::Generic(vec![Cause::State(1)]));
        assert!(matches!(found[2].0, Form::Exponential(_)), "{:?}", found[2]);
    }

    #[test]
    fn coupled_linear_equations_form_blocks() {
        let found = classes(
            "param (a, b) = (1, 2); input u; state (x, y, z, q, p) = (0, 0, 0, 0, 0);
             dx/dt = -a*x + b*y + u;
             dy/dt = -b*x - y;
             dz/dt = -z + x;
             dq/dt = -q*q + x;
             dp/dt = -p + q + x;",
        );
        let block = Form::Block(vec![0, 1, 2]);
        assert_eq!(found[0].0, block);
        assert_eq!(found[1].0, block);
        assert_eq!(found[2].0, block);
        assert_eq!(found[3].0, Form::Generic(vec![Cause::State(3)]));
        assert!(matches!(found[4].0, Form::Exponential(_)), "{:?}", found[4]);
    }

    #[test]
    fn second_order_synapses_are_blocks() {
        let found = classes(
            "param (H, κ) = (3, 0.1); input u; state v = 0; \
                             d2v/dt2 = H*κ*u - 2*κ*dv/dt - κ^2*v;",
        );
        assert_eq!(found[0].0, Form::Block(vec![0, 1]));
    }
}
