//! The units and prefixes that the language knows (SI brochure, 9th edition, tables 2, 4, 7, 8).

use super::ratio::Ratio;
use super::{Dimension, Scale};

/// A unit symbol: its dimension as exponents of (m, kg, s, A, K, mol), and its size in SI base
/// units as powers of 10 and of 60.
struct Symbol {
    text: &'static str,
    dimension: [i8; 6],
    ten: i8,
    sixty: i8,
    /// Whether SI prefixes go with it.
    prefixes: bool,
}

const fn unit(text: &'static str, dimension: [i8; 6], ten: i8) -> Symbol {
    Symbol { text, dimension, ten, sixty: 0, prefixes: true }
}

const SYMBOLS: &[Symbol] = &[
    unit("s", [0, 0, 1, 0, 0, 0], 0),
    Symbol { text: "min", dimension: [0, 0, 1, 0, 0, 0], ten: 0, sixty: 1, prefixes: false },
    Symbol { text: "h", dimension: [0, 0, 1, 0, 0, 0], ten: 0, sixty: 2, prefixes: false },
    unit("Hz", [0, 0, -1, 0, 0, 0], 0),
    unit("A", [0, 0, 0, 1, 0, 0], 0),
    unit("V", [2, 1, -3, -1, 0, 0], 0),
    unit("S", [-2, -1, 3, 2, 0, 0], 0),
    unit("ohm", [2, 1, -3, -2, 0, 0], 0),
    unit("Ω", [2, 1, -3, -2, 0, 0], 0),
    unit("F", [-2, -1, 4, 2, 0, 0], 0),
    unit("C", [0, 0, 1, 1, 0, 0], 0),
    unit("J", [2, 1, -2, 0, 0, 0], 0),
    unit("W", [2, 1, -3, 0, 0, 0], 0),
    unit("N", [1, 1, -2, 0, 0, 0], 0),
    unit("Pa", [-1, 1, -2, 0, 0, 0], 0),
    unit("m", [1, 0, 0, 0, 0, 0], 0),
    unit("g", [0, 1, 0, 0, 0, 0], -3),
    unit("mol", [0, 0, 0, 0, 0, 1], 0),
    unit("M", [-3, 0, 0, 0, 0, 1], 3),
    unit("K", [0, 0, 0, 0, 1, 0], 0),
    Symbol { text: "rad", dimension: [0; 6], ten: 0, sixty: 0, prefixes: false },
];

const PREFIXES: &[(&str, i8)] = &[
    ("Q", 30),
    ("R", 27),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("da", 1),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("μ", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
    ("r", -27),
    ("q", -30),
];

/// What people type, and the symbol they mean.
const ALIASES: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("msecs", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("usec", "us"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hour", "h"),
    ("hours", "h"),
    ("hertz", "Hz"),
    ("amp", "A"),
    ("ampere", "A"),
    ("volt", "V"),
    ("volts", "V"),
    ("siemens", "S"),
    ("Ohm", "ohm"),
    ("farad", "F"),
    ("coulomb", "C"),
    ("meter", "m"),
    ("metre", "m"),
    ("gram", "g"),
    ("molar", "M"),
    ("kelvin", "K"),
    ("radian", "rad"),
    ("radians", "rad"),
    ("spikes", "1"),
    ("percent", "1"),
];

/// Dimension and scale of a symbol with or without a prefix; `None` when there is no such unit.
pub(super) fn look_up(text: &str) -> Option<(Dimension, Scale)> {
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| symbol.text == text) {
        return Some(scaled(symbol, 0));
    }
    PREFIXES.iter().find_map(|(prefix, ten)| {
        let rest = text.strip_prefix(prefix)?;
        let symbol = SYMBOLS.iter().find(|symbol| symbol.prefixes && symbol.text == rest)?;
        Some(scaled(symbol, *ten))
    })
}

fn scaled(symbol: &Symbol, prefix: i8) -> (Dimension, Scale) {
    let exponent = |value: i8| Ratio::integer(value.into());
    let scale = Scale { ten: exponent(symbol.ten + prefix), sixty: exponent(symbol.sixty) };
    (Dimension(symbol.dimension.map(exponent)), scale)
}

/// The known unit that an unknown one was probably meant to be.
pub(super) fn suggestion(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| alias.to_lowercase() == lower) {
        return Some((*meant).to_owned());
    }
    let plain = SYMBOLS.iter().map(|symbol| symbol.text.to_owned());
    let prefixed = PREFIXES.iter().flat_map(|(prefix, _)| {
        let with_prefix = SYMBOLS.iter().filter(|symbol| symbol.prefixes);
        with_prefix.map(move |symbol| format!("{prefix}{}", symbol.text))
    });
    // Only a wrong case is near enough: `mv` is `mV`, but `kz` may be anything. Nobody means
    // exavolts by `eV`.
    let usual = |unit: &String| {
        !unit.starts_with(['Q', 'R', 'Y', 'Z', 'E', 'P', 'h', 'd', 'a', 'z', 'y', 'r', 'q'])
    };
    let alike = plain.chain(prefixed.filter(usual)).filter(|unit| unit.to_lowercase() == lower);
    alike.max_by_key(|unit| unit.chars().zip(text.chars()).filter(|(a, b)| a == b).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ten(text: &str) -> Option<i64> {
        look_up(text).and_then(|(_, scale)| scale.ten.as_integer())
    }

    #[test]
    fn whole_symbols_win_over_prefixes() {
        assert_eq!(look_up("min").unwrap().1.sixty, Ratio::ONE);
        assert_eq!(look_up("Pa").unwrap().0, look_up("kPa").unwrap().0);
        assert_eq!(look_up("m").unwrap().0, look_up("km").unwrap().0);
        assert_eq!(
            (ten("mM"), ten("MHz"), ten("kg"), ten("μS")),
            (Some(0), Some(6), Some(0), Some(-6))
        );
    }

    #[test]
    fn unknown_units_are_not_guessed() {
        assert!(look_up("msec").is_none() && look_up("kmin").is_none() && look_up("").is_none());
        assert_eq!(suggestion("msec").as_deref(), Some("ms"));
        assert_eq!(suggestion("mv").as_deref(), Some("mV"));
        assert_eq!(suggestion("blorp"), None);
    }
}
