//! What a variant takes from the text of its base: the base is marked, the variant is named.

use rate_model::prelude::*;

rate_model! {
    model ThresholdLinear {
        param tau: ms = 20 where tau > 0;
        param β: Hz/pA = 0.066;
        input I: pA;
        state ν: Hz = 0 where ν >= 0;
        let drive = β*relu(I);
        tau dν/dt = -ν + drive;
    }

    /// `β` still stands in `drive`.
    model WithoutGain: ThresholdLinear {
        remove β;
    }

    /// In another unit, `I` no longer fits.
    model Voltage: ThresholdLinear {
        input I: mV;
    }

    /// Only states have equations; the equation goes with the state, but `drive` stays.
    model Clamped: ThresholdLinear {
        param ν: Hz = 5;
        state a = 0;
        tau da/dt = -a;
    }

    /// A cycle through the text of both.
    model Circular: ThresholdLinear {
        let feedback = 0.5*drive;
        param c: Hz/pA = 1;
        let β = feedback/(1 pA);
    }
}

fn main() {}
