//! Units as dimension, scale and the spelling to show: a leaf used by every stage.
//!
//! A *dimension* says what can be added (time, voltage); a *unit* is a dimension with a scale
//! (ms, mV). Scales are exact powers of 10 and 60, so that `kHz*ms` is exactly 1.

pub mod ratio;
mod table;

use ratio::Ratio;

/// Exponents of (m, kg, s, A, K, mol).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dimension([Ratio; 6]);

impl Dimension {
    /// A pure number.
    pub const NONE: Self = Self([Ratio::ZERO; 6]);
}

/// How many SI base units one unit is: `10^ten * 60^sixty`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale {
    ten: Ratio,
    sixty: Ratio,
}

impl Scale {
    const ONE: Self = Self { ten: Ratio::ZERO, sixty: Ratio::ZERO };

    /// As a number; whole powers of ten are correctly rounded.
    fn to_f64(self) -> f64 {
        let ten = match self.ten.as_integer() {
            // The parser of decimal literals rounds correctly; repeated multiplication does not.
            Some(exponent) => format!("1e{exponent}").parse().unwrap_or(f64::NAN),
            None => libm::pow(10.0, self.ten.to_f64()),
        };
        let sixty = match self.sixty.as_integer().and_then(|exponent| i32::try_from(exponent).ok())
        {
            Some(exponent) => 60_f64.powi(exponent),
            None => libm::pow(60.0, self.sixty.to_f64()),
        };
        ten * sixty
    }
}

/// A unit: what it measures, how large it is, and how the user spells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    scale: Scale,
    /// Symbols as written with their exponents, to print it in the user's own spelling.
    factors: Vec<(String, Ratio)>,
}

impl Unit {
    /// The unit of a bare number.
    pub fn one() -> Self {
        Self { dimension: Dimension::NONE, scale: Scale::ONE, factors: Vec::new() }
    }

    /// A unit symbol with or without a prefix.
    pub fn from_symbol(text: &str) -> Option<Self> {
        let (dimension, scale) = table::look_up(text)?;
        Some(Self { dimension, scale, factors: vec![(text.to_owned(), Ratio::ONE)] })
    }

    /// The known unit that an unknown symbol was probably meant to be.
    pub fn suggestion(text: &str) -> Option<String> {
        table::suggestion(text)
    }

    /// The product of two units.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut factors = self.factors.clone();
        for (symbol, exponent) in &other.factors {
            match factors.iter_mut().find(|(known, _)| known == symbol) {
                Some((_, sum)) => *sum = *sum + *exponent,
                None => factors.push((symbol.clone(), *exponent)),
            }
        }
        factors.retain(|(_, exponent)| *exponent != Ratio::ZERO);
        let zip = std::array::from_fn(|i| self.dimension.0[i] + other.dimension.0[i]);
        let scale = Scale {
            ten: self.scale.ten + other.scale.ten,
            sixty: self.scale.sixty + other.scale.sixty,
        };
        Self { dimension: Dimension(zip), scale, factors }
    }

    /// A power of the unit.
    #[must_use]
    pub fn power(&self, exponent: Ratio) -> Self {
        let factors = self.factors.iter().map(|(symbol, e)| (symbol.clone(), *e * exponent));
        Self {
            dimension: Dimension(self.dimension.0.map(|e| e * exponent)),
            scale: Scale { ten: self.scale.ten * exponent, sixty: self.scale.sixty * exponent },
            factors: factors.filter(|(_, e)| *e != Ratio::ZERO).collect(),
        }
    }

    /// The quotient of two units.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        self.times(&other.power(Ratio::integer(-1)))
    }

    /// Whether it is a pure number, of whatever scale.
    pub fn is_dimensionless(&self) -> bool {
        self.dimension == Dimension::NONE
    }

    /// What a number in this unit is multiplied by to be in `target`; `None` when that is 1.
    /// The dimensions must agree.
    pub fn factor_to(&self, target: &Self) -> Option<f64> {
        debug_assert_eq!(self.dimension, target.dimension);
        let scale = Scale {
            ten: self.scale.ten - target.scale.ten,
            sixty: self.scale.sixty - target.scale.sixty,
        };
        (scale != Scale::ONE).then(|| scale.to_f64())
    }

    /// The size of one such unit in SI base units.
    pub fn in_si(&self) -> f64 {
        self.scale.to_f64()
    }
}

impl Unit {
    /// A number of such units, as a model would have it: `5 mV`, `2 Hz/pA`, `3/(1 ms)`.
    pub fn quantity(&self, number: f64) -> String {
        let power = |e: Ratio| match e {
            Ratio::ONE => String::new(),
            e => format!("^{e}"),
        };
        let is_above = |(_, e): &&(String, Ratio)| e.to_f64() > 0.0;
        let above: Vec<_> = self.factors.iter().filter(is_above).collect();
        let below = self.factors.iter().filter(|factor| !is_above(factor));
        let numerator = above.iter().map(|(symbol, e)| format!("{symbol}{}", power(*e)));
        let numerator = numerator.collect::<Vec<_>>().join("*");
        let (space, has_above) = (if above.is_empty() { "" } else { " " }, !above.is_empty());
        let denominator = below.map(|(symbol, e)| {
            // Without a numerator, nothing says that what follows are units.
            let symbol = if has_above { symbol.clone() } else { format!("(1 {symbol})") };
            format!("/{symbol}{}", power(-*e))
        });
        format!("{number}{space}{numerator}{}", denominator.collect::<String>())
    }
}

impl std::fmt::Display for Unit {
    /// `Hz/pA`, `1/ms`, `mV*ms`; a pure number prints as `1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |negative: bool| -> Vec<String> {
            let signed = self.factors.iter().filter(|(_, e)| (e.to_f64() < 0.0) == negative);
            let spell = |(symbol, e): &(String, Ratio)| match if negative { -*e } else { *e } {
                Ratio::ONE => symbol.clone(),
                exponent => format!("{symbol}^{exponent}"),
            };
            signed.map(spell).collect()
        };
        let (above, below) = (part(false), part(true));
        f.write_str(&if above.is_empty() { "1".to_owned() } else { above.join("*") })?;
        match below.len() {
            0 => Ok(()),
            1 => write!(f, "/{}", below[0]),
            _ => write!(f, "/({})", below.join("*")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        Unit::from_symbol(text).unwrap()
    }

    #[test]
    fn kilohertz_times_milliseconds_is_exactly_one() {
        let product = unit("kHz").times(&unit("ms"));
        assert!(product.is_dimensionless());
        assert_eq!(product.factor_to(&Unit::one()), None);
        assert_eq!(unit("Hz").times(&unit("ms")).factor_to(&Unit::one()), Some(1e-3));
    }

    #[test]
    fn factors_are_correctly_rounded() {
        assert_eq!(unit("uV").factor_to(&unit("mV")), Some(1e-3));
        assert_eq!(unit("h").factor_to(&unit("ms")), Some(3.6e6));
        assert_eq!(unit("min").factor_to(&unit("h")), Some(1.0 / 60.0));
    }

    #[test]
    fn spelling_is_the_users() {
        let gain = unit("Hz").over(&unit("pA"));
        assert_eq!(gain.to_string(), "Hz/pA");
        assert_eq!(gain.times(&unit("pA")).to_string(), "Hz");
        assert_eq!(Unit::one().over(&unit("ms")).to_string(), "1/ms");
        let root = unit("ms").power(Ratio::new(1, 2).unwrap());
        assert_eq!(unit("Hz").times(&root).to_string(), "Hz*ms^(1/2)");
        assert_eq!(unit("S").over(&unit("cm").power(Ratio::integer(2))).to_string(), "S/cm^2");
        let both = Unit::one().over(&unit("s")).over(&unit("nA"));
        assert_eq!(both.to_string(), "1/(s*nA)");
    }

    #[test]
    fn derived_units_agree_with_their_definitions() {
        let volt = unit("V");
        assert_eq!(unit("W").over(&unit("A")).dimension, volt.dimension);
        assert_eq!(unit("ohm").times(&unit("A")).dimension, volt.dimension);
        assert_eq!(unit("C").over(&unit("F")).dimension, volt.dimension);
        assert_eq!(unit("J").over(&unit("C")).dimension, volt.dimension);
        assert_eq!(unit("S").times(&unit("ohm")).dimension, Dimension::NONE);
        assert_eq!(
            unit("N").over(&unit("m").power(Ratio::integer(2))).dimension,
            unit("Pa").dimension
        );
        assert_eq!(
            unit("M").factor_to(&unit("mol").over(&unit("m").power(Ratio::integer(3)))),
            Some(1e3)
        );
    }
}
