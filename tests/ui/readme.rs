use rate_model::prelude::*;

rate_model! {
    pub model ThresholdLinear {
        param tau_e: ms = -20 where tau_e > 0;  param β_e: Hz/pA = 0.066;
        input I_e: pA;                          state ν_e: Hz = 0 where ν_e >= 0;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e) + I_e;
    }
}

fn main() {}
