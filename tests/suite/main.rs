//! What a user can observe, checked against what is known independently.

mod derivatives;
mod errors;
mod files;
mod golden;
mod hygiene;
mod language;
mod macaque;
mod networks;
mod numerics;
mod runs;
