//! Mends the maps that say which characters the codes of a font stand for. The library reads none of a map
//! that has a fault, such as a code that stands for nothing, which programs write for parts of letters.

mod entries;

use std::io::{self, Read as _, Write as _};
use std::ops::Range;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use hayro_interpret::hayro_cmap::{CMap, load_embedded};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::Stream;

/// The most maps that are mended.
const MAX_MAPS: usize = 1000;

/// Writes what can be read of each faulty map in its place. Returns whether there are such maps. Those of
/// encrypted files stay as they are.
pub fn mend(file: &mut Arc<Vec<u8>>) -> bool {
    let Ok(document) = Pdf::new(file.clone()) else { return false };
    let maps = document
        .objects()
        .into_iter()
        .filter_map(|object| object.into_dict()?.get::<Stream<'_>>("ToUnicode"));
    let mended: Vec<_> =
        maps.filter_map(|map| Some((place(&map, file)?, mended(&map)?))).take(MAX_MAPS).collect();
    drop(document);
    let Some(bytes) = Arc::get_mut(file) else { return false };
    for (place, map) in &mended {
        if let Some(target) = bytes.get_mut(place.clone()).filter(|target| target.len() >= map.len()) {
            // What follows compressed data is ignored, and so are zeros in a map.
            target.fill(0);
            target.iter_mut().zip(map).for_each(|(byte, new)| *byte = *new);
        }
    }
    !mended.is_empty()
}

/// Where the bytes of a map are in the file, if they are there as they are read.
fn place(map: &Stream<'_>, file: &[u8]) -> Option<Range<usize>> {
    let data = map.raw_data();
    let start = data.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
    let place = start..start + data.len();
    (file.get(place.clone())? == &*data).then_some(place)
}

/// The new bytes of a map, if the library cannot read the old ones.
fn mended(map: &Stream<'_>) -> Option<Vec<u8>> {
    let data = map.decoded_data().ok()?;
    if CMap::parse(&data, load_embedded).is_some() {
        return None;
    }
    let entries = entries::readable(&String::from_utf8_lossy(&data));
    let raw = map.raw_data();
    if raw == data {
        return Some(entries.into_bytes());
    }
    let mut inflated = Vec::new();
    _ = ZlibDecoder::new(&*raw).take(data.len() as u64 + 1).read_to_end(&mut inflated);
    (inflated == *data).then(|| compressed(entries.as_bytes()))?.ok()
}

fn compressed(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    encoder.finish()
}
