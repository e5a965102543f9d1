//! A model's symbols as data.

/// What a model says about itself; all lists are in the order of declaration.
#[derive(Debug)]
pub struct ModelInfo {
    /// The name of the model.
    pub name: &'static str,
    /// What time is counted in.
    pub time: TimeBase,
    /// Parameters.
    pub params: &'static [Symbol],
    /// Conditions on parameters.
    pub bounds: &'static [Bound],
    /// Inputs.
    pub inputs: &'static [Symbol],
    /// States.
    pub states: &'static [Symbol],
    /// For each state what the compiler found about its equation.
    pub equations: &'static [Equation],
    /// Auxiliaries (`let`) and outputs.
    pub auxiliaries: &'static [Symbol],
    /// `[row, column]` of the partial derivatives that are not identically 0. Rows are the time
    /// derivatives of the states, then the outputs by their place among the auxiliaries; columns
    /// are the states, then the inputs.
    pub jacobian: &'static [[usize; 2]],
    /// What the compiler knows of the model, in words: see [`RateModel::explain`](super::RateModel).
    pub explanation: &'static str,
    /// A number that models with other equations, symbols or units do not share; defaults and
    /// documentation do not count. Files of states carry it.
    pub hash: u64,
    /// Noises.
    pub noises: &'static [NoiseInfo],
    /// `[state, noise]` of the white noises that drive states, in the sense of Itô.
    pub diffusion: &'static [[usize; 2]],
    /// Past values that equations read.
    pub delays: &'static [DelayInfo],
    /// Whether formulas have sines, cosines or tangents, which vectors leave out where arguments are
    /// large.
    pub turns: bool,
}

impl ModelInfo {
    /// Nothing; stands in for a model that does not compile.
    #[doc(hidden)]
    pub const EMPTY: Self = Self {
        name: "",
        time: TimeBase::None,
        params: &[],
        bounds: &[],
        inputs: &[],
        states: &[],
        equations: &[],
        auxiliaries: &[],
        jacobian: &[],
        explanation: "",
        hash: 0,
        noises: &[],
        diffusion: &[],
        delays: &[],
        turns: false,
    };
}

/// A declared name.
#[derive(Debug)]
pub struct Symbol {
    /// As the modeller spells it: `ν_e`.
    pub name: &'static str,
    /// In ASCII: `nu_e`.
    pub ascii: &'static str,
    /// Its unit, empty for a pure number.
    pub unit: &'static str,
    /// Its documentation, empty when there is none.
    pub doc: &'static str,
    /// The value of a parameter, of an input that receives nothing, or of a state at the start,
    /// unless the user says otherwise. NaN for a state that starts at an expression of parameters,
    /// and for auxiliaries.
    pub default: f64,
    /// For an auxiliary, whether it depends on an input.
    pub passes_inputs: bool,
}

impl Symbol {
    /// A symbol without documentation.
    pub const fn new(name: &'static str, ascii: &'static str, unit: &'static str) -> Self {
        Self { name, ascii, unit, doc: "", default: f64::NAN, passes_inputs: false }
    }

    /// With a default value.
    #[must_use]
    pub const fn with_default(self, default: f64) -> Self {
        Self { default, ..self }
    }

    /// With documentation.
    #[must_use]
    pub const fn documented(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    /// An auxiliary that depends on an input.
    #[must_use]
    pub const fn passing_inputs(self) -> Self {
        Self { passes_inputs: true, ..self }
    }
}

/// What the compiler found about the equation of a state. Over a step, what is given from outside
/// (inputs, past values, noise with a correlation time) counts as constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equation {
    /// How it depends on states.
    pub form: Form,
    /// How white noise enters it.
    pub white: White,
    /// Whether its derivative by its own state depends on nothing but parameters.
    pub fixed_slope: bool,
}

impl Equation {
    /// An equation of this form, with this noise.
    pub const fn new(form: Form, white: White, fixed_slope: bool) -> Self {
        Self { form, white, fixed_slope }
    }

    /// Whether the law of its white noise over a step is known: it is linear by itself, and the noise
    /// added.
    pub const fn has_exact_noise(&self) -> bool {
        matches!(self.form, Form::Constant | Form::Linear) && matches!(self.white, White::Additive)
    }
}

impl std::fmt::Display for Equation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.form {
            Form::Constant => "its right-hand side stays over a step",
            Form::Linear => "linear, with coefficients that stay over a step",
            Form::LinearBlock => {
                "linear together with others, with coefficients that stay over a step"
            }
            Form::ConditionallyLinear => "linear in its own state, with coefficients that move",
            Form::Nonlinear => "not linear in its own state",
        })?;
        f.write_str(match self.white {
            White::None => "",
            White::Additive => "; additive noise",
            White::OwnState => "; noise with a factor that depends on its own state",
            White::Multiplicative => "; noise with a factor that depends on what moves",
        })
    }
}

/// How the right-hand side of an equation depends on states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Not at all, and not on time.
    Constant,
    /// Linear in its own state, with coefficients that depend on no state and not on time.
    Linear,
    /// One of several equations that together are linear, with such coefficients.
    LinearBlock,
    /// Linear in its own state, with coefficients that depend on other states or on time.
    ConditionallyLinear,
    /// In any other way.
    Nonlinear,
}

/// How white noise enters an equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum White {
    /// Not at all.
    None,
    /// With factors that depend on no state and not on time.
    Additive,
    /// With factors that depend on the equation's own state and nothing else that moves.
    OwnState,
    /// With other factors.
    Multiplicative,
}

/// A noise.
#[derive(Debug)]
pub struct NoiseInfo {
    /// Name, unit and documentation.
    pub symbol: Symbol,
    /// Its law.
    pub law: Law,
}

/// The law of a noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Gaussian white noise of unit intensity, declared in the sense of Itô.
    White,
    /// The same, declared in the sense of Stratonovich; the drift has been corrected for it.
    WhiteStratonovich,
    /// Ornstein–Uhlenbeck, of mean 0 and variance 1.
    Ou {
        /// Where its correlation time stands among the derived values.
        time: usize,
    },
    /// A normal number a step.
    PerStep,
}

/// A past value, `x(t - d)`.
#[derive(Debug)]
pub struct DelayInfo {
    /// Of what.
    pub source: super::Place,
    /// Where the delay stands among the derived values.
    pub time: usize,
    /// As the modeller wrote it.
    pub text: &'static str,
}

/// What time is counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeBase {
    /// A pure number: the model has no units.
    None,
    /// A unit of time.
    Unit {
        /// Its symbol.
        symbol: &'static str,
        /// Its length.
        seconds: f64,
    },
}

impl TimeBase {
    /// A unit of time.
    pub const fn unit(symbol: &'static str, seconds: f64) -> Self {
        Self::Unit { symbol, seconds }
    }

    /// The symbol of the unit, empty when there is none.
    pub fn symbol(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Unit { symbol, .. } => symbol,
        }
    }
}

/// One comparison of a parameter's `where` clause.
#[derive(Debug)]
pub struct Bound {
    /// Which parameter it is about.
    pub param: usize,
    /// How it must stand to the limit.
    pub relation: Relation,
    /// What it is compared with.
    pub limit: Limit,
    /// As the modeller wrote it.
    pub text: &'static str,
}

/// `<`, `<=`, `>`, `>=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// What a parameter is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A number.
    Value(f64),
    /// Another parameter, times the factor between their units.
    Param {
        /// Which.
        index: usize,
        /// From its unit to that of the bounded parameter.
        factor: f64,
    },
}

impl Bound {
    /// `param < limit`
    pub const fn less(param: usize, limit: Limit, text: &'static str) -> Self {
        Self { param, relation: Relation::Less, limit, text }
    }

    /// `param <= limit`
    pub const fn at_most(param: usize, limit: Limit, text: &'static str) -> Self {
        Self { param, relation: Relation::AtMost, limit, text }
    }

    /// `param > limit`
    pub const fn greater(param: usize, limit: Limit, text: &'static str) -> Self {
        Self { param, relation: Relation::Greater, limit, text }
    }

    /// `param >= limit`
    pub const fn at_least(param: usize, limit: Limit, text: &'static str) -> Self {
        Self { param, relation: Relation::AtLeast, limit, text }
    }

    /// Whether a value satisfies it.
    pub fn holds(&self, value: f64, limit: f64) -> bool {
        match self.relation {
            Relation::Less => value < limit,
            Relation::AtMost => value <= limit,
            Relation::Greater => value > limit,
            Relation::AtLeast => value >= limit,
        }
    }
}
