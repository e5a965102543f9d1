//! What files say about themselves: the version of the format and a checksum; and the header as text.

use std::collections::BTreeMap;

use super::StateFile;
use super::checksum::checksum;
use super::error::Problem;

/// The version of the format that is written.
pub(super) const VERSION: u32 = 1;

/// The name of the array that holds the header, where the format has no place for it.
pub(super) const ARRAY: &str = "rate_model_header";

/// What keys of the format itself begin with.
const OWN: &str = "rate_model.";
const VERSION_KEY: &str = "rate_model.version";
const CHECKSUM_KEY: &str = "rate_model.checksum";

/// The same with version and checksum.
pub(super) fn sealed(file: &StateFile) -> Result<StateFile, Problem> {
    let wrong = |name: &str, problem| Problem::Name { name: name.to_owned(), problem };
    if let Some(key) = file.header.keys().find(|key| key.starts_with(OWN)) {
        return Err(wrong(key, "keys that begin with `rate_model.` are the format's own"));
    }
    if file.arrays.contains_key(ARRAY) {
        return Err(wrong(ARRAY, "the header of the file is called so"));
    }
    if let Some(name) = file.arrays.keys().find(|name| name.is_empty() || name.contains('\0')) {
        return Err(wrong(name, "a name has at least one character, and no character 0"));
    }
    let mut sealed = file.clone();
    sealed.header.insert(VERSION_KEY.to_owned(), VERSION.to_string());
    let checksum = checksum(&sealed);
    sealed.header.insert(CHECKSUM_KEY.to_owned(), format!("{checksum:016x}"));
    Ok(sealed)
}

/// Checks version and checksum and takes them out. A file of another program has neither.
pub(super) fn opened(mut file: StateFile) -> Result<StateFile, Problem> {
    if !file.header.keys().any(|key| key.starts_with(OWN)) {
        return Ok(file);
    }
    let lacks = |key: &str| Problem::damaged(format!("its header lacks `{key}`"));
    let version = file.header.get(VERSION_KEY).ok_or_else(|| lacks(VERSION_KEY))?;
    match version.parse::<u32>() {
        Ok(version) if (1..=VERSION).contains(&version) => {}
        Ok(version) if version > VERSION => return Err(Problem::Newer(version.to_string())),
        _ => return Err(Problem::damaged(format!("its version is `{version}`"))),
    }
    let found = file.header.remove(CHECKSUM_KEY).ok_or_else(|| lacks(CHECKSUM_KEY))?;
    if found != format!("{:016x}", checksum(&file)) {
        return Err(Problem::damaged(
            "its checksum is not that of its content (after editing it on purpose, leave out the \
             header)",
        ));
    }
    file.header.remove(VERSION_KEY);
    Ok(file)
}

/// The header as the text of a JSON object.
pub(super) fn to_json(header: &BTreeMap<String, String>) -> Result<String, Problem> {
    serde_json::to_string(header).map_err(|error| Problem::damaged(error.to_string()))
}

/// A header from the text of a JSON object.
pub(super) fn from_json(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let wrong = |error| Problem::damaged(format!("its header is no JSON object of texts: {error}"));
    serde_json::from_str(text).map_err(wrong)
}
