//! `unused_parameter`: a parameter or constant that nothing uses.

use crate::check::usage::Usage;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Symbol};
use crate::name::Name;

/// # What it means
/// A parameter or constant stands in no formula: changing it changes nothing. Either it is left over,
/// or the formula has a number where its name should be.
///
/// # Example
/// ```text
/// param (r, s) = (0.006, 4);
/// dz/dt = r*(4*(x + 1.6) - z);        // `s`, not 4
/// ```
#[derive(Clone, Debug)]
pub struct UnusedParameter {
    name: Name,
    what: &'static str,
}

impl UnusedParameter {
    /// Code of this rule.
    pub const CODE: Code = Code("unused_parameter");
}

/// Checks every parameter and constant.
pub fn check(model: &Model, usage: &Usage, diags: &mut Diagnostics) {
    let mut check = |symbol, declared: &crate::model::Declared, what| {
        if !usage.is_used(symbol) {
            let found = UnusedParameter { name: declared.name.clone(), what };
            diags.lint(&declared.levels, &model.levels, found);
        }
    };
    for (id, constant) in model.constants.iter() {
        check(Symbol::Const(id), &constant.declared, "constant");
    }
    for (id, param) in model.params.iter() {
        check(Symbol::Param(id), &param.declared, "parameter");
    }
}

impl From<UnusedParameter> for Diagnostic {
    fn from(found: UnusedParameter) -> Self {
        let name = &found.name;
        let message = format!("{} `{name}` is never used", found.what);
        Self::new(UnusedParameter::CODE, name.span(), message)
            .help("use it, or remove it; `#[allow(unused_parameter)]` above it keeps it")
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::expect;

    #[test]
    fn parameters_and_constants_without_use_are_marked() {
        expect(
            "model M {
                const left_over = 1;
                      ^^^^^^^^^ unused_parameter: constant `left_over` is never used
                param (r, s) = (0.006, 4);
                          ^ unused_parameter: parameter `s` is never used; help: use it, or remove it
                #[allow(unused_parameter)]
                param kept = 1;
                param limit = 2;
                param start = 1;
                state z = start where z < limit;
                dz/dt = r*(4 - z);
            }",
        );
        expect("#[allow(unused_parameter)] model M { param p = 1; state x = 0; dx/dt = -x; }");
    }

    #[test]
    fn attributes_change_the_level() {
        use crate::diag::Severity;
        let severity = |attribute: &str| {
            let source = format!("{attribute} model M {{ param p = 1; state x = 0; dx/dt = -x; }}");
            let found = crate::compile(source.parse().expect("it lexes")).diagnostics;
            found.first().map(|found| found.severity)
        };
        assert_eq!(severity(""), Some(Severity::Warning));
        assert_eq!(severity("#[deny(unused_parameter)]"), Some(Severity::Error));
        assert_eq!(severity("#[allow(dead_code, rate_model::unused_parameter)]"), None);
    }
}
