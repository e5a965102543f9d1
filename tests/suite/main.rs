//! What a user can observe, checked against what is known independently.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]
// Lints of models arrive as uses of something deprecated.
#![allow(deprecated, reason = "models here show edge cases, not how models should be")]

mod adaptive;
mod automatic;
mod bounds;
mod checkpoints;
mod connectomes;
mod delays;
mod dense;
mod derivatives;
mod docs;
mod edges;
mod errors;
mod exact;
mod files;
mod fused;
mod golden;
mod golden_couplings;
mod golden_inputs;
mod golden_noise;
mod golden_rates;
mod hygiene;
mod interpolation;
mod language;
mod mixing;
mod monitors;
mod networks;
mod noise;
mod numerics;
mod orders;
mod projections;
mod report;
mod runs;
mod scales;
mod seed_parity;
mod states;
mod stochastic;
mod sweeps;
mod threads;
mod together;
mod variants;
