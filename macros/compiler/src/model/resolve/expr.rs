//! Expressions: names and functions resolved, functions of the model put in place.

use super::Resolver;
use crate::builtins::{self, Builtin, DimensionRule};
use crate::model::{Arith, Condition, Delay, Expr, ExprKind, Symbol};
use crate::name::Name;
use crate::rules::delay_of_parameter::DelayOfParameter;
use crate::rules::recursive_function::RecursiveFunction;
use crate::rules::syntax::Syntax;
use crate::rules::unknown_function::UnknownFunction;
use crate::rules::unknown_name::UnknownName;
use crate::rules::wrong_arity::WrongArity;
use crate::syntax::ast::{self, BinaryOp, Item, Kind, UnaryOp};
use crate::unit::Unit;
use crate::unit::ratio::Ratio;

/// A function being put in place.
pub(super) struct Call {
    function: String,
    /// Its parameters and what they stand for; `None` where there was an error.
    bindings: Vec<(String, Option<Expr>)>,
}

/// Functions of functions grow exponentially: this many nodes are no model any more.
const MOST_INLINED: usize = 100_000;

impl<'a> Resolver<'a, '_> {
    /// A number-valued expression.
    pub(super) fn number(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let outer = self.expected.take();
        self.expected = match &expr.kind {
            ast::ExprKind::Name(_) | ast::ExprKind::Unary(..) | ast::ExprKind::If { .. } => {
                outer.clone()
            }
            ast::ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub, .. } => outer.clone(),
            ast::ExprKind::Call { function, .. } => {
                match builtins::find(&function.text).map(|builtin| builtin.dimension) {
                    Some(DimensionRule::Same) => outer.clone(),
                    Some(DimensionRule::Pure) => Some(Unit::one()),
                    _ => None,
                }
            }
            _ => None,
        };
        let resolved = self.expected_number(expr);
        self.expected = outer;
        resolved
    }

    fn expected_number(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let kind = match &expr.kind {
            ast::ExprKind::Number { value, unit: None, .. } => ExprKind::Number(*value, None),
            ast::ExprKind::Number { value, unit: Some(unit), is_apart } => {
                let ambiguous = is_apart.then(|| self.ambiguous_quantity(*value, unit)).flatten();
                if let Some(problem) = ambiguous {
                    self.diags.push(problem);
                    return None;
                }
                ExprKind::Number(*value, Some(self.unit(unit)?))
            }
            // An argument keeps its own place: what is wrong with it is wrong at the call.
            ast::ExprKind::Name(name) => match self.argument(name) {
                Some(argument) => return argument.clone(),
                None => ExprKind::Symbol(self.symbol(name)?),
            },
            ast::ExprKind::Unary(UnaryOp::Neg, inner) => ExprKind::Neg(self.number(inner)?.into()),
            ast::ExprKind::Binary {
                op: op @ (BinaryOp::Mul | BinaryOp::Div), left, right, ..
            } if self.is_quantity(left) && self.unit_factor(right).is_some() => {
                let unit = self.unit_factor(right)?;
                let right = Expr { kind: ExprKind::Number(1.0, Some(unit)), span: right.span };
                arithmetic(*op, self.number(left)?, right)
            }
            ast::ExprKind::Binary { op, left, right, .. } if op.power() > BinaryOp::Lt.power() => {
                let (left, right) = (self.number(left), self.number(right));
                arithmetic(*op, left?, right?)
            }
            ast::ExprKind::Call { function, arguments } => self.call(function, arguments)?,
            ast::ExprKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                let (then, otherwise) = (self.number(then), self.number(otherwise));
                ExprKind::If(condition?.into(), then?.into(), otherwise?.into())
            }
            ast::ExprKind::Binary { .. } | ast::ExprKind::Unary(UnaryOp::Not, _) => {
                let problem = Syntax::new(expr.span, "expected a number, found a condition");
                self.diags.push(problem.help("write `if condition { 1 } else { 0 }`"));
                return None;
            }
        };
        Some(Expr { kind, span: expr.span })
    }

    /// Whether an expression ends in a quantity that a unit behind it belongs to: `2 Hz` in
    /// `2 Hz/pA` and `x*2 Hz/pA`. (Behind `/`, as in `x/2 Hz/pA`, both readings have their friends.)
    fn is_quantity(&self, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Number { unit, .. } => unit.is_some() && !expr.is_grouped,
            _ if expr.is_grouped => false,
            ast::ExprKind::Binary { op: BinaryOp::Mul, right, .. } if self.is_quantity(right) => {
                true
            }
            ast::ExprKind::Binary { op: BinaryOp::Mul | BinaryOp::Div, left, right, .. } => {
                self.is_quantity(left) && self.unit_factor(right).is_some()
            }
            _ => false,
        }
    }

    /// `pA` or `cm^2` behind a quantity, where the model has nothing of that name.
    fn unit_factor(&self, expr: &ast::Expr) -> Option<Unit> {
        match &expr.kind {
            _ if expr.is_grouped => None,
            ast::ExprKind::Name(name) => {
                let is_free = self.argument(name).is_none()
                    && self.scope.symbol(&name.text).is_none()
                    && !self.scope.is_disputed(&name.text);
                Unit::from_symbol(&name.text).filter(|_| is_free)
            }
            ast::ExprKind::Binary { op: BinaryOp::Pow, left, right, .. } => {
                Some(self.unit_factor(left)?.power(Ratio::from_f64(literal(right)?)?))
            }
            _ => None,
        }
    }

    /// A truth-valued expression.
    fn condition(&mut self, expr: &ast::Expr) -> Option<Condition> {
        self.expected = None;
        match &expr.kind {
            ast::ExprKind::Unary(UnaryOp::Not, inner) => {
                Some(Condition::Not(self.condition(inner)?.into()))
            }
            ast::ExprKind::Binary {
                op: op @ (BinaryOp::And | BinaryOp::Or), left, right, ..
            } => {
                let (left, right) = (self.condition(left), self.condition(right));
                let (left, right) = (left?.into(), right?.into());
                Some(match op {
                    BinaryOp::And => Condition::And(left, right),
                    _ => Condition::Or(left, right),
                })
            }
            ast::ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Condition::Compare(*op, left?.into(), right?.into()))
            }
            _ => {
                let problem = Syntax::new(expr.span, "expected a condition, found a number");
                self.diags.push(problem.help("write a comparison, as in `x > 0`"));
                None
            }
        }
    }

    /// `2 V`, where `V` is a unit, and a name of the model too: one forgot the `*`, or one did not.
    fn ambiguous_quantity(&self, value: f64, unit: &ast::Unit) -> Option<Syntax> {
        let (symbol, _) = unit.factors.first()?;
        let is_argument = self.argument(symbol).is_some();
        let declared = self.scope.entry(&symbol.text).map(|entry| entry.declaration.kind);
        let may_stand = |kind: &Kind| !self.is_fixed || matches!(kind, Kind::Param | Kind::Const);
        let declared = declared.filter(may_stand).map(Kind::article);
        let article = if is_argument { Some("an argument") } else { declared };
        let (article, _) = article.zip(Unit::from_symbol(&symbol.text))?;
        let message = format!("`{symbol}` is {article} here, and a unit: which is meant?");
        let help =
            format!("write `{value}*{symbol}` for the product, `{value}{symbol}` for the quantity");
        Some(Syntax::new(unit.span, message).help(help))
    }

    /// The argument that a name stands for in a function; `Some(None)` where that has an error.
    fn argument(&self, name: &Name) -> Option<&Option<Expr>> {
        let bindings = &self.calls.last()?.bindings;
        let bound = bindings.iter().find(|(parameter, _)| *parameter == name.text);
        bound.map(|(_, argument)| argument)
    }

    fn symbol(&mut self, name: &Name) -> Option<Symbol> {
        if self.scope.is_disputed(&name.text) {
            return None;
        }
        let symbol = self.scope.symbol(&name.text);
        if let (None, Some(removal)) = (symbol, self.scope.removal(&name.text)) {
            self.diags.push(UnknownName::of_removed(name, removal));
        } else if symbol.is_none() {
            let near = self.scope.did_you_mean(&name.text);
            let unit = self.has_units.then(|| self.expected.clone());
            let time = self.scope.time.clone();
            let found = UnknownName::value(name.clone(), near, unit, self.is_fixed);
            let is_function = self.scope.function(&name.text).is_some();
            self.diags.push(found.in_time(time).of_function(is_function));
        }
        symbol
    }

    fn call(&mut self, name: &Name, arguments: &[ast::Expr]) -> Option<ExprKind> {
        if let Some(function) = self.scope.function(&name.text) {
            return self.call_of(function, name, arguments);
        }
        if let (None, [argument]) = (builtins::find(&name.text), arguments)
            && let Some(ago) = self.time_ago(argument)
            && self.argument(name).is_none()
            && (self.scope.symbol(&name.text).is_some() || self.scope.is_disputed(&name.text))
        {
            return self.past(name, argument, &ago);
        }
        let builtin = self.builtin(name, arguments.len());
        // What other languages call `where` and its like takes conditions.
        let is_number = |argument: &&ast::Expr| builtin.is_some() || !is_condition(argument);
        let arguments = arguments.iter().filter(is_number);
        let resolved: Vec<_> = arguments.map(|argument| self.number(argument)).collect();
        let resolved = resolved.into_iter().collect::<Option<Vec<_>>>()?;
        let mut operands = resolved.into_iter();
        match (builtin?, operands.len()) {
            // One meaning, one node: powers have rules of their own.
            (builtin, 2) if builtin.name == "pow" => {
                let (base, exponent) = (operands.next()?, operands.next()?);
                Some(ExprKind::Pow(base.into(), exponent.into()))
            }
            (builtin, _) => Some(ExprKind::Call(builtin, operands.collect())),
        }
    }

    /// The terms of `d` in `t - d`, each with whether it is added to `d`; nothing if the expression
    /// is not of that form.
    fn time_ago<'e>(&self, argument: &'e ast::Expr) -> Option<Vec<(bool, &'e ast::Expr)>> {
        let time = self.scope.time.as_deref()?;
        let is_called = |name: &str| name == time || name == "t" && self.scope.entry("t").is_none();
        let mut terms = Vec::new();
        collect_terms(argument, true, &mut terms);
        let is_time = |(positive, term): &(bool, &ast::Expr)| {
            *positive && matches!(&term.kind, ast::ExprKind::Name(name) if is_called(&name.text))
        };
        let place = terms.iter().position(is_time)?;
        let time = match &terms[place].1.kind {
            ast::ExprKind::Name(name) => name.text.as_str(),
            _ => time,
        };
        if self.calls.last().is_some_and(|call| call.bindings.iter().any(|(name, _)| name == time))
        {
            return None;
        }
        terms.remove(place);
        Some(terms.into_iter().map(|(positive, term)| (!positive, term)).collect())
    }

    /// Reports `t`, where time is called something else.
    fn misnamed_time(&mut self, argument: &ast::Expr) {
        if let ast::ExprKind::Name(name) = &argument.kind {
            if name.text == "t" && self.scope.symbol("t").is_none() && self.argument(name).is_none()
            {
                self.symbol(name);
            }
            return;
        }
        if let ast::ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub, left, .. } =
            &argument.kind
        {
            self.misnamed_time(left);
        }
    }

    /// `x(t - d)`
    fn past(
        &mut self,
        name: &Name,
        argument: &ast::Expr,
        ago: &[(bool, &ast::Expr)],
    ) -> Option<ExprKind> {
        self.misnamed_time(argument);
        self.expected = Some(self.time_unit.clone());
        let terms: Vec<_> =
            ago.iter().map(|(added, term)| Some((*added, self.number(term)?))).collect();
        self.expected = None;
        let source = self.symbol(name)?;
        let is_output = self
            .scope
            .entry(&name.text)
            .is_some_and(|entry| matches!(entry.declaration.kind, Kind::State | Kind::Output));
        if !is_output {
            let kind = self.scope.entry(&name.text).map(|entry| entry.declaration.kind);
            self.diags.push(DelayOfParameter { name: name.clone(), kind });
            return None;
        }
        let terms = terms.into_iter().collect::<Option<Vec<_>>>()?;
        let Some(delay) = sum(terms) else { return Some(ExprKind::Symbol(source)) };
        if self.is_checking_functions {
            return Some(ExprKind::Symbol(source));
        }
        let id = self.delays.push(Delay { source, delay, text: format!("{name}({argument})") });
        Some(ExprKind::Delayed { id, source })
    }

    fn builtin(&mut self, function: &Name, found: usize) -> Option<&'static Builtin> {
        let Some(builtin) = builtins::find(&function.text) else {
            let (name, near) = (function.clone(), self.scope.function_like(&function.text));
            let declared = self.scope.entry(&name.text).map(|entry| entry.declaration.kind);
            self.diags.push(UnknownFunction { name, declared, near });
            return None;
        };
        let parameters = builtin.parameters.iter().copied().map(str::to_owned).collect();
        self.has_arity(function, parameters, builtin.doc.to_owned(), found).then_some(builtin)
    }

    /// A function of the model, put in place.
    fn call_of(
        &mut self,
        function: &'a ast::Function,
        name: &Name,
        arguments: &[ast::Expr],
    ) -> Option<ExprKind> {
        let parameters: Vec<_> = function.parameters.iter().map(|name| name.text.clone()).collect();
        let doc = function.docs.join(" ");
        let has_arity = self.has_arity(name, parameters.clone(), doc, arguments.len());
        let values: Vec<_> = arguments.iter().map(|argument| self.number(argument)).collect();
        let path = || self.calls.iter().map(|call| call.function.clone());
        if let Some(start) = path().position(|active| active == name.text) {
            if self.is_checking_functions {
                let path = path().skip(start).collect();
                self.diags.push(RecursiveFunction { call: name.clone(), path });
            }
            return None;
        }
        if !has_arity || self.faulty_functions.contains(&name.text) {
            return None;
        }
        self.inlined += values.iter().flatten().map(Expr::size).sum::<usize>();
        if self.inlined > MOST_INLINED {
            let problem =
                Syntax::new(name.span(), "functions of this model unfold to too many terms");
            self.diags.push(problem.help("name arguments that are used several times with `let`"));
            return None;
        }
        let bindings = parameters.into_iter().zip(values).collect();
        let body = self.in_call(Call { function: name.text.clone(), bindings }, function)?;
        self.inlined += body.size();
        Some(body.kind)
    }

    fn in_call(&mut self, call: Call, function: &'a ast::Function) -> Option<Expr> {
        self.calls.push(call);
        let body = self.number(&function.body);
        self.calls.pop();
        body
    }

    fn has_arity(
        &mut self,
        name: &Name,
        parameters: Vec<String>,
        doc: String,
        found: usize,
    ) -> bool {
        let fits = parameters.len() == found;
        if !fits {
            self.diags.push(WrongArity { function: name.clone(), parameters, doc, found });
        }
        fits
    }

    /// Checks each function by itself, so that its errors are reported once, called or not.
    pub(super) fn functions(&mut self, ast: &'a ast::Model) {
        self.is_checking_functions = true;
        for item in &ast.items {
            let Item::Function(function) = item else { continue };
            self.inlined = 0;
            let found_before = self.diags.count();
            let placeholder = |name: &Name| {
                let (kind, span) = (ExprKind::Number(0.0, None), name.span().into());
                (name.text.clone(), Some(Expr { kind, span }))
            };
            let bindings = function.parameters.iter().map(placeholder).collect();
            let call = Call { function: function.name.text.clone(), bindings };
            let body = self.in_call(call, function);
            if body.is_none() || self.diags.count() > found_before {
                self.faulty_functions.insert(function.name.text.clone());
            }
        }
        self.is_checking_functions = false;
        self.inlined = 0;
    }
}

fn is_condition(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ast::ExprKind::Unary(op, _) => *op == UnaryOp::Not,
        ast::ExprKind::Binary { op, .. } => op.power() <= BinaryOp::Lt.power(),
        _ => false,
    }
}

/// The value of an exponent of a unit: `2`, `-1`, `(1/2)`.
fn literal(expr: &ast::Expr) -> Option<f64> {
    match &expr.kind {
        ast::ExprKind::Number { value, unit: None, .. } => Some(*value),
        ast::ExprKind::Unary(UnaryOp::Neg, inner) => literal(inner).map(|value| -value),
        ast::ExprKind::Binary { op: BinaryOp::Div, left, right, .. } => {
            Some(literal(left)? / literal(right)?)
        }
        _ => None,
    }
}

/// The terms of a sum and whether each is added.
fn collect_terms<'e>(expr: &'e ast::Expr, positive: bool, into: &mut Vec<(bool, &'e ast::Expr)>) {
    match &expr.kind {
        ast::ExprKind::Binary { op: op @ (BinaryOp::Add | BinaryOp::Sub), left, right, .. } => {
            collect_terms(left, positive, into);
            collect_terms(right, positive == (*op == BinaryOp::Add), into);
        }
        _ => into.push((positive, expr)),
    }
}

/// The sum of terms, each added or subtracted; nothing of none.
fn sum(terms: Vec<(bool, Expr)>) -> Option<Expr> {
    let mut terms = terms.into_iter();
    let (added, first) = terms.next()?;
    let span = first.span;
    let first = if added { first } else { Expr { kind: ExprKind::Neg(first.into()), span } };
    Some(terms.fold(first, |sum, (added, term)| {
        let span = sum.span.to(term.span);
        let op = if added { Arith::Add } else { Arith::Sub };
        Expr { kind: ExprKind::Arith(op, sum.into(), term.into()), span }
    }))
}

fn arithmetic(op: BinaryOp, left: Expr, right: Expr) -> ExprKind {
    let (left, right) = (left.into(), right.into());
    match op {
        BinaryOp::Add => ExprKind::Arith(Arith::Add, left, right),
        BinaryOp::Sub => ExprKind::Arith(Arith::Sub, left, right),
        BinaryOp::Mul => ExprKind::Arith(Arith::Mul, left, right),
        BinaryOp::Div => ExprKind::Arith(Arith::Div, left, right),
        _ => ExprKind::Pow(left, right),
    }
}
