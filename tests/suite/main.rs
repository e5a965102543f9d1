//! What a user can observe, checked against what is known independently.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

mod derivatives;
mod docs;
mod edges;
mod errors;
mod files;
mod golden;
mod hygiene;
mod language;
mod networks;
mod numerics;
mod runs;
