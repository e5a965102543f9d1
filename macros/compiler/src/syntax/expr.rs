//! Expressions: a Pratt parser over the precedences in [`ast::BinaryOp::ALL`].

use proc_macro2::{Delimiter, Literal, Span, TokenTree};

use super::ast::{self, BinaryOp, ExprKind, UnaryOp};
use super::cursor::Cursor;
use super::unit;
use crate::name::Name;
use crate::rules::syntax::Syntax;
use crate::span::SpanRange;

pub(super) type Parsed<T> = Result<T, Syntax>;

/// A whole expression; stops before whatever cannot continue it.
pub(super) fn expression(cursor: &mut Cursor) -> Parsed<ast::Expr> {
    binary(cursor, 0, 0)
}

/// An expression that must use up all tokens of its group.
fn enclosed(mut cursor: Cursor, depth: usize) -> Parsed<ast::Expr> {
    let expr = binary(&mut cursor, 0, depth)?;
    if cursor.at_end() { Ok(expr) } else { Err(unexpected(&cursor)) }
}

/// What stands where an expression should have gone on or ended.
pub(super) fn unexpected(cursor: &Cursor) -> Syntax {
    let problem = Syntax::new(cursor.span(), format!("unexpected {}", cursor.found()));
    let word = cursor.ident().map(ToString::to_string).unwrap_or_default();
    if let Some((_, help)) = HELP.iter().find(|(foreign, _)| *foreign == word) {
        return problem.help(*help);
    }
    let starts_operand = matches!(cursor.peek(), Some(TokenTree::Ident(_) | TokenTree::Literal(_)))
        || cursor.group(Delimiter::Parenthesis).is_some();
    if starts_operand {
        return problem.help("write `*` between factors, and `;` at the end of an item");
    }
    let op = cursor.op_at(0).map(|(op, _)| op).unwrap_or_default();
    match HELP.iter().find(|(foreign, _)| *foreign == op) {
        Some((_, help)) => problem.help(*help),
        None => problem,
    }
}

/// What to write instead of what other languages have.
const HELP: [(&str, &str); 13] = [
    (":", "units stand in declarations: `state r: Hz = 0;`"),
    (",", "end each item with `;`; values per unit are given to the population"),
    ("=", "an item holds one `=`; to compare write `==`"),
    ("?", "write `if c { a } else { b }`"),
    ("%", "there is no remainder; `%` is no unit: write 0.2 for 20 %"),
    ("and", "write `&&`"),
    ("or", "write `||`"),
    ("then", "write `if c { a } else { b }`"),
    ("elif", "write `else if`"),
    ("positive", "write a comparison: `where tau > 0`"),
    ("in", "write comparisons: `where 0 <= r <= 1`"),
    ("|", "write the absolute value as `abs(x)`"),
    (".", "functions are written before their argument: `exp(x)`, and powers `x^2`"),
];

/// A node over operands of at most the given height.
fn node(kind: ExprKind, span: SpanRange, operands: usize) -> Parsed<ast::Expr> {
    let height = operands + 1;
    if height > ast::MAX_HEIGHT {
        return Err(too_deep(span));
    }
    Ok(ast::Expr { kind, span, height, is_grouped: false })
}

fn too_deep(span: impl Into<SpanRange>) -> Syntax {
    Syntax::new(span, "this expression is nested too deeply").help("name parts of it with `let`")
}

fn operator(cursor: &Cursor) -> Option<BinaryOp> {
    let (text, _) = cursor.op_at(0)?;
    BinaryOp::ALL.into_iter().find(|(_, symbol, _)| *symbol == text).map(|(op, ..)| op)
}

fn binary(cursor: &mut Cursor, floor: u8, depth: usize) -> Parsed<ast::Expr> {
    let mut left = operand(cursor, depth + 1)?;
    while let Some(op) = operator(cursor).filter(|op| op.power() > floor) {
        let op_span = cursor.span();
        cursor.eat_op(op.symbol());
        if op == BinaryOp::Mul && cursor.is_op("*") {
            let both = SpanRange::from(op_span).to(cursor.span());
            let problem = Syntax::new(both, "`**` is not an operator of the model language");
            return Err(problem.help("write a power as `x^2`"));
        }
        // `^` is right-associative: its right side may hold another `^`.
        let floor = if op == BinaryOp::Pow { op.power() - 1 } else { op.power() };
        let right = binary(cursor, floor, depth + 1)?;
        let span = left.span.to(right.span);
        left = combine(op, op_span, left, right, span)?;
    }
    Ok(left)
}

/// Joins two operands; a chain `0 <= r <= 1` means `0 <= r && r <= 1`.
fn combine(
    op: BinaryOp,
    op_span: Span,
    left: ast::Expr,
    right: ast::Expr,
    span: SpanRange,
) -> Parsed<ast::Expr> {
    let chained = match &left.kind {
        ExprKind::Binary { op: BinaryOp::And, right: last, .. }
            if op.is_comparison() && !left.is_grouped =>
        {
            comparison_right(last)
        }
        _ if op.is_comparison() => comparison_right(&left),
        _ => None,
    };
    if let Some(middle) = chained {
        let second = combine(op, op_span, middle, right, span)?;
        return combine(BinaryOp::And, op_span, left, second, span);
    }
    let height = left.height.max(right.height);
    let kind = ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) };
    node(kind, span, height)
}

fn comparison_right(expr: &ast::Expr) -> Option<ast::Expr> {
    match &expr.kind {
        _ if expr.is_grouped => None,
        ExprKind::Binary { op, right, .. } if op.is_comparison() => Some((**right).clone()),
        _ => None,
    }
}

fn operand(cursor: &mut Cursor, depth: usize) -> Parsed<ast::Expr> {
    if depth > ast::MAX_HEIGHT {
        return Err(too_deep(cursor.span()));
    }
    let start = cursor.span();
    for (symbol, op) in [("-", UnaryOp::Neg), ("!", UnaryOp::Not)] {
        if cursor.eat_op(symbol).is_some() {
            let inner = binary(cursor, ast::UNARY_POWER, depth)?;
            let span = SpanRange::from(start).to(inner.span);
            let height = inner.height;
            return node(ExprKind::Unary(op, Box::new(inner)), span, height);
        }
    }
    if let Some(group) = cursor.eat_group(Delimiter::Parenthesis) {
        let inner = enclosed(Cursor::of_group(&group), depth)?;
        return Ok(ast::Expr { span: group.span().into(), is_grouped: true, ..inner });
    }
    if let Some(group) = cursor.eat_group(Delimiter::Bracket) {
        return rectified(cursor, &group, depth);
    }
    if cursor.is_word("if") {
        return conditional(cursor, depth);
    }
    if let Some(literal) = cursor.eat_literal() {
        return number(cursor, &literal);
    }
    match cursor.eat_ident() {
        Some(ident) => name_or_call(cursor, Name::new(ident), depth),
        None if cursor.is_op(".") => {
            let problem = Syntax::new(cursor.span(), "a number begins with a digit");
            Err(problem.help("write `0.5`, not `.5`"))
        }
        None => Err(Syntax::new(
            cursor.span(),
            format!("expected an expression, found {}", cursor.found()),
        )),
    }
}

fn name_or_call(cursor: &mut Cursor, name: Name, depth: usize) -> Parsed<ast::Expr> {
    if name.text.contains(['·', '\u{387}']) {
        let split = name.text.replace(['·', '\u{387}'], "*");
        let problem = Syntax::new(name.span(), format!("`{name}` is one name to Rust"));
        return Err(problem.help(format!("write the product with an asterisk: `{split}`")));
    }
    let span = SpanRange::from(name.span());
    let Some(group) = cursor.eat_group(Delimiter::Parenthesis) else {
        let argument = cursor.peek().filter(|token| begins_argument(token));
        if let (Some(argument), Some(_)) = (argument, crate::builtins::find(&name.text)) {
            let problem = Syntax::new(span.to(argument.span()), format!("`{name}` is a function"));
            return Err(problem.help(format!("write `{name}({argument})`")));
        }
        return node(ExprKind::Name(name), span, 0);
    };
    let arguments = arguments(Cursor::of_group(&group), depth)?;
    let height = arguments.iter().map(|argument| argument.height).max().unwrap_or(0);
    node(ExprKind::Call { function: name, arguments }, span.to(group.span()), height)
}

fn begins_argument(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => !is_clause(&word.to_string()),
        TokenTree::Literal(_) => true,
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    }
}

fn arguments(mut cursor: Cursor, depth: usize) -> Parsed<Vec<ast::Expr>> {
    let mut arguments = Vec::new();
    while !cursor.at_end() {
        arguments.push(binary(&mut cursor, 0, depth)?);
        if !cursor.at_end() && cursor.eat_op(",").is_none() {
            return Err(unexpected(&cursor));
        }
    }
    Ok(arguments)
}

/// `[x]_+`, the positive part, is a call of `relu`.
fn rectified(cursor: &mut Cursor, group: &proc_macro2::Group, depth: usize) -> Parsed<ast::Expr> {
    let inner = enclosed(Cursor::of_group(group), depth)?;
    let span = SpanRange::from(group.span());
    let written = cursor.eat_word("_").and_then(|_| cursor.eat_op("+"));
    let Some(end) = written else {
        let problem = Syntax::new(span, "square brackets stand only in `[x]_+`, the positive part");
        return Err(problem.help("write `[x]_+` or `relu(x)`; group with parentheses: `(x)`"));
    };
    let function = Name::new(proc_macro2::Ident::new("relu", group.span_open()));
    let height = inner.height;
    node(ExprKind::Call { function, arguments: vec![inner] }, span.to(end), height)
}

fn conditional(cursor: &mut Cursor, depth: usize) -> Parsed<ast::Expr> {
    let start = cursor.span();
    cursor.eat_word("if");
    let condition = binary(cursor, 0, depth)?;
    let then = branch(cursor, depth)?;
    if cursor.eat_word("else").is_none() {
        let problem = format!("expected `else`, found {}", cursor.found());
        let help = "an `if` is an expression: write `if c { a } else { b }`";
        return Err(Syntax::new(cursor.span(), problem).help(help));
    }
    let otherwise = match cursor.is_word("if") {
        true if depth > ast::MAX_HEIGHT => return Err(too_deep(cursor.span())),
        true => conditional(cursor, depth + 1)?,
        false => branch(cursor, depth)?,
    };
    let height = condition.height.max(then.height).max(otherwise.height);
    let span = SpanRange::from(start).to(cursor.previous_span());
    let (condition, then) = (Box::new(condition), Box::new(then));
    node(ExprKind::If { condition, then, otherwise: Box::new(otherwise) }, span, height)
}

fn branch(cursor: &mut Cursor, depth: usize) -> Parsed<ast::Expr> {
    match cursor.eat_group(Delimiter::Brace) {
        Some(group) => enclosed(Cursor::of_group(&group), depth),
        None => {
            let problem =
                Syntax::new(cursor.span(), format!("expected `{{`, found {}", cursor.found()));
            let word = cursor.ident().map(ToString::to_string).unwrap_or_default();
            Err(match (word.as_str(), cursor.is_op("=")) {
                ("and", _) => problem.help("write `&&`"),
                ("or", _) => problem.help("write `||`"),
                (_, true) => problem.help("to compare write `==`"),
                _ => problem.help("write `if c { a } else { b }`"),
            })
        }
    }
}

/// `5`, `5mV`, `5 mV`.
fn number(cursor: &mut Cursor, literal: &Literal) -> Parsed<ast::Expr> {
    let mut span = SpanRange::from(literal.span());
    let (value, suffix) = decimal(literal)?;
    let is_apart = suffix.is_none();
    let unit = match suffix {
        Some(suffix) => Some(unit::of_symbol(Name::new(suffix))),
        None if cursor.ident().is_some_and(|word| !is_clause(&word.to_string())) => {
            let symbol = cursor.eat_ident().expect("an identifier was just seen");
            span = span.to(symbol.span());
            Some(unit::of_symbol(Name::new(symbol)))
        }
        None => None,
    };
    node(ExprKind::Number { value, unit, is_apart }, span, 0)
}

/// Words that end an expression rather than name a unit.
fn is_clause(word: &str) -> bool {
    matches!(word, "where" | "else" | "and" | "or") || super::item::is_keyword(word)
}

/// The value of a decimal literal and its unit suffix, if it has one.
pub(super) fn decimal(literal: &Literal) -> Parsed<(f64, Option<proc_macro2::Ident>)> {
    let wrong = |text: &str| Err(Syntax::new(literal.span(), text));
    let text = literal.to_string();
    let (digits, suffix) = match syn::Lit::new(literal.clone()) {
        syn::Lit::Int(int) => (int.base10_digits().to_owned(), int.suffix().to_owned()),
        syn::Lit::Float(float) => (float.base10_digits().to_owned(), float.suffix().to_owned()),
        _ => return wrong("expected a decimal number"),
    };
    if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") {
        return wrong("numbers are decimal in the model language");
    }
    if matches!(suffix.as_str(), "f32" | "f64" | "i32" | "i64" | "u32" | "u64" | "usize") {
        return wrong("numbers are real in the model language: leave out the Rust type");
    }
    let Ok(value) = digits.parse::<f64>() else { return wrong("expected a decimal number") };
    if !value.is_finite() {
        return wrong("this number is too large for a 64-bit float");
    }
    let ident = |suffix: &str| {
        syn::parse_str::<proc_macro2::Ident>(suffix).map(|mut ident| {
            ident.set_span(literal.span());
            ident
        })
    };
    match suffix.as_str() {
        "" => Ok((value, None)),
        suffix => match ident(suffix.trim_start_matches('_')) {
            Ok(ident) => Ok((value, Some(ident))),
            Err(_) => wrong("expected a decimal number or a number with a unit"),
        },
    }
}
