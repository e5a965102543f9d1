//! Tests that need a Python with NumPy, SciPy, safetensors and h5py are ignored, and counted as such,
//! where none is named.

fn main() {
    println!("cargo::rerun-if-env-changed=RATE_MODEL_PYTHON");
    println!("cargo::rustc-check-cfg=cfg(numpy)");
    if std::env::var_os("RATE_MODEL_PYTHON").is_some() {
        println!("cargo::rustc-cfg=numpy");
    }
}
