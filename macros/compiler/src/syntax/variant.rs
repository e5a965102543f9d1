//! Models based on others: `model Adapting: ThresholdLinear { … }` has the items of its base but for
//! those that it replaces or removes.

use super::ast::{Declaration, Equation, Item, Kind, Model, Origin};
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::syntax::Syntax;
use crate::rules::unknown_name::UnknownName;

/// Adds to a model what it has from its base.
pub(crate) fn derive(model: &mut Model, base: &Model, diags: &mut Diagnostics) {
    let own = std::mem::take(&mut model.items);
    let (removals, own): (Vec<Item>, Vec<Item>) =
        own.into_iter().partition(|item| matches!(item, Item::Removal(_)));
    let removed: Vec<&Name> = removals.iter().flat_map(removed).collect();
    for name in &removed {
        if !base.items.iter().any(|item| declares(item, name)) {
            let declared = base.items.iter().filter_map(declared_name);
            let near = crate::name::did_you_mean(&name.text, declared.map(|name| &*name.text));
            diags.push(UnknownName::removed(name, near.map(str::to_owned), &base.name));
        }
    }
    let is_kept = |item: &&Item| {
        !removed.iter().any(|name| declares(item, name) || is_equation_of(item, name))
            && !own.iter().any(|new| replaces(new, item))
    };
    model.items = base.items.iter().filter(is_kept).cloned().collect();
    model.items.extend(own);
    model.layers = [base.layers.clone(), std::mem::take(&mut model.layers)].concat();
    let inherited = std::mem::take(&mut model.levels);
    model.levels = base.levels.clone().then(inherited);
    model.is_complete &= base.is_complete;
    model.removed = removed.into_iter().cloned().collect();
}

/// Reports what a model removes that is based on no other.
pub(crate) fn without_base(model: &Model, diags: &mut Diagnostics) {
    for name in model.items.iter().flat_map(removed) {
        let message =
            format!("`{}` is based on no other model: it has nothing to remove", model.name);
        let help = format!("leave out the item `{name}`, or write `model {}: Base`", model.name);
        diags.push(Syntax::new(name.span(), message).help(help));
    }
}

fn removed(item: &Item) -> &[Name] {
    match item {
        Item::Removal(names) => names,
        _ => &[],
    }
}

fn declared_name(item: &Item) -> Option<&Name> {
    match item {
        Item::Declaration(declaration) => Some(&declaration.name),
        Item::Function(function) => Some(&function.name),
        Item::Time(_) | Item::Equation(_) | Item::Removal(_) => None,
    }
}

fn declares(item: &Item, name: &Name) -> bool {
    declared_name(item).is_some_and(|declared| declared.text == name.text)
}

fn is_equation_of(item: &Item, name: &Name) -> bool {
    matches!(item, Item::Equation(equation) if subject(equation) == name.text)
}

/// The state that an equation was written for.
fn subject(equation: &Equation) -> &str {
    match &equation.origin {
        Origin::SecondOrder(of) => &of.text,
        Origin::Written | Origin::Velocity => &equation.state.text,
    }
}

/// Whether an item of a variant stands for one of its base.
fn replaces(new: &Item, old: &Item) -> bool {
    match (new, old) {
        (Item::Time(_), Item::Time(_)) => true,
        (Item::Equation(new), Item::Equation(old)) => subject(new) == subject(old),
        (Item::Function(new), Item::Function(old)) => new.name.text == old.name.text,
        (Item::Declaration(new), Item::Declaration(old)) => new.name.text == old.name.text,
        // What is no state any more has no equation.
        (Item::Declaration(Declaration { kind, name, .. }), Item::Equation(_)) => {
            *kind != Kind::State && is_equation_of(old, name)
        }
        _ => false,
    }
}
