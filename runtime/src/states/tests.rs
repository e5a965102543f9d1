//! What is written is read, and nothing else is.

use std::fs;
use std::path::Path;

use super::error::Problem;
use super::format::{FORMATS, Format};
use super::*;

/// Arrays of every type and several shapes, with numbers that are hard to print.
fn example() -> StateFile {
    let mut file = StateFile::default();
    file.header.insert("model".into(), "Ντ \"quoted\" \\ \n line".into());
    file.header.insert("equations".into(), "00ff".into());
    let special = [f64::NAN, f64::NEG_INFINITY, -0.0, 5e-324, 0.1, f64::MAX];
    let mut add = |name: &str, shape: &[usize], data: Data| {
        file.arrays.insert(name.to_owned(), Array::new(shape, data).unwrap());
    };
    add("pair.nu_e", &[2, 3], special.to_vec().into());
    add("pair.single", &[3], vec![0.1_f32, f32::MIN_POSITIVE / 2.0, 3.0].into());
    add("pair.cube", &[2, 3, 2], (0..12).map(f64::from).collect::<Vec<_>>().into());
    add("step", &[], vec![u64::MAX].into());
    add("none", &[0], Vec::<f64>::new().into());
    add("no_rows", &[0, 4], Vec::<f32>::new().into());
    file
}

fn encoded(format: &Format, file: &StateFile) -> Vec<u8> {
    (format.encode)(&header::sealed(file).unwrap()).unwrap()
}

fn decoded(format: &Format, bytes: &[u8]) -> Result<StateFile, Problem> {
    (format.decode)(bytes).and_then(header::opened)
}

#[test]
fn every_format_gives_back_every_bit() {
    let directory = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = directory.path().join(format!("states.{}", format.suffixes[0]));
        for file in [example(), StateFile::default()] {
            file.write(&path).unwrap();
            assert_eq!(StateFile::read(&path).unwrap(), file, "{}", format.suffixes[0]);
        }
        assert_eq!(encoded(format, &example()), encoded(format, &example()));
    }
}

#[test]
fn numbers_of_a_cube_are_column_major_in_mat_files() {
    let bytes = mat::encode(&example()).unwrap();
    // Element (0, 0, 0), then (1, 0, 0), (0, 1, 0), …: row-major places 0, 6, 2, 8, 4, 10, 1, ….
    let expected: Vec<u8> = [0.0_f64, 6.0, 2.0, 8.0, 4.0, 10.0, 1.0, 7.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    assert!(bytes.windows(expected.len()).any(|window| window == expected));
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for format in FORMATS {
        let bytes = encoded(format, &example());
        for length in 0..bytes.len() {
            let result = decoded(format, &bytes[..length]);
            assert!(result.is_err(), "{} cut to {length} of {}", format.suffixes[0], bytes.len());
        }
    }
}

/// Where a bit means nothing (the date in an archive), what is read is what was written.
#[test]
fn a_file_with_one_wrong_bit_is_an_error_or_right() {
    for format in FORMATS {
        let bytes = encoded(format, &example());
        let mut refused = 0;
        for place in 0..8 * bytes.len() {
            let mut wrong = bytes.clone();
            wrong[place / 8] ^= 1 << (place % 8);
            match decoded(format, &wrong) {
                Ok(file) => assert_eq!(file, example(), "{} bit {place}", format.suffixes[0]),
                Err(_) => refused += 1,
            }
        }
        assert!(
            refused > 4 * bytes.len(),
            "{}: {refused} of {}",
            format.suffixes[0],
            8 * bytes.len()
        );
    }
}

#[test]
fn a_changed_number_is_an_error_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("states.safetensors");
    example().write(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = StateFile::read(&path).unwrap_err();
    assert!(matches!(error, FileError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("its checksum is not that of its content"), "{error}");
}

#[cfg(not(feature = "hdf5"))]
#[test]
fn without_the_feature_for_it_hdf5_is_refused_with_its_name() {
    for name in ["a.h5", "a.hdf5", "a.H5"] {
        let error = example().write(name).unwrap_err();
        assert!(matches!(error, FileError::UnknownSuffix { .. }), "{error}");
        assert!(error.to_string().contains("HDF5 needs the feature `hdf5`"), "{error}");
    }
}

#[test]
fn other_suffixes_are_refused_with_advice() {
    for (name, advice) in [("a.pkl", "a pickle runs"), ("a.txt", ""), ("a", "")] {
        let expected = |error: FileError| {
            let text = error.to_string();
            assert!(matches!(error, FileError::UnknownSuffix { .. }), "{text}");
            assert!(text.contains("`.npz`, `.safetensors`, `.mat`"), "{text}");
            assert!(text.contains(advice), "{text}");
        };
        expected(example().write(name).unwrap_err());
        expected(StateFile::read(name).unwrap_err());
    }
    assert!(matches!(StateFile::read("no/such.npz"), Err(FileError::Read { .. })));
    let error = example().write("no/such/directory.npz").unwrap_err();
    assert!(matches!(error, FileError::Write(_)), "{error}");
}

#[test]
fn a_newer_version_is_not_read() {
    let mut sealed = header::sealed(&example()).unwrap();
    sealed.header.insert("rate_model.version".into(), "7".into());
    let problem = header::opened(sealed).unwrap_err();
    let text = problem.at(Path::new("a.npz")).to_string();
    assert!(text.contains("version 7") && text.contains("update it"), "{text}");
}

#[test]
fn names_that_have_no_place_are_refused() {
    let mut file = example();
    file.arrays.insert("ν_e".into(), vec![1.0].into());
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let error = file.write(path("a.mat")).unwrap_err();
    assert!(error.to_string().contains("`ν_e`: names in MAT-files are in ASCII"), "{error}");
    file.write(path("a.npz")).unwrap();
    assert_eq!(StateFile::read(path("a.npz")).unwrap(), file);
    file.arrays.insert("rate_model_header".into(), vec![1.0].into());
    assert!(matches!(file.write(path("a.npz")), Err(FileError::Name { .. })));
    let mut file = example();
    file.header.insert("rate_model.version".into(), "2".into());
    assert!(matches!(file.write(path("a.npz")), Err(FileError::Name { .. })));
}

#[test]
fn an_array_has_a_number_for_each_place() {
    assert!(matches!(Array::new([2, 2], vec![1.0; 3]), Err(FileError::Length { found: 3, .. })));
    assert!(Array::new([usize::MAX, 2], vec![1.0; 3]).is_err());
    let array = Array::new([2, 0, usize::MAX], Vec::<f64>::new()).unwrap();
    assert_eq!((array.values::<f64>(), array.values::<f32>()), (Some(&[][..]), None));
}

/// What other programs write has no header: it is read as it is.
#[test]
fn files_without_a_header_are_read() {
    for format in FORMATS {
        let mut file = StateFile::default();
        file.arrays.insert("x".into(), Array::new([1, 2], vec![1.0, 2.0]).unwrap());
        let bytes = (format.encode)(&file).unwrap();
        assert_eq!(decoded(format, &bytes).unwrap(), file, "{}", format.suffixes[0]);
    }
}

#[cfg(feature = "hdf5")]
mod hdf5 {
    use hdf5_pure::{AttrValue, FileBuilder, MaxExtent, make_f64_type};

    use super::*;

    fn write(file: &StateFile) -> Result<Vec<u8>, Problem> {
        super::super::hdf5::encode(&header::sealed(file)?)
    }

    fn read(bytes: &[u8]) -> Result<StateFile, Problem> {
        super::super::hdf5::decode(bytes).and_then(header::opened)
    }

    #[test]
    fn names_may_have_any_characters_and_paths() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = example();
        for name in ["pair.ν_e", "V1/E.x", "V1/deep/er.x", "inner steps"] {
            file.arrays.insert(name.into(), vec![1.0].into());
        }
        file.header.insert("ν".into(), String::new());
        file.header.insert("populations".into(), "long; ".repeat(30_000));
        for name in ["a.h5", "a.hdf5", "a.HDF5"] {
            file.write(directory.path().join(name)).unwrap();
            assert_eq!(StateFile::read(directory.path().join(name)).unwrap(), file);
        }
        let many = |index: u32| (format!("unit{index}.x"), vec![f64::from(index)].into());
        file.arrays.extend((0..3000).map(many));
        file.header.extend((0..3000).map(|index| (format!("model.unit{index}"), "Leak".into())));
        assert_eq!(read(&write(&file).unwrap()).unwrap(), file);
    }

    #[test]
    fn names_that_have_no_place_are_refused() {
        for names in [&["/x"][..], &["x/"], &["a//x"], &["a/./x"], &["."], &["a", "a/x"]] {
            let mut file = StateFile::default();
            let arrays = names.iter().map(|name| ((*name).to_owned(), vec![1.0].into()));
            file.arrays.extend(arrays);
            assert!(matches!(write(&file), Err(Problem::Name { .. })), "{names:?}");
        }
        for (key, value) in [("", "x"), ("x\0", "x"), ("x", "x\0y")] {
            let mut file = StateFile::default();
            file.header.insert(key.into(), value.into());
            assert!(matches!(write(&file), Err(Problem::Name { .. })), "{key:?} {value:?}");
        }
    }

    /// Where the seal itself is damaged, and in files that have none, the parser meets the damage; the
    /// checksum of the content remains.
    #[test]
    fn without_a_seal_damage_is_an_error_or_right() {
        let mut bytes = write(&example()).unwrap();
        bytes[0] = b'R';
        assert_eq!(read(&bytes).unwrap(), example());
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "cut to {length} of {}", bytes.len());
        }
        for place in (0..8 * bytes.len()).step_by(5) {
            let mut wrong = bytes.clone();
            wrong[place / 8] ^= 1 << (place % 8);
            if let Ok(file) = read(&wrong) {
                assert_eq!(file, example(), "bit {place}");
            }
        }
    }

    /// Numbers that were never written are a shape, and a group may be in itself.
    #[test]
    fn a_small_file_that_asks_for_much_is_an_error() {
        let mut builder = FileBuilder::new();
        let chunked = builder.create_dataset("x").with_dtype(make_f64_type()).with_shape(&[0]);
        chunked.with_maxshape(&[MaxExtent::Unlimited]).with_chunks(&[1 << 28]);
        let problem = read(&builder.finish().unwrap()).unwrap_err();
        let Problem::Damaged(text) = problem else { panic!("{problem:?}") };
        assert!(text.contains("array `x` of shape [0] is more than it can hold"), "{text}");

        let mut builder = FileBuilder::new();
        let mut inner = builder.create_group("deepest").finish();
        for _ in 0..40 {
            let mut outer = builder.create_group("outer");
            outer.add_group(inner);
            inner = outer.finish();
        }
        builder.add_group(inner);
        let problem = read(&builder.finish().unwrap()).unwrap_err();
        let Problem::Damaged(text) = problem else { panic!("{problem:?}") };
        assert!(text.contains("groups are in themselves"), "{text}");
    }

    #[test]
    fn words_of_other_programs_that_are_no_text_are_passed_over() {
        let mut builder = FileBuilder::new();
        builder.create_dataset("x").with_f64_data(&[1.0, 2.0]).with_shape(&[1, 2]);
        builder.set_attr("trial", AttrValue::I64(3));
        builder.set_attr("model", AttrValue::AsciiString("Leak".into()));
        let file = read(&builder.finish().unwrap()).unwrap();
        assert_eq!(file.header, [("model".to_owned(), "Leak".to_owned())].into());
        assert_eq!(file.arrays["x"], Array::new([1, 2], vec![1.0, 2.0]).unwrap());

        let mut builder = FileBuilder::new();
        builder.create_dataset("x").with_i32_data(&[1]);
        let problem = read(&builder.finish().unwrap()).unwrap_err();
        assert!(matches!(problem, Problem::Type { .. }), "{problem:?}");
        let problem = read(&FileBuilder::new().finish().unwrap()).unwrap_err();
        assert!(matches!(problem, Problem::Damaged(_)), "{problem:?}");
    }
}
