//! Connectomes as archives of The Virtual Brain.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use ndarray::{Array1, Array2};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::connectome::default_labels;
use super::rows::Rows;
use super::{ConnectivityError, Connectome, text};
use crate::recording::{WriteError, replace_file};

/// As much text as a part may have: a matrix of 6000 regions, and no more than memory can be expected to
/// hold, whatever a small archive unpacks to.
const LARGEST_PART: u64 = 1 << 30;

impl Connectome {
    /// Reads an archive in the format of The Virtual Brain, such as the `connectivity_76.zip` of its
    /// data.
    ///
    /// The archive holds text files, in any folder, whose names contain
    ///
    /// - `weights`: the weights, [target, source];
    /// - `tract_lengths` (may be missing or empty): lengths in mm, [target, source];
    /// - `centres` or `centers` (may be missing): a label and three coordinates in mm for each region; what
    ///   stands behind them is ignored;
    /// - `areas`, `average_orientations`, `cortical`, `hemispheres` (may be missing): mm², unit vectors, and
    ///   0 or 1, 1 being the cortex and the right hemisphere.
    ///
    /// Files may be compressed once more, as `.txt.bz2`. Without centres, regions are called `region_000`
    /// and so on. Other files are ignored. Weights are as in the file: they may include those of regions to
    /// themselves, and are not normalised.
    ///
    /// # Errors
    /// [`ConnectivityError`]: a file that cannot be read or is no archive; parts that are missing, in
    /// another format, ambiguous, of a shape that does not fit the others; text that is no number; numbers
    /// that are not finite, negative lengths or areas; labels that are the same.
    pub fn read_tvb(path: impl AsRef<Path>) -> Result<Self, ConnectivityError> {
        let mut archive = Archive::open(path.as_ref())?;
        let (place, weights) = archive.required("weights")?;
        let weights = text::matrix(&place, &weights)?;
        let (labels, centres) = match archive.either("centres", "centers")? {
            Some((place, text)) => read_centres(&place, &text)?,
            None => (default_labels(weights.nrows()), None),
        };
        let mut connectome = Self::new(labels, weights)?;
        if let Some(centres) = centres {
            connectome = connectome.with_centres(centres)?;
        }
        if let Some((place, text)) = archive.part("tract_lengths")? {
            let lengths = text::matrix(&place, &text)?;
            if !lengths.is_empty() {
                connectome = connectome.with_lengths(lengths)?;
            }
        }
        archive.add_rest(connectome)
    }

    /// Writes an archive that The Virtual Brain and [`read_tvb`](Self::read_tvb) read. Numbers are the
    /// shortest that give the same number when read back. Without centres, those in the file are 0: The
    /// Virtual Brain wants some.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write) when the file cannot be written, or a label has a space or a
    /// `#` in it, which the format cannot hold.
    pub fn write_tvb(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        let path = path.as_ref();
        if let Some(label) = self.labels().iter().find(|label| !is_one_word(label)) {
            let problem = format!("the label `{label}` is no single word, which the format wants");
            let source = io::Error::new(io::ErrorKind::InvalidInput, problem);
            return Err(WriteError::Io { path: path.to_owned(), source });
        }
        replace_file(path, |temporary| {
            let mut archive = ZipWriter::new(File::create(temporary)?);
            for (name, text) in self.parts() {
                archive.start_file(format!("{name}.txt"), SimpleFileOptions::default())?;
                archive.write_all(text.as_bytes())?;
            }
            archive.finish()?;
            Ok(())
        })
    }

    /// The files of the archive.
    fn parts(&self) -> Vec<(&'static str, String)> {
        let none = Array2::zeros((self.len(), 3));
        let places = table(self.centres().unwrap_or(&none));
        let mut centres = String::new();
        for (label, place) in self.labels().iter().zip(places.lines()) {
            writeln!(centres, "{label} {place}").expect("a String takes any text");
        }
        let flags = |flags: &[bool]| -> String {
            flags.iter().map(|flag| if *flag { "1\n" } else { "0\n" }).collect()
        };
        let column = |numbers: &Array1<f64>| table(&numbers.clone().insert_axis(ndarray::Axis(1)));
        let all = [
            ("weights", Some(table(self.weights()))),
            ("tract_lengths", self.lengths().map(table)),
            ("centres", Some(centres)),
            ("areas", self.areas().map(column)),
            ("average_orientations", self.orientations().map(table)),
            ("cortical", self.cortical().map(flags)),
            ("hemispheres", self.right_hemisphere().map(flags)),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

fn is_one_word(label: &str) -> bool {
    !label.is_empty() && !label.contains(|c: char| c.is_whitespace() || c == '#')
}

/// Numbers in lines, with spaces between.
fn table(numbers: &Array2<f64>) -> String {
    let mut text = String::new();
    for row in numbers.rows() {
        for (column, number) in row.iter().enumerate() {
            let space = if column == 0 { "" } else { " " };
            write!(text, "{space}{number}").expect("a String takes any text");
        }
        text.push('\n');
    }
    text
}

/// Labels, and three coordinates each.
fn read_centres(
    place: &str,
    text: &str,
) -> Result<(Vec<String>, Option<Array2<f64>>), ConnectivityError> {
    let (mut labels, mut rows) = (Vec::new(), Rows::of(place));
    for (line, words) in text::lines(text) {
        let coordinates = words.get(1..4).ok_or_else(|| ConnectivityError::Text {
            place: place.to_owned(),
            line,
            found: words.join(" "),
            wants: "expected a label and three coordinates",
        })?;
        rows.push(line, coordinates)?;
        labels.push(words[0].to_owned());
    }
    Ok((labels, Some(rows.finish())))
}

/// An archive whose parts are found by their names.
struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<BufReader<File>>,
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    fn open(path: &'a Path) -> Result<Self, ConnectivityError> {
        let file = File::open(path)
            .map_err(|source| ConnectivityError::Read { path: path.to_owned(), source })?;
        let broken = |error: zip::result::ZipError| broken(path, &error);
        let zip = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        let names = zip.file_names().filter(|name| is_file_of_users(name)).map(str::to_owned);
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Ok(Self { path, zip, names })
    }

    /// A part with the name it has in the archive.
    fn required(&mut self, part: &'static str) -> Result<(String, String), ConnectivityError> {
        self.part(part)?.ok_or_else(|| ConnectivityError::Missing {
            path: self.path.to_owned(),
            part,
            found: listed(&self.names),
        })
    }

    fn either(
        &mut self,
        part: &'static str,
        spelling: &'static str,
    ) -> Result<Option<(String, String)>, ConnectivityError> {
        match self.part(part)? {
            Some(found) => Ok(Some(found)),
            None => self.part(spelling),
        }
    }

    fn part(&mut self, part: &'static str) -> Result<Option<(String, String)>, ConnectivityError> {
        let Some(name) = self.find(part)? else { return Ok(None) };
        let place = format!("`{name}` of `{}`", self.path.display());
        let packed = name.strip_suffix(".bz2");
        if packed.unwrap_or(&name).strip_suffix(".txt").is_none() {
            let wants = "give it as text, `.txt` or `.txt.bz2`";
            return Err(ConnectivityError::Format { place, wants });
        }
        let file = self.zip.by_name(&name).map_err(|error| broken(self.path, &error))?;
        let mut text = Vec::new();
        let read = if packed.is_some() {
            bzip2::read::MultiBzDecoder::new(file).take(LARGEST_PART).read_to_end(&mut text)
        } else {
            file.take(LARGEST_PART).read_to_end(&mut text)
        };
        let problem = match read {
            Ok(length) if length as u64 == LARGEST_PART => "it is larger than 1 GiB".to_owned(),
            Ok(_) => match String::from_utf8(text) {
                Ok(text) => return Ok(Some((place, text))),
                Err(_) => "it is no text in UTF-8".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        let problem = format!("{name}: {problem}");
        Err(ConnectivityError::Archive { path: self.path.to_owned(), problem })
    }

    /// The file that is this part: the one so called, or else the one whose name contains it.
    fn find(&self, part: &'static str) -> Result<Option<String>, ConnectivityError> {
        let stem = |name: &str| file_name(name).split('.').next() == Some(part);
        let exact: Vec<&String> = self.names.iter().filter(|name| stem(name)).collect();
        let found = if exact.is_empty() {
            self.names.iter().filter(|name| file_name(name).contains(part)).collect()
        } else {
            exact
        };
        match found[..] {
            [] => Ok(None),
            [name] => Ok(Some(name.clone())),
            _ => Err(ConnectivityError::Ambiguous {
                path: self.path.to_owned(),
                part,
                found: listed(&found),
            }),
        }
    }

    /// What is known beside weights, lengths and centres.
    fn add_rest(mut self, mut connectome: Connectome) -> Result<Connectome, ConnectivityError> {
        if let Some((place, text)) = self.part("areas")? {
            let areas = text::vector(&place, &text)?;
            connectome = connectome.with_areas(areas.into())?;
        }
        if let Some((place, text)) = self.part("average_orientations")? {
            connectome = connectome.with_orientations(text::matrix(&place, &text)?)?;
        }
        if let Some((place, text)) = self.part("cortical")? {
            connectome = connectome.with_cortical(text::flags(&place, &text)?)?;
        }
        if let Some((place, text)) = self.part("hemispheres")? {
            connectome = connectome.with_right_hemisphere(text::flags(&place, &text)?)?;
        }
        Ok(connectome)
    }
}

fn broken(path: &Path, error: &zip::result::ZipError) -> ConnectivityError {
    ConnectivityError::Archive { path: path.to_owned(), problem: error.to_string() }
}

/// Not a folder, nor what macOS adds to archives.
fn is_file_of_users(name: &str) -> bool {
    !name.ends_with('/') && !name.starts_with("__MACOSX")
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
