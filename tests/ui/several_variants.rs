//! An error in each of several variants: all are reported, each once.

use rate_model::prelude::*;

rate_model! {
    /// Nothing is wrong with it.
    model Leak {
        param tau: ms = 20 where tau > 0;
        input I: Hz;
        state ν: Hz = 0;
        tau dν/dt = I - ν;
    }

    model Rectified: Leak { tau dν/dt = rectify(I) - ν; }

    model Saturating: Leak {
        param r_max: Hz = 100 where r_max > 0;
        tau dν/dt = clip(I, r_max) - ν;
    }

    model Adapting: Leak {
        state a: Hz = 0;
        param tau_a: s = 0 where tau_a > 0;
        tau dν/dt = relu(I - a) - ν;
        tau_a da/dt = ν - a;
    }

    /// Has the error of `Adapting`, which is not said again, and one of its own.
    model AdaptingSlowly: Adapting { let both = ν + tau_a; }

    model Renamed: Leak { remove ν; state r: Hz = 0; tau dr/dt = I - ν; }

    model Dotted: Leak { tau dν/dt = I - ν }
}

rate_model! {
    model Sent: Leak { output tau = 2*ν; }

    model Unsaid: Leak { state q: Hz = 0; }
}

fn main() {
    let _ = Population::<Leak>::new("leak", 1).set(Leak::tau, 10.0);
    let _ = Population::<Adapting>::new("adapting", 1).set(Adapting::tau_a, 10.0);
}
