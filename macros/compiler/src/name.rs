//! Names as modellers write them, and the ASCII spelling each has in generated code.

use proc_macro2::{Ident, Span};
use unicode_normalization::UnicodeNormalization;

/// A name of the model: what the user wrote, where, and its canonical text.
#[derive(Clone, Debug)]
pub struct Name {
    /// Unicode NFKC form: what names are compared by, so that `µ` and `μ` are one letter.
    pub text: String,
    /// The identifier as it was written, for generated items.
    pub ident: Ident,
}

impl Name {
    /// The name an identifier stands for.
    pub fn new(ident: Ident) -> Self {
        let written = ident.to_string();
        let text = written.strip_prefix("r#").unwrap_or(&written).nfkc().collect();
        Self { text, ident }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.ident.span()
    }

    /// The ASCII spelling: `ν_e` → `nu_e`.
    pub fn ascii(&self) -> String {
        ascii_spelling(&self.text)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Greek letters by their English names, accents dropped, anything else as `u` and its code point.
pub fn ascii_spelling(text: &str) -> String {
    let spelled = text.nfd().map(|c| match (c, greek(c)) {
        (_, Some(name)) => name.to_owned(),
        ('\u{300}'..='\u{36f}', _) => String::new(), // combining accents
        (c, _) if c.is_ascii() => c.to_string(),
        (c, _) => format!("u{:x}", u32::from(c)),
    });
    spelled.collect()
}

/// Whether the text has a letter that `rustc` could mistake for a Latin one.
pub fn has_greek(text: &str) -> bool {
    text.chars().any(|c| greek(c).is_some())
}

const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ϵ', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ϑ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('ϰ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('ο', "omicron"),
    ('π', "pi"),
    ('ϖ', "pi"),
    ('ρ', "rho"),
    ('ϱ', "rho"),
    ('σ', "sigma"),
    ('ς', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('ϕ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Α', "Alpha"),
    ('Β', "Beta"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('Ε', "Epsilon"),
    ('Ζ', "Zeta"),
    ('Η', "Eta"),
    ('Θ', "Theta"),
    ('Ι', "Iota"),
    ('Κ', "Kappa"),
    ('Λ', "Lambda"),
    ('Μ', "Mu"),
    ('Ν', "Nu"),
    ('Ξ', "Xi"),
    ('Ο', "Omicron"),
    ('Π', "Pi"),
    ('Ρ', "Rho"),
    ('Σ', "Sigma"),
    ('Τ', "Tau"),
    ('Υ', "Upsilon"),
    ('Φ', "Phi"),
    ('Χ', "Chi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
];

pub(crate) fn greek(c: char) -> Option<&'static str> {
    GREEK.iter().find(|(letter, _)| *letter == c).map(|(_, name)| *name)
}

/// The candidate nearest to `name`, near enough to be a slip of the pen: the same ASCII spelling,
/// the same letters in another case, or a small edit distance.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = ascii_spelling(name);
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &ascii_spelling(candidate)), candidate))
        .filter(|(distance, candidate)| {
            // One edit away from a one-letter name is every other one-letter name.
            *distance == 0 || (*distance <= limit && ascii_spelling(candidate).chars().count() > 1)
        })
        // Of two candidates one edit away, swapped letters are likelier than a missing one.
        .min_by_key(|(distance, candidate)| {
            (*distance, wanted.len().abs_diff(ascii_spelling(candidate).len()))
        })
        .map(|(_, candidate)| candidate)
}

/// Edits from `a` to `b`: insert, delete, replace, swap neighbours; a change of case is free.
fn distance(a: &str, b: &str) -> usize {
    let fold = |s: &str| s.to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (fold(a), fold(b));
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greek_letters_are_spelled_out() {
        assert_eq!(ascii_spelling("ν_e"), "nu_e");
        assert_eq!(ascii_spelling("ΔΘ2"), "DeltaTheta2");
        assert_eq!(ascii_spelling("é"), "e");
        assert_eq!(ascii_spelling("ж"), "u436");
    }

    #[test]
    fn micro_sign_and_mu_are_one_name() {
        let name = |s: &str| Name::new(Ident::new(s, Span::call_site())).text;
        assert_eq!(name("\u{b5}_e"), name("\u{3bc}_e"));
    }

    #[test]
    fn suggestions_are_near() {
        let known = ["tau_e", "tau_i", "ν_e", "I_e"];
        assert_eq!(did_you_mean("nu_e", known), Some("ν_e"));
        assert_eq!(did_you_mean("tua_e", known), Some("tau_e"));
        assert_eq!(did_you_mean("i_e", known), Some("I_e"));
        assert_eq!(did_you_mean("banana", known), None);
        assert_eq!(did_you_mean("Q", ["x", "y"]), None);
    }
}
