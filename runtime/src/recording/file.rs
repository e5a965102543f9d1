//! Files that are either complete or not there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::WriteError;

/// Puts what `write` writes to the path it is given in the place of the file at `path`.
///
/// `write` gets a temporary path in the same directory, so that the last step is a rename within one
/// file system: at any moment, `path` holds either the old file or the whole new one. The temporary
/// path has the suffix of `path`, which encoders go by.
pub(crate) fn replace_file(
    path: &Path,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let fail = |source| WriteError::Io { path: path.to_owned(), source };
    let temporary = temporary_path(path)?;
    let result = write(&temporary).and_then(|()| {
        File::options().write(true).open(&temporary)?.sync_all()?;
        fs::rename(&temporary, path)
    });
    if result.is_err() {
        // The error that counts is the one being reported; a leftover file is the lesser evil.
        let _ = fs::remove_file(&temporary);
    }
    result.map_err(fail)
}

/// A path beside `path` that nothing else uses.
fn temporary_path(path: &Path) -> Result<PathBuf, WriteError> {
    /// Tells apart the files that the threads of this process write at the same time.
    static COUNT: AtomicU64 = AtomicU64::new(0);

    let Some(name) = path.file_name() else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        return Err(WriteError::Io { path: path.to_owned(), source });
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !directory.is_dir() {
        let directory = directory.to_owned();
        return Err(WriteError::MissingDirectory { path: path.to_owned(), directory });
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut temporary = OsString::from(format!(".{}-{count}-", process::id()));
    temporary.push(name);
    Ok(directory.join(temporary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_file_is_replaced_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, "a longer old text").unwrap();
        replace_file(&path, |temporary| fs::write(temporary, "new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let error = replace_file(&path, |temporary| {
            fs::write(temporary, "half")?;
            Err(io::Error::other("disk full"))
        });
        let message = error.unwrap_err().to_string();
        assert_eq!(message, format!("cannot write `{}`: disk full", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_directory_is_named() {
        let directory = tempfile::tempdir().unwrap().path().join("runs");
        let error = replace_file(&directory.join("a.txt"), |_| Ok(())).unwrap_err();
        let message = error.to_string();
        let expected = format!("there is no directory `{}`; create it first", directory.display());
        assert!(message.ends_with(&expected), "{message}");
    }

    #[test]
    fn a_path_without_a_file_name_is_an_error() {
        for path in ["", "..", "/"] {
            let error = replace_file(Path::new(path), |_| Ok(())).unwrap_err();
            assert!(matches!(error, WriteError::Io { .. }), "{path}: {error}");
        }
    }
}
