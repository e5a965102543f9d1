//! `syntax`: the text is not in the model language.

use crate::diag::{Code, Diagnostic};
use crate::span::SpanRange;

/// # What it means
/// At the marked place something else was expected: a `;`, a name, a unit, an expression.
///
/// # Example
/// ```text
/// param tau: ms = 20      // the `;` is missing
/// state x = 0;
/// ```
#[derive(Clone, Debug)]
pub struct Syntax {
    span: SpanRange,
    message: String,
    help: Option<String>,
}

impl Syntax {
    /// Code of this rule.
    pub const CODE: Code = Code("syntax");

    /// Something else was expected here.
    pub fn new(span: impl Into<SpanRange>, message: impl Into<String>) -> Self {
        Self { span: span.into(), message: message.into(), help: None }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl From<Syntax> for Diagnostic {
    fn from(found: Syntax) -> Self {
        let diagnostic = Self::new(Syntax::CODE, found.span, found.message);
        match found.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn a_forgotten_semicolon_hides_nothing() {
        expect(
            "model M {
                param tau = 20
                            ^^ syntax: expected `;` after this
                state x = 0;
                tau dx/dt = -x +;
                                ^ syntax: expected an expression, found `;`
                param q = ;
                          ^ syntax: expected an expression, found `;`
                let y = (x + );
                             ^ syntax: expected an expression, found `)`
            }",
        );
    }

    #[test]
    fn an_assignment_is_no_item() {
        expect(
            "model M {
                state x = 0;
                x = 3;
                ^ syntax: `x = …` is neither an equation nor a declaration; help: write `dx/dt = …;`
                dx/dt = -x;
                parm q = 1;
                ^^^^^^ syntax: `parm q = …` is neither an equation nor a declaration; help: did you mean `param`?
            }",
        );
    }

    #[test]
    fn an_error_in_one_model_does_not_hide_those_of_another() {
        expect(
            "
            modle A { state x = 0; }
            ^^^^^ syntax: expected `model`, found `modle`
            pub model Self { state x = 0; }
                      ^^^^ syntax: expected the name of the model, found `Self`
            model B { state x = ; }
                                ^ syntax: expected an expression, found `;`
            model C { state x = y; dx/dt = 0; }
                                ^ unknown_name: cannot find `y`",
        );
    }

    #[test]
    fn other_languages_spellings_get_help() {
        expect(
            "model M {
                state x = 0;
                dx/dt = -x**2;
                          ^^ syntax: `**` is not an operator of the model language; help: write a power as `x^2`
                let a = 0x10;
                        ^^^^ syntax: numbers are decimal
                let b = τ·x;
                        ^^^ syntax: `τ·x` is one name to Rust; help: write the product with an asterisk: `τ*x`
                let c = [x];
                        ^^^ syntax: square brackets stand only in `[x]_+`
            }",
        );
    }

    #[test]
    fn a_name_that_is_a_unit_too_cannot_follow_a_number() {
        expect(
            "model M {
                param tau: ms = 10;
                state V: mV = 1;
                tau dV/dt = -2 V;
                               ^ syntax: `V` is a state here, and a unit: which is meant?; help: write `2*V`
            }",
        );
    }

    #[test]
    fn what_others_write_gets_help() {
        expect(
            "model M {
                parameter tau = 20;
                ^^^^^^^^^^^^^ syntax: `parameter tau = …` is neither an equation nor a declaration; help: did you mean `param`?
                dr/dt = -r : Hz;
                           ^ syntax: unexpected `:`; help: units stand in declarations
                param a = 20, g = 3;
                            ^ syntax: unexpected `,`; help: end each item with `;`
                let y = if x < 0 and x > 1 { 1 } else { 2 };
                                 ^^^ syntax: expected `{`, found `and`; help: write `&&`
                # comment
                  ^^^^^^^ syntax: expected `[…]`, found `comment`; help: comments begin with `//`
            }",
        );
    }

    #[test]
    fn numbers_and_conditions_do_not_mix() {
        expect(
            "model M {
                state x = 0;
                dx/dt = 1;
                let d = (x > 0)*2;
                        ^^^^^^^ syntax: expected a number, found a condition
                let e = if x { 1 } else { 2 };
                           ^ syntax: expected a condition, found a number
                let f = if (x < 1) < 2 { 1 } else { 2 };
                           ^^^^^^^ syntax: expected a number, found a condition
                let g = if 0 < x < 1 { 1 } else { 2 };
            }",
        );
    }
}
