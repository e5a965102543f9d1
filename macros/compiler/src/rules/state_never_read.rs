//! `state_never_read`: a state that acts on nothing.

use crate::check::usage::Usage;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::name::Name;

/// # What it means
/// A state stands in no formula, not even its own; or, in a model that says by `output` what it gives
/// away, a state that follows others is read by nothing but its own equation. Often a coupling was
/// forgotten. (The only state of a model is what the model is for.)
///
/// # Example
/// ```text
/// output rate = relu(r);
/// tau dr/dt = -r + I;                 // … - b*a
/// tau_a da/dt = -a + r;
/// ```
#[derive(Clone, Debug)]
pub struct StateNeverRead {
    name: Name,
    /// Whether its own equation reads it.
    by_itself: bool,
}

impl StateNeverRead {
    /// Code of this rule.
    pub const CODE: Code = Code("state_never_read");
}

/// Checks every state.
pub fn check(model: &Model, usage: &Usage, diags: &mut Diagnostics) {
    if model.states.len() < 2 {
        return;
    }
    let has_outputs = model.auxiliaries.values().any(|auxiliary| auxiliary.is_output);
    for (id, state) in model.states.iter() {
        let by_itself = usage.is_used(Symbol::State(id));
        let follows = has_outputs && usage.reads_others(id) && !usage.is_read_elsewhere(id);
        if !by_itself || follows {
            let found = StateNeverRead { name: state.declared.name.clone(), by_itself };
            diags.lint(&state.declared.levels, &model.levels, found);
        }
    }
}

impl From<StateNeverRead> for Diagnostic {
    fn from(StateNeverRead { name, by_itself }: StateNeverRead) -> Self {
        let but = if by_itself { " but its own equation" } else { "" };
        let message = format!("state `{name}` is read by nothing{but}");
        Self::new(StateNeverRead::CODE, name.span(), message).help(
            "use it in an equation or an output; `#[allow(state_never_read)]` above it keeps it",
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn a_forgotten_coupling_is_marked() {
        expect(
            "model M {
                input I;
                state r = 0;
                state a = 0;
                      ^ state_never_read: state `a` is read by nothing but its own equation
                state v = 0;
                      ^ state_never_read: state `v` is read by nothing; help: use it
                output rate = relu(r);
                dr/dt = -r + I;
                da/dt = -a + r;
                dv/dt = r;
            }",
        );
    }

    #[test]
    fn states_are_what_a_model_is_for() {
        expect("model M { param ω = 1; state θ = 0; dθ/dt = ω; }");
        expect("model M { state (x, y) = (1, 1); dx/dt = -x; dy/dt = x - y; }");
    }
}
