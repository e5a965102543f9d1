//! Terms that measure different things: the term is marked, not the equation.

use rate_model::prelude::*;

rate_model! {
    model ForgottenGain {
        param tau: ms = 20;
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν: Hz = 0;
        tau dν/dt = -ν + β*relu(I) + I;
    }

    model ForgottenTimeConstant {
        input I: Hz;
        state ν: Hz = 0;
        dν/dt = -ν + I;
    }

    model Values {
        param tau: ms = 20 mV;
        param V_0: mV = 3 where V_0 > 2 ms;
        param E_L: mV = -70;
        state V: mV = E_L where V <= tau;
        let w: mV = if V > 5 { V_0 } else { tau };
        tau dV/dt = E_L - V + w + max(V_0, 7);
    }

    model Bare {
        param tau: ms = 20;
        state ν: Hz = 0;
        tau dν/dt = 5 - ν + 2*3*exp(-ν/(10 Hz));
    }
}

fn main() {}
