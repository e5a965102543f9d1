//! Numbers from bytes, and in another order.

use super::array::Data;

impl Data {
    /// Numbers of a type from their bytes, the lowest first; `None` for a part of a number.
    pub(super) fn from_bytes(kind: Kind, bytes: &[u8]) -> Option<Self> {
        Some(match kind {
            Kind::F64 => Self::F64(numbers(bytes, f64::from_le_bytes)?),
            Kind::F32 => Self::F32(numbers(bytes, f32::from_le_bytes)?),
            Kind::U64 => Self::U64(numbers(bytes, u64::from_le_bytes)?),
        })
    }

    /// The numbers at the given places.
    pub(super) fn permuted(&self, places: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::F64(values) => Self::F64(places.map(|place| values[place]).collect()),
            Self::F32(values) => Self::F32(places.map(|place| values[place]).collect()),
            Self::U64(values) => Self::U64(places.map(|place| values[place]).collect()),
        }
    }
}

/// Which of the three types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    F64,
    F32,
    U64,
}

impl Kind {
    /// Bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F64 | Self::U64 => 8,
            Self::F32 => 4,
        }
    }
}

fn numbers<N, const BYTES: usize>(bytes: &[u8], read: fn([u8; BYTES]) -> N) -> Option<Vec<N>> {
    let (whole, rest) = bytes.as_chunks::<BYTES>();
    rest.is_empty().then(|| whole.iter().map(|one| read(*one)).collect())
}
