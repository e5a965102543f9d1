//! HDF5: an array is a dataset, a word of the header an attribute of the root group, both under their own
//! names; a `/` in the name of an array makes a group. Source: The HDF Group, HDF5 File Format
//! Specification, version 3.0.
//!
//! Before the part that is HDF5, such a file may have a block for whatever its user likes. Here it says
//! in a line what the checksum of the rest is, so that a damaged file is known before it is parsed.

mod read;
mod write;

pub(super) use read::decode;
pub(super) use write::encode;

use super::checksum;

/// Bytes of the user's block, the fewest that the format allows.
const BLOCK: usize = 512;

/// What the block begins with. The checksum follows.
const SEAL: &str = "rate_model, checksum of what follows this block: ";

/// The user's block before some bytes.
fn block(content: &[u8]) -> Vec<u8> {
    let mut block = format!("{SEAL}{:016x}\n", checksum::of_bytes(content)).into_bytes();
    block.resize(BLOCK, 0);
    block
}
