//! `d2x/dt2 = …` → `dx/dt = dx_dt` and an equation for `dx_dt`, the velocity of `x`.

use super::resolve::has_units;
use crate::diag::Diagnostics;
use crate::levels::Levels;
use crate::name::Name;
use crate::rules::syntax::Syntax;
use crate::span::SpanRange;
use crate::syntax::ast::{
    BinaryOp, Declaration, Equation, Expr, ExprKind, Item, Kind, Model, Origin, Unit,
};
use crate::unit::ratio::Ratio;

/// AFTER: all equations are of first order, and no derivative stands in an expression.
pub(crate) fn expand(model: &mut Model, diags: &mut Diagnostics) {
    let time = Time::of(model);
    let velocities: Vec<(Name, Name)> = model.items.iter().filter_map(second_order).collect();
    for (state, velocity) in &velocities {
        match declaration(model, state) {
            Some(declared) => {
                let added = time.velocity(model, declared, velocity);
                // Behind its equation: of two equations for one state, the later one is wrong.
                let is_its =
                    |item: &Item| second_order(item).is_some_and(|(_, v)| v.text == velocity.text);
                let place = model.items.iter().position(is_its).map_or(0, |place| place + 1);
                model.items.splice(place..place, added);
            }
            None => blame_the_state(model, state, velocity),
        }
    }
    for item in &mut model.items {
        match item {
            Item::Equation(equation) => time.replace(&mut equation.right, &velocities, diags),
            Item::Function(function) => time.replace(&mut function.body, &velocities, diags),
            Item::Declaration(Declaration { value: Some(value), .. }) => {
                time.replace(value, &velocities, diags);
            }
            Item::Declaration(_) | Item::Time(_) | Item::Removal(_) => {}
        }
    }
}

/// The state and the velocity of an equation of second order.
fn second_order(item: &Item) -> Option<(Name, Name)> {
    match item {
        Item::Equation(Equation { origin: Origin::SecondOrder(of), state, .. }) => {
            Some((of.clone(), state.clone()))
        }
        _ => None,
    }
}

fn declaration<'a>(model: &'a Model, name: &Name) -> Option<&'a Declaration> {
    model.items.iter().find_map(|item| match item {
        Item::Declaration(declaration)
            if declaration.kind == Kind::State && declaration.name.text == name.text =>
        {
            Some(declaration)
        }
        _ => None,
    })
}

/// Without the state there is no velocity: the equation is taken for one of `x`, so that what is
/// missing is reported under its name.
fn blame_the_state(model: &mut Model, state: &Name, velocity: &Name) {
    for item in &mut model.items {
        if let Item::Equation(equation) = item
            && equation.state.text == velocity.text
            && matches!(equation.origin, Origin::SecondOrder(_))
        {
            equation.state = state.clone();
            equation.origin = Origin::Written;
        }
    }
}

/// What time is called and counted in.
struct Time {
    text: String,
    /// Nothing in a model without units.
    unit: Option<Unit>,
}

impl Time {
    fn of(model: &Model) -> Self {
        let declared = model.items.iter().find_map(|item| match item {
            Item::Time(time) => Some(time),
            _ => None,
        });
        let text = declared.map_or("t", |time| time.name.text.as_str()).to_owned();
        let span = SpanRange::from(model.name.span());
        let milliseconds = || {
            let symbol = Name::new(proc_macro2::Ident::new("ms", model.name.span()));
            Unit { factors: vec![(symbol, Ratio::ONE)], span }
        };
        let unit = declared.and_then(|time| time.unit.clone());
        let unit = has_units(model).then(|| unit.unwrap_or_else(milliseconds));
        Self { text, unit }
    }

    /// The equation that defines a velocity, and its declaration, unless the modeller declared it:
    /// with another initial value than 0, or a bound.
    fn velocity(&self, model: &Model, of: &Declaration, velocity: &Name) -> Vec<Item> {
        let span = SpanRange::from(velocity.span());
        let expr = |kind| Expr { kind, span, is_grouped: false, height: 0 };
        let time = Name { text: self.text.clone(), ident: velocity.ident.clone() };
        let equation = Equation {
            levels: of.levels.clone(),
            origin: Origin::Velocity,
            factor: None,
            state: Name { text: of.name.text.clone(), ident: velocity.ident.clone() },
            time,
            right: expr(ExprKind::Name(velocity.clone())),
        };
        let mut items = vec![Item::Equation(equation)];
        if declaration(model, velocity).is_none() {
            let zero = ExprKind::Number { value: 0.0, unit: None, is_apart: false };
            items.push(Item::Declaration(Declaration {
                kind: Kind::State,
                docs: vec![format!("The derivative of `{}`.", of.name)],
                levels: Levels::default(),
                name: velocity.clone(),
                unit: self.unit_of_velocity(of.unit.as_ref(), span),
                law: None,
                value: Some(expr(zero)),
                condition: None,
            }));
        }
        items
    }

    fn unit_of_velocity(&self, of: Option<&Unit>, span: SpanRange) -> Option<Unit> {
        let time = self.unit.as_ref()?;
        let mut factors = of.map(|unit| unit.factors.clone()).unwrap_or_default();
        factors.extend(time.factors.iter().map(|(symbol, e)| (symbol.clone(), -*e)));
        Some(Unit { factors, span })
    }

    /// Puts velocities in the place of `dx/dt`, which the parser reads as a quotient.
    fn replace(&self, expr: &mut Expr, velocities: &[(Name, Name)], diags: &mut Diagnostics) {
        if let Some((factor, derivative)) = self.derivative(expr) {
            let of = derivative.text.strip_prefix('d').unwrap_or_default();
            match velocities.iter().find(|(state, _)| state.text == of) {
                Some((_, velocity)) => {
                    *expr = velocity_for(expr, factor, &derivative, velocity);
                }
                None => {
                    diags.push(self.no_velocity(expr, &derivative));
                    *expr = Expr {
                        kind: ExprKind::Number { value: 0.0, unit: None, is_apart: false },
                        ..expr.clone()
                    };
                    return;
                }
            }
        }
        for child in expr.children_mut() {
            self.replace(child, velocities, diags);
        }
    }

    /// `dx` of `dx/dt`, and what it is multiplied by: `a*dx/dt` is read as `(a*dx)/dt`.
    fn derivative(&self, expr: &Expr) -> Option<(Factor, Name)> {
        let ExprKind::Binary { op: BinaryOp::Div, left, right, .. } = &expr.kind else {
            return None;
        };
        let below = |name: &Name| name.text.strip_prefix('d') == Some(&self.text);
        let ExprKind::Name(below_line) = &right.kind else { return None };
        if !below(below_line) || left.is_grouped {
            return None;
        }
        let differential = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) if name.text.starts_with('d') => Some(name.clone()),
            _ => None,
        };
        match &left.kind {
            ExprKind::Unary(op, inner) => Some((Factor::Sign(*op), differential(inner)?)),
            ExprKind::Binary { op: BinaryOp::Mul, right, .. } => {
                Some((Factor::Product, differential(right)?))
            }
            _ => Some((Factor::None, differential(left)?)),
        }
    }

    fn no_velocity(&self, expr: &Expr, derivative: &Name) -> Syntax {
        let of = derivative.text.strip_prefix('d').unwrap_or_default();
        let message = format!("`d{of}/d{}` stands in an expression", self.text);
        Syntax::new(expr.span, message).help(format!(
            "this is for equations of second order, `d2{of}/d{}2 = …`; else name the right-hand \
             side of its equation with `let`",
            self.text
        ))
    }
}

/// What stands before `dx/dt`.
enum Factor {
    None,
    Sign(crate::syntax::ast::UnaryOp),
    Product,
}

/// The expression with the velocity for the derivative.
fn velocity_for(expr: &Expr, factor: Factor, derivative: &Name, velocity: &Name) -> Expr {
    let ExprKind::Binary { left, .. } = &expr.kind else { return expr.clone() };
    let name = Name { text: velocity.text.clone(), ident: derivative.ident.clone() };
    let place = SpanRange::from(derivative.span()).to(expr.span);
    let new = Expr { kind: ExprKind::Name(name), span: place, is_grouped: false, height: 0 };
    let kind = match (factor, left.kind.clone()) {
        (Factor::Sign(op), _) => ExprKind::Unary(op, new.into()),
        (Factor::Product, ExprKind::Binary { op, op_span, left, .. }) => {
            ExprKind::Binary { op, op_span, left, right: new.into() }
        }
        _ => return Expr { is_grouped: expr.is_grouped, ..new },
    };
    Expr { kind, ..expr.clone() }
}
