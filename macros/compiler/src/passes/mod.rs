//! Stage 5: the passes over a kernel, in the order in which they run.
//!
//! None of them changes a result in reproducible arithmetic, where every operation is rounded as
//! written, but for three that are part of the language: constants are folded in 64-bit floats, also
//! for models run in single precision, small whole-number powers are products, and quotients with a
//! removable singularity have its limit. What differs in fast arithmetic (`MulAdd`, `Quotient`) is
//! one instruction that the runtime carries out either way.

pub mod cse;
pub mod dce;
pub mod differentiate;
pub mod diffusion;
pub mod fold;
pub mod fuse;
pub mod hoist;
pub mod powers;
pub mod products;
pub mod reciprocal;
pub mod singular;

use crate::kernel::Kernel;
use crate::kernel::verify::verify;
use crate::model::Model;

/// A pass and its name.
type Pass<'a> = (&'static str, &'a dyn Fn(Kernel) -> Kernel);

/// The passes that change formulas as mathematics.
#[must_use]
pub fn derive(kernel: Kernel, model: &Model) -> Kernel {
    let separate = |kernel| diffusion::separate(kernel, model);
    let differentiate = |kernel| differentiate::differentiate(kernel, model);
    let passes: [Pass<'_>; 7] = [
        // AFTER: no instruction has only numbers as operands.
        ("fold", &fold::fold),
        // AFTER: no power has a small whole number as exponent.
        ("powers", &powers::expand),
        // AFTER: quotients written as 0/0 that have a limit are written so that they have it.
        ("singular", &|kernel| singular::remove(cse::share(kernel))),
        // AFTER: white noise is beside the formulas, not in them, and in the sense of Itô.
        ("diffusion", &separate),
        // AFTER: the outputs have their derivatives beside them.
        ("differentiate", &differentiate),
        ("fold", &fold::fold),
        // AFTER: no two instructions are the same, and every value is used.
        ("cse", &|kernel| dce::drop_unused(cse::share(kernel))),
    ];
    run(kernel, &passes)
}

/// The passes that change how formulas are computed.
#[must_use]
pub fn optimise(kernel: Kernel) -> Kernel {
    let passes: [Pass<'_>; 4] = [
        // AFTER: nothing that varies is divided by something that does not.
        ("reciprocal", &reciprocal::reciprocal),
        // AFTER: products used once, by a sum, are part of it.
        ("fuse", &fuse::fuse),
        // AFTER: every value is used; reciprocals that turned out alike are one.
        ("cse", &|kernel| dce::drop_unused(cse::share(kernel))),
        // AFTER: what depends on parameters only and is used where things vary has a slot.
        ("hoist", &hoist::hoist),
    ];
    run(kernel, &passes)
}

fn run(mut kernel: Kernel, passes: &[Pass<'_>]) -> Kernel {
    for (name, pass) in passes {
        kernel = pass(kernel);
        if cfg!(debug_assertions) {
            verify(&kernel, name);
        }
    }
    kernel
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::kernel::Kernel;

    /// The kernel of the given items before any pass.
    pub(crate) fn lowered(items: &str) -> (Kernel, crate::model::Model) {
        let source = format!("model M {{ {items} }}");
        let checked = crate::testing::checked(&source);
        let kernel = crate::kernel::lower::lower(&checked);
        (super::dce::drop_unused(kernel), checked.model().clone())
    }
}
