//! `confusable_names`: two names that look the same.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Two names differ only in letters that look alike in print, such as the Latin `v` and the Greek
/// `ν`: a reader cannot tell which one stands in an equation.
///
/// # Example
/// ```text
/// param v = 1;
/// state ν = 0;
/// ```
#[derive(Clone, Debug)]
pub struct ConfusableNames {
    /// The later declaration.
    pub second: Name,
    /// The earlier one.
    pub first: Name,
}

impl ConfusableNames {
    /// Code of this rule.
    pub const CODE: Code = Code("confusable_names");
}

/// What a name looks like: equal for names that look the same.
pub fn skeleton(text: &str) -> String {
    text.chars().map(latin).collect()
}

/// The Latin letter that another looks like in most typefaces. Letters that a reader can tell apart,
/// such as α and a, γ and y, ρ and p, ω and w, stand side by side in many papers.
fn latin(c: char) -> char {
    match c {
        'ν' | 'ѵ' => 'v',
        'ο' | 'о' => 'o',
        'υ' => 'u',
        'ι' | 'і' => 'i',
        'а' | 'ɑ' => 'a',
        'е' => 'e',
        'р' => 'p',
        'с' => 'c',
        'х' => 'x',
        'у' => 'y',
        'ѕ' => 's',
        'ј' => 'j',
        'Α' | 'А' => 'A',
        'Β' | 'В' => 'B',
        'С' => 'C',
        'Ε' | 'Е' => 'E',
        'Ζ' => 'Z',
        'Η' | 'Н' => 'H',
        'Ι' | 'І' => 'I',
        'Κ' | 'К' => 'K',
        'Μ' | 'М' => 'M',
        'Ν' => 'N',
        'Ο' | 'О' => 'O',
        'Ρ' | 'Р' => 'P',
        'Τ' | 'Т' => 'T',
        'Υ' | 'У' => 'Y',
        'Χ' | 'Х' => 'X',
        other => other,
    }
}

impl From<ConfusableNames> for Diagnostic {
    fn from(ConfusableNames { second, first }: ConfusableNames) -> Self {
        let message = format!("`{second}` looks like `{first}`, but is another name");
        let spelled = |name: &Name| {
            let letter = |c: char| match crate::name::greek(c) {
                Some(greek) => format!("Greek {greek}"),
                None if c.is_ascii() => format!("Latin {c}"),
                None => format!("U+{:04X}", u32::from(c)),
            };
            let differ = name.text.chars().zip(second.text.chars().zip(first.text.chars()));
            let letters: Vec<_> =
                differ.filter(|(_, (a, b))| a != b).map(|(c, _)| letter(c)).collect();
            format!("`{name}` has {}", letters.join(", "))
        };
        let line = first.span().start().line;
        let note = format!("{} (line {line}), {}", spelled(&first), spelled(&second));
        Self::new(ConfusableNames::CODE, second.span(), message)
            .note(note)
            .help("rename one of them, for example with a subscript")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_later_name_is_marked() {
        expect(
            "model M {
                param v_e = 1;
                state ν_e = 0;
                      ^^^ confusable_names: `ν_e` looks like `v_e`, but is another name; note: `v_e` has Latin v (line 2), `ν_e` has Greek nu
                dν_e/dt = -v_e*ν_e;
            }",
        );
    }

    #[test]
    fn letters_that_differ_may_stand_side_by_side() {
        expect(
            "model M {
                param (a, α, p, ρ, w, ω, γ, y) = (1, 2, 3, 4, 5, 6, 7, 8);
                state x = 0;
                dx/dt = -x + a*α*p*ρ*w*ω*γ*y;
            }",
        );
    }
}
