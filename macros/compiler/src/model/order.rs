//! Order of evaluation of constants and auxiliaries, or the cycle that makes one impossible.

use super::{Arena, Declared, Expr, Model, Symbol};
use crate::collections::Id;
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::algebraic_loop::AlgebraicLoop;

/// Fills in `constant_order`, `auxiliary_order` and which auxiliaries are fixed by parameters.
pub(super) fn sort(model: &mut Model, diags: &mut Diagnostics) {
    let constant = |symbol| if let Symbol::Const(id) = symbol { Some(id) } else { None };
    let auxiliary = |symbol| if let Symbol::Aux(id) = symbol { Some(id) } else { None };
    model.constant_order =
        topological(&uses(&model.constants, |item| &item.value, constant), |cycle| {
            let cycle = names(&model.constants, cycle, |item| &item.declared);
            diags.push(AlgebraicLoop { cycle, is_constant: true });
        });
    model.auxiliary_order =
        topological(&uses(&model.auxiliaries, |item| &item.expr, auxiliary), |cycle| {
            let cycle = names(&model.auxiliaries, cycle, |item| &item.declared);
            diags.push(AlgebraicLoop { cycle, is_constant: false });
        });
    for id in model.auxiliary_order.clone() {
        model.auxiliaries[id].is_fixed = model.parameters_only(&model.auxiliaries[id].expr).is_ok();
    }
}

/// For each item, the items of the same kind that its expression names.
fn uses<I: Id, T>(
    items: &Arena<I, T>,
    expr: impl Fn(&T) -> &Expr,
    same_kind: impl Fn(Symbol) -> Option<I>,
) -> Vec<Vec<usize>> {
    let uses_of = |item| {
        let mut uses = Vec::new();
        expr(item).for_each_symbol(&mut |symbol, _| uses.extend(same_kind(symbol).map(I::index)));
        uses
    };
    items.values().map(uses_of).collect()
}

fn names<I: Id, T>(
    items: &Arena<I, T>,
    indices: &[usize],
    declared: impl Fn(&T) -> &Declared,
) -> Vec<Name> {
    indices.iter().map(|index| declared(&items[I::new(*index)]).name.clone()).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Depth-first search without recursion: long chains of `let` must not overflow the stack.
fn topological<I: Id>(uses: &[Vec<usize>], mut report: impl FnMut(&[usize])) -> Vec<I> {
    let mut marks = vec![Mark::New; uses.len()];
    let mut order = Vec::new();
    for root in 0..uses.len() {
        // Each entry of the path: an item and how many of its uses were followed.
        let mut path: Vec<(usize, usize)> = Vec::new();
        if marks[root] == Mark::New {
            marks[root] = Mark::Open;
            path.push((root, 0));
        }
        while let Some((item, followed)) = path.last_mut() {
            let (item, next) = (*item, uses[*item].get(*followed).copied());
            *followed += 1;
            match next {
                None => {
                    marks[item] = Mark::Done;
                    order.push(I::new(item));
                    path.pop();
                }
                Some(used) if marks[used] == Mark::New => {
                    marks[used] = Mark::Open;
                    path.push((used, 0));
                }
                Some(used) if marks[used] == Mark::Open => {
                    let start = path.iter().position(|(on_path, _)| *on_path == used);
                    let cycle = path[start.unwrap_or(0)..].iter().map(|(on_path, _)| *on_path);
                    report(&cycle.collect::<Vec<_>>());
                }
                Some(_) => {}
            }
        }
    }
    order
}
