//! Defaults that their own `where` refuses.

use rate_model::prelude::*;

rate_model! {
    #[allow(unused_parameter)]
    model Ranges {
        const most = 0.9;
        param tau: ms = -20 where tau > 0;
        param tau_a: ms = 0.5 s where 1 <= tau_a <= 100;
        param b = 1 where b < most;
        param c = 2 where c > b && c < b;
        param d = 1/0;
        state x = 0;
        tau dx/dt = -x;
    }
}

fn main() {}
