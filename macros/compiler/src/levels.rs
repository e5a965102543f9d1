//! How much lints matter: `#[allow(code)]`, `#[warn(code)]` and `#[deny(code)]` on items and models.

use crate::diag::Code;

/// What becomes of a finding of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is a warning, as where nothing is said.
    Warn,
    /// It is an error.
    Deny,
}

impl Level {
    /// The level that an attribute sets. Whoever expects a lint allows it.
    pub fn from_attribute(word: &str) -> Option<Self> {
        match word {
            "allow" | "expect" => Some(Self::Allow),
            "warn" => Some(Self::Warn),
            "deny" | "forbid" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// The levels set on one item or model, in the order written.
#[derive(Clone, Debug, Default)]
pub struct Levels(Vec<(Code, Level)>);

impl Levels {
    /// These levels, and then others, which count where both say something.
    #[must_use]
    pub fn then(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Sets the level of a lint.
    pub fn set(&mut self, code: Code, level: Level) {
        self.0.push((code, level));
    }

    /// The level of a lint, if one was set; the last one counts.
    pub fn get(&self, code: Code) -> Option<Level> {
        self.0.iter().rev().find(|(known, _)| *known == code).map(|(_, level)| *level)
    }
}
