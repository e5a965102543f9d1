//! Which names of a model are used, and by what.

use std::collections::{HashMap, HashSet};

use crate::collections::Id;
use crate::model::{Bound, Expr, ExprKind, Law, Model, StateId, Symbol};

/// Who uses a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// The equation of a state.
    Equation(usize),
    /// An auxiliary or output.
    Auxiliary(usize),
    /// A value, a limit, a delay: anything else.
    Other,
}

/// All uses of all names.
#[derive(Default)]
pub struct Usage {
    users: HashMap<Symbol, HashSet<User>>,
    used: HashMap<User, Vec<Symbol>>,
}

impl Usage {
    /// Goes through a whole model.
    pub fn of(model: &Model) -> Self {
        let mut usage = Self::default();
        for expr in values(model) {
            usage.add(expr, User::Other);
        }
        for (id, state) in model.states.iter() {
            let user = User::Equation(id.index());
            usage.add(&state.equation.right, user);
            state.equation.factor.iter().for_each(|factor| usage.add(factor, user));
        }
        for (id, auxiliary) in model.auxiliaries.iter() {
            usage.add(&auxiliary.expr, User::Auxiliary(id.index()));
        }
        usage
    }

    fn add(&mut self, expr: &Expr, user: User) {
        let symbol = match expr.kind {
            ExprKind::Symbol(symbol) => symbol,
            ExprKind::Delayed { source, .. } => source,
            _ => return expr.children().into_iter().for_each(|child| self.add(child, user)),
        };
        if self.users.entry(symbol).or_default().insert(user) {
            self.used.entry(user).or_default().push(symbol);
        }
    }

    /// Whether anything uses a name.
    pub fn is_used(&self, symbol: Symbol) -> bool {
        self.users.contains_key(&symbol)
    }

    /// Whether something other than its own equation uses a state.
    pub fn is_read_elsewhere(&self, state: StateId) -> bool {
        let own = User::Equation(state.index());
        let users = self.users.get(&Symbol::State(state));
        users.is_some_and(|users| users.len() > usize::from(users.contains(&own)))
    }

    /// Whether the equation of a state reads another one, perhaps by way of auxiliaries.
    pub fn reads_others(&self, state: StateId) -> bool {
        let mut pending = vec![User::Equation(state.index())];
        let mut seen = HashSet::new();
        while let Some(user) = pending.pop() {
            for used in self.used.get(&user).into_iter().flatten() {
                match used {
                    Symbol::State(other) if *other != state => return true,
                    Symbol::Aux(id) if seen.insert(*id) => {
                        pending.push(User::Auxiliary(id.index()));
                    }
                    _ => {}
                }
            }
        }
        false
    }
}

/// All expressions but equations and auxiliaries.
fn values(model: &Model) -> Vec<&Expr> {
    let constants = model.constants.values().map(|constant| &constant.value);
    let params = model.params.values();
    let params =
        params.flat_map(|param| std::iter::once(&param.default).chain(limits(&param.bounds)));
    let inputs = model.inputs.values().filter_map(|input| input.default.as_ref());
    let states = model.states.values();
    let states =
        states.flat_map(|state| std::iter::once(&state.initial).chain(limits(&state.bounds)));
    let delays = model.delays.values().map(|delay| &delay.delay);
    let noises = model.noises.values().filter_map(|noise| match &noise.law {
        Law::Ou(time) => Some(time),
        Law::White(_) | Law::PerStep => None,
    });
    constants.chain(params).chain(inputs).chain(states).chain(delays).chain(noises).collect()
}

fn limits(bounds: &[Bound]) -> impl Iterator<Item = &Expr> {
    bounds.iter().map(|bound| &bound.limit)
}
