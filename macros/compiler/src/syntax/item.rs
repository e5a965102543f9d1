//! Models and their items; an error in one item does not hide those in the next.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use super::ast::{self, Kind};
use super::cursor::Cursor;
use super::expr::{Parsed, expression, unexpected};
use super::unit::unit;
use crate::diag::Diagnostics;
use crate::name::Name;
use crate::rules::syntax::Syntax;

/// Words that begin an item.
pub(super) fn is_keyword(word: &str) -> bool {
    Kind::from_keyword(word).is_some() || matches!(word, "time" | "fn" | "noise")
}

/// What stands before a keyword.
#[derive(Default)]
struct Prefix {
    docs: Vec<String>,
    attributes: TokenStream,
}

/// One model; goes past it even when there is something wrong with it.
pub(super) fn model(cursor: &mut Cursor, diags: &mut Diagnostics) -> Option<ast::Model> {
    let result = header(cursor);
    if result.is_err() {
        // Nothing can be read until the next `model`.
        let begins_model =
            |cursor: &Cursor| cursor.is_word("model") && cursor.ident_at(1).is_some();
        while !cursor.at_end() && !begins_model(cursor) {
            cursor.next();
        }
    }
    let (prefix, visibility, name, body) = result.map_err(|problem| diags.push(problem)).ok()?;
    let items = items(Cursor::of_group(&body), diags);
    let Prefix { docs, attributes } = prefix;
    Some(ast::Model { docs, attributes, visibility, name, items })
}

fn header(cursor: &mut Cursor) -> Parsed<(Prefix, TokenStream, Name, Group)> {
    let prefix = prefix(cursor)?;
    let mut visibility = TokenStream::new();
    if let Some(public) = cursor.is_word("pub").then(|| cursor.next()).flatten() {
        visibility.extend([public]);
        if let Some(scope) = cursor.eat_group(Delimiter::Parenthesis) {
            visibility.extend([TokenTree::from(scope)]);
        }
    }
    if cursor.eat_word("model").is_none() {
        let found = cursor.found();
        let problem = Syntax::new(cursor.span(), format!("expected `model`, found {found}"));
        let at = problem.help("a model is written `model Name { … }`");
        cursor.next();
        return Err(at);
    }
    let name = cursor.eat_ident().ok_or_else(|| expected(cursor, "the name of the model"))?;
    let body = cursor.eat_group(Delimiter::Brace).ok_or_else(|| expected(cursor, "`{`"))?;
    Ok((prefix, visibility, Name::new(name), body))
}

fn expected(cursor: &Cursor, what: &str) -> Syntax {
    Syntax::new(cursor.span(), format!("expected {what}, found {}", cursor.found()))
}

/// Doc comments and other attributes.
fn prefix(cursor: &mut Cursor) -> Parsed<Prefix> {
    let mut prefix = Prefix::default();
    while cursor.eat_op("#").is_some() {
        let group =
            cursor.eat_group(Delimiter::Bracket).ok_or_else(|| expected(cursor, "`[…]`"))?;
        let mut inner = Cursor::of_group(&group);
        if inner.eat_word("doc").is_some() && inner.eat_op("=").is_some() {
            let text = inner.eat_literal().map(syn::Lit::new);
            if let Some(syn::Lit::Str(text)) = text {
                prefix.docs.push(text.value().trim().to_owned());
                continue;
            }
        }
        let stream = group.stream();
        prefix.attributes.extend(quote::quote!(#[#stream]));
    }
    Ok(prefix)
}

/// The items between the braces of a model, `;` by `;`.
fn items(mut body: Cursor, diags: &mut Diagnostics) -> Vec<ast::Item> {
    let mut items = Vec::new();
    while !body.at_end() {
        let Some(length) = body.find_op(";") else {
            let mut rest = body.split_off(usize::MAX);
            chunk(&mut rest, &mut items, diags);
            let problem = Syntax::new(rest.previous_span(), "expected `;` after this");
            diags.push(problem.help("every item ends with `;`"));
            break;
        };
        let mut tokens = body.split_off(length);
        body.skip_past_semicolon();
        chunk(&mut tokens, &mut items, diags);
    }
    items
}

/// What stands before one `;`: one item, or several when a `;` was forgotten between them.
fn chunk(tokens: &mut Cursor, items: &mut Vec<ast::Item>, diags: &mut Diagnostics) {
    while !tokens.at_end() {
        match item(tokens) {
            Ok(parsed) => items.extend(parsed),
            Err(problem) => return diags.push(problem),
        }
        if begins_item(tokens) {
            let problem = Syntax::new(tokens.previous_span(), "expected `;` after this");
            diags.push(problem.help("every item ends with `;`"));
        } else if !tokens.at_end() {
            return diags.push(unexpected(tokens));
        }
    }
}

/// Whether a keyword with what must follow it comes next.
fn begins_item(cursor: &Cursor) -> bool {
    let keyword = cursor.ident().is_some_and(|word| is_keyword(&word.to_string()));
    let follows = matches!(cursor.peek_at(1), Some(TokenTree::Ident(_) | TokenTree::Group(_)));
    keyword && follows || cursor.is_op("#")
}

fn item(cursor: &mut Cursor) -> Parsed<Vec<ast::Item>> {
    let prefix = prefix(cursor)?;
    if !begins_item(cursor) {
        return Ok(vec![ast::Item::Equation(equation(cursor)?)]);
    }
    let keyword = cursor.eat_ident().expect("an item begins with a word");
    match keyword.to_string().as_str() {
        "time" => Ok(vec![ast::Item::Time(time(cursor)?)]),
        word @ ("fn" | "noise") => Err(not_yet(word, keyword.span())),
        word => {
            let kind = Kind::from_keyword(word).expect("`begins_item` saw a keyword");
            let declared = match cursor.group(Delimiter::Parenthesis) {
                Some(_) => tuple(cursor, kind, &prefix)?,
                None => vec![declaration(cursor, kind, prefix)?],
            };
            Ok(declared.into_iter().map(ast::Item::Declaration).collect())
        }
    }
}

fn not_yet(word: &str, span: Span) -> Syntax {
    Syntax::new(span, format!("`{word}` is not supported by this version of rate_model"))
}

fn time(cursor: &mut Cursor) -> Parsed<ast::Time> {
    let name = name(cursor)?;
    let unit = unit_clause(cursor)?;
    Ok(ast::Time { name, unit })
}

fn name(cursor: &mut Cursor) -> Parsed<Name> {
    match cursor.eat_ident() {
        Some(ident) if ident != "_" => Ok(Name::new(ident)),
        _ => Err(expected(cursor, "a name")),
    }
}

fn unit_clause(cursor: &mut Cursor) -> Parsed<Option<ast::Unit>> {
    match cursor.eat_op(":") {
        Some(_) => unit(cursor).map(Some),
        None => Ok(None),
    }
}

/// What follows `param`, `state`, …: `name: unit = value where condition`.
fn declaration(cursor: &mut Cursor, kind: Kind, prefix: Prefix) -> Parsed<ast::Declaration> {
    let name = name(cursor)?;
    let unit = unit_clause(cursor)?;
    let value = match cursor.eat_op("=") {
        Some(_) => Some(expression(cursor)?),
        None => None,
    };
    let condition = match cursor.eat_word("where") {
        Some(_) => Some(expression(cursor)?),
        None => None,
    };
    Ok(ast::Declaration { kind, docs: prefix.docs, name, unit, value, condition })
}

/// `param (b, σ): unit = (0.3, 0.02)` declares each name on its own.
fn tuple(cursor: &mut Cursor, kind: Kind, prefix: &Prefix) -> Parsed<Vec<ast::Declaration>> {
    let mut names = list(cursor, name)?;
    let unit = unit_clause(cursor)?;
    if cursor.eat_op("=").is_none() {
        return Err(expected(cursor, "`=`"));
    }
    let values = match cursor.group(Delimiter::Parenthesis) {
        Some(group) => (list(cursor, expression)?, group.span()),
        None => return Err(expected(cursor, "as many values in parentheses")),
    };
    let (values, place) = values;
    if values.len() != names.len() {
        let counts = format!("{} names, but {} values", names.len(), values.len());
        return Err(Syntax::new(place, counts));
    }
    let declare = |(name, value)| ast::Declaration {
        kind,
        docs: prefix.docs.clone(),
        name,
        unit: unit.clone(),
        value: Some(value),
        condition: None,
    };
    Ok(names.drain(..).zip(values).map(declare).collect())
}

fn list<T>(cursor: &mut Cursor, element: fn(&mut Cursor) -> Parsed<T>) -> Parsed<Vec<T>> {
    let group = cursor.eat_group(Delimiter::Parenthesis).expect("the caller saw a parenthesis");
    let mut inner = Cursor::of_group(&group);
    let mut elements = Vec::new();
    while !inner.at_end() {
        elements.push(element(&mut inner)?);
        if !inner.at_end() && inner.eat_op(",").is_none() {
            return Err(unexpected(&inner));
        }
    }
    Ok(elements)
}

/// `factor dX/dt = expr`
fn equation(cursor: &mut Cursor) -> Parsed<ast::Equation> {
    let Some(length) = cursor.find_op("=") else { return Err(not_an_item(cursor)) };
    let left_tokens = cursor.split_off(length);
    let left = left_tokens.whole_span();
    let (factor, state, time) = left_side(left_tokens)?;
    cursor.eat_op("=");
    Ok(ast::Equation { factor, state, time, left, right: expression(cursor)? })
}

/// `factor dX/dt`: factor, state and time.
fn left_side(mut left: Cursor) -> Parsed<(Option<ast::Expr>, Name, Name)> {
    let whole = left.clone();
    let Some(length) = left.remaining().checked_sub(3) else { return Err(not_an_equation(&whole)) };
    let factor_tokens = left.split_off(length);
    let (state, time) = derivative(&mut left).ok_or_else(|| not_an_equation(&whole))?;
    let factor = if length == 0 { None } else { Some(factor(factor_tokens)?) };
    Ok((factor, state, time))
}

/// `dX/dt`: the names without their `d`.
fn derivative(cursor: &mut Cursor) -> Option<(Name, Name)> {
    let above = cursor.eat_ident()?;
    cursor.eat_op("/")?;
    let below = cursor.eat_ident()?;
    Some((without_d(Name::new(above))?, without_d(Name::new(below))?))
}

fn without_d(name: Name) -> Option<Name> {
    let text = name.text.strip_prefix('d').filter(|rest| !rest.is_empty())?.to_owned();
    Some(Name { text, ident: name.ident })
}

/// What stands before the derivative, with or without a `*` between.
fn factor(mut tokens: Cursor) -> Parsed<ast::Expr> {
    let length = tokens.remaining() - 1;
    let mut tokens = match tokens.op_at(length) {
        Some((op, _)) if op == "*" => tokens.split_off(length),
        _ => tokens,
    };
    let factor = expression(&mut tokens)?;
    if tokens.at_end() { Ok(factor) } else { Err(unexpected(&tokens)) }
}

fn not_an_equation(left: &Cursor) -> Syntax {
    let (written, span) = (left.text(), left.whole_span());
    if written.contains('·') {
        let help = format!(
            "write the product with an asterisk or a space: `{}`",
            written.replace('·', " ")
        );
        return Syntax::new(span, format!("`{written}` is one name to Rust")).help(help);
    }
    let problem =
        Syntax::new(span, format!("`{written} = …` is neither an equation nor a declaration"));
    match left.ident().filter(|_| left.peek_at(1).is_none()) {
        Some(name) => problem.help(format!(
            "write `d{name}/dt = …;` for an equation, `let {name} = …;` to name an expression, \
             `param {name} = …;` for a parameter"
        )),
        None => problem.help("the left side of an equation is `dx/dt`, `tau dx/dt` or `tau*dx/dt`"),
    }
}

fn not_an_item(cursor: &mut Cursor) -> Syntax {
    let problem = Syntax::new(cursor.span(), format!("expected an item, found {}", cursor.found()));
    let known = ["param", "state", "input", "let", "const", "output", "time"];
    let near = cursor.ident().and_then(|word| {
        crate::name::did_you_mean(&word.to_string(), known).filter(|_| cursor.ident_at(1).is_some())
    });
    match near {
        Some(keyword) => problem.help(format!("did you mean `{keyword}`?")),
        None => problem.help(
            "items are `param`, `state`, `input`, `let`, `output`, `const`, `time` and equations \
             `tau dx/dt = …`",
        ),
    }
}
