//! What lints find are warnings, `deprecated` to rustc: here they are errors, at their places.

#![deny(deprecated)]

use rate_model::prelude::*;

rate_model! {
    /// Threshold-linear, with what is easily left behind when a model is changed.
    model Leftovers {
        param tau: ms = 20;
        param (β, θ): Hz/pA = (0.066, 2);
        input I: pA;
        input I_ext: pA;
        noise ξ: white;
        state ν: Hz = -5 where ν >= 0;
        state a: Hz = 0;
        let gain: Hz/pA = 2*β;
        tau dν/dt = ν + β*relu(I);
        tau da/dt = ν - a;
        output sent = ν/(1 Hz);
        tau dq/dt = ν*(1 - 2*(I/(1 pA))) - (-(q + 3*q));
        state q: Hz = 0;
    }

    /// Noise that depends on the step, and a name that the language has.
    pub model Noisy {
        param max: Hz = 100;
        noise η: per_step;
        state ν: Hz = 0;
        (10 ms) dν/dt = -ν + (1 Hz)*η + max;
    }
}

fn main() {}
