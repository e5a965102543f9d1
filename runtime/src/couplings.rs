//! Coupling functions of the literature, declared in the model language like any other.
//!
//! They are in pure numbers, for models without units; for one with units, declare it anew with
//! yours: a few lines. For plain weighted sums no coupling function is needed.
//!
//! Σ stands for the sum over the connections of a unit, w for their weights, `x_j` for the (delayed)
//! value at their source, `x_i` for the present value at their target.
//!
//! Sources: P. Sanz Leon, S. A. Knock, A. Spiegler and V. K. Jirsa, Mathematical framework for
//! large-scale brain network modeling in The Virtual Brain, *Neuroimage* 111:385, 2015, and the
//! defaults of The Virtual Brain; Y. Kuramoto, Chemical Oscillations, Waves, and Turbulence,
//! Springer 1984.

use crate::rate_model;

rate_model! {
    /// a Σ w x_j + b
    pub coupling Linear {
        param a = 1;
        param b = 0;
        source x_j;
        each s = x_j;
        total c = a*sum(s) + b;
    }

    /// a Σ w (x_j - x_i): diffusion.
    pub coupling Diffusive {
        param a = 1;
        source x_j;
        target x_i;
        each s = x_j - x_i;
        total c = a*sum(s);
    }

    /// c_min + (c_max - c_min)/(1 + exp(-a (Σ w x_j - m)/σ)): a sigmoid of the sum.
    pub coupling Sigmoidal {
        param (c_min, c_max) = (-1, 1);
        param a = 1;
        param m = 0;
        param σ = 230 where σ > 0;
        source x_j;
        each s = x_j;
        total c = c_min + (c_max - c_min)*sigmoid(a*(sum(s) - m)/σ);
    }

    /// a Σ w (c_min + (c_max - c_min)/(1 + exp(r (m - x_j)))): a sum of sigmoids, as between
    /// columns of Jansen and Rit.
    pub coupling PreSigmoidal {
        param (c_min, c_max) = (0, 0.005);
        param r = 0.56;
        param m = 6;
        param a = 1;
        source x_j;
        each s = c_min + (c_max - c_min)*sigmoid(r*(x_j - m));
        total c = a*sum(s);
    }

    /// Σ w a (1 + tanh((b x_j - m)/σ))
    pub coupling HyperbolicTangent {
        param (a, b) = (1, 1);
        param m = 0;
        param σ = 1 where σ > 0;
        source x_j;
        each s = a*(1 + tanh((b*x_j - m)/σ));
        total c = sum(s);
    }

    /// K Σ w sin(θ_j - θ_i)
    pub coupling Kuramoto {
        param K = 1;
        source θ_j;
        target θ_i;
        each s = sin(θ_j - θ_i);
        total c = K*sum(s);
    }
}
