//! Results of a sweep that is under way, in a file.

use std::collections::BTreeMap;
use std::path::Path;

use super::SweepResults;
use crate::error::Error;
use crate::states::{Array, StateFile};

/// Writes what there is.
pub(super) fn save(path: &Path, results: &SweepResults) -> Result<(), Error> {
    let mut file = StateFile { header: description(results), ..StateFile::default() };
    let values = results.values.iter().copied().collect::<Vec<f64>>();
    file.arrays.insert("values".to_owned(), Array::new(results.values.shape(), values)?);
    let done: Vec<u64> = results.is_done.iter().map(|is_done| u64::from(*is_done)).collect();
    file.arrays.insert("done".to_owned(), done.into());
    for axis in &results.axes {
        let values = axis.points.concat();
        let points = Array::new([axis.points.len(), axis.names.len()], values)?;
        file.arrays.insert(format!("axis.{}", axis.names.join(",")), points);
    }
    Ok(file.write(path)?)
}

/// Takes over results of the same sweep.
pub(super) fn load(path: &Path, results: &mut SweepResults) -> Result<(), Error> {
    let file = StateFile::read(path)?;
    let other = |what: &str, found: &str| Error::OtherSweep {
        path: path.to_owned(),
        what: what.to_owned(),
        found: found.to_owned(),
    };
    for (key, expected) in &description(results) {
        match file.header.get(key) {
            Some(found) if found == expected => {}
            found => return Err(other(key, found.map_or("missing", String::as_str))),
        }
    }
    for axis in &results.axes {
        let name = format!("axis.{}", axis.names.join(","));
        let points = file.arrays.get(&name).and_then(|array| array.values::<f64>());
        let is_same = points.is_some_and(|points| {
            points.iter().map(|value| value.to_bits()).eq(axis
                .points
                .concat()
                .iter()
                .map(|value| value.to_bits()))
        });
        if !is_same {
            return Err(other(&name, "different"));
        }
    }
    let values = file.arrays.get("values").and_then(|array| array.values::<f64>());
    let done = file.arrays.get("done").and_then(|array| array.values::<u64>());
    let (Some(values), Some(done)) = (values, done) else {
        return Err(other("values", "missing"));
    };
    if values.len() != results.values.len() || done.len() != results.is_done.len() {
        return Err(other("values", "of another length"));
    }
    for (own, value) in results.values.iter_mut().zip(values) {
        *own = *value;
    }
    for (own, value) in results.is_done.iter_mut().zip(done) {
        *own = *value != 0;
    }
    Ok(())
}

/// What must be the same.
fn description(results: &SweepResults) -> BTreeMap<String, String> {
    let axes = results.axes.iter();
    let axes = axes.map(|axis| format!("{} ({})", axis.names.join(", "), axis.points.len()));
    BTreeMap::from([
        ("kind".to_owned(), "results of a sweep".to_owned()),
        ("axes".to_owned(), axes.collect::<Vec<_>>().join(" × ")),
        ("outputs".to_owned(), results.outputs.join(", ")),
    ])
}
