//! Archives of NumPy arrays.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::error::Problem;
use super::header::{self, ARRAY};
use super::{StateFile, npy};

pub(super) fn encode(file: &StateFile) -> Result<Vec<u8>, Problem> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let text = header::to_json(&file.header)?;
    add(&mut archive, ARRAY, &npy::encode_text(&text))?;
    for (name, array) in &file.arrays {
        add(&mut archive, name, &npy::encode(array))?;
    }
    let bytes = archive.finish().map_err(|error| Problem::damaged(error.to_string()))?;
    Ok(bytes.into_inner())
}

/// Not compressed, so that NumPy can read a part of it.
fn add(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) -> Result<(), Problem> {
    let fail = |error: &dyn std::fmt::Display| Problem::damaged(error.to_string());
    let large = u32::try_from(bytes.len()).is_err();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(large);
    archive.start_file(format!("{name}.npy"), options).map_err(|error| fail(&error))?;
    archive.write_all(bytes).map_err(|error| fail(&error))
}

pub(super) fn decode(bytes: &[u8]) -> Result<StateFile, Problem> {
    let fail = |error: &dyn std::fmt::Display| Problem::damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fail(&error))?;
    if archive.is_empty() {
        return Err(Problem::damaged("it holds nothing"));
    }
    let mut file = StateFile::default();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|error| fail(&error))?;
        let name = member.name().to_owned();
        let name = name.strip_suffix(".npy").unwrap_or(&name);
        // Up to its end, where the archive's own checksum is looked at.
        let mut content = Vec::new();
        member.read_to_end(&mut content).map_err(|error| fail(&error))?;
        if name == ARRAY {
            file.header = header::from_json(&npy::decode_text(name, &content)?)?;
        } else if file.arrays.insert(name.to_owned(), npy::decode(name, &content)?).is_some() {
            return Err(Problem::damaged(format!("it holds `{name}` twice")));
        }
    }
    Ok(file)
}
