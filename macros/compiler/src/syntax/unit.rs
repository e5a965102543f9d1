//! Units as written after a colon: `Hz/pA`, `uS/cm^2`, `mV*ms`, `ms^(1/2)`, `1/s`.

use proc_macro2::{Delimiter, TokenTree};

use super::ast;
use super::cursor::Cursor;
use super::expr::{Parsed, decimal};
use crate::name::Name;
use crate::rules::syntax::Syntax;
use crate::span::SpanRange;
use crate::unit::ratio::Ratio;

/// Larger exponents are slips, and would overflow scales.
const MAX_EXPONENT: f64 = 12.0;

/// A single symbol, as in a quantity literal.
pub(super) fn of_symbol(symbol: Name) -> ast::Unit {
    let span = symbol.span().into();
    ast::Unit { factors: vec![(symbol, Ratio::ONE)], span }
}

/// A product of powers.
pub(super) fn unit(cursor: &mut Cursor) -> Parsed<ast::Unit> {
    let start = SpanRange::from(cursor.span());
    let mut factors = Vec::new();
    let mut sign = Ratio::ONE;
    loop {
        for (symbol, exponent) in factor(cursor)? {
            factors.push((symbol, exponent * sign));
        }
        if cursor.eat_op("*").is_some() {
            sign = Ratio::ONE;
        } else if cursor.eat_op("/").is_some() {
            sign = Ratio::integer(-1);
        } else {
            break;
        }
    }
    Ok(ast::Unit { factors, span: start.to(cursor.previous_span()) })
}

fn factor(cursor: &mut Cursor) -> Parsed<Vec<(Name, Ratio)>> {
    let base = if let Some(group) = cursor.eat_group(Delimiter::Parenthesis) {
        let mut inner = Cursor::of_group(&group);
        let unit = unit(&mut inner)?;
        if !inner.at_end() {
            return Err(not_a_unit(&inner));
        }
        unit.factors
    } else if let Some(ident) = cursor.eat_ident() {
        vec![(Name::new(ident), Ratio::ONE)]
    } else if matches!(cursor.peek(), Some(TokenTree::Literal(one)) if one.to_string() == "1") {
        cursor.next();
        Vec::new()
    } else {
        return Err(not_a_unit(cursor));
    };
    let exponent = match cursor.eat_op("^") {
        Some(_) => exponent(cursor)?,
        None => Ratio::ONE,
    };
    Ok(base.into_iter().map(|(symbol, inner)| (symbol, inner * exponent)).collect())
}

fn not_a_unit(cursor: &Cursor) -> Syntax {
    Syntax::new(cursor.span(), format!("expected a unit, found {}", cursor.found()))
        .help("write it like `ms`, `Hz/pA`, `1/s`, `uS/cm^2`, `mV*ms`")
}

/// `2`, `-1`, `0.5`, `(1/2)`.
fn exponent(cursor: &mut Cursor) -> Parsed<Ratio> {
    if let Some(group) = cursor.eat_group(Delimiter::Parenthesis) {
        let mut inner = Cursor::of_group(&group);
        let above = signed(&mut inner)?;
        let value = match inner.eat_op("/") {
            Some(_) => above / signed(&mut inner)?,
            None => above,
        };
        return to_ratio(value, group.span().into());
    }
    let span = SpanRange::from(cursor.span());
    let value = signed(cursor)?;
    to_ratio(value, span.to(cursor.previous_span()))
}

fn to_ratio(value: f64, span: SpanRange) -> Parsed<Ratio> {
    Ratio::from_f64(value).filter(|_| value.abs() <= MAX_EXPONENT).ok_or_else(|| {
        Syntax::new(span, "this is no exponent of a unit")
            .help("write a small whole number or a fraction: `s^2`, `s^-1`, `s^(1/2)`")
    })
}

fn signed(cursor: &mut Cursor) -> Parsed<f64> {
    let sign = if cursor.eat_op("-").is_some() { -1.0 } else { 1.0 };
    let place = cursor.span();
    let expected = || Syntax::new(place, "expected an exponent");
    let literal = cursor.eat_literal().ok_or_else(expected)?;
    match decimal(&literal)? {
        (value, None) => Ok(sign * value),
        (_, Some(_)) => Err(expected()),
    }
}
