//! Derivatives where they cannot stand.

use rate_model::prelude::*;

rate_model! {
    /// An alpha function, differentiated too often.
    model Third {
        param tau: ms = 5 where tau > 0;
        state x: mV = 0;
        d3x/dt3 = -x/tau^3;
    }

    /// The order stands on one side only.
    model Halves {
        param tau: ms = 5 where tau > 0;
        state x: mV = 0;
        d2x/dt = -x/tau^2;
    }

    model OtherHalves {
        param tau: ms = 5 where tau > 0;
        state x: mV = 0;
        dx/dt2 = -x/tau^2;
    }

    /// Only equations of second order have the velocity on their right.
    model FirstOrder {
        param tau: ms = 5 where tau > 0;
        state r: Hz = 0;
        state a: Hz = 0;
        tau dr/dt = -r - a;
        tau da/dt = -a + tau*dr/dt;
    }

    model Elsewhere {
        state v: mV = 0;
        param v_0: mV/ms = dv/dt;
        let force = 2*dw/dt;
        d2v/dt2 = -v*(1 Hz^2) + force;
    }

    /// Units, and what takes the name of the velocity.
    model Resonator {
        param (tau, Q) = (5, 1);
        param ω: Hz = 40 where ω > 0;
        state x: mV = 0;
        d2x/dt2 = -ω*x - dx/dt/Q + tau;
    }

    model Taken {
        param ω: Hz = 40 where ω > 0;
        param dx_dt: Hz = 4;
        state x = 0;
        d2x/dt2 = -ω^2*x - dx_dt*dx/dt;
    }

    /// Not declared, and said twice.
    model Twice {
        param ω: Hz = 40 where ω > 0;
        state x = 0;
        d2x/dt2 = -ω^2*x;
        dx/dt = -x*ω;
        d2y/dt2 = -ω^2*y;
    }
}

fn main() {}
