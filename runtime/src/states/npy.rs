//! One array in NumPy's format: a magic number, a version, the length of a header, the header (a Python
//! dictionary as text), the numbers. Source: NumPy's documentation of `numpy.lib.format`.

use super::array::{Array, Data, count};
use super::bytes::Kind;
use super::error::Problem;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Bytes in version 1.0, or 2.0 for a header that is longer than 64 kB.
pub(super) fn encode(array: &Array) -> Vec<u8> {
    let kind = match array.data() {
        Data::F64(_) => "<f8",
        Data::F32(_) => "<f4",
        Data::U64(_) => "<u8",
    };
    encode_bytes(kind, array.shape(), &array.data().to_bytes())
}

/// An array of bytes.
pub(super) fn encode_text(text: &str) -> Vec<u8> {
    encode_bytes("|u1", &[text.len()], text.as_bytes())
}

fn encode_bytes(kind: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let lengths = shape.iter().map(|length| format!("{length},")).collect::<Vec<_>>().join(" ");
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({lengths}), }}");
    // The numbers begin at a multiple of 64, and the header ends with a line break.
    let long = text.len() > 65_000;
    let before = MAGIC.len() + 2 + if long { 4 } else { 2 };
    let padded = (before + text.len() + 1).next_multiple_of(64) - before;
    let mut bytes = Vec::with_capacity(before + padded + data.len());
    bytes.extend_from_slice(MAGIC);
    let length = (padded as u64).to_le_bytes();
    if long {
        bytes.extend_from_slice(&[2, 0]);
        bytes.extend_from_slice(&length[..4]);
    } else {
        bytes.extend_from_slice(&[1, 0]);
        bytes.extend_from_slice(&length[..2]);
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(before + padded - 1, b' ');
    bytes.push(b'\n');
    bytes.extend_from_slice(data);
    bytes
}

/// The header of an array, and its numbers.
struct Parts<'a> {
    kind: &'a str,
    is_column_major: bool,
    shape: Vec<usize>,
    data: &'a [u8],
}

/// The array of some bytes.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Array, Problem> {
    let damaged = || Problem::damaged(format!("array `{name}` is not in NumPy's format"));
    let parts = split(bytes).ok_or_else(damaged)?;
    let kind = match &parts.kind[1..] {
        "f8" => Kind::F64,
        "f4" => Kind::F32,
        "u8" => Kind::U64,
        _ => {
            let (array, found) = (name.to_owned(), parts.kind.to_owned());
            return Err(Problem::Type { array, found });
        }
    };
    let mut data = parts.data.to_vec();
    if parts.kind.starts_with('>') {
        data.chunks_mut(kind.size()).for_each(<[u8]>::reverse);
    }
    let data = Data::from_bytes(kind, &data).ok_or_else(damaged)?;
    if count(&parts.shape) != Some(data.len()) {
        return Err(damaged());
    }
    let data =
        if parts.is_column_major { data.permuted(column_major_places(&parts.shape)) } else { data };
    Array::new(parts.shape, data).map_err(|_| damaged())
}

/// The text of an array of bytes.
pub(super) fn decode_text(name: &str, bytes: &[u8]) -> Result<String, Problem> {
    let damaged = || Problem::damaged(format!("array `{name}` is no text"));
    let parts = split(bytes).filter(|parts| parts.kind == "|u1").ok_or_else(damaged)?;
    if parts.shape != [parts.data.len()] {
        return Err(damaged());
    }
    String::from_utf8(parts.data.to_vec()).map_err(|_| damaged())
}

fn split(bytes: &[u8]) -> Option<Parts<'_>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = rest.split_at_checked(if version[0] == 1 { 2 } else { 4 })?;
    if !matches!(version[0], 1..=3) {
        return None;
    }
    let length = length.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let (header, data) = rest.split_at_checked(length)?;
    let header = std::str::from_utf8(header).ok()?;
    let kind = value(header, "descr")?.strip_prefix('\'')?.split('\'').next()?;
    let is_column_major = value(header, "fortran_order")?.starts_with("True");
    let shape = value(header, "shape")?.strip_prefix('(')?.split(')').next()?;
    let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
    let shape = lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?;
    let is_known = kind.is_ascii() && kind.len() >= 2;
    is_known.then_some(Parts { kind, is_column_major, shape, data })
}

/// What follows a key of the dictionary.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    Some(rest.trim_start())
}

/// For each place in row-major order, where its number is in column-major order.
pub(super) fn column_major_places(shape: &[usize]) -> impl Iterator<Item = usize> + use<> {
    let strides: Vec<usize> = shape
        .iter()
        .scan(1_usize, |stride, length| {
            let this = *stride;
            *stride = stride.wrapping_mul(*length);
            Some(this)
        })
        .collect();
    places(shape.to_vec(), strides)
}

/// For each place in column-major order, where its number is in row-major order.
pub(super) fn row_major_places(shape: &[usize]) -> impl Iterator<Item = usize> + use<> {
    // The same with the axes in reverse.
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    column_major_places(&reversed)
}

/// For each index in row-major order, the sum of index times stride.
fn places(shape: Vec<usize>, strides: Vec<usize>) -> impl Iterator<Item = usize> + use<> {
    (0..count(&shape).unwrap_or(0)).map(move |place| {
        let mut rest = place;
        let axes = shape.iter().zip(&strides).rev();
        axes.fold(0, |sum, (length, stride)| {
            let index = rest % length;
            rest /= length;
            sum + index * stride
        })
    })
}
