//! Checkpoints: all that a simulation needs to go on as if it had not been interrupted.
//!
//! Numbers are kept in double precision, which single precision goes through unchanged. Random
//! numbers depend on the step, so that only noise with a memory of its own is among them. Recordings,
//! stimuli and weights are not: whoever goes on builds the same simulation again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::lanes::Real;
use crate::network::population::Built;
use crate::simulation::Simulation;
use crate::states::{Array, StateFile};

/// Where the checkpoint stands among other files of states.
const KIND: (&str, &str) = ("kind", "checkpoint of a simulation");

/// The array of what inner steps go on with.
const INNER: &str = "inner steps";

impl<T: Real> Simulation<T> {
    /// Writes all that is needed to go on from here to a file: `.npz`, `.safetensors`, `.mat` or `.h5`
    /// (see [`states`](crate::states)). A crash while it is written leaves the file that was there before.
    ///
    /// ```
    /// # use rate_model::prelude::*;
    /// # rate_model! { model Leak { param tau: ms = 20 where tau > 0; state x = 1; tau dx/dt = -x; } }
    /// # fn build() -> Result<Simulation, Error> {
    /// #     let mut network = Network::new();
    /// #     network.add(Population::<Leak>::new("leak", 1))?;
    /// #     Simulation::new(network, ms(0.1))
    /// # }
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("leak.npz");
    /// let mut simulation = build()?;
    /// simulation.run(ms(50.0))?;
    /// simulation.save(&path)?;
    ///
    /// let mut later = build()?; // in another process
    /// later.load(&path)?;
    /// later.run(ms(50.0))?;
    /// assert_eq!(later.time(), ms(100.0));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::File`], when it cannot be written, or its suffix is of no known format.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let mut file = StateFile { header: self.description(), ..StateFile::default() };
        file.arrays.insert("step".to_owned(), vec![self.step() as f64].into());
        if let Some(inner) = self.keep_inner() {
            file.arrays.insert(INNER.to_owned(), inner.into());
        }
        for population in &self.network().populations {
            for (name, values) in population.keep() {
                let name = format!("{}.{name}", population.name);
                file.arrays.insert(name, values.into());
            }
        }
        Ok(file.write(path)?)
    }

    /// Goes on from where a simulation of the same network, with the same step and options, was
    /// saved. Parameters are those of the file; recordings are forgotten.
    ///
    /// # Errors
    /// [`Error::File`], when the file cannot be read or is damaged; [`Error::OtherSimulation`],
    /// when it was written by another network, other equations, step or options. Nothing is changed
    /// then.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let file = StateFile::read(path)?;
        let differs = |what: &str, found: Option<&String>, expected: &str| Error::OtherSimulation {
            path: path.to_owned(),
            what: what.to_owned(),
            found: found.cloned().unwrap_or_else(|| "nothing".to_owned()),
            expected: expected.to_owned(),
        };
        for (key, expected) in &self.description() {
            let found = file.header.get(key);
            if found != Some(expected) {
                return Err(differs(key, found, expected));
            }
        }
        let kept = |name: String, expected: &str| {
            let values = file.arrays.get(&name).and_then(numbers);
            values.ok_or_else(|| differs(&format!("array `{name}`"), None, expected))
        };
        let step = kept("step".to_owned(), "a number of steps")?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        let step = step.first().map_or(0, |step| *step as u64);
        let inner = self.keep_inner().map(|_| kept(INNER.to_owned(), "numbers")).transpose()?;
        let mut populations = Vec::new();
        for population in &self.network().populations {
            let mut of_population = BTreeMap::new();
            for (name, expected) in population.keep() {
                let values = kept(format!("{}.{name}", population.name), "numbers")?;
                if values.len() != expected.len() && !population.may_hold(&name, values.len()) {
                    let found = format!("{} numbers", values.len());
                    let expected = format!("{} numbers", expected.len());
                    let what = format!("array `{}.{name}`", population.name);
                    return Err(differs(&what, Some(&found), &expected));
                }
                of_population.insert(name, values);
            }
            let mut restored = population.clone();
            restored.restore(step, &of_population).map_err(|problem| {
                let what = format!("population `{}`", population.name);
                differs(&what, Some(&problem), "what it can go on from")
            })?;
            populations.push(restored);
        }
        self.go_on_from(step, populations, inner.as_deref());
        Ok(())
    }

    /// What must be the same for a simulation to go on where another stopped.
    fn description(&self) -> BTreeMap<String, String> {
        let options = self.options();
        let mut words = BTreeMap::from([
            (KIND.0.to_owned(), KIND.1.to_owned()),
            ("step length".to_owned(), self.dt().to_string()),
            ("method".to_owned(), options.integrator.to_string()),
            ("tolerance".to_owned(), format!("{:?}", options.tolerance)),
            ("bounds".to_owned(), format!("{:?}", options.bounds)),
            ("delivery".to_owned(), format!("{:?}", options.delivery)),
            ("interpolation".to_owned(), format!("{:?}", options.interpolation)),
            ("arithmetic".to_owned(), format!("{:?}", options.arithmetic)),
            ("seed".to_owned(), options.seed.to_string()),
            ("noise_substeps".to_owned(), options.noise_substeps.to_string()),
            ("precision".to_owned(), format!("{} bytes", size_of::<T>())),
        ]);
        let names = self.network().populations.iter().map(of_population);
        words.insert("populations".to_owned(), names.collect::<Vec<_>>().join("; "));
        words
    }
}

/// Name, model with the hash of its equations, and shape.
fn of_population<T>(population: &Built<T>) -> String {
    let Built { name, info, dims, .. } = population;
    format!("{name} of {} ({:016x}), {dims:?}", info.name, info.hash)
}

fn numbers(array: &Array) -> Option<Vec<f64>> {
    array.values::<f64>().map(<[f64]>::to_vec)
}
