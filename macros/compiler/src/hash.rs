//! A number that tells models with other equations apart: files of states carry it.

use std::fmt::Write;

use crate::model::{Bound, Declared, Model};

/// FNV-1a with 64 bits (G. Fowler, L. C. Noll, K.-P. Vo and D. Eastlake, The FNV non-cryptographic hash
/// algorithm, IETF draft-eastlake-fnv).
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

/// The number of a model: of its symbols, units, conditions, constants and equations as they are printed,
/// which is without comments, documentation and spaces. The name of the model, defaults of parameters
/// and inputs, and initial values do not count.
pub fn of_equations(model: &Model) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // A hash takes everything.
    write(&mut hash, model).unwrap_or_default();
    hash.0
}

fn write(hash: &mut Fnv, model: &Model) -> std::fmt::Result {
    writeln!(hash, "time {}: {}", model.time_name, model.time_unit)?;
    for function in &model.functions {
        writeln!(hash, "{function}")?;
    }
    let texts = model.constants.values().map(|constant| &constant.declared);
    let texts = texts.chain(model.auxiliaries.values().map(|auxiliary| &auxiliary.declared));
    for declared in texts.chain(model.noises.values().map(|noise| &noise.declared)) {
        writeln!(hash, "{}", declared.text)?;
    }
    for param in model.params.values() {
        symbol(hash, "param", &param.declared, &param.bounds)?;
    }
    for input in model.inputs.values() {
        symbol(hash, "input", &input.declared, &[])?;
    }
    for state in model.states.values() {
        symbol(hash, "state", &state.declared, &state.bounds)?;
        writeln!(hash, "{}", state.equation.text)?;
    }
    Ok(())
}

fn symbol(hash: &mut Fnv, kind: &str, declared: &Declared, bounds: &[Bound]) -> std::fmt::Result {
    write!(hash, "{kind} {}: {}", declared.name, declared.unit)?;
    for bound in bounds {
        write!(hash, " where {}", bound.text)?;
    }
    writeln!(hash)
}

#[cfg(test)]
mod tests {
    use crate::{compile_text, hash};

    fn hash(text: &str) -> u64 {
        let compiled = compile_text(text);
        let program = compiled.models[0].program.as_ref();
        hash::of_equations(program.expect("it has no errors").model())
    }

    const LEAK: &str = "model Leak { param tau: ms = 20 where tau > 0; input I: Hz; \
                        state x: Hz = 1; tau dx/dt = -x + relu(I); }";

    #[test]
    fn what_means_the_same_has_the_same_hash() {
        for (old, new) in [
            ("model Leak", "model Other"),
            ("= 20", "= 30"),
            ("Hz = 1", "Hz = 2"),
            ("input I", "/// Documented.\ninput  I"),
            ("-x + relu(I)", "// a comment\n(-x)+relu( I )"),
        ] {
            assert!(LEAK.contains(old), "{old}");
            assert_eq!(hash(&LEAK.replace(old, new)), hash(LEAK), "{new}");
        }
    }

    #[test]
    fn what_means_something_else_has_another() {
        let changes = [
            ("-x + relu", "-2*x + relu"),
            ("tau: ms", "tau: s"),
            ("where tau > 0", "where tau >= 1"),
            ("x: Hz = 1", "x: Hz = 1 where x >= 0"),
            ("input I: Hz;", "input I: Hz; output y = x;"),
        ];
        for (old, new) in changes {
            assert!(LEAK.contains(old), "{old}");
            assert_ne!(hash(&LEAK.replace(old, new)), hash(LEAK), "{new}");
        }
    }

    /// Files carry it: it must not change by accident.
    #[test]
    fn the_hash_stays() {
        assert_eq!(format!("{:016x}", hash(LEAK)), "6574bf40771dcddb");
    }
}
