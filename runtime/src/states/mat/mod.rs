//! MAT-files of level 5, what MATLAB saves with `-v6` (and, compressed, with `-v7`) and SciPy reads.
//! Source: `MathWorks`, MAT-File Format, version 5.
//!
//! A file is 128 bytes of header, then elements: a tag (type and number of bytes), the bytes, and zeros
//! up to a multiple of 8. A variable is an element that holds others: flags with its class, lengths
//! along its axes, its name, its numbers in column-major order.
//!
//! A variable has at least two axes here. The header remembers the shapes of arrays with fewer.

mod read;
mod write;

pub(super) use read::decode;
pub(super) use write::encode;

/// What a key of the header begins with that remembers a shape; the array's name follows.
const SHAPE: &str = "rate_model_shape.";

/// Numbers of what an element holds.
mod element {
    pub(super) const INT8: u32 = 1;
    pub(super) const UINT8: u32 = 2;
    pub(super) const INT16: u32 = 3;
    pub(super) const UINT16: u32 = 4;
    pub(super) const INT32: u32 = 5;
    pub(super) const UINT32: u32 = 6;
    pub(super) const SINGLE: u32 = 7;
    pub(super) const DOUBLE: u32 = 9;
    pub(super) const INT64: u32 = 12;
    pub(super) const UINT64: u32 = 13;
    pub(super) const MATRIX: u32 = 14;
    pub(super) const COMPRESSED: u32 = 15;
    pub(super) const UTF8: u32 = 16;
    pub(super) const UTF16: u32 = 17;
}

/// Numbers of what a variable is.
mod class {
    pub(super) const CHAR: u32 = 4;
    pub(super) const DOUBLE: u32 = 6;
    pub(super) const SINGLE: u32 = 7;
    pub(super) const UINT64: u32 = 15;
}
