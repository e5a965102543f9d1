//! rustdoc of a model: what its modeller wrote, its equations and a table of its symbols.

use crate::model::eval::Constants;
use crate::model::{Bound, Declared, Expr, Model};
use crate::syntax::ast::Kind;

/// Lines of the doc comment of a model's type.
pub(super) fn of_model(model: &Model) -> Vec<String> {
    let mut lines = model.docs.clone();
    if lines.is_empty() {
        lines.push(format!("The rate model `{}`.", model.name));
    }
    lines.extend(["", "# Equations", "```text"].map(str::to_owned));
    lines.extend(model.states.values().map(|state| state.equation.text.clone()));
    lines.extend(model.auxiliaries.values().map(|aux| aux.declared.text.clone()));
    lines.extend(model.functions.iter().cloned());
    lines.extend(model.constants.values().map(|constant| constant.declared.text.clone()));
    lines.extend(["```", "", "# Symbols"].map(str::to_owned));
    lines.push("| symbol | | unit | value | range | meaning |".to_owned());
    lines.push("|---|---|---|---|---|---|".to_owned());
    lines.extend(rows(model));
    // rustdoc strips the space that a comment would have after its slashes.
    lines.into_iter().map(|line| format!(" {line}")).collect()
}

fn rows(model: &Model) -> Vec<String> {
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
    rows
}

fn row(
    constants: &Constants,
    kind: Kind,
    declared: &Declared,
    value: Option<&Expr>,
    bounds: &[Bound],
) -> String {
    let value = value.map_or_else(String::new, |value| match constants.value(value) {
        Ok(value) => value.to_string(),
        // An initial value made of parameters: the declaration says how.
        Err(_) => "computed".to_owned(),
    });
    let range: Vec<_> = bounds.iter().map(|bound| format!("`{}`", bound.text)).collect();
    let meaning = declared.docs.join(" ").replace('|', "\\|");
    let (name, unit) = (&declared.name, &declared.unit);
    let kind = kind.keyword();
    format!("| `{name}` | {kind} | {unit} | {value} | {} | {meaning} |", range.join(", "))
}
