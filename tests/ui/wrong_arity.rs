//! Functions with too many or too few arguments.

use rate_model::prelude::*;

rate_model! {
    model Calls {
        input I;
        state x = 0 where x >= max(0);
        dx/dt = -x + clip(I, 0) + exp() + relu(I, x, 3) + pow(x);
    }
}

fn main() {}
