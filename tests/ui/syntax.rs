//! What is not in the language is marked where it stands, and hides nothing behind it.

use rate_model::prelude::*;

rate_model! {
    model ForgottenSemicolon {
        param tau: ms = 20
        state x = 0;
        tau dx/dt = -x;
    }

    model NoValue {
        param tau: ms = ;
        state x = 0;
        tau dx/dt = -x +;
    }

    model Assigned {
        state x = 0;
        x = -x;
    }

    model Misspelt {
        parm tau = 20;
        state x = 0;
        dx/dt = -x^2;
    }

    model OtherLanguages {
        state x = 0;
        dx/dt = -x**2 + [x];
    }

    model OneNameToRust {
        param τ = 20;
        state ν = 0;
        τ·dν/dt = -ν;
    }

    model LastSemicolon {
        state x = 0;
        dx/dt = -x
    }
}

fn main() {}
