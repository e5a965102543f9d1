//! Variants of a model in another macro call and in another module: the text of both is marked.

use rate_model::prelude::*;

mod zoo {
    use rate_model::prelude::*;

    rate_model! {
        /// Wilson and Cowan's pair.
        pub(crate) model WilsonCowan {
            param τ_e: ms = 10 where τ_e > 0;
            param τ_i: ms = 10 where τ_i > 0;
            param (w_ee, w_ei, w_ie, w_ii) = (12, 4, 13, 11);
            input P;
            state E = 0.1 where 0 <= E <= 1;
            state I = 0.05 where 0 <= I <= 1;
            τ_e dE/dt = -E + (1 - E)*sigmoid(w_ee*E - w_ei*I + P);
            τ_i dI/dt = -I + (1 - I)*sigmoid(w_ie*E - w_ii*I);
        }
    }
}

use zoo::WilsonCowan;

rate_model! {
    /// The text of the base is wrong now.
    model Uncoupled: WilsonCowan { remove w_ie; }

    /// Its own is, with a name of the base in reach.
    model Adapting: zoo::WilsonCowan {
        param τ_a: ms = 100 where τ_a > 0;
        state a = 0;
        τ_e dE/dt = -E + (1 - E)*sigmoid(w_e*E - w_ei*I + P - a);
        τ_a da/dt = E - a;
    }

    /// Without its drive.
    model Driven: Adapting { param b = ; }
}

rate_model! {
    /// Three calls away from the text that is wrong.
    model Silent: Fast { remove P; }

    /// Nothing is wrong with it.
    model Fast: WilsonCowan { param τ_e: ms = 1 where τ_e > 0; }
}

fn main() {
    let _ = Population::<Fast>::new("fast", 1).set(Fast::w_ie, 2.0);
    let _ = Population::<Uncoupled>::new("uncoupled", 1).set(Uncoupled::w_ee, 2.0);
}
