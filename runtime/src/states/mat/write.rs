//! Writing.

use super::super::StateFile;
use super::super::array::{Array, Data};
use super::super::error::Problem;
use super::super::header::{self, ARRAY};
use super::super::npy::row_major_places;
use super::{SHAPE, class, element};

pub(in super::super) fn encode(file: &StateFile) -> Result<Vec<u8>, Problem> {
    let mut bytes = preamble();
    let mut words = file.header.clone();
    for (name, array) in &file.arrays {
        if array.shape().len() < 2 {
            let shape = array.shape().first().map(ToString::to_string).unwrap_or_default();
            words.insert(format!("{SHAPE}{name}"), shape);
        }
    }
    bytes.extend(text(ARRAY, &escaped(&header::to_json(&words)?))?);
    for (name, array) in &file.arrays {
        bytes.extend(variable(name, array)?);
    }
    Ok(bytes)
}

/// JSON in ASCII: SciPy reads no other characters that are 16 bits wide.
fn escaped(json: &str) -> String {
    let mut text = String::new();
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(byte.into()),
            _ => text.extend(format!("\\u{unit:04x}").chars()),
        }
    }
    text
}

fn preamble() -> Vec<u8> {
    let mut bytes = b"MATLAB 5.0 MAT-file, written by rate_model".to_vec();
    bytes.resize(124, b' ');
    // Eight bytes of the text are the place of something else, which is not there.
    bytes[116..].fill(0);
    bytes.extend_from_slice(&[0x00, 0x01, b'I', b'M']);
    bytes
}

fn variable(name: &str, array: &Array) -> Result<Vec<u8>, Problem> {
    if !name.is_ascii() {
        let problem = "names in MAT-files are in ASCII";
        return Err(Problem::Name { name: name.to_owned(), problem });
    }
    let (class, kind) = match array.data() {
        Data::F64(_) => (class::DOUBLE, element::DOUBLE),
        Data::F32(_) => (class::SINGLE, element::SINGLE),
        Data::U64(_) => (class::UINT64, element::UINT64),
    };
    let shape = match array.shape() {
        [] => vec![1, 1],
        [one] => vec![1, *one],
        more => more.to_vec(),
    };
    let numbers = array.data().permuted(row_major_places(&shape));
    matrix(name, class, &shape, kind, &numbers.to_bytes())
}

/// Characters are 16 bits wide.
fn text(name: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    matrix(name, class::CHAR, &[1, units.len()], element::UINT16, &bytes)
}

fn matrix(
    name: &str,
    class: u32,
    shape: &[usize],
    kind: u32,
    numbers: &[u8],
) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::TooLarge { array: name.to_owned(), bytes: numbers.len() };
    let lengths = shape.iter().map(|length| i32::try_from(*length).map(i32::to_le_bytes));
    let lengths = lengths.collect::<Result<Vec<_>, _>>().map_err(|_| too_large())?;
    let mut content = Vec::new();
    for (kind, bytes) in [
        (element::UINT32, [class.to_le_bytes(), [0; 4]].as_flattened()),
        (element::INT32, lengths.as_flattened()),
        (element::INT8, name.as_bytes()),
        (kind, numbers),
    ] {
        add(&mut content, kind, bytes).ok_or_else(too_large)?;
    }
    let mut whole = Vec::new();
    add(&mut whole, element::MATRIX, &content).ok_or_else(too_large)?;
    Ok(whole)
}

/// Adds an element; `None` if it has too many bytes to count.
fn add(into: &mut Vec<u8>, kind: u32, bytes: &[u8]) -> Option<()> {
    let length = u32::try_from(bytes.len()).ok()?;
    into.extend_from_slice(&kind.to_le_bytes());
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(bytes);
    into.resize(into.len().next_multiple_of(8), 0);
    Some(())
}
