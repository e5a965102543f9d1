//! A position in a token list that knows its own end, so that "unexpected end" has a place.

use proc_macro2::{Delimiter, Group, Ident, Literal, Spacing, Span, TokenStream, TokenTree};

use crate::span::SpanRange;

/// Reads tokens one after the other; cheap to clone for looking ahead.
#[derive(Clone)]
pub(super) struct Cursor {
    tokens: std::rc::Rc<[TokenTree]>,
    position: usize,
    /// What stands behind the last token: a `;`, an `=` or the closing delimiter.
    end: End,
}

/// Where a token list ends, and at what.
#[derive(Clone)]
struct End {
    span: Span,
    text: String,
}

impl Cursor {
    /// Everything between the braces of a macro call.
    pub(super) fn new(stream: TokenStream) -> Self {
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        // There is no token behind the last one: point at that.
        let span = tokens.last().map_or_else(Span::call_site, TokenTree::span);
        let end = End { span, text: "the end".to_owned() };
        Self { tokens: tokens.into(), position: 0, end }
    }

    pub(super) fn of_group(group: &Group) -> Self {
        let text = match group.delimiter() {
            Delimiter::Brace => "`}`",
            Delimiter::Bracket => "`]`",
            Delimiter::Parenthesis | Delimiter::None => "`)`",
        };
        let end = End { span: group.span_close(), text: text.to_owned() };
        Self { end, ..Self::new(group.stream()) }
    }

    /// The first `count` tokens from here as a cursor of their own.
    pub(super) fn split_off(&mut self, count: usize) -> Self {
        let until = self.position + count.min(self.remaining());
        let tokens: std::rc::Rc<[TokenTree]> = self.tokens[self.position..until].into();
        self.position = until;
        let end = End { span: self.span(), text: self.found() };
        Self { tokens, position: 0, end }
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.position + ahead)
    }

    pub(super) fn at_end(&self) -> bool {
        self.position >= self.tokens.len()
    }

    pub(super) fn remaining(&self) -> usize {
        self.tokens.len() - self.position
    }

    /// From the next token to the last.
    pub(super) fn whole_span(&self) -> SpanRange {
        let last = self.tokens.last().map_or(self.end.span, TokenTree::span);
        SpanRange::from(self.span()).to(last)
    }

    /// The tokens from here on.
    pub(super) fn tokens(&self) -> Vec<TokenTree> {
        self.tokens[self.position..].to_vec()
    }

    /// The tokens from here to where another position of the same list is.
    pub(super) fn tokens_until(&self, end: &Self) -> TokenStream {
        self.tokens[self.position..end.position].iter().cloned().collect()
    }

    /// The tokens from here on as text.
    pub(super) fn text(&self) -> String {
        self.tokens[self.position..].iter().cloned().collect::<TokenStream>().to_string()
    }

    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let token = self.peek().cloned();
        self.position += usize::from(token.is_some());
        token
    }

    /// Where the next token stands; at the end, where the list closes.
    pub(super) fn span(&self) -> Span {
        self.peek().map_or(self.end.span, TokenTree::span)
    }

    /// Where the token before this position stands.
    pub(super) fn previous_span(&self) -> Span {
        match self.position {
            0 => self.span(),
            position => self.tokens[position - 1].span(),
        }
    }

    pub(super) fn ident(&self) -> Option<&Ident> {
        match self.peek() {
            Some(TokenTree::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    pub(super) fn ident_at(&self, ahead: usize) -> Option<&Ident> {
        match self.peek_at(ahead) {
            Some(TokenTree::Ident(ident)) => Some(ident),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.ident().is_some_and(|ident| ident == word)
    }

    pub(super) fn eat_word(&mut self, word: &str) -> Option<Span> {
        let span = self.is_word(word).then(|| self.span())?;
        self.position += 1;
        Some(span)
    }

    pub(super) fn eat_ident(&mut self) -> Option<Ident> {
        let ident = self.ident().cloned()?;
        self.position += 1;
        Some(ident)
    }

    pub(super) fn eat_literal(&mut self) -> Option<Literal> {
        let Some(TokenTree::Literal(literal)) = self.peek() else { return None };
        let literal = literal.clone();
        self.position += 1;
        Some(literal)
    }

    pub(super) fn group(&self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.clone()),
            _ => None,
        }
    }

    pub(super) fn eat_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let group = self.group(delimiter)?;
        self.position += 1;
        Some(group)
    }

    /// Whether an operator of one or more characters comes next, and nothing longer.
    pub(super) fn is_op(&self, op: &str) -> bool {
        self.op_at(0).is_some_and(|(text, _)| text == op)
    }

    pub(super) fn eat_op(&mut self, op: &str) -> Option<Span> {
        let (text, length) = self.op_at(0)?;
        let span = (text == op).then(|| self.span())?;
        self.position += length;
        Some(span)
    }

    /// The operator at a place ahead, joined as in Rust: `<=`, `&&`, but `*` and `-` in `*-`.
    pub(super) fn op_at(&self, ahead: usize) -> Option<(String, usize)> {
        let punct = |offset: usize| match self.peek_at(ahead + offset) {
            Some(TokenTree::Punct(punct)) => Some(punct.clone()),
            _ => None,
        };
        let first = punct(0)?;
        if let (Spacing::Joint, Some(second)) = (first.spacing(), punct(1)) {
            let joined = format!("{}{}", first.as_char(), second.as_char());
            if ["<=", ">=", "==", "!=", "&&", "||"].contains(&joined.as_str()) {
                return Some((joined, 2));
            }
        }
        Some((first.as_char().to_string(), 1))
    }

    /// How many tokens ahead the next `op` at this level is; `None` when there is none.
    pub(super) fn find_op(&self, op: &str) -> Option<usize> {
        let mut ahead = 0;
        while self.peek_at(ahead).is_some() {
            match self.op_at(ahead) {
                Some((text, _)) if text == op => return Some(ahead),
                Some((_, length)) => ahead += length,
                None => ahead += 1,
            }
        }
        None
    }

    /// The next token as the user sees it, for "expected …, found …".
    pub(super) fn found(&self) -> String {
        match self.peek() {
            None => self.end.text.clone(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Brace => "`{`".to_owned(),
                Delimiter::Bracket => "`[`".to_owned(),
                _ => "`(`".to_owned(),
            },
            Some(TokenTree::Punct(_)) => {
                self.op_at(0).map_or_else(String::new, |(op, _)| format!("`{op}`"))
            }
            Some(token) => format!("`{token}`"),
        }
    }
}

/// Other macros wrap what they pass on in invisible groups; to us they are not there.
fn flatten(stream: TokenStream, into: &mut Vec<TokenTree>) {
    for token in stream {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flatten(group.stream(), into);
            }
            token => into.push(token),
        }
    }
}
