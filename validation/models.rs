//! Models as they stand in `models/`, and the coupling functions of Jansen and Rit's.

#![allow(unreachable_pub, reason = "models are as in their files")]

/// Of `models/tvb`.
pub(crate) mod tvb {
    use rate_model::rate_model;

    rate_model! {
        /// Fractions of excitatory and of inhibitory neurons active per unit time.
        ///
        /// Wilson and Cowan, Biophys. J. 12:1, 1972.
        pub model WilsonCowan {
            /// Excitatory to excitatory.
            param c_ee = 12;
            /// Inhibitory to excitatory.
            param c_ei = 4;
            /// Excitatory to inhibitory.
            param c_ie = 13;
            /// Inhibitory to inhibitory.
            param c_ii = 11;
            param τ_e: ms = 10 where τ_e > 0;
            param τ_i: ms = 10 where τ_i > 0;
            /// Slope, threshold and height of the response functions.
            param (a_e, b_e, c_e) = (1.2, 2.8, 1);
            param (a_i, b_i, c_i) = (1, 4, 1);
            /// Thresholds of the input.
            param (θ_e, θ_i) = (0, 0);
            /// Gains of the input.
            param (alpha_e, alpha_i) = (1, 1);
            /// Refractoriness.
            param (r_e, r_i) = (1, 1);
            /// Largest response.
            param (k_e, k_i) = (1, 1);
            /// External input.
            param (P, Q) = (0, 0);
            /// Takes `E` of other units.
            input c0;

            // Shifted so that without input there is no response; without the second term, activity at
            // rest is not 0.
            fn response(x, a, b, c) = c*(sigmoid(a*(x - b)) - sigmoid(-a*b));
            let x_e = alpha_e*(c_ee*E - c_ei*I + P - θ_e + c0);
            let x_i = alpha_i*(c_ie*E - c_ii*I + Q - θ_i);

            state E = 0.1;
            state I = 0.05;

            τ_e dE/dt = -E + (k_e - r_e*E)*response(x_e, a_e, b_e, c_e);
            τ_i dI/dt = -I + (k_i - r_i*I)*response(x_i, a_i, b_i, c_i);
        }

        /// Pyramidal cells with an excitatory and an inhibitory feedback loop: alpha rhythm and evoked
        /// potentials.
        ///
        /// Jansen and Rit, Biol. Cybern. 73:357, 1995.
        pub model JansenRit {
            /// Largest excitatory postsynaptic potential.
            param A: mV = 3.25;
            /// Largest inhibitory postsynaptic potential.
            param B: mV = 22;
            /// Rate constants of the excitatory and the inhibitory synapses.
            param a: 1/ms = 0.1 where a > 0;
            param b: 1/ms = 0.05 where b > 0;
            /// Potential at half of the largest rate.
            // 6 mV in the paper.
            param v0: mV = 5.52;
            /// Half of the largest rate.
            param nu_max: 1/ms = 0.0025;
            /// Steepness of the sigmoid.
            param r: 1/mV = 0.56;
            /// Number of synapses.
            param J = 135;
            /// Shares of the synapses in the excitatory loop.
            param (a_1, a_2) = (1, 0.8);
            /// Shares of the synapses in the inhibitory loop.
            param (a_3, a_4) = (0.25, 0.25);
            /// Mean external input.
            param μ: 1/ms = 0.22;
            /// Takes `rate` of other units.
            input c0: 1/ms;

            fn S(v) = 2*nu_max/(1 + exp(r*(v0 - v)));

            /// Feedback of the pyramidal cells, their excitation and their inhibition.
            state y0: mV = 0;
            state y1: mV = 0;
            state y2: mV = 0;
            /// Their derivatives.
            state y3: mV/ms = 0;
            state y4: mV/ms = 0;
            state y5: mV/ms = 0;

            dy0/dt = y3;
            dy1/dt = y4;
            dy2/dt = y5;
            dy3/dt = A*a*rate - 2*a*y3 - a^2*y0;
            dy4/dt = A*a*(μ + a_2*J*S(a_1*J*y0) + c0) - 2*a*y4 - a^2*y1;
            dy5/dt = B*b*a_4*J*S(a_3*J*y0) - 2*b*y5 - b^2*y2;

            /// Potential of the pyramidal cells, the model of the EEG.
            output v: mV = y1 - y2;
            /// Firing rate of the pyramidal cells.
            output rate: 1/ms = S(v);
        }

        /// Normal form of a supercritical Hopf bifurcation: noise around a fixed point below it, a limit
        /// cycle above.
        ///
        /// Deco, Kringelbach, Jirsa and Ritter, Sci. Rep. 7:3095, 2017.
        pub model SupHopf {
            /// Bifurcation parameter: a limit cycle where positive.
            param a = -0.5;
            /// Angular frequency.
            param ω = 1;
            /// Takes `x` of other units.
            input c0;
            /// Takes `y` of other units.
            input c1;

            state x = 0.1;
            state y = 0;

            dx/dt = (a - x^2 - y^2)*x - ω*y + c0;
            dy/dt = (a - x^2 - y^2)*y + ω*x + c1;
        }

        /// Exact rate equations of a network of quadratic integrate-and-fire neurons.
        ///
        /// Montbrió, Pazó and Roxin, Phys. Rev. X 5:021028, 2015.
        pub model MontbrioPazoRoxin {
            /// Time constant of the membrane.
            param τ = 1 where τ > 0;
            /// External current.
            param I = 0;
            /// Half width at half maximum of the distribution of excitability.
            param Δ = 1 where Δ >= 0;
            /// Synaptic weight.
            param J = 15;
            /// Centre of the distribution of excitability.
            param η = -5;
            /// Weights of `c0` and `c1`.
            param (cr, cv) = (1, 0);
            /// Takes `r` of other units.
            input c0;
            /// Takes `V` of other units.
            input c1;

            /// Firing rate.
            state r = 0.1 where r >= 0;
            /// Mean potential.
            state V = -2;

            τ dr/dt = Δ/(pi*τ) + 2*r*V;
            τ dV/dt = V^2 + η + J*τ*r + I - (pi*τ*r)^2 + cr*c0 + cv*c1;
        }

        /// Gating of NMDA receptors in an excitatory population, with the rate slaved to it.
        ///
        /// Wong and Wang, J. Neurosci. 26:1314, 2006; one population per region: Deco et al.,
        /// J. Neurosci. 33:11239, 2013.
        pub model ReducedWongWang {
            /// Gain, threshold and curvature of the response to current.
            param a: kHz/nA = 0.27;
            param b: kHz = 0.108;
            param d: ms = 154 where d > 0;
            /// Rise of the gating variable per spike.
            param gamma = 0.641;
            /// Decay of NMDA gating.
            param τ_s: ms = 100 where τ_s > 0;
            /// Recurrent excitation.
            param w = 0.6;
            /// Synaptic current.
            param J_N: nA = 0.2609;
            /// Background current.
            param I_o: nA = 0.33;
            /// Takes `S` of other units.
            input c0;

            fn response(x) = x/(1 - exp(-d*x));
            let x: nA = w*J_N*S + I_o + J_N*c0;

            state S = 0.1 where 0 <= S <= 1;

            dS/dt = -S/τ_s + (1 - S)*gamma*H;

            /// Firing rate.
            output H: kHz = response(a*x - b);
        }
    }
}

/// Of `models/neurolib`.
pub(crate) mod neurolib {
    use rate_model::rate_model;

    rate_model! {
        /// Fractions of excitatory and of inhibitory neurons active per unit time, driven by
        /// Ornstein-Uhlenbeck noise.
        ///
        /// Wilson and Cowan, Biophys. J. 12:1, 1972.
        pub model WilsonCowan {
            param τ_e: ms = 2.5 where τ_e > 0;
            param τ_i: ms = 3.75 where τ_i > 0;
            /// Excitatory to excitatory.
            param c_ee = 16;
            /// Inhibitory to excitatory.
            param c_ie = 12;
            /// Excitatory to inhibitory.
            param c_ei = 15;
            /// Inhibitory to inhibitory.
            param c_ii = 3;
            /// Slopes of the responses.
            param (a_e, a_i) = (1.5, 1.5);
            /// Thresholds of the responses.
            param (μ_e, μ_i) = (3, 3);
            /// External input.
            param (E_ext, I_ext) = (0, 0);
            /// Strength of coupling.
            param K_gl = 0.6;
            /// Time constant, intensity and means of the noise.
            param τ_ou: ms = 5 where τ_ou > 0;
            param σ_ou: ms^(-1/2) = 0 where σ_ou >= 0;
            param (E_mean, I_mean) = (0, 0);
            /// Takes `E` of other units.
            input c0;
            noise η_e: ou(τ_ou);
            noise η_i: ou(τ_ou);

            /// Standard deviation of noise whose equation is τ_ou du/dt = -u + τ_ou*σ_ou*ξ.
            let deviation = σ_ou*sqrt(τ_ou/2);
            fn response(x, a, μ) = sigmoid(a*(x - μ));

            state E = 0.05 where 0 <= E <= 1;
            state I = 0.05 where 0 <= I <= 1;

            τ_e dE/dt = -E + (1 - E)*response(c_ee*E - c_ie*I + K_gl*c0 + E_ext, a_e, μ_e) + E_mean
                + deviation*η_e;
            τ_i dI/dt = -I + (1 - I)*response(c_ei*E - c_ii*I + I_ext, a_i, μ_i) + I_mean
                + deviation*η_i;
        }

        /// Normal form of a supercritical Hopf bifurcation, driven by Ornstein-Uhlenbeck noise.
        ///
        /// Deco, Kringelbach, Jirsa and Ritter, Sci. Rep. 7:3095, 2017.
        pub model Hopf {
            /// Bifurcation parameter: a limit cycle where positive.
            param a = 0.25;
            /// Angular frequency.
            param w = 0.2;
            /// External input.
            param (x_ext, y_ext) = (0, 0);
            /// Strength of coupling.
            param K_gl = 0.6;
            /// For diffusive coupling, the sum of the weights of `c0`; 0 for additive coupling.
            param strength = 0;
            /// Time constant, intensity and means of the noise.
            param τ_ou = 5 where τ_ou > 0;
            param σ_ou = 0 where σ_ou >= 0;
            param (x_mean, y_mean) = (0, 0);
            /// Takes `x` of other units.
            input c0;
            noise η_x: ou(τ_ou);
            noise η_y: ou(τ_ou);

            /// Standard deviation of noise whose equation is τ_ou du/dt = -u + τ_ou*σ_ou*ξ.
            let deviation = σ_ou*sqrt(τ_ou/2);

            state x = 0.1;
            state y = 0;

            dx/dt = (a - x^2 - y^2)*x - w*y + K_gl*(c0 - strength*x) + x_mean + deviation*η_x + x_ext;
            dy/dt = (a - x^2 - y^2)*y + w*x + y_mean + deviation*η_y + y_ext;
        }

        /// FitzHugh-Nagumo oscillator with a general cubic nullcline, driven by Ornstein-Uhlenbeck noise.
        ///
        /// FitzHugh, Biophys. J. 1:445, 1961; Kostova, Ravindran and Schonbek, Int. J. Bifurcat. Chaos
        /// 14:913, 2004.
        pub model FitzHughNagumo {
            /// Cubic, quadratic and linear terms of the fast variable.
            param (alpha, beta, gamma) = (3, 4, -1.5);
            /// Shift and slope of the linear nullcline.
            // Some documentation has delta with the other sign.
            param (delta, epsilon) = (0, 0.5);
            /// Time constant of the slow variable.
            param τ = 20 where τ > 0;
            /// External input.
            param (x_ext, y_ext) = (1, 0);
            /// Strength of coupling.
            param K_gl = 0.6;
            /// For diffusive coupling, the sum of the weights of `c0`; 0 for additive coupling.
            param strength = 0;
            /// Time constant, intensity and means of the noise.
            param τ_ou = 5 where τ_ou > 0;
            param σ_ou = 0 where σ_ou >= 0;
            param (x_mean, y_mean) = (0, 0);
            /// Takes `x` of other units.
            input c0;
            noise η_x: ou(τ_ou);
            noise η_y: ou(τ_ou);

            /// Standard deviation of noise whose equation is τ_ou du/dt = -u + τ_ou*σ_ou*ξ.
            let deviation = σ_ou*sqrt(τ_ou/2);

            state x = 0.05;
            state y = 0.05;

            dx/dt = -alpha*x^3 + beta*x^2 + gamma*x - y + K_gl*(c0 - strength*x) + x_mean
                + deviation*η_x + x_ext;
            dy/dt = (x - delta - epsilon*y)/τ + y_mean + deviation*η_y + y_ext;
        }

        /// Gating of NMDA and GABA receptors in a pair of populations, driven by Ornstein-Uhlenbeck noise.
        ///
        /// Wong and Wang, J. Neurosci. 26:1314, 2006; Deco et al., J. Neurosci. 34:7886, 2014.
        pub model WongWang {
            /// Gain, threshold and curvature of the excitatory response to current.
            param a_e: kHz/nA = 0.31;
            param b_e: kHz = 0.125;
            param d_e: ms = 160 where d_e > 0;
            /// The same for the inhibitory population.
            param a_i: kHz/nA = 0.615;
            param b_i: kHz = 0.177;
            param d_i: ms = 87 where d_i > 0;
            /// Decay of NMDA and of GABA gating.
            param τ_e: ms = 100 where τ_e > 0;
            param τ_i: ms = 10 where τ_i > 0;
            /// Rise of NMDA gating per spike.
            param gamma = 0.641;
            /// Shares of the background current.
            param (w_e, w_i) = (1, 0.7);
            /// Background current.
            param I_0: nA = 0.382;
            /// Excitatory synaptic current.
            param J_N: nA = 0.15;
            /// Inhibitory synaptic current onto the excitatory population.
            param J_I: nA = 1;
            /// Recurrent excitation.
            param w_ee = 1.4;
            /// Strength of coupling.
            param K_gl = 0.6;
            /// Time constant, intensity and means of the noise.
            param τ_ou: ms = 5 where τ_ou > 0;
            param σ_ou: ms^(-3/2) = 0 where σ_ou >= 0;
            param (e_mean, i_mean): 1/ms = (0, 0);
            /// Takes `s_e` of other units.
            input c0;
            noise η_e: ou(τ_ou);
            noise η_i: ou(τ_ou);

            /// Standard deviation of noise whose equation is τ_ou du/dt = -u + τ_ou*σ_ou*ξ.
            let deviation: 1/ms = σ_ou*sqrt(τ_ou/2);
            fn response(x, d) = x/(1 - exp(-d*x));
            let I_e: nA = w_e*I_0 + w_ee*J_N*s_e - J_I*s_i + J_N*K_gl*c0;
            let I_i: nA = w_i*I_0 + J_N*s_e - 1 nA*s_i;

            state s_e = 0.05;
            state s_i = 0.05;

            ds_e/dt = -s_e/τ_e + (1 - s_e)*gamma*r_e + e_mean + deviation*η_e;
            ds_i/dt = -s_i/τ_i + r_i + i_mean + deviation*η_i;

            /// Firing rates.
            output r_e: kHz = response(a_e*I_e - b_e, d_e);
            output r_i: kHz = response(a_i*I_i - b_i, d_i);
        }
    }
}

/// Coupling functions in the units of Jansen and Rit's model.
pub(crate) mod columns {
    use rate_model::rate_model;

    rate_model! {
        /// a Σ w S(v), as the sum of what columns send.
        pub coupling SigmoidalJansenRit {
            param a = 1;
            /// Half of the largest rate, midpoint and steepness.
            param nu_max: 1/ms = 0.0025;
            param v0: mV = 6;
            param r: 1/mV = 0.56;
            source v: mV;
            each rate: 1/ms = 2*nu_max*sigmoid(r*(v - v0));
            total c0: 1/ms = a*sum(rate);
        }

        /// a Σ w y_j
        pub coupling Linear {
            param a: 1/mV/ms = 1;
            source y_j: mV;
            each s: mV = y_j;
            total c0: 1/ms = a*sum(s);
        }

        /// a Σ w (y_j - y_i)
        pub coupling Difference {
            param a: 1/mV/ms = 1;
            source y_j: mV;
            target y_i: mV;
            each s: mV = y_j - y_i;
            total c0: 1/ms = a*sum(s);
        }
    }
}

#[cfg(test)]
mod tests {
    /// Without spaces and without the places where lines end.
    fn dense(text: &str) -> String {
        text.split_whitespace().collect()
    }

    /// What is validated is what users find in `models/`.
    #[test]
    fn models_are_those_of_the_files() {
        let here = dense(include_str!("models.rs"));
        for file in [
            include_str!("../models/tvb/wilson_cowan.rate"),
            include_str!("../models/tvb/jansen_rit.rate"),
            include_str!("../models/tvb/sup_hopf.rate"),
            include_str!("../models/tvb/montbrio_pazo_roxin.rate"),
            include_str!("../models/tvb/reduced_wong_wang.rate"),
            include_str!("../models/neurolib/wilson_cowan.rate"),
            include_str!("../models/neurolib/hopf.rate"),
            include_str!("../models/neurolib/fhn.rate"),
            include_str!("../models/neurolib/wong_wang.rate"),
        ] {
            assert!(here.contains(&dense(file)), "{file}");
        }
    }
}
