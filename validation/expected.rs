//! What the other simulators gave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// For each method, step and state the values of all regions.
pub(crate) type Trajectories = BTreeMap<String, BTreeMap<u64, Vec<(String, Vec<f64>)>>>;

/// A file of this folder.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Reads `expected/NAME.csv`.
pub(crate) fn read(name: &str) -> Result<Trajectories, String> {
    let path = path(&format!("expected/{name}.csv"));
    let at = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{at}: {error}"))?;
    let mut all = Trajectories::new();
    for line in text.lines().skip(1) {
        let wrong = || format!("{at}: `{line}` is no method, step, state and numbers");
        let mut fields = line.split(',');
        let mut next = || fields.next().ok_or_else(wrong);
        let (method, step, state) = (next()?, next()?, next()?);
        let step: u64 = step.parse().map_err(|_| wrong())?;
        let values =
            fields.map(str::parse).collect::<Result<Vec<f64>, _>>().map_err(|_| wrong())?;
        let steps = all.entry(method.to_owned()).or_default();
        steps.entry(step).or_default().push((state.to_owned(), values));
    }
    Ok(all)
}
