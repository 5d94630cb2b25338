//! Documents that show one of their parts so often that their text would be far longer than the memory of the
//! program that reads them.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// How often a document shows the shared part.
const TIMES: u16 = 30_000;

/// The length of the shared text, in bytes.
const LENGTH: usize = 60_000;

/// Returns every file of this module with its name. All begin with the text `again`.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a table with a row of one long text", table(1, TIMES)),
        ("a table of one tile, named 30,000 times", table(TIMES, 1)),
        ("a document of WordPerfect with one packet, named 30,000 times", wordperfect()),
    ]
}

/// Builds a document of Numbers. Its table names the same tile again and again, and the row of the tile the
/// same text.
fn table(tiles: u16, cells: u16) -> Vec<u8> {
    let text = "again ".repeat(LENGTH / 6);
    let tile = field(1, &field(2, &number(1, 2)));
    let model = field(4, &[field(3, &tile.repeat(tiles.into())), field(4, &number(1, 3))].concat());
    let cell = [&[5, 3, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0], 1_u32.to_le_bytes().as_slice()].concat();
    let row = [field(6, &cell), field(7, &vec![0; 2 * usize::from(cells)])].concat();
    let list = field(3, &[number(1, 1), field(3, text.as_bytes())].concat());
    let objects =
        [object(1, 6001, &model), object(2, 6002, &field(5, &row)), object(3, 6005, &list)].concat();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("Index/Document.iwa", SimpleFileOptions::default()).unwrap();
    archive.write_all(&blocks(&objects)).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Builds an object: a header with its number, its type and its length, and its message.
fn object(identifier: u64, kind: u64, message: &[u8]) -> Vec<u8> {
    let description = [number(1, kind), number(3, message.len() as u64)].concat();
    let header = [number(1, identifier), field(2, &description)].concat();
    [varint(header.len() as u64), header, message.to_vec()].concat()
}

/// Compresses the content of a part in blocks.
fn blocks(content: &[u8]) -> Vec<u8> {
    let pack = |block| snap::raw::Encoder::new().compress_vec(block).unwrap();
    let with_length = |block: Vec<u8>| [&[0], &block.len().to_le_bytes()[..3], &block].concat();
    content.chunks(64 * 1024).map(pack).flat_map(with_length).collect()
}

/// A field of Protocol Buffers with bytes.
fn field(at: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(at << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A field of Protocol Buffers with a number.
fn number(at: u64, value: u64) -> Vec<u8> {
    [varint(at << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut digits = Vec::new();
    while value > 0x7f {
        digits.push(value as u8 | 0x80);
        value >>= 7;
    }
    digits.push(value as u8);
    digits
}

/// Builds a document of WordPerfect 6 whose directory names one packet again and again.
fn wordperfect() -> Vec<u8> {
    let packet = [&[1, 0, 6, 0, 0, 0], "again ".repeat(LENGTH / 6).as_bytes()].concat();
    let place = 16 + 14 * (1 + u32::from(TIMES));
    let codes = place + packet.len() as u32;
    let head = [b"\xffWPC", &codes.to_le_bytes()[..], &[1, 10, 2, 0, 0, 0, 16, 0]].concat();
    let count = [&[0, 0], &TIMES.to_le_bytes()[..], &[0; 10]].concat();
    let entry =
        [&[0, 8, 1, 0, 0, 0], &(packet.len() as u32).to_le_bytes()[..], &place.to_le_bytes()].concat();
    [head, count, entry.repeat(TIMES.into()), packet, b"again\xcc".to_vec()].concat()
}
