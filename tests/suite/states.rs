//! Files of named arrays, exchanged with NumPy, SciPy and the Python package of safetensors.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use rate_model::states::{Array, StateFile};

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

/// Every format is read by the program it is of.
#[test]
#[cfg_attr(not(numpy), ignore = "set RATE_MODEL_PYTHON to a Python with NumPy, SciPy, safetensors")]
fn python_reads_what_is_written() {
    const SCRIPT: &str = r#"
import json, sys
import numpy as np, scipy.io, safetensors
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
"#;
    let directory = tempfile::tempdir().unwrap();
    for name in ["a.npz", "a.safetensors", "a.mat"] {
        example().write(directory.path().join(name)).unwrap();
    }
    python(SCRIPT, directory.path());
}

/// And back: plain and compressed, in either order of axes and bytes.
#[test]
#[cfg_attr(not(numpy), ignore = "set RATE_MODEL_PYTHON to a Python with NumPy, SciPy, safetensors")]
fn what_python_writes_is_read() {
    const SCRIPT: &str = r#"
import sys
import numpy as np, scipy.io
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
"#;
    let directory = tempfile::tempdir().unwrap();
    python(SCRIPT, directory.path());
    let mut expected = example();
    expected.header.clear();
    expected.arrays.insert("single".into(), Array::new([1, 2], vec![0.1_f32, 3.0]).unwrap());
    expected.arrays.insert("step".into(), Array::new([1, 1], vec![u64::MAX]).unwrap());
    for name in ["a.npz", "b.npz", "c.npz", "a.safetensors", "a.mat", "b.mat"] {
        let found = StateFile::read(directory.path().join(name)).unwrap();
        assert_eq!(found.arrays, expected.arrays, "{name}");
    }
    let found = StateFile::read(directory.path().join("a.safetensors")).unwrap();
    assert_eq!(found.header["made"], "by Python");
    for (name, kind) in [("integers.npz", "<i4"), ("complex.mat", "complex")] {
        let error = StateFile::read(directory.path().join(name)).unwrap_err().to_string();
        assert!(error.contains("array `x`") && error.contains(kind), "{error}");
    }
    let small = StateFile::read(directory.path().join("small.mat")).unwrap();
    assert_eq!(small.arrays["x"].values::<f64>(), Some(&[7.0][..]));
}
