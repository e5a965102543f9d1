//! The past of what has none, and the future.

use rate_model::prelude::*;

rate_model! {
    /// Wilson and Cowan's pair with delays.
    model Future {
        param τ_e: ms = 10 where τ_e > 0;
        param τ_i: ms = 5 where τ_i > 0;
        param d: ms = 2;
        state E = 0.1;
        state I = 0.1;
        τ_e dE/dt = -E + sigmoid(E(t + d) - I(t - 3 ms));
        τ_i dI/dt = -I + sigmoid(E(t - (1 ms - d)));
    }

    model NoPast {
        param tau: ms = 10 where tau > 0;
        param (w, d) = (2, 3);
        input P;
        noise ξ: ou(5 ms);
        let drive = w*P;
        state E = 0.1;
        tau dE/dt = -E + P(t - 2 ms) + w(t - 2 ms) + drive(t - 2 ms) + ξ(t - 2 ms);
    }

    model NotConstant {
        param tau: ms = 10 where tau > 0;
        state E = 0.1;
        output sent = 2*E;
        tau dE/dt = -E + sent(t - 2*tau*E) + E(t);
    }

    model Products {
        param (w, d): ms = (2, 3);
        state E = 0.1;
        (10 ms) dE/dt = -E(1 - E) + d(1 - E)/w + E(d);
    }
}

fn main() {}
