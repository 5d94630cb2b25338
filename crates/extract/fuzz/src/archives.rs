//! Changes the files within zip archives. A changed byte of the archive itself would only break its
//! compression.

use std::io::{Cursor, Read as _, Write as _};

use libfuzzer_sys::fuzzer_mutate;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The most bytes that a change may add to a file.
const MOST_ADDED: usize = 64;

/// The most bytes of a file that are kept.
const MOST_BYTES: u64 = 1024 * 1024;

/// Changes one file of an archive, which `seed` chooses. `None` if these bytes are no archive, or if the
/// changed one is longer than `most`.
pub fn mutate(archive: &[u8], most: usize, seed: u32) -> Option<Vec<u8>> {
    let mut whole = ZipArchive::new(Cursor::new(archive)).ok()?;
    let chosen = usize::try_from(seed).ok()?.checked_rem(whole.len())?;
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..whole.len() {
        let mut file = whole.by_index(number).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        file.by_ref().take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        if number == chosen {
            let length = bytes.len();
            bytes.resize(length + MOST_ADDED, 0);
            let length = fuzzer_mutate(&mut bytes, length, length + MOST_ADDED);
            bytes.truncate(length);
        }
        changed.start_file(name, SimpleFileOptions::default()).ok()?;
        changed.write_all(&bytes).ok()?;
    }
    let bytes = changed.finish().ok()?.into_inner();
    (bytes.len() <= most).then_some(bytes)
}
