//! Models and their items; an error in one item does not hide those in the next.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::ast::{self, Kind};
use super::coupling::{self, Coupling};
use super::cursor::Cursor;
use super::expr::{Parsed, expression, unexpected};
use super::unit::unit;
use crate::diag::Diagnostics;
use crate::levels::{Level, Levels};
use crate::name::Name;
use crate::rules::LINTS;
use crate::rules::syntax::Syntax;
use crate::span::SpanRange;

/// Words that begin an item.
pub(super) fn is_keyword(word: &str) -> bool {
    Kind::from_keyword(word).is_some() || matches!(word, "time" | "fn" | "remove")
}

/// What stands before a keyword.
#[derive(Default)]
struct Prefix {
    docs: Vec<String>,
    attributes: TokenStream,
    conditions: TokenStream,
    levels: Levels,
    /// The first attribute that is neither documentation nor the level of a lint.
    foreign: Option<SpanRange>,
}

/// One model; goes past it even when there is something wrong with it.
pub(super) fn model(cursor: &mut Cursor, diags: &mut Diagnostics) -> Option<ast::Model> {
    let start = cursor.clone();
    let (mut model, body) = match header(cursor) {
        Ok(header) => header,
        Err(problem) => {
            diags.push(problem);
            // The next model can only begin behind the body of this one.
            while !cursor.at_end() && cursor.eat_group(Delimiter::Brace).is_none() {
                cursor.next();
            }
            return None;
        }
    };
    let found_before = diags.count();
    items(Cursor::of_group(&body), &mut model, diags);
    coupling::finish(&mut model, diags);
    model.is_complete = diags.count() == found_before;
    model.layers = vec![start.tokens_until(cursor)];
    Some(model)
}

fn header(cursor: &mut Cursor) -> Parsed<(ast::Model, Group)> {
    let Prefix { docs, attributes, conditions, levels, .. } = prefix(cursor)?;
    let mut visibility = TokenStream::new();
    if let Some(public) = cursor.is_word("pub").then(|| cursor.next()).flatten() {
        visibility.extend([public]);
        if let Some(scope) = cursor.eat_group(Delimiter::Parenthesis) {
            visibility.extend([TokenTree::from(scope)]);
        }
    }
    let coupling = cursor.is_word("coupling").then(Coupling::default);
    let Some(keyword) = cursor.eat_word("model").or_else(|| cursor.eat_word("coupling")) else {
        return Err(expected(cursor, "`model`").help("a model is written `model Name { … }`"));
    };
    let name = match cursor.ident() {
        Some(ident) if syn::parse_str::<Ident>(&ident.to_string()).is_ok() => ident.clone(),
        _ => return Err(expected(cursor, "the name of the model")),
    };
    cursor.next();
    let base = match cursor.eat_op(":") {
        Some(colon) if coupling.is_some() => {
            return Err(Syntax::new(colon, "a coupling function is based on no other")
                .help("write `coupling Name { … }`"));
        }
        Some(_) => Some(base(cursor)?),
        None => None,
    };
    let body = cursor.eat_group(Delimiter::Brace).ok_or_else(|| expected(cursor, "`{`"))?;
    let (name, items, unread) = (Name::new(name), Vec::new(), Vec::new());
    let span = SpanRange::from(body.span_open()).to(body.span_close());
    let is_complete = true;
    let model = ast::Model {
        docs,
        attributes,
        conditions,
        levels,
        visibility,
        keyword,
        name,
        base,
        coupling,
        removed: Vec::new(),
        layers: Vec::new(),
        body: span,
        items,
        unread,
        is_complete,
    };
    Ok((model, body))
}

/// `ThresholdLinear` or `zoo::ThresholdLinear`, behind the colon.
fn base(cursor: &mut Cursor) -> Parsed<ast::Base> {
    let mut path = TokenStream::new();
    loop {
        let Some(ident) = cursor.eat_ident() else {
            let problem = expected(cursor, "the name of the model that this one is based on");
            return Err(problem.help("write `model Name: Base { … }`"));
        };
        path.extend([TokenTree::from(ident.clone())]);
        if cursor.eat_op(":").is_none() {
            return Ok(ast::Base { path, name: Name::new(ident) });
        }
        if cursor.eat_op(":").is_none() {
            return Err(expected(cursor, "`::`"));
        }
        path.extend(quote::quote!(::));
    }
}

fn expected(cursor: &Cursor, what: &str) -> Syntax {
    Syntax::new(cursor.span(), format!("expected {what}, found {}", cursor.found()))
}

/// Doc comments and other attributes.
fn prefix(cursor: &mut Cursor) -> Parsed<Prefix> {
    let mut prefix = Prefix::default();
    while let Some(start) = cursor.eat_op("#") {
        let group = cursor.eat_group(Delimiter::Bracket).ok_or_else(|| {
            expected(cursor, "`[…]`").help("comments begin with `//`, attributes with `#[`")
        })?;
        let mut inner = Cursor::of_group(&group);
        if inner.eat_word("doc").is_some() && inner.eat_op("=").is_some() {
            let text = inner.eat_literal().map(syn::Lit::new);
            if let Some(syn::Lit::Str(text)) = text {
                prefix.docs.push(text.value().trim().to_owned());
                continue;
            }
        }
        let Some(stream) = levels(&group, &mut prefix)? else { continue };
        let attribute = quote::quote!(#[#stream]);
        if Cursor::of_group(&group).is_word("cfg") {
            prefix.conditions.extend(attribute.clone());
        }
        prefix.foreign.get_or_insert(SpanRange::from(start).to(group.span()));
        prefix.attributes.extend(attribute);
    }
    Ok(prefix)
}

/// Takes the lints of the model language out of `allow(…)` and its like; what is left of the
/// attribute, if anything is.
fn levels(group: &Group, prefix: &mut Prefix) -> Parsed<Option<TokenStream>> {
    let mut inner = Cursor::of_group(group);
    let word = inner.eat_ident();
    let level = word.as_ref().and_then(|word| Level::from_attribute(&word.to_string()));
    let (Some(level), Some(list)) = (level, inner.eat_group(Delimiter::Parenthesis)) else {
        return Ok(Some(group.stream()));
    };
    let mut rest = TokenStream::new();
    let mut lints = Cursor::of_group(&list);
    let (mut has_ours, mut has_others) = (false, false);
    while !lints.at_end() {
        let comma = lints.find_op(",");
        let mut lint = lints.split_off(comma.unwrap_or(usize::MAX));
        lints.eat_op(",");
        let last = lint.tokens().into_iter().last();
        let is_own_path = lint.is_word("rate_model");
        let code = last.as_ref().map(ToString::to_string).unwrap_or_default();
        if let Some(code) = LINTS.into_iter().find(|known| known.0 == code) {
            prefix.levels.set(code, level);
            has_ours = true;
        } else if let near = crate::name::did_you_mean(&code, LINTS.map(|lint| lint.0))
            && (is_own_path || near.is_some())
        {
            let problem = Syntax::new(lint.whole_span(), format!("there is no lint `{code}`"));
            return Err(match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("lints are {}", LINTS.map(|lint| lint.0).join(", "))),
            });
        } else {
            has_others |= !lint.is_word("reason");
            let tokens: TokenStream = lint.tokens().into_iter().collect();
            rest.extend(quote::quote!(#tokens,));
        }
        lint.next();
    }
    if has_ours && !has_others {
        return Ok(None);
    }
    Ok(Some(quote::quote!(#word(#rest))))
}

/// Items have documentation and levels of lints; anything else would be lost without a word.
fn without_foreign(prefix: Prefix) -> Parsed<Prefix> {
    match prefix.foreign {
        None => Ok(prefix),
        Some(span) => {
            Err(Syntax::new(span, "this attribute means nothing on an item").help(format!(
                "items have `///` and `#[allow(…)]`, `#[warn(…)]` or `#[deny(…)]` of {}",
                LINTS.map(|lint| lint.0).join(", ")
            )))
        }
    }
}

/// The items between the braces of a model, `;` by `;`.
fn items(mut body: Cursor, model: &mut ast::Model, diags: &mut Diagnostics) {
    while !body.at_end() {
        let semicolon = body.find_op(";");
        let mut tokens = body.split_off(semicolon.unwrap_or(usize::MAX));
        body.eat_op(";");
        let is_sound = chunk(&mut tokens, model, diags);
        if semicolon.is_none() && is_sound {
            diags.push(missing_semicolon(&tokens));
        }
    }
}

/// What stands before one `;`: one item, or several when a `;` was forgotten between them. Whether
/// all of it could be read.
fn chunk(tokens: &mut Cursor, model: &mut ast::Model, diags: &mut Diagnostics) -> bool {
    while !tokens.at_end() {
        let declared = declared_names(tokens);
        let rest = match item(tokens, model.coupling.as_mut()) {
            Ok(items) => {
                model.items.extend(items);
                // Behind an item stands the end, or another whose `;` was forgotten.
                let is_next = begins_item(tokens, model.coupling.is_some());
                (!tokens.at_end() && !is_next).then(|| unexpected(tokens))
            }
            Err(problem) => {
                model.unread.extend(declared);
                Some(problem)
            }
        };
        if let Some(problem) = rest {
            diags.push(problem);
            return false;
        }
        if !tokens.at_end() {
            diags.push(missing_semicolon(tokens));
        }
    }
    true
}

fn missing_semicolon(tokens: &Cursor) -> Syntax {
    Syntax::new(tokens.previous_span(), "expected `;` after this").help("every item ends with `;`")
}

/// The names that an item declares, as far as can be seen before it is read.
fn declared_names(tokens: &Cursor) -> Vec<(Kind, Name)> {
    let mut tokens = tokens.clone();
    while tokens.eat_op("#").is_some() {
        tokens.eat_group(Delimiter::Bracket);
    }
    let keyword = tokens.eat_ident().map(|word| word.to_string());
    let Some(kind) = keyword.and_then(|word| Kind::from_keyword(&word)) else { return Vec::new() };
    let names = match tokens.group(Delimiter::Parenthesis) {
        Some(_) => list(&mut tokens, name).unwrap_or_default(),
        None => name(&mut tokens).into_iter().collect(),
    };
    names.into_iter().map(|name| (kind, name)).collect()
}

/// Whether a keyword with what must follow it comes next.
fn begins_item(cursor: &Cursor, is_coupling: bool) -> bool {
    let keyword = cursor
        .ident()
        .map(ToString::to_string)
        .is_some_and(|word| is_keyword(&word) || is_coupling && coupling::kind(&word).is_some());
    let follows = matches!(cursor.peek_at(1), Some(TokenTree::Ident(_) | TokenTree::Group(_)));
    keyword && follows || cursor.is_op("#")
}

fn item(cursor: &mut Cursor, coupling: Option<&mut Coupling>) -> Parsed<Vec<ast::Item>> {
    let prefix = without_foreign(prefix(cursor)?)?;
    if !begins_item(cursor, coupling.is_some()) {
        return Ok(vec![ast::Item::Equation(equation(cursor, prefix)?)]);
    }
    let keyword = cursor.eat_ident().expect("an item begins with a word");
    match keyword.to_string().as_str() {
        "time" => Ok(vec![ast::Item::Time(time(cursor)?)]),
        "fn" => Ok(vec![ast::Item::Function(function(cursor, prefix)?)]),
        "remove" => Ok(vec![ast::Item::Removal(removal(cursor)?)]),
        word if let (Some(coupling), Some(kind)) = (coupling, coupling::kind(word)) => {
            let declared = declaration(cursor, kind, prefix)?;
            if let Some(before) = coupling.declare(word, &declared.name) {
                let message = format!("there is a `{word}` already, `{before}`");
                return Err(Syntax::new(declared.name.span(), message));
            }
            Ok(vec![ast::Item::Declaration(declared)])
        }
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

/// What follows `remove`: `x, y`.
fn removal(cursor: &mut Cursor) -> Parsed<Vec<Name>> {
    let mut names = vec![name(cursor)?];
    while cursor.eat_op(",").is_some() {
        names.push(name(cursor)?);
    }
    Ok(names)
}

fn time(cursor: &mut Cursor) -> Parsed<ast::Time> {
    let name = name(cursor)?;
    let unit = unit_clause(cursor)?;
    Ok(ast::Time { name, unit })
}

/// What follows `fn`: `f(x, y) = expr`.
fn function(cursor: &mut Cursor, prefix: Prefix) -> Parsed<ast::Function> {
    let name = name(cursor)?;
    if cursor.group(Delimiter::Parenthesis).is_none() {
        return Err(expected(cursor, "the parameters in parentheses"));
    }
    let parameters = list(cursor, self::name)?;
    if cursor.eat_op("=").is_none() {
        return Err(expected(cursor, "`=`").help(format!("write `fn {name}(x) = …;`")));
    }
    let Prefix { docs, levels, .. } = prefix;
    Ok(ast::Function { docs, levels, name, parameters, body: expression(cursor)? })
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
    let Prefix { docs, levels, .. } = prefix;
    if kind == Kind::Noise {
        let law = Some(law(cursor)?);
        let condition = match cursor.eat_word("where") {
            Some(_) => Some(expression(cursor)?),
            None => None,
        };
        let (unit, value) = (None, None);
        return Ok(ast::Declaration { kind, docs, levels, name, unit, law, value, condition });
    }
    let (unit, law) = (unit_clause(cursor)?, None);
    let value = match cursor.eat_op("=") {
        Some(_) => Some(expression(cursor)?),
        None => None,
    };
    let condition = match cursor.eat_word("where") {
        Some(_) => Some(expression(cursor)?),
        None => None,
    };
    if condition.is_some() && value.is_none() && cursor.is_op("=") {
        let problem = Syntax::new(cursor.span(), "the value stands before `where`");
        let keyword = kind.keyword();
        return Err(problem.help(format!("write `{keyword} {name} = … where …;`")));
    }
    Ok(ast::Declaration { kind, docs, levels, name, unit, law, value, condition })
}

/// `: white`, `: white(stratonovich)`, `: ou(τ)`, `: per_step`
fn law(cursor: &mut Cursor) -> Parsed<ast::Law> {
    const HELP: &str = "a noise is `white`, `white(stratonovich)`, `ou(τ)` or `per_step`";
    let colon = cursor.eat_op(":");
    let start = SpanRange::from(cursor.span());
    let not_a_law = |cursor: &Cursor| expected(cursor, "what the noise is").help(HELP);
    let word = colon.and_then(|_| cursor.eat_ident()).map(|word| word.to_string());
    let group = cursor.eat_group(Delimiter::Parenthesis);
    let inner = group.as_ref().map(Cursor::of_group);
    let sense = inner.as_ref().and_then(Cursor::ident).map(ToString::to_string);
    let kind = match (word.as_deref(), inner, sense.as_deref()) {
        (Some("white"), None, _) | (Some("white"), Some(_), Some("ito" | "Ito")) => {
            ast::LawKind::White
        }
        (Some("white"), Some(_), Some("stratonovich" | "Stratonovich")) => {
            ast::LawKind::WhiteStratonovich
        }
        (Some("white"), Some(inner), _) => {
            let help = "write `white` (in the sense of Itô) or `white(stratonovich)`";
            return Err(expected(&inner, "the sense in which it is integrated").help(help));
        }
        (Some("per_step"), None, _) => ast::LawKind::PerStep,
        (Some("ou"), Some(mut inner), _) if !inner.at_end() => {
            let time = expression(&mut inner)?;
            if !inner.at_end() {
                return Err(unexpected(&inner));
            }
            ast::LawKind::Ou(time)
        }
        (Some("ou"), ..) => {
            let problem = Syntax::new(start, "an Ornstein–Uhlenbeck noise has a correlation time");
            return Err(problem.help("write `ou(τ)`"));
        }
        (Some(_), ..) => {
            let problem = Syntax::new(start, "there is no such noise");
            return Err(problem.help(HELP));
        }
        (None, ..) => return Err(not_a_law(cursor)),
    };
    Ok(ast::Law { kind, span: start.to(cursor.previous_span()) })
}

/// `param (b, σ): unit = (0.3, 0.02)` declares each name on its own.
fn tuple(cursor: &mut Cursor, kind: Kind, prefix: &Prefix) -> Parsed<Vec<ast::Declaration>> {
    let names = list(cursor, name)?;
    let (unit, law) = match kind {
        Kind::Noise => (None, Some(law(cursor)?)),
        _ => (unit_clause(cursor)?, None),
    };
    let declare = |name, value| ast::Declaration {
        kind,
        docs: prefix.docs.clone(),
        levels: prefix.levels.clone(),
        name,
        unit: unit.clone(),
        law: law.clone(),
        value,
        condition: None,
    };
    let mut declared: Vec<ast::Declaration> = if cursor.eat_op("=").is_none() {
        // What is missing is reported as for a single name; inputs need no value.
        names.into_iter().map(|name| declare(name, None)).collect()
    } else {
        let Some(group) = cursor.group(Delimiter::Parenthesis) else {
            return Err(expected(cursor, "as many values in parentheses"));
        };
        let values = list(cursor, expression)?;
        if values.len() != names.len() {
            let plural = if values.len() == 1 { "" } else { "s" };
            let counts = format!("{} names, but {} value{plural}", names.len(), values.len());
            return Err(Syntax::new(group.span(), counts));
        }
        names.into_iter().zip(values).map(|(name, value)| declare(name, Some(value))).collect()
    };
    if cursor.eat_word("where").is_some() {
        share_out(expression(cursor)?, &mut declared);
    }
    Ok(declared)
}

/// Gives each comparison of a `where` behind several names to the name that it is about.
fn share_out(condition: ast::Expr, declared: &mut [ast::Declaration]) {
    if let ast::ExprKind::Binary { op: ast::BinaryOp::And, left, right, .. } = condition.kind {
        share_out(*left, declared);
        share_out(*right, declared);
        return;
    }
    // About none of them: the first one says what is wrong with it.
    let about = declared.iter().position(|one| condition.mentions(&one.name)).unwrap_or(0);
    let Some(one) = declared.get_mut(about) else { return };
    one.condition = Some(match one.condition.take() {
        None => condition,
        Some(before) => before.and(condition),
    });
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
fn equation(cursor: &mut Cursor, prefix: Prefix) -> Parsed<ast::Equation> {
    let Some(length) = cursor.find_op("=") else { return Err(not_an_item(cursor)) };
    let left_tokens = cursor.split_off(length);
    let (factor, mut state, mut time) = left_side(left_tokens)?;
    let mut origin = ast::Origin::Written;
    if let Some((order, of)) = order(&state) {
        if order != "2" || !time.text.ends_with('2') {
            let whole = SpanRange::from(state.span()).to(time.span());
            let problem = Syntax::new(whole, "equations are of first or second order");
            return Err(problem.help("write `d2x/dt2 = …`; declare states for higher derivatives"));
        }
        time.text.pop();
        state.text = format!("d{of}_d{}", time.text);
        origin = ast::Origin::SecondOrder(Name { text: of, ident: state.ident.clone() });
    }
    cursor.eat_op("=");
    let (levels, right) = (prefix.levels, expression(cursor)?);
    Ok(ast::Equation { levels, origin, factor, state, time, right })
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

/// `2x` in `d2x/dt2`: the order and the state.
fn order(state: &Name) -> Option<(String, String)> {
    let of = state.text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &state.text[..state.text.len() - of.len()];
    (!digits.is_empty()).then(|| (digits.to_owned(), of.to_owned()))
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

/// Words that begin items, for those who misspell them.
const ITEMS: [&str; 9] =
    ["param", "state", "input", "let", "const", "output", "noise", "time", "fn"];

/// What other languages begin them with.
const SYNONYMS: [(&str, &str); 6] = [
    ("parameter", "param"),
    ("variable", "state"),
    ("var", "state"),
    ("constant", "const"),
    ("function", "fn"),
    ("def", "fn"),
];

/// The keyword that a word before a name was meant to be.
fn meant_keyword(cursor: &Cursor) -> Option<&'static str> {
    let word = cursor.ident().filter(|_| cursor.ident_at(1).is_some())?.to_string();
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == word).map(|(_, ours)| *ours);
    synonym.or_else(|| crate::name::did_you_mean(&word, ITEMS))
}

fn not_an_equation(left: &Cursor) -> Syntax {
    let (written, span) = (left.text(), left.whole_span());
    let first = left.ident().map(ToString::to_string).unwrap_or_default();
    if first.contains('·') {
        let problem = Syntax::new(left.span(), format!("`{first}` is one name to Rust"));
        let (factor, rest) = first.split_once('·').unwrap_or_default();
        return problem.help(format!("write a space or `*` instead of `·`: `{factor} {rest}/dt`"));
    }
    let problem =
        Syntax::new(span, format!("`{written} = …` is neither an equation nor a declaration"));
    if left.peek_at(1).is_none() {
        // `dx = …` and `dEdt = …` mean the derivative.
        let state = first.strip_prefix('d').filter(|rest| !rest.is_empty());
        if let Some(state) = state {
            let state = state.strip_suffix("dt").filter(|rest| !rest.is_empty()).unwrap_or(state);
            return problem.help(format!("an equation is written `d{state}/dt = …;`"));
        }
        return problem.help(format!(
            "write `d{first}/dt = …;` for an equation, `let {first} = …;` to name an expression, \
             `param {first} = …;` for a parameter"
        ));
    }
    match meant_keyword(left) {
        Some(keyword) => problem.help(format!("did you mean `{keyword}`?")),
        None => problem.help("the left side of an equation is `dx/dt`, `tau dx/dt` or `tau*dx/dt`"),
    }
}

fn not_an_item(cursor: &mut Cursor) -> Syntax {
    if let Some(length) = cursor.find_op("==") {
        let mut rest = cursor.clone();
        rest.split_off(length);
        return Syntax::new(rest.span(), "an equation has one `=`").help("write `dx/dt = …;`");
    }
    let problem = expected(cursor, "an item");
    match meant_keyword(cursor) {
        Some(keyword) => problem.help(format!("did you mean `{keyword}`?")),
        None => problem.help(
            "items are `param`, `state`, `input`, `let`, `output`, `const`, `noise`, `time`, `fn` \
             and equations `tau dx/dt = …`",
        ),
    }
}
