//! Reading: what is written here, and what MATLAB and SciPy write of real numbers.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::super::StateFile;
use super::super::array::{Array, Data, count};
use super::super::bytes::Kind;
use super::super::error::Problem;
use super::super::header::{self, ARRAY};
use super::super::npy::column_major_places;
use super::{SHAPE, class, element};

pub(in super::super) fn decode(bytes: &[u8]) -> Result<StateFile, Problem> {
    let is_known = bytes.get(124..128) == Some(&[0x00, 0x01, b'I', b'M']);
    let Some(mut rest) = bytes.get(128..).filter(|_| is_known) else {
        return Err(Problem::damaged("it is no MAT-file of level 5 with the lowest byte first"));
    };
    if rest.is_empty() {
        return Err(Problem::damaged("it holds nothing"));
    }
    let mut file = StateFile::default();
    while !rest.is_empty() {
        let (kind, content) = next(&mut rest)?;
        match kind {
            element::MATRIX => add(&mut file, content)?,
            element::COMPRESSED => {
                let mut inner = Vec::new();
                let fail = |error: std::io::Error| Problem::damaged(error.to_string());
                ZlibDecoder::new(content).read_to_end(&mut inner).map_err(fail)?;
                match next(&mut inner.as_slice())? {
                    (element::MATRIX, content) => add(&mut file, content)?,
                    (other, _) => return Err(unknown(other)),
                }
            }
            other => return Err(unknown(other)),
        }
    }
    restore_shapes(&mut file)?;
    Ok(file)
}

fn unknown(kind: u32) -> Problem {
    Problem::damaged(format!("it holds an element of the unknown kind {kind}"))
}

/// Takes an element off the front: what it holds, and its bytes.
fn next<'a>(rest: &mut &'a [u8]) -> Result<(u32, &'a [u8]), Problem> {
    let cut = || Problem::damaged("it ends within an element");
    let (tag, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let tag = u32::from_le_bytes(*tag);
    // Up to four bytes may stand in the tag itself.
    if tag >> 16 != 0 {
        let (content, after) = after.split_at_checked(4).ok_or_else(cut)?;
        *rest = after;
        let content = content.get(..(tag >> 16) as usize).ok_or_else(cut)?;
        return Ok((tag & 0xFFFF, content));
    }
    let (length, after) = after.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = u32::from_le_bytes(*length) as usize;
    let content = after.get(..length).ok_or_else(cut)?;
    // What is compressed is not filled up.
    let padded = if tag == element::COMPRESSED { length } else { length.next_multiple_of(8) };
    *rest = after.get(padded..).unwrap_or_default();
    Ok((tag, content))
}

/// Adds a variable.
fn add(file: &mut StateFile, mut content: &[u8]) -> Result<(), Problem> {
    let wrong = |problem: &str| Problem::damaged(format!("a variable in it {problem}"));
    let (_, flags) = next(&mut content)?;
    let flags = flags.first_chunk().map(|flags| u32::from_le_bytes(*flags));
    let flags = flags.ok_or_else(|| wrong("has no class"))?;
    let (_, lengths) = next(&mut content)?;
    let (lengths, _) = lengths.as_chunks::<4>();
    let lengths = lengths.iter().map(|length| usize::try_from(i32::from_le_bytes(*length)).ok());
    let shape: Vec<usize> =
        lengths.collect::<Option<_>>().ok_or_else(|| wrong("has a negative length"))?;
    let (_, name) = next(&mut content)?;
    let name = std::str::from_utf8(name).map_err(|_| wrong("has a name that is no text"))?;
    let kind = match flags & 0xFF {
        _ if name == ARRAY => {
            let (kind, units) = next(&mut content)?;
            let text = text(kind, units).ok_or_else(|| wrong("holds a text that is none"))?;
            file.header = header::from_json(&text)?;
            return Ok(());
        }
        class::DOUBLE => Kind::F64,
        class::SINGLE => Kind::F32,
        class::UINT64 => Kind::U64,
        other => return Err(of_type(name, format!("number {other} of MATLAB's classes"))),
    };
    if flags & 0x0800 != 0 {
        return Err(of_type(name, "complex".to_owned()));
    }
    let (stored, bytes) = next(&mut content)?;
    let mismatch = || Problem::damaged(format!("the numbers of `{name}` do not fit its shape"));
    let data = numbers(kind, stored, bytes).ok_or_else(mismatch)?;
    if count(&shape) != Some(data.len()) {
        return Err(mismatch());
    }
    let data = data.permuted(column_major_places(&shape));
    let array = Array::new(shape, data).map_err(|_| mismatch())?;
    match file.arrays.insert(name.to_owned(), array) {
        None => Ok(()),
        Some(_) => Err(Problem::damaged(format!("it holds `{name}` twice"))),
    }
}

fn of_type(name: &str, found: String) -> Problem {
    Problem::Type { array: name.to_owned(), found }
}

fn text(kind: u32, bytes: &[u8]) -> Option<String> {
    match kind {
        element::UINT8 | element::UTF8 => String::from_utf8(bytes.to_vec()).ok(),
        element::UINT16 | element::UTF16 => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            rest.is_empty().then(|| String::from_utf16(&units).ok())?
        }
        _ => None,
    }
}

/// The numbers of a variable. MATLAB stores them in the smallest type that holds them all.
fn numbers(kind: Kind, stored: u32, bytes: &[u8]) -> Option<Data> {
    let same = matches!(
        (kind, stored),
        (Kind::F64, element::DOUBLE) | (Kind::F32, element::SINGLE) | (Kind::U64, element::UINT64)
    );
    if same {
        return Data::from_bytes(kind, bytes);
    }
    let whole = match stored {
        element::INT8 => widened(bytes, |b| i8::from_le_bytes(b).into()),
        element::UINT8 => widened(bytes, |b| u8::from_le_bytes(b).into()),
        element::INT16 => widened(bytes, |b| i16::from_le_bytes(b).into()),
        element::UINT16 => widened(bytes, |b| u16::from_le_bytes(b).into()),
        element::INT32 => widened(bytes, |b| i32::from_le_bytes(b).into()),
        element::UINT32 => widened(bytes, |b| u32::from_le_bytes(b).into()),
        element::INT64 => widened(bytes, i64::from_le_bytes),
        _ => None,
    }?;
    Some(match kind {
        Kind::F64 => Data::F64(whole.into_iter().map(|one| one as f64).collect()),
        Kind::F32 => Data::F32(whole.into_iter().map(|one| one as f32).collect()),
        Kind::U64 => {
            Data::U64(whole.into_iter().map(|one| u64::try_from(one).ok()).collect::<Option<_>>()?)
        }
    })
}

fn widened<const BYTES: usize>(bytes: &[u8], read: fn([u8; BYTES]) -> i64) -> Option<Vec<i64>> {
    let (whole, rest) = bytes.as_chunks::<BYTES>();
    rest.is_empty().then(|| whole.iter().map(|one| read(*one)).collect())
}

/// Arrays with fewer than two axes become what they were.
fn restore_shapes(file: &mut StateFile) -> Result<(), Problem> {
    let is_shape = |key: &String| key.starts_with(SHAPE);
    let keys: Vec<String> = file.header.keys().filter(|key| is_shape(key)).cloned().collect();
    for key in keys {
        let length = file.header.remove(&key).unwrap_or_default();
        let wrong = || Problem::damaged(format!("`{key}` in its header is wrong"));
        let array = file.arrays.get_mut(&key[SHAPE.len()..]).ok_or_else(wrong)?;
        let shape = match length.as_str() {
            "" => Vec::new(),
            length => vec![length.parse().map_err(|_| wrong())?],
        };
        let data = array.data().clone();
        if count(&shape) != Some(data.len()) {
            return Err(wrong());
        }
        *array = Array::new(shape, data).map_err(|_| wrong())?;
    }
    Ok(())
}
