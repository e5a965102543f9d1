//! Expressions that need each other.

use rate_model::prelude::*;

rate_model! {
    model Cycle {
        input I;
        let a = b + I;
        let b = 2*c;
        let c = x*a;
        let self_made = 1 + self_made;
        const k = 2*k;
        state x = 0;
        dx/dt = a - x + self_made;
    }
}

fn main() {}
