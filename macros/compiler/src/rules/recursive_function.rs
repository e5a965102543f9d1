//! `recursive_function`: a function that calls itself.

use crate::diag::{Code, Diagnostic};
use crate::name::Name;

/// # What it means
/// Functions of a model are put in place where they are called, so none can call itself, directly
/// or through others.
///
/// # Example
/// ```text
/// fn f(x) = 1 + f(x/2);
/// ```
#[derive(Clone, Debug)]
pub struct RecursiveFunction {
    /// The call that closes the circle.
    pub call: Name,
    /// The functions on the way.
    pub path: Vec<String>,
}

impl RecursiveFunction {
    /// Code of this rule.
    pub const CODE: Code = Code("recursive_function");
}

impl From<RecursiveFunction> for Diagnostic {
    fn from(RecursiveFunction { call, path }: RecursiveFunction) -> Self {
        let names = path.iter().chain([&call.text]).map(|name| format!("`{name}`"));
        let way = names.collect::<Vec<_>>().join(" → ");
        Self::new(RecursiveFunction::CODE, call.span(), format!("`{call}` calls itself: {way}"))
            .help("write a formula in closed form; iterate outside of the model")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn the_call_that_closes_the_circle_is_marked() {
        expect(
            "model M {
                fn f(x) = 1 + g(x);
                fn g(x) = 2*f(x);
                            ^ recursive_function: `f` calls itself: `f` → `g` → `f`
                fn h(x) = h(x - 1);
                          ^ recursive_function: `h` calls itself: `h` → `h`
                state x = 0;
                dx/dt = f(x) + h(x);
            }",
        );
    }

    #[test]
    fn functions_may_call_each_other() {
        expect(
            "model M {
                fn gain(x, θ) = square(relu(x - θ))/scale;
                fn square(y) = y^2;
                param scale: mV^2/Hz = 1;
                param τ: ms = 1;
                input I: mV;
                state x: Hz = 0;
                τ dx/dt = -x + gain(I, 2 mV) + gain(I, x);
                                                       ^ dimension_mismatch: `x` is in Hz, expected mV
            }",
        );
    }

    #[test]
    fn errors_in_functions_are_reported_once() {
        expect(
            "model M {
                fn f(x) = x + q;
                              ^ unknown_name: cannot find `q`
                fn f(y) = y;
                   ^ duplicate_name: there are two functions `f`
                fn unused(x, y) = x*z;
                                    ^ unknown_name: cannot find `z`
                state x = 0;
                dx/dt = f(x) + f(2*x) + f(x, 1);
                                        ^ wrong_arity: `f` takes 1 argument, found 2; help: write `f(x)`
            }",
        );
    }
}
