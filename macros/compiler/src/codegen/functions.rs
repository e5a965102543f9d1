//! The formulas as functions, each written once and generic over the vector type `L`.
//!
//! What is used once stands where it is used, down to a few levels, so that formulas can be
//! recognised; everything else is a local.
//!
//! Locals are called `__p_…`, `__u_…`, `__x_…` for parameters, inputs and states, `__q0` for derived
//! values and `__v0` for results of instructions: names that begin with `__` are reserved in models,
//! and a constant or unit struct of the user's crate that had the same name would be taken for a
//! pattern.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::info::{index, number};
use crate::Program;
use crate::collections::{Arena, Id};
use crate::kernel::{Kernel, Op, Real, ValueId};
use crate::model::{Declared, Model};
use crate::syntax::ast::BinaryOp;

/// All functions of the generated `impl`.
pub(super) fn functions(private: &TokenStream, program: &Program) -> TokenStream {
    let (model, kernel) = (program.model(), &program.kernel);
    let given = model.inputs.len() + model.noises.len() + model.delays.len();
    let (params, states) = (model.params.len(), model.states.len());
    let variation = [("p", params), ("u", given), ("x", states)];
    let factors = kernel.outputs.diffusion.len();
    let response =
        [("derivative", states), ("auxiliaries", model.auxiliaries.len()), ("diffusion", factors)];
    let tangent = Emitter::new(private, model, &program.tangents).seeded(&variation);
    let tangent = tangent.product("tangent", ["Variation", "Response"], &response);
    let adjoint = Emitter::new(private, model, &program.adjoints).seeded(&response);
    let adjoint = adjoint.product("adjoint", ["Response", "Variation"], &variation);
    let emitter = Emitter::new(private, model, kernel);
    let outputs = &kernel.outputs;
    let diagonal: Vec<Output> =
        outputs.diagonal.iter().map(|value| value.map_or(Output::Zero, Output::Value)).collect();
    let jacobian: Vec<ValueId> = outputs.jacobian.iter().map(|(_, value)| *value).collect();
    let derived = emitter.of_parameters("derived", &outputs.derived);
    let initial = emitter.of_parameters("initial", &outputs.initial);
    let bound = emitter.bound();
    let slopes = emitter.slopes(&outputs.derivative);
    let diagonal = emitter.at_point("diagonal", &diagonal);
    let jacobian = emitter.at_point("jacobian", &values(&jacobian));
    let factors: Vec<ValueId> = outputs.diffusion.iter().map(|(_, value)| *value).collect();
    let diffusion = emitter.at_point("diffusion", &values(&factors));
    let auxiliaries = emitter.at_point("auxiliaries", &values(&outputs.auxiliaries));
    quote! {
        #derived #initial #bound #slopes #diagonal #jacobian #diffusion #auxiliaries
        #tangent #adjoint
    }
}

/// One element of an array that a function returns.
#[derive(Clone, Copy)]
enum Output {
    Value(ValueId),
    Zero,
}

fn values(values: &[ValueId]) -> Vec<Output> {
    values.iter().copied().map(Output::Value).collect()
}

struct Emitter<'a> {
    private: &'a TokenStream,
    kernel: &'a Kernel,
    params: Vec<Ident>,
    /// Inputs, then noises, then past values: what is given from outside.
    inputs: Vec<Ident>,
    /// How many of `inputs` come before the noises, and before the past values.
    first: [usize; 2],
    states: Vec<Ident>,
    /// For each value its slot among the derived ones, if it has one.
    slots: Vec<Option<usize>>,
    /// The arrays that seeds are components of, one after the other.
    seeds: Vec<(&'static str, usize)>,
}

/// The statements of a function in the making.
struct Body<'e, 'a> {
    emitter: &'e Emitter<'a>,
    /// Whether derived values are at hand, or have to be computed.
    has_derived: bool,
    statements: Vec<TokenStream>,
    /// How often the function uses each value.
    uses: Vec<usize>,
    done: Vec<Option<Term>>,
    used: Used,
}

/// The Rust for a value.
#[derive(Clone)]
struct Term {
    tokens: TokenStream,
    /// Whether it needs parentheses as an operand.
    is_infix: bool,
    /// Levels of nesting; 0 for what is at hand.
    height: usize,
}

/// Deeper formulas are split: they would not fit on a line.
const MAX_HEIGHT: usize = 3;

impl Term {
    fn at_hand(tokens: TokenStream) -> Self {
        Self { tokens, is_infix: false, height: 0 }
    }

    /// As an operand of an operator, or before a method.
    fn tight(&self) -> TokenStream {
        let tokens = &self.tokens;
        if self.is_infix { quote!((#tokens)) } else { tokens.clone() }
    }
}

/// Which elements of the arrays at hand a function reads.
struct Used {
    params: Vec<bool>,
    derived: Vec<bool>,
    inputs: Vec<bool>,
    states: Vec<bool>,
}

impl<'a> Emitter<'a> {
    fn new(private: &'a TokenStream, model: &Model, kernel: &'a Kernel) -> Self {
        fn idents<I: Id, T>(
            prefix: &str,
            items: &Arena<I, T>,
            declared: impl Fn(&T) -> &Declared,
        ) -> Vec<Ident> {
            let ident = |item| format_ident!("__{prefix}_{}", declared(item).name.ascii());
            items.values().map(ident).collect()
        }
        let mut slots = vec![None; kernel.values.len()];
        for (slot, value) in kernel.outputs.derived.iter().enumerate() {
            slots[value.index()] = Some(slot);
        }
        let mut inputs = idents("u", &model.inputs, |item| &item.declared);
        inputs.extend(idents("u", &model.noises, |item| &item.declared));
        inputs.extend((0..model.delays.len()).map(|index| format_ident!("__d{index}")));
        let first = [model.inputs.len(), model.inputs.len() + model.noises.len()];
        Self {
            private,
            kernel,
            params: idents("p", &model.params, |item| &item.declared),
            inputs,
            first,
            states: idents("x", &model.states, |item| &item.declared),
            slots,
            seeds: Vec::new(),
        }
    }

    /// With seeds that are components of these arrays.
    fn seeded(self, seeds: &[(&'static str, usize)]) -> Self {
        Self { seeds: seeds.to_vec(), ..self }
    }

    /// A component of the vector that a product is made with.
    fn seed(&self, place: usize) -> TokenStream {
        let mut place = place;
        for (array, length) in &self.seeds {
            if place < *length {
                let (array, place) = (format_ident!("{array}"), index(place));
                return quote!(__by.#array[#place]);
            }
            place -= length;
        }
        unreachable!("seeds are components of the arrays given")
    }

    /// `fn tangent(at, by) -> …`: a product with the Jacobian.
    fn product(
        &self,
        name: &str,
        [from, to]: [&str; 2],
        fields: &[(&'static str, usize)],
    ) -> TokenStream {
        let products = &self.kernel.outputs.products;
        if products.iter().all(Option::is_none) {
            return TokenStream::new();
        }
        let roots: Vec<ValueId> = products.iter().flatten().copied().collect();
        let mut body = self.body(false, &roots);
        let output = |product: &Option<ValueId>| product.map_or(Output::Zero, Output::Value);
        let elements: Vec<_> =
            products.iter().map(|product| body.output(output(product))).collect();
        let mut elements = elements.into_iter();
        let fields = fields.iter().map(|(field, length)| {
            let field = format_ident!("{field}");
            let elements: Vec<_> = elements.by_ref().take(*length).collect();
            quote!(#field: [#(#elements),*])
        });
        let fields: Vec<_> = fields.collect();
        let reads = body.reads(&quote!(__at.));
        let at = if reads.is_empty() && !body.reads_time() { quote!(_) } else { quote!(__at) };
        let (private, statements) = (self.private, &body.statements);
        let [name, from, to] = [name, from, to].map(|name| format_ident!("{name}"));
        quote! {
            #[inline(always)]
            fn #name<L: #private::Lanes>(
                #at: &#private::Point<Self, L>,
                __by: &#private::#from<Self, L>,
            ) -> #private::#to<Self, L> {
                #reads
                #(#statements)*
                #private::#to { #(#fields),* }
            }
        }
    }

    fn body(&self, has_derived: bool, roots: &[ValueId]) -> Body<'_, 'a> {
        let used = Used {
            params: vec![false; self.params.len()],
            derived: vec![false; self.kernel.outputs.derived.len()],
            inputs: vec![false; self.inputs.len()],
            states: vec![false; self.states.len()],
        };
        let (done, uses) = (vec![None; self.kernel.values.len()], self.uses(has_derived, roots));
        Body { emitter: self, has_derived, statements: Vec::new(), uses, done, used }
    }

    /// How often each value is used by a function that gives `roots`.
    fn uses(&self, has_derived: bool, roots: &[ValueId]) -> Vec<usize> {
        let mut uses = vec![0; self.kernel.values.len()];
        for root in roots {
            uses[root.index()] += 1;
        }
        // Users come after their operands: one sweep from the end meets every user first.
        for (index, op) in self.kernel.values.values().enumerate().rev() {
            let is_computed = !(has_derived && self.slots[index].is_some());
            if uses[index] > 0 && is_computed {
                op.operands().into_iter().for_each(|operand| uses[operand.index()] += 1);
            }
        }
        uses
    }

    /// `fn name(p) -> [L; N]`: derived parameters and initial values.
    fn of_parameters(&self, name: &str, outputs: &[ValueId]) -> TokenStream {
        if outputs.is_empty() {
            return TokenStream::new();
        }
        let mut body = self.body(false, outputs);
        let elements: Vec<_> = outputs.iter().map(|value| body.term(*value).tokens).collect();
        let (private, name) = (self.private, format_ident!("{name}"));
        let (count, length) = (index(outputs.len()), index(self.params.len()));
        let params =
            pattern(&self.params, &body.used.params).map(|pattern| quote!(let #pattern = *__p;));
        let argument = if params.is_some() { quote!(__p) } else { quote!(_) };
        let statements = &body.statements;
        quote! {
            fn #name<L: #private::Lanes>(#argument: &[L; #length]) -> [L; #count] {
                #params
                #(#statements)*
                [#(#elements),*]
            }
        }
    }

    /// `fn name(at) -> [L; N]`: everything that varies while a simulation runs.
    fn at_point(&self, name: &str, outputs: &[Output]) -> TokenStream {
        if outputs.is_empty() {
            return TokenStream::new();
        }
        let roots = outputs.iter().filter_map(|output| match output {
            Output::Value(value) => Some(*value),
            Output::Zero => None,
        });
        let mut body = self.body(true, &roots.collect::<Vec<_>>());
        let elements: Vec<_> = outputs.iter().map(|output| body.output(*output)).collect();
        body.function(name, &quote!(L), &elements)
    }

    /// `fn slopes(at) -> [Slope<L>; N]`: time derivatives; what is used nowhere else as a quotient stays one.
    fn slopes(&self, outputs: &[ValueId]) -> TokenStream {
        let (private, mut body) = (self.private, self.body(true, outputs));
        let element = |output: &ValueId| match self.kernel.values[*output] {
            Op::Quotient(value, divisor, reciprocal) if body.uses[output.index()] == 1 => {
                method(&[value, divisor, reciprocal].map(|operand| body.term(operand)), "over")
            }
            _ => method(&[body.term(*output)], "slope"),
        };
        let elements: Vec<_> = outputs.iter().map(element).collect();
        body.function("slopes", &quote!(#private::Slope<L>), &elements)
    }

    /// `fn bound(p, q, x) -> x`: states clipped into their intervals.
    fn bound(&self) -> TokenStream {
        let bounds = &self.kernel.outputs.bounds;
        if bounds.iter().all(|bounds| bounds.lower.is_empty() && bounds.upper.is_empty()) {
            return TokenStream::new();
        }
        let limits = bounds.iter().flat_map(|bounds| bounds.lower.iter().chain(&bounds.upper));
        let mut body = self.body(true, &limits.copied().collect::<Vec<_>>());
        let mut elements = Vec::new();
        for (state, bounds) in self.states.iter().zip(bounds) {
            let mut element = quote!(#state);
            for limit in &bounds.lower {
                let limit = body.term(*limit).tokens;
                element.extend(quote!(.at_least(#limit)));
            }
            for limit in &bounds.upper {
                let limit = body.term(*limit).tokens;
                element.extend(quote!(.at_most(#limit)));
            }
            elements.push(element);
        }
        let (private, states) = (self.private, &self.states);
        let reads = body.reads(&quote!(__at.));
        let argument = if reads.is_empty() { quote!(_) } else { quote!(__at) };
        let (statements, count) = (&body.statements, index(states.len()));
        quote! {
            #[inline(always)]
            fn bound<L: #private::Lanes>(
                #argument: &#private::Point<Self, L>,
                __x: [L; #count],
            ) -> [L; #count] {
                #reads
                let [#(#states),*] = __x;
                #(#statements)*
                [#(#elements),*]
            }
        }
    }
}

/// `[a, _, c]`; `None` when nothing in it is used.
fn pattern(idents: &[Ident], used: &[bool]) -> Option<TokenStream> {
    let any = used.iter().any(|used| *used);
    let elements =
        idents.iter().zip(used).map(|(ident, used)| if *used { quote!(#ident) } else { quote!(_) });
    any.then(|| quote!([#(#elements),*]))
}

impl Body<'_, '_> {
    /// `fn name(at) -> [element; N]`.
    fn function(&self, name: &str, element: &TokenStream, elements: &[TokenStream]) -> TokenStream {
        let (private, name) = (self.emitter.private, format_ident!("{name}"));
        let reads = self.reads(&quote!(__at.));
        let uses_point = !reads.is_empty() || self.reads_time();
        let argument = if uses_point { quote!(__at) } else { quote!(_) };
        let (statements, count) = (&self.statements, index(elements.len()));
        quote! {
            #[inline(always)]
            fn #name<L: #private::Lanes>(
                #argument: &#private::Point<Self, L>,
            ) -> [#element; #count] {
                #reads
                #(#statements)*
                [#(#elements),*]
            }
        }
    }

    /// `let [x_a, _] = at.x;` for each array that is used.
    fn reads(&self, from: &TokenStream) -> TokenStream {
        let emitter = self.emitter;
        let derived: Vec<_> =
            (0..self.used.derived.len()).map(|slot| format_ident!("__q{slot}")).collect();
        let arrays = [
            (quote!(p), pattern(&emitter.params, &self.used.params)),
            (quote!(q), pattern(&derived, &self.used.derived)),
            (quote!(u), pattern(&emitter.inputs, &self.used.inputs)),
            (quote!(x), pattern(&emitter.states, &self.used.states)),
        ];
        let reads = arrays.into_iter().filter_map(|(array, pattern)| {
            pattern.map(|pattern| quote!(let #pattern = #from #array;))
        });
        quote!(#(#reads)*)
    }

    fn reads_time(&self) -> bool {
        self.emitter
            .kernel
            .values
            .iter()
            .any(|(id, op)| *op == Op::Time && self.done[id.index()].is_some())
    }

    fn output(&mut self, output: Output) -> TokenStream {
        match output {
            Output::Value(value) => self.term(value).tokens,
            Output::Zero => quote!(L::splat(0.0)),
        }
    }

    /// The Rust for a value: what is at hand, a local, or its formula.
    fn term(&mut self, value: ValueId) -> Term {
        let emitter = self.emitter;
        if let Some(slot) = emitter.slots[value.index()].filter(|_| self.has_derived) {
            self.used.derived[slot] = true;
            let ident = format_ident!("__q{slot}");
            return Term::at_hand(quote!(#ident));
        }
        Term::at_hand(match &emitter.kernel.values[value] {
            Op::Number(real) => {
                let number = number(emitter.private, real.get());
                quote!(L::splat(#number))
            }
            Op::Param(id) => read(&emitter.params, &mut self.used.params, id.index()),
            Op::Input(id) => read(&emitter.inputs, &mut self.used.inputs, id.index()),
            Op::State(id) => read(&emitter.states, &mut self.used.states, id.index()),
            Op::Noise(id) => self.given(emitter.first[0] + id.index()),
            Op::Delayed(id) => self.given(emitter.first[1] + id.index()),
            Op::Seed(place) => emitter.seed(*place),
            _ => {
                self.compute(value);
                return self.done[value.index()].clone().expect("it was just computed");
            }
        })
    }

    /// What is given from outside.
    fn given(&mut self, index: usize) -> TokenStream {
        read(&self.emitter.inputs, &mut self.used.inputs, index)
    }

    /// Emits everything that a value needs, then the value. Not recursive: chains are long.
    fn compute(&mut self, root: ValueId) {
        let kernel = self.emitter.kernel;
        let mut stack = vec![root];
        while let Some(value) = stack.last().copied() {
            let pending = kernel.values[value]
                .operands()
                .into_iter()
                .find(|operand| self.is_pending(*operand));
            match pending {
                Some(operand) => stack.push(operand),
                None => {
                    stack.pop();
                    self.define(value);
                }
            }
        }
    }

    fn is_pending(&self, value: ValueId) -> bool {
        let at_hand = self.has_derived && self.emitter.slots[value.index()].is_some();
        let needs_local = !matches!(
            self.emitter.kernel.values[value],
            Op::Number(_)
                | Op::Param(_)
                | Op::Input(_)
                | Op::State(_)
                | Op::Noise(_)
                | Op::Delayed(_)
                | Op::Seed(_)
        );
        needs_local && !at_hand && self.done[value.index()].is_none()
    }

    /// Whether an instruction is 1 where a condition holds, and else 0.
    fn indicator(&self, op: &Op) -> bool {
        let values = &self.emitter.kernel.values;
        let is = |value: ValueId, number: f64| values[value] == Op::Number(Real::new(number));
        matches!(*op, Op::Select(_, a, b) if is(a, 1.0) && is(b, 0.0))
    }

    /// Forms the term of a value whose operands are there; emits `let v = …;` if it is used more
    /// than once or is nested deeply.
    fn define(&mut self, value: ValueId) {
        if self.done[value.index()].is_some() {
            return;
        }
        let op = &self.emitter.kernel.values[value];
        let operands: Vec<_> = op.operands().into_iter().map(|value| self.term(value)).collect();
        let height = 1 + operands.iter().map(|operand| operand.height).max().unwrap_or(0);
        let tokens = if self.indicator(op) {
            let condition = &operands[0].tokens;
            quote!(L::indicator(#condition))
        } else {
            expression(op, &operands)
        };
        let term = if self.uses[value.index()] == 1 && height <= MAX_HEIGHT {
            Term { tokens, is_infix: is_infix(op), height }
        } else {
            let local = format_ident!("__v{}", self.statements.len());
            self.statements.push(quote!(let #local = #tokens;));
            Term::at_hand(quote!(#local))
        };
        self.done[value.index()] = Some(term);
    }
}

/// Whether an instruction is written with an operator.
fn is_infix(op: &Op) -> bool {
    !matches!(
        op,
        Op::Time
            | Op::MulAdd(..)
            | Op::Quotient(..)
            | Op::Call(..)
            | Op::Compare(..)
            | Op::Select(..)
    )
}

fn expression(op: &Op, operands: &[Term]) -> TokenStream {
    let tight = |index: usize| operands[index].tight();
    let binary = |symbol: TokenStream| {
        let (a, b) = (tight(0), tight(1));
        quote!(#a #symbol #b)
    };
    let unary = |symbol: TokenStream| {
        let a = tight(0);
        quote!(#symbol #a)
    };
    match op {
        Op::Time => quote!(__at.t),
        Op::Neg(_) => unary(quote!(-)),
        Op::Not(_) => unary(quote!(!)),
        Op::Add(..) => binary(quote!(+)),
        Op::Sub(..) => binary(quote!(-)),
        Op::Mul(..) => binary(quote!(*)),
        Op::Div(..) => binary(quote!(/)),
        Op::And(..) => binary(quote!(&)),
        Op::Or(..) => binary(quote!(|)),
        Op::MulAdd(..) => method(operands, "mul_add"),
        Op::Quotient(..) => method(operands, "quotient"),
        Op::Call(builtin, _) => method(operands, builtin.name),
        Op::Compare(op, ..) => method(operands, comparison(*op)),
        Op::Select(..) => {
            let operands = operands.iter().map(|operand| &operand.tokens);
            quote!(L::select(#(#operands),*))
        }
        Op::Number(_)
        | Op::Param(_)
        | Op::Input(_)
        | Op::State(_)
        | Op::Noise(_)
        | Op::Delayed(_)
        | Op::Seed(_) => {
            unreachable!("leaves are read where they are used")
        }
    }
}

fn read(idents: &[Ident], used: &mut [bool], index: usize) -> TokenStream {
    used[index] = true;
    let ident = &idents[index];
    quote!(#ident)
}

/// `L::name(a, b, …)`, in the form `a.name(b, …)`.
fn method(operands: &[Term], name: &str) -> TokenStream {
    let name = format_ident!("{name}");
    let first = operands[0].tight();
    let rest = operands[1..].iter().map(|operand| &operand.tokens);
    quote!(#first.#name(#(#rest),*))
}

fn comparison(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Lt => "less",
        BinaryOp::Le => "at_most_as",
        BinaryOp::Gt => "greater",
        BinaryOp::Ge => "at_least_as",
        BinaryOp::Eq => "equal",
        _ => "unequal",
    }
}
