//! What tells a file that was changed from one that was not.

use super::StateFile;

/// FNV-1a with 64 bits (G. Fowler, L. C. Noll, K.-P. Vo and D. Eastlake, The FNV non-cryptographic hash
/// algorithm, IETF draft-eastlake-fnv). A change of one byte always changes it, because each step
/// is a permutation of the numbers with 64 bits; it is no protection against malice.
struct Fnv(u64);

/// Where it starts.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Bytes with their number before them, so that the border between two texts counts.
    fn add_text(&mut self, text: &str) {
        self.add_count(text.len());
        self.add(text.as_bytes());
    }

    fn add_count(&mut self, count: usize) {
        self.add(&(count as u64).to_le_bytes());
    }
}

/// The same of bytes.
#[cfg(feature = "hdf5")]
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let mut sum = Fnv(BASIS);
    sum.add(bytes);
    sum.0
}

/// A number that depends on all that is in a file.
pub(super) fn checksum(file: &StateFile) -> u64 {
    let mut sum = Fnv(BASIS);
    sum.add_count(file.header.len());
    for (key, value) in &file.header {
        sum.add_text(key);
        sum.add_text(value);
    }
    for (name, array) in &file.arrays {
        sum.add_text(name);
        sum.add_text(array.data().type_name());
        sum.add_count(array.shape().len());
        array.shape().iter().for_each(|length| sum.add_count(*length));
        sum.add(&array.data().to_bytes());
    }
    sum.0
}

#[cfg(test)]
mod tests {
    /// Known answers of the authors' test vectors.
    #[test]
    fn fnv_gives_the_published_numbers() {
        for (text, expected) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            let mut sum = super::Fnv(super::BASIS);
            sum.add(text.as_bytes());
            assert_eq!(sum.0, expected, "{text}");
        }
    }
}
