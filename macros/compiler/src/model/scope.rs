//! The names of a model and what they stand for.

use std::collections::{HashMap, HashSet};

use super::Symbol;
use crate::collections::Id;
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::confusable_names::{ConfusableNames, skeleton};
use crate::rules::duplicate_name::DuplicateName;
use crate::rules::reserved_name::{self, ReservedName};
use crate::syntax::ast::{Declaration, Function, Item, Kind, Model};

/// A declared name.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) symbol: Symbol,
}

impl<'a> Entry<'a> {
    pub(super) fn name(&self) -> &'a Name {
        &self.declaration.name
    }
}

/// All names of one model, in the order declared; a name declared twice counts once.
pub(super) struct Scope<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    by_text: HashMap<String, usize>,
    functions: HashMap<String, &'a Function>,
    by_ascii: HashMap<String, usize>,
    by_look: HashMap<String, usize>,
    /// How many of each kind there are; `let` and `output` are counted together.
    counts: HashMap<&'static str, usize>,
    /// Names declared twice: what is said about them elsewhere would only confuse.
    disputed: HashSet<String>,
    /// What the model removes from its base.
    removed: &'a [Name],
    /// What time is called; nothing, when the model calls something else `t`.
    pub(super) time: Option<String>,
}

impl<'a> Scope<'a> {
    /// Collects the declarations, reporting names used twice or not free to use.
    pub(super) fn new(model: &'a Model, diags: &mut Diagnostics) -> Self {
        let declared_time = model.items.iter().find_map(|item| match item {
            Item::Time(time) => Some(&time.name),
            _ => None,
        });
        let time = declared_time.map_or("t", |name| &name.text);
        let mut scope = Self {
            entries: Vec::new(),
            by_text: HashMap::new(),
            functions: HashMap::new(),
            by_ascii: HashMap::new(),
            by_look: HashMap::new(),
            counts: HashMap::new(),
            disputed: HashSet::new(),
            removed: &model.removed,
            time: Some(time.to_owned()),
        };
        for item in &model.items {
            let name = match item {
                Item::Declaration(declaration) => &declaration.name,
                Item::Function(function) => &function.name,
                Item::Time(_) | Item::Equation(_) | Item::Removal(_) => continue,
            };
            if let Some(reason) = reserved_name::reason(name, time, declared_time.is_some()) {
                diags.push(ReservedName { name: name.clone(), reason });
            }
            match item {
                Item::Declaration(declaration) => scope.insert(declaration, diags),
                Item::Function(function) => scope.insert_function(function, diags),
                Item::Time(_) | Item::Equation(_) | Item::Removal(_) => {}
            }
        }
        if declared_time.is_none() && scope.entry("t").is_some() {
            scope.time = None;
        }
        scope
    }

    fn insert(&mut self, declaration: &'a Declaration, diags: &mut Diagnostics) {
        let name = &declaration.name;
        if self.functions.contains_key(&name.text) {
            diags.push(DuplicateName::of_function(name));
            return;
        }
        let clash = self.by_text.get(&name.text).or_else(|| self.by_ascii.get(&name.ascii()));
        if let Some(index) = clash {
            let first = self.entries[*index].declaration;
            let first = (first.name.clone(), first.kind.article());
            self.disputed.extend([name.text.clone(), first.0.text.clone()]);
            diags.push(DuplicateName { second: name.clone(), first });
            return;
        }
        if let Some(index) = self.by_look.get(&skeleton(&name.text)) {
            let first = self.entries[*index].declaration.name.clone();
            diags.push(ConfusableNames { second: name.clone(), first });
        }
        let symbol = self.next_symbol(declaration.kind);
        self.by_look.insert(skeleton(&name.text), self.entries.len());
        self.by_text.insert(name.text.clone(), self.entries.len());
        self.by_ascii.insert(name.ascii(), self.entries.len());
        self.entries.push(Entry { declaration, symbol });
    }

    fn insert_function(&mut self, function: &'a Function, diags: &mut Diagnostics) {
        let name = &function.name;
        for (index, parameter) in function.parameters.iter().enumerate() {
            if function.parameters[..index].iter().any(|other| other.text == parameter.text) {
                diags.push(DuplicateName::parameter(parameter, name));
            }
        }
        if self.functions.contains_key(&name.text) {
            diags.push(DuplicateName::function(name));
        } else if self.by_text.contains_key(&name.text) {
            diags.push(DuplicateName::of_function(name));
        } else {
            self.functions.insert(name.text.clone(), function);
        }
    }

    /// The function of a name, if the model has one.
    pub(super) fn function(&self, text: &str) -> Option<&'a Function> {
        self.functions.get(text).copied()
    }

    /// The function of the model whose name is nearest to one that is none.
    pub(super) fn function_like(&self, text: &str) -> Option<String> {
        let mut known: Vec<&str> = self.functions.keys().map(String::as_str).collect();
        known.sort_unstable();
        crate::name::did_you_mean(text, known).map(str::to_owned)
    }

    /// The next free index of its kind.
    fn next_symbol(&mut self, kind: Kind) -> Symbol {
        let arena = if kind == Kind::Output { Kind::Let } else { kind };
        let next = self.counts.entry(arena.keyword()).or_default();
        let count = std::mem::replace(next, *next + 1);
        match kind {
            Kind::Const => Symbol::Const(Id::new(count)),
            Kind::Param => Symbol::Param(Id::new(count)),
            Kind::Input => Symbol::Input(Id::new(count)),
            Kind::State => Symbol::State(Id::new(count)),
            Kind::Let | Kind::Output => Symbol::Aux(Id::new(count)),
            Kind::Noise => Symbol::Noise(Id::new(count)),
        }
    }

    /// Whether a name is declared twice.
    pub(super) fn is_disputed(&self, text: &str) -> bool {
        self.disputed.contains(text)
    }

    /// The declaration of a name.
    pub(super) fn entry(&self, text: &str) -> Option<&Entry<'a>> {
        self.by_text.get(text).map(|index| &self.entries[*index])
    }

    /// What a name in an expression stands for.
    pub(super) fn symbol(&self, text: &str) -> Option<Symbol> {
        match self.entry(text) {
            Some(entry) => Some(entry.symbol),
            None if self.time.as_deref() == Some(text) => Some(Symbol::Time),
            None if text == "pi" => Some(Symbol::Pi),
            None => None,
        }
    }

    /// Where a name is removed that the base has.
    pub(super) fn removal(&self, text: &str) -> Option<&'a Name> {
        self.removed.iter().find(|name| name.text == text)
    }

    /// The declared name nearest to one that is not declared.
    pub(super) fn did_you_mean(&self, text: &str) -> Option<String> {
        let known = self.entries.iter().map(|entry| entry.name().text.as_str());
        crate::name::did_you_mean(text, known).map(str::to_owned)
    }
}
