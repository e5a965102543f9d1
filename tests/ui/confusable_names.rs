//! Names that a reader cannot tell apart.

use rate_model::prelude::*;

rate_model! {
    /// Voltage and rate.
    model Membrane {
        param tau: ms = 20 where tau > 0;
        input I: mV;
        state v: mV = 0;
        output ν: Hz = relu(v)*(1 Hz/mV);
        tau dv/dt = I - v + 0*ν*(1 mV/Hz);
    }

    /// A Cyrillic letter that came with a copied formula.
    model Copied {
        param r_с = 5;
        param r_c = 1;
        state r = 0;
        dr/dt = r_с - r_c*r;
    }

    /// The micro sign is the letter: one name, declared twice.
    model Micro {
        param µ = 1;
        param μ = 2;
        state r = 0;
        dr/dt = µ - μ*r;
    }
}

fn main() {}
