//! What the compiler knows of a model, in words and formulas: `Model::explain()`, `rates explain`.

pub mod classify;
mod formula;
pub(crate) mod latex;
pub(crate) mod table;

use std::fmt::Write;

use crate::Program;
use crate::collections::Id;
use crate::hash;
use crate::kernel::rate::{Rate, Rates};
use crate::kernel::{Column, Row, ValueId};
use crate::model::{InputId, Model, NoiseId, StateId, Symbol};
use crate::syntax::ast;
use formula::Formulas;

/// Class and reason of each equation, the derivatives that the compiler found, the symbols, and the
/// equations in LaTeX.
pub fn explain(ast: &ast::Model, program: &Program) -> String {
    let mut text = String::new();
    // A string takes everything.
    write(&mut text, ast, program).unwrap_or_default();
    text
}

fn write(text: &mut String, ast: &ast::Model, program: &Program) -> std::fmt::Result {
    let model = program.model();
    writeln!(text, "{}", model.name)?;
    for line in &model.docs {
        writeln!(text, "  {line}")?;
    }
    writeln!(text, "\nEquations")?;
    let classes = classify::classify(model, &program.formulas);
    for (index, (state, class)) in model.states.values().zip(&classes).enumerate() {
        writeln!(text, "  {}", state.equation.text)?;
        writeln!(text, "    {}", class.describe(model, index))?;
    }
    let rates = Rates::of(&program.formulas);
    for (auxiliary, value) in model.auxiliaries.values().zip(&program.formulas.outputs.auxiliaries)
    {
        let when = match rates[*value] {
            Rate::Constant => "when the model is compiled",
            Rate::Parameter => "when a parameter changes",
            Rate::Step => "when inputs, noise or past values change",
            Rate::Stage => "at each evaluation",
        };
        writeln!(text, "  {}\n    computed {when}", auxiliary.declared.text)?;
    }
    for noise in model.noises.values() {
        writeln!(text, "  {}", noise.declared.text)?;
    }
    writeln!(text, "  hash of the equations: {:016x}", hash::of_equations(model))?;
    derivatives(text, program)?;
    writeln!(text, "\nSymbols")?;
    for line in table::aligned(&table::rows(model)) {
        writeln!(text, "  {line}")?;
    }
    writeln!(text, "\nLaTeX")?;
    for line in latex::of_model(ast) {
        writeln!(text, "  {line}")?;
    }
    Ok(())
}

/// The entries of the Jacobian and the factors of white noise.
fn derivatives(text: &mut String, program: &Program) -> std::fmt::Result {
    let (model, kernel) = (program.model(), &program.formulas);
    let outputs = &kernel.outputs;
    let slopes = outputs.jacobian.iter().map(|(_, value)| *value);
    let factors = outputs.diffusion.iter().map(|(_, value)| *value);
    let roots: Vec<ValueId> = slopes.chain(factors).collect();
    if roots.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nDerivatives")?;
    let formulas = Formulas::new(model, kernel, &roots);
    for (entry, value) in &outputs.jacobian {
        let above = match entry.row {
            Row::State(state) => rate_of(model, state),
            Row::Output(output) => model.symbol_name(Symbol::Aux(Id::new(output))).to_owned(),
        };
        let below = match entry.column {
            Column::State(state) => Symbol::State(StateId::new(state)),
            Column::Input(input) => Symbol::Input(InputId::new(input)),
        };
        let below = model.symbol_name(below);
        writeln!(text, "  ∂({above})/∂{below} = {}", formulas.of(*value))?;
    }
    for (drive, value) in &outputs.diffusion {
        let noise = model.symbol_name(Symbol::Noise(NoiseId::new(drive.noise)));
        let rate = rate_of(model, drive.state);
        writeln!(text, "  factor of {noise} in {rate} = {}", formulas.of(*value))?;
    }
    for (index, value) in formulas.shared.iter().enumerate() {
        let (name, formula) = formulas.definition(*value);
        let lead = if index == 0 { "where" } else { "     " };
        writeln!(text, "  {lead} {name} = {formula}")?;
    }
    Ok(())
}

fn rate_of(model: &Model, state: usize) -> String {
    let state = &model.states[StateId::new(state)];
    match &state.equation.origin {
        ast::Origin::SecondOrder(of) => format!("d2{of}/d{}2", model.time_name),
        _ => format!("d{}/d{}", state.declared.name, model.time_name),
    }
}
