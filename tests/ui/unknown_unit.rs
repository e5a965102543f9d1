//! Units that the language does not know.

use rate_model::prelude::*;

rate_model! {
    model Units {
        param tau: msec = 20;
        param g: nS/cm^2*spike = 20;
        param E: mV = 20 mv;
        state x = 0;
        tau dx/dt = -2 tau + 3 seconds;
    }
}

fn main() {}
