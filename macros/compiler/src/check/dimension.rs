//! Dimensions: finds terms that do not fit, and inserts the factors that make units fit.
//!
//! What is expected of an expression is passed down, so that the error is under the term that is
//! wrong, not under the operator that noticed. Units of one dimension but another scale are
//! converted by a constant factor: in sums at each term, in equations at the factor on the left,
//! where it costs nothing per step.

use std::collections::HashSet;

use crate::collections::Id;
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::eval::Constants;
use crate::model::{
    Arith, Bound, Condition, Declared, Equation, Expr, ExprKind, Law, Model, Symbol,
};
use crate::rules::dimension_mismatch::{DimensionMismatch, Expectation};
use crate::rules::dimension_of_function::DimensionOfFunction;
use crate::span::SpanRange;
use crate::unit::Unit;
use crate::unit::ratio::Ratio;

use super::describe::describe;

/// A model being converted to one in which numbers can be added as they stand.
pub(super) struct Conversion<'a> {
    units: Units<'a>,
    /// The model so far.
    pub(super) converted: Model,
}

impl<'a> Conversion<'a> {
    pub(super) fn new(model: &'a Model, diags: &'a mut Diagnostics) -> Self {
        let auxiliaries = vec![None; model.auxiliaries.len()];
        Self {
            converted: model.clone(),
            units: Units {
                model,
                constants: Constants::of(model),
                auxiliaries,
                doubtful: HashSet::new(),
                diags,
            },
        }
    }

    /// Constants, defaults and limits; whether all of them fit.
    pub(super) fn values(&mut self) -> bool {
        let Self { units, converted } = self;
        if !converted.has_units {
            return true;
        }
        let found_before = units.diags.count();
        for constant in converted.constants.values_mut() {
            units.assign(&mut constant.value, &constant.declared);
        }
        for param in converted.params.values_mut() {
            units.assign(&mut param.default, &param.declared);
            units.limits(&mut param.bounds, &param.declared);
        }
        for input in converted.inputs.values_mut() {
            if let Some(default) = &mut input.default {
                units.assign(default, &input.declared);
            }
        }
        for state in converted.states.values_mut() {
            units.limits(&mut state.bounds, &state.declared);
        }
        units.diags.count() == found_before
    }

    /// Everything else: what is computed from them.
    pub(super) fn formulas(&mut self) {
        let Self { units, converted } = self;
        if !converted.has_units {
            return;
        }
        units.auxiliaries(converted);
        let time = Expectation::time(units.model.time_unit.clone());
        for delay in converted.delays.values_mut() {
            units.fit_into(&mut delay.delay, &time);
        }
        for noise in converted.noises.values_mut() {
            if let Law::Ou(correlation_time) = &mut noise.law {
                units.fit_into(correlation_time, &time);
            }
        }
        for state in converted.states.values_mut() {
            units.assign(&mut state.initial, &state.declared);
        }
        let ids: Vec<_> = converted.states.ids().collect();
        for (id, state) in ids.into_iter().zip(converted.states.values_mut()) {
            units.equation(&mut state.equation, Symbol::State(id), &state.declared.unit);
        }
    }

    /// Where problems go.
    pub(super) fn diagnostics(&mut self) -> &mut Diagnostics {
        self.units.diags
    }
}

/// What an expression measures.
#[derive(Clone, Debug)]
enum Measure {
    /// The literal 0, which fits anywhere.
    Zero,
    /// A known unit.
    In(Unit),
    /// A problem in it was reported already.
    Unknown,
}

struct Units<'a> {
    /// The model before conversion: declared units and values of exponents.
    model: &'a Model,
    constants: Constants,
    /// Units of the auxiliaries converted so far; `None` when a problem was reported.
    auxiliaries: Vec<Option<Unit>>,
    /// Names declared without the unit that their value has.
    doubtful: HashSet<String>,
    diags: &'a mut Diagnostics,
}

impl Units<'_> {
    fn auxiliaries(&mut self, converted: &mut Model) {
        for id in &self.model.auxiliary_order {
            let auxiliary = &mut converted.auxiliaries[*id];
            let name = auxiliary.declared.name.text.clone();
            let unit = if auxiliary.unit_is_declared {
                let unit = auxiliary.declared.unit.clone();
                self.assign_checked(&mut auxiliary.expr, &unit, &name);
                Some(unit)
            } else {
                match self.infer(&mut auxiliary.expr, None) {
                    Measure::In(unit) if unit.is_dimensionless() => {
                        rescale(&mut auxiliary.expr, &unit, &Unit::one());
                        Some(Unit::one())
                    }
                    Measure::In(unit) => Some(unit),
                    Measure::Zero => Some(Unit::one()),
                    Measure::Unknown => None,
                }
            };
            auxiliary.declared.unit = unit.clone().unwrap_or_else(Unit::one);
            self.auxiliaries[id.index()] = unit;
        }
    }

    /// A value given to a declared symbol. Bare numbers are in the symbol's own unit.
    fn assign(&mut self, value: &mut Expr, symbol: &Declared) {
        if is_bare(value) {
            return;
        }
        let found_before = self.diags.count();
        self.assign_checked(value, &symbol.unit, &symbol.name.text);
        // `param tau = 10 ms` lacks its unit: one error is enough, whatever it is used for.
        if self.diags.count() > found_before && symbol.unit == Unit::one() {
            self.doubtful.insert(symbol.name.text.clone());
        }
    }

    /// What an error about its unit was reported of, at its declaration.
    fn is_doubtful(&self, symbol: Symbol) -> bool {
        !self.doubtful.is_empty() && self.doubtful.contains(self.model.symbol_name(symbol))
    }

    /// The limits of a `where` clause.
    fn limits(&mut self, bounds: &mut [Bound], symbol: &Declared) {
        for bound in bounds {
            self.assign(&mut bound.limit, symbol);
        }
    }

    fn assign_checked(&mut self, value: &mut Expr, unit: &Unit, name: &str) {
        self.fit_into(value, &Expectation::declared(unit.clone(), name));
    }

    fn fit_into(&mut self, value: &mut Expr, expectation: &Expectation) {
        let measure = self.infer(value, Some(expectation));
        self.fit(value, &measure, expectation);
    }

    /// Converts an expression to the expected unit, or reports that it cannot be.
    fn fit(&mut self, expr: &mut Expr, measure: &Measure, expected: &Expectation) {
        let Measure::In(unit) = measure else { return };
        if unit.dimension == expected.unit.dimension {
            rescale(expr, unit, &expected.unit);
        } else {
            self.mismatch(expr, unit, expected);
        }
    }

    fn mismatch(&mut self, expr: &Expr, unit: &Unit, expected: &Expectation) {
        let number = match &expr.kind {
            ExprKind::Number(value, _) => Some(*value),
            ExprKind::Neg(inner) => match inner.kind {
                ExprKind::Number(value, _) => Some(-value),
                _ => None,
            },
            _ => None,
        };
        self.diags.push(DimensionMismatch {
            span: expr.span,
            term: describe(self.model, expr),
            number,
            found: unit.clone(),
            expected: expected.clone(),
        });
    }

    /// `factor dX/dt = right`: the scale that is left over goes to the factor.
    fn equation(&mut self, equation: &mut Equation, of: Symbol, state: &Unit) {
        if self.is_doubtful(of) {
            return;
        }
        let derivative = state.over(&self.model.time_unit);
        let factor = match &mut equation.factor {
            None => Unit::one(),
            Some(factor) => match self.infer(factor, None) {
                Measure::In(unit) => unit,
                Measure::Zero => Unit::one(),
                Measure::Unknown => return,
            },
        };
        let left = factor.times(&derivative);
        let expected = Expectation::left_side(
            left.clone(),
            &equation.left_text,
            state,
            equation.factor.is_some(),
        );
        match self.infer(&mut equation.right, Some(&expected)) {
            Measure::In(unit) if unit.dimension == left.dimension => match &mut equation.factor {
                Some(factor) => rescale(factor, &left, &unit),
                None => rescale(&mut equation.right, &unit, &left),
            },
            Measure::In(unit) => self.mismatch(&equation.right, &unit, &expected),
            Measure::Zero | Measure::Unknown => {}
        }
    }

    /// The unit of an expression, converting inside it where its own parts need it.
    fn infer(&mut self, expr: &mut Expr, expected: Option<&Expectation>) -> Measure {
        match &mut expr.kind {
            ExprKind::Number(value, None) if *value == 0.0 => Measure::Zero,
            ExprKind::Number(_, unit) => Measure::In(unit.clone().unwrap_or_else(Unit::one)),
            ExprKind::Symbol(symbol) => self.symbol(*symbol),
            ExprKind::Delayed { source, .. } => self.past(*source, expr.span),
            ExprKind::Neg(_) | ExprKind::Arith(Arith::Add | Arith::Sub, ..) => {
                let mut terms = Vec::new();
                collect_terms(expr, &mut terms);
                self.alike(&mut terms, expected)
            }
            ExprKind::Arith(op, left, right) => {
                let op = *op;
                match (self.infer(left, None), self.infer(right, None)) {
                    (Measure::Unknown, _) | (_, Measure::Unknown) => Measure::Unknown,
                    (Measure::Zero, _) => Measure::Zero,
                    (_, Measure::Zero) if op == Arith::Mul => Measure::Zero,
                    (left, right) if op == Arith::Mul => {
                        Measure::In(known(left).times(&known(right)))
                    }
                    (left, right) => Measure::In(known(left).over(&known(right))),
                }
            }
            ExprKind::Pow(base, exponent) => self.power(base, exponent),
            ExprKind::Call(builtin, arguments) => self.call(builtin, arguments, expected),
            ExprKind::If(condition, then, otherwise) => {
                self.condition(condition);
                self.alike(&mut [&mut **then, &mut **otherwise], expected)
            }
        }
    }

    fn symbol(&self, symbol: Symbol) -> Measure {
        match symbol {
            _ if self.is_doubtful(symbol) => Measure::Unknown,
            Symbol::Time => Measure::In(self.model.time_unit.clone()),
            Symbol::Pi => Measure::In(Unit::one()),
            Symbol::Aux(id) => {
                self.auxiliaries[id.index()].clone().map_or(Measure::Unknown, Measure::In)
            }
            Symbol::Noise(id) => Measure::In(self.model.noises[id].declared.unit.clone()),
            Symbol::Const(id) => Measure::In(self.model.constants[id].declared.unit.clone()),
            Symbol::Param(id) => Measure::In(self.model.params[id].declared.unit.clone()),
            Symbol::Input(id) => Measure::In(self.model.inputs[id].declared.unit.clone()),
            Symbol::State(id) => Measure::In(self.model.states[id].declared.unit.clone()),
        }
    }

    /// A past value. The unit of an output that is read before it is known must be declared.
    fn past(&mut self, source: Symbol, span: SpanRange) -> Measure {
        match source {
            Symbol::Aux(id) if self.model.auxiliaries[id].unit_is_declared => {
                Measure::In(self.model.auxiliaries[id].declared.unit.clone())
            }
            Symbol::Aux(id) if self.auxiliaries[id.index()].is_none() => {
                let name = self.model.symbol_name(source);
                let message = format!("the unit of `{name}` is not known here");
                let help = format!("declare it: `output {name}: … = …;`");
                let found = Diagnostic::new(DimensionMismatch::CODE, span, message);
                self.diags.push(found.help(help));
                Measure::Unknown
            }
            _ => self.symbol(source),
        }
    }

    /// Expressions that must have one dimension: terms of a sum, sides of a comparison, branches.
    fn alike(&mut self, terms: &mut [&mut Expr], expected: Option<&Expectation>) -> Measure {
        let measures: Vec<_> = terms.iter_mut().map(|term| self.infer(term, expected)).collect();
        let known = terms.iter().zip(&measures);
        let known: Vec<(&Expr, &Unit)> =
            known.filter_map(|(term, measure)| Some((&**term, in_unit(measure)?))).collect();
        let Some(target) = target(self.model, &known, expected) else {
            let unknown = measures.iter().any(|measure| matches!(measure, Measure::Unknown));
            return if unknown { Measure::Unknown } else { Measure::Zero };
        };
        let mut fits = !measures.iter().any(|measure| matches!(measure, Measure::Unknown));
        for (term, measure) in terms.iter_mut().zip(&measures) {
            let Measure::In(unit) = measure else { continue };
            fits &= unit.dimension == target.unit.dimension;
            self.fit(term, measure, &target);
        }
        if fits { Measure::In(target.unit) } else { Measure::Unknown }
    }

    fn power(&mut self, base: &mut Expr, exponent: &mut Expr) -> Measure {
        let value = self.constants.value(exponent).ok().and_then(Ratio::from_f64);
        self.pure(exponent, "an exponent");
        match (self.infer(base, None), value) {
            (Measure::Unknown, _) => Measure::Unknown,
            (Measure::Zero, _) => Measure::Zero,
            (Measure::In(unit), _) if unit.is_dimensionless() => {
                rescale(base, &unit, &Unit::one());
                Measure::In(Unit::one())
            }
            (Measure::In(unit), Some(exponent)) => Measure::In(unit.power(exponent)),
            (Measure::In(unit), None) => {
                self.diags.push(DimensionOfFunction {
                    span: base.span,
                    of: "the base of a power whose exponent is no small fraction".to_owned(),
                    term: describe(self.model, base),
                    found: unit,
                });
                Measure::Unknown
            }
        }
    }

    fn call(
        &mut self,
        builtin: &crate::builtins::Builtin,
        arguments: &mut [Expr],
        expected: Option<&Expectation>,
    ) -> Measure {
        use crate::builtins::DimensionRule;
        match builtin.dimension {
            DimensionRule::Same => {
                let mut terms: Vec<&mut Expr> = arguments.iter_mut().collect();
                self.alike(&mut terms, expected)
            }
            DimensionRule::Root => match self.infer(&mut arguments[0], None) {
                Measure::In(unit) => Measure::In(unit.power(Ratio::new(1, 2).expect("2 is not 0"))),
                other => other,
            },
            DimensionRule::Forget => {
                for argument in arguments {
                    self.infer(argument, None);
                }
                Measure::In(Unit::one())
            }
            DimensionRule::Pure => {
                for argument in arguments {
                    self.pure(argument, &format!("the argument of `{}`", builtin.name));
                }
                Measure::In(Unit::one())
            }
        }
    }

    /// An argument that must be a pure number.
    fn pure(&mut self, argument: &mut Expr, of: &str) {
        let Measure::In(unit) = self.infer(argument, None) else { return };
        if unit.is_dimensionless() {
            rescale(argument, &unit, &Unit::one());
        } else {
            self.diags.push(DimensionOfFunction {
                span: argument.span,
                of: of.to_owned(),
                term: describe(self.model, argument),
                found: unit,
            });
        }
    }

    fn condition(&mut self, condition: &mut Condition) {
        match condition {
            Condition::Compare(_, left, right) => {
                self.alike(&mut [left, right], None);
            }
            Condition::And(left, right) | Condition::Or(left, right) => {
                self.condition(left);
                self.condition(right);
            }
            Condition::Not(inner) => self.condition(inner),
        }
    }
}

/// What terms are measured against: what is expected, if one of them agrees with it or if they
/// disagree among themselves; else what most of them are in.
fn target(
    model: &Model,
    terms: &[(&Expr, &Unit)],
    expected: Option<&Expectation>,
) -> Option<Expectation> {
    let agreeing =
        |unit: &Unit| terms.iter().filter(|(_, other)| other.dimension == unit.dimension).count();
    // The first of those with most votes.
    let (term, majority) = *terms.iter().rev().max_by_key(|(_, unit)| agreeing(unit))?;
    if let Some(expected) = expected {
        let in_scale = terms.iter().find(|(_, unit)| unit.dimension == expected.unit.dimension);
        if let Some((_, unit)) = in_scale {
            // Its scale is settled where the sum ends up, so that the fewest terms are converted.
            return Some(expected.in_unit((*unit).clone()));
        }
        if agreeing(majority) < terms.len() {
            return Some(expected.clone());
        }
    }
    Some(Expectation::others(majority.clone(), &describe(model, term)))
}

/// The terms of a sum, signs left out.
fn collect_terms<'e>(expr: &'e mut Expr, into: &mut Vec<&'e mut Expr>) {
    let is_sum =
        matches!(expr.kind, ExprKind::Neg(_) | ExprKind::Arith(Arith::Add | Arith::Sub, ..));
    if !is_sum {
        return into.push(expr);
    }
    match &mut expr.kind {
        ExprKind::Neg(inner) => collect_terms(inner, into),
        ExprKind::Arith(_, left, right) => {
            collect_terms(left, into);
            collect_terms(right, into);
        }
        _ => {}
    }
}

/// Multiplies by the factor between two units of one dimension, if it is not 1.
fn rescale(expr: &mut Expr, from: &Unit, to: &Unit) {
    if let Some(factor) = from.factor_to(to) {
        let placeholder = Expr { kind: ExprKind::Number(0.0, None), span: expr.span };
        *expr = std::mem::replace(expr, placeholder).scaled_by(factor);
    }
}

fn in_unit(measure: &Measure) -> Option<&Unit> {
    match measure {
        Measure::In(unit) => Some(unit),
        Measure::Zero | Measure::Unknown => None,
    }
}

fn known(measure: Measure) -> Unit {
    match measure {
        Measure::In(unit) => unit,
        Measure::Zero | Measure::Unknown => Unit::one(),
    }
}

/// Whether an expression is made of bare numbers only.
fn is_bare(expr: &Expr) -> bool {
    let own = match &expr.kind {
        ExprKind::Number(_, unit) => unit.is_none(),
        ExprKind::Symbol(_) | ExprKind::Delayed { .. } => false,
        _ => true,
    };
    own && expr.children().into_iter().all(is_bare)
}
