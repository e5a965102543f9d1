//! An array of one of three types of numbers.

use super::error::FileError;

/// Numbers in a shape, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    data: Data,
}

/// The numbers of an [`Array`], in row-major order.
#[derive(Clone, Debug)]
pub enum Data {
    /// Double precision.
    F64(Vec<f64>),
    /// Single precision.
    F32(Vec<f32>),
    /// Counts and keys.
    U64(Vec<u64>),
}

/// The same bits count as equal, whatever they stand for.
impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.type_name() == other.type_name() && self.to_bytes() == other.to_bytes()
    }
}

impl Data {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::U64(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `f64`, `f32` or `u64`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::F64(_) => "f64",
            Self::F32(_) => "f32",
            Self::U64(_) => "u64",
        }
    }

    /// Their bytes, the lowest first.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::F64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::F32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Self::U64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

impl Array {
    /// Numbers in a shape, row by row.
    ///
    /// # Errors
    /// [`FileError::Length`], when the shape wants another number of them.
    pub fn new(shape: impl Into<Vec<usize>>, data: impl Into<Data>) -> Result<Self, FileError> {
        let (shape, data) = (shape.into(), data.into());
        if count(&shape) == Some(data.len()) {
            Ok(Self { shape, data })
        } else {
            Err(FileError::Length { found: data.len(), shape })
        }
    }

    /// Length along each axis; empty for a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The numbers, in row-major order.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The numbers, if they are of this type.
    pub fn values<E: Element>(&self) -> Option<&[E]> {
        E::of(&self.data)
    }
}

/// How many numbers a shape holds; `None` when they cannot be counted.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length))
}

/// A type of numbers that an [`Array`] can hold: `f64`, `f32` or `u64`.
pub trait Element: Copy + sealed::Sealed {
    /// The numbers, if they are of this type.
    #[doc(hidden)]
    fn of(data: &Data) -> Option<&[Self]>;
    /// Numbers of this type.
    #[doc(hidden)]
    fn pack(values: Vec<Self>) -> Data;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! elements {
    ($($kind:ident: $type:ty;)*) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            fn of(data: &Data) -> Option<&[Self]> {
                if let Data::$kind(values) = data { Some(values) } else { None }
            }

            fn pack(values: Vec<Self>) -> Data {
                Data::$kind(values)
            }
        }
    )*};
}

elements! { F64: f64; F32: f32; U64: u64; }

impl<E: Element> From<Vec<E>> for Data {
    fn from(values: Vec<E>) -> Self {
        E::pack(values)
    }
}

impl<E: Element> From<Vec<E>> for Array {
    /// One axis.
    fn from(values: Vec<E>) -> Self {
        Self { shape: vec![values.len()], data: values.into() }
    }
}
