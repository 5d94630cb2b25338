//! Tables of dBASE and its descendants: records of fixed length, with most values as text.

use super::little_endian::short;
use super::text::RawText;
use super::{plain, workbook};

/// The versions of the format, in the first byte.
const VERSIONS: [u8; 12] = [0x02, 0x03, 0x04, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0xf5, 0xfb];

/// The length of the header without the fields, and of the description of a field.
const BLOCK: usize = 32;

/// The byte behind the last field.
const END_OF_FIELDS: u8 = 0x0d;

/// The types of fields whose values are text: characters, numbers, dates and truth values.
const TEXT_TYPES: &[u8] = b"CNFDL";

/// The day from which times are counted, which is in 4713 B.C., before 1970.
const FIRST_DAY: i64 = 2_440_588;

/// All types of fields.
const TYPES: &[u8] = b"CNFDLMGPBITY0@+OVQW";

/// The encodings that the header names by a number.
const ENCODINGS: [(u8, &str); 22] = [
    (0x01, "cp437"),
    (0x02, "cp850"),
    (0x03, "windows-1252"),
    (0x04, "macintosh"),
    (0x26, "cp866"),
    (0x57, "windows-1252"),
    (0x64, "cp852"),
    (0x65, "cp866"),
    (0x66, "cp865"),
    (0x67, "cp861"),
    (0x6a, "cp737"),
    (0x6b, "cp857"),
    (0x78, "big5"),
    (0x79, "euc-kr"),
    (0x7a, "gbk"),
    (0x7b, "shift_jis"),
    (0x7c, "windows-874"),
    (0x7d, "windows-1255"),
    (0x7e, "windows-1256"),
    (0xc8, "windows-1250"),
    (0xc9, "windows-1251"),
    (0xcb, "windows-1253"),
];

/// A field: its name, its type and its length.
struct Field<'a> {
    name: &'a [u8],
    kind: u8,
    length: usize,
}

/// Whether the bytes begin like a table: the fields are as long as the header says that a record is.
pub fn is_table(bytes: &[u8]) -> bool {
    fields(bytes).is_some()
}

/// Extracts the names of the fields and the values of the records, each record on a line.
pub fn text(bytes: &[u8]) -> RawText {
    let Some(fields) = fields(bytes) else { return String::new().into() };
    let names = fields.iter().map(|field| field.name);
    let mut lines = names.collect::<Vec<_>>().join(&b'\t');
    lines.push(b'\n');
    let record_length = 1 + fields.iter().map(|field| field.length).sum::<usize>();
    let records = number(bytes, 8).and_then(|start| bytes.get(start..)).unwrap_or_default();
    for record in records.chunks_exact(record_length) {
        // The first byte of a record says whether it is deleted.
        if let Some((b' ', values)) = record.split_first() {
            push_line(&mut lines, &fields, values);
        }
    }
    let language = bytes.get(29).copied().unwrap_or_default();
    let encoding = ENCODINGS.iter().find(|(number, _)| *number == language).map(|(_, name)| *name);
    plain::decode(&lines, encoding).into()
}

/// Appends the values of a record as a line.
fn push_line(lines: &mut Vec<u8>, fields: &[Field<'_>], values: &[u8]) {
    let mut rest = values;
    for field in fields {
        let (value, behind) = rest.split_at_checked(field.length).unwrap_or((rest, b""));
        rest = behind;
        lines.push(b'\t');
        if TEXT_TYPES.contains(&field.kind) {
            lines.extend(value.trim_ascii().iter().filter(|byte| **byte != 0));
        } else if let Some(shown) = show(field.kind, value) {
            lines.extend(shown.bytes());
        }
    }
    lines.push(b'\n');
}

/// Shows a value that later programs do not store as text: a number, an amount of money, or a time.
fn show(kind: u8, value: &[u8]) -> Option<String> {
    Some(match kind {
        b'I' => i32::from_le_bytes(value.try_into().ok()?).to_string(),
        b'B' => f64::from_le_bytes(value.try_into().ok()?).to_string(),
        b'Y' => format!("{:.2}", i64::from_le_bytes(value.try_into().ok()?) as f64 / 10_000.0),
        b'T' => {
            let (day, _) = value.split_first_chunk::<4>()?;
            let day = i64::from(i32::from_le_bytes(*day));
            let (year, month, day) = workbook::date_of(Some(day).filter(|day| *day > 0)? - FIRST_DAY);
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => return None,
    })
}

/// The fields that the header describes.
fn fields(bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let (month, day) = (*bytes.get(2)?, *bytes.get(3)?);
    if !VERSIONS.contains(bytes.first()?) || month > 12 || day > 31 {
        return None;
    }
    let described = bytes.get(BLOCK..number(bytes, 8)?)?;
    let blocks = described.chunks_exact(BLOCK).take_while(|block| block.first() != Some(&END_OF_FIELDS));
    let fields = blocks.map(field).collect::<Option<Vec<_>>>()?;
    let length = 1 + fields.iter().map(|field| field.length).sum::<usize>();
    (!fields.is_empty() && length == number(bytes, 10)?).then_some(fields)
}

fn field(block: &[u8]) -> Option<Field<'_>> {
    let name = block.get(..11)?.split(|byte| *byte == 0).next()?;
    let (kind, length) = (*block.get(11)?, *block.get(16)?);
    // A long text has its length in two bytes.
    let high = if kind == b'C' { usize::from(*block.get(17)?) } else { 0 };
    TYPES.contains(&kind).then_some(Field { name, kind, length: usize::from(length) + high * 256 })
}

/// A number of two bytes at this place.
fn number(bytes: &[u8], place: usize) -> Option<usize> {
    short(bytes, place).map(usize::from)
}
