//! Handles: `ThresholdLinear::ν_e` names a state of that model and of no other.

use std::marker::PhantomData;

use super::{Law, ModelInfo, RateModel, Symbol};

/// Declares a handle type for one kind of symbol.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident in $list:ident $(.$symbol:ident)?;)*) => {$(
        $(#[$doc])*
        pub struct $name<M> {
            index: usize,
            model: PhantomData<fn() -> M>,
        }

        impl<M> Clone for $name<M> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<M> Copy for $name<M> {}

        impl<M> $name<M> {
            /// For generated code: the symbol of this index.
            #[doc(hidden)]
            pub const fn new(index: usize) -> Self {
                Self { index, model: PhantomData }
            }

            /// Its place in the order of declaration among its kind.
            pub const fn index(self) -> usize {
                self.index
            }
        }

        impl<M: RateModel> $name<M> {
            /// Name, unit and documentation.
            pub fn symbol(self) -> &'static Symbol {
                &M::INFO.$list[self.index]$(.$symbol)?
            }
        }

        impl<M: RateModel> std::fmt::Debug for $name<M> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}::{}", M::INFO.name, self.symbol().name)
            }
        }
    )*};
}

handles! {
    /// A parameter of the model `M`.
    Param in params;
    /// An input of the model `M`.
    Input in inputs;
    /// A state of the model `M`.
    State in states;
    /// An auxiliary (`let`) of the model `M`.
    Auxiliary in auxiliaries;
    /// An output of the model `M`.
    Output in auxiliaries;
    /// A noise of the model `M`.
    Noise in noises.symbol;
}

impl<M: RateModel> Noise<M> {
    /// Its law.
    pub fn law(self) -> Law {
        M::INFO.noises[self.index].law
    }
}

/// What can be recorded: states, auxiliaries and outputs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a population of `{M}` can be asked for",
    note = "states, auxiliaries and outputs of the population's own model can be recorded and read; \
            an input, a parameter or a noise, when it is named by an `output`"
)]
pub trait Observable<M>: Copy + sealed::Sealed {
    /// Which list of the model it is in, and where.
    #[doc(hidden)]
    fn place(self) -> Place;
}

/// What can feed a projection: states and outputs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a population of `{M}` can send",
    note = "states and outputs of the population's own model can feed projections"
)]
pub trait Source<M>: Observable<M> {}

/// A list of a model and a place in it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    State(usize),
    Auxiliary(usize),
}

impl Place {
    /// Whether it is an auxiliary or output, not a state.
    pub(crate) fn is_auxiliary(self) -> bool {
        matches!(self, Self::Auxiliary(_))
    }

    /// The symbol there.
    pub(crate) fn symbol(self, info: &'static ModelInfo) -> &'static Symbol {
        match self {
            Self::State(index) => &info.states[index],
            Self::Auxiliary(index) => &info.auxiliaries[index],
        }
    }
}

impl<M> Observable<M> for State<M> {
    fn place(self) -> Place {
        Place::State(self.index)
    }
}

impl<M> Observable<M> for Auxiliary<M> {
    fn place(self) -> Place {
        Place::Auxiliary(self.index)
    }
}

impl<M> Observable<M> for Output<M> {
    fn place(self) -> Place {
        Place::Auxiliary(self.index)
    }
}

impl<M> Source<M> for State<M> {}
impl<M> Source<M> for Output<M> {}

mod sealed {
    pub trait Sealed {}
    impl<M> Sealed for super::State<M> {}
    impl<M> Sealed for super::Auxiliary<M> {}
    impl<M> Sealed for super::Output<M> {}
}
