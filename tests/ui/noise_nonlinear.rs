//! White noise where it has no meaning, and in the wrong unit.

use rate_model::prelude::*;

rate_model! {
    /// Inside of a transfer function.
    model Inside {
        param tau: ms = 10 where tau > 0;
        param σ: Hz = 2;
        input I: Hz;
        noise ξ: white;
        state r: Hz = 0;
        let drive = I + σ*sqrt(tau)*ξ;
        tau dr/dt = -r + relu(drive);
    }

    /// As it is written in papers that mean something else.
    model Products {
        param σ = 0.1;
        noise (ξ, ζ): white;
        state S = 0.1 where 0 <= S <= 1;
        output sent = S + σ*ξ;
        (100 ms) dS/dt = -S + if ξ > 0 { 0.1 } else { 0 };
        state q = 0;
        (100 ms) dq/dt = -q + ξ*ζ + sqrt(10 ms)*ξ^2;
    }

    /// √τ is forgotten.
    model Unit {
        param tau: ms = 10 where tau > 0;
        param σ: Hz = 2;
        noise ξ: white;
        state r: Hz = 0;
        tau dr/dt = -r + σ*ξ;
    }

    /// Elsewhere than in an equation.
    model Elsewhere {
        noise ξ: white;
        noise η: ou(ξ);
        state r = ξ;
        state q = 0;
        dr/dt = -r + ξ + η;
        ξ dq/dt = r - q;
    }

    model Limit {
        noise ξ: white;
        param σ = 1 where σ > ξ;
        noise η: ou(5) where η > 0;
        state r = 0 where r >= η;
        dr/dt = -r + σ*ξ + η;
    }

    model Coloured {
        noise ζ: pink;
        noise η: ou;
        noise ξ;
        state r = 0;
        dr/dt = -r + ξ + η + ζ;
    }
}

fn main() {}
