//! Finds the models that others are based on.

use crate::Bases;
use crate::diag::{Diagnostic, Diagnostics};
use crate::rules::syntax::Syntax;
use crate::rules::unknown_name::UnknownName;
use crate::span::SpanRange;
use crate::syntax::ast::Model;
use crate::syntax::{layer, variant};

/// Gives every model what it has from its base, bases first; and those whose bases are in other
/// macro calls, as they were.
pub(crate) fn derive(
    mut models: Vec<Model>,
    bases: &Bases,
    diags: &mut Diagnostics,
) -> (Vec<Model>, Vec<Model>) {
    let names: Vec<String> = models.iter().map(|model| model.name.text.clone()).collect();
    // For each model: whether it has all it is made of, or cannot have it here.
    let mut states = vec![State::Waiting; models.len()];
    loop {
        let mut progress = false;
        for index in 0..models.len() {
            if states[index] != State::Waiting {
                continue;
            }
            let base = models[index].base.clone();
            let Some(base) = base else {
                variant::without_base(&models[index], diags);
                states[index] = State::Whole;
                progress = true;
                continue;
            };
            let is_path = base.path.clone().into_iter().count() > 1;
            let place = names.iter().position(|name| *name == base.name.text && !is_path);
            match place {
                Some(place) if states[place] == State::Whole => {
                    let base = models[place].clone();
                    states[index] = whole(&mut models[index], &base, diags);
                }
                Some(place) if states[place] != State::Waiting => states[index] = states[place],
                Some(_) => continue,
                None => states[index] = outside(&mut models[index], &names, bases, diags),
            }
            progress = true;
        }
        if !progress {
            break;
        }
    }
    report_circles(&models, &states, diags);
    let (mut whole, mut deferred) = (Vec::new(), Vec::new());
    for (mut model, state) in models.into_iter().zip(states) {
        match state {
            State::Deferred => deferred.push(model),
            State::Whole => whole.push(model),
            State::Missing | State::Waiting => {
                model.is_complete = false;
                whole.push(model);
            }
        }
    }
    (whole, deferred)
}

/// Models that wait for each other.
fn report_circles(models: &[Model], states: &[State], diags: &mut Diagnostics) {
    let base = |index: usize| {
        let base = models[index].base.as_ref()?;
        models.iter().position(|model| model.name.text == base.name.text)
    };
    let mut seen = vec![false; models.len()];
    for start in (0..models.len()).filter(|index| states[*index] == State::Waiting) {
        let mut path: Vec<usize> = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next.filter(|index| !seen[*index]) {
            seen[index] = true;
            path.push(index);
            next = base(index);
        }
        let Some(place) = next.and_then(|next| path.iter().position(|index| *index == next)) else {
            continue;
        };
        let circle = path[place..].iter().chain([&path[place]]);
        let names: Vec<_> = circle.map(|index| format!("`{}`", models[*index].name)).collect();
        let model = &models[path[place]];
        let at = model.base.as_ref().map_or(&model.name, |base| &base.name);
        let message = format!("`{}` is based on itself: {}", model.name, names.join(" → "));
        let problem = Syntax::new(at.span(), message);
        diags.push(problem.help("one of the models must stand on its own"));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    Whole,
    Deferred,
    Missing,
}

/// Gives a model what it has from its base, which must be a model, too.
fn whole(model: &mut Model, base: &Model, diags: &mut Diagnostics) -> State {
    if base.coupling.is_some() {
        let at = model.base.as_ref().map_or(&model.name, |base| &base.name);
        let message =
            format!("`{}` is a coupling function: a model is based on a model", base.name);
        diags.push(Syntax::new(at.span(), message).help("write out what the model has"));
        return State::Missing;
    }
    variant::derive(model, base, diags);
    State::Whole
}

/// A base that is not in the text.
fn outside(model: &mut Model, names: &[String], bases: &Bases, diags: &mut Diagnostics) -> State {
    match bases {
        Bases::Elsewhere => State::Deferred,
        Bases::Layers(layers) => {
            let mut base: Option<Model> = None;
            for mut next in layers.iter().cloned().filter_map(layer) {
                if let Some(base) = &base {
                    variant::derive(&mut next, base, &mut Diagnostics::default());
                }
                base = Some(next);
            }
            // A base that could not be read has no layers.
            let Some(base) = base else { return State::Missing };
            whole(model, &base, diags)
        }
        Bases::None => {
            let Some(base) = &model.base else { return State::Missing };
            let known = names.iter().map(String::as_str).filter(|name| *name != model.name.text);
            let near = crate::name::did_you_mean(&base.name.text, known);
            diags.push(UnknownName::base(&base.name, near));
            State::Missing
        }
    }
}

/// Moves what is found in the text of a base to where the base is named.
pub(crate) fn bring_home(compiled: &mut crate::Compiled) {
    let Some(model) = compiled.models.first().map(|model| &model.ast) else { return };
    let Some(base) = &model.base else { return };
    for found in &mut compiled.diagnostics {
        if !contains(model.body, found.span) {
            let line = found.span.first.start().line;
            found.notes.push(format!("in line {line} of the file that `{}` is in", base.name));
            found.span = base.name.span().into();
        }
    }
}

/// Says of findings in the text of a base which model they are found in.
pub(crate) fn located(model: &Model, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let Some(base) = &model.base else { return found };
    let note = |mut one: Diagnostic| {
        if !contains(model.body, one.span) {
            let model = &model.name;
            one.notes.push(format!("found in `{model}`, which is based on `{}`", base.name));
            if one.code.0.starts_with("unused_") {
                one.help.push(format!("in `{model}`, `remove …;` takes it away"));
            }
        }
        one
    };
    found.into_iter().map(note).collect()
}

/// Whether one range lies in another of the same file.
fn contains(outer: SpanRange, inner: SpanRange) -> bool {
    let end = |span: SpanRange| (span.last.end().line, span.last.end().column);
    outer.position() <= inner.position()
        && end(inner) <= end(outer)
        && outer.first.file() == inner.first.file()
}
