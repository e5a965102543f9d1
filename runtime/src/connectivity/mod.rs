//! Who is connected with whom: connectomes from files, and connections by rules.
//!
//! A [`Connectome`] is what tractography or tracing found: names of regions, weights, lengths of tracts. It
//! is read from the archives of The Virtual Brain, from CSV or from NumPy's `.npz`.
//!
//! [`Connections`] are made by rules: one to one, at random with a fixed probability or in-degree, by
//! distance between [`Places`].
//!
//! Rows are targets and columns sources.

mod connections;
mod connectome;
#[cfg(feature = "csv")]
mod csv;
mod error;
#[cfg(feature = "npz")]
mod npz;
mod places;
#[cfg(any(feature = "csv", feature = "tvb"))]
mod rows;
mod rules;
#[cfg(feature = "tvb")]
mod text;
#[cfg(feature = "tvb")]
mod tvb;

pub use connections::Connections;
pub use connectome::{Connectome, Normalisation};
pub use error::ConnectivityError;
pub use places::{Places, Profile};
pub use rules::SelfConnections;
