//! Writing.

use std::collections::BTreeMap;

use hdf5_pure::{AttrValue, DatasetBuilder, FileBuilder, FinishedGroup, GroupBuilder};

use super::super::StateFile;
use super::super::array::{Array, Data};
use super::super::error::Problem;
use super::{BLOCK, block};

pub(in super::super) fn encode(file: &StateFile) -> Result<Vec<u8>, Problem> {
    let mut root = Folder::default();
    for (name, array) in &file.arrays {
        let path: Vec<&str> = name.split('/').collect();
        root.add(&path, array).map_err(|problem| wrong(name, problem))?;
    }
    let mut builder = FileBuilder::new();
    builder.with_userblock(BLOCK as u64);
    for (key, value) in &file.header {
        if key.is_empty() || key.contains('\0') || value.contains('\0') {
            return Err(wrong(key, "attributes in HDF5 files have a name, and no character 0"));
        }
        builder.set_attr(key, AttrValue::VarLenString(value.clone()));
    }
    root.fill(&mut builder);
    let mut bytes = builder.finish().map_err(|error| Problem::damaged(error.to_string()))?;
    let block = block(&bytes[BLOCK..]);
    bytes[..BLOCK].copy_from_slice(&block);
    Ok(bytes)
}

fn wrong(name: &str, problem: &'static str) -> Problem {
    Problem::Name { name: name.to_owned(), problem }
}

/// What is in a group.
#[derive(Default)]
struct Folder<'a> {
    arrays: BTreeMap<&'a str, &'a Array>,
    folders: BTreeMap<&'a str, Folder<'a>>,
}

impl<'a> Folder<'a> {
    fn add(&mut self, path: &[&'a str], array: &'a Array) -> Result<(), &'static str> {
        let Some((first, rest)) = path.split_first() else { return Ok(()) };
        if matches!(*first, "" | "." | "..") {
            return Err("a `/` in a name makes a group in HDF5 files, and groups have names");
        }
        let is_taken = if rest.is_empty() {
            self.arrays.insert(first, array);
            self.folders.contains_key(first)
        } else {
            self.folders.entry(first).or_default().add(rest, array)?;
            self.arrays.contains_key(first)
        };
        if is_taken {
            return Err("a `/` in a name makes a group in HDF5 files, and an array is called so");
        }
        Ok(())
    }

    fn fill(&self, into: &mut impl Parent) {
        for (name, array) in &self.arrays {
            let shape: Vec<u64> = array.shape().iter().map(|length| *length as u64).collect();
            let dataset = into.dataset(name);
            match array.data() {
                Data::F64(values) => dataset.with_f64_data(values),
                Data::F32(values) => dataset.with_f32_data(values),
                Data::U64(values) => dataset.with_u64_data(values),
            }
            .with_shape(&shape);
        }
        for (name, folder) in &self.folders {
            let mut group = into.group(name);
            folder.fill(&mut group);
            into.adopt(group.finish());
        }
    }
}

/// The root of a file, or a group.
trait Parent {
    fn dataset(&mut self, name: &str) -> &mut DatasetBuilder;
    fn group(&mut self, name: &str) -> GroupBuilder;
    fn adopt(&mut self, group: FinishedGroup);
}

macro_rules! parents {
    ($($type:ty),*) => {$(
        impl Parent for $type {
            fn dataset(&mut self, name: &str) -> &mut DatasetBuilder {
                self.create_dataset(name)
            }

            fn group(&mut self, name: &str) -> GroupBuilder {
                self.create_group(name)
            }

            fn adopt(&mut self, group: FinishedGroup) {
                self.add_group(group);
            }
        }
    )*};
}

parents!(FileBuilder, GroupBuilder);
