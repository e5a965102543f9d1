//! Tests on the published connectome are ignored, and counted as such, where it is not at hand.

fn main() {
    println!("cargo::rerun-if-env-changed=RATE_MODEL_MACAQUE29");
    println!("cargo::rustc-check-cfg=cfg(macaque29)");
    if std::env::var_os("RATE_MODEL_MACAQUE29").is_some() {
        println!("cargo::rustc-cfg=macaque29");
    }
}
