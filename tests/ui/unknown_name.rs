//! Names that no item declares: a slip of the pen, another spelling, something forgotten.

use rate_model::prelude::*;

rate_model! {
    model Pair {
        param tau_e: ms = 20 where tau_e > lowest;
        param tau_i: ms = 10;
        state ν_e: Hz = nu0;
        state ν_i: Hz = 0;
        tua_e dν_e/dt = -nu_e + Q;
        tau_i dν_i/dt = -ν_i;
        tau_i dw/dt = -ν_i;
    }

    model WithoutUnits {
        state x = 0;
        dx/dt = -x + I + exp;
    }
}

fn main() {}
