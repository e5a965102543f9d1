//! States that obey nothing.

use rate_model::prelude::*;

rate_model! {
    model Half {
        param tau: ms = 20;
        state ν_e: Hz = 0;
        state ν_i: Hz = 0;
        tau dν_e/dt = -ν_e + ν_i;
    }

    model OwnTime {
        time s: s;
        state x = 0;
    }
}

fn main() {}
