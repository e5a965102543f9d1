//! Files of named arrays, exchanged with NumPy, SciPy, h5py and the Python package of safetensors.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use rate_model::states::{Array, FileError, StateFile};

/// Runs a script with the Python that the environment names.
fn python(script: &str, directory: &Path) {
    let interpreter = std::env::var_os("RATE_MODEL_PYTHON").expect("it was set at build time");
    let arguments = [OsStr::new("-c"), OsStr::new(script), directory.as_os_str()];
    let output = Command::new(interpreter).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn example() -> StateFile {
    let mut file = StateFile::default();
    file.header.insert("model".into(), "ν \"E\"".into());
    let rates = vec![f64::NAN, 0.1, -0.0, f64::INFINITY, 5e-324, 6.6];
    file.arrays.insert("pair.nu_e".into(), Array::new([2, 3], rates).unwrap());
    file.arrays.insert("single".into(), vec![0.1_f32, 3.0].into());
    file.arrays.insert("step".into(), Array::new([], vec![u64::MAX]).unwrap());
    file
}

/// What has no place in every format.
fn many_names() -> StateFile {
    let mut file = example();
    file.header.insert("τ".into(), String::new());
    file.header.insert("long".into(), "ms ".repeat(50_000));
    file.arrays.insert("ν_e".into(), Array::new([2, 1], vec![1.0_f32, 2.0]).unwrap());
    file.arrays.insert("V1/ν_e".into(), Array::new([], vec![0.5]).unwrap());
    file.arrays.insert("none".into(), Array::new([0, 4], Vec::<f64>::new()).unwrap());
    file
}

/// Every format is read by the program it is of.
#[test]
#[cfg_attr(
    not(numpy),
    ignore = "set RATE_MODEL_PYTHON to a Python with NumPy, SciPy, safetensors, h5py"
)]
fn python_reads_what_is_written() {
    const SCRIPT: &str = r#"
import json, sys
import h5py, numpy as np, scipy.io, safetensors
from safetensors.numpy import load_file

directory = sys.argv[1]
rates = np.array([[np.nan, 0.1, -0.0], [np.inf, 5e-324, 6.6]])
single, step = np.array([0.1, 3], "float32"), np.array(2**64 - 1, "uint64")

def check(read, single, step):
    for name, expected in [("pair.nu_e", rates), ("single", single), ("step", step)]:
        found = read[name]
        assert found.dtype == expected.dtype and found.shape == expected.shape, (name, found)
        assert np.ascontiguousarray(found).tobytes() == expected.tobytes(), (name, found)

def check_header(header):
    assert header["model"] == '\u03bd "E"' and header["rate_model.version"] == "1", header

with np.load(directory + "/a.npz", allow_pickle=False) as read:
    check(read, single, step)
    check_header(json.loads(read["rate_model_header"].tobytes()))
check(load_file(directory + "/a.safetensors"), single, step)
with safetensors.safe_open(directory + "/a.safetensors", "np") as read:
    check_header(read.metadata())
read = scipy.io.loadmat(directory + "/a.mat")
check(read, single[None, :], step[None, None])
check_header(json.loads(str(read["rate_model_header"][0])))
for name in ["a.h5", "a.hdf5"]:
    with h5py.File(directory + "/" + name) as read:
        check({key: read[key][()] for key in ["pair.nu_e", "single", "step"]}, single, step)
        check_header(read.attrs)
with h5py.File(directory + "/b.h5") as read:
    names = []
    read.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
    assert sorted(names) == ["V1/\u03bd_e", "none", "pair.nu_e", "single", "step", "\u03bd_e"], names
    assert read["\u03bd_e"].dtype == "float32" and read["\u03bd_e"][:].tolist() == [[1], [2]]
    assert read["V1/\u03bd_e"].dtype == "float64" and read["V1/\u03bd_e"][()] == 0.5
    assert read["none"].shape == (0, 4) and read["none"].dtype == "float64"
    assert read.attrs["\u03c4"] == "" and read.attrs["long"] == "ms " * 50_000
"#;
    let directory = tempfile::tempdir().unwrap();
    for name in ["a.npz", "a.safetensors", "a.mat", "a.h5", "a.hdf5"] {
        example().write(directory.path().join(name)).unwrap();
    }
    many_names().write(directory.path().join("b.h5")).unwrap();
    python(SCRIPT, directory.path());
}

/// And back: plain and compressed, in either order of axes and bytes.
#[test]
#[cfg_attr(
    not(numpy),
    ignore = "set RATE_MODEL_PYTHON to a Python with NumPy, SciPy, safetensors, h5py"
)]
fn what_python_writes_is_read() {
    const SCRIPT: &str = r#"
import sys
import h5py, numpy as np, scipy.io
from safetensors.numpy import save_file

directory = sys.argv[1]
rates = np.array([[np.nan, 0.1, -0.0], [np.inf, 5e-324, 6.6]])
arrays = {"pair.nu_e": rates, "single": np.array([[0.1, 3]], "float32"),
          "step": np.array([[2**64 - 1]], "uint64")}
np.savez(directory + "/a.npz", **arrays)
np.savez_compressed(directory + "/b.npz", **arrays)
np.savez(directory + "/c.npz", **{k: np.asfortranarray(v.astype(v.dtype.newbyteorder(">")))
                                  for k, v in arrays.items()})
save_file(arrays, directory + "/a.safetensors", metadata={"made": "by Python"})
scipy.io.savemat(directory + "/a.mat", arrays)
scipy.io.savemat(directory + "/b.mat", arrays, do_compression=True)
np.savez(directory + "/integers.npz", x=np.arange(3, dtype="int32"))
scipy.io.savemat(directory + "/complex.mat", {"x": np.array([1 + 2j])})
scipy.io.savemat(directory + "/small.mat", {"x": 7.0})
def to_h5(name, file_options, dataset_options, order="<"):
    with h5py.File(directory + "/" + name, "w", **file_options) as file:
        for key, value in arrays.items():
            value = value.astype(value.dtype.newbyteorder(order))
            file.create_dataset(key, data=value, **dataset_options)
        file.attrs["made"] = "by h5py"
        file.attrs["trial"] = 3
to_h5("a.h5", {}, {})
to_h5("b.h5", {}, {"compression": "gzip", "shuffle": True, "fletcher32": True}, ">")
to_h5("c.hdf5", {"libver": ("v110", "v110"), "userblock_size": 1024}, {})
with h5py.File(directory + "/integers.h5", "w") as file:
    file["x"] = np.arange(3, dtype="int32")
with h5py.File(directory + "/again.h5", "w") as file, h5py.File(directory + "/many.h5") as many:
    for key in many:
        many.copy(key, file)
    for key, value in many.attrs.items():
        file.attrs[key] = value
with h5py.File(directory + "/edited.h5", "r+") as file:
    file["step"][()] = 7
with h5py.File(directory + "/huge.h5", "w") as file:
    file.create_dataset("x", shape=(2**40,), dtype="float64")
with h5py.File(directory + "/cycle.h5", "w") as file:
    file["inner/outer"] = file["/"]
    file["x"] = 1.0
"#;
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    many_names().write(at("many.h5")).unwrap();
    many_names().write(at("edited.h5")).unwrap();
    python(SCRIPT, directory.path());
    // With the header copied, the checksum of the content holds; after an edit it does not.
    assert_eq!(StateFile::read(at("again.h5")).unwrap(), many_names());
    for (name, problem) in
        [("edited.h5", "checksum"), ("huge.h5", "more than it can hold"), ("cycle.h5", "groups")]
    {
        let error = StateFile::read(at(name)).unwrap_err();
        assert!(matches!(error, FileError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    damaged_anywhere(&at("a.h5"));
    let mut expected = example();
    expected.header.clear();
    expected.arrays.insert("single".into(), Array::new([1, 2], vec![0.1_f32, 3.0]).unwrap());
    expected.arrays.insert("step".into(), Array::new([1, 1], vec![u64::MAX]).unwrap());
    for name in
        ["a.npz", "b.npz", "c.npz", "a.safetensors", "a.mat", "b.mat", "a.h5", "b.h5", "c.hdf5"]
    {
        let found = StateFile::read(directory.path().join(name)).unwrap();
        assert_eq!(found.arrays, expected.arrays, "{name}");
    }
    let found = StateFile::read(directory.path().join("a.safetensors")).unwrap();
    assert_eq!(found.header["made"], "by Python");
    let found = StateFile::read(directory.path().join("a.h5")).unwrap();
    assert_eq!(found.header, [("made".to_owned(), "by h5py".to_owned())].into());
    for (name, kind) in
        [("integers.npz", "<i4"), ("integers.h5", "i32"), ("complex.mat", "complex")]
    {
        let error = StateFile::read(directory.path().join(name)).unwrap_err().to_string();
        assert!(error.contains("array `x`") && error.contains(kind), "{error}");
    }
    let small = StateFile::read(directory.path().join("small.mat")).unwrap();
    assert_eq!(small.arrays["x"].values::<f64>(), Some(&[7.0][..]));
}

/// A file without a checksum: whatever is wrong with it, it is read or an error, with no panic.
fn damaged_anywhere(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let damaged = path.with_file_name("damaged.h5");
    for length in (0..bytes.len()).step_by(61) {
        fs::write(&damaged, &bytes[..length]).unwrap();
        StateFile::read(&damaged).unwrap_err();
    }
    for place in (0..8 * bytes.len()).step_by(7) {
        let mut wrong = bytes.clone();
        wrong[place / 8] ^= 1 << (place % 8);
        fs::write(&damaged, wrong).unwrap();
        if let Err(error) = StateFile::read(&damaged) {
            let text = error.to_string();
            assert!(!text.contains("cannot be made sense of"), "bit {place}: {text}");
        }
    }
}
