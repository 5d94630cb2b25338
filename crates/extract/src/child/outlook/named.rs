//! Properties that are known by names. Each file numbers them in its own way.

use crate::child::compound::Streams;

/// The stream that lists the names.
const NAMES: &str = "__nameid_version1.0/__substg1.0_00030102";

/// The number of the first named property.
const FIRST: u16 = 0x8000;

/// The numbers that properties with these names have in a file, one for each name.
pub fn find(file: &mut Streams<'_>, names: &[u32]) -> Vec<u16> {
    let list = file.read(NAMES).unwrap_or_default();
    let number = |name: &u32| {
        let mut entries = list.as_chunks::<8>().0.iter();
        entries.find_map(|[a, b, c, d, kind, _, low, high]| {
            // The lowest bit tells names in letters from those in numbers.
            let is_known = kind & 1 == 0 && u32::from_le_bytes([*a, *b, *c, *d]) == *name;
            is_known.then(|| FIRST.checked_add(u16::from_le_bytes([*low, *high])))?
        })
    };
    names.iter().filter_map(number).collect()
}
