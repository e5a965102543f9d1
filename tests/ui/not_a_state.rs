//! Equations for what is not integrated.

use rate_model::prelude::*;

rate_model! {
    model Wrong {
        param tau: ms = 20;
        param β: Hz/pA = 0.066;
        input I_e: pA;
        state ν: Hz = 0;
        let drive = β*I_e;
        tau dν/dt = -ν + drive;
        tau dI_e/dt = -I_e;
        tau dβ/dt = 0;
        tau ddrive/dt = -drive;
    }
}

fn main() {}
