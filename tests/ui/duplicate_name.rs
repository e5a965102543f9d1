//! One name for two things, in one spelling and in two.

use rate_model::prelude::*;

rate_model! {
    model Twice {
        param tau = 20;
        input I;
        state tau = 0;
        dtau/dt = I;
    }

    model SameInAscii {
        param tau = 20;
        param nu = 5;
        state ν = 0;
        tau dν/dt = nu - ν;
    }
}

fn main() {}
