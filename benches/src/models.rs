//! The models of the workloads.

use rate_model::rate_model;

rate_model! {
    /// Threshold-linear pairs (R. Chaudhuri et al., Neuron 88:419, 2015): W1, W3 and W4.
    pub(crate) model ThresholdLinear {
        param tau_e: ms = 20 where tau_e > 0;
        param tau_i: ms = 10 where tau_i > 0;
        param β_e: Hz/pA = 0.066;
        param β_i: Hz/pA = 0.351;
        input I_e: pA;
        input I_i: pA;
        state ν_e: Hz = 0 where ν_e >= 0;
        state ν_i: Hz = 0 where ν_i >= 0;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e);
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i);
    }

    /// With white noise on both: W2. 1 Hz √s is 31.6 Hz √ms.
    pub(crate) model Noisy: ThresholdLinear {
        param σ: Hz*ms^(1/2) = 31.622776601683793;
        noise ξ_e: white;
        noise ξ_i: white;
        tau_e dν_e/dt = -ν_e + β_e*relu(I_e) + σ*ξ_e;
        tau_i dν_i/dt = -ν_i + β_i*relu(I_i) + σ*ξ_i;
    }

    /// Wilson and Cowan (Biophys. J. 12:1, 1972), as whole-brain simulators have it: W5 and W6.
    pub(crate) model Node {
        param τ_e: ms = 2.5 where τ_e > 0;
        param τ_i: ms = 3.75 where τ_i > 0;
        param G = 0.6;
        param σ: 1/ms^(1/2) = 0.01;
        input c;
        noise ξ_e: white;
        noise ξ_i: white;
        state E = 0;
        state I = 0;
        dE/dt = (-E + (1 - E)*sigmoid(1.3*(16*E - 12*I + 1.25 + G*c - 4)))/τ_e + σ*ξ_e;
        dI/dt = (-I + (1 - I)*sigmoid(2*(15*E - 3*I - 3.7)))/τ_i + σ*ξ_i;
    }

    /// Wilson and Cowan with two inputs: W7.
    pub(crate) model WilsonCowan {
        param τ: ms = 1 where τ > 0;
        input P;
        input Q;
        fn response(x, a, θ) = sigmoid(a*(x - θ)) - sigmoid(-a*θ);
        state x = 0;
        state y = 0;
        τ dx/dt = -x + (1 - x)*response(12*x - 4*y + P, 1.2, 2.8);
        τ dy/dt = -y + (1 - y)*response(13*x - 11*y + Q, 1, 4);
    }

    /// With Ornstein–Uhlenbeck noise on each input: W7-OU.
    pub(crate) model Driven: WilsonCowan {
        param σ = 0.15811388300841897;
        noise u: ou(5 ms);
        noise v: ou(5 ms);
        τ dx/dt = -x + (1 - x)*response(12*x - 4*y + P + σ*u, 1.2, 2.8);
        τ dy/dt = -y + (1 - y)*response(13*x - 11*y + Q + σ*v, 1, 4);
    }
}
