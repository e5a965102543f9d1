//! Reading: what is written here, and what h5py and other programs write of real numbers.

use std::panic::catch_unwind;

use hdf5_pure::{DType, Dataset, Error, File, Group};

use super::super::StateFile;
use super::super::array::{Array, Data, count};
use super::super::error::Problem;
use super::{BLOCK, SEAL, block};

/// How many groups may be in each other: a group may also be in itself.
const DEEPEST: usize = 32;

/// What a file may ask for besides a thousand times its own size, about the most that its
/// compression makes of a byte (1032; P. Deutsch, RFC 1951).
const SPARE: u64 = 64 << 20;

pub(in super::super) fn decode(bytes: &[u8]) -> Result<StateFile, Problem> {
    if bytes.starts_with(SEAL.as_bytes()) {
        let (before, content) = bytes.split_at_checked(BLOCK).ok_or_else(cut)?;
        if before != block(content) {
            return Err(Problem::damaged("its checksum is not that of its content"));
        }
    }
    // Files of others have no seal, and the parser is made for any file; should it fail at one that
    // is damaged, it is the file's fault all the same.
    let parsed = catch_unwind(|| parse(bytes));
    parsed.unwrap_or_else(|_| Err(Problem::damaged("it cannot be made sense of")))
}

fn cut() -> Problem {
    Problem::damaged("it ends before its content does")
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn fail(error: Error) -> Problem {
    Problem::damaged(error.to_string())
}

fn parse(bytes: &[u8]) -> Result<StateFile, Problem> {
    let hdf5 = File::from_bytes(bytes.to_vec()).map_err(fail)?;
    if hdf5.superblock().eof_address > bytes.len() as u64 {
        return Err(cut());
    }
    let room = (bytes.len() as u64).saturating_mul(1032).saturating_add(SPARE);
    let mut walk = Walk { file: StateFile::default(), room, groups_left: bytes.len() };
    let words = hdf5.root().attrs().map_err(fail)?.into_iter();
    let words = words.filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    walk.file.header = words.collect();
    walk.group(&hdf5.root(), "", 0)?;
    if walk.file == StateFile::default() {
        return Err(Problem::damaged("it holds nothing"));
    }
    Ok(walk.file)
}

/// Goes through the groups of a file.
struct Walk {
    file: StateFile,
    /// How many bytes its arrays may still have.
    room: u64,
    /// A group has more bytes than one; more of them than bytes are groups in themselves.
    groups_left: usize,
}

impl Walk {
    fn group(&mut self, group: &Group, prefix: &str, depth: usize) -> Result<(), Problem> {
        if depth > DEEPEST || self.groups_left == 0 {
            return Err(Problem::damaged("its groups are in themselves, or in too many others"));
        }
        self.groups_left -= 1;
        for (name, dataset) in group.iter_datasets().map_err(fail)? {
            let name = format!("{prefix}{name}");
            let array = self.array(&name, &dataset)?;
            if self.file.arrays.insert(name.clone(), array).is_some() {
                return Err(Problem::damaged(format!("it holds `{name}` twice")));
            }
        }
        for (name, inner) in group.iter_groups().map_err(fail)? {
            self.group(&inner, &format!("{prefix}{name}/"), depth + 1)?;
        }
        Ok(())
    }

    fn array(&mut self, name: &str, dataset: &Dataset) -> Result<Array, Problem> {
        let mismatch = || Problem::damaged(format!("the numbers of `{name}` do not fit its shape"));
        let lengths = dataset.shape().map_err(fail)?;
        let shape = lengths.iter().map(|length| usize::try_from(*length).ok());
        let shape: Vec<usize> = shape.collect::<Option<_>>().ok_or_else(mismatch)?;
        let size = dataset.element_size().map_err(fail)?;
        let bytes = size_of(&lengths, size).ok_or_else(mismatch)?;
        let chunk = dataset.chunk_shape().map_err(fail)?;
        let chunk = chunk.map_or(Some(0), |lengths| size_of(&lengths, size));
        if chunk.is_none_or(|chunk| chunk > self.room) || bytes > self.room {
            let problem = format!("array `{name}` of shape {shape:?} is more than it can hold");
            return Err(Problem::damaged(problem));
        }
        self.room -= bytes;
        let data = match dataset.dtype().map_err(fail)? {
            DType::F64 => Data::F64(dataset.read_f64().map_err(fail)?),
            DType::F32 => Data::F32(dataset.read_f32().map_err(fail)?),
            DType::U64 => Data::U64(dataset.read_u64().map_err(fail)?),
            other => {
                let (array, found) = (name.to_owned(), other.to_string());
                return Err(Problem::Type { array, found });
            }
        };
        if count(&shape) != Some(data.len()) {
            return Err(mismatch());
        }
        Array::new(shape, data).map_err(|_| mismatch())
    }
}

/// Bytes of so many numbers; `None` when they cannot be counted.
fn size_of(lengths: &[u64], of_one: u64) -> Option<u64> {
    if lengths.contains(&0) {
        return Some(0);
    }
    lengths.iter().try_fold(of_one, |product, length| product.checked_mul(*length))
}
