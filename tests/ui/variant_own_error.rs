//! Errors in what a variant adds or replaces: at their place in the variant.

use rate_model::prelude::*;

rate_model! {
    model ThresholdLinear {
        param tau: ms = 20 where tau > 0;
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν: Hz = 0 where ν >= 0;
        tau dν/dt = -ν + β*relu(I);
    }

    /// The replaced equation lacks a gain.
    model Linear: ThresholdLinear {
        tau dν/dt = -ν + I;
    }

    /// A misspelt name of the base, a parameter out of its range, a unit of another dimension.
    model Adapting: ThresholdLinear {
        param tau: ms = -1 where tau > 0;
        param tau_a: mV = 100 where tau_a > 0;
        state a: pA = 0;
        tau dν/dt = -ν + betta*relu(I - a);
        tau_a da/dt = -a;
    }

    /// Nothing of these names to remove, and one thing said twice.
    model Less: ThresholdLinear {
        remove gain, nu;
        param b = 0.5;
        param b = 0.7;
    }

    /// No equation for a new state; two for an old one.
    model More: ThresholdLinear {
        state a: Hz = 0;
        tau dν/dt = -ν + a;
        tau dν/dt = -ν;
    }
}

fn main() {}
