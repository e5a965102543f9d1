//! The symbols of a model as a table, for rustdoc and for terminals.

use crate::model::eval::Constants;
use crate::model::{Bound, Declared, Expr, Model};
use crate::syntax::ast::Kind;

/// The columns.
pub(crate) const HEADER: [&str; 6] = ["symbol", "", "unit", "value", "range", "meaning"];

/// One row a symbol: parameters, inputs, states, auxiliaries, noises.
pub(crate) fn rows(model: &Model) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    let constants = Constants::of(model);
    let row = |kind, declared, value, bounds| row(&constants, kind, declared, value, bounds);
    for param in model.params.values() {
        rows.push(row(Kind::Param, &param.declared, Some(&param.default), &param.bounds));
    }
    for input in model.inputs.values() {
        rows.push(row(Kind::Input, &input.declared, input.default.as_ref(), &[]));
    }
    for state in model.states.values() {
        rows.push(row(Kind::State, &state.declared, Some(&state.initial), &state.bounds));
    }
    for aux in model.auxiliaries.values() {
        let kind = if aux.is_output { Kind::Output } else { Kind::Let };
        rows.push(row(kind, &aux.declared, None, &[]));
    }
    for noise in model.noises.values() {
        rows.push(row(Kind::Noise, &noise.declared, None, &[]));
    }
    rows
}

fn row(
    constants: &Constants,
    kind: Kind,
    declared: &Declared,
    value: Option<&Expr>,
    bounds: &[Bound],
) -> [String; 6] {
    let value = value.map_or_else(String::new, |value| match constants.value(value) {
        Ok(value) => value.to_string(),
        // An initial value made of parameters: the declaration says how.
        Err(_) => "computed".to_owned(),
    });
    let range: Vec<_> = bounds.iter().map(|bound| bound.text.clone()).collect();
    [
        declared.name.text.clone(),
        kind.keyword().to_owned(),
        declared.unit.to_string(),
        value,
        range.join(", "),
        declared.docs.join(" "),
    ]
}

/// As Markdown.
pub(crate) fn markdown(rows: &[[String; 6]]) -> Vec<String> {
    let mut lines =
        vec![format!("| {} |", HEADER.join(" | ")), "|---|---|---|---|---|---|".to_owned()];
    lines.extend(rows.iter().map(|[symbol, kind, unit, value, range, meaning]| {
        let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
        let range: Vec<_> = range.split(", ").map(code).collect();
        let (symbol, range) = (code(symbol), range.join(", "));
        let meaning = meaning.replace('|', "\\|");
        format!("| {symbol} | {kind} | {unit} | {value} | {range} | {meaning} |")
    }));
    lines
}

/// In columns of equal width.
pub(crate) fn aligned(rows: &[[String; 6]]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADER[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |cells: [&str; 6]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(HEADER)];
    lines.extend(rows.iter().map(|row| line(std::array::from_fn(|i| row[i].as_str()))));
    lines
}
