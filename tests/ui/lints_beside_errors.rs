//! An error in one model does not hide the warnings of another, and a warning needs no error.

use rate_model::prelude::*;

rate_model! {
    /// A parameter too many.
    model WilsonCowan {
        param (τ_e, τ_i): ms = (10, 5);
        param (w_ee, w_ei, w_ie, w_ii) = (12, 4, 13, 11);
        input P;
        state E = 0.1 where 0 <= E <= 1;
        state I = 1.5 where 0 <= I <= 1;
        τ_e dE/dt = -E + (1 - E)*sigmoid(w_ee*E - w_ei*I + P);
        τ_i dI/dt = -I + (1 - I)*sigmoid(w_ie*E);
    }

    /// A warning and an error: what is wrong may be why it is unused.
    model Adapting {
        param tau: ms = 20 where tau > 0;
        param (b, tau_a) = (0.3, 100);
        input I: Hz;
        state ν: Hz = 0;
        state a: Hz = 0;
        tau dν/dt = relu(I - a) - ν;
        tau_aa da/dt = -a + 0.3*ν;
    }
}

fn main() {}
