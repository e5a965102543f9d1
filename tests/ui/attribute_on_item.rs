//! Attributes that mean nothing inside of a model.

use rate_model::prelude::*;

rate_model! {
    #[derive(Clone)]
    pub model Adapting {
        #[serde(rename = "time constant")]
        param tau: ms = 20 where tau > 0;
        /// Strength of adaptation.
        #[cfg(feature = "adaptation")]
        param b = 0.3;
        input I: Hz;
        #[record]
        state ν: Hz = 0;
        #[inline]
        tau dν/dt = relu(I) - b*ν;
    }

    model ItemsBehindAreRead {
        #[must_use] state x = 0;
        dx/dt = -x + +;
    }
}

fn main() {
    let _ = Population::<Adapting>::new("adapting", 1).set(Adapting::b, 0.5);
}
