//! AST → [`Model`]: names, units and conditions resolved, equations matched to their states.

mod expr;

use std::collections::HashSet;

use expr::Call;

use super::scope::{Entry, Scope};
use super::{
    Auxiliary, Bound, Constant, Declared, Delay, DelayId, Equation, Input, Law, Model, Noise,
    Param, Sense, State, Symbol, order,
};
use crate::collections::Arena;
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::bad_bound::BadBound;
use crate::rules::dimension_mismatch::{DimensionMismatch, Expectation};
use crate::rules::duplicate_equation::DuplicateEquation;
use crate::rules::missing_default::MissingDefault;
use crate::rules::missing_equation::MissingEquation;
use crate::rules::noise_in_bound::NoiseInBound;
use crate::rules::not_a_state::NotAState;
use crate::rules::syntax::Syntax;
use crate::rules::unknown_name::UnknownName;
use crate::rules::unknown_unit::UnknownUnit;
use crate::syntax::ast::{self, BinaryOp, Declaration, Item, Kind};
use crate::unit::Unit;
use crate::unit::ratio::Ratio;

/// Resolves one model; `None` when something in it stands for nothing.
pub fn resolve(ast: &ast::Model, diags: &mut Diagnostics) -> Option<Model> {
    let found_before = diags.count();
    let scope = Scope::new(ast, diags);
    let mut resolver = Resolver {
        has_units: has_units(ast),
        time_unit: Unit::one(),
        scope,
        diags,
        equations: Vec::new(),
        is_fixed: false,
        expected: None,
        calls: Vec::new(),
        is_checking_functions: false,
        faulty_functions: HashSet::new(),
        inlined: 0,
        delays: Arena::default(),
    };
    let mut model = resolver.empty_model(ast);
    resolver.time_unit = model.time_unit.clone();
    resolver.functions(ast);
    for item in &ast.items {
        if let Item::Equation(equation) = item {
            resolver.equation(equation);
        }
    }
    for entry in resolver.scope.entries.clone() {
        resolver.declaration(&mut model, entry);
    }
    model.delays = std::mem::take(&mut resolver.delays);
    if diags.count() == found_before {
        order::sort(&mut model, diags);
    }
    (diags.count() == found_before).then_some(model)
}

/// Dimensions are checked as soon as one symbol or number has a unit.
pub(super) fn has_units(ast: &ast::Model) -> bool {
    fn quantity(expr: &ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Number { unit, .. } => unit.is_some(),
            _ => expr.children().into_iter().any(quantity),
        }
    }
    ast.items.iter().any(|item| match item {
        Item::Time(time) => time.unit.is_some(),
        Item::Declaration(declaration) => {
            let parts = [declaration.value.as_ref(), declaration.condition.as_ref()];
            let time = match declaration.law.as_ref().map(|law| &law.kind) {
                Some(ast::LawKind::Ou(time)) => Some(time),
                _ => None,
            };
            declaration.unit.is_some() || parts.into_iter().flatten().chain(time).any(quantity)
        }
        Item::Function(function) => quantity(&function.body),
        Item::Removal(_) => false,
        Item::Equation(equation) => {
            quantity(&equation.right) || equation.factor.as_ref().is_some_and(quantity)
        }
    })
}

struct Resolver<'a, 'd> {
    scope: Scope<'a>,
    has_units: bool,
    time_unit: Unit,
    diags: &'d mut Diagnostics,
    /// The equations read so far, each with its state; `None` when something in it is wrong.
    equations: Vec<(Symbol, Option<Equation>)>,
    /// Whether what is being resolved may depend on constants and parameters only.
    is_fixed: bool,
    /// The unit that what is being resolved must be in, where that is known: for advice only.
    expected: Option<Unit>,
    /// The functions that what is being resolved stands in, the innermost last.
    calls: Vec<Call>,
    /// Whether functions are being checked by themselves.
    is_checking_functions: bool,
    /// Functions with errors in them, which have been reported.
    faulty_functions: HashSet<String>,
    /// How many nodes calls have been replaced by.
    inlined: usize,
    /// The past values read so far.
    delays: Arena<DelayId, Delay>,
}

impl<'a> Resolver<'a, '_> {
    /// The model without its declarations.
    fn empty_model(&mut self, ast: &ast::Model) -> Model {
        let times = ast.items.iter().filter_map(|item| match item {
            Item::Time(time) => Some(time),
            _ => None,
        });
        let mut unit = if self.has_units { Unit::from_symbol("ms") } else { None };
        for (index, time) in times.enumerate() {
            if index > 0 {
                let problem = Syntax::new(time.name.span(), "time is declared twice");
                self.diags.push(problem.help("keep one of the `time` items"));
            }
            unit = time.unit.as_ref().and_then(|unit| self.time_unit(unit)).or(unit);
        }
        Model {
            docs: ast.docs.clone(),
            levels: ast.levels.clone(),
            name: ast.name.clone(),
            base: ast.base.as_ref().map(|base| base.name.text.clone()),
            has_units: self.has_units,
            time_name: self.scope.time.clone().unwrap_or_else(|| "t".to_owned()),
            time_unit: unit.unwrap_or_else(Unit::one),
            functions: ast.items.iter().filter_map(function_text).collect(),
            constants: Arena::default(),
            params: Arena::default(),
            inputs: Arena::default(),
            states: Arena::default(),
            auxiliaries: Arena::default(),
            noises: Arena::default(),
            delays: Arena::default(),
            constant_order: Vec::new(),
            auxiliary_order: Vec::new(),
        }
    }

    /// The unit of a `time` item, which must be one of time.
    fn time_unit(&mut self, written: &ast::Unit) -> Option<Unit> {
        let unit = self.unit(written)?;
        let seconds = Unit::from_symbol("s")?;
        if unit.dimension != seconds.dimension {
            let expected = Expectation::time(seconds);
            let (span, term) = (written.span, "time".to_owned());
            self.diags.push(DimensionMismatch { span, term, number: None, found: unit, expected });
            return None;
        }
        Some(unit)
    }

    /// Resolves an equation and files it under its state.
    fn equation(&mut self, equation: &ast::Equation) {
        self.check_time(equation);
        let factor = equation.factor.as_ref().map(|factor| self.number(factor));
        self.expected = self.left_unit(equation);
        let right = self.number(&equation.right);
        self.expected = None;
        let Some(state) = self.state_of(equation) else { return };
        let text = equation.to_string();
        let left_text = text.split_once(" = ").map_or("", |(left, _)| left).to_owned();
        let resolved = right.and_then(|right| {
            let factor = match factor {
                Some(factor) => Some(factor?),
                None => None,
            };
            let (levels, origin) = (equation.levels.clone(), equation.origin.clone());
            Some(Equation { levels, origin, factor, right, left_text, text })
        });
        self.equations.push((state, resolved));
    }

    /// The unit of the left side of an equation, if its factor is a single name or missing.
    fn left_unit(&self, equation: &ast::Equation) -> Option<Unit> {
        let factor = match equation.factor.as_ref().map(|factor| &factor.kind) {
            None => Unit::one(),
            Some(ast::ExprKind::Name(name)) => self.unit_of(&name.text)?,
            Some(_) => return None,
        };
        let state = self.unit_of(&equation.state.text)?;
        let left = factor.times(&state).over(&self.time_unit);
        // `s*Hz/ms` is better known as Hz.
        Some(if left.dimension == state.dimension { state } else { left })
    }

    /// The unit in which a name is declared, if all of it is known.
    fn unit_of(&self, text: &str) -> Option<Unit> {
        let Some(unit) = &self.scope.entry(text)?.declaration.unit else {
            return Some(Unit::one());
        };
        unit.factors.iter().try_fold(Unit::one(), |product, (symbol, exponent)| {
            Some(product.times(&Unit::from_symbol(&symbol.text)?.power(*exponent)))
        })
    }

    /// The state that an equation is for.
    fn state_of(&mut self, equation: &ast::Equation) -> Option<Symbol> {
        let name = &equation.state;
        if self.scope.is_disputed(&name.text) {
            return None;
        }
        match self.scope.entry(&name.text) {
            Some(Entry { symbol: symbol @ Symbol::State(_), .. }) => {
                let symbol = *symbol;
                let is_new = self.equations.iter().all(|(state, _)| *state != symbol);
                if !is_new {
                    self.diags.push(DuplicateEquation(name.clone()));
                }
                is_new.then_some(symbol)
            }
            Some(entry) => {
                let (kind, unit) = (entry.declaration.kind, entry.declaration.unit.as_ref());
                let unit = unit.map(ToString::to_string);
                self.diags.push(NotAState { name: name.clone(), kind, unit });
                None
            }
            None => {
                let near = self.scope.did_you_mean(&name.text);
                self.diags.push(UnknownName::state(name.clone(), near, self.has_units));
                None
            }
        }
    }

    fn check_time(&mut self, equation: &ast::Equation) {
        let expected = self.scope.time.as_deref().unwrap_or("t");
        if equation.time.text != expected {
            let written = &equation.time.ident;
            let message = format!("`{written}` is not the differential of time, `{expected}`");
            let second = format!("{expected}2");
            let state = &equation.state;
            let help = if equation.time.text == second {
                format!("write `d2{state}/d{second} = …` for an equation of second order")
            } else {
                format!("write `d{state}/d{expected} = …`")
            };
            self.diags.push(Syntax::new(written.span(), message).help(help));
        }
    }

    /// Resolves a declaration and files it under its kind.
    fn declaration(&mut self, model: &mut Model, entry: Entry<'a>) {
        let declaration = entry.declaration;
        let declared = self.declared(declaration);
        if let Some(law) = &declaration.law {
            if let Some(condition) = &declaration.condition {
                let noise = self.noise_in(condition).unwrap_or(declaration.name.clone());
                self.diags.push(NoiseInBound { noise });
            }
            return self.noise(model, declared, law);
        }
        self.is_fixed = !matches!(declaration.kind, Kind::Let | Kind::Output);
        let is_inferred = !self.is_fixed && declaration.unit.is_none();
        self.expected = (!is_inferred).then(|| declared.unit.clone());
        let bounds = self.bounds(declaration);
        let value = declaration.value.as_ref().map(|value| self.number(value));
        (self.is_fixed, self.expected) = (false, None);
        if value.is_none() && declaration.kind != Kind::Input {
            let (name, kind) = (declaration.name.clone(), declaration.kind);
            let unit = declaration.unit.as_ref().map_or(String::new(), |unit| format!(": {unit}"));
            let condition = declaration.condition.as_ref();
            let condition =
                condition.map_or(String::new(), |condition| format!(" where {condition}"));
            self.diags.push(MissingDefault { name, kind, unit, condition });
        }
        let equation = match declaration.kind {
            Kind::State => self.equation_of(entry),
            _ => None,
        };
        match (declaration.kind, value.flatten()) {
            (Kind::Input, default) => drop(model.inputs.push(Input { declared, default })),
            (Kind::Const, Some(value)) => drop(model.constants.push(Constant { declared, value })),
            (Kind::Param, Some(default)) => {
                model.params.push(Param { declared, default, bounds });
            }
            (Kind::State, Some(initial)) => {
                let Some(equation) = equation else { return };
                model.states.push(State { declared, initial, bounds, equation });
            }
            (kind @ (Kind::Let | Kind::Output), Some(expr)) => {
                model.auxiliaries.push(Auxiliary {
                    declared,
                    unit_is_declared: declaration.unit.is_some(),
                    is_output: kind == Kind::Output,
                    is_fixed: false,
                    expr,
                });
            }
            // Reported above; the model will not be used.
            (Kind::Noise, _) | (_, None) => {}
        }
    }

    /// A noise. White noise is in 1/√time, so that its product with √time is a pure number.
    fn noise(&mut self, model: &mut Model, mut declared: Declared, written: &ast::Law) {
        let law = match &written.kind {
            ast::LawKind::White => Law::White(Sense::Ito),
            ast::LawKind::WhiteStratonovich => Law::White(Sense::Stratonovich),
            ast::LawKind::PerStep => Law::PerStep,
            ast::LawKind::Ou(time) => {
                self.is_fixed = true;
                self.expected = Some(self.time_unit.clone());
                let time = self.number(time);
                (self.is_fixed, self.expected) = (false, None);
                let Some(time) = time else { return };
                Law::Ou(time)
            }
        };
        if let Law::White(_) = law {
            declared.unit = self.time_unit.power(Ratio::new(-1, 2).expect("2 is not 0"));
        }
        model.noises.push(Noise { declared, law, span: written.span });
    }

    fn declared(&mut self, declaration: &Declaration) -> Declared {
        let unit = declaration.unit.as_ref().and_then(|unit| self.unit(unit));
        Declared {
            name: declaration.name.clone(),
            docs: declaration.docs.clone(),
            levels: declaration.levels.clone(),
            unit: unit.unwrap_or_else(Unit::one),
            text: declaration.to_string(),
        }
    }

    /// The equation of a state, which it must have.
    fn equation_of(&mut self, entry: Entry<'a>) -> Option<Equation> {
        let found = self.equations.iter_mut().find(|(state, _)| *state == entry.symbol);
        if let Some((_, equation)) = found {
            return equation.take();
        }
        if !self.scope.is_disputed(&entry.name().text) {
            let time = self.scope.time.clone().unwrap_or_else(|| "t".to_owned());
            self.diags.push(MissingEquation { state: entry.name().clone(), time });
        }
        None
    }

    /// The unit that symbols stand for; reports every unknown one.
    fn unit(&mut self, unit: &ast::Unit) -> Option<Unit> {
        let mut product = Some(Unit::one());
        for (symbol, exponent) in &unit.factors {
            match Unit::from_symbol(&symbol.text) {
                Some(factor) => {
                    product = product.map(|product| product.times(&factor.power(*exponent)));
                }
                None => {
                    let declared = self.scope.entry(&symbol.text).is_some();
                    self.diags.push(UnknownUnit { symbol: symbol.clone(), declared });
                    product = None;
                }
            }
        }
        product
    }

    /// The comparisons of a `where` clause.
    fn bounds(&mut self, declaration: &Declaration) -> Vec<Bound> {
        let Some(condition) = &declaration.condition else { return Vec::new() };
        if !matches!(declaration.kind, Kind::Param | Kind::State) {
            self.diags.push(BadBound::not_bounded(&declaration.name, declaration.kind, condition));
            return Vec::new();
        }
        let mut bounds = Vec::new();
        self.collect_bounds(declaration, condition, &mut bounds);
        bounds
    }

    /// The first name of a noise in an expression.
    fn noise_in(&self, expr: &ast::Expr) -> Option<Name> {
        match &expr.kind {
            ast::ExprKind::Name(name) => {
                let symbol = self.scope.symbol(&name.text);
                matches!(symbol, Some(Symbol::Noise(_))).then(|| name.clone())
            }
            _ => expr.children().into_iter().find_map(|child| self.noise_in(child)),
        }
    }

    fn collect_bounds(&mut self, of: &Declaration, condition: &ast::Expr, into: &mut Vec<Bound>) {
        if let Some(noise) = self.noise_in(condition) {
            return self.diags.push(NoiseInBound { noise });
        }
        let ast::ExprKind::Binary { op, left, right, .. } = &condition.kind else {
            return self.diags.push(BadBound::not_a_comparison(&of.name, condition));
        };
        if *op == BinaryOp::And {
            self.collect_bounds(of, left, into);
            return self.collect_bounds(of, right, into);
        }
        let is_name = |expr: &ast::Expr| matches!(&expr.kind, ast::ExprKind::Name(name) if name.text == of.name.text);
        let (op, limit) = match (is_name(left), is_name(right)) {
            (true, false) => (*op, right),
            (false, true) => (mirrored(*op), left),
            _ => return self.diags.push(BadBound::not_a_comparison(&of.name, condition)),
        };
        if !matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge) {
            return self.diags.push(BadBound::not_a_comparison(&of.name, condition));
        }
        let text = format!("{} {} {limit}", of.name, op.symbol());
        into.extend(self.number(limit).map(|limit| Bound { op, limit, text }));
    }
}

fn function_text(item: &Item) -> Option<String> {
    match item {
        Item::Function(function) => Some(function.to_string()),
        _ => None,
    }
}

/// `a < x` is `x > a`.
fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        other => other,
    }
}
