//! Generated code works wherever it stands and whatever the names in it and around it are.

use rate_model::model::{Auxiliary, Input, Observable, State};
use rate_model::prelude::*;

/// The state of the only unit of a population after 20 steps of 0.1, in the model's unit of time.
fn after_20_steps<M: RateModel>(
    population: Population<M>,
    state: impl Observable<M>,
    dt: impl Into<Time>,
) -> f64 {
    let mut network = Network::new();
    let id = network.add(population).unwrap();
    let options = Options { progress: false, ..Options::default() };
    let mut simulation = Simulation::with_options(network, dt, options).unwrap();
    simulation.run(steps(20)).unwrap();
    simulation.values(id, state).unwrap()[0]
}

/// What [`after_20_steps`] of `dx/dt = -x/tau` from 1 leave, by forward Euler.
fn decayed(tau: f64) -> f64 {
    (0..20).fold(1.0, |x: f64, _| x - 0.1 * x / tau)
}

fn assert_decayed(found: f64, tau: f64) {
    assert!((found - decayed(tau)).abs() < 1e-12, "{found}, expected {}", decayed(tau));
}

/// Declares items that are never used: their names are to be in the way of generated code.
macro_rules! in_the_way {
    (struct $($type:ident)*; trait $($trait:ident)*; mod $($module:ident)*; macro $($macro:ident)*;) => {
        $(struct $type;)*
        $(trait $trait {})*
        $(mod $module {})*
        $(#[allow(unused_macros, reason = "in the way")] macro_rules! $macro { () => {}; })*
    };
}

/// Names of Rust's prelude, of its primitive types and of the runtime mean something else here.
#[allow(dead_code, non_camel_case_types, reason = "names to be in the way")]
mod hostile {
    in_the_way! {
        struct Option Some None Result Ok Err Vec String Box Array
            f32 f64 u8 u64 usize isize bool str char
            RateModel ModelInfo Symbol Bound Limit TimeBase Param State Input Output Point L M V;
        trait Copy Clone Default Sized Send Into From Add Mul Sub Neg Div Fn Lanes AsRef Iterator;
        mod std core alloc rate_model __rm __private ndarray model;
        macro vec quote concat stringify compile_error;
    }

    /// Methods of generated code, on everything.
    trait Everything {
        fn relu(&self) {}
        fn mul_add(&self) {}
        fn quotient(&self) {}
        fn at_least(&self) {}
        fn at_most(&self) {}
        fn exp(&self) {}
        fn splat(&self) {}
        fn select(&self) {}
    }
    impl<T> Everything for T {}

    // `std`, `core` and `rate_model` above hide the crates, as they would hide them from us.
    ::rate_model::rate_model! {
        /// Uses constants, derived values, bounds, functions, conditions and an output.
        pub(super) model Leak {
            const one = 1;
            param tau: ms = 2 where tau > 0;
            param least: mV = 0;
            input drive;
            state x: mV = 1 where least <= x <= 100;
            let rest: mV = if drive > 1 && x > 200 mV { x } else { 0*relu(x)*exp(-drive)*one };
            output doubled: mV = 2*x;
            tau dx/dt = -x + rest;
        }
    }
}

/// Shadowed prelude, primitive types, crates, traits, methods and macros do not matter.
#[test]
fn names_of_the_surroundings_do_not_matter() {
    use hostile::Leak;
    let leak = || Population::<Leak>::new("leak", 1);
    assert_decayed(after_20_steps(leak(), Leak::x, ms(0.1)), 2.0);
}

/// Symbols with the names of generated locals, methods, constants and types.
mod generated {
    rate_model::rate_model! {
        /// Every name that generated code uses for something of its own.
        pub(super) model Names {
            const splat = 1;
            param (v0, q0, p, q) = (1, 2, 3, 4);
            param (L, V, Params, States, N) = (1, 1, 1, 1, 1);
            param (new, INFO, derivative, bound, initial) = (2, 1, 1, 0, 1);
            param (core, std, f64, Copy, Option) = (1, 1, 1, 1, 1);
            input (u, mul_add) = (0, 0);
            let v1 = v0*q0 - q + p - 1 + u + mul_add;
            let q1 = v1*new/2;
            output at = x*splat;
            state x = initial where x >= bound;
            state t = 0;
            new dx/dt = -x*derivative*L*V*Params*States*N*INFO;
            dt/dt = core*std*f64*Copy*Option*q1;
        }
    }
}

/// Symbols named like what generated code calls its own things do not meet it.
#[test]
fn names_of_generated_code_do_not_matter() {
    use generated::Names;
    let names = || Population::<Names>::new("names", 1);
    assert_decayed(after_20_steps(names(), Names::x, 0.1), 2.0);
    assert_decayed(after_20_steps(names().set(Names::new, 4.0), Names::x, 0.1), 4.0);
    // v1 = 1*2 - 4 + 3 - 1 = 0, so `t` stays 0; with `p` = 4 it grows at the rate q1 = 1.
    assert_eq!(after_20_steps(names(), Names::t, 0.1).to_bits(), 0.0_f64.to_bits());
    let grown = after_20_steps(names().set(Names::p, 4.0), Names::t, 0.1);
    assert!((grown - 2.0).abs() < 1e-12, "{grown}");
}

/// Models named like one of their symbols, like items of the prelude, and like type parameters of
/// generated code.
#[allow(non_camel_case_types, reason = "a model may have the name of its state")]
mod named {
    macro_rules! decaying {
        ($($name:ident)*) => {
            rate_model::rate_model! {$(
                model $name {
                    param tau = 2;
                    state x = 1;
                    tau dx/dt = -x;
                }
            )*}
            /// What the state of each is after 20 steps.
            pub(super) fn all() -> ::std::vec::Vec<::core::primitive::f64> {
                ::std::vec![$({
                    let population = rate_model::Population::<$name>::new("one", 1);
                    super::after_20_steps(population, $name::x, 0.1)
                }),*]
            }
        };
    }
    decaying! {
        x tau Option Some Vec String Copy Default f64 bool L V M RateModel Lanes Param State Point
        core std Params States Derived
    }
}

/// The name of a model is free.
#[test]
fn models_may_have_any_name() {
    let all = named::all();
    assert!(!all.is_empty());
    for found in all {
        assert_decayed(found, 2.0);
    }
}

rate_model! {
    /// A pair in the letters of a paper.
    model Greek {
        const κ = 0.5;
        param τ_α: ms = 2 where τ_α > 0;
        param β: Hz/pA = 0.3;
        input η: pA;
        state ψ: Hz = 1 where ψ >= 0;
        state ω: Hz = 0;
        let Δ: Hz = κ*(ψ - ω);
        τ_α dψ/dt = -ψ + β*relu(η) - ω^2/(1 Hz);
        τ_α dω/dt = Δ*exp(-ψ/(1 Hz));
    }

    /// The same pair in ASCII.
    model Latin {
        const kappa = 0.5;
        param tau_alpha: ms = 2 where tau_alpha > 0;
        param beta: Hz/pA = 0.3;
        input eta: pA;
        state psi: Hz = 1 where psi >= 0;
        state omega: Hz = 0;
        let Delta: Hz = kappa*(psi - omega);
        tau_alpha dpsi/dt = -psi + beta*relu(eta) - omega^2/(1 Hz);
        tau_alpha domega/dt = Delta*exp(-psi/(1 Hz));
    }
}

/// Bits of everything that two states and an auxiliary do in 200 steps.
fn trajectory<M: RateModel>(
    input: Input<M>,
    states: [State<M>; 2],
    auxiliary: Auxiliary<M>,
) -> Vec<u64> {
    let mut network = Network::new();
    let pair = network.add(Population::<M>::new("pair", 3)).unwrap();
    network.stimulate(pair, input, [0.0, 1.5, -2.0]).unwrap();
    let mut simulation = Simulation::new(network, ms(0.1)).unwrap();
    for state in states {
        simulation.record(pair, state).unwrap();
    }
    simulation.record(pair, auxiliary).unwrap();
    simulation.run(steps(200)).unwrap();
    let traces = simulation.recording().traces;
    traces.iter().flat_map(|trace| trace.values.iter().copied().map(f64::to_bits)).collect()
}

/// Letters change nothing, and Greek names can be used in both spellings.
#[test]
fn unicode_and_ascii_give_the_same_bits() {
    let greek = trajectory(Greek::η, [Greek::ψ, Greek::ω], Greek::Δ);
    let spelled = trajectory(Greek::eta, [Greek::psi, Greek::omega], Greek::Delta);
    let latin = trajectory(Latin::eta, [Latin::psi, Latin::omega], Latin::Delta);
    assert_eq!(greek.len(), 3 * 3 * 201);
    assert_eq!(greek, spelled);
    assert_eq!(greek, latin);
    let symbol = Greek::τ_α.symbol();
    assert_eq!((symbol.name, symbol.ascii), ("τ_α", "tau_alpha"));
}

/// A model can be declared where it is used: in the body of a function, even a generic one.
#[test]
fn models_may_stand_in_functions() {
    fn run<L: Into<f64>>(tau: L) -> f64 {
        rate_model! { model Local { param tau = 1; state x = 1; tau dx/dt = -x; } }
        let local = Population::<Local>::new("local", 1).set(Local::tau, tau.into());
        after_20_steps(local, Local::x, 0.1)
    }
    assert_decayed(run(3.0_f32), 3.0);
}

mod visible {
    pub(super) mod inner {
        rate_model::rate_model! {
            /// Seen in its own module only.
            model Private { state x = 1; dx/dt = -x/2; }
            /// Seen two modules up.
            pub(in super::super) model Above { state x = 1; dx/dt = -x/2; }
            /// Seen in this crate.
            pub(crate) model Crate { state x = 1; dx/dt = -x/2; }
            #[allow(unreachable_pub, reason = "plain `pub` is what is tested")]
            /// Seen as far as its module is.
            pub model Public { state x = 1; dx/dt = -x/2; }
        }

        pub(in super::super) fn private() -> f64 {
            super::super::after_20_steps(rate_model::Population::new("one", 1), Private::x, 0.1)
        }
    }
}

/// `pub`, `pub(crate)`, `pub(in …)` and nothing are kept, for the type and for its handles.
#[test]
fn visibility_is_kept() {
    use visible::inner::{Above, Crate, Public, private};
    assert_decayed(private(), 2.0);
    assert_decayed(after_20_steps(Population::new("one", 1), Above::x, 0.1), 2.0);
    assert_decayed(after_20_steps(Population::new("one", 1), Crate::x, 0.1), 2.0);
    assert_decayed(after_20_steps(Population::new("one", 1), Public::x, 0.1), 2.0);
}

rate_model! {
    /// As little as a model can hold.
    model Least { state x = 0; dx/dt = 1; }

    /// Nothing but time.
    model Clock { state x = 0; dx/dt = 2*t; }

    /// Nothing that changes.
    model Constant { state x = 3; dx/dt = 0; }

    /// Without parameters.
    model NoParameters { input I = 1; state x = 0; dx/dt = I; output out = x; }

    /// Without inputs, with a parameter that nothing uses.
    model NoInputs { param unused = 1; state x = 0; dx/dt = 1; let one = 1; }
}

/// Models need neither parameters nor inputs, and nothing has to be used.
#[test]
fn parts_may_be_missing() {
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    near(after_20_steps(Population::new("one", 1), Least::x, 0.1), 2.0);
    near(after_20_steps(Population::new("one", 1), Clock::x, 0.1), 0.1 * 0.1 * 20.0 * 19.0);
    near(after_20_steps(Population::new("one", 1), Constant::x, 0.1), 3.0);
    near(after_20_steps(Population::new("one", 1), NoParameters::x, 0.1), 2.0);
    near(after_20_steps(Population::new("one", 1), NoInputs::x, 0.1), 2.0);
}

/// Models made by a macro of the user's: names and numbers arrive wrapped in invisible groups.
#[test]
fn models_may_come_from_macros() {
    macro_rules! leak {
        ($name:ident, $state:ident, $tau:expr, $unit:ident, $rate:literal) => {
            rate_model! {
                model $name {
                    param tau: $unit = $tau where tau > 0;
                    state $state = $rate;
                    state other = 0;
                    tau dother/dt = $state - other;
                    let half = $state/2;
                    tau dx/dt = -x;
                }
            }
        };
    }
    leak!(Wrapped, x, 4.0 / 2.0, ms, 1.0);
    assert_decayed(after_20_steps(Population::new("one", 1), Wrapped::x, ms(0.1)), 2.0);
}

/// No lint finds fault with generated code.
#[deny(
    warnings,
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    single_use_lifetimes,
    unused_results,
    trivial_numeric_casts,
    variant_size_differences,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "whatever a user denies"
)]
mod strict {
    rate_model::rate_model! {
        pub(super) model Undocumented {
            const θ = 0.5;
            param tau: ms = 2 where tau > 0;
            param (b, σ) = (0.3, 0.02);
            input I: mV;
            let drive = relu(I - θ*(1 mV))/(1 mV) + 3.5*σ;
            state V: mV = 1 where -1000 <= V <= 1000;
            state Snake_Case: mV = 0;
            output gain = if V > 0 { 1 } else { V^2/(V^2 + 1 mV^2) };
            tau dV/dt = -V + 0*b*drive*V;
            tau dSnake_Case/dt = -Snake_Case;
        }
    }
}

/// The lints of the module above are the test; it also runs.
#[test]
fn generated_code_has_no_lints() {
    use strict::Undocumented;
    let one = Population::<Undocumented>::new("one", 1);
    assert_decayed(after_20_steps(one, Undocumented::V, ms(0.1)), 2.0);
}

mod same_names {
    //! Models of one name, made by one macro, in modules of their own.

    macro_rules! family {
        ($($module:ident)*) => {$(
            pub(super) mod $module {
                rate_model::rate_model! {
                    pub(in super::super) model Rate { state x = 1; dx/dt = -x; }
                }
            }
        )*};
    }

    family!(first second);

    #[test]
    fn models_of_one_name_do_not_clash() {
        use rate_model::model::RateModel;
        rate_model::rate_model! { model Faster: second::Rate { dx/dt = -2*x; } }
        assert_eq!(first::Rate::INFO.name, second::Rate::INFO.name);
        assert_eq!(Faster::INFO.states[0].name, "x");
    }
}
