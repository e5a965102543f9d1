//! The format safetensors: the length of a header (8 bytes), the header (a JSON object with an entry for
//! each array: type, shape, place), the numbers one array after the other. Source:
//! <https://github.com/huggingface/safetensors#format>.

use serde_json::{Map, Value, json};

use super::StateFile;
use super::array::{Array, Data, count};
use super::bytes::Kind;
use super::error::Problem;

/// The key of the header's own entry.
const METADATA: &str = "__metadata__";

pub(super) fn encode(file: &StateFile) -> Result<Vec<u8>, Problem> {
    if file.arrays.contains_key(METADATA) {
        let problem = "the header of the file is called so";
        return Err(Problem::Name { name: METADATA.to_owned(), problem });
    }
    let mut entries = Map::new();
    entries.insert(METADATA.to_owned(), json!(file.header));
    let mut arrays: Vec<_> = file.arrays.iter().collect();
    // The larger numbers first: so all begin at a multiple of their size.
    arrays.sort_by_key(|(_, array)| matches!(array.data(), Data::F32(_)));
    let mut numbers = Vec::new();
    for (name, array) in arrays {
        let begin = numbers.len();
        numbers.extend(array.data().to_bytes());
        let dtype = array.data().type_name().to_uppercase();
        let place = [begin, numbers.len()];
        let entry = json!({ "dtype": dtype, "shape": array.shape(), "data_offsets": place });
        entries.insert(name.clone(), entry);
    }
    let mut header = Value::Object(entries).to_string();
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    bytes.append(&mut numbers);
    Ok(bytes)
}

pub(super) fn decode(bytes: &[u8]) -> Result<StateFile, Problem> {
    let cut = || Problem::damaged("it ends within its header");
    let (length, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let (header, numbers) = rest.split_at_checked(length).ok_or_else(cut)?;
    let entries: Map<String, Value> = serde_json::from_slice(header)
        .map_err(|error| Problem::damaged(format!("its header is no JSON object: {error}")))?;
    let mut file = StateFile::default();
    let mut used = 0;
    for (name, entry) in entries {
        if name == METADATA {
            let wrong = |_| Problem::damaged(format!("`{METADATA}` holds what is no text"));
            file.header = serde_json::from_value(entry).map_err(wrong)?;
        } else {
            let array = array(&name, &entry, numbers)?;
            used += array.data().to_bytes().len();
            file.arrays.insert(name, array);
        }
    }
    if used == numbers.len() {
        Ok(file)
    } else {
        let found = numbers.len();
        Err(Problem::damaged(format!("its arrays have {used} bytes, and it holds {found}")))
    }
}

/// The array that an entry tells of.
fn array(name: &str, entry: &Value, numbers: &[u8]) -> Result<Array, Problem> {
    let wrong = || Problem::damaged(format!("the entry of array `{name}` is wrong"));
    let kind = match entry["dtype"].as_str().ok_or_else(wrong)? {
        "F64" => Kind::F64,
        "F32" => Kind::F32,
        "U64" => Kind::U64,
        found => {
            let (array, found) = (name.to_owned(), found.to_owned());
            return Err(Problem::Type { array, found });
        }
    };
    let list = |key: &str| -> Option<Vec<usize>> {
        entry[key].as_array()?.iter().map(|one| usize::try_from(one.as_u64()?).ok()).collect()
    };
    let (shape, place) = (list("shape").ok_or_else(wrong)?, list("data_offsets"));
    let place = place.filter(|place| place.len() == 2).ok_or_else(wrong)?;
    let bytes = numbers.get(place[0]..place[1]).ok_or_else(wrong)?;
    let data = Data::from_bytes(kind, bytes).ok_or_else(wrong)?;
    if count(&shape) != Some(data.len()) {
        return Err(wrong());
    }
    Array::new(shape, data).map_err(|_| wrong())
}
