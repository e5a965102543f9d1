//! Errors of several models are reported in one go; the model without an error works.

use rate_model::prelude::*;

rate_model! {
    model First {
        param tau: ms = 20;
        state x: mV = 0;
        tau dx/dt = -x + I;
    }

    /// Nothing is wrong with this one.
    model Sound {
        param tau: ms = 20 where tau > 0;
        state x = 0;
        tau dx/dt = -x;
    }

    model Third {
        param tau: ms = 20;
        state x: mV = 0;
        state y: mV = 0;
        tau dx/dt = -x + y;
        tau dy/dt = -y + tau;
    }

    model Fourth {
        param tau: ms = -1 where tau > 0;
        state x = 0;
        tau dx/dt = -x;
    }

    model Fifth {
        param a: bananas = 1;
        param b = 1;
        input b;
        state x = clip(a);
        state y = 0;
        dx/dt = y;
        dx/dt = -y;
    }
}

fn main() {
    let mut network = Network::new();
    let _ = network.add(Population::<Sound>::new("sound", 1).set(Sound::tau, 10.0));
}
