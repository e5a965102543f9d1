//! rustdoc of a model: what its modeller wrote, its equations and a table of its symbols.

use crate::explain::{latex, table};
use crate::model::Model;
use crate::syntax::ast;

/// Lines of the doc comment of a model's type.
pub(super) fn of_model(ast: &ast::Model, model: &Model) -> Vec<String> {
    let mut lines = model.docs.clone();
    if lines.is_empty() {
        lines.push(format!("The rate model `{}`.", model.name));
    }
    lines.extend(["", "# Equations", "```text"].map(str::to_owned));
    let written = model.states.values().map(|state| &state.equation);
    let written = written.filter(|equation| !matches!(equation.origin, ast::Origin::Velocity));
    lines.extend(written.map(|equation| equation.text.clone()));
    lines.extend(model.noises.values().map(|noise| noise.declared.text.clone()));
    lines.extend(model.auxiliaries.values().map(|aux| aux.declared.text.clone()));
    lines.extend(model.functions.iter().cloned());
    lines.extend(model.constants.values().map(|constant| constant.declared.text.clone()));
    lines.extend(["```", "", "# Symbols"].map(str::to_owned));
    lines.extend(table::markdown(&table::rows(model)));
    lines.extend(["", "# LaTeX", "```text"].map(str::to_owned));
    lines.extend(latex::of_model(ast));
    lines.push("```".to_owned());
    // rustdoc strips the space that a comment would have after its slashes.
    lines.into_iter().map(|line| format!(" {line}")).collect()
}
