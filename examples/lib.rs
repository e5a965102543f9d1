//! Nothing: this package holds examples only.
