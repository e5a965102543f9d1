//! Levels on items and models: `deny` makes an error of a finding, `allow` silences it.

use rate_model::prelude::*;

rate_model! {
    /// On one item.
    model OneItem {
        param tau: ms = 20 where tau > 0;
        #[deny(unused_parameter)]
        param β: Hz/pA = 0.066;
        #[allow(unused_parameter)]
        param γ: Hz/pA = 0.066;
        state ν: Hz = 0;
        tau dν/dt = -ν;
    }

    /// On all of them, but for one.
    #[deny(rate_model::unused_parameter, rate_model::unused_input)]
    model Strict {
        param tau: ms = 20 where tau > 0;
        param (w_ee, w_ei) = (12, 4);
        input P;
        #[allow(unused_input)]
        input Q;
        state E = 0.1 where 0 <= E <= 1;
        tau dE/dt = -E + (1 - E)*sigmoid(w_ee*E);
    }

    /// A variant is as strict as its base.
    model StricterStill: Strict {
        param late: ms = 3;
        #[deny(unstable_self_term)]
        tau dE/dt = E/2;
    }

    #[allow(unused_parameter, unused_noise, unused_auxiliary, positive_time_constant_undeclared)]
    model Silent {
        param (tau, tau_r): ms = (20, 5);
        noise ξ: white;
        state ν: Hz = 0;
        let twice = 2*ν;
        tau dν/dt = -ν;
    }
}

fn main() {}
