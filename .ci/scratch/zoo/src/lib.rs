//! A crate of models that others build on, itself with the runtime under a name of its own.

use rates::rate_model;

rate_model! {
    /// Leaks.
    pub model Leaky {
        param τ: ms = 20 where τ > 0;
        input I: Hz;
        state ν: Hz = 0;
        τ dν/dt = -ν + relu(I);
    }

    /// Tires.
    pub model Tiring: Leaky {
        param τ_a: ms = 100 where τ_a > 0;
        state a: Hz = 0;
        τ_a da/dt = -a + ν;
        τ dν/dt = -ν + relu(I - a);
    }
}
