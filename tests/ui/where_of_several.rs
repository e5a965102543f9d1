//! A range for several parameters at once, as one might try to write it.

use rate_model::prelude::*;

rate_model! {
    model WilsonCowan {
        param (τ_e, τ_i): ms = (10, 5) where τ_e > 0;
        param w where w > 0 = 12;
        state (E, I) = (0.1, 0.05) where 0 <= E <= 1, 0 <= I <= 1;
        τ_e dE/dt = -E + (1 - E)*sigmoid(w*(E - I));
        τ_i dI/dt = -I;
    }
}

fn main() {}
