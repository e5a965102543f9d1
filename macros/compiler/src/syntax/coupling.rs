//! Coupling functions: `coupling Kuramoto { … }`. They are read as models without states, in which
//! `source`, `target` and the sum over connections are inputs, `each` and `total` outputs.

use quote::format_ident;

use super::ast::{Declaration, Expr, ExprKind, Function, Item, Kind, Model};
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::syntax::Syntax;

/// What the parts of a coupling function are called.
#[derive(Clone, Debug, Default)]
pub struct Coupling {
    /// What a connection reads of the unit that it comes from.
    pub source: Option<Name>,
    /// What it reads of the unit that it goes to.
    pub target: Option<Name>,
    /// What each connection sends, before it is weighted.
    pub each: Option<Name>,
    /// What a unit receives, made of the weighted sum.
    pub total: Option<Name>,
    /// The weighted sum, as `total` reads it.
    pub sum: Option<Name>,
    /// Whether `each` depends on the unit that a connection goes to.
    pub is_pairwise: bool,
}

/// Words that begin items of coupling functions only, and the kind of what they declare.
const WORDS: [(&str, Kind); 4] = [
    ("source", Kind::Input),
    ("target", Kind::Input),
    ("each", Kind::Output),
    ("total", Kind::Output),
];

/// The kind of what such a word declares.
pub(super) fn kind(word: &str) -> Option<Kind> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

impl Coupling {
    /// Takes note of what a word declared; the name that it had declared before, if it had.
    pub(super) fn declare(&mut self, word: &str, name: &Name) -> Option<Name> {
        let part = self.part(word)?;
        if part.is_none() {
            *part = Some(name.clone());
            return None;
        }
        part.clone()
    }

    fn part(&mut self, word: &str) -> Option<&mut Option<Name>> {
        Some(match word {
            "source" => &mut self.source,
            "target" => &mut self.target,
            "each" => &mut self.each,
            "total" => &mut self.total,
            _ => return None,
        })
    }
}

/// Checks the parts of a coupling function against each other and makes `sum(…)` an input. Must
/// come when all items have been read.
pub(super) fn finish(model: &mut Model, diags: &mut Diagnostics) {
    let Some(mut coupling) = model.coupling.take() else { return };
    for item in &model.items {
        if let Some(problem) = misplaced(item, &coupling) {
            diags.push(problem);
        }
    }
    for (word, part) in
        [("source", &coupling.source), ("each", &coupling.each), ("total", &coupling.total)]
    {
        if part.is_none() && model.unread.is_empty() {
            let message = format!("the coupling function `{}` has no `{word}`", model.name);
            diags.push(Syntax::new(model.name.span(), message).help(HELP));
        }
    }
    if let (Some(source), Some(each), Some(total)) =
        (coupling.source.clone(), coupling.each.clone(), coupling.total.clone())
    {
        coupling.is_pairwise = match &coupling.target {
            Some(target) => reads(&model.items, &each, &target.text),
            None => false,
        };
        let sum = Name::new(format_ident!("sum_{}", each.ident));
        let is_right = sum_up(model, &each, &total, &sum, diags);
        for name in [&source, &each].into_iter().filter(|_| is_right) {
            if reads(&model.items, &total, &name.text) {
                let message = format!("`{name}` differs from connection to connection");
                let help = format!("`total` reads the sum over all connections, `sum({each})`");
                diags.push(Syntax::new(total.span(), message).help(help));
            }
        }
        coupling.sum = Some(sum);
    }
    model.coupling = Some(coupling);
}

const HELP: &str = "write `coupling Name { source x_j; each s = …; total I = …*sum(s); }`";

/// What cannot stand in a coupling function.
fn misplaced(item: &Item, coupling: &Coupling) -> Option<Syntax> {
    let parts = [&coupling.source, &coupling.target, &coupling.each, &coupling.total];
    let is_part = |name: &Name| {
        parts.iter().any(|part| part.as_ref().is_some_and(|part| part.text == name.text))
    };
    let (span, what) = match item {
        Item::Declaration(Declaration { kind, name, .. })
            if matches!(kind, Kind::State | Kind::Input | Kind::Output | Kind::Noise)
                && !is_part(name) =>
        {
            (name.span(), kind.article())
        }
        Item::Equation(equation) => (equation.state.span(), "an equation"),
        Item::Removal(names) => (names.first()?.span(), "`remove`"),
        _ => return None,
    };
    let help = "it has `source`, `target`, `each`, `total`, `param`, `const`, `let` and `fn`";
    Some(Syntax::new(span, format!("a coupling function cannot have {what}")).help(help))
}

/// Makes an input of `sum(each)`, which `total` must read, and no other sum; whether it does.
fn sum_up(
    model: &mut Model,
    each: &Name,
    total: &Name,
    sum: &Name,
    diags: &mut Diagnostics,
) -> bool {
    let is_own = |item: &Item| matches!(item, Item::Function(own) if own.name.text == "sum");
    let has_own_sum = model.items.iter().any(is_own);
    let declarations = model.items.iter_mut().filter_map(|item| match item {
        Item::Declaration(declaration) => Some(declaration),
        _ => None,
    });
    let (mut unit, mut found, mut levels) = (None, false, None);
    let mut misused = None;
    for declaration in declarations {
        if declaration.name.text == each.text {
            unit.clone_from(&declaration.unit);
            levels = Some(declaration.levels.clone());
        }
        if declaration.name.text == total.text
            && let Some(value) = &mut declaration.value
        {
            found = replace(value, each, sum);
            misused = sum_in(value).filter(|_| !has_own_sum);
        }
    }
    let is_right = found && misused.is_none();
    if let Some(name) = misused {
        let message = format!("`sum` is over what each connection sends, `{each}`");
        diags.push(Syntax::new(name.span(), message).help(format!("write `sum({each})`")));
    } else if !found {
        let message = format!("`{total}` reads no sum over connections");
        diags.push(Syntax::new(total.span(), message).help(format!("write `sum({each})` for it")));
    }
    model.items.push(Item::Declaration(Declaration {
        kind: Kind::Input,
        docs: vec![format!("The sum of `{each}` over all connections, each times its weight.")],
        levels: levels.unwrap_or_default(),
        name: sum.clone(),
        unit,
        law: None,
        value: None,
        condition: None,
    }));
    is_right
}

/// Puts the name of the sum in the place of `sum(each)`; whether it was there.
fn replace(expr: &mut Expr, each: &Name, sum: &Name) -> bool {
    let is_sum = match &expr.kind {
        ExprKind::Call { function, arguments } if function.text == "sum" => {
            matches!(&arguments[..], [Expr { kind: ExprKind::Name(name), .. }] if name.text == each.text)
        }
        _ => false,
    };
    if is_sum {
        expr.kind = ExprKind::Name(sum.clone());
        return true;
    }
    let mut found = false;
    for child in expr.children_mut() {
        found |= replace(child, each, sum);
    }
    found
}

/// The first call of `sum` in an expression.
fn sum_in(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Call { function, .. } if function.text == "sum" => Some(function.clone()),
        _ => expr.children().into_iter().find_map(sum_in),
    }
}

/// Whether what a name stands for depends on another name, by itself or through auxiliaries and
/// functions.
fn reads(items: &[Item], name: &Name, wanted: &str) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut pending: Vec<&str> = vec![&name.text];
    while let Some(next) = pending.pop() {
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        let body = items.iter().find_map(|item| match item {
            Item::Declaration(Declaration { kind, name, value, .. })
                if name.text == next && matches!(kind, Kind::Let | Kind::Output) =>
            {
                value.as_ref()
            }
            Item::Function(Function { name, body, .. }) if name.text == next => Some(body),
            _ => None,
        });
        if let Some(body) = body {
            names(body, &mut pending);
        }
        if pending.contains(&wanted) {
            return true;
        }
    }
    false
}

/// The names in an expression, called ones included.
fn names<'a>(expr: &'a Expr, into: &mut Vec<&'a str>) {
    match &expr.kind {
        ExprKind::Name(name) => into.push(&name.text),
        ExprKind::Call { function, .. } => into.push(&function.text),
        _ => {}
    }
    expr.children().into_iter().for_each(|child| names(child, into));
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn a_sound_one_has_nothing_to_say_to() {
        expect(
            "coupling Shunting {
                param gain = 2;
                source r_j: Hz;
                target r_i: Hz;
                fn squashed(x) = x/(1 Hz + abs(x));
                let mixed: Hz = r_j - 0.5*r_i;
                each s = squashed(mixed);
                total c: Hz = gain*sum(s)*r_i;
            }",
        );
    }

    #[test]
    fn parts_are_there_once() {
        expect(
            "coupling NoTotal {
         ^^^^^^^ syntax: the coupling function `NoTotal` has no `total`
                source x_j;
                source x_k;
                       ^^^ syntax: there is a `source` already, `x_j`
                each s = x_j;
            }",
        );
    }

    #[test]
    fn what_differs_between_connections_cannot_arrive() {
        expect(
            "coupling Mixed {
                source x_j;
                let y = 2*x_j;
                each s = y;
                total c = y + sum(s);
                      ^ syntax: `x_j` differs from connection to connection
            }",
        );
    }

    #[test]
    fn a_total_reads_the_sum() {
        expect(
            "coupling Deaf {
                source x_j;
                each s = x_j;
                total c = 2;
                      ^ syntax: `c` reads no sum over connections
            }",
        );
    }

    #[test]
    fn the_sum_is_over_what_is_sent() {
        expect(
            "coupling Wrong {
                source x_j;
                param a = 1;
                each s = x_j;
                total c = a + sum(2*s);
                              ^^^ syntax: `sum` is over what each connection sends, `s`; help: write `sum(s)`
            }",
        );
    }

    #[test]
    fn it_has_no_state() {
        expect(
            "coupling Alive {
                source x_j;
                each s = x_j;
                total c = sum(s);
                state z = 0;
                      ^ syntax: a coupling function cannot have a state
                dz/dt = -z;
                ^^ syntax: a coupling function cannot have an equation
            }",
        );
    }

    #[test]
    fn units_are_checked_as_in_models() {
        expect(
            "coupling Wrong {
                source r_j: Hz;
                param V: mV = 1;
                each s: Hz = r_j + V;
                                   ^ dimension_mismatch: `V` is in mV, expected Hz
                total c: Hz = sum(s);
            }",
        );
    }

    #[test]
    fn its_words_are_names_in_models() {
        expect(
            "model M {
                input source;
                param (each, total) = (1, 2);
                state target = 0;
                dtarget/dt = -target + each*source + total;
            }",
        );
    }
}
