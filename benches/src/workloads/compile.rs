//! C1: what a model costs before its first step. Expanding the macro for 10, 100 and 1000 equations;
//! building a user's crate again after its model was edited, up to the first step; what a model adds to
//! the program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rate_model_compiler::{Home, compile, generate};

use crate::arguments::Arguments;
use crate::error::{Error, succeed};
use crate::report::{Report, isa, spread};

/// Equations of the model of the user's crate.
const EQUATIONS: usize = 10;

/// Models of the larger crate.
const MODELS: usize = 9;

/// Measures all.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    for equations in [10, 100, 1000] {
        let times =
            (0..=arguments.runs).map(|_| expansion(equations)).collect::<Result<Vec<_>, _>>()?;
        report("C1-expansion", equations, "ms", times[1..].to_vec(), arguments);
    }
    let own = Crate::new("one", 1)?;
    own.build()?;
    let times = (0..arguments.runs).map(|run| own.rebuild(run)).collect::<Result<Vec<_>, _>>()?;
    report("C1-rebuild", EQUATIONS, "s", times, arguments);
    let many = Crate::new("many", MODELS)?;
    many.build()?;
    let per_model = (many.size()? - own.size()?) / (MODELS - 1) as f64;
    report("C1-size", EQUATIONS, "kB per model", vec![per_model], arguments);
    Ok(())
}

fn report(workload: &str, n: usize, unit: &'static str, values: Vec<f64>, arguments: &Arguments) {
    let runs = values.len();
    let [min, median] = spread(values);
    let dtype = arguments.precision.name();
    let report = Report {
        workload: workload.to_owned(),
        n,
        dtype,
        threads: 1,
        unit,
        min,
        median,
        runs,
        isa: isa(),
        checksum: n as f64,
        peer: None,
        ratio: None,
    };
    report.print(arguments.json);
}

/// Each state is driven by its neighbour through a sigmoid.
fn model(name: &str, equations: usize, threshold: usize) -> String {
    let equation = |i: usize| {
        let next = (i + 1) % equations;
        format!(
            "param tau{i}: ms = 10 where tau{i} > 0; param w{i} = 4;\n\
             state r{i} = 0.1 where 0 <= r{i} <= 1;\n\
             tau{i} dr{i}/dt = -r{i} + (1 - r{i})*sigmoid(w{i}*r{next} - 1.{threshold} + I);\n"
        )
    };
    let equations: String = (0..equations).map(equation).collect();
    format!("model {name} {{ input I; {equations} }}")
}

/// Milliseconds that the macro takes.
fn expansion(equations: usize) -> Result<f64, Error> {
    let text = model("Chain", equations, 0);
    let wrong = |problem: String| Error::Command { command: "the compiler".to_owned(), problem };
    let start = Instant::now();
    let tokens: proc_macro2::TokenStream =
        text.parse().map_err(|error: proc_macro2::LexError| wrong(error.to_string()))?;
    let compiled = compile(tokens);
    let rust = generate(&quote::quote!(::rate_model), &Home::default(), &compiled);
    let time = start.elapsed();
    if rust.is_empty() || !compiled.diagnostics.is_empty() {
        return Err(wrong("refused the model".to_owned()));
    }
    Ok(time.as_secs_f64() * 1e3)
}

/// A crate of a user.
struct Crate {
    folder: PathBuf,
    name: &'static str,
    models: usize,
}

impl Crate {
    fn new(name: &'static str, models: usize) -> Result<Self, Error> {
        let program = std::env::current_exe().map_err(Error::file("this program"))?;
        let folder = program.with_file_name("c1").join(name);
        std::fs::create_dir_all(folder.join("src")).map_err(Error::file(&folder))?;
        let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n\
             [dependencies]\nrate-model = {{ path = '{}' }}\n\n\
             [profile.release]\nstrip = true\n\n[workspace]\n",
            project.join("runtime").display()
        );
        write(&folder.join("Cargo.toml"), &manifest)?;
        // The versions that the project is tested with.
        let (from, to) = (project.join("Cargo.lock"), folder.join("Cargo.lock"));
        std::fs::copy(&from, to).map_err(Error::file(from))?;
        let user = Self { folder, name, models };
        user.edit(0)?;
        Ok(user)
    }

    /// Writes the program; the edit is a number in each model.
    fn edit(&self, edit: usize) -> Result<(), Error> {
        let (mut models, mut steps) = (String::new(), String::new());
        for place in 0..self.models {
            models += &model(&format!("Model{place}"), EQUATIONS, 100 * place + edit);
            let population = format!("Population::<Model{place}>::new(\"p{place}\", 100)");
            steps += &["let p = network.add(", &population, ")?;\n"].concat();
            let input = format!("Model{place}::I");
            steps += &["network.stimulate(p, ", &input, ", 1.0)?;\n"].concat();
        }
        let program = format!(
            "use rate_model::prelude::*;\nrate_model! {{ {models} }}\n\
             fn main() -> Result<(), Error> {{\nlet mut network = Network::new();\n{steps}\
             let mut simulation = Simulation::new(network, ms(0.1))?;\n\
             simulation.run(steps(1))?;\nOk(())\n}}\n"
        );
        write(&self.folder.join("src/main.rs"), &program)
    }

    fn target(&self) -> PathBuf {
        self.folder.with_file_name("target")
    }

    fn build(&self) -> Result<(), Error> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--quiet"]).current_dir(&self.folder);
        succeed(cargo.env("CARGO_TARGET_DIR", self.target()))
    }

    fn program(&self) -> PathBuf {
        self.target().join("release").join(self.name)
    }

    /// Seconds from an edit to the end of the first step.
    fn rebuild(&self, run: usize) -> Result<f64, Error> {
        self.edit(run + 1)?;
        let start = Instant::now();
        self.build()?;
        succeed(&mut Command::new(self.program()))?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Of the program, in kB.
    fn size(&self) -> Result<f64, Error> {
        let program = self.program();
        let data = std::fs::metadata(&program).map_err(Error::file(program))?;
        Ok(data.len() as f64 / 1e3)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(Error::file(path))
}
