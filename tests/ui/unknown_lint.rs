//! Lints that do not exist.

use rate_model::prelude::*;

rate_model! {
    #[allow(rate_model::unused_params)]
    model OnTheModel {
        param tau: ms = 20 where tau > 0;
        state ν: Hz = 0;
        tau dν/dt = -ν;
    }

    model OnItems {
        #[allow(unused_params)]
        param tau: ms = 20 where tau > 0;
        #[deny(rate_model::unknown_name)]
        param b = 0.3;
        #[warn(dead_code)]
        input I: Hz;
        #[allow(clippy::all)]
        state ν: Hz = 0;
        tau dν/dt = I - b*ν;
    }

    #[allow(unused_params)]
    model PlainNamesAreRustcs {
        state x = 0;
        dx/dt = 1 - x;
    }
}

fn main() {
    let _ = Population::<OnTheModel>::new("model", 1).set(OnTheModel::tau, 10.0);
    let _ = Population::<OnItems>::new("items", 1).set(OnItems::tau, 10.0).set(OnItems::b, 1.0);
}
